//! CSV exports: a column of values, of every row or of the rows whose kind another column names.

use std::collections::BTreeSet;
use std::io::{self, Read};

use crate::error::Error;
use crate::member::identifier::Kind;
use crate::outcome::Reason;
use crate::terms::KindId;

use super::lines::require_utf8;
use super::quotes::Quotes;
use super::{Absent, Block, Column, Fields, Oddities};

/// Longest CSV record, in bytes. In a longer one a quote was most likely left open.
pub const MAX_RECORD: usize = 1 << 20;

/// The rows that are wanted of an export with a kind in each row.
#[derive(Clone)]
pub(crate) struct OfKind {
    column: Column,
    id: KindId,
    rejects_unknown: bool,
}

impl OfKind {
    pub(crate) fn new(column: Column, kind: Kind, rejects_unknown: bool) -> Self {
        Self { column, id: kind.kind_id(), rejects_unknown }
    }

    /// Returns the column of kinds.
    #[cfg(feature = "parquet")]
    pub(super) fn column(&self) -> &Column {
        &self.column
    }

    /// Whether a row of this kind is wanted, or what it is instead.
    pub(super) fn admit(&self, kind: Option<&[u8]>) -> Result<(), Absent> {
        let id = self.id.as_str();
        let name = id.split_once('/').map_or(id, |(name, _)| name);
        let named = kind.unwrap_or_default().trim_ascii();
        if named == name.as_bytes() || named == id.as_bytes() {
            Ok(())
        } else if self.rejects_unknown && kind_named(named).is_none() {
            Err(Absent::Rejected(Reason::UnknownKind))
        } else {
            Err(Absent::OfOtherKind)
        }
    }
}

/// Returns the kind of this build that has this name.
pub(crate) fn kind_named(name: &[u8]) -> Option<Kind> {
    std::str::from_utf8(name.trim_ascii()).ok()?.parse().ok()
}

/// Finds the kinds that the values name, in order of id. Values that name none are passed over.
pub(super) fn kinds_of(blocks: impl Iterator<Item = Result<Block, Error>>) -> Result<Vec<Kind>, Error> {
    let mut kinds = BTreeSet::new();
    for block in blocks {
        let mut before = Vec::new(); // exports come in runs of one kind
        block?.each(|_, value| {
            let Ok(value) = value else { return };
            if before != value {
                value.clone_into(&mut before);
                kinds.extend(kind_named(value));
            }
        })?;
    }
    let mut kinds: Vec<Kind> = kinds.into_iter().collect();
    kinds.sort_by_key(|kind| kind.kind_id().as_str().to_owned());
    Ok(kinds)
}

/// The way in which an export is written.
#[derive(Clone, Copy)]
pub(crate) struct Dialect {
    pub(crate) delimiter: u8,
    /// Whether the first record names the columns.
    pub(crate) header: bool,
    /// Number of lines that a quoted field may span; nothing if quotes are ordinary characters.
    pub(crate) quoted_lines: Option<u32>,
    /// Whether a record with another number of fields is still looked at.
    pub(crate) ragged: bool,
}

/// One column of a CSV export, of every row or of those of one kind.
pub(crate) struct Csv<'a> {
    reader: csv::Reader<Bounded<'a>>,
    column: usize,
    /// The column of kinds, and the wanted kind.
    of_kind: Option<(usize, OfKind)>,
    record: csv::ByteRecord,
    rows: u64,
    /// Number of fields of the header.
    header_fields: Option<usize>,
    /// Number of fields of every row, once the first is read.
    fields: Option<usize>,
    ragged: bool,
    /// Lines before the first row.
    lines_before: u64,
}

impl<'a> Csv<'a> {
    /// Opens an export. `kind_of` tells the kind that a row with such a cell in the wanted column would have. A header
    /// has none.
    pub(crate) fn open(
        reader: Box<dyn Read + Send + 'a>,
        column: &Column,
        of_kind: Option<OfKind>,
        dialect: Dialect,
        kind_of: impl FnMut(&[u8]) -> Option<Kind>,
    ) -> Result<Self, Error> {
        let header = dialect.header;
        let mut csv = Self::new(reader, dialect)?;
        csv.column = csv.find(column, header, kind_of)?;
        if let Some(of_kind) = of_kind {
            csv.of_kind = Some((csv.find(&of_kind.column, header, kind_named)?, of_kind));
        }
        if header {
            let (empty, within) = csv.take_lines();
            csv.lines_before = empty + 1 + within;
        }
        Ok(csv)
    }

