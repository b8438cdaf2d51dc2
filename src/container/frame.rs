//! The parts of a file that are validated before its records: header, exact length, names, index, root, signature.

use std::io;

use crate::error::Error;
use crate::terms::Signature;
use crate::token::Token;

use super::digest::{DIGEST_LEN, FIRST_LEN, INDEX_ENTRY, IndexEntry, find_broken, root, sha256};
use super::header::Header;
use super::read_at::ReadAt;
use super::room::{grow, zeros};
use super::{CHUNK_RECORDS, FileType, HEADER_LEN, SIGNATURE_LEN, Signed, signature};

/// The sizes, as a header tells them, of what follows it.
pub(crate) struct Sizes {
    pub(crate) names: u64,
    pub(crate) record_len: u64,
    pub(crate) records: u64,
    /// Whether the index is refused if the chunks' first tokens do not ascend.
    pub(crate) ascending: bool,
}

/// A file that is valid except for its records. The index tells what each chunk of records must be.
pub(crate) struct Frame {
    pub(crate) header: Header,
    pub(crate) names: Vec<u8>,
    pub(crate) index: Index,
    /// The header's page as it was read, with root and signature.
    pub(crate) page: Vec<u8>,
    pub(crate) end: Vec<u8>,
    pub(crate) signed: Option<Signed>,
}

impl Frame {
    /// Validates header, exact length, root, signature block and names.
    ///
    /// `sizes` reads from the header the sizes of what follows, or says what is wrong with it. Memory: the names, once
    /// the length has shown that they are there, and the index. If the index must ascend, it takes at most twice what
    /// was found to ascend.
    pub(crate) fn read(
        source: &dyn ReadAt,
        file_type: FileType,
        sizes: impl Fn(&Header) -> Result<Sizes, &'static str>,
    ) -> Result<Self, Error> {
        let wrong = |offset: u64, expected| Error::Format { offset, expected };
        let size = source.size()?;
        if size < HEADER_LEN as u64 {
            return Err(wrong(size, "a header of 4,096 bytes"));
        }
        let page = read(source, 0, HEADER_LEN as u64)?;
        let header = Header::from_page(&page, file_type)?;
        let sizes = sizes(&header).map_err(|expected| wrong(file_type.magic().len() as u64, expected))?;
        let Some([names_len, records_len, index_len]) =
            sizes.parts().filter(|_| sizes.file_len() == Some(size))
        else {
            return Err(wrong(size, "exactly the length that the header tells"));
        };
        let offset = HEADER_LEN as u64 + names_len;
        let index_offset = offset + records_len;
        let root_offset = index_offset + index_len;
        let names = read(source, HEADER_LEN as u64, names_len)?;
        let mut index = Index::new(offset, sizes.record_len as usize, sizes.records, Vec::new());
        index.read(source, index_offset, index_len, sizes.ascending)?;
        let end = read(source, root_offset, (DIGEST_LEN + SIGNATURE_LEN) as u64)?;
        let (root_read, signature) = end.split_at(DIGEST_LEN);

        let root = root(file_type, &page, index.records, &index.entries);
        if root != *root_read {
            return Err(wrong(root_offset, "the root of this header and index"));
        }
        let signed = read_signature(&header, file_type, &root, signature, root_offset + DIGEST_LEN as u64)?;
        let of_matched = header.matched.as_ref().and_then(|matched| matched.names.as_ref());
        if let Some(block) = of_matched.or(header.document.as_ref())
            && sha256(&[&names]) != block.digest.0
        {
            return Err(wrong(HEADER_LEN as u64, "the names or document that the header's digest tells"));
        }
        Ok(Self { header, names, index, page, end, signed })
    }
}

/// Reads the signature block, which begins at `offset`. It must be empty, or be a signature by the key that the header
/// names.
pub(crate) fn read_signature(
    header: &Header,
    file_type: FileType,
    root: &[u8; DIGEST_LEN],
    block: &[u8],
    offset: u64,
) -> Result<Option<Signed>, Error> {
    let mut signature = Signature([0; SIGNATURE_LEN]);
    signature.0.copy_from_slice(block);
    match header.signer {
        Some(key) => {
            signature::verify(key, file_type.word(), root, block)?;
            Ok(Some(Signed { key, signature }))
        }
        None if signature.0 == [0; SIGNATURE_LEN] => Ok(None),
        None => Err(Error::Format { offset, expected: "an empty signature block in an unsigned file" }),
    }
}

impl Sizes {
    /// Returns the lengths of names, records and index, if they can be lengths at all.
    fn parts(&self) -> Option<[u64; 3]> {
        let records = self.records.checked_mul(self.record_len)?;
        let index = self.records.div_ceil(CHUNK_RECORDS as u64).checked_mul(INDEX_ENTRY as u64)?;
        Some([self.names, records, index])
    }

    /// Returns the length of the whole file, if it can be one at all.
    pub(crate) fn file_len(&self) -> Option<u64> {
        let others = (HEADER_LEN + DIGEST_LEN + SIGNATURE_LEN) as u64;
        self.parts()?.iter().try_fold(others, |sum, part| sum.checked_add(*part))
    }
}

