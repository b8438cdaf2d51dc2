//! A document of a file: JSON in its one spelling, on whole pages between header and records.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::Error;
use crate::terms::ContentDigest;

use super::HEADER_LEN;
use super::digest::sha256;
use super::header::Names;

/// Returns the document's pages: one line of JSON, spaces, a final newline.
pub(crate) fn pages(document: &impl Serialize) -> Result<Vec<u8>, Error> {
    let mut pages = serde_json::to_vec(document).map_err(|_| Error::Metadata)?;
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
    match pages(&document)? == read {
        true => Ok(document),
        false => Err(wrong()),
    }
}
