use super::{
    decoder::{BLOCK, Decoder},
    npy_file::NpyFile,
    rearrange::is_scattered,
    strided::EveryNth,
};
use crate::{
    error::{Cause, Error, Result},
    header::{Order, Shape},
    record::{DecodeError, Element},
    storage::{Storage, reserve_exact, resize, zeroed},
};

/// Equidistant places in the data of a file.
struct Places {
    start: u64,
    stride: u64,
    /// The number of bytes at each place.
    size: usize,
}

/// The largest gap between two places that is read with them. Reading it takes less time than a system call.
const SMALL_GAP: u64 = 4096;

impl NpyFile {
    /// Returns the bytes of rows, with the elements of each in C order.
    pub(super) fn read_rows(&self, rows: &EveryNth) -> Result<Vec<u8>> {
        let read = || {
            let mut bytes = zeroed(self.check(rows)?)?;
            self.fill(rows, &mut bytes)?;
            Ok(bytes)
        };
        read().map_err(|e: Error| e.at_path(&self.path))
    }

    /// Calls a function with the bytes of a row, which is in range.
    pub(super) fn with_row<O>(
        &self,
        row: u64,
        use_row: impl FnOnce(&[u8]) -> Result<O>,
    ) -> Result<O> {
        const ON_STACK: usize = 256;
        let mut bytes = [0; ON_STACK];
        let rows = EveryNth::of(row..row.saturating_add(1));
        match bytes.get_mut(..self.values.itemsize()) {
            Some(bytes) => {
                let read = self.check(&rows).and_then(|_| self.fill(&rows, bytes));
                read.map_err(|e| e.at_path(&self.path))?;
                use_row(bytes)
            }
            None => use_row(&self.read_rows(&rows)?),
        }
    }

    /// Reads rows as records. `in_row` are the axes of a row along which its records lie.
    pub(super) fn read_records<E: Element>(
        &self,
        rows: &EveryNth,
        decoder: &Decoder<E>,
        in_row: &[u64],
    ) -> Result<Vec<E>> {
        let in_row = Shape::new(in_row.to_vec(), Order::C);
        let records = rows.count().saturating_mul(in_row.len());
        decoder.check_len_at_once(records)?;
        let len = self.check(rows)?;
        let count = usize::try_from(records).ok();
        let count = count.ok_or_else(|| Error::new(Cause::TooManyRows(records)))?;
        let at_row = |error: DecodeError, nth: usize| {
            let (nth, row_len) = (nth as u64, in_row.len().max(1));
            let record = rows.nth(nth / row_len).saturating_mul(row_len) + nth % row_len;
            let row_axes = self.shape.element_axes().len();
            let record_axes = row_axes.saturating_sub(in_row.dims().len());
            let records = self.header.array_shape().with_element_axes(record_axes);
            Error::from(error).at_element(record, &records.counted_in_c_order())
        };
        // Memory is allocated only for rows that the file has.
        if let Some(mut records) = decoder.in_place(count) {
            let decoded = match decoder.decodes_where_read() {
                true => {
                    self.fill(rows, records.bytes(len))?;
                    records.decode(decoder.codec(), count)
                }
                false => {
                    let mut bytes = zeroed(len)?;
                    self.fill(rows, &mut bytes)?;
                    decoder.decode_in_place(&bytes, &mut records)
                }
            };
            decoded.map_err(|e| at_row(e, records.len()))?;
            return Ok(records.into_records());
        }
        let mut decoded = Vec::new();
        reserve_exact(&mut decoded, count)?;
        let mut bytes = zeroed(len)?;
        self.fill(rows, &mut bytes)?;
        let all = match decoder.itemsize() {
            0 => (0..count).try_for_each(|_| decoder.push_empty(&mut decoded)),
            _ => decoder.decode_all(&bytes, &mut decoded),
        };
        all.map_err(|e| at_row(e, decoded.len()))?;
        Ok(decoded)
    }

    /// Checks that the file has the rows. Returns the number of their bytes.
    fn check(&self, rows: &EveryNth) -> Result<usize> {
        let Some(last) = rows.count().checked_sub(1).map(|last| rows.nth(last)) else {
            return Ok(0);
        };
        if rows.rows.end > self.shape.len() {
            let (row, rows) = (rows.rows.start.max(self.shape.len()), self.shape.len());
            return Err(Error::new(Cause::NoRow { row, rows }));
        }
        let count = usize::try_from(rows.count()).ok();
        let len = count.and_then(|count| count.checked_mul(self.values.itemsize()));
        // A few rows are read without asking for the length of the file.
        let is_short = len.is_some_and(|len| len <= BLOCK) && !self.is_scattered();
        if !is_short && self.present()? <= last {
            return Err(self.truncated()?);
        }
        len.ok_or_else(|| Error::new(Cause::TooManyRows(rows.count())))
    }

