//! Opens files that others may have put there: without waiting, and only regular ones.
//!
//! The properties of a file are asked of its handle, after opening: otherwise another file could take the name in
//! between. A private file is opened without following a link, and must belong to the user who runs the process.

use std::fs::{File, Metadata, OpenOptions};
use std::io;
use std::path::Path;

/// The error for anything that is not a regular file: it may make a reader wait for ever, or never end.
pub(crate) const NOT_REGULAR: &str = "expected a regular file";

const FOLDER: &str = "expected a regular file, got a folder";

const LINK: &str = "expected the file itself, got a symbolic link; name the file that it points to";

const FOREIGN: &str =
    "it belongs to another user; expected a file of the user who runs the command (chown, or a copy)";

const EXCHANGED: &str =
    "anybody may exchange files in its folder; expected a folder that others may not write (chmod o-w)";

/// What others than its owner may not do with a private file.
#[derive(Clone, Copy)]
pub(crate) enum Private {
    /// Read or write it: keys, secrets, nonces.
    Unread,
    /// Write it: logs, and files that a command trusts.
    Unwritten,
}

/// Opens a regular file to read it. Returns at once if a pipe stands under the name.
///
/// # Errors
///
/// [`io::ErrorKind::InvalidInput`] for anything that is not a regular file; whatever keeps it from being opened.
pub fn open_regular(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true);
    flags(&mut options, true);
    let opened = options.open(path).and_then(|file| Ok((file.metadata()?, file)));
    let refused = |problem| Err(io::Error::new(io::ErrorKind::InvalidInput, problem));
    match opened {
        Ok((metadata, file)) => not_regular(&metadata).map_or(Ok(file), refused),
        // A socket cannot be opened; on some systems a folder cannot either.
        Err(error) => path.metadata().ok().as_ref().and_then(not_regular).map_or(Err(error), refused),
    }
}

/// Returns what is wrong with anything that is not a regular file.
fn not_regular(metadata: &Metadata) -> Option<&'static str> {
    match metadata.is_file() {
        true => None,
        false if metadata.is_dir() => Some(FOLDER),
        false => Some(NOT_REGULAR),
    }
}

/// Opens, to read it, a regular file that belongs to the user of this process and that others may not write (on Unix).
/// Does not follow a symbolic link. Refuses a folder in which anybody may exchange files.
///
/// # Errors
///
/// [`io::ErrorKind::PermissionDenied`] for any other file; whatever keeps it from being opened.
pub fn open_own(path: &Path) -> io::Result<File> {
    let opened = open_private(path, OpenOptions::new().read(true), Private::Unwritten)?;
    opened.map_err(|problem| io::Error::new(io::ErrorKind::PermissionDenied, problem))
}

/// Opens a file, or says why it is not a private one.
///
/// # Errors
///
/// Whatever keeps it from being opened.
pub(crate) fn open_private(
    path: &Path,
    options: &mut OpenOptions,
    private: Private,
) -> io::Result<Result<File, &'static str>> {
    if cfg!(not(unix)) && is_link(path) {
        return Ok(Err(LINK));
    }
    flags(options, false);
    let file = match options.open(path) {
        Ok(file) => file,
        Err(_) if is_link(path) => return Ok(Err(LINK)),
        Err(error) => {
            let problem = path.metadata().ok().as_ref().and_then(not_regular);
            return problem.map_or(Err(error), |problem| Ok(Err(problem)));
        }
    };
    Ok(match fault(&file, private)? {
        Some(problem) => Err(problem),
        None => require_kept(path)?.map(|()| file),
    })
}

/// Returns a problem if a private file would lie in a folder where anybody may put another file in its place.
///
/// Folders that a group may write are accepted: by default, on many systems, each user's own group may write there.
/// Folders with the sticky bit are accepted too: in these, only its owner can remove a file.
///
/// # Errors
///
/// Whatever keeps the folder from being looked at.
pub(crate) fn require_kept(path: &Path) -> io::Result<Result<(), &'static str>> {
    let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mode = mode(&folder.metadata()?);
    Ok(if mode & 0o1002 == 0o002 { Err(EXCHANGED) } else { Ok(()) })
}

fn is_link(path: &Path) -> bool {
    path.symlink_metadata().is_ok_and(|metadata| metadata.is_symlink())
}

/// Returns the reason why an open file is not a private one.
fn fault(file: &File, private: Private) -> io::Result<Option<&'static str>> {
    let metadata = file.metadata()?;
    let (forbidden, problem) = match private {
        Private::Unread => {
            (0o077, "others than its owner may read or write it; expected mode 0600 (chmod 600)")
        }
        Private::Unwritten => (0o022, "others than its owner may write it; expected mode 0600 (chmod 600)"),
    };
    Ok(if let Some(problem) = not_regular(&metadata) {
        Some(problem)
    } else if !is_own(&metadata) {
        Some(FOREIGN)
    } else if mode(&metadata) & forbidden != 0 {
        Some(problem)
    } else {
        None
    })
}

/// Opens without waiting for the other end of a pipe, and without making a terminal the process's own.
#[cfg(unix)]
fn flags(options: &mut OpenOptions, follow: bool) {
    use rustix::fs::OFlags;
    let link = if follow { OFlags::empty() } else { OFlags::NOFOLLOW };
    let flags = OFlags::NONBLOCK | OFlags::NOCTTY | link;
    std::os::unix::fs::OpenOptionsExt::custom_flags(options, flags.bits() as i32);
}

#[cfg(unix)]
fn is_own(metadata: &Metadata) -> bool {
    std::os::unix::fs::MetadataExt::uid(metadata) == rustix::process::geteuid().as_raw()
}

#[cfg(unix)]
fn mode(metadata: &Metadata) -> u32 {
    std::os::unix::fs::PermissionsExt::mode(&metadata.permissions())
}

#[cfg(not(unix))]
fn flags(_: &mut OpenOptions, _: bool) {}

/// On other systems the operator sets the folder's access rights.
#[cfg(not(unix))]
fn is_own(_: &Metadata) -> bool {
    true
}

#[cfg(not(unix))]
fn mode(_: &Metadata) -> u32 {
    0
}
