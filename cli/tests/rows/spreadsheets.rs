//! Raw values that a spreadsheet would run as formulas go out as text where that is asked for, and can be had back.

use crate::support::coalition::{Coalition, HUB};

const COLUMN: &str = "--column customer=opaque.customer";

/// Raw values, of customers that both members have, and how they are written to be safe.
const VALUES: [(&str, &str); 11] = [
    ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
    ("+1+1", "'+1+1"),
    ("-1+1", "'-1+1"),
    ("@SUM(1)", "'@SUM(1)"),
    ("\t=1+1", "'\t=1+1"),
    ("\r=1+1", "'\r=1+1"),
    ("\n=1+1", "'\n=1+1"),
    ("＝1+1", "'＝1+1"),
    ("'quoted", "''quoted"),
    ("plain, with = and \"", "plain, with = and \""),
    ("1-1", "1-1"),
];

/// What a member is told of its rows.
fn resolved(options: &str) -> Vec<Vec<String>> {
    let coalition = Coalition::new(&["a", "b"], false, "--at-least 2 --kind opaque.customer");
    let field = |(value, _): &(&str, &str)| format!("\"{}\"\r\n", value.replace('"', "\"\""));
    let mut sets = Vec::new();
    for who in ["a", "b"] {
        coalition.write(
            who,
            "rows.csv",
            "customer\r\n".to_owned() + &VALUES.iter().map(field).collect::<String>(),
        );
        sets.extend(coalition.tokenize(who, COLUMN));
    }
    assert_eq!(coalition.intersect(&sets).code, Some(0));
    coalition.carry(HUB, "result/a.opaque.customer-1.vsh", "a", "share");
    let resolve = format!("resolve {} {COLUMN} --input rows.csv --share share", coalition.part("a"));
    let run = coalition.done("a", &format!("{resolve} {options}"));
    let mut reader = csv::Reader::from_reader(run.stdout.as_bytes());
    reader.records().map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect()
}

#[test]
fn formulas_become_text_and_nothing_else_changes() {
    let (raw, safe) = (resolved("--with-values"), resolved("--with-values --spreadsheet-safe"));
    assert_eq!((raw.len(), safe.len()), (VALUES.len(), VALUES.len()));
    for ((raw, safe), (value, as_text)) in raw.iter().zip(&safe).zip(VALUES) {
        assert_eq!((raw[5].as_str(), safe[5].as_str()), (value, as_text));
        assert_eq!(raw[..5], safe[..5]);
        // Without one leading apostrophe it is the raw value again.
        assert_eq!(safe[5].strip_prefix('\'').unwrap_or(&safe[5]), value);
    }
}

#[test]
fn it_needs_values() {
    let coalition = Coalition::new(&["a", "b"], false, "--at-least 2 --kind opaque.customer");
    let resolve = format!("resolve {} {COLUMN} --input rows.csv --share share", coalition.part("a"));
    let run = coalition.run("a", &format!("{resolve} --spreadsheet-safe"));
    assert!(run.code == Some(2) && run.stderr.contains("--with-values"), "{}", run.stderr);
}
