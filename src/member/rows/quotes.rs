//! Checks quotes and counts empty lines of a CSV export, beside a package that takes any quotes and skips empty lines
//! unasked.
//!
//! Quotes that RFC 4180 does not allow are a fault: a quote that was left open would swallow everything up to the next
//! quote or the end. Empty lines are counted: they have no row number.

use std::collections::VecDeque;

use crate::error::Error;

use super::lines::BYTE_ORDER_MARK;

/// The number of lines that a quoted field may span, unless the caller allows more.
///
/// Addresses and remarks have a few lines. A quote that was left open has as many as the export.
pub const QUOTED_LINES: u32 = 16;

/// Follows the quotes of an export, whatever the pieces in which it comes.
///
/// Cost: a search for the next quote and one for line ends; only beside these it looks at single bytes.
pub(crate) struct Quotes {
    delimiter: u8,
    /// The most lines that a quoted field may span; nothing if quotes are ordinary characters.
    most_lines: Option<u32>,
    /// Number of bytes that were looked at.
    looked_at: u64,
    place: Place,
    fault: Option<(u64, Fault)>,
    multiline_fields: u64,
    empty_lines: u64,
    /// Offsets of the line ends that end no record, and what they end instead, in order. They are taken record by record.
    line_ends: VecDeque<(u64, Line)>,
    /// The last byte outside quotes; before the first byte it is a line end.
    last: u8,
    /// Offset behind the last newline outside quotes.
    ended: u64,
    /// Whether a carriage return without a newline has been seen outside quotes: it ends a record too.
    lone_return: bool,
}

/// The place of the next byte.
#[derive(Clone, Copy)]
enum Place {
    /// Outside quotes.
    Outside,
    /// Within the quotes of a field.
    Within(Quoted),
    /// Behind a quote that closes the field, unless another quote follows.
    BehindQuote(Quoted),
}

/// A quoted field, as far as it is known.
#[derive(Clone, Copy)]
struct Quoted {
    /// Offset of the field's first quote.
    start: u64,
    lines: u32,
    /// Whether the last byte was a carriage return, which makes one line end together with a newline behind it.
    after_return: bool,
}

/// A line that is no record by itself.
#[derive(Clone, Copy, PartialEq)]
enum Line {
    Empty,
    /// A line of a quoted field that goes on in the next one.
    Within,
}

/// A fault: what RFC 4180 does not allow.
#[derive(Clone, Copy)]
enum Fault {
    LeftOpen,
    TextBehind,
    WithinField,
    TooManyLines,
}

impl Quotes {
    pub(crate) fn new(delimiter: u8, most_lines: Option<u32>) -> Self {
        let (place, last) = (Place::Outside, b'\n');
        Self {
            delimiter,
            most_lines,
            looked_at: 0,
            place,
            fault: None,
            multiline_fields: 0,
            empty_lines: 0,
            line_ends: VecDeque::new(),
            last,
            ended: 0,
            lone_return: false,
        }
    }

    /// Takes the next bytes of the export. If there is a byte-order mark, the first bytes hold all of it.
    pub(crate) fn look(&mut self, bytes: &[u8]) {
        let mark = self.looked_at == 0 && bytes.starts_with(BYTE_ORDER_MARK);
        let mut at = if mark { BYTE_ORDER_MARK.len() } else { 0 };
        while at < bytes.len() && self.fault.is_none() {
            at = match self.place {
                Place::Outside => self.outside(bytes, at),
                Place::Within(quoted) => self.within(quoted, bytes, at),
                Place::BehindQuote(quoted) => self.behind_quote(quoted, bytes[at], at),
            };
        }
        self.looked_at += bytes.len() as u64;
    }

    /// Takes the end of the export.
    pub(crate) fn end(&mut self) {
        match self.place {
            _ if self.fault.is_some() => {}
            Place::Within(quoted) => self.fault = Some((quoted.start, Fault::LeftOpen)),
            Place::BehindQuote(quoted) => self.close(quoted),
            Place::Outside => {}
        }
    }

    /// Returns the fault before this offset, if there is one, as the error of a row.
    #[inline]
    pub(crate) fn fault_before(&self, offset: u64, row: u64) -> Option<Error> {
        let (_, fault) = self.fault.filter(|(at, _)| *at < offset)?;
        Some(match fault {
            Fault::LeftOpen => Error::OpenQuote { row },
            Fault::TextBehind => Error::TextAfterQuote { row },
            Fault::WithinField => Error::QuoteInField { row },
            Fault::TooManyLines => Error::QuotedLines { row, most: self.most_lines.unwrap_or(u32::MAX) },
        })
    }

