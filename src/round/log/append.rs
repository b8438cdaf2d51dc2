//! Appends to a log in a file: its head, and one more line, under a lock that the operating system keeps.

use std::fs::{File, OpenOptions};
use std::io::{self, BufReader, ErrorKind, Seek as _, SeekFrom, Write as _};
use std::path::Path;

use crate::container::Signer;
use crate::container::opening::{Private, open_private, open_regular};
use crate::error::Error;
use crate::terms::{ContentDigest, SignerKey};

use super::chain::Chain;
use super::entry::Entry;

/// The result of appending a line.
///
/// ```
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("run.log");
/// use veilmatch::round::log::{self, Entry};
///
/// let entry = Entry::new(1_795_506_099, "tokenize", "0.1.0");
/// let appended = log::append(&path, &entry, None)?;
/// assert_eq!((appended.line, appended.discarded), (1, 0));
/// assert_eq!(log::head_of(&path)?, appended.head);
/// # Ok::<(), veilmatch::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Appended {
    /// Digest of the new line: the head from now on.
    pub head: ContentDigest,
    /// Number of the new line.
    pub line: u64,
    /// Number of bytes of an incomplete line that an interrupted writer left and that was taken away; mostly 0.
    pub discarded: u64,
}

/// Returns the present head of a log, for the files that a command is about to write.
///
/// For a log that does not exist yet, it is the head of an empty log. A last line without its newline is passed over,
/// because [`append`] will take it away. The whole chain is checked, but no signature.
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

/// Returns the head of a log to which a line is about to be appended, as [`head_of`] does. It also shows at once
/// whether the line will find room to begin and may follow the lines that are there. It makes the log if there is none.
///
/// `signer` is the key that will sign the line; `looked_at` is as in [`append_after`].
///
/// # Errors
///
/// As of [`append`] and [`append_after`].
pub fn prepare(
    path: &Path,
    signer: Option<SignerKey>,
    looked_at: Option<ContentDigest>,
) -> Result<ContentDigest, Error> {
    let prepare = || {
        let file = open_to_append(path)?;
        let (chain, _) = continued(&file, signer, looked_at)?;
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

/// Opens a log to read it while nobody appends. Whoever only reads it need not own it.
pub(super) fn opened(path: &Path) -> Result<BufReader<File>, Error> {
    let file = open_regular(path)?;
    file.lock_shared()?;
    Ok(BufReader::new(file))
}

/// Appends a line, and syncs it; makes the log if there is none (mode 0600 on Unix).
///
/// On Unix the log must belong to the user of this process, others may not write it, and a symbolic link is not
/// followed.
///
/// A signed line is appended only after the signer's own last line, whose signature must fit: otherwise its signature
/// would seem to vouch for lines that others wrote in between. [`append_after`] is for a signer who has looked at those
/// lines.
///
/// It waits until no other process or thread uses the log, and checks the whole chain first: a broken log is not
/// continued. Cost: it reads the log once, at about 100 MB/s. A killed writer leaves a last line without its newline.
/// Nobody was given its digest, so it is taken away, and [`Appended::discarded`] says so. If writing fails, the log is
/// as before.
///
/// # Errors
///
/// [`Error::Log`] for a broken log, an entry that no line can hold, or a signer whose key does not belong to
/// its signature; [`Error::LogUnvouched`] for a signed line after lines that its key did not sign; [`Error::Io`]. They
/// name the file.
pub fn append(path: &Path, entry: &Entry, signer: Option<&dyn Signer>) -> Result<Appended, Error> {
    append_to(path, entry, signer, None).map_err(|error| error.at(path.display().to_string()))
}

/// Appends a line as [`append`] does, also after lines that its signer did not sign. `looked_at` must be the digest of
/// the last of them. The line states their number ([`Line::unvouched`](super::Line::unvouched)) and does not vouch for
/// them.
///
/// # Errors
///
/// Those of [`append`]: [`Error::LogUnvouched`] where more lines have come since.
pub fn append_after(
    path: &Path,
    entry: &Entry,
    signer: &dyn Signer,
    looked_at: ContentDigest,
) -> Result<Appended, Error> {
    let appended = append_to(path, entry, Some(signer), Some(looked_at));
    appended.map_err(|error| error.at(path.display().to_string()))
}

/// Reads a log to its end, where a line of this signer may be appended. Returns also the length of an incomplete last
/// line.
///
/// The last line of the signer stands for the signer's lines before it.
fn continued(
    file: &File,
    signer: Option<SignerKey>,
    looked_at: Option<ContentDigest>,
) -> Result<(Chain, u64), Error> {
    let mut chain = Chain::start();
    let (mut own, mut broken) = (None, None);
    let discarded = chain.read_all(&mut BufReader::new(file), |line, _| match (signer, line.signer) {
        (Some(_), Some(_)) if line.signer == signer => own = Some(line),
        (Some(_), Some(_)) if broken.is_none() => broken = line.verified_signer().err(),
        _ => {}
    })?;
    let Some(signer) = signer else { return Ok((chain, discarded)) };
    broken.map_or(Ok(()), Err)?;
    own.map_or(Ok(None), |line| line.verified_signer())?;
    match chain.unvouched(&signer) {
        Some(lines) if looked_at != Some(chain.head()) => {
            let last = chain.lines();
            Err(Error::LogUnvouched { first: last - lines + 1, last })
        }
        _ => Ok((chain, discarded)),
    }
}

fn append_to(
    path: &Path,
    entry: &Entry,
    signer: Option<&dyn Signer>,
    looked_at: Option<ContentDigest>,
) -> Result<Appended, Error> {
    let mut file = open_to_append(path)?;
    let (mut chain, discarded) = continued(&file, signer.map(Signer::key), looked_at)?;
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
