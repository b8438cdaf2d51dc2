//! What follows the header: names, records, chunk digests, root, signature block.

use std::io::Write;

use rayon::iter::{IndexedParallelIterator as _, ParallelIterator as _};
use rayon::slice::ParallelSlice as _;
use ring::digest::{Context, SHA256};

use crate::domain::ContentDigest;
use crate::error::Error;
use crate::token::Token;

use super::header::Header;
use super::signature::{self, Signer};
use super::{CHUNK_RECORDS, FileType, HEADER_LEN, SIGNATURE_LEN};

const DIGEST_LEN: usize = 32;

/// Every record begins with 16 bytes that the index repeats: a token, but in a prefilter.
const FIRST_LEN: usize = 16;

const INDEX_ENTRY: usize = FIRST_LEN + DIGEST_LEN;

/// The content of a file: its header, the block of names, and records of one length.
pub(super) struct Content<'a> {
    pub(super) header: &'a Header,
    pub(super) names: &'a [u8],
    pub(super) record_len: usize,
    pub(super) records: usize,
}

impl Content<'_> {
    /// Writes the file, signed if somebody signs; `record(i, buffer)` appends record `i`.
    ///
    /// Holds one chunk and the index in memory: 48 bytes for each 1,024 records.
    pub(super) fn write(
        &self,
        file_type: FileType,
        signer: Option<&dyn Signer>,
        out: &mut dyn Write,
        record: impl Fn(usize, &mut Vec<u8>),
    ) -> Result<(), Error> {
        let header = Header { signer: signer.map(Signer::key), ..self.header.clone() };
        let page = header.to_page(file_type).ok_or(Error::Stamp)?;
        out.write_all(&page)?;
        out.write_all(self.names)?;
        let mut index = Vec::with_capacity(self.records.div_ceil(CHUNK_RECORDS) * INDEX_ENTRY);
        let mut chunk = Vec::with_capacity(CHUNK_RECORDS.min(self.records) * self.record_len);
        for (number, first) in (0..self.records).step_by(CHUNK_RECORDS).enumerate() {
            chunk.clear();
            (first..self.records.min(first + CHUNK_RECORDS)).for_each(|at| record(at, &mut chunk));
            index.extend_from_slice(&chunk[..FIRST_LEN]);
            index.extend_from_slice(&chunk_digest(number, &chunk));
            out.write_all(&chunk)?;
        }
        out.write_all(&index)?;
        let root = root(file_type, &page, self.records, &index);
        out.write_all(&root)?;
        let signature = signer.map(|signer| signature::sign(signer, file_type.word(), &root)).transpose()?;
        out.write_all(&signature.unwrap_or([0; SIGNATURE_LEN]))?;
        Ok(())
    }
}

/// A file whose every byte has been validated but for what its records mean.
pub(super) struct Opened<'a> {
    pub(super) header: Header,
    pub(super) names: &'a [u8],
    pub(super) records: &'a [u8],
    pub(super) records_offset: usize,
}

/// What a header says about the sizes of what follows.
pub(super) struct Sizes {
    pub(super) names: u64,
    pub(super) record_len: u64,
    pub(super) records: u64,
}

