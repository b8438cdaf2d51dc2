//! Writes and reads a whole file in memory: names, records, chunk digests, root, signature block.

use std::io::Write;

use rayon::iter::{IndexedParallelIterator as _, ParallelIterator as _};
use rayon::slice::ParallelSlice as _;

use crate::error::Error;

use super::digest::TOGETHER;
use super::frame::{Frame, Index, Sizes};
use super::header::Header;
use super::records::Records;
use super::signature::Signer;
use super::{CHUNK_RECORDS, FileType, HEADER_LEN, Signed};

/// The content of a file: its header, the block of names, and records of one length.
pub(crate) struct Content<'a> {
    pub(crate) header: &'a Header,
    pub(crate) names: &'a [u8],
    pub(crate) record_len: usize,
    pub(crate) records: usize,
}

impl Content<'_> {
    /// Writes the file, signed if there is a signer. `record(i, buffer)` appends record `i`.
    ///
    /// Holds 129 chunks and the index in memory: 48 bytes for each 1,024 records.
    pub(crate) fn write(
        &self,
        file_type: FileType,
        signer: Option<&dyn Signer>,
        out: &mut dyn Write,
        mut record: impl FnMut(usize, &mut Vec<u8>),
    ) -> Result<(), Error> {
        let mut records = Records::begin(file_type, self.header, self.names, self.record_len, signer, out)?;
        let mut buffer = Vec::with_capacity(CHUNK_RECORDS.min(self.records) * self.record_len);
        for first in (0..self.records).step_by(CHUNK_RECORDS) {
            buffer.clear();
            (first..self.records.min(first + CHUNK_RECORDS)).for_each(|at| record(at, &mut buffer));
            records.push(&buffer)?;
        }
        let written = records.finish()?;
        debug_assert!(written == self.records as u64);
        Ok(())
    }
}

/// A file whose every byte was validated, except for what its records mean.
pub(crate) struct Opened<'a> {
    pub(crate) header: Header,
    pub(crate) names: Vec<u8>,
    pub(crate) records: &'a [u8],
    pub(crate) records_offset: usize,
    pub(crate) index: Index,
    pub(crate) signed: Option<Signed>,
}

/// Validates header, exact length, root, signature block and every chunk, in parallel.
///
/// `sizes` reads from the header the sizes of what follows, or says what is wrong with it.
pub(crate) fn open(
    bytes: &[u8],
    file_type: FileType,
    sizes: impl Fn(&Header) -> Result<Sizes, &'static str>,
) -> Result<Opened<'_>, Error> {
    let Frame { header, names, index, signed, .. } = Frame::read(&bytes, file_type, sizes)?;
    // The length was checked, and these are offsets of bytes in memory.
    let records_offset = HEADER_LEN + names.len();
    let records = &bytes[records_offset..index.start(index.chunks()) as usize];
    let group_len = TOGETHER * index.chunk_len();
    let require = |(group, chunks): (usize, &[u8])| index.require(group * TOGETHER, chunks);
    let verified = if records.len() <= group_len {
        require((0, records)) // a small file starts no pool
    } else {
        let verified = records.par_chunks(group_len).enumerate().map(require);
        verified.find_first(Result::is_err).unwrap_or(Ok(()))
    };
    verified.map_err(|(_, error)| error)?;
    Ok(Opened { header, names, records, records_offset, index, signed })
}
