//! HMAC-SHA-256 under one key, in batches: the seam behind which faster back ends fit.
//!
//! The SHA-256 states after the inner and the outer key block are kept (RFC 2104, section 4), so a message
//! of up to 55 bytes costs two compressions. This is the portable back end, on the block interface of
//! `sha2`; each tokeniser checks it against `hmac` under its own key before its first token.
//!
//! The keyed states and the batch are wiped when dropped. The blocks on the stack are not.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use sha2::block_api::compress256;
use zeroize::Zeroize as _;

use crate::error::Error;
use crate::identifier::Canonical;
use crate::key::TokenKey;
use crate::token::Token;

const BLOCK: usize = 64;

/// SHA-256's initial hash value (FIPS 180-4, section 5.3.3).
const INITIAL: [u32; 8] =
    [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];

/// The keyed inner and outer states.
pub(super) struct Lanes {
    inner: [u32; 8],
    outer: [u32; 8],
}

impl Lanes {
    /// Absorbs the key and proves the result against the package `hmac`.
    pub(super) fn new(key: &TokenKey) -> Result<Self, Error> {
        let lanes = Self { inner: keyed(key, 0x36), outer: keyed(key, 0x5c) };
        let message: [u8; 255] = std::array::from_fn(|index| index as u8);
        // Around every boundary of padding and blocks that a canonical form can reach.
        for len in [0, 1, 16, 55, 56, 63, 64, 119, 120, 128, 255] {
            if lanes.token(&message[..len]) != reference(key, &message[..len]) {
                return Err(Error::SelfTest);
            }
        }
        Ok(lanes)
    }

    /// The token of one message.
    pub(super) fn token(&self, message: &[u8]) -> Token {
        let mut state = self.inner;
        let (blocks, rest) = message.as_chunks::<BLOCK>();
        compress256(&mut state, blocks);
        let mut last = [0; BLOCK];
        last[..rest.len()].copy_from_slice(rest);
        last[rest.len()] = 0x80;
        if rest.len() >= BLOCK - 8 {
            compress256(&mut state, &[last]);
            last = [0; BLOCK];
        }
        last[BLOCK - 8..].copy_from_slice(&bits(BLOCK + message.len()));
        compress256(&mut state, &[last]);

        let mut digest = [0; BLOCK];
        digest[..32].copy_from_slice(bytes(&state).as_flattened());
        digest[32] = 0x80;
        digest[BLOCK - 8..].copy_from_slice(&bits(BLOCK + 32));
        let mut state = self.outer;
        compress256(&mut state, &[digest]);
        let mut token = [0; Token::LEN];
        token.copy_from_slice(&bytes(&state).as_flattened()[..Token::LEN]);
        Token::from_bytes(token)
    }

    /// The tokens of a batch, in order, each with the row that was staged with it; empties the batch.
    pub(super) fn drain(&self, batch: &mut Batch, mut found: impl FnMut(u64, Token)) {
        for (message, row) in batch.messages.iter().zip(&batch.rows[..batch.len]) {
            found(*row, self.token(message.as_bytes()));
        }
        batch.len = 0;
    }
}

impl Drop for Lanes {
    fn drop(&mut self) {
        self.inner.zeroize();
        self.outer.zeroize();
    }
}

/// Canonical forms staged to be hashed together: a few dozen independent messages keep a wide unit busy.
pub(super) struct Batch {
    messages: Box<[Canonical; Batch::LEN]>,
    rows: [u64; Batch::LEN],
    len: usize,
}

impl Batch {
    const LEN: usize = 32;

    pub(super) fn new() -> Self {
        Self { messages: Box::new([const { Canonical::new() }; Self::LEN]), rows: [0; Self::LEN], len: 0 }
    }

    pub(super) fn is_full(&self) -> bool {
        self.len == Self::LEN
    }

    /// The place for the next canonical form; it counts once it is kept.
    pub(super) fn next(&mut self) -> &mut Canonical {
        &mut self.messages[self.len]
    }

    /// Keeps what was written to the next place.
    pub(super) fn keep(&mut self, row: u64) {
        self.rows[self.len] = row;
        self.len += 1;
    }
}

