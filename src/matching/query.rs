//! Query: what is asked of N sets, answered in one of several forms.

use std::fmt;
use std::sync::atomic::AtomicBool;

use crate::container::{CHUNK_RECORDS, Revision};
use crate::engine::large::{self, Plan};
use crate::engine::sinks::{
    ByCombination, ByHolderCount, ByMember, ByPair, Collect, CombinationCounts, Count, Sink,
};
use crate::error::Error;
use crate::progress::Progress;
use crate::set::SetHeader;
use crate::terms::{ContentDigest, KindId, Name, Terms};
use crate::token::Token;

use super::intersection::Side;
use super::{Holders, Overlaps, PairCounts, SetRef};

/// The counts of one pass.
///
/// ```
/// # use veilmatch::terms::{Name, Terms};
/// # use veilmatch::{Token, TokenSet};
/// # let terms = Terms::example();
/// # let set = |name: &str, bytes: &[u8]| {
/// #     let tokens = bytes.iter().map(|byte| Token::from_bytes([*byte; 16])).collect();
/// #     Ok::<_, veilmatch::Error>(TokenSet::from_tokens(terms.clone(), Name::new(name)?, tokens))
/// # };
/// use veilmatch::Intersection;
///
/// let (a, b, c) = (set("a", &[1, 2, 3])?, set("b", &[2, 3, 4])?, set("c", &[3, 4, 5])?);
/// let tally = Intersection::new().add(&a)?.add(&b)?.add(&c)?.at_least(2)?.tally()?;
/// assert_eq!(tally.by_holder_count, [2, 2, 1]);
/// assert_eq!(tally.by_member, [2, 3, 2]);
/// assert_eq!(tally.pairs.get(0, 1), 2);
/// assert!(tally.pairs.iter().eq([(0, 1, 2), (0, 2, 1), (1, 2, 2)]));
/// let exact = [(vec![0], 1), (vec![0, 1], 1), (vec![0, 1, 2], 1), (vec![1, 2], 1), (vec![2], 1)];
/// assert_eq!(tally.combinations.unwrap(), exact);
/// # Ok::<(), veilmatch::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tally {
    /// The counts of [`Query::by_holder_count`].
    pub by_holder_count: Vec<u64>,
    /// The counts of [`Query::by_pair`].
    pub pairs: PairCounts,
    /// The counts of [`Query::by_member`].
    pub by_member: Vec<u64>,
    /// The number of tokens of each combination of exactly these holders, whatever the threshold, in order of holders.
    /// None if there are more than 14 members and the combinations of two or more have over [`Tally::MOST_HOLDERS`]
    /// holders in all.
    pub combinations: Option<Vec<(Vec<usize>, u64)>>,
}

impl Tally {
    /// The most holders, over all combinations of two or more, up to which combinations are counted. It bounds the
    /// memory: about 3 MiB a thread. All pairs of 256 members have fewer.
    pub const MOST_HOLDERS: usize = 1 << 16;
}

/// A question about N sets, ready to be answered in one of several forms.
///
/// Every answer reads each set about once, in the caller's rayon pool: O(tokens) expected time for any N
/// and k ≥ 2, O(n log n) at worst when a hostile file's tokens are not uniform; one set far larger than
/// the rest is searched rather than read. Working memory is under 1 MiB a thread; where sets stay on disk it is what
/// [`Query::memory`] says. The answer comes on top: each thread builds up to a few partial ones.
/// The answer is the same whatever the threads and the order in which the members were added.
///
/// ```
/// # use veilmatch::terms::{Name, Terms};
/// # use veilmatch::{Token, TokenSet};
/// # let terms = Terms::example();
/// # let set = |name: &str, bytes: &[u8]| {
/// #     let tokens = bytes.iter().map(|byte| Token::from_bytes([*byte; 16])).collect();
/// #     Ok::<_, veilmatch::Error>(TokenSet::from_tokens(terms.clone(), Name::new(name)?, tokens))
/// # };
/// use veilmatch::Intersection;
///
/// let (a, b, c) = (set("a", &[1, 2])?, set("b", &[2, 3])?, set("c", &[2, 3])?);
/// let query = Intersection::new().add(&a)?.add(&b)?.add(&c)?.at_least(2)?;
/// assert!(query.members().eq([a.member(), b.member(), c.member()]));
/// assert_eq!((query.count()?, query.collect()?.len()), (2, 2));
/// assert_eq!(query.by_combination()?, [(vec![0, 1, 2], 1), (vec![1, 2], 1)]);
/// # Ok::<(), veilmatch::Error>(())
/// ```
#[derive(Clone)]
#[must_use = "a query does nothing until it is asked"]
pub struct Query<'a> {
    sides: Vec<Side<'a>>,
    at_least: usize,
    progress: &'a dyn Progress,
}

