//! The quota: passed by no request, no splitting, no manifest, no ledger.

use std::fs;
use std::io::{self, Cursor, Seek, SeekFrom, Write};

use proptest::prelude::*;
use veilmatch::Error;
use veilmatch::custody::EvaluationFile;
use veilmatch::round::identity::Identity;
use veilmatch::terms::KindId;

use crate::world::{QUOTA, World, kind, metadata, name, with_self_tests};

/// What each of three custodians of whom two are needed answers: floor(10 · 2 / 3).
const PART: u64 = 6;

fn left<T: std::fmt::Debug>(result: Result<T, Error>) -> u64 {
    match result.unwrap_err() {
        Error::Quota { left, most, .. } => {
            assert!(left <= most);
            left
        }
        other => panic!("{other}"),
    }
}

#[test]
fn a_member_gets_its_part_and_not_one_more() {
    let world = World::new();
    assert_eq!(world.round.custodian_part(&kind(), &world.custody).unwrap(), PART);
    assert_eq!(left(world.evaluate(0, &world.request(PART + 1))), PART);
    assert_eq!(world.custodians[0].read().charges().count(), 0, "a refused request costs nothing");
    let (done, _) = world.evaluate(0, &world.request(PART - 1)).unwrap();
    assert_eq!((done.elements, done.charged, done.left), (PART - 1, true, 1));
    assert_eq!(left(world.evaluate(0, &world.request(2))), 1);
    assert_eq!(world.evaluate(0, &world.request(1)).unwrap().0.left, 0);
    assert_eq!(left(world.evaluate(0, &world.request(1))), 0);
    // The other bank and the other custodians have theirs.
    let elements = world.elements(PART);
    let of_b = world.request_with(&world.round, 1, &elements, Vec::new());
    assert!(world.evaluate(0, &of_b).unwrap().0.charged);
    assert!(world.evaluate(1, &world.request(PART)).unwrap().0.charged);
}

