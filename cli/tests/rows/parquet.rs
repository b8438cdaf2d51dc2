//! Parquet files in the place of CSV exports: the same sets, the same list, the same refusals.

use std::fs;

use veilmatch::container::{ParquetCell, ParquetType, ParquetWriter};

use crate::support::coalition::{Coalition, HUB};

const TERMS: &str = "--at-least 2 --kind card.pan --kind bank.iban";
const COLUMNS: &str = "--column card=card.pan --column iban=bank.iban";

/// Customers with a card and an account; some of them without one, or with something else.
fn rows() -> Vec<[String; 3]> {
    let card = ["9999100000001562", "9999 1000 0000 2933", "", "no card, but \"text\"", "9999100000005266"];
    let iban = ["DE89 3704 0044 0532 0130 00", "de89370400440532013000", "DE88370400440532013000"];
    (0..200).map(|at| [(1000 + at).to_string(), card[at % 5].to_owned(), iban[at % 3].to_owned()]).collect()
}

fn csv(rows: &[[String; 3]]) -> String {
    let field = |text: &String| format!("\"{}\"", text.replace('"', "\"\""));
    let line = |row: &[String; 3]| row.iter().map(field).collect::<Vec<_>>().join(",") + "\n";
    "customer,card,iban\n".to_owned() + &rows.iter().map(line).collect::<String>()
}

/// The customer's number is an integer.
fn parquet(rows: &[[String; 3]]) -> Vec<u8> {
    let mut file = Vec::new();
    let columns =
        [("customer", ParquetType::Integer), ("card", ParquetType::Text), ("iban", ParquetType::Text)];
    let mut writer = ParquetWriter::begin(&columns, &[], &mut file).unwrap();
    for [customer, card, iban] in rows {
        let cells = [
            ParquetCell::Integer(customer.parse().unwrap()),
            ParquetCell::Text(card.as_bytes()),
            ParquetCell::Text(iban.as_bytes()),
        ];
        writer.push(&cells).unwrap();
    }
    writer.finish().unwrap();
    file
}

/// Member `a` has the same rows in both forms; the name of the Parquet file says nothing.
fn coalition() -> Coalition {
    let coalition = Coalition::new(&["a", "b"], false, TERMS);
    coalition.write("a", "rows.csv", csv(&rows()));
    coalition.write("a", "rows", parquet(&rows()));
    coalition.write("b", "rows.csv", csv(&rows()[..50]));
    coalition
}

/// The file without the date in its header, and without what that date changes at the end.
fn undated(coalition: &Coalition, name: &str) -> (serde_json::Value, Vec<u8>) {
    let bytes = fs::read(coalition.file("a", name)).unwrap();
    let mut header = crate::support::files::header_of(&bytes);
    header["created"] = 0.into();
    let end = 4096 + 16 * header["tokens"].as_u64().unwrap() as usize;
    (header, bytes[4096..end].to_vec())
}

fn forget_lines(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::Array(values) => values.iter_mut().for_each(forget_lines),
        serde_json::Value::Object(fields) => {
            fields.remove("line");
            fields.values_mut().for_each(forget_lines);
        }
        _ => {}
    }
}

#[test]
fn a_parquet_file_gives_the_sets_and_the_words_of_the_csv_export() {
    let coalition = coalition();
    let part = coalition.part("a");
    let tokenize = |input: &str, out: &str, more: &str| {
        coalition.done(
            "a",
            &format!("tokenize {part} {COLUMNS} --expect-rows 200 --input {input} --out {out} {more}"),
        )
    };
    let of_csv = tokenize("rows.csv", "of-csv", "");
    for (out, more) in
        [("plain", ""), ("stated", "--format parquet"), ("one", "--threads 1"), ("small", "--memory 4MiB")]
    {
        let of_parquet = tokenize("rows", out, more);
        for kind in ["card.pan-1.vms", "bank.iban-1.vms"] {
            let same = undated(&coalition, &format!("{out}/{kind}"))
                == undated(&coalition, &format!("of-csv/{kind}"));
            assert!(same, "{kind} {more}");
        }
        if more.is_empty() {
            assert_eq!(of_parquet.stderr, of_csv.stderr);
        }
    }
    // Standard input is known by its beginning too.
    let mut command = coalition.command("a", &format!("tokenize {part} {COLUMNS} --input - --out piped"));
    command.stdin(fs::File::open(coalition.file("a", "rows")).unwrap());
    assert!(command.status().unwrap().success());
    assert!(undated(&coalition, "piped/card.pan-1.vms") == undated(&coalition, "of-csv/card.pan-1.vms"));

    let profile = |input: &str| {
        coalition.done("a", &format!("dry-run {COLUMNS} --input {input} --summary json")).stdout
    };
    // A row of the export has a line of its own below the header, and rows of a table have none.
    let without_lines = |text: String| {
        let mut answers: serde_json::Value = serde_json::from_str(&text).unwrap();
        forget_lines(&mut answers);
        answers
    };
    assert!(without_lines(profile("rows")) == without_lines(profile("rows.csv")));
}

