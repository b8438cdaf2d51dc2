//! The description of a CSV export: the column, the kind of its values, delimiter, header and quotes.

use std::fmt;
use std::io::Read;

use crate::error::Error;
use crate::member::identifier::Kind;

use super::QUOTED_LINES;
use super::export::{Csv, Dialect, OfKind, kind_named, kinds_of};

/// Which column of a CSV export is meant. A text is a name, a number a place from 1.
///
/// ```
/// # use veilmatch::member::identifier::{Canonicalizer, Kind};
/// # use veilmatch::member::profile::Profile;
/// use veilmatch::member::{Column, CsvRows};
///
/// # let rule = Canonicalizer::new(Kind::BankIban);
/// let export = "customer,iban\n17,DE89 3704 0044 0532 0130 00\n";
/// for column in [Column::from("iban"), Column::from(2)] {
///     let rows = CsvRows::new(export.as_bytes()).value_column(column);
///     assert_eq!(Profile::read(&rule, rows)?.counters().accepted, 1);
/// }
/// # Ok::<(), veilmatch::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Column {
    /// The first one.
    First,
    /// The one at this place, counted from 1.
    Number(usize),
    /// The one whose header has this name.
    Named(String),
}

impl From<&str> for Column {
    fn from(name: &str) -> Self {
        Self::Named(name.to_owned())
    }
}

impl From<String> for Column {
    fn from(name: String) -> Self {
        Self::Named(name)
    }
}

impl From<usize> for Column {
    fn from(number: usize) -> Self {
        Self::Number(number)
    }
}

/// One column of a CSV export (RFC 4180): by default the first one, below a header, with commas between fields.
///
/// A row with fewer or more fields than the header is rejected, and so is one with an empty field. Where the first row
/// has empty fields more, as in an export that ends its rows in a delimiter, its number is that of all. Reading fails with
/// [`Error::MissingColumn`] or [`Error::RepeatedColumn`] for the header's sake; with [`Error::HeaderIsRow`] where
/// the header's cell of a column that is not named is what a row has there; with [`Error::OpenQuote`],
/// [`Error::TextAfterQuote`] or [`Error::QuoteInField`] for quotes that RFC 4180 does not allow; with
/// [`Error::Encoding`] for what begins as UTF-16 does; with [`Error::QuotedLines`] for a quoted field of more than
/// [`QUOTED_LINES`] lines; and with [`Error::RecordTooLong`] for a record over [`MAX_RECORD`](super::MAX_RECORD) bytes.
///
/// ```
/// # use veilmatch::member::key::CoalitionSecret;
/// # use veilmatch::terms::{KeyContext, Name};
/// # use veilmatch::member::tokenize::Tokenizer;
/// use veilmatch::member::{CsvRows, Kind};
///
/// # let secret = CoalitionSecret::generate()?;
/// # let context = KeyContext::new(Name::new("efc")?, 1, Kind::BankIban.kind_id())?;
/// # let (tokenizer, member) = (Tokenizer::new(&secret, context)?, Name::new("bank-a")?);
/// let export = "customer;iban\n17;DE89 3704 0044 0532 0130 00\n18;DE88370400440532013000\n";
/// let rows = CsvRows::new(export.as_bytes()).delimiter(b';').value_column("iban");
/// let tokenized = tokenizer.tokenize(&member, rows)?;
/// assert_eq!(tokenized.set.len(), 1);
/// assert_eq!(tokenized.rejections[0].place.row, 2);
/// # Ok::<(), veilmatch::Error>(())
/// ```
#[must_use = "rows are read by what takes them"]
pub struct CsvRows<'a> {
    reader: Box<dyn Read + Send + 'a>,
    values: Column,
    of_kind: Option<OfKind>,
    dialect: Dialect,
}

impl<'a> CsvRows<'a> {
    /// Reads the first column of an export.
    pub fn new(reader: impl Read + Send + 'a) -> Self {
        let dialect =
            Dialect { delimiter: b',', header: true, quoted_lines: Some(QUOTED_LINES), ragged: false };
        Self { reader: Box::new(reader), values: Column::First, of_kind: None, dialect }
    }

    /// Takes the identifiers from this column; of several calls the last one counts.
    pub fn value_column(self, column: impl Into<Column>) -> Self {
        Self { values: column.into(), ..self }
    }

