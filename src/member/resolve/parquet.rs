//! Resolved rows as a Parquet file. Needs the feature `parquet`.

use std::io::Write;

use crate::container::{ParquetCell, ParquetType, ParquetWriter};
use crate::error::Error;
use crate::matching::{Holders, Share};

use super::Resolved;

impl Resolved {
    /// Writes the rows as a Parquet file, for the member alone: the columns `input` (counted from 0), `row`, `line` and
    /// `holders` (their number), and `names` (a list) where the share names holders, in order of input and row. `share` is the
    /// one that was resolved.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] where writing fails.
    ///
    /// # Panics
    ///
    /// If the share has fewer tokens than the one that was resolved.
    pub fn write_parquet(&self, share: &Share, out: &mut dyn Write) -> Result<(), Error> {
        let columns = [
            ("input", ParquetType::Integer),
            ("row", ParquetType::Integer),
            ("line", ParquetType::Integer),
            ("holders", ParquetType::Integer),
            ("names", ParquetType::Texts),
        ];
        let shown = columns.len() - usize::from(share.members().is_none());
        let mut writer = ParquetWriter::begin(&columns[..shown], &[], out)?;
        for found in &self.rows {
            let named = share.holders(found.index).into_iter().flat_map(Holders::names);
            let names: Vec<&str> = named.map(|name| name.as_str()).collect();
            let integers = [
                found.place.input as u64,
                found.place.row,
                found.place.line,
                share.holder_count(found.index) as u64,
            ];
            let [input, row, line, holders] = integers.map(ParquetCell::Integer);
            writer.push(&[input, row, line, holders, ParquetCell::Texts(&names)][..shown])?;
        }
        writer.finish()
    }
}
