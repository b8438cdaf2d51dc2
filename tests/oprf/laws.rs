//! What tokens of version 2 depend on, and what they do not.

use proptest::prelude::*;
use veilmatch::member::oprf::{Hashed, tokens};
use veilmatch::member::{CoalitionSecret, Rows};
use veilmatch::terms::Terms;
use veilmatch::{Intersection, Token, TokenSet};

use super::{Among, context, evaluated, hashed};
use crate::support::member::{secret, wallet};

fn made(among: &Among, chosen: &[usize], of: (&str, u64, &str), identifiers: &[Hashed]) -> Vec<Token> {
    let context = context(of.0, of.1, of.2);
    let key = secret().custody_token_key(&context, among.custody.key());
    tokens(&key, &evaluated(among, chosen, &context, identifiers))
}

const OF: (&str, u64, &str) = ("efc", 7, "card.pan/1");

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn any_choice_of_holders_and_any_order_and_size_of_batches_give_the_same_tokens(
        (threshold, number) in (1..4u64, 0..3u16).prop_map(|(threshold, more)| match threshold {
            1 => (1, 1),
            _ => (threshold, threshold as u16 + more),
        }),
        identifiers in prop::collection::vec("[a-c]{1,3}", 1..20),
        order in any::<prop::sample::Index>(),
        seed in 1..1000u64,
    ) {
        let among = Among::new(seed, threshold, number);
        let identifiers: Vec<Hashed> = identifiers.iter().map(|one| Hashed::of(one.as_bytes())).collect();
        let first: Vec<usize> = (0..threshold as usize).collect();
        let last: Vec<usize> = (0..number as usize).rev().take(threshold as usize).collect();
        let all = made(&among, &first, OF, &identifiers);
        prop_assert_eq!(&made(&among, &last, OF, &identifiers), &all);

        let cut = order.index(identifiers.len());
        let mut turned = identifiers.clone();
        turned.rotate_left(cut);
        let mut expected = all.clone();
        expected.rotate_left(cut);
        prop_assert_eq!(made(&among, &first, OF, &turned), expected);
        let (one, other) = identifiers.split_at(cut);
        let parts = [made(&among, &first, OF, one), made(&among, &last, OF, other)].concat();
        prop_assert_eq!(parts, all);
    }
}

#[test]
fn tokens_differ_by_epoch_kind_coalition_secret_and_custodians_and_from_version_1() {
    let identifiers = hashed(&["9999100000001562"]);
    let among = Among::new(1, 2, 3);
    let own = made(&among, &[0, 1], OF, &identifiers)[0];
    let others = [("efc", 8, "card.pan/1"), ("efc", 7, "bank.iban/1"), ("other", 7, "card.pan/1")];
    let mut seen: Vec<Token> = others.map(|of| made(&among, &[0, 1], of, &identifiers)[0]).into();
    seen.push(made(&Among::new(2, 2, 3), &[0, 1], OF, &identifiers)[0]);
    let context = context(OF.0, OF.1, OF.2);
    let other = CoalitionSecret::generate().unwrap().custody_token_key(&context, among.custody.key());
    seen.push(tokens(&other, &evaluated(&among, &[0, 1], &context, &identifiers))[0]);
    let tokenizer = veilmatch::member::Tokenizer::new(&secret(), context.clone()).unwrap();
    seen.push(tokenizer.token(b"9999100000001562").unwrap().unwrap());
    seen.push(own);
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), 7);
    let ids = [secret().custody_key_id(&context, among.custody.key()), secret().key_id(&context)];
    assert_ne!(ids[0], ids[1]);
    assert_ne!(ids[0], secret().custody_key_id(&context, Among::new(2, 2, 3).custody.key()));
}

#[test]
fn a_match_over_tokens_of_version_2_finds_what_one_over_version_1_finds() {
    let members = [("a", 0..40u64), ("b", 20..60), ("c", 30..70)];
    let (among, context) = (Among::new(5, 2, 3), context("efc", 7, "crypto.evm/1"));
    let tokenizer = veilmatch::member::Tokenizer::new(&secret(), context.clone()).unwrap();
    let key = secret().custody_token_key(&context, among.custody.key());
    let set = |terms: Terms, name: &str, tokens: Vec<Token>| {
        TokenSet::from_tokens(terms, veilmatch::terms::Name::new(name).unwrap(), tokens)
    };
    let (mut first, mut second) = (Vec::new(), Vec::new());
    for (at, (name, numbers)) in members.into_iter().enumerate() {
        let wallets: Vec<String> = numbers.map(wallet).collect();
        let name_of = veilmatch::terms::Name::new(name).unwrap();
        first.push(
            tokenizer.tokenize(&name_of, Rows::values(wallets.iter().map(String::as_str))).unwrap().set,
        );
        let identifiers: Vec<Hashed> = wallets.iter().map(|wallet| Hashed::of(wallet.as_bytes())).collect();
        let made = tokens(&key, &evaluated(&among, &[at, (at + 1) % 3], &context, &identifiers));
        let terms = Terms {
            key_id: secret().custody_key_id(&context, among.custody.key()),
            ..tokenizer.terms().clone()
        };
        second.push(set(terms, name, made));
    }
    let matched = |sets: &[TokenSet], at_least: usize| {
        let all = sets.iter().try_fold(Intersection::new(), |match_, set| match_.add(set)).unwrap();
        let found = all.at_least(at_least).unwrap().collect().unwrap();
        let mut holders: Vec<Vec<String>> =
            found.iter().map(|(_, holders)| holders.names().map(|name| name.to_string()).collect()).collect();
        holders.sort();
        holders
    };
    for at_least in 1..=3 {
        assert_eq!(matched(&first, at_least), matched(&second, at_least));
    }
    assert_eq!(matched(&second, 3).len(), 10);
    let mixed = Intersection::new().add(&first[0]).unwrap().add(&second[1]);
    assert_eq!(mixed.unwrap_err().code(), "terms_differ", "tokens of both versions are no match");
}
