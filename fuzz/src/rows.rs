//! Rows: lines and CSV exports, in whatever pieces they come, hold what a naive reading finds in them.

use std::io::{self, Read};
use std::sync::LazyLock;

use veilmatch::Error;
use veilmatch::identifier::Kind;
use veilmatch::tokenize::{Column, Rows, Tokenized, Tokenizer};

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
fn outcome(rows: Rows<'_>) -> Result<String, Error> {
    let Tokenized { set, rejections } = TOKENIZER.tokenize(&name("bank-a"), rows, &())?;
    Ok(format!("{:?} {:?} {rejections:?}", set.content_digest(), set.counters()))
}

/// A byte for the length of pieces, then lines.
pub fn lines(data: &[u8]) {
    let [len, lines @ ..] = data else { return };
    let naive: Vec<&[u8]> = lines
        .split(|byte| *byte == b'\n')
        .map(|line| line.strip_suffix(b"\r").unwrap_or(line))
        .filter(|line| !line.is_empty())
        .collect();
    let expected = outcome(Rows::values(naive.iter().copied())).expect("values can be read");
    let whole = outcome(Rows::lines(lines)).expect("lines in memory can be read");
    assert!(whole == expected, "lines are not those that stand there");
    let pieces = outcome(Rows::lines(Pieces::new(lines, *len))).expect("so can those that come in pieces");
    assert!(pieces == expected, "pieces make other lines");

    let numbers: Vec<u64> = (1..=naive.len() as u64).collect();
    let selected = Rows::lines(lines).select(&numbers).expect("lines in memory can be read");
    assert!(selected.iter().map(|value| value.as_slice()).eq(naive), "other rows are shown than were read");
}

/// A byte for the length of pieces, one for column and delimiter, then an export.
pub fn csv(data: &[u8]) {
    let [len, choice, export @ ..] = data else { return };
    let column = if choice & 1 == 0 { Column::First } else { Column::Named("card".to_owned()) };
    let delimiter = [b',', b';', b'\t', b'|'][usize::from(choice >> 1) % 4];
    let rows = || Rows::csv(export, column.clone()).delimited_by(delimiter);
    let whole = TOKENIZER.tokenize(&name("bank-a"), rows(), &());
    let pieces = Rows::csv(Pieces::new(export, *len), column.clone()).delimited_by(delimiter);
    match (outcome(rows()), outcome(pieces)) {
        (Ok(whole), Ok(pieces)) => assert!(whole == pieces, "pieces make another export"),
        (Err(whole), Err(pieces)) => {
            assert_eq!(whole.code(), pieces.code());
            assert!(matches!(whole, Error::MissingColumn { .. } | Error::RepeatedColumn), "{whole}");
        }
        _ => panic!("an export that can be read in one way alone"),
    }
    let Ok(Tokenized { set, rejections }) = whole else { return };
    let count = set.counters().rows;
    assert!(count <= export.len() as u64 + 1, "more rows than bytes");
    assert!(rejections.iter().all(|rejection| (1..=count).contains(&rejection.row)));

    let numbers: Vec<u64> = (1..=count).collect();
    let selected = rows().select(&numbers).expect("what was read once can be read again");
    let values = TOKENIZER.tokenize(&name("bank-a"), Rows::values(selected.iter().map(|v| v.to_vec())), &());
    let values = values.expect("values can be read");
    assert!(values.set.tokens() == set.tokens(), "other rows are shown than were read");
    assert_eq!(values.set.counters().rejected.total(), set.counters().rejected.total());
}
