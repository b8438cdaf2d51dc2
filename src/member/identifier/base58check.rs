//! Base58Check: a version byte, a hash of 20 bytes and a checksum (Bitcoin's form, and that of the chains that came of
//! it).

use sha2::block_api::compress256;

use crate::outcome::Reason;
use crate::sha256::{BLOCK, INITIAL};

use super::alphabet;

/// Length of version byte and hash.
const PAYLOAD: usize = 21;
const CHECKSUM: usize = 4;
const LEN: usize = PAYLOAD + CHECKSUM;

type Bytes = [u8; LEN];

/// Returns the version byte and the hash behind it, if the checksum fits.
///
/// 25 bytes in Base58 have one spelling only. Decoding takes the square of the length: callers bound it.
pub(super) fn decode(address: &str) -> Result<[u8; PAYLOAD], Reason> {
    let bytes = match decode_usual(address.as_bytes()) {
        Some(bytes) => bytes,
        None => decode_any(address)?,
    };
    let (payload, checksum) = bytes.split_first_chunk().expect("longer than its payload");
    if sha256(&sha256(payload))[..CHECKSUM] != *checksum {
        return Err(Reason::Checksum);
    }
    Ok(*payload)
}

/// Decodes by the package, or says why this is not possible.
fn decode_any(address: &str) -> Result<Bytes, Reason> {
    let mut bytes = [0; LEN];
    match bs58::decode(address).onto(&mut bytes) {
        Ok(LEN) => Ok(bytes),
        Ok(_) => Err(Reason::TooShort),
        Err(bs58::decode::Error::BufferTooSmall) => Err(Reason::TooLong),
        Err(_) => Err(Reason::BadCharacter),
    }
}

const ALPHABET: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
static VALUES: [u8; 256] = alphabet::values(ALPHABET, false);

/// The most digits whose number is below 2⁶⁴.
const DIGITS_OF_A_WORD: usize = 10;

/// Decodes what has the right length; returns nothing for all else. It multiplies words, where the package takes byte by
/// byte.
fn decode_usual(address: &[u8]) -> Option<Bytes> {
    let mut number = [0u64; 4]; // the lowest word first
    for digits in address.chunks(DIGITS_OF_A_WORD) {
        let (mut carry, mut power, mut unknown) = (0u64, 1u64, false);
        for digit in digits {
            let value = VALUES[usize::from(*digit)];
            unknown |= value == alphabet::NONE;
            carry = carry.wrapping_mul(58).wrapping_add(u64::from(value));
            power = power.wrapping_mul(58); // below 2⁶⁴
        }
        for word in &mut number {
            let product = u128::from(*word) * u128::from(power) + u128::from(carry);
            (*word, carry) = (product as u64, (product >> 64) as u64);
        }
        if unknown || carry != 0 {
            return None;
        }
    }
    let mut bytes = [0; 32];
    let (words, _) = bytes.as_chunks_mut::<8>();
    words.iter_mut().zip(number.iter().rev()).for_each(|(bytes, word)| *bytes = word.to_be_bytes());
    // Each zero in front is a digit of its own.
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    let zero_digits = address.iter().take_while(|digit| **digit == ALPHABET[0]).count();
    (zeros == bytes.len() - LEN + zero_digits).then(|| *bytes.last_chunk().expect("it is longer"))
}

/// Returns the SHA-256 of a short message.
fn sha256(message: &[u8]) -> [u8; 32] {
    let mut block = [0; BLOCK];
    block[..message.len()].copy_from_slice(message);
    block[message.len()] = 0x80;
    block[BLOCK - 8..].copy_from_slice(&(8 * message.len() as u64).to_be_bytes());
    let mut state = INITIAL;
    compress256(&mut state, &[block]);
    let mut digest = [0; 32];
    digest.copy_from_slice(state.map(u32::to_be_bytes).as_flattened());
    digest
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use sha2::{Digest as _, Sha256};

    use super::*;

    /// What the package decodes to the right length.
    fn by_package(address: &str) -> Option<Bytes> {
        decode_any(address).ok()
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 8000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn what_is_decoded_is_what_the_package_decodes(
            bytes in prop::collection::vec(any::<u8>(), 23..27), zeros in 0usize..6, near in "[1-9A-HJ-NP-Za-km-z0Il é]{0,40}",
        ) {
            let mut bytes = bytes;
            bytes.iter_mut().take(zeros).for_each(|byte| *byte = 0);
            let mut text = [0; 64];
            let len = bs58::encode(&bytes).onto(&mut text[..]).unwrap();
            let address = std::str::from_utf8(&text[..len]).unwrap().to_owned();
            for address in [address.clone(), format!("1{address}"), address[1..].to_owned(), format!("{address}z"), near] {
                prop_assert_eq!(decode_usual(address.as_bytes()), by_package(&address), "{}", address);
            }
            prop_assert_eq!(by_package(&address).is_some(), bytes.len() == LEN);
        }

        #[test]
        fn short_messages_are_hashed_as_by_the_package(message in prop::collection::vec(any::<u8>(), 0..56)) {
            prop_assert_eq!(&sha256(&message)[..], &Sha256::digest(&message)[..]);
        }
    }
}