/// Validates header, exact length, root, signature block and every chunk, in parallel.
///
/// `sizes` reads from the header what follows, or says what is wrong with it.
pub(super) fn open<'a>(
    bytes: &'a [u8],
    file_type: FileType,
    sizes: impl Fn(&Header) -> Result<Sizes, &'static str>,
) -> Result<Opened<'a>, Error> {
    let wrong = |offset: usize, expected| Error::Format { offset: offset as u64, expected };
    let Some((page, rest)) = bytes.split_at_checked(HEADER_LEN) else {
        return Err(wrong(bytes.len(), "a header of 4,096 bytes"));
    };
    let header = Header::from_page(page, file_type)?;
    let sizes = sizes(&header).map_err(|expected| wrong(file_type.magic().len(), expected))?;
    let Some([names, records, index, root_len, _]) = sizes.parts().filter(|parts| {
        parts.iter().try_fold(0usize, |sum, part| sum.checked_add(*part)) == Some(rest.len())
    }) else {
        return Err(wrong(bytes.len(), "exactly the length that the header tells"));
    };
    let (names, rest) = rest.split_at(names);
    let (records, rest) = rest.split_at(records);
    let (index, rest) = rest.split_at(index);
    let (root_read, signature) = rest.split_at(root_len);
    let records_offset = HEADER_LEN + names.len();
    let index_offset = records_offset + records.len();
    let root_offset = index_offset + index.len();

    let root = root(file_type, page, sizes.records as usize, index);
    if root != *root_read {
        return Err(wrong(root_offset, "the root of this header and index"));
    }
    match header.signer {
        Some(key) => signature::verify(key, file_type.word(), &root, signature)?,
        None if signature.iter().all(|byte| *byte == 0) => {}
        None => return Err(wrong(root_offset + root_len, "an empty signature block in an unsigned file")),
    }
    if let Some(block) = header.matched.as_ref().and_then(|matched| matched.names.as_ref())
        && sha256(&[names]) != block.digest.0
    {
        return Err(wrong(HEADER_LEN, "the names that the header's digest tells"));
    }
    let chunk_len = CHUNK_RECORDS * sizes.record_len as usize;
    let broken = records.par_chunks(chunk_len).zip(index.par_chunks(INDEX_ENTRY)).enumerate().find_first(
        |(number, (chunk, entry))| {
            let (first, digest) = entry.split_at(FIRST_LEN);
            !chunk.starts_with(first) || chunk_digest(*number, chunk) != *digest
        },
    );
    if let Some((number, _)) = broken {
        return Err(wrong(records_offset + number * chunk_len, "the chunk that the index tells"));
    }
    Ok(Opened { header, names, records, records_offset })
}

impl Sizes {
    /// Lengths of names, records, index, root and signature, if they can be lengths at all.
    fn parts(&self) -> Option<[usize; 5]> {
        let records = self.records.checked_mul(self.record_len)?;
        let index = self.records.div_ceil(CHUNK_RECORDS as u64).checked_mul(INDEX_ENTRY as u64)?;
        let len = |bytes: u64| usize::try_from(bytes).ok();
        Some([len(self.names)?, len(records)?, len(index)?, DIGEST_LEN, SIGNATURE_LEN])
    }
}

/// SHA-256("veilmatch/1 chunk" || u64(index) || bytes).
fn chunk_digest(index: usize, bytes: &[u8]) -> [u8; DIGEST_LEN] {
    sha256(&[b"veilmatch/1 chunk", &(index as u64).to_be_bytes(), bytes])
}

/// SHA-256("veilmatch/1 tokens" || u64(tokens) || (first token || digest)…): of tokens alone, whatever file they
/// stand in.
pub(super) fn content_digest(tokens: &[Token]) -> ContentDigest {
    let entries = tokens.par_chunks(CHUNK_RECORDS).enumerate().map(|(number, tokens)| {
        let mut chunk = Vec::with_capacity(Token::LEN * tokens.len());
        tokens.iter().for_each(|token| chunk.extend_from_slice(token.as_bytes()));
        let mut entry = [0; INDEX_ENTRY];
        entry[..FIRST_LEN].copy_from_slice(&chunk[..FIRST_LEN]);
        entry[FIRST_LEN..].copy_from_slice(&chunk_digest(number, &chunk));
        entry
    });
    let index: Vec<[u8; INDEX_ENTRY]> = entries.collect();
    let count = (tokens.len() as u64).to_be_bytes();
    ContentDigest(sha256(&[b"veilmatch/1 tokens", &count, index.as_flattened()]))
}

/// SHA-256("veilmatch/1 root" || lp(file type) || header || u64(records) || (first token || digest)…).
fn root(file_type: FileType, page: &[u8], records: usize, index: &[u8]) -> [u8; DIGEST_LEN] {
    let word = file_type.word().as_bytes();
    let lp = (word.len() as u16).to_be_bytes();
    sha256(&[b"veilmatch/1 root", &lp, word, page, &(records as u64).to_be_bytes(), index])
}

pub(crate) fn sha256(parts: &[&[u8]]) -> [u8; DIGEST_LEN] {
    let mut context = Context::new(&SHA256);
    parts.iter().for_each(|part| context.update(part));
    let mut digest = [0; DIGEST_LEN];
    digest.copy_from_slice(context.finish().as_ref());
    digest
}
