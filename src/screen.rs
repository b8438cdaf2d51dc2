//! Screening: answers for one token of a live stream, against a set or a share, from many threads at once.
//!
//! The hub screens against a set, and a member against its own set or shares. A set of others' tokens, and a prefilter
//! over them, never go to a holder of the key.

mod near;

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;

use crate::container::room::grow;
use crate::container::{CHUNK_RECORDS, Metadata, TokenBuffer};
use crate::error::Error;
use crate::matching::Share;
use crate::prefilter::{Blocked, Building};
use crate::set::{SetFile, TokenSet};
use crate::terms::{Name, Terms};
use crate::token::Token;

use near::partition_near;

/// The index that is screened against now. Another index can take its place while threads ask.
///
/// ```
/// # use veilmatch::terms::{Name, Terms};
/// # let terms = Terms::example();
/// use veilmatch::screen::{Screen, ScreenIndex};
/// use veilmatch::{Token, TokenSet};
///
/// let set = |bytes: [u8; 2]| {
///     let tokens = bytes.map(|byte| Token::from_bytes([byte; 16])).to_vec();
///     Ok::<_, veilmatch::Error>(TokenSet::from_tokens(terms.clone(), Name::new("bank-a")?, tokens))
/// };
/// let screen = Screen::new(ScreenIndex::from_set(set([3, 9])?)?);
/// std::thread::scope(|threads| {
///     threads.spawn(|| assert_eq!(screen.find(&Token::from_bytes([9; 16])).unwrap(), Some(1)));
/// });
/// screen.replace(ScreenIndex::from_set(set([3, 4])?)?)?;
/// assert_eq!(screen.find(&Token::from_bytes([9; 16]))?, None);
/// # Ok::<(), veilmatch::Error>(())
/// ```
#[derive(Debug)]
pub struct Screen {
    current: ArcSwap<ScreenIndex>,
    /// Held from asking what is there to putting something in its place.
    replacing: Mutex<()>,
}

impl Screen {
    /// Begins screening against this index.
    pub fn new(screened: ScreenIndex) -> Self {
        Self { current: ArcSwap::from_pointee(screened), replacing: Mutex::new(()) }
    }

    /// Returns the place of a token in the current index, if it is there. Threads that ask do not touch what others
    /// write: a lock, or a count of who holds it, would cost them more than the answer.
    ///
    /// # Errors
    ///
    /// As [`ScreenIndex::find`].
    #[inline]
    pub fn find(&self, token: &Token) -> Result<Option<u64>, Error> {
        self.current.load().find(token)
    }

    /// Returns the current index, which stays as it is while it is held. Use it for many tokens at a time, and for what
    /// a share says about a token.
    pub fn current(&self) -> Arc<ScreenIndex> {
        self.current.load_full()
    }

    /// Puts a newer index in its place; returns the one before. Whoever asks meanwhile is answered from one of the two,
    /// never from both, and does not wait.
    ///
    /// # Errors
    ///
    /// [`Error::OtherMember`] for a set or share of another member, [`Error::TermsDiffer`] for other terms, the round
    /// aside; in the same round [`Error::Rollback`] for a set of a lower number, and [`Error::Older`] for a share, or a
    /// set of the same number, that was made before.
    pub fn replace(&self, next: ScreenIndex) -> Result<Arc<ScreenIndex>, Error> {
        // The lock guards nothing that a panic could leave half done.
        let _replacing = self.replacing.lock().unwrap_or_else(PoisonError::into_inner);
        self.current.load().require_replaced_by(&next)?;
        Ok(self.current.swap(Arc::new(next)))
    }
}

/// The index of a set or share, with a prefilter, to be asked for single tokens.
///
/// The prefilter alone denies most tokens that are not there: all but one in a hundred, or in a thousand if tokens stay
/// on disk. Memory: 12 bits a token for the prefilter, or 24; an eighth of a bit for an index; 16 bytes for each token
/// that is kept in memory.
///
/// ```
/// # use veilmatch::terms::{Name, Terms};
/// # use veilmatch::{Token, TokenSet};
/// # let terms = Terms::example();
/// # let set = |name: &str, bytes: &[u8]| {
/// #     let tokens = bytes.iter().map(|byte| Token::from_bytes([*byte; 16])).collect();
/// #     Ok::<_, veilmatch::Error>(TokenSet::from_tokens(terms.clone(), Name::new(name)?, tokens))
/// # };
/// use veilmatch::screen::ScreenIndex;
///
/// let index = ScreenIndex::from_set(set("bank-a", &[3, 9])?)?;
/// let stream = [7, 9, 3].map(|byte| Token::from_bytes([byte; 16]));
/// let mut found = Vec::new();
/// index.find_each(&stream, |at, place| found.push((at, place)))?;
/// assert_eq!(found, [(1, 1), (2, 0)]);
/// # Ok::<(), veilmatch::Error>(())
/// ```
pub struct ScreenIndex {
    prefilter: Blocked,
    /// The first token of each 1,024.
    firsts: Vec<Token>,
    source: Source,
    /// When the index was taken into use, in seconds since 1970, if that was stated.
    taken: Option<u64>,
}

