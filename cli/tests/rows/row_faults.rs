//! Exports that would give a wrong answer without a word: open quotes, a first row taken for the header, rows missing.

use crate::support::coalition::{Coalition, HUB};
use crate::support::exports::luhn_digit;
use serde_json::Value;
use veilmatch::Reason;
use veilmatch::member::identifier::{Canonicalizer, Kind};
use veilmatch::member::profile::Profile;
use veilmatch::member::rows::{Column, CsvRows, Rows};

const COLUMN: &str = "--column card=card.pan";

fn card(n: u64) -> String {
    let body = format!("99991000{n:07}");
    format!("{body}{}", luhn_digit(&body))
}

/// A name and a card a row; row 101 has this name.
fn customers(rows: u64, name: &str) -> String {
    let row = |n| format!("{n},{},{}\n", if n == 101 { name } else { "name" }, card(n));
    "id,name,card\n".to_owned() + &(1..=rows).map(row).collect::<String>()
}

/// Members `a` and `b` of a trial, and the rows of `a`.
fn coalition(name: &str, rows: &str) -> Coalition {
    let coalition = Coalition::new(&["a", "b"], false, "--at-least 2 --kind card.pan --kind net.ip");
    coalition.write("a", name, rows);
    coalition
}

/// A run that is refused; what it said.
fn refused(coalition: &Coalition, arguments: &str, code: i32) -> String {
    let run = coalition.run("a", arguments);
    assert_eq!((run.code, run.stdout.as_str()), (Some(code), ""), "{arguments}: {}", run.stderr);
    run.stderr
}

fn tokenize(coalition: &Coalition, arguments: &str) -> String {
    format!("tokenize {} {arguments} --out sets --force", coalition.part("a"))
}

// --- Quotes ---------------------------------------------------------------------------------------------

#[test]
fn an_open_quote_is_refused_by_every_command_and_leaves_nothing() {
    let coalition = coalition("rows.csv", &customers(20_000, "\"O Brian"));
    let source = format!("{COLUMN} --input rows.csv");
    for command in [format!("dry-run {source}"), tokenize(&coalition, &source)] {
        let said = refused(&coalition, &command, 1);
        assert!(
            said.contains("rows.csv: a quoted field that begins in row 101 spans more than 16 lines"),
            "{said}"
        );
        assert!(!said.contains("Brian") && !said.contains("9999"), "{said}");
    }
    assert!(!coalition.file("a", "sets").exists());
    let last = customers(105, "\"O Brian");
    coalition.write("a", "rows.csv", &last);
    let said = refused(&coalition, &format!("dry-run {source}"), 1);
    assert!(said.contains("the quote that row 101 opens is never closed"), "{said}");
    coalition.write("a", "rows.csv", customers(105, "\"O\" Brian"));
    let said = refused(&coalition, &format!("dry-run {source}"), 1);
    assert!(said.contains("behind the closing quote of a field in row 101"), "{said}");
    // The way out where an export quotes nothing.
    let read = coalition.done("a", &format!("dry-run {source} --no-quotes")).stdout;
    assert!(read.starts_with("card.pan/1: 105 rows, 105 accepted"), "{read}");
}

#[test]
fn quoted_fields_of_several_lines_are_counted_aloud() {
    let coalition = coalition("rows.csv", &customers(105, "\"a\nb\""));
    let source = format!("{COLUMN} --input rows.csv");
    let text = coalition.done("a", &format!("dry-run {source}")).stdout;
    assert!(
        text.contains("105 rows, 105 accepted") && text.contains("1 quoted fields span several lines"),
        "{text}"
    );
    let json = coalition.done("a", &format!("dry-run {source} --summary json")).stdout;
    assert_eq!(serde_json::from_str::<Value>(&json).unwrap()[0]["multiline_fields"], 1);
    for memory in ["", "--memory 64MiB"] {
        let said = coalition.done("a", &tokenize(&coalition, &format!("{source} {memory}"))).stderr;
        assert!(said.contains("card.pan/1: 1 quoted fields span several lines"), "{said}");
    }
    coalition.write("a", "rows.csv", customers(105, &format!("\"{}\"", "x\n".repeat(19))));
    let said = refused(&coalition, &format!("dry-run {source}"), 1);
    assert!(said.contains("--quoted-lines allows more"), "{said}");
    coalition.done("a", &format!("dry-run {source} --quoted-lines 20"));
    refused(&coalition, &format!("dry-run {source} --quoted-lines 19"), 1);
    coalition.write("a", "rows.csv", customers(105, "name"));
    let text = coalition.done("a", &format!("dry-run {source}")).stdout;
    assert!(!text.contains("quoted"), "{text}");
}

