//! Exports with a kind a row give the sets and results of a column a kind.

use std::fs;

use crate::support::coalition::{Coalition, HUB};
use crate::support::exports::exports;

const KINDS: &str = "--kind crypto.evm --kind net.ip --kind email.strict";
const COLUMNS: &str = "--column wallet=crypto.evm --column address=net.ip --column mail=email.strict";
const OWN_ROWS: &str = "--kind-column kind --value-column value";
const FILES: [&str; 3] = ["crypto.evm-1.vms", "email.strict-1.vms", "net.ip-1.vms"];

/// Members `a` and `b` of a trial with the same customers, `a` with a column a kind, `b` with a kind a row.
fn coalition() -> Coalition {
    let coalition = Coalition::new(&["a", "b"], false, &format!("--at-least 2 {KINDS}"));
    let (columns, each) = exports(300, false);
    coalition.write("a", "rows.csv", columns);
    coalition.write("b", "rows.csv", each);
    coalition
}

/// Counters of the header of each set.
fn counters(coalition: &Coalition, who: &str, file: &str) -> serde_json::Value {
    let bytes = fs::read(coalition.file(who, file)).unwrap();
    crate::support::files::header_of(&bytes)["counters"].clone()
}

#[test]
fn both_layouts_give_the_same_tokens_and_results() {
    let coalition = coalition();
    let mut sets = coalition.tokenize("a", COLUMNS);
    sets.extend(coalition.tokenize("b", OWN_ROWS));
    assert_eq!(coalition.names_in("b", "sets"), FILES);
    for file in FILES {
        let [a, b] = ["a", "b"].map(|who| fs::read(coalition.file(who, &format!("sets/{file}"))).unwrap());
        let tokens = |set: &[u8]| {
            let end = 4096 + 16 * crate::support::files::header_of(set)["tokens"].as_u64().unwrap() as usize;
            set[4096..end].to_vec()
        };
        assert!(tokens(&a) == tokens(&b) && tokens(&a).len() > 4_000, "{file}");
        let of = |who| counters(&coalition, who, &format!("sets/{file}"));
        let (a, mut b) = (of("a"), of("b"));
        if file == FILES[0] {
            // The three rows of no kind are counted in the first kind by id.
            assert_eq!(b["rejected"]["unknown_kind"], 3);
            assert_eq!(b["rows"], 303);
            b["rejected"].as_object_mut().unwrap().remove("unknown_kind");
            b["rows"] = 300.into();
        }
        assert_eq!(a, b, "{file}");
    }
    assert_eq!(coalition.intersect(&sets).code, Some(0));

    // Rows have their numbers of the file, and the values that stand there.
    let mut shares = String::new();
    for kind in ["crypto.evm-1", "net.ip-1", "email.strict-1"] {
        let share = format!("b.{kind}.vsh");
        coalition.carry(HUB, &format!("result/{share}"), "b", &share);
        shares += &format!("--share {share} ");
    }
    let part = coalition.part("b");
    let resolve = format!("resolve {part} {OWN_ROWS} --input rows.csv {shares} --with-values");
    let resolved = coalition.done("b", &resolve).stdout;
    let file = fs::read_to_string(coalition.file("b", "rows.csv")).unwrap();
    let rows: Vec<&str> = file.lines().skip(1).collect();
    let mut found = 0;
    for line in resolved.lines().skip(1) {
        let fields: Vec<&str> = line.split(',').collect();
        let (number, kind, value) = (fields[0].parse::<usize>().unwrap(), fields[2], fields[5]);
        let (named, expected) = rows[number - 1].split_once(',').unwrap();
        assert!(kind.starts_with(named) && value == expected, "{line}");
        found += 1;
    }
    let accepted = rows.iter().filter(|row| !row.ends_with("no address") && !row.starts_with("customer"));
    assert_eq!(found, accepted.count());
}

#[test]
fn a_dry_run_finds_the_kinds_itself() {
    let coalition = coalition();
    let run = coalition.done("b", &format!("dry-run {OWN_ROWS} --input rows.csv --summary json"));
    let answers: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let kinds: Vec<&str> =
        answers.as_array().unwrap().iter().map(|answer| answer["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["crypto.evm/1", "email.strict/1", "net.ip/1"]);
    assert_eq!(
        answers[0]["rejected_rows_by_reason"]["unknown_kind"],
        serde_json::json!([{"row": 4, "line": 5}, {"row": 305, "line": 306}, {"row": 606, "line": 607}])
    );
    assert_eq!(answers[2]["counters"]["rejected"].as_object().unwrap().len(), 1);

    // From standard input, which is read once.
    let mut command = coalition.command("b", &format!("dry-run {OWN_ROWS} --input - --summary json"));
    command.stdin(fs::File::open(coalition.file("b", "rows.csv")).unwrap());
    assert_eq!(String::from_utf8(command.output().unwrap().stdout).unwrap(), run.stdout);
}

#[test]
fn what_cannot_be_meant_is_refused() {
    let coalition = coalition();
    let part = coalition.part("b");
    for (arguments, code, problem) in [
        ("dry-run --kind-column kind --input rows.csv".to_owned(), 2, "--value-column"),
        ("dry-run --value-column value --input rows.csv".to_owned(), 2, "--kind-column"),
        (format!("dry-run {OWN_ROWS} --kind card.pan --input rows.csv"), 2, "--kind"),
        (format!("dry-run {OWN_ROWS} --column value=card.pan --input rows.csv"), 2, "--column"),
        (format!("dry-run {OWN_ROWS} --format lines --input rows.csv"), 2, "need a CSV export"),
        (
            format!("dry-run {OWN_ROWS} --input ../a/rows.csv"),
            1,
            r#"expected a column "kind", got 3 columns of other names, which are not shown"#,
        ),
        (
            "dry-run --kind-column value --value-column kind --input rows.csv".to_owned(),
            1,
            "no row names a kind",
        ),
    ] {
        let run = coalition.run("b", &arguments);
        assert_eq!(run.code, Some(code), "{arguments}: {}", run.stderr);
        assert!(run.stderr.contains(problem), "{arguments}: {}", run.stderr);
    }
    // A kind that is not matched in the round is an error before any set is made.
    coalition.write("b", "more.csv", "kind,value\ncrypto.evm,0x\ncard.pan,9999100000001562\n");
    let run = coalition.run("b", &format!("tokenize {part} {OWN_ROWS} --input more.csv --out more"));
    assert_eq!(run.code, Some(1));
    assert!(run.stderr.contains("kind card.pan/1 is not in this round"), "{}", run.stderr);
    assert!(!coalition.file("b", "more").exists());
}