    /// Returns the number of quoted fields spanning lines that have ended since the last call.
    pub(crate) fn take_multiline_fields(&mut self) -> u64 {
        std::mem::take(&mut self.multiline_fields)
    }

    /// Returns the number of empty lines that have been read since the last call.
    pub(crate) fn take_empty_lines(&mut self) -> u64 {
        std::mem::take(&mut self.empty_lines)
    }

    /// Takes the lines of the record that ends at this offset, all taken before it being earlier ones: returns the number
    /// of empty lines before it, and of its lines beyond the first.
    #[inline]
    pub(crate) fn take_lines(&mut self, end: u64) -> (u64, u64) {
        let (mut empty, mut within) = (0, 0);
        while let Some((_, line)) = self.line_ends.front().filter(|(at, _)| *at < end) {
            match line {
                Line::Empty => empty += 1,
                Line::Within => within += 1,
            }
            self.line_ends.pop_front();
        }
        (empty, within)
    }

    /// Returns the number of bytes that were looked at.
    pub(crate) fn seen(&self) -> u64 {
        self.looked_at
    }

    /// Returns the offset behind the last newline outside quotes, which ends a record or an empty line.
    pub(crate) fn ended(&self) -> u64 {
        self.ended
    }

    /// Whether each line up to [`Quotes::ended`], but for what was taken, is a record of its own, without a fault.
    pub(crate) fn lines_are_records(&self) -> bool {
        let next = self.line_ends.front();
        self.fault.is_none() && !self.lone_return && next.is_none_or(|(at, _)| *at >= self.ended)
    }

    fn outside(&mut self, bytes: &[u8], at: usize) -> usize {
        let bytes = &bytes[at..];
        self.lone_return |= self.last == b'\r' && bytes[0] != b'\n';
        let quote = if self.most_lines.is_some() { memchr::memchr(b'"', bytes) } else { None };
        let plain = &bytes[..quote.unwrap_or(bytes.len())];
        self.count_empty_lines(plain, self.looked_at + at as u64);
        self.last = *plain.last().unwrap_or(&self.last);
        let Some(quote) = quote else { return at + bytes.len() };
        self.lone_return |= self.last == b'\r';
        let start = self.looked_at + (at + quote) as u64;
        if self.ends_field(self.last) {
            self.place = Place::Within(Quoted { start, lines: 1, after_return: false });
        } else {
            self.fault = Some((start, Fault::WithinField));
        }
        at + quote + 1
    }

    /// Counts empty lines: a line end directly behind another one, or at the beginning, except for the second half of
    /// CRLF.
    fn count_empty_lines(&mut self, bytes: &[u8], start: u64) {
        for at in memchr::memchr2_iter(b'\n', b'\r', bytes) {
            let before = if at == 0 { self.last } else { bytes[at - 1] };
            match bytes[at] {
                b'\n' => self.ended = start + at as u64 + 1,
                _ => self.lone_return |= bytes.get(at + 1).is_some_and(|next| *next != b'\n'),
            }
            let ends_empty = before == b'\n' || (before == b'\r' && bytes[at] == b'\r');
            if ends_empty {
                self.empty_lines += 1;
                self.line_ends.push_back((start + at as u64, Line::Empty));
            }
        }
    }

    fn ends_field(&self, byte: u8) -> bool {
        byte == self.delimiter || byte == b'\n' || byte == b'\r'
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
                _ => {
                    quoted.lines = quoted.lines.saturating_add(1);
                    self.line_ends.push_back((self.looked_at + found as u64, Line::Within));
                }
            }
            if self.most_lines.is_some_and(|most| quoted.lines > most) {
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
        } else if self.ends_field(byte) {
            self.close(quoted);
            self.last = byte;
            if byte == b'\n' {
                self.ended = self.looked_at + at as u64 + 1;
            }
        } else {
            self.fault = Some((self.looked_at + at as u64, Fault::TextBehind));
        }
        at + 1
    }

    fn close(&mut self, quoted: Quoted) {
        self.multiline_fields += u64::from(quoted.lines > 1);
        self.place = Place::Outside;
    }
}
