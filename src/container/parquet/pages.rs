//! Pages that claim no more values than they can have. The package makes room for as many as a page claims.

use parquet::basic::Encoding;
use parquet::column::page::{Page, PageMetadata, PageReader};
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::RowGroupMetaData;
use parquet::file::serialized_reader::SerializedPageReader;

use super::{ParquetFile, Source};

/// The pages of a column of one row group.
pub(crate) struct Pages {
    pages: SerializedPageReader<Source>,
    /// Number of rows of the row group.
    rows: usize,
    /// Bytes that a value of a dictionary takes at least.
    least: usize,
    /// Whether values may be null, so that levels come before them.
    nullable: bool,
}

impl Pages {
    /// Opens a column, by its place among the leaves of the schema; none is within a list.
    pub(crate) fn open(file: &ParquetFile, group: &RowGroupMetaData, leaf: usize) -> Result<Self> {
        let (column, rows) = (group.column(leaf), usize::try_from(group.num_rows())?);
        let pages = SerializedPageReader::new(file.source().clone(), column, rows, None)?;
        let described = column.column_descr();
        let least = match described.physical_type() {
            parquet::basic::Type::INT64 => 8,
            parquet::basic::Type::FIXED_LEN_BYTE_ARRAY => usize::try_from(described.type_length())?.max(1),
            _ => 4, // an INT32, or the length of a text
        };
        Ok(Self { pages, rows, least, nullable: described.max_def_level() > 0 })
    }

    fn require_plausible(&self, page: &Page) -> Result<()> {
        let claimed = page.num_values() as usize;
        let (most, counted) = match page {
            Page::DictionaryPage { buf, .. } => (buf.len() / self.least, None),
            Page::DataPage { buf, .. } => {
                let levels = if self.nullable { buf.get(..4).map(|len| 4 + len_of(len)) } else { Some(0) };
                (self.rows, levels.and_then(|levels| buf.get(levels..)))
            }
            Page::DataPageV2 { buf, def_levels_byte_len, .. } => {
                (self.rows, buf.get(*def_levels_byte_len as usize..))
            }
        };
        let is_delta =
            matches!(page.encoding(), Encoding::DELTA_LENGTH_BYTE_ARRAY | Encoding::DELTA_BYTE_ARRAY);
        let lengths = if is_delta { counted.and_then(delta_count) } else { None };
        if claimed > most || lengths.is_some_and(|lengths| lengths > claimed as u64) {
            return Err(ParquetError::General(String::new()));
        }
        Ok(())
    }
}

fn len_of(bytes: &[u8]) -> usize {
    bytes.iter().rev().fold(0, |len, byte| len << 8 | usize::from(*byte))
}

/// Returns the number of values at the beginning of a delta encoding: the third of its numbers.
fn delta_count(bytes: &[u8]) -> Option<u64> {
    let mut bytes = bytes.iter();
    let mut number = || {
        let mut number = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = *bytes.next()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(number);
            }
        }
        Some(u64::MAX)
    };
    number()?;
    number()?;
    number()
}

impl Iterator for Pages {
    type Item = Result<Page>;

    fn next(&mut self) -> Option<Self::Item> {
        self.get_next_page().transpose()
    }
}

impl PageReader for Pages {
    fn get_next_page(&mut self) -> Result<Option<Page>> {
        let page = self.pages.get_next_page()?;
        page.iter().try_for_each(|page| self.require_plausible(page))?;
        Ok(page)
    }

    fn peek_next_page(&mut self) -> Result<Option<PageMetadata>> {
        self.pages.peek_next_page()
    }

    fn skip_next_page(&mut self) -> Result<()> {
        self.pages.skip_next_page()
    }

    fn supports_deferred_dictionary(&self) -> bool {
        self.pages.supports_deferred_dictionary()
    }

    fn take_deferred_dictionary(&mut self) -> Result<Option<Page>> {
        let page = self.pages.take_deferred_dictionary()?;
        page.iter().try_for_each(|page| self.require_plausible(page))?;
        Ok(page)
    }

    fn at_record_boundary(&mut self) -> Result<bool> {
        self.pages.at_record_boundary()
    }
}
