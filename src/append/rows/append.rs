use super::Rows;
use crate::{
    error::{Error, Result},
    record::{Element, EncodeError},
};

impl Rows {
    /// Takes an element, of `itemsize` bytes, and writes or commits what is due after it. When it does not
    /// fit its dtype, or writing fails, it is not taken.
    #[inline]
    pub(in crate::append) fn append(
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
            None => self.append_and_write(encode),
        }
    }

    /// [`append`](Self::append), where the buffer is full.
    #[cold]
    #[inline(never)]
    fn append_and_write(
        &mut self,
        encode: impl Fn(&mut [u8]) -> Result<(), EncodeError>,
    ) -> Result<()> {
        let result = self.append_what_makes_it_due(encode);
        self.note(result)
    }

    fn append_what_makes_it_due(
        &mut self,
        encode: impl Fn(&mut [u8]) -> Result<(), EncodeError>,
    ) -> Result<()> {
        self.check_halt()?;
        self.check_room(1)?;
        let (plan, unconverted) = (&self.plan, &mut self.unconverted);
        let itemsize = self.itemsize;
        let encoded = self.buffer.push_encoded(self.stride, |place| {
            let place = place.get_mut(..itemsize).unwrap_or_default();
            match plan {
                None => encode(place),
                Some(plan) => encode(unconverted).and_then(|()| plan.convert(unconverted, place)),
            }
        });
        encoded.map_err(|error| self.refused(error))?;
        let result = self.write_what_is_due();
        if result.is_err() && self.in_buffer() > 0 {
            self.give_up(self.stride);
        }
        result
    }

    /// Gives up the last bytes of the buffer.
    pub(super) fn give_up(&mut self, bytes: usize) {
        let kept = self.buffer.len().saturating_sub(bytes);
        self.restart(0..kept, &[]);
    }

    #[cold]
    fn refused(&self, error: EncodeError) -> Error {
        let error = Error::from(error).at_element(self.elements(), &self.shape);
        error.at_path(&self.path)
    }

    /// Whether what is appended are elements as they are.
    pub(in crate::append) fn takes_records(&self) -> bool {
        self.plan.is_none()
    }

    /// Appends the bytes of whole rows. If there is no room for all rows, appends the first ones.
    pub(in crate::append) fn append_bytes(&mut self, bytes: &[u8], elements: u64) -> Result<()> {
        self.cut_partial_row();
        let result = self.append_all(bytes, elements);
        self.note(result)
    }

    fn append_all(&mut self, bytes: &[u8], elements: u64) -> Result<()> {
        self.check_halt()?;
        let fitting = elements.min(self.room_for_rows());
        let len = usize::try_from(fitting).unwrap_or(usize::MAX);
        let len = len.saturating_mul(self.itemsize);
        let bytes = bytes.get(..len).unwrap_or(bytes);
        if self.itemsize == 0 {
            self.write_out()?;
            self.written += fitting;
            self.restart(0..0, &[]);
        } else if self.buffer.take(bytes) {
            // Neither a write nor a commit is due.
        } else if self.is_write_due(bytes.len()) {
            self.write_through(bytes)
                .inspect_err(|_| self.cut_partial_row())?;
            self.note_written_all();
        } else {
            self.restart(0..self.buffer.len(), bytes);
        }
        if self.is_commit_due() {
            self.commit_rows()?;
        }
        match fitting < elements {
            true => Err(self.no_room()),
            false => Ok(()),
        }
    }

    /// Takes elements one after another, which are whole rows. Rows before one that does not fit are
    /// taken. As where their bytes are at hand, a commit that is due among them comes after the last one.
    pub(in crate::append) fn append_each<'a, E: Element + 'a>(
        &mut self,
        codec: &E::Codec,
        elements: impl IntoIterator<Item = &'a E, IntoIter: ExactSizeIterator>,
    ) -> Result<()> {
        self.cut_partial_row();
        let elements = elements.into_iter();
        let held = Held::new(self, elements.len() as u64);
        let rows = &mut *held.0;
        let result = elements
            .map(|element| {
                rows.append(E::itemsize_of(codec), |place| {
                    element.encode_as(codec, place)
                })
            })
            .find(Result::is_err);
        drop(held);
        if result.is_some() {
            self.cut_partial_row();
        }
        let committed = match self.is_commit_due() {
            true => self.commit_rows(),
            false => Ok(()),
        };
        match result {
            Some(failed) => failed,
            None if committed.is_err() => self.note(committed),
            None => Ok(()),
        }
    }

    /// Gives up the elements of a row that lacks others, as one of them did not fit, or panicked. What
    /// is in the file of it is behind all rows, which is valid even where it cannot be cut off.
    pub(super) fn cut_partial_row(&mut self) {
        let partial = match self.row_len() {
            1 => return,
            len => self.elements() % len,
        };
        if partial == 0 {
            return;
        }
        let bytes = usize::try_from(partial).map(|partial| partial.saturating_mul(self.stride));
        match bytes {
            Ok(bytes) if bytes <= self.buffer.len() => self.give_up(bytes),
            _ => {
                self.written = (self.elements() - partial).min(self.written);
                self.cut_partial_element();
            }
        }
    }

    /// Cuts off what is in the file of an element whose other bytes are nowhere.
    pub(super) fn cut_partial_element(&mut self) {
        self.partial = 0;
        self.restart(0..0, &[]);
        if !self.is_halted() {
            self.has_tail |= self.storage.cut_to(self.data_end()).is_err();
        }
    }
}

/// Rows of which none is committed until this is dropped, should encoding one panic as well.
struct Held<'a>(&'a mut Rows);

impl<'a> Held<'a> {
    /// Holds commits back while `more` elements are appended, if one would be due among them.
    fn new(rows: &'a mut Rows, more: u64) -> Self {
        let uncommitted = rows.shape.rows_in(rows.elements().saturating_add(more));
        let uncommitted = uncommitted.saturating_sub(rows.committed);
        let is_due = uncommitted >= rows.settings.commit_every;
        if is_due || rows.settings.commit_interval.is_some() {
            rows.holds_commits = true;
            rows.restart(0..rows.buffer.len(), &[]);
        }
        Held(rows)
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        if std::mem::take(&mut self.0.holds_commits) {
            self.0.restart(0..self.0.buffer.len(), &[]);
        }
    }
}
