use std::{
    fs, io,
    path::{Path, PathBuf},
};

use crate::error::{Error, Result};

/// The name of the list of sealed shards.
pub(crate) const INFO: &str = "info";

const GAP: &str = "shards with larger numbers are there";

/// Returns the path of a shard, by its number.
pub(crate) fn shard_path(dir: &Path, number: u64) -> PathBuf {
    dir.join(format!("{number}.npy"))
}

/// Returns the number in the name of a shard. It has no leading zeros.
fn number_in(name: &str) -> Option<u64> {
    let digits = name.strip_suffix(".npy")?;
    let number = digits.parse().ok()?;
    let is_name = digits.starts_with(|c: char| c.is_ascii_digit())
        && (digits.len() == 1 || !digits.starts_with('0'));
    is_name.then_some(number)
}

/// Returns the number of shards in a directory.
///
/// # Errors
///
/// If the directory cannot be listed, or a number is missing between others.
pub(crate) fn count_shards(dir: &Path) -> Result<u64> {
    let list = |e: io::Error| Error::io("list the directory", e).at_path(dir);
    let mut numbers = Vec::new();
    for entry in fs::read_dir(dir).map_err(list)? {
        let name = entry.map_err(list)?.file_name();
        numbers.extend(name.to_str().and_then(number_in));
    }
    numbers.sort_unstable();
    for (number, found) in (0..).zip(&numbers) {
        if number != *found {
            return Err(missing_shard(dir, number).with_end(GAP));
        }
    }
    Ok(numbers.len() as u64)
}

/// Returns the number of rows of all shards, or the largest number if there are more.
pub(crate) fn sum_of(rows: &[u64]) -> u64 {
    rows.iter().fold(0, |sum, rows| sum.saturating_add(*rows))
}

/// Returns the error that a shard is not there.
pub(crate) fn missing_shard(dir: &Path, number: u64) -> Error {
    let not_found = io::ErrorKind::NotFound.into();
    let error = Error::io("open the file", not_found).at_path(&shard_path(dir, number));
    match number {
        0 => error.with_end("a directory is read as an array of shards, and `0.npy` is the first"),
        _ => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_plain_number_names_a_shard() {
        for (name, number) in [
            ("0.npy", Some(0)),
            ("10.npy", Some(10)),
            ("18446744073709551615.npy", Some(u64::MAX)),
            ("18446744073709551616.npy", None),
            ("00.npy", None),
            ("01.npy", None),
            ("+1.npy", None),
            ("-1.npy", None),
            (".npy", None),
            ("1.npz", None),
            ("info", None),
        ] {
            assert_eq!(number_in(name), number, "{name}");
        }
    }

    #[test]
    fn shards_are_counted_and_a_gap_is_an_error_that_names_it() {
        let dir = tempfile::tempdir().unwrap();
        let touch = |name: &str| fs::write(dir.path().join(name), []).unwrap();
        assert_eq!(count_shards(dir.path()).unwrap(), 0);
        ["0.npy", "1.npy", "info", "notes.txt", "02.npy"]
            .iter()
            .for_each(|name| touch(name));
        assert_eq!(count_shards(dir.path()).unwrap(), 2);
        touch("3.npy");
        let error = count_shards(dir.path()).unwrap_err();
        assert_eq!(error.path(), Some(&*dir.path().join("2.npy")));
    }
}
