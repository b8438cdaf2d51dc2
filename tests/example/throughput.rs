//! The example `throughput` as a program: every stage is there, in both forms; how fast is not asked here.

use std::collections::BTreeSet;
use std::io;

use crate::support::examples::throughput;
use crate::support::run::Run;
use serde_json::Value;

/// Small enough for a test; the results of rivals are compared all the same.
const SIZE: [&str; 2] = ["--size", "2000"];

const STAGES: [&str; 7] = ["canonicalize", "tokenize", "set", "intersect", "prefilter", "pipeline", "growth"];

fn run(arguments: &[&str]) -> Run {
    throughput().args(arguments).output().unwrap().into()
}

fn ok(arguments: &[&str]) -> String {
    let Run { code, stdout, stderr } = run(arguments);
    assert_eq!((code, stderr.as_str()), (Some(0), ""), "{arguments:?}");
    stdout
}

fn entries(json: &str) -> Vec<Value> {
    serde_json::from_str(json).unwrap()
}

fn text<'a>(entry: &'a Value, field: &str) -> &'a str {
    entry[field].as_str().unwrap_or_else(|| panic!("{field} is a text in {entry}"))
}

#[test]
fn json_is_one_object_a_measurement_with_five_fields() {
    let json = ok(&["--size", "2000", "--format", "json"]);
    assert!(json.ends_with("]\n"), "one line");
    let entries = entries(&json);
    let mut names = BTreeSet::new();
    for entry in &entries {
        let fields: Vec<&String> = entry.as_object().unwrap().keys().collect();
        assert_eq!(BTreeSet::from_iter(fields).len(), 5, "{entry}");
        let ns = entry["ns_per_item"].as_f64().unwrap();
        assert!(ns.is_finite() && ns > 0.0, "{entry}");
        assert!(entry["items"].as_u64().unwrap() > 0, "{entry}");
        assert!(entry["threads"].as_u64().unwrap() > 0, "{entry}");
        assert!(names.insert((text(entry, "stage"), text(entry, "what"))), "twice: {entry}");
    }
    let mut stages: Vec<&str> = entries.iter().map(|entry| text(entry, "stage")).collect();
    stages.dedup();
    assert_eq!(stages, STAGES, "every stage once, in the order of the pipeline");
}

#[test]
fn every_stage_has_ours_and_all_but_the_last_have_a_rival_and_a_floor() {
    let entries = entries(&ok(&["--size", "2000", "--format", "json"]));
    let has = |stage: &str, part: &str| {
        entries.iter().any(|entry| text(entry, "stage") == stage && text(entry, "what").contains(part))
    };
    for (stage, rival, floor) in [
        ("tokenize", "ring", "floor: two compressions"),
        ("tokenize", "hmac", "floor: two compressions"),
        ("set", ": par_sort_unstable", "floor: copy"),
        ("set", ": sort_unstable", "floor: copy"),
        ("intersect", "two sets, a tenth shared: hashbrown", "two sets, a tenth shared: floor"),
        ("intersect", "eight sets, at least three: hashbrown", "eight sets, at least three: floor"),
        ("intersect", "128 sets, at least five: hashbrown", "128 sets, at least five: floor"),
        ("prefilter", "fastbloom", "floor: read"),
        ("prefilter", "bloomfilter", "floor: read"),
        ("pipeline", "ring and HashSet", "floor: line ends"),
    ] {
        assert!(has(stage, rival), "{stage}: {rival}");
        assert!(has(stage, floor), "{stage}: {floor}");
    }
    assert!(STAGES.iter().all(|stage| has(stage, ": ours")));
    for kind in veilmatch::member::identifier::Kind::ALL {
        assert!(has("canonicalize", kind.id()), "{kind}");
    }
    for backend in veilmatch::member::tokenize::Backend::available() {
        assert!(has("tokenize", &format!("ours by {backend},")), "{backend}");
    }
}

