//! Sets as Parquet files, for other programs, and back. Needs the feature `parquet`.
//!
//! One column, `token`; the header and the root of the set's own file, unsigned, stand in the metadata. The root finds damage,
//! but nothing is signed: whoever can write such a file can write another. A hub takes sets with keys as native files only.

use std::io::Write;
use std::sync::{Arc, OnceLock};

use parquet::basic::Type as Physical;
use parquet::column::reader::{ColumnReader, ColumnReaderImpl, get_column_reader};
use parquet::data_type::FixedLenByteArrayType;
use parquet::errors::ParquetError;
use parquet::schema::types::ColumnDescPtr;

use crate::container::digest::{IndexEntry, root};
use crate::container::header::Header;
use crate::container::parquet::{Pages, ParquetFile, caught};
use crate::container::sizes::require_set;
use crate::container::{
    CHUNK_RECORDS, FileType, HEADER_LEN, ParquetCell, ParquetType, ParquetWriter, ReadAt, TokenBuffer,
};
use crate::error::Error;
use crate::terms::ContentDigest;
use crate::token::Token;

use super::{SetFile, SetHeader, TokenSet};

/// The name of the column of tokens.
const COLUMN: &str = "token";

/// The key of the header in the metadata.
const HEADER: &str = "veilmatch.header";

/// The key of the root of that file.
const ROOT: &str = "veilmatch.root";

/// Number of tokens that are read at a time.
const TOGETHER: usize = 1 << 13;

impl TokenSet {
    /// Writes the set as a Parquet file: a column `token` of 16 bytes, in order. The lines of the header of its own file, unsigned,
    /// stand in the metadata under `veilmatch.header`, and that file's root under `veilmatch.root`. A signature is left out.
    ///
    /// # Errors
    ///
    /// [`Error::Metadata`] for metadata that a header cannot hold, [`Error::Io`] where writing fails.
    pub fn write_parquet(&self, out: &mut dyn Write) -> Result<(), Error> {
        let mut writer = begin(self.header(), self.index(), out)?;
        self.tokens().iter().try_for_each(|token| writer.push(&[ParquetCell::Token(*token)]))?;
        writer.finish()
    }

    /// Reads a set from a Parquet file that [`TokenSet::write_parquet`] has written, or another program with the same tokens
    /// and metadata.
    ///
    /// Everything is validated as in a set's own file, except that nothing is signed. Memory: 16 bytes a token.
    ///
    /// # Errors
    ///
    /// [`Error::Parquet`] for what is no Parquet file of a set, or one whose tokens are not in order, each once, or not those
    /// of its root; [`Error::Format`] for its header; those of the source.
    pub fn from_parquet(source: impl ReadAt + 'static) -> Result<Self, Error> {
        let file = ParquetFile::open(Arc::new(source))?;
        let (header, page) = header(&file)?;
        let set = Self::from_checked(header, tokens(&file)?, OnceLock::new());
        let found = root(FileType::Set, &page, set.len() as u64, set.index());
        if stated(&file, ROOT)? != ContentDigest(found).to_string() {
            return Err(wrong("its tokens are not those of its root"));
        }
        Ok(set)
    }
}

impl SetFile {
    /// Writes the set as [`TokenSet::write_parquet`] does, without having it in memory. Every chunk is verified before it is
    /// written.
    ///
    /// # Errors
    ///
    /// As [`TokenSet::write_parquet`], and as [`SetFile::read`].
    pub fn write_parquet(&self, out: &mut dyn Write) -> Result<(), Error> {
        let mut writer = begin(self.header(), self.tokens.index().entries(), out)?;
        let mut page = TokenBuffer::new();
        let together = TOGETHER / CHUNK_RECORDS;
        for first in (0..self.chunks()).step_by(together) {
            self.read(first..self.chunks().min(first + together), &mut page)?;
            page.tokens().iter().try_for_each(|token| writer.push(&[ParquetCell::Token(*token)]))?;
        }
        writer.finish()
    }
}

