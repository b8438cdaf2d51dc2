//! The run record of updates and screenings: which bytes were read and written, and what they came to.

use std::fs::{self, File};

use crate::support::coalition::{Coalition, HUB};
use crate::support::files::{hex, sha256};
use crate::support::run::Run;
use veilmatch::container::FileType;
use veilmatch::terms::ContentDigest;

const COLUMN: &str = "--column card=card.pan";
const SET: &str = "card.pan-1.vms";
const SHARE: &str = "a.card.pan-1.vsh";
const CARDS: [&str; 3] = ["9999100000001562", "9999100000002933", "9999100000000010"];

fn rows(cards: &[&str]) -> String {
    format!("card\n{}\n", cards.join("\n"))
}

/// Two days of `a` and its share; the hub has the first set, and the delta to the second.
fn updated(sealed: bool) -> Coalition {
    let coalition = Coalition::new(&["a", "b"], sealed, "--at-least 2 --kind card.pan");
    let part = coalition.part("a");
    let mut sets = Vec::new();
    for who in ["a", "b"] {
        coalition.write(who, "rows.csv", rows(&CARDS[..2]));
        sets.extend(coalition.tokenize(who, COLUMN));
    }
    assert_eq!(coalition.intersect(&sets).code, Some(0));
    coalition.carry(HUB, &format!("result/{SHARE}"), "a", SHARE);
    for (day, cards, follow) in [(0, &CARDS[..2], ""), (1, &CARDS[1..], "--follow kept-0")] {
        coalition.write("a", "rows.csv", rows(cards));
        let out = format!("--out sets-{day} --keep kept-{day} {follow}");
        coalition.done("a", &format!("tokenize {part} {COLUMN} --input rows.csv --log run.log {out}"));
    }
    coalition.carry("a", &format!("sets-0/{SET}"), HUB, "base.vms");
    coalition.done("a", &format!("{} --out new.vmd --log run.log", delta(&coalition, "kept-0", "kept-1")));
    coalition.carry("a", "new.vmd", HUB, "new.vmd");
    coalition
}

fn delta(coalition: &Coalition, base: &str, new: &str) -> String {
    let agreed = format!("--round round.json --member a {}", coalition.identity());
    format!("delta {agreed} --base {base}/{SET} --new {new}/{SET}")
}

fn apply(coalition: &Coalition, base: &str, out: &str) -> String {
    let agreed = format!("--round round.json {}", coalition.identity());
    format!("apply {agreed} --base {base} --delta new.vmd --out {out} --log run.log")
}

/// The last line of a record, which verifies and where members and hub sign is signed.
fn last_line(coalition: &Coalition, who: &str) -> serde_json::Value {
    let signer = if coalition.sealed { "--signer own.key.pub" } else { "" };
    coalition.done(who, &format!("verify --log run.log {signer}"));
    let record = fs::read_to_string(coalition.file(who, "run.log")).unwrap();
    serde_json::from_str(record.lines().last().unwrap()).unwrap()
}

/// As the record states it: tokens that are not sealed under the record's nonce.
fn digest_of(coalition: &Coalition, who: &str, file: &str) -> String {
    let bytes = fs::read(coalition.file(who, file)).unwrap();
    let digest = sha256(&[&bytes]);
    if FileType::from_beginning(&bytes).is_none() {
        return hex(&digest);
    }
    let nonce = fs::read_to_string(coalition.file(who, "run.log.nonce")).unwrap();
    let nonce: ContentDigest = nonce.trim_end().parse().unwrap(); // 64 hex digits too
    hex(&sha256(&[&nonce.0, &digest]))
}

/// It states these files, by their very bytes, and no others.
fn require_stated(
    coalition: &Coalition,
    who: &str,
    line: &serde_json::Value,
    inputs: &[&str],
    outputs: &[&str],
) {
    for (stated, files) in [(&line["inputs"], inputs), (&line["outputs"], outputs)] {
        let stated: Vec<&str> =
            stated.as_array().unwrap().iter().map(|file| file["digest"].as_str().unwrap()).collect();
        let expected: Vec<String> = files.iter().map(|file| digest_of(coalition, who, file)).collect();
        assert_eq!(stated, expected, "{files:?} of {line}");
    }
}

