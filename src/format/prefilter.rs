//! Files of type `prefilter`: records are 16 bytes of the bitmap each.

use std::io::Write;

use crate::error::Error;
use crate::prefilter::{Blocked, Layout, Prefilter, Standard};
use crate::set::Stamp;

use super::FileType;
use super::body::{self, Content};
use super::frame::Sizes;
use super::header::{Filter, FilterLayout, Header};

/// Bytes of a record: both layouts have whole ones.
const RECORD: usize = 16;

impl Prefilter {
    /// Writes the prefilter as a file of type [`FileType::Prefilter`], for the hub alone.
    ///
    /// # Errors
    ///
    /// [`Error::Stamp`] for a stamp that a header cannot hold, [`Error::Io`] where writing fails.
    pub fn write_to(&self, stamp: &Stamp, out: &mut dyn Write) -> Result<(), Error> {
        let (layout, hashes) = match self.layout() {
            Layout::Standard(standard) => (FilterLayout::Standard, standard.hashes()),
            Layout::Blocked(_) => (FilterLayout::Blocked, Blocked::HASHES as u32),
        };
        let mut header = Header::new(self.terms(), Some(self.member()), stamp, self.tokens())?;
        header.filter = Some(Filter { layout, hashes, bytes: self.size() as u64 });
        let content =
            Content { header: &header, names: &[], record_len: RECORD, records: self.size() / RECORD };
        content.write(FileType::Prefilter, None, out, |at, chunk| match self.layout() {
            Layout::Standard(standard) => chunk.extend_from_slice(&standard.bits()[at * RECORD..][..RECORD]),
            Layout::Blocked(blocked) => chunk.extend_from_slice(&blocked.record(at)),
        })
    }

    /// Reads a whole file of type [`FileType::Prefilter`] and validates every byte of it.
    ///
    /// A filter that says "maybe" to nearly everything, or whose set bits cannot come from the number of
    /// tokens that it declares, is refused too.
    ///
    /// # Errors
    ///
    /// [`Error::Format`], with the offset at which it shows; [`Error::Signature`].
    pub fn from_file_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let opened = body::open(bytes, FileType::Prefilter, sizes)?;
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

/// What follows the header of a prefilter.
pub(super) fn sizes(header: &Header) -> Result<Sizes, &'static str> {
    let filter = header.filter.as_ref().ok_or("a filter's layout")?;
    if header.counters.is_some() || header.matched.is_some() || header.is_of_a_sequence() {
        return Err("a prefilter, without what belongs to other types");
    }
    let block = match filter.layout {
        FilterLayout::Standard => Standard::BLOCK,
        FilterLayout::Blocked => Blocked::BLOCK,
    };
    if !filter.bytes.is_multiple_of(block as u64) {
        return Err("a bitmap of whole blocks");
    }
    let records = filter.bytes / RECORD as u64;
    Ok(Sizes { names: 0, record_len: RECORD as u64, records, ascending: false })
}
