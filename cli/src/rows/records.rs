//! A stream of CSV records, one a line, below a header.

use veilmatch::member::rows::{CsvRows, Rows};
use veilmatch::{Error, Reason};
use zeroize::Zeroizing;

use crate::Failure;
use crate::rows::headers::{self, Header};
use crate::rows::stream_lines::rows;

/// A stream of records, and what is wanted of each.
pub(crate) struct Records {
    /// The columns with identifiers.
    pub(crate) columns: Vec<String>,
    /// The column of the subject.
    pub(crate) subject: Option<String>,
    delimiter: u8,
    /// The header's line with its end, once it has come, and the names in it.
    header: Vec<u8>,
    names: Vec<String>,
    /// Number of fields of every record, once the first has come.
    fields: Option<usize>,
}

/// One record: its values, in order of the columns, and its subject; wiped when dropped.
pub(crate) struct Record {
    pub(crate) values: Vec<Zeroizing<Vec<u8>>>,
    pub(crate) subject: Option<Zeroizing<Vec<u8>>>,
}

impl Records {
    pub(crate) fn new(columns: Vec<String>, subject: Option<String>, delimiter: u8) -> Self {
        Self { columns, subject, delimiter, header: Vec::new(), names: Vec::new(), fields: None }
    }

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
            let named = |error: Error| error.at("standard input");
            let csv = CsvRows::new(&self.header[..]).delimiter(self.delimiter);
            self.names = csv.header().map_err(named)?;
            let wanted: Vec<&str> = self.columns.iter().chain(&self.subject).map(String::as_str).collect();
            let columns = self.names.clone();
            headers::require(
                &[Header { file: "standard input".to_owned(), columns, is_schema: false }],
                &wanted,
            )?;
            if wanted.iter().any(|name| self.names.iter().filter(|of| *of == name.trim()).count() > 1) {
                return Err(named(Error::RepeatedColumn).into());
            }
        }
        Ok(below)
    }

    /// Reads whole lines, each of which is a record. One that is none is rejected, and its neighbours are read.
    pub(crate) fn read(&mut self, lines: &[u8]) -> Vec<Result<Record, Reason>> {
        rows(lines).map(|(_, line)| self.record(line)).collect()
    }

    fn record(&mut self, line: &[u8]) -> Result<Record, Reason> {
        // The package takes any quotes, and a carriage return for the end of a record. This library asks for those of RFC
        // 4180, here within one line.
        if line.contains(&b'"') || line.contains(&b'\r') {
            let text = [&self.header[..], line, b"\n"].concat();
            let rows: Rows<'_> = CsvRows::new(&text[..]).delimiter(self.delimiter).quoted_lines(1).into();
            rows.expect_rows(1).select(&[]).map_err(|_| Reason::BadCharacter)?;
        }
        let mut csv = csv::ReaderBuilder::new();
        csv.has_headers(false).flexible(true).delimiter(self.delimiter).buffer_capacity(line.len().max(16));
        let mut record = csv::ByteRecord::new();
        let read = csv.from_reader(line).read_byte_record(&mut record).map_err(|_| Reason::BadCharacter)?;
        debug_assert!(read, "a line that is not empty is a record");
        // As in a file, the first record says whether all end in delimiters.
        let of_header = self.names.len();
        let is_longer = record.len() > of_header && record.iter().skip(of_header).all(<[u8]>::is_empty);
        let fields = *self.fields.get_or_insert(if is_longer { record.len() } else { of_header });
        if record.len() != fields {
            return Err(if record.len() > fields { Reason::ExtraFields } else { Reason::MissingField });
        }
        let cell = |name: &String| {
            let at = self.names.iter().position(|of| of == name.trim());
            Zeroizing::new(at.and_then(|at| record.get(at)).unwrap_or_default().to_vec())
        };
        Ok(Record {
            values: self.columns.iter().map(cell).collect(),
            subject: self.subject.as_ref().map(cell),
        })
    }
}
