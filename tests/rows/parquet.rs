//! Columns of Parquet files: the same as their values, in whatever way they are written, or an error that says where.

use std::sync::Arc;

use parquet::basic::Compression;
use parquet::column::writer::ColumnWriter;
use parquet::file::properties::WriterVersion;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use proptest::prelude::*;
use veilmatch::member::identifier::{Canonicalizer, Kind};
use veilmatch::member::profile::Profile;
use veilmatch::member::resolve::resolve;
use veilmatch::member::rows::{ParquetRows, Rows};
use veilmatch::{Disclosure, Error, Intersection, Reason};

use crate::support::hub::name;
use crate::support::member::tokenizer;
use crate::support::parquet::{Way, empty_file, file_of};

fn way() -> impl Strategy<Value = Way> {
    let encoding = prop::sample::select(Way::ENCODINGS.to_vec());
    let compression = prop::sample::select(Way::compressions().to_vec());
    let version = prop::sample::select(vec![WriterVersion::PARQUET_1_0, WriterVersion::PARQUET_2_0]);
    (1..90usize, 1..40usize, encoding, compression, version).prop_map(
        |(group, page_rows, encoding, compression, version)| Way {
            group,
            page_rows,
            encoding,
            compression,
            version,
        },
    )
}

fn values(nulls: u32) -> impl Strategy<Value = Vec<Option<String>>> {
    let value = prop_oneof![
        6 => "99991000000015[0-9]{2}".prop_map(Some),
        1 => Just(Some(String::new())),
        1 => "[ -~]{0,40}".prop_map(Some),
        nulls => Just(None),
    ];
    prop::collection::vec(value, 0..200)
}

fn text(value: &Option<String>) -> &[u8] {
    value.as_deref().unwrap_or_default().as_bytes()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn a_column_gives_what_its_values_give_however_it_is_written(
        values in prop_oneof![values(0), values(2)], way in way(), threads in 1..4usize
    ) {
        let tokenizer = tokenizer(Kind::CardPan);
        let file = file_of(&[("other", &values), ("card", &values)], &way);
        let rows = || Rows::from(ParquetRows::new(file.clone()).unwrap().value_column("card"));
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let found = pool.install(|| tokenizer.tokenize(&name("a"), rows().expect_rows(values.len() as u64))).unwrap();
        let expected = tokenizer.tokenize(&name("a"), Rows::values(values.iter().map(text))).unwrap();
        prop_assert_eq!(found.set, expected.set);
        prop_assert_eq!(&found.rejections, &expected.rejections);
        let places: Vec<_> = found.rejections.iter().map(|rejection| rejection.place).collect();
        for (place, value) in places.iter().zip(rows().select(&places).unwrap()) {
            prop_assert_eq!(value.as_slice(), text(&values[place.row as usize - 1]));
        }
    }

    #[test]
    fn rows_of_a_kind_are_those_that_another_column_names(
        rows in prop::collection::vec((0..4usize, values(1).prop_map(|mut of| of.pop().flatten())), 0..60), way in way()
    ) {
        const NAMED: [&str; 4] = ["card.pan", " bank.iban/1", "nothing", ""];
        let kinds: Vec<_> = rows.iter().map(|(kind, _)| Some(NAMED[*kind].to_owned())).collect();
        let values: Vec<_> = rows.iter().map(|(_, value)| value.clone()).collect();
        let file = ParquetRows::new(file_of(&[("kind", &kinds), ("value", &values)], &way)).unwrap();
        let of = |kind| Canonicalizer::new(kind);
        let cards = Profile::read(&of(Kind::CardPan), file.clone().value_column("value").kind_column("kind", Kind::CardPan));
        let cards = cards.unwrap();
        let ibans = file.clone().value_column("value").kind_column_with_unknown("kind", Kind::BankIban);
        let ibans = Profile::read(&of(Kind::BankIban), ibans).unwrap();
        let count = |wanted: &[usize]| rows.iter().filter(|(kind, _)| wanted.contains(kind)).count() as u64;
        prop_assert_eq!(cards.counters().rows, count(&[0]));
        prop_assert_eq!(ibans.counters().rows, count(&[1, 2, 3]));
        prop_assert_eq!(ibans.counters().rejected.of(Reason::UnknownKind), count(&[2, 3]));
        for rejected in cards.rejections() {
            prop_assert_eq!(rows[rejected.place.row as usize - 1].0, 0);
        }
        let mut there: Vec<Kind> = [(1, Kind::BankIban), (0, Kind::CardPan)].into_iter().filter(|(at, _)| count(&[*at]) > 0).map(|(_, kind)| kind).collect();
        there.sort_by_key(|kind| kind.kind_id().as_str().to_owned());
        prop_assert_eq!(file.kinds("kind").unwrap(), there);
    }
}

