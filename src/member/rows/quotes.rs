//! Checks quotes and counts empty lines of a CSV export, beside a package that takes any quotes and skips empty lines
//! unasked.
//!
//! Quotes that RFC 4180 does not allow are a fault: a quote that was left open would swallow everything up to the next
//! quote or the end. Empty lines are counted: they have no row number.

use std::collections::VecDeque;

use crate::error::Error;

use super::find::each_of;
use super::lines::BYTE_ORDER_MARK;

/// The number of lines that a quoted field may span, unless the caller allows more.
///
/// Addresses and remarks have a few lines. A quote that was left open has as many as the export.
pub const QUOTED_LINES: u32 = 16;

/// Follows the quotes of an export, whatever the pieces in which it comes.
///
/// Cost: a search for quotes and line ends; only beside these it looks at single bytes.
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
    /// The last byte; before the first one it is a line end.
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
    /// Behind a quote that closes the field, unless another quote follows; the bytes ended there.
    BehindQuote(Quoted),
}

/// A quoted field, as far as it is known.
#[derive(Clone, Copy)]
struct Quoted {
    /// Offset of the field's first quote.
    start: u64,
    lines: u32,
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
        let text = if mark { &bytes[BYTE_ORDER_MARK.len()..] } else { bytes };
        let start = self.looked_at + (bytes.len() - text.len()) as u64;
        self.looked_at += bytes.len() as u64;
        let (Some(first), Some(last), None) = (text.first(), text.last(), self.fault) else { return };
        let mut second = None; // the place of the second of two quotes, of which the first was found
        match self.place {
            Place::Outside => self.lone_return |= self.last == b'\r' && *first != b'\n',
            Place::Within(_) => {}
            Place::BehindQuote(quoted) => second = self.behind_quote(quoted, *first, start).then_some(0),
        }
        let quote = if self.most_lines.is_some() { b'"' } else { b'\n' };
        each_of([quote, b'\n', b'\r'], text, |at, byte| {
            if self.fault.is_some() || second.take_if(|second| *second == at).is_some() {
                return;
            }
            let before = if at == 0 { self.last } else { text[at - 1] };
            let (offset, next) = (start + at as u64, text.get(at + 1).copied());
            match self.place {
                Place::Outside if byte == b'"' => self.open(before, offset),
                Place::Outside => self.line_end(before, byte, next, offset),
                Place::Within(quoted) if byte == b'"' => match next {
                    Some(next) => second = self.behind_quote(quoted, next, offset + 1).then_some(at + 1),
                    None => self.place = Place::BehindQuote(quoted),
                },
                Place::Within(_) if before == b'\r' && byte == b'\n' => {} // counted with the return
                Place::Within(quoted) => self.line_end_within(quoted, offset),
                Place::BehindQuote(_) => unreachable!("its next byte was looked at"),
            }
        });
        self.last = *last;
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

    /// Takes a quote outside quotes.
    fn open(&mut self, before: u8, offset: u64) {
        if self.ends_field(before) {
            self.place = Place::Within(Quoted { start: offset, lines: 1 });
        } else {
            self.fault = Some((offset, Fault::WithinField));
        }
    }

    /// Takes a line end outside quotes. The line is empty if it ends directly behind another one, or at the beginning, except
    /// for the second half of CRLF.
    fn line_end(&mut self, before: u8, byte: u8, next: Option<u8>, offset: u64) {
        if byte == b'\n' {
            self.ended = offset + 1;
        } else {
            self.lone_return |= next.is_some_and(|next| next != b'\n');
        }
        if before == b'\n' || (before == b'\r' && byte == b'\r') {
            self.empty_lines += 1;
            self.line_ends.push_back((offset, Line::Empty));
        }
    }

    fn line_end_within(&mut self, quoted: Quoted, offset: u64) {
        let quoted = Quoted { lines: quoted.lines.saturating_add(1), ..quoted };
        self.place = Place::Within(quoted);
        self.line_ends.push_back((offset, Line::Within));
        if self.most_lines.is_some_and(|most| quoted.lines > most) {
            self.fault = Some((quoted.start, Fault::TooManyLines));
        }
    }

    /// Takes the byte behind a quote within quotes. Returns whether it is a second one, so that both stand for one.
    fn behind_quote(&mut self, quoted: Quoted, byte: u8, offset: u64) -> bool {
        let doubled = byte == b'"';
        if doubled {
            self.place = Place::Within(quoted);
        } else if self.ends_field(byte) {
            self.close(quoted);
        } else {
            self.fault = Some((offset, Fault::TextBehind));
        }
        doubled
    }

    fn ends_field(&self, byte: u8) -> bool {
        byte == self.delimiter || byte == b'\n' || byte == b'\r'
    }

