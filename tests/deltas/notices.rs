//! Notices: who had a token in its share learns which others have withdrawn it, and nobody learns of any other token.

use std::collections::{BTreeMap, BTreeSet};

use crate::support::files::{Forger, metadata, written};
use crate::support::hub::{name, set_of, terms, token};
use proptest::prelude::*;
use veilmatch::matching::Query;
use veilmatch::terms::KeyId;
use veilmatch::{Delta, Disclosure, Error, Intersection, Notice, SetFile, Share, Token, TokenSet};

const MEMBERS: [&str; 4] = ["a", "b", "c", "d"];

fn next(base: &TokenSet, numbers: impl IntoIterator<Item = u64>) -> TokenSet {
    set_of(base.member().as_str(), numbers).following(&base.revision().unwrap()).unwrap()
}

fn matched<'a>(sets: &'a [TokenSet], at_least: usize) -> Query<'a> {
    let all = sets.iter().try_fold(Intersection::new(), |all, set| all.add(set)).unwrap();
    all.at_least(at_least).unwrap()
}

/// What notices say, as they are read again: recipient, token, who withdrew it.
type Said = BTreeMap<String, BTreeMap<[u8; 16], Vec<String>>>;

fn said(notices: &[Notice]) -> Said {
    let read = |notice: &Notice| {
        let again = Notice::from_file_bytes(&written(|out| notice.write_to(out))).unwrap();
        assert_eq!(again, *notice);
        let by = |at: usize| again.withdrawn_by(at).unwrap().names().map(ToString::to_string).collect();
        let tokens = again.tokens().iter().enumerate().map(|(at, token)| (*token.as_bytes(), by(at)));
        (again.recipient().to_string(), tokens.collect())
    };
    notices.iter().map(read).collect()
}

/// The same by plain sets of numbers.
fn expected(old: &[BTreeSet<u64>], new: &[BTreeSet<u64>], at_least: usize) -> Said {
    let mut said = Said::new();
    for number in old.iter().flatten() {
        let holders: Vec<usize> = (0..old.len()).filter(|&member| old[member].contains(number)).collect();
        if holders.len() < at_least {
            continue;
        }
        for &recipient in &holders {
            let has_withdrawn = |member: &usize| !new[*member].contains(number);
            let others = holders.iter().filter(|member| **member != recipient);
            let by: Vec<String> =
                others.copied().filter(has_withdrawn).map(|member| MEMBERS[member].to_owned()).collect();
            if !by.is_empty() {
                let of_recipient = said.entry(MEMBERS[recipient].to_owned()).or_default();
                of_recipient.insert(*token(*number).as_bytes(), by);
            }
        }
    }
    said
}

