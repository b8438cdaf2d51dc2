//! Values as members have them, at random, and spellings of one value.
#![allow(dead_code, unreachable_pub, reason = "each test file uses its part")]

use proptest::prelude::*;

pub use super::exports::luhn_digit;

/// A card number of 12 to 19 digits.
pub fn pan() -> impl Strategy<Value = String> {
    let pan = "[1-9][0-9]{10,17}".prop_map(|body| format!("{body}{}", luhn_digit(&body)));
    pan.prop_filter("all equal", |pan| pan.bytes().any(|digit| digit != pan.as_bytes()[0]))
}

/// A German, British or French IBAN with the right check digits.
pub fn iban() -> impl Strategy<Value = String> {
    let rest = |text: &str| {
        text.chars()
            .flat_map(|c| c.to_digit(36).unwrap().to_string().into_bytes())
            .fold(0u32, |rest, digit| (rest * 10 + u32::from(digit - b'0')) % 97)
    };
    let parts = prop_oneof![
        "[0-9]{18}".prop_map(|bban| ("DE", bban)),
        "[A-Z]{4}[0-9]{14}".prop_map(|bban| ("GB", bban)),
        "[0-9]{5}[0-9]{5}[0-9A-Z]{11}[0-9]{2}".prop_map(|bban| ("FR", bban)),
    ];
    parts.prop_map(move |(country, bban)| {
        format!("{country}{:02}{bban}", 98 - rest(&format!("{bban}{country}00")))
    })
}

/// An address of the main network, of any type and witness version.
pub fn btc() -> impl Strategy<Value = String> {
    let base58 = (prop_oneof![Just(0u8), Just(5u8)], any::<[u8; 20]>()).prop_map(|(version, hash)| {
        use sha2::{Digest, Sha256};
        let mut bytes = vec![version];
        bytes.extend(hash);
        let checksum = Sha256::digest(Sha256::digest(&bytes));
        bytes.extend(&checksum[..4]);
        let mut text = [0u8; 64];
        let len = bs58::encode(&bytes).onto(&mut text[..]).unwrap();
        String::from_utf8(text[..len].to_vec()).unwrap()
    });
    let segwit = |version: u8, program: Vec<u8>| {
        let mut text = String::new();
        let version = bech32::Fe32::try_from(version).unwrap();
        bech32::segwit::encode_lower_to_fmt_unchecked(&mut text, bech32::hrp::BC, version, &program).unwrap();
        text
    };
    prop_oneof![
        base58,
        any::<[u8; 20]>().prop_map(move |program| segwit(0, program.to_vec())),
        (1u8..=16, prop::collection::vec(any::<u8>(), 2..=40))
            .prop_map(move |(v, program)| segwit(v, program)),
    ]
}

/// Local parts that every mailbox may have.
const LOCAL: &str = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]{1,8}(\\.[A-Za-z0-9+-]{1,8}){0,3}";

/// An e-mail address, not always valid.
pub fn email() -> impl Strategy<Value = String> {
    let domain = prop_oneof![
        "[a-zA-Z0-9-]{1,10}(\\.[a-zA-Z0-9]{1,10}){0,2}\\.?",
        Just("gmail.com".to_owned()),
        Just("GoogleMail.com".to_owned()),
        "[a-zA-Zà-öø-ÿΑ-Ωα-ωа-я一-十]{1,6}\\.example",
    ];
    (LOCAL, domain).prop_map(|(local, domain)| format!("{local}@{domain}"))
}

/// An international number without separators: North America, the United Kingdom, Germany, Italy, Finland, Côte d'Ivoire.
pub fn phone() -> impl Strategy<Value = String> {
    "\\+(1[2-9][0-9]{9}|447[0-9]{9}|49[2-9][0-9]{5,11}|3906[0-9]{6,8}|358[25][0-9]{5,8}|225(01|27)[0-9]{8})"
}

/// Puts separators behind characters, as `places` says.
pub fn separated(text: &str, separators: &[&str], places: &[u8]) -> String {
    let last = text.chars().count() - 1;
    let mut spread = String::new();
    for (index, c) in text.chars().enumerate() {
        spread.push(c);
        if let Some(place) = places.get(index).filter(|_| index < last) {
            spread.push_str(separators.get(usize::from(*place)).unwrap_or(&""));
        }
    }
    spread
}
