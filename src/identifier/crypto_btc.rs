//! `crypto.btc/1`: a Bitcoin address of the main network, Base58Check in its case, bech32 in lower case.
//!
//! BIP-13 and BIP-16 (versions 0x00 and 0x05), BIP-173 and BIP-350. A `bitcoin:` prefix and a query
//! (BIP-21) are stripped. Base58Check of 25 bytes has one spelling only, so the text itself is canonical.

use bech32::primitives::decode::{CharError, UncheckedHrpstring, UncheckedHrpstringError};
use bech32::{Bech32, Bech32m, Fe32, hrp};
use sha2::{Digest, Sha256};

use super::{Canonical, Note};
use crate::rejection::Reason;

/// Longest bech32 string (BIP-173); Base58Check of 25 bytes is far shorter.
const MAX_ADDRESS: usize = 90;

pub(super) fn canonicalize(value: &str, out: &mut Canonical) -> Result<Note, Reason> {
    let address = strip_uri(value);
    match address.len() {
        0 => return Err(Reason::TooShort),
        1..=MAX_ADDRESS => {}
        _ => return Err(Reason::TooLong),
    }
    if is_segwit(address) {
        check_bech32(address)?;
        for byte in address.bytes() {
            out.push(byte.to_ascii_lowercase())?;
        }
    } else {
        check_base58(address)?;
        out.extend(address.as_bytes())?;
    }
    Ok(Note { changed: out.as_bytes() != value.as_bytes(), warning: false })
}

/// BIP-21: `bitcoin:` in any case before the address, `?` and parameters after it.
fn strip_uri(value: &str) -> &str {
    const SCHEME: &str = "bitcoin:";
    let rest = match value.split_at_checked(SCHEME.len()) {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case(SCHEME) => rest,
        _ => value,
    };
    rest.split_once('?').map_or(rest, |(address, _)| address)
}

/// Whether the text is to be read as bech32: a short human-readable part before the first `1`. Base58Check
/// under Bitcoin's versions begins with `1`, `2`, `3`, `m` or `n`, and no bech32 address does; for what is
/// neither, this decides on the reason only.
fn is_segwit(address: &str) -> bool {
    let starts_base58 = matches!(address.as_bytes()[0], b'1' | b'2' | b'3' | b'm' | b'n');
    let human_readable = address.split_once('1').is_some_and(|(part, _)| part.len() <= 4);
    !starts_base58 && human_readable
}

fn check_base58(address: &str) -> Result<(), Reason> {
    let mut bytes = [0u8; 25];
    match bs58::decode(address).onto(&mut bytes) {
        Ok(25) => {}
        Ok(_) => return Err(Reason::TooShort),
        Err(bs58::decode::Error::BufferTooSmall) => return Err(Reason::TooLong),
        Err(_) => return Err(Reason::BadCharacter),
    }
    let (payload, checksum) = bytes.split_at(21);
    if Sha256::digest(Sha256::digest(payload))[..4] != *checksum {
        return Err(Reason::Checksum);
    }
    // Other versions are test networks and other chains, which share the encoding.
    if matches!(payload[0], 0x00 | 0x05) { Ok(()) } else { Err(Reason::WrongNetwork) }
}

/// Checks in the order in which BIP-173 and BIP-350 state the faults of their invalid examples; the
/// network is last, so that a damaged address of a test network is called damaged.
fn check_bech32(address: &str) -> Result<(), Reason> {
    let unchecked = UncheckedHrpstring::new(address).map_err(reason_of)?;
    if unchecked.data_part_ascii().len() < 6 {
        return Err(Reason::TooShort); // no room for a checksum
    }
    // The variant that the version calls for comes first, and is nearly always the one.
    let expected = !matches!(unchecked.data_part_ascii()[0], b'q' | b'Q');
    let fits = |bech32m| match bech32m {
        true => unchecked.has_valid_checksum::<Bech32m>(),
        false => unchecked.has_valid_checksum::<Bech32>(),
    };
    let Some(is_bech32m) = [expected, !expected].into_iter().find(|bech32m| fits(*bech32m)) else {
        return Err(Reason::Checksum);
    };
    let checked = unchecked.remove_checksum::<Bech32m>(); // six characters in both
    let first = *checked.data_part_ascii_no_checksum().first().ok_or(Reason::WitnessProgram)?;
    let version = Fe32::from_char(first.into()).map_err(|_| Reason::BadCharacter)?;
    if version.to_u8() > 16 {
        return Err(Reason::UnknownVersion);
    }
    if is_bech32m != (version.to_u8() > 0) {
        return Err(Reason::ChecksumVariant);
    }
    let mut program = checked;
    program.remove_witness_version();
    if program.validate_segwit_padding().is_err() || program.validate_witness_program_length(version).is_err()
    {
        return Err(Reason::WitnessProgram);
    }
    if program.hrp() == hrp::BC { Ok(()) } else { Err(Reason::WrongNetwork) }
}

fn reason_of(error: UncheckedHrpstringError) -> Reason {
    match error {
        UncheckedHrpstringError::Char(CharError::MixedCase) => Reason::MixedCase,
        UncheckedHrpstringError::Hrp(_) => Reason::WrongNetwork, // empty or too long, so not `bc`
        _ => Reason::BadCharacter,
    }
}