#[test]
fn a_parquet_file_is_resolved_as_the_csv_export_is_and_the_list_can_be_parquet() {
    let coalition = coalition();
    let mut sets = coalition.tokenize("b", COLUMNS);
    coalition.done("a", &format!("tokenize {} {COLUMNS} --input rows --out sets", coalition.part("a")));
    sets.extend(coalition.deliver("a", "sets"));
    coalition.intersect(&sets);
    let mut shares = String::new();
    for kind in ["card.pan-1", "bank.iban-1"] {
        let share = format!("a.{kind}.vsh");
        coalition.carry(HUB, &format!("result/{share}"), "a", &share);
        shares += &format!(" --share {share}");
    }
    let resolve = |more: &str| {
        let part = coalition.part("a");
        coalition
            .command(
                "a",
                &format!("resolve {part} {COLUMNS}{shares} --subject-column customer --with-values {more}"),
            )
            .output()
            .unwrap()
    };
    let text = |more: &str| String::from_utf8(resolve(more).stdout).unwrap();
    let (of_csv, of_parquet) = (text("--input rows.csv"), text("--input rows"));
    // Of the export, the line is one more than the row: it has a header.
    let without_lines = |text: &str| -> Vec<Vec<String>> {
        text.lines()
            .map(|line| {
                line.splitn(3, ',')
                    .enumerate()
                    .filter(|(at, _)| *at != 1)
                    .map(|(_, field)| field.to_owned())
                    .collect()
            })
            .collect()
    };
    assert_eq!(without_lines(&of_csv), without_lines(&of_parquet));
    assert!(of_csv.lines().count() > 100, "{of_csv}");

    let table = resolve("--input rows --list-format parquet").stdout;
    coalition.write("a", "list", &table);
    let table = veilmatch::member::rows::ParquetRows::new(table).unwrap();
    assert_eq!(table.columns(), of_csv.lines().next().unwrap().split(',').collect::<Vec<_>>());
    assert_eq!(table.rows() as usize, of_parquet.lines().count() - 1);
    let places: Vec<_> =
        (1..=table.rows()).map(|row| veilmatch::Place { input: 0, row, line: row }).collect();
    for (at, name) in [(0, "row"), (2, "kind"), (3, "holders"), (5, "subject")] {
        let column = table.clone().with_integers().value_column(name);
        let cells = veilmatch::member::rows::Rows::from(column).select(&places).unwrap();
        let fields = of_parquet.lines().skip(1).map(|line| line.split(',').nth(at).unwrap());
        assert!(cells.iter().map(|cell| std::str::from_utf8(cell).unwrap()).eq(fields), "{name}");
    }
}

#[test]
fn what_cannot_be_read_is_refused_before_anything_is_written() {
    let coalition = coalition();
    let tokenize =
        |more: &str| coalition.run("a", &format!("tokenize {} --out sets {more}", coalition.part("a")));
    let refused = |more: &str, expected: &[&str]| {
        let run = tokenize(more);
        assert_ne!(run.code, Some(0), "{more}");
        assert!(expected.iter().all(|part| run.stderr.contains(part)), "{more}: {}", run.stderr);
        assert!(!coalition.file("a", "sets").exists());
    };
    refused("--column customer=card.pan --input rows", &["rows", "\"customer\"", "INT64", "cast"]);
    refused("--column crad=card.pan --input rows", &["rows: expected a column \"crad\"", "\"card\""]);
    refused(
        &format!("{COLUMNS} --input rows rows.csv"),
        &["rows.csv: expected Parquet, as the other files are"],
    );
    refused(&format!("{COLUMNS} --input rows --delimiter ;"), &["--delimiter"]);
    refused(&format!("{COLUMNS} --input rows --encoding latin1"), &["--encoding", "Parquet"]);
    refused(&format!("{COLUMNS} --input rows --expect-rows 199"), &["expected 199 rows, got 200"]);
    refused(&format!("{COLUMNS} --input rows.csv --format parquet"), &["rows.csv: Parquet: "]);
    let whole = fs::read(coalition.file("a", "rows")).unwrap();
    coalition.write("a", "empty.parquet", "");
    refused(
        &format!("{COLUMNS} --input empty.parquet"),
        &["empty.parquet: expected Parquet, as its name says"],
    );
    coalition.write("a", "cut", &whole[..whole.len() / 2]);
    refused(&format!("{COLUMNS} --input cut"), &["cut: Parquet: "]);
    let share = coalition.run("a", &format!("screen {} --share none --format parquet", coalition.part("a")));
    assert_eq!(share.code, Some(1).filter(|_| !share.stderr.contains("Parquet")).or(Some(2)));
}

