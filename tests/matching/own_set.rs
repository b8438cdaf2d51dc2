//! A share that says which of its recipient's sets was matched is resolved against that set alone.

use crate::support::hub::name;
use crate::support::member::{tokenizer, wallet};
use veilmatch::member::identifier::Kind;
use veilmatch::member::resolve::resolve;
use veilmatch::member::rows::Rows;
use veilmatch::{Disclosure, Intersection, Share, TokenSet};

fn rows(numbers: std::ops::Range<u64>) -> Rows<'static> {
    Rows::values(numbers.map(wallet))
}

fn set(member: &str, numbers: std::ops::Range<u64>) -> TokenSet {
    tokenizer(Kind::CryptoEvm).tokenize(&name(member), rows(numbers)).unwrap().set
}

/// The share of `bank-a` from its wallets 0 to 9, which says that it came from `own`.
fn share(own: &TokenSet) -> Share {
    let (a, b) = (set("bank-a", 0..10), set("bank-b", 0..10));
    let matched = Intersection::new().add(&a).unwrap().add(&b).unwrap().at_least(2).unwrap();
    let share = matched.collect().unwrap().share(&name("bank-a"), Disclosure::Holders).unwrap();
    share.with_own_set(own).unwrap()
}

fn outcome(own: &TokenSet, numbers: std::ops::Range<u64>) -> Result<usize, &'static str> {
    let tokenizer = tokenizer(Kind::CryptoEvm);
    let resolved = resolve(&tokenizer, &name("bank-a"), &share(own), rows(numbers));
    resolved.map(|resolved| resolved.rows.len()).map_err(|error| error.code())
}

#[test]
fn the_rows_that_were_matched_are_resolved() {
    assert_eq!(outcome(&set("bank-a", 0..10), 0..10), Ok(10));
}

#[test]
fn rows_of_another_set_are_refused() {
    let own = set("bank-a", 0..10);
    for other in [0..9, 0..11, 1..10, 0..0] {
        assert_eq!(outcome(&own, other), Err("rows_differ"));
    }
}

#[test]
fn tokens_that_are_not_of_that_set_are_refused() {
    assert_eq!(outcome(&set("bank-a", 0..9), 0..9), Err("strange_tokens"));
}

#[test]
fn a_share_is_bound_to_sets_of_its_recipient_under_its_terms_alone() {
    let good = share(&set("bank-a", 0..10));
    assert_eq!(good.clone().with_own_set(&set("bank-b", 0..10)).unwrap_err().code(), "wrong_recipient");
    let other = tokenizer(Kind::CardPan).tokenize(&name("bank-a"), Rows::values([""; 0])).unwrap().set;
    assert_eq!(good.with_own_set(&other).unwrap_err().code(), "terms_differ");
}

#[test]
fn the_digest_is_of_the_tokens_alone() {
    let of = |member, numbers| set(member, numbers).content_digest();
    assert_eq!(of("bank-a", 0..5), of("bank-b", 0..5));
    assert_ne!(of("bank-a", 0..5), of("bank-a", 0..6));
    assert_ne!(of("bank-a", 0..0), of("bank-a", 0..1));
    let many = set("bank-a", 0..3000); // more than one chunk
    let again = TokenSet::from_tokens(many.terms().clone(), name("bank-a"), many.tokens().to_vec());
    assert_eq!(many.content_digest(), again.content_digest());
}
