//! The check digit of Luhn (ISO/IEC 7812-1 annex B), over eight digits at once.

use super::words::EACH;

/// Returns the Luhn sum of digits, eight in each word, the last in an odd place from the right. Every other one is doubled,
/// and 9 is taken off what then exceeds 9. All are done at once, a digit in each byte of a word.
#[inline(always)]
pub(super) fn luhn<const WORDS: usize>(words: [u64; WORDS]) -> u64 {
    const { assert!(WORDS <= 3, "the sum must fit a byte") };
    const DOUBLED: u64 = 0x00ff_00ff_00ff_00ff; // the first, third, … digit, in little-endian order
    // No byte is carried into the next one, so nothing wraps.
    let sums = words.map(|digits| {
        let values = digits & (0x0f * EACH);
        let doubled = values & DOUBLED;
        let five_or_more = doubled.wrapping_add(0x7b * EACH) >> 7 & EACH & DOUBLED;
        values.wrapping_add(doubled).wrapping_sub(five_or_more.wrapping_mul(9))
    });
    sums.into_iter().fold(0, u64::wrapping_add).wrapping_mul(EACH) >> 56 // at most 72 a word
}
