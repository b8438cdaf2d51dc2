//! Reads lines in large blocks, cut after the last newline; workers split them.

use std::io::{self, Read};

use crate::error::Error;

use super::block::{Block, Layout};
use super::find::each_of;

/// Longest line that may hold an identifier, in bytes; a longer one is a rejected row.
pub const MAX_LINE: usize = 1 << 16;

/// Number of bytes read at a time.
const BLOCK: usize = 1 << 18;

/// Reads blocks of whole lines; never holds more than a block, whatever the length of a line.
pub(crate) struct Lines<'a> {
    reader: Box<dyn Read + Send + 'a>,
    /// The beginning of a line whose end has not been read yet.
    rest: Vec<u8>,
    /// The line that is being read is too long already: only its end matters.
    skipping: bool,
    at_start: bool,
    at_end: bool,
}

impl<'a> Lines<'a> {
    pub(crate) fn new(reader: Box<dyn Read + Send + 'a>) -> Self {
        Self { reader, rest: Vec::new(), skipping: false, at_start: true, at_end: false }
    }

    /// Returns the next block, or nothing at the end of the input.
    fn read(&mut self) -> Result<Option<Block>, Error> {
        loop {
            if self.at_end && self.rest.is_empty() {
                return Ok(None);
            }
            let mut bytes = Vec::with_capacity(BLOCK);
            bytes.append(&mut self.rest);
            let wanted = (BLOCK - bytes.len()) as u64;
            let before = bytes.len();
            read_up_to(&mut self.reader, wanted, &mut bytes)?;
            self.at_end = (bytes.len() - before) as u64 != wanted;
            if std::mem::take(&mut self.at_start) {
                let mark = text_begins(&bytes, true)?.unwrap_or(0);
                bytes.drain(..mark);
            }

            if self.skipping {
                let Some(end) = memchr::memchr(b'\n', &bytes) else {
                    // A line without end comes as blocks without rows, so that the caller can stop it.
                    return Ok(Some(if self.at_end { too_long_line() } else { Block::default() }));
                };
                self.skipping = false;
                self.rest = bytes.split_off(end + 1);
                return Ok(Some(too_long_line()));
            }
            if !self.at_end {
                let end = memchr::memrchr(b'\n', &bytes).map_or(0, |newline| newline + 1);
                self.rest = bytes.split_off(end);
                if self.rest.len() > MAX_LINE + 1 {
                    // A carriage return may still belong to the line's end; hence the one byte.
                    self.rest.clear();
                    self.skipping = true;
                }
            }
            if !bytes.is_empty() {
                if self.at_end && bytes.last() != Some(&b'\n') {
                    bytes.push(b'\n'); // there is room: fewer bytes came than were asked for
                }
                return Ok(Some(Block { bytes, layout: Layout::Lines, ..Block::default() }));
            }
        }
    }
}

impl Iterator for Lines<'_> {
    type Item = Result<Block, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        self.read().transpose()
    }
}

pub(crate) const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Refuses an input that begins as UTF-16 does: with its byte-order mark, or with a character one of whose two bytes is
/// zero.
///
/// Most kinds would reject each row. An opaque kind would take whatever it is given, and match nothing.
pub(crate) fn require_utf8(beginning: &[u8]) -> Result<(), Error> {
    let marked = beginning.starts_with(b"\xff\xfe") || beginning.starts_with(b"\xfe\xff");
    if marked || matches!(beginning, [0, _, ..] | [_, 0, ..]) {
        return Err(Error::Encoding {
            problem: "expected UTF-8, got what begins as UTF-16 does; state --encoding utf-16le, or save the input as UTF-8",
        });
    }
    Ok(())
}

