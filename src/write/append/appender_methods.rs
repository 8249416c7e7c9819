/// Implements the methods that all appenders have, by their field `rows`.
macro_rules! appender_methods {
    (impl[$($generics:tt)*] $appender:ty, $name:literal) => {
        impl<$($generics)*> $appender {
            /// Makes all rows visible to readers, and safe if the program is killed.
            ///
            /// # Errors
            ///
            /// If writing fails. Rows that were committed before stay readable, and the next commit writes the
            /// other rows. With [`Durability::Synced`](crate::Durability::Synced) also if syncing fails, and
            /// then on every later call ([`ErrorKind::SyncLost`](crate::ErrorKind::SyncLost)).
            ///
            /// If the file was cut ([`CutShort`](crate::ErrorKind::CutShort)) or another program appended to it
            /// ([`NeedsRecovery`](crate::ErrorKind::NeedsRecovery)). After that the appender writes nothing
            /// more, and each call fails. The length of the file is checked before rows are written, and before
            /// their number is. A cut in the microseconds between check and write cannot be seen. A
            /// [mapped](crate::AppendOptions::mapped) file is only checked when it is extended, before 64 KiB or
            /// more are written at once, and when it is closed.
            pub fn commit(&mut self) -> crate::error::Result<()> {
                self.rows.commit()
            }

            /// Commits, and waits until all rows are on the device, with any
            /// [`Durability`](crate::Durability). In a directory of shards, the first call also syncs the shards of
            /// earlier runs.
            ///
            /// # Errors
            ///
            /// If writing or syncing fails. After a failed sync nothing more is written
            /// ([`ErrorKind::SyncLost`](crate::ErrorKind::SyncLost)): the system may have dropped the data that
            /// it could not write, and would not report this again. If the file was cut, as for
            /// [`commit`](Self::commit).
            ///
            /// If the file has no name left, because it was removed or replaced
            /// ([`Removed`](crate::ErrorKind::Removed)). The rows are written and synced before this check, but
            /// the system deletes the file when the appender is dropped. A renamed file is not an error; see
            /// [`is_current`](Self::is_current).
            pub fn sync(&mut self) -> crate::error::Result<()> {
                self.rows.sync()
            }

            /// Returns the number of rows, committed or not.
            pub fn rows(&self) -> u64 {
                self.rows.rows()
            }

            /// Returns the number of rows that readers see.
            pub fn committed_rows(&self) -> u64 {
                self.rows.committed()
            }

            /// Returns the state of the file when it was opened, and the number of rows that were kept, if header
            /// and data disagreed.
            ///
            /// ```
            /// # let dir = tempfile::tempdir()?;
            /// # let path = dir.path().join("killed.npy");
            /// use std::{fs::File, io::Write};
            /// use npyrec::Appender;
            ///
            /// npyrec::write(&path, &[1_u32, 2, 3])?;
            /// // A killed program leaves a row and a half.
            /// File::options().append(true).open(&path)?.write_all(&[4, 0, 0, 0, 5, 0])?;
            ///
            /// let numbers = Appender::<u32>::open(&path)?;
            /// let report = numbers.recovery().expect("there is a row more");
            /// assert_eq!((report.header_rows(), report.torn_bytes()), (Some(3), 2));
            /// assert_eq!(report.recovered_rows(), Some(4));
            /// # Ok::<(), Box<dyn std::error::Error>>(())
            /// ```
            pub fn recovery(&self) -> Option<&crate::repair::Report> {
                self.rows.recovery()
            }

            /// Returns the path with which the file was opened. In a directory of shards, it is the path of the
            /// last shard.
            pub fn path(&self) -> &std::path::Path {
                self.rows.path()
            }

            /// Returns the directory of shards, or the folder of a single file.
            pub fn dir(&self) -> &std::path::Path {
                self.rows.dir()
            }

            /// Returns the number of shards. A single file is one.
            pub fn shards(&self) -> u64 {
                self.rows.shards()
            }

            /// Seals the last shard of a [directory](crate::AppendOptions::open_dir), lists it, and starts the
            /// next one. A shard without rows stays the last one.
            ///
            /// With [`Durability::Synced`](crate::Durability::Synced), the shard is on the device before it is
            /// listed, and the list before the next shard is started.
            ///
            /// # Errors
            ///
            /// If writing fails, or this is a single file. No row is lost: the next call, or the next row, tries
            /// again, and no row is appended to a listed shard.
            pub fn rotate(&mut self) -> crate::error::Result<()> {
                self.rows.rotate()
            }

            /// Returns true if the [path](Self::path) still leads to the open file, and false once the file was
            /// renamed, removed or replaced.
            ///
            /// To rotate logs without losing a row, rename the file. When this returns false,
            /// [close](Self::close) the appender and open the path again.
            ///
            /// A relative path starts at the folder that was current when the file was opened. On Windows, a
            /// [locked](crate::AppendOptions::lock) file cannot be renamed or removed, so this returns true.
            ///
            /// # Errors
            ///
            /// If the path cannot be examined, for example without permission to search a folder.
            pub fn is_current(&self) -> crate::error::Result<bool> {
                self.rows.is_current()
            }

            /// Returns the largest number of rows that the header and the file can have. The header of a current
            /// `np.save` has room for more rows than fit on any disk. A directory of shards takes any number.
            pub fn max_rows(&self) -> u64 {
                self.rows.max_rows()
            }

            /// Commits, and returns the error that dropping would ignore.
            ///
            /// # Errors
            ///
            /// As [`commit`](Self::commit), or if the file has no name left, as for [`sync`](Self::sync). Rows that
            /// could not be written are then lost. [`try_close`](Self::try_close) keeps them.
            pub fn close(mut self) -> crate::error::Result<()> {
                self.rows.close().map_err(crate::error::Error::after_the_last)
            }

            /// Closes the appender as [`close`](Self::close) does, or gives it back with the error.
            ///
            /// # Errors
            ///
            /// As [`close`](Self::close).
            pub fn try_close(mut self) -> Result<(), crate::write::append::CloseError<Self>> {
                match self.rows.close() {
                    Ok(()) => Ok(()),
                    Err(error) => {
                        let reopen = |appender: &mut Self| appender.rows.reopen();
                        Err(crate::write::append::CloseError::new(error, self, reopen))
                    }
                }
            }
        }

        impl<$($generics)*> Drop for $appender {
            fn drop(&mut self) {
                self.rows.drop_rows();
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
