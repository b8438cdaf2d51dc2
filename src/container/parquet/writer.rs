//! Writes tables as Parquet files, some rows at a time.

use std::fmt;
use std::io::Write;
use std::sync::Arc;

use bytes::Bytes;
use parquet::basic::{Compression, LogicalType, Repetition, Type as Physical, ZstdLevel};
use parquet::column::writer::ColumnWriter;
use parquet::data_type::{ByteArray, FixedLenByteArray};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{WriterProperties, WriterVersion};
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::types::{ColumnPath, Type, TypePtr};

use crate::container::ReadAt;
use crate::error::{Error, ParquetPlace};
use crate::token::Token;

use super::{ParquetFile, caught};

/// The type of a column that a [`ParquetWriter`] writes. No column has nulls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParquetType {
    /// Tokens: `FIXED_LEN_BYTE_ARRAY(16)`.
    Token,
    /// Integers of at most 2⁶³ − 1: `INT64`.
    Integer,
    /// Texts in UTF-8: `STRING`.
    Text,
    /// Lists of texts in UTF-8: `LIST` of `STRING`.
    Texts,
}

/// A cell of a row that a [`ParquetWriter`] takes.
#[derive(Clone, Copy)]
pub enum ParquetCell<'a> {
    /// A token.
    Token(Token),
    /// An integer.
    Integer(u64),
    /// A text in UTF-8.
    Text(&'a [u8]),
    /// A list of texts.
    Texts(&'a [&'a str]),
}

/// The name of the program that a file says has made it.
const CREATOR: &str = "veilmatch";

/// Number of rows of a row group.
const GROUP: usize = 1 << 16;

/// A Parquet file that is written row by row. Memory: 65,536 rows.
///
/// Equal rows give equal bytes with the same version of the package `parquet`. Texts and lists are compressed by Zstandard;
/// tokens cannot be compressed.
///
/// ```
/// use veilmatch::container::{ParquetCell, ParquetType, ParquetWriter};
/// # #[cfg(feature = "member")]
/// use veilmatch::member::rows::ParquetRows;
///
/// let mut file = Vec::new();
/// let columns = [("row", ParquetType::Integer), ("names", ParquetType::Texts)];
/// let mut writer = ParquetWriter::begin(&columns, &[], &mut file)?;
/// writer.push(&[ParquetCell::Integer(7), ParquetCell::Texts(&["bank-a", "bank-b"])])?;
/// writer.finish()?;
/// # #[cfg(feature = "member")]
/// assert_eq!(ParquetRows::new(file)?.columns(), ["row", "names"]);
/// # Ok::<(), veilmatch::Error>(())
/// ```
#[must_use = "the file is complete once it is finished"]
pub struct ParquetWriter<'a> {
    out: &'a mut dyn Write,
    /// It writes into memory; each row group goes on from there.
    file: SerializedFileWriter<Vec<u8>>,
    columns: Vec<Column>,
    rows: usize,
    groups: usize,
}

impl<'a> ParquetWriter<'a> {
    /// Begins a file with columns of these names and types. `stated` are keys and values for its metadata.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] where writing fails.
    pub fn begin(
        columns: &[(&str, ParquetType)],
        stated: &[(&str, String)],
        out: &'a mut dyn Write,
    ) -> Result<Self, Error> {
        let file = caught(None, || {
            let fields = columns.iter().map(|(name, of)| field(name, *of)).collect::<Result<_, _>>()?;
            let schema = Type::group_type_builder("schema").with_fields(fields).build()?;
            SerializedFileWriter::new(Vec::new(), Arc::new(schema), Arc::new(properties(columns, stated)))
        })?;
        let columns = columns.iter().map(|(name, of)| Column::new(name, *of)).collect();
        Ok(Self { out, file, columns, rows: 0, groups: 0 })
    }

