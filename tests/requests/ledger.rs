//! The ledger: nothing of it can be changed, removed, put in another order or begun anew without being found.

use std::fs;

use veilmatch::custodian::{Ledger, LedgerFile};
use veilmatch::terms::ContentDigest;
use veilmatch::{Error, Metadata};

use crate::reconcile::charge_anyway;
use crate::world::{NOW, World, kind, metadata, strange};

/// A world in which the first custodian has charged three requests.
fn charged() -> World {
    let world = World::new();
    for number in 1..=3 {
        world.evaluate(0, &world.request(number)).unwrap();
    }
    world
}

fn read(world: &World) -> Result<Ledger, Error> {
    Ledger::read_file(&world.custodians[0].ledger)
}

#[test]
fn a_ledger_says_what_was_charged_to_whom() {
    let world = charged();
    let ledger = world.custodians[0].read();
    let numbers: Vec<u64> = ledger.charges().map(|charge| charge.elements).collect();
    assert_eq!(numbers, [1, 2, 3]);
    let (member, identity) = &world.members[0];
    let key = identity.public_keys().sign;
    assert_eq!(ledger.charged(&kind(), member, key), 6);
    let (other, identity) = &world.members[1];
    assert_eq!(ledger.charged(&kind(), other, identity.public_keys().sign), 0);
    assert!(ledger.charges().all(|charge| charge.round == world.round.digest() && charge.key == key));
}

#[test]
fn no_line_can_be_changed_removed_repeated_or_put_elsewhere() {
    let world = charged();
    let path = &world.custodians[0].ledger;
    let text = fs::read_to_string(path).unwrap();
    assert_eq!(read(&world).unwrap().charges().count(), 3);
    // Each signature but the last is of a head that the last one covers too.
    let covered = |at: usize| {
        let rest = &text[at..];
        let of_line = rest.find('\n').unwrap() + 1;
        rest.len() > of_line && (4..=131).contains(&of_line) // its signature, two marks and a newline
    };
    // Without the last newline the line counts as one that a killed writer left.
    for at in (0..text.len() - 1).filter(|at| !covered(*at)) {
        let mut changed = text.clone().into_bytes();
        changed[at] ^= 1;
        fs::write(path, changed).unwrap();
        assert!(read(&world).is_err(), "byte {at}");
    }
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let orders: [&[usize]; 6] =
        [&[], &[1, 2, 3], &[0, 2, 3], &[0, 1, 1, 2, 3], &[0, 2, 1, 3], &[0, 0, 1, 2, 3]];
    for order in orders {
        fs::write(path, order.iter().map(|line| lines[*line]).collect::<String>()).unwrap();
        assert!(read(&world).is_err(), "{order:?}");
    }
}

