//! `crypto.bch/1`: a Bitcoin Cash address of the main network: its type, then the hash of 20 or 32 bytes.
//!
//! The address may be CashAddr, with or without its prefix `bitcoincash:`. The sources are the specification of
//! CashAddr, and that of CashTokens, CHIP-2022-02, for the token-aware types 2 and 3, which name the same scripts as 0
//! and 1. It may also be the legacy Base58Check that it shares with Bitcoin, versions 0 and 5. Lists have both
//! spellings of one address. A legacy address does not say to which chain it belongs; nor does this kind.

use crate::outcome::Reason;

use super::{Canonical, Note, alphabet, base58check};

const PREFIX: &str = "bitcoincash";
/// Prefixes of other networks; people leave them out as often.
const OTHER_NETWORKS: [&str; 2] = ["bchtest", "bchreg"];

/// Longest CashAddr: 64 bytes, and a prefix of 20 characters.
const MAX_ADDRESS: usize = 20 + 1 + MAX_PAYLOAD;
/// Characters behind the prefix: version byte and 64 bytes in fives, and the checksum.
const MAX_PAYLOAD: usize = 104 + CHECKSUM;
const CHECKSUM: usize = 8;

static VALUES: [u8; 256] = alphabet::values(b"qpzry9x8gf2tvdw0s3jn54khce6mua7l", true);

pub(super) fn canonicalize(value: &str, out: &mut Canonical) -> Result<Note, Reason> {
    let address = value.split_once('?').map_or(value, |(address, _)| address);
    match address.len() {
        0 => return Err(Reason::TooShort),
        1..=MAX_ADDRESS => {}
        _ => return Err(Reason::TooLong),
    }
    let (prefix, payload) = match address.split_once(':') {
        Some((prefix, payload)) => (Some(prefix), payload),
        None => (None, address),
    };
    if is_legacy(payload) {
        if prefix.is_some_and(|prefix| !prefix.eq_ignore_ascii_case(PREFIX)) {
            return Err(Reason::WrongNetwork);
        }
        let [version, hash @ ..] = base58check::decode(payload)?;
        let (0 | 5) = version else { return Err(Reason::WrongNetwork) };
        out.push(u8::from(version == 5))?;
        out.extend(&hash)?;
    } else {
        write_cash_addr(prefix, payload, out)?;
    }
    // The normal spelling is the specification's: prefix and lower case.
    let normal = prefix == Some(PREFIX)
        && !is_legacy(payload)
        && address.len() == value.len()
        && !payload.bytes().any(|byte| byte.is_ascii_uppercase())
        && !matches!(payload.as_bytes()[0], b'z' | b'r');
    Ok(Note { changed: !normal, warning: false })
}

/// Whether an address is a legacy one. The payload of CashAddr begins with the letter of its type, `q`, `p`, `z` or
/// `r`; Base58Check under Bitcoin's versions begins with one of the characters below.
fn is_legacy(payload: &str) -> bool {
    matches!(payload.as_bytes().first(), Some(b'1' | b'2' | b'3' | b'm' | b'n'))
}

fn write_cash_addr(prefix: Option<&str>, payload: &str, out: &mut Canonical) -> Result<(), Reason> {
    let mut fives = [0u8; MAX_PAYLOAD];
    let fives = fives.get_mut(..payload.len()).ok_or(Reason::TooLong)?;
    for (five, byte) in fives.iter_mut().zip(payload.bytes()) {
        *five = VALUES[usize::from(byte)];
        if *five == alphabet::NONE {
            return Err(Reason::BadCharacter);
        }
    }
    let letters = || prefix.unwrap_or_default().bytes().chain(payload.bytes());
    if letters().any(|byte| byte.is_ascii_lowercase()) && letters().any(|byte| byte.is_ascii_uppercase()) {
        return Err(Reason::MixedCase);
    }
    if fives.len() < CHECKSUM {
        return Err(Reason::TooShort); // no room for a checksum
    }
    let fits = |prefix: &str| checksum(prefix, fives) == 0;
    match prefix {
        Some(prefix) if !fits(prefix) => return Err(Reason::Checksum),
        Some(prefix) if !prefix.eq_ignore_ascii_case(PREFIX) => return Err(Reason::WrongNetwork),
        Some(_) => {}
        None if fits(PREFIX) => {}
        None if OTHER_NETWORKS.into_iter().any(fits) => return Err(Reason::WrongNetwork),
        None => return Err(Reason::Checksum),
    }
    let mut bytes = [0; 1 + 64];
    let bytes = bytes_of(&fives[..fives.len() - CHECKSUM], &mut bytes).ok_or(Reason::CashAddrPayload)?;
    let (version, hash) = bytes.split_first().ok_or(Reason::CashAddrPayload)?;
    let hash_len = match version & 0b111 {
        0 => 20,
        3 => 32,
        _ => return Err(Reason::CashAddrPayload),
    };
    let kind = version >> 3;
    if hash.len() != hash_len || kind > 3 {
        return Err(Reason::CashAddrPayload);
    }
    out.push(kind & 1)?; // 2 and 3 are 0 and 1 of a wallet that knows tokens
    out.extend(hash)
}

/// Joins five bits each to bytes of eight; returns nothing if bits are left that are not padding.
fn bytes_of<'a>(fives: &[u8], bytes: &'a mut [u8; 65]) -> Option<&'a [u8]> {
    let (mut bits, mut waiting, mut len) = (0u32, 0, 0);
    for five in fives {
        bits = bits << 5 | u32::from(*five);
        waiting += 5;
        if waiting >= 8 {
            waiting -= 8;
            *bytes.get_mut(len)? = (bits >> waiting) as u8;
            len += 1;
        }
    }
    (waiting < 5 && bits & ((1 << waiting) - 1) == 0).then_some(&bytes[..len])
}

/// Returns 0 if the checksum at the end of the payload fits: the `PolyMod` of the specification.
fn checksum(prefix: &str, payload: &[u8]) -> u64 {
    const GENERATORS: [u64; 5] =
        [0x98_f2bc_8e61, 0x79_b76d_99e2, 0xf3_3e5f_b3c4, 0xae_2eab_e2a8, 0x1e_4f43_e470];
    let values = prefix.bytes().map(|byte| byte & 0x1f).chain([0]).chain(payload.iter().copied());
    let remainder = values.fold(1u64, |remainder, value| {
        let top = remainder >> 35;
        let shifted = (remainder & 0x07_ffff_ffff) << 5 ^ u64::from(value);
        // Each generator, or nothing where its bit is not set: without a branch.
        let of = |(bit, generator): (usize, &u64)| generator & (top >> bit & 1).wrapping_neg();
        GENERATORS.iter().enumerate().fold(shifted, |sum, generator| sum ^ of(generator))
    });
    remainder ^ 1
}
