//! Reads and writes sets from their first byte to their last, without holding them: read while checked, written while
//! digested.
//!
//! A reader gives out tokens that are in order and were digested from the very buffer they are read from. Only the end
//! shows whether they are what the root stands for: until [`SetStream::finish`] do not use anything that came of them.
//! So a sealed file, in which no position can be chosen, streams too.

use std::io::{ErrorKind, Read, Write};

use crate::container::digest::{DIGEST_LEN, IndexEntry, index_entries, par_index_entries, root};
use crate::container::frame::{out_of_order, read_signature};
use crate::container::header::Header;
use crate::container::records::Chunks;
use crate::container::room::grow;
use crate::container::sizes::sizes;
use crate::container::{CHUNK_RECORDS, FileType, HEADER_LEN, SIGNATURE_LEN, Signed};
use crate::error::Error;
use crate::terms::ContentDigest;
use crate::token::Token;

use super::delta::Tokens;
use super::{SetHeader, TokenSet};

const CHUNK_LEN: usize = CHUNK_RECORDS * Token::LEN;

/// The number of chunks that are read at a time, and digested in parallel.
const TOGETHER: usize = 64;

/// Reads a file of type [`FileType::Set`]: 1 MiB in memory, and the index, 48 bytes for each 1,024 tokens.
pub(crate) struct SetStream<R> {
    reader: R,
    /// The name of the file in errors; empty where the caller names it.
    what: &'static str,
    /// Whether chunks are digested in the pool, and not on this thread alone.
    in_parallel: bool,
    header: Header,
    /// The header, without its signer: who signed shows at the end.
    pub(crate) set: SetHeader,
    page: Vec<u8>,
    index: Vec<IndexEntry>,
    chunks: Vec<u8>,
    /// Place of the next token in the chunks.
    at: usize,
    /// Number of tokens that are still to be read into the chunks.
    left: u64,
    last: Option<Token>,
    /// Number of bytes read so far, for errors.
    offset: u64,
}

impl<R: Read> SetStream<R> {
    /// Reads and checks the header.
    pub(crate) fn begin(mut reader: R, what: &'static str) -> Result<Self, Error> {
        let (mut page, mut offset) = (vec![0; HEADER_LEN], 0);
        let mut read = || {
            read_exactly(&mut reader, &mut page, &mut offset, "a header of 4,096 bytes")?;
            let header = Header::from_page(&page, FileType::Set)?;
            let offset = FileType::Set.magic().len() as u64;
            sizes(&header, FileType::Set).map_err(|expected| Error::Format { offset, expected })?;
            let set = header.clone().into_set(None)?;
            Ok((header, set))
        };
        let (header, set) = read().map_err(|error| named(what, error))?;
        let (left, index, chunks, in_parallel) = (header.tokens, Vec::new(), Vec::new(), true);
        Ok(Self {
            reader,
            what,
            in_parallel,
            header,
            set,
            page,
            index,
            chunks,
            at: 0,
            left,
            last: None,
            offset,
        })
    }

    /// Reads what is left, and checks that index, root and signature are those of what was read.
    pub(crate) fn finish(mut self) -> Result<(SetHeader, ContentDigest), Error> {
        let (signed, root) = self.read_rest().map_err(|error| named(self.what, error))?;
        Ok((SetHeader { signed, ..self.set }, root))
    }

    fn read_chunks(&mut self) -> Result<(), Error> {
        let tokens = self.left.min((TOGETHER * CHUNK_RECORDS) as u64);
        let start = self.offset;
        self.chunks.resize(tokens as usize * Token::LEN, 0);
        read_exactly(&mut self.reader, &mut self.chunks, &mut self.offset, LENGTH)?;
        for (at, bytes) in (0u64..).zip(self.chunks.as_chunks().0) {
            let token = Token::from_bytes(*bytes);
            if self.last >= Some(token) {
                return Err(out_of_order(start + at * Token::LEN as u64));
            }
            self.last = Some(token);
        }
        match self.in_parallel {
            true => par_index_entries(&self.chunks, CHUNK_LEN, &mut self.index),
            false => index_entries(&self.chunks, CHUNK_LEN, &mut self.index),
        }
        (self.at, self.left) = (0, self.left - tokens);
        Ok(())
    }

