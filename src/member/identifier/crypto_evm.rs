//! `crypto.evm/1`: the 20 bytes of an address, on any Ethereum-like chain and for any token.
//!
//! 40 hex digits with or without `0x`. Case carries only a checksum (EIP-55) and is dropped. A mixed casing that is not
//! EIP-55 is a warning, not a rejection: EIP-1191 casing depends on the chain.

use sha3::{Digest, Keccak256};

use crate::outcome::Reason;

use super::words::{ALL, EACH, within, words};
use super::{Canonical, Note};

pub(super) fn canonicalize(value: &[u8], out: &mut Canonical) -> Result<Note, Reason> {
    let bare = value.strip_prefix(b"0x").or_else(|| value.strip_prefix(b"0X"));
    let digits = bare.unwrap_or(value);
    if !digits.iter().all(u8::is_ascii_hexdigit) {
        return Err(Reason::BadCharacter);
    }
    let digits: &[u8; 40] = match digits.len() {
        ..40 => return Err(Reason::TooShort),
        41.. => return Err(Reason::TooLong), // 64 digits are a transaction or a key, not an address
        40 => digits.try_into().map_err(|_| Reason::TooLong)?,
    };
    for pair in digits.chunks_exact(2) {
        out.push(nibble(pair[0]) << 4 | nibble(pair[1]))?;
    }
    let upper = digits.iter().any(u8::is_ascii_uppercase);
    let lower = digits.iter().any(u8::is_ascii_lowercase);
    Ok(Note { changed: upper || !value.starts_with(b"0x"), warning: upper && lower && !is_eip55(digits) })
}

/// Decides values of 40 hex digits.
#[inline]
pub(super) fn usual(value: &[u8], out: &mut Canonical) -> Option<Result<Note, Reason>> {
    let digits: &[u8; 40] = match value {
        [b'0', b'x' | b'X', digits @ ..] if digits.len() == 40 => digits,
        _ => value,
    }
    .try_into()
    .ok()?;
    let mut others = 0;
    let decoded = words(digits).map(|word| {
        let digit = HexDigits::new(word);
        others |= ALL ^ (within(word, b'0', b'9') | digit.capital | digit.small);
        digit
    });
    if others != 0 {
        return None;
    }
    let [a, b, c, d, e] = decoded.map(|digits| digits.bytes());
    out.set([a | b << 32, c | d << 32, e], 20);
    let upper = decoded.iter().any(|digits| digits.capital != 0);
    let lower = decoded.iter().any(|digits| digits.small != 0);
    let warning = upper && lower && !has_casing_of_eip55(&decoded);
    Some(Ok(Note { changed: upper || !value.starts_with(b"0x"), warning }))
}

/// Eight hex digits, with masks of the upper-case and the lower-case letters.
#[derive(Clone, Copy)]
struct HexDigits {
    text: u64,
    capital: u64,
    small: u64,
}

impl HexDigits {
    #[inline]
    fn new(text: u64) -> Self {
        Self { text, capital: within(text, b'A', b'F'), small: within(text, b'a', b'f') }
    }

    /// Returns the four bytes that the digits are, the first the lowest.
    #[inline]
    fn bytes(&self) -> u64 {
        let nibbles = (self.text & (0x0f * EACH)) + ((self.capital | self.small) >> 7) * 9;
        let bytes = (nibbles << 4 | nibbles >> 8) & 0x00ff_00ff_00ff_00ff;
        let pairs = (bytes | bytes >> 8) & 0x0000_ffff_0000_ffff;
        (pairs | pairs >> 16) & 0xffff_ffff
    }
}

/// Checks the casing as [`is_eip55`] does.
fn has_casing_of_eip55(digits: &[HexDigits; 5]) -> bool {
    let mut lower = Keccak256::new();
    for eight in digits {
        lower.update((eight.text | eight.capital >> 2).to_le_bytes()); // lower case has the bit 0x20
    }
    let hash = lower.finalize();
    digits.iter().zip(hash.as_chunks::<4>().0).all(|(eight, four)| {
        let bytes = u64::from(u32::from_le_bytes(*four));
        let pairs = (bytes | bytes << 16) & 0x0000_ffff_0000_ffff;
        let apart = (pairs | pairs << 8) & 0x00ff_00ff_00ff_00ff;
        // The highest bit of each byte's first nibble, and of the second, moved to the byte behind.
        let large = apart & 0x0080_0080_0080_0080 | (apart & 0x0008_0008_0008_0008) << 12;
        eight.capital == large & (eight.capital | eight.small)
    })
}

/// Returns the value of a character that is known to be a hex digit.
fn nibble(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        _ => (digit | 0x20) - b'a' + 10,
    }
}

/// Whether each letter is upper case exactly where the Keccak-256 of the lower-case digits, as ASCII, has a nibble of 8
/// or more.
fn is_eip55(digits: &[u8; 40]) -> bool {
    let hash = Keccak256::digest(digits.map(|digit| digit.to_ascii_lowercase()));
    digits.iter().enumerate().filter(|(_, digit)| digit.is_ascii_alphabetic()).all(|(place, digit)| {
        let nibble = hash[place / 2] >> (4 * (1 - place % 2)) & 0xf;
        digit.is_ascii_uppercase() == (nibble >= 8)
    })
}
