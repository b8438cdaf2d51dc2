//! Exports with a kind a row: the same sets as from a column a kind, row numbers of the file, and rows of no kind
//! counted once.

use crate::support::hub::name;
use crate::support::member::{on_threads, tokenizer, wallet};
use veilmatch::member::identifier::{Canonicalizer, Kind};
use veilmatch::member::profile::Profile;
use veilmatch::member::rows::{Column, Rows};
use veilmatch::{Error, Reason, Rejection};

fn column(name: &str) -> Column {
    Column::Named(name.to_owned())
}

fn of_kind(export: &str, kind: Kind) -> Rows<'_> {
    Rows::csv_of_kind(export.as_bytes(), column("kind"), column("value"), kind)
}

const EXPORT: &str = "id,kind,value\n\
                      1,card.pan,9999 1000 0000 1562\n\
                      2,bank.iban/1,DE88370400440532013000\n\
                      3,nonsense,x\n\
                      4, card.pan/1 ,9999-1000-0000-1562\n\
                      5,card.pan\n\
                      6\n\
                      7,card.pan/2,9999100000002933\n\
                      8,CARD.PAN,9999100000002933\n\
                      9,bank.iban,DE89 3704 0044 0532 0130 00\n\
                      10,,9999100000002933\n";

#[test]
fn rows_of_a_kind_keep_the_numbers_that_they_have_in_the_file() {
    let read = |rows| tokenizer(Kind::CardPan).tokenize(&name("a"), rows, &()).unwrap();
    let cards = read(of_kind(EXPORT, Kind::CardPan));
    let counters = cards.set.counters();
    assert_eq!((counters.rows, counters.accepted, cards.set.len()), (3, 2, 1));
    assert_eq!(cards.rejections, [Rejection { row: 5, reason: Reason::MissingField }]);

    let ibans = tokenizer(Kind::BankIban).tokenize(&name("a"), of_kind(EXPORT, Kind::BankIban), &()).unwrap();
    assert_eq!((ibans.set.counters().rows, ibans.set.len()), (2, 1));
    assert_eq!(ibans.rejections, [Rejection { row: 2, reason: Reason::Checksum }]);
    let none = of_kind(EXPORT, Kind::NetIp);
    assert_eq!(profile(Kind::NetIp, none).counters().rows, 0);
}

fn profile(kind: Kind, rows: Rows<'_>) -> Profile {
    Profile::read(&Canonicalizer::new(kind), rows, &()).unwrap()
}

#[test]
fn rows_that_name_no_kind_are_counted_where_the_caller_says_and_only_there() {
    let plain = profile(Kind::BankIban, of_kind(EXPORT, Kind::BankIban));
    let with = profile(Kind::BankIban, of_kind(EXPORT, Kind::BankIban).rejecting_unknown_kinds());
    assert_eq!(plain.counters().rejected.of(Reason::UnknownKind), 0);
    assert_eq!(with.counters().rejected.of(Reason::UnknownKind), 5);
    assert_eq!(with.counters().rows, plain.counters().rows + 5);
    let rows: Vec<u64> = with
        .rejections()
        .iter()
        .filter(|rejection| rejection.reason == Reason::UnknownKind)
        .map(|rejection| rejection.row)
        .collect();
    assert_eq!(rows, [3, 6, 7, 8, 10]);
    assert!(with.hints()[0].to_string().starts_with("5 of 7 rows (71 %) name no kind of this build"));
    assert_eq!(Reason::UnknownKind.code(), 13);
    // Where every row is of the kind there is nothing to count.
    let lines = profile(Kind::BankIban, Rows::lines(&b"x\n"[..]).rejecting_unknown_kinds());
    assert_eq!(lines.counters().rejected.of(Reason::UnknownKind), 0);
}

