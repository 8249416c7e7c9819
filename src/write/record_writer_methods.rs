/// Implements the methods of all record writers; the field `0` is an [`ArrayWriter`](super::ArrayWriter).
macro_rules! record_writer_methods {
    (impl[$($generics:tt)*] $writer:ty, $name:literal) => {
        impl<$($generics)*> $writer {
            /// Appends one record.
            ///
            /// # Errors
            ///
            /// If the header counts no more records, a value does not fit its field's dtype, or the block is
            /// full and cannot be written. The record is then not appended, those before it are kept, and the
            /// next one may succeed.
            #[inline]
            pub fn append<B: crate::record::EncodeAs<E> + ?Sized>(
                &mut self,
                record: &B,
            ) -> crate::error::Result<()> {
                self.0.append(record)
            }

            /// Appends records. Many records that lie in memory as in the file are written without a copy.
            ///
            /// # Errors
            ///
            /// As [`append`](Self::append). If there are more records than the header counts, none is
            /// appended. Otherwise the records before the one at fault are appended. When writing fails,
            /// [`rows`](Self::rows) returns the number of records that were appended.
            pub fn append_slice(&mut self, records: &[E]) -> crate::error::Result<()> {
                self.0.append_slice(records)
            }

            /// Appends the records of an iterator, owned or borrowed.
            ///
            /// # Errors
            ///
            /// As [`append`](Self::append); the records before the one at fault are appended.
            pub fn extend<I>(&mut self, records: I) -> crate::error::Result<()>
            where
                I: IntoIterator,
                I::Item: crate::record::EncodeAs<E>,
            {
                let mut records = records.into_iter();
                records.try_for_each(|record| self.append(&record))
            }

            /// Returns the number of complete rows that were appended.
            pub fn rows(&self) -> u64 {
                self.0.rows()
            }
        }

        impl<$($generics)*> std::fmt::Debug for $writer {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct($name)
                    .field("rows", &self.rows())
                    .finish_non_exhaustive()
            }
        }
    };
}

pub(crate) use record_writer_methods;
