//! What a match gave each member, and what of it nobody has linked.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::terms::{ContentDigest, KindId, Name};

use super::links::Links;

/// What a match gave one member of one kind: the hub holds links against it.
///
/// See the example of [`Trails`](super::Trails).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shared {
    /// The member.
    pub member: Name,
    /// The kind.
    pub kind: KindId,
    /// Digest of the tokens of its set that was matched.
    pub own_set: Option<ContentDigest>,
    /// Number of tokens of its share.
    pub tokens: u64,
}

impl Shared {
    /// Returns the kinds that links are missing of, by member: kinds of which a member was given tokens, and sent no links.
    /// No trail leads through them.
    ///
    /// ```
    /// use veilmatch::terms::{KindId, Name};
    /// use veilmatch::trail::Shared;
    ///
    /// let (member, kind) = (Name::new("bank-a")?, KindId::new("card.pan/1")?);
    /// let shared = [Shared { member: member.clone(), kind: kind.clone(), own_set: None, tokens: 3 }];
    /// assert_eq!(Shared::without_links(&shared, []).into_iter().collect::<Vec<_>>(), [(&member, vec![&kind])]);
    /// # Ok::<(), veilmatch::Error>(())
    /// ```
    pub fn without_links<'a, 'l>(
        shared: &'a [Self],
        links: impl IntoIterator<Item = &'l Links>,
    ) -> BTreeMap<&'a Name, Vec<&'a KindId>> {
        let linked: Vec<(&Name, &KindId)> = links
            .into_iter()
            .flat_map(|links| links.kinds().iter().map(|linked| (links.member(), &linked.kind)))
            .collect();
        let mut missing: BTreeMap<&Name, Vec<&KindId>> = BTreeMap::new();
        for one in shared.iter().filter(|one| one.tokens > 0) {
            if !linked.contains(&(&one.member, &one.kind)) {
                missing.entry(&one.member).or_default().push(&one.kind);
            }
        }
        missing
    }
}
