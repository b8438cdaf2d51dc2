//! One file of an input, or a stream, that is read once for each kind and column.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use veilmatch::Error;
use veilmatch::container::{OnDisk, PARQUET_MAGIC, ReadAt};
use veilmatch::member::rows::ParquetRows;
use zeroize::Zeroizing;

use crate::arguments::InputFormat;
use crate::rows::raw_input::RawFile;
use crate::session::{Session, take_stdin};

pub(crate) struct OneFile {
    path: PathBuf,
    from: From,
    /// The file as Parquet, once it was opened so.
    parquet: OnceLock<ParquetRows>,
}

enum From {
    File(RawFile),
    /// A stream that is needed more than once, or at positions; wiped when dropped.
    Buffered(Arc<Buffer>),
    /// A stream that is read only once, until that is done.
    Stream(Mutex<Option<Box<dyn Read + Send>>>),
}

/// The bytes of a stream.
pub(crate) struct Buffer(Zeroizing<Vec<u8>>);

impl ReadAt for Buffer {
    fn size(&self) -> io::Result<u64> {
        self.0.size()
    }

    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        self.0.read_exact_at(buffer, offset)
    }
}

/// The number of bytes from which the length of a row is estimated.
const SAMPLED: usize = 1 << 20;

impl OneFile {
    /// Opens a file. A stream that will be read more than once is read into memory now. So is one that begins as Parquet does,
    /// unless another format was stated.
    pub(crate) fn open(
        session: &mut Session,
        path: &Path,
        format: Option<InputFormat>,
        is_read_again: bool,
    ) -> Result<Self, Error> {
        let is_looked_at = !matches!(format, Some(InputFormat::Lines | InputFormat::Csv));
        let from = match is_stream(path) {
            false => From::File(session.open_raw(path)?),
            true => from_stream(path, is_looked_at, is_read_again)
                .map_err(|error| Error::from(error).at(name(path)))?,
        };
        Ok(Self { path: path.to_owned(), from, parquet: OnceLock::new() })
    }

    /// Whether the file's name has this ending.
    pub(crate) fn is_named(&self, ending: &str) -> bool {
        self.path.extension().is_some_and(|of| of.eq_ignore_ascii_case(ending))
    }

    /// Whether the file begins as Parquet does.
    pub(crate) fn is_parquet(&self) -> Result<bool, Error> {
        let Some(beginning) = self.beginning()? else { return Ok(false) };
        let mut magic = Vec::new();
        let read = beginning.take(PARQUET_MAGIC.len() as u64).read_to_end(&mut magic);
        read.map_err(|error| Error::from(error).at(self.name()))?;
        Ok(magic == PARQUET_MAGIC)
    }

    /// Opens the file as Parquet, once.
    pub(crate) fn parquet(&self) -> Result<ParquetRows, Error> {
        if let Some(open) = self.parquet.get() {
            return Ok(open.clone());
        }
        let open = || match &self.from {
            From::File(file) => ParquetRows::new(OnDisk::new(file.at_positions()?)),
            From::Buffered(bytes) => ParquetRows::new(bytes.clone()),
            From::Stream(_) => {
                Err(io::Error::other("Parquet cannot be read from a stream of another beginning").into())
            }
        };
        let open = open().map_err(|error: Error| error.at(self.name()))?;
        Ok(self.parquet.get_or_init(|| open).clone())
    }

    /// Returns the name of the file in errors.
    pub(crate) fn name(&self) -> String {
        name(&self.path)
    }

    /// Returns the length in bytes, if it is known.
    pub(crate) fn len(&self) -> Option<u64> {
        match &self.from {
            From::File(file) => Some(file.len()),
            From::Buffered(bytes) => Some(bytes.0.len() as u64),
            From::Stream(_) => None,
        }
    }

