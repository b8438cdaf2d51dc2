//! Files that only their owner may read, for secrets and identities.

use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read, Write as _};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::error::Error;

use super::opening::{Private, open_private, require_kept};

/// The words of the errors of one type of file.
pub(crate) struct Wording {
    /// Makes the error of a problem.
    pub(crate) error: fn(&'static str) -> Error,
    /// What was expected of the content.
    pub(crate) expected: &'static str,
}

impl Wording {
    /// Returns the error for a content that is not as expected.
    pub(crate) fn malformed(&self) -> Error {
        (self.error)(self.expected)
    }
}

/// Reads a regular file of at most `longest` bytes that belongs to the user of this process, and that others may not
/// read or write (on Unix). Does not follow a symbolic link.
pub(crate) fn read(path: &Path, longest: usize, wording: &Wording) -> Result<Zeroizing<Vec<u8>>, Error> {
    let opened = open_private(path, OpenOptions::new().read(true), Private::Unread)?;
    read_bounded(&mut opened.map_err(wording.error)?, longest, wording)
}

/// Reads at most `longest` bytes; they are wiped when dropped.
pub(crate) fn read_bounded(
    input: &mut impl Read,
    longest: usize,
    wording: &Wording,
) -> Result<Zeroizing<Vec<u8>>, Error> {
    // One byte too many shows that the file is too long. A vector that grew would leave its old bytes behind.
    let mut bytes = Zeroizing::new(vec![0; longest + 1]);
    let mut len = 0;
    loop {
        match input.read(&mut bytes[len..]) {
            Ok(0) if len < bytes.len() => break,
            Ok(0) => return Err(wording.malformed()),
            Ok(read) => len += read,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error.into()),
        }
    }
    bytes.truncate(len);
    Ok(bytes)
}

/// Writes and syncs a new file that only its owner may read (mode 0600 on Unix).
///
/// The file appears under its name when it is complete. A file that exists is an error, and stays. If writing fails,
/// nothing is left. What a killed process left beside it is removed by the next process. A folder in which anybody may
/// exchange files is refused.
pub(crate) fn write_new(path: &Path, content: &[u8]) -> Result<(), Error> {
    require_kept(path)?.map_err(|problem| std::io::Error::new(ErrorKind::PermissionDenied, problem))?;
    write(path, content, 0o600)
}

/// Writes and syncs a new file that all may read and only its owner may write (at most mode 0644 on Unix).
///
/// The file appears, and stays, by the rules of [`write_new`].
#[cfg(feature = "seal")]
pub(crate) fn write_new_public(path: &Path, content: &[u8]) -> Result<(), Error> {
    write(path, content, 0o644)
}

fn write(path: &Path, content: &[u8], mode: u32) -> Result<(), Error> {
    // This is asked before the work; the answer that counts is that of `name_new`.
    if path.symlink_metadata().is_ok() {
        return Err(std::io::Error::from(ErrorKind::AlreadyExists).into());
    }
    let part = part_beside(path)?;
    remove_leftover(&part, content)?;
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode);
    #[cfg(not(unix))]
    let _ = mode;
    let mut file = options.open(&part)?;
    let written = file.lock().and_then(|()| file.write_all(content)).and_then(|()| file.sync_all());
    let named = written.and_then(|()| name_new(&part, path));
    let removed = std::fs::remove_file(&part);
    named?;
    match removed {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error.into()),
        _ => {}
    }
    let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if cfg!(unix) { Ok(File::open(folder)?.sync_all()?) } else { Ok(()) }
}

/// Returns where a file is written before it has its name: `.NAME.part`.
fn part_beside(path: &Path) -> Result<PathBuf, Error> {
    let name = path.file_name().ok_or(std::io::Error::from(ErrorKind::InvalidInput))?;
    let mut part = OsString::from(".");
    part.push(name);
    part.push(".part");
    Ok(path.with_file_name(part))
}

/// Removes what a killed process left, if it is the beginning of this file and nobody is writing it.
fn remove_leftover(part: &Path, content: &[u8]) -> Result<(), Error> {
    match part.symlink_metadata() {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error.into()),
        Ok(metadata) if metadata.is_file() => {
            let Ok(mut file) = open_private(part, OpenOptions::new().read(true), Private::Unwritten)? else {
                return Err(in_the_way(part));
            };
            let mut begins = Vec::new();
            let like = &content[..content.len().min(8)]; // the tag of its type
            (&mut file).take(like.len() as u64).read_to_end(&mut begins)?;
            if file.try_lock().is_ok() && like.starts_with(&begins) {
                return Ok(std::fs::remove_file(part)?);
            }
        }
        Ok(_) => {}
    }
    Err(in_the_way(part))
}

fn in_the_way(part: &Path) -> Error {
    let problem =
        format!("{} is in the way: another process is writing it, or it is no leftover", part.display());
    std::io::Error::new(ErrorKind::AlreadyExists, problem).into()
}

/// Gives a file a second name that is free.
fn name_new(file: &Path, name: &Path) -> std::io::Result<()> {
    match std::fs::hard_link(file, name) {
        // Some file systems have no links.
        Err(error) if error.kind() != ErrorKind::AlreadyExists && !name.try_exists()? => {
            std::fs::rename(file, name)
        }
        linked => linked,
    }
}
