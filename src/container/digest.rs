//! The digests of a file: of a chunk, of the index of all chunks, of a set's tokens.

use rayon::iter::{IndexedParallelIterator as _, ParallelIterator as _};
use rayon::slice::ParallelSlice as _;
use ring::digest::{Context, SHA256};

use crate::sha256::{BLOCK, Blocks, Several};
use crate::terms::ContentDigest;
use crate::token::Token;

use super::{CHUNK_RECORDS, FileType};

pub(crate) const DIGEST_LEN: usize = 32;

/// The length of the bytes that begin a record and that the index repeats: a token, except in a prefilter.
pub(crate) const FIRST_LEN: usize = 16;

/// The length of an entry of the index: a chunk's first 16 bytes and its digest.
pub(crate) const INDEX_ENTRY: usize = FIRST_LEN + DIGEST_LEN;

pub(crate) type IndexEntry = [u8; INDEX_ENTRY];

/// Appends the entries of consecutive chunks, which follow the chunks that the index has.
pub(crate) fn index_entries(chunks: &[u8], chunk_len: usize, index: &mut Vec<IndexEntry>) {
    index.extend(entries(index.len(), chunks, chunk_len));
}

/// Returns the entries of consecutive chunks; `first` is the number of the first of them.
fn entries(first: usize, chunks: &[u8], chunk_len: usize) -> Vec<IndexEntry> {
    let mut entries = Vec::with_capacity(chunks.len().div_ceil(chunk_len));
    each_digest(first, chunks, chunk_len, |_, chunk, digest| {
        let mut entry = [0; INDEX_ENTRY];
        entry[..FIRST_LEN].copy_from_slice(&chunk[..FIRST_LEN]);
        entry[FIRST_LEN..].copy_from_slice(digest);
        entries.push(entry);
    });
    entries
}

/// Does what [`index_entries`] does, in parallel.
///
/// A small file starts no pool: what one thread digests in one go stays on this thread.
pub(crate) fn par_index_entries(chunks: &[u8], chunk_len: usize, index: &mut Vec<IndexEntry>) {
    if chunks.len() <= TOGETHER * chunk_len {
        return index_entries(chunks, chunk_len, index);
    }
    let first = index.len();
    let groups = chunks.par_chunks(TOGETHER * chunk_len).enumerate();
    let groups: Vec<Vec<IndexEntry>> =
        groups.map(|(group, chunks)| entries(first + group * TOGETHER, chunks, chunk_len)).collect();
    index.extend(groups.into_iter().flatten());
}

/// Returns the number of the first chunk that is not the one that its entry tells. `first` is the number of the first
/// of these consecutive chunks.
pub(crate) fn find_broken(
    first: usize,
    chunks: &[u8],
    chunk_len: usize,
    index: &[IndexEntry],
) -> Option<usize> {
    let mut broken = None;
    each_digest(first, chunks, chunk_len, |at, chunk, digest| {
        let (first_bytes, expected) = index[first + at].split_at(FIRST_LEN);
        if broken.is_none() && !(chunk.starts_with(first_bytes) && digest == expected) {
            broken = Some(first + at);
        }
    });
    broken
}

/// The number of chunks of tokens that are digested together: half a MiB, which stays in a core's cache.
pub(crate) const TOGETHER: usize = 32;

/// Calls `each` with every chunk, in order, and its digest.
///
/// chunk digest = SHA-256("veilmatch/1 chunk" || u64(number) || bytes)
fn each_digest(first: usize, chunks: &[u8], chunk_len: usize, mut each: impl FnMut(usize, &[u8], &[u8])) {
    let whole = chunks.len() / chunk_len;
    let mut done = 0;
    if let Some(code) = Several::detect() {
        let mut digests = [[0; DIGEST_LEN]; TOGETHER];
        // A few messages take as long as many, so the last few are faster one by one.
        let worth = code.messages() / 2 + 1;
        while whole - done >= worth {
            let count = (whole - done).min(code.messages()).min(TOGETHER);
            let group = &chunks[done * chunk_len..][..count * chunk_len];
            let messages = ChunkMessages { first: (first + done) as u64, chunks: group, chunk_len };
            let blocks = (HEAD_LEN + chunk_len + 9).div_ceil(BLOCK);
            code.digests(&messages, blocks, &mut digests[..count]);
            let chunks = group.chunks_exact(chunk_len).zip(&digests);
            chunks.enumerate().for_each(|(at, (chunk, digest))| each(done + at, chunk, digest));
            done += count;
        }
    }
    for (at, chunk) in chunks[done * chunk_len..].chunks(chunk_len).enumerate() {
        let number = (first + done + at) as u64;
        each(done + at, chunk, &sha256(&[LABEL, &number.to_be_bytes(), chunk]));
    }
}

const LABEL: &[u8; 17] = b"veilmatch/1 chunk";

/// The length of the beginning of a chunk's message: label and number.
const HEAD_LEN: usize = LABEL.len() + 8;