    fn close(&mut self, quoted: Quoted) {
        self.multiline_fields += u64::from(quoted.lines > 1);
        self.place = Place::Outside;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// All that can be asked: the first fault, multiline fields, the lines that are no records, where the last record ended, and
    /// whether lines are records.
    type Seen = (Option<(u64, &'static str)>, u64, Vec<(u64, u64)>, u64, bool);

    /// Looks at an export that comes in pieces.
    fn seen<'a>(pieces: impl Iterator<Item = &'a [u8]>, most_lines: Option<u32>) -> Seen {
        let mut quotes = Quotes::new(b',', most_lines);
        pieces.for_each(|piece| quotes.look(piece));
        quotes.end();
        let fault = quotes.fault.map(|(at, fault)| match fault {
            Fault::LeftOpen => (at, "left open"),
            Fault::TextBehind => (at, "text behind"),
            Fault::WithinField => (at, "within a field"),
            Fault::TooManyLines => (at, "too many lines"),
        });
        let records = quotes.lines_are_records();
        let lines: Vec<_> = (0..=quotes.seen() + 1).map(|end| quotes.take_lines(end)).collect();
        let empty = lines.iter().map(|(empty, _)| empty).sum::<u64>();
        assert_eq!(quotes.take_empty_lines(), empty);
        (fault, quotes.take_multiline_fields(), lines, quotes.ended(), records)
    }

    /// The same, byte by byte.
    fn plainly(text: &[u8], most_lines: Option<u32>) -> Seen {
        let start = if text.starts_with(BYTE_ORDER_MARK) { 3 } else { 0 };
        let mut lines = vec![(0, 0); text.len() + 2];
        let (mut fault, mut multiline, mut ended, mut lone) = (None, 0, 0, false);
        let mut open: Option<(usize, u32)> = None;
        let mut at = start;
        while at < text.len() && fault.is_none() {
            let (byte, next) = (text[at], text.get(at + 1).copied());
            let before = if at == start { b'\n' } else { text[at - 1] };
            let ends_field = |byte: u8| b",\r\n".contains(&byte);
            match (&mut open, byte) {
                (None, b'"') if most_lines.is_some() => {
                    if ends_field(before) {
                        open = Some((at, 1))
                    } else {
                        fault = Some((at as u64, "within a field"))
                    }
                }
                (None, b'\n' | b'\r') => {
                    if byte == b'\n' {
                        ended = at as u64 + 1
                    }
                    lone |= byte == b'\r' && next.is_some_and(|next| next != b'\n');
                    if before == b'\n' || (before == b'\r' && byte == b'\r') {
                        lines[at + 1].0 += 1;
                    }
                }
                (Some(_), b'"') if next == Some(b'"') => at += 1,
                (Some((_, spanned)), b'"') => match next {
                    Some(next) if !ends_field(next) => fault = Some((at as u64 + 1, "text behind")),
                    _ => {
                        multiline += u64::from(*spanned > 1);
                        open = None;
                    }
                },
                (Some((quote, spanned)), b'\n' | b'\r') if byte == b'\r' || before != b'\r' => {
                    *spanned += 1;
                    lines[at + 1].1 += 1;
                    if *spanned > most_lines.unwrap() {
                        fault = Some((*quote as u64, "too many lines"))
                    }
                }
                _ => {}
            }
            at += 1;
        }
        if let (None, Some((quote, _))) = (fault, open) {
            fault = Some((quote as u64, "left open"))
        }
        let first_line = (0..).zip(&lines).find(|(_, line)| **line != (0, 0)).map(|(end, _)| end - 1);
        let records = fault.is_none() && !lone && first_line.is_none_or(|at: u64| at >= ended);
        (fault, multiline, lines, ended, records)
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 5000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn quotes_and_lines_are_those_seen_byte_by_byte_whatever_the_pieces(
            mark: bool,
            text in prop::collection::vec(
                prop_oneof![
                    6 => Just("\"a\","), 1 => Just("\""), 3 => Just("\n"), 1 => Just("\r"), 2 => Just("\r\n"),
                    4 => Just("x,"), 1 => Just("\"\""), 2 => Just("\"b\"\"\nc\r\n\"\n"),
                ],
                0..60,
            ),
            cut in 4usize..70, // a byte-order mark comes whole
            most_lines in prop::option::of(1u32..5),
        ) {
            let text = [if mark { "\u{feff}" } else { "" }, &text.concat()].concat().into_bytes();
            let expected = plainly(&text, most_lines);
            prop_assert_eq!(seen([&text[..]].into_iter(), most_lines), expected.clone());
            prop_assert_eq!(seen(text.chunks(cut), most_lines), expected);
        }
    }
}
