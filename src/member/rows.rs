//! Rows, the source of raw identifiers: lines, a column of a CSV export, or the caller's own iterator.

mod block;
mod bounded;
mod column;
mod csv_rows;
#[cfg(feature = "encoding")]
mod encoding;
mod export;
mod find;
mod inputs;
mod lines;
#[cfg(feature = "parquet")]
mod parquet_rows;
mod quotes;
mod records;
mod values;

use std::fmt;
use std::io::{self, Read};

use zeroize::Zeroizing;

use crate::error::Error;
use crate::outcome::Place;
use crate::progress::{self, Progress};

use super::identifier::Kind;
use inputs::{Blocks, Expected, Input, Source, Tally};
use lines::Lines;

pub use block::Oddities;
pub(crate) use block::{Absent, At, Block};
pub use column::ColumnChunk;
pub use csv_rows::{Column, CsvRows};
#[cfg(feature = "encoding")]
pub use encoding::Encoding;
pub use export::MAX_RECORD;
pub use lines::{MAX_LINE, text_begins};
#[cfg(feature = "parquet")]
pub use parquet_rows::ParquetRows;
pub use quotes::QUOTED_LINES;
pub(crate) use values::Fields;

/// Raw identifiers, row by row, to be read once: lines, values, or a CSV export ([`CsvRows`]).
///
/// Rows are numbered from 1, as people count; an index into a slice of values is one less. Empty lines are no rows, nor is
/// the header of a CSV export. Several inputs become one by [`Rows::chain`]: each is numbered for itself.
///
/// ```
/// # use veilmatch::member::identifier::{Canonicalizer, Kind};
/// # use veilmatch::member::profile::Profile;
/// use veilmatch::member::Rows;
///
/// let values = ["DE89 3704 0044 0532 0130 00", "DE88370400440532013000"];
/// # let rule = Canonicalizer::new(Kind::BankIban);
/// let profile = Profile::read(&rule, Rows::values(values).expect_rows(2))?;
/// assert_eq!(profile.rejections()[0].place.row, 2);
/// # Ok::<(), veilmatch::Error>(())
/// ```
#[must_use = "rows are read by what takes them"]
pub struct Rows<'a> {
    inputs: Vec<Input<'a>>,
    expected: Vec<Expected>,
    pub(crate) progress: &'a dyn Progress,
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
        Self::of(Source::Values(values::blocks(values.into_iter())))
    }

    /// Reads a column that lies in memory, or comes, in chunks: Arrow arrays, for instance. Nothing is copied, and the rows
    /// of a chunk are worked on in parallel. A null is a row, and rejected as [`Reason::Empty`](crate::Reason::Empty).
    ///
    /// ```
    /// # use veilmatch::member::identifier::{Canonicalizer, Kind};
    /// # use veilmatch::member::profile::Profile;
    /// use std::sync::Arc;
    /// use veilmatch::member::Rows;
    /// use veilmatch::member::rows::ColumnChunk;
    ///
    /// /// As Arrow lays strings out: all of them one after the other, and where each begins and the last one ends.
    /// struct Strings {
    ///     bytes: Arc<[u8]>,
    ///     offsets: Arc<[i32]>,
    ///     validity: Arc<[bool]>,
    /// }
    ///
    /// impl ColumnChunk for Strings {
    ///     fn rows(&self) -> usize {
    ///         self.validity.len()
    ///     }
    ///     fn value(&self, row: usize) -> Option<&[u8]> {
    ///         let value = &self.bytes[self.offsets[row] as usize..self.offsets[row + 1] as usize];
    ///         self.validity[row].then_some(value)
    ///     }
    /// }
    ///
    /// let chunk = Strings {
    ///     bytes: (*b"DE89370400440532013000").into(),
    ///     offsets: [0, 22, 22].into(),
    ///     validity: [true, false].into(),
    /// };
    /// # let rule = Canonicalizer::new(Kind::BankIban);
    /// let profile = Profile::read(&rule, Rows::column([Ok(chunk)]))?;
    /// assert_eq!((profile.counters().rows, profile.counters().accepted), (2, 1));
    /// # Ok::<(), veilmatch::Error>(())
    /// ```
    ///
    /// An error in place of a chunk ends the reading with that error.
    pub fn column<C: ColumnChunk + 'static>(
        chunks: impl IntoIterator<Item = Result<C, Error>, IntoIter: Send + 'a>,
    ) -> Self {
        Self::of(Source::Column(column::blocks(chunks.into_iter())))
    }

    /// Names the input in errors: a file, for instance.
    pub fn named(mut self, name: impl Into<String>) -> Self {
        let name = name.into();
        self.inputs.iter_mut().for_each(|input| input.name = Some(name.clone()));
        self
    }

    /// Reads these rows, then those of the next input: further files, or another column with identifiers of the kind.
    ///
    /// A [`Place`] says of which input a row is. What is expected of the number of rows stays as it was said of either;
    /// progress is told as these rows tell it.
    ///
    /// ```
    /// # use veilmatch::member::identifier::{Canonicalizer, Kind};
    /// # use veilmatch::member::profile::Profile;
    /// use veilmatch::member::{CsvRows, Rows};
    ///
    /// let export = "phone,mobile\n+49 89 1234567,\n,+49 170 1234567\n";
    /// let column = |name| Rows::from(CsvRows::new(export.as_bytes()).value_column(name));
    /// # let rule = Canonicalizer::new(Kind::PhoneE164);
    /// let profile = Profile::read(&rule, column("phone").chain(column("mobile")))?;
    /// assert_eq!((profile.counters().rows, profile.counters().accepted), (4, 2));
    /// let empty = profile.rejections()[1].place;
    /// assert_eq!((empty.input, empty.row, empty.line), (1, 1, 2));
    /// # Ok::<(), veilmatch::Error>(())
    /// ```
    pub fn chain(mut self, next: impl Into<Rows<'a>>) -> Self {
        let next = next.into();
        let before = self.inputs.len();
        self.expected.extend(next.expected.into_iter().map(|Expected { inputs, rows }| Expected {
            inputs: before + inputs.start..before + inputs.end,
            rows,
        }));
        self.inputs.extend(next.inputs);
        self
    }

    /// Expects the input, or all that are chained so far together, to have this number of rows, those of other kinds
    /// included.
    ///
    /// Tokenising, profiling and resolving fail with [`Error::RowCount`] for any other.
    pub fn expect_rows(mut self, rows: u64) -> Self {
        let inputs = 0..self.inputs.len();
        self.expected.retain(|before| before.inputs != inputs); // of several calls the last one counts
        self.expected.push(Expected { inputs, rows });
        self
    }

    /// Tells how many rows have been worked on, and asks whether to go on.
    pub fn with_progress(self, progress: &'a dyn Progress) -> Self {
        Self { progress, ..self }
    }

    fn of(source: Source<'a>) -> Self {
        Self { inputs: vec![Input { source, name: None }], expected: Vec::new(), progress: &() }
    }

    /// Whether the columns of the first input have names, so that no row of it is a header.
    pub(crate) fn has_header(&self) -> bool {
        self.inputs.first().is_some_and(|first| match &first.source {
            Source::Csv(csv) => csv.has_header(),
            Source::Column(_) => true,
            #[cfg(feature = "parquet")]
            Source::Parquet(_) => true,
            Source::Lines(_) | Source::Values(_) => false,
        })
    }

    /// Returns the raw values of some rows, to be shown to their owner. `places` are in ascending order; their lines do not
    /// matter.
    ///
    /// It reads the input to its end, on this thread. A row gives an empty value if it has no such field, or is
    /// rejected for its number of fields. Each value is wiped when dropped.
    ///
    /// # Errors
    ///
    /// Those of the input; [`Error::Cancelled`]; [`Error::Io`] if a row is not there, or is of another kind: then the rows
    /// are not of this input.
    pub fn select(self, places: &[Place]) -> Result<Vec<Zeroizing<Vec<u8>>>, Error> {
        let mut values = Vec::with_capacity(places.len());
        let tally = self.walk(|here, value| {
            while places
                .get(values.len())
                .is_some_and(|place| (place.input, place.row) == (here.input, here.row))
            {
                values.push(Zeroizing::new(value.to_vec()));
            }
        })?;
        if let Some(missing) = places.get(values.len()) {
            let rows = if missing.input < tally.inputs() { tally.rows(missing.input) } else { 0 };
            let missing = missing.row;
            let problem = if missing > rows {
                format!("the input has {rows} rows, fewer than when it was read before")
            } else {
                format!("row {missing} is of another kind than when it was read before")
            };
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, problem).into());
        }
        Ok(values)
    }

    /// Calls `row` with the place and the raw value of each row: of a column that says whose a row is, for instance.
    ///
    /// It reads the input to its end, on this thread. A row has an empty value if it has no such field, or is rejected for
    /// its number of fields.
    ///
    /// ```
    /// use veilmatch::member::{CsvRows, Rows};
    ///
    /// let export = "customer,card\n17,9999100000001562\n17,9999100000002933\n";
    /// let mut of_17 = Vec::new();
    /// Rows::from(CsvRows::new(export.as_bytes()).value_column("customer")).each(|place, value| {
    ///     if value == b"17" {
    ///         of_17.push(place.row);
    ///     }
    /// })?;
    /// assert_eq!(of_17, [1, 2]);
    /// # Ok::<(), veilmatch::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of the input; [`Error::Cancelled`].
    pub fn each(self, row: impl FnMut(Place, &[u8])) -> Result<(), Error> {
        self.walk(row).map(drop)
    }

    fn walk(self, mut row: impl FnMut(Place, &[u8])) -> Result<Tally, Error> {
        let progress = self.progress;
        let (blocks, mut tally) = self.into_blocks(|_| None);
        for block in blocks {
            let block = block?;
            let (input, before) = (block.input, tally.before(block.input));
            let of_block = block.each(|at, value| {
                let At { row: number, line } = at.after(before);
                row(Place { input, row: number, line }, value.unwrap_or_default());
            })?;
            progress::advance(progress, of_block.row)?;
            tally.add(input, of_block);
        }
        tally.require_expected()?;
        Ok(tally)
    }

    /// The inputs in blocks that can be worked on apart, and what counts them; `kind_of` says of which kind a row with such
    /// a value would be.
    pub(crate) fn into_blocks<K: FnMut(&[u8]) -> Option<Kind> + Send>(
        self,
        kind_of: K,
    ) -> (impl Iterator<Item = Result<Block, Error>> + Send + use<'a, K>, Tally) {
        let tally = Tally::new(self.inputs.len(), self.expected);
        (Blocks::new(self.inputs, kind_of), tally)
    }
}

impl<'a> From<CsvRows<'a>> for Rows<'a> {
    fn from(csv: CsvRows<'a>) -> Self {
        Self::of(Source::Csv(csv))
    }
}

#[cfg(feature = "parquet")]
impl From<ParquetRows> for Rows<'_> {
    fn from(parquet: ParquetRows) -> Self {
        Self::of(Source::Parquet(parquet))
    }
}

impl fmt::Debug for Rows<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sources = self.inputs.iter().map(|input| match input.source {
            Source::Lines(_) => "lines",
            Source::Csv(_) => "csv",
            Source::Values(_) => "values",
            Source::Column(_) => "column",
            #[cfg(feature = "parquet")]
            Source::Parquet(_) => "parquet",
        });
        f.debug_struct("Rows")
            .field("sources", &sources.collect::<Vec<_>>())
            .field("expected", &self.expected)
            .finish_non_exhaustive()
    }
}
