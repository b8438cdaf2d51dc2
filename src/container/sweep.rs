//! Reads a file of records from its first byte to its last, without holding it: for a sealed file, in which no position can
//! be chosen.
//!
//! Records are given out as they come. Only the end shows whether they are what the root stands for: until [`Sweep::finish`] do
//! not use anything that came of them.

use std::io::{ErrorKind, Read};

use crate::error::Error;
use crate::terms::ContentDigest;

use super::digest::{DIGEST_LEN, IndexEntry, index_entries, par_index_entries, root, sha256};
use super::frame::read_signature;
use super::header::Header;
use super::room::zeros;
use super::sizes::sizes;
use super::{CHUNK_RECORDS, FileType, HEADER_LEN, SIGNATURE_LEN, Signed};

/// The number of chunks that are read at a time, and digested in parallel.
const TOGETHER: usize = 64;

const LENGTH: &str = "exactly the length that the header tells";

/// A file whose header is read and whose records follow. Memory: 64 chunks, and the index, 48 bytes for each 1,024 records.
pub(crate) struct Sweep<R> {
    reader: R,
    file_type: FileType,
    pub(crate) header: Header,
    /// The block between header and records: a document. That of what is pending has a seed.
    pub(crate) names: Vec<u8>,
    page: Vec<u8>,
    record_len: usize,
    records: u64,
    index: Vec<IndexEntry>,
    chunks: Vec<u8>,
    in_parallel: bool,
    /// Number of records that are still to be read.
    left: u64,
    /// Number of bytes read so far, for errors.
    offset: u64,
}

impl<R: Read> Sweep<R> {
    /// Reads and checks header and document.
    pub(crate) fn begin(mut reader: R, file_type: FileType) -> Result<Self, Error> {
        let (mut page, mut offset) = (vec![0; HEADER_LEN], 0);
        read_exactly(&mut reader, &mut page, &mut offset, "a header of 4,096 bytes")?;
        let header = Header::from_page(&page, file_type)?;
        let sizes = sizes(&header, file_type)
            .map_err(|expected| Error::Format { offset: file_type.magic().len() as u64, expected })?;
        let mut names = zeros(sizes.names)?;
        let check = |names: &[u8]| match &header.document {
            Some(document) if sha256(&[names]) != document.digest.0 => {
                let expected = "the document that the header's digest tells";
                Err(Error::Format { offset: HEADER_LEN as u64, expected })
            }
            _ => Ok(()),
        };
        let read = read_exactly(&mut reader, &mut names, &mut offset, LENGTH).and_then(|()| check(&names));
        if let Err(error) = read {
            // A seed may be in it. This file has no package that wipes, since hubs have none.
            names.fill(0);
            std::hint::black_box(&names);
            return Err(error);
        }
        let (records, record_len) = (sizes.records, sizes.record_len as usize);
        let (index, chunks, in_parallel, left) = (Vec::new(), Vec::new(), true, records);
        Ok(Self {
            reader,
            file_type,
            header,
            names,
            page,
            record_len,
            records,
            index,
            chunks,
            in_parallel,
            left,
            offset,
        })
    }

    /// Digests on this thread alone, and not in the pool: where several files are swept at a time.
    pub(crate) fn stay_on_this_thread(&mut self) {
        self.in_parallel = false;
    }

    /// Returns the number of records that the header tells.
    pub(crate) fn records(&self) -> u64 {
        self.records
    }

    /// Reads the next records, which are whole chunks but for the last; nothing at the end.
    pub(crate) fn next(&mut self) -> Result<&[u8], Error> {
        let records = self.left.min((TOGETHER * CHUNK_RECORDS) as u64);
        self.chunks.resize(records as usize * self.record_len, 0);
        read_exactly(&mut self.reader, &mut self.chunks, &mut self.offset, LENGTH)?;
        let chunk_len = CHUNK_RECORDS * self.record_len;
        match self.in_parallel {
            true => par_index_entries(&self.chunks, chunk_len, &mut self.index),
            false => index_entries(&self.chunks, chunk_len, &mut self.index),
        }
        self.left -= records;
        Ok(&self.chunks)
    }

    /// Returns the records that were read last.
    pub(crate) fn chunks(&self) -> &[u8] {
        &self.chunks
    }

    /// Returns where the records begin that were read last.
    pub(crate) fn read_from(&self) -> u64 {
        self.offset - self.chunks.len() as u64
    }

    /// Reads what is left, and checks that index, root and signature are those of what was read. Returns the signature, if
    /// there is one, the root and the index.
    pub(crate) fn finish(mut self) -> Result<(Option<Signed>, ContentDigest, Vec<IndexEntry>), Error> {
        while self.left > 0 {
            self.next()?;
        }
        let wrong = |offset, expected| Err(Error::Format { offset, expected });
        let first = (HEADER_LEN + self.names.len()) as u64;
        for (number, found) in self.index.iter().enumerate() {
            let mut entry = [0; size_of::<IndexEntry>()];
            read_exactly(&mut self.reader, &mut entry, &mut self.offset, LENGTH)?;
            if entry != *found {
                let chunk = (number * CHUNK_RECORDS * self.record_len) as u64;
                return wrong(first + chunk, "the chunk that the index tells");
            }
        }
        let at_root = self.offset;
        let mut read = [0; DIGEST_LEN];
        read_exactly(&mut self.reader, &mut read, &mut self.offset, LENGTH)?;
        if read != root(self.file_type, &self.page, self.records, &self.index) {
            return wrong(at_root, "the root of this header and index");
        }
        let at_signature = self.offset;
        let mut block = [0; SIGNATURE_LEN];
        read_exactly(&mut self.reader, &mut block, &mut self.offset, LENGTH)?;
        if read_some(&mut self.reader, &mut [0])? > 0 {
            return wrong(self.offset, LENGTH);
        }
        let signed = read_signature(&self.header, self.file_type, &read, &block, at_signature)?;
        Ok((signed, ContentDigest(read), self.index))
    }
}

fn read_exactly(
    reader: &mut impl Read,
    buffer: &mut [u8],
    offset: &mut u64,
    expected: &'static str,
) -> Result<(), Error> {
    let mut read = 0;
    while read < buffer.len() {
        match read_some(reader, &mut buffer[read..])? {
            0 => return Err(Error::Format { offset: *offset + read as u64, expected }),
            some => read += some,
        }
    }
    *offset += read as u64;
    Ok(())
}

fn read_some(reader: &mut impl Read, buffer: &mut [u8]) -> Result<usize, Error> {
    loop {
        match reader.read(buffer) {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            other => return Ok(other?),
        }
    }
}