#[test]
fn a_message_says_what_is_left_and_for_whom() {
    let world = World::new();
    let said = world.evaluate(0, &world.request(7)).unwrap_err().to_string();
    assert_eq!(
        said,
        "bank-a, test.kind/1: the request has 7 identifiers, and 6 are left of the 6 that this custodian evaluates for the \
         member in the epoch"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    /// However a member spreads its identifiers over the custodians, at most Q of them get the evaluations of two.
    #[test]
    fn splitting_over_custodians_yields_no_more_than_the_quota(sent in proptest::collection::vec((1u64..5, 0usize..3, 0usize..3), 1..20)) {
        let world = World::new();
        let mut finished = 0;
        for (number, one, other) in sent {
            if one == other {
                continue;
            }
            // An element counts once both have answered.
            let request = world.request(number);
            if world.evaluate(one, &request).is_ok() && world.evaluate(other, &request).is_ok() {
                finished += number;
            }
        }
        prop_assert!(finished <= QUOTA);
        let evaluated = world.custodians.iter().flat_map(|of| of.read().charges().map(|charge| charge.elements).collect::<Vec<_>>());
        prop_assert!(evaluated.sum::<u64>() / 2 <= QUOTA);
    }
}

#[test]
fn one_custodian_that_does_not_count_raises_the_quota_by_a_third() {
    let world = World::new();
    let mut finished = 0;
    // The third answers everything and writes nothing down; each identifier still needs one of the others.
    for one in [0, 1] {
        while world.evaluate(one, &world.request(1)).is_ok() {
            finished += 1;
        }
    }
    let (others, needed) = (2, 1);
    assert_eq!(finished, others * PART / needed);
    assert!(finished <= 4 * QUOTA / 3);
}

#[test]
fn the_same_request_is_evaluated_again_and_not_charged() {
    let world = World::new();
    let request = world.request(PART);
    let (first, answer) = world.evaluate(0, &request).unwrap();
    let (again, same) = world.evaluate(0, &request).unwrap();
    assert_eq!((first.charged, again.charged, again.left), (true, false, 0));
    assert_eq!(answer.batches().next().unwrap().unwrap().0, same.batches().next().unwrap().unwrap().0);
    world.takes(0, &request, &answer).unwrap();
    world.takes(0, &request, &same).unwrap();
    assert_eq!(world.custodians[0].read().charges().count(), 1);
    // Another request of the same elements is another request.
    let mut elements = request.batches().next().unwrap().unwrap();
    elements.swap(0, 1);
    let other = world.request_with(&world.round, 0, &elements, Vec::new());
    assert_eq!(left(world.evaluate(0, &other)), 0);
}

/// A disk that takes all but the header, which comes last.
struct Failing(Cursor<Vec<u8>>);

impl Write for Failing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match bytes.starts_with(b"veilmatch") {
            true => Err(io::ErrorKind::StorageFull.into()),
            false => self.0.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Seek for Failing {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.0.seek(to)
    }
}

#[test]
fn what_was_charged_and_not_answered_is_answered_later_and_not_charged_again() {
    let world = World::new();
    let (own, request) = (&world.custodians[0], world.request(PART));
    let mut out = Failing(Cursor::new(Vec::new()));
    let evaluator = world.evaluator(0, &world.round);
    let failed = evaluator.evaluate(&request, &mut own.open().unwrap(), &metadata(), &mut out, &());
    assert_eq!(failed.unwrap_err().code(), "io");
    assert_eq!(own.read().charges().count(), 1, "the charge came first");
    assert!(EvaluationFile::from_source(Box::new(out.0.into_inner()), "cut").is_err());

    let (done, answer) = world.evaluate(0, &request).unwrap();
    assert_eq!((done.charged, done.left), (false, 0));
    world.takes(0, &request, &answer).unwrap();
    assert_eq!(own.read().charges().count(), 1);
}

#[test]
fn another_round_of_the_epoch_goes_on_where_the_last_one_ended() {
    let world = World::new();
    world.evaluate(0, &world.request(4)).unwrap();
    for change in [None, Some(1_000_000)] {
        let other = world.round(|manifest| manifest.max_set = change);
        assert_eq!(other.custodian_part(&kind(), &world.custody).unwrap(), PART, "no manifest raises it");
        let request = world.request_with(&other, 0, &world.elements(3), Vec::new());
        assert_eq!(left(world.evaluate_in(&other, 0, &request)), 2);
    }
    // A manifest may lower it: floor(7 · 2 / 3).
    let lower = world.round(|manifest| manifest.max_set = Some(7));
    assert_eq!(lower.custodian_part(&kind(), &world.custody).unwrap(), 4);
    let request = world.request_with(&lower, 0, &world.elements(1), Vec::new());
    assert_eq!(left(world.evaluate_in(&lower, 0, &request)), 0);
}

#[test]
fn neither_another_key_nor_another_name_begins_anew() {
    let mut world = World::new();
    world.evaluate(0, &world.request(4)).unwrap();
    // A new manifest in which the bank has a fresh key.
    let kept = std::mem::replace(&mut world.members[0].1, Identity::generate().unwrap());
    let rekeyed = world.round(|_| {});
    let request = world.request_with(&rekeyed, 0, &world.elements(3), Vec::new());
    assert_eq!(left(world.evaluate_in(&rekeyed, 0, &request)), 2);
    // And one in which it keeps its key and has another name.
    world.members[0] = (name("bank-x"), kept);
    world.members.sort_by(|a, b| a.0.cmp(&b.0));
    let renamed = world.round(|_| {});
    let request = world.request_with(&renamed, 1, &world.elements(3), Vec::new());
    assert_eq!(request.member().as_str(), "bank-x");
    assert_eq!(left(world.evaluate_in(&renamed, 0, &request)), 2);
}

#[test]
fn a_restored_ledger_stops_the_custodian_once_a_member_has_a_later_head() {
    let world = World::new();
    let own = &world.custodians[0];
    let begun = fs::read(&own.ledger).unwrap();
    world.evaluate(0, &world.request(2)).unwrap();
    let backup = fs::read(&own.ledger).unwrap();
    let (_, answer) = world.evaluate(0, &world.request(4)).unwrap();
    let last = fs::read(&own.ledger).unwrap();
    let heads = vec![answer.by().head.clone()];
    for older in [&backup, &begun] {
        fs::write(&own.ledger, older).unwrap();
        let request = world.request_with(&world.round, 0, &world.elements(1), heads.clone());
        let error = world.evaluate(0, &request).unwrap_err();
        assert_eq!(error.code(), "ledger");
        assert!(error.to_string().contains("restored"), "{error}");
        // Any member's request can show it.
        let of_b = world.request_with(&world.round, 1, &world.elements(1), heads.clone());
        assert_eq!(world.evaluate(0, &of_b).unwrap_err().code(), "ledger");
    }
    fs::write(&own.ledger, last).unwrap();
    let request = world.request_with(&world.round, 0, &world.elements(1), heads.clone());
    assert_eq!(left(world.evaluate(0, &request)), 0);
    // The head is of no concern to another custodian.
    assert!(world.evaluate(1, &request).is_ok());
}

#[test]
fn a_head_that_the_custodian_did_not_sign_blames_the_request_alone() {
    let world = World::new();
    let (own, other) = (&world.custodians[0], &world.custodians[1]);
    let head = crate::world::strange();
    let forged = veilmatch::custody::SignedHead::sign(own.name.clone(), head, &other.identity).unwrap();
    let request = world.request_with(&world.round, 0, &world.elements(1), vec![forged]);
    assert_eq!(world.evaluate(0, &request).unwrap_err().code(), "signature");
    assert!(world.evaluate(0, &world.request(1)).is_ok());
}

#[test]
fn the_inputs_of_the_self_test_come_on_top() {
    let world = World::new();
    // The table of this kind has six.
    let part = world.round.custodian_part(&with_self_tests(), &world.custody).unwrap();
    assert_eq!(part, (QUOTA + 6) * 2 / 3);
    let other = KindId::new("bank.iban/1").unwrap();
    assert_eq!(world.round.custodian_part(&other, &world.custody).unwrap_err().code(), "kind_not_in_round");
}
