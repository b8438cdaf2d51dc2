//! Overlaps and shares as Parquet files, for other programs. Needs the feature `parquet`.

use std::io::Write;

use crate::container::{ParquetCell, ParquetType, ParquetWriter};
use crate::error::Error;
use crate::token::Token;

use super::{Holders, Overlaps, Query, Share};

impl Overlaps {
    /// Writes the overlaps as a Parquet file: the columns `token` (16 bytes), `holders` (their number) and `names` (a list),
    /// in order of token. The hub alone may have such a file, as it may have overlaps.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] where writing fails.
    pub fn write_parquet(&self, out: &mut dyn Write) -> Result<(), Error> {
        let mut table = Table::begin(true, out)?;
        self.iter().try_for_each(|(token, holders)| table.push(token, holders.count(), Some(holders)))?;
        table.finish()
    }
}

impl Query<'_> {
    /// Writes the Parquet file of [`Query::collect`]'s overlaps, without having them in memory. The bytes are those of
    /// [`Overlaps::write_parquet`].
    ///
    /// # Errors
    ///
    /// As [`Query::for_each`]; [`Error::Io`] where writing fails.
    pub fn write_overlaps_parquet(&self, out: &mut dyn Write) -> Result<(), Error> {
        let mut table = Table::begin(true, out)?;
        self.for_each(|token, holders| table.push(token, holders.count(), Some(holders)))?;
        table.finish()
    }
}

impl Share {
    /// Writes the share as a Parquet file, for its recipient alone: the columns `token` (16 bytes) and `holders` (their
    /// number), and `names` (a list) where holders are named, in order of token.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] where writing fails.
    pub fn write_parquet(&self, out: &mut dyn Write) -> Result<(), Error> {
        let mut table = Table::begin(self.members().is_some(), out)?;
        for (index, token) in self.tokens().iter().enumerate() {
            table.push(*token, self.holder_count(index), self.holders(index))?;
        }
        table.finish()
    }
}

/// A table of tokens and their holders.
struct Table<'a>(ParquetWriter<'a>);

impl<'a> Table<'a> {
    fn begin(named: bool, out: &'a mut dyn Write) -> Result<Self, Error> {
        let columns =
            [("token", ParquetType::Token), ("holders", ParquetType::Integer), ("names", ParquetType::Texts)];
        Ok(Self(ParquetWriter::begin(&columns[..2 + usize::from(named)], &[], out)?))
    }

    fn push(&mut self, token: Token, count: usize, holders: Option<Holders<'_>>) -> Result<(), Error> {
        let names: Vec<&str> =
            holders.into_iter().flat_map(Holders::names).map(|name| name.as_str()).collect();
        let cells =
            [ParquetCell::Token(token), ParquetCell::Integer(count as u64), ParquetCell::Texts(&names)];
        self.0.push(&cells[..2 + usize::from(holders.is_some())])
    }

    fn finish(self) -> Result<(), Error> {
        self.0.finish()
    }
}