// --- Fields ---------------------------------------------------------------------------------------------

/// What becomes of each row of an export: why it is rejected, or nothing.
fn reasons(export: &str, column: Column, header: bool) -> Vec<Option<Reason>> {
    let rows = CsvRows::new(export.as_bytes()).value_column(column);
    let rows = if header { rows } else { rows.without_header() };
    let profile = Profile::read(&Canonicalizer::new(Kind::CardPan), rows).unwrap();
    let mut reasons = vec![None; profile.counters().rows as usize];
    profile.rejections().iter().for_each(|found| reasons[found.place.row as usize - 1] = Some(found.reason));
    assert_eq!(profile.counters().accepted, reasons.iter().filter(|reason| reason.is_none()).count() as u64);
    reasons
}

#[test]
fn a_row_with_more_or_fewer_fields_than_the_header_is_counted_and_gives_no_token() {
    let (extra, missing) = (Some(Reason::ExtraFields), Some(Reason::MissingField));
    let named = || Column::Named("card".into());
    // A comma in a name without quotes moves another card into the column, and a lost one moves it back.
    let export =
        format!("name,card,old\nA,{0},{1}\nB, Jr,{1},{0}\n{0},{1}\nC,{0},\nD,E,{0},\nF\n", card(1), card(2));
    assert_eq!(reasons(&export, named(), true), [None, extra, missing, None, extra, missing]);
    let (_, rows) = export.split_once('\n').unwrap();
    assert_eq!(reasons(rows, Column::Number(2), false), [None, extra, missing, None, extra, missing]);
    // The first row has the wrong number: then it is all others that are told of.
    let first = format!("A,{0},x,y\nB,{0},x\n", card(1));
    assert_eq!(reasons(&first, Column::Number(2), false), [None, missing]);
    assert_eq!(reasons(&format!("name,card,old\n{first}"), named(), true), [extra, None]);
    assert_eq!(Reason::ExtraFields.code(), 14);
}

#[test]
fn rows_that_all_end_in_a_delimiter_are_read() {
    let (extra, missing) = (Some(Reason::ExtraFields), Some(Reason::MissingField));
    let named = || Column::Named("card".into());
    let all = format!("name,card\nA,{0},\nB,{0},\nC,D,{0},\nE,{0},x\nF,{0}\nG,{0},,\n", card(1));
    assert_eq!(reasons(&all, named(), true), [None, None, extra, extra, missing, extra]);
    let header_too = format!("name,card,\nA,{0},\nB,{0},\n", card(1));
    assert_eq!(reasons(&header_too, named(), true), [None, None]);
    // In a single row it may as well come of a comma in a name.
    let one = format!("name,card,old\nA,{0},{0}\nB, Jr,{0},\nC,{0},,\n", card(1));
    assert_eq!(reasons(&one, named(), true), [None, extra, extra]);
}

