//! Padded blocks staged to be hashed together.
//!
//! So a block has been in cache for some time when it is loaded. If it were loaded at once, it would wait for its own
//! stores.

use zeroize::Zeroize as _;

use crate::member::identifier::{Canonical, Short};
use crate::member::rows::At;
use crate::sha256::{BLOCK, ONE_BLOCK, Truncated};
use crate::token::Token;

use super::{Lanes, pad, padded_short};

/// Messages with the rows they came from; wiped when dropped.
pub(crate) struct Batch {
    blocks: Box<Blocks>,
    tokens: Box<[Truncated; Batch::LEN]>,
    rows: [At; Batch::LEN],
    /// Places of messages longer than a block: their places hold the token already.
    long: u128,
    len: usize,
    /// Number of places that have ever held a message.
    used: usize,
}

/// Blocks aligned to cache lines.
#[repr(align(64))]
struct Blocks([[u8; BLOCK]; Batch::LEN]);

impl Batch {
    /// The number of places, chosen by benchmark `tokenize`. Every back end takes it without a rest, and `long` has
    /// enough bits for it.
    pub(crate) const LEN: usize = 96;

    pub(crate) fn new() -> Self {
        Self {
            blocks: Box::new(Blocks([[0; BLOCK]; Self::LEN])),
            tokens: Box::new([[0; Token::LEN]; Self::LEN]),
            rows: [At::default(); Self::LEN],
            long: 0,
            len: 0,
            used: 0,
        }
    }

    pub(crate) fn is_full(&self) -> bool {
        self.len == Self::LEN
    }

    /// Stages a canonical form, for which there must be room.
    #[inline]
    pub(crate) fn stage(&mut self, lanes: &Lanes, canonical: &Canonical, row: At) {
        if let Some(form) = canonical.short() {
            return self.stage_short(form, row);
        }
        let len = canonical.as_bytes().len();
        let block = &mut self.blocks.0[self.len];
        if len <= ONE_BLOCK {
            *block = *canonical.first_block();
            pad(block, len);
        } else {
            // The token is put in its place, not returned at once, so that tokens come in order of row.
            block[..Token::LEN].copy_from_slice(lanes.token(canonical.as_bytes()).as_bytes());
            self.long |= 1 << self.len;
        }
        self.staged(row);
    }

    /// Stages a short canonical form, for which there must be room.
    #[inline]
    pub(crate) fn stage_short(&mut self, form: Short, row: At) {
        self.blocks.0[self.len] = padded_short(form);
        self.staged(row);
    }

    #[inline]
    fn staged(&mut self, row: At) {
        self.rows[self.len] = row;
        self.len += 1;
        self.used = self.used.max(self.len);
    }

    /// Hashes what is staged and calls `found` with every row and its token, in order; empties the batch.
    pub(crate) fn drain(&mut self, lanes: &Lanes, mut found: impl FnMut(At, Token)) {
        let len = self.hash(lanes);
        self.tokens[..len]
            .iter()
            .zip(&self.rows)
            .for_each(|(token, row)| found(*row, Token::from_bytes(*token)));
    }

    /// Hashes what is staged, so that [`Batch::token`] returns it, and empties the batch. Returns the number of
    /// messages.
    pub(crate) fn hash(&mut self, lanes: &Lanes) -> usize {
        let (len, mut long) = (std::mem::take(&mut self.len), std::mem::take(&mut self.long));
        // A back end may want more blocks than there are messages: then it hashes what was staged before.
        let hashed = lanes.code.blocks_for(len);
        lanes.hash(&self.blocks.0[..hashed], &mut self.tokens[..hashed]);
        while long != 0 {
            let place = long.trailing_zeros() as usize;
            let token = self.blocks.0[place].first_chunk().expect("a block is longer than a token");
            self.tokens[place] = *token;
            long &= long - 1;
        }
        len
    }

    /// Returns the token of the message that was staged at this place before the last [`Batch::hash`].
    #[inline]
    pub(crate) fn token(&self, place: usize) -> Token {
        Token::from_bytes(self.tokens[place])
    }
}

impl Drop for Batch {
    fn drop(&mut self) {
        self.blocks.0[..self.used].as_flattened_mut().zeroize(); // the others are zero
    }
}
