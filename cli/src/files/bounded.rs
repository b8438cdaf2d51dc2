//! Reading whole files: regular ones or standard input, and none longer than its type can be.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use veilmatch::container::{open_own, open_regular};
use veilmatch::round::Known;
use veilmatch::{Error, Manifest};

use crate::session::take_stdin;

/// Longest manifest, in bytes.
pub(crate) const MANIFEST: u64 = Manifest::MAX_LEN as u64;

/// Longest file of public keys: over twice what they take.
pub(crate) const PUBLIC_KEYS: u64 = 512;

/// Longest file of known keys.
pub(crate) const KNOWN: u64 = Known::MAX_LEN as u64;

/// Longest ceremony.
#[cfg(feature = "custodian")]
pub(crate) const CEREMONY: u64 = veilmatch::custody::Ceremony::MAX_LEN as u64;

/// Longest file of what is public of custodians' keys.
#[cfg(any(feature = "custodian", feature = "member"))]
pub(crate) const CUSTODY: u64 = veilmatch::custody::PublicCustody::MAX_LEN as u64;

/// Longest file of a step of a ceremony.
#[cfg(feature = "custodian")]
pub(crate) const STEP: u64 = veilmatch::custodian::StepFile::MAX_LEN as u64;

/// Longest suppression list: about two million entries.
#[cfg(feature = "member")]
pub(crate) const SUPPRESSION: u64 = 64 << 20;

/// Longest list of what was matched, with its report: two million pairs of members take a tenth of it.
pub(crate) const REPORT: u64 = 1 << 30;

/// The number of bytes that are read before they are looked at.
pub(crate) const PIECE: u64 = 1 << 20;

/// Reads a text of at most `longest` bytes. It first asks for the length of a regular file. A text that is longer than
/// a piece is refused at its first zero byte, such as a sparse file has; so nothing is read in vain.
pub(crate) fn read(path: &Path, longest: u64) -> Result<Vec<u8>, Error> {
    read_open(open(path)?, longest)
}

/// Reads a file that only the user who runs the command can have written: its content is trusted.
pub(crate) fn read_own(path: &Path, longest: u64) -> Result<Vec<u8>, Error> {
    read_open(open_by(path, open_own)?, longest)
}

fn read_open((mut file, len): Open, longest: u64) -> Result<Vec<u8>, Error> {
    if let Some(len) = len {
        require_length(len, longest)?;
    }
    let mut bytes = Vec::new();
    loop {
        let from = bytes.len();
        let most = PIECE.min(longest + 1 - from as u64);
        if (&mut file).take(most).read_to_end(&mut bytes)? == 0 {
            return Ok(bytes);
        }
        require_length(bytes.len() as u64, longest)?;
        let zero = bytes[from..].iter().position(|byte| *byte == 0).filter(|_| longest > PIECE);
        if let Some(at) = zero {
            return Err(Error::Format {
                offset: (from + at) as u64,
                expected: "text, which has no zero byte",
            });
        }
    }
}

/// An open file: a regular file with its length, or standard input.
type Open = (Box<dyn Read>, Option<u64>);

pub(crate) fn open(path: &Path) -> io::Result<Open> {
    open_by(path, open_regular)
}

fn open_by(path: &Path, open: fn(&Path) -> io::Result<File>) -> io::Result<Open> {
    if path == Path::new("-") {
        return Ok((Box::new(take_stdin()?), None));
    }
    let file = open(path)?;
    let len = file.metadata()?.len();
    Ok((Box::new(file), Some(len)))
}

fn require_length(len: u64, longest: u64) -> Result<(), Error> {
    if len <= longest {
        return Ok(());
    }
    Err(Error::Format { offset: longest, expected: "the end of the file: none of this type is longer" })
}
