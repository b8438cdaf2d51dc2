//! `bank.iban/1`: upper case, without spaces or an `IBAN` prefix (ISO 13616-1, SWIFT registry release 99).
//!
//! ASCII spaces are removed wherever they stand. Hyphens are not: no registry prints them. After country, length and
//! structure come the check digits. 00, 01 and 99 also satisfy mod-97 (ISO 7064) and would give one account two
//! spellings, so only 02 to 98 are accepted.

use crate::outcome::Reason;

use super::iban_registry::{Segment, country};
use super::words::{EACH, bits, number, within, word};
use super::{Canonical, Note};

/// Longest input without its spaces that can be an IBAN: prefix, colon and 34 characters.
const MAX_COMPACT: usize = 4 + 1 + 34;

pub(super) fn canonicalize(value: &[u8], out: &mut Canonical) -> Result<Note, Reason> {
    let mut compact = [0u8; MAX_COMPACT + 1]; // the one more shows that there was too much
    let mut len = 0;
    for &byte in value.iter().filter(|byte| **byte != b' ') {
        if !(byte.is_ascii_alphanumeric() || byte == b':' && len == 4) {
            return Err(Reason::BadCharacter);
        }
        if len <= MAX_COMPACT {
            compact[len] = byte.to_ascii_uppercase();
            len += 1;
        }
    }
    let iban = strip_prefix(&compact[..len])?;
    check(iban)?;
    out.extend(iban)?;
    Ok(Note { changed: iban != value, warning: false })
}

/// Words of a BBAN: 30 characters at most, and room for two more.
const WORDS: usize = 4;

/// Decides values with no separator, or with a space after each four characters, if the structure is right.
#[inline]
pub(super) fn usual(value: &[u8], out: &mut Canonical) -> Option<Result<Note, Reason>> {
    let (head, bban, len) = compact(value)?;
    // The characters by class, a bit each; their values; and the letters once more, as masks.
    let mut small = 0;
    let head = Characters::new(head, &mut small);
    let bban = bban.map(|word| Characters::new(word, &mut small));
    let [mut digits, mut letters] = [head.digits, head.letters].map(bits);
    for (place, eight) in bban.iter().enumerate() {
        digits |= bits(eight.digits) << (4 + 8 * place);
        letters |= bits(eight.letters) << (4 + 8 * place);
    }
    let country = country([head.text as u8, (head.text >> 8) as u8])?;
    let fitting = digits & country.digits | letters & country.letters;
    if len != usize::from(country.length) || fitting != (1 << len) - 1 {
        return None;
    }
    let [first, second, tens, ones, ..] = head.values.to_le_bytes().map(u64::from);
    let check_digits = 10 * tens + ones;
    if !(2..=98).contains(&check_digits) {
        return None;
    }
    // The words from the last to the first, and the number of digits that come after each. Zeros after the end weigh
    // less than one, which modulo a prime is a number like any other.
    let mut sum = first * 10_000 + second * 100 + check_digits;
    let mut after = FRACTION + HEAD_DIGITS + len - (4 + 8 * WORDS);
    for eight in bban.iter().rev() {
        let capitals = eight.letters >> 7;
        if capitals == 0 {
            sum += number(eight.values) * u64::from(POWERS[after]);
            after += 8;
        } else {
            let up_to_here = capitals.wrapping_mul(EACH); // how many letters, for each character
            let count = up_to_here >> 56;
            let after_each = (after as u64 + 7 + count) * EACH - up_to_here - 0x0706_0504_0302_0100;
            for place in 0..8 {
                let [value, after] = [eight.values, after_each].map(|bytes| bytes >> (8 * place) & 0xff);
                sum += value * u64::from(POWERS[after as usize]);
            }
            after += 8 + count as usize;
        }
    }
    if sum % 97 != 1 {
        return Some(Err(Reason::Checksum));
    }
    let [a, b, c, d] = bban.map(|eight| eight.text);
    out.set([head.text | a << 32, a >> 32 | b << 32, b >> 32 | c << 32, c >> 32 | d << 32, d >> 32], len);
    Some(Ok(Note { changed: small != 0 || len != value.len(), warning: false }))
}

/// Eight characters in upper case, as masks of their classes and as their values.
#[derive(Clone, Copy)]
struct Characters {
    text: u64,
    digits: u64,
    letters: u64,
    /// The values; a letter `A` is 10.
    values: u64,
}

