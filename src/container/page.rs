//! Tokens of consecutive chunks in memory.

use std::fmt;
use std::ops::Range;

use crate::error::Error;
use crate::token::{Token, append};

use super::chunked::Chunked;

/// Tokens of consecutive chunks, verified; room that is used again.
#[derive(Default)]
pub struct TokenBuffer {
    bytes: Vec<u8>,
    tokens: Vec<Token>,
}

impl TokenBuffer {
    /// No tokens yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// What was read last, in order; nothing after an error.
    pub fn tokens(&self) -> &[Token] {
        &self.tokens
    }

    /// Reads and verifies consecutive chunks in the place of what was there.
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
