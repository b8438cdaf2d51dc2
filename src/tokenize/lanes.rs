//! HMAC-SHA-256 under one key, in batches: the one door to the back ends.
//!
//! The SHA-256 states after the inner and the outer key block are kept (RFC 2104, section 4), so a message
//! of up to 55 bytes costs two compressions. Such messages are staged as padded blocks, a few dozen before
//! the first is hashed, and hashed two at a time where the machine has a SHA unit; everything else goes
//! through the portable back end, on the block interface of `sha2`. Which back end serves is the machine's
//! to say, never a feature's, and each tokeniser checks it against `hmac` under its own key first.
//!
//! The keyed states and the batch are wiped when dropped. The blocks on the stack are not.

#[cfg(target_arch = "x86_64")]
mod sha_ni;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use sha2::block_api::compress256;
use zeroize::Zeroize as _;

use crate::error::Error;
use crate::identifier::Canonical;
use crate::key::TokenKey;
use crate::token::Token;

const BLOCK: usize = 64;

/// Longest message that fits one block with its padding.
const ONE_BLOCK: usize = BLOCK - 9;

/// Length of the outer message, key block included: what its padding states.
const HMAC_DIGEST_BITS: u32 = 8 * (BLOCK as u32 + 32);

/// SHA-256's initial hash value (FIPS 180-4, section 5.3.3).
const INITIAL: [u32; 8] =
    [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];

/// Which code hashes padded blocks.
#[derive(Clone, Copy)]
enum Backend {
    Portable,
    #[cfg(target_arch = "x86_64")]
    ShaNi(sha_ni::ShaNi),
}

impl Backend {
    /// Every back end that this machine can run, the best first.
    fn available() -> impl Iterator<Item = Backend> {
        #[cfg(target_arch = "x86_64")]
        let fast = sha_ni::ShaNi::detect().map(Backend::ShaNi);
        #[cfg(not(target_arch = "x86_64"))]
        let fast = None;
        fast.into_iter().chain([Backend::Portable])
    }
}

/// The states after the inner and the outer key block.
struct Keyed {
    inner: [u32; 8],
    outer: [u32; 8],
}

impl Drop for Keyed {
    fn drop(&mut self) {
        self.inner.zeroize();
        self.outer.zeroize();
    }
}

/// A key, absorbed, and the back end that uses it.
pub(super) struct Lanes {
    keyed: Keyed,
    backend: Backend,
}

impl Lanes {
    /// Absorbs the key and takes the best back end that agrees with the package `hmac`.
    pub(super) fn new(key: &TokenKey) -> Result<Self, Error> {
        Backend::available()
            .map(|backend| Self::with(backend, key))
            .find(|lanes| lanes.agrees_with_reference(key))
            .ok_or(Error::SelfTest)
    }

    /// Name of the back end.
    pub(super) fn backend(&self) -> &'static str {
        match self.backend {
            Backend::Portable => "portable",
            #[cfg(target_arch = "x86_64")]
            Backend::ShaNi(_) => "sha-ni",
        }
    }

    fn with(backend: Backend, key: &TokenKey) -> Self {
        Self { keyed: Keyed { inner: absorb(key, 0x36), outer: absorb(key, 0x5c) }, backend }
    }

    /// Compares around every boundary of padding and blocks that a canonical form can reach.
    fn agrees_with_reference(&self, key: &TokenKey) -> bool {
        let message: [u8; 255] = std::array::from_fn(|index| index as u8);
        let agrees = |message: &[u8]| {
            let expected = reference(key, message);
            let in_batch = padded(message).is_none_or(|block| {
                let mut tokens = [Token::from_bytes([0; Token::LEN]); 2];
                self.hash(&[block; 2], &mut tokens);
                tokens == [expected; 2]
            });
            in_batch && self.token(message) == expected
        };
        [0, 1, 16, 55, 56, 63, 64, 119, 120, 128, 255].iter().all(|len| agrees(&message[..*len]))
    }

    /// The token of one message of any length.
    pub(super) fn token(&self, message: &[u8]) -> Token {
        let mut state = self.keyed.inner;
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
        self.finish(&state)
    }

    /// The tokens of padded blocks, an even number of them.
    fn hash(&self, blocks: &[[u8; BLOCK]], tokens: &mut [Token]) {
        debug_assert!(blocks.len() == tokens.len() && blocks.len().is_multiple_of(2));
        match self.backend {
            Backend::Portable => {
                for (block, token) in blocks.iter().zip(tokens) {
                    let mut state = self.keyed.inner;
                    compress256(&mut state, std::slice::from_ref(block));
                    *token = self.finish(&state);
                }
            }
            #[cfg(target_arch = "x86_64")]
            Backend::ShaNi(unit) => unit.hash(&self.keyed, blocks, tokens),
        }
    }

    /// From the inner digest to the token.
    fn finish(&self, inner: &[u32; 8]) -> Token {
        let mut digest = [0; BLOCK];
        digest[..32].copy_from_slice(inner.map(u32::to_be_bytes).as_flattened());
        digest[32] = 0x80;
        digest[BLOCK - 4..].copy_from_slice(&HMAC_DIGEST_BITS.to_be_bytes());
        let mut state = self.keyed.outer;
        compress256(&mut state, &[digest]);
        let mut token = [0; Token::LEN];
        token.copy_from_slice(&state.map(u32::to_be_bytes).as_flattened()[..Token::LEN]);
        Token::from_bytes(token)
    }

    /// The tokens of a batch, in order, each with the row that was staged with it; empties the batch.
    pub(super) fn drain(&self, batch: &mut Batch, mut found: impl FnMut(u64, Token)) {
        let len = std::mem::take(&mut batch.len);
        // An odd one out is hashed with whatever lies in the place after it.
        let hashed = len.next_multiple_of(2);
        let mut tokens = [Token::from_bytes([0; Token::LEN]); Batch::LEN];
        self.hash(&batch.blocks.0[..hashed], &mut tokens[..hashed]);
        tokens[..len].iter().zip(&batch.rows).for_each(|(token, row)| found(*row, *token));
    }
}

