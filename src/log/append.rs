//! A log in a file: its head, and one more line, under a lock that the operating system keeps.

use std::fs::{File, OpenOptions};
use std::io::{self, BufReader, ErrorKind, Seek as _, SeekFrom, Write as _};
use std::path::Path;

use crate::domain::ContentDigest;
use crate::error::Error;
use crate::format::Signer;
use crate::opening::{Private, open_private, open_regular};

use super::chain::Chain;
use super::entry::Entry;

/// What came of appending a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Appended {
    /// Digest of the new line: the head from now on.
    pub head: ContentDigest,
    /// Number of the new line.
    pub line: u64,
    /// Bytes of a line that an interrupted writer had not completed and that was taken away; mostly 0.
    pub discarded: u64,
}

/// The head of a log as it is now: for the files that a command is about to write.
///
/// Of a log that does not exist yet it is that of an empty one. A last line without its newline is passed
/// over, as [`append`] will take it away. Checks the whole chain, but no signature.
///
/// # Errors
///
/// [`Error::Log`], [`Error::Io`]; they name the file.
pub fn head_of(path: &Path) -> Result<ContentDigest, Error> {
    let mut chain = Chain::start();
    match opened(path).and_then(|mut source| chain.read_all(&mut source, |_, _| {})) {
        Err(Error::Io(error)) if error.kind() == ErrorKind::NotFound => Ok(chain.head()),
        result => result.map(|_| chain.head()).map_err(|error| error.at(path.display().to_string())),
    }
}

/// The head of a log to which a line is about to be appended: as [`head_of`], but shows at once whether the line
/// will find room to begin, and makes the log if there is none.
///
/// # Errors
///
/// As of [`append`].
pub fn prepare(path: &Path) -> Result<ContentDigest, Error> {
    let prepare = || {
        let file = open_to_append(path)?;
        let mut chain = Chain::start();
        chain.read_all(&mut BufReader::new(&file), |_, _| {})?;
        Ok(chain.head())
    };
    prepare().map_err(|error: Error| error.at(path.display().to_string()))
}

/// Opens a log, or makes one, and keeps others out until it is closed.
fn open_to_append(path: &Path) -> Result<File, Error> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let opened = open_private(path, &mut options, Private::Unwritten)?;
    let file = opened.map_err(|problem| io::Error::new(ErrorKind::PermissionDenied, problem))?;
    file.lock()?;
    Ok(file)
}

/// Opens a log to read it while nobody appends. Who only reads it need not own it.
pub(super) fn opened(path: &Path) -> Result<BufReader<File>, Error> {
    let file = open_regular(path)?;
    file.lock_shared()?;
    Ok(BufReader::new(file))
}

/// Appends a line, and syncs it; makes the log if there is none (mode 0600 on Unix).
///
/// On Unix the log must belong to the user of this process, others may not write it, and a symbolic link is not followed.
///
/// Waits until no other process or thread is at it, and checks the whole chain first, but no signature: a
/// broken log is not continued. Cost: reads the log once, about 100 MB/s. A last line without its newline is
/// what a writer leaves that was killed: nobody was given its digest, so it is taken away, and
/// [`Appended::discarded`] says so. If writing fails the log is as before.
///
/// # Errors
///
/// [`Error::Log`] for a broken log, an entry that no line can hold, or a signer whose key does not belong to
/// its signature; [`Error::Io`]. They name the file.
pub fn append(path: &Path, entry: &Entry, signer: Option<&dyn Signer>) -> Result<Appended, Error> {
    append_to(path, entry, signer).map_err(|error| error.at(path.display().to_string()))
}

fn append_to(path: &Path, entry: &Entry, signer: Option<&dyn Signer>) -> Result<Appended, Error> {
    let mut file = open_to_append(path)?;
    let mut chain = Chain::start();
    let discarded = chain.read_all(&mut BufReader::new(&file), |_, _| {})?;
    let line = chain.write(entry, signer)?;
    let end = file.metadata()?.len() - discarded;
    let written = file
        .set_len(end)
        .and_then(|()| file.seek(SeekFrom::Start(end)))
        .and_then(|_| file.write_all(&line))
        .and_then(|()| file.sync_all());
    if let Err(error) = written {
        let _ = file.set_len(end); // half a line would be taken away next time anyway
        return Err(error.into());
    }
    Ok(Appended { head: chain.head(), line: chain.lines(), discarded })
}
