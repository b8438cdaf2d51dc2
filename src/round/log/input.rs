//! Digests of files, and the nonce that keeps the digest of a raw input from being tried out.

use std::ffi::OsString;
use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write as _};
use std::path::{Path, PathBuf};

use ring::digest::{Context, SHA256};
use ring::rand::{SecureRandom as _, SystemRandom};

use crate::container::opening::{Private, open_private};
use crate::error::Error;
use crate::terms::ContentDigest;

/// The nonce of a raw file: 32 random bytes that stay beside it, in `NAME.nonce`.
///
/// There may be few files that a raw input can be; a plain digest in a log would tell which. Whoever has file and nonce
/// can show that the log speaks of this file. Without the nonce, the digest says nothing. `Debug` shows nothing.
///
/// ```
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("cards.csv");
/// use veilmatch::round::log::{InputNonce, raw_input_digest};
///
/// let rows: &[u8] = b"9999 1000 0000 1562\n";
/// let digest = raw_input_digest(&InputNonce::beside(&path)?, rows)?;
/// // With the nonce beside the file it is the same again, and with another it is not.
/// assert_eq!(raw_input_digest(&InputNonce::beside(&path)?, rows)?, digest);
/// assert_ne!(raw_input_digest(&InputNonce::generate()?, rows)?, digest);
/// # Ok::<(), veilmatch::Error>(())
/// ```
pub struct InputNonce([u8; InputNonce::LEN]);

impl InputNonce {
    /// Length in bytes.
    pub const LEN: usize = 32;

    /// Makes a fresh nonce from the operating system's random source, for an input that has no file.
    ///
    /// # Errors
    ///
    /// [`Error::Random`] if that source gives nothing.
    pub fn generate() -> Result<Self, Error> {
        let mut bytes = [0; Self::LEN];
        SystemRandom::new().fill(&mut bytes).map_err(|_| Error::Random)?;
        Ok(Self(bytes))
    }

    /// Returns the nonce of a raw file: the one beside it, or a fresh one (mode 0600 on Unix), which is synced.
    ///
    /// Two processes that ask at once get an equal nonce.
    ///
    /// # Errors
    ///
    /// [`Error::Format`] for a nonce file that does not hold 64 lower-case hex digits and a newline; [`Error::Io`],
    /// also if the file is a symbolic link, belongs to another user, or may be read or written by others than its owner
    /// (on Unix); [`Error::Random`]. They name the nonce file.
    pub fn beside(raw: &Path) -> Result<Self, Error> {
        let path = Self::path_beside(raw);
        Self::read_or_make(&path).map_err(|error| error.at(path.display().to_string()))
    }

    /// Returns where the nonce of a raw file is kept: `NAME.nonce` in the same folder.
    pub fn path_beside(raw: &Path) -> PathBuf {
        let mut name = raw.file_name().map_or_else(OsString::new, OsString::from);
        name.push(".nonce");
        raw.with_file_name(name)
    }

    fn read_or_make(path: &Path) -> Result<Self, Error> {
        match open(path, OpenOptions::new().read(true)) {
            // An empty file is about to be written by another process, or was when that process was killed.
            Ok(file) if file.metadata()?.len() > 0 => {
                file.lock_shared()?;
                return Self::read(&file);
            }
            Err(Error::Io(error)) if error.kind() != ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = open(path, &mut options)?;
        file.lock()?;
        if file.metadata()?.len() > 0 {
            return Self::read(&file);
        }
        let nonce = Self::generate()?;
        let written =
            file.write_all(format!("{}\n", ContentDigest(nonce.0)).as_bytes()).and_then(|()| file.sync_all());
        if let Err(error) = written {
            let _ = file.set_len(0); // so that the next try begins anew
            return Err(error.into());
        }
        Ok(nonce)
    }

    fn read(file: &File) -> Result<Self, Error> {
        let mut text = Vec::new();
        file.take(2 * Self::LEN as u64 + 2).read_to_end(&mut text)?;
        let hex =
            text.strip_suffix(b"\n").and_then(|hex| std::str::from_utf8(hex).ok()).ok_or(NOT_A_NONCE)?;
        let bytes: ContentDigest = hex.parse().map_err(|_| NOT_A_NONCE)?;
        Ok(Self(bytes.0))
    }
}

/// Opens the file of a nonce. A nonce that others know, or chose, hides nothing.
fn open(path: &Path, options: &mut OpenOptions) -> Result<File, Error> {
    let opened = open_private(path, options, Private::Unread)?;
    Ok(opened.map_err(|problem| io::Error::new(ErrorKind::PermissionDenied, problem))?)
}

const NOT_A_NONCE: Error =
    Error::Format { offset: 0, expected: "a nonce: a file of 64 lower-case hex digits and a newline" };

impl fmt::Debug for InputNonce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InputNonce")
    }
}

/// Returns SHA-256(nonce || all bytes that the reader gives).
///
/// # Errors
///
/// [`Error::Io`].
pub fn raw_input_digest(nonce: &InputNonce, reader: impl Read) -> Result<ContentDigest, Error> {
    Digesting::with_nonce(nonce, reader).finish()
}

/// A reader that digests what is read through it, so that the digest covers the very bytes that were used.
///
/// ```
/// use std::io::Read as _;
/// use veilmatch::round::log::Digesting;
///
/// let mut reader = Digesting::plain(&b"what a command reads"[..]);
/// let mut text = String::new();
/// reader.read_to_string(&mut text)?;
/// assert_eq!(reader.finish()?, Digesting::plain(text.as_bytes()).finish()?);
/// # Ok::<(), veilmatch::Error>(())
/// ```
pub struct Digesting<R> {
    reader: R,
    context: Context,
}

impl<R: Read> Digesting<R> {
    /// Makes a reader for the SHA-256 of all that the reader gives.
    pub fn plain(reader: R) -> Self {
        Self { reader, context: Context::new(&SHA256) }
    }

    /// Makes a reader for SHA-256(nonce || all that the reader gives).
    pub fn with_nonce(nonce: &InputNonce, reader: R) -> Self {
        let mut digesting = Self::plain(reader);
        digesting.context.update(&nonce.0);
        digesting
    }

    /// Returns the digest of what was read so far.
    pub fn so_far(&self) -> ContentDigest {
        let mut digest = [0; 32];
        digest.copy_from_slice(self.context.clone().finish().as_ref());
        ContentDigest(digest)
    }

    /// Reads what is left and returns the digest.
    ///
    /// # Errors
    ///
    /// [`Error::Io`].
    pub fn finish(mut self) -> Result<ContentDigest, Error> {
        let mut buffer = vec![0; 1 << 16];
        loop {
            match self.read(&mut buffer) {
                Ok(0) => break,
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(self.so_far())
    }
}

impl<R: Read> Read for Digesting<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let len = self.reader.read(buffer)?;
        self.context.update(&buffer[..len]);
        Ok(len)
    }
}

impl<R> fmt::Debug for Digesting<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Digesting")
    }
}