/// The set or share that is screened against.
enum Source {
    Set(Box<TokenSet>),
    Share(Box<Share>),
    /// A set on disk, and its first tokens, which are kept in memory: whole chunks, except for the last chunk of the
    /// set.
    File(Box<SetFile>, Vec<Token>),
}

/// Rates of false positives: one costs little in memory, and a read and a digest on disk.
const RATE_IN_MEMORY: f64 = 0.01;
const RATE_ON_DISK: f64 = 0.001;

/// The number of chunks that are read at a time to build the prefilter.
const TOGETHER: usize = 64;

impl ScreenIndex {
    /// Makes an index of a set in memory.
    ///
    /// # Errors
    ///
    /// There is none for a set of fewer tokens than memory can hold.
    pub fn from_set(set: TokenSet) -> Result<Self, Error> {
        let prefilter = Blocked::build(set.tokens(), RATE_IN_MEMORY)?;
        let firsts = firsts(set.tokens());
        Ok(Self { prefilter, firsts, source: Source::Set(Box::new(set)), taken: None })
    }

    /// Makes an index of a member's own share. [`ScreenIndex::share`] then tells about a token that was found.
    ///
    /// # Errors
    ///
    /// As [`ScreenIndex::from_set`].
    pub fn from_share(share: Share) -> Result<Self, Error> {
        let prefilter = Blocked::build(share.tokens(), RATE_IN_MEMORY)?;
        let firsts = firsts(share.tokens());
        Ok(Self { prefilter, firsts, source: Source::Share(Box::new(share)), taken: None })
    }

    /// Makes an index of a set on disk. It keeps `memory` bytes of its tokens in memory.
    ///
    /// It reads and verifies the whole file once, on this thread. The prefilter is made before that, for as many tokens
    /// as the index tells; a forger of a file with holes makes it take 64 bytes of memory for each byte that the forger
    /// writes. Tokens that are not kept are read again, and verified again, for each token that the prefilter lets
    /// pass: 16 KiB, about ten microseconds if the system has the file in memory. It makes no difference which part is
    /// kept: tokens are as good as random, except for those asked again and again.
    ///
    /// # Errors
    ///
    /// As [`SetFile::read`].
    pub fn from_file(file: SetFile, memory: u64) -> Result<Self, Error> {
        let chunks = (memory / (CHUNK_RECORDS * Token::LEN) as u64).min(file.chunks() as u64) as usize;
        let rate = if chunks == file.chunks() { RATE_IN_MEMORY } else { RATE_ON_DISK };
        let mut prefilter = Building::begin(file.len(), rate)?;
        let all = (chunks as u64 * CHUNK_RECORDS as u64).min(file.len()) as usize;
        let mut kept = Vec::new();
        let mut page = TokenBuffer::new();
        for first in (0..file.chunks()).step_by(TOGETHER) {
            file.read(first..file.chunks().min(first + TOGETHER), &mut page)?;
            prefilter.add(page.tokens());
            let wanted = page.tokens().len().min(all - kept.len());
            grow(&mut kept, wanted, all).map_err(|error| error.at(file.name()))?;
            kept.extend_from_slice(&page.tokens()[..wanted]);
        }
        let firsts = (0..file.chunks()).map(|chunk| file.first_token(chunk)).collect();
        let source = Source::File(Box::new(file), kept);
        Ok(Self { prefilter: prefilter.finish(), firsts, source, taken: None })
    }

    /// States when the index was taken into use, in seconds since 1970. A file that says it was made later counts as
    /// made then: so a maker's clock that is ahead makes no later file look old.
    #[must_use]
    pub fn taken_at(self, now: u64) -> Self {
        Self { taken: Some(now), ..self }
    }

    /// Returns the place of a token among all tokens, in order, if it is there.
    ///
    /// # Errors
    ///
    /// For tokens on disk those of [`SetFile::read`]: a file that was changed underneath is an error, never another
    /// answer.
    #[inline]
    pub fn find(&self, token: &Token) -> Result<Option<u64>, Error> {
        if self.prefilter.may_contain(token) { self.look_up(token) } else { Ok(None) }
    }

    /// Calls `found` for each token that is there, with its place among `tokens` and its place in the index.
    ///
    /// It is faster than one by one: all tokens are first asked for in the prefilter, and memory serves several at
    /// once.
    ///
    /// # Errors
    ///
    /// As [`ScreenIndex::find`].
    pub fn find_each(&self, tokens: &[Token], mut found: impl FnMut(usize, u64)) -> Result<(), Error> {
        /// The number of answers that fit into one word.
        const BATCH: usize = 64;
        for (batch, tokens) in tokens.chunks(BATCH).enumerate() {
            let ask = |maybe: u64, (at, token)| maybe | u64::from(self.prefilter.may_contain(token)) << at;
            let mut maybe = tokens.iter().enumerate().fold(0, ask);
            while maybe > 0 {
                let at = maybe.trailing_zeros() as usize;
                maybe &= maybe - 1;
                if let Some(place) = self.look_up(&tokens[at])? {
                    found(batch * BATCH + at, place);
                }
            }
        }
        Ok(())
    }

