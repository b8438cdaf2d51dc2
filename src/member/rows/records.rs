//! The wanted field of CSV records, and records of one line each, which workers split.

use crate::error::Error;
use crate::outcome::Reason;

use super::MAX_LINE;
use super::block::{Absent, CellRow, Cells};
use super::export::OfKind;
use super::find::each_of;

/// What is wanted of each record, and what a record should be.
#[derive(Clone)]
pub(super) struct Wanted {
    pub(super) delimiter: u8,
    pub(super) quoting: bool,
    pub(super) column: usize,
    /// The column of kinds, and the wanted kind.
    pub(super) of_kind: Option<(usize, OfKind)>,
    /// Number of fields of the header.
    pub(super) header_fields: Option<usize>,
    /// Number of fields of every row, once the first is read.
    pub(super) fields: Option<usize>,
    pub(super) ragged: bool,
}

impl Wanted {
    /// Returns the wanted value of a record that has `found` fields, or why there is none.
    #[inline]
    pub(super) fn value<'r>(
        &self,
        found: usize,
        field: impl Fn(usize) -> Option<&'r [u8]>,
    ) -> Result<&'r [u8], Absent> {
        // A row of another kind is left to that kind, whatever its fields.
        if let Some((column, of_kind)) = &self.of_kind {
            of_kind.admit(field(*column))?;
        }
        let expected = self.fields.unwrap_or(found);
        if !self.ragged && (found > expected || has_more_than(self.header_fields, found, &field)) {
            return Err(Absent::Rejected(Reason::ExtraFields));
        }
        let value = if self.ragged || found == expected { field(self.column) } else { None };
        value.ok_or(Absent::Rejected(Reason::MissingField))
    }

    /// Returns a field without the quotes around it.
    #[inline]
    fn unquoted<'r>(&self, field: &'r [u8]) -> &'r [u8] {
        match field {
            [b'"', text @ .., b'"'] if self.quoting => text,
            _ => field,
        }
    }

    /// Returns the text of a field, in which quotes are doubled.
    #[inline]
    fn with_single_quotes<'r>(&self, text: &'r [u8], single: &'r mut Vec<u8>) -> &'r [u8] {
        if !self.quoting || memchr::memchr(b'"', text).is_none() {
            return text;
        }
        single.clear();
        let mut second = false;
        single.extend(text.iter().filter(|byte| {
            second = **byte == b'"' && !second;
            !second
        }));
        single
    }
}

/// Whether a record that has `found` fields has text behind the last column of the header.
pub(super) fn has_more_than<'r>(
    header: Option<usize>,
    found: usize,
    field: impl Fn(usize) -> Option<&'r [u8]>,
) -> bool {
    header.is_some_and(|header| {
        (header..found).any(|place| field(place).is_some_and(|field| !field.is_empty()))
    })
}

/// Records of an export, one a line, whose quotes are as RFC 4180 has them.
pub(super) struct Records {
    bytes: Vec<u8>,
    wanted: Wanted,
}

impl Records {
    /// Takes lines with their ends, none of them empty.
    pub(super) fn new(bytes: Vec<u8>, wanted: Wanted) -> Self {
        Self { bytes, wanted }
    }

    /// Returns the number of records.
    pub(super) fn count(&self) -> u64 {
        memchr::memchr_iter(b'\n', &self.bytes).count() as u64
    }
}

impl Cells for Records {
    fn each(&self, row: &mut CellRow<'_>) -> Result<(), Error> {
        let Self { bytes, wanted } = self;
        let quote = if wanted.quoting { b'"' } else { b'\n' };
        let mut fields: Vec<&[u8]> = Vec::new();
        let mut single = Vec::new();
        let (mut start, mut quoted) = (0, false);
        each_of([wanted.delimiter, quote, b'\n'], bytes, |at, byte| {
            if byte == b'"' && wanted.quoting {
                quoted = !quoted; // twice for a quote within a field, which is doubled
            } else if byte == wanted.delimiter {
                if !quoted {
                    fields.push(&bytes[start..at]);
                    start = at + 1;
                }
            } else {
                let line = &bytes[start..at];
                fields.push(line.strip_suffix(b"\r").unwrap_or(line));
                start = at + 1;
                let field = |place: usize| fields.get(place).map(|field| wanted.unquoted(field));
                let value = wanted.value(fields.len(), field);
                // One beyond any identifier is cut where it is certainly too long.
                row(value.map(|value| {
                    let value = wanted.with_single_quotes(value, &mut single);
                    &value[..value.len().min(MAX_LINE + 1)]
                }));
                fields.clear();
            }
        });
        Ok(())
    }
}