impl<'a> Query<'a> {
    /// `sides` are in order of their members' names.
    pub(super) fn new(sides: Vec<Side<'a>>, at_least: usize) -> Self {
        Self { sides, at_least, progress: &() }
    }

    /// Tells how far each answer has come, in tokens read, and asks whether to go on.
    pub fn with_progress(self, progress: &'a dyn Progress) -> Self {
        Self { progress, ..self }
    }

    /// The threshold.
    pub fn threshold(&self) -> usize {
        self.at_least
    }

    /// Returns the kind of identifier that is matched.
    pub fn kind(&self) -> &'a KindId {
        self.terms().context.kind()
    }

    /// Returns the members, in order of name. Positions in this list are the holders in every answer.
    pub fn members(&self) -> impl ExactSizeIterator<Item = &'a Name> + '_ {
        self.sets().map(SetHeader::member)
    }

    /// Returns the headers of the sets, in order of their members' names.
    pub fn sets(&self) -> impl ExactSizeIterator<Item = &'a SetHeader> + '_ {
        self.sides.iter().map(Side::header)
    }

    /// Returns every overlapping token with its holders, in order of token.
    ///
    /// Memory: 16 bytes and one bit a member for each overlap.
    ///
    /// # Errors
    ///
    /// [`Error::Cancelled`]; those of [`SetFile::read`](crate::SetFile::read) where sets stay on disk.
    pub fn collect(&self) -> Result<Overlaps, Error> {
        let members: Vec<Name> = self.members().cloned().collect();
        let found = self.run(self.at_least, || Collect::new(members.len()))?;
        let terms = self.terms().clone();
        Ok(Overlaps::from_checked(terms, self.at_least, members, found.tokens, found.holders))
    }

    /// Returns the number of overlapping tokens.
    ///
    /// # Errors
    ///
    /// [`Error::Cancelled`]; those of [`SetFile::read`](crate::SetFile::read) where sets stay on disk.
    pub fn count(&self) -> Result<u64, Error> {
        Ok(self.run(self.at_least, Count::default)?.0)
    }

    /// Returns how many tokens have exactly 1, 2, … N holders, whatever the threshold.
    ///
    /// # Errors
    ///
    /// [`Error::Cancelled`]; those of [`SetFile::read`](crate::SetFile::read) where sets stay on disk.
    pub fn by_holder_count(&self) -> Result<Vec<u64>, Error> {
        let found = self.run(2, || ByHolderCount::new(self.sides.len()))?;
        Ok(self.with_single_holders(found))
    }

    /// Returns how many tokens each two members share, whatever the threshold.
    ///
    /// Memory: 8 bytes for each two members, 16 MiB for 2,048 members.
    ///
    /// # Errors
    ///
    /// [`Error::Cancelled`]; those of [`SetFile::read`](crate::SetFile::read) where sets stay on disk.
    pub fn by_pair(&self) -> Result<PairCounts, Error> {
        Ok(self.run(2, || ByPair::new(self.sides.len()))?.into_counts())
    }

    /// Returns how many overlapping tokens each member holds, in the order of [`Query::members`]. The member's
    /// share will have this number of tokens.
    ///
    /// # Errors
    ///
    /// [`Error::Cancelled`]; those of [`SetFile::read`](crate::SetFile::read) where sets stay on disk.
    pub fn by_member(&self) -> Result<Vec<u64>, Error> {
        let new = || ByMember::new(self.sides.len(), self.at_least);
        Ok(self.run(self.at_least, new)?.into_counts())
    }

    /// Calls `each` with every overlapping token and its holders, in order of token, and keeps no token.
    ///
    /// Use it for results larger than memory: what `each` does goes on beside the matching of later tokens.
    ///
    /// # Errors
    ///
    /// Those of `each`; [`Error::Cancelled`]; those of [`SetFile::read`](crate::SetFile::read) where sets stay on
    /// disk. Do not use tokens that came before an error.
    pub fn for_each(
        &self,
        mut each: impl FnMut(Token, Holders<'_>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let members: Vec<Name> = self.members().cloned().collect();
        let new = || Collect::new(members.len());
        let plan = self.plan(self.at_least);
        plan.run_in_order(new, self.progress, |Collect { tokens, holders }| {
            let holders = |index| Holders::new(holders.row(index), &members);
            tokens.iter().enumerate().try_for_each(|(index, token)| each(*token, holders(index)))
        })
    }

    /// Returns the bytes of memory that matching takes at most in this pool, besides the sets, their indexes and the
    /// answer.
    ///
    /// If sets stay on disk, this is for each thread a window of 256 chunks of 16 KiB and four for each set, and 1.5
    /// MiB. The answer of [`Query::for_each`] is the overlaps of four windows a thread.
    pub fn memory(&self) -> u64 {
        let of_kernel = rayon::current_num_threads() as u64 * (1 << 20);
        // The first tokens of all chunks are sorted once.
        let firsts = self.sets().map(|set| set.tokens().div_ceil(CHUNK_RECORDS as u64)).sum::<u64>();
        let plan = self.plan(self.at_least);
        plan.bytes_in_flight() + of_kernel + firsts * 2 * Token::LEN as u64
    }

    /// Returns how many overlapping tokens each combination of exactly these holders has, in order of holders. A holder is a
    /// position in [`Query::members`].
    ///
    /// There are at most as many combinations as overlaps. Memory: about 40 bytes for each combination, and 10 for each
    /// of its holders.
    ///
    /// # Errors
    ///
    /// [`Error::Cancelled`]; those of [`SetFile::read`](crate::SetFile::read) where sets stay on disk.
    pub fn by_combination(&self) -> Result<Vec<(Vec<usize>, u64)>, Error> {
        let too_many = AtomicBool::new(false);
        let new = || ByCombination::new(self.sides.len(), usize::MAX, &too_many);
        Ok(self.run(self.at_least, new)?.into_counts().unwrap_or_default())
    }

    /// Counts by number of holders, by pair, by member and by combination in one pass, for the report and the shares.
    ///
    /// # Errors
    ///
    /// [`Error::Cancelled`]; those of [`SetFile::read`](crate::SetFile::read) where sets stay on disk.
    pub fn tally(&self) -> Result<Tally, Error> {
        let members = self.sides.len();
        let too_many = AtomicBool::new(false);
        let new = || {
            let by_member = ByMember::new(members, self.at_least);
            let combinations = ByCombination::new(members, Tally::MOST_HOLDERS, &too_many);
            ((ByHolderCount::new(members), ByPair::new(members)), (by_member, combinations))
        };
        let ((counts, pairs), (by_member, combinations)) = self.run(2, new)?;
        let by_member = match self.at_least {
            1 => self.sets().map(SetHeader::tokens).collect(),
            _ => by_member.into_counts(),
        };
        let by_holder_count = self.with_single_holders(counts);
        let combinations = combinations.into_counts().map(|shared| self.with_single_members(shared));
        Ok(Tally { by_holder_count, pairs: pairs.into_counts(), by_member, combinations })
    }

    /// Returns the terms under which all sets were made.
    pub fn terms(&self) -> &'a Terms {
        self.sides[0].header().terms()
    }

    /// Returns the digest of one member's tokens.
    pub(crate) fn content_digest_of(&self, member: usize) -> ContentDigest {
        match self.sides[member].set {
            SetRef::InMemory(set) => set.content_digest(),
            SetRef::OnDisk(file) => file.content_digest(),
        }
    }

    /// Returns the revision of one member's set.
    pub(crate) fn revision_of(&self, member: usize) -> Result<Revision, Error> {
        match self.sides[member].set {
            SetRef::InMemory(set) => set.revision(),
            SetRef::OnDisk(file) => Ok(file.revision()),
        }
    }

    /// Adds the tokens with one holder, which a pass over tokens with two holders or more leaves out.
    fn with_single_holders(&self, counts: ByHolderCount) -> Vec<u64> {
        let mut counts = counts.into_counts();
        let total: u64 = self.sets().map(SetHeader::tokens).sum();
        let shared: u64 = (2..).zip(&counts[1..]).map(|(holders, count)| holders * count).sum();
        counts[0] = total - shared;
        counts
    }

    /// Adds what each member holds alone, which a pass over tokens with two holders or more leaves out.
    fn with_single_members(&self, mut combinations: CombinationCounts) -> CombinationCounts {
        let mut alone: Vec<u64> = self.sets().map(SetHeader::tokens).collect();
        for (holders, count) in &combinations {
            holders.iter().for_each(|holder| alone[*holder] -= count);
        }
        let alone = alone.into_iter().enumerate().filter(|(_, count)| *count > 0);
        combinations.extend(alone.map(|(member, count)| (vec![member], count)));
        combinations.sort_unstable();
        combinations
    }

    fn plan(&self, at_least: usize) -> Plan<'a> {
        let sides: Vec<large::Side<'a>> = self
            .sides
            .iter()
            .map(|side| large::Side { source: side.source(), prefilter: side.prefilter })
            .collect();
        Plan::new(&sides, at_least)
    }

    /// Feeds every token with at least `at_least` holders to sinks, which are joined in order of token.
    fn run<S: Sink>(&self, at_least: usize, new: impl Fn() -> S + Sync) -> Result<S, Error> {
        self.plan(at_least).run(new, self.progress)
    }
}

impl fmt::Debug for Query<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Query")
            .field("sides", &self.sides)
            .field("at_least", &self.at_least)
            .finish_non_exhaustive()
    }
}
