//! Raw files. The run record states the digest of the very bytes that were used. Parquet is read at positions, so it is
//! digested before and after: a change that stays is seen.

use std::fs::{self, File, Metadata};
use std::io::{self, Read, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use veilmatch::Error;
use veilmatch::round::log::{Digesting, InputNonce};
use veilmatch::terms::ContentDigest;

use crate::Failure;

/// A raw file that is read once or more. It is always the file that was opened, whatever takes its name.
#[derive(Clone)]
pub(crate) struct RawFile(Arc<Opened>);

struct Opened {
    file: File,
    len: u64,
    /// The nonce under which digests are made; none if no run record is kept.
    nonce: Option<InputNonce>,
    readings: Readings,
    /// Whether the file is read at positions: such readings make no digest.
    at_positions: AtomicBool,
}

/// What is known of a raw file after a command is done with it.
pub(crate) struct Watched {
    pub(crate) path: PathBuf,
    seen: Seen,
    file: RawFile,
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
        let seen = Seen::of(&file.metadata()?);
        let (readings, at_positions) = (Readings::default(), AtomicBool::new(false));
        let file = Self(Arc::new(Opened { file, len: seen.len, nonce, readings, at_positions }));
        Ok((file.clone(), Watched { path: path.to_owned(), seen, file }))
    }

    /// Returns the length of the file in bytes when it was opened.
    pub(crate) fn len(&self) -> u64 {
        self.0.len
    }

    /// Returns the file for reading at positions. Where a run record states what is read, all of it is digested now, and
    /// once more when the command is done with it: a change that stays is seen.
    pub(crate) fn at_positions(&self) -> io::Result<File> {
        if !self.0.at_positions.swap(true, Ordering::Relaxed) {
            self.digest_all()?;
        }
        self.0.file.try_clone()
    }

    fn digest_all(&self) -> io::Result<()> {
        match self.0.nonce {
            Some(_) => io::copy(&mut self.reading(), &mut io::sink()).map(drop),
            None => Ok(()),
        }
    }

    /// Reads the file from its start, without making a digest.
    pub(crate) fn rewound(&self) -> io::Result<&File> {
        (&self.0.file).seek(SeekFrom::Start(0))?;
        Ok(&self.0.file)
    }

    /// Returns a reader of the file from its start. Several may wait, but read one to its end before the next.
    pub(crate) fn reading(&self) -> Box<dyn Read + Send + '_> {
        let file = FromStart { file: &self.0.file, is_started: false };
        let Some(nonce) = &self.0.nonce else { return Box::new(file) };
        let readings = self.0.readings.clone();
        Box::new(Reading { reader: Digesting::with_nonce(nonce, file), at_end: false, readings })
    }
}

impl Watched {
    /// Refuses a file that has changed since it was opened, or that gave different bytes in two readings.
    pub(crate) fn require_unchanged(&self) -> Result<(), Failure> {
        if self.file.0.at_positions.load(Ordering::Relaxed) {
            self.file.digest_all().map_err(|error| Error::from(error).at(self.path.display().to_string()))?;
        }
        match fs::metadata(&self.path) {
            Ok(now) if Seen::of(&now) == self.seen && self.readings().agree() => Ok(()),
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
        let first = self.readings().all().first().copied();
        first.filter(|_| self.readings().agree())
    }

    fn readings(&self) -> &Readings {
        &self.file.0.readings
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
