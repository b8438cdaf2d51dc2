//! Writes records one after the other, in chunks. Each chunk is digested.

use std::io::{Seek, SeekFrom, Write};
use std::sync::OnceLock;

use crate::error::Error;
use crate::terms::{ContentDigest, Signature};
use crate::token::Token;

use super::digest::{IndexEntry, TOGETHER, index_entries, par_index_entries, root};
use super::frame::Index;
use super::header::Header;
use super::signature::Signer;
use super::{CHUNK_RECORDS, FileType, HEADER_LEN, SIGNATURE_LEN, Signed, signature};

/// The number of chunks that are kept back to be digested together, in parallel. It is smaller where many files are
/// written at a time.
const IN_PARALLEL: usize = 4 * TOGETHER;
const FEW: usize = 8;

/// A file whose header is written and whose records follow.
///
/// Memory: 128 chunks, or 8 for a share, and the index, 48 bytes for each 1,024 records.
pub(crate) struct Records<'a> {
    file_type: FileType,
    page: Vec<u8>,
    signer: Option<&'a dyn Signer>,
    chunks: Chunks,
    out: &'a mut dyn Write,
}

impl<'a> Records<'a> {
    /// Writes header and names. The header already tells how many records there will be.
    pub(crate) fn begin(
        file_type: FileType,
        header: &Header,
        names: &[u8],
        record_len: usize,
        signer: Option<&'a dyn Signer>,
        out: &'a mut dyn Write,
    ) -> Result<Self, Error> {
        let page = signed_page(file_type, header, signer)?;
        out.write_all(&page)?;
        out.write_all(names)?;
        let mut chunks = Chunks::new(record_len);
        if file_type == FileType::Share {
            chunks = Chunks { together: FEW, in_parallel: false, ..chunks };
        }
        Ok(Self { file_type, page, signer, chunks, out })
    }

    /// Appends any number of whole records.
    pub(crate) fn push(&mut self, records: &[u8]) -> Result<(), Error> {
        self.chunks.push(records, self.out)
    }

    /// Writes index, root and signature block. Returns the number of records; the caller compares it with what the
    /// header told.
    pub(crate) fn finish(self) -> Result<u64, Error> {
        let (records, index) = self.chunks.finish(self.out)?;
        close(self.file_type, &self.page, records, &index, self.signer, self.out)?;
        Ok(records)
    }
}

/// Writes a whole file of tokens. If their index is not known yet, it is known once the file is written.
///
/// While this thread writes tokens, which seals them too, one of the pool digests those that follow. A caller must hold no lock:
/// while this thread waits, it may take up other work of the pool.
///
/// Memory: one MiB, and the index.
pub(crate) fn write_tokens(
    file_type: FileType,
    header: &Header,
    tokens: &[Token],
    index: &OnceLock<Vec<IndexEntry>>,
    signer: Option<&dyn Signer>,
    out: &mut dyn Write,
) -> Result<(), Error> {
    let page = signed_page(file_type, header, signer)?;
    out.write_all(&page)?;
    let known = index.get();
    let mut made = Vec::new();
    let mut take = |tokens: &[Token], bytes: &mut Vec<u8>| {
        bytes.clear();
        tokens.iter().for_each(|token| bytes.extend_from_slice(token.as_bytes()));
        if known.is_none() {
            index_entries(bytes, CHUNK_RECORDS * Token::LEN, &mut made);
        }
    };
    let (mut bytes, mut following) = (Vec::new(), Vec::new());
    let mut groups = tokens.chunks(TOGETHER * CHUNK_RECORDS);
    groups.next().into_iter().for_each(|first| take(first, &mut bytes));
    for next in groups {
        rayon::in_place_scope(|scope| {
            scope.spawn(|_| take(next, &mut following));
            out.write_all(&bytes)
        })?;
        std::mem::swap(&mut bytes, &mut following);
    }
    out.write_all(&bytes)?;
    let made = known.is_none().then_some(made);
    let entries = known.or(made.as_ref()).expect("known, or made above");
    close(file_type, &page, tokens.len() as u64, entries, signer, out)?;
    made.into_iter().for_each(|made| _ = index.set(made)); // another thread may have been sooner, with the same
    Ok(())
}

/// An output that can be written at any place: a file, or bytes in memory in a cursor.
pub(crate) trait WriteAndSeek: Write + Seek {}

impl<T: Write + Seek> WriteAndSeek for T {}

/// A file whose header is written last, because only the records show what it must tell.
///
/// Until then zeros stand in its place: a file that is cut short is not valid.
pub(crate) struct LateHeader<'a> {
    file_type: FileType,
    start: u64,
    chunks: Chunks,
    out: &'a mut dyn WriteAndSeek,
}

impl<'a> LateHeader<'a> {
    /// Leaves room for the header and writes what stands between it and the records.
    pub(crate) fn begin(
        file_type: FileType,
        names: &[u8],
        record_len: usize,
        out: &'a mut dyn WriteAndSeek,
    ) -> Result<Self, Error> {
        let start = out.stream_position()?;
        out.write_all(&[0; HEADER_LEN])?;
        out.write_all(names)?;
        Ok(Self { file_type, start, chunks: Chunks::new(record_len), out })
    }

    /// Appends any number of whole records.
    pub(crate) fn push(&mut self, records: &[u8]) -> Result<(), Error> {
        self.chunks.push(records, &mut self.out)
    }

    /// Returns the number of records.
    pub(crate) fn records(&self) -> u64 {
        self.chunks.records
    }

