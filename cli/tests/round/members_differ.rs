//! Members that do not agree are shown with what each has, and the one that is alone is not taken for the measure.

use std::fs;

use crate::support::coalition::{Coalition, HUB};
use veilmatch::member::key::CoalitionSecret;
use veilmatch::member::tokenize::Tokenizer;
use veilmatch::round::handshake::compare;
use veilmatch::terms::{KeyContext, Name};
use veilmatch::{Error, Handshake, Round};

const COLUMNS: &str = "--column card=card.pan";
const DIFFER: &str = "card.pan/1: members differ in the key id (the secret): ";

/// Members of whom the first tokenises under another secret, each with a handshake made before that; at the hub the
/// sets, and `right.vms`, which the first should have brought.
fn coalition(members: &[&str]) -> (Coalition, Vec<String>) {
    let coalition = Coalition::new(members, true, "--at-least 2 --kind card.pan");
    let mut sets = Vec::new();
    for who in members {
        coalition.write(who, "rows.csv", "card\n9999100000001562\n9999100000002933\n");
        coalition.done(who, &format!("tokenize {} --handshake --out hands", coalition.part(who)));
        coalition.deliver(who, "hands");
        sets.extend(coalition.tokenize(who, COLUMNS));
    }
    coalition.carry(HUB, &sets[0], HUB, "right.vms");
    fs::remove_file(coalition.file(members[0], "secret")).unwrap();
    coalition.done(members[0], "keygen --out secret");
    coalition.tokenize(members[0], COLUMNS);
    (coalition, sets)
}

fn key_id(coalition: &Coalition, set: &str) -> String {
    let shown = coalition.done(HUB, &format!("inspect --identity own.key --format json {set}")).stdout;
    let shown: serde_json::Value = serde_json::from_str(&shown).unwrap();
    shown["header"]["key_id"].as_str().unwrap().to_owned()
}

fn intersect(more: &str, sets: &[String]) -> String {
    format!(
        "intersect --round round.json --identity own.key --log run.log {more} --out result {}",
        sets.join(" ")
    )
}

