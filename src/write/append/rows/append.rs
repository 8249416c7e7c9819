use super::{Conversion, Rows};
use crate::{
    error::{Error, Result},
    record::{Element, EncodeError},
};

impl Rows {
    /// Appends an element of `itemsize` bytes, and writes or commits if that is due. If the element does not
    /// fit its dtype, or writing fails, it is not appended.
    #[inline]
    pub(in crate::write::append) fn append(
        &mut self,
        itemsize: usize,
        encode: impl Fn(&mut [u8]) -> Result<(), EncodeError>,
    ) -> Result<()> {
        let encoded = self.buffer.take_encoded(itemsize.max(1), |place| {
            encode(place.get_mut(..itemsize).unwrap_or_default())
        });
        match encoded {
            Some(Ok(())) => Ok(()),
            Some(Err(error)) => Err(self.refused(error)),
            None => self.append_checked(encode),
        }
    }

    /// Appends an element to a buffer that is full, or that needs a check at each element.
    #[inline(never)]
    fn append_checked(
        &mut self,
        encode: impl Fn(&mut [u8]) -> Result<(), EncodeError>,
    ) -> Result<()> {
        if !self.schedule.is_time_seen_over() {
            let (itemsize, stride) = (self.file.extent.itemsize, self.file.extent.stride);
            let conversion = &mut self.conversion;
            let encoded = self.buffer.take_checked(stride, |place| {
                let place = place.get_mut(..itemsize).unwrap_or_default();
                encode_converted(conversion.as_mut(), &encode, place)
            });
            match encoded {
                Some(Ok(())) => return Ok(()),
                Some(Err(error)) => return Err(self.refused(error)),
                None => {}
            }
        }
        self.append_and_write(encode)
    }

    /// Appends an element to a full buffer.
    #[cold]
    fn append_and_write(
        &mut self,
        encode: impl Fn(&mut [u8]) -> Result<(), EncodeError>,
    ) -> Result<()> {
        let result = self.append_to_full(encode);
        self.note(result)
    }

    fn append_to_full(
        &mut self,
        encode: impl Fn(&mut [u8]) -> Result<(), EncodeError>,
    ) -> Result<()> {
        self.file.check_halt()?;
        self.rotate_if_due()?;
        if self.elements() >= self.file.extent.max_elements {
            return Err(self.file.no_room());
        }
        let (itemsize, stride) = (self.file.extent.itemsize, self.file.extent.stride);
        let conversion = &mut self.conversion;
        let encoded = self.buffer.push_encoded(stride, |place| {
            let place = place.get_mut(..itemsize).unwrap_or_default();
            encode_converted(conversion.as_mut(), &encode, place)
        });
        encoded.map_err(|error| self.refused(error))?;
        let result = self.flush_due();
        if result.is_err() && self.buffer.len() > 0 {
            self.give_up(stride);
        }
        result
    }

    /// Discards the last bytes of the buffer.
    pub(super) fn give_up(&mut self, bytes: usize) {
        self.restart(self.buffer.len().saturating_sub(bytes), &[]);
    }

    #[cold]
    pub(super) fn refused(&self, error: EncodeError) -> Error {
        let error = Error::from(error).at_element(self.elements(), self.shape());
        error.at_path(self.path())
    }

    /// Returns true if elements are appended without a conversion.
    pub(in crate::write::append) fn takes_records(&self) -> bool {
        self.conversion.is_none()
    }

    /// Appends the bytes of complete rows, up to the capacity of header and file.
    pub(in crate::write::append) fn append_bytes(
        &mut self,
        bytes: &[u8],
        elements: u64,
    ) -> Result<()> {
        self.cut_partial_row();
        let result = self.append_all(bytes, elements);
        self.note(result)
    }

    /// Appends the bytes of complete rows, and starts the next shard when one is full.
    fn append_all(&mut self, mut bytes: &[u8], mut elements: u64) -> Result<()> {
        loop {
            self.file.check_halt()?;
            self.rotate_if_due()?;
            let fitting = self.append_fitting(bytes, elements)?;
            elements -= fitting;
            if elements == 0 {
                return Ok(());
            }
            if self.shards.is_none() || fitting == 0 {
                return Err(self.file.no_room());
            }
            let len = usize::try_from(fitting).unwrap_or(usize::MAX);
            let len = len.saturating_mul(self.file.extent.itemsize);
            bytes = bytes.get(len..).unwrap_or_default();
        }
    }

