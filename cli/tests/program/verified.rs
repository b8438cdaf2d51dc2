//! What `verify` and `inspect` say that they found, and what they did not check.

use std::fs;
use std::io::Read as _;

use crate::support::coalition::{Coalition, HUB};
use veilmatch::round::identity::Identity;
use veilmatch::round::seal;
use veilmatch::terms::Terms;
use veilmatch::{Round, TokenSet};

const COLUMNS: &str = "--column card=card.pan";

fn tokenized(sealed: bool) -> Coalition {
    let coalition = Coalition::new(&["a", "b"], sealed, "--at-least 2 --kind card.pan");
    coalition.write("a", "rows.csv", "card\n9999100000001562\n");
    coalition.tokenize("a", COLUMNS);
    coalition.done("a", &format!("tokenize {} --handshake --out hands", coalition.part("a")));
    coalition.deliver("a", "hands");
    coalition
}

fn sign_key(coalition: &Coalition, who: &str) -> String {
    let keys = fs::read_to_string(coalition.file(who, "own.key.pub")).unwrap();
    keys.split_whitespace().find(|word| word.len() == 64).unwrap().to_owned()
}

/// The digest that inspecting the manifest shows.
fn digest(coalition: &Coalition) -> String {
    let shown = coalition.done(HUB, "inspect round.json").stdout;
    shown.lines().find_map(|line| line.strip_prefix("digest: ")).unwrap().to_owned()
}

#[test]
fn inspect_shows_times_as_people_read_them() {
    let coalition = tokenized(false);
    let bound = "--not-after 2099-12-31T00:00:00Z --out late";
    coalition.done("a", &format!("tokenize {} {COLUMNS} --input rows.csv {bound}", coalition.part("a")));
    let shown = coalition.done("a", "inspect late/card.pan-1.vms").stdout;
    assert!(shown.contains("\nnot_after: 4102358400 (2099-12-31T00:00:00Z)\n"), "{shown}");
    assert!(shown.lines().any(|line| line.starts_with("created: ") && line.ends_with("Z)")), "{shown}");
}

#[test]
fn a_file_that_was_held_against_no_round_is_said_to_be() {
    for sealed in [true, false] {
        let coalition = tokenized(sealed);
        let identity = coalition.identity();
        let (key, digest) = (sign_key(&coalition, "a"), digest(&coalition));
        for (file, what) in [("a.card.pan-1.vms", "set"), ("a.card.pan-1.vmh", "handshake")] {
            let standing = match sealed {
                true => format!("self-consistent, signed by {key}; not held against a round"),
                false => "self-consistent, not signed; not held against a round".to_owned(),
            };
            let said = coalition.done(HUB, &format!("verify {file} {identity}")).stdout;
            assert_eq!(said, format!("{file}: valid {what}: {standing}\n"));
            let said = coalition.done(HUB, &format!("inspect {file} {identity}")).stdout;
            assert!(said.starts_with(&format!("type: {what}\nchecked: {standing}\n")), "{said}");
            let said = coalition.done(HUB, &format!("inspect {file} {identity} --format json")).stdout;
            let said: serde_json::Value = serde_json::from_str(&said).unwrap();
            assert_eq!(said["checked"], standing);

            let held = match sealed {
                true => format!("signed by {key}, as the round lists it"),
                false => "a trial, not signed".to_owned(),
            };
            let said = coalition.done(HUB, &format!("verify --round round.json {file} {identity}")).stdout;
            assert_eq!(said, format!("{file}: valid {what} of round {digest}: {held}\n"));
        }
    }
}

#[test]
fn manifests_and_keys_are_said_to_be_what_they_are_and_no_more() {
    let coalition = tokenized(true);
    let digest = digest(&coalition);
    let said = coalition.done(HUB, "verify round.json own.key.pub").stdout;
    assert_eq!(
        said,
        format!(
            "round.json: valid round: self-consistent, not signed; compare its digest with the other members': {digest}\n\
             own.key.pub: valid public keys: well-formed; whose they are was not checked\n"
        )
    );
    let said = coalition.done(HUB, "verify --round round.json round.json").stdout;
    assert_eq!(said, format!("round.json: valid round: the one given, {digest}\n"));
    // Another manifest does not pass as one of the round.
    coalition.carry(HUB, "round.json", HUB, "agreed.json");
    coalition.new_round("--at-least 2 --kind email.mailbox");
    let run = coalition.run(HUB, "verify --round agreed.json round.json");
    assert_eq!((run.code, run.stdout.as_str()), (Some(1), ""));
    assert!(run.stderr.contains("another manifest than the one agreed"), "{}", run.stderr);
}

