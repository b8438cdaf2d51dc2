//! Several files and columns as one input, and files in another encoding.

use veilmatch::member::identifier::{Canonicalizer, Kind};
use veilmatch::member::profile::{Finding, Profile};
use veilmatch::member::resolve::resolve;
use veilmatch::member::rows::{CsvRows, Rows};
use veilmatch::{Disclosure, Error, Intersection, Place};

use crate::support::hub::name;
use crate::support::member::tokenizer;

const JANUARY: &str = "id,card,second\n1,9999 1000 0000 1562,\n\n2,no card,9999100000002933\n";
const FEBRUARY: &str = "id,card,second\n3,9999100000002933,9999100000001562\n";

fn column<'a>(export: &'a str, of: &str) -> Rows<'a> {
    CsvRows::new(export.as_bytes()).value_column(of).into()
}

/// Both columns of both files.
fn all() -> Rows<'static> {
    let both =
        |of: &str| column(JANUARY, of).named("january.csv").chain(column(FEBRUARY, of).named("february.csv"));
    both("card").chain(both("second"))
}

/// Input, row and line of each.
fn places<'a>(places: impl IntoIterator<Item = &'a Place>) -> Vec<(usize, u64, u64)> {
    places.into_iter().map(|place| (place.input, place.row, place.line)).collect()
}

#[test]
fn several_inputs_give_the_set_of_all_their_rows() {
    let tokenizer = tokenizer(Kind::CardPan);
    let tokenized = tokenizer.tokenize(&name("a"), all()).unwrap();
    let values = Rows::values([
        "9999 1000 0000 1562",
        "no card",
        "9999100000002933",
        "",
        "9999100000002933",
        "9999100000001562",
    ]);
    let expected = tokenizer.tokenize(&name("a"), values).unwrap();
    assert_eq!(tokenized.set, expected.set);
    let of_each =
        |counted: fn(&veilmatch::Counters) -> u64| tokenized.inputs.iter().map(counted).collect::<Vec<_>>();
    assert_eq!(of_each(|counters| counters.rows), [2, 1, 2, 1]);
    assert_eq!(of_each(|counters| counters.accepted), [1, 1, 1, 1]);
    let rejected: Vec<_> = tokenized.rejections.iter().map(|rejection| rejection.place).collect();
    assert_eq!(places(&rejected), [(0, 2, 4), (2, 1, 2)]);
}

#[test]
fn a_row_of_several_inputs_is_found_selected_and_listed_where_it_stands() {
    let tokenizer = tokenizer(Kind::CardPan);
    let ours = tokenizer.tokenize(&name("a"), all()).unwrap().set;
    let theirs = tokenizer.tokenize(&name("b"), Rows::values(["9999100000002933"])).unwrap().set;
    let overlaps =
        Intersection::new().add(&ours).unwrap().add(&theirs).unwrap().at_least(2).unwrap().collect().unwrap();
    let share = overlaps.share(&name("a"), Disclosure::Holders).unwrap();
    for threads in [1, 3] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let resolved = pool.install(|| resolve(&tokenizer, &name("a"), &share, all())).unwrap();
        let found: Vec<_> = resolved.rows.iter().map(|found| found.place).collect();
        assert_eq!(places(&found), [(1, 1, 2), (2, 2, 4)]);
        let values = all().select(&found).unwrap();
        assert!(values.iter().all(|value| value.as_slice() == b"9999100000002933"));
    }
    let profile = Profile::read(&Canonicalizer::new(Kind::CardPan), all()).unwrap();
    assert_eq!(places(profile.rows(Finding::Changed)), [(0, 1, 2)]);
    assert_eq!(profile.inputs().len(), 4);
}

#[test]
fn each_part_of_an_input_has_the_rows_that_were_expected_of_it() {
    let tokenizer = tokenizer(Kind::CardPan);
    let expecting = |of_cards, of_all| {
        let cards = column(JANUARY, "card").chain(column(FEBRUARY, "card")).expect_rows(of_cards);
        tokenizer.tokenize(&name("a"), cards.chain(column(JANUARY, "second")).expect_rows(of_all)).map(|_| ())
    };
    assert!(expecting(3, 5).is_ok());
    assert!(matches!(expecting(2, 5), Err(Error::RowCount { expected: 2, found: 3 })));
    assert!(matches!(expecting(3, 6), Err(Error::RowCount { expected: 6, found: 5 })));
}

#[test]
fn an_error_names_the_input_that_it_is_in() {
    let rows = all().chain(column(FEBRUARY, "phone").named("february.csv"));
    let error = tokenizer(Kind::CardPan).tokenize(&name("a"), rows).unwrap_err();
    assert!(error.to_string().starts_with("february.csv: "), "{error}");
    assert_eq!(error.code(), "missing_column");
}