    /// This stands apart from `find`, which so stays small enough to be compiled into the caller's loop.
    #[inline(never)]
    fn look_up(&self, token: &Token) -> Result<Option<u64>, Error> {
        let leading = token.leading();
        let guess = ((u128::from(leading) * self.firsts.len() as u128) >> 64) as usize;
        let below = partition_near(self.firsts.len(), guess, |at| self.firsts[at] <= *token);
        let Some(chunk) = below.checked_sub(1) else { return Ok(None) };
        let first = chunk * CHUNK_RECORDS;
        let mut page = TokenBuffer::new();
        let tokens = match (self.source.kept().get(first..), &self.source) {
            (Some(tokens @ [_, ..]), _) => &tokens[..tokens.len().min(CHUNK_RECORDS)],
            (_, Source::File(file, _)) => {
                file.read(chunk..chunk + 1, &mut page)?;
                page.tokens()
            }
            (_, Source::Set(_) | Source::Share(_)) => return Ok(None), // not reached: all tokens are kept
        };
        // The token lies between the bounds of the chunk as far as its number lies between their numbers.
        let from = self.firsts[chunk].leading();
        let to = self.firsts.get(below).map_or(u64::MAX, Token::leading);
        let part = u128::from(leading - from) * tokens.len() as u128;
        let guess = (part / (u128::from(to - from) + 1)) as usize;
        let below = partition_near(tokens.len(), guess, |at| tokens[at] <= *token);
        let place = below.checked_sub(1).filter(|at| tokens[*at] == *token);
        Ok(place.map(|at| (first + at) as u64))
    }

    fn require_replaced_by(&self, next: &ScreenIndex) -> Result<(), Error> {
        if self.member() != next.member() {
            let (expected, found) = (self.member().clone(), next.member().clone());
            return Err(Error::OtherMember { expected, found });
        }
        let (before, after) = (self.terms(), next.terms());
        Terms { round: after.round, ..before.clone() }.require(after, next.member())?;
        if before.round == after.round && next.sequence() < self.sequence() {
            return Err(Error::Rollback { kept: self.sequence(), found: next.sequence() });
        }
        let kept = self.metadata().created.min(self.taken.unwrap_or(u64::MAX));
        let found = next.metadata().created;
        if before.round == after.round && next.sequence() == self.sequence() && found < kept {
            return Err(Error::Older { kept, found });
        }
        Ok(())
    }

    /// Returns the share, if the index is of a share.
    pub fn share(&self) -> Option<&Share> {
        match &self.source {
            Source::Share(share) => Some(share),
            Source::Set(_) | Source::File(..) => None,
        }
    }

    /// Returns the terms under which the tokens were made.
    pub fn terms(&self) -> &Terms {
        match &self.source {
            Source::Set(set) => set.terms(),
            Source::Share(share) => share.terms(),
            Source::File(file, _) => file.terms(),
        }
    }

    /// Returns the metadata of the set or share.
    pub fn metadata(&self) -> &Metadata {
        match &self.source {
            Source::Set(set) => set.metadata(),
            Source::Share(share) => share.metadata(),
            Source::File(file, _) => file.metadata(),
        }
    }

    /// Returns the member whose set or share it is.
    pub fn member(&self) -> &Name {
        match &self.source {
            Source::Set(set) => set.member(),
            Source::Share(share) => share.recipient(),
            Source::File(file, _) => file.member(),
        }
    }

    /// Returns the number of the set among its member's sets; shares are not numbered.
    fn sequence(&self) -> u64 {
        match &self.source {
            Source::Set(set) => set.sequence(),
            Source::Share(_) => 0,
            Source::File(file, _) => file.header().sequence(),
        }
    }

    /// Returns the number of tokens.
    pub fn len(&self) -> u64 {
        match &self.source {
            Source::File(file, _) => file.len(),
            Source::Set(_) | Source::Share(_) => self.source.kept().len() as u64,
        }
    }

    /// Whether there are no tokens.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the memory, in bytes, of the prefilter, the index and the tokens that are kept.
    pub fn memory(&self) -> usize {
        self.prefilter.size() + Token::LEN * (self.firsts.len() + self.source.kept().len())
    }
}

impl Source {
    /// Returns the tokens in memory.
    fn kept(&self) -> &[Token] {
        match self {
            Source::Set(set) => set.tokens(),
            Source::Share(share) => share.tokens(),
            Source::File(_, leading) => leading,
        }
    }
}

fn firsts(tokens: &[Token]) -> Vec<Token> {
    tokens.iter().step_by(CHUNK_RECORDS).copied().collect()
}

impl fmt::Debug for ScreenIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScreenIndex")
            .field("terms", self.terms())
            .field("member", self.member())
            .field("sequence", &self.sequence())
            .field("tokens", &self.len())
            .field("memory", &self.memory())
            .finish()
    }
}