#[test]
fn what_is_valid_and_outside_its_dates_is_said_to_be_both() {
    let terms = "--at-least 2 --kind card.pan";
    for (date, says) in [
        ("--not-after 2020-01-01T00:00:00Z", "the round ended at 2020-01-01T00:00:00Z"),
        ("--not-before 2999-01-01T00:00:00Z", "the round begins at 2999-01-01T00:00:00Z"),
    ] {
        let coalition = tokenized(false);
        let set =
            TokenSet::from_file_bytes(&fs::read(coalition.file(HUB, "a.card.pan-1.vms")).unwrap()).unwrap();
        coalition.new_round(&format!("{terms} {date}"));
        let digest = digest(&coalition);
        // A file without dates of its own, of that round.
        let round = Round::from_bytes(&fs::read(coalition.file(HUB, "round.json")).unwrap()).unwrap();
        let terms = Terms { round: Some(round.digest()), ..set.terms().clone() };
        let mut file = Vec::new();
        TokenSet::from_tokens(terms, set.member().clone(), set.tokens().to_vec())
            .write_to(&mut file)
            .unwrap();
        coalition.write(HUB, "dated.vms", file);
        for (arguments, expected) in [
            (
                "round.json",
                format!(
                    "round.json: valid round: self-consistent, not signed; compare its digest with the other members': {digest}; {says}\n"
                ),
            ),
            (
                "--round round.json round.json",
                format!("round.json: valid round: the one given, {digest}; {says}\n"),
            ),
            (
                "--round round.json dated.vms",
                format!("dated.vms: valid set of round {digest}: a trial, not signed; {says}\n"),
            ),
        ] {
            let run = coalition.run(HUB, &format!("verify {arguments}"));
            assert_eq!((run.code, run.stdout), (Some(0), expected), "{arguments}: {}", run.stderr);
        }
        // Nothing of these has a date.
        coalition.done(HUB, "verify --round round.json own.key.pub");
        coalition.done(HUB, "verify dated.vms");
        coalition.done(HUB, "inspect round.json");
    }
}

#[test]
fn a_cross_check_is_verified_as_all_that_members_exchange_and_its_key_is_not_shown() {
    for sealed in [true, false] {
        let coalition = Coalition::new(&["a", "b"], sealed, "--at-least 2 --kind card.pan --policy holders");
        let mut sets = Vec::new();
        for who in ["a", "b"] {
            coalition.write(who, "rows.csv", "card\n9999100000001562\n");
            sets.extend(coalition.tokenize(who, COLUMNS));
        }
        assert_eq!(coalition.intersect(&sets).code, Some(0));
        coalition.carry(HUB, "result/a.card.pan-1.vsh", "a", "own.vsh");
        let identity = coalition.identity();
        let make =
            format!("cross-check make --round round.json --member a {identity} --share own.vsh --out checks");
        coalition.done("a", &make);
        coalition.carry("a", "checks/b.vmx", "b", "from-a.vmx");
        let mut content = fs::read(coalition.file("b", "from-a.vmx")).unwrap();
        if sealed {
            let own = Identity::read_file(&coalition.file("b", "own.key")).unwrap();
            let file = std::mem::take(&mut content);
            seal::open(&own, &file[..]).unwrap().read_to_end(&mut content).unwrap();
            for command in ["verify", "inspect"] {
                let run = coalition.run("b", &format!("{command} from-a.vmx"));
                let says = "from-a.vmx: keys: expected --identity: the file is sealed";
                assert!(run.code == Some(1) && run.stderr.contains(says), "{}", run.stderr);
            }
        }
        let (digest, key) = (digest(&coalition), sign_key(&coalition, "a"));
        let said = coalition.done("b", &format!("verify from-a.vmx {identity}")).stdout;
        let standing = match sealed {
            true => format!("self-consistent, signed by {key}; not held against a round"),
            false => "self-consistent, not signed; not held against a round".to_owned(),
        };
        assert_eq!(said, format!("from-a.vmx: valid cross-check: {standing}\n"));
        let said = coalition.done("b", &format!("verify --round round.json from-a.vmx {identity}")).stdout;
        let held = match sealed {
            true => format!("signed by {key}, as the round lists it"),
            false => "a trial, not signed".to_owned(),
        };
        assert_eq!(said, format!("from-a.vmx: valid cross-check of round {digest}: {held}\n"));

        let line: serde_json::Value =
            serde_json::from_slice(content.split(|byte| *byte == b'\n').nth(1).unwrap()).unwrap();
        for format in ["text", "json"] {
            let said =
                coalition.done("b", &format!("inspect from-a.vmx {identity} --format {format}")).stdout;
            assert!(said.contains("cross-check") && said.contains(&digest), "{said}");
            assert!(said.contains(r#"{"kind":"card.pan/1","tokens":1}"#), "{said}");
            assert!(!said.contains(line["key"].as_str().unwrap()), "{said}");
            for digest in ["members", "digest", "holders"] {
                assert!(!said.contains(line["kinds"][0][digest].as_str().unwrap()), "{said}");
            }
        }
        // Of another round it is refused, and so is what is not sealed where all is.
        if sealed {
            coalition.write("b", "open.vmx", &content);
            let run = coalition.run("b", &format!("verify --round round.json open.vmx {identity}"));
            assert!(run.code == Some(1) && run.stderr.contains("expected a sealed file"), "{}", run.stderr);
        }
        coalition.new_round("--at-least 2 --kind card.pan --policy holders");
        let run = coalition.run("b", &format!("verify --round round.json from-a.vmx {identity}"));
        assert!(
            run.code == Some(1) && run.stderr.contains("another manifest than the one agreed"),
            "{}",
            run.stderr
        );
    }
}
