//! Nothing that a command finds out is said before the run record has its line, and wrong use leaves one too.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

use crate::support::coalition::{Coalition, HUB};
use crate::support::run::Run;
use veilmatch::round::log;
use veilmatch::round::log::{Entry, FileRecord, How};
use veilmatch::terms::ContentDigest;

const COLUMNS: &str = "--column card=card.pan";

fn matched() -> (Coalition, String) {
    let coalition = Coalition::new(&["a", "b"], false, "--at-least 2 --kind card.pan");
    let mut sets = Vec::new();
    for who in ["a", "b"] {
        coalition.write(who, "rows.csv", "card\n9999100000001562\n9999100000002933\n");
        sets.extend(coalition.tokenize(who, COLUMNS));
        coalition.done(who, &format!("tokenize {} --handshake --out hands", coalition.part(who)));
        coalition.deliver(who, "hands");
    }
    let run = coalition.intersect(&sets);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    coalition.carry(HUB, "result/a.card.pan-1.vsh", "a", "share.vsh");
    // With the nonce, so that the next reading makes no file.
    coalition.done("a", &format!("dry-run {COLUMNS} --input rows.csv --log other.log"));
    (coalition, sets.join(" "))
}

/// A record longer than anything else that a command writes.
fn long_record(path: &Path) {
    let mut entry = Entry::new(0, "inspect", "1");
    entry.inputs = vec![FileRecord::new(Path::new("x"), ContentDigest([0; 32]), How::Sha256); 400];
    log::append(path, &entry, None).unwrap();
}

/// In a shell that sets its limits first.
fn limited(coalition: &Coalition, who: &str, limit: &str, arguments: &str) -> Run {
    let script = format!("{limit}; exec {} {arguments}", env!("CARGO_BIN_EXE_veilmatch"));
    Command::new("sh").args(["-c", &script]).current_dir(coalition.of(who)).output().unwrap().into()
}

/// What is there beside the record and its nonce.
fn names(coalition: &Coalition, who: &str) -> Vec<String> {
    coalition.names_in(who, ".").into_iter().filter(|name| !name.starts_with("run.log")).collect()
}

fn last_line(coalition: &Coalition, who: &str) -> serde_json::Value {
    let record = fs::read_to_string(coalition.file(who, "run.log")).unwrap();
    serde_json::from_str(record.lines().last().unwrap()).unwrap()
}

#[test]
fn what_has_no_line_is_not_said() {
    let (coalition, sets) = matched();
    let part = coalition.part("a");
    let hands = "a.card.pan-1.vmh b.card.pan-1.vmh";
    let round =
        "round new --coalition efc --epoch 7 --at-least 2 --kind card.pan --member a --member b --out new";
    for who in ["a", HUB] {
        long_record(&coalition.file(who, "run.log"));
    }
    let size = fs::metadata(coalition.file("a", "run.log")).unwrap().len();
    let limit = format!("trap '' XFSZ; ulimit -f {}", size / 512);
    for (who, arguments, result) in [
        ("a", format!("dry-run {COLUMNS} --input rows.csv"), "accepted"),
        ("a", format!("dry-run {COLUMNS} --input rows.csv --summary json"), "accepted"),
        ("a", "inspect round.json".to_owned(), "type: round"),
        ("a", format!("resolve {part} {COLUMNS} --input rows.csv --share share.vsh"), "1,2,card.pan/1,2"),
        ("a", format!("tokenize {part} {COLUMNS} --input rows.csv --out new"), "accepted"),
        ("a", round.to_owned(), "of 2 members"),
        ("a", "split --secret-file secret --threshold 2 --keepers 3 --out new".to_owned(), "split secret id"),
        ("a", format!("screen {part} --share share.vsh"), "row,line,kind"),
        ("a", "secret-id secret".to_owned(), "secret id "),
        ("a", "kinds card.pan --try 9999100000001562".to_owned(), "canonical form"),
        ("a", "man".to_owned(), "veilmatch"),
        (HUB, format!("intersect --round round.json --handshake {hands}"), "agrees"),
        (HUB, format!("intersect --round round.json --out new {sets}"), "2 overlaps"),
    ] {
        let before = names(&coalition, who);
        let run = limited(&coalition, who, &limit, &format!("{arguments} --log run.log"));
        let said =
            run.stderr.replace("warning: this is a trial round: its files are neither signed nor sealed", "");
        assert_eq!((run.code, run.stdout.as_str()), (Some(1), ""), "{arguments}: {said}");
        assert!(said.contains("run.log: File too large"), "{arguments}: {said}");
        assert!(!said.contains(result) || arguments == "man", "{arguments}: {said}");
        assert_eq!(names(&coalition, who), before, "{arguments}");
        // With room the result is there.
        let run = coalition.done(who, &format!("{arguments} --log run.log"));
        assert!((run.stdout + &run.stderr).contains(result), "{arguments}");
        fs::remove_file(coalition.file(who, "run.log")).unwrap();
        long_record(&coalition.file(who, "run.log"));
        let made = coalition.file(who, "new");
        let _ = if made.is_dir() { fs::remove_dir_all(made) } else { fs::remove_file(made) };
    }
}

