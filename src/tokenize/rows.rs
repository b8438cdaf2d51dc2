//! Rows: where raw identifiers come from: lines, a column of a CSV export, or the caller's own iterator.

use std::io::{self, Read};

use zeroize::Zeroizing;

use crate::error::Error;

use super::lines::Lines;
use super::stream::{Block, Layout};

/// Longest CSV record, in bytes; beyond it a quote was most likely left open.
pub const MAX_RECORD: usize = 1 << 20;

/// Rows and bytes of one block of values, whichever is reached first.
const BLOCK_ROWS: usize = 4096;
const BLOCK_BYTES: usize = 1 << 17;

/// Raw identifiers, row by row, to be read once.
///
/// Rows are numbered from 1; empty lines are not rows, nor is the header of a CSV export.
pub struct Rows<'a>(Source<'a>);

enum Source<'a> {
    Lines(Lines<'a>),
    Csv { reader: Box<dyn Read + Send + 'a>, column: Column, delimiter: u8 },
    Values(Box<dyn Iterator<Item = Vec<u8>> + Send + 'a>),
}

/// Which column of a CSV export holds the identifiers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Column {
    /// The first one.
    First,
    /// The one whose header has this name.
    Named(String),
}

impl<'a> Rows<'a> {
    /// One identifier a line, ended by `\n` or `\r\n`.
    ///
    /// A line over [`MAX_LINE`](super::MAX_LINE) bytes is a rejected row and is never held in memory.
    pub fn lines(reader: impl Read + Send + 'a) -> Self {
        Self(Source::Lines(Lines::new(Box::new(reader))))
    }

    /// One column of a CSV export (RFC 4180) whose first line is a header.
    ///
    /// A row with too few fields is rejected; one with an empty field too. Reading fails with
    /// [`Error::MissingColumn`] or [`Error::RepeatedColumn`] for the header's sake, and with
    /// [`Error::RecordTooLong`] for a record over [`MAX_RECORD`] bytes.
    pub fn csv(reader: impl Read + Send + 'a, column: Column) -> Self {
        Self(Source::Csv { reader: Box::new(reader), column, delimiter: b',' })
    }

    /// The same with another delimiter between the fields of a CSV export; no other input has one.
    #[must_use]
    pub fn delimited_by(mut self, byte: u8) -> Self {
        if let Source::Csv { delimiter, .. } = &mut self.0 {
            *delimiter = byte;
        }
        self
    }

    /// Values that the caller already has, for instance from a database; each one is a row.
    pub fn values<V: Into<Vec<u8>> + 'a>(values: impl IntoIterator<Item = V, IntoIter: Send + 'a>) -> Self {
        Self(Source::Values(Box::new(values.into_iter().map(Into::into))))
    }

    /// The raw values of some rows, to be shown to their owner; `rows` are row numbers in ascending order.
    ///
    /// Reads the input to its end, on this thread. A row that has no such field gives an empty value. Each value is
    /// wiped when dropped.
    ///
    /// # Errors
    ///
    /// Those of the input; [`Error::Io`] if a row is not there: then this is not the input that the rows are of.
    pub fn select(self, rows: &[u64]) -> Result<Vec<Zeroizing<Vec<u8>>>, Error> {
        let mut values = Vec::with_capacity(rows.len());
        let mut row = 0;
        for block in self.into_blocks()? {
            block?.each(|value| {
                row += 1;
                while rows.get(values.len()) == Some(&row) {
                    values.push(Zeroizing::new(value.unwrap_or_default().to_vec()));
                }
            });
        }
        if values.len() < rows.len() {
            let problem = format!("the input has {row} rows, fewer than when it was read before");
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, problem).into());
        }
        Ok(values)
    }

    /// The input in blocks that can be worked on apart.
    pub(super) fn into_blocks(
        self,
    ) -> Result<Box<dyn Iterator<Item = Result<Block, Error>> + Send + 'a>, Error> {
        Ok(match self.0 {
            Source::Lines(lines) => Box::new(lines),
            Source::Csv { reader, column, delimiter } => Box::new(Csv::open(reader, &column, delimiter)?),
            Source::Values(values) => Box::new(Values(values)),
        })
    }
}

/// The caller's own values.
struct Values<'a>(Box<dyn Iterator<Item = Vec<u8>> + Send + 'a>);

