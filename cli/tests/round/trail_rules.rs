//! What a manifest says about trails: by the program that writes it, and refused where no round can have it.

use std::fs;

use veilmatch::{Disclosure, Round};

use crate::support::coalition::Coalition;

const NEW: &str = "round new --coalition efc --epoch 7 --force --out new.json --at-least 2 --kind card.pan --kind net.ip \
                   --kind email.mailbox --member a --member b --member c";

/// Writes a manifest, which must be possible.
fn round(coalition: &Coalition, more: &str) -> Round {
    coalition.done("a", &format!("{NEW} {more}"));
    Round::from_bytes(&fs::read(coalition.file("a", "new.json")).unwrap()).unwrap()
}

#[test]
fn a_manifest_says_of_trails_what_was_asked_for_and_otherwise_the_usual() {
    let coalition = Coalition::new(&["a", "b"], false, "--at-least 2 --kind card.pan");
    let without = round(&coalition, "");
    assert!(without.manifest().trail.is_none());
    assert!(!String::from_utf8(without.to_bytes()).unwrap().contains("trail"));

    let usual = round(&coalition, "--trail");
    let rules = usual.trail().unwrap();
    let leaves: Vec<&str> = rules.leaves.iter().map(veilmatch::terms::KindId::as_str).collect();
    assert_eq!(leaves, ["net.ip/1"]);
    assert_eq!((rules.max_degree, rules.max_hops, rules.max_trail), (25, 2, 1000));
    assert_eq!((rules.max_seeds, rules.min_members, rules.disclosure), (100, 2, Disclosure::Counts));

    let own = round(
        &coalition,
        "--trail --max-degree 9 --max-hops 3 --max-trail 50 --max-seeds 7 --min-members 3 --trail-policy holders \
         --leaf email.mailbox --traverse net.ip/1",
    );
    let rules = own.trail().unwrap();
    let leaves: Vec<&str> = rules.leaves.iter().map(veilmatch::terms::KindId::as_str).collect();
    assert_eq!(leaves, ["email.mailbox/1"]);
    assert_eq!((rules.max_degree, rules.max_hops, rules.max_trail), (9, 3, 50));
    assert_eq!((rules.max_seeds, rules.min_members, rules.disclosure), (7, 3, Disclosure::Holders));
    // A kind that is a leaf as usual may be said to be one.
    let said = round(&coalition, "--trail --leaf net.ip --leaf net.ip");
    assert_eq!(said.trail().unwrap(), usual.trail().unwrap());
}

#[test]
fn inspect_shows_what_a_manifest_says_about_trails() {
    let coalition = Coalition::new(&["a", "b"], false, "--at-least 2 --kind card.pan --trail --max-hops 3");
    let shown = coalition.done("a", "inspect round.json").stdout;
    let line = shown.lines().find(|line| line.starts_with("trail: ")).expect(&shown);
    let rules: serde_json::Value = serde_json::from_str(line.strip_prefix("trail: ").unwrap()).unwrap();
    assert_eq!(rules["max_hops"], 3);
    assert_eq!(rules["leaves"], serde_json::json!([]));
    coalition.new_round("--at-least 2 --kind card.pan");
    assert!(!coalition.done("a", "inspect round.json").stdout.contains("trail"));
}

#[test]
fn what_no_trail_can_have_is_refused_and_says_what_was_expected() {
    let coalition = Coalition::new(&["a", "b"], false, "--at-least 2 --kind card.pan");
    for (more, code, says) in [
        ("--max-degree 0", 1, "a largest degree of at least 1"),
        ("--max-hops 0", 1, "1 to 6 steps of a trail"),
        ("--max-hops 7", 1, "1 to 6 steps of a trail"),
        ("--max-trail 1", 1, "2 to 1,000,000 subjects of a trail"),
        ("--max-trail 1000001", 1, "2 to 1,000,000 subjects of a trail"),
        ("--max-seeds 0", 1, "at least 1 seed of a member"),
        ("--min-members 1", 1, "2 or more members of a trail"),
        ("--min-members 4", 1, "2 or more members of a trail"),
        ("--leaf crypto.evm", 1, "--leaf: crypto.evm/1 is not matched in this round; expected one of --kind"),
        ("--traverse bank.bic", 1, "--traverse: bank.bic/1 is not matched in this round"),
        ("--leaf card.pann", 1, "did you mean card.pan"),
        (
            "--leaf net.ip --traverse net.ip",
            1,
            "net.ip/1 is given to --leaf and to --traverse; expected it in one",
        ),
        ("--max-degree nine", 2, "--max-degree"),
        ("--trail-policy names", 2, "holders, counts"),
    ] {
        let run = coalition.run("a", &format!("{NEW} --trail {more}"));
        assert_eq!(run.code, Some(code), "{more}: {}", run.stderr);
        assert!(run.stderr.contains(says), "{more}:\n  {}  does not say: {says}", run.stderr);
        assert!(!coalition.file("a", "new.json").exists(), "{more}");
    }
}

#[test]
fn no_rule_of_trails_is_taken_without_trails() {
    let coalition = Coalition::new(&["a", "b"], false, "--at-least 2 --kind card.pan");
    for more in [
        "--max-degree 9",
        "--max-hops 3",
        "--max-trail 50",
        "--max-seeds 7",
        "--min-members 2",
        "--trail-policy holders",
        "--leaf card.pan",
        "--traverse net.ip",
    ] {
        let run = coalition.run("a", &format!("{NEW} {more}"));
        assert_eq!(run.code, Some(2), "{more}: {}", run.stderr);
        assert!(run.stderr.contains("--trail"), "{more}: {}", run.stderr);
        assert!(!coalition.file("a", "new.json").exists(), "{more}");
    }
}
