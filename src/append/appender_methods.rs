/// What every appender has, whatever it appends; its field `rows` are the [`Rows`](super::rows::Rows).
macro_rules! appender_methods {
    (impl[$($generics:tt)*] $appender:ty, $name:literal) => {
        impl<$($generics)*> $appender {
            /// Makes all that was appended so far visible to readers, and safe should the program be
            /// killed.
            ///
            /// # Errors
            ///
            /// If writing fails; rows that were committed before stay readable. With
            /// [`Durability::Synced`](crate::Durability::Synced) also if syncing fails, and after that
            /// always ([`ErrorKind::SyncLost`](crate::ErrorKind::SyncLost)).
            pub fn commit(&mut self) -> crate::error::Result<()> {
                self.rows.commit()
            }

            /// Commits, and waits until all is on the device, whatever the
            /// [`Durability`](crate::Durability).
            ///
            /// # Errors
            ///
            /// If writing or syncing fails. After a failed sync nothing more is written
            /// ([`ErrorKind::SyncLost`](crate::ErrorKind::SyncLost)): what the system could not write it
            /// may have dropped, and it would not say so twice.
            pub fn sync(&mut self) -> crate::error::Result<()> {
                self.rows.sync()
            }

            /// The number of rows, those not yet committed included.
            pub fn rows(&self) -> u64 {
                self.rows.rows()
            }

            /// The number of rows that readers see.
            pub fn committed_rows(&self) -> u64 {
                self.rows.committed()
            }

            /// What was found when the file was opened, and how many rows were kept, if header and data
            /// did not agree.
            ///
            /// ```
            /// # let dir = tempfile::tempdir()?;
            /// # let path = dir.path().join("killed.npy");
            /// use std::{fs::File, io::Write};
            /// use npyrec::Appender;
            ///
            /// npyrec::write(&path, &[1_u32, 2, 3])?;
            /// // What a killed program leaves.
            /// File::options().append(true).open(&path)?.write_all(&[4, 0, 0, 0, 5, 0])?;
            ///
            /// let numbers = Appender::<u32>::open(&path)?;
            /// let report = numbers.recovery().expect("there is a row more");
            /// assert_eq!((report.header_rows(), report.torn_bytes()), (Some(3), 2));
            /// assert_eq!(report.recovered_rows(), Some(4));
            /// # Ok::<(), Box<dyn std::error::Error>>(())
            /// ```
            pub fn recovery(&self) -> Option<&crate::recover::Report> {
                self.rows.recovery()
            }

            /// The file, by the path it was opened with.
            pub fn path(&self) -> &std::path::Path {
                self.rows.path()
            }

            /// Commits, and reports the error that dropping would swallow.
            ///
            /// # Errors
            ///
            /// If writing fails.
            pub fn close(mut self) -> crate::error::Result<()> {
                self.rows.close().map_err(crate::error::Error::after_the_last)
            }
        }

        impl<$($generics)*> Drop for $appender {
            fn drop(&mut self) {
                // Nobody is left to tell; `close` is for those who want to know.
                let _ = self.rows.close();
            }
        }

        impl<$($generics)*> std::fmt::Debug for $appender {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct($name)
                    .field("path", &self.path())
                    .field("rows", &self.rows())
                    .field("committed_rows", &self.committed_rows())
                    .finish_non_exhaustive()
            }
        }
    };
}

pub(super) use appender_methods;
