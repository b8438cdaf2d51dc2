//! Base58Check: a version byte, a hash of 20 bytes and a checksum (Bitcoin's form, and that of the chains that came of
//! it).

use sha2::{Digest, Sha256};

use crate::outcome::Reason;

/// Length of version byte and hash.
const PAYLOAD: usize = 21;
const CHECKSUM: usize = 4;

/// Returns the version byte and the hash behind it, if the checksum fits.
///
/// 25 bytes in Base58 have one spelling only. Decoding takes the square of the length: callers bound it.
pub(super) fn decode(address: &str) -> Result<[u8; PAYLOAD], Reason> {
    let mut bytes = [0u8; PAYLOAD + CHECKSUM];
    match bs58::decode(address).onto(&mut bytes) {
        Ok(len) if len == bytes.len() => {}
        Ok(_) => return Err(Reason::TooShort),
        Err(bs58::decode::Error::BufferTooSmall) => return Err(Reason::TooLong),
        Err(_) => return Err(Reason::BadCharacter),
    }
    let (payload, checksum) = bytes.split_first_chunk().expect("longer than its payload");
    if Sha256::digest(Sha256::digest(payload))[..CHECKSUM] != *checksum {
        return Err(Reason::Checksum);
    }
    Ok(*payload)
}
