//! The digests of a file: of a chunk, of the index of all, of a set's tokens.

use rayon::iter::{IndexedParallelIterator as _, ParallelExtend as _, ParallelIterator as _};
use rayon::slice::ParallelSlice as _;
use ring::digest::{Context, SHA256};

use crate::domain::ContentDigest;
use crate::token::Token;

use super::{CHUNK_RECORDS, FileType};

pub(super) const DIGEST_LEN: usize = 32;

/// Every record begins with 16 bytes that the index repeats: a token, but in a prefilter.
pub(super) const FIRST_LEN: usize = 16;

/// A chunk's first 16 bytes and its digest.
pub(super) const INDEX_ENTRY: usize = FIRST_LEN + DIGEST_LEN;

pub(super) type IndexEntry = [u8; INDEX_ENTRY];

/// The entry of one chunk.
pub(super) fn index_entry(number: usize, chunk: &[u8]) -> IndexEntry {
    let mut entry = [0; INDEX_ENTRY];
    entry[..FIRST_LEN].copy_from_slice(&chunk[..FIRST_LEN]);
    entry[FIRST_LEN..].copy_from_slice(&chunk_digest(number, chunk));
    entry
}

/// Appends the entries of consecutive chunks, which come after those that are there.
pub(super) fn index_entries(chunks: &[u8], chunk_len: usize, index: &mut Vec<IndexEntry>) {
    let first = index.len();
    index.extend((first..).zip(chunks.chunks(chunk_len)).map(|(number, chunk)| index_entry(number, chunk)));
}

/// The same in parallel.
pub(super) fn par_index_entries(chunks: &[u8], chunk_len: usize, index: &mut Vec<IndexEntry>) {
    let first = index.len();
    let chunks = chunks.par_chunks(chunk_len).enumerate();
    index.par_extend(chunks.map(|(at, chunk)| index_entry(first + at, chunk)));
}

/// Whether a chunk is the one that its entry tells.
pub(super) fn is_chunk(number: usize, chunk: &[u8], entry: &IndexEntry) -> bool {
    let (first, digest) = entry.split_at(FIRST_LEN);
    chunk.starts_with(first) && chunk_digest(number, chunk) == *digest
}

/// SHA-256("veilmatch/1 chunk" || u64(number) || bytes).
fn chunk_digest(number: usize, bytes: &[u8]) -> [u8; DIGEST_LEN] {
    sha256(&[b"veilmatch/1 chunk", &(number as u64).to_be_bytes(), bytes])
}

/// SHA-256("veilmatch/1 tokens" || u64(tokens) || (first token || digest)…): of tokens alone, whatever file they
/// stand in.
pub(super) fn content_digest(tokens: u64, index: &[IndexEntry]) -> ContentDigest {
    ContentDigest(sha256(&[b"veilmatch/1 tokens", &tokens.to_be_bytes(), index.as_flattened()]))
}

/// The same of tokens in memory.
pub(super) fn content_digest_of(tokens: &[Token]) -> ContentDigest {
    let entries = tokens.par_chunks(CHUNK_RECORDS).enumerate().map(|(number, tokens)| {
        let mut chunk = Vec::with_capacity(Token::LEN * tokens.len());
        tokens.iter().for_each(|token| chunk.extend_from_slice(token.as_bytes()));
        index_entry(number, &chunk)
    });
    let index: Vec<IndexEntry> = entries.collect();
    content_digest(tokens.len() as u64, &index)
}

/// SHA-256("veilmatch/1 root" || lp(file type) || header || u64(records) || (first token || digest)…).
pub(super) fn root(file_type: FileType, page: &[u8], records: u64, index: &[IndexEntry]) -> [u8; DIGEST_LEN] {
    let word = file_type.word().as_bytes();
    let lp = (word.len() as u16).to_be_bytes();
    sha256(&[b"veilmatch/1 root", &lp, word, page, &records.to_be_bytes(), index.as_flattened()])
}

pub(crate) fn sha256(parts: &[&[u8]]) -> [u8; DIGEST_LEN] {
    let mut context = Context::new(&SHA256);
    parts.iter().for_each(|part| context.update(part));
    let mut digest = [0; DIGEST_LEN];
    digest.copy_from_slice(context.finish().as_ref());
    digest
}