fn cards(rows: usize) -> Vec<Option<String>> {
    let card = |at: usize| if at.is_multiple_of(3) { "9999100000001562" } else { "9999100000002933" };
    (0..rows).map(|at| Some(card(at).to_owned())).collect()
}

#[test]
fn a_row_group_larger_than_a_piece_is_read_in_parts_or_whole() {
    let many = cards(600_000);
    let tokenizer = tokenizer(Kind::CardPan);
    // Small pages are read in parts; one large page is not decompressed for each.
    for page_rows in [20_000, 550_000] {
        let file = file_of(&[("card", &many)], &Way { group: 550_000, page_rows, ..Way::plain() });
        let rows = || ParquetRows::new(file.clone()).unwrap();
        let found = tokenizer.tokenize(&name("a"), rows()).unwrap();
        assert_eq!((found.set.counters().accepted, found.set.len()), (600_000, 2));
        let first = tokenizer.tokenize(&name("a"), rows().first(570_001)).unwrap();
        assert_eq!(first.set.counters().rows, 570_001);
        let place = |row| veilmatch::Place { input: 0, row, line: row };
        let shown = Rows::from(rows()).select(&[place(262_145), place(600_000)]).unwrap();
        assert_eq!(shown[0].as_slice(), text(&many[262_144]));
        assert_eq!(shown[1].as_slice(), text(&many[599_999]));
    }
}

#[test]
fn integers_with_and_without_a_sign_are_read_in_decimal_digits() {
    for (of, expected) in [("UINT_64", "18446744073709551615"), ("INT_64", "-1")] {
        let schema = parse_message_type(&format!("message schema {{ required int64 id ({of}); }}")).unwrap();
        let mut file = SerializedFileWriter::new(Vec::new(), Arc::new(schema), Arc::default()).unwrap();
        let mut group = file.next_row_group().unwrap();
        let mut column = group.next_column().unwrap().unwrap();
        let ColumnWriter::Int64ColumnWriter(out) = column.untyped() else { panic!("not of integers") };
        out.write_batch(&[-1], None, None).unwrap();
        column.close().unwrap();
        group.close().unwrap();
        let rows = ParquetRows::new(file.into_inner().unwrap()).unwrap().with_integers();
        let place = veilmatch::Place { input: 0, row: 1, line: 1 };
        assert_eq!(Rows::from(rows).select(&[place]).unwrap()[0].as_slice(), expected.as_bytes());
    }
}

#[test]
fn rows_are_resolved_where_they_stand_in_the_file() {
    let tokenizer = tokenizer(Kind::CardPan);
    let file = file_of(&[("card", &cards(250))], &Way::plain());
    let rows = || ParquetRows::new(file.clone()).unwrap();
    let ours = tokenizer.tokenize(&name("a"), rows()).unwrap().set;
    let theirs = tokenizer.tokenize(&name("b"), Rows::values(["9999100000001562"])).unwrap().set;
    let overlaps =
        Intersection::new().add(&ours).unwrap().add(&theirs).unwrap().at_least(2).unwrap().collect().unwrap();
    let share = overlaps.share(&name("a"), Disclosure::Holders).unwrap();
    let resolved = resolve(&tokenizer, &name("a"), &share, rows()).unwrap();
    let found: Vec<u64> = resolved.rows.iter().map(|found| found.place.row).collect();
    assert_eq!(found, (0..250).filter(|at| at % 3 == 0).map(|at| at + 1).collect::<Vec<_>>());
    let mut table = Vec::new();
    resolved.write_parquet(&share, &mut table).unwrap();
    let table = ParquetRows::new(table).unwrap();
    assert_eq!(table.columns(), ["input", "row", "line", "holders", "names"]);
    let places: Vec<_> =
        (1..=table.rows()).map(|row| veilmatch::Place { input: 0, row, line: row }).collect();
    let written = Rows::from(table.with_integers().value_column("row")).select(&places).unwrap();
    assert!(written.iter().zip(&found).all(|(text, row)| text.as_slice() == row.to_string().as_bytes()));
}

#[test]
fn a_file_without_rows_gives_none_and_one_without_the_column_is_refused() {
    let tokenizer = tokenizer(Kind::CardPan);
    let empty = ParquetRows::new(file_of(&[("card", &[])], &Way::plain())).unwrap();
    assert_eq!(tokenizer.tokenize(&name("a"), empty.clone()).unwrap().set.counters().rows, 0);
    let refused = |rows: ParquetRows| tokenizer.tokenize(&name("a"), rows).unwrap_err();
    assert!(matches!(refused(empty.clone().value_column("iban")), Error::MissingColumn { columns: 1 }));
    assert!(matches!(refused(empty.clone().value_column(2)), Error::MissingColumn { columns: 1 }));
    assert!(matches!(refused(empty.value_column(0)), Error::MissingColumn { .. }));
    let twice = empty_file("required binary card (STRING); required binary card (STRING);");
    assert!(matches!(refused(ParquetRows::new(twice).unwrap().value_column("card")), Error::RepeatedColumn));
}

