//! What the members of a round learn about each other.

use serde::{Deserialize, Serialize};

/// What a share tells about the other holders.
///
/// ```
/// # use veilmatch::terms::{Name, Terms};
/// # use veilmatch::{Token, TokenSet};
/// # let terms = Terms::example();
/// # let set = |name: &str, bytes: &[u8]| {
/// #     let tokens = bytes.iter().map(|byte| Token::from_bytes([*byte; 16])).collect();
/// #     Ok::<_, veilmatch::Error>(TokenSet::from_tokens(terms.clone(), Name::new(name)?, tokens))
/// # };
/// use veilmatch::{Disclosure, Intersection};
///
/// # let (a, b) = (set("bank-a", &[1, 2])?, set("bank-b", &[2, 3])?);
/// let overlaps = Intersection::new().add(&a)?.add(&b)?.at_least(2)?.collect()?;
/// let share = overlaps.share(a.member(), Disclosure::Counts)?;
/// assert_eq!(share.holder_count(0), 2);
/// assert!(share.holders(0).is_none());
/// # Ok::<(), veilmatch::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Disclosure {
    /// The names of the members that hold each token.
    Holders,
    /// The number of members that hold each token.
    Counts,
}