/// `Doe, John,P-1,,` under `name,card,old` would look the same, where the last column is empty in all rows.
#[test]
fn that_rows_are_taken_to_end_in_delimiters_is_said_by_every_command() {
    const SAID: &str = "the first row has 1 empty fields more than the header: taken for delimiters at the end of all rows, \
                        not for values with a delimiter in them";
    let coalition = Coalition::new(&["a", "b"], false, "--at-least 2 --kind card.pan");
    let source = format!("{COLUMN} --input rows.csv");
    let mut sets = Vec::new();
    for who in ["a", "b"] {
        coalition.write(who, "rows.csv", format!("name,card\nA,{},\nB,{},\n", card(1), card(2)));
        sets.extend(coalition.tokenize(who, COLUMN));
    }
    assert_eq!(coalition.intersect(&sets).code, Some(0));
    coalition.carry(HUB, "result/a.card.pan-1.vsh", "a", "share");
    let resolve = format!("resolve {} {source} --share share", coalition.part("a"));
    let dry_run = format!("dry-run {source}");
    let json = |rows: &str| {
        coalition.write("a", "rows.csv", rows);
        let json = coalition.done("a", &format!("{dry_run} --summary json")).stdout;
        serde_json::from_str::<Value>(&json).unwrap()[0]["trailing_fields"].clone()
    };
    let kinds = "dry-run --kind-column k --value-column v --input kinds.csv";
    coalition.write("a", "kinds.csv", format!("k,v\ncard.pan,{},\nnet.ip,11.0.0.1,\n", card(1)));
    assert_eq!(coalition.done("a", kinds).stdout.matches(SAID).count(), 2);
    let text = coalition.done("a", &dry_run).stdout;
    assert!(text.contains(&format!("2 accepted, 2 distinct\n  {SAID}\n")), "{text}");
    for command in [
        resolve.clone(),
        tokenize(&coalition, &source),
        tokenize(&coalition, &format!("{source} --memory 64MiB")),
    ] {
        let said = coalition.done("a", &command).stderr;
        assert!(said.contains(&format!("card.pan/1: {SAID}\n")), "{command}: {said}");
    }
    // Once, in however many blocks the rows come, and as many as there are.
    let many: String = (0..20_000).map(|n| format!("A,{},,,\n", card(n))).collect();
    assert_eq!(json(&format!("name,card\n{many}")), 3);
    // Not of rows that are rejected for it, nor where the header has them too or there is none.
    let one = card(1);
    assert_eq!(json(&format!("name,card\nA,{one}\nB,{one},\n")), 0);
    assert_eq!(json(&format!("name,card,\nA,{one},\n")), 0);
    assert_eq!(json(&format!("name,card\nA,B,{one}\nB,{one}\n")), 0);
    assert_eq!(json("name,card\n"), 0);
    let profile = Profile::read(
        &Canonicalizer::new(Kind::CardPan),
        CsvRows::new(format!("{one},,\n").as_bytes()).without_header(),
    );
    assert_eq!(profile.unwrap().oddities().trailing_fields, 0);
    coalition.write(
        "a",
        "rows.csv",
        format!("name,card\nA,{},\nB,{}\n", card(1), card(2)).replace(",\n", "\n"),
    );
    for command in [dry_run, resolve, tokenize(&coalition, &source)] {
        let run = coalition.done("a", &command);
        assert!(!(run.stdout + &run.stderr).contains("more than the header"), "{command}");
    }
}

#[test]
fn rows_with_extra_fields_count_once_in_an_export_with_a_kind_a_row() {
    let coalition =
        coalition("rows.csv", &format!("k,v\nnet.ip,11.0.0.1,x\ncard.pan,{}\nother,x,y\n", card(1)));
    let read = coalition.done("a", "dry-run --kind-column k --value-column v --input rows.csv").stdout;
    assert!(
        read.contains("card.pan/1: 2 rows, 1 accepted, 1 distinct, 1 rejected: unknown_kind 1"),
        "{read}"
    );
    assert!(read.contains("net.ip/1: 1 rows, 0 accepted, 0 distinct, 1 rejected: extra_fields 1"), "{read}");
    assert!(read.contains("1 of 1 rows (100 %) have more fields than the header"), "{read}");
}

// --- Numbers of rows ------------------------------------------------------------------------------------

#[test]
fn another_number_of_rows_than_expected_is_refused() {
    let coalition = Coalition::new(&["a", "b"], false, "--at-least 2 --kind card.pan");
    for who in ["a", "b"] {
        coalition.write(who, "rows.csv", customers(10, "name"));
    }
    let mut sets = coalition.tokenize("a", &format!("{COLUMN} --expect-rows 10"));
    sets.extend(coalition.tokenize("b", COLUMN));
    assert_eq!(coalition.intersect(&sets).code, Some(0));
    coalition.carry(HUB, "result/a.card.pan-1.vsh", "a", "share");
    let resolve = format!("resolve {} --share share", coalition.part("a"));
    let source = format!("{COLUMN} --input rows.csv");
    for command in ["dry-run", &resolve] {
        coalition.done("a", &format!("{command} {source} --expect-rows 10"));
        for wrong in [0, 9, 11] {
            let said = refused(&coalition, &format!("{command} {source} --expect-rows {wrong}"), 1);
            assert!(said.contains(&format!("rows.csv: expected {wrong} rows, got 10")), "{said}");
        }
    }
    for memory in ["", "--memory 64MiB"] {
        let source = format!("{source} {memory} --expect-rows 11 --out new");
        let said = refused(&coalition, &format!("tokenize {} {source}", coalition.part("a")), 1);
        assert!(said.contains("expected 11 rows, got 10"), "{said}");
        assert!(!coalition.file("a", "new").exists());
    }
    // Of lines, and of an export with a kind a row: rows of every kind, and of none, are rows.
    coalition.write("a", "lines.txt", format!("{}\n\n{}\n", card(1), card(2)));
    coalition.done("a", "dry-run --kind card.pan --input lines.txt --expect-rows 2");
    coalition.write("a", "kinds.csv", format!("k,v\ncard.pan,{}\nnet.ip,11.0.0.1\nother,x\n", card(1)));
    let source = "--kind-column k --value-column v --input kinds.csv --expect-rows";
    coalition.done("a", &format!("dry-run {source} 3"));
    refused(&coalition, &format!("dry-run {source} 2"), 1);
}

