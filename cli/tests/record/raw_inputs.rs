//! The run record states the raw rows that were used: by the bytes of every reading, not by those of another one.

use std::fs::{self, File};
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::process::{Child, Stdio};

use crate::support::coalition::{Coalition, HUB};
use crate::support::files::{hex, sha256};
use serde_json::Value;

const TERMS: &str = "--at-least 2 --kind card.pan --kind net.ip";
const COLUMN: &str = "--column card=card.pan";

/// The lines of a member's run record.
fn lines(coalition: &Coalition, who: &str) -> Vec<Value> {
    let text = fs::read_to_string(coalition.file(who, "run.log")).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// What the last line states of `rows.csv`, if it does.
fn stated(coalition: &Coalition) -> Option<String> {
    let lines = lines(coalition, "a");
    let inputs = lines.last().unwrap()["inputs"].as_array().unwrap().clone();
    let mut of_rows = inputs.iter().filter(|input| input["name"] == "rows.csv");
    let found = of_rows.next().map(|input| input["digest"].as_str().unwrap().to_owned());
    assert!(of_rows.next().is_none(), "stated once");
    found
}

/// SHA-256(nonce || content), under the nonce beside the rows.
fn digest(coalition: &Coalition, content: &[u8]) -> String {
    let nonce = fs::read_to_string(coalition.file("a", "rows.csv.nonce")).unwrap();
    let byte = |at: usize| u8::from_str_radix(&nonce[2 * at..2 * at + 2], 16).unwrap();
    let nonce: Vec<u8> = (0..32).map(byte).collect();
    hex(&sha256(&[&nonce, content]))
}

/// Large enough to be changed before its end is read; the last row is another card.
fn many_rows() -> String {
    "card,ip\n".to_owned() + &"9999100000001562,11.0.0.1\n".repeat(2_000_000) + "9999100000002933,11.0.0.2\n"
}

fn start(coalition: &Coalition, arguments: &str) -> Child {
    let mut command = coalition.command("a", arguments);
    command.stderr(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap()
}

/// Puts another card into the last row, and the old time onto the file.
fn change_last_row(path: &Path) {
    let mut file = File::options().read(true).write(true).open(path).unwrap();
    let modified = file.metadata().unwrap().modified().unwrap();
    file.seek(SeekFrom::End(-26)).unwrap();
    file.write_all(b"9999100000005266").unwrap();
    file.set_modified(modified).unwrap();
}

#[test]
fn the_digest_is_of_the_bytes_that_were_tokenised() {
    let coalition = Coalition::new(&["a", "b"], false, TERMS);
    let rows = many_rows();
    coalition.write("a", "rows.csv", &rows);
    let tokenize = format!("tokenize {} {COLUMN} --input rows.csv --log run.log", coalition.part("a"));
    let mut child = start(&coalition, &format!("{tokenize} --out sets"));
    while !coalition.file("a", ".sets.part").exists() {
        assert!(child.try_wait().unwrap().is_none(), "it ended too early");
        std::thread::yield_now();
    }
    change_last_row(&coalition.file("a", "rows.csv"));
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let stated = stated(&coalition).unwrap();

    // Whether the change came in time or not, the set is that of the rows which are stated.
    let changed = fs::read(coalition.file("a", "rows.csv")).unwrap();
    assert!(changed != rows.as_bytes(), "the control");
    let tokens = |of: &str| {
        let bytes = fs::read(coalition.file("a", of)).unwrap();
        bytes[4096..4096 + 2 * 16].to_vec()
    };
    for content in [rows.as_bytes(), &changed] {
        coalition.write("a", "again.csv", content);
        let again = tokenize.replace("rows.csv", "again.csv").replace("run.log", "other.log");
        coalition.done("a", &format!("{again} --out again --force"));
        let same_rows = tokens("again/card.pan-1.vms") == tokens("sets/card.pan-1.vms");
        assert_eq!(same_rows, stated == digest(&coalition, content));
    }
}

#[test]
fn a_file_that_changes_between_two_readings_is_refused() {
    let coalition = Coalition::new(&["a", "b"], false, TERMS);
    coalition.write("a", "rows.csv", many_rows());
    let source = format!("{COLUMN} --column ip=net.ip --input rows.csv --log run.log");
    let mut child = start(&coalition, &format!("tokenize {} {source} --out sets", coalition.part("a")));
    while !fs::read_dir(coalition.file("a", ".sets.part")).is_ok_and(|mut made| made.next().is_some()) {
        assert!(child.try_wait().unwrap().is_none(), "it ended too early");
        std::thread::yield_now();
    }
    // The cards are read; the addresses are being read.
    change_last_row(&coalition.file("a", "rows.csv"));
    let output = child.wait_with_output().unwrap();
    let rest = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{rest}");
    assert!(rest.contains("rows.csv: changed while it was read"), "{rest}");
    assert!(!coalition.file("a", "sets").exists());
    assert_eq!(lines(&coalition, "a").last().unwrap()["outcome"], "input_changed");
    assert_eq!(stated(&coalition), None, "neither of the two is stated");
}

#[test]
fn every_command_states_the_rows_once_however_often_it_reads_them() {
    let coalition = Coalition::new(&["a", "b"], false, TERMS);
    let rows = "card,ip\n9999100000001562,11.0.0.1\n9999100000002933,11.0.0.2\n";
    let kinds = "kind,value\ncard.pan,9999100000001562\nnet.ip,11.0.0.1\n";
    coalition.write("a", "rows.csv", rows);
    coalition.write("b", "rows.csv", rows);
    let both = format!("{COLUMN} --column ip=net.ip");
    let mut sets = coalition.tokenize("a", &both);
    sets.extend(coalition.tokenize("b", &both));
    assert_eq!(coalition.intersect(&sets).code, Some(0));
    coalition.carry(HUB, "result/a.card.pan-1.vsh", "a", "share");
    let part = coalition.part("a");
    let source = format!("{COLUMN} --input rows.csv --log run.log");
    let by_kind = "--kind-column kind --value-column value --input rows.csv --log run.log";
    for (content, arguments) in [
        (rows, format!("dry-run {source} --column ip=net.ip")),
        (rows, format!("tokenize {part} {source} --out new --force")),
        (rows, format!("tokenize {part} {source} --out new --force --memory 64MiB")),
        (rows, format!("resolve {part} {source} --share share")),
        (rows, format!("resolve {part} {source} --share share --with-values")),
        (rows, format!("resolve {part} {source} --share share --memory 64MiB --with-values")),
        (kinds, format!("dry-run {by_kind}")),
        (kinds, format!("tokenize {part} {by_kind} --out new --force")),
    ] {
        coalition.write("a", "rows.csv", content);
        coalition.done("a", &arguments);
        assert_eq!(stated(&coalition), Some(digest(&coalition, content.as_bytes())), "{arguments}");
    }
    // What was read to its end is stated also where the command is refused then.
    let others = rows.replace("9999100000001562", "9999100000005266");
    coalition.write("a", "rows.csv", &others);
    let run = coalition.run("a", &format!("resolve {part} {source} --share share"));
    assert_eq!(
        (run.code, &lines(&coalition, "a").last().unwrap()["outcome"]),
        (Some(1), &"rows_differ".into())
    );
    assert_eq!(stated(&coalition), Some(digest(&coalition, others.as_bytes())));
}

#[test]
fn without_a_record_no_nonce_is_made_and_a_change_is_found_all_the_same() {
    let coalition = Coalition::new(&["a", "b"], false, TERMS);
    coalition.write("a", "rows.csv", many_rows());
    let mut child =
        start(&coalition, &format!("tokenize {} {COLUMN} --input rows.csv --out sets", coalition.part("a")));
    while !coalition.file("a", ".sets.part").exists() {
        assert!(child.try_wait().unwrap().is_none(), "it ended too early");
        std::thread::yield_now();
    }
    let mut file = File::options().append(true).open(coalition.file("a", "rows.csv")).unwrap();
    file.write_all(b"9999100000005266,11.0.0.3\n").unwrap();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.code() == Some(1) && said.contains("changed while it was read"), "{said}");
    assert!(!coalition.file("a", "sets").exists() && !coalition.file("a", "rows.csv.nonce").exists());
}
