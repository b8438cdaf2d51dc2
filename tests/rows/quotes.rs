//! Quotes of a CSV export: what RFC 4180 does not allow is an error with its row, wherever reading pauses; a quote that
//! was left open swallows nothing.

use std::io::{self, Read};

use crate::support::hub::name;
use crate::support::member::{tokenizer, wallet};
use proptest::prelude::*;
use veilmatch::member::identifier::{Canonicalizer, Kind};
use veilmatch::member::profile::Profile;
use veilmatch::member::rows::{Column, CsvRows, QUOTED_LINES, Rows};
use veilmatch::{Error, Place};

// --- A naive reading ------------------------------------------------------------------------------------

/// What a strict reading of a whole export finds: records of fields, the lines on which they begin, quoted fields of several lines, and empty lines; or
/// the number of the first bad record, from 1, and what is bad in it.
type Naive = Result<(Vec<Vec<Vec<u8>>>, Vec<u64>, u64, u64), (u64, &'static str)>;

/// RFC 4180, sections 2.1 to 2.7, one byte after the other; empty lines are no records, CR and LF alone are line ends.
fn naive(export: &[u8], most_lines: u32) -> Naive {
    let mut bytes = export.strip_prefix(b"\xef\xbb\xbf").unwrap_or(export).iter().copied().peekable();
    let (mut records, mut lines_of, mut multiline, mut empty) = (Vec::new(), Vec::new(), 0, 0);
    loop {
        while let Some(end) = bytes.next_if(|byte| *byte == b'\r' || *byte == b'\n') {
            empty += 1;
            let _ = end == b'\r' && bytes.next_if_eq(&b'\n').is_some();
        }
        if bytes.peek().is_none() {
            return Ok((records, lines_of, multiline, empty));
        }
        let number = records.len() as u64 + 1;
        let before = &export[..export.len() - bytes.clone().count()];
        lines_of.push(u64::from(lines(before)));
        let mut fields = Vec::new();
        loop {
            let mut field = Vec::new();
            if bytes.next_if_eq(&b'"').is_some() {
                let mut text = Vec::new();
                loop {
                    match bytes.next() {
                        Some(b'"') if bytes.next_if_eq(&b'"').is_none() => break,
                        Some(byte) => text.push(byte),
                        None if lines(&text) > most_lines => return Err((number, "quoted_lines")),
                        None => return Err((number, "open_quote")),
                    }
                    if lines(&text) > most_lines {
                        return Err((number, "quoted_lines"));
                    }
                }
                if bytes.peek().is_some_and(|byte| !b",\r\n".contains(byte)) {
                    return Err((number, "text_after_quote"));
                }
                multiline += u64::from(lines(&text) > 1);
                field = text;
            } else {
                while let Some(byte) = bytes.next_if(|byte| !b",\r\n".contains(byte)) {
                    if byte == b'"' {
                        return Err((number, "quote_in_field"));
                    }
                    field.push(byte);
                }
            }
            fields.push(field);
            if bytes.next_if_eq(&b',').is_none() {
                break;
            }
        }
        records.push(fields);
        if bytes.next() == Some(b'\r') {
            bytes.next_if_eq(&b'\n');
        }
    }
}

fn lines(text: &[u8]) -> u32 {
    let text = String::from_utf8_lossy(text).replace("\r\n", "\n").replace('\r', "\n");
    1 + text.matches('\n').count() as u32
}

/// Gives so many bytes at a time.
struct Pieces<'a>(&'a [u8], usize);

impl Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let len = self.1.min(buffer.len());
        self.0.read(&mut buffer[..len])
    }
}

