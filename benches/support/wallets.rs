//! Encoders of wallet addresses, for benchmarks and tests: the way back from what the grammars read.

use bech32::{Fe32, Hrp};
use sha2::Sha256;
use sha3::{Digest as _, Keccak256};

/// Base58Check of a version byte and a hash of 20 bytes.
pub(crate) fn base58check(version: u8, hash: &[u8; 20]) -> String {
    let payload = [&[version], &hash[..]].concat();
    let checksum = Sha256::digest(Sha256::digest(&payload));
    base58(&[&payload, &checksum[..4]].concat())
}

fn base58(bytes: &[u8]) -> String {
    let mut text = [0u8; 64];
    let len = bs58::encode(bytes).onto(&mut text[..]).expect("fits");
    String::from_utf8(text[..len].to_vec()).expect("ASCII")
}

/// A witness address (BIP-173, BIP-350).
pub(crate) fn segwit(network: &str, version: u8, program: &[u8]) -> String {
    let version = Fe32::try_from(version).expect("below 32");
    let mut text = String::new();
    let network = Hrp::parse(network).expect("a network");
    bech32::segwit::encode_lower_to_fmt_unchecked(&mut text, network, version, program).expect("fits");
    text
}

/// CashAddr, from the bits of its type and size and the hash.
pub(crate) fn cash_addr(prefix: &str, version: u8, hash: &[u8]) -> String {
    const CHARSET: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    let bits: Vec<u8> = [&[version], hash]
        .concat()
        .iter()
        .flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1))
        .collect();
    let five = |bits: &[u8]| (0..5).fold(0, |five, at| five << 1 | bits.get(at).copied().unwrap_or(0));
    let payload: Vec<u8> = bits.chunks(5).map(five).collect();
    let known = prefix.bytes().map(|byte| byte & 0x1f).chain([0]).chain(payload.iter().copied());
    let mut remainder = 1u64;
    for value in known.chain([0; 8]) {
        let top = (remainder >> 35) as u8;
        remainder = (remainder & ((1 << 35) - 1)) << 5 ^ u64::from(value);
        for (bit, generator) in
            [0x98f2bc8e61, 0x79b76d99e2, 0xf33e5fb3c4, 0xae2eabe2a8, 0x1e4f43e470].into_iter().enumerate()
        {
            if top >> bit & 1 == 1 {
                remainder ^= generator;
            }
        }
    }
    remainder ^= 1;
    let checksum = (0..8).rev().map(|place| (remainder >> (5 * place) & 0x1f) as u8);
    let text = payload.iter().copied().chain(checksum).map(|five| char::from(CHARSET[usize::from(five)]));
    format!("{prefix}:{}", text.collect::<String>())
}

/// A Monero address: network byte, two keys, perhaps a payment id.
pub(crate) fn monero(network: u8, keys: &[u8; 64], payment_id: &[u8]) -> String {
    const ALPHABET: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    let content = [&[network], &keys[..], payment_id].concat();
    let whole = [&content, &Keccak256::digest(&content)[..4]].concat();
    let block = |bytes: &[u8]| {
        let len = if bytes.len() == 8 { 11 } else { 7 };
        let mut number = bytes.iter().fold(0u128, |number, byte| number << 8 | u128::from(*byte));
        let mut digits = vec![b'1'; len];
        for digit in digits.iter_mut().rev() {
            *digit = ALPHABET[(number % 58) as usize];
            number /= 58;
        }
        String::from_utf8(digits).expect("ASCII")
    };
    whole.chunks(8).map(block).collect()
}
