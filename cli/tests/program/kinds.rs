//! The command `kinds`, and what is said of a kind that was mistyped.

use std::ffi::OsStr;
use std::fs;
use std::io::Write as _;
use std::process::{Command, Stdio};

use veilmatch::member::identifier::Kind;

use crate::support::coalition::{Coalition, HUB};
use crate::support::run::{Run, without_digests};

const CARD: &str = "9999100000001562";

fn kinds(arguments: &[impl AsRef<OsStr>]) -> Run {
    let mut command = Command::new(env!("CARGO_BIN_EXE_veilmatch"));
    command.arg("kinds").args(arguments).stdin(Stdio::null()).output().unwrap().into()
}

/// What is printed of a value that is accepted or suppressed.
fn tried(arguments: &[&str]) -> String {
    let run = kinds(arguments);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{arguments:?}");
    run.stdout
}

/// What is said of a value that is rejected.
fn rejected(arguments: &[&str]) -> String {
    let run = kinds(arguments);
    assert_eq!((run.code, run.stdout.as_str()), (Some(1), ""), "{arguments:?}");
    run.stderr
}

#[test]
fn the_list_has_a_line_with_an_example_for_each_kind() {
    let list = kinds(&[""; 0]).stdout;
    let ids: Vec<&str> = list.lines().map(|line| line.split(' ').next().unwrap()).collect();
    let mut expected: Vec<&str> = Kind::ALL.iter().map(Kind::id).chain(["opaque.NAME/1"]).collect();
    expected.sort_unstable_by_key(|id| id.to_lowercase());
    assert_eq!(ids, expected);
    for (line, kind) in
        list.lines().filter_map(|line| Some((line, line.split(' ').next()?.parse::<Kind>().ok()?)))
    {
        let about = kind.description();
        assert!(line.contains(about.what) && line.ends_with(about.example), "{line}");
    }
}

#[test]
fn a_kind_is_explained_by_name_and_by_id() {
    for kind in Kind::ALL.iter().copied().chain(["opaque.case-no".parse().unwrap()]) {
        let (id, about) = (kind.id(), kind.description());
        let page = tried(&[id]);
        assert_eq!(tried(&[id.strip_suffix("/1").unwrap()]), page);
        let form = tried(&[id, "--try", about.example]);
        let form = form.split_once("canonical form:").unwrap().1;
        assert!(page.starts_with(&format!("{id}: {}", about.what)) && page.contains(form), "{page}");
        for said in about.accepts.iter().chain([&about.rejects, &about.example]) {
            assert!(page.contains(said), "{page}");
        }
        assert!(page.contains(&format!("{}.vms (set)", id.replace('/', "-"))), "{page}");
    }
    let stands_for_all = tried(&["opaque.example"]);
    for word in ["opaque", "opaque.NAME"] {
        assert_eq!(tried(&[word]), stands_for_all);
    }
    assert!(stands_for_all.contains("Each NAME is a kind of its own"));
}

/// The names of files are those that the commands give.
#[test]
fn the_names_of_files_are_those_that_commands_give() {
    let coalition = Coalition::new(&["a", "b"], false, "--at-least 2 --kind card.pan");
    let mut sets = Vec::new();
    for who in ["a", "b"] {
        coalition.write(who, "rows.csv", format!("card\n{CARD}\n"));
        sets.extend(coalition.tokenize(who, "--column card=card.pan"));
        coalition.done(who, &format!("tokenize {} --handshake --out hands", coalition.part(who)));
    }
    coalition.intersect(&sets);
    let page = tried(&["card.pan"]);
    let mut made = coalition.names_in("a", "sets");
    made.extend(coalition.names_in("a", "hands"));
    made.extend(
        coalition
            .names_in(HUB, "result")
            .iter()
            .filter_map(|name| Some(format!("MEMBER{}", name.strip_prefix('a')?))),
    );
    assert_eq!(made.len(), 3, "{made:?}");
    made.iter().for_each(|name| assert!(page.contains(&format!("{name} (")), "{name}: {page}"));
}

