//! `card.pan/1`: the primary account number of a payment card, as ASCII digits (ISO/IEC 7812-1).
//!
//! Single spaces and hyphens between digits are removed; 12 to 19 digits, the first not 0; Luhn
//! (ISO/IEC 7812-1 annex B). Masks, all digits equal, and an attached expiry are rejected. An expiry is
//! seen by its separator or by a length over 19; glued digits within 19 cannot be told apart.

use super::{Canonical, Note};
use crate::rejection::Reason;

const MIN_DIGITS: usize = 12;
const MAX_DIGITS: usize = 19;

/// A word with this in each byte, to do the same to eight digits at once.
const EACH: u64 = 0x0101_0101_0101_0101;

/// Room for as many digits as there may be, in words of eight.
const ROOM: usize = 24;

pub(super) fn canonicalize(value: &[u8], out: &mut Canonical) -> Result<Note, Reason> {
    // Nearly every export has sixteen digits, and most have nothing between them.
    if let Ok(sixteen) = <&[u8; 16]>::try_from(value)
        && let Some(checked) = check_sixteen(sixteen)
    {
        out.extend(sixteen)?;
        return checked.map(|()| Note { changed: false, warning: false });
    }
    // Zeros come before the digits, so that in the last ROOM bytes the check digit is the last and the places
    // to be doubled are always the same.
    let mut digits = [b'0'; ROOM + MAX_DIGITS];
    let count = strip(value, &mut digits)?;
    let last: &[u8; ROOM] = digits[count..].first_chunk().ok_or(Reason::TooLong)?;
    check(last, count)?;
    out.extend(&digits[ROOM..ROOM + count])?;
    Ok(Note { changed: value.len() != count, warning: false })
}

/// Writes the digits, without what separates them, after the zeros and returns their number.
fn strip(value: &[u8], digits: &mut [u8; ROOM + MAX_DIGITS]) -> Result<usize, Reason> {
    let mut count = 0usize;
    let mut before_is_digit = false;
    for &byte in value {
        if byte.is_ascii_digit() {
            if count == MAX_DIGITS {
                return Err(Reason::TooLong);
            }
            digits[ROOM + count] = byte;
            count += 1;
            before_is_digit = true;
        } else if matches!(byte, b' ' | b'-') && before_is_digit {
            before_is_digit = false;
        } else {
            return Err(fault(byte, count));
        }
    }
    if before_is_digit { Ok(count) } else { Err(Reason::BadSeparator) }
}

/// What a byte means that stands neither for a digit nor between two of them, after so many digits.
#[cold]
fn fault(byte: u8, digits: usize) -> Reason {
    match byte {
        b' ' | b'-' => Reason::BadSeparator,
        b'*' | b'X' | b'x' => Reason::Masked,
        b'=' | b'^' | b'/' | b'D' | b'd' if digits >= MIN_DIGITS => Reason::ExpiryAttached,
        _ => Reason::BadCharacter,
    }
}

/// As [`check`] for sixteen bytes, if all of them are digits.
#[inline]
fn check_sixteen(digits: &[u8; 16]) -> Option<Result<(), Reason>> {
    let (words, _) = digits.as_chunks::<8>();
    let [first, second] = [u64::from_le_bytes(words[0]), u64::from_le_bytes(words[1])];
    if !are_digits(first) || !are_digits(second) {
        return None;
    }
    Some(if digits[0] == b'0' {
        Err(Reason::LeadingZero)
    } else if first == second && first == u64::from(digits[0]) * EACH {
        Err(Reason::RepeatedDigit)
    } else if (luhn_of_eight(first) + luhn_of_eight(second)).is_multiple_of(10) {
        Ok(())
    } else {
        Err(Reason::Checksum)
    })
}

/// Whether all eight bytes are ASCII digits: their high half is 3, also after 6 is added to the low half.
#[inline]
fn are_digits(word: u64) -> bool {
    let high_halves = |word: u64| word & (0xf0 * EACH);
    word & (0x80 * EACH) == 0
        && high_halves(word) == 0x30 * EACH
        && high_halves(word + 0x06 * EACH) == 0x30 * EACH
}

/// Checks so many digits at the end, before which there are zeros.
fn check(digits: &[u8; ROOM], count: usize) -> Result<(), Reason> {
    if count < MIN_DIGITS {
        return Err(Reason::TooShort);
    }
    let pan = &digits[ROOM - count..];
    if pan[0] == b'0' {
        return Err(Reason::LeadingZero);
    }
    if pan.iter().all(|digit| *digit == pan[0]) {
        return Err(Reason::RepeatedDigit);
    }
    let (words, _) = digits.as_chunks::<8>();
    let sum: u64 = words.iter().map(|word| luhn_of_eight(u64::from_le_bytes(*word))).sum();
    if sum.is_multiple_of(10) { Ok(()) } else { Err(Reason::Checksum) }
}

/// What eight digits, the last in an odd place from the right, add to the Luhn sum: the other four are
/// doubled, and 9 is taken off what then exceeds 9. All at once, a digit a byte of one word.
#[inline]
fn luhn_of_eight(digits: u64) -> u64 {
    const DOUBLED: u64 = 0x00ff_00ff_00ff_00ff; // the first, third, … digit, in little-endian order
    let values = digits & (0x0f * EACH);
    let (doubled, plain) = (values & DOUBLED, values & !DOUBLED);
    let five_or_more = (doubled + 0x7b * EACH) >> 7 & EACH & DOUBLED;
    let sums = plain + 2 * doubled - 9 * five_or_more;
    sums.wrapping_mul(EACH) >> 56 // at most 72
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The formula digit by digit, as ISO/IEC 7812-1 words it.
    fn plain_luhn(digits: &[u8]) -> bool {
        let places = digits.iter().rev().enumerate().map(|(place, digit)| {
            let value = u32::from(digit - b'0') << (place % 2);
            value / 10 + value % 10
        });
        places.sum::<u32>().is_multiple_of(10)
    }

    #[test]
    fn only_digits_are_taken_for_digits() {
        for place in 0..16 {
            for byte in 0..=255u8 {
                let mut digits = *b"9999100000001562";
                digits[place] = byte;
                assert_eq!(check_sixteen(&digits).is_some(), byte.is_ascii_digit(), "{place} {byte}");
            }
        }
        for digit in b'1'..=b'9' {
            assert_eq!(check_sixteen(&[digit; 16]), Some(Err(Reason::RepeatedDigit)));
        }
    }

    #[test]
    fn eight_digits_at_once_are_the_formula_digit_by_digit() {
        for count in MIN_DIGITS..=MAX_DIGITS {
            for number in 0..20_000u64 {
                let text = format!("{:0count$}", number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
                let pan = &text.as_bytes()[text.len() - count..];
                let mut digits = [b'0'; ROOM];
                digits[ROOM - count..].copy_from_slice(pan);
                let expected = match pan {
                    [b'0', ..] => Err(Reason::LeadingZero),
                    _ if !plain_luhn(pan) => Err(Reason::Checksum),
                    _ => Ok(()),
                };
                assert_eq!(check(&digits, count), expected, "{number}");
                if let Ok(sixteen) = pan.try_into() {
                    assert_eq!(check_sixteen(sixteen), Some(expected), "{number}");
                }
            }
        }
    }
}
