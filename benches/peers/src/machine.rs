//! Where and when it is measured.

use std::{ffi::CString, fs, mem::MaybeUninit, process::Command, thread};

use crate::arguments::Arguments;

/// A line on the machine, the file system, and the day.
pub(crate) fn describe(arguments: &Arguments) -> String {
    let cores = thread::available_parallelism().map_or(0, usize::from);
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let versions = [command("rustc", &["--version"]), python(arguments)];
    let versions = versions
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(", ");
    format!(
        "{}, {cores} cores, Linux {}, {}, {versions}, {}; {} rounds, scale {}",
        cpu(),
        kernel.trim(),
        file_system(arguments),
        command("date", &["+%Y-%m-%d"]).unwrap_or_default(),
        arguments.rounds,
        arguments.scale,
    )
}

fn cpu() -> String {
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = text.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        (name.trim() == "model name").then(|| value.trim().to_owned())
    });
    model.unwrap_or_else(|| "a processor without a name".to_owned())
}

fn command(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    Some(text.lines().next()?.trim().to_owned())
}

fn python(arguments: &Arguments) -> Option<String> {
    let python = arguments.python.as_ref()?.to_str()?;
    let script =
        "import sys, numpy; print('Python', sys.version.split()[0] + ', NumPy', numpy.__version__)";
    command(python, &["-c", script])
}

fn file_system(arguments: &Arguments) -> String {
    let path = arguments
        .folder
        .to_str()
        .and_then(|path| CString::new(path).ok());
    let mut found = MaybeUninit::<libc::statfs>::zeroed();
    // SAFETY: a string that ends with zero, and a place for what is written to it.
    let failed =
        path.is_none_or(|path| unsafe { libc::statfs(path.as_ptr(), found.as_mut_ptr()) } != 0);
    if failed {
        return "an unknown file system".to_owned();
    }
    // SAFETY: it was written, or is zeros, which are valid as well.
    match unsafe { found.assume_init() }.f_type {
        libc::EXT4_SUPER_MAGIC => "ext4".to_owned(),
        libc::TMPFS_MAGIC => "tmpfs".to_owned(),
        libc::XFS_SUPER_MAGIC => "xfs".to_owned(),
        libc::BTRFS_SUPER_MAGIC => "btrfs".to_owned(),
        other => format!("file system {other:#x}"),
    }
}