fn numbers() -> impl Strategy<Value = BTreeSet<u64>> {
    prop::collection::btree_set(0u64..60, 0..50)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn notices_are_what_plain_sets_say(
        days in prop::collection::vec((numbers(), numbers(), numbers(), 0usize..3), 2..=4),
        at_least in 1usize..=4,
        reversed in any::<bool>(),
    ) {
        let at_least = at_least.min(days.len());
        let old: Vec<_> = days.iter().map(|day| day.0.clone()).collect();
        // After none, one or two deltas.
        let new: Vec<_> =
            days.iter().map(|day| [&day.0, &day.1, &day.2][day.3].clone()).collect();
        let sets: Vec<TokenSet> =
            old.iter().zip(MEMBERS).map(|(numbers, member)| set_of(member, numbers.iter().copied())).collect();
        let mut deltas = Vec::new();
        for (set, day) in sets.iter().zip(&days) {
            let first = next(set, day.1.iter().copied());
            let second = next(&first, day.2.iter().copied());
            let both = [Delta::between(set, &first).unwrap(), Delta::between(&first, &second).unwrap()];
            deltas.extend(both.into_iter().take(day.3));
        }
        if reversed {
            deltas.reverse();
        }
        let deltas: Vec<&Delta> = deltas.iter().collect();
        let matched = matched(&sets, at_least);
        let notices = matched.notices(&deltas, Disclosure::Holders).unwrap();
        let expected = expected(&old, &new, at_least);
        prop_assert_eq!(said(&notices), expected.clone());

        // Those that count say the same without names, and sets on disk the same as in memory.
        let counted = matched.notices(&deltas, Disclosure::Counts).unwrap();
        for (counts, notice) in counted.iter().zip(&notices) {
            let again = Notice::from_file_bytes(&written(|out| counts.write_to(out))).unwrap();
            prop_assert!(again == *counts && again.withdrawn_by(0).is_none());
            prop_assert_eq!((again.recipient(), again.tokens()), (notice.recipient(), notice.tokens()));
            let same = (0..again.len()).all(|at| again.withdrawn_count(at) == notice.withdrawn_count(at));
            prop_assert!(same);
        }
        prop_assert_eq!(counted.len(), notices.len());
        let file = |set: &TokenSet| SetFile::from_source(Box::new(written(|out| set.write_to(out))), "set");
        let files: Vec<SetFile> = sets.iter().map(|set| file(set).unwrap()).collect();
        let on_disk = files.iter().try_fold(Intersection::new(), |all, file| all.add(file)).unwrap();
        prop_assert!(on_disk.at_least(at_least).unwrap().notices(&deltas, Disclosure::Holders).unwrap() == notices);

        // No token that the recipient's share did not have.
        let overlaps = matched.collect().unwrap();
        for notice in &notices {
            let share = overlaps.share(notice.recipient(), Disclosure::Holders).unwrap();
            prop_assert!(notice.tokens().iter().all(|token| share.tokens().binary_search(token).is_ok()));
        }
    }
}

#[test]
fn a_delta_of_another_base_member_or_coalition_is_refused() {
    let sets = [set_of("a", 0..50), set_of("b", 20..70)];
    let matched = matched(&sets, 2);
    let of_a = Delta::between(&sets[0], &next(&sets[0], 30..60)).unwrap();
    let refused = |deltas: &[&Delta]| matched.notices(deltas, Disclosure::Holders).unwrap_err();

    assert_eq!(refused(&[&of_a, &of_a]).code(), "rollback");
    let stranger = set_of("c", 0..50);
    assert_eq!(
        refused(&[&Delta::between(&stranger, &next(&stranger, 0..9)).unwrap()]).code(),
        "not_a_member"
    );
    let other_base = set_of("a", 1..50);
    assert_eq!(
        refused(&[&Delta::between(&other_base, &next(&other_base, 0..9)).unwrap()]).code(),
        "wrong_base"
    );
    let second = next(&sets[0], 30..60);
    let later = Delta::between(&second, &next(&second, 0..9)).unwrap();
    assert_eq!(refused(&[&later]).code(), "sequence_gap");
    let mut other_key = terms();
    other_key.key_id = KeyId([9; 8]);
    let other = |numbers: std::ops::Range<u64>| {
        TokenSet::from_tokens(other_key.clone(), name("a"), numbers.map(token).collect())
    };
    let base = other(0..50);
    let next = other(0..20).following(&base.revision().unwrap()).unwrap();
    assert_eq!(refused(&[&Delta::between(&base, &next).unwrap()]).code(), "terms_differ");
}

/// Made by hand, since no set has such a delta.
#[test]
fn a_delta_that_retracts_what_its_base_has_not_is_refused_where_it_would_matter() {
    let sets = [set_of("a", 0..9), set_of("b", 0..10), set_of("c", 0..10)];
    let good = Delta::between(&sets[0], &next(&sets[0], 0..8)).unwrap();
    let mut forged = Forger::of(&written(|out| good.write_to(out)));
    // 9 is held by the others alone.
    forged.records = [token(9).as_bytes(), &b"-"[..]].concat();
    let forged = Delta::from_file_bytes(&forged.file()).unwrap();
    assert_eq!(forged.retracted(), [token(9)]);
    let error = matched(&sets, 2).notices(&[&forged], Disclosure::Holders).unwrap_err();
    assert!(matches!(error, Error::NotInBase { tokens: 1, first: 1 }), "{error}");
}

