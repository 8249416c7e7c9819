/// The events that a committed row survives.
///
/// The [guide](crate::guide::survival) lists them all, each with its test.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Durability {
    /// Committed rows survive the end of the program: a commit hands rows and header to the operating
    /// system. When the file is opened again, complete rows that the header does not count are kept.
    #[default]
    Cached,
    /// Committed rows survive a power cut as well: a commit waits for the device, once for the rows and
    /// once for the header. When the file is opened again, rows that the header does not count are cut
    /// off, because they may be damaged, and the other rows are synced, as an earlier run may not have done so.
    Synced,
}
