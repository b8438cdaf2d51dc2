//! Opens a sealed file.

use std::io::{self, BufRead as _, BufReader, Chain, Cursor, ErrorKind, Read};
use std::{fmt, iter};

use age::stream::StreamReader;
use age::{DecryptError, Decryptor};

use crate::error::Error;
use crate::round::identity::Identity;

use super::MAGIC;

/// The longest header that is read. One recipient takes some 200 bytes, and what other programs add takes little more.
/// age itself sets no bound, and takes time that grows with the square of the length.
const LONGEST_HEADER: u64 = 16 * 1024;

const DAMAGED: &str = "the file is damaged or was cut short";

/// Opens a file that was sealed to this identity.
///
/// Memory: some 200 KiB, whatever the length of the file.
///
/// # Errors
///
/// [`Error::Seal`] if the file is not sealed, not to this identity, or damaged; [`Error::Io`] if reading
/// fails. What follows the header is checked as it is read: see [`Opened`].
pub fn open<R: Read>(identity: &Identity, reader: R) -> Result<Opened<R>, Error> {
    let mut reader = BufReader::new(Source(reader));
    let header = Cursor::new(header(&mut reader)?);
    let stream = Decryptor::new_buffered(header.chain(reader))
        .and_then(|sealed| sealed.decrypt(iter::once(identity.opener() as &dyn age::Identity)))
        .map_err(|error| match error {
            DecryptError::NoMatchingKeys => Error::Seal {
                problem: "the file is not sealed to this key: is it the file of another member, or another key file?",
            },
            DecryptError::Io(error) => own(error).into(),
            _ => Error::Seal { problem: DAMAGED },
        })?;
    Ok(Opened { stream: Some(stream) })
}

/// Reads up to the end of the header: the line that begins with `---`.
fn header(reader: &mut BufReader<Source<impl Read>>) -> Result<Vec<u8>, Error> {
    let mut header = Vec::new();
    loop {
        let line = header.len();
        let left = LONGEST_HEADER - line as u64;
        reader.take(left).read_until(b'\n', &mut header).map_err(own)?;
        if line == 0 && header != MAGIC {
            return Err(Error::Seal {
                problem: "expected a sealed file, which begins `age-encryption.org/v1`",
            });
        }
        // At the end of the file, or of the part that is read, nothing more comes, or half a line.
        if header.len() == line || !header.ends_with(b"\n") {
            return Err(Error::Seal { problem: DAMAGED });
        }
        if header[line..].starts_with(b"---") {
            return Ok(header);
        }
    }
}

/// The header, which was read already, and what follows it.
type Whole<R> = Chain<Cursor<Vec<u8>>, BufReader<Source<R>>>;

/// The content of a sealed file, decrypted as it is read.
///
/// Each chunk is authenticated before any of it is given out, and the end of the file when it is reached. A file that
/// is damaged or was cut short is an error, [`Error::Seal`] once it is turned into an [`Error`], and stays one. Do not
/// use what was read before the error.
///
/// ```
/// use std::io::{Read as _, Write as _};
/// use veilmatch::round::{identity::Identity, seal};
///
/// let hub = Identity::generate()?;
/// let mut sealer = seal::seal(&hub.public_keys().seal, Vec::new())?;
/// sealer.write_all(b"the bytes of a set's file")?;
/// let sealed = sealer.finish()?;
///
/// let mut bytes = Vec::new();
/// seal::open(&hub, &sealed[..])?.read_to_end(&mut bytes)?;
/// assert_eq!(bytes, b"the bytes of a set's file");
/// let cut_short = &sealed[..sealed.len() - 1];
/// assert!(seal::open(&hub, cut_short)?.read_to_end(&mut bytes).is_err());
/// # Ok::<(), veilmatch::Error>(())
/// ```
pub struct Opened<R> {
    /// The stream; none once reading failed.
    stream: Option<StreamReader<Whole<R>>>,
}

impl<R: Read> Read for Opened<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        let read = self.stream.as_mut().ok_or_else(damaged)?.read(buffer);
        read.map_err(|error| {
            self.stream = None;
            own(error)
        })
    }
}

impl<R> fmt::Debug for Opened<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Opened")
    }
}

/// The caller's reader. Its errors are marked so that they can be told from those of age.
struct Source<R>(R);

#[derive(Debug)]
struct SourceError(io::Error);

impl fmt::Display for SourceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for SourceError {}

impl<R: Read> Read for Source<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer).map_err(|error| io::Error::new(error.kind(), SourceError(error)))
    }
}

/// Returns the caller's own error as it was. Any other error is age's; its text is not repeated.
fn own(error: io::Error) -> io::Error {
    error.downcast::<SourceError>().map_or_else(|_| damaged(), |SourceError(error)| error)
}

fn damaged() -> io::Error {
    io::Error::new(ErrorKind::InvalidData, Error::Seal { problem: DAMAGED })
}
