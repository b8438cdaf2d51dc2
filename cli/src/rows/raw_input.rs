//! Raw files. The run record states the digest of the very bytes that were used.

use std::fs::{self, File, Metadata};
use std::io::{self, Read, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use veilmatch::Error;
use veilmatch::round::log::{Digesting, InputNonce};
use veilmatch::terms::ContentDigest;

use crate::Failure;

/// A raw file that is read once or more. It is always the file that was opened, whatever takes its name.
pub(crate) struct RawFile {
    file: File,
    len: u64,
    /// The nonce under which digests are made; none if no run record is kept.
    nonce: Option<InputNonce>,
    readings: Readings,
}

/// What is known of a raw file after a command is done with it.
pub(crate) struct Watched {
    pub(crate) path: PathBuf,
    seen: Seen,
    readings: Readings,
}

/// What shows that a file has changed.
#[derive(PartialEq)]
struct Seen {
    len: u64,
    modified: Option<SystemTime>,
}

impl Seen {
    fn of(metadata: &Metadata) -> Self {
        Self { len: metadata.len(), modified: metadata.modified().ok() }
    }
}

impl RawFile {
    /// Takes a file that was opened under this name.
    pub(crate) fn new(path: &Path, file: File, nonce: Option<InputNonce>) -> io::Result<(Self, Watched)> {
        let readings = Readings::default();
        let seen = Seen::of(&file.metadata()?);
        let len = seen.len;
        let watched = Watched { path: path.to_owned(), seen, readings: readings.clone() };
        Ok((Self { file, len, nonce, readings }, watched))
    }

    /// Returns the length of the file in bytes when it was opened.
    pub(crate) fn len(&self) -> u64 {
        self.len
    }

    /// Reads the file from its start, without making a digest.
    pub(crate) fn rewound(&self) -> io::Result<&File> {
        (&self.file).seek(SeekFrom::Start(0))?;
        Ok(&self.file)
    }

    /// Returns a reader of the file from its start. Several may wait, but read one to its end before the next.
    pub(crate) fn reading(&self) -> Box<dyn Read + Send + '_> {
        let file = FromStart { file: &self.file, is_started: false };
        let Some(nonce) = &self.nonce else { return Box::new(file) };
        let readings = self.readings.clone();
        Box::new(Reading { reader: Digesting::with_nonce(nonce, file), at_end: false, readings })
    }
}

impl Watched {
    /// Refuses a file that has changed since it was opened, or that gave different bytes in two readings.
    pub(crate) fn require_unchanged(&self) -> Result<(), Failure> {
        match fs::metadata(&self.path) {
            Ok(now) if Seen::of(&now) == self.seen && self.readings.agree() => Ok(()),
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(Error::from(error).at(self.path.display().to_string()).into())
            }
            _ => {
                let message = format!("{}: changed while it was read", self.path.display());
                Err(Failure::Refused { code: "input_changed", message })
            }
        }
    }

    /// Returns the digest of what was read, if the whole file was read and all readings agree.
    pub(crate) fn digest(&self) -> Option<ContentDigest> {
        let first = self.readings.all().first().copied();
        first.filter(|_| self.readings.agree())
    }
}

/// The digests of the readings that came to the end of the file.
#[derive(Clone, Default)]
struct Readings(Arc<Mutex<Vec<ContentDigest>>>);

impl Readings {
    fn all(&self) -> MutexGuard<'_, Vec<ContentDigest>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn agree(&self) -> bool {
        self.all().windows(2).all(|pair| pair[0] == pair[1])
    }
}

/// Goes back to the start of a file with the first read: a reader before it may have left the file anywhere.
struct FromStart<'a> {
    file: &'a File,
    is_started: bool,
}

impl Read for FromStart<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if !self.is_started {
            self.file.seek(SeekFrom::Start(0))?;
            self.is_started = true;
        }
        self.file.read(buffer)
    }
}

/// One reading, which digests the bytes that it gives.
struct Reading<R: Read> {
    reader: Digesting<R>,
    at_end: bool,
    readings: Readings,
}

impl<R: Read> Read for Reading<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buffer)?;
        if !buffer.is_empty() {
            self.at_end = read == 0;
        }
        Ok(read)
    }
}

impl<R: Read> Drop for Reading<R> {
    fn drop(&mut self) {
        if self.at_end {
            self.readings.all().push(self.reader.so_far());
        }
    }
}
