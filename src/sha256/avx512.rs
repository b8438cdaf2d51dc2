//! Hashes sixteen messages in the lanes of a 512-bit vector, three vectors side by side (AVX-512 F and BW).
#![allow(unsafe_code, reason = "calling a function with target features that were detected")]

use std::arch::x86_64::{
    __m512i, _mm512_add_epi32, _mm512_castsi128_si512, _mm512_extracti32x4_epi32, _mm512_inserti32x4,
    _mm512_ror_epi32, _mm512_set1_epi32, _mm512_set4_epi32, _mm512_shuffle_epi8, _mm512_srli_epi32,
    _mm512_ternarylogic_epi32, _mm512_unpackhi_epi32, _mm512_unpackhi_epi64, _mm512_unpacklo_epi32,
    _mm512_unpacklo_epi64,
};

use super::transposed::{load, operations, store, transposed};
use super::{BLOCK, HMAC_DIGEST_BITS, INITIAL, K, Keyed, PADDING, Truncated};

/// Proves that the machine has the instructions.
#[derive(Clone, Copy)]
pub(crate) struct Avx512(());

impl Avx512 {
    /// Asks the machine whether it has the instructions.
    pub(crate) fn detect() -> Option<Self> {
        let detected = is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512bw");
        detected.then_some(Self(()))
    }

    /// Returns the number of blocks that are hashed for this number of messages: one vector costs half of what three
    /// cost.
    pub(crate) fn blocks_for(self, messages: usize) -> usize {
        match messages % ALL_LANES {
            rest if rest <= LANES => messages - rest + rest.next_multiple_of(LANES),
            _ => messages.next_multiple_of(ALL_LANES),
        }
    }

    /// Makes the tokens of padded blocks; there are as many blocks as [`Avx512::blocks_for`] says.
    pub(crate) fn hash(self, keyed: &Keyed, blocks: &[[u8; BLOCK]], tokens: &mut [Truncated]) {
        // SAFETY: an `Avx512` exists only where `detect` has found the features that `hash` is compiled for.
        unsafe { hash(keyed, blocks, tokens) }
    }
}

/// The number of messages whose blocks are absorbed together.
pub(crate) const MESSAGES: usize = ABSORBED * LANES;

impl Avx512 {
    /// Returns the states after `blocks` blocks of each message. `fill` puts in place the blocks of consecutive
    /// numbers: first all messages' blocks of the first number, then those of the next.
    pub(crate) fn absorb(
        self,
        blocks: usize,
        fill: impl FnMut(usize, &mut [[[u8; BLOCK]; MESSAGES]]),
    ) -> [[u32; 8]; MESSAGES] {
        // SAFETY: an `Avx512` exists only where `detect` has found the features that `absorb` is compiled for.
        unsafe { absorb(blocks, fill) }
    }
}

#[target_feature(enable = "avx512f,avx512bw")]
fn absorb(
    blocks: usize,
    mut fill: impl FnMut(usize, &mut [[[u8; BLOCK]; MESSAGES]]),
) -> [[u32; 8]; MESSAGES] {
    let mut state = [INITIAL.map(|word| splat(word)); ABSORBED];
    let mut staged = [[[0; BLOCK]; MESSAGES]; STAGED];
    let mut w = [[splat(0); ABSORBED]; 64];
    for first in (0..blocks).step_by(STAGED) {
        let staged = &mut staged[..STAGED.min(blocks - first)];
        fill(first, staged);
        for block in staged {
            for (n, blocks) in block.as_chunks::<LANES>().0.iter().enumerate() {
                for quarter in 0..4 {
                    let words = words(blocks, quarter);
                    (0..4).for_each(|word| w[4 * quarter + word][n] = words[word]);
                }
            }
            state = compress(state, &mut w);
        }
    }
    let mut states = [[0; 8]; MESSAGES];
    for (n, states) in states.as_chunks_mut::<LANES>().0.iter_mut().enumerate() {
        for word in 0..8 {
            let lanes = lanes(state[n][word]);
            states.iter_mut().zip(lanes).for_each(|(state, lane)| state[word] = lane);
        }
    }
    states
}

type Vector = __m512i;
const LANES: usize = 16;

/// The number of vectors whose messages are absorbed together. The messages are chunks of files, and a core's cache
/// holds two times sixteen of them.
const ABSORBED: usize = 2;

/// The number of blocks of each message that are put in place together. Chunks begin at the same place of their memory
/// pages. So the nearest cache cannot hold even one line of each message: it is better to take each line once than
/// twice.
const STAGED: usize = 4;

/// The number of vectors side by side, chosen by benchmark `tokenize`: the state of three fits the 32 registers, that
/// of four does not.
const SIDE_BY_SIDE: usize = 3;
const ALL_LANES: usize = SIDE_BY_SIDE * LANES;

