//! The description of a Parquet file: the column, and the kind of its values. Needs the feature `parquet`.

mod decoding;
mod leaf;
mod pieces;

use std::fmt;
use std::sync::Arc;

use crate::container::ReadAt;
use crate::container::parquet::ParquetFile;
use crate::error::Error;
use crate::member::identifier::Kind;

use super::export::{OfKind, kind_named, kinds_of};
use super::{Block, Column};
use leaf::Leaf;
use pieces::Pieces;

/// One column of a Parquet file: by default the first one.
///
/// The column holds text or bytes, in any encoding of Parquet, plain or by dictionary, uncompressed or by Snappy or Zstandard.
/// A null is a row, and rejected as [`Reason::Empty`](crate::Reason::Empty), as an empty value is. A row is numbered by its
/// place in the file, over all row groups. Other columns are not read.
///
/// Row groups, and parts of large ones, are read and decoded in parallel. Memory: for each thread one page of the column,
/// compressed and not, its dictionary, and 1,024 values. A page has about 1 MiB, but DuckDB makes one page of all rows of a
/// row group, up to 100 MB: its default of 122,880 rows in a group is better than millions.
///
/// Reading fails with [`Error::MissingColumn`] or [`Error::RepeatedColumn`]; with [`Error::ColumnType`] for a column of any
/// other type, or one within a list or a struct; and with [`Error::Parquet`] for a file that is damaged or compressed in
/// another way. A program that is built to abort on panic also aborts on some damaged files.
///
/// ```
/// # use veilmatch::terms::{Name, Terms};
/// # use veilmatch::{Token, TokenSet};
/// # use veilmatch::member::identifier::{Canonicalizer, Kind};
/// # use veilmatch::member::profile::Profile;
/// # let set = TokenSet::from_tokens(Terms::example(), Name::new("a")?, vec![Token::from_bytes([7; 16])]);
/// # let mut file = Vec::new();
/// # set.write_parquet(&mut file)?;
/// use veilmatch::member::rows::ParquetRows;
///
/// # let rule = Canonicalizer::new(Kind::BankIban);
/// let rows = ParquetRows::new(file)?.value_column("iban");
/// assert_eq!(rows.rows(), 1);
/// assert_eq!(Profile::read(&rule, rows).unwrap_err().code(), "missing_column");
/// # Ok::<(), veilmatch::Error>(())
/// ```
#[must_use = "rows are read by what takes them"]
#[derive(Clone)]
pub struct ParquetRows {
    file: Arc<ParquetFile>,
    values: Column,
    of_kind: Option<OfKind>,
    integers: bool,
    /// Number of rows that are read at most.
    first: u64,
}

impl ParquetRows {
    /// Opens a file ([`OnDisk`](crate::container::OnDisk), or bytes) and reads its metadata. Several threads read it at once.
    ///
    /// # Errors
    ///
    /// [`Error::Parquet`] for what is no Parquet file; those of the source.
    pub fn new(source: impl ReadAt + 'static) -> Result<Self, Error> {
        let file = Arc::new(ParquetFile::open(Arc::new(source))?);
        Ok(Self { file, values: Column::First, of_kind: None, integers: false, first: u64::MAX })
    }

    /// Takes the identifiers from this column; of several calls the last one counts.
    pub fn value_column(self, column: impl Into<Column>) -> Self {
        Self { values: column.into(), ..self }
    }

    /// Reads only the rows whose value in another column is the name or the id of this kind, as
    /// [`CsvRows::kind_column`](super::CsvRows::kind_column) does. Of several calls the last one counts.
    pub fn kind_column(self, column: impl Into<Column>, kind: Kind) -> Self {
        Self { of_kind: Some(OfKind::new(column.into(), kind, false)), ..self }
    }

    /// Reads what [`ParquetRows::kind_column`] does, and the rows whose kind is none of this build: those are rejected as
    /// [`Reason::UnknownKind`](crate::Reason::UnknownKind).
    pub fn kind_column_with_unknown(self, column: impl Into<Column>, kind: Kind) -> Self {
        Self { of_kind: Some(OfKind::new(column.into(), kind, true)), ..self }
    }

    /// Takes a column of integers too, in decimal digits: a customer's number, for instance.
    ///
    /// No identifier should be read so: an integer has lost the zeros before its first digit.
    pub fn with_integers(self) -> Self {
        Self { integers: true, ..self }
    }

    /// Reads the first rows alone, up to this number: to look at a file, for instance.
    pub fn first(self, rows: u64) -> Self {
        Self { first: rows, ..self }
    }

    /// Returns the number of rows that are read.
    pub fn rows(&self) -> u64 {
        self.file.rows().min(self.first)
    }

    /// Returns the names of the columns, without white space around them.
    pub fn columns(&self) -> Vec<String> {
        let schema = self.file.metadata().file_metadata().schema_descr();
        schema.root_schema().get_fields().iter().map(|field| field.name().trim().to_owned()).collect()
    }

    /// Finds the kinds that a column names, in order of id, as [`CsvRows::kinds`](super::CsvRows::kinds) does. It reads the
    /// column on this thread.
    ///
    /// # Errors
    ///
    /// Those of the input.
    pub fn kinds(self, column: impl Into<Column>) -> Result<Vec<Kind>, Error> {
        let blocks = (Self { of_kind: None, ..self }).value_column(column).open(|_| None)?;
        kinds_of(blocks.map(Ok))
    }

    /// Finds the columns. Returns the blocks of the file's rows. `kind_of` says of which kind a row with such a value would be.
    pub(super) fn open(
        self,
        mut kind_of: impl FnMut(&[u8]) -> Option<Kind>,
    ) -> Result<Box<dyn Iterator<Item = Block> + Send>, Error> {
        let values = Leaf::find(&self.file, &self.values, self.integers, &mut kind_of)?;
        let of_kind = self.of_kind.map(|of_kind| {
            Ok::<_, Error>((Leaf::find(&self.file, of_kind.column(), false, &mut kind_named)?, of_kind))
        });
        Ok(Box::new(Pieces::new(self.file, values, of_kind.transpose()?, self.first)?))
    }
}

impl fmt::Debug for ParquetRows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ParquetRows")
            .field("rows", &self.rows())
            .field("values", &self.values)
            .finish_non_exhaustive()
    }
}