#[test]
fn empty_lines_have_no_number_and_are_counted_aloud() {
    let coalition = Coalition::new(&["a", "b"], false, "--at-least 2 --kind card.pan");
    // Three before the header, two behind row 1, one at the end; a quoted one is text.
    let export = |end: &str| {
        let lines = ["", "", "", "card", &card(1), "", "", "\"", "\"", &card(2), ""];
        lines.map(|line| line.to_owned() + end).concat()
    };
    for (end, quotes) in ["\n", "\r\n", "\r"].into_iter().flat_map(|end| [(end, ""), (end, "--no-quotes")]) {
        let rows = if quotes.is_empty() { 3 } else { 4 };
        coalition.write("a", "rows.csv", export(end));
        let source = format!("{COLUMN} --input rows.csv {quotes} --expect-rows {rows}");
        let text = coalition.done("a", &format!("dry-run {source}")).stdout;
        assert!(text.starts_with(&format!("card.pan/1: {rows} rows, 2 accepted")), "{text}");
        assert!(text.contains("  6 empty lines are no rows and have no row number"), "{text}");
        assert!(text.contains("row 2, line 8: ") && !text.contains("row 1, "), "{text}");
        let json = coalition.done("a", &format!("dry-run {source} --summary json")).stdout;
        assert_eq!(serde_json::from_str::<Value>(&json).unwrap()[0]["empty_lines"], 6);
        for memory in ["", "--memory 64MiB"] {
            let said = coalition.done("a", &tokenize(&coalition, &format!("{source} {memory}"))).stderr;
            assert!(said.contains("card.pan/1: 6 empty lines are no rows and have no row number"), "{said}");
        }
    }
    for (lines, rows, empty) in [
        (format!("\n\r\n{}\n\n{}\r\n\r\n", card(1), card(2)), 2, 4),
        (format!("{}\n{}", card(1), card(2)), 2, 0),
        ("\n".repeat(600_000), 0, 600_000),
    ] {
        let profile =
            Profile::read(&Canonicalizer::new(Kind::CardPan), Rows::lines(lines.as_bytes())).unwrap();
        assert_eq!((profile.counters().rows, profile.oddities().empty_lines), (rows, empty));
    }
    // As many rows as one block has: the empty lines come behind the last.
    let full = format!("card\n{}{}", format!("{}\n", card(1)).repeat(4096), "\r\n".repeat(20_000));
    let rows = CsvRows::new(full.as_bytes());
    let profile = Profile::read(&Canonicalizer::new(Kind::CardPan), rows).unwrap();
    assert_eq!((profile.counters().rows, profile.oddities().empty_lines), (4096, 20_000));
}

#[test]
fn resolve_says_how_many_empty_lines_its_row_numbers_leave_out() {
    let coalition = Coalition::new(&["a", "b"], false, "--at-least 2 --kind card.pan");
    let mut sets = Vec::new();
    for who in ["a", "b"] {
        coalition.write(who, "rows.csv", format!("card\n\n{}\n", card(1)));
        sets.extend(coalition.tokenize(who, COLUMN));
    }
    assert_eq!(coalition.intersect(&sets).code, Some(0));
    coalition.carry(HUB, "result/a.card.pan-1.vsh", "a", "share");
    let resolve = format!("resolve {} {COLUMN} --input rows.csv --share share", coalition.part("a"));
    let run = coalition.done("a", &resolve);
    assert!(run.stdout.contains("\n1,3,card.pan/1,2,"), "{}", run.stdout);
    assert!(
        run.stderr.contains("card.pan/1: 1 empty lines are no rows and have no row number"),
        "{}",
        run.stderr
    );
}

// --- Headers --------------------------------------------------------------------------------------------

