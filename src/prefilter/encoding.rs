//! Files of type `prefilter`: each record is 16 bytes of the bitmap.

use std::io::Write;

use crate::container::body::Content;
use crate::container::header::{Filter, FilterLayout, Header};
use crate::container::sizes::{FILTER_RECORD, sizes};
use crate::container::{FileType, Metadata, body};
use crate::error::Error;

use super::{Blocked, Layout, Prefilter, Standard};

impl Prefilter {
    /// Writes the prefilter as a file of type [`FileType::Prefilter`], for the hub alone.
    ///
    /// # Errors
    ///
    /// [`Error::Metadata`] for metadata that a header cannot hold, [`Error::Io`] where writing fails.
    pub fn write_to(&self, metadata: &Metadata, out: &mut dyn Write) -> Result<(), Error> {
        let (layout, hashes) = match self.layout() {
            Layout::Standard(standard) => (FilterLayout::Standard, standard.hashes()),
            Layout::Blocked(_) => (FilterLayout::Blocked, Blocked::HASHES as u32),
        };
        let mut header = Header::new(self.terms(), Some(self.member()), metadata, self.tokens())?;
        header.filter = Some(Filter { layout, hashes, bytes: self.size() as u64 });
        let content = Content {
            header: &header,
            names: &[],
            record_len: FILTER_RECORD,
            records: self.size() / FILTER_RECORD,
        };
        content.write(FileType::Prefilter, None, out, |at, chunk| match self.layout() {
            Layout::Standard(standard) => {
                chunk.extend_from_slice(&standard.bits()[at * FILTER_RECORD..][..FILTER_RECORD])
            }
            Layout::Blocked(blocked) => chunk.extend_from_slice(&blocked.record(at)),
        })
    }

    /// Reads a whole file of type [`FileType::Prefilter`] and validates every byte of it.
    ///
    /// It also refuses a filter that says "maybe" to nearly everything, or whose set bits cannot come from the number
    /// of tokens that it declares.
    ///
    /// # Errors
    ///
    /// [`Error::Format`], with the offset at which the fault shows; [`Error::Signature`].
    pub fn from_file_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let opened = body::open(bytes, FileType::Prefilter, |header| sizes(header, FileType::Prefilter))?;
        let body::Opened { header, records, records_offset, .. } = opened;
        let terms = header.terms()?;
        let (Some(member), Some(filter)) = (header.member, header.filter) else {
            return Err(Error::Format { offset: 0, expected: "a prefilter with its member and layout" });
        };
        let (hashes, tokens) = (filter.hashes, header.tokens);
        let layout = match filter.layout {
            FilterLayout::Standard => Standard::from_bits(records, hashes, tokens).map(Layout::Standard),
            FilterLayout::Blocked => Blocked::from_bits(records, hashes, tokens).map(Layout::Blocked),
        };
        let layout = layout.ok_or(Error::Format {
            offset: records_offset as u64,
            expected: "a bitmap, neither empty nor saturated, filled as its declared tokens fill it",
        })?;
        Ok(Self::from_checked(terms, member, tokens, layout))
    }
}
