//! Files that only their owner may read: what secrets and identities are kept in.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{ErrorKind, Read, Write as _};
use std::path::Path;

use zeroize::Zeroizing;

use crate::error::Error;

/// How the errors of one type of file read.
pub(crate) struct Wording {
    /// Makes the error of a problem.
    pub(crate) error: fn(&'static str) -> Error,
    /// What was expected of the content.
    pub(crate) expected: &'static str,
}

impl Wording {
    /// The error of a content that is not as expected.
    pub(crate) fn malformed(&self) -> Error {
        (self.error)(self.expected)
    }
}

/// Reads a regular file of at most `longest` bytes that others than its owner may not touch (on Unix).
pub(crate) fn read(path: &Path, longest: usize, wording: &Wording) -> Result<Zeroizing<Vec<u8>>, Error> {
    // Asked before opening too: opening a pipe would wait for a writer.
    require_private(&std::fs::metadata(path)?, wording)?;
    let mut file = File::open(path)?;
    require_private(&file.metadata()?, wording)?;
    read_bounded(&mut file, longest, wording)
}

/// Reads what is at most `longest` bytes long; wiped when dropped.
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
/// A file that exists is an error. If writing fails none is left.
pub(crate) fn write_new(path: &Path, content: &[u8]) -> Result<(), Error> {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    write_new_with(&mut options, path, content)
}

/// Writes and syncs a new file; if writing fails none is left.
pub(crate) fn write_new_with(options: &mut OpenOptions, path: &Path, content: &[u8]) -> Result<(), Error> {
    let mut file = options.write(true).create_new(true).open(path)?;
    let written = file.write_all(content).and_then(|()| file.sync_all());
    if written.is_err() {
        // Half a file is of no use, and in the way of a second try.
        let _ = std::fs::remove_file(path);
    }
    Ok(written?)
}

fn require_private(metadata: &Metadata, wording: &Wording) -> Result<(), Error> {
    if !metadata.is_file() {
        return Err((wording.error)("expected a regular file"));
    }
    #[cfg(unix)]
    if std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o077 != 0 {
        return Err((wording.error)(
            "others than its owner may read or write it; expected mode 0600 (chmod 600)",
        ));
    }
    Ok(())
}