/// The index: where the records of a file are, and what each chunk of them must be.
#[derive(Clone)]
pub(crate) struct Index {
    offset: u64,
    record_len: usize,
    records: u64,
    entries: Vec<IndexEntry>,
}

impl Index {
    /// Makes the index of records that begin at `offset`.
    pub(crate) fn new(offset: u64, record_len: usize, records: u64, entries: Vec<IndexEntry>) -> Self {
        Self { offset, record_len, records, entries }
    }

    /// Returns the number of records.
    pub(crate) fn records(&self) -> u64 {
        self.records
    }

    /// Returns the number of chunks.
    pub(crate) fn chunks(&self) -> usize {
        self.entries.len()
    }

    pub(crate) fn entries(&self) -> &[IndexEntry] {
        &self.entries
    }

    pub(crate) fn into_entries(self) -> Vec<IndexEntry> {
        self.entries
    }

    /// Returns the token with which a chunk begins.
    pub(crate) fn first(&self, chunk: usize) -> Token {
        let mut bytes = [0; FIRST_LEN];
        bytes.copy_from_slice(&self.entries[chunk][..FIRST_LEN]);
        Token::from_bytes(bytes)
    }

    /// Returns the number of chunks that begin below a token.
    pub(crate) fn chunks_below(&self, token: &Token) -> usize {
        self.entries.partition_point(|entry| entry[..FIRST_LEN] < token.as_bytes()[..])
    }

    /// Returns the number of chunks that begin below a token or with it.
    pub(crate) fn chunks_up_to(&self, token: &Token) -> usize {
        self.entries.partition_point(|entry| entry[..FIRST_LEN] <= token.as_bytes()[..])
    }

    /// Returns the bytes of a whole chunk.
    pub(crate) fn chunk_len(&self) -> usize {
        CHUNK_RECORDS * self.record_len
    }

    /// Returns where a chunk begins in the file. For the number after the last chunk it is where the records end.
    pub(crate) fn start(&self, chunk: usize) -> u64 {
        let records = (chunk as u64 * CHUNK_RECORDS as u64).min(self.records);
        self.offset + records * self.record_len as u64
    }

    /// Refuses consecutive chunks that are not those of the index. Returns the first such chunk, and what is wrong with
    /// it.
    pub(crate) fn require(&self, first: usize, chunks: &[u8]) -> Result<(), (usize, Error)> {
        let Some(broken) = find_broken(first, chunks, self.chunk_len(), &self.entries) else { return Ok(()) };
        let expected = "the chunk that the index tells";
        Err((broken, Error::Format { offset: self.start(broken), expected }))
    }

    /// Reads the entries, a piece at a time. So an index that does not ascend costs only its beginning.
    fn read(&mut self, source: &dyn ReadAt, offset: u64, len: u64, ascending: bool) -> Result<(), Error> {
        let chunks = usize::try_from(len / INDEX_ENTRY as u64);
        let chunks = chunks.map_err(|_| Error::Io(io::ErrorKind::OutOfMemory.into()))?;
        while self.chunks() < chunks {
            let from = self.chunks();
            let piece = PIECE.min(chunks - from);
            grow(&mut self.entries, piece, chunks)?;
            self.entries.resize(from + piece, [0; INDEX_ENTRY]);
            let bytes = self.entries[from..].as_flattened_mut();
            read_at(source, bytes, offset + (from * INDEX_ENTRY) as u64)?;
            if ascending {
                self.require_order(from)?;
            }
        }
        Ok(())
    }

    /// Refuses an index whose first tokens do not ascend, from this chunk on. The order within and between chunks is
    /// checked when they are read.
    fn require_order(&self, from: usize) -> Result<(), Error> {
        match (from.max(1)..self.chunks()).find(|&chunk| self.first(chunk - 1) >= self.first(chunk)) {
            None => Ok(()),
            Some(chunk) => Err(out_of_order(self.start(chunk))),
        }
    }
}

/// The number of entries of the index that are read at a time: 192 KiB.
const PIECE: usize = 1 << 12;

pub(crate) fn out_of_order(offset: u64) -> Error {
    Error::Format { offset, expected: "tokens in ascending order, each once" }
}

/// Reads bytes that the length of the file has shown to be there.
fn read(source: &dyn ReadAt, offset: u64, len: u64) -> Result<Vec<u8>, Error> {
    let mut bytes = zeros(len)?;
    read_at(source, &mut bytes, offset)?;
    Ok(bytes)
}

/// Reads bytes that were there when the file was opened.
pub(crate) fn read_at(source: &dyn ReadAt, buffer: &mut [u8], offset: u64) -> Result<(), Error> {
    source.read_exact_at(buffer, offset).map_err(|error| match error.kind() {
        io::ErrorKind::UnexpectedEof => {
            Error::Format { offset, expected: "what was there when the file was opened: it was cut" }
        }
        _ => error.into(),
    })
}