    /// Appends the first of some rows, up to the capacity of the file. Returns the number of their elements.
    fn append_fitting(&mut self, bytes: &[u8], elements: u64) -> Result<u64> {
        let room = self.file.extent.max_rows().saturating_sub(self.file_rows());
        let fitting = elements.min(room.saturating_mul(self.row_len()));
        let len = usize::try_from(fitting).unwrap_or(usize::MAX);
        let len = len.saturating_mul(self.file.extent.itemsize);
        let bytes = bytes.get(..len).unwrap_or(bytes);
        if self.file.extent.itemsize == 0 {
            self.flush_all()?;
            self.file.extent.written += fitting;
            self.refill();
        } else if self.buffer.take(bytes) {
            // Neither a write nor a commit is due.
        } else if self.is_write_due(bytes.len()) {
            self.write_through(bytes)
                .inspect_err(|_| self.cut_partial_row())?;
            self.file.failures.note_written_all();
        } else {
            self.restart(self.buffer.len(), bytes);
        }
        if self.is_commit_due() {
            self.commit_whole_rows()?;
        }
        Ok(fitting)
    }

    /// Appends elements that make whole rows. Rows before an element that does not fit are appended. A commit
    /// that is due between the elements comes after the last one, as in [`append_bytes`](Self::append_bytes).
    pub(in crate::write::append) fn append_each<'a, E: Element + 'a>(
        &mut self,
        codec: &E::Codec,
        elements: impl IntoIterator<Item = &'a E, IntoIter: ExactSizeIterator>,
    ) -> Result<()> {
        let mut elements = elements.into_iter();
        self.append_together(elements.len() as u64, |rows| {
            match rows.conversion.is_some() {
                true => rows.append_converted(codec, elements),
                false => elements.try_for_each(|element| {
                    rows.append(E::itemsize_of(codec), |place| {
                        element.encode_as(codec, place)
                    })
                }),
            }
        })
    }

    /// Appends elements that make whole rows by a function, and then commits if that is due.
    pub(in crate::write::append) fn append_together(
        &mut self,
        elements: u64,
        append: impl FnOnce(&mut Rows) -> Result<()>,
    ) -> Result<()> {
        self.cut_partial_row();
        let held = Held::new(self, elements);
        let result = append(held.0);
        drop(held);
        if result.is_err() {
            self.cut_partial_row();
        }
        let committed = match self.is_commit_due() {
            true => self.commit_whole_rows(),
            false => Ok(()),
        };
        match result {
            Err(error) => Err(error),
            Ok(()) if committed.is_err() => self.note(committed),
            Ok(()) => Ok(()),
        }
    }

    /// Discards the elements of an incomplete row, after an element that did not fit, or panicked. Their bytes
    /// in the file follow all rows, so the file is valid even if they cannot be cut off.
    pub(super) fn cut_partial_row(&mut self) {
        let partial = match self.row_len() {
            1 => return,
            len => self.elements() % len,
        };
        if partial == 0 {
            return;
        }
        let stride = self.file.extent.stride;
        let bytes = usize::try_from(partial).map(|partial| partial.saturating_mul(stride));
        match bytes {
            Ok(bytes) if bytes <= self.buffer.len() => self.give_up(bytes),
            _ => {
                let whole = self.elements() - partial;
                self.file.cut_to(whole.min(self.file.extent.written));
                self.restart(0, &[]);
            }
        }
    }

    /// Cuts off an incomplete element in the file, whose other bytes are lost.
    pub(super) fn cut_partial_element(&mut self) {
        self.file.cut_to(self.file.extent.written);
        self.restart(0, &[]);
    }
}

/// Encodes an element, and converts it to the dtype of the file.
fn encode_converted(
    conversion: Option<&mut Conversion>,
    encode: impl Fn(&mut [u8]) -> Result<(), EncodeError>,
    place: &mut [u8],
) -> Result<(), EncodeError> {
    match conversion {
        None => encode(place),
        Some(Conversion { plan, unconverted }) => {
            encode(unconverted).and_then(|()| plan.convert(unconverted, place))
        }
    }
}

/// A guard that holds commits back until it is dropped, also when the encoding of an element panics.
struct Held<'a>(&'a mut Rows);

impl<'a> Held<'a> {
    /// Holds commits back while `more` elements are appended, if one would be due among them.
    fn new(rows: &'a mut Rows, more: u64) -> Self {
        let elements = rows.elements().saturating_add(more);
        let uncommitted = rows
            .shape()
            .rows_in(elements)
            .saturating_sub(rows.file.committed);
        if rows.schedule.is_full_commit(uncommitted) || rows.schedule.has_interval() {
            rows.schedule.holds_commits = true;
            rows.refill();
        }
        Held(rows)
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        if std::mem::take(&mut self.0.schedule.holds_commits) {
            self.0.refill();
        }
    }
}
