//! Parquet files: their bytes, and how the package's errors and panics become ours.
//!
//! The package reads what strangers may have written. Whatever goes wrong in it is an error here: its texts, which may
//! hold what stands in the file, are not shown.

mod pages;
mod writer;

use std::io::{self, BufReader, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use bytes::Bytes;
use parquet::errors::ParquetError;
use parquet::file::metadata::{ParquetMetaData, ParquetMetaDataReader};
use parquet::file::reader::{ChunkReader, Length};

use crate::error::{Error, ParquetPlace};

use super::ReadAt;

pub(crate) use pages::Pages;
pub use writer::{ParquetCell, ParquetType, ParquetWriter};

/// The first bytes of a Parquet file, and the last ones.
pub const PARQUET_MAGIC: &[u8; 4] = b"PAR1";

/// An open Parquet file whose metadata has been read.
pub(crate) struct ParquetFile {
    source: Arc<Source>,
    metadata: ParquetMetaData,
}

impl ParquetFile {
    /// Reads the metadata at the end of the file.
    pub(crate) fn open(bytes: Arc<dyn ReadAt>) -> Result<Self, Error> {
        let size = bytes.size()?;
        let source = Arc::new(Source { bytes, size });
        let metadata = caught(None, || ParquetMetaDataReader::new().parse_and_finish(&*source))?;
        let rows = |rows| u64::try_from(rows).ok();
        let mut groups = metadata.row_groups().iter();
        let of_groups = groups.try_fold(0u64, |sum, group| sum.checked_add(rows(group.num_rows())?));
        if of_groups.is_none() || of_groups != rows(metadata.file_metadata().num_rows()) {
            let problem = "its row groups have another number of rows than it says";
            return Err(Error::Parquet { place: None, problem });
        }
        Ok(Self { source, metadata })
    }

    pub(crate) fn source(&self) -> &Arc<Source> {
        &self.source
    }

    pub(crate) fn metadata(&self) -> &ParquetMetaData {
        &self.metadata
    }

    /// Returns the number of rows.
    pub(crate) fn rows(&self) -> u64 {
        self.metadata.file_metadata().num_rows() as u64
    }

    /// Returns the number of rows before a row group, which is counted from 0.
    pub(crate) fn rows_before(&self, group: usize) -> u64 {
        self.metadata.row_groups()[..group].iter().map(|group| group.num_rows() as u64).sum()
    }

    /// Returns where a fault of a column shows that was found in a row group, counted from 0.
    pub(crate) fn place(&self, group: usize, column: &str) -> ParquetPlace {
        ParquetPlace {
            row_group: group + 1,
            first_row: self.rows_before(group) + 1,
            column: column.to_owned(),
        }
    }
}

/// Calls the package. Its errors, and its panics where they unwind, become errors that say where.
pub(crate) fn caught<T>(
    place: Option<&dyn Fn() -> ParquetPlace>,
    call: impl FnOnce() -> Result<T, ParquetError>,
) -> Result<T, Error> {
    let problem = match catch_unwind(AssertUnwindSafe(call)) {
        Ok(Ok(done)) => return Ok(done),
        Ok(Err(ParquetError::External(error))) => match error.downcast::<io::Error>() {
            Ok(error) if error.kind() == io::ErrorKind::UnexpectedEof => TOO_EARLY,
            Ok(error) => return Err((*error).into()),
            Err(_) => INVALID,
        },
        Ok(Err(ParquetError::NYI(_))) => {
            "it needs what this build cannot read, such as another compression than Snappy \
                                          and Zstandard"
        }
        Ok(Err(
            ParquetError::EOF(_) | ParquetError::NeedMoreData(_) | ParquetError::NeedMoreDataRange(_),
        )) => TOO_EARLY,
        Ok(Err(_)) => INVALID,
        Err(_panic) => "it is damaged in a way that the package for Parquet does not expect",
    };
    Err(Error::Parquet { place: place.map(|place| place()), problem })
}

const INVALID: &str = "it is damaged, or no valid Parquet";
const TOO_EARLY: &str = "it ends too early";

/// The bytes of a file, as the package asks for them.
pub(crate) struct Source {
    bytes: Arc<dyn ReadAt>,
    size: u64,
}

impl Length for Source {
    fn len(&self) -> u64 {
        self.size
    }
}

/// Number of bytes that are read for a page's header, which most headers fit into.
const HEADER: usize = 1 << 9;

impl ChunkReader for Source {
    type T = BufReader<FromOffset>;

    fn get_read(&self, start: u64) -> Result<Self::T, ParquetError> {
        let reader = FromOffset { bytes: self.bytes.clone(), at: start, end: self.size };
        Ok(BufReader::with_capacity(HEADER, reader))
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes, ParquetError> {
        // Room is made only for what the file has.
        if start.checked_add(length as u64).is_none_or(|end| end > self.size) {
            return Err(ParquetError::EOF(String::new()));
        }
        let mut bytes = vec![0; length];
        self.bytes.read_exact_at(&mut bytes, start)?;
        Ok(bytes.into())
    }
}

/// Reads from an offset to the end.
pub(crate) struct FromOffset {
    bytes: Arc<dyn ReadAt>,
    at: u64,
    end: u64,
}

impl Read for FromOffset {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let len = (self.end.saturating_sub(self.at)).min(buffer.len() as u64) as usize;
        self.bytes.read_exact_at(&mut buffer[..len], self.at)?;
        self.at += len as u64;
        Ok(len)
    }
}
