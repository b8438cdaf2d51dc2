//! Who holds a token, by name.

use std::fmt;

use crate::engine::holders::HolderRow;
use crate::terms::Name;

/// The members that hold one token, in order of name.
///
/// ```
/// # use veilmatch::terms::{Name, Terms};
/// # use veilmatch::{Token, TokenSet};
/// # let terms = Terms::example();
/// # let set = |name: &str, bytes: &[u8]| {
/// #     let tokens = bytes.iter().map(|byte| Token::from_bytes([*byte; 16])).collect();
/// #     Ok::<_, veilmatch::Error>(TokenSet::from_tokens(terms.clone(), Name::new(name)?, tokens))
/// # };
/// # let (a, b, c) = (set("a", &[1, 2])?, set("b", &[2, 3])?, set("c", &[3, 4])?);
/// # let overlaps = veilmatch::Intersection::new().add(&a)?.add(&b)?.add(&c)?.at_least(2)?.collect()?;
/// for (_, holders) in &overlaps {
///     assert_eq!((holders.count(), holders.contains(1)), (2, true));
///     assert!(holders.names().any(|name| name.as_str() == "b"));
/// }
/// # Ok::<(), veilmatch::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Holders<'a> {
    row: HolderRow<'a>,
    members: &'a [Name],
}

impl<'a> Holders<'a> {
    pub(crate) fn new(row: HolderRow<'a>, members: &'a [Name]) -> Self {
        Self { row, members }
    }

    /// Their names.
    pub fn names(self) -> impl Iterator<Item = &'a Name> {
        self.row.iter().map(|member| &self.members[member])
    }

    /// Their positions in the list of members that were matched, from 0.
    pub fn positions(self) -> impl Iterator<Item = usize> {
        self.row.iter()
    }

    /// Their number.
    pub fn count(self) -> usize {
        self.row.count()
    }

    /// Whether the member at this position is one of them.
    pub fn contains(self, position: usize) -> bool {
        self.row.contains(position)
    }

    /// One bit a member, as the files write them.
    pub(crate) fn as_bytes(self) -> &'a [u8] {
        self.row.as_bytes()
    }
}

impl fmt::Debug for Holders<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.names()).finish()
    }
}