impl Iterator for Values<'_> {
    type Item = Result<Block, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut fields = Fields::default();
        while !fields.is_full() {
            let Some(value) = self.0.next() else { break };
            fields.push(Some(&value));
        }
        fields.into_block().map(Ok)
    }
}

/// One column of a CSV export.
struct Csv<'a> {
    reader: csv::Reader<Bounded<'a>>,
    column: usize,
    record: csv::ByteRecord,
    rows: u64,
}

impl<'a> Csv<'a> {
    fn open(reader: Box<dyn Read + Send + 'a>, column: &Column, delimiter: u8) -> Result<Self, Error> {
        let bounded = Bounded { reader, left: MAX_RECORD };
        let reader = csv::ReaderBuilder::new().flexible(true).delimiter(delimiter).from_reader(bounded);
        let mut csv = Self { reader, column: 0, record: csv::ByteRecord::new(), rows: 0 };
        csv.column = csv.find(column)?;
        Ok(csv)
    }

    fn find(&mut self, column: &Column) -> Result<usize, Error> {
        let header = match self.reader.byte_headers() {
            Ok(header) => header.clone(),
            Err(error) => return Err(self.cause(0, error)),
        };
        let missing = Error::MissingColumn { columns: header.len() };
        let Column::Named(name) = column else {
            return if header.is_empty() { Err(missing) } else { Ok(0) };
        };
        let clean = |field: &[u8]| {
            let text = String::from_utf8_lossy(field).into_owned();
            text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}').to_owned()
        };
        let mut found = header.iter().enumerate().filter(|(_, field)| clean(field) == name.trim());
        match (found.next(), found.next()) {
            (None, _) => Err(missing),
            (Some((index, _)), None) => Ok(index),
            (Some(_), Some(_)) => Err(Error::RepeatedColumn),
        }
    }

    /// What lies behind an error of the package in reading a row; its own messages quote the input.
    fn cause(&self, row: u64, error: csv::Error) -> Error {
        if self.reader.get_ref().left == 0 {
            return Error::RecordTooLong { row, limit: MAX_RECORD };
        }
        match error.into_kind() {
            csv::ErrorKind::Io(error) => Error::Io(error),
            // Byte records of any number of fields leave no other kind.
            _ => Error::Io(io::ErrorKind::InvalidData.into()),
        }
    }
}

impl Iterator for Csv<'_> {
    type Item = Result<Block, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut fields = Fields::default();
        while !fields.is_full() {
            self.reader.get_mut().left = MAX_RECORD;
            match self.reader.read_byte_record(&mut self.record) {
                Ok(true) => {
                    self.rows += 1;
                    fields.push(self.record.get(self.column));
                }
                Ok(false) => break,
                Err(error) => return Some(Err(self.cause(self.rows + 1, error))),
            }
        }
        fields.into_block().map(Ok)
    }
}

/// Refuses to read on when one record has taken its share.
struct Bounded<'a> {
    reader: Box<dyn Read + Send + 'a>,
    left: usize,
}

impl Read for Bounded<'_> {
    /// Fills the buffer where it can: the package sees a byte-order mark only in one piece, and takes an
    /// interrupted read for a failed one.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let len = buffer.len().min(self.left);
        let mut read = 0;
        while read < len {
            match self.reader.read(&mut buffer[read..len]) {
                Ok(0) => break,
                Ok(more) => read += more,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        self.left -= read;
        Ok(read)
    }
}

/// Collects values into a block.
#[derive(Default)]
struct Fields {
    bytes: Vec<u8>,
    ends: Vec<Option<u32>>,
}

impl Fields {
    fn is_full(&self) -> bool {
        self.ends.len() >= BLOCK_ROWS || self.bytes.len() >= BLOCK_BYTES
    }

    /// Adds a value, or a row that lacks it. A value beyond any identifier is cut where it is certainly too
    /// long, so that a block stays within bounds.
    fn push(&mut self, value: Option<&[u8]>) {
        self.ends.push(value.map(|value| {
            self.bytes.extend_from_slice(&value[..value.len().min(super::MAX_LINE + 1)]);
            self.bytes.len() as u32
        }));
    }

    fn into_block(self) -> Option<Block> {
        let Self { bytes, ends } = self;
        (!ends.is_empty()).then_some(Block { bytes, layout: Layout::Fields(ends) })
    }
}