/// Whole chunks as messages in padded blocks.
#[cfg_attr(not(target_arch = "x86_64"), allow(dead_code, reason = "there is no code that asks for blocks"))]
struct ChunkMessages<'a> {
    first: u64,
    chunks: &'a [u8],
    chunk_len: usize,
}

impl Blocks for ChunkMessages<'_> {
    #[inline]
    fn fill(&self, message: usize, number: usize, block: &mut [u8; BLOCK]) {
        let chunk = &self.chunks[message * self.chunk_len..][..self.chunk_len];
        let Some(start) = (number * BLOCK).checked_sub(HEAD_LEN) else {
            block[..LABEL.len()].copy_from_slice(LABEL);
            block[LABEL.len()..HEAD_LEN].copy_from_slice(&(self.first + message as u64).to_be_bytes());
            block[HEAD_LEN..].copy_from_slice(&chunk[..BLOCK - HEAD_LEN]);
            return;
        };
        if let Some(bytes) = chunk.get(start..start + BLOCK) {
            block.copy_from_slice(bytes);
            return;
        }
        // The last bytes, their padding, and in the last block the length in bits (FIPS 180-4, section 5.1.1).
        block.fill(0);
        if let Some(rest) = chunk.get(start..) {
            block[..rest.len()].copy_from_slice(rest);
            block[rest.len()] = 0x80;
        }
        if number + 1 == (HEAD_LEN + self.chunk_len + 9).div_ceil(BLOCK) {
            let bits = 8 * (HEAD_LEN + self.chunk_len) as u64;
            block[BLOCK - 8..].copy_from_slice(&bits.to_be_bytes());
        }
    }
}

/// SHA-256("veilmatch/1 tokens" || u64(tokens) || (first token || digest)…): the digest of the tokens alone, in
/// whatever file they stand.
pub(crate) fn content_digest(tokens: u64, index: &[IndexEntry]) -> ContentDigest {
    ContentDigest(sha256(&[b"veilmatch/1 tokens", &tokens.to_be_bytes(), index.as_flattened()]))
}

/// Returns the index of records that are tokens in memory; works in parallel.
pub(crate) fn token_index(tokens: &[Token]) -> Vec<IndexEntry> {
    let entries = |bytes: &mut Vec<u8>, (group, tokens): (usize, &[Token])| {
        bytes.clear();
        tokens.iter().for_each(|token| bytes.extend_from_slice(token.as_bytes()));
        entries(group * TOGETHER, bytes, CHUNK_RECORDS * Token::LEN)
    };
    let together = TOGETHER * CHUNK_RECORDS;
    if tokens.len() <= together {
        return entries(&mut Vec::new(), (0, tokens)); // a small set starts no pool
    }
    let groups = tokens.par_chunks(together).enumerate();
    let groups: Vec<Vec<IndexEntry>> = groups.map_init(Vec::new, entries).collect();
    groups.concat()
}

/// SHA-256("veilmatch/1 root" || lp(file type) || header || u64(records) || (first token || digest)…).
pub(crate) fn root(file_type: FileType, page: &[u8], records: u64, index: &[IndexEntry]) -> [u8; DIGEST_LEN] {
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

#[cfg(test)]
mod tests {
    use super::*;

    /// The digests agree, however many chunks are hashed together, whatever their length, and wherever they begin.
    #[test]
    fn digests_of_several_chunks_are_those_of_each() {
        for record_len in [16, 17, 18, 50, 272] {
            let chunk_len = CHUNK_RECORDS * record_len;
            for len in [0, 5 * record_len, 3 * chunk_len, 20 * chunk_len, 67 * chunk_len + record_len] {
                let bytes: Vec<u8> = (0..len).map(|at| (at * 31 + at / 4096) as u8).collect();
                let of = |(number, chunk): (usize, &[u8])| {
                    sha256(&[b"veilmatch/1 chunk", &(number as u64).to_be_bytes(), chunk])
                };
                let expected: Vec<_> = bytes.chunks(chunk_len).enumerate().map(of).collect();
                let (mut index, mut parallel) = (Vec::new(), Vec::new());
                let half = len / chunk_len / 2 * chunk_len;
                index_entries(&bytes[..half], chunk_len, &mut index);
                index_entries(&bytes[half..], chunk_len, &mut index);
                par_index_entries(&bytes, chunk_len, &mut parallel);
                assert!(index == parallel);
                assert!(
                    index
                        .iter()
                        .map(|entry| &entry[FIRST_LEN..])
                        .eq(expected.iter().map(|digest| &digest[..]))
                );
                assert_eq!(find_broken(0, &bytes, chunk_len, &index), None);
                for broken in 0..index.len() {
                    let mut index = index.clone();
                    index[broken][20] ^= 1;
                    assert_eq!(find_broken(0, &bytes, chunk_len, &index), Some(broken));
                }
            }
        }
    }
}
