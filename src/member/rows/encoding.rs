//! Exports in another encoding than UTF-8, decoded as they are read. Needs the feature `encoding`.

use std::fmt;
use std::io::{self, Read};
use std::str::FromStr;

use encoding_rs::{Decoder, DecoderResult, UTF_8};

use crate::error::Error;

/// Number of bytes that are read and decoded at a time.
const BLOCK: usize = 1 << 16;

/// The encoding of an export, by a label of the WHATWG Encoding Standard: `windows-1252`, `utf-16le`, `shift_jis`.
///
/// As there, `latin1` and `iso-8859-1` mean `windows-1252`, which has letters where they have control characters.
///
/// ```
/// # use veilmatch::member::key::CoalitionSecret;
/// # use veilmatch::member::tokenize::Tokenizer;
/// # use veilmatch::terms::{KeyContext, Name};
/// # let secret = CoalitionSecret::generate()?;
/// # let kind: veilmatch::member::Kind = "opaque.name".parse()?;
/// # let tokenizer = Tokenizer::new(&secret, KeyContext::new(Name::new("efc")?, 1, kind.kind_id())?)?;
/// use veilmatch::member::Rows;
/// use veilmatch::member::rows::Encoding;
///
/// let latin1: Encoding = "latin1".parse()?;
/// let rows = Rows::lines(latin1.decode(&b"K\xf6hler\n"[..]));
/// # let member = Name::new("bank-a")?;
/// let of_utf8 = Rows::values(["Köhler"]);
/// assert!(tokenizer.tokenize(&member, rows)?.set.tokens() == tokenizer.tokenize(&member, of_utf8)?.set.tokens());
/// # Ok::<(), veilmatch::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Encoding(&'static encoding_rs::Encoding);

impl Encoding {
    /// Returns the name in the standard, such as `windows-1252`.
    pub fn name(&self) -> String {
        self.0.name().to_ascii_lowercase()
    }

    /// Returns a reader that gives UTF-8.
    ///
    /// A byte-order mark goes before this encoding: it says which encoding a text has, and is removed. UTF-8 comes as it
    /// is: what is not UTF-8 in it is rejected row by row. Reading any other encoding fails with [`Error::Undecodable`] at
    /// the first bytes that are no text in it; nothing is replaced. Memory: 256 KiB.
    pub fn decode<'a>(self, reader: impl Read + Send + 'a) -> Box<dyn Read + Send + 'a> {
        if self.0 == UTF_8 {
            return Box::new(reader);
        }
        Box::new(Decoding {
            reader,
            decoder: self.0.new_decoder(),
            read: vec![0; BLOCK],
            text: vec![0; 3 * BLOCK + 64], // no byte of another encoding gives more than three; a few were kept from before
            given: 0..0,
            decoded: 0,
            at_end: false,
        })
    }
}

impl FromStr for Encoding {
    type Err = Error;

    fn from_str(label: &str) -> Result<Self, Error> {
        let found = encoding_rs::Encoding::for_label_no_replacement(label.as_bytes());
        found.map(Self).ok_or(Error::UnknownEncoding)
    }
}

impl fmt::Debug for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Encoding({self})")
    }
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.name())
    }
}

struct Decoding<R> {
    reader: R,
    decoder: Decoder,
    read: Vec<u8>,
    text: Vec<u8>,
    /// The part of the text that is not yet given.
    given: std::ops::Range<usize>,
    /// Number of bytes decoded.
    decoded: u64,
    at_end: bool,
}

impl<R: Read> Decoding<R> {
    /// Reads and decodes the next bytes, or finds the end.
    fn fill(&mut self) -> io::Result<()> {
        let read = self.reader.read(&mut self.read)?;
        self.at_end = read == 0;
        let (result, consumed, written) =
            self.decoder.decode_to_utf8_without_replacement(&self.read[..read], &mut self.text, self.at_end);
        self.given = 0..written;
        self.decoded += consumed as u64;
        match result {
            DecoderResult::InputEmpty => Ok(()),
            DecoderResult::Malformed(length, behind) => {
                let offset = self.decoded - u64::from(length) - u64::from(behind);
                let encoding = self.decoder.encoding().name();
                Err(io::Error::other(Error::Undecodable { encoding, offset }))
            }
            DecoderResult::OutputFull => Err(io::Error::other("expected room for all of the text")),
        }
    }
}

impl<R: Read> Read for Decoding<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.given.is_empty() {
            if self.at_end || buffer.is_empty() {
                return Ok(0);
            }
            self.fill()?;
        }
        let length = buffer.len().min(self.given.len());
        let end = self.given.start + length;
        buffer[..length].copy_from_slice(&self.text[self.given.start..end]);
        self.given.start = end;
        Ok(length)
    }
}
