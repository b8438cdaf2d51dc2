//! What benchmarks measure by itself. It is no part of the interface, and may change in any release.

use std::fmt;

use crate::member::identifier::Canonical;
use crate::member::rows::At;
use crate::token::Token;

use super::Tokenizer;
use super::lanes::Batch;

/// Computes the two compressions of padded blocks, a multiple of 96, and nothing else.
pub fn hash_padded(tokenizer: &Tokenizer, blocks: &[[u8; 64]], tokens: &mut [Token]) {
    tokenizer.lanes.hash_whole_batches(blocks, tokens);
}

/// Room for 96 canonical forms that are hashed together.
pub struct Staged(Batch);

impl Staged {
    /// Makes room.
    #[expect(clippy::new_without_default, reason = "for benchmarks alone")]
    pub fn new() -> Self {
        Self(Batch::new())
    }

    /// Stages and hashes canonical forms, at most 96.
    pub fn hash(&mut self, tokenizer: &Tokenizer, forms: &[Canonical], tokens: &mut [Token]) {
        (0..).zip(forms).for_each(|(row, form)| self.0.stage(&tokenizer.lanes, form, At { row, line: row }));
        self.0.drain(&tokenizer.lanes, |at, token| tokens[at.row as usize] = token);
    }
}

impl fmt::Debug for Staged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Staged").finish_non_exhaustive()
    }
}