#[test]
fn a_configuration_is_begun_from_a_parquet_file() {
    let coalition = coalition();
    coalition.done("a", "config init --input rows --out veilmatch.toml");
    let text = fs::read_to_string(coalition.file("a", "veilmatch.toml")).unwrap();
    assert!(text.contains("\"card=card.pan\"") && text.contains("\"iban=bank.iban\""), "{text}");
    assert!(!text.contains("delimiter"), "{text}");
}

#[test]
fn a_set_is_exported_and_imported_as_it_was() {
    let coalition = coalition();
    coalition.done("a", &format!("tokenize {} {COLUMNS} --input rows --out sets", coalition.part("a")));
    let set = "sets/card.pan-1.vms";
    coalition.done("a", &format!("export {set} --out cards.parquet --log run.log"));
    coalition.done("a", "import cards.parquet --out again.vms --log run.log");
    let read = |name: &str| fs::read(coalition.file("a", name)).unwrap();
    assert!(read(set) == read("again.vms"));
    // Only what this program has exported is replaced.
    assert_ne!(coalition.run("a", &format!("export {set} --out rows.csv --force")).code, Some(0));
    coalition.done("a", &format!("export {set} --out cards.parquet --force"));
    // `rows` is a table of this program too, but not one of tokens.
    assert_ne!(coalition.run("a", &format!("export {set} --out rows --force")).code, Some(0));
    let other = coalition.run("a", "export round.json --out round.parquet");
    assert!(other.stderr.contains("a set, overlaps or a share"), "{}", other.stderr);
    let none = coalition.run("a", "import rows --out none.vms");
    assert!(
        none.stderr.contains("veilmatch.header") && !coalition.file("a", "none.vms").exists(),
        "{}",
        none.stderr
    );
    // The run record has no plain digest of open tokens: whoever has the secret could try guesses.
    let log = fs::read_to_string(coalition.file("a", "run.log")).unwrap();
    let plain = crate::support::files::hex(&crate::support::files::sha256(&[&read("cards.parquet")]));
    assert!(!log.contains(&plain) && log.contains("cards.parquet"), "{log}");
}

#[test]
fn a_hub_exports_a_sealed_set_and_a_member_its_share() {
    let coalition = Coalition::new(&["a", "b"], true, TERMS);
    let mut sets = Vec::new();
    for who in ["a", "b"] {
        coalition.write(who, "rows.csv", csv(&rows()));
        sets.extend(coalition.tokenize(who, COLUMNS));
    }
    coalition.intersect(&sets);
    let set = &sets[0];
    assert_ne!(coalition.run(HUB, &format!("export {set} --out set.parquet")).code, Some(0));
    coalition.done(HUB, &format!("export --identity own.key {set} --out set.parquet --log run.log"));
    coalition.carry(HUB, "result/a.card.pan-1.vsh", "a", "share");
    coalition.done("a", "export --identity own.key share --out share.parquet");
    // What comes back is not signed, so the hub of this round does not take it.
    coalition.done(HUB, "import set.parquet --out unsigned.vms");
    let unsigned = coalition.run(HUB, "verify --round round.json --identity own.key unsigned.vms");
    assert_ne!(unsigned.code, Some(0), "{}", unsigned.stderr);
}

#[test]
fn the_run_record_states_the_parquet_file_that_was_read() {
    let coalition = coalition();
    coalition.done(
        "a",
        &format!("tokenize {} {COLUMNS} --input rows --out sets --log run.log", coalition.part("a")),
    );
    let log = fs::read_to_string(coalition.file("a", "run.log")).unwrap();
    let line: serde_json::Value = serde_json::from_str(log.lines().last().unwrap()).unwrap();
    let stated =
        line["inputs"].as_array().unwrap().iter().find(|input| input["name"] == "rows").expect("stated");
    let nonce = fs::read_to_string(coalition.file("a", "rows.nonce")).unwrap();
    let byte = |at: usize| u8::from_str_radix(&nonce[2 * at..2 * at + 2], 16).unwrap();
    let nonce: Vec<u8> = (0..32).map(byte).collect();
    let digest = crate::support::files::sha256(&[&nonce, &fs::read(coalition.file("a", "rows")).unwrap()]);
    assert_eq!(stated["digest"], crate::support::files::hex(&digest));
}
