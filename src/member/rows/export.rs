//! CSV exports: a column of values, of every row or of the rows whose kind another column names.

use std::collections::BTreeSet;
use std::io::{self, Read};

use crate::error::Error;
use crate::member::identifier::Kind;
use crate::outcome::Reason;
use crate::terms::KindId;

use super::block::Layout;
use super::bounded::Bounded;
use super::quotes::Quotes;
use super::records::{Records, Wanted, has_more_than};
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
///
/// The package `csv` reads the beginning, and wherever a line is no record. What lies between, which is nearly
/// everything, goes to the workers as it is ([`Records`]).
pub(crate) struct Csv<'a> {
    reader: csv::Reader<Bounded<'a>>,
    wanted: Wanted,
    record: csv::ByteRecord,
    rows: u64,
    /// Number of bytes that went to the workers, and so not to the package.
    apart: u64,
    /// Lines before the first row.
    lines_before: u64,
    /// The block that comes next.
    ready: Option<Block>,
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
        csv.wanted.column = csv.find(column, header, kind_of)?;
        if let Some(of_kind) = of_kind {
            csv.wanted.of_kind = Some((csv.find(&of_kind.column, header, kind_named)?, of_kind));
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
        let bounded = Bounded::new(reader, quotes);
        let mut builder = csv::ReaderBuilder::new();
        builder.flexible(true).has_headers(header).delimiter(delimiter).quoting(quoted_lines.is_some());
        let reader = builder.from_reader(bounded);
        let quoting = quoted_lines.is_some();
        let wanted = Wanted {
            delimiter,
            quoting,
            column: 0,
            of_kind: None,
            header_fields: None,
            fields: None,
            ragged,
        };
        Ok(Self {
            reader,
            wanted,
            record: csv::ByteRecord::new(),
            rows: 0,
            apart: 0,
            lines_before: 0,
            ready: None,
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
        self.wanted.header_fields = Some(header.len());
        match self.fault(0) {
            Some(error) => Err(error),
            None => Ok(header),
        }
    }

    /// Returns the value in the row that was read last, or what the row has instead.
    #[inline]
    fn value(&mut self) -> Result<&[u8], Absent> {
        let Self { wanted, record, reader, .. } = self;
        if wanted.fields.is_none() {
            wanted.fields = Some(fields_of_rows(wanted.header_fields, record));
            reader.get_mut().line_by_line = false;
        }
        wanted.value(record.len(), |place| record.get(place))
    }

    /// Takes what can go to the workers as it is, if the package has read all that it was given.
    fn take_records(&mut self) -> io::Result<Option<Records>> {
        let offset = self.offset();
        let bounded = self.reader.get_mut();
        if bounded.line_by_line || !bounded.is_used(offset) {
            return Ok(None);
        }
        bounded.give()?;
        Ok(bounded.take_records().map(|bytes| {
            self.apart += bytes.len() as u64;
            let records = Records::new(bytes, self.wanted.clone());
            self.rows += records.count();
            records
        }))
    }

    /// Returns the offset behind what was read.
    #[inline]
    fn offset(&self) -> u64 {
        self.reader.position().byte() + self.apart
    }

    /// Returns the number of empty lines before the record that was read last, and of its lines beyond the first.
    #[inline]
    fn take_lines(&mut self) -> (u64, u64) {
        let end = self.offset();
        self.reader.get_mut().quotes.take_lines(end)
    }

    /// Returns what is wrong with the quotes of the row that was read last.
    #[inline]
    fn fault(&self, row: u64) -> Option<Error> {
        self.reader.get_ref().quotes.fault_before(self.offset(), row)
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
        if let Some(records) = self.ready.take() {
            return Some(Ok(records));
        }
        let mut fields = Fields::default();
        let is_first = self.wanted.fields.is_none();
        fields.pass_lines(std::mem::take(&mut self.lines_before));
        while !fields.is_full() {
            self.reader.get_mut().left = MAX_RECORD;
            match self.take_records() {
                Ok(Some(records)) => {
                    // What the package has read comes before.
                    self.ready = Some(Block { layout: Layout::Cells(Box::new(records)), ..Block::default() });
                    break;
                }
                Ok(None) => {}
                Err(error) => return Some(Err(self.cause(self.rows + 1, error.into()))),
            }
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
        let trailing_fields = match (self.wanted.header_fields, self.wanted.fields) {
            (Some(header), Some(of_rows)) if is_first => (of_rows - header) as u64,
            _ => 0, // said once
        };
        let quotes = &mut self.reader.get_mut().quotes;
        let (multiline_fields, empty_lines) = (quotes.take_multiline_fields(), quotes.take_empty_lines());
        let oddities = Oddities { multiline_fields, empty_lines, trailing_fields };
        // Empty lines at the end may come in a block of their own.
        let block = fields.into_block().or_else(|| (empty_lines > 0).then(Block::default));
        block.or_else(|| self.ready.take()).map(|block| Ok(Block { oddities, ..block }))
    }
}

/// Returns the number of fields that every row has: that of the header, or of the first row if there is no header.
///
/// An export may end its rows, but not its header, in a delimiter. Then the first row has more fields, which are empty,
/// and all others have as many. A single row with more empty fields is neither case: a delimiter within one of its
/// values would give it just that, where the last column is empty.
fn fields_of_rows(header: Option<usize>, first: &csv::ByteRecord) -> usize {
    match header {
        Some(header) if has_more_than(Some(header), first.len(), |place| first.get(place)) => header,
        Some(header) => header.max(first.len()),
        None => first.len(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::member::rows::At;

    type Row = (At, Result<Vec<u8>, Reason>);

    /// Reads an export with so much room; returns its rows, what is odd, and whether workers split any of them.
    fn read(export: &[u8], room: usize, dialect: Dialect) -> Result<(Vec<Row>, Oddities, bool), String> {
        let of_kind = OfKind::new(Column::Number(3), Kind::NetIp, true);
        let of_kind = export.len().is_multiple_of(2).then_some(of_kind);
        let mut csv = Csv::new(Box::new(export), dialect).map_err(|error| error.to_string())?;
        csv.reader.get_mut().room = room;
        csv.wanted.column = 1;
        csv.wanted.of_kind = of_kind.map(|of_kind| (2, of_kind));
        if dialect.header {
            csv.header().map_err(|error| error.to_string())?;
            let (empty, within) = csv.take_lines();
            csv.lines_before = empty + 1 + within;
        }
        let (mut rows, mut oddities, mut before, mut split) =
            (Vec::new(), Oddities::default(), At::default(), false);
        for block in csv {
            let block = block.map_err(|error| error.to_string())?;
            split |= matches!(block.layout, Layout::Cells(_));
            oddities.add(block.oddities);
            let all = block.each(|at, value| rows.push((at.after(before), value.map(<[u8]>::to_vec))));
            before = all.map_err(|error| error.to_string())?.after(before);
        }
        Ok((rows, oddities, split))
    }

    fn dialects() -> impl Iterator<Item = Dialect> {
        [(true, Some(2)), (false, Some(2)), (true, None)].into_iter().flat_map(|(header, quoted_lines)| {
            [false, true].map(|ragged| Dialect { delimiter: b',', header, quoted_lines, ragged })
        })
    }

    #[test]
    fn workers_split_what_is_one_record_a_line() {
        for end in ["\n", "\r\n"] {
            let row = |n: u64| format!("{n},\"a, \"\"{n}\"\"\",net.ip,\"\"{end}");
            let export = format!("a,b,c,d{end}") + &(0..200).map(row).collect::<String>();
            for dialect in dialects() {
                let (rows, oddities, split) = read(export.as_bytes(), 1 << 18, dialect).unwrap();
                assert!(split && oddities == Oddities::default());
                if dialect.quoted_lines.is_some() {
                    let (at, value) = rows.last().unwrap();
                    assert_eq!(value.as_deref(), Ok(&b"a, \"199\""[..]));
                    assert_eq!(at.line, 201);
                }
            }
        }
    }

    fn export() -> impl Strategy<Value = Vec<u8>> {
        let row = prop_oneof![
            12 => Just("1,a,net.ip\n"), 6 => Just("2,\"b,\"\"\",net.ip\n"), 6 => Just("3,c,net.ip\r\n"),
            3 => Just("4,\"d\",net.url\r\n"), 2 => Just("5,e\n"), 2 => Just("6,f,net.ip,\n"), 2 => Just("7,g,net.ip,x\n"),
            2 => Just("8,,strange\n"), 1 => Just("\n"), 1 => Just("\r\n"), 1 => Just("9,\"h\ni\",net.ip\n"),
            1 => Just("10,j,net.ip\r"), 1 => Just("11,\"k\"\r"), 1 => Just("12,l"), 1 => Just("é"),
        ];
        let fault = prop_oneof![8 => Just(""), 1 => Just("1,\"a"), 1 => Just("1,\"a\"b\n"), 1 => Just("1,a\"\n"), 1 => Just("\"\n\n\"")];
        let row = || prop::collection::vec(row.clone(), 0..40).prop_map(|rows| rows.concat());
        (row(), fault, row()).prop_map(|(before, fault, behind)| (before + fault + &behind).into_bytes())
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn rows_are_the_same_wherever_workers_take_over(export in export(), room in 1usize..90) {
            for dialect in dialects() {
                // With no room for a record and its end, the package reads them all.
                let by_package = read(&export, 1, dialect);
                prop_assert!(by_package.as_ref().is_ok_and(|(.., split)| !split) || by_package.is_err());
                let found = read(&export, room, dialect);
                prop_assert_eq!(found.map(|(rows, odd, _)| (rows, odd)), by_package.map(|(rows, odd, _)| (rows, odd)));
            }
        }
    }
}