    /// Fills `bytes` with rows, whose number and length were checked before.
    fn fill(&self, rows: &EveryNth, bytes: &mut [u8]) -> Result<()> {
        let size = self.values.itemsize();
        match self.is_scattered() {
            _ if bytes.is_empty() => Ok(()),
            true => self.gather(rows, bytes),
            false => {
                let places = Places {
                    start: rows.rows.start * size as u64,
                    stride: rows.step.get().saturating_mul(size as u64),
                    size,
                };
                self.read_places(&places, bytes)
            }
        }
    }

    /// Returns true if the elements of a row are not contiguous.
    pub(super) fn is_scattered(&self) -> bool {
        is_scattered(&self.header)
    }

    /// Returns the error that the file has fewer rows than its header counts.
    fn truncated(&self) -> Result<Error> {
        Ok(Error::truncated(&self.header, self.data_len()?)
            .recoverable(self.header.rows().is_some()))
    }

    /// Returns the number of bytes of data in the file.
    fn data_len(&self) -> Result<u64> {
        let length = self.storage.len();
        let length = length.map_err(|e| Error::io("read the file's length", e))?;
        Ok(length.saturating_sub(self.data_start))
    }

    /// Returns the number of rows in the file.
    pub(super) fn present(&self) -> Result<u64> {
        let data = self.data_len()?;
        if !self.is_scattered() {
            let rows = data.checked_div(self.values.itemsize() as u64);
            return Ok(rows.unwrap_or(self.shape.len()));
        }
        // Every row has an element near the end.
        let is_whole = self.header.data_len().is_some_and(|len| len <= data);
        Ok(if is_whole { self.shape.len() } else { 0 })
    }

    /// Reads the elements of rows that are not contiguous. The elements of all rows with the same index along the
    /// other axes are contiguous.
    fn gather(&self, rows: &EveryNth, bytes: &mut [u8]) -> Result<()> {
        let itemsize = self.header.base_dtype().itemsize();
        let row_size = self.values.itemsize();
        if row_size == 0 {
            return Ok(());
        }
        let count = bytes.len() / row_size;
        let mut run = zeroed(count * itemsize)?;
        // The strides in C order of the axes of a row, which are iterated in Fortran order.
        let row_axes = self.shape.element_axes().iter();
        let dims: Vec<usize> = row_axes
            .map(|&dim| usize::try_from(dim).unwrap_or(usize::MAX))
            .collect();
        let mut strides = vec![itemsize; dims.len()];
        for axis in (1..dims.len()).rev() {
            let stride = strides.get(axis).zip(dims.get(axis)).map(|(s, d)| s * d);
            if let (Some(place), Some(stride)) = (strides.get_mut(axis - 1), stride) {
                *place = stride;
            }
        }
        let mut index = vec![0; dims.len()];
        for nth in 0..(row_size / itemsize) as u64 {
            let places = Places {
                start: (nth * self.shape.len() + rows.rows.start) * itemsize as u64,
                stride: rows.step.get().saturating_mul(itemsize as u64),
                size: itemsize,
            };
            self.read_places(&places, &mut run)?;
            let within: usize = index
                .iter()
                .zip(&strides)
                .map(|(i, stride)| i * stride)
                .sum();
            let places = bytes.chunks_exact_mut(row_size);
            for (place, element) in places.zip(run.chunks_exact(itemsize)) {
                if let Some(place) = place.get_mut(within..within + itemsize) {
                    place.copy_from_slice(element);
                }
            }
            for (i, dim) in index.iter_mut().zip(&dims) {
                *i += 1;
                if *i < *dim {
                    break;
                }
                *i = 0;
            }
        }
        Ok(())
    }

    /// Fills `bytes` with the bytes at places, one after another. Small gaps between them are read as well, a
    /// block at once.
    fn read_places(&self, places: &Places, bytes: &mut [u8]) -> Result<()> {
        let Places {
            mut start,
            stride,
            size,
        } = *places;
        if stride == size as u64 || bytes.len() <= size {
            return self.read_at(bytes, start);
        }
        let at_once = match stride - size as u64 {
            ..=SMALL_GAP => (BLOCK as u64 / stride).max(1),
            _ => 1,
        };
        let at_once = usize::try_from(at_once).unwrap_or(1);
        let stride_in_block = usize::try_from(stride).unwrap_or(usize::MAX);
        let mut block = Vec::new();
        for part in bytes.chunks_mut(at_once * size) {
            let count = part.len() / size;
            if count == 1 {
                self.read_at(part, start)?;
            } else {
                resize(&mut block, (count - 1) * stride_in_block + size)?;
                self.read_at(&mut block, start)?;
                let places = block.chunks(stride_in_block);
                for (place, item) in part.chunks_exact_mut(size).zip(places) {
                    place.copy_from_slice(item.get(..size).unwrap_or_default());
                }
            }
            // After the last place this is not used.
            start = start.saturating_add(stride.saturating_mul(count as u64));
        }
        Ok(())
    }

    /// Fills `bytes` with data from an offset.
    fn read_at(&self, bytes: &mut [u8], offset: u64) -> Result<()> {
        let read = self.storage.read_all_at(bytes, self.data_start + offset);
        match read.map_err(|e| Error::io("read rows", e))? {
            read if read < bytes.len() => Err(self.truncated()?),
            _ => Ok(()),
        }
    }
}
