//! The check digit of Luhn (ISO/IEC 7812-1 annex B), over eight digits at once.

use super::words::EACH;

/// Returns what eight digits, the last in an odd place from the right, add to the Luhn sum. The other four are doubled,
/// and 9 is taken off what then exceeds 9. All are done at once, a digit in each byte of one word.
#[inline(always)]
pub(super) fn luhn_of_eight(digits: u64) -> u64 {
    const DOUBLED: u64 = 0x00ff_00ff_00ff_00ff; // the first, third, … digit, in little-endian order
    // No byte is carried into the next one, so nothing wraps.
    let values = digits & (0x0f * EACH);
    let doubled = values & DOUBLED;
    let five_or_more = doubled.wrapping_add(0x7b * EACH) >> 7 & EACH & DOUBLED;
    let sums = values.wrapping_add(doubled).wrapping_sub(five_or_more.wrapping_mul(9));
    sums.wrapping_mul(EACH) >> 56 // at most 72
}
