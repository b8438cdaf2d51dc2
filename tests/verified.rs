//! What `verify` and `inspect` say that they found, and what they did not check.

mod support;

use std::fs;

use support::coalition::{Coalition, HUB};

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