    /// Returns a reader from the start. Read it to its end before the next one.
    pub(crate) fn reader(&self) -> Result<Box<dyn Read + Send + '_>, Error> {
        match &self.from {
            From::File(file) => Ok(Box::new(file.reading())),
            From::Buffered(bytes) => Ok(Box::new(&bytes.0[..])),
            From::Stream(stream) => {
                let stream = stream.lock().unwrap_or_else(PoisonError::into_inner).take();
                stream.ok_or_else(|| Error::from(io::Error::other("a stream is read once")).at(self.name()))
            }
        }
    }

    /// Returns a reader from the start that leaves no trace: what it reads is not stated as read. Nothing for a stream.
    pub(crate) fn beginning(&self) -> Result<Option<Box<dyn Read + Send + '_>>, Error> {
        Ok(match &self.from {
            From::File(file) => {
                let rewound = file.rewound().map_err(|error| Error::from(error).at(self.name()))?;
                Some(Box::new(rewound))
            }
            From::Buffered(bytes) => Some(Box::new(&bytes.0[..])),
            From::Stream(_) => None,
        })
    }

    /// Whether the beginning is UTF-8 text with letters beyond ASCII.
    pub(crate) fn begins_as_utf8(&self) -> Result<bool, Error> {
        let Some(sample) = self.sample()? else { return Ok(false) };
        let whole = match std::str::from_utf8(&sample) {
            Err(error) if error.error_len().is_some() => return Ok(false),
            Err(error) => error.valid_up_to(), // the sample ends within a character
            Ok(text) => text.len(),
        };
        Ok(!sample[..whole].is_ascii() && !sample.starts_with(b"\xef\xbb\xbf")) // a mark says so itself
    }

    /// Returns the beginning of a file; nothing of a stream.
    fn sample(&self) -> Result<Option<Zeroizing<Vec<u8>>>, Error> {
        let Some(beginning) = self.beginning()? else { return Ok(None) };
        let mut sample = Zeroizing::new(Vec::with_capacity(SAMPLED));
        let read = beginning.take(SAMPLED as u64).read_to_end(&mut sample);
        read.map_err(|error| Error::from(error).at(self.name()))?;
        Ok(Some(sample))
    }

    /// Estimates the number of rows from the length of the file and of the rows at its beginning. A stream gives none.
    pub(crate) fn estimated_rows(&self) -> Result<Option<u64>, Error> {
        let (Some(sample), Some(total)) = (self.sample()?, self.len()) else { return Ok(None) };
        let rows = sample.iter().filter(|byte| **byte == b'\n').count().max(1) as u64;
        Ok(Some(total.saturating_mul(rows) / (sample.len() as u64).max(1) + 1))
    }
}

fn name(path: &Path) -> String {
    if is_stdin(path) { "standard input".to_owned() } else { path.display().to_string() }
}

fn is_stdin(path: &Path) -> bool {
    path == Path::new("-")
}

/// Whether an input can be read only once: standard input, a pipe, anything that is not a regular file.
fn is_stream(path: &Path) -> bool {
    is_stdin(path) || path.metadata().is_ok_and(|metadata| !metadata.is_file())
}

/// Opens a stream, and reads all of it if it has to be there as a whole.
fn from_stream(path: &Path, is_looked_at: bool, is_read_again: bool) -> io::Result<From> {
    let mut stream = open_stream(path)?;
    let mut bytes = Zeroizing::new(Vec::new());
    if is_looked_at {
        (&mut stream).take(PARQUET_MAGIC.len() as u64).read_to_end(&mut bytes)?;
    }
    if is_read_again || bytes.as_slice() == PARQUET_MAGIC {
        stream.read_to_end(&mut bytes)?;
        return Ok(From::Buffered(Arc::new(Buffer(bytes))));
    }
    let beginning = io::Cursor::new(bytes.to_vec()); // no whole identifier
    Ok(From::Stream(Mutex::new(Some(Box::new(beginning.chain(stream))))))
}

fn open_stream(path: &Path) -> io::Result<Box<dyn Read + Send>> {
    Ok(if is_stdin(path) { Box::new(take_stdin()?) } else { Box::new(File::open(path)?) })
}
