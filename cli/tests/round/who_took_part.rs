//! Who takes part in a round: what a member forgets to bring is missed, and whoever reads a result knows who was matched.

use std::fs;

use crate::support::coalition::{Coalition, HUB};
use veilmatch::{Error, Round};

const TERMS: &str = "--at-least 2 --kind card.pan --kind crypto.evm";
const COLUMNS: &str = "--column card=card.pan --column wallet=crypto.evm";
const WALLETS: &str = "--column wallet=crypto.evm";
const CARDS: [&str; 3] = ["9999100000001562", "9999100000002933", "9999100000005266"];

/// Rows of these numbers, each with a card and a wallet.
fn rows(numbers: &[usize]) -> String {
    numbers.iter().fold("card,wallet\n".to_owned(), |text, number| {
        text + &format!("{},0x{:040x}\n", CARDS[*number], (*number as u128 + 1) << 64)
    })
}

/// Three members and a hub, which has the sets of all: `a` shares one row with `b` and another one with `c`.
fn three(terms: &str) -> (Coalition, Vec<String>) {
    let coalition = Coalition::new(&["a", "b", "c"], true, &format!("{TERMS} {terms}"));
    let mut sets = Vec::new();
    for (who, numbers) in [("a", &[0, 1, 2][..]), ("b", &[0]), ("c", &[1])] {
        coalition.write(who, "rows.csv", rows(numbers));
        let columns = if terms.contains(&format!("--brings {who}=crypto.evm")) { WALLETS } else { COLUMNS };
        sets.extend(coalition.tokenize(who, columns));
    }
    (coalition, sets)
}

fn intersect(more: &str, sets: &[String]) -> String {
    format!(
        "intersect --round round.json --identity own.key --log run.log --force --out result {more} {}",
        sets.join(" ")
    )
}

/// What must be refused, and what the refusal must say; nothing appears.
fn refused(coalition: &Coalition, arguments: &str, says: &str) {
    let run = coalition.run(HUB, arguments);
    assert_eq!(run.code, Some(1), "{arguments}: {}", run.stderr);
    assert!(run.stderr.contains(says), "{arguments}:\n  {}  does not say: {says}", run.stderr);
    assert!(run.stdout.is_empty() && !coalition.file(HUB, "result").exists(), "{arguments}");
}

fn resolve(coalition: &Coalition, who: &str) -> (String, String) {
    let mut shares = String::new();
    for kind in ["card.pan-1", "crypto.evm-1"] {
        let share = format!("{who}.{kind}.vsh");
        coalition.carry(HUB, &format!("result/{share}"), who, &share);
        shares += &format!(" --share {share}");
    }
    let run =
        coalition.done(who, &format!("resolve {} {COLUMNS} --input rows.csv {shares}", coalition.part(who)));
    (run.stdout, run.stderr)
}

fn report(coalition: &Coalition) -> serde_json::Value {
    serde_json::from_slice(&fs::read(coalition.file(HUB, "result/report.json")).unwrap()).unwrap()
}

fn last_counts(coalition: &Coalition) -> serde_json::Value {
    let record = fs::read_to_string(coalition.file(HUB, "run.log")).unwrap();
    let line: serde_json::Value = serde_json::from_str(record.lines().last().unwrap()).unwrap();
    line["counts"].clone()
}

