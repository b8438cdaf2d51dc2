//! Rows: lines and CSV exports, in whatever pieces they come, hold what a naive reading finds in them.

use std::io::{self, Read};
use std::str::from_utf8;
use std::sync::LazyLock;

use veilmatch::member::identifier::Kind;
use veilmatch::member::rows::{Column, CsvRows, Rows};
use veilmatch::member::tokenize::{Tokenized, Tokenizer};
use veilmatch::{Error, Place, Reason};

use crate::support::hub::name;
use crate::support::member::tokenizer;

static TOKENIZER: LazyLock<Tokenizer> = LazyLock::new(|| tokenizer(Kind::CardPan));

/// Gives a few bytes at a time, after an interruption each time.
struct Pieces<'a> {
    rest: &'a [u8],
    len: usize,
    interrupted: bool,
}

impl<'a> Pieces<'a> {
    fn new(rest: &'a [u8], len: u8) -> Self {
        Self { rest, len: usize::from(len) + 1, interrupted: false }
    }
}

impl Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.interrupted = !self.interrupted;
        if self.interrupted {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let len = self.len.min(buffer.len());
        self.rest.read(&mut buffer[..len])
    }
}

/// Everything that an input gives, to compare ways of reading it.
fn outcome<'r>(rows: impl Into<Rows<'r>>) -> Result<String, Error> {
    let Tokenized { set, rejections, .. } = TOKENIZER.tokenize(&name("bank-a"), rows)?;
    let rejections: Vec<(u64, Reason)> = rejections.iter().map(|one| (one.place.row, one.reason)).collect();
    Ok(format!("{:?} {:?} {rejections:?}", set.content_digest(), set.counters()))
}

/// A byte for the length of pieces, then lines.
pub fn lines(data: &[u8]) {
    let [len, lines @ ..] = data else { return };
    let utf_16 = lines.starts_with(b"\xff\xfe")
        || lines.starts_with(b"\xfe\xff")
        || matches!(lines, [0, _, ..] | [_, 0, ..]);
    let text = lines.strip_prefix(b"\xef\xbb\xbf").unwrap_or(lines);
    // Of the first line that is not empty, which other line ends than LF would be within.
    let first =
        text.split_inclusive(|byte| *byte == b'\n').find(|line| ![&b"\n"[..], b"\r\n"].contains(line));
    let ended = first.map(|line| line.strip_suffix(b"\n").unwrap_or(line));
    let return_alone = ended.is_some_and(|line| line.strip_suffix(b"\r").unwrap_or(line).contains(&b'\r'));
    if utf_16 || return_alone {
        for error in [outcome(Rows::lines(lines)), outcome(Rows::lines(Pieces::new(lines, *len)))] {
            assert!(matches!(error, Err(Error::Encoding { .. })), "no text, or lines that end in CR");
        }
        return;
    }
    let naive: Vec<&[u8]> = lines
        .strip_prefix(b"\xef\xbb\xbf")
        .unwrap_or(lines)
        .split(|byte| *byte == b'\n')
        .map(|line| line.strip_suffix(b"\r").unwrap_or(line))
        .filter(|line| !line.is_empty())
        .collect();
    let expected = outcome(Rows::values(naive.iter().copied())).expect("values can be read");
    let whole = outcome(Rows::lines(lines)).expect("lines in memory can be read");
    assert!(whole == expected, "lines are not those that stand there");
    let pieces = outcome(Rows::lines(Pieces::new(lines, *len))).expect("so can those that come in pieces");
    assert!(pieces == expected, "pieces make other lines");

    let selected =
        Rows::lines(lines).select(&places(1..=naive.len() as u64)).expect("lines in memory can be read");
    assert!(selected.iter().map(|value| value.as_slice()).eq(naive), "other rows are shown than were read");
}

/// A byte for the length of pieces, one for columns and delimiter, then an export.
pub fn csv(data: &[u8]) {
    let [len, choice, export @ ..] = data else { return };
    if choice & 8 != 0 {
        return kind_column(*len, *choice, export);
    }
    let column = if choice & 1 == 0 { Column::First } else { Column::Named("card".to_owned()) };
    let delimiter = delimiter(*choice);
    let rows = || CsvRows::new(export).value_column(column.clone()).delimiter(delimiter);
    let whole = TOKENIZER.tokenize(&name("bank-a"), rows());
    let pieces = CsvRows::new(Pieces::new(export, *len)).value_column(column.clone()).delimiter(delimiter);
    match (outcome(rows()), outcome(pieces)) {
        (Ok(whole), Ok(pieces)) => assert!(whole == pieces, "pieces make another export"),
        (Err(whole), Err(pieces)) => {
            assert_eq!(whole.to_string(), pieces.to_string());
            assert!(is_of_the_export(&whole), "{whole}");
        }
        _ => panic!("an export that can be read in one way alone"),
    }
    let Ok(Tokenized { set, rejections, .. }) = whole else { return };
    let count = set.counters().rows;
    assert!(count <= export.len() as u64 + 1, "more rows than bytes");
    assert!(rejections.iter().all(|rejection| (1..=count).contains(&rejection.place.row)));

    let selected =
        Rows::from(rows()).select(&places(1..=count)).expect("what was read once can be read again");
    let values = TOKENIZER.tokenize(&name("bank-a"), Rows::values(&selected));
    let values = values.expect("values can be read");
    assert!(values.set.tokens() == set.tokens(), "other rows are shown than were read");
    assert_eq!(values.set.counters().rejected.total(), set.counters().rejected.total());
}

