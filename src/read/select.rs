//! Readers of some fields alone.

use std::sync::Mutex;

use super::{decoder::Decoder, follow::Follow, npy_file::NpyFile, reader::Reader, shards::Shards};
use crate::{error::Result, record::Element};

impl NpyFile {
    /// Reads only some fields of the rows, in the given order, as NumPy's `array[["time", "price"]]`.
    ///
    /// `a.b` is the field `b` of the field `a`, and `depth[2]` an entry of the subarray `depth`. In an array of
    /// several axes, whose rows are arrays, `[2]` is an entry of the row. Each part is a field under its path.
    /// [`header`](Self::header) and [`dtype`](Self::dtype) do not change.
    ///
    /// # Errors
    ///
    /// If the rows have no such field.
    ///
    /// # Examples
    ///
    /// ```
    /// # let dir = tempfile::tempdir()?;
    /// # let path = dir.path().join("points.npy");
    /// use npyrec::NpyFile;
    ///
    /// npyrec::write(&path, &[(1_u8, [2.5_f32, 3.5]), (2, [4.5, 5.5])])?;
    /// let file = NpyFile::open(&path)?.select(&["f1[1]", "f0"])?;
    /// assert_eq!(serde_json::to_string(&file.row(1)?)?, r#"{"f1[1]":5.5,"f0":2}"#);
    /// assert_eq!(file.dtype().to_string(), "[('f0', '|u1'), ('f1', '<f4', (2,))]");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn select(mut self, fields: &[&str]) -> Result<Self> {
        let row = self.header.element_dtype(&self.shape);
        let decoder = Decoder::of_parts(&row, fields, self.options.casting);
        let (parts, values) = decoder.map_err(|e| e.at_path(&self.path))?;
        self.values = values;
        self.selected = Some(parts);
        Ok(self)
    }
}

impl<E: Element, S> Reader<E, S> {
    /// Reads only some fields, as [`NpyFile::select`].
    ///
    /// # Errors
    ///
    /// If the elements have no such field, or it cannot be read as `E`.
    ///
    /// # Examples
    ///
    /// ```
    /// use npyrec::{Header, Reader, Value};
    ///
    /// let mut bytes = Header::for_record::<(u8, u8)>(2).to_bytes();
    /// bytes.extend([1, 2, 3, 4]);
    /// let mut reader = Reader::<Value, _>::new(&bytes[..])?.select(&["f1"])?;
    /// assert_eq!(reader.nth(1).transpose()?.map(|row| row.to_string()), Some("(4,)".to_owned()));
    /// # Ok::<(), npyrec::Error>(())
    /// ```
    pub fn select(mut self, fields: &[&str]) -> Result<Self> {
        let element = self.header().element_dtype(&self.shape);
        let decoder = Decoder::of_parts(&element, fields, self.casting);
        (_, self.decoder) = decoder.map_err(|e| self.at_path(e))?;
        Ok(self)
    }
}

impl<E: Element> Shards<E> {
    /// Reads only some fields, as [`NpyFile::select`].
    ///
    /// # Errors
    ///
    /// If the rows have no such field, or it cannot be read as `E`.
    pub fn select(mut self, fields: &[&str]) -> Result<Self> {
        let row = self.first.row_dtype();
        let decoder = Decoder::<E>::of_parts(&row, fields, self.options.casting);
        decoder.map_err(|e| e.at_path(&self.dir))?;
        self.selected = Some(fields.iter().map(|&field| field.to_owned()).collect());
        self.file = Mutex::new(None);
        Ok(self)
    }
}

impl<E: Element> Follow<E> {
    /// Reads only some fields, as [`NpyFile::select`].
    ///
    /// # Errors
    ///
    /// If the rows have no such field, or it cannot be read as `E`.
    pub fn select(mut self, fields: &[&str]) -> Result<Self> {
        let file = &mut self.file;
        let decoder = Decoder::of_parts(&file.row_dtype, fields, file.options.casting);
        (_, file.decoder) = decoder.map_err(|e| e.at_path(&file.path))?;
        Ok(self)
    }
}
