//! The attack for which custodians are there: the secret and a hub's set against a planted card number, with numbers
//! (`--nocapture` prints them).

use std::time::Instant;

use rayon::iter::{IntoParallelIterator as _, ParallelIterator as _};
use veilmatch::Token;
use veilmatch::member::oprf::{Evaluation, Hashed, Request, tokens};
use veilmatch::member::{CoalitionSecret, Tokenizer};

use crate::world::{QUOTA, World, with_self_tests};

/// The number of candidates: cards under a known prefix. The planted one is the last but one.
const CANDIDATES: u64 = 200_000;
const PLANTED: u64 = CANDIDATES - 2;

/// The card with this number, with its check digit (ISO/IEC 7812-1).
fn card(number: u64) -> String {
    let payload = format!("9999{number:011}");
    let doubled = |(at, digit): (usize, u8)| match u32::from(digit - b'0') * (2 - at as u32 % 2) {
        sum @ 10.. => sum - 9,
        sum => sum,
    };
    let sum: u32 = payload.bytes().rev().enumerate().map(doubled).sum();
    format!("{payload}{}", (10 - sum % 10) % 10)
}

/// Evaluates cards by two custodians who count nothing: the bank's own way to its set, and no part of the attack.
fn custodied(world: &World, secret: &CoalitionSecret, cards: &[String]) -> Vec<Token> {
    let terms = world.round.custody_terms(&with_self_tests(), &world.custody).unwrap();
    let (key, _) = world.custody.kind(&with_self_tests()).unwrap();
    let identifiers = cards.iter().map(|card| Hashed::of(card.as_bytes())).collect();
    let request = Request::new(&terms.context, identifiers).unwrap();
    let checked = [0, 1].map(|custodian| {
        let of = &world.custodians[custodian];
        let holder = of.share.holder(&with_self_tests()).unwrap();
        let (elements, proofs) = holder.evaluate(request.elements()).unwrap();
        let index = holder.public().index;
        let answer = Evaluation { custodian: &of.name, index, elements: &elements, proofs: &proofs };
        request.check(key, &answer).unwrap()
    });
    let token_key = secret.custody_token_key(&terms.context, key.key());
    tokens(&token_key, &request.finish(key, &checked).unwrap())
}

#[test]
fn a_hub_with_the_secret_finds_a_planted_card_under_version_1_and_none_under_version_2() {
    let world = World::new();
    let secret = CoalitionSecret::generate().unwrap();
    let terms = world.round.custody_terms(&with_self_tests(), &world.custody).unwrap();
    let tokenizer = Tokenizer::new(&secret, terms.context.clone()).unwrap();
    let try_all = |target: Token| {
        let start = Instant::now();
        let found = (0..CANDIDATES)
            .into_par_iter()
            .find_any(|number| tokenizer.token(card(*number).as_bytes()) == Ok(Some(target)));
        (found, start.elapsed())
    };

    // What the hub has of the bank: one token of version 1, and one of version 2 of the same card.
    let planted = card(PLANTED);
    let (found, took) = try_all(tokenizer.token(planted.as_bytes()).unwrap().unwrap());
    println!("version 1: the secret and a set give up a card among {CANDIDATES} in {} ms", took.as_millis());
    assert_eq!(found, Some(PLANTED));

    let under_custody = custodied(&world, &secret, std::slice::from_ref(&planted))[0];
    let (found, took) = try_all(under_custody);
    println!("version 2: the same finds nothing in {} ms", took.as_millis());
    assert_eq!(found, None);

    // With a member's key file it can ask the custodians, who count: it gets as far as the quota.
    let mut tried = 0;
    loop {
        let request = world.request(1);
        if world.evaluate(0, &request).is_err() || world.evaluate(1, &request).is_err() {
            break;
        }
        tried += 1;
    }
    println!("version 2: asking the custodians ends after {tried} of {CANDIDATES}, under a quota of {QUOTA}");
    assert!(tried > 0 && tried <= QUOTA);
    assert_eq!(world.custodians[0].read().charges().count() as u64, tried);
}