fn refused(coalition: &Coalition, arguments: &str) -> String {
    let run = coalition.run(HUB, arguments);
    assert_eq!((run.code, run.stdout.as_str()), (Some(1), ""), "{arguments}: {}", run.stderr);
    assert!(!coalition.file(HUB, "result").exists() && !coalition.file(HUB, "notices").exists());
    let record = fs::read_to_string(coalition.file(HUB, "run.log")).unwrap();
    assert!(record.lines().last().unwrap().contains(r#""outcome":"members_differ""#), "{record}");
    run.stderr
}

#[test]
fn one_member_under_another_secret_is_shown_to_be_alone_whatever_the_order_of_files() {
    let (coalition, mut sets) = coalition(&["a", "b", "c", "d"]);
    let (wrong, right) = (key_id(&coalition, &sets[0]), key_id(&coalition, &sets[1]));
    for _ in 0..sets.len() {
        let said = refused(&coalition, &intersect("", &sets));
        assert!(said.contains(&format!("{DIFFER}{right} of b, c, d; {wrong} of a alone. ")), "{said}");
        sets.rotate_left(1);
    }
    // With handshakes at hand there is more to say.
    let hands = ["a", "b", "c", "d"].map(|who| format!("{who}.card.pan-1.vmh")).join(" ");
    let said = refused(&coalition, &intersect(&format!("--handshakes {hands}"), &sets));
    assert!(
        said.contains(" of a alone; made under another key id than the handshake: the set of a. "),
        "{said}"
    );
    // The way out that is named.
    let others: Vec<String> = sets.iter().filter(|set| !set.starts_with("a.")).cloned().collect();
    coalition.done(HUB, &intersect("--without a", &others));
}

#[test]
fn sets_that_agree_with_each_other_but_not_with_the_handshakes_are_refused() {
    let (coalition, sets) = coalition(&["a", "b"]);
    fs::remove_file(coalition.file("b", "secret")).unwrap();
    coalition.carry("a", "secret", "b", "secret");
    coalition.tokenize("b", COLUMNS);
    let hands = "--handshakes a.card.pan-1.vmh b.card.pan-1.vmh";
    let said = refused(&coalition, &intersect(hands, &sets));
    assert!(
        said.contains("card.pan/1: made under another key id than the handshake: the set of a, b"),
        "{said}"
    );
    coalition.done(HUB, &intersect("", &sets));
}

#[test]
fn notices_of_sets_that_differ_are_refused_by_the_same_words() {
    let (coalition, sets) = coalition(&["a", "b", "c"]);
    coalition.carry(HUB, &sets[0], HUB, "wrong.vms");
    let right = ["right.vms".to_owned(), sets[1].clone(), sets[2].clone()];
    coalition.done(HUB, &intersect("", &right));
    fs::rename(coalition.file(HUB, "result"), coalition.file(HUB, "told")).unwrap();
    // b withdraws a card.
    let part = coalition.part("b");
    let tokenize = |rows: &str, more: &str| {
        coalition.write("b", "rows.csv", rows);
        coalition.done("b", &format!("tokenize {part} {COLUMNS} --input rows.csv {more}"));
    };
    tokenize("card\n9999100000001562\n9999100000002933\n", "--out sent-1 --keep kept-1");
    tokenize("card\n9999100000001562\n", "--out sent-2 --keep kept-2 --follow kept-1");
    let files = "--base kept-1/card.pan-1.vms --new kept-2/card.pan-1.vms --out b.vmd";
    coalition.done("b", &format!("delta --round round.json --member b --identity own.key {files}"));
    coalition.carry("b", "b.vmd", HUB, "b.vmd");
    let notices = format!(
        "notices --round round.json --identity own.key --log run.log --hub-only told/hub-only.json --delta b.vmd --out notices wrong.vms {} {}",
        sets[1], sets[2]
    );
    let said = refused(&coalition, &notices);
    assert!(said.contains(DIFFER) && said.contains(" of b, c; ") && said.contains(" of a alone. "), "{said}");
}

#[test]
fn of_two_handshakes_that_differ_neither_is_taken_for_right() {
    let (coalition, _) = coalition(&["a", "b"]);
    coalition.done("a", &format!("tokenize {} --handshake --force --out hands", coalition.part("a")));
    coalition.deliver("a", "hands");
    let shake =
        "intersect --round round.json --identity own.key --handshake a.card.pan-1.vmh b.card.pan-1.vmh";
    let run = coalition.run(HUB, shake);
    assert_eq!(run.code, Some(1));
    let lines: Vec<&str> = run.stdout.lines().collect();
    assert_eq!(lines.len(), 2);
    for (who, line) in ["a", "b"].into_iter().zip(lines) {
        assert!(line.starts_with(&format!("{who} {DIFFER}")), "{line}");
        assert!(line.contains(" of a alone") && line.contains(" of b alone"), "{line}");
    }
    let run = coalition.run(HUB, &format!("{shake} --format json"));
    assert_eq!(run.stdout.matches("members_differ").count(), 2, "{}", run.stdout);
}

/// A key service that gives another token key under the right key id.
#[test]
fn a_wrong_token_key_under_the_right_key_id_shows_who_makes_which_tokens() {
    let coalition = Coalition::new(&["a", "b", "c"], false, "--at-least 2 --kind card.pan");
    let round = Round::from_bytes(&fs::read(coalition.file("a", "round.json")).unwrap()).unwrap();
    let right = CoalitionSecret::read_file(&coalition.file("a", "secret")).unwrap();
    let kind = "card.pan/1".parse().unwrap();
    let context = || KeyContext::new(Name::new("efc").unwrap(), 7, "card.pan/1".parse().unwrap()).unwrap();
    let name = |name: &str| Name::new(name).unwrap();
    let good = round.tokenizer(&right, &kind, &name("a")).unwrap();
    let key = veilmatch::member::key::TokenKey::from_bytes(&mut [7; 32]);
    let wrong =
        Tokenizer::from_token_key(&key, context(), good.terms().key_id).unwrap().with_round(round.digest());
    let shakes = |wrong_of: &[&str]| -> Vec<Handshake> {
        let of = |who: &&str| Handshake::new(if wrong_of.contains(who) { &wrong } else { &good }, name(who));
        ["a", "b", "c"].iter().map(of).collect()
    };
    let outcomes = |shakes: &[Handshake]| -> Vec<Option<&'static str>> {
        compare(&round, shakes)
            .iter()
            .map(|verdict| verdict.outcome.as_ref().err().map(Error::code))
            .collect()
    };
    assert_eq!(outcomes(&shakes(&[])), [None, None, None]);
    assert_eq!(outcomes(&shakes(&["a"])), [Some("tokens_differ"), None, None]);
    let two = &shakes(&["a"])[..2];
    assert_eq!(outcomes(two), [Some("members_differ"), Some("members_differ"), Some("no_handshake")]);
}