#[test]
fn a_line_of_an_update_states_base_delta_and_set_and_what_has_changed() {
    for sealed in [false, true] {
        let coalition = updated(sealed);
        let line = last_line(&coalition, "a");
        assert_eq!((&line["command"], &line["outcome"]), (&"delta".into(), &"done".into()));
        let [old, new] = ["kept-0", "kept-1"].map(|kept| format!("{kept}/{SET}"));
        require_stated(&coalition, "a", &line, &["round.json", &old, &new], &["new.vmd"]);
        let changes = [&line["counts"]["card.pan/1/added"], &line["counts"]["card.pan/1/retracted"]];
        assert_eq!(changes, [1, 1]);

        coalition.done(HUB, &apply(&coalition, "base.vms", "next.vms"));
        let line = last_line(&coalition, HUB);
        assert_eq!((&line["command"], &line["outcome"]), (&"apply".into(), &"done".into()));
        require_stated(&coalition, HUB, &line, &["round.json", "new.vmd", "base.vms"], &["next.vms"]);
        let changes = [&line["counts"]["card.pan/1/added"], &line["counts"]["card.pan/1/retracted"]];
        assert_eq!(changes, [1, 1]);

        // Done already: nothing is written, and no output is stated.
        coalition.done(HUB, &apply(&coalition, "base.vms", "next.vms"));
        let line = last_line(&coalition, HUB);
        assert_eq!((&line["outcome"], &line["outputs"]), (&"done".into(), &serde_json::json!([])));
    }
}

#[test]
fn an_update_that_fails_leaves_a_line_and_nothing_else() {
    for sealed in [false, true] {
        let coalition = updated(sealed);
        coalition.done(HUB, &apply(&coalition, "base.vms", "next.vms"));
        let failed = |who: &str, arguments: &str, outcome: &str| {
            let before = coalition.names_in(who, ".");
            let run = coalition.run(who, arguments);
            assert_eq!(run.code, Some(1), "{arguments}: {}", run.stderr);
            let line = last_line(&coalition, who);
            assert_eq!((&line["outcome"], &line["outputs"]), (&outcome.into(), &serde_json::json!([])));
            assert_eq!(coalition.names_in(who, "."), before);
        };
        failed(HUB, &apply(&coalition, "next.vms", "other.vms"), "rollback");
        failed(HUB, &apply(&coalition, "missing", "other.vms"), "io");
        let backwards = delta(&coalition, "kept-1", "kept-0");
        failed("a", &format!("{backwards} --out other.vmd --log run.log"), "rollback");
        // A base that is cut is not stated: what is no file of a round could be anything.
        let base = fs::read(coalition.file(HUB, "base.vms")).unwrap();
        coalition.write(HUB, "cut.vms", &base[..base.len() - 1]);
        let outcome = if sealed { "seal" } else { "format" };
        failed(HUB, &apply(&coalition, "cut.vms", "other.vms"), outcome);
        let record = fs::read_to_string(coalition.file(HUB, "run.log")).unwrap();
        assert!(!record.contains(&digest_of(&coalition, HUB, "cut.vms")));
        assert!(record.contains(&digest_of(&coalition, HUB, "base.vms")), "the control");
    }
}

#[test]
fn a_line_of_a_screening_states_what_was_asked_and_counts_the_hits() {
    for sealed in [false, true] {
        let coalition = updated(sealed);
        coalition.write("a", "stream.txt", format!("{}\nno card\n{}\n", CARDS[1], CARDS[0]));
        let screen = |what: &str| -> Run {
            let arguments = format!("screen {} {what} --log run.log", coalition.part("a"));
            let stream = File::open(coalition.file("a", "stream.txt")).unwrap();
            coalition.command("a", &arguments).stdin(stream).output().unwrap().into()
        };
        let (kept, memory) = (format!("kept-1/{SET}"), format!("--set kept-1/{SET} --memory 1"));
        let (share, set) = (format!("--share {SHARE}"), format!("--set {kept}"));
        for (what, file, hits) in [(&share, SHARE, 2), (&set, &*kept, 1), (&memory, &*kept, 1)] {
            let run = screen(what);
            assert_eq!((run.code, run.stdout.lines().count()), (Some(0), 1 + hits), "{}", run.stderr);
            let line = last_line(&coalition, "a");
            assert_eq!((&line["command"], &line["outcome"]), (&"screen".into(), &"done".into()));
            require_stated(&coalition, "a", &line, &["round.json", file], &[]);
            let counts = [&line["counts"]["card.pan/1/rows"], &line["counts"]["card.pan/1/hits"]];
            assert_eq!(counts, [3, hits]);
        }
        let run = screen("--share rows.csv");
        assert_eq!((run.code, run.stdout.as_str()), (Some(1), ""));
        let line = last_line(&coalition, "a");
        assert_ne!(line["outcome"], "done");
        require_stated(&coalition, "a", &line, &["round.json"], &[]);
    }
}
