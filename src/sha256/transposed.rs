//! SHA-256 of one message in each lane of a vector: the code that AVX2 and AVX-512 have in common.
//!
//! Word t of every message lies in one vector, so a round of all messages is a handful of instructions. Each round
//! waits for the one before. So a few vectors go side by side, as many as there are registers for. The words are worked
//! out for all rounds first and kept in memory: so the rounds need no registers for them.

use std::arch::x86_64::{__m128i, _mm_cvtsi128_si64, _mm_set_epi64x, _mm_unpackhi_epi64};

/// Writes the hash for a module. The module has a `Vector` of `LANES` words, the number of vectors side by side
/// (`SIDE_BY_SIDE`), and the operations on a vector: `splat`, `add`, `choose`, `majority`, the four sigmas of FIPS
/// 180-4, `words` and `tokens`. This is a macro, because a trait's functions cannot have target features.
macro_rules! transposed {
    (target_feature = $features:literal) => {
        /// Makes the tokens of messages of one padded block each; their number is a multiple of `LANES`.
        #[target_feature(enable = $features)]
        fn hash(keyed: &Keyed, blocks: &[[u8; BLOCK]], tokens: &mut [Truncated]) {
            let (blocks, _) = blocks.as_chunks::<LANES>();
            let (tokens, _) = tokens.as_chunks_mut::<LANES>();
            let (several, single) = blocks.as_chunks::<SIDE_BY_SIDE>();
            let (several_tokens, single_tokens) = tokens.as_chunks_mut::<SIDE_BY_SIDE>();
            hash_side_by_side(keyed, several, several_tokens);
            hash_side_by_side(keyed, single.as_chunks::<1>().0, single_tokens.as_chunks_mut::<1>().0);
        }

        #[target_feature(enable = $features)]
        fn hash_side_by_side<const N: usize>(
            keyed: &Keyed,
            blocks: &[[[[u8; BLOCK]; LANES]; N]],
            tokens_of: &mut [[[Truncated; LANES]; N]],
        ) {
            if blocks.is_empty() {
                return;
            }
            let mut w = [[splat(0); N]; 64];
            for (blocks, tokens_of) in blocks.iter().zip(tokens_of) {
                for n in 0..N {
                    for quarter in 0..4 {
                        let words = words(&blocks[n], quarter);
                        (0..4).for_each(|word| w[4 * quarter + word][n] = words[word]);
                    }
                }
                let digest = compress([keyed.inner.map(|word| splat(word)); N], &mut w);
                // The outer message is written over the inner one: the digest, padded.
                for n in 0..N {
                    (0..8).for_each(|word| w[word][n] = digest[n][word]);
                }
                w[8] = [splat(PADDING); N];
                w[9..15].fill([splat(0); N]);
                w[15] = [splat(HMAC_DIGEST_BITS); N];
                let digest = compress([keyed.outer.map(|word| splat(word)); N], &mut w);
                for n in 0..N {
                    tokens_of[n] = tokens(&digest[n]);
                }
            }
        }

        /// One compression of the messages whose sixteen words lie at the beginning of `w`.
        #[target_feature(enable = $features)]
        #[inline]
        fn compress<const N: usize>(start: [[Vector; 8]; N], w: &mut [[Vector; N]; 64]) -> [[Vector; 8]; N] {
            schedule(w);
            let mut state = start;
            for w in w.as_chunks::<8>().0 {
                eight_rounds(&mut state, w);
            }
            for n in 0..N {
                (0..8).for_each(|word| state[n][word] = add(state[n][word], start[n][word]));
            }
            state
        }

        /// Returns the words of all rounds, with the round constants added (FIPS 180-4, section 6.2.2, step 1).
        #[target_feature(enable = $features)]
        #[inline]
        fn schedule<const N: usize>(w: &mut [[Vector; N]; 64]) {
            // The latest two words stay in registers: their turn comes before a store could be loaded again.
            let [mut last_but_one, mut last] = [w[14], w[15]];
            for t in (16..64).step_by(2) {
                for n in 0..N {
                    let [first, second, third] = [w[t - 16][n], w[t - 15][n], w[t - 14][n]];
                    last_but_one[n] = add(
                        add(first, small_sigma0(second)),
                        add(w[t - 7][n], small_sigma1(last_but_one[n])),
                    );
                    last[n] = add(add(second, small_sigma0(third)), add(w[t - 6][n], small_sigma1(last[n])));
                    w[t - 16][n] = add(first, splat(K[t - 16]));
                    w[t - 15][n] = add(second, splat(K[t - 15]));
                    w[t][n] = last_but_one[n];
                    w[t + 1][n] = last[n];
                }
            }
            for t in 48..64 {
                (0..N).for_each(|n| w[t][n] = add(w[t][n], splat(K[t])));
            }
        }

        /// Does eight rounds, after which every variable is back in its place (step 3).
        #[target_feature(enable = $features)]
        #[inline]
        fn eight_rounds<const N: usize>(state: &mut [[Vector; 8]; N], w: &[[Vector; N]; 8]) {
            // They are done one by one, so that the variables are registers.
            round(state, &w[0]);
            round(state, &w[1]);
            round(state, &w[2]);
            round(state, &w[3]);
            round(state, &w[4]);
            round(state, &w[5]);
            round(state, &w[6]);
            round(state, &w[7]);
        }

        #[target_feature(enable = $features)]
        #[inline]
        fn round<const N: usize>(state: &mut [[Vector; 8]; N], w: &[Vector; N]) {
            for n in 0..N {
                let [a, b, c, d, e, f, g, h] = state[n];
                let t1 = add(add(add(h, w[n]), choose(e, f, g)), big_sigma1(e));
                let t2 = add(big_sigma0(a), majority(a, b, c));
                state[n] = [add(t1, t2), a, b, c, add(d, t1), e, f, g];
            }
        }
    };
}

/// Defines operations on vectors.
macro_rules! operations {
    (
        target_feature = $features:literal;
        $($(#[$doc:meta])* fn $name:ident($($argument:tt)*) -> $result:ty $body:block)+
    ) => {$(
        $(#[$doc])*
        #[target_feature(enable = $features)]
        #[inline]
        fn $name($($argument)*) -> $result $body
    )+};
}

pub(super) use {operations, transposed};

/// Loads sixteen bytes at once, without a pointer.
#[target_feature(enable = "sse2")]
#[inline]
pub(super) fn load(bytes: &[u8; 16]) -> __m128i {
    let bits = i128::from_le_bytes(*bytes);
    _mm_set_epi64x((bits >> 64) as i64, bits as i64)
}

/// Returns the bytes of a vector, without a pointer.
#[target_feature(enable = "sse2")]
#[inline]
pub(super) fn store(bytes: __m128i) -> [u8; 16] {
    let [low, high] = [bytes, _mm_unpackhi_epi64(bytes, bytes)].map(|half| _mm_cvtsi128_si64(half) as u64);
    (u128::from(high) << 64 | u128::from(low)).to_le_bytes()
}
