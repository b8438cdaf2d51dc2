//! `opaque.<name>/1`: bytes as given, whose meaning and spelling members have agreed on elsewhere.
//!
//! No white space is removed, any bytes will do, and what looks like a digest is taken as it is. Only a value that is
//! empty, or longer than a canonical form can be, is rejected. One that is not UTF-8 is accepted with a warning: another
//! member's export of another encoding has other bytes for the same text.

use std::fmt;

use crate::error::Error;
use crate::outcome::Reason;

use super::{Canonical, Note};

pub(super) fn canonicalize(raw: &[u8], out: &mut Canonical) -> Result<Note, Reason> {
    if raw.is_empty() {
        return Err(Reason::Empty);
    }
    out.extend(raw)?;
    Ok(Note { changed: false, warning: std::str::from_utf8(raw).is_err() })
}

/// Longest name of an opaque kind.
const MAX_NAME: usize = 32;
const PREFIX: &[u8] = b"opaque.";
const VERSION: &[u8] = b"/1";
const MAX_ID: usize = PREFIX.len() + MAX_NAME + VERSION.len();

/// The name of an opaque kind, `[a-z0-9-]{1,32}`, which its members have agreed on.
///
/// The name stands in the kind id, and so in files and in the derivation of the key: it is public.
///
/// ```
/// use veilmatch::member::identifier::{Kind, OpaqueName};
///
/// let name = OpaqueName::new("case-no")?;
/// assert_eq!(Kind::Opaque(name).id(), "opaque.case-no/1");
/// assert!(OpaqueName::new("Case No").is_err());
/// # Ok::<(), veilmatch::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OpaqueName {
    /// The whole kind id, followed by zeros: the order is that of ids.
    id: [u8; MAX_ID],
    len: u8,
}

impl OpaqueName {
    /// Checks a name.
    ///
    /// # Errors
    ///
    /// [`Error::OpaqueName`] for anything but 1 to 32 lower-case letters, digits and hyphens.
    pub fn new(name: &str) -> Result<Self, Error> {
        let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if !matches!(name.len(), 1..=MAX_NAME) || !name.bytes().all(allowed) {
            return Err(Error::OpaqueName);
        }
        let text = [PREFIX, name.as_bytes(), VERSION].concat();
        let mut id = [0; MAX_ID];
        id[..text.len()].copy_from_slice(&text);
        Ok(Self { id, len: text.len() as u8 }) // at most 41
    }

    /// Returns the name as text.
    pub const fn as_str(&self) -> &str {
        let (name, _) = self.kind_id().split_at(self.len as usize - VERSION.len());
        name.split_at(PREFIX.len()).1
    }

    /// Returns the id of the kind, for example `opaque.case-no/1`.
    pub(super) const fn kind_id(&self) -> &str {
        match std::str::from_utf8(self.id.split_at(self.len as usize).0) {
            Ok(id) => id,
            Err(_) => unreachable!(), // ASCII, as checked when it was made
        }
    }
}

impl fmt::Debug for OpaqueName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OpaqueName({})", self.as_str())
    }
}

impl fmt::Display for OpaqueName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::member::identifier::Kind;

    #[test]
    fn names_are_short_and_lower_case() {
        for good in ["a", "0", "-", "case-no", "abcdefghijklmnopqrstuvwxyz-01234"] {
            let name = OpaqueName::new(good).unwrap();
            let id = format!("opaque.{good}/1");
            assert_eq!((name.as_str(), name.kind_id(), name.to_string().as_str()), (good, id.as_str(), good));
            for text in [id.as_str(), id.trim_end_matches("/1")] {
                assert_eq!(text.parse::<Kind>().unwrap(), Kind::Opaque(name));
            }
            assert_eq!(Kind::Opaque(name).kind_id().as_str(), id);
        }
        for bad in ["", "A", "a.b", "a_b", "a b", "é", "a\n", "abcdefghijklmnopqrstuvwxyz-012345"] {
            assert!(matches!(OpaqueName::new(bad), Err(Error::OpaqueName)), "{bad}");
            assert!(matches!(format!("opaque.{bad}").parse::<Kind>(), Err(Error::OpaqueName)), "{bad}");
        }
        for unknown in ["opaque", "opaque/1", "opaque.a/2", "opaque.a/1/1", "opaque.a/"] {
            assert!(matches!(unknown.parse::<Kind>(), Err(Error::UnknownKind)), "{unknown}");
        }
    }

    #[test]
    fn kinds_are_ordered_as_their_ids() {
        let opaque = ["a", "a-b", "a0", "b", "-"].map(|name| Kind::Opaque(OpaqueName::new(name).unwrap()));
        let mut kinds: Vec<Kind> = Kind::ALL.iter().copied().chain(opaque).rev().collect();
        kinds.sort_unstable();
        let ids: Vec<&str> = kinds.iter().map(Kind::id).collect();
        assert!(ids.is_sorted_by(|one, other| one < other), "{ids:?}");
    }
}
