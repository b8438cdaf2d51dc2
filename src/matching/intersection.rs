//! The intersection: every token that at least k of N sets hold, and its holders. Sets are in memory or on disk; the
//! result is exact.

use crate::engine::kernel::Source;
use crate::error::Error;
use crate::prefilter::Prefilter;
use crate::set::{SetFile, SetHeader, TokenSet};
use crate::terms::MAX_MEMBERS;

use super::Query;

/// N sets of different members under equal terms, about to be matched.
///
/// The threshold picks the question: `at_least(1)` is the union, `at_least(n)` is the intersection of all sets, and one
/// loop answers for every threshold between.
///
/// ```
/// # use veilmatch::terms::{Name, Terms};
/// # use veilmatch::{Intersection, Token, TokenSet};
/// # let terms = Terms::example();
/// # let set = |name: &str, bytes: &[u8]| -> Result<TokenSet, veilmatch::Error> {
/// #     let tokens = bytes.iter().map(|byte| Token::from_bytes([*byte; 16])).collect();
/// #     Ok(TokenSet::from_tokens(terms.clone(), Name::new(name)?, tokens))
/// # };
/// let (a, b, c) = (set("a", &[1, 2, 3])?, set("b", &[2, 3, 4])?, set("c", &[3, 4, 5])?);
/// let match_of_two = Intersection::new().add(&a)?.add(&b)?.add(&c)?.at_least(2)?;
///
/// assert_eq!(match_of_two.count()?, 3);
/// assert_eq!(match_of_two.by_holder_count()?, [2, 2, 1]);
/// # Ok::<(), veilmatch::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Intersection<'a> {
    sides: Vec<Side<'a>>,
}

/// One member's set in a match, with its prefilter if there is one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Side<'a> {
    pub(super) set: SetRef<'a>,
    pub(super) prefilter: Option<&'a Prefilter>,
}

/// A member's set, in memory or on disk: the argument of [`Intersection::add`].
///
/// ```
/// # use veilmatch::terms::{Name, Terms};
/// # use veilmatch::{Token, TokenSet};
/// # let terms = Terms::example();
/// # let set = |name: &str, bytes: &[u8]| {
/// #     let tokens = bytes.iter().map(|byte| Token::from_bytes([*byte; 16])).collect();
/// #     Ok::<_, veilmatch::Error>(TokenSet::from_tokens(terms.clone(), Name::new(name)?, tokens))
/// # };
/// use veilmatch::matching::SetRef;
/// use veilmatch::{Intersection, SetFile};
///
/// # let (small, mut bytes) = (set("bank-a", &[1, 2])?, Vec::new());
/// # set("bank-b", &[2, 3])?.write_to(&mut bytes)?;
/// let large = SetFile::from_source(Box::new(bytes), "bank-b.vms")?;
/// let sets = [SetRef::from(&small), SetRef::from(&large)];
/// let all = sets.into_iter().try_fold(Intersection::new(), |all, set| all.add(set))?;
/// assert_eq!(all.at_least(2)?.count()?, 1);
/// # Ok::<(), veilmatch::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub enum SetRef<'a> {
    /// All tokens are in memory.
    InMemory(&'a TokenSet),
    /// Tokens are read, verified and matched part by part.
    OnDisk(&'a SetFile),
}

impl<'a> From<&'a TokenSet> for SetRef<'a> {
    fn from(set: &'a TokenSet) -> Self {
        Self::InMemory(set)
    }
}

impl<'a> From<&'a SetFile> for SetRef<'a> {
    fn from(file: &'a SetFile) -> Self {
        Self::OnDisk(file)
    }
}

impl<'a> Side<'a> {
    pub(super) fn header(&self) -> &'a SetHeader {
        match self.set {
            SetRef::InMemory(set) => set.header(),
            SetRef::OnDisk(file) => file.header(),
        }
    }

    pub(super) fn source(&self) -> Source<'a> {
        match self.set {
            SetRef::InMemory(set) => Source::Memory(set.tokens()),
            SetRef::OnDisk(file) => Source::File(&file.tokens),
        }
    }
}

impl<'a> Intersection<'a> {
    /// The most sets of one match.
    pub const MAX_SETS: usize = MAX_MEMBERS;

    /// Begins a match without sets.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a member's set, in memory (`&TokenSet`) or on disk (`&SetFile`). The order of the members makes no
    /// difference.
    ///
    /// # Errors
    ///
    /// [`Error::TermsDiffer`] if it was made under another secret, coalition, epoch, kind, rule,
    /// suppression list or round than the sets before; [`Error::DuplicateMember`];
    /// [`Error::TooManySets`].
    #[expect(clippy::should_implement_trait, reason = "the usual verb of a builder of set operations")]
    pub fn add(self, set: impl Into<SetRef<'a>>) -> Result<Self, Error> {
        self.add_side(Side { set: set.into(), prefilter: None })
    }

    /// Adds a set as [`Intersection::add`] does, with a prefilter that was built from that very set.
    ///
    /// The prefilter is asked only if the set is far larger than the others; then it saves most searches in the set
    /// (benchmark `intersect`, group `lopsided`).
    ///
    /// # Errors
    ///
    /// As [`Intersection::add`], and [`Error::PrefilterOfOther`] unless the filter was made of this set or a clone of
    /// it. A filter that was read from a file, or made of the set as it was yesterday, could deny what the set holds
    /// and hide overlaps.
    pub fn add_with_prefilter(self, set: &'a TokenSet, prefilter: &'a Prefilter) -> Result<Self, Error> {
        prefilter.require_built_from(set)?;
        self.add_side(Side { set: SetRef::InMemory(set), prefilter: Some(prefilter) })
    }

    fn add_side(mut self, side: Side<'a>) -> Result<Self, Error> {
        if let Some(first) = self.sides.first() {
            first.header().terms().require(side.header().terms(), side.header().member())?;
        }
        side.header().require_new_member(self.sides.iter().map(Side::header))?;
        if self.sides.len() == Self::MAX_SETS {
            return Err(Error::TooManySets { most: Self::MAX_SETS });
        }
        self.sides.push(side);
        Ok(self)
    }

    /// Sets the threshold: asks for the tokens that at least `at_least` of the members hold.
    ///
    /// # Errors
    ///
    /// [`Error::TooFewSets`] under two sets, [`Error::Threshold`] outside 1 to the number of sets.
    pub fn at_least(mut self, at_least: usize) -> Result<Query<'a>, Error> {
        let sets = self.sides.len();
        if sets < 2 {
            return Err(Error::TooFewSets { sets });
        }
        if !(1..=sets).contains(&at_least) {
            return Err(Error::Threshold { at_least, sets });
        }
        self.sides.sort_by(|a, b| a.header().member().cmp(b.header().member()));
        Ok(Query::new(self.sides, at_least))
    }
}
