//! Tokens of consecutive chunks in memory.

use std::fmt;
use std::ops::Range;

use crate::error::Error;
use crate::token::{Token, append};

use super::chunked::Chunked;

/// Tokens of consecutive chunks, verified; their room is used again.
///
/// ```
/// # use veilmatch::terms::{Name, Terms};
/// # use veilmatch::{Token, TokenSet};
/// # let terms = Terms::example();
/// # let set = |name: &str, bytes: &[u8]| {
/// #     let tokens = bytes.iter().map(|byte| Token::from_bytes([*byte; 16])).collect();
/// #     Ok::<_, veilmatch::Error>(TokenSet::from_tokens(terms.clone(), Name::new(name)?, tokens))
/// # };
/// use veilmatch::SetFile;
/// use veilmatch::container::TokenBuffer;
///
/// # let mut bytes = Vec::new();
/// # set("bank-a", &[1, 2, 3])?.write_to(&mut bytes)?;
/// let file = SetFile::from_source(Box::new(bytes), "bank-a.vms")?;
/// let mut buffer = TokenBuffer::new();
/// for chunk in 0..file.chunks() {
///     file.read(chunk..chunk + 1, &mut buffer)?;
///     assert_eq!(buffer.tokens()[0], file.first_token(chunk));
/// }
/// # Ok::<(), veilmatch::Error>(())
/// ```
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