#[test]
fn a_value_is_answered_with_its_form_and_what_became_of_it() {
    for (arguments, outcome, form) in [
        (["card.pan", "--try", CARD], "accepted as it is spelt", "9999100000001562 (16 bytes)"),
        (
            ["card.pan", "--try", " 9999-1000 0000 1562"],
            "accepted, with its spelling changed",
            "9999100000001562 (16 bytes)",
        ),
        (["card.pan/1", "--try", "4242 4242 4242 4242"], "suppressed", "4242424242424242 (16 bytes)"),
        (
            ["crypto.evm", "--try", "0x5AAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"],
            "accepted, with a warning",
            "5aaeb6053f3e94c9b9a09f33669435e7ef1beaed (20 bytes, in hex)",
        ),
        (["net.ip", "--try", "::ffff:192.0.2.1"], "suppressed", "c0000201 (4 bytes, in hex)"),
        (["opaque.case-no", "--try", "a "], "accepted as it is spelt", "6120 (2 bytes, in hex)"),
        (["opaque", "--try", "--a"], "accepted as it is spelt", "2d2d61 (3 bytes, in hex)"),
    ] {
        let answer = tried(&arguments);
        assert!(answer.contains(&format!("/1: {outcome}")), "{answer}");
        assert!(answer.ends_with(&format!("canonical form:\n  {form}\n")), "{answer}");
    }
}

#[test]
fn a_rejection_says_why_and_how_to_go_on() {
    for (kind, value, reason, way_out) in [
        (
            "card.pan",
            "9999100000001563",
            "checksum: the value's own check digits",
            "veilmatch kinds card.pan/1",
        ),
        ("card.pan", "", "empty", "veilmatch kinds card.pan/1"),
        ("card.pan", "-9999100000001562", "bad_separator", "veilmatch kinds card.pan/1"),
        ("card.pan", "999910******1562", "masked", "the whole number is needed"),
        (
            "card.pan",
            "DE89 3704 0044 0532 0130 00",
            "bad_character",
            "it could be of another kind: bank.iban/1",
        ),
        ("phone.e164", "089 1234", "no_country_code", "a national plan such as 49/0 is needed"),
        ("merchant.mid", "SHOP", "no_acquirer", "write acquirer/merchant"),
        ("opaque.case-no", "", "empty", "veilmatch kinds opaque.case-no/1"),
    ] {
        let said = rejected(&[kind, "--try", value]);
        assert!(said.contains(&format!("{kind}/1: rejected, {reason}")) && said.contains(way_out), "{said}");
        assert!(value.is_empty() || !said.contains(value), "{said}");
    }
}

#[test]
fn a_national_plan_is_for_telephone_numbers() {
    let number = ["phone.e164", "--try", "020 7946 0958", "--national-plan"];
    let with = |plan| [&number[..], &[plan]].concat();
    assert!(tried(&with("44/0")).contains("  +442079460958 (13 bytes)"));
    assert!(rejected(&with("44/9")).contains("is it the right national plan"));
    assert!(rejected(&with("44")).contains("expected calling code/trunk prefix"));
    for (arguments, problem) in [
        (
            &["card.pan", "--try", CARD, "--national-plan", "44/0"][..],
            "is for numbers of the kind phone.e164",
        ),
        (&["phone.e164", "--national-plan", "44/0"], "--try <VALUE>"),
    ] {
        let run = kinds(arguments);
        assert!(run.code == Some(2) && run.stderr.contains(problem), "{}", run.stderr);
    }
}

#[test]
fn a_value_may_come_by_standard_input_so_that_no_list_of_processes_has_it() {
    let from = |input: &[u8]| -> Run {
        let mut command = Command::new(env!("CARGO_BIN_EXE_veilmatch"));
        command.args(["kinds", "card.pan", "--try", "-"]).stdin(Stdio::piped());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let _ = child.stdin.take().unwrap().write_all(input); // not all of it is read
        child.wait_with_output().unwrap().into()
    };
    for input in [&b"9999 1000 0000 1562"[..], b"9999 1000 0000 1562\n", b"9999 1000 0000 1562\r\nmore\n"] {
        let run = from(input);
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        assert!(run.stdout.contains("  9999100000001562 (16 bytes)"), "{}", run.stdout);
    }
    assert!(from(b"").stderr.contains("rejected, empty"));
    assert!(from(&[b'9'; 70_000]).stderr.contains("rejected, row_too_long"));
}

