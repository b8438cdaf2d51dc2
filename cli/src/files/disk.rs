//! Checks whether the disk has room for what a command will need.

use std::io;
use std::path::Path;

use veilmatch::Error;
use veilmatch::terms::KindId;

use crate::output::Pending;
use crate::session::Session;

/// States how much room is needed, and refuses to begin if less is free.
pub(crate) fn require(session: &Session, kind: &KindId, need: u64, folder: &Pending) -> Result<(), Error> {
    let place = folder.path();
    let free = free(place).map_err(|error| Error::from(error).at(place.display().to_string()))?;
    let mib = |bytes: u64| bytes.div_ceil(1 << 20);
    let Some(free) = free else {
        session.say(format_args!("{kind}: needs about {} MiB of disk", mib(need)));
        return Ok(());
    };
    session.say(format_args!("{kind}: needs about {} MiB of disk; {} MiB are free", mib(need), free >> 20));
    if need <= free {
        return Ok(());
    }
    let problem = format!("about {} MiB are needed, {} MiB are free", mib(need), free >> 20);
    Err(Error::from(io::Error::new(io::ErrorKind::StorageFull, problem)).at(place.display().to_string()))
}

/// Returns the bytes that this user may still write where the folder is.
#[cfg(unix)]
fn free(folder: &Path) -> io::Result<Option<u64>> {
    let disk = rustix::fs::statvfs(folder)?;
    Ok(Some(disk.f_bavail.saturating_mul(disk.f_frsize)))
}

#[cfg(not(unix))]
fn free(_: &Path) -> io::Result<Option<u64>> {
    Ok(None)
}

/// Allows as many open files as the system grants: every set on disk is an open file.
#[cfg(unix)]
pub(crate) fn allow_open_files() {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    let _ = setrlimit(Resource::Nofile, limit); // what is not granted shows when a file is opened
}

#[cfg(not(unix))]
pub(crate) fn allow_open_files() {}