#[test]
fn no_case_has_more_threads_than_it_is_given() {
    for threads in ["1", "3"] {
        let arguments = ["--size", "2000", "--format", "json"];
        let run: Run =
            throughput().args(arguments).env("RAYON_NUM_THREADS", threads).output().unwrap().into();
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        let most = entries(&run.stdout).iter().map(|entry| entry["threads"].as_u64().unwrap()).max();
        assert_eq!(most.map(|most| most.to_string()).as_deref(), Some(threads));
    }
}

#[test]
fn the_table_names_the_back_end_and_has_a_line_for_every_measurement() {
    let table = ok(&SIZE);
    let head = table.lines().next().unwrap();
    for backend in veilmatch::member::tokenize::Backend::available() {
        assert!(head.contains(backend.name()), "{head}");
    }
    let lines: Vec<&str> = table.lines().collect();
    for stage in STAGES {
        assert!(lines.iter().any(|line| line.starts_with(&format!("{stage} "))), "{stage} in {table}");
    }
    for entry in entries(&ok(&["--size", "2000", "--format", "json"])) {
        let (group, case) = text(&entry, "what").split_once(": ").unwrap();
        assert!(lines.iter().any(|line| line.trim() == group), "{group} in {table}");
        assert!(lines.iter().any(|line| line.starts_with(&format!("    {case} "))), "{case} in {table}");
    }
    let measured: Vec<&str> = lines.into_iter().filter(|line| line.starts_with("    ")).collect();
    assert!(measured.iter().all(|line| line.matches('×').count() == 1), "each has its ratio: {table}");
    let widths: BTreeSet<usize> = measured.iter().map(|line| line.chars().count()).collect();
    assert_eq!(widths.len(), 1, "aligned: {table}");
}

#[test]
fn no_identifier_and_no_token_is_printed() {
    let entries = entries(&ok(&["--size", "2000", "--format", "json"]));
    let names = entries.iter().flat_map(|entry| [text(entry, "stage"), text(entry, "what")]);
    let table = ok(&SIZE);
    for text in names.chain([table.as_str()]) {
        let longest = text.split(|c: char| !c.is_ascii_hexdigit()).map(str::len).max().unwrap();
        assert!(longest < 8, "digits, or hexadecimal ones, in {text}");
        for part in ["+44", "0x", "@", "example.", "DE8", "bc1q"] {
            assert!(!text.contains(part), "{part} in {text}");
        }
        // Figures have one point, versions two, IPv4 addresses three.
        let words = text.split(|c: char| !c.is_ascii_digit() && c != '.');
        let points = words.map(|word| word.matches('.').count()).max().unwrap();
        assert!(points < 3, "an IPv4 address in {text}");
    }
}

#[test]
fn a_command_line_that_makes_no_sense_exits_with_2_and_shows_the_usage() {
    for arguments in [
        &["--size"] as &[&str],
        &["--size", "many"],
        &["--size", "-1"],
        &["--size", "0"],
        &["--size", "999"],
        &["--size", "1000000001"],
        &["--size", "99999999999999999999999"],
        &["--size", "2000", "--format", "xml"],
        &["--size", "2000", "--format"],
        &["--sizes", "2000"],
        &["--size", "2000", "file"],
        &["-x"],
    ] {
        let run = run(arguments);
        assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{arguments:?}");
        assert!(run.stderr.starts_with("throughput: ") && run.stderr.contains("Usage:"), "{}", run.stderr);
        assert!(!run.stderr.contains("panicked"), "{}", run.stderr);
    }
}

#[test]
fn help_goes_to_standard_output() {
    for argument in ["--help", "-h"] {
        assert!(ok(&[argument]).starts_with("Usage: throughput "));
    }
}

#[test]
fn a_standard_output_that_nobody_reads_is_a_failure_and_no_panic() {
    for arguments in [&["--help"] as &[&str], &SIZE, &["--size", "2000", "--format", "json"]] {
        let (reader, writer) = io::pipe().unwrap();
        drop(reader);
        let run: Run = throughput().args(arguments).stdout(writer).output().unwrap().into();
        assert_eq!(run.code, Some(1), "{arguments:?}");
        assert!(run.stderr.starts_with("throughput: standard output: "), "{}", run.stderr);
    }
}
