//! Wrong moves of members and what the program says to each: the thing, what was expected, and the way out. No message
//! repeats an identifier, a token or a key. docs/wrong-moves.md shows the same messages.

mod config;
mod exports;
mod results;
mod round;
mod trails;
mod trap;

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::run::Run;

use trap::Trap;

/// What a member did that was wrong.
struct Move {
    did: &'static str,
    /// Files that are written first, or a folder, if the name ends in /. The file - is standard input. Names of values in
    /// braces stand for them.
    files: &'static [(&'static str, &'static [u8])],
    /// The arguments: PART stands for the options of every command, ROWS for an input that is right, and ~ for a space.
    run: &'static str,
    code: i32,
    /// What the message must have: the thing, what was expected, and the way out.
    says: &'static [&'static str],
}

/// In the order of the page.
const MOVES: [&[Move]; 5] =
    [exports::EXPORTS, round::ROUND, results::RESULTS, config::CONFIG, trails::TRAILS];

/// The message of a run: the line, or in a message on wrong use the paragraph, that has this word.
fn message(run: &Run, word: &str) -> Option<String> {
    let all = format!("{}{}", run.stdout, run.stderr);
    let found = match all.starts_with("error: ") {
        true => all.split("\n\n").find(|paragraph| paragraph.contains(word)),
        false => all.lines().find(|line| line.contains(word)),
    }?;
    Some(found.trim().trim_start_matches("veilmatch: ").to_owned())
}

fn page() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/wrong-moves.md")
}

/// The rows of the table of the page: what was done, the message, and what to do.
fn rows(page: &str) -> Vec<[String; 3]> {
    let rows = page.lines().filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |"));
    let cells = |row: &str| row.split(" | ").map(str::to_owned).collect::<Vec<_>>().try_into();
    rows.skip(1).map(|row| cells(row).unwrap_or_else(|_| panic!("three cells: {row}"))).collect()
}

#[test]
fn each_wrong_move_is_told_what_was_expected_and_the_way_out_and_nothing_is_repeated() {
    let trap = Trap::new();
    let mut said = Vec::new();
    for step in MOVES.into_iter().flatten() {
        let run = trap.make(step);
        assert_eq!(run.code, Some(step.code), "{}: {}", step.did, run.stderr);
        let message = message(&run, step.says[0]).unwrap_or_else(|| panic!("{}: {run:?}", step.did));
        for word in step.says {
            assert!(message.contains(word), "{}: no {word:?} in {message}", step.did);
        }
        let shown = trap.digests.iter().fold(message, |text, digest| text.replace(digest, "<digest>"));
        assert!(!shown.contains(" | ") && !shown.contains("``"), "a sign of tables: {shown}");
        said.push((step.did, format!("`` {shown} ``")));
    }
    // `BLESS=1 cargo test -p veilmatch-cli --test program wrong_moves` writes what was said into the page, to be looked at.
    let text = fs::read_to_string(page()).unwrap();
    let found = rows(&text);
    if std::env::var_os("BLESS").is_some() {
        let before = text.split("\n| ").next().unwrap();
        let to_do = |did: &str| found.iter().find(|row| row[0] == did).map_or("?", |row| &row[2]);
        let table: String =
            said.iter().map(|(did, shown)| format!("| {did} | {shown} | {} |\n", to_do(did))).collect();
        let head = "| what you did | what veilmatch says | what to do |\n|---|---|---|\n";
        return fs::write(page(), format!("{before}\n{head}{table}")).unwrap();
    }
    let expected: Vec<(&str, String)> =
        found.iter().map(|[did, shown, _]| (did.as_str(), shown.clone())).collect();
    for (row, said) in expected.iter().zip(&said) {
        assert_eq!(row, said, "docs/wrong-moves.md");
    }
    assert_eq!(expected.len(), said.len(), "docs/wrong-moves.md");
    assert!(found.iter().all(|[.., to_do]| to_do != "?"), "each row says what to do");
}
