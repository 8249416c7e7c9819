//! The temporary names of incomplete files, and the files that killed programs left under such names.

use std::{
    fs::{File, TryLockError},
    io,
    path::{Path, PathBuf},
};

use tempfile::TempPath;

/// The maximum number of files that are written for one path at a time.
const MOST: u32 = 1024;

/// The number of names that are always searched for files of killed programs.
const SEARCHED: usize = 3;

/// Creates a file under a temporary name in the folder of `path`. Removes the files that killed programs left
/// there for the same path.
///
/// `make` creates and locks the file. After its error `AlreadyExists`, the next name is tried.
pub(super) fn make_temporary<T>(
    path: &Path,
    make: impl Fn(&Path) -> io::Result<T>,
) -> io::Result<(T, TempPath)> {
    let mut made = None;
    for name in names(path) {
        remove_if_stale(&name);
        made = match make(&name) {
            Ok(file) => Some((file, TempPath::try_from_path(&name)?)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
            Err(error) => return Err(error),
        };
        break;
    }
    let made = made.ok_or(io::ErrorKind::AlreadyExists)?;
    remove_stale_but(path, Some(&made.1));
    Ok(made)
}

/// Removes the files that killed programs left for a path.
pub(super) fn remove_stale(path: &Path) {
    remove_stale_but(path, None);
}

/// Does the same, except for a name that is known to be in use.
fn remove_stale_but(path: &Path, in_use: Option<&Path>) {
    names(path)
        .take(SEARCHED)
        .filter(|name| in_use != Some(name))
        .for_each(|name| remove_if_stale(&name));
}

/// Creates a file that no other program takes for a file of a killed program.
pub(super) fn create_in_use(name: &Path, mode: u32) -> io::Result<File> {
    let mut options = File::options();
    options.read(true).write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode);
    #[cfg(not(unix))]
    let _ = mode;
    let file = options.open(name)?;
    hold(&file)?;
    // Another program may have removed the file before it was locked.
    #[cfg(unix)]
    if std::os::unix::fs::MetadataExt::nlink(&file.metadata()?) == 0 {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    Ok(file)
}

/// Locks a temporary file, if the file system has locks. The error is `AlreadyExists` if another program is
/// removing the file.
pub(super) fn hold(file: &File) -> io::Result<()> {
    // Windows shows which files are open. A lock would block readers there.
    if cfg!(windows) {
        return Ok(());
    }
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => Err(io::ErrorKind::AlreadyExists.into()),
        Ok(()) | Err(TryLockError::Error(_)) => Ok(()),
    }
}

/// Returns the temporary names of a path. They have a hash of the file name, which itself may be too long.
fn names(path: &Path) -> impl Iterator<Item = PathBuf> {
    let folder = folder_of(path);
    let name = path.file_name().unwrap_or_default().as_encoded_bytes();
    // FNV-1a, because the names must be the same in all versions and on all machines.
    let hash = name.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    (0..MOST).map(move |number| folder.join(format!(".npyrec.{hash:016x}.{number}.tmp")))
}

pub(crate) fn folder_of(path: &Path) -> &Path {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    folder.unwrap_or(Path::new("."))
}

/// Removes a temporary file that no program is writing. If this is not certain, the file stays.
#[cfg(unix)]
fn remove_if_stale(name: &Path) {
    if let Some(_held) = stale(name) {
        // The lock is held until the file is removed, so that no other program uses the name before.
        let _ = std::fs::remove_file(name);
    }
}

/// Removes a temporary file that no program has open. It is opened exclusively, and removed when it is
/// closed.
#[cfg(windows)]
fn remove_if_stale(name: &Path) {
    use std::os::windows::fs::OpenOptionsExt;
    const GENERIC_READ: u32 = 0x8000_0000;
    const DELETE: u32 = 0x0001_0000;
    const FILE_FLAG_OPEN_REPARSE_POINT: u32 = 0x0020_0000;
    const FILE_FLAG_DELETE_ON_CLOSE: u32 = 0x0400_0000;
    let is_file = name.symlink_metadata().is_ok_and(|found| found.is_file());
    if is_file {
        let mut options = File::options();
        options.access_mode(GENERIC_READ | DELETE).share_mode(0);
        options.custom_flags(FILE_FLAG_OPEN_REPARSE_POINT | FILE_FLAG_DELETE_ON_CLOSE);
        let _ = options.open(name);
    }
}

#[cfg(not(any(unix, windows)))]
fn remove_if_stale(_: &Path) {}

/// Returns the file at a path, locked, if no program is writing it.
#[cfg(unix)]
fn stale(name: &Path) -> Option<File> {
    use std::os::unix::fs::MetadataExt;
    let id = |metadata: &std::fs::Metadata| (metadata.dev(), metadata.ino());
    let named = || {
        let metadata = name.symlink_metadata().ok()?;
        let is_ours = metadata.is_file() && metadata.nlink() == 1;
        is_ours.then(|| id(&metadata))
    };
    let before = named()?;
    let file = File::open(name).ok()?;
    if is_shared_with_other_machines(&file) {
        return None;
    }
    file.try_lock().ok()?;
    // Meanwhile, the file may have been renamed, and another file may have this name.
    let is_same = file.metadata().is_ok_and(|file| id(&file) == before);
    (is_same && named() == Some(before)).then_some(file)
}

