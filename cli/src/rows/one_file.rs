//! One file of an input, or a stream, that is read once for each kind and column.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use veilmatch::Error;
use zeroize::Zeroizing;

use crate::rows::raw_input::RawFile;
use crate::session::{Session, take_stdin};

pub(crate) struct OneFile {
    path: PathBuf,
    from: From,
}

enum From {
    File(RawFile),
    /// A stream that is needed more than once; wiped when dropped.
    Buffered(Zeroizing<Vec<u8>>),
    /// A stream that is read only once.
    Stream,
}

/// The number of bytes from which the length of a row is estimated.
const SAMPLED: usize = 1 << 20;

impl OneFile {
    /// Opens a file. A stream that will be read more than once is read into memory now.
    pub(crate) fn open(session: &mut Session, path: &Path, is_read_again: bool) -> Result<Self, Error> {
        let from = match (is_stream(path), is_read_again) {
            (false, _) => From::File(session.open_raw(path)?),
            (true, false) => From::Stream,
            (true, true) => {
                let mut bytes = Zeroizing::new(Vec::new());
                let read = open_stream(path).and_then(|mut stream| stream.read_to_end(&mut bytes));
                read.map_err(|error| Error::from(error).at(name(path)))?;
                From::Buffered(bytes)
            }
        };
        Ok(Self { path: path.to_owned(), from })
    }

    /// Returns the name of the file in errors.
    pub(crate) fn name(&self) -> String {
        name(&self.path)
    }

    /// Returns the length in bytes, if it is known.
    pub(crate) fn len(&self) -> Option<u64> {
        match &self.from {
            From::File(file) => Some(file.len()),
            From::Buffered(bytes) => Some(bytes.len() as u64),
            From::Stream => None,
        }
    }

    /// Returns a reader from the start. Read it to its end before the next one.
    pub(crate) fn reader(&self) -> Result<Box<dyn Read + Send + '_>, Error> {
        match &self.from {
            From::File(file) => Ok(Box::new(file.reading())),
            From::Buffered(bytes) => Ok(Box::new(&bytes[..])),
            From::Stream => open_stream(&self.path).map_err(|error| Error::from(error).at(self.name())),
        }
    }

    /// Returns a reader from the start that leaves no trace: what it reads is not stated as read. Nothing for a stream.
    pub(crate) fn beginning(&self) -> Result<Option<Box<dyn Read + Send + '_>>, Error> {
        Ok(match &self.from {
            From::File(file) => {
                let rewound = file.rewound().map_err(|error| Error::from(error).at(self.name()))?;
                Some(Box::new(rewound))
            }
            From::Buffered(bytes) => Some(Box::new(&bytes[..])),
            From::Stream => None,
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

fn open_stream(path: &Path) -> io::Result<Box<dyn Read + Send>> {
    Ok(if is_stdin(path) { Box::new(take_stdin()?) } else { Box::new(File::open(path)?) })
}