/// Values in the right place, in wrong ones, and without the quotes that they need.
#[test]
fn no_message_and_no_run_record_has_the_value() {
    let folder = tempfile::tempdir().unwrap();
    let record = folder.path().join("run.log");
    let log = ["--log", record.to_str().unwrap()];
    for (arguments, code) in [
        (&["card.pan", "--try", "9999100000001562"][..], 0),
        (&["card.pan", "--try", "9999100000001563"], 1),
        (&["phone.e164", "--try", "089 9999100000"], 1),
        (&["card.pan", "--try", "9999", "1000", "0000", "1562"], 2),
        (&["--try", "9999", "1000", "0000", "1562", "card.pan"], 2),
        (&["--try", "9999100000001562"], 2),
        (&["card.pan", "9999100000001562"], 2),
        (&["9999100000001562"], 1),
        (&["9999100000001562", "--try", "card.pan"], 1),
        (&["card.pan=9999100000001562"], 1),
        (&["opaque.9999100000001562 "], 1),
        (&["card.pan", "--tri=9999100000001562"], 2),
        (&["card.pan", "--tri", "9999100000001562"], 2),
        (&["card.pan", "--try", "9999100000001562", "--national-plan", "49/0"], 2),
        (&["phone.e164", "--try", "1", "--national-plan", "9999100000001562"], 1),
    ] {
        let run = kinds(&[arguments, &log].concat());
        assert_eq!(run.code, Some(code), "{arguments:?}: {}", run.stderr);
        let said = without_digests(&run.stderr);
        assert!(!said.contains("9999") && !said.contains("1562"), "{arguments:?}: {said}");
    }
    let lines = fs::read_to_string(&record).unwrap();
    let outcomes: Vec<String> = lines
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
        .inspect(|line| assert_eq!(line["command"], "kinds"))
        .map(|line| line["outcome"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(outcomes[..4], ["done", "rejected", "rejected", "usage"]);
    let words = without_digests(&lines);
    assert!(words.contains("kinds") && !words.contains("9999") && !words.contains("1562"), "{words}");
}

#[test]
fn a_mistyped_kind_is_answered_with_the_one_that_was_meant_wherever_a_kind_is_given() {
    let coalition = Coalition::new(&["a", "b"], false, "--at-least 2 --kind card.pan");
    coalition.write("a", "rows.csv", format!("card\n{CARD}\n"));
    let round = "round new --coalition c --epoch 1 --at-least 2 --member a --member b --out r";
    let part = coalition.part("a");
    let intersect = "intersect --round round.json --out result none.vms";
    for arguments in [
        "kinds crad.pan".to_owned(),
        "dry-run --kind crad.pan --input rows.csv".to_owned(),
        "dry-run --column card=crad.pan --input rows.csv".to_owned(),
        format!("tokenize {part} --column card=crad.pan --input rows.csv --out sets"),
        format!("{round} --kind crad.pan"),
        format!("{round} --kind card.pan --brings a=crad.pan"),
        format!("{intersect} --without a:crad.pan"),
        format!("{intersect} --allow-unmatched crad.pan"),
    ] {
        let who = if arguments.starts_with("intersect") { HUB } else { "a" };
        let run = coalition.run(who, &arguments);
        assert_eq!((run.code, run.stdout.as_str()), (Some(1), ""), "{arguments}: {}", run.stderr);
        assert!(run.stderr.contains("did you mean card.pan?"), "{arguments}: {}", run.stderr);
    }
    // What may be a value is not repeated.
    for arguments in ["kinds", "dry-run --input rows.csv --kind"] {
        let run = coalition.run("a", &format!("{arguments} {CARD}"));
        assert!(run.stderr.contains("no such kind") && !run.stderr.contains(CARD), "{}", run.stderr);
    }
}