    /// Whether a file is Parquet that a writer of this type has made with these columns, or the first ones of them.
    ///
    /// # Errors
    ///
    /// Those of the source.
    pub fn has_made(source: impl ReadAt + 'static, columns: &[&str]) -> Result<bool, Error> {
        match ParquetFile::open(Arc::new(source)) {
            Ok(file) => {
                let file = file.metadata().file_metadata();
                let found = file.schema_descr().root_schema().get_fields().iter().map(|field| field.name());
                let found: Vec<&str> = found.collect();
                Ok(file.created_by() == Some(CREATOR) && columns.starts_with(&found))
            }
            Err(Error::Parquet { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Adds a row.
    ///
    /// # Errors
    ///
    /// [`Error::Parquet`] for a text that is not UTF-8; [`Error::Io`] where writing fails.
    ///
    /// # Panics
    ///
    /// If the cells are not those of the columns, or an integer is 2⁶³ or more.
    pub fn push(&mut self, cells: &[ParquetCell<'_>]) -> Result<(), Error> {
        assert_eq!(cells.len(), self.columns.len(), "a row has a cell for each column");
        for (column, cell) in self.columns.iter_mut().zip(cells) {
            if !column.push(*cell) {
                let first_row = (self.groups * GROUP + self.rows + 1) as u64;
                let place =
                    ParquetPlace { row_group: self.groups + 1, first_row, column: column.name.clone() };
                let problem = "expected a text in UTF-8; CSV takes other bytes";
                return Err(Error::Parquet { place: Some(place), problem });
            }
        }
        self.rows += 1;
        if self.rows == GROUP { self.write_group() } else { Ok(()) }
    }

    /// Completes the file.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] where writing fails.
    pub fn finish(mut self) -> Result<(), Error> {
        if self.rows > 0 {
            self.write_group()?;
        }
        caught(None, || self.file.finish().map(drop))?;
        self.hand_on()
    }

    fn write_group(&mut self) -> Result<(), Error> {
        let Self { file, columns, .. } = self;
        caught(None, || {
            let mut group = file.next_row_group()?;
            for column in columns {
                let mut writer = group.next_column()?.ok_or(ParquetError::EOF(String::new()))?;
                column.write(&mut writer)?;
                writer.close()?;
            }
            group.close().map(drop)
        })?;
        (self.rows, self.groups) = (0, self.groups + 1);
        self.hand_on()
    }

    /// Writes what the package has written so far.
    fn hand_on(&mut self) -> Result<(), Error> {
        let written = self.file.inner_mut();
        self.out.write_all(written)?;
        written.clear();
        Ok(())
    }
}

impl fmt::Debug for ParquetWriter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ParquetWriter").field("row_groups", &self.groups).finish_non_exhaustive()
    }
}

fn field(name: &str, of: ParquetType) -> Result<TypePtr, ParquetError> {
    let text = |name| {
        let text = Type::primitive_type_builder(name, Physical::BYTE_ARRAY)
            .with_logical_type(Some(LogicalType::String));
        text.with_repetition(Repetition::REQUIRED).build()
    };
    let plain = |of| Type::primitive_type_builder(name, of).with_repetition(Repetition::REQUIRED);
    Ok(Arc::new(match of {
        ParquetType::Token => plain(Physical::FIXED_LEN_BYTE_ARRAY).with_length(Token::LEN as i32).build()?,
        ParquetType::Integer => plain(Physical::INT64).build()?,
        ParquetType::Text => text(name)?,
        ParquetType::Texts => {
            let elements = Type::group_type_builder("list")
                .with_repetition(Repetition::REPEATED)
                .with_fields(vec![Arc::new(text("element")?)]);
            Type::group_type_builder(name)
                .with_repetition(Repetition::REQUIRED)
                .with_logical_type(Some(LogicalType::List))
                .with_fields(vec![Arc::new(elements.build()?)])
                .build()?
        }
    }))
}

fn properties(columns: &[(&str, ParquetType)], stated: &[(&str, String)]) -> WriterProperties {
    let stated = stated.iter().map(|(key, value)| KeyValue::new((*key).to_owned(), value.clone())).collect();
    let mut properties = WriterProperties::builder()
        .set_writer_version(WriterVersion::PARQUET_1_0)
        .set_created_by(CREATOR.to_owned())
        .set_key_value_metadata(Some(stated))
        .set_compression(Compression::ZSTD(ZstdLevel::default()));
    for (name, _) in columns.iter().filter(|(_, of)| *of == ParquetType::Token) {
        let path = ColumnPath::from(*name);
        properties = properties.set_column_dictionary_enabled(path.clone(), false);
        properties = properties.set_column_compression(path, Compression::UNCOMPRESSED);
    }
    properties.build()
}

/// The cells of a column that wait for their row group.
struct Column {
    name: String,
    of: ParquetType,
    integers: Vec<i64>,
    bytes: Vec<u8>,
    /// Where each value in `bytes` ends.
    ends: Vec<usize>,
    /// Of each text in a list: 0 for the first of its list, otherwise 1; and 0 for a list without any.
    repetition: Vec<i16>,
    /// As long as the one before: 1 for a text, 0 for a list without any.
    definition: Vec<i16>,
}

impl Column {
    fn new(name: &str, of: ParquetType) -> Self {
        Self {
            name: name.to_owned(),
            of,
            integers: Vec::new(),
            bytes: Vec::new(),
            ends: Vec::new(),
            repetition: Vec::new(),
            definition: Vec::new(),
        }
    }

    /// Returns whether a text is UTF-8.
    fn push(&mut self, cell: ParquetCell<'_>) -> bool {
        match (self.of, cell) {
            (ParquetType::Token, ParquetCell::Token(token)) => self.push_bytes(token.as_bytes()),
            (ParquetType::Integer, ParquetCell::Integer(integer)) => {
                self.integers.push(i64::try_from(integer).expect("integers are below 2^63"));
            }
            (ParquetType::Text, ParquetCell::Text(text)) => {
                if std::str::from_utf8(text).is_err() {
                    return false;
                }
                self.push_bytes(text);
            }
            (ParquetType::Texts, ParquetCell::Texts(texts)) => {
                if texts.is_empty() {
                    self.repetition.push(0);
                    self.definition.push(0);
                }
                for (at, text) in texts.iter().enumerate() {
                    self.repetition.push(i16::from(at > 0));
                    self.definition.push(1);
                    self.push_bytes(text.as_bytes());
                }
            }
            _ => panic!("a cell has the type of its column"),
        }
        true
    }

    fn push_bytes(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
        self.ends.push(self.bytes.len());
    }

    /// Writes the cells and forgets them.
    fn write(&mut self, out: &mut SerializedColumnWriter<'_>) -> Result<(), ParquetError> {
        let all = Bytes::from(std::mem::take(&mut self.bytes));
        let mut start = 0;
        let values = self
            .ends
            .drain(..)
            .map(|end| ByteArray::from(all.slice(std::mem::replace(&mut start, end)..end)));
        match out.untyped() {
            ColumnWriter::Int64ColumnWriter(out) => {
                out.write_batch(&self.integers, None, None)?;
                self.integers.clear();
            }
            ColumnWriter::FixedLenByteArrayColumnWriter(out) => {
                let values: Vec<FixedLenByteArray> = values.map(FixedLenByteArray::from).collect();
                out.write_batch(&values, None, None)?;
            }
            ColumnWriter::ByteArrayColumnWriter(out) => {
                let values: Vec<ByteArray> = values.collect();
                let is_list = !self.repetition.is_empty();
                let levels = |levels| is_list.then_some(levels);
                out.write_batch(&values, levels(&self.definition[..]), levels(&self.repetition[..]))?;
                self.repetition.clear();
                self.definition.clear();
            }
            _ => return Err(ParquetError::NYI(String::new())),
        }
        Ok(())
    }
}