fn begin<'a>(
    set: &SetHeader,
    index: &[IndexEntry],
    out: &'a mut dyn Write,
) -> Result<ParquetWriter<'a>, Error> {
    let unsigned = SetHeader { signed: None, ..set.clone() };
    let page = Header::of_set(&unsigned)?.to_page(FileType::Set).ok_or(Error::Metadata)?;
    let root = ContentDigest(root(FileType::Set, &page, set.tokens(), index)).to_string();
    let header = String::from_utf8(page).map_err(|_| Error::Metadata)?;
    let stated = [(HEADER, header.trim_end().to_owned()), (ROOT, root)];
    ParquetWriter::begin(&[(COLUMN, ParquetType::Token)], &stated, out)
}

fn wrong(problem: &'static str) -> Error {
    Error::Parquet { place: None, problem }
}

/// Returns what the metadata says under a key.
fn stated<'a>(file: &'a ParquetFile, key: &str) -> Result<&'a str, Error> {
    let pairs = file.metadata().file_metadata().key_value_metadata().into_iter().flatten();
    let mut stated = pairs.filter(|pair| pair.key == key);
    match (stated.next().and_then(|pair| pair.value.as_deref()), stated.next()) {
        (Some(value), None) => Ok(value),
        _ => Err(wrong(
            "expected a set, with `veilmatch.header` and `veilmatch.root` in its metadata, each once",
        )),
    }
}

/// Reads and checks the header. Returns its page too.
fn header(file: &ParquetFile) -> Result<(SetHeader, Vec<u8>), Error> {
    let mut page = stated(file, HEADER)?.as_bytes().to_vec();
    page.push(b'\n');
    if page.len() < HEADER_LEN {
        page.resize(HEADER_LEN - 1, b' ');
        page.push(b'\n');
    }
    let header = Header::from_page(&page, FileType::Set)?;
    require_set(&header, FileType::Set).map_err(|expected| Error::Format { offset: 0, expected })?;
    if header.signer.is_some() {
        return Err(wrong("its header names a signer, but nothing is signed"));
    }
    if header.tokens != file.rows() {
        return Err(wrong("it has another number of tokens than its header says"));
    }
    Ok((header.into_set(None)?, page))
}

/// Reads the tokens, which ascend.
fn tokens(file: &ParquetFile) -> Result<Vec<Token>, Error> {
    let schema = file.metadata().file_metadata().schema_descr();
    let is_token = |column: &ColumnDescPtr| {
        let plain = column.max_rep_level() == 0 && column.max_def_level() <= 1;
        let of_tokens = column.physical_type() == Physical::FIXED_LEN_BYTE_ARRAY;
        plain && column.path().parts() == [COLUMN] && of_tokens && column.type_length() == Token::LEN as i32
    };
    let leaf = schema.columns().iter().position(is_token);
    let leaf = leaf.ok_or(wrong("expected a column `token` of FIXED_LEN_BYTE_ARRAY(16)"))?;
    let mut all: Vec<Token> = Vec::new();
    for (at, group) in file.metadata().row_groups().iter().enumerate() {
        let place = || file.place(at, COLUMN);
        let mut reader: ColumnReaderImpl<FixedLenByteArrayType> = caught(Some(&place), || {
            match get_column_reader(schema.column(leaf), Box::new(Pages::open(file, group, leaf)?)) {
                ColumnReader::FixedLenByteArrayColumnReader(reader) => Ok(reader),
                _ => Err(ParquetError::NYI(String::new())),
            }
        })?;
        let (mut left, mut levels, mut values) = (group.num_rows() as usize, Vec::new(), Vec::new());
        while left > 0 {
            levels.clear();
            values.clear();
            let together = left.min(TOGETHER);
            caught(Some(&place), || reader.read_records(together, Some(&mut levels), None, &mut values))?;
            let before = all.len();
            all.extend(values.iter().filter_map(|value| value.data().try_into().ok()).map(Token::from_bytes));
            let problem = if all.len() - before != together {
                "expected a token in each row"
            } else if !all[before.saturating_sub(1)..].is_sorted_by(|a, b| a < b) {
                "expected tokens in order, each once"
            } else {
                left -= together;
                continue;
            };
            return Err(Error::Parquet { place: Some(place()), problem });
        }
    }
    Ok(all)
}
