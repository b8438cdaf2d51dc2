//! What files say of when they were made: no date in the future is written, used, or makes a later file look old.

use std::fs;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::support::coalition::{Coalition, HUB};
use crate::support::hub::{name, set_of};
use veilmatch::screen::{Screen, ScreenIndex};
use veilmatch::{Disclosure, Error, Handshake, Intersection, Metadata, Share, TokenSet};

const COLUMNS: &str = "--column card=card.pan";
const SHARE: &str = "result/a.card.pan-1.vsh";
const SET: &str = "a.card.pan-1.vms";
const DAY: u64 = 86_400;

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

/// A trial, whose files anybody can make, with sets at the hub.
fn trial() -> (Coalition, Vec<String>) {
    let coalition = Coalition::new(&["a", "b"], false, "--at-least 2 --kind card.pan");
    let mut sets = Vec::new();
    for who in ["a", "b"] {
        coalition.write(who, "rows.csv", "card\n9999100000001562\n9999100000002933\n");
        sets.extend(coalition.tokenize(who, COLUMNS));
    }
    (coalition, sets)
}

/// Writes what `parse` and `write` make of a file whose date is this.
fn redate(coalition: &Coalition, who: &str, file: &str, created: u64) {
    let path = coalition.file(who, file);
    let bytes = fs::read(&path).unwrap();
    let metadata = |metadata: &Metadata| Metadata { created, ..metadata.clone() };
    let mut out = Vec::new();
    match file.rsplit('.').next().unwrap() {
        "vms" => {
            let set = TokenSet::from_file_bytes(&bytes).unwrap();
            let metadata = metadata(set.metadata());
            set.with_metadata(metadata).write_to(&mut out).unwrap();
        }
        "vsh" => {
            let share = Share::from_file_bytes(&bytes).unwrap();
            let metadata = metadata(share.metadata());
            share.with_metadata(metadata).write_to(&mut out).unwrap();
        }
        "vmh" => {
            let handshake = Handshake::from_file_bytes(&bytes).unwrap();
            let metadata = metadata(handshake.metadata());
            handshake.with_metadata(metadata).write_to(&mut out).unwrap();
        }
        other => panic!("{other}"),
    }
    fs::write(path, out).unwrap();
}

fn refused(coalition: &Coalition, who: &str, arguments: &str) {
    let run = coalition.run(who, arguments);
    assert_eq!((run.code, run.stdout.as_str()), (Some(1), ""), "{arguments}: {}", run.stderr);
    assert!(run.stderr.contains("got one made at 3000-01-01T00:00:00Z: is a clock wrong"), "{}", run.stderr);
}

#[test]
fn no_file_is_dated_in_the_future_and_the_variable_is_spoken_of() {
    let (coalition, sets) = trial();
    let tokenize = format!("tokenize {} {COLUMNS} --input rows.csv --out dated", coalition.part("a"));
    let shake = format!("tokenize {} --handshake --out dated", coalition.part("a"));
    let intersect = format!("intersect --round round.json --out dated {}", sets.join(" "));
    for (who, arguments) in [("a", &tokenize), ("a", &shake), (HUB, &intersect)] {
        for wrong in [(now() + 3600).to_string(), "32503680000".into(), "tomorrow".into(), String::new()] {
            let mut command = coalition.command(who, arguments);
            let output = command.env("SOURCE_DATE_EPOCH", &wrong).output().unwrap();
            let said = String::from_utf8(output.stderr).unwrap();
            assert!(output.status.code() == Some(1) && output.stdout.is_empty(), "{wrong}: {said}");
            assert!(said.contains("SOURCE_DATE_EPOCH: expected seconds since 1970 up to now"), "{said}");
            assert!(!coalition.file(who, "dated").exists());
        }
        let mut command = coalition.command(who, arguments);
        let output = command.env("SOURCE_DATE_EPOCH", "1700000000").output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{said}");
        let dated = "files are dated 2023-11-14T22:13:20Z, as SOURCE_DATE_EPOCH says";
        assert_eq!(said.matches(dated).count(), 1, "{said}");
        fs::remove_dir_all(coalition.file(who, "dated")).unwrap();
    }
    // What dates no file does not care.
    let mut command = coalition.command("a", "inspect round.json");
    assert!(command.env("SOURCE_DATE_EPOCH", "32503680000").output().unwrap().status.success());
}