#[test]
fn a_first_row_is_not_taken_for_the_header() {
    let coalition = coalition("rows.csv", &format!("{},11.0.0.1\n{},11.0.0.2\n", card(1), card(2)));
    let source = "--kind card.pan --input rows.csv";
    for command in [format!("dry-run {source}"), tokenize(&coalition, source)] {
        let said = refused(&coalition, &command, 1);
        assert!(said.contains("is what a row of card.pan/1 has there; expected --no-header"), "{said}");
        assert!(!said.contains("9999"), "{said}");
    }
    assert!(!coalition.file("a", "sets").exists());
    let first = coalition.done("a", &format!("dry-run {source} --no-header")).stdout;
    assert!(first.starts_with("card.pan/1: 2 rows, 2 accepted"), "{first}");
    let columns = "--column 1=card.pan --column 2=net.ip --no-header --input rows.csv";
    let said = coalition.done("a", &tokenize(&coalition, columns)).stderr;
    assert!(
        said.contains("card.pan/1: 2 rows, 2 accepted") && said.contains("net.ip/1: 2 rows, 2 accepted"),
        "{said}"
    );
    // A suppressed identifier is one too.
    coalition.write("a", "rows.csv", format!("4111 1111 1111 1111\n{}\n", card(2)));
    refused(&coalition, &format!("dry-run {source}"), 1);

    coalition.write("a", "kinds.csv", format!("card.pan,{}\nnet.ip,11.0.0.1\n", card(1)));
    let by_number = "--kind-column 1 --value-column 2 --no-header --input kinds.csv";
    let read = coalition.done("a", &format!("dry-run {by_number}")).stdout;
    assert!(
        read.contains("card.pan/1: 1 rows, 1 accepted") && read.contains("net.ip/1: 1 rows, 1 accepted"),
        "{read}"
    );
}

#[test]
fn a_header_that_could_be_an_identifier_is_told_by_its_name() {
    let coalition = coalition("rows.csv", "customer\nx-1\nx-2\n");
    let said = refused(&coalition, "dry-run --kind opaque.customer --input rows.csv", 1);
    assert!(said.contains("or else the column by its name"), "{said}");
    let read = coalition.done("a", "dry-run --column customer=opaque.customer --input rows.csv").stdout;
    assert!(read.starts_with("opaque.customer/1: 2 rows, 2 accepted"), "{read}");
}

#[test]
fn a_dry_run_asks_whether_the_first_row_of_an_opaque_kind_is_a_header() {
    const ASKS: &str = "the first row has letters alone, as a header has";
    let coalition = coalition("lines.txt", "customer_id\nx-1\nx-2\n");
    let lines = "dry-run --kind opaque.customer --input lines.txt";
    let read = coalition.done("a", lines).stdout;
    assert!(read.contains("3 rows, 3 accepted") && read.contains(ASKS), "{read}");
    let json = coalition.done("a", &format!("{lines} --summary json")).stdout;
    let mistakes = &serde_json::from_str::<Value>(&json).unwrap()[0]["mistakes"];
    assert_eq!(*mistakes, serde_json::json!([{"code": "header", "rows": 1, "of": 3}]));
    let bare = coalition.done("a", &format!("{lines} --format csv --no-header")).stdout;
    assert!(bare.contains(ASKS), "{bare}");
    // Not where the input has a header, the value has a digit, or the kind rejects words.
    for (rows, arguments) in [
        ("x-1\ncustomer\n", "--kind opaque.customer"),
        ("id\nSmith\n", "--column id=opaque.customer"),
        ("customer\n", "--kind card.pan"),
    ] {
        coalition.write("a", "lines.txt", rows);
        let read = coalition.done("a", &format!("dry-run {arguments} --input lines.txt")).stdout;
        assert!(!read.contains("as a header has"), "{read}");
    }
}

#[test]
fn what_cannot_be_meant_of_an_export_is_refused() {
    let coalition = coalition("rows.csv", &customers(3, "name"));
    coalition.write("a", "lines.txt", card(1));
    for option in ["--delimiter ;", "--no-header", "--no-quotes", "--quoted-lines 3"] {
        let said = refused(&coalition, &format!("dry-run --kind card.pan --input lines.txt {option}"), 2);
        assert!(said.contains("need a CSV export"), "{said}");
    }
    for column in ["card", "0", "1.5", "1,2", ""] {
        let arguments = format!("dry-run --column {column}=card.pan --no-header --input rows.csv");
        let said = refused(&coalition, &arguments, 2);
        assert!(said.contains("a column is given by its number, from 1"), "{said}");
    }
    refused(&coalition, "dry-run --kind card.pan --input rows.csv --quoted-lines 0", 2);
    refused(&coalition, "dry-run --kind card.pan --input rows.csv --quoted-lines 3 --no-quotes", 2);
    let mut command = coalition.command("a", "dry-run --kind card.pan --input rows.csv");
    command.args(["--delimiter", "\""]);
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stderr).unwrap().contains("expected a delimiter that is neither"));
}
