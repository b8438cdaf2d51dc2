//! Records on disk: read chunk by chunk, and verified before they are used.

use std::ops::Range;

use crate::error::Error;
use crate::token::Token;

use super::CHUNK_RECORDS;
use super::digest::TOGETHER;
use super::frame::{Index, out_of_order, read_at};
use super::read_at::ReadAt;

/// The records of a file of which everything else is validated.
pub(crate) struct Chunked {
    source: Box<dyn ReadAt>,
    /// What errors call it.
    name: String,
    index: Index,
}

impl Chunked {
    pub(crate) fn new(source: Box<dyn ReadAt>, name: String, index: Index) -> Self {
        Self { source, name, index }
    }

    pub(crate) fn index(&self) -> &Index {
        &self.index
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Reads consecutive chunks and calls `each` with the bytes that were verified.
    ///
    /// # Errors
    ///
    /// [`Error::At`] this file and chunk: [`Error::Format`] where a chunk is not the one that the index tells or
    /// the file has become shorter, [`Error::Io`] where reading fails.
    pub(crate) fn read(
        &self,
        chunks: Range<usize>,
        buffer: &mut Vec<u8>,
        mut each: impl FnMut(&[u8]),
    ) -> Result<(), Error> {
        let mut from = chunks.start;
        while from < chunks.end {
            let to = chunks.end.min(from + TOGETHER);
            let start = self.index.start(from);
            buffer.resize((self.index.start(to) - start) as usize, 0);
            read_at(&*self.source, buffer, start).map_err(|error| self.at_chunk(error, from))?;
            self.index.require(from, buffer).map_err(|(chunk, error)| self.at_chunk(error, chunk))?;
            buffer.chunks(self.index.chunk_len()).for_each(&mut each);
            from = to;
        }
        Ok(())
    }

    /// The same of records that are tokens, appended to `tokens`; their order is verified too, across chunks as well.
    pub(crate) fn read_tokens(
        &self,
        chunks: Range<usize>,
        buffer: &mut Vec<u8>,
        tokens: &mut Vec<Token>,
    ) -> Result<(), Error> {
        let before = tokens.len();
        let first = chunks.start;
        let end = chunks.end;
        self.read(chunks, buffer, |bytes| {
            let (bytes, _) = bytes.as_chunks::<{ Token::LEN }>();
            tokens.extend(bytes.iter().map(|bytes| Token::from_bytes(*bytes)));
        })?;
        let read = &tokens[before..];
        let mut wrong = read.windows(2).position(|pair| pair[0] >= pair[1]).map(|at| at + 1);
        if end < self.index.chunks() && read.last().is_some_and(|last| *last >= self.index.first(end)) {
            wrong = wrong.or(Some(read.len()));
        }
        let Some(wrong) = wrong else { return Ok(()) };
        let offset = self.index.start(first) + (wrong * Token::LEN) as u64;
        Err(self.at_chunk(out_of_order(offset), first + wrong / CHUNK_RECORDS))
    }

    fn at_chunk(&self, error: Error, chunk: usize) -> Error {
        match error {
            Error::Io(_) => {
                error.at(format!("{}, chunk {chunk} from byte {}", self.name, self.index.start(chunk)))
            }
            _ => error.at(format!("{}, chunk {chunk}", self.name)),
        }
    }
}