    /// Completes the file. Returns its root, and the signature if there is a signer.
    pub(crate) fn finish(
        mut self,
        header: &Header,
        signer: Option<&dyn Signer>,
    ) -> Result<(ContentDigest, Option<Signed>), Error> {
        let page = signed_page(self.file_type, header, signer)?;
        let (records, index) = self.chunks.finish(&mut self.out)?;
        let closed = close(self.file_type, &page, records, &index, signer, &mut self.out)?;
        let end = self.out.stream_position()?;
        self.out.seek(SeekFrom::Start(self.start))?;
        self.out.write_all(&page)?;
        self.out.seek(SeekFrom::Start(end))?;
        self.out.flush()?;
        Ok(closed)
    }
}

/// Returns the header's page, with the key of the signer.
fn signed_page(file_type: FileType, header: &Header, signer: Option<&dyn Signer>) -> Result<Vec<u8>, Error> {
    let header = Header { signer: signer.map(Signer::key), ..header.clone() };
    header.to_page(file_type).ok_or(Error::Metadata)
}

/// Writes what follows the records: index, root and signature block. Returns the latter two.
fn close(
    file_type: FileType,
    page: &[u8],
    records: u64,
    index: &[IndexEntry],
    signer: Option<&dyn Signer>,
    out: &mut dyn Write,
) -> Result<(ContentDigest, Option<Signed>), Error> {
    out.write_all(index.as_flattened())?;
    let root = root(file_type, page, records, index);
    out.write_all(&root)?;
    let sign = |signer: &dyn Signer| {
        let signature = Signature(signature::sign(signer, file_type.word(), &root)?);
        Ok::<_, Error>(Signed { key: signer.key(), signature })
    };
    let signed = signer.map(sign).transpose()?;
    out.write_all(&signed.map_or([0; SIGNATURE_LEN], |signed| signed.signature.0))?;
    Ok((ContentDigest(root), signed))
}

/// Cuts records into chunks and keeps the index.
pub(crate) struct Chunks {
    record_len: usize,
    records: u64,
    /// Number of chunks that are digested and written together.
    together: usize,
    in_parallel: bool,
    /// Records that are not written yet.
    waiting: Vec<u8>,
    index: Vec<IndexEntry>,
}

impl Chunks {
    pub(crate) fn new(record_len: usize) -> Self {
        let (waiting, index) = (Vec::new(), Vec::new());
        Self { record_len, records: 0, together: IN_PARALLEL, in_parallel: true, waiting, index }
    }

    /// Digests on this thread alone, for tasks of the pool that must not take up another task meanwhile.
    pub(crate) fn on_this_thread(record_len: usize) -> Self {
        Self { together: TOGETHER, in_parallel: false, ..Self::new(record_len) }
    }

    /// Appends whole records and writes whole chunks.
    pub(crate) fn push(&mut self, records: &[u8], out: &mut dyn Write) -> Result<(), Error> {
        debug_assert!(records.len().is_multiple_of(self.record_len));
        self.records += (records.len() / self.record_len) as u64;
        let together = self.together * CHUNK_RECORDS * self.record_len;
        let mut rest = records;
        while self.waiting.len() + rest.len() >= together {
            let (taken, after) = rest.split_at(together - self.waiting.len());
            rest = after;
            self.waiting.extend_from_slice(taken);
            self.write(out)?;
        }
        self.waiting.extend_from_slice(rest);
        Ok(())
    }

    /// Writes what is left. Returns the index of the records; they must have been written from the beginning of a file.
    pub(crate) fn finish_file(self, out: &mut dyn Write) -> Result<Index, Error> {
        let record_len = self.record_len;
        let (records, index) = self.finish(out)?;
        Ok(Index::new(0, record_len, records, index))
    }

    /// Writes what is left. Returns the number of records and the index.
    pub(crate) fn finish(mut self, out: &mut dyn Write) -> Result<(u64, Vec<IndexEntry>), Error> {
        self.write(out)?;
        Ok((self.records, self.index))
    }

    fn write(&mut self, out: &mut dyn Write) -> Result<(), Error> {
        let chunk_len = CHUNK_RECORDS * self.record_len;
        match self.in_parallel {
            true => par_index_entries(&self.waiting, chunk_len, &mut self.index),
            false => index_entries(&self.waiting, chunk_len, &mut self.index),
        }
        out.write_all(&self.waiting)?;
        self.waiting.clear();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::container::Metadata;
    use crate::container::digest::token_index;
    use crate::terms::Terms;

    #[test]
    fn tokens_are_digested_while_they_are_written_as_before() {
        let group = TOGETHER * CHUNK_RECORDS;
        for len in [0, 1, CHUNK_RECORDS, group - 1, group, group + 1, 3 * group + 5] {
            let token = |at: usize| Token::from_bytes((at as u128 + 1).to_be_bytes());
            let tokens: Vec<Token> = (0..len).map(token).collect();
            let header = Header::new(&Terms::example(), None, &Metadata::default(), len as u64).unwrap();
            let written = |index: &OnceLock<Vec<IndexEntry>>| {
                let mut out = Vec::new();
                write_tokens(FileType::Set, &header, &tokens, index, None, &mut out).unwrap();
                out
            };
            let (unknown, known) = (OnceLock::new(), OnceLock::from(token_index(&tokens)));
            assert!(written(&unknown) == written(&known), "{len}");
            assert!(unknown == known, "{len}");
        }
    }
}
