//! A document of a file: JSON in its one spelling, on whole pages between header and records.

use std::io;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::Error;
use crate::terms::ContentDigest;

use super::HEADER_LEN;
use super::digest::sha256;
use super::header::Names;

/// Returns the document's pages: one line of JSON, spaces, a final newline.
pub(crate) fn pages(document: &impl Serialize) -> Result<Vec<u8>, Error> {
    // A document may have a secret, and a buffer that grew would leave its old bytes behind: those with a secret fit in a page.
    let mut pages = Vec::with_capacity(HEADER_LEN);
    serde_json::to_writer(&mut pages, document).map_err(|_| Error::Metadata)?;
    pages.push(b'\n');
    pages.resize((pages.len() + 1).next_multiple_of(HEADER_LEN) - 1, b' ');
    pages.push(b'\n');
    Ok(pages)
}

/// Returns what a header says of these pages.
pub(crate) fn stated(pages: &[u8]) -> Names {
    Names { bytes: pages.len() as u64, digest: ContentDigest(sha256(&[pages])) }
}

/// Reads a document, and accepts only the bytes that a writer would have written.
pub(crate) fn read<T: Serialize + DeserializeOwned>(read: &[u8]) -> Result<T, Error> {
    let wrong = || Error::Format {
        offset: HEADER_LEN as u64,
        expected: "a document in its one spelling, with the known fields",
    };
    let line = read.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let document: T = serde_json::from_slice(line).map_err(|_| wrong())?;
    // What would be written is compared as it comes, so that no second copy of a secret is made.
    let mut rest = Same { expected: line };
    let is_same = serde_json::to_writer(&mut rest, &document).is_ok() && rest.expected.is_empty();
    match is_same && is_filled(read, line.len()) {
        true => Ok(document),
        false => Err(wrong()),
    }
}

/// Whether after a line of this length there is what [`pages`] writes: a newline, spaces to the end of the page, a newline.
fn is_filled(read: &[u8], line: usize) -> bool {
    let Some((b'\n', [spaces @ .., b'\n'])) = read[line..].split_first() else { return false };
    read.len() == (line + 2).next_multiple_of(HEADER_LEN) && spaces.iter().all(|byte| *byte == b' ')
}

/// Takes what is expected, and nothing else.
struct Same<'a> {
    expected: &'a [u8],
}

impl io::Write for Same<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.expected = self.expected.strip_prefix(bytes).ok_or(io::ErrorKind::InvalidData)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
