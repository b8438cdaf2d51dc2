//! The example `large`: what it does with a thousand million tokens, with fewer. How fast is not asked here.

use std::fs;
use std::path::Path;

use crate::support::examples::large;
use crate::support::run::Run;

const SIZE: u64 = 2_000_000;
const SET_KB: u64 = SIZE * 16 / 1024;

/// Code, libraries and stacks, and blocks of lines on their way.
const CONSTANT_KB: u64 = 16 << 10;

fn ok(folder: &Path, arguments: &[&str]) -> String {
    let size = SIZE.to_string();
    let run = large(folder).args(arguments).args(["--size", &size]).env("RAYON_NUM_THREADS", "2").output();
    let Run { code, stdout, stderr } = run.unwrap().into();
    assert_eq!((code, stderr.as_str()), (Some(0), ""), "{arguments:?}");
    stdout
}

/// The number after some words.
fn number_after(text: &str, words: &str) -> u64 {
    let (_, rest) = text.split_once(words).unwrap_or_else(|| panic!("{words} in {text}"));
    let digits = rest.trim_start().split(|char: char| !char.is_ascii_digit()).next().unwrap();
    digits.parse().unwrap_or_else(|_| panic!("a number after {words} in {text}"))
}

#[test]
fn two_sets_are_matched_within_the_memory_that_is_told_and_less_than_one_of_them() {
    let folder = tempfile::tempdir().unwrap();
    let made = ok(folder.path(), &["sets"]);
    assert!(number_after(&made, "peak memory") < CONSTANT_KB, "{made}");
    let read = ok(folder.path(), &["read"]);
    assert!(number_after(&read, "read in one go:") > SIZE, "header and index too: {read}");

    let matched = ok(folder.path(), &["intersect"]);
    assert_eq!(number_after(&matched, "matched:"), 2 * SIZE);
    assert_eq!(number_after(&matched, "verified:"), SIZE);
    let told = number_after(&matched, "told: at most") << 10;
    let indexes = 2 * SET_KB * 48 / (16 << 10);
    let peak = number_after(&matched, "peak memory");
    assert!(peak < told + indexes + CONSTANT_KB, "{matched}");
    assert!(peak < SET_KB, "{matched}");
}

#[test]
fn a_set_is_built_within_half_of_its_memory_and_nothing_is_left_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let budget_kb = SET_KB / 2;
    let budget = (budget_kb >> 10).to_string();
    let built = ok(folder.path(), &["build", "--memory", &budget]);
    assert!(number_after(&built, "needs up to") >= (2 * SET_KB) >> 10, "the runs and the set: {built}");
    assert_eq!(number_after(&built, "built:"), SIZE);
    assert!(built.contains(" distinct, 0 rejected"), "{built}");
    assert!(number_after(&built, "peak memory") < budget_kb + CONSTANT_KB, "{built}");
    let names: Vec<_> =
        fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["built.vms"], "the runs are gone");
}