impl Characters {
    /// Adds to the mask of characters that were in lower case.
    #[inline]
    fn new(word: u64, were_small: &mut u64) -> Self {
        let small = within(word, b'a', b'z');
        *were_small |= small;
        let text = word ^ small >> 2; // upper case lacks the bit 0x20
        let letters = within(text, b'A', b'Z');
        let values = (text & ((0x0f * EACH) | letters >> 3)) + (letters >> 7) * 9; // `A` is 0x41, `P` is 0x50
        Self { text, digits: within(word, b'0', b'9'), letters, values }
    }
}

/// Returns the first four characters and the others, without spaces, and the length of both together.
#[inline]
fn compact(value: &[u8]) -> Option<(u64, [u64; WORDS], usize)> {
    let (head, rest) = value.split_first_chunk::<4>()?;
    let head = u64::from(u32::from_le_bytes(*head));
    let [b' ', groups @ ..] = rest else {
        if rest.len() > 8 * WORDS {
            return None;
        }
        let bban = [word(rest, 0)?, word(rest, 1)?, word(rest, 2)?, word(rest, 3)?];
        return Some((head, bban, value.len()));
    };
    let mut bban = [0; WORDS];
    let mut add =
        |place: usize, four: u64| bban.get_mut(place / 2).map(|word| *word |= four << (32 * (place % 2)));
    let (fives, rest) = groups.as_chunks::<5>();
    for (place, five) in fives.iter().enumerate() {
        let [a, b, c, d, b' '] = *five else { return None };
        add(place, u32::from_le_bytes([a, b, c, d]).into())?;
    }
    if !rest.is_empty() {
        let last = u32::from_le_bytes(*value.last_chunk()?); // begins before it should
        add(fives.len(), (last >> (8 * (4 - rest.len()))).into())?;
    }
    Some((head, bban, 4 + 4 * fives.len() + rest.len()))
}

/// Number of digits that country and check digits are in the number to be checked.
const HEAD_DIGITS: usize = 6;

/// A number that is larger than the number of zeros in the room for the shortest IBAN.
const FRACTION: usize = 24;

/// Ten to the power of −24, −23 and so on, modulo 97.
const POWERS: [u8; FRACTION + 72] = {
    let mut powers = [1; FRACTION + 72];
    let mut place = 0;
    while place < 96 - FRACTION {
        powers[0] = (powers[0] as u32 * 10 % 97) as u8; // 10 has the order 96
        place += 1;
    }
    place = 1;
    while place < powers.len() {
        powers[place] = (powers[place - 1] as u32 * 10 % 97) as u8;
        place += 1;
    }
    powers
};

/// Removes the prefix. No country has the code `IB`, so the prefix cannot be part of an IBAN.
fn strip_prefix(compact: &[u8]) -> Result<&[u8], Reason> {
    let Some(rest) = compact.strip_prefix(b"IBAN") else {
        return if compact.contains(&b':') { Err(Reason::BadCharacter) } else { Ok(compact) };
    };
    Ok(rest.strip_prefix(b":").unwrap_or(rest))
}

fn check(iban: &[u8]) -> Result<(), Reason> {
    let &[first, second, ..] = iban else {
        return Err(Reason::TooShort);
    };
    let country = country([first, second]).ok_or(Reason::UnknownCountry)?;
    if iban.len() != usize::from(country.length) {
        return Err(Reason::WrongLength);
    }
    let (head, mut rest) = iban.split_at(4);
    if !head[2..].iter().all(u8::is_ascii_digit) {
        return Err(Reason::WrongStructure);
    }
    for segment in country.bban {
        let (count, allowed): (u8, fn(&u8) -> bool) = match *segment {
            Segment::N(count) => (count, u8::is_ascii_digit),
            Segment::A(count) => (count, u8::is_ascii_uppercase),
            Segment::C(count) => (count, u8::is_ascii_alphanumeric),
        };
        let (run, after) = rest.split_at(usize::from(count)); // a test adds the counts up to the length
        if !run.iter().all(allowed) {
            return Err(Reason::WrongStructure);
        }
        rest = after;
    }
    if matches!(&head[2..], b"00" | b"01" | b"99") {
        return Err(Reason::CheckDigits);
    }
    let remainder = iban[4..].iter().chain(head).fold(0, append_mod_97);
    if remainder == 1 { Ok(()) } else { Err(Reason::Checksum) }
}

/// Appends a digit, or a letter as its two digits 10 to 35, to a number that is kept modulo 97.
fn append_mod_97(number: u32, byte: &u8) -> u32 {
    match byte {
        b'0'..=b'9' => (number * 10 + u32::from(byte - b'0')) % 97,
        _ => (number * 100 + u32::from(byte - b'A') + 10) % 97,
    }
}
