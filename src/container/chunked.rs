//! Records on disk: read chunk by chunk, and verified before they are used.

use std::ops::Range;

use crate::error::Error;
use crate::token::Token;

use super::digest::TOGETHER;
use super::frame::{Index, out_of_order, read_at};
use super::read_at::ReadAt;

/// The records of a file whose other parts are validated.
pub(crate) struct Chunked {
    source: Box<dyn ReadAt>,
    /// The name of the file in errors.
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

    /// Returns the one chunk that can hold a token, by the index; none if the token comes before all chunks.
    pub(crate) fn chunk_of(&self, token: &Token) -> Option<usize> {
        self.index.chunks_up_to(token).checked_sub(1)
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

    /// Reads consecutive chunks of tokens and calls `each` with the tokens of one chunk at a time. It verifies their
    /// order too, also across chunks.
    pub(crate) fn read_tokens(
        &self,
        chunks: Range<usize>,
        buffer: &mut Vec<u8>,
        mut each: impl FnMut(&[[u8; Token::LEN]]),
    ) -> Result<(), Error> {
        let mut wrong = None;
        let mut last = None;
        let mut chunk = chunks.start;
        let end = chunks.end;
        self.read(chunks, buffer, |bytes| {
            let (tokens, _) = bytes.as_chunks();
            let begins_wrong = last.is_some_and(|last| last >= u128::from_be_bytes(tokens[0]));
            last = tokens.last().map(|token| u128::from_be_bytes(*token));
            let at = if begins_wrong { Some(0) } else { first_not_above(tokens) };
            wrong = wrong.or(at.map(|at| (chunk, at)));
            chunk += 1;
            each(tokens);
        })?;
        if end < self.index.chunks()
            && last.is_some_and(|last| last >= u128::from_be_bytes(*self.index.first(end).as_bytes()))
        {
            wrong = wrong.or(Some((end, 0)));
        }
        let Some((chunk, at)) = wrong else { return Ok(()) };
        Err(self.at_chunk(out_of_order(self.index.start(chunk) + (at * Token::LEN) as u64), chunk))
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

/// Returns the place of the first token that is not above the one before it.
fn first_not_above(tokens: &[[u8; Token::LEN]]) -> Option<usize> {
    // Leading words decide nearly all pairs, without a branch. If they do not decide one, everything is compared.
    let leading = |token: &[u8; Token::LEN]| (u128::from_be_bytes(*token) >> 64) as u64;
    let (before, after) = (tokens.iter(), tokens.iter().skip(1));
    let ascending = before.zip(after).fold(true, |so_far, (a, b)| so_far & (leading(a) < leading(b)));
    if ascending {
        return None;
    }
    tokens.windows(2).position(|pair| pair[0] >= pair[1]).map(|at| at + 1)
}