#[test]
fn the_kinds_of_an_export_are_those_that_its_rows_name() {
    let kinds = |export: &str| Rows::csv(export.as_bytes(), column("kind")).kinds().unwrap();
    assert_eq!(kinds(EXPORT), [Kind::BankIban, Kind::CardPan]);
    assert_eq!(kinds("kind,value\nnonsense,x\n"), []);
    assert_eq!(kinds("kind\nphone.e164\nphone.e164/1\nbank.iban\n"), [Kind::BankIban, Kind::PhoneE164]);
    let missing = Rows::csv(EXPORT.as_bytes(), column("type")).kinds();
    assert!(matches!(missing, Err(Error::MissingColumn { columns: 3 })));
    for (kinds, values) in [("type", "value"), ("kind", "number")] {
        let rows = Rows::csv_of_kind(EXPORT.as_bytes(), column(kinds), column(values), Kind::CardPan);
        let failed = Profile::read(&Canonicalizer::new(Kind::CardPan), rows, &());
        assert!(matches!(failed, Err(Error::MissingColumn { columns: 3 })), "{kinds} {values}");
    }
}

#[test]
fn raw_values_are_selected_by_the_numbers_of_the_file() {
    let select = |rows: &[u64]| of_kind(EXPORT, Kind::CardPan).select(rows);
    let values = select(&[1, 4, 5]).unwrap();
    let values: Vec<&[u8]> = values.iter().map(|value| value.as_slice()).collect();
    let (first, second): (&[u8], &[u8]) = (b"9999 1000 0000 1562", b"9999-1000-0000-1562");
    assert_eq!(values, [first, second, b""]);
    for (rows, problem) in [
        (&[1, 2][..], "row 2 is of another kind than when it was read before"),
        (&[4, 11], "the input has 10 rows, fewer than when it was read before"),
    ] {
        assert_eq!(select(rows).unwrap_err().to_string(), problem);
    }
}

/// Three kinds, a column each; and the same values one a row, kinds in turn or in runs, some rows of no kind among them.
fn exports(rows: u64, in_runs: bool) -> (String, String) {
    let ip = |n: u64| format!("11.{}.{}.{}", n >> 16 & 255, n >> 8 & 255, n & 255);
    let values = |n: u64| {
        [
            ("crypto.evm", if n.is_multiple_of(3) { wallet(n).to_uppercase() } else { wallet(n % 5_000) }),
            ("net.ip/1", if n % 11 == 5 { "no address".to_owned() } else { ip(n) }),
            ("email.strict", format!("Person.{n}@example.org")),
        ]
    };
    let (mut columns, mut each) = ("wallet,address,mail\n".to_owned(), "kind,value\n".to_owned());
    for n in 0..rows {
        columns += &(values(n).map(|(_, value)| value).join(",") + "\n");
    }
    let line = |(kind, value): &(&str, String)| format!("{kind},{value}\n");
    if in_runs {
        for kind in 0..3 {
            (0..rows).for_each(|n| each += &line(&values(n)[kind]));
        }
    } else {
        for n in 0..rows {
            each.extend(values(n).iter().map(line));
            each += if n.is_multiple_of(100) { "customer,anyone\n" } else { "" };
        }
    }
    (columns, each)
}

#[test]
fn both_layouts_give_the_same_sets_in_any_number_of_threads() {
    for in_runs in [false, true] {
        let (columns, each) = exports(20_000, in_runs);
        for (kind, named) in
            [(Kind::CryptoEvm, "wallet"), (Kind::NetIp, "address"), (Kind::EmailStrict, "mail")]
        {
            let tokenizer = tokenizer(kind);
            let read = |threads, rows| {
                on_threads(threads, || tokenizer.tokenize(&name("a"), rows, &()).unwrap().set)
            };
            let expected = read(1, Rows::csv(columns.as_bytes(), column(named)));
            for threads in [1, 2, 8] {
                assert!(read(threads, of_kind(&each, kind)) == expected, "{kind}, {threads} threads");
            }
        }
    }
}

#[cfg(feature = "cli")]
mod by_the_program {
    use std::fs;

    use super::exports;
    use crate::support::coalition::{Coalition, HUB};

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
            let [a, b] =
                ["a", "b"].map(|who| fs::read(coalition.file(who, &format!("sets/{file}"))).unwrap());
            let tokens = |set: &[u8]| {
                let end =
                    4096 + 16 * crate::support::files::header_of(set)["tokens"].as_u64().unwrap() as usize;
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
            let (number, kind, value) = (fields[0].parse::<usize>().unwrap(), fields[1], fields[4]);
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
        assert_eq!(answers[0]["rejected_rows_by_reason"]["unknown_kind"], serde_json::json!([4, 305, 606]));
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
            (format!("dry-run {OWN_ROWS} --input ../a/rows.csv"), 1, "no such column"),
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
}