#[cfg(feature = "encoding")]
mod encodings {
    use std::io::{self, Read};

    use proptest::prelude::*;
    use veilmatch::member::identifier::OpaqueName;
    use veilmatch::member::rows::Encoding;

    use super::*;

    /// Gives at most this number of bytes at a time.
    struct Pieces<'a>(&'a [u8], usize);

    impl Read for Pieces<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let len = self.1.min(buffer.len());
            self.0.read(&mut buffer[..len])
        }
    }

    fn text() -> Kind {
        Kind::Opaque(OpaqueName::new("text").unwrap())
    }

    fn set_of<'r>(rows: impl Into<Rows<'r>>) -> Result<veilmatch::TokenSet, Error> {
        Ok(tokenizer(text()).tokenize(&name("a"), rows)?.set)
    }

    fn encoding(label: &str) -> Encoding {
        label.parse().unwrap()
    }

    /// The bytes of a text with these two letters, from the tables of the encodings.
    fn encoded(label: &str, text: &str) -> Vec<u8> {
        let one_byte = |o, e| {
            let byte = |letter| match letter {
                'ö' => o,
                'ë' => e,
                ascii => u8::try_from(ascii).unwrap(),
            };
            text.chars().map(byte).collect()
        };
        match label {
            "utf-8" => text.into(),
            "utf-16le" => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            "utf-16be" => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
            "macintosh" => one_byte(0x9a, 0x91),
            _ => one_byte(0xf6, 0xeb),
        }
    }

    #[test]
    fn the_same_text_in_any_encoding_gives_the_same_tokens() {
        let expected = set_of(Rows::values(["Köhler", "Zoë"])).unwrap();
        for label in [
            "latin1",
            "iso-8859-1",
            "windows-1252",
            "utf-16le",
            "utf-16be",
            "iso-8859-15",
            "macintosh",
            "utf-8",
        ] {
            let lines = encoded(label, "Köhler\r\nZoë\r\n");
            assert_eq!(set_of(Rows::lines(encoding(label).decode(&lines[..]))).unwrap(), expected, "{label}");
            let csv = encoded(label, "nr;name\r\n1;Köhler\r\n2;\"Zoë\"\r\n");
            let rows = CsvRows::new(encoding(label).decode(&csv[..])).delimiter(b';').value_column("name");
            assert_eq!(set_of(rows).unwrap(), expected, "{label}");
        }
        // A mark says better than a user what a file is.
        let marked =
            b"\xff\xfe".iter().copied().chain(encoded("utf-16le", "Köhler\nZoë\n")).collect::<Vec<u8>>();
        assert_eq!(set_of(Rows::lines(encoding("latin1").decode(&marked[..]))).unwrap(), expected);
    }

    #[test]
    fn what_is_no_text_in_the_encoding_is_an_error_that_says_where() {
        let japanese = b"\x93\xfa\x96\x7b\n\x81\xff\n"; // two characters, then none
        let error = set_of(Rows::lines(encoding("shift_jis").decode(&japanese[..]))).unwrap_err();
        assert!(matches!(error, Error::Undecodable { encoding: "Shift_JIS", offset: 5 }), "{error}");
        let half = b"a\0\n\0b";
        let error = set_of(Rows::lines(encoding("utf-16le").decode(&half[..]))).unwrap_err();
        assert!(matches!(error, Error::Undecodable { offset: 4, .. }), "{error}");
        for label in ["", "latin-9000", "replacement", "utf-7"] {
            assert!(matches!(label.parse::<Encoding>(), Err(Error::UnknownEncoding)), "{label}");
        }
    }

    #[test]
    fn opaque_values_that_are_not_utf_8_are_counted_and_named() {
        let profile =
            Profile::read(&Canonicalizer::new(text()), Rows::values([&b"K\xf6hler"[..], b"Kohler"])).unwrap();
        assert_eq!(profile.counters().warnings, 1);
        assert_eq!(profile.hints()[0].code(), "not_utf8");
        assert!(profile.hints()[0].to_string().starts_with("1 of 2 rows (50 %) are not UTF-8"));
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn pieces_of_any_length_decode_to_the_same_text(
            text in "[a-zé€ß日\n]{0,200}", piece in 1usize..40, label in prop::sample::select(&["utf-16le", "utf-16be"][..]),
        ) {
            let bytes = encoded(label, &text);
            let mut decoded = Vec::new();
            let mut reader = encoding(label).decode(Pieces(&bytes, piece));
            let mut buffer = vec![0; piece];
            while let Ok(read @ 1..) = reader.read(&mut buffer) {
                decoded.extend_from_slice(&buffer[..read]);
            }
            prop_assert_eq!(decoded, text.into_bytes());
        }
    }
}
