//! `card.pan/1`: the primary account number of a payment card, as ASCII digits (ISO/IEC 7812-1).
//!
//! Single spaces and hyphens between digits are removed. There must be 12 to 19 digits, the first not 0, and Luhn must
//! fit (ISO/IEC 7812-1 annex B). Masks, numbers of equal digits, and an attached expiry are rejected. An expiry is seen
//! by its separator or by a length over 19; digits glued on within 19 cannot be told apart.

use crate::outcome::Reason;

use super::luhn::luhn;
use super::words::{EACH, are_digits};
use super::{Canonical, Note, Short};

const MIN_DIGITS: usize = 12;
const MAX_DIGITS: usize = 19;

/// Room for the most digits that there may be, in words of eight.
const ROOM: usize = 24;

/// Zeros before the digits: so the check digit is the last of the last `ROOM` bytes, and the places to be doubled are
/// always the same.
type Padded = [u8; ROOM + MAX_DIGITS];

pub(super) fn canonicalize(value: &[u8], out: &mut Canonical) -> Result<Note, Reason> {
    let mut digits = [b'0'; ROOM + MAX_DIGITS];
    let count = strip(value, &mut digits)?;
    let last: &[u8; ROOM] = digits[count..].first_chunk().ok_or(Reason::TooLong)?;
    check(last, count)?;
    out.extend(&digits[ROOM..ROOM + count])?;
    Ok(Note { changed: value.len() != count, warning: false })
}

/// Decides digits with nothing between them, and sixteen or fifteen with a separator after each group as cards print them.
#[inline(always)]
pub(super) fn usual(value: &[u8]) -> Option<Result<(Short, Note), Reason>> {
    let is_separator = |at: usize| matches!(value[at], b' ' | b'-');
    let word = |start: usize| Some(u64::from_le_bytes(*value.get(start..)?.first_chunk()?));
    let four = |start: usize| Some(u64::from(u32::from_le_bytes(*value.get(start..)?.first_chunk()?)));
    let ([first, second, third], count) = match value.len() {
        19 if is_separator(4) => {
            if !(is_separator(9) && is_separator(14)) {
                return None;
            }
            ([four(0)? | four(5)? << 32, four(10)? | four(15)? << 32, 0], 16)
        }
        17 if is_separator(4) => {
            if !is_separator(11) {
                return None;
            }
            let end = word(9)?; // the separator is its third byte
            ([four(0)? | four(5)? << 32, end & 0xffff | end >> 8 & !0xffff, 0], 15)
        }
        count @ MIN_DIGITS..=16 => ([word(0)?, word(count - 8)? >> (8 * (16 - count)), 0], count),
        count @ 17..=MAX_DIGITS => ([word(0)?, word(8)?, word(count - 8)? >> (8 * (24 - count))], count),
        _ => return None,
    };
    // Zeros before the digits, as in [`Padded`]: the check digit is the last of the last word.
    let digits = if count <= 16 {
        let both = (u128::from(second) << 64 | u128::from(first)) << (8 * (16 - count));
        [0, both as u64, (both >> 64) as u64]
    } else {
        let beyond = 8 * (24 - count);
        let both =
            (u128::from(third) << 64 | u128::from(second)) << beyond | u128::from(first >> (64 - beyond));
        [first << beyond, both as u64, (both >> 64) as u64]
    };
    let last = digits[2];
    let middle = if count <= 16 { last } else { second };
    if !(are_digits(first) & are_digits(middle) & are_digits(last)) {
        return None;
    }
    let first_digit = first & 0xff;
    if first_digit == u64::from(b'0') {
        return Some(Err(Reason::LeadingZero));
    }
    if first == first_digit.wrapping_mul(EACH) && middle == first && last == first {
        return Some(Err(Reason::RepeatedDigit));
    }
    if !luhn(digits).is_multiple_of(10) {
        return Some(Err(Reason::Checksum));
    }
    let form = Short::new([first, second, third], count);
    Some(Ok((form, Note { changed: value.len() != count, warning: false })))
}

/// Writes the digits, without separators, after the zeros, and returns their number.
fn strip(value: &[u8], digits: &mut Padded) -> Result<usize, Reason> {
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

/// Names the reason for a byte that is neither a digit nor allowed between two digits. `digits` is the number of digits
/// before it.
#[cold]
fn fault(byte: u8, digits: usize) -> Reason {
    match byte {
        b' ' | b'-' => Reason::BadSeparator,
        b'*' | b'X' | b'x' => Reason::Masked,
        b'=' | b'^' | b'/' | b'D' | b'd' if digits >= MIN_DIGITS => Reason::ExpiryAttached,
        _ => Reason::BadCharacter,
    }
}

/// Checks the last `count` digits; zeros stand before them.
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
    let words: [u64; ROOM / 8] = std::array::from_fn(|place| u64::from_le_bytes(words[place]));
    if luhn(words).is_multiple_of(10) { Ok(()) } else { Err(Reason::Checksum) }
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

    /// Returns the reason of the fast path, if it decides.
    fn decided(value: &[u8]) -> Option<Result<(), Reason>> {
        let mut out = Canonical::new();
        usual(value).map(|decided| {
            decided.map(|(form, note)| {
                out.set_short(form);
                assert_eq!((out.as_bytes(), note.changed), (value, false));
            })
        })
    }

    #[test]
    fn only_digits_are_taken_for_digits() {
        for place in 0..16 {
            for byte in 0..=255u8 {
                let mut digits = *b"9999100000001562";
                digits[place] = byte;
                assert_eq!(decided(&digits).is_some(), byte.is_ascii_digit(), "{place} {byte}");
            }
        }
        for digit in b'1'..=b'9' {
            assert_eq!(decided(&[digit; 16]), Some(Err(Reason::RepeatedDigit)));
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
                assert_eq!(decided(pan), Some(expected), "{number}");
            }
        }
    }
}