    /// Opens an export without a look at it.
    pub(super) fn new(reader: Box<dyn Read + Send + 'a>, dialect: Dialect) -> Result<Self, Error> {
        let Dialect { delimiter, header, quoted_lines, ragged } = dialect;
        if matches!(delimiter, b'"' | b'\r' | b'\n') {
            return Err(Error::Delimiter);
        }
        let quotes = Quotes::new(delimiter, quoted_lines);
        let bounded = Bounded { reader, left: MAX_RECORD, at_start: true, quotes };
        let mut builder = csv::ReaderBuilder::new();
        builder.flexible(true).has_headers(header).delimiter(delimiter).quoting(quoted_lines.is_some());
        let reader = builder.from_reader(bounded);
        Ok(Self {
            reader,
            column: 0,
            of_kind: None,
            record: csv::ByteRecord::new(),
            rows: 0,
            header_fields: None,
            fields: None,
            ragged,
            lines_before: 0,
        })
    }

    fn find(
        &mut self,
        column: &Column,
        has_header: bool,
        mut kind_of: impl FnMut(&[u8]) -> Option<Kind>,
    ) -> Result<usize, Error> {
        let place = match column {
            Column::First => 1,
            Column::Number(place) => *place,
            Column::Named(name) if has_header => return self.find_named(name),
            Column::Named(_) => return Err(Error::NoHeader),
        };
        if !has_header {
            return place.checked_sub(1).ok_or(Error::NoHeader);
        }
        let header = self.header()?;
        let missing = Error::MissingColumn { columns: header.len() };
        let index = place.checked_sub(1).filter(|index| *index < header.len()).ok_or(missing)?;
        match kind_of(&header[index]) {
            Some(kind) => Err(Error::HeaderIsRow { kind: kind.kind_id() }),
            None => Ok(index),
        }
    }

    fn find_named(&mut self, name: &str) -> Result<usize, Error> {
        let names = self.names()?;
        let mut found = names.iter().enumerate().filter(|(_, column)| *column == name.trim());
        match (found.next(), found.next()) {
            (None, _) => Err(Error::MissingColumn { columns: names.len() }),
            (Some((index, _)), None) => Ok(index),
            (Some(_), Some(_)) => Err(Error::RepeatedColumn),
        }
    }

    /// Returns the names of the columns, without white space around them.
    pub(super) fn names(&mut self) -> Result<Vec<String>, Error> {
        let clean = |field: &[u8]| {
            let text = String::from_utf8_lossy(field).into_owned();
            text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}').to_owned()
        };
        Ok(self.header()?.iter().map(clean).collect())
    }

    fn header(&mut self) -> Result<csv::ByteRecord, Error> {
        let header = match self.reader.byte_headers() {
            Ok(header) => header.clone(),
            Err(error) => return Err(self.cause(0, error)),
        };
        self.header_fields = Some(header.len());
        match self.fault(0) {
            Some(error) => Err(error),
            None => Ok(header),
        }
    }

    /// Returns the value in the row that was read last, or what the row has instead.
    #[inline]
    fn value(&mut self) -> Result<&[u8], Absent> {
        let expected = *self.fields.get_or_insert_with(|| fields_of_rows(self.header_fields, &self.record));
        // A row of another kind is left to that kind, whatever its fields.
        if let Some((column, of_kind)) = &self.of_kind {
            of_kind.admit(self.record.get(*column))?;
        }
        let found = self.record.len();
        if !self.ragged && (found > expected || has_more_than(self.header_fields, &self.record)) {
            return Err(Absent::Rejected(Reason::ExtraFields));
        }
        let value = self.record.get(self.column).filter(|_| self.ragged || found == expected);
        value.ok_or(Absent::Rejected(Reason::MissingField))
    }

    /// Returns the number of empty lines before the record that was read last, and of its lines beyond the first.
    #[inline]
    fn take_lines(&mut self) -> (u64, u64) {
        let end = self.reader.position().byte();
        self.reader.get_mut().quotes.take_lines(end)
    }

    /// Returns what is wrong with the quotes of the row that was read last.
    #[inline]
    fn fault(&self, row: u64) -> Option<Error> {
        self.reader.get_ref().quotes.fault_before(self.reader.position().byte(), row)
    }

    /// Returns the cause of an error of the package in reading a row; the package's own messages quote the input.
    fn cause(&self, row: u64, error: csv::Error) -> Error {
        let bounded = self.reader.get_ref();
        // If a row did not end, everything that was read of it counts.
        if let Some(error) = bounded.quotes.fault_before(u64::MAX, row) {
            return error;
        }
        if bounded.left == 0 {
            return Error::RecordTooLong { row, limit: MAX_RECORD };
        }
        match error.into_kind() {
            csv::ErrorKind::Io(error) => error.into(),
            // Byte records of any number of fields leave no other kind of error.
            _ => Error::Io(io::ErrorKind::InvalidData.into()),
        }
    }
}

