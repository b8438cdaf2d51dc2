//! A stream of CSV records, one a line, below a header.

use std::io::Read as _;

use veilmatch::member::rows::{CsvRows, Rows};
use veilmatch::{Error, Place};
use zeroize::Zeroizing;

use crate::Failure;
use crate::rows::headers::{self, Header};

/// A stream of records, and what is wanted of each.
pub(crate) struct Records {
    /// The columns with identifiers.
    pub(crate) columns: Vec<String>,
    /// The column of the subject.
    pub(crate) subject: Option<String>,
    pub(crate) delimiter: u8,
    /// The header's line with its end, once it has come.
    pub(crate) header: Vec<u8>,
}

/// One record: its values, in order of the columns, and its subject; wiped when dropped.
pub(crate) struct Record {
    pub(crate) values: Vec<Zeroizing<Vec<u8>>>,
    pub(crate) subject: Option<Zeroizing<Vec<u8>>>,
}

impl Records {
    /// Takes the header, if these whole lines have it; refuses one that lacks a column. Returns the number of bytes before
    /// the first record.
    pub(crate) fn begin(&mut self, lines: &[u8]) -> Result<usize, Failure> {
        if !self.header.is_empty() {
            return Ok(0);
        }
        let mut below = 0;
        for line in lines.split_inclusive(|byte| *byte == b'\n') {
            below += line.len();
            if !line.trim_ascii().is_empty() {
                self.header = [line.trim_ascii_end(), b"\n"].concat();
                break;
            }
        }
        if !self.header.is_empty() {
            let columns = CsvRows::new(&self.header[..]).delimiter(self.delimiter).header();
            let columns = columns.map_err(|error| error.at("standard input"))?;
            let names: Vec<&str> = self.columns.iter().chain(&self.subject).map(String::as_str).collect();
            headers::require(&[Header { file: "standard input".to_owned(), columns }], &names)?;
        }
        Ok(below)
    }

    /// Reads whole lines, each of which is a record. `before` is the number of records that came before, for errors.
    pub(crate) fn read(&self, lines: &[u8], before: u64) -> Result<Vec<Record>, Error> {
        let is_row = |line: &&[u8]| !line.strip_suffix(b"\r").unwrap_or(line).is_empty();
        let count = lines.split(|byte| *byte == b'\n').filter(is_row).count() as u64;
        let places: Vec<Place> = (1..=count).map(|row| Place { input: 0, row, line: row }).collect();
        let cells = |name: &String| {
            let csv = CsvRows::new((&self.header[..]).chain(lines)).delimiter(self.delimiter);
            let rows: Rows<'_> = csv.quoted_lines(1).value_column(name.as_str()).into();
            rows.expect_rows(count).select(&places).map_err(|error| moved(error, before))
        };
        let subjects = self.subject.as_ref().map(&cells).transpose()?;
        let columns = self.columns.iter().map(&cells).collect::<Result<Vec<_>, _>>()?;
        let mut columns: Vec<_> = columns.into_iter().map(Vec::into_iter).collect();
        let mut subjects = subjects.map(Vec::into_iter);
        let record = |_| Record {
            values: columns.iter_mut().filter_map(Iterator::next).collect(),
            subject: subjects.as_mut().and_then(Iterator::next),
        };
        Ok((0..count).map(record).collect())
    }
}

/// Numbers the row of an error as it is in the stream.
fn moved(error: Error, before: u64) -> Error {
    match error {
        Error::OpenQuote { row } => Error::OpenQuote { row: row + before },
        Error::TextAfterQuote { row } => Error::TextAfterQuote { row: row + before },
        Error::QuoteInField { row } => Error::QuoteInField { row: row + before },
        Error::QuotedLines { row, most } => Error::QuotedLines { row: row + before, most },
        Error::RecordTooLong { row, limit } => Error::RecordTooLong { row: row + before, limit },
        other => other,
    }
}
