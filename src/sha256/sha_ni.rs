//! Hashes two messages at once in the SHA unit of x86-64 (`sha256rnds2` and related instructions).
//!
//! One message leaves the unit half idle: each round waits for the one before. Interleaving the rounds of two
//! independent messages fills it; a third message brings nothing more (benchmark `tokenize`).
//!
//! `unsafe` is the call of a function that is compiled for certain instructions, after the machine was asked for them,
//! here as in the sister modules. Inside the function the intrinsics are safe.
#![allow(unsafe_code, reason = "calling a function with target features that were detected")]

use std::arch::x86_64::{
    __m128i, _mm_add_epi32, _mm_alignr_epi8, _mm_blend_epi16, _mm_set_epi32, _mm_set_epi64x,
    _mm_sha256msg1_epu32, _mm_sha256msg2_epu32, _mm_sha256rnds2_epu32, _mm_shuffle_epi8, _mm_shuffle_epi32,
};

use super::transposed::{load, store};
use super::{BLOCK, HMAC_DIGEST_BITS, INITIAL, K, Keyed, PADDING, Truncated};

/// Proves that the machine has the instructions.
#[derive(Clone, Copy)]
pub(crate) struct ShaNi(());

impl ShaNi {
    /// Asks the machine whether it has the instructions.
    pub(crate) fn detect() -> Option<Self> {
        let detected = is_x86_feature_detected!("sha")
            && is_x86_feature_detected!("sse4.1")
            && is_x86_feature_detected!("ssse3");
        detected.then_some(Self(()))
    }

    /// Returns the number of blocks that are hashed for this number of messages.
    pub(crate) fn blocks_for(self, messages: usize) -> usize {
        messages.next_multiple_of(2)
    }

    /// Makes the tokens of padded blocks; there are as many blocks as [`ShaNi::blocks_for`] says.
    pub(crate) fn hash(self, keyed: &Keyed, blocks: &[[u8; BLOCK]], tokens: &mut [Truncated]) {
        // SAFETY: a `ShaNi` exists only where `detect` has found the features that `hash` is compiled for.
        unsafe { hash(keyed, blocks, tokens) }
    }
}

impl ShaNi {
    /// Returns the states after `blocks` blocks of each of two messages. `fill` puts in place the blocks of one number.
    pub(crate) fn absorb(
        self,
        blocks: usize,
        fill: impl FnMut(usize, &mut [[[u8; BLOCK]; 2]]),
    ) -> [[u32; 8]; 2] {
        // SAFETY: a `ShaNi` exists only where `detect` has found the features that `absorb` is compiled for.
        unsafe { absorb(blocks, fill) }
    }
}

#[target_feature(enable = "sha,sse4.1,ssse3")]
fn absorb(blocks: usize, mut fill: impl FnMut(usize, &mut [[[u8; BLOCK]; 2]])) -> [[u32; 8]; 2] {
    let mut states = [load_state(&INITIAL); 2];
    let mut staged = [[[0; BLOCK]; 2]];
    for number in 0..blocks {
        fill(number, &mut staged);
        let [block] = &staged;
        states = compress(states, [load_block(&block[0]), load_block(&block[1])]);
    }
    states.map(|state| {
        let (abcd, efgh) = in_order(state);
        let halves = [store(abcd), store(efgh)];
        let (bytes, _) = halves.as_flattened().as_chunks::<4>();
        let mut words = [0; 8];
        words.iter_mut().zip(bytes).for_each(|(word, bytes)| *word = u32::from_le_bytes(*bytes));
        words
    })
}

/// The state of SHA-256 in the form that the instructions want: words a, b, e, f in one register, c, d, g, h in the
/// other.
#[derive(Clone, Copy)]
struct State {
    abef: __m128i,
    cdgh: __m128i,
}

#[target_feature(enable = "sha,sse4.1,ssse3")]
fn hash(keyed: &Keyed, blocks: &[[u8; BLOCK]], tokens: &mut [Truncated]) {
    let (inner, outer) = (load_state(&keyed.inner), load_state(&keyed.outer));
    let (pairs, _) = blocks.as_chunks::<2>();
    let (tokens, _) = tokens.as_chunks_mut::<2>();
    for (blocks, tokens) in pairs.iter().zip(tokens) {
        let mut states = [inner; 2];
        let mut words = [load_block(&blocks[0]), load_block(&blocks[1])];
        // One piece of code does the inner and the outer hash, so that it is compiled in place.
        for pass in 0..2 {
            states = compress(states, words);
            if pass == 0 {
                words = [digest_block(states[0]), digest_block(states[1])];
                states = [outer; 2];
            }
        }
        *tokens = [token(states[0]), token(states[1])];
    }
}

