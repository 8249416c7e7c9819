use super::Rows;
use crate::{
    error::{Error, Result},
    record::{EncodeError, NpyRecord},
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
        let error = self.row.at_element(error.into(), self.elements());
        error.at_path(&self.path)
    }

    /// Whether what is appended are elements as they are.
    pub(in crate::append) fn takes_records(&self) -> bool {
        self.plan.is_none()
    }

    /// Takes elements whose bytes are at hand.
    pub(in crate::append) fn append_bytes(&mut self, bytes: &[u8], elements: u64) -> Result<()> {
        self.cut_partial_row();
        self.check_room(elements)?;
        if self.itemsize == 0 {
            self.write_out()?;
            self.written += elements;
            self.restart(0..0, &[]);
        } else if self.buffer.take(bytes) {
            return Ok(());
        } else if self.is_write_due(bytes.len()) {
            self.write_through(bytes)
                .inspect_err(|_| self.cut_partial_row())?;
        } else {
            self.restart(0..self.buffer.len(), bytes);
        }
        match self.is_commit_due() {
            true => self.commit_rows(),
            false => Ok(()),
        }
    }

    /// Takes elements one after another, which are whole rows. Rows before one that does not fit are
    /// taken.
    pub(in crate::append) fn append_each<'a, T: NpyRecord + 'a>(
        &mut self,
        elements: impl IntoIterator<Item = &'a T>,
    ) -> Result<()> {
        self.cut_partial_row();
        let result = elements
            .into_iter()
            .try_for_each(|element| self.append(T::ITEMSIZE, |place| element.encode(place)));
        if result.is_err() {
            self.cut_partial_row();
        }
        result
    }

    /// Gives up the elements of a row that lacks others, as one of them did not fit, or panicked. What
    /// is in the file of it is behind all rows, which is valid even where it cannot be cut off.
    pub(super) fn cut_partial_row(&mut self) {
        let partial = match self.row.len {
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
        if !self.is_sync_lost {
            let _ = self.storage.set_len(self.data_end());
        }
    }
}
