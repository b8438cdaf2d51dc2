//! The lines of a stream, as they come.

use std::io::{self, Read};

use veilmatch::Error;
use veilmatch::member::rows::{MAX_LINE, text_begins};
use zeroize::Zeroizing;

/// The number of bytes that are read at a time, or fewer if a pipe has fewer.
const READ: usize = 1 << 18;

/// The lines as they come, in one buffer that is wiped when dropped.
pub(crate) struct Lines {
    buffer: Zeroizing<Vec<u8>>,
    len: usize,
    /// Nothing has been handed out yet: a byte-order mark may come, or something that is not text.
    at_start: bool,
    /// The line that is being read is too long: only its end matters.
    skipping: bool,
}

impl Lines {
    pub(crate) fn new() -> Self {
        Self { buffer: Zeroizing::new(vec![0; READ]), len: 0, at_start: true, skipping: false }
    }

    /// Reads what there is, and waits only if there is nothing.
    pub(crate) fn read(&mut self, input: &mut impl Read) -> io::Result<usize> {
        loop {
            match input.read(&mut self.buffer[self.len..]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Ok(read) => {
                    self.len += read;
                    return Ok(read);
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Whether the lines have begun, by the rules that `tokenize` and `resolve` have for a file. A byte-order mark is
    /// removed.
    pub(crate) fn begin(&mut self, at_end: bool) -> Result<bool, Error> {
        if self.at_start
            && let Some(mark) = text_begins(&self.buffer[..self.len], at_end)?
        {
            self.consume(mark);
            self.at_start = false;
        }
        Ok(!self.at_start)
    }

    /// Whether the last line is too long to be kept. It says so once, and nothing of the line stays.
    pub(crate) fn cut_too_long(&mut self) -> bool {
        if self.skipping {
            let end = self.buffer[..self.len].iter().position(|byte| *byte == b'\n');
            self.skipping = end.is_none();
            self.consume(end.map_or(self.len, |end| end + 1));
        }
        // A carriage return may still belong to the line's end; hence the one byte.
        let last = self.buffer[..self.len].iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        if self.len - last > MAX_LINE + 1 {
            self.len = last;
            self.skipping = true;
            return true;
        }
        false
    }

    /// Returns the lines that are complete, or at the end everything that is left, and the number of these bytes.
    pub(crate) fn whole(&self, at_end: bool) -> (&[u8], usize) {
        let read = &self.buffer[..self.len];
        let end = read.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        let end = if at_end { self.len } else { end };
        (&read[..end], end)
    }

    pub(crate) fn consume(&mut self, bytes: usize) {
        self.buffer.copy_within(bytes..self.len, 0);
        self.len -= bytes;
    }
}

/// Returns the rows with the numbers of their lines. As everywhere, an empty line is not a row.
pub(crate) fn rows(lines: &[u8]) -> impl Iterator<Item = (u64, &[u8])> {
    let lines = (1..).zip(lines.split(|byte| *byte == b'\n'));
    let stripped = lines.map(|(number, line)| (number, line.strip_suffix(b"\r").unwrap_or(line)));
    stripped.filter(|(_, line)| !line.is_empty())
}
