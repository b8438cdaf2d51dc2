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

/// Decides sixteen digits, and fifteen, with nothing between them or a separator after each group as cards print them.
#[inline]
pub(super) fn usual(value: &[u8], out: &mut Canonical) -> Option<Result<Note, Reason>> {
    let between = |separators: &[u8]| separators.iter().all(|byte| matches!(byte, b' ' | b'-'));
    let word = u64::from_le_bytes;
    // A zero stands before fifteen digits, as in [`Padded`].
    let [first, second, count] = match *value {
        [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] => {
            [word([a, b, c, d, e, f, g, h]), word([i, j, k, l, m, n, o, p]), 16]
        }
        [a, b, c, d, x, e, f, g, h, y, i, j, k, l, z, m, n, o, p] if between(&[x, y, z]) => {
            [word([a, b, c, d, e, f, g, h]), word([i, j, k, l, m, n, o, p]), 16]
        }
        [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o] => {
            [word([b'0', a, b, c, d, e, f, g]), word([h, i, j, k, l, m, n, o]), 15]
        }
        [a, b, c, d, x, e, f, g, h, i, j, y, k, l, m, n, o] if between(&[x, y]) => {
            [word([b'0', a, b, c, d, e, f, g]), word([h, i, j, k, l, m, n, o]), 15]
        }
        _ => return None,
    };
    if !are_digits(first) || !are_digits(second) {
        return None;
    }
    let beginning = if count == 16 { first } else { first >> 8 | second << 56 };
    let first_digit = beginning & 0xff;
    if first_digit == u64::from(b'0') {
        return Some(Err(Reason::LeadingZero));
    }
    if beginning == first_digit * EACH && second == beginning {
        return Some(Err(Reason::RepeatedDigit));
    }
    if !luhn([first, second]).is_multiple_of(10) {
        return Some(Err(Reason::Checksum));
    }
    let end = if count == 16 { second } else { second >> 8 };
    out.set([beginning, end], count as usize);
    Some(Ok(Note { changed: value.len() as u64 != count, warning: false }))
}

/// Returns the form of digits with nothing between them that are a number, whatever their count; nothing for any other
/// value.
#[inline]
pub(super) fn as_it_stands(value: &[u8]) -> Option<Short> {
    let count = value.len();
    if !(MIN_DIGITS..=MAX_DIGITS).contains(&count) {
        return None;
    }
    let word = |start: usize| Some(u64::from_le_bytes(*value.get(start..)?.first_chunk()?));
    // Below sixteen digits the first word and the last one share some.
    let (first, last) = (word(0)?, word(count - 8)?);
    let (form, before_last, earlier) = if count <= 16 {
        let beyond = 8 * (16 - count as u32);
        ([first, last >> beyond, 0], first << beyond, 0)
    } else {
        let beyond = 8 * (24 - count as u32);
        let (second, before_last) = (word(8)?, word(count - 16)?);
        if !are_digits(second) {
            return None;
        }
        ([first, second, last >> beyond], before_last, first << beyond)
    };
    let is_number = are_digits(first)
        && are_digits(last)
        && first & 0xff != u64::from(b'0')
        && (first != last || first != (first & 0xff).wrapping_mul(EACH))
        && luhn([earlier, before_last, last]).is_multiple_of(10);
    is_number.then_some(Short::new(form, count))
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
        usual(value, &mut out).map(|decided| decided.map(|_| assert_eq!(out.as_bytes(), value)))
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
                let mut form = Canonical::new();
                assert_eq!(as_it_stands(pan).is_some(), canonicalize(pan, &mut form).is_ok(), "{number}");
                if matches!(count, 15 | 16) {
                    assert_eq!(decided(pan), Some(expected), "{number}");
                }
            }
        }
    }
}
