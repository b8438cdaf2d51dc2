//! `crypto.evm/1`: the 20 bytes of an address, on any Ethereum-like chain and for any token.
//!
//! 40 hex digits with or without `0x`. Case carries only a checksum (EIP-55) and is dropped. A mixed
//! casing that is not EIP-55 is a warning, not a rejection: EIP-1191 casing depends on the chain.

use sha3::{Digest, Keccak256};

use super::{Canonical, Note};
use crate::rejection::Reason;

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

/// Value of a character known to be a hex digit.
fn nibble(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        _ => (digit | 0x20) - b'a' + 10,
    }
}

/// Whether each letter is upper case exactly where the Keccak-256 of the lower-case digits, as ASCII,
/// has a nibble of 8 or more.
fn is_eip55(digits: &[u8; 40]) -> bool {
    let hash = Keccak256::digest(digits.map(|digit| digit.to_ascii_lowercase()));
    digits.iter().enumerate().filter(|(_, digit)| digit.is_ascii_alphabetic()).all(|(place, digit)| {
        let nibble = hash[place / 2] >> (4 * (1 - place % 2)) & 0xf;
        digit.is_ascii_uppercase() == (nibble >= 8)
    })
}