#[test]
fn a_file_from_the_far_future_is_refused_wherever_it_is_used() {
    const FAR: u64 = 32_503_680_000;
    let (coalition, sets) = trial();
    let intersect = format!("intersect --round round.json --force --out result {}", sets.join(" "));
    let part = coalition.part("a");
    coalition.done(HUB, &intersect);
    coalition.carry(HUB, SHARE, "a", "share.vsh");
    coalition.done("a", &format!("tokenize {part} --handshake --out hands"));

    redate(&coalition, HUB, SET, FAR);
    refused(&coalition, HUB, &intersect);
    refused(&coalition, HUB, &format!("verify --round round.json {SET}"));
    refused(&coalition, HUB, &format!("verify {SET}"));
    redate(&coalition, "a", "share.vsh", FAR);
    refused(&coalition, "a", &format!("resolve {part} {COLUMNS} --input rows.csv --share share.vsh"));
    refused(&coalition, "a", &format!("screen {part} --share share.vsh"));
    redate(&coalition, "a", "sets/card.pan-1.vms", FAR);
    refused(&coalition, "a", &format!("screen {part} --set sets/card.pan-1.vms"));
    redate(&coalition, "a", "hands/card.pan-1.vmh", FAR);
    refused(&coalition, "a", "intersect --round round.json --handshake hands/card.pan-1.vmh");

    // Clocks may differ by a day, and by no more.
    redate(&coalition, HUB, SET, now() + DAY - 60);
    coalition.done(HUB, &intersect);
    redate(&coalition, HUB, SET, now() + DAY + 60);
    assert_eq!(coalition.run(HUB, &intersect).code, Some(1));
}

#[test]
fn the_bound_is_a_day_ahead_of_now() {
    let made = |created| Metadata { created, ..Metadata::default() };
    for (created, now) in [(0, 0), (100, 100), (100 + DAY, 100), (u64::MAX, u64::MAX), (5, 900)] {
        made(created).require_current(now).unwrap();
    }
    for (created, now) in [(101 + DAY, 100), (u64::MAX, 0)] {
        let error = made(created).require_current(now).unwrap_err();
        assert!(matches!(error, Error::FromFuture { .. }), "{error}");
        assert_eq!(error.code(), "from_future");
    }
}

#[test]
fn a_clock_that_is_ahead_makes_no_later_share_look_old() {
    let sets = [set_of("a", 0..50), set_of("b", 20..70)];
    let all = sets.iter().try_fold(Intersection::new(), |all, set| all.add(set)).unwrap();
    let overlaps = all.at_least(2).unwrap().collect().unwrap();
    let share = |created| {
        let share = overlaps.share(&name("a"), Disclosure::Holders).unwrap();
        ScreenIndex::from_share(share.with_metadata(Metadata { created, ..Metadata::default() })).unwrap()
    };
    let older = |result: Result<_, Error>| match result {
        Err(Error::Older { kept, found }) => (kept, found),
        other => panic!("{other:?}"),
    };
    // Taken into use at 1000, made at 5000 by the clock of its maker.
    let screen = Screen::new(share(5000).taken_at(1000));
    assert_eq!(older(screen.replace(share(999))), (1000, 999), "what is older in any case stays refused");
    screen.replace(share(1001).taken_at(1001)).unwrap();
    assert_eq!(older(screen.replace(share(1000).taken_at(1100))), (1001, 1000));
    // Without a moment the statements alone are compared.
    let screen = Screen::new(share(5000));
    assert_eq!(older(screen.replace(share(1001))), (5000, 1001));
}
