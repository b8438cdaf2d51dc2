//! Decodes a column of one row group, some values at a time.

use std::io::Write as _;

use parquet::column::page::PageReader as _;
use parquet::column::reader::{ColumnReader, ColumnReaderImpl, get_column_reader};
use parquet::data_type::{ByteArrayType, DataType, Int32Type, Int64Type};
use parquet::errors::ParquetError;

use crate::container::parquet::{Pages, ParquetFile, caught};
use crate::error::Error;

use super::leaf::Leaf;

/// A column of a row group that is being read.
pub(super) struct Decoding<'a> {
    file: &'a ParquetFile,
    group: usize,
    leaf: &'a Leaf,
    values: OfType,
}

/// Text and bytes, or what becomes decimal digits.
enum OfType {
    Bytes(Values<ByteArrayType>),
    Int32(Values<Int32Type>),
    Int64(Values<Int64Type>),
}

impl<'a> Decoding<'a> {
    /// Begins behind some rows of a row group, which is counted from 0.
    pub(super) fn begin(
        file: &'a ParquetFile,
        group: usize,
        leaf: &'a Leaf,
        behind: u64,
    ) -> Result<Self, Error> {
        let place = || file.place(group, &leaf.name);
        let values = caught(Some(&place), || {
            let of_group = file.metadata().row_group(group);
            let pages = Box::new(Pages::open(file, of_group, leaf.index)?);
            let behind = behind as usize;
            Ok(match get_column_reader(of_group.column(leaf.index).column_descr_ptr(), pages) {
                ColumnReader::ByteArrayColumnReader(reader) => OfType::Bytes(Values::begin(reader, behind)?),
                ColumnReader::Int32ColumnReader(reader) => OfType::Int32(Values::begin(reader, behind)?),
                ColumnReader::Int64ColumnReader(reader) => OfType::Int64(Values::begin(reader, behind)?),
                _ => return Err(ParquetError::NYI(String::new())),
            })
        })?;
        Ok(Self { file, group, leaf, values })
    }

    /// Decodes exactly this number of rows.
    pub(super) fn decode(&mut self, rows: usize) -> Result<(), Error> {
        let Self { file, group, leaf, values } = self;
        let place = || file.place(*group, &leaf.name);
        let found = caught(Some(&place), || match values {
            OfType::Bytes(values) => values.decode(rows),
            OfType::Int32(values) => values.decode(rows),
            OfType::Int64(values) => values.decode(rows),
        })?;
        if found != rows {
            let problem = "it has fewer rows than its row group";
            return Err(Error::Parquet { place: Some(place()), problem });
        }
        Ok(())
    }

    /// Calls `row` with the value of each row that was decoded last, or with nothing for a null.
    pub(super) fn each(&self, mut row: impl FnMut(Option<&[u8]>)) {
        let mut digits = Vec::new();
        match &self.values {
            OfType::Bytes(values) => values.each(|value| row(value.map(|value| value.data()))),
            OfType::Int32(values) => values.each(|value| {
                let value = value.map(|value| match self.leaf.is_unsigned {
                    true => i64::from(value.cast_unsigned()),
                    false => i64::from(*value),
                });
                row(value.map(|value| decimal(value, &mut digits)));
            }),
            OfType::Int64(values) => values.each(|value| match value {
                Some(value) if self.leaf.is_unsigned => {
                    row(Some(decimal(value.cast_unsigned(), &mut digits)));
                }
                value => row(value.map(|value| decimal(*value, &mut digits))),
            }),
        }
    }
}

/// Returns the number of rows on the first page of a column's row group, if its header can be read.
pub(super) fn first_page_rows(file: &ParquetFile, group: usize, leaf: &Leaf) -> Option<u64> {
    let rows = caught(None, || {
        let mut pages = Pages::open(file, file.metadata().row_group(group), leaf.index)?;
        while let Some(page) = pages.peek_next_page()? {
            if !page.is_dict {
                return Ok(page.num_rows.or(page.num_levels));
            }
            pages.skip_next_page()?;
        }
        Ok(None)
    });
    rows.ok().flatten().map(|rows| rows as u64)
}

fn decimal(value: impl std::fmt::Display, digits: &mut Vec<u8>) -> &[u8] {
    digits.clear();
    let _ = write!(digits, "{value}");
    digits
}

/// The rows that were decoded last.
struct Values<T: DataType> {
    reader: ColumnReaderImpl<T>,
    /// For each row 1, or 0 for a null; empty where the column has no nulls.
    levels: Vec<i16>,
    /// The values of the rows that are no nulls.
    values: Vec<T::T>,
}

impl<T: DataType> Values<T> {
    fn begin(mut reader: ColumnReaderImpl<T>, behind: usize) -> Result<Self, ParquetError> {
        if reader.skip_records(behind)? != behind {
            return Err(ParquetError::EOF(String::new()));
        }
        Ok(Self { reader, levels: Vec::new(), values: Vec::new() })
    }

    fn decode(&mut self, rows: usize) -> Result<usize, ParquetError> {
        self.levels.clear();
        self.values.clear();
        let (rows, values, _) =
            self.reader.read_records(rows, Some(&mut self.levels), None, &mut self.values)?;
        let valued = if self.levels.is_empty() {
            rows
        } else {
            self.levels.iter().filter(|level| **level == 1).count()
        };
        // A level above 1 would leave a row without its value.
        if values != valued
            || values != self.values.len()
            || !(self.levels.is_empty() || self.levels.len() == rows)
        {
            return Err(ParquetError::EOF(String::new()));
        }
        Ok(rows)
    }

    fn each(&self, mut row: impl FnMut(Option<&T::T>)) {
        let mut values = self.values.iter();
        match self.levels.is_empty() {
            true => values.for_each(|value| row(Some(value))),
            false => self.levels.iter().for_each(|level| row(if *level == 1 { values.next() } else { None })),
        }
    }
}
