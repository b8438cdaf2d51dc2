//! Files of type `prefilter`: records are 16 bytes of the bitmap each.

use std::io::Write;

use crate::error::Error;
use crate::prefilter::{Prefilter, Standard};
use crate::set::Stamp;

use super::FileType;
use super::body::{self, Content, Sizes};
use super::header::{Filter, FilterLayout, Header};

impl Prefilter {
    /// Writes the prefilter as a file of type [`FileType::Prefilter`], for the hub alone.
    ///
    /// # Errors
    ///
    /// [`Error::Stamp`] for a stamp that a header cannot hold, [`Error::Io`] where writing fails.
    pub fn write_to(&self, stamp: &Stamp, out: &mut dyn Write) -> Result<(), Error> {
        let standard = self.as_standard();
        let bits = standard.bits();
        let mut header = Header::new(self.terms(), Some(self.member()), stamp, self.tokens())?;
        header.filter = Some(Filter {
            layout: FilterLayout::Standard,
            hashes: standard.hashes(),
            bytes: bits.len() as u64,
        });
        let records = bits.len() / Standard::BLOCK;
        let content = Content { header: &header, names: &[], record_len: Standard::BLOCK, records };
        content.write(FileType::Prefilter, out, |at, chunk| {
            chunk.extend_from_slice(&bits[at * Standard::BLOCK..][..Standard::BLOCK]);
        })
    }

    /// Reads a whole file of type [`FileType::Prefilter`] and validates every byte of it.
    ///
    /// A filter that says "maybe" to nearly everything, or whose set bits cannot come from the number of
    /// tokens that it declares, is refused too.
    ///
    /// # Errors
    ///
    /// [`Error::Format`], with the offset at which it shows.
    pub fn from_file_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let opened = body::open(bytes, FileType::Prefilter, |header| {
            let filter = header.filter.as_ref().ok_or("a filter's layout")?;
            if header.counters.is_some() || header.matched.is_some() {
                return Err("a prefilter, without what belongs to other types");
            }
            if !filter.bytes.is_multiple_of(Standard::BLOCK as u64) {
                return Err("a bitmap of whole records");
            }
            let block = Standard::BLOCK as u64;
            Ok(Sizes { names: 0, record_len: block, records: filter.bytes / block })
        })?;
        let body::Opened { header, records, records_offset, .. } = opened;
        let terms = header.terms()?;
        let (Some(member), Some(filter)) = (header.member, header.filter) else {
            return Err(Error::Format { offset: 0, expected: "a prefilter with its member and layout" });
        };
        let standard = Standard::from_bits(records, filter.hashes, header.tokens).ok_or(Error::Format {
            offset: records_offset as u64,
            expected: "a bitmap, neither empty nor saturated, filled as its declared tokens fill it",
        })?;
        Ok(Self::from_checked(terms, member, header.tokens, standard))
    }
}
