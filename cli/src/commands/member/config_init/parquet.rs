//! The first rows of a Parquet file, as an export in CSV.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use veilmatch::container::{OnDisk, PARQUET_MAGIC};
use veilmatch::member::rows::{ParquetRows, Rows};
use veilmatch::{Error, Place};
use zeroize::Zeroizing;

use crate::Failure;

/// Number of rows that are looked at.
const ROWS: u64 = 1 << 10;

/// Number of bytes that are looked at of a value; few identifiers are longer.
const LONGEST: usize = 1 << 9;

/// Whether the files are Parquet: all of them, or none.
pub(super) fn begins(files: &[PathBuf]) -> Result<bool, Failure> {
    let mut found = Vec::new();
    for path in files {
        let mut magic = Vec::new();
        let read =
            File::open(path).and_then(|file| file.take(PARQUET_MAGIC.len() as u64).read_to_end(&mut magic));
        read.map_err(|error| Error::from(error).at(path.display().to_string()))?;
        found.push(magic == PARQUET_MAGIC);
    }
    match found.iter().position(|is_parquet| !is_parquet) {
        Some(other) if found.contains(&true) => {
            let message = format!("{}: expected Parquet, as other files are", files[other].display());
            Err(Failure::Refused { code: "layouts_differ", message })
        }
        other => Ok(other.is_none()),
    }
}

/// Returns the columns of text, with their names.
pub(super) fn sample(path: &Path) -> Result<Zeroizing<Vec<u8>>, Error> {
    columns(path).map_err(|error| error.at(path.display().to_string()))
}

fn columns(path: &Path) -> Result<Zeroizing<Vec<u8>>, Error> {
    let file = ParquetRows::new(OnDisk::new(File::open(path)?))?.first(ROWS);
    let places: Vec<Place> = (1..=file.rows()).map(|row| Place { input: 0, row, line: row }).collect();
    let mut columns = Vec::new();
    for name in file.columns() {
        match Rows::from(file.clone().value_column(name.as_str())).select(&places) {
            Ok(values) => columns.push((name, values)),
            Err(Error::ColumnType { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    let mut text = Zeroizing::new(Vec::new());
    let mut csv = csv::Writer::from_writer(&mut *text);
    csv.write_record(columns.iter().map(|(name, _)| name)).map_err(io::Error::from)?;
    for row in 0..places.len() {
        csv.write_record(columns.iter().map(|(_, values)| cut(&values[row]))).map_err(io::Error::from)?;
    }
    csv.flush()?;
    drop(csv);
    Ok(text)
}

fn cut(value: &[u8]) -> &[u8] {
    &value[..value.len().min(LONGEST)]
}
