//! Writes a set's file from tokens that come in order.

use std::fmt;
use std::io::{Seek, Write};

use crate::container::records::LateHeader;
use crate::container::{Metadata, Parent, Signer};
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
/// use veilmatch::{Counters, Token, TokenSet};
///
/// let mut file = Cursor::new(Vec::new());
/// let counters = Counters { rows: 3, accepted: 3, ..Counters::default() };
/// let mut writer = SetWriter::begin(terms, member, &mut file)?.with_counters(counters);
/// writer.push(&[[1; 16], [2; 16]].map(Token::from_bytes))?;
/// let header = writer.finish()?;
/// assert_eq!((header.tokens(), header.counters().duplicates), (2, 1));
/// assert_eq!(TokenSet::from_file_bytes(file.get_ref())?.len(), 2);
/// # Ok::<(), veilmatch::Error>(())
/// ```
#[must_use = "the file is complete once it is finished or signed"]
pub struct SetWriter<'a> {
    file: LateHeader<'a>,
    terms: Terms,
    member: Name,
    counters: Option<Counters>,
    metadata: Metadata,
    follows: Option<Parent>,
    last: Option<Token>,
    bytes: Vec<u8>,
}

impl<'a> SetWriter<'a> {
    /// Begins the file of a member's set where `out` stands.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] where writing fails.
    pub fn begin(terms: Terms, member: Name, out: &'a mut (impl Write + Seek)) -> Result<Self, Error> {
        let (file, metadata) = (LateHeader::of_set(out)?, Metadata::default());
        let (counters, follows) = (None, None);
        Ok(Self { file, terms, member, counters, metadata, follows, last: None, bytes: Vec::new() })
    }

    /// States how the tokens came about, duplicates aside: those are the accepted rows beyond the number of tokens. Without
    /// it each token is one accepted row.
    pub fn with_counters(self, counters: Counters) -> Self {
        Self { counters: Some(counters), ..self }
    }

    /// States date, purpose and dates of use for the file.
    pub fn with_metadata(self, metadata: Metadata) -> Self {
        Self { metadata, ..self }
    }

    /// States which set this one comes after.
    pub(super) fn with_parent(self, follows: Option<Parent>) -> Self {
        Self { follows, ..self }
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
    /// # Errors
    ///
    /// [`Error::Metadata`] for metadata that a header cannot hold, [`Error::Io`] where writing fails.
    ///
    /// # Panics
    ///
    /// If the sums of the counters do not hold: rows are those accepted, suppressed and rejected, and no fewer are accepted
    /// than there are tokens.
    pub fn finish(self) -> Result<SetHeader, Error> {
        self.finish_as(None)
    }

    /// Completes the file as [`SetWriter::finish`] does, and signs it.
    ///
    /// # Errors
    ///
    /// Those of [`SetWriter::finish`] and of the signer; [`Error::Signature`] where it does not sign well.
    ///
    /// # Panics
    ///
    /// As [`SetWriter::finish`].
    pub fn sign(self, signer: &dyn Signer) -> Result<SetHeader, Error> {
        self.finish_as(Some(signer))
    }

    pub(super) fn finish_as(self, signer: Option<&dyn Signer>) -> Result<SetHeader, Error> {
        let tokens = self.tokens();
        let each = || Counters { rows: tokens, accepted: tokens, ..Counters::default() };
        let counters = self.counters.unwrap_or_else(each);
        let duplicates = counters.accepted.saturating_sub(tokens);
        let counters = Counters { duplicates, ..counters };
        assert!(counters.consistent_with(tokens), "the counters' sums hold");
        let Self { file, terms, member, metadata, follows, .. } = self;
        file.finish_set(SetHeader { terms, member, counters, metadata, follows, signed: None }, signer)
    }
}

impl fmt::Debug for SetWriter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SetWriter").field("tokens", &self.tokens()).finish_non_exhaustive()
    }
}
