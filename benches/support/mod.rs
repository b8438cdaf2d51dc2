//! Tokens, sets and rows for benchmarks: random, and the same in every run.
#![allow(dead_code, unreachable_pub, reason = "each benchmark uses its part")]

use veilmatch::terms::{KeyContext, KeyId, KindId, Name, RuleDigest, SuppressionDigest, Terms};
use veilmatch::{Token, TokenSet};

/// A 64-bit mixer (SplitMix64): a sequence of numbers that looks random.
pub fn mix(number: u64) -> u64 {
    let mut z = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ z >> 31
}

pub fn token(number: u64) -> Token {
    let bits = u128::from(mix(2 * number)) << 64 | u128::from(mix(2 * number + 1));
    Token::from_bytes(bits.to_be_bytes())
}

pub fn tokens(numbers: std::ops::Range<u64>) -> Vec<Token> {
    numbers.map(token).collect()
}

pub fn set(member: &str, numbers: std::ops::Range<u64>) -> TokenSet {
    let terms = Terms {
        context: KeyContext::new(
            Name::new("bench").expect("valid"),
            1,
            KindId::new("card.pan/1").expect("valid"),
        )
        .expect("valid"),
        key_id: KeyId([1; 8]),
        rules: RuleDigest([2; 32]),
        suppression: SuppressionDigest([3; 32]),
        round: None,
    };
    TokenSet::from_tokens(terms, Name::new(member).expect("valid"), tokens(numbers))
}

/// Distinct 16-digit numbers under an unassigned prefix that satisfy Luhn.
pub fn card(number: u64) -> [u8; 16] {
    let mut digits = [0; 16];
    let text = format!("9999{number:011}0");
    digits.copy_from_slice(text.as_bytes());
    let sum: u32 = digits[..15]
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| {
            let value = u32::from(digit - b'0') << (1 - place % 2);
            value / 10 + value % 10
        })
        .sum();
    digits[15] = b'0' + ((10 - sum % 10) % 10) as u8;
    digits
}

/// One card number a line.
pub fn card_lines(numbers: std::ops::Range<u64>) -> Vec<u8> {
    numbers.flat_map(|number| card(mix(number) % 100_000_000_000).into_iter().chain([b'\n'])).collect()
}
