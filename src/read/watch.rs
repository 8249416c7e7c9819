use std::{path::Path, thread, time::Duration};

/// Waits for a change of a file.
#[derive(Debug)]
pub(super) struct Watch {
    #[cfg(target_os = "linux")]
    notification: Option<linux::Notification>,
    /// How long the next sleep is.
    pause: Duration,
}

/// The shortest and the longest pause between two looks.
const SHORTEST: Duration = Duration::from_millis(1);
const LONGEST: Duration = Duration::from_millis(64);

impl Watch {
    /// Changes from now on are noticed.
    #[cfg_attr(not(target_os = "linux"), allow(unused_variables))]
    pub(super) fn new(path: &Path) -> Self {
        Watch {
            #[cfg(target_os = "linux")]
            notification: linux::Notification::new(path).ok(),
            pause: SHORTEST,
        }
    }

    /// After a change, the next one may be near.
    pub(super) fn again(&mut self) {
        self.pause = SHORTEST;
    }

    /// Returns when the file may have changed, which need not be so, and not later than in `most`.
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
        pub(super) fn new(path: &Path) -> io::Result<Self> {
            let inotify = inotify::init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC)?;
            let flags = WatchFlags::MODIFY
                | WatchFlags::ATTRIB
                | WatchFlags::MOVE_SELF
                | WatchFlags::DELETE_SELF;
            inotify::add_watch(&inotify, path, flags)?;
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
}