impl Iterator for Csv<'_> {
    type Item = Result<Block, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut fields = Fields::default();
        let is_first = self.fields.is_none();
        fields.pass_lines(std::mem::take(&mut self.lines_before));
        while !fields.is_full() {
            self.reader.get_mut().left = MAX_RECORD;
            match self.reader.read_byte_record(&mut self.record) {
                Ok(true) => {
                    self.rows += 1;
                    if let Some(error) = self.fault(self.rows) {
                        return Some(Err(error));
                    }
                    let (empty, within) = self.take_lines();
                    fields.pass_lines(empty);
                    match self.value() {
                        Ok(value) => fields.push(value),
                        Err(absent) => fields.push_none(absent),
                    }
                    fields.pass_lines(within);
                }
                Ok(false) => break,
                Err(error) => return Some(Err(self.cause(self.rows + 1, error))),
            }
        }
        let trailing_fields = match (self.header_fields, self.fields) {
            (Some(header), Some(of_rows)) if is_first => (of_rows - header) as u64,
            _ => 0, // said once
        };
        let quotes = &mut self.reader.get_mut().quotes;
        let (multiline_fields, empty_lines) = (quotes.take_multiline_fields(), quotes.take_empty_lines());
        let oddities = Oddities { multiline_fields, empty_lines, trailing_fields };
        // Empty lines at the end may come in a block of their own.
        let block = fields.into_block().or_else(|| (empty_lines > 0).then(Block::default));
        block.map(|block| Ok(Block { oddities, ..block }))
    }
}

/// Returns the number of fields that every row has: that of the header, or of the first row if there is no header.
///
/// An export may end its rows, but not its header, in a delimiter. Then the first row has more fields, which are empty,
/// and all others have as many. A single row with more empty fields is neither case: a delimiter within one of its
/// values would give it just that, where the last column is empty.
fn fields_of_rows(header: Option<usize>, first: &csv::ByteRecord) -> usize {
    match header {
        Some(header) if has_more_than(Some(header), first) => header,
        Some(header) => header.max(first.len()),
        None => first.len(),
    }
}

/// Whether something stands behind the last column of the header.
fn has_more_than(header: Option<usize>, record: &csv::ByteRecord) -> bool {
    header.is_some_and(|header| {
        record.len() > header && record.iter().skip(header).any(|field| !field.is_empty())
    })
}

/// A reader that refuses to read on when one record has taken its share.
struct Bounded<'a> {
    reader: Box<dyn Read + Send + 'a>,
    left: usize,
    at_start: bool,
    quotes: Quotes,
}

impl Read for Bounded<'_> {
    /// Fills the buffer if it can: the package recognises a byte-order mark only in one piece, and takes an interrupted
    /// read for a failed one.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let len = buffer.len().min(self.left);
        let (mut read, mut at_end) = (0, false);
        while read < len {
            match self.reader.read(&mut buffer[read..len]) {
                Ok(0) => {
                    at_end = true;
                    break;
                }
                Ok(more) => read += more,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        self.left -= read;
        if std::mem::take(&mut self.at_start) {
            require_utf8(&buffer[..read]).map_err(io::Error::other)?;
        }
        self.quotes.look(&buffer[..read]);
        if at_end {
            self.quotes.end();
        }
        Ok(read)
    }
}