/// Checks the beginning of a text as [`Rows::lines`](super::Rows::lines) does, for a program that reads lines on its
/// own. Returns how many bytes of a byte-order mark to remove; nothing while the first line, which may change that, has
/// not ended yet.
///
/// Pass all bytes since the start, again when more have come; `is_all` says that no more will come. No line of a stream
/// waits for this: the answer comes as soon as the first non-empty line has its end, or is longer than [`MAX_LINE`].
///
/// ```
/// use veilmatch::member::rows::text_begins;
///
/// assert_eq!(text_begins(b"\xef\xbb", false)?, None);
/// assert_eq!(text_begins(b"\xef\xbb\xbfx-1\n", false)?, Some(3));
/// assert!(text_begins(b"x-1\rx-2", false).is_err());
/// # Ok::<(), veilmatch::Error>(())
/// ```
///
/// # Errors
///
/// [`Error::Encoding`] for an input that begins as UTF-16 does, or whose first non-empty line ends in `\r` alone.
pub fn text_begins(beginning: &[u8], is_all: bool) -> Result<Option<usize>, Error> {
    require_utf8(beginning)?;
    let text = beginning.strip_prefix(BYTE_ORDER_MARK).unwrap_or(beginning);
    let is_told = has_first_line(text)? || is_all || text.len() > MAX_LINE + 1;
    Ok(is_told.then_some(beginning.len() - text.len()))
}

/// Whether the first non-empty line is there with its end. Refuses a first line that ends in CR alone: all lines would
/// be one.
fn has_first_line(mut text: &[u8]) -> Result<bool, Error> {
    while let Some(rest) = text.strip_prefix(b"\n").or_else(|| text.strip_prefix(b"\r\n")) {
        text = rest;
    }
    match memchr::memchr2(b'\n', b'\r', text).map(|end| &text[end..]) {
        Some([b'\r', next, ..]) if *next != b'\n' => Err(Error::Encoding {
            problem: "expected lines that end in LF or CRLF, got a first line that ends in CR alone",
        }),
        None | Some([b'\r']) => Ok(false),
        Some(_) => Ok(true),
    }
}

/// Makes a block that stands for a line that was not kept.
fn too_long_line() -> Block {
    Block { layout: Layout::TooLongLine, ..Block::default() }
}

/// Reads until `wanted` bytes have come or the input ends; retries what a signal interrupted.
fn read_up_to(reader: &mut dyn Read, wanted: u64, bytes: &mut Vec<u8>) -> io::Result<()> {
    reader.take(wanted).read_to_end(bytes).map(drop)
}

/// Calls `line` with each line of a block, without its end, empty ones included. All of them have ends.
#[inline]
pub(crate) fn each(bytes: &[u8], mut line: impl FnMut(&[u8])) {
    let mut start = 0;
    each_of([b'\n'], bytes, |end, _| {
        let text = &bytes[start..end];
        start = end + 1;
        line(text.strip_suffix(b"\r").unwrap_or(text));
    });
    assert!(start == bytes.len(), "every line of a block has its end");
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns row lengths, as a worker would see them; a line that was not kept counts as `usize::MAX`.
    fn rows(input: &[u8]) -> Vec<usize> {
        Lines::new(Box::new(input))
            .flat_map(|block| {
                let block = block.unwrap();
                assert!(block.bytes.len() <= BLOCK);
                match block.layout {
                    Layout::TooLongLine => vec![usize::MAX],
                    _ => {
                        let mut lens = Vec::new();
                        each(&block.bytes, |line| lens.extend(Some(line.len()).filter(|len| *len > 0)));
                        lens
                    }
                }
            })
            .collect()
    }

    #[test]
    fn lines_are_whole_wherever_blocks_end() {
        for len in [1, 2, 3, 7, 100, 1000] {
            let mut input = vec![b'a'; len];
            input.extend_from_slice(b"\r\n\n\r\n");
            let input = input.repeat(3 * BLOCK / input.len());
            let count = input.len() / (len + 5);
            assert_eq!(rows(&input), vec![len; count]);
            assert_eq!(rows(&input[..input.len() - 5]), vec![len; count], "no newline at the end");
        }
        assert_eq!(rows(b""), Vec::<usize>::new());
        assert_eq!(rows(b"\n\r\n\n"), Vec::<usize>::new());
        assert_eq!(rows(b"a"), [1]);
    }

    #[test]
    fn a_line_beyond_the_bound_is_one_row_and_is_not_kept() {
        for len in [2 * BLOCK, 5 * BLOCK + 1] {
            let mut input = b"ab\n".to_vec();
            input.extend(std::iter::repeat_n(b'x', len));
            assert_eq!(rows(&input), [2, usize::MAX], "at the end of the input");
            input.extend_from_slice(b"\nabc\n");
            assert_eq!(rows(&input), [2, usize::MAX, 3]);
        }
    }
}
