/// What a committed row survives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Durability {
    /// The program being killed: a commit hands rows and header to the operating system. When the file
    /// is opened again, whole rows behind those that the header counts are kept.
    #[default]
    Cached,
    /// The power being cut as well: a commit waits for the device, once for the rows and once for the
    /// header. When the file is opened again, rows behind those that the header counts are cut off, as
    /// nothing is known of them.
    Synced,
}