transposed!(target_feature = "avx512f,avx512bw");

operations! {
    target_feature = "avx512f,avx512bw";

    fn splat(word: u32) -> Vector {
        _mm512_set1_epi32(word as i32)
    }
    fn add(x: Vector, y: Vector) -> Vector {
        _mm512_add_epi32(x, y)
    }
    fn xor3(x: Vector, y: Vector, z: Vector) -> Vector {
        _mm512_ternarylogic_epi32::<0b1001_0110>(x, y, z)
    }
    fn choose(e: Vector, f: Vector, g: Vector) -> Vector {
        _mm512_ternarylogic_epi32::<0b1100_1010>(e, f, g)
    }
    fn majority(a: Vector, b: Vector, c: Vector) -> Vector {
        _mm512_ternarylogic_epi32::<0b1110_1000>(a, b, c)
    }
    fn big_sigma0(x: Vector) -> Vector {
        xor3(_mm512_ror_epi32::<2>(x), _mm512_ror_epi32::<13>(x), _mm512_ror_epi32::<22>(x))
    }
    fn big_sigma1(x: Vector) -> Vector {
        xor3(_mm512_ror_epi32::<6>(x), _mm512_ror_epi32::<11>(x), _mm512_ror_epi32::<25>(x))
    }
    fn small_sigma0(x: Vector) -> Vector {
        xor3(_mm512_ror_epi32::<7>(x), _mm512_ror_epi32::<18>(x), _mm512_srli_epi32::<3>(x))
    }
    fn small_sigma1(x: Vector) -> Vector {
        xor3(_mm512_ror_epi32::<17>(x), _mm512_ror_epi32::<19>(x), _mm512_srli_epi32::<10>(x))
    }
    /// Reverses the bytes of each word.
    fn swap(x: Vector) -> Vector {
        _mm512_shuffle_epi8(x, _mm512_set4_epi32(0x0c0d_0e0f, 0x0809_0a0b, 0x0405_0607, 0x0001_0203))
    }
    /// Returns words 4 × `quarter` to 4 × `quarter` + 3 of every message.
    fn words(blocks: &[[u8; BLOCK]; LANES], quarter: usize) -> [Vector; 4] {
        transpose(std::array::from_fn(|place| {
            let part = |message: usize| load(&blocks[4 * message + place].as_chunks::<16>().0[quarter]);
            let parts = _mm512_castsi128_si512(part(0));
            let parts = _mm512_inserti32x4::<1>(parts, part(1));
            let parts = _mm512_inserti32x4::<2>(parts, part(2));
            swap(_mm512_inserti32x4::<3>(parts, part(3)))
        }))
    }
    /// Returns the first four words of each digest.
    fn tokens(digest: &[Vector; 8]) -> [Truncated; LANES] {
        let [a, b, c, d, ..] = *digest;
        let rows = transpose([a, b, c, d]).map(|row| {
            let row = swap(row);
            [
                store(_mm512_extracti32x4_epi32::<0>(row)),
                store(_mm512_extracti32x4_epi32::<1>(row)),
                store(_mm512_extracti32x4_epi32::<2>(row)),
                store(_mm512_extracti32x4_epi32::<3>(row)),
            ]
        });
        std::array::from_fn(|message| rows[message % 4][message / 4])
    }
    /// Returns the words of all lanes.
    fn lanes(x: Vector) -> [u32; LANES] {
        let quarters = [
            store(_mm512_extracti32x4_epi32::<0>(x)),
            store(_mm512_extracti32x4_epi32::<1>(x)),
            store(_mm512_extracti32x4_epi32::<2>(x)),
            store(_mm512_extracti32x4_epi32::<3>(x)),
        ];
        std::array::from_fn(|lane| {
            let (words, _) = quarters[lane / 4].as_chunks::<4>();
            u32::from_le_bytes(words[lane % 4])
        })
    }
    /// Transposes four by four words in each quarter.
    fn transpose([x, y, z, t]: [Vector; 4]) -> [Vector; 4] {
        let [xy_low, xy_high] = [_mm512_unpacklo_epi32(x, y), _mm512_unpackhi_epi32(x, y)];
        let [zt_low, zt_high] = [_mm512_unpacklo_epi32(z, t), _mm512_unpackhi_epi32(z, t)];
        [
            _mm512_unpacklo_epi64(xy_low, zt_low),
            _mm512_unpackhi_epi64(xy_low, zt_low),
            _mm512_unpacklo_epi64(xy_high, zt_high),
            _mm512_unpackhi_epi64(xy_high, zt_high),
        ]
    }
}
