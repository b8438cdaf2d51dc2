//! The program as a function: another package may bring it along.

use std::ffi::OsString;

fn run(arguments: &str) -> u8 {
    let words = ["veilmatch"].into_iter().chain(arguments.split_whitespace());
    veilmatch_cli::main(words.map(OsString::from).collect())
}

#[test]
fn the_program_is_a_function_from_arguments_to_an_exit_status() {
    let folder = tempfile::tempdir().unwrap();
    let rows = folder.path().join("rows.csv");
    let dry_run = format!("dry-run --kind card.pan --input {}", rows.display());
    assert_eq!(run(&dry_run), 1, "no such file");
    std::fs::write(&rows, "card\n9999100000001562\n").unwrap();
    assert_eq!(run(&dry_run), 0);
    assert_eq!(run("dry-run --kind card.pan"), 2, "wrong use");
    assert_eq!(run("--version"), 0);
}
