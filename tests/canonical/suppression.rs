//! A suppression list of one's own: made of text or data, named by its digest everywhere, and never mixed with another.

use std::sync::Arc;

use crate::support::exports::{OWN, own_list};
use crate::support::hub::name;
use crate::support::member::tokenizer;
use veilmatch::member::identifier::{Kind, SuppressionList};
use veilmatch::member::rows::Rows;
use veilmatch::{Error, Intersection, TokenSet};

/// A program's own list: that of the crate, and data that it has.
fn own() -> Arc<SuppressionList> {
    Arc::new(SuppressionList::parse(&own_list()).unwrap())
}

fn set(member: &str, list: Option<Arc<SuppressionList>>) -> TokenSet {
    let tokenizer = tokenizer(Kind::CardPan);
    let tokenizer = match list {
        Some(list) => tokenizer.with_suppression(list),
        None => tokenizer,
    };
    let rows = Rows::values(["9999100000001562", "9999100000002933", "4242424242424242"]);
    tokenizer.tokenize(&name(member), rows).unwrap().set
}

#[test]
fn a_program_adds_its_own_values_to_the_list_that_ships() {
    let (standard, own) = (SuppressionList::standard(), own());
    assert_eq!(own.len(), standard.len() + OWN.len());
    assert_ne!(own.digest(), standard.digest());
    assert_eq!(SuppressionList::parse(SuppressionList::STANDARD).unwrap().digest(), standard.digest());
    let (with_standard, with_own) = (set("a", None), set("a", Some(own)));
    assert_eq!((with_standard.len(), with_standard.counters().suppressed), (2, 1));
    assert_eq!((with_own.len(), with_own.counters().suppressed), (1, 2));
}

#[test]
fn a_line_that_is_not_valid_is_named_by_its_number() {
    let text = format!("{}card.pan/1 9999100000001563\n", SuppressionList::STANDARD);
    let Err(Error::SuppressionList { line, expected }) = SuppressionList::parse(&text) else { panic!() };
    assert_eq!(line, SuppressionList::STANDARD.lines().count() + 1);
    assert_eq!(expected, "a value that the rule of the kind accepts");
    for (line, expected) in [
        ("card.pan/1", "a kind id, a space and a value"),
        ("card.pan 9999100000001562", "the id of a kind of this build, with its version"),
        ("net.ip/1 11.0.0.0/x", "a number of bits after the slash"),
        ("net.ip/1 11.0.0.1/8", "a network within its address's length, all bits after the prefix zero"),
    ] {
        let error = SuppressionList::parse(&format!("# one\n\n{line}\n")).unwrap_err();
        assert_eq!(error.to_string(), format!("suppression list, line 3: expected {expected}"));
    }
}

#[test]
fn the_digest_stands_in_the_header_of_a_set() {
    for list in [SuppressionList::standard(), SuppressionList::none(), own()] {
        let mut file = Vec::new();
        set("a", Some(Arc::clone(&list))).write_to(&mut file).unwrap();
        let header = crate::support::files::header_of(&file);
        assert_eq!(header["suppression"].as_str(), Some(&*list.digest().to_string()));
    }
}

#[test]
fn sets_with_different_lists_are_refused_with_both_digests() {
    let (standard, own) = (set("a", None), set("b", Some(own())));
    let error = Intersection::new().add(&standard).unwrap().add(&own).unwrap_err();
    let Error::TermsDiffer { member, difference } = &error else { panic!("{error}") };
    assert_eq!((member.as_str(), difference.what), ("b", "suppression digest"));
    assert_eq!(difference.expected, standard.terms().suppression.to_string());
    assert_eq!(difference.found, own.terms().suppression.to_string());
    assert!(Intersection::new().add(&set("a", Some(self::own()))).unwrap().add(&own).is_ok());
}