/// The chain covers entries, and the last signature the chain: what stands as a signature before is not looked at.
#[test]
fn an_entry_before_the_last_is_held_by_the_chain_alone() {
    let world = charged();
    let path = &world.custodians[0].ledger;
    let text = fs::read_to_string(path).unwrap();
    let (whole, lines) = (read(&world).unwrap(), text.split_inclusive('\n').collect::<Vec<_>>());
    let with = |at: usize, line: &str| {
        let mut changed = lines.clone();
        changed[at] = line;
        fs::write(path, changed.concat()).unwrap();
        read(&world)
    };
    for (at, line) in lines.iter().enumerate() {
        let (entry, _) = line.split_once(r#""signature":"#).unwrap();
        let unverified = with(at, &format!("{entry}\"signature\":\"{}\"}}\n", "00".repeat(64)));
        match at == lines.len() - 1 {
            false => assert_eq!(unverified.unwrap(), whole, "line {}", at + 1),
            true => assert_eq!(unverified.unwrap_err().code(), "signature"),
        }
        let changed =
            with(at, &line.replacen(":39Z", ":38Z", 1).replacen("\"elements\":", "\"elements\":7", 1));
        let refused = changed.unwrap_err();
        match at == lines.len() - 1 {
            false => {
                let expected = format!("line {} does not follow the line before", at + 2);
                assert!(refused.to_string().contains(&expected), "{refused}");
            }
            true => assert_eq!(refused.code(), "signature"),
        }
    }
}

#[test]
fn no_request_is_charged_twice_in_a_ledger() {
    let world = charged();
    let request = world.custodians[0].read().charges().next().unwrap().request;
    charge_anyway(&world, 0, request, 1);
    let refused = read(&world).unwrap_err();
    assert_eq!(refused.code(), "ledger");
    assert!(refused.to_string().contains("line 5 has a request that an earlier line has"), "{refused}");
}

#[test]
fn what_a_killed_writer_left_is_taken_away_and_the_next_charge_follows() {
    let world = charged();
    let path = &world.custodians[0].ledger;
    let whole = fs::read(path).unwrap();
    let last = whole[..whole.len() - 1].iter().rposition(|byte| *byte == b'\n').unwrap() + 1;
    for cut in last + 1..whole.len() {
        fs::write(path, &whole[..cut]).unwrap();
        assert_eq!(read(&world).unwrap().charges().count(), 2, "cut at {cut}");
    }
    let (done, _) = world.evaluate(0, &world.request(3)).unwrap();
    assert!(done.charged);
    assert_eq!(read(&world).unwrap().charges().count(), 3);
    fs::write(path, [&fs::read(path).unwrap()[..], b"strange"].concat()).unwrap();
    assert_eq!(read(&world).unwrap_err().code(), "ledger");
}

#[test]
fn another_ledger_is_refused_and_none_is_begun() {
    let world = World::new();
    let request = world.request(1);
    let (own, other) = (&world.custodians[0], &world.custodians[1]);
    fs::copy(&own.ledger, world.folder.path().join("kept")).unwrap();

    // Of another custodian; begun from another start; of another's key; none at all.
    fs::copy(&other.ledger, &own.ledger).unwrap();
    assert_eq!(world.evaluate(0, &request).unwrap_err().code(), "ledger");
    fs::remove_file(&own.ledger).unwrap();
    let of = (world.custody.digest(), own.name.clone());
    LedgerFile::begin(&own.ledger, strange(), of.clone(), NOW, &own.identity).unwrap();
    assert_eq!(world.evaluate(0, &request).unwrap_err().code(), "ledger");
    // Nor if the caller opens it by the start that it has.
    let mut opened = LedgerFile::open(&own.ledger, strange(), &own.identity).unwrap();
    let evaluator = world.evaluator(0, &world.round);
    let answered =
        evaluator.evaluate(&request, &mut opened, &metadata(), &mut std::io::Cursor::new(Vec::new()), &());
    assert!(answered.unwrap_err().to_string().contains("which its shares name"));
    drop(opened);
    fs::remove_file(&own.ledger).unwrap();
    LedgerFile::begin(&own.ledger, own.share.ledger(), of, NOW, &other.identity).unwrap();
    assert_eq!(world.evaluate(0, &request).unwrap_err().code(), "ledger");
    fs::remove_file(&own.ledger).unwrap();
    assert_eq!(world.evaluate(0, &request).unwrap_err().code(), "io");
    assert!(!own.ledger.exists());

    fs::rename(world.folder.path().join("kept"), &own.ledger).unwrap();
    assert!(world.evaluate(0, &request).unwrap().0.charged);
}

#[test]
fn a_time_that_no_line_can_state_answers_nothing_and_charges_nothing() {
    let world = World::new();
    let before = fs::read(&world.custodians[0].ledger).unwrap();
    let late = Metadata { created: 253_402_300_800, ..Metadata::default() }; // the year 10000
    let mut out = std::io::Cursor::new(Vec::new());
    let mut ledger = world.custodians[0].open().unwrap();
    let evaluator = world.evaluator(0, &world.round);
    let answered = evaluator.evaluate(&world.request(1), &mut ledger, &late, &mut out, &());
    assert_eq!(answered.unwrap_err().code(), "stamp");
    assert_eq!(fs::read(&world.custodians[0].ledger).unwrap(), before);
    drop(ledger);
    assert!(world.evaluate(0, &world.request(1)).unwrap().0.charged);
}

#[test]
fn a_ledger_that_is_there_is_never_replaced() {
    let world = charged();
    let own = &world.custodians[0];
    let before = fs::read(&own.ledger).unwrap();
    let of = (world.custody.digest(), own.name.clone());
    let again = LedgerFile::begin(&own.ledger, own.share.ledger(), of, NOW, &own.identity);
    assert_eq!(again.unwrap_err().code(), "io");
    assert_eq!(fs::read(&own.ledger).unwrap(), before);
}

#[test]
fn every_head_of_a_ledger_is_signed_and_stands_in_the_answer() {
    let world = World::new();
    let mut heads: Vec<ContentDigest> = Vec::new();
    for number in 1..=3 {
        let (_, answer) = world.evaluate(0, &world.request(number)).unwrap();
        let head = &answer.by().head;
        head.verify(world.custodians[0].identity.public_keys().sign).unwrap();
        assert!(head.verify(world.custodians[1].identity.public_keys().sign).is_err());
        assert_eq!(world.custodians[0].read().head(), head);
        heads.push(head.head);
    }
    let ledger = world.custodians[0].read();
    assert!(heads.iter().all(|head| ledger.has_head(*head)));
    assert!(!ledger.has_head(strange()));
}
