//! Participation: how many members were matched of those that were to bring a kind, and who was not.

use std::fmt;

use crate::error::Error;
use crate::matching::Share;
use crate::terms::Name;

use super::Round;

/// What a share says about who was matched, compared with who is to bring a set of its kind.
///
/// A share of a match without some members lacks every overlap that needs them. It is not an error: the hub may have
/// gone on without them. `Display` says it in words: `2 of 3 members were matched, without c`.
///
/// ```
/// # use veilmatch::terms::{Name, Terms};
/// # use veilmatch::{Token, TokenSet};
/// # let terms = Terms::example();
/// # let set = |name: &str, bytes: &[u8]| {
/// #     let tokens = bytes.iter().map(|byte| Token::from_bytes([*byte; 16])).collect();
/// #     Ok::<_, veilmatch::Error>(TokenSet::from_tokens(terms.clone(), Name::new(name)?, tokens))
/// # };
/// # use veilmatch::{Disclosure, Intersection, Manifest, Round};
/// # let members = ["bank-a", "bank-b", "bank-c"].map(Name::new).into_iter().collect::<Result<Vec<_>, _>>()?;
/// # let manifest = Manifest::trial(Name::new("example")?, 1, vec![(&Terms::example()).into()], members)?;
/// # let round = Round::new(manifest)?;
/// # let (a, b) = (set("bank-a", &[1, 2])?, set("bank-b", &[2, 3])?);
/// # let overlaps = Intersection::new().add(&a)?.add(&b)?.at_least(2)?.collect()?;
/// let share = overlaps.share(a.member(), Disclosure::Holders)?;
/// let participation = round.participation(&share)?;
/// assert!(!participation.is_complete());
/// assert_eq!(participation.to_string(), "2 of 3 members were matched, without bank-c");
/// # Ok::<(), veilmatch::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Participation {
    /// Number of members that were matched, the share's recipient among them.
    pub matched: usize,
    /// Number of members that are to bring a set of the kind.
    pub expected: usize,
    /// Members that were not matched, in order of name, if the share names members.
    pub without: Option<Vec<Name>>,
}

impl Participation {
    /// Whether all members that are to bring a set were matched.
    pub fn is_complete(&self) -> bool {
        self.matched == self.expected
    }
}

impl Round {
    /// Compares a share, which [`Round::accept`] has accepted, with the members that are to bring a set of its kind.
    ///
    /// # Errors
    ///
    /// [`Error::KindNotInRound`].
    pub fn participation(&self, share: &Share) -> Result<Participation, Error> {
        let expected = self.expected(share.terms().context.kind())?;
        let without = share.members().map(|members| {
            let is_absent = |name: &&Name| !members.iter().any(|member| member.same(name));
            expected.clone().filter(is_absent).cloned().collect()
        });
        Ok(Participation { matched: share.member_count(), expected: expected.count(), without })
    }
}

impl fmt::Display for Participation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} members were matched", self.matched, self.expected)?;
        let without = self.without.iter().flatten().map(Name::as_str).collect::<Vec<_>>();
        if without.is_empty() { Ok(()) } else { write!(f, ", without {}", without.join(", ")) }
    }
}
