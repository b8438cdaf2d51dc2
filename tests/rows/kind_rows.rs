//! Exports with a kind a row: the same sets as from a column a kind, row numbers of the file, and rows of no kind
//! counted once.

use crate::support::exports::exports;
use crate::support::hub::name;
use crate::support::member::{on_threads, tokenizer};
use veilmatch::member::identifier::{Canonicalizer, Kind};
use veilmatch::member::profile::Profile;
use veilmatch::member::rows::{Column, CsvRows, Rows};
use veilmatch::{Error, Place, Reason, Rejection};

fn column(name: &str) -> Column {
    Column::Named(name.to_owned())
}

fn of_kind(export: &str, kind: Kind) -> CsvRows<'_> {
    CsvRows::new(export.as_bytes()).kind_column(column("kind"), kind).value_column(column("value"))
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

/// A row below the header, each on one line.
fn place(row: u64) -> Place {
    Place { input: 0, row, line: row + 1 }
}

#[test]
fn rows_of_a_kind_keep_the_numbers_that_they_have_in_the_file() {
    let read = |rows| tokenizer(Kind::CardPan).tokenize(&name("a"), rows).unwrap();
    let cards = read(of_kind(EXPORT, Kind::CardPan));
    let counters = cards.set.counters();
    assert_eq!((counters.rows, counters.accepted, cards.set.len()), (3, 2, 1));
    assert_eq!(cards.rejections, [Rejection { place: place(5), reason: Reason::MissingField }]);

    let ibans = tokenizer(Kind::BankIban).tokenize(&name("a"), of_kind(EXPORT, Kind::BankIban)).unwrap();
    assert_eq!((ibans.set.counters().rows, ibans.set.len()), (2, 1));
    assert_eq!(ibans.rejections, [Rejection { place: place(2), reason: Reason::Checksum }]);
    let none = of_kind(EXPORT, Kind::NetIp);
    assert_eq!(profile(Kind::NetIp, none).counters().rows, 0);
}

fn profile<'r>(kind: Kind, rows: impl Into<Rows<'r>>) -> Profile {
    Profile::read(&Canonicalizer::new(kind), rows).unwrap()
}

#[test]
fn rows_that_name_no_kind_are_counted_where_the_caller_says_and_only_there() {
    let plain = profile(Kind::BankIban, of_kind(EXPORT, Kind::BankIban));
    let with = profile(
        Kind::BankIban,
        of_kind(EXPORT, Kind::BankIban).kind_column_with_unknown("kind", Kind::BankIban),
    );
    assert_eq!(plain.counters().rejected.of(Reason::UnknownKind), 0);
    assert_eq!(with.counters().rejected.of(Reason::UnknownKind), 5);
    assert_eq!(with.counters().rows, plain.counters().rows + 5);
    let rows: Vec<u64> = with
        .rejections()
        .iter()
        .filter(|rejection| rejection.reason == Reason::UnknownKind)
        .map(|rejection| rejection.place.row)
        .collect();
    assert_eq!(rows, [3, 6, 7, 8, 10]);
    assert!(with.hints()[0].to_string().starts_with("5 of 7 rows (71 %) name no kind of this build"));
    assert_eq!(Reason::UnknownKind.code(), 13);
}

#[test]
fn the_kinds_of_an_export_are_those_that_its_rows_name() {
    let kinds = |export: &str| CsvRows::new(export.as_bytes()).kinds("kind").unwrap();
    assert_eq!(kinds(EXPORT), [Kind::BankIban, Kind::CardPan]);
    assert_eq!(kinds("kind,value\nnonsense,x\n"), []);
    assert_eq!(kinds("kind\nphone.e164\nphone.e164/1\nbank.iban\n"), [Kind::BankIban, Kind::PhoneE164]);
    let missing = CsvRows::new(EXPORT.as_bytes()).kinds("type");
    assert!(matches!(missing, Err(Error::MissingColumn { columns: 3 })));
    for (kinds, values) in [("type", "value"), ("kind", "number")] {
        let rows = CsvRows::new(EXPORT.as_bytes())
            .kind_column(column(kinds), Kind::CardPan)
            .value_column(column(values));
        let failed = Profile::read(&Canonicalizer::new(Kind::CardPan), rows);
        assert!(matches!(failed, Err(Error::MissingColumn { columns: 3 })), "{kinds} {values}");
    }
}

#[test]
fn raw_values_are_selected_by_the_numbers_of_the_file() {
    let select = |rows: &[u64]| {
        let places: Vec<Place> = rows.iter().map(|row| place(*row)).collect();
        Rows::from(of_kind(EXPORT, Kind::CardPan)).select(&places)
    };
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

#[test]
fn both_layouts_give_the_same_sets_in_any_number_of_threads() {
    for in_runs in [false, true] {
        let (columns, each) = exports(20_000, in_runs);
        for (kind, named) in
            [(Kind::CryptoEvm, "wallet"), (Kind::NetIp, "address"), (Kind::EmailStrict, "mail")]
        {
            let tokenizer = tokenizer(kind);
            let read = |threads, rows: CsvRows<'_>| {
                on_threads(threads, || tokenizer.tokenize(&name("a"), rows).unwrap().set)
            };
            let expected = read(1, CsvRows::new(columns.as_bytes()).value_column(column(named)));
            for threads in [1, 2, 8] {
                assert!(read(threads, of_kind(&each, kind)) == expected, "{kind}, {threads} threads");
            }
        }
    }
}
