//! The bytes of a CSV export on their way to the package `csv`, or past it.

use std::io::{self, Read};

use super::export::MAX_RECORD;
use super::lines::require_utf8;
use super::quotes::Quotes;

/// Number of bytes that are held at a time.
const ROOM: usize = 1 << 18;

/// A reader that refuses to read on when one record has taken its share, and follows the quotes of what comes. It gives
/// whole records at a time, as far as it can: so the rest of what it holds may be taken past the package.
pub(super) struct Bounded<'a> {
    reader: Box<dyn Read + Send + 'a>,
    pub(super) room: usize,
    /// What has come, and how much of it is read, or may be read.
    bytes: Vec<u8>,
    read: usize,
    given: usize,
    /// The last byte that was read.
    last: u8,
    /// How much more of one record may be read.
    pub(super) left: usize,
    /// Whether it gives one line at a time: header and first row decide on all others.
    pub(super) line_by_line: bool,
    at_start: bool,
    at_end: bool,
    pub(super) quotes: Quotes,
}

impl<'a> Bounded<'a> {
    pub(super) fn new(reader: Box<dyn Read + Send + 'a>, quotes: Quotes) -> Self {
        Self {
            reader,
            room: ROOM,
            bytes: Vec::new(),
            read: 0,
            given: 0,
            last: 0,
            left: MAX_RECORD,
            line_by_line: true,
            at_start: true,
            at_end: false,
            quotes,
        }
    }

    /// Whether everything that was given has been used, up to this offset. It ends in a newline, which may be left
    /// if it is that of a CRLF: the package passes over it later.
    #[inline]
    pub(super) fn is_used(&self, offset: u64) -> bool {
        let read = self.start() + self.read as u64;
        self.read == self.given && self.last == b'\n' && (offset == read || offset + 1 == read)
    }

    /// Gives more: whole records, or all that there is if not even one is whole.
    pub(super) fn give(&mut self) -> io::Result<()> {
        if let Some(line) = self.line().filter(|_| self.line_by_line) {
            self.given = self.read + line;
            return Ok(());
        }
        if self.whole() <= self.read {
            self.fill()?;
        }
        self.given = match self.line() {
            Some(line) if self.line_by_line => self.read + line,
            _ if self.whole() > self.read => self.whole(),
            _ => self.bytes.len(),
        };
        Ok(())
    }

    /// Length of the next line that is held, with its end.
    fn line(&self) -> Option<usize> {
        memchr::memchr(b'\n', &self.bytes[self.read..]).map(|at| at + 1)
    }

    /// Takes what was given and not read yet, if each line of it is a record.
    pub(super) fn take_records(&mut self) -> Option<Vec<u8>> {
        let is_whole = self.read < self.given && self.given == self.whole();
        if !is_whole || !self.quotes.lines_are_records() {
            return None;
        }
        let rest = self.bytes.split_off(self.given);
        let mut records = std::mem::replace(&mut self.bytes, rest);
        records.drain(..self.read);
        (self.read, self.given) = (0, 0);
        Some(records)
    }

    /// Offset of the first byte that is held.
    fn start(&self) -> u64 {
        self.quotes.seen() - self.bytes.len() as u64
    }

    /// Number of bytes up to the end of the last record that a newline ends.
    fn whole(&self) -> usize {
        self.quotes.ended().saturating_sub(self.start()) as usize
    }

    /// Reads until there is no more room, or the input ends; retries what a signal interrupted.
    fn fill(&mut self) -> io::Result<()> {
        self.bytes.drain(..self.read);
        self.given -= self.read;
        self.read = 0;
        let before = self.bytes.len();
        // Not beyond what a record may take: all its line ends are kept until it ends.
        let wanted = self.room.saturating_sub(before).min(self.left) as u64;
        if self.at_end || wanted == 0 {
            return Ok(());
        }
        self.bytes.reserve(wanted as usize);
        let read = self.reader.by_ref().take(wanted).read_to_end(&mut self.bytes);
        let read = read.inspect_err(|_| self.bytes.truncate(before))?; // what nobody has looked at is not given
        self.at_end = (read as u64) < wanted;
        if std::mem::take(&mut self.at_start) {
            require_utf8(&self.bytes).map_err(io::Error::other)?;
        }
        self.quotes.look(&self.bytes[before..]);
        if self.at_end {
            self.quotes.end();
        }
        Ok(())
    }
}

impl Read for Bounded<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 {
            return Err(io::ErrorKind::InvalidData.into());
        }
        if self.read == self.given {
            self.give()?;
        }
        let given = &self.bytes[self.read..self.given];
        let len = given.len().min(buffer.len()).min(self.left);
        buffer[..len].copy_from_slice(&given[..len]);
        self.last = *given[..len].last().unwrap_or(&self.last);
        self.read += len;
        self.left -= len;
        Ok(len)
    }
}