/// The state after the key block, which HMAC xors with a constant.
fn keyed(key: &TokenKey, pad: u8) -> [u32; 8] {
    let mut block = [pad; BLOCK];
    block.iter_mut().zip(key.as_bytes()).for_each(|(byte, key)| *byte ^= key);
    let mut state = INITIAL;
    compress256(&mut state, &[block]);
    block.zeroize();
    state
}

fn bits(bytes: usize) -> [u8; 8] {
    (8 * bytes as u64).to_be_bytes()
}

fn bytes(state: &[u32; 8]) -> [[u8; 4]; 8] {
    state.map(u32::to_be_bytes)
}

/// The same by the package `hmac`, message by message.
fn reference(key: &TokenKey, message: &[u8]) -> Token {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(message);
    let mut token = [0; Token::LEN];
    token.copy_from_slice(&mac.finalize().into_bytes()[..Token::LEN]);
    Token::from_bytes(token)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A token key holds 32 bytes; HMAC pads shorter keys with zeros, so those can be tested too.
    fn lanes(key: &[u8]) -> Option<(Lanes, TokenKey)> {
        let mut bytes = [0; TokenKey::LEN];
        bytes.get_mut(..key.len())?.copy_from_slice(key);
        let key = TokenKey::from_bytes(&mut bytes);
        Some((Lanes::new(&key).unwrap(), key))
    }

    fn hex(text: &str) -> Vec<u8> {
        let digits = text.as_bytes().chunks_exact(2);
        digits.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
    }

    #[test]
    fn every_length_agrees_with_hmac_and_ring() {
        let (lanes, key) = lanes(&std::array::from_fn::<u8, 32, _>(|index| 3 * index as u8 + 1)).unwrap();
        let oracle = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, key.as_bytes());
        let message: Vec<u8> = (0..=300u32).map(|n| ((n * n) >> 3) as u8).collect();
        for len in 0..=300 {
            let token = lanes.token(&message[..len]);
            assert_eq!(token, reference(&key, &message[..len]), "{len}");
            assert_eq!(token.as_bytes(), &ring::hmac::sign(&oracle, &message[..len]).as_ref()[..16], "{len}");
        }
    }

    /// RFC 4231, test cases 1 to 4: those whose keys are no longer than a token key.
    #[test]
    fn the_vectors_of_rfc_4231_hold() {
        let cases = [
            (vec![0x0b; 20], b"Hi There".to_vec(), "b0344c61d8db38535ca8afceaf0bf12b"),
            (b"Jefe".to_vec(), b"what do ya want for nothing?".to_vec(), "5bdcc146bf60754e6a042426089575c7"),
            (vec![0xaa; 20], vec![0xdd; 50], "773ea91e36800e46854db8ebd09181a7"),
            ((1..=25).collect(), vec![0xcd; 50], "82558a389a443c0ea4cc819899f2083a"),
        ];
        for (key, message, tag) in cases {
            assert_eq!(lanes(&key).unwrap().0.token(&message).as_bytes().to_vec(), hex(tag));
        }
    }

    /// Wycheproof's vectors whose keys are no longer than a token key, from `VEILMATCH_SHARED`.
    #[test]
    fn the_vectors_of_wycheproof_hold() {
        let folder = std::env::var("VEILMATCH_SHARED")
            .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/../shared").into());
        let path = std::path::Path::new(&folder).join("vectors/wycheproof_hmac_sha256.json");
        let Ok(bytes) = std::fs::read(&path) else {
            assert!(
                std::env::var_os("VEILMATCH_REQUIRE_SHARED").is_none(),
                "no vectors at {}",
                path.display()
            );
            eprintln!("skipped: no vectors at {}", path.display());
            return;
        };
        let vectors: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
        let groups = vectors["testGroups"].as_array().unwrap();
        let mut checked = 0;
        for test in groups.iter().flat_map(|group| group["tests"].as_array().unwrap()) {
            let field = |name: &str| hex(test[name].as_str().unwrap());
            let Some((lanes, _)) = lanes(&field("key")) else { continue };
            if test["result"] == "valid" {
                let token = lanes.token(&field("msg"));
                assert_eq!(token.as_bytes()[..], field("tag")[..16], "{}", test["tcId"]);
                checked += 1;
            }
        }
        assert!(checked >= 60, "only {checked} vectors");
    }
}
