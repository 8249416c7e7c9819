//! The parts of a dtype by their paths.

use super::model::{DType, Field, Struct};

impl DType {
    /// Returns the offset and dtype of a part. `a.b` is the field `b` of the field `a`, unless a field is named
    /// `a.b`; `a[1]` and `a[1,0]` are entries of the subarray `a`, or smaller subarrays. Returns `None` if the
    /// dtype has no such part.
    ///
    /// ```
    /// use npyrec::DType;
    ///
    /// let dtype: DType = "[('time', '<M8[ns]'), ('depth', '<f4', (5,))]".parse()?;
    /// let (offset, entry) = dtype.find("depth[2]").expect("it has five entries");
    /// assert_eq!((offset, entry.to_string()), (16, "<f4".to_owned()));
    /// assert_eq!(dtype.find("depth[5]"), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn find(&self, path: &str) -> Option<(usize, DType)> {
        if let Some(rest) = path.strip_prefix('[') {
            let (index, rest) = rest.split_once(']')?;
            let (offset, entry) = self.entry(index)?;
            let (inner, dtype) = entry.find_rest(rest)?;
            return Some((offset + inner, dtype));
        }
        let own = self.fields().iter().find(|field| field.name == path);
        if let Some(field) = own {
            return Some((field.offset, field.dtype.clone()));
        }
        self.fields().iter().find_map(|field| {
            let rest = path.strip_prefix(field.name())?;
            let is_its = rest.starts_with(['.', '[']);
            let (offset, dtype) = is_its.then(|| field.dtype.find_rest(rest))??;
            Some((field.offset + offset, dtype))
        })
    }

    /// Returns the offset and dtype of the part at the rest of a path: nothing, `.b` or `[1]`.
    fn find_rest(&self, rest: &str) -> Option<(usize, DType)> {
        match rest.strip_prefix('.') {
            Some(name) => self.find(name),
            None if rest.is_empty() => Some((0, self.clone())),
            None => rest.starts_with('[').then(|| self.find(rest))?,
        }
    }

    /// Returns the offset and dtype of an entry of a subarray, by an index such as `1` or `1,0`.
    fn entry(&self, index: &str) -> Option<(usize, DType)> {
        let (base, mut shape) = self.base_and_shape();
        let mut size = self.itemsize();
        let mut offset = 0;
        for part in index.split(',') {
            let nth: usize = part.trim().parse().ok()?;
            if shape.is_empty() || nth >= *shape.first()? {
                return None;
            }
            size /= shape.remove(0);
            offset += nth * size;
        }
        Some((offset, DType::merged_subarray(base.clone(), &shape)))
    }

    /// Returns the dtype of records of the same size that have only some parts, each under its path. The parts
    /// may overlap and come in any order, so that the dtype is for decoding alone.
    ///
    /// # Errors
    ///
    /// The first path that leads to no part.
    pub(crate) fn select<'a>(&self, paths: &[&'a str]) -> Result<DType, &'a str> {
        let part = |&path: &&'a str| -> Result<Field, &'a str> {
            let (offset, dtype) = self.find(path).ok_or(path)?;
            Ok(Field::new(path, dtype).at(offset))
        };
        let parts = paths.iter().map(part).collect::<Result<_, _>>()?;
        Ok(DType::Struct(Struct::placed(parts, self.itemsize(), 1)))
    }
}
