//! Tokens of consecutive chunks in memory.

use std::fmt;
use std::ops::Range;

use crate::error::Error;
use crate::token::{Token, append};

use super::chunked::Chunked;

/// Tokens of consecutive chunks, verified; their room is used again.
#[derive(Default)]
pub struct TokenBuffer {
    bytes: Vec<u8>,
    tokens: Vec<Token>,
}

impl TokenBuffer {
    /// Makes a page without tokens.
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns the tokens that were read last, in order; none after an error.
    pub fn tokens(&self) -> &[Token] {
        &self.tokens
    }

    /// Reads and verifies consecutive chunks; they replace what was there.
    pub(crate) fn read(&mut self, from: &Chunked, chunks: Range<usize>) -> Result<(), Error> {
        self.tokens.clear();
        let read = from.read_tokens(chunks, &mut self.bytes, |read| append(read, &mut self.tokens));
        if read.is_err() {
            self.tokens.clear();
        }
        read
    }
}

impl fmt::Debug for TokenBuffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenBuffer").field("tokens", &self.tokens.len()).finish()
    }
}
