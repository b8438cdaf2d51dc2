//! CSV exports: a column of values, of every row or of those whose kind another column names.

use std::io::{self, Read};

use crate::domain::KindId;
use crate::error::Error;
use crate::identifier::Kind;
use crate::rejection::Reason;

use super::rows::{Column, Fields};
use super::stream::{Block, Field};

/// Longest CSV record, in bytes; beyond it a quote was most likely left open.
pub const MAX_RECORD: usize = 1 << 20;

/// Which rows are meant of an export with a kind a row.
pub(super) struct OfKind {
    column: Column,
    id: KindId,
    pub(super) rejects_unknown: bool,
}

impl OfKind {
    pub(super) fn new(column: Column, kind: Kind) -> Self {
        Self { column, id: kind.kind_id(), rejects_unknown: false }
    }

    /// Whether a row of this kind is one of ours, or what it is instead.
    fn admit(&self, kind: Option<&[u8]>) -> Result<(), Field> {
        let id = self.id.as_str();
        let name = id.split_once('/').map_or(id, |(name, _)| name);
        let named = kind.unwrap_or_default().trim_ascii();
        if named == name.as_bytes() || named == id.as_bytes() {
            Ok(())
        } else if self.rejects_unknown && kind_named(named).is_none() {
            Err(Field::Absent(Reason::UnknownKind))
        } else {
            Err(Field::OfOtherKind)
        }
    }
}

/// The kind of this build that has this name.
pub(super) fn kind_named(name: &[u8]) -> Option<Kind> {
    std::str::from_utf8(name.trim_ascii()).ok()?.parse().ok()
}

/// One column of a CSV export, of every row or of those of one kind.
pub(super) struct Csv<'a> {
    reader: csv::Reader<Bounded<'a>>,
    column: usize,
    /// The column of kinds, and which kind.
    of_kind: Option<(usize, OfKind)>,
    record: csv::ByteRecord,
    rows: u64,
}

impl<'a> Csv<'a> {
    pub(super) fn open(
        reader: Box<dyn Read + Send + 'a>,
        column: &Column,
        of_kind: Option<OfKind>,
        delimiter: u8,
    ) -> Result<Self, Error> {
        let bounded = Bounded { reader, left: MAX_RECORD };
        let reader = csv::ReaderBuilder::new().flexible(true).delimiter(delimiter).from_reader(bounded);
        let mut csv = Self { reader, column: 0, of_kind: None, record: csv::ByteRecord::new(), rows: 0 };
        csv.column = csv.find(column)?;
        if let Some(of_kind) = of_kind {
            csv.of_kind = Some((csv.find(&of_kind.column)?, of_kind));
        }
        Ok(csv)
    }

    fn find(&mut self, column: &Column) -> Result<usize, Error> {
        let header = match self.reader.byte_headers() {
            Ok(header) => header.clone(),
            Err(error) => return Err(self.cause(0, error)),
        };
        let missing = Error::MissingColumn { columns: header.len() };
        let Column::Named(name) = column else {
            return if header.is_empty() { Err(missing) } else { Ok(0) };
        };
        let clean = |field: &[u8]| {
            let text = String::from_utf8_lossy(field).into_owned();
            text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}').to_owned()
        };
        let mut found = header.iter().enumerate().filter(|(_, field)| clean(field) == name.trim());
        match (found.next(), found.next()) {
            (None, _) => Err(missing),
            (Some((index, _)), None) => Ok(index),
            (Some(_), Some(_)) => Err(Error::RepeatedColumn),
        }
    }

    /// What lies behind an error of the package in reading a row; its own messages quote the input.
    fn cause(&self, row: u64, error: csv::Error) -> Error {
        if self.reader.get_ref().left == 0 {
            return Error::RecordTooLong { row, limit: MAX_RECORD };
        }
        match error.into_kind() {
            csv::ErrorKind::Io(error) => Error::Io(error),
            // Byte records of any number of fields leave no other kind.
            _ => Error::Io(io::ErrorKind::InvalidData.into()),
        }
    }
}

impl Iterator for Csv<'_> {
    type Item = Result<Block, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut fields = Fields::default();
        while !fields.is_full() {
            self.reader.get_mut().left = MAX_RECORD;
            match self.reader.read_byte_record(&mut self.record) {
                Ok(true) => {
                    self.rows += 1;
                    let of_kind = self.of_kind.as_ref();
                    match of_kind.map_or(Ok(()), |(column, of_kind)| of_kind.admit(self.record.get(*column)))
                    {
                        Ok(()) => fields.push(self.record.get(self.column)),
                        Err(field) => fields.push_none(field),
                    }
                }
                Ok(false) => break,
                Err(error) => return Some(Err(self.cause(self.rows + 1, error))),
            }
        }
        fields.into_block().map(Ok)
    }
}

/// Refuses to read on when one record has taken its share.
struct Bounded<'a> {
    reader: Box<dyn Read + Send + 'a>,
    left: usize,
}

impl Read for Bounded<'_> {
    /// Fills the buffer where it can: the package sees a byte-order mark only in one piece, and takes an
    /// interrupted read for a failed one.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let len = buffer.len().min(self.left);
        let mut read = 0;
        while read < len {
            match self.reader.read(&mut buffer[read..len]) {
                Ok(0) => break,
                Ok(more) => read += more,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        self.left -= read;
        Ok(read)
    }
}