fn export() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        6 => Just("a"), 4 => Just(","), 3 => Just("\n"), 1 => Just("\r"), 1 => Just("\r\n"), 2 => Just("\""),
        3 => Just("\"b\""), 2 => Just("\"\""), 2 => Just(",\"x\ny\","), 2 => Just("\n\"c\r\nd\"\"\r\n\"\r\n"),
        1 => Just("\u{feff}"), 1 => Just("é"), 1 => Just(" "),
    ];
    // Fillers put what follows at the end of a buffer of 8 KiB.
    let filler = prop_oneof![Just(0usize), 8_150usize..8_200, 16_350usize..16_390];
    let mark = prop_oneof![3 => Just(""), 1 => Just("\u{feff}")];
    (mark, filler, prop::collection::vec(piece, 0..60)).prop_map(|(mark, filler, pieces)| {
        let filler = if filler == 0 { String::new() } else { "f".repeat(filler - 1) + "\n" };
        (mark.to_owned() + &filler + &pieces.concat()).into_bytes()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_read_is_what_rfc_4180_allows(
        export in export(), piece in prop_oneof![1usize..9, Just(usize::MAX)], most in 1u32..5, column in 1usize..4,
    ) {
        let rows = || {
            let rows = CsvRows::new(Pieces(&export, piece)).value_column(Column::Number(column));
            rows.without_header().quoted_lines(most)
        };
        let rule = Canonicalizer::new("opaque.any".parse().unwrap());
        let profile = Profile::read(&rule, rows());
        match naive(&export, most) {
            Ok((records, lines_of, multiline, empty)) => {
                let profile = profile.unwrap();
                prop_assert_eq!(profile.counters().rows, records.len() as u64);
                prop_assert_eq!((profile.oddities().multiline_fields, profile.oddities().empty_lines), (multiline, empty));
                let places: Vec<Place> = (1..).zip(&lines_of).map(|(row, line)| Place { input: 0, row, line: *line }).collect();
                let values = Rows::from(rows()).select(&places).unwrap();
                // No record is an address, so that each has its place among the rejected ones.
                let rejected = Profile::read(&Canonicalizer::new(Kind::NetIp), rows()).unwrap().rejections();
                let rejected = rejected.iter().map(|rejection| rejection.place);
                prop_assert!(rejected.eq(places.iter().copied().take(Profile::KEPT_ROWS)));
                for (value, record) in values.iter().zip(&records) {
                    // A record with another number of fields than the first may have its values anywhere.
                    let whole = Some(record).filter(|record| record.len() == records[0].len());
                    let field = whole.and_then(|record| record.get(column - 1));
                    prop_assert_eq!(value.as_slice(), field.map_or(&b""[..], |field| field));
                }
            }
            Err((row, code)) => {
                for error in [profile.unwrap_err(), Rows::from(rows()).select(&[]).unwrap_err(), rows().kinds(column).unwrap_err()] {
                    prop_assert_eq!(error.code(), code);
                    prop_assert_eq!(row_of(&error), row);
                }
                // With a header the numbers are those of the rows behind it.
                let headed = [&b"kind,value,more\n"[..], &export].concat();
                let named = |name: &str| Column::Named(name.to_owned());
                if !export.starts_with(b"\xef\xbb\xbf") {
                    let of_kind = CsvRows::new(&headed[..]).kind_column(named("kind"), Kind::NetIp).value_column(named("value"));
                    let error = Profile::read(&rule, of_kind.quoted_lines(most)).unwrap_err();
                    prop_assert_eq!((error.code(), row_of(&error)), (code, row));
                }
            }
        }
    }
}

fn row_of(error: &Error) -> u64 {
    match error {
        Error::OpenQuote { row }
        | Error::TextAfterQuote { row }
        | Error::QuoteInField { row }
        | Error::QuotedLines { row, .. } => *row,
        other => panic!("{other}"),
    }
}

// --- Single faults --------------------------------------------------------------------------------------

fn failed(export: &str) -> Error {
    let rows = CsvRows::new(export.as_bytes()).value_column(Column::Named("wallet".into()));
    tokenizer(Kind::CryptoEvm).tokenize(&name("a"), rows).unwrap_err()
}

#[test]
fn one_stray_quote_swallows_no_export() {
    let row = |n: u64| format!("{n},{},{}\n", if n == 101 { "\"O Brian" } else { "name" }, wallet(n));
    let export = "id,name,wallet\n".to_owned() + &(1..=20_000).map(row).collect::<String>();
    let error = failed(&export);
    assert!(matches!(error, Error::QuotedLines { row: 101, most: QUOTED_LINES }), "{error}");
    // Too near the end to span so many lines.
    let export = "id,name,wallet\n".to_owned() + &(95..=110).map(row).collect::<String>();
    let error = failed(&export);
    assert!(matches!(error, Error::OpenQuote { row: 7 }), "{error}");
    assert_eq!(
        error.to_string(),
        "the quote that row 7 opens is never closed; quotes are as in RFC 4180; --no-quotes takes them for text"
    );
}

#[test]
fn a_fault_in_the_header_is_said_to_be_there() {
    for (header, code) in [
        ("id,\"wallet", "open_quote"),
        ("\"id\"s,wallet\n1,2\n", "text_after_quote"),
        ("id \"x\",wallet\n1,2\n", "quote_in_field"),
    ] {
        let error = failed(header);
        assert_eq!((error.code(), row_of(&error)), (code, 0));
        assert!(error.to_string().contains("the header"), "{error}");
    }
}

#[test]
fn a_quoted_field_spans_sixteen_lines_unless_more_are_allowed() {
    for end in ["\n", "\r\n", "\r"] {
        let export = |lines: usize| {
            let text = vec!["x"; lines].join(end);
            format!("note,wallet{end}a,{}{end}\"{text}\",{}{end}", wallet(1), wallet(2))
        };
        let read = |lines: usize, allowed: u32| {
            let export = export(lines);
            let rows = CsvRows::new(export.as_bytes())
                .value_column(Column::Named("wallet".into()))
                .quoted_lines(allowed);
            tokenizer(Kind::CryptoEvm).tokenize(&name("a"), rows)
        };
        assert_eq!(read(1, 16).unwrap().oddities.multiline_fields, 0);
        let tokenized = read(16, QUOTED_LINES).unwrap();
        assert_eq!((tokenized.set.len(), tokenized.oddities.multiline_fields), (2, 1));
        let error = read(17, QUOTED_LINES).unwrap_err();
        assert!(matches!(error, Error::QuotedLines { row: 2, most: 16 }), "{error}");
        assert_eq!(read(17, 17).unwrap().set.len(), 2);
        assert_eq!(read(5_000, u32::MAX).unwrap().oddities.multiline_fields, 1);
    }
}

#[test]
fn an_export_without_quoting_is_read_where_the_caller_says_so() {
    let export = format!("size\twallet\n5\" pipe\t{}\n\"left open\t{}\n", wallet(1), wallet(2));
    let rows =
        || CsvRows::new(export.as_bytes()).value_column(Column::Named("wallet".into())).delimiter(b'\t');
    let tokenizer = tokenizer(Kind::CryptoEvm);
    let error = tokenizer.tokenize(&name("a"), rows()).unwrap_err();
    assert!(matches!(error, Error::QuoteInField { row: 1 }), "{error}");
    assert_eq!(tokenizer.tokenize(&name("a"), rows().without_quotes()).unwrap().set.len(), 2);
}

#[test]
fn a_delimiter_that_is_a_quote_or_line_end_is_refused() {
    for delimiter in *b"\"\r\n" {
        let rows = CsvRows::new(&b"wallet\n1\n"[..]).delimiter(delimiter);
        let error = tokenizer(Kind::CryptoEvm).tokenize(&name("a"), rows).unwrap_err();
        assert!(matches!(error, Error::Delimiter), "{error}");
    }
}
