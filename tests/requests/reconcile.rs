//! Ledgers held against each other and against what the hub counted.

use std::fs;

use veilmatch::custodian::{Ledger, Reconciled};
use veilmatch::terms::{ContentDigest, KindId};

use crate::world::{World, kind, name, strange};

fn ledgers(world: &World) -> Vec<Ledger> {
    world.custodians.iter().map(|custodian| custodian.read()).collect()
}

/// Two requests of the first bank: one that two custodians answered, and one that one did.
fn charged() -> World {
    let world = World::new();
    let (whole, part) = (world.request(4), world.request(2));
    world.evaluate(0, &whole).unwrap();
    world.evaluate(1, &whole).unwrap();
    world.evaluate(1, &part).unwrap();
    world
}

#[test]
fn what_was_charged_is_held_against_what_the_hub_has() {
    let world = charged();
    let counted = |tokens: u64| vec![(name("bank-a"), kind(), tokens)];
    let found = Reconciled::of(&world.custody, &ledgers(&world), &counted(4)).unwrap();
    let expected = Reconciled {
        member: name("bank-a"),
        kind: kind(),
        charged: vec![4, 6, 0],
        whole: 4,
        part: 2,
        most: 5,
        tokens: Some(4),
        uncounted: Vec::new(),
    };
    assert_eq!(found, [expected]);
    assert!(!found[0].has_strange_tokens());
    // More tokens than were evaluated: somebody made them without the custodians.
    let found = Reconciled::of(&world.custody, &ledgers(&world), &counted(6)).unwrap();
    assert!(found[0].has_strange_tokens());
    // A ledger that is not there may have charged its part, which is six.
    let found = Reconciled::of(&world.custody, &ledgers(&world)[..2], &counted(6)).unwrap();
    assert_eq!((found[0].most, found[0].has_strange_tokens()), (8, false));
}

#[test]
fn tokens_of_a_member_that_asked_nobody_are_strange() {
    let world = charged();
    let of_b = vec![(name("bank-b"), kind(), 1), (name("BANK-A"), kind(), 3), (name("bank-a"), kind(), 4)];
    let found = Reconciled::of(&world.custody, &ledgers(&world), &of_b).unwrap();
    let shown: Vec<_> = found.iter().map(|of| (of.tokens, of.has_strange_tokens())).collect();
    assert_eq!(shown, [(Some(4), false), (Some(1), true)]);
    let unknown = vec![(name("bank-a"), KindId::new("other.kind/1").unwrap(), 1)];
    assert!(Reconciled::of(&world.custody, &ledgers(&world), &unknown).unwrap()[0].has_strange_tokens());
}

#[test]
fn ledgers_are_the_custodians_own_each_once() {
    let world = charged();
    let twice = [world.custodians[0].read(), world.custodians[0].read()];
    assert_eq!(Reconciled::of(&world.custody, &twice, &[]).unwrap_err().code(), "custody");
    let other = World::new();
    assert_eq!(Reconciled::of(&world.custody, &ledgers(&other), &[]).unwrap_err().code(), "custody");
    // Of the right name and keys, and signed by another.
    let own = &world.custodians[0];
    fs::remove_file(&own.ledger).unwrap();
    let of = (world.custody.digest(), own.name.clone());
    let stranger = &other.custodians[0].identity;
    veilmatch::custodian::LedgerFile::begin(&own.ledger, own.share.ledger(), of, 0, stranger).unwrap();
    assert_eq!(Reconciled::of(&world.custody, &ledgers(&world), &[]).unwrap_err().code(), "wrong_signer");
}

/// Appends a line that the custodian's program would not have written, as SPEC.md, section 16.2, has it.
pub(crate) fn charge_anyway(world: &World, custodian: usize, request: ContentDigest, elements: u64) {
    let own = &world.custodians[custodian];
    let text = fs::read_to_string(&own.ledger).unwrap();
    let (n, previous) = (text.lines().count() + 1, own.read().head().head);
    let (round, key) = (world.round.digest(), world.members[0].1.public_keys().sign);
    let time = "2026-11-24T07:41:39Z";
    let begins = format!(
        r#"{{"n":{n},"previous":"{previous}","time":"{time}","charge":{{"round":"{round}","kind":"test.kind/1","member":"bank-a","key":"{key}","request":"{request}","elements":{elements}}},"signature":"#
    );
    let unsigned = format!("veilmatch/2 ledger line{begins}null}}\n");
    let mut head = ContentDigest([0; 32]);
    head.0.copy_from_slice(ring::digest::digest(&ring::digest::SHA256, unsigned.as_bytes()).as_ref());
    let signed = veilmatch::custody::SignedHead::sign(own.name.clone(), head, &own.identity).unwrap();
    fs::write(&own.ledger, format!("{text}{begins}\"{}\"}}\n", signed.signature)).unwrap();
}

#[test]
fn a_custodian_that_did_not_count_is_named() {
    let world = charged();
    charge_anyway(&world, 2, strange(), 7);
    let found = Reconciled::of(&world.custody, &ledgers(&world), &[]).unwrap();
    assert_eq!(found[0].uncounted, [name("notary")]);
    assert_eq!((found[0].charged[2], found[0].part), (7, 9));
}
