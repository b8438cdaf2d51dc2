//! Hashes eight messages in the lanes of a 256-bit vector (AVX2), for machines without a SHA unit.
#![allow(unsafe_code, reason = "calling a function with target features that were detected")]

use std::arch::x86_64::{
    __m256i, _mm256_add_epi32, _mm256_and_si256, _mm256_extracti128_si256, _mm256_or_si256,
    _mm256_set_epi64x, _mm256_set_m128i, _mm256_set1_epi32, _mm256_shuffle_epi8, _mm256_slli_epi32,
    _mm256_srli_epi32, _mm256_unpackhi_epi32, _mm256_unpackhi_epi64, _mm256_unpacklo_epi32,
    _mm256_unpacklo_epi64, _mm256_xor_si256,
};

use super::transposed::{load, operations, store, transposed};
use super::{BLOCK, HMAC_DIGEST_BITS, K, Keyed, PADDING, Truncated};

/// Proves that the machine has the instructions.
#[derive(Clone, Copy)]
pub(crate) struct Avx2(());

impl Avx2 {
    /// Asks the machine whether it has the instructions.
    pub(crate) fn detect() -> Option<Self> {
        is_x86_feature_detected!("avx2").then_some(Self(()))
    }

    /// Returns the number of blocks that are hashed for this number of messages.
    pub(crate) fn blocks_for(self, messages: usize) -> usize {
        messages.next_multiple_of(LANES)
    }

    /// Makes the tokens of padded blocks; there are as many blocks as [`Avx2::blocks_for`] says.
    pub(crate) fn hash(self, keyed: &Keyed, blocks: &[[u8; BLOCK]], tokens: &mut [Truncated]) {
        // SAFETY: an `Avx2` exists only where `detect` has found the feature that `hash` is compiled for.
        unsafe { hash(keyed, blocks, tokens) }
    }
}

type Vector = __m256i;
const LANES: usize = 8;

/// The number of vectors side by side, chosen by benchmark `tokenize`: the state of two leaves no register free, and
/// yet they hide each other's waits.
const SIDE_BY_SIDE: usize = 2;

transposed!(target_feature = "avx2");

/// Rotates words; there is no instruction for it.
macro_rules! rotate {
    ($x:expr, $right:literal) => {
        _mm256_or_si256(_mm256_srli_epi32::<$right>($x), _mm256_slli_epi32::<{ 32 - $right }>($x))
    };
}

operations! {
    target_feature = "avx2";

    fn splat(word: u32) -> Vector {
        _mm256_set1_epi32(word as i32)
    }
    fn add(x: Vector, y: Vector) -> Vector {
        _mm256_add_epi32(x, y)
    }
    fn xor(x: Vector, y: Vector) -> Vector {
        _mm256_xor_si256(x, y)
    }
    fn choose(e: Vector, f: Vector, g: Vector) -> Vector {
        xor(g, _mm256_and_si256(e, xor(f, g)))
    }
    fn majority(a: Vector, b: Vector, c: Vector) -> Vector {
        _mm256_or_si256(_mm256_and_si256(a, b), _mm256_and_si256(c, _mm256_or_si256(a, b)))
    }
    fn big_sigma0(x: Vector) -> Vector {
        xor(xor(rotate!(x, 2), rotate!(x, 13)), rotate!(x, 22))
    }
    fn big_sigma1(x: Vector) -> Vector {
        xor(xor(rotate!(x, 6), rotate!(x, 11)), rotate!(x, 25))
    }
    fn small_sigma0(x: Vector) -> Vector {
        xor(xor(rotate!(x, 7), rotate!(x, 18)), _mm256_srli_epi32::<3>(x))
    }
    fn small_sigma1(x: Vector) -> Vector {
        xor(xor(rotate!(x, 17), rotate!(x, 19)), _mm256_srli_epi32::<10>(x))
    }
    /// Reverses the bytes of each word.
    fn swap(x: Vector) -> Vector {
        let [high, low] = [0x0c0d_0e0f_0809_0a0b, 0x0405_0607_0001_0203];
        _mm256_shuffle_epi8(x, _mm256_set_epi64x(high, low, high, low))
    }
    /// Returns words 4 × `quarter` to 4 × `quarter` + 3 of every message.
    fn words(blocks: &[[u8; BLOCK]; LANES], quarter: usize) -> [Vector; 4] {
        transpose(std::array::from_fn(|place| {
            let part = |message: usize| load(&blocks[4 * message + place].as_chunks::<16>().0[quarter]);
            swap(_mm256_set_m128i(part(1), part(0)))
        }))
    }
    /// Returns the first four words of each digest.
    fn tokens(digest: &[Vector; 8]) -> [Truncated; LANES] {
        let [a, b, c, d, ..] = *digest;
        let rows = transpose([a, b, c, d]).map(|row| {
            let row = swap(row);
            [store(_mm256_extracti128_si256::<0>(row)), store(_mm256_extracti128_si256::<1>(row))]
        });
        std::array::from_fn(|message| rows[message % 4][message / 4])
    }
    /// Transposes four by four words in each half.
    fn transpose([x, y, z, t]: [Vector; 4]) -> [Vector; 4] {
        let [xy_low, xy_high] = [_mm256_unpacklo_epi32(x, y), _mm256_unpackhi_epi32(x, y)];
        let [zt_low, zt_high] = [_mm256_unpacklo_epi32(z, t), _mm256_unpackhi_epi32(z, t)];
        [
            _mm256_unpacklo_epi64(xy_low, zt_low),
            _mm256_unpackhi_epi64(xy_low, zt_low),
            _mm256_unpacklo_epi64(xy_high, zt_high),
            _mm256_unpackhi_epi64(xy_high, zt_high),
        ]
    }
}
