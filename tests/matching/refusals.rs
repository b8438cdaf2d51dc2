//! What must never be an empty result: sets that do not belong together are refused by name.

use crate::support::hub::{name, set_of, terms};
use veilmatch::terms::{KeyContext, KeyId, KindId, RoundDigest, RuleDigest, SuppressionDigest, Terms};
use veilmatch::{Disclosure, Error, Intersection, Prefilter, TokenSet};

/// Every single way in which terms can differ, and how the message calls it.
fn other_terms() -> Vec<(&'static str, Terms)> {
    let same = terms();
    let context = |coalition: &str, epoch, kind: &str| {
        KeyContext::new(name(coalition), epoch, KindId::new(kind).unwrap()).unwrap()
    };
    vec![
        ("coalition", Terms { context: context("other", 1, "card.pan/1"), ..same.clone() }),
        ("epoch", Terms { context: context("efc", 2, "card.pan/1"), ..same.clone() }),
        ("kind", Terms { context: context("efc", 1, "bank.iban/1"), ..same.clone() }),
        ("kind", Terms { context: context("efc", 1, "card.pan/2"), ..same.clone() }),
        ("key id (the secret)", Terms { key_id: KeyId([9; 8]), ..same.clone() }),
        ("rule digest", Terms { rules: RuleDigest([9; 32]), ..same.clone() }),
        ("suppression digest", Terms { suppression: SuppressionDigest([9; 32]), ..same.clone() }),
        ("round", Terms { round: Some(RoundDigest([9; 32])), ..same }),
    ]
}

#[test]
fn sets_under_other_terms_are_refused_naming_member_and_difference() {
    let first = set_of("bank-a", 0..10);
    for (what, terms) in other_terms() {
        let second = TokenSet::from_tokens(terms, name("bank-b"), first.tokens().to_vec());
        for (one, other) in [(&first, &second), (&second, &first)] {
            let error = Intersection::new().add(one).unwrap().add(other).unwrap_err();
            let Error::TermsDiffer { member, difference } = &error else { panic!("{what}: {error}") };
            assert_eq!((member, difference.what), (other.member(), what));
            let message = error.to_string();
            assert!(message.contains(other.member().as_str()) && message.contains(what), "{message}");
            assert!(message.contains(&difference.expected) && message.contains(&difference.found));
            // Of rules also whose: a coalition matches many kinds.
            assert_eq!(message.contains("rule digest of card.pan/1"), what == "rule digest", "{message}");
            assert_eq!(error.code(), "terms_differ");
        }
    }
}

#[test]
fn a_member_twice_is_refused_even_in_another_case() {
    let (a, again, shouted) = (set_of("bank-a", 0..5), set_of("bank-a", 5..9), set_of("BANK-A", 0..5));
    for other in [&again, &shouted] {
        let error = Intersection::new().add(&a).unwrap().add(other).unwrap_err();
        assert!(matches!(&error, Error::DuplicateMember { member } if member == other.member()), "{error}");
    }
}

#[test]
fn thresholds_and_numbers_of_sets_out_of_bounds_are_refused() {
    let sets = [set_of("a", 0..5), set_of("b", 0..5), set_of("c", 0..5)];
    let matched =
        |count: usize| sets[..count].iter().try_fold(Intersection::new(), |all, set| all.add(set)).unwrap();
    for at_least in [0, 4, usize::MAX] {
        let error = matched(3).at_least(at_least).unwrap_err();
        assert!(matches!(error, Error::Threshold { sets: 3, .. }), "{error}");
    }
    for count in [0, 1] {
        assert!(matches!(matched(count).at_least(1), Err(Error::TooFewSets { .. })));
    }
}

#[test]
fn a_prefilter_of_another_set_is_refused() {
    let (a, b, longer) = (set_of("a", 0..5), set_of("b", 0..5), set_of("a", 0..6));
    let (newer, again) = (set_of("a", 1..6), set_of("a", 0..5));
    for filter in [Prefilter::standard(&a, 0.01).unwrap(), Prefilter::blocked(&a, 0.01).unwrap()] {
        assert!(Intersection::new().add_with_prefilter(&a, &filter).is_ok());
        assert!(Intersection::new().add_with_prefilter(&a.clone(), &filter).is_ok());
        let mut file = Vec::new();
        filter.write_to(&Default::default(), &mut file).unwrap();
        let read = Prefilter::from_file_bytes(&file).unwrap();
        assert!(Intersection::new().add_with_prefilter(&a, &read).is_err(), "it may be anybody's");
        for other in [&b, &longer, &newer, &again] {
            let error = Intersection::new().add_with_prefilter(other, &filter).unwrap_err();
            assert!(matches!(error, Error::PrefilterOfOther { .. }), "{error}");
        }
    }
}

#[test]
fn a_share_is_only_for_those_who_took_part() {
    let (a, b) = (set_of("a", 0..5), set_of("b", 3..9));
    let matched = Intersection::new().add(&a).unwrap().add(&b).unwrap().at_least(2).unwrap();
    let overlaps = matched.collect().unwrap();
    assert!(matches!(overlaps.share(&name("c"), Disclosure::Counts), Err(Error::NotAMember { .. })));
}

#[test]
fn a_caller_can_stop_a_match() {
    struct Stop;
    impl veilmatch::Progress for Stop {
        fn is_cancelled(&self) -> bool {
            true
        }
    }
    let (a, b) = (set_of("a", 0..5), set_of("b", 3..9));
    let matched = Intersection::new().add(&a).unwrap().add(&b).unwrap().at_least(2).unwrap();
    assert!(matches!(matched.with_progress(&Stop).count(), Err(Error::Cancelled)));
}