#[test]
fn a_refusal_has_its_verdicts_after_its_line() {
    let (coalition, _) = matched();
    coalition.done("b", "keygen --out other");
    let part = coalition.part("b").replace("--secret-file secret", "--secret-file other");
    coalition.done("b", &format!("tokenize {part} --handshake --out others"));
    coalition.carry("b", "others/card.pan-1.vmh", HUB, "b.card.pan-1.vmh");
    let shake = "intersect --round round.json --handshake a.card.pan-1.vmh b.card.pan-1.vmh --log run.log";
    let run = coalition.run(HUB, shake);
    assert!(run.code == Some(1) && run.stdout.contains("card.pan/1: "), "{}{}", run.stdout, run.stderr);
    assert_eq!(last_line(&coalition, HUB)["outcome"], "handshake_failed");
    fs::remove_file(coalition.file(HUB, "run.log")).unwrap();
    long_record(&coalition.file(HUB, "run.log"));
    let size = fs::metadata(coalition.file(HUB, "run.log")).unwrap().len();
    let run = limited(&coalition, HUB, &format!("trap '' XFSZ; ulimit -f {}", size / 512), shake);
    assert_eq!((run.code, run.stdout.as_str()), (Some(1), ""));
    assert!(!run.stderr.contains("do not agree"), "{}", run.stderr);
}

#[test]
fn what_is_wrong_with_a_cross_check_is_said_after_its_line() {
    let (coalition, _) = matched();
    coalition.write("a", "bad.vmx", "nonsense\n");
    let compare = "cross-check compare --round round.json --member a --share share.vsh bad.vmx --log run.log";
    let said = "bad.vmx: ";
    let run = coalition.run("a", compare);
    assert!(run.code == Some(1) && run.stderr.contains(said), "{}", run.stderr);
    assert_eq!(last_line(&coalition, "a")["outcome"], "cross_check_failed");
    fs::remove_file(coalition.file("a", "run.log")).unwrap();
    long_record(&coalition.file("a", "run.log"));
    let size = fs::metadata(coalition.file("a", "run.log")).unwrap().len();
    let run = limited(&coalition, "a", &format!("trap '' XFSZ; ulimit -f {}", size / 512), compare);
    assert_eq!((run.code, run.stdout.as_str()), (Some(1), ""));
    assert!(run.stderr.contains("run.log: File too large") && !run.stderr.contains(said), "{}", run.stderr);
}

#[test]
fn what_nobody_hears_is_no_output_either() {
    let (coalition, sets) = matched();
    let before = names(&coalition, HUB);
    let arguments = format!("intersect --round round.json --out new --log run.log {sets} > /dev/full");
    let run = limited(&coalition, HUB, ":", &arguments);
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    assert!(run.stderr.contains("standard output: "), "{}", run.stderr);
    assert_eq!(names(&coalition, HUB), before);
    let line = last_line(&coalition, HUB);
    assert_eq!(
        (&line["outcome"], &line["outputs"], &line["n"]),
        (&"io".into(), &serde_json::json!([]), &2.into())
    );
    // What was there before is put back.
    coalition.done(HUB, &format!("intersect --round round.json --out new {sets}"));
    let report = fs::read(coalition.file(HUB, "new/report.json")).unwrap();
    let run = limited(&coalition, HUB, ":", &arguments.replace("--out", "--force --out"));
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    assert!(fs::read(coalition.file(HUB, "new/report.json")).unwrap() == report);
}

