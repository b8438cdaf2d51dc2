//! Quotes of a CSV export: what RFC 4180 does not allow is a fault, beside a package that takes anything.
//!
//! Without this check a quote that was left open swallows all that follows, up to the next quote or the end.

use crate::error::Error;

/// Lines that a quoted field may span, unless the caller allows more.
///
/// Addresses and remarks have a few; a quote that was left open has as many as the export.
pub const QUOTED_LINES: u32 = 16;

/// Follows the quotes of an export, whatever the pieces in which it comes.
///
/// Costs a search for the next quote where there is none, and looks at single bytes only beside quotes.
pub(super) struct Quotes {
    delimiter: u8,
    most_lines: u32,
    /// Bytes that were looked at.
    looked_at: u64,
    place: Place,
    fault: Option<(u64, Fault)>,
    multiline_fields: u64,
}

/// Where the next byte is.
#[derive(Clone, Copy)]
enum Place {
    /// Outside quotes, perhaps at the beginning of a field.
    Outside { begins_field: bool },
    /// Within the quotes of a field.
    Within(Quoted),
    /// Behind a quote that closes the field, unless another quote follows.
    BehindQuote(Quoted),
}

/// A quoted field, as far as it is known.
#[derive(Clone, Copy)]
struct Quoted {
    /// Offset of its first quote.
    start: u64,
    lines: u32,
    /// Whether the last byte was a carriage return, which is one line end with a newline behind it.
    after_return: bool,
}

/// What RFC 4180 does not allow.
#[derive(Clone, Copy)]
enum Fault {
    LeftOpen,
    TextBehind,
    WithinField,
    TooManyLines,
}

impl Quotes {
    pub(super) fn new(delimiter: u8, most_lines: u32) -> Self {
        let place = Place::Outside { begins_field: true };
        Self { delimiter, most_lines, looked_at: 0, place, fault: None, multiline_fields: 0 }
    }

    /// Takes the next bytes of the export; the first ones hold a whole byte-order mark if there is one.
    pub(super) fn look(&mut self, bytes: &[u8]) {
        let mark = self.looked_at == 0 && bytes.starts_with(b"\xef\xbb\xbf");
        let mut at = if mark { 3 } else { 0 };
        while at < bytes.len() && self.fault.is_none() {
            at = match self.place {
                Place::Outside { begins_field } => self.outside(begins_field, bytes, at),
                Place::Within(quoted) => self.within(quoted, bytes, at),
                Place::BehindQuote(quoted) => self.behind_quote(quoted, bytes[at], at),
            };
        }
        self.looked_at += bytes.len() as u64;
    }

    /// Takes the end of the export.
    pub(super) fn end(&mut self) {
        match self.place {
            _ if self.fault.is_some() => {}
            Place::Within(quoted) => self.fault = Some((quoted.start, Fault::LeftOpen)),
            Place::BehindQuote(quoted) => self.close(quoted),
            Place::Outside { .. } => {}
        }
    }

    /// Whether there is a fault before this offset, as the error of a row.
    #[inline]
    pub(super) fn fault_before(&self, offset: u64, row: u64) -> Option<Error> {
        let (_, fault) = self.fault.filter(|(at, _)| *at < offset)?;
        Some(match fault {
            Fault::LeftOpen => Error::OpenQuote { row },
            Fault::TextBehind => Error::TextAfterQuote { row },
            Fault::WithinField => Error::QuoteInField { row },
            Fault::TooManyLines => Error::QuotedLines { row, most: self.most_lines },
        })
    }

    /// How many quoted fields that span lines have ended since this was asked last.
    pub(super) fn take_multiline_fields(&mut self) -> u64 {
        std::mem::take(&mut self.multiline_fields)
    }

    fn outside(&mut self, begins_field: bool, bytes: &[u8], at: usize) -> usize {
        let begins_behind = |byte: u8| byte == self.delimiter || byte == b'\n' || byte == b'\r';
        let Some(distance) = memchr::memchr(b'"', &bytes[at..]) else {
            self.place = Place::Outside { begins_field: begins_behind(bytes[bytes.len() - 1]) };
            return bytes.len();
        };
        let quote = at + distance;
        let opens = if distance == 0 { begins_field } else { begins_behind(bytes[quote - 1]) };
        let start = self.looked_at + quote as u64;
        if opens {
            self.place = Place::Within(Quoted { start, lines: 1, after_return: false });
        } else {
            self.fault = Some((start, Fault::WithinField));
        }
        quote + 1
    }

    fn within(&mut self, mut quoted: Quoted, bytes: &[u8], at: usize) -> usize {
        let mut next = at;
        for found in memchr::memchr3_iter(b'"', b'\n', b'\r', &bytes[at..]) {
            let found = at + found;
            let after_return = quoted.after_return && found == next;
            next = found + 1;
            quoted.after_return = bytes[found] == b'\r';
            match bytes[found] {
                b'"' => {
                    self.place = Place::BehindQuote(quoted);
                    return next;
                }
                b'\n' if after_return => {} // counted with the return
                _ => quoted.lines = quoted.lines.saturating_add(1),
            }
            if quoted.lines > self.most_lines {
                self.fault = Some((quoted.start, Fault::TooManyLines));
                return next;
            }
        }
        quoted.after_return &= next == bytes.len();
        self.place = Place::Within(quoted);
        bytes.len()
    }

    fn behind_quote(&mut self, quoted: Quoted, byte: u8, at: usize) -> usize {
        if byte == b'"' {
            self.place = Place::Within(quoted);
        } else if byte == self.delimiter || byte == b'\n' || byte == b'\r' {
            self.close(quoted);
        } else {
            self.fault = Some((self.looked_at + at as u64, Fault::TextBehind));
        }
        at + 1
    }

    fn close(&mut self, quoted: Quoted) {
        self.multiline_fields += u64::from(quoted.lines > 1);
        self.place = Place::Outside { begins_field: true };
    }
}