    /// Reads only the rows whose cell in another column is the name or the id of this kind.
    ///
    /// The export is read once for each kind. A row of another kind is not one of these rows, and is counted
    /// nowhere here, but keeps its number; so does a row whose kind is none of this build. White space around the name
    /// of a kind counts for nothing. Of several calls the last one counts.
    ///
    /// ```
    /// # use veilmatch::member::identifier::Canonicalizer;
    /// # use veilmatch::member::profile::Profile;
    /// use veilmatch::member::{CsvRows, Kind};
    ///
    /// let export = "kind,value\ncard.pan,9999 1000 0000 1562\nbank.iban,DE88370400440532013000\n";
    /// # let rule = Canonicalizer::new(Kind::BankIban);
    /// let rows = CsvRows::new(export.as_bytes()).kind_column("kind", Kind::BankIban).value_column("value");
    /// let profile = Profile::read(&rule, rows)?;
    /// assert_eq!(profile.counters().rows, 1);
    /// assert_eq!(profile.rejections()[0].place.row, 2); // of the file
    /// # Ok::<(), veilmatch::Error>(())
    /// ```
    pub fn kind_column(self, column: impl Into<Column>, kind: Kind) -> Self {
        Self { of_kind: Some(OfKind::new(column.into(), kind, false)), ..self }
    }

    /// Reads what [`CsvRows::kind_column`] does, and the rows whose kind is none of this build: those are rejected as
    /// [`Reason::UnknownKind`](crate::Reason::UnknownKind).
    ///
    /// Read one kind of an export so, by custom the first in order of id: then such a row is counted once, as every other
    /// row is.
    pub fn kind_column_with_unknown(self, column: impl Into<Column>, kind: Kind) -> Self {
        Self { of_kind: Some(OfKind::new(column.into(), kind, true)), ..self }
    }

    /// Separates the fields by another byte than a comma.
    ///
    /// Reading fails with [`Error::Delimiter`] for a quote or a line end.
    pub fn delimiter(self, byte: u8) -> Self {
        self.with_dialect(|dialect| dialect.delimiter = byte)
    }

    /// Takes the first record for a row: the export has no header.
    ///
    /// The first row says how many fields all rows have. Columns are then [`Column::First`] or [`Column::Number`]; reading
    /// fails with [`Error::NoHeader`] for one by name.
    pub fn without_header(self) -> Self {
        self.with_dialect(|dialect| dialect.header = false)
    }

    /// Allows quoted fields to span this number of lines, rather than [`QUOTED_LINES`]. Takes back
    /// [`CsvRows::without_quotes`].
    pub fn quoted_lines(self, most: u32) -> Self {
        self.with_dialect(|dialect| dialect.quoted_lines = Some(most))
    }

    /// Takes quotes for ordinary characters: the export quotes nothing. Takes back [`CsvRows::quoted_lines`].
    pub fn without_quotes(self) -> Self {
        self.with_dialect(|dialect| dialect.quoted_lines = None)
    }

    /// Reads the names of the columns, without white space around them.
    ///
    /// They stand in the first record; an export without a header has an identifier there, so show them to nobody but
    /// their owner.
    ///
    /// ```
    /// use veilmatch::member::CsvRows;
    ///
    /// let export = "\u{feff}customer; iban\n17;DE89 3704 0044 0532 0130 00\n";
    /// assert_eq!(CsvRows::new(export.as_bytes()).delimiter(b';').header()?, ["customer", "iban"]);
    /// # Ok::<(), veilmatch::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of the input, as far as its first record.
    pub fn header(self) -> Result<Vec<String>, Error> {
        let mut csv = self.with_dialect(|dialect| dialect.header = true).open_undescribed()?;
        csv.names()
    }

    /// Finds the kinds that a column names, in order of id, before the rows of each are read
    /// ([`CsvRows::kind_column`]).
    ///
    /// Reads the input to its end, on this thread. Cells that name no kind of this build are passed over. Columns that were
    /// named before make no difference.
    ///
    /// # Errors
    ///
    /// Those of the input.
    pub fn kinds(self, column: impl Into<Column>) -> Result<Vec<Kind>, Error> {
        // A row that will be rejected for the number of its fields is one of its kind's rows all the same.
        let ragged = self.value_column(column).with_dialect(|dialect| dialect.ragged = true);
        kinds_of((Self { of_kind: None, ..ragged }).open(kind_named)?)
    }

    fn with_dialect(mut self, change: impl FnOnce(&mut Dialect)) -> Self {
        change(&mut self.dialect);
        self
    }

    pub(super) fn has_header(&self) -> bool {
        self.dialect.header
    }

    fn open_undescribed(self) -> Result<Csv<'a>, Error> {
        Csv::new(self.reader, self.dialect)
    }

    /// `kind_of` says of which kind a row with such a cell in the wanted column would be: no header has that.
    pub(super) fn open(self, kind_of: impl FnMut(&[u8]) -> Option<Kind>) -> Result<Csv<'a>, Error> {
        Csv::open(self.reader, &self.values, self.of_kind, self.dialect, kind_of)
    }
}

impl fmt::Debug for CsvRows<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CsvRows").field("values", &self.values).finish_non_exhaustive()
    }
}
