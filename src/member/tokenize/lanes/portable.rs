//! One message at a time through the block interface of `sha2`, on any machine and of any length.
//!
//! `sha2` finds the SHA unit of x86-64 and of aarch64 by itself.

use sha2::block_api::compress256;
use zeroize::Zeroize as _;

use crate::member::key::TokenKey;
use crate::sha256::{BLOCK, HMAC_DIGEST_BITS, INITIAL, Keyed, ONE_BLOCK, Truncated};
use crate::token::Token;

use super::message_bits;

/// Returns the state after the key block, which HMAC xors with a constant.
pub(crate) fn absorb(key: &TokenKey, pad: u8) -> [u32; 8] {
    let mut block = [pad; BLOCK];
    block.iter_mut().zip(key.as_bytes()).for_each(|(byte, key)| *byte ^= key);
    let mut state = INITIAL;
    compress256(&mut state, &[block]);
    block.zeroize();
    state
}

/// Makes the tokens of padded blocks.
pub(crate) fn hash(keyed: &Keyed, blocks: &[[u8; BLOCK]], tokens: &mut [Truncated]) {
    for (block, token) in blocks.iter().zip(tokens) {
        let mut state = keyed.inner;
        compress256(&mut state, std::slice::from_ref(block));
        *token = *finish(keyed, &state).as_bytes();
    }
}

/// Makes the token of one message of any length.
pub(crate) fn token(keyed: &Keyed, message: &[u8]) -> Token {
    let mut state = keyed.inner;
    let (blocks, rest) = message.as_chunks::<BLOCK>();
    compress256(&mut state, blocks);
    let mut last = [0; BLOCK];
    last[..rest.len()].copy_from_slice(rest);
    last[rest.len()] = 0x80;
    if rest.len() > ONE_BLOCK {
        compress256(&mut state, &[last]);
        last = [0; BLOCK];
    }
    last[BLOCK - 8..].copy_from_slice(&message_bits(message.len()));
    compress256(&mut state, &[last]);
    finish(keyed, &state)
}

/// Makes the token of the inner digest.
fn finish(keyed: &Keyed, inner: &[u32; 8]) -> Token {
    let mut digest = [0; BLOCK];
    digest[..32].copy_from_slice(inner.map(u32::to_be_bytes).as_flattened());
    digest[32] = 0x80;
    digest[BLOCK - 4..].copy_from_slice(&HMAC_DIGEST_BITS.to_be_bytes());
    let mut state = keyed.outer;
    compress256(&mut state, &[digest]);
    let mut token = [0; Token::LEN];
    token.copy_from_slice(&state.map(u32::to_be_bytes).as_flattened()[..Token::LEN]);
    Token::from_bytes(token)
}
