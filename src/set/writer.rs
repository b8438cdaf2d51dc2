//! Writes a set's file from tokens that come in order.

use std::fmt;
use std::io::{Seek, Write};

use crate::container::records::LateHeader;
use crate::container::{Metadata, Signer};
use crate::error::Error;
use crate::outcome::Counters;
use crate::terms::{Name, Terms};
use crate::token::Token;

use super::SetHeader;

/// The number of tokens that are turned into bytes at a time.
const PIECE: usize = 1 << 13;

/// The file of a set that is written in order of token, never in memory as a whole.
///
/// The header, which states the number of tokens, is written last, in the place that was left for it. So a file that is
/// cut short is not valid. Memory: 128 chunks and the index, 48 bytes for each 1,024 tokens.
///
/// ```
/// # use veilmatch::terms::{Name, Terms};
/// # let (terms, member) = (Terms::example(), Name::new("bank-a")?);
/// use std::io::Cursor;
/// use veilmatch::set::SetWriter;
/// use veilmatch::{Counters, Metadata, Token, TokenSet};
///
/// let mut file = Cursor::new(Vec::new());
/// let mut writer = SetWriter::begin(&mut file)?;
/// writer.push(&[[1; 16], [2; 16]].map(Token::from_bytes))?;
/// let counters = Counters { rows: 3, accepted: 3, ..Counters::default() };
/// let header = writer.finish(terms, member, counters, Metadata::default())?;
/// assert_eq!((header.tokens(), header.counters().duplicates), (2, 1));
/// assert_eq!(TokenSet::from_file_bytes(file.get_ref())?.len(), 2);
/// # Ok::<(), veilmatch::Error>(())
/// ```
pub struct SetWriter<'a> {
    file: LateHeader<'a>,
    last: Option<Token>,
    bytes: Vec<u8>,
}

impl<'a> SetWriter<'a> {
    /// Begins a file where `out` stands.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] where writing fails.
    pub fn begin(out: &'a mut (impl Write + Seek)) -> Result<Self, Error> {
        Ok(Self { file: LateHeader::of_set(out)?, last: None, bytes: Vec::new() })
    }

    /// Adds tokens. They must ascend and come after all tokens before.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] where writing fails.
    ///
    /// # Panics
    ///
    /// If the tokens do not ascend.
    pub fn push(&mut self, tokens: &[Token]) -> Result<(), Error> {
        let Some(first) = tokens.first() else { return Ok(()) };
        let ascending = self.last.is_none_or(|last| last < *first) && tokens.is_sorted_by(|a, b| a < b);
        assert!(ascending, "tokens of a set ascend, each once");
        self.last = tokens.last().copied();
        for tokens in tokens.chunks(PIECE) {
            self.bytes.clear();
            tokens.iter().for_each(|token| self.bytes.extend_from_slice(token.as_bytes()));
            self.file.push(&self.bytes)?;
        }
        Ok(())
    }

    /// Returns the number of tokens.
    pub fn tokens(&self) -> u64 {
        self.file.records()
    }

    /// Completes the file, unsigned; `out` stands after it then.
    ///
    /// `counters` tell how the tokens came about, except for the duplicates: these are the accepted rows beyond the
    /// number of tokens.
    ///
    /// # Errors
    ///
    /// [`Error::Metadata`] for metadata that a header cannot hold, [`Error::Io`] where writing fails.
    ///
    /// # Panics
    ///
    /// If the counters' sums do not hold: rows are those accepted, suppressed and rejected, and no fewer were accepted than
    /// there are tokens.
    pub fn finish(
        self,
        terms: Terms,
        member: Name,
        counters: Counters,
        metadata: Metadata,
    ) -> Result<SetHeader, Error> {
        self.finish_as(SetHeader { terms, member, counters, metadata, follows: None, signed: None }, None)
    }

    /// Completes a file whose header lacks duplicates and signature alone.
    pub(crate) fn finish_as(
        self,
        header: SetHeader,
        signer: Option<&dyn Signer>,
    ) -> Result<SetHeader, Error> {
        let counters = header.counters;
        let duplicates = counters.accepted.saturating_sub(self.tokens());
        let counters = Counters { duplicates, ..counters };
        assert!(counters.consistent_with(self.tokens()), "the counters' sums hold");
        self.file.finish_set(SetHeader { counters, ..header }, signer)
    }
}

impl fmt::Debug for SetWriter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SetWriter").field("tokens", &self.tokens()).finish_non_exhaustive()
    }
}
