//! Rows, the source of raw identifiers: lines, a column of a CSV export, or the caller's own iterator.

mod block;
mod csv_rows;
mod export;
mod lines;
mod quotes;
mod values;

use std::fmt;
use std::io::{self, Read};

use zeroize::Zeroizing;

use crate::error::Error;
use crate::progress::{self, Progress};

use super::identifier::Kind;
use lines::Lines;
use values::Values;

pub use block::Oddities;
pub(crate) use block::{Block, Field, Layout};
pub use csv_rows::{Column, CsvRows};
pub use export::MAX_RECORD;
pub use lines::{MAX_LINE, text_begins};
pub use quotes::QUOTED_LINES;
pub(crate) use values::Fields;

/// Raw identifiers, row by row, to be read once: lines, values, or a CSV export ([`CsvRows`]).
///
/// Rows are numbered from 1, as people count; an index into a slice of values is one less. Empty lines are no rows, nor is
/// the header of a CSV export.
///
/// ```
/// # use veilmatch::member::identifier::{Canonicalizer, Kind};
/// # use veilmatch::member::profile::Profile;
/// use veilmatch::member::Rows;
///
/// let values = ["DE89 3704 0044 0532 0130 00", "DE88370400440532013000"];
/// # let rule = Canonicalizer::new(Kind::BankIban);
/// let profile = Profile::read(&rule, Rows::values(values).expect_rows(2))?;
/// assert_eq!(profile.rejections()[0].row, 2);
/// # Ok::<(), veilmatch::Error>(())
/// ```
#[must_use = "rows are read by what takes them"]
pub struct Rows<'a> {
    source: Source<'a>,
    pub(crate) expected: Option<u64>,
    pub(crate) progress: &'a dyn Progress,
}

enum Source<'a> {
    Lines(Lines<'a>),
    Csv(CsvRows<'a>),
    Values(Box<dyn Iterator<Item = Result<Block, Error>> + Send + 'a>),
}

impl<'a> Rows<'a> {
    /// Reads one identifier a line, ended by `\n` or `\r\n`.
    ///
    /// A line over [`MAX_LINE`] bytes is a rejected row and is never held in memory. A byte-order mark at the beginning
    /// is removed. Reading fails with [`Error::Encoding`] for an input that begins as UTF-16 does, or whose first
    /// non-empty line ends in `\r` alone.
    pub fn lines(reader: impl Read + Send + 'a) -> Self {
        Self::of(Source::Lines(Lines::new(Box::new(reader))))
    }

    /// Reads values that the caller already has, owned or borrowed, for instance from a database; each one is a row.
    pub fn values<V: AsRef<[u8]>>(values: impl IntoIterator<Item = V, IntoIter: Send + 'a>) -> Self {
        Self::of(Source::Values(Box::new(Values(values.into_iter()))))
    }

    /// Expects the input to have this number of rows, those of other kinds included.
    ///
    /// Tokenising, profiling and resolving fail with [`Error::RowCount`] for any other.
    pub fn expect_rows(self, rows: u64) -> Self {
        Self { expected: Some(rows), ..self }
    }

    /// Tells how many rows have been worked on, and asks whether to go on.
    pub fn with_progress(self, progress: &'a dyn Progress) -> Self {
        Self { progress, ..self }
    }

    fn of(source: Source<'a>) -> Self {
        Self { source, expected: None, progress: &() }
    }

    /// Whether the columns of the input have names, so that the first row is a header.
    pub(crate) fn has_header(&self) -> bool {
        matches!(&self.source, Source::Csv(csv) if csv.has_header())
    }

    /// Returns the raw values of some rows, to be shown to their owner. `rows` are row numbers in ascending order.
    ///
    /// It reads the input to its end, on this thread. A row gives an empty value if it has no such field, or is
    /// rejected for its number of fields. Each value is wiped when dropped.
    ///
    /// # Errors
    ///
    /// Those of the input; [`Error::Cancelled`]; [`Error::Io`] if a row is not there, or is of another kind: then the rows are not of this
    /// input.
    pub fn select(self, rows: &[u64]) -> Result<Vec<Zeroizing<Vec<u8>>>, Error> {
        let mut values = Vec::with_capacity(rows.len());
        let (expected, progress) = (self.expected, self.progress);
        let mut rows_before = 0;
        for block in self.into_blocks(|_| None)? {
            let of_block = block?.each(|number, value| {
                while rows.get(values.len()) == Some(&(rows_before + number)) {
                    values.push(Zeroizing::new(value.unwrap_or_default().to_vec()));
                }
            });
            progress::advance(progress, of_block)?;
            rows_before += of_block;
        }
        if let Some(expected) = expected.filter(|expected| *expected != rows_before) {
            return Err(Error::RowCount { expected, found: rows_before });
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

    /// The input in blocks that can be worked on apart; `kind_of` says of which kind a row with such a value would be.
    pub(crate) fn into_blocks(
        self,
        kind_of: impl FnMut(&[u8]) -> Option<Kind>,
    ) -> Result<Box<dyn Iterator<Item = Result<Block, Error>> + Send + 'a>, Error> {
        Ok(match self.source {
            Source::Lines(lines) => Box::new(lines),
            Source::Csv(csv) => Box::new(csv.open(kind_of)?),
            Source::Values(blocks) => blocks,
        })
    }
}

impl<'a> From<CsvRows<'a>> for Rows<'a> {
    fn from(csv: CsvRows<'a>) -> Self {
        Self::of(Source::Csv(csv))
    }
}

impl fmt::Debug for Rows<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let source = match self.source {
            Source::Lines(_) => "lines",
            Source::Csv(_) => "csv",
            Source::Values(_) => "values",
        };
        f.debug_struct("Rows")
            .field("source", &source)
            .field("expected", &self.expected)
            .finish_non_exhaustive()
    }
}
