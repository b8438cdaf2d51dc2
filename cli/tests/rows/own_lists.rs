//! A suppression list of a round's own.

use crate::support::coalition::{Coalition, HUB};
use crate::support::exports::own_list;

/// A trial whose manifest was made with a list that lies in the folder of each member.
fn coalition() -> Coalition {
    let coalition = Coalition::new(&["a", "b"], false, "--at-least 2 --kind card.pan");
    for who in ["a", "b"] {
        coalition.write(who, "rows.csv", "card\n9999100000001562\n9999100000002933\n");
        coalition.write(who, "list.txt", own_list());
    }
    coalition.new_round("--at-least 2 --kind card.pan --suppression list.txt");
    coalition
}

#[test]
fn a_round_is_made_and_played_with_a_list_of_its_own() {
    let coalition = coalition();
    let columns = "--suppression list.txt --column card=card.pan";
    let dry = coalition.done("a", &format!("dry-run {columns} --input rows.csv"));
    assert!(
        dry.stdout.starts_with("card.pan/1: 2 rows, 1 accepted, 1 distinct, 1 suppressed\n"),
        "{}",
        dry.stdout
    );
    assert!(dry.stdout.contains("  suppressed: rows 1 (lines 2)\n"));
    let mut sets = coalition.tokenize("a", columns);
    sets.extend(coalition.tokenize("b", columns));
    assert_eq!(coalition.intersect(&sets).code, Some(0));
    coalition.carry(HUB, "result/a.card.pan-1.vsh", "a", "share");
    let part = coalition.part("a");
    let resolved = coalition.done("a", &format!("resolve {part} {columns} --input rows.csv --share share"));
    assert_eq!(resolved.stdout, "row,line,kind,holders,names\n2,3,card.pan/1,2,a b\n");
}

#[test]
fn another_list_than_that_of_the_round_is_refused() {
    let coalition = coalition();
    let part = coalition.part("a");
    let tokenize = format!("tokenize {part} --column card=card.pan --input rows.csv --out sets");
    coalition.write("a", "other.txt", "card.pan/1 9999100000002933\n");
    coalition.write("a", "broken.txt", "# of ours\ncard.pan/1 9999100000002934\n");
    coalition.write("a", "latin.txt", b"# of ours\n# caf\xe9\n");
    for (list, problem) in [
        ("", "a differs in the suppression digest"),
        ("--suppression other.txt", "a differs in the suppression digest"),
        ("--suppression broken.txt", "broken.txt: suppression list, line 2: expected a value that"),
        ("--suppression latin.txt", "latin.txt: suppression list, line 2: expected UTF-8 text"),
        ("--suppression missing.txt", "missing.txt: "),
    ] {
        let run = coalition.run("a", &format!("{tokenize} {list}"));
        assert_eq!(run.code, Some(1), "{list}");
        assert!(run.stderr.contains(problem) && !run.stderr.contains("9999"), "{list}: {}", run.stderr);
        assert!(!coalition.file("a", "sets").exists(), "{list}");
    }
}