#[test]
fn a_column_of_another_type_is_refused_by_name_and_type() {
    let schema = "optional int64 phone; optional int32 small (DATE); optional binary price (DECIMAL(9, 2)); \
                  optional fixed_len_byte_array(16) id; optional group cards (LIST) { repeated group list { optional \
                  binary element (STRING); } } optional group inner { optional binary card (STRING); } repeated binary many;";
    let file = ParquetRows::new(empty_file(schema)).unwrap();
    assert_eq!(file.columns(), ["phone", "small", "price", "id", "cards", "inner", "many"]);
    let tokenizer = tokenizer(Kind::CardPan);
    let refused = |rows: ParquetRows| tokenizer.tokenize(&name("a"), rows).unwrap_err().to_string();
    for (column, found) in [
        ("phone", "INT64"),
        ("small", "INT32 (Date)"),
        ("price", "BYTE_ARRAY (Decimal"),
        ("id", "FIXED_LEN_BYTE_ARRAY"),
        ("cards", "a list or struct"),
        ("inner", "a list or struct"),
        ("many", "repeated BYTE_ARRAY"),
    ] {
        let message = refused(file.clone().value_column(column));
        assert!(message.contains(&format!("{column:?}")) && message.contains(found), "{message}");
    }
    // Integers are read where they are asked for, and other numbers are not.
    assert!(tokenizer.tokenize(&name("a"), file.clone().with_integers().value_column("phone")).is_ok());
    assert!(refused(file.with_integers().value_column("small")).contains("INT32 (Date)"));
}

/// A table that was made from an export without a header has a row in the place of names.
#[test]
fn a_name_that_a_row_may_have_is_refused_and_not_shown() {
    let rows = |schema: &str| ParquetRows::new(empty_file(schema)).unwrap();
    let tokenizer = tokenizer(Kind::BankIban);
    let refused = |rows: ParquetRows| tokenizer.tokenize(&name("a"), rows).unwrap_err();
    let unnamed = rows("optional int64 other; optional binary DE89370400440532013000 (STRING);");
    assert!(matches!(refused(unnamed.clone().value_column(2)), Error::HeaderIsRow { .. }));
    assert!(tokenizer.tokenize(&name("a"), unnamed.value_column("DE89370400440532013000")).is_ok());
    let number = refused(rows("optional int64 x9999100000001562;")).to_string();
    assert!(number.contains("\"1\"") && !number.contains("9999100000001562"), "{number}");
}

#[test]
fn another_compression_is_refused_with_its_row_group() {
    let way = Way { compression: Compression::SNAPPY, ..Way::plain() };
    let file = file_of(&[("card", &cards(250))], &way);
    // The fields before and after the codec tell where it stands in the metadata. Snappy is 1, gzip 2, and both count twice.
    let codec = [0x15, 2, 0x16];
    let metadata =
        file.len() - 8 - u32::from_le_bytes(file[file.len() - 8..][..4].try_into().unwrap()) as usize;
    let places: Vec<usize> = (metadata..file.len()).filter(|at| file[*at..].starts_with(&codec)).collect();
    let refused = |file: Vec<u8>| {
        let rows = ParquetRows::new(file).unwrap();
        tokenizer(Kind::CardPan).tokenize(&name("a"), rows).map(|_| ()).unwrap_err()
    };
    let errors = places.iter().filter_map(|at| {
        let mut changed = file.clone();
        changed[at + 1] = 4;
        ParquetRows::new(changed.clone()).ok().map(|_| refused(changed).to_string())
    });
    let errors: Vec<String> = errors.collect();
    assert!(
        errors
            .iter()
            .any(|error| error.contains("compressed by gzip")
                && error.contains("row group 2, from row 101 on")),
        "{errors:?}"
    );
}

#[test]
fn damage_is_an_error_that_says_where_and_nothing_else() {
    let mut file =
        file_of(&[("card", &cards(250))], &Way { compression: Compression::SNAPPY, ..Way::plain() });
    file[10..60].fill(0xff);
    let tokenizer = tokenizer(Kind::CardPan);
    let message = match ParquetRows::new(file) {
        Ok(rows) => {
            tokenizer.tokenize(&name("a"), Rows::from(rows).named("cards.parquet")).unwrap_err().to_string()
        }
        Err(error) => error.at("cards.parquet").to_string(),
    };
    assert!(message.starts_with("cards.parquet: Parquet: ") && !message.contains("9999"), "{message}");
    let cut = file_of(&[("card", &cards(250))], &Way::plain());
    assert_eq!(ParquetRows::new(cut[..cut.len() - 1].to_vec()).unwrap_err().code(), "parquet");
    assert_eq!(ParquetRows::new(b"PAR1".to_vec()).unwrap_err().code(), "parquet");
}
