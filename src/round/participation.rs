//! Participation: how many of the members that a kind is to be matched of were matched, and who was not.

use std::fmt;

use crate::error::Error;
use crate::matching::Share;
use crate::terms::Name;

use super::Round;

/// What a share says about who was matched, held against who is to bring a set of its kind.
///
/// A share of a match without some members lacks every overlap that needs them, and is no error: the hub may have gone on
/// without them. `Display` says it in words: `2 of 3 members were matched, without c`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Participation {
    /// How many members were matched, the share's recipient among them.
    pub matched: usize,
    /// How many members are to bring a set of the kind.
    pub expected: usize,
    /// Who was not matched, in order of name, where the share names members.
    pub without: Option<Vec<Name>>,
}

impl Participation {
    /// Whether all were matched that are to bring a set.
    pub fn is_complete(&self) -> bool {
        self.matched == self.expected
    }
}

impl Round {
    /// How many of those that are to bring a set were matched for a share, which [`Round::accept`] has accepted.
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