    fn read_rest(&mut self) -> Result<(Option<Signed>, ContentDigest), Error> {
        while self.left > 0 {
            self.read_chunks()?;
        }
        let wrong = |offset, expected| Err(Error::Format { offset, expected });
        let end = self.offset;
        for (number, found) in self.index.iter().enumerate() {
            let mut entry = [0; size_of::<IndexEntry>()];
            read_exactly(&mut self.reader, &mut entry, &mut self.offset, LENGTH)?;
            if entry != *found {
                let offset = HEADER_LEN as u64 + (number * CHUNK_LEN) as u64;
                return wrong(offset.min(end), "the chunk that the index tells");
            }
        }
        let at_root = self.offset;
        let mut read = [0; DIGEST_LEN];
        read_exactly(&mut self.reader, &mut read, &mut self.offset, LENGTH)?;
        if read != root(FileType::Set, &self.page, self.header.tokens, &self.index) {
            return wrong(at_root, "the root of this header and index");
        }
        let at_signature = self.offset;
        let mut block = [0; SIGNATURE_LEN];
        read_exactly(&mut self.reader, &mut block, &mut self.offset, LENGTH)?;
        if read_some(&mut self.reader, &mut [0])? > 0 {
            return wrong(self.offset, LENGTH);
        }
        let signed = read_signature(&self.header, FileType::Set, &read, &block, at_signature)?;
        Ok((signed, ContentDigest(read)))
    }
}

impl TokenSet {
    /// Reads a file of type [`FileType::Set`] from its first byte to its last, on this thread, and validates every byte of
    /// it: for a file that cannot be read at positions, such as a sealed one, and for several files at a time.
    ///
    /// `shown` is a number of bytes that the file is known to have, such as the size of a sealed one: room for as many tokens is
    /// made at once, and for more of them as they are found valid. Memory: 16 bytes a token, up to 24 while those are read that
    /// were not shown, 48 for each 1,024, and a MiB.
    ///
    /// # Errors
    ///
    /// [`Error::Format`], with the offset at which the fault shows; [`Error::Signature`], [`Error::Io`].
    pub fn read(file: impl Read, shown: u64) -> Result<Self, Error> {
        let mut stream = SetStream { in_parallel: false, ..SetStream::begin(file, "")? };
        let all = usize::try_from(stream.left).unwrap_or(usize::MAX);
        let mut tokens = Vec::new();
        let shown = usize::try_from(shown).unwrap_or(usize::MAX) / Token::LEN;
        grow(&mut tokens, shown.min(all), all)?;
        while stream.left > 0 {
            stream.read_chunks()?;
            let (read, _) = stream.chunks.as_chunks();
            grow(&mut tokens, read.len(), all)?;
            tokens.extend(read.iter().map(|bytes| Token::from_bytes(*bytes)));
        }
        let (signed, _) = stream.read_rest()?;
        Ok(Self::from_checked(SetHeader { signed, ..stream.set }, tokens, stream.index.into()))
    }
}

fn named(what: &str, error: Error) -> Error {
    if what.is_empty() { error } else { error.at(what) }
}

impl<R: Read> Tokens for SetStream<R> {
    #[inline]
    fn next(&mut self) -> Result<Option<Token>, Error> {
        if self.at == self.chunks.len() {
            if self.left == 0 {
                return Ok(None);
            }
            self.read_chunks().map_err(|error| named(self.what, error))?;
        }
        let mut bytes = [0; Token::LEN];
        bytes.copy_from_slice(&self.chunks[self.at..self.at + Token::LEN]);
        self.at += Token::LEN;
        Ok(Some(Token::from_bytes(bytes)))
    }
}

const LENGTH: &str = "exactly the length that the header tells";

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

/// Writes a file of type [`FileType::Set`] token by token, in order.
pub(crate) struct SetSink<'a> {
    out: &'a mut dyn Write,
    page: Vec<u8>,
    chunks: Chunks,
    waiting: Vec<u8>,
}

impl<'a> SetSink<'a> {
    pub(crate) fn begin(header: &Header, out: &'a mut dyn Write) -> Result<Self, Error> {
        let page = header.to_page(FileType::Set).ok_or(Error::Metadata)?;
        out.write_all(&page)?;
        Ok(Self { out, page, chunks: Chunks::new(Token::LEN), waiting: Vec::with_capacity(CHUNK_LEN) })
    }

    #[inline]
    pub(crate) fn push(&mut self, token: Token) -> Result<(), Error> {
        self.waiting.extend_from_slice(token.as_bytes());
        if self.waiting.len() < CHUNK_LEN {
            return Ok(());
        }
        let pushed = self.chunks.push(&self.waiting, self.out);
        self.waiting.clear();
        pushed
    }

    /// Writes index and root, and returns the root; the signature block is still to follow.
    pub(crate) fn finish(mut self) -> Result<ContentDigest, Error> {
        self.chunks.push(&self.waiting, self.out)?;
        let (tokens, index) = self.chunks.finish(self.out)?;
        self.out.write_all(index.as_flattened())?;
        let root = root(FileType::Set, &self.page, tokens, &index);
        self.out.write_all(&root)?;
        Ok(ContentDigest(root))
    }
}