/// Padded blocks staged to be hashed together, so that a block is long in cache when it is loaded: loaded at
/// once it would wait for its own stores.
pub(super) struct Batch {
    blocks: Box<Blocks>,
    rows: [u64; Batch::LEN],
    len: usize,
}

/// Aligned to cache lines.
#[repr(align(64))]
struct Blocks([[u8; BLOCK]; Batch::LEN]);

impl Batch {
    /// Chosen by benchmark `tokenize`; an even number.
    const LEN: usize = 32;

    pub(super) fn new() -> Self {
        Self { blocks: Box::new(Blocks([[0; BLOCK]; Self::LEN])), rows: [0; Self::LEN], len: 0 }
    }

    pub(super) fn is_full(&self) -> bool {
        self.len == Self::LEN
    }

    /// Stages a canonical form; false if it is longer than one block. There must be room.
    #[inline]
    pub(super) fn stage(&mut self, canonical: &Canonical, row: u64) -> bool {
        let len = canonical.as_bytes().len();
        if len > ONE_BLOCK {
            return false;
        }
        let block = &mut self.blocks.0[self.len];
        *block = *canonical.first_block();
        pad(block, len);
        self.rows[self.len] = row;
        self.len += 1;
        true
    }
}

impl Drop for Batch {
    fn drop(&mut self) {
        self.blocks.0.as_flattened_mut().zeroize();
    }
}

/// Pads a block that is zero after a message of at most [`ONE_BLOCK`] bytes.
#[inline]
fn pad(block: &mut [u8; BLOCK], len: usize) {
    block[len] = 0x80;
    block[BLOCK - 8..].copy_from_slice(&message_bits(len));
}

/// The one padded block of a message, if one is enough.
fn padded(message: &[u8]) -> Option<[u8; BLOCK]> {
    let mut block = [0; BLOCK];
    block[..ONE_BLOCK].get_mut(..message.len())?.copy_from_slice(message);
    pad(&mut block, message.len());
    Some(block)
}

/// What the padding states of an inner message: its length in bits, key block included.
#[inline]
fn message_bits(len: usize) -> [u8; 8] {
    (8 * (BLOCK + len) as u64).to_be_bytes()
}

/// The state after the key block, which HMAC xors with a constant.
fn absorb(key: &TokenKey, pad: u8) -> [u32; 8] {
    let mut block = [pad; BLOCK];
    block.iter_mut().zip(key.as_bytes()).for_each(|(byte, key)| *byte ^= key);
    let mut state = INITIAL;
    compress256(&mut state, &[block]);
    block.zeroize();
    state
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
            let other = padded(&message[100..100 + len % (ONE_BLOCK + 1)]).unwrap();
            for backend in Backend::available() {
                let Some(block) = padded(&message[..len]) else { continue };
                let mut tokens = [Token::from_bytes([0; Token::LEN]); 4];
                Lanes::with(backend, &key).hash(&[block, other, other, block], &mut tokens);
                let other = reference(&key, &message[100..100 + len % (ONE_BLOCK + 1)]);
                assert_eq!(tokens, [token, other, other, token], "{len}");
            }
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
