//! Valid identifiers for benchmarks, different ones in the same order in every run.

use sha3::{Digest as _, Keccak256};

use crate::support::mix;
use crate::wallets;

/// In groups of four, as cards and IBANs are printed.
pub(crate) fn grouped(text: &str, separator: &str) -> String {
    let groups: Vec<&str> =
        text.as_bytes().chunks(4).map(|four| std::str::from_utf8(four).expect("ASCII")).collect();
    groups.join(separator)
}

/// Appends the check digit of Luhn.
pub(crate) fn with_luhn(digits: &str) -> String {
    let values = digits.bytes().rev().enumerate().map(|(place, digit)| {
        let value = u32::from(digit - b'0') << (1 - place % 2);
        value / 10 + value % 10
    });
    format!("{digits}{}", (10 - values.sum::<u32>() % 10) % 10)
}

/// An IBAN of random digits, letters and either, as `n`, `a` and `c` say.
pub(crate) fn iban(country: &str, structure: &str, number: u64) -> String {
    let bban: String = structure
        .bytes()
        .zip(0..)
        .map(|(class, place)| {
            let (random, letter) = (mix(number << 8 | place), mix(number << 8 | place | 1 << 60) % 2 == 1);
            match class {
                b'n' => (b'0' + (random % 10) as u8) as char,
                b'c' if !letter => (b'0' + (random % 10) as u8) as char,
                _ => (b'A' + (random % 26) as u8) as char,
            }
        })
        .collect();
    let rest = format!("{bban}{country}00")
        .chars()
        .map(|c| c.to_digit(36).expect("letters and digits"))
        .fold(0, |rest, value| (rest * if value < 10 { 10 } else { 100 } + value) % 97);
    format!("{country}{:02}{bban}", 98 - rest)
}

pub(crate) fn evm(number: u64) -> String {
    format!("0x{:016x}{:016x}{:08x}", mix(number), mix(number + 1), mix(number) as u32)
}

/// The casing of EIP-55.
pub(crate) fn eip55(address: &str) -> String {
    let digits = &address[2..];
    let hash = Keccak256::digest(digits);
    let cased = digits.chars().enumerate().map(|(place, digit)| {
        let nibble = hash[place / 2] >> (4 * (1 - place % 2)) & 0xf;
        if nibble >= 8 { digit.to_ascii_uppercase() } else { digit }
    });
    format!("0x{}", cased.collect::<String>())
}

/// 20 random bytes.
pub(crate) fn hash(number: u64) -> [u8; 20] {
    std::array::from_fn(|place| (mix(8 * number + place as u64 / 8) >> (8 * (place % 8))) as u8)
}

pub(crate) fn base58(number: u64) -> String {
    wallets::base58check(0, &hash(number))
}

pub(crate) fn litecoin(number: u64) -> String {
    wallets::base58check(0x30, &hash(number))
}

pub(crate) fn tron(number: u64) -> String {
    wallets::base58check(0x41, &hash(number))
}

pub(crate) fn cash_addr(number: u64) -> String {
    wallets::cash_addr("bitcoincash", 0, &hash(number))
}

pub(crate) fn monero(number: u64) -> String {
    wallets::monero(
        18,
        &std::array::from_fn(|place| (mix(8 * number + place as u64 / 8) >> (8 * (place % 8))) as u8),
        &[],
    )
}

pub(crate) fn segwit(version: u8, len: usize, number: u64) -> String {
    let program: Vec<u8> = (0..4).flat_map(|word| mix(number << 2 | word).to_be_bytes()).take(len).collect();
    wallets::segwit("bc", version, &program)
}

/// So many characters of an alphabet.
pub(crate) fn characters(alphabet: &str, len: u64, number: u64) -> String {
    let letters = alphabet.as_bytes();
    let letter = |place| letters[(mix(number << 8 | place) % letters.len() as u64) as usize];
    (0..len).map(|place| char::from(letter(place))).collect()
}

/// Letters and digits, as references and codes have them.
pub(crate) const ALPHANUMERIC: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

/// A code with a branch, every other one the head office's.
pub(crate) fn bic(number: u64) -> String {
    let (party, branch) =
        (characters("ABCDEFGHKLMNPRSTUVW", 4, number), characters(ALPHANUMERIC, 3, number + 1));
    format!("{party}DEFF{}", if mix(number).is_multiple_of(2) { "XXX" } else { &branch })
}

pub(crate) fn par(number: u64) -> String {
    format!("V001{}", characters(ALPHANUMERIC, 25, number))
}

pub(crate) fn imei(number: u64) -> String {
    with_luhn(&format!("35{:012}", mix(number) % 1_000_000_000_000))
}

pub(crate) fn merchant(number: u64) -> String {
    format!("{}/MERCHANT{:07}", 400_000 + mix(number) % 1000, mix(number) >> 40 & 0xf_ffff)
}

pub(crate) fn paypal(number: u64) -> String {
    characters("23456789ABCDEFGHJKLMNPQRSTUVWXYZ", 13, number)
}

/// Two to four labels.
pub(crate) fn host(number: u64) -> String {
    let name = characters("abcdefghijklmnopqrstuvwxyz0123456789", 4 + mix(number) % 12, number);
    match mix(number) >> 60 & 3 {
        0 => format!("www.shop-{name}.co.example"),
        1 => format!("www.x{name}.example"),
        _ => format!("x{name}.example"),
    }
}

/// First name, last name, tag, in varying lengths.
pub(crate) fn email(number: u64, domain: &str) -> String {
    const NAMES: [&str; 8] = ["jane", "ed", "alexander", "mia", "noor", "li", "charlotte", "ben"];
    let name = |bits: u64| NAMES[(mix(number) >> bits & 7) as usize];
    match mix(number) >> 60 & 3 {
        0 => format!("{}.{}+{}@{domain}", name(0), name(3), mix(number) >> 40 & 0xfff),
        1 => format!("{}{}@mail.{domain}", name(0), mix(number) >> 40 & 0xfffff),
        _ => format!("{}.{}{}@{domain}", name(0), name(3), mix(number) >> 40 & 0xfff),
    }
}