/// Rows of the one input; their lines do not matter where rows are selected.
fn places(rows: impl Iterator<Item = u64>) -> Vec<Place> {
    rows.map(|row| Place { input: 0, row, line: row }).collect()
}

/// Whether it is the text, the header or the quotes that are wrong.
fn is_of_the_export(error: &Error) -> bool {
    matches!(
        error,
        Error::Encoding { .. }
            | Error::MissingColumn { .. }
            | Error::RepeatedColumn
            | Error::HeaderIsRow { .. }
            | Error::OpenQuote { .. }
            | Error::TextAfterQuote { .. }
            | Error::QuoteInField { .. }
            | Error::QuotedLines { .. }
    )
}

fn delimiter(choice: u8) -> u8 {
    [b',', b';', b'\t', b'|'][usize::from(choice >> 1) % 4]
}

fn rejects_unknown(choice: u8) -> bool {
    choice & 16 != 0
}

/// The rows of one kind of an export of several.
fn cards<'a>(export: impl Read + Send + 'a, choice: u8) -> Rows<'a> {
    let rows = CsvRows::new(export).value_column("value").delimiter(delimiter(choice));
    Rows::from(match rejects_unknown(choice) {
        true => rows.kind_column_with_unknown("kind", Kind::CardPan),
        false => rows.kind_column("kind", Kind::CardPan),
    })
}

/// An export with a kind a row: what is read of one kind is what the two columns, read by themselves, say.
fn kind_column(len: u8, choice: u8, export: &[u8]) {
    let whole = || cards(export, choice);
    let (read, pieces) = (outcome(whole()), outcome(cards(Pieces::new(export, len), choice)));
    match (read, pieces) {
        (Ok(whole), Ok(pieces)) => assert!(whole == pieces, "pieces make another export"),
        (Err(whole), Err(pieces)) => {
            assert_eq!(whole.to_string(), pieces.to_string());
            assert!(is_of_the_export(&whole), "{whole}");
            return;
        }
        _ => panic!("an export that can be read in one way alone"),
    }
    let alone = |name: &str| Rows::from(CsvRows::new(export).value_column(name).delimiter(delimiter(choice)));
    let all = TOKENIZER.tokenize(&name("bank-a"), alone("kind")).expect("a column of it can be read");
    let ragged =
        [Reason::MissingField, Reason::ExtraFields].map(|reason| all.set.counters().rejected.of(reason));
    if ragged != [0, 0] {
        return; // such rows show no kind by themselves, but count in the set of theirs
    }
    let numbers: Vec<u64> = (1..=all.set.counters().rows).collect();
    let kinds = alone("kind").select(&places(numbers.iter().copied())).expect("each row has a kind");
    let values = alone("value").select(&places(numbers.iter().copied())).expect("each row has a value");
    let kind = |name: &[u8]| from_utf8(name.trim_ascii()).ok().and_then(|name| name.parse::<Kind>().ok());
    let kinds: Vec<Option<Kind>> = kinds.iter().map(|name| kind(name)).collect();

    let of_cards = |number: &u64| kinds[*number as usize - 1] == Some(Kind::CardPan);
    let numbers: Vec<u64> = numbers.into_iter().filter(of_cards).collect();
    let unknown = kinds.iter().filter(|kind| rejects_unknown(choice) && kind.is_none()).count() as u64;
    let Tokenized { set, rejections, .. } = TOKENIZER.tokenize(&name("bank-a"), whole()).expect("as before");
    let rejected = &set.counters().rejected;
    assert_eq!(set.counters().rows, numbers.len() as u64 + unknown, "other rows are of this kind");
    assert_eq!(rejected.of(Reason::UnknownKind), unknown, "other rows are of no kind");
    for rejection in &rejections {
        let found = kinds[rejection.place.row as usize - 1];
        assert!(found == if rejection.reason == Reason::UnknownKind { None } else { Some(Kind::CardPan) });
    }
    let selected =
        whole().select(&places(numbers.iter().copied())).expect("what was read once can be read again");
    let of_cards = || numbers.iter().map(|number| values[*number as usize - 1].to_vec());
    assert!(selected.iter().map(|value| value.to_vec()).eq(of_cards()), "other values are shown");
    let values = TOKENIZER.tokenize(&name("bank-a"), Rows::values(of_cards())).expect("values");
    assert!(values.set.tokens() == set.tokens(), "other rows are tokenised");
    assert_eq!(values.set.counters().rejected.total() + unknown, rejected.total());
}