#[test]
fn wrong_use_leaves_a_line() {
    let coalition = Coalition::new(&["a", "b"], true, "--at-least 2 --kind card.pan");
    coalition.write("a", "rows.csv", "card\n9999100000001562\n");
    let part = coalition.part("a");
    for (number, (arguments, command, signed)) in (1..).zip([
        // As the parser finds.
        (format!("tokenize {part} --out x --log run.log"), "tokenize", true),
        ("tokenize --log=run.log --identity=own.key --out x".to_owned(), "tokenize", true),
        ("inspect --nonsense round.json --log run.log --identity own.key".to_owned(), "inspect", true),
        ("inspekt round.json --identity own.key --log run.log".to_owned(), "unknown", true),
        ("--log run.log --identity own.key intersect --round".to_owned(), "intersect", true),
        // As the command finds.
        (format!("tokenize {part} --input rows.csv --out x --log run.log"), "tokenize", true),
        (
            format!("tokenize {part} {COLUMNS} --input rows.csv --out x --keep x --log run.log"),
            "tokenize",
            true,
        ),
        ("round new --coalition --log run.log".to_owned(), "round new", false),
        ("dry-run --log run.log --input rows.csv".to_owned(), "dry-run", false),
    ]) {
        let run = coalition.run("a", &arguments);
        assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{arguments}: {}", run.stderr);
        let line = last_line(&coalition, "a");
        assert_eq!(
            (&line["n"], &line["command"], &line["outcome"], line["signer"].is_string()),
            (&number.into(), &command.into(), &"usage".into(), signed),
            "{arguments}: {}",
            run.stderr
        );
        assert!(!coalition.file("a", "x").exists());
    }
    coalition.done("a", "verify --log run.log");
    // Help is no use, and the record that is to be verified is not written to.
    let before = fs::read(coalition.file("a", "run.log")).unwrap();
    coalition.done("a", "tokenize --help --log run.log");
    for wrong in ["verify --log run.log --nonsense", "verify --log run.log --head 12"] {
        assert_eq!(coalition.run("a", wrong).code, Some(2));
    }
    assert_eq!(fs::read(coalition.file("a", "run.log")).unwrap(), before);
    // A record that cannot be written to is spoken of.
    let run = coalition.run("a", "inspect --nonsense --log nowhere/run.log");
    assert!(run.code == Some(2) && run.stderr.contains("nowhere/run.log: "), "{}", run.stderr);
}

#[test]
fn a_screening_has_a_line_before_its_first_answer_and_one_at_its_end() {
    let (coalition, _) = matched();
    let screen = format!("screen {} --share share.vsh --log run.log", coalition.part("a"));
    let start = || {
        let mut command = coalition.command("a", &screen);
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut header = String::new();
        let mut answers = BufReader::new(child.stdout.take().unwrap());
        answers.read_line(&mut header).unwrap();
        assert!(header.starts_with("row,line,kind"), "{header}");
        (child, answers)
    };
    let (mut killed, _answers) = start();
    let line = last_line(&coalition, "a");
    assert_eq!(
        (&line["n"], &line["command"], &line["outcome"]),
        (&1.into(), &"screen".into(), &"begun".into())
    );
    assert_eq!(line["inputs"][1]["name"], "share.vsh");
    killed.kill().unwrap();
    killed.wait().unwrap();

    let (mut child, _answers) = start();
    child.stdin.take().unwrap().write_all(b"9999100000001562\n").unwrap();
    assert!(child.wait().unwrap().success());
    let line = last_line(&coalition, "a");
    assert_eq!(
        (&line["n"], &line["outcome"], &line["counts"]["card.pan/1/hits"]),
        (&3.into(), &"done".into(), &1.into())
    );
}
