use std::{path::Path, thread, time::Duration};

/// A wait for a change of a file.
#[derive(Debug)]
pub(super) struct Watch {
    #[cfg(target_os = "linux")]
    notification: Option<linux::Notification>,
    /// The length of the next sleep.
    pause: Duration,
}

/// The shortest and the longest pause between two polls.
const SHORTEST: Duration = Duration::from_millis(1);
const LONGEST: Duration = Duration::from_millis(64);

impl Watch {
    /// Starts to watch a file, and new files in a directory.
    #[cfg_attr(not(target_os = "linux"), allow(unused_variables))]
    pub(super) fn new(path: &Path, dir: Option<&Path>) -> Self {
        Watch {
            #[cfg(target_os = "linux")]
            notification: linux::Notification::new(path, dir).ok(),
            pause: SHORTEST,
        }
    }

    /// Returns a watch without notifications, as on other systems.
    #[cfg(test)]
    pub(super) fn untold() -> Self {
        Watch {
            #[cfg(target_os = "linux")]
            notification: None,
            pause: SHORTEST,
        }
    }

    /// Polls often again, because the next change may come soon.
    pub(super) fn again(&mut self) {
        self.pause = SHORTEST;
    }

    /// Waits until the file may have changed, at most for `most`. It may return without a change.
    pub(super) fn wait(&mut self, most: Duration) {
        #[cfg(target_os = "linux")]
        if let Some(notification) = &self.notification {
            match notification.wait(most) {
                Ok(()) => return,
                Err(_) => self.notification = None,
            }
        }
        thread::sleep(self.pause.min(most));
        self.pause = (self.pause * 2).min(LONGEST);
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use std::{os::fd::OwnedFd, path::Path, time::Duration};

    use rustix::{
        event::{PollFd, PollFlags, Timespec, poll},
        fs::inotify::{self, CreateFlags, WatchFlags},
        io::{self, Errno},
    };

    /// Changes through a map of another program, or on another machine, are not told.
    const LONGEST: Duration = Duration::from_millis(500);

    #[derive(Debug)]
    pub(super) struct Notification(OwnedFd);

    impl Notification {
        pub(super) fn new(path: &Path, dir: Option<&Path>) -> io::Result<Self> {
            let inotify = inotify::init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC)?;
            let flags = WatchFlags::MODIFY
                | WatchFlags::ATTRIB
                | WatchFlags::MOVE_SELF
                | WatchFlags::DELETE_SELF;
            inotify::add_watch(&inotify, path, flags)?;
            if let Some(dir) = dir {
                inotify::add_watch(&inotify, dir, WatchFlags::CREATE | WatchFlags::MOVED_TO)?;
            }
            Ok(Notification(inotify))
        }

        pub(super) fn wait(&self, most: Duration) -> io::Result<()> {
            let timeout = Timespec::try_from(most.min(LONGEST)).ok();
            let mut files = [PollFd::new(&self.0, PollFlags::IN)];
            match poll(&mut files, timeout.as_ref()) {
                Ok(_) | Err(Errno::INTR) => {}
                Err(error) => return Err(error),
            }
            // What changed is not of interest: the file is looked at anyway.
            let mut events = [0; 4096];
            loop {
                match io::read(&self.0, &mut events) {
                    Ok(1..) | Err(Errno::INTR) => {}
                    Ok(0) | Err(Errno::AGAIN) => return Ok(()),
                    Err(error) => return Err(error),
                }
            }
        }
    }

    #[cfg(test)]
    mod tests {
        use std::{
            fs::{self, File},
            time::Instant,
        };

        use super::*;

        fn is_told(notification: &Notification) -> bool {
            let mut files = [PollFd::new(&notification.0, PollFlags::IN)];
            poll(&mut files, Some(&Timespec::default())).unwrap() == 1
        }

        #[test]
        fn each_change_is_told_once() {
            let dir = tempfile::tempdir().unwrap();
            let (path, other) = (dir.path().join("log.npy"), dir.path().join("other.npy"));
            fs::write(&path, [0; 128]).unwrap();
            let notification = Notification::new(&path, None).unwrap();
            let file = File::options().write(true).open(&path).unwrap();
            let write = |at| std::os::unix::fs::FileExt::write_all_at(&file, b"row", at).unwrap();
            let changes: [&dyn Fn(); 5] = [
                &|| write(128),
                &|| write(60),
                &|| file.set_len(128).unwrap(),
                &|| fs::rename(&path, &other).unwrap(),
                &|| fs::remove_file(&other).unwrap(),
            ];
            for (nth, change) in changes.into_iter().enumerate() {
                assert!(!is_told(&notification), "before {nth}");
                change();
                assert!(is_told(&notification), "{nth}");
                notification.wait(Duration::MAX).unwrap();
            }
        }

        #[test]
        fn a_change_ends_the_wait() {
            let dir = tempfile::tempdir().unwrap();
            let path = dir.path().join("log.npy");
            fs::write(&path, []).unwrap();
            let notification = Notification::new(&path, None).unwrap();
            let wait = |_| {
                fs::write(&path, [0; 128]).unwrap();
                let start = Instant::now();
                notification.wait(Duration::MAX).unwrap();
                start.elapsed()
            };
            // The machine may be busy, but not each time.
            assert!((0..5).map(wait).min() < Some(LONGEST));
            let start = Instant::now();
            notification.wait(Duration::from_millis(20)).unwrap();
            assert!(start.elapsed() >= Duration::from_millis(20));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    #[test]
    fn where_nothing_is_told_the_pauses_grow_until_there_is_a_change() {
        let mut watch = Watch::untold();
        let most = Duration::from_millis(3);
        for _ in 0..2 {
            for pause in [1, 2, 4, 8, 16, 32, 64, 64].map(Duration::from_millis) {
                assert_eq!(watch.pause, pause);
                let start = Instant::now();
                watch.wait(most);
                assert!(start.elapsed() >= pause.min(most));
            }
            watch.again();
        }
    }

    #[test]
    fn a_pause_ends_when_it_was_to() {
        let mut watch = Watch::untold();
        watch.pause = LONGEST;
        let mut wait = |_| {
            let start = Instant::now();
            watch.wait(Duration::ZERO);
            start.elapsed()
        };
        // The machine may be busy, but not each time.
        assert!((0..5).map(&mut wait).min() < Some(LONGEST));
    }
}