/// Returns true if programs on other machines may write the file. Their locks may be unknown on this machine.
#[cfg(target_os = "linux")]
fn is_shared_with_other_machines(file: &File) -> bool {
    /// 9P, AFS, Ceph, CIFS, Coda, FUSE, GFS2, Lustre, NCP, NFS, OCFS2, SMB, SMB2, as in `statfs(2)`.
    const SHARED: [u32; 13] = [
        0x0102_1997,
        0x5346_414f,
        0x00c3_6400,
        0xff53_4d42,
        0x7375_7245,
        0x6573_5546,
        0x0116_1970,
        0x0bd0_0bd0,
        0x0000_564c,
        0x0000_6969,
        0x7461_636f,
        0x0000_517b,
        0xfe53_4d42,
    ];
    rustix::fs::fstatfs(file).map_or(true, |statistics| {
        // 32 bits in a field whose type differs between machines.
        let kind = i128::from(statistics.f_type) & 0xffff_ffff;
        SHARED.iter().any(|&shared| i128::from(shared) == kind)
    })
}

#[cfg(all(unix, not(target_os = "linux")))]
fn is_shared_with_other_machines(_: &File) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// Returns the paths in a folder, sorted.
    fn listed(folder: &Path) -> Vec<PathBuf> {
        let entries = fs::read_dir(folder).unwrap();
        let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        paths
    }

    fn create(path: &Path) -> (File, TempPath) {
        make_temporary(path, |name| create_in_use(name, 0o600)).unwrap()
    }

    #[test]
    fn a_temporary_name_depends_on_the_path_and_has_one_length() {
        let long = "x".repeat(255);
        let name = |path: &str| names(Path::new(path)).next().unwrap();
        let own = name("a/log.npy");
        assert_eq!(own, Path::new("a/.npyrec.9776bc8dd1e5f6d6.0.tmp"));
        assert_ne!(own.file_name(), name("a/lob.npy").file_name());
        assert_eq!(own.file_name(), name("b/log.npy").file_name());
        assert_eq!(
            own.as_os_str().len(),
            name(&format!("a/{long}")).as_os_str().len()
        );
    }

    #[test]
    fn files_of_killed_programs_are_removed_by_the_next_writer_of_the_same_path_only() {
        let dir = tempfile::tempdir().unwrap();
        let (path, other) = (dir.path().join("log.npy"), dir.path().join("other.npy"));
        for name in names(&path).take(3).chain(names(&other).take(1)) {
            fs::write(name, b"left").unwrap();
        }
        let (_file, name) = create(&path);
        let others = names(&other).next().unwrap();
        let mut expected = vec![name.to_path_buf(), others];
        expected.sort();
        assert_eq!(listed(dir.path()), expected);
        assert_eq!(fs::metadata(&name).unwrap().len(), 0);
    }

    #[test]
    fn two_writers_of_one_path_do_not_remove_each_others_files() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("log.npy");
        let (first, second, third) = (create(&path), create(&path), create(&path));
        assert_eq!(listed(dir.path()), [&*first.1, &*second.1, &*third.1]);
        drop(second);
        remove_stale(&path);
        assert_eq!(listed(dir.path()), [&*first.1, &*third.1]);
    }

    #[test]
    fn many_writers_of_one_path_each_keep_their_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("log.npy");
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..500 {
                        let (file, name) = create(&path);
                        let named = File::open(&name).and_then(|named| named.metadata());
                        #[cfg(unix)]
                        {
                            use std::os::unix::fs::MetadataExt;
                            let ino = file.metadata().unwrap().ino();
                            assert_eq!(named.map(|named| named.ino()).ok(), Some(ino));
                        }
                        #[cfg(not(unix))]
                        let _ = named;
                        drop(name);
                        drop(file);
                    }
                });
            }
        });
        assert_eq!(listed(dir.path()), [""; 0].map(PathBuf::from));
    }

    /// A link, a folder, a pipe, and a file with a second name.
    #[cfg(unix)]
    #[test]
    fn files_that_may_belong_to_others_stay() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("log.npy");
        let precious = dir.path().join("precious");
        fs::write(&precious, b"data").unwrap();
        let names: Vec<_> = names(&path).take(3).collect();
        std::os::unix::fs::symlink(&precious, &names[0]).unwrap();
        fs::create_dir(&names[1]).unwrap();
        fs::hard_link(&precious, &names[2]).unwrap();
        let before = listed(dir.path());
        remove_stale(&path);
        assert_eq!(listed(dir.path()), before);
        let (_file, name) = create(&path);
        assert!(
            name.ends_with(
                names[2].with_file_name(
                    names[2]
                        .file_name()
                        .unwrap()
                        .to_str()
                        .unwrap()
                        .replace(".2.", ".3.")
                )
            )
        );
        assert_eq!(fs::read(&precious).unwrap(), b"data");
    }
}