/// One compression of two independent messages, their rounds interleaved.
#[target_feature(enable = "sha,sse4.1,ssse3")]
#[inline]
fn compress(start: [State; 2], mut words: [[__m128i; 4]; 2]) -> [State; 2] {
    let mut state = start;
    // There are sixteen steps of four rounds. They are unrolled, so that every index is a constant and everything stays
    // in registers.
    macro_rules! step {
        ($($step:literal)+) => {$(
            let k = _mm_set_epi32(
                K[4 * $step + 3] as i32, K[4 * $step + 2] as i32, K[4 * $step + 1] as i32, K[4 * $step] as i32,
            );
            for lane in 0..2 {
                let w = &mut words[lane];
                let sum = _mm_add_epi32(w[$step % 4], k);
                let State { abef, cdgh } = state[lane];
                let cdgh = _mm_sha256rnds2_epu32(cdgh, abef, sum);
                let abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(sum, 0x0e));
                state[lane] = State { abef, cdgh };
                if $step < 12 {
                    // The message schedule: these four words are next used four steps on.
                    let sigma0 = _mm_sha256msg1_epu32(w[$step % 4], w[($step + 1) % 4]);
                    let plus = _mm_add_epi32(sigma0, _mm_alignr_epi8(w[($step + 3) % 4], w[($step + 2) % 4], 4));
                    w[$step % 4] = _mm_sha256msg2_epu32(plus, w[($step + 3) % 4]);
                }
            }
        )+};
    }
    step!(0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15);
    for lane in 0..2 {
        state[lane].abef = _mm_add_epi32(state[lane].abef, start[lane].abef);
        state[lane].cdgh = _mm_add_epi32(state[lane].cdgh, start[lane].cdgh);
    }
    state
}

#[target_feature(enable = "sha,sse4.1,ssse3")]
#[inline]
fn load_state(state: &[u32; 8]) -> State {
    let [a, b, c, d, e, f, g, h] = state.map(|word| word as i32);
    State { abef: _mm_set_epi32(a, b, e, f), cdgh: _mm_set_epi32(c, d, g, h) }
}

/// Returns the sixteen big-endian words of a block.
#[target_feature(enable = "sha,sse4.1,ssse3")]
#[inline]
fn load_block(block: &[u8; BLOCK]) -> [__m128i; 4] {
    let swap = _mm_set_epi64x(0x0c0d_0e0f_0809_0a0b, 0x0405_0607_0001_0203);
    let (quarters, _) = block.as_chunks::<16>();
    std::array::from_fn(|quarter| _mm_shuffle_epi8(load(&quarters[quarter]), swap))
}

/// Returns the outer message: the inner digest, padded.
#[target_feature(enable = "sha,sse4.1,ssse3")]
#[inline]
fn digest_block(state: State) -> [__m128i; 4] {
    let (abcd, efgh) = in_order(state);
    let padding = _mm_set_epi32(0, 0, 0, PADDING as i32);
    [abcd, efgh, padding, _mm_set_epi32(HMAC_DIGEST_BITS as i32, 0, 0, 0)]
}

/// Returns the state's words in order: a, b, c, d and e, f, g, h.
#[target_feature(enable = "sha,sse4.1,ssse3")]
#[inline]
fn in_order(State { abef, cdgh }: State) -> (__m128i, __m128i) {
    let feba = _mm_shuffle_epi32(abef, 0x1b);
    let dchg = _mm_shuffle_epi32(cdgh, 0xb1);
    (_mm_blend_epi16(feba, dchg, 0xf0), _mm_alignr_epi8(dchg, feba, 8))
}

/// Returns the first sixteen bytes of a digest: its words a to d.
#[target_feature(enable = "sha,sse4.1,ssse3")]
#[inline]
fn token(state: State) -> Truncated {
    let swap = _mm_set_epi64x(0x0c0d_0e0f_0809_0a0b, 0x0405_0607_0001_0203);
    store(_mm_shuffle_epi8(in_order(state).0, swap))
}
