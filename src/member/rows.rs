//! Rows: where raw identifiers come from: lines, a column of a CSV export, or the caller's own iterator.

mod block;
mod export;
mod lines;
mod quotes;

use std::collections::BTreeSet;
use std::io::{self, Read};

use zeroize::Zeroizing;

use crate::error::Error;

use super::identifier::Kind;
use export::{Csv, Dialect, OfKind, kind_named};
use lines::Lines;

pub(crate) use block::{Block, Field, Layout};
pub use export::MAX_RECORD;
pub use lines::{MAX_LINE, text_begins};
pub use quotes::QUOTED_LINES;

/// Rows and bytes of one block of values, whichever is reached first.
const BLOCK_ROWS: usize = 4096;
const BLOCK_BYTES: usize = 1 << 17;

/// Raw identifiers, row by row, to be read once.
///
/// Rows are numbered from 1; empty lines are not rows, nor is the header of a CSV export.
pub struct Rows<'a> {
    source: Source<'a>,
    expected: Option<u64>,
}

enum Source<'a> {
    Lines(Lines<'a>),
    Csv { reader: Box<dyn Read + Send + 'a>, column: Column, of_kind: Option<OfKind>, dialect: Dialect },
    Values(Box<dyn Iterator<Item = Vec<u8>> + Send + 'a>),
}

/// Which column of a CSV export holds the identifiers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Column {
    /// The first one.
    First,
    /// The one at this place, counted from 1.
    Number(usize),
    /// The one whose header has this name.
    Named(String),
}

impl<'a> Rows<'a> {
    /// One identifier a line, ended by `\n` or `\r\n`.
    ///
    /// A line over [`MAX_LINE`] bytes is a rejected row and is never held in memory. A byte-order mark at
    /// the beginning is removed. Reading fails with [`Error::Encoding`] for an input that begins as UTF-16 does, or whose
    /// first line that is not empty ends in `\r` alone.
    pub fn lines(reader: impl Read + Send + 'a) -> Self {
        Self::of(Source::Lines(Lines::new(Box::new(reader))))
    }

    /// One column of a CSV export (RFC 4180) whose first line is a header.
    ///
    /// A row with fewer or more fields than the header is rejected, and so is one with an empty field. Where the first row
    /// has empty fields more, as in an export that ends its rows in a delimiter, its number is that of all. Reading fails with
    /// [`Error::MissingColumn`] or [`Error::RepeatedColumn`] for the header's sake; with [`Error::HeaderIsRow`] where
    /// the header's cell of a column that is not named is what a row has there; with [`Error::OpenQuote`],
    /// [`Error::TextAfterQuote`] or [`Error::QuoteInField`] for quotes that RFC 4180 does not allow; with
    /// [`Error::Encoding`] for what begins as UTF-16 does; with [`Error::QuotedLines`] for a quoted field of more than [`QUOTED_LINES`] lines; and with
    /// [`Error::RecordTooLong`] for a record over [`MAX_RECORD`] bytes.
    pub fn csv(reader: impl Read + Send + 'a, column: Column) -> Self {
        Self::of_csv(reader, column, None)
    }

    /// The values of one kind in a CSV export of several, where a column names the kind of each row's value.
    ///
    /// The export is read once for each kind. A row of another kind is not one of these rows, and is counted
    /// nowhere here, but keeps its number; so does a row whose kind is none of this build
    /// ([`Rows::rejecting_unknown_kinds`]). White space around the name of a kind counts for nothing. Reading
    /// fails as [`Rows::csv`] does.
    ///
    /// ```
    /// # use veilmatch::member::identifier::Kind;
    /// # use veilmatch::member::key::CoalitionSecret;
    /// # use veilmatch::terms::{KeyContext, Name};
    /// # use veilmatch::member::rows::{Column, Rows};
    /// # use veilmatch::member::tokenize::Tokenizer;
    /// # let secret = CoalitionSecret::generate()?;
    /// # let context = KeyContext::new(Name::new("efc")?, 1, Kind::BankIban.kind_id())?;
    /// # let (tokenizer, member) = (Tokenizer::new(&secret, context)?, Name::new("bank-a")?);
    /// let export = "kind,value\ncard.pan,9999 1000 0000 1562\nbank.iban,DE88370400440532013000\n";
    /// let column = |name: &str| Column::Named(name.to_owned());
    /// let rows = Rows::csv_of_kind(export.as_bytes(), column("kind"), column("value"), Kind::BankIban);
    /// let tokenized = tokenizer.tokenize(&member, rows, &())?;
    /// assert_eq!(tokenized.set.counters().rows, 1);
    /// assert_eq!(tokenized.rejections[0].row, 2); // of the file
    /// # Ok::<(), veilmatch::Error>(())
    /// ```
    pub fn csv_of_kind(reader: impl Read + Send + 'a, kinds: Column, values: Column, kind: Kind) -> Self {
        Self::of_csv(reader, values, Some(OfKind::new(kinds, kind)))
    }

    /// Counts the rows whose kind is none of this build among these, rejected as [`Reason::UnknownKind`](crate::Reason::UnknownKind).
    ///
    /// Of the kinds that are read from one export one should do so, by custom the first in order of id: then such
    /// a row is counted once, as every other row is. Changes nothing where there is no column of kinds.
    #[must_use]
    pub fn rejecting_unknown_kinds(mut self) -> Self {
        if let Source::Csv { of_kind: Some(of_kind), .. } = &mut self.source {
            of_kind.rejects_unknown = true;
        }
        self
    }

    /// Separates the fields of a CSV export by another byte than a comma; no other input has one.
    ///
    /// Reading fails with [`Error::Delimiter`] for a quote or a line end.
    #[must_use]
    pub fn delimited_by(self, byte: u8) -> Self {
        self.with_dialect(|dialect| dialect.delimiter = byte)
    }

    /// Takes the first record of a CSV export for a row: the export has no header.
    ///
    /// The first row says how many fields all rows have. Columns are then [`Column::First`] or [`Column::Number`]; reading fails with [`Error::NoHeader`] for one by name.
    #[must_use]
    pub fn without_header(self) -> Self {
        self.with_dialect(|dialect| dialect.header = false)
    }

    /// Allows quoted fields of a CSV export to span up to `most` lines. Without it the limit is [`QUOTED_LINES`].
    #[must_use]
    pub fn quoted_lines(self, most: u32) -> Self {
        self.with_dialect(|dialect| dialect.quoted_lines = Some(most))
    }

    /// Takes the quotes of a CSV export for ordinary characters: the export quotes nothing.
    #[must_use]
    pub fn without_quotes(self) -> Self {
        self.with_dialect(|dialect| dialect.quoted_lines = None)
    }

    /// Expects the input to have this number of rows, those of other kinds included.
    ///
    /// Tokenising, profiling and resolving fail with [`Error::RowCount`] for any other.
    #[must_use]
    pub fn expect_rows(self, rows: u64) -> Self {
        Self { expected: Some(rows), ..self }
    }

    /// Values that the caller already has, for instance from a database; each one is a row.
    pub fn values<V: Into<Vec<u8>> + 'a>(values: impl IntoIterator<Item = V, IntoIter: Send + 'a>) -> Self {
        Self::of(Source::Values(Box::new(values.into_iter().map(Into::into))))
    }

    fn of(source: Source<'a>) -> Self {
        Self { source, expected: None }
    }

    fn of_csv(reader: impl Read + Send + 'a, column: Column, of_kind: Option<OfKind>) -> Self {
        let dialect =
            Dialect { delimiter: b',', header: true, quoted_lines: Some(QUOTED_LINES), ragged: false };
        Self::of(Source::Csv { reader: Box::new(reader), column, of_kind, dialect })
    }

    fn with_dialect(mut self, change: impl FnOnce(&mut Dialect)) -> Self {
        if let Source::Csv { dialect, .. } = &mut self.source {
            change(dialect);
        }
        self
    }

    /// Whether the columns of the input have names, so that the first row is none.
    pub(crate) fn has_header(&self) -> bool {
        matches!(&self.source, Source::Csv { dialect, .. } if dialect.header)
    }

    /// How many rows the caller expects.
    pub(crate) fn expected(&self) -> Option<u64> {
        self.expected
    }

    /// The raw values of some rows, to be shown to their owner; `rows` are row numbers in ascending order.
    ///
    /// Reads the input to its end, on this thread. A row that has no such field, or is rejected for the number of its
    /// fields, gives an empty value. Each value is wiped when dropped.
    ///
    /// # Errors
    ///
    /// Those of the input; [`Error::Io`] if a row is not there, or is of another kind: then this is not the input
    /// that the rows are of.
    pub fn select(self, rows: &[u64]) -> Result<Vec<Zeroizing<Vec<u8>>>, Error> {
        let mut values = Vec::with_capacity(rows.len());
        let mut rows_before = 0;
        for block in self.into_blocks(|_| None)? {
            rows_before += block?.each(|number, value| {
                while rows.get(values.len()) == Some(&(rows_before + number)) {
                    values.push(Zeroizing::new(value.unwrap_or_default().to_vec()));
                }
            });
        }
        if let Some(missing) = rows.get(values.len()) {
            let problem = if *missing > rows_before {
                format!("the input has {rows_before} rows, fewer than when it was read before")
            } else {
                format!("row {missing} is of another kind than when it was read before")
            };
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, problem).into());
        }
        Ok(values)
    }

    /// The kinds that the values are the names of, in order of id: those of a column of kinds, before the rows of
    /// each are read ([`Rows::csv_of_kind`]).
    ///
    /// Reads the input to its end, on this thread. Values that name no kind of this build are passed over.
    ///
    /// # Errors
    ///
    /// Those of the input.
    pub fn kinds(self) -> Result<Vec<Kind>, Error> {
        let mut kinds = BTreeSet::new();
        // A row that will be rejected for the number of its fields is one of its kind's rows all the same.
        for block in self.with_dialect(|dialect| dialect.ragged = true).into_blocks(kind_named)? {
            let mut before = None; // exports come in runs of one kind
            block?.each(|_, value| {
                let Ok(value) = value else { return };
                if before.replace(value) != Some(value) {
                    kinds.extend(kind_named(value));
                }
            });
        }
        let mut kinds: Vec<Kind> = kinds.into_iter().collect();
        kinds.sort_by_key(|kind| kind.kind_id().as_str().to_owned());
        Ok(kinds)
    }

    /// The input in blocks that can be worked on apart; `kind_of` says of which kind a row with such a value would be.
    pub(crate) fn into_blocks(
        self,
        kind_of: impl FnMut(&[u8]) -> Option<Kind>,
    ) -> Result<Box<dyn Iterator<Item = Result<Block, Error>> + Send + 'a>, Error> {
        Ok(match self.source {
            Source::Lines(lines) => Box::new(lines),
            Source::Csv { reader, column, of_kind, dialect } => {
                Box::new(Csv::open(reader, &column, of_kind, dialect, kind_of)?)
            }
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
            fields.push(&value);
        }
        fields.into_block().map(Ok)
    }
}

/// Collects values into a block.
#[derive(Default)]
pub(crate) struct Fields {
    bytes: Vec<u8>,
    fields: Vec<Field>,
}

impl Fields {
    pub(crate) fn is_full(&self) -> bool {
        self.fields.len() >= BLOCK_ROWS || self.bytes.len() >= BLOCK_BYTES
    }

    /// Adds a value. One beyond any identifier is cut where it is certainly too long, so that a block stays within
    /// bounds.
    pub(crate) fn push(&mut self, value: &[u8]) {
        self.bytes.extend_from_slice(&value[..value.len().min(MAX_LINE + 1)]);
        self.fields.push(Field::Value(self.bytes.len() as u32));
    }

    /// Adds a row without a value of ours.
    pub(crate) fn push_none(&mut self, field: Field) {
        self.fields.push(field);
    }

    pub(crate) fn into_block(self) -> Option<Block> {
        let Self { bytes, fields } = self;
        (!fields.is_empty()).then_some(Block { bytes, layout: Layout::Fields(fields), ..Block::default() })
    }
}
