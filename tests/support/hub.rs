//! Sets as a hub sees them, made without any key.
#![allow(dead_code, unreachable_pub, reason = "each test file uses its part")]

use veilmatch::terms::{KeyContext, KeyId, KindId, Name, RuleDigest, SuppressionDigest, Terms};
use veilmatch::{Token, TokenSet};

pub fn name(text: &str) -> Name {
    Name::new(text).expect("a valid name")
}

pub fn terms() -> Terms {
    Terms {
        context: KeyContext::new(name("efc"), 1, KindId::new("card.pan/1").unwrap()).unwrap(),
        key_id: KeyId([1; 8]),
        rules: RuleDigest([2; 32]),
        suppression: SuppressionDigest([3; 32]),
        round: None,
    }
}

/// A token that looks as random as a real one, the same for the same number.
pub fn token(number: u64) -> Token {
    let digest = ring::digest::digest(&ring::digest::SHA256, &number.to_be_bytes());
    Token::from_bytes(digest.as_ref()[..16].try_into().unwrap())
}

pub fn set_of(member: &str, numbers: impl IntoIterator<Item = u64>) -> TokenSet {
    TokenSet::from_tokens(terms(), name(member), numbers.into_iter().map(token).collect())
}