#[test]
fn a_forgotten_set_is_refused_and_all_that_is_missing_is_named() {
    let (coalition, sets) = three("--policy counts");
    let of = |names: &[&str]| -> Vec<String> {
        sets.iter().filter(|set| names.iter().any(|name| set.starts_with(name))).cloned().collect()
    };
    refused(
        &coalition,
        &intersect("", &of(&["a.", "b."])),
        "sets are missing: c (card.pan/1, crypto.evm/1);",
    );
    refused(
        &coalition,
        &intersect("", &of(&["a.", "b.crypto"])),
        "sets are missing: b (card.pan/1), c (card.pan/1, crypto.evm/1);",
    );
    // Of a whole kind too.
    refused(
        &coalition,
        &intersect("", &of(&["a.crypto", "b.crypto", "c.crypto"])),
        "sets are missing: a (card.pan/1), b (card.pan/1), c (card.pan/1);",
    );
    let still = intersect("--without c:card.pan", &of(&["a.", "b."]));
    refused(&coalition, &still, "sets are missing: c (crypto.evm/1);");
    // What was refused stands in the run record.
    let record = fs::read_to_string(coalition.file(HUB, "run.log")).unwrap();
    assert!(record.lines().last().unwrap().contains(r#""outcome":"sets_missing""#), "{record}");
}

#[test]
fn what_was_matched_stands_in_the_report_the_record_and_every_share() {
    for (policy, named) in [("counts", false), ("holders", true)] {
        let (coalition, sets) = three(&format!("--policy {policy}"));
        let without_c: Vec<String> = sets.iter().filter(|set| !set.starts_with("c.")).cloned().collect();
        let run = coalition.done(HUB, &intersect("--without c", &without_c));
        assert!(run.stderr.contains("card.pan/1 is matched without c"), "{}", run.stderr);
        assert!(run.stdout.contains("2 of 3 members were matched; without: c\n"), "{}", run.stdout);
        let report = report(&coalition);
        assert_eq!(report["schema"], 3);
        let part = |kind: &str| serde_json::json!({"kind": kind, "matched": ["a", "b"], "left_out": [], "without": ["c"]});
        assert_eq!(report["took_part"], serde_json::json!([part("card.pan/1"), part("crypto.evm/1")]));
        let counts = last_counts(&coalition);
        for (what, count) in [("expected", 3), ("sets", 2), ("without", 1), ("left_out", 0)] {
            assert_eq!(counts[format!("card.pan/1/{what}")], count, "{what}");
        }
        // The member knows that what it shares with c alone is not there.
        let (found, said) = resolve(&coalition, "a");
        assert_eq!(found.lines().count(), 3, "{found}");
        let line = match named {
            true => "veilmatch: card.pan/1: 2 of 3 members were matched, without c\n",
            false => "veilmatch: card.pan/1: 2 of 3 members were matched\n",
        };
        assert!(said.contains(line), "{said}");
        assert_eq!(said.contains("without c"), named);
        let screen = format!("screen {} --share a.card.pan-1.vsh", coalition.part("a"));
        assert!(coalition.done("a", &screen).stderr.contains(line));

        // And it is told when all were.
        let run = coalition.done(HUB, &intersect("", &sets));
        assert!(run.stdout.contains("3 of 3 members were matched\n"), "{}", run.stdout);
        let (found, said) = resolve(&coalition, "a");
        assert_eq!(found.lines().count(), 5, "{found}");
        assert!(said.contains("veilmatch: card.pan/1: 3 of 3 members were matched\n"), "{said}");
    }
}

#[test]
fn a_wish_that_fits_nothing_is_refused() {
    let (coalition, sets) = three("--brings c=crypto.evm");
    for (more, sets, says) in [
        ("--without c", &sets, "--without names sets that are there: c (crypto.evm/1);"),
        ("--without a:card.pan --without b", &sets, "a (card.pan/1), b (card.pan/1, crypto.evm/1);"),
        ("--without d", &sets, "--without: d is not a member of this round"),
        ("--without c:card.pan", &sets, "--without: c brings no set of card.pan/1 in this round"),
        ("--without a:net.ip/1", &sets, "--without: kind net.ip/1 is not in this round"),
        ("--allow-unmatched net.ip/1", &sets, "--allow-unmatched: kind net.ip/1 is not in this round"),
        ("--allow-unmatched card.pan", &sets, "--allow-unmatched names card.pan/1, which is matched"),
    ] {
        refused(&coalition, &intersect(more, sets), says);
    }
}

#[test]
fn a_member_brings_the_kinds_that_the_manifest_says_and_no_other() {
    let (coalition, sets) = three("--brings c=crypto.evm");
    let run = coalition.done(HUB, &intersect("", &sets));
    assert!(run.stdout.contains("card.pan/1: 1 overlap\n  2 of 2 members were matched\n"), "{}", run.stdout);
    // Handshakes are asked of whoever brings the kind, and made of it alone.
    let mut hands = Vec::new();
    for who in ["a", "b", "c"] {
        coalition.done(who, &format!("tokenize {} --handshake --out hands", coalition.part(who)));
        hands.extend(coalition.deliver(who, "hands"));
    }
    assert_eq!(hands.len(), 5);
    let shake = format!("intersect --round round.json --identity own.key --handshake {}", hands.join(" "));
    let said = coalition.done(HUB, &shake).stdout;
    assert!(said.lines().count() == 5 && !said.contains("c card.pan/1"), "{said}");
    // The member's own program refuses the kind, and so does the hub's.
    let run =
        coalition.run("c", &format!("tokenize {} {COLUMNS} --input rows.csv --out no", coalition.part("c")));
    assert_eq!(run.code, Some(1));
    assert!(run.stderr.contains("c brings no set of card.pan/1 in this round"), "{}", run.stderr);
}

#[test]
fn a_kind_that_too_few_take_part_in_is_refused_unless_that_was_allowed() {
    let (coalition, sets) = three("--min-set 2");
    // b and c have one row each: too small.
    refused(
        &coalition,
        &intersect("", &sets),
        "card.pan/1 would not be matched: 1 of at least 2 sets take part, under the round's smallest are those of b, c; \
         --allow-unmatched card.pan/1 goes on",
    );
    refused(&coalition, &intersect("--allow-unmatched card.pan", &sets), "crypto.evm/1 would not be matched");
    let both = "--allow-unmatched card.pan --allow-unmatched crypto.evm/1";
    let run = coalition.done(HUB, &intersect(both, &sets));
    assert!(
        run.stdout.contains("card.pan/1: not matched\n  0 of 3 members were matched; left out: a, b, c\n")
    );
    assert_eq!(report(&coalition)["took_part"][0]["left_out"], serde_json::json!(["a", "b", "c"]));
    assert_eq!(last_counts(&coalition)["card.pan/1/sets"], 0);
    assert_eq!(coalition.names_in(HUB, "result").iter().filter(|name| name.ends_with(".vsh")).count(), 0);
    // Too few because of those that are done without: that the others get nothing has to be allowed.
    let (coalition, sets) = three("");
    let few: Vec<String> =
        sets.iter().filter(|set| !set.contains("b.card") && !set.contains("c.card")).cloned().collect();
    let without = "--without b:card.pan --without c:card.pan";
    refused(
        &coalition,
        &intersect(without, &few),
        "card.pan/1 would not be matched: 1 of at least 2 sets take part;",
    );
    coalition.done(HUB, &intersect(&format!("{without} --allow-unmatched card.pan"), &few));
    // Where nobody brought any, that was said of each.
    let none: Vec<String> = sets.iter().filter(|set| set.contains("crypto")).cloned().collect();
    let run = coalition.done(HUB, &intersect(&format!("--without a:card.pan {without}"), &none));
    assert!(
        run.stderr.contains("card.pan/1 is not matched: 0 of at least 2 sets are there"),
        "{}",
        run.stderr
    );
}

// --- The manifest --------------------------------------------------------------------------------------

/// The manifest of SPEC.md, section 13.8, made before members could be said to bring some kinds alone.
fn agreed() -> String {
    let specification = include_str!("../../../SPEC.md");
    let at = specification.find("{\n  \"format\": \"veilmatch round 1\"").unwrap();
    specification[at..].split("```").next().unwrap().to_owned()
}

#[test]
fn a_manifest_without_optional_parts_has_the_bytes_and_the_digest_that_it_had() {
    let round = Round::from_bytes(agreed().as_bytes()).unwrap();
    assert_eq!(round.to_bytes(), agreed().as_bytes());
    assert_eq!(
        round.digest().to_string(),
        "b8662cce4804903e1438a97632c80957e5c2bd2cec581f7c8ad85826efbad105"
    );
    assert_eq!(agreed().len(), 1204);
}

#[test]
fn a_part_that_is_not_used_is_absent_and_one_that_is_not_known_is_refused() {
    let refuse = |text: String| match Round::from_bytes(text.as_bytes()) {
        Err(Error::Manifest { .. }) => {}
        other => panic!("{other:?} of {text}"),
    };
    let text = agreed();
    let end = "lk9j\"\n      }\n    },";
    let with = |kinds: &str| {
        text.replacen(end, &end.replace("}\n    },", &format!("}},\n      \"kinds\": {kinds}\n    }},")), 1)
    };
    assert_ne!(with("null"), text);
    refuse(with("null"));
    refuse(with("[]"));
    // All kinds are said by no list.
    refuse(with("[\n        \"card.pan/1\"\n      ]"));
    refuse(with("[\n        \"net.ip/1\"\n      ]"));
    for section in ["trail", "custody"] {
        for value in ["null", "{}", "[]"] {
            refuse(text.replacen("\n}\n", &format!(",\n  \"{section}\": {value}\n}}\n"), 1));
        }
    }
}

#[test]
fn kinds_of_members_have_one_spelling_and_leave_enough_members_for_each_kind() {
    let coalition = Coalition::new(&["a", "b", "c"], true, TERMS);
    let new = |more: &str| {
        let round = "round new --coalition efc --epoch 7 --force --out new.json --at-least 2 --kind card.pan --kind crypto.evm \
                     --member a --member b --member c";
        coalition.run("a", &format!("{round} {more}"))
    };
    let kinds = |more: &str| {
        let run = new(more);
        assert_eq!(run.code, Some(0), "{more}: {}", run.stderr);
        let text = fs::read(coalition.file("a", "new.json")).unwrap();
        let round = Round::from_bytes(&text).unwrap();
        let brings = |kind: &str| -> Vec<String> {
            round.expected(&kind.parse().unwrap()).unwrap().map(ToString::to_string).collect()
        };
        (brings("card.pan/1"), brings("crypto.evm/1"), String::from_utf8(text).unwrap())
    };
    let (cards, wallets, text) = kinds("");
    assert!(cards == ["a", "b", "c"] && wallets == cards);
    assert_eq!(text.matches("\"kinds\"").count(), 1);
    let (cards, wallets, text) = kinds("--brings a=crypto.evm,card.pan --brings c=crypto.evm");
    assert!(cards == ["a", "b"] && wallets == ["a", "b", "c"]);
    assert_eq!(text.matches("\"kinds\"").count(), 2, "{text}");
    for (more, says) in [
        (
            "--brings c=crypto.evm --brings b=crypto.evm",
            "for each kind at least as many members as the threshold",
        ),
        ("--brings c=net.ip", "for each member the kinds that it brings"),
        ("--brings c=card.pan,card.pan", "for each member the kinds that it brings"),
        ("--brings d=card.pan", "--brings: d is not a member of this round"),
        ("--brings c=card.nothing", "no such kind"),
    ] {
        let run = new(more);
        assert_eq!(run.code, Some(1), "{more}");
        assert!(run.stderr.contains(says), "{more}: {}", run.stderr);
    }
    assert_eq!(new("--brings c").code, Some(2));
}

/// Three members as in [`three`], of whom `c` brings a wallet and no card: its set of cards is empty, and the last.
fn one_empty(terms: &str) -> (Coalition, Vec<String>) {
    let (coalition, mut sets) = three(terms);
    coalition.write("c", "rows.csv", rows(&[1]).replace(CARDS[1], ""));
    let source = format!("{COLUMNS} --input rows.csv --min-accepted 0");
    let tokenize = format!("tokenize {} {source} --out sets --force", coalition.part("c"));
    let said = coalition.done("c", &tokenize).stderr;
    assert!(said.contains("warning: card.pan/1: the set is empty"), "{said}");
    coalition.deliver("c", "sets");
    sets.sort_by_key(|set| set == "c.card.pan-1.vms");
    (coalition, sets)
}

#[test]
fn an_empty_set_is_refused_and_what_it_would_bring_is_named() {
    // A smallest size says what becomes of a set that is small, and not of none.
    for (terms, sealed) in [("", ""), ("", "--memory 1KiB"), ("--min-set 1", "")] {
        let (coalition, sets) = one_empty(terms);
        let says = "sets are empty: c (card.pan/1); ask for others, or go on without them by --without MEMBER or \
                    --without MEMBER:KIND";
        refused(&coalition, &intersect(sealed, &sets), says);
        let record = fs::read_to_string(coalition.file(HUB, "run.log")).unwrap();
        assert!(record.lines().last().unwrap().contains(r#""outcome":"empty_set""#), "{record}");
        // What has tokens is still there.
        refused(&coalition, &intersect("--without c", &sets), "sets that are there: c (crypto.evm/1);");
        refused(
            &coalition,
            &intersect("--without b:card.pan", &sets),
            "sets that are there: b (card.pan/1);",
        );
    }
}

#[test]
fn an_empty_set_is_done_without_alike_whether_it_is_given_or_not() {
    for terms in ["--policy holders", "--policy holders --min-set 1"] {
        is_done_without(terms);
    }
}

fn is_done_without(terms: &str) {
    let (coalition, sets) = one_empty(terms);
    for sets in [&sets[..], &sets[..5]] {
        let run = coalition.done(HUB, &intersect("--without c:card.pan", sets));
        assert!(run.stderr.contains("card.pan/1 is matched without c"), "{}", run.stderr);
        assert_eq!(run.stderr.contains("the set of c is empty and is not matched"), sets.len() == 6);
        let part = serde_json::json!({"kind": "card.pan/1", "matched": ["a", "b"], "left_out": [], "without": ["c"]});
        assert_eq!(report(&coalition)["took_part"][0], part);
        assert_eq!(report(&coalition)["kinds"][0]["members"].as_array().unwrap().len(), 2);
        let counts = last_counts(&coalition);
        assert!(counts["card.pan/1/sets"] == 2 && counts["card.pan/1/without"] == 1, "{counts}");
        let shares = coalition.names_in(HUB, "result");
        assert!(!shares.contains(&"c.card.pan-1.vsh".to_owned()), "{shares:?}");
        assert!(shares.contains(&"c.crypto.evm-1.vsh".to_owned()), "{shares:?}");
        let (_, said) = resolve(&coalition, "a");
        assert!(said.contains("card.pan/1: 2 of 3 members were matched, without c\n"), "{said}");
        assert!(said.contains("crypto.evm/1: 3 of 3 members were matched\n"), "{said}");
    }
    // Where nobody has any, that was said of each.
    for who in ["a", "b"] {
        coalition.write(who, "rows.csv", "card,wallet\n");
        coalition.done(
            who,
            &format!("tokenize {} {COLUMNS} --input rows.csv --out sets --force", coalition.part(who)),
        );
        coalition.carry(who, "sets/card.pan-1.vms", HUB, &format!("{who}.card.pan-1.vms"));
    }
    let all = "--without a:card.pan --without b:card.pan --without c:card.pan";
    let said = coalition.done(HUB, &intersect(all, &sets)).stderr;
    assert!(said.contains("card.pan/1 is not matched: 0 of at least 2 sets are there"), "{said}");
}

#[test]
fn a_set_that_a_delta_empties_is_refused_at_the_next_match() {
    let (coalition, mut sets) = three("");
    let part = coalition.part("c");
    let keep = format!("tokenize {part} {COLUMNS} --input rows.csv --force --out sets");
    coalition.done("c", &format!("{keep} --keep kept"));
    sets.retain(|set| !set.starts_with('c'));
    sets.extend(coalition.deliver("c", "sets"));
    coalition.done(HUB, &intersect("", &sets));

    coalition.write("c", "rows.csv", rows(&[1]).replace(CARDS[1], ""));
    coalition.done("c", &format!("{keep} --keep next --follow kept --min-accepted 0"));
    let agreed = "--round round.json --identity own.key";
    let between = "--base kept/card.pan-1.vms --new next/card.pan-1.vms";
    coalition.done("c", &format!("delta {agreed} --member c {between} --out c.vmd"));
    coalition.carry("c", "c.vmd", HUB, "c.vmd");
    // That it withdrew all is told to the other holder as ever.
    let cards = "a.card.pan-1.vms b.card.pan-1.vms c.card.pan-1.vms";
    let notices =
        format!("notices {agreed} --hub-only result/hub-only.json --delta c.vmd --out notices {cards}");
    coalition.done(HUB, &notices);
    assert_eq!(coalition.names_in(HUB, "notices"), ["a.card.pan-1.vmn"]);
    let apply = "--base c.card.pan-1.vms --delta c.vmd --out c.card.pan-1.vms --force";
    coalition.done(HUB, &format!("apply {agreed} {apply}"));
    fs::remove_dir_all(coalition.file(HUB, "result")).unwrap();
    refused(&coalition, &intersect("", &sets), "sets are empty: c (card.pan/1);");
    coalition.done(HUB, &intersect("--without c:card.pan", &sets));
    // An empty set was not matched, so there is no more to be told of it; the files may be all there.
    coalition.write("a", "rows.csv", rows(&[1, 2]));
    let keep = format!("tokenize {} {COLUMNS} --input rows.csv --force --out sets", coalition.part("a"));
    coalition.done("a", &format!("{keep} --keep kept"));
    sets.retain(|set| !set.starts_with('a'));
    sets.extend(coalition.deliver("a", "sets"));
    coalition.done(HUB, &intersect("--without c:card.pan", &sets));
    coalition.write("a", "rows.csv", rows(&[2]));
    coalition.done("a", &format!("{keep} --keep next --follow kept"));
    coalition.done("a", &format!("delta {agreed} --member a {between} --out a.vmd"));
    coalition.carry("a", "a.vmd", HUB, "a.vmd");
    coalition.done(HUB, &notices.replace("c.vmd", "a.vmd --force"));
}

#[test]
fn a_kind_without_an_answer_is_said_to_be_so() {
    let (coalition, sets) = three("");
    coalition.done(HUB, &intersect("", &sets));
    coalition.carry(HUB, "result/a.card.pan-1.vsh", "a", "share");
    let part = coalition.part("a");
    let said =
        coalition.done("a", &format!("resolve {part} {COLUMNS} --input rows.csv --share share")).stderr;
    assert!(said.contains("warning: crypto.evm/1: no share was given"), "{said}");
    assert!(!said.contains("card.pan/1: no share"), "{said}");
}

#[test]
fn of_several_shares_the_one_that_does_not_fit_is_named() {
    let (coalition, sets) = three("");
    coalition.done(HUB, &intersect("", &sets));
    resolve(&coalition, "a");
    let with = |secret: &str| {
        let shares = "--share a.card.pan-1.vsh --share a.crypto.evm-1.vsh";
        let part = coalition.part("a").replace("secret ", secret);
        coalition.run("a", &format!("resolve {part} {COLUMNS} --input rows.csv {shares}"))
    };
    // Other wallets than were tokenised.
    let text = rows(&[0, 1, 2]);
    coalition.write("a", "rows.csv", text.replace("0x00", "0x11"));
    let run = with("secret ");
    let says = "veilmatch: a.crypto.evm-1.vsh: rows.csv: the share was made from another set of a than";
    assert!(run.code == Some(1) && run.stderr.contains(says), "{}", run.stderr);
    coalition.write("a", "rows.csv", text);
    coalition.done("a", "keygen --out other");
    let run = with("other ");
    let says = "veilmatch: a.card.pan-1.vsh: a differs in the key id";
    assert!(run.code == Some(1) && run.stderr.contains(says), "{}", run.stderr);
}
