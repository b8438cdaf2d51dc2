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

/// What is said where members differ names no value: neither of the key ids of these sets.
fn require_no_key_id(coalition: &Coalition, sets: &[String], said: &str) {
    sets.iter().for_each(|set| assert!(!said.contains(&key_id(coalition, set)), "{said}"));
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
    let advice = "They used different secrets: compare `veilmatch secret-id FILE` over the telephone. ";
    for _ in 0..sets.len() {
        let said = refused(&coalition, &intersect("", &sets));
        assert!(said.contains(&format!("{DIFFER}b, c and d agree; a stands alone. {advice}")), "{said}");
        require_no_key_id(&coalition, &sets, &said);
        sets.rotate_left(1);
    }
    // With handshakes at hand there is more to say.
    let hands = ["a", "b", "c", "d"].map(|who| format!("{who}.card.pan-1.vmh")).join(" ");
    let said = refused(&coalition, &intersect(&format!("--handshakes {hands}"), &sets));
    assert!(
        said.contains("; a stands alone; made under another key id than the handshake: the set of a. "),
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
fn verify_shows_who_agrees_though_each_file_is_valid_by_itself() {
    let (coalition, sets) = coalition(&["a", "b", "c", "d"]);
    let verify = |files: &str| coalition.run(HUB, &format!("verify --identity own.key {files}"));
    let of_round = format!("--round round.json {}", sets.join(" "));
    let run = verify(&of_round);
    assert_eq!((run.code, run.stdout.lines().count()), (Some(1), 4), "{}", run.stderr);
    assert!(run.stderr.contains(&format!("{DIFFER}b, c and d agree; a stands alone. ")), "{}", run.stderr);
    require_no_key_id(&coalition, &sets, &run.stderr);
    // A handshake under the right secret shows that the set is what is wrong.
    let run = verify(&format!("{of_round} a.card.pan-1.vmh"));
    let says = "made under another key id than the handshake: the set of a. ";
    assert!(run.code == Some(1) && run.stderr.contains(says), "{}", run.stderr);
    // Files that are not valid are named as well.
    coalition.write(HUB, "cut.vms", "");
    let run = verify(&format!("{of_round} cut.vms"));
    assert!(
        run.stderr.contains(DIFFER) && run.stderr.contains("1 of 5 files are not valid"),
        "{}",
        run.stderr
    );
    // Those that agree, and files that are held against no round.
    assert_eq!(verify(&format!("--round round.json {}", sets[1..].join(" "))).code, Some(0));
    assert_eq!(verify(&sets.join(" ")).code, Some(0));
}

#[test]
fn every_kind_in_which_members_differ_is_named_with_those_who_agree() {
    let members = ["a", "b", "c", "d"];
    let coalition = Coalition::new(&members, true, "--at-least 2 --kind card.pan --kind email.mailbox");
    let columns = "--column card=card.pan --column mail=email.mailbox";
    let mut sets = Vec::new();
    for who in members {
        coalition.write(who, "rows.csv", "card,mail\n9999100000001562,ann@example.org\n");
        sets.extend(coalition.tokenize(who, columns));
    }
    coalition.done("c", "keygen --out other");
    coalition.carry("c", "other", "d", "other");
    // Two and two: nobody is taken for right. In the other kind one stands alone.
    let tokenize = |who: &str, columns: &str| {
        let part = coalition.part(who).replace("secret ", "other ");
        coalition.done(who, &format!("tokenize {part} {columns} --input rows.csv --force --out again"));
        coalition.deliver(who, "again");
    };
    tokenize("c", columns);
    tokenize("d", "--column card=card.pan");
    let said = refused(&coalition, &intersect("", &sets));
    for says in [
        "card.pan/1: members differ in the key id (the secret): a and b agree; c and d agree. ",
        "email.mailbox/1: members differ in the key id (the secret): a, b and d agree; c stands alone. ",
    ] {
        assert!(said.contains(says), "{said}");
    }
}

#[test]
fn a_manifest_that_was_edited_is_said_to_differ_from_that_of_the_sets() {
    let (coalition, sets) = coalition(&["a", "b", "c"]);
    let agreed = fs::read_to_string(coalition.file(HUB, "round.json")).unwrap();
    let edited = |from: &str, to: &str| {
        assert!(agreed.contains(from), "{agreed}");
        coalition.write(HUB, "edited.json", agreed.replace(from, to));
    };
    let run = |what: &str, sets: &[String]| {
        let run =
            coalition.run(HUB, &format!("{what} --round edited.json --identity own.key {}", sets.join(" ")));
        assert_eq!((run.code, run.stdout.as_str()), (Some(1), ""), "{}", run.stderr);
        run.stderr
    };
    let differ = "differs in the round: expected";
    let advice = "the manifests differ: was one edited, or is one of another round? `veilmatch inspect FILE` shows a \
                  manifest's digest; compare it by telephone";
    let none = "; none of the 3 sets was made with this manifest; was it edited?";
    edited("\"at_least\": 2", "\"at_least\": 3");
    let said = run("intersect --out result", &sets);
    assert!(said.contains(differ) && said.contains(&format!("{advice}{none}")), "{said}");
    let said = run("verify", &sets);
    assert_eq!(said.matches(advice).count(), 3, "{said}");
    // What was edited stands before the round where a set states it.
    edited("\"epoch\": 7", "\"epoch\": 8");
    let said = run("intersect --out result", &sets);
    assert!(said.contains(&format!("a differs in the epoch: expected 8, got 7{none}")), "{said}");
    // Where one member has another manifest, the others are not to blame.
    coalition.write("b", "round.json", agreed.replace("\"at_least\": 2", "\"at_least\": 3"));
    coalition.tokenize("b", COLUMNS);
    let refused = coalition.run(HUB, &intersect("", &sets));
    assert_eq!(refused.code, Some(1));
    let says = "; made with another manifest: the sets of b\n";
    assert!(refused.stderr.contains("b.card.pan-1.vms: b differs in the round"), "{}", refused.stderr);
    assert!(refused.stderr.contains(says), "{}", refused.stderr);
}

#[test]
fn an_empty_set_is_said_to_be_empty_wherever_it_is_met() {
    let (coalition, sets) = coalition(&["a", "b", "c"]);
    coalition.carry(HUB, "right.vms", HUB, &sets[0]);
    let part = coalition.part("b");
    let tokenize = |rows: &str, more: &str| {
        coalition.write("b", "rows.csv", rows);
        coalition.done("b", &format!("tokenize {part} {COLUMNS} --input rows.csv {more}"));
    };
    tokenize("card\n9999100000001562\n", "--out sent-1 --keep kept-1");
    tokenize("card\n", "--out sent-2 --keep kept-2 --follow kept-1");
    let files = "--base kept-1/card.pan-1.vms --new kept-2/card.pan-1.vms --out b.vmd";
    coalition.done("b", &format!("delta --round round.json --member b --identity own.key {files}"));
    coalition.carry("b", "b.vmd", HUB, "b.vmd");
    coalition.carry("b", "sent-1/card.pan-1.vms", HUB, "last.vms");
    let agreed = "--round round.json --identity own.key";
    let says = |arguments: &str, says: &str| {
        let run = coalition.run(HUB, arguments);
        assert!(run.stderr.contains(says), "{arguments}: {}", run.stderr);
        run.code
    };
    let apply = format!("apply {agreed} --base last.vms --delta b.vmd --out empty.vms");
    assert_eq!(says(&apply, "warning: card.pan/1: the new set of b is empty"), Some(0));
    let empty = "warning: empty.vms: the set of b is empty";
    assert_eq!(says(&format!("verify {agreed} empty.vms"), empty), Some(0));
    assert_eq!(says("verify --identity own.key empty.vms", empty), Some(0));
    assert_eq!(says(&format!("verify {agreed} b.vmd"), "warning: b.vmd: the set of b is empty"), Some(0));
    let all = [sets[0].clone(), "empty.vms".to_owned(), sets[2].clone()];
    assert_eq!(says(&intersect("", &all), "sets are empty: b (card.pan/1)"), Some(1));
    let without = intersect("--without b", &all);
    assert_eq!(says(&without, "warning: card.pan/1: the set of b is empty and is not matched"), Some(0));
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
    assert!(said.contains(&format!("{DIFFER}b and c agree; a stands alone. ")), "{said}");
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
        assert!(line.ends_with("a stands alone; b stands alone"), "{line}");
    }
    let advice = "2 of 2 handshakes do not agree. They used different secrets: compare";
    assert!(run.stderr.contains(advice), "{}", run.stderr);
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