fn notice() -> Notice {
    let sets = [set_of("a", 0..50), set_of("b", 20..70), set_of("c", 20..70)];
    let delta = Delta::between(&sets[0], &next(&sets[0], 40..50)).unwrap();
    let notices = matched(&sets, 2).notices(&[&delta], Disclosure::Holders).unwrap();
    assert_eq!(notices.len(), 2, "nothing is to be said to whom withdrew them");
    notices.into_iter().next().unwrap().with_metadata(metadata())
}

#[test]
fn a_notice_is_no_share_and_a_share_no_notice() {
    let file = written(|out| notice().write_to(out));
    let error = Share::from_file_bytes(&file).unwrap_err().to_string();
    assert!(error.contains("the first line of a share"), "{error}");
    let sets = [set_of("a", 0..50), set_of("b", 20..70)];
    let share = matched(&sets, 2).collect().unwrap().share(&name("a"), Disclosure::Holders).unwrap();
    let error = Notice::from_file_bytes(&written(|out| share.write_to(out))).unwrap_err().to_string();
    assert!(error.contains("the first line of a notice"), "{error}");
}

#[test]
fn a_notice_that_blames_its_recipient_nobody_or_everybody_is_refused() {
    let file = written(|out| notice().write_to(out)); // for b, of a, b and c
    for (bits, says) in [
        (0b011, "the recipient not among those who withdrew a token"),
        (0b111, "all of them other members"),
        (0b000, "one or more who withdrew the token"),
        (0b1001, "all of them other members"),
    ] {
        let forged = Forger::of(&file).records(|records| records[16] = bits).file();
        let error = Notice::from_file_bytes(&forged).unwrap_err().to_string();
        assert!(error.contains(says), "{bits:b}: {error}");
    }
    let own_set = format!(r#""own_set":"{}""#, "0".repeat(64));
    let forged = Forger::of(&file).replace(r#""own_set":null"#, &own_set).file();
    let error = Notice::from_file_bytes(&forged).unwrap_err().to_string();
    assert!(error.contains("without what belongs to a share"), "{error}");
}

#[test]
fn debug_shows_no_token() {
    let notice = notice();
    let shown = format!("{notice:?}");
    assert!(shown.contains("Notice { terms") && shown.contains("tokens: 20"), "{shown}");
    assert!(!shown.contains("Token("), "{shown}");
    assert!(
        notice
            .tokens()
            .iter()
            .all(|token: &Token| !shown.contains(&crate::support::files::hex(token.as_bytes())))
    );
}

/// The file of SPEC.md, section 7.5.
#[test]
fn the_file_of_the_specification_is_written() {
    let sets = [set_of("bank-a", 0..3), set_of("bank-b", 1..4)];
    let matched = matched(&sets, 2);
    let notices = |numbers| {
        let delta = Delta::between(&sets[0], &next(&sets[0], numbers)).unwrap();
        matched.notices(&[&delta], Disclosure::Holders).unwrap()
    };
    assert!(notices(1..5).is_empty(), "0 is of one member alone");
    let notices = notices(2..3);
    assert_eq!(notices.len(), 1);
    let specification = include_str!("../../SPEC.md");
    let file = written(|out| notices[0].write_to(out));
    let header = std::str::from_utf8(file.split(|byte| *byte == b'\n').nth(1).unwrap()).unwrap();
    assert!(specification.contains(header), "{header}");
    let row = format!(
        "| {} | `{}` |",
        file.len(),
        crate::support::files::hex(&crate::support::files::sha256(&[&file]))
    );
    assert!(specification.contains(&row), "{row}");
}
