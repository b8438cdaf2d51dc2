//! HMAC-SHA-256 under one key, in batches: the one door to the back ends.
//!
//! The SHA-256 states after the inner and the outer key block are kept (RFC 2104, section 4), so a message of up to 55
//! bytes costs two compressions. Such messages are staged as padded blocks, a few dozen before the first is hashed, and
//! `crate::sha256` hashes them together. Everything else goes through the portable back end. The machine decides which
//! back end serves, never a feature, and each tokeniser first checks it against `hmac` under its own key.
//!
//! The keyed states and the batch are wiped when dropped. The stack is not wiped: after a batch it holds no message,
//! but it holds the schedule of an outer hash, keyed digests of messages.

mod backend;
mod batch;
mod portable;
#[cfg(test)]
mod tests;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::error::Error;
use crate::member::identifier::Short;
use crate::member::key::TokenKey;
use crate::sha256::{BLOCK, Keyed, ONE_BLOCK, Truncated};
use crate::token::Token;

use backend::Code;

pub use backend::Backend;
pub(crate) use batch::Batch;

/// A key, absorbed, and the back end that uses it.
pub(crate) struct Lanes {
    keyed: Keyed,
    code: Code,
}

impl Lanes {
    /// Absorbs the key and takes the best back end that agrees with the package `hmac`.
    pub(crate) fn new(key: &TokenKey) -> Result<Self, Error> {
        let keyed = Keyed { inner: portable::absorb(key, 0x36), outer: portable::absorb(key, 0x5c) };
        let mut lanes = Self { keyed, code: Code::Portable };
        if !lanes.agrees_with_reference(key) {
            return Err(Error::SelfTest);
        }
        let passes = |code: &Code| lanes.agrees_with_portable(*code);
        lanes.code = Backend::available().filter_map(Backend::code).find(passes).ok_or(Error::SelfTest)?;
        Ok(lanes)
    }

    /// Uses another back end for hashing.
    pub(crate) fn with_backend(self, backend: Backend) -> Result<Self, Error> {
        let fails = |problem| Error::Backend { backend: backend.name(), problem };
        let code = backend.code().ok_or(fails("this machine lacks its instructions"))?;
        if !self.agrees_with_portable(code) {
            return Err(fails("it does not compute HMAC-SHA-256 correctly on this machine"));
        }
        Ok(Self { code, ..self })
    }

    pub(crate) fn backend(&self) -> Backend {
        self.code.backend()
    }

    /// Compares around every boundary of padding and blocks that a canonical form can reach.
    fn agrees_with_reference(&self, key: &TokenKey) -> bool {
        let message: [u8; 255] = std::array::from_fn(|index| index as u8);
        [0, 1, 16, 55, 56, 63, 64, 119, 120, 128, 255]
            .iter()
            .all(|len| self.token(&message[..*len]) == reference(key, &message[..*len]))
    }

    /// Compares every place of a full batch of messages of all lengths. Then compares batches that end in each way a
    /// back end has for a rest.
    fn agrees_with_portable(&self, code: Code) -> bool {
        let zero = Truncated::default();
        let mut messages = [[0; BLOCK]; Batch::LEN];
        let (mut expected, mut found) = ([zero; Batch::LEN], [zero; Batch::LEN]);
        for (place, block) in messages.iter_mut().enumerate() {
            let message: [u8; ONE_BLOCK] = std::array::from_fn(|index| (7 * place + 3 * index) as u8);
            *block = padded(&message[..place % (ONE_BLOCK + 1)]);
        }
        portable::hash(&self.keyed, &messages, &mut expected);
        code.hash(&self.keyed, &messages, &mut found);
        found == expected
            && [1, 2, Batch::LEN / 3 - 1, Batch::LEN / 2 + 1].into_iter().all(|len| {
                let hashed = code.blocks_for(len);
                let mut found = [zero; Batch::LEN];
                code.hash(&self.keyed, &messages[..hashed], &mut found[..hashed]);
                found[..len] == expected[..len]
            })
    }

    /// Makes the token of one message of any length.
    pub(crate) fn token(&self, message: &[u8]) -> Token {
        portable::token(&self.keyed, message)
    }

    /// Makes the tokens of padded blocks, as many as whole batches have.
    pub(crate) fn hash_whole_batches(&self, blocks: &[[u8; BLOCK]], tokens: &mut [Token]) {
        assert!(blocks.len() == tokens.len() && blocks.len().is_multiple_of(Batch::LEN));
        let (blocks, _) = blocks.as_chunks::<{ Batch::LEN }>();
        let (tokens, _) = tokens.as_chunks_mut::<{ Batch::LEN }>();
        let mut hashed = [Truncated::default(); Batch::LEN];
        for (blocks, tokens) in blocks.iter().zip(tokens) {
            self.hash(blocks, &mut hashed);
            *tokens = hashed.map(Token::from_bytes);
        }
    }

    /// Makes the tokens of padded blocks; there are as many blocks as the back end takes.
    fn hash(&self, blocks: &[[u8; BLOCK]], tokens: &mut [Truncated]) {
        self.code.hash(&self.keyed, blocks, tokens);
    }
}

/// Pads a block that is zero after a message of at most [`ONE_BLOCK`] bytes.
#[inline]
fn pad(block: &mut [u8; BLOCK], len: usize) {
    block[len] = 0x80;
    block[BLOCK - 8..].copy_from_slice(&message_bits(len));
}

/// Returns the one padded block of a short form, from registers.
#[inline]
fn padded_short(form: Short) -> [u8; BLOCK] {
    let mut block = [0; BLOCK];
    let (words, _) = block.as_chunks_mut::<8>();
    for (place, (word, text)) in words.iter_mut().zip(form.words()).enumerate() {
        let padding = if form.len() / 8 == place { 0x80 << (8 * (form.len() % 8)) } else { 0 };
        *word = (text | padding).to_le_bytes();
    }
    words[BLOCK / 8 - 1] = message_bits(form.len());
    block
}

/// Returns the one padded block of a message of at most [`ONE_BLOCK`] bytes.
fn padded(message: &[u8]) -> [u8; BLOCK] {
    let mut block = [0; BLOCK];
    block[..message.len()].copy_from_slice(message);
    pad(&mut block, message.len());
    block
}

/// Returns what the padding of an inner message states: its length in bits, key block included.
#[inline]
fn message_bits(len: usize) -> [u8; 8] {
    (8 * (BLOCK + len) as u64).to_be_bytes()
}

/// Makes the token by the package `hmac`.
fn reference(key: &TokenKey, message: &[u8]) -> Token {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(message);
    let mut token = [0; Token::LEN];
    token.copy_from_slice(&mac.finalize().into_bytes()[..Token::LEN]);
    Token::from_bytes(token)
}
