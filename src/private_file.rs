//! Files of secrets: readable by their owner alone, never overwritten, wiped from memory.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{ErrorKind, Read as _, Write as _};
use std::path::Path;

use zeroize::Zeroizing;

use crate::error::Error;

/// Writes a line, which has room for its newline, to a new file that only its owner may read.
pub(crate) fn write_new(path: &Path, mut line: Zeroizing<String>) -> Result<(), Error> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    debug_assert!(line.len() < line.capacity());
    line.push('\n');
    let written = file.write_all(line.as_bytes()).and_then(|()| file.sync_all());
    if written.is_err() {
        // Half a secret is of no use, and in the way of a second try.
        let _ = std::fs::remove_file(path);
    }
    Ok(written?)
}

/// The text of a file that only its owner may read; none where it is not text or fills the room.
pub(crate) fn read_text<'a>(path: &Path, room: &'a mut [u8]) -> Result<Option<&'a str>, Error> {
    // Asked before opening too: opening a pipe would wait for a writer.
    require_private_file(&std::fs::metadata(path)?)?;
    let mut file = File::open(path)?;
    require_private_file(&file.metadata()?)?;
    let mut len = 0;
    loop {
        match file.read(&mut room[len..]) {
            Ok(0) if len < room.len() => break,
            Ok(0) => return Ok(None),
            Ok(read) => len += read,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(std::str::from_utf8(&room[..len]).ok())
}

fn require_private_file(metadata: &Metadata) -> Result<(), Error> {
    if !metadata.is_file() {
        return Err(Error::Secret { problem: "expected a regular file" });
    }
    #[cfg(unix)]
    if std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o077 != 0 {
        return Err(Error::Secret {
            problem: "others than its owner may read or write it; expected mode 0600 (chmod 600)",
        });
    }
    Ok(())
}
