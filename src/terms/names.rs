//! Names of coalitions and members, and ids of kinds.

use crate::error::Error;

use super::text::checked_text;

/// The name of a coalition or a member: `[A-Za-z0-9][A-Za-z0-9_-]{0,63}`.
///
/// Names end up in paths, pages and terminals; hence the narrow alphabet. Two names that differ only in case are equal
/// for [`Name::same`], and may not stand beside each other. A name that Windows takes for a device, with any ending, is
/// refused: `NUL`, `CON`, `PRN`, `AUX`, `COM0` to `COM9`, `LPT0` to `LPT9`, in any case.
///
/// ```
/// use veilmatch::terms::Name;
///
/// let name = Name::new("Bank-A")?;
/// assert!(name.same(&Name::new("bank-a")?));
/// assert!(Name::new("bank a").is_err());
/// assert_eq!(Name::new("NUL").unwrap_err().code(), "reserved_name");
/// # Ok::<(), veilmatch::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(Box<str>);

impl Name {
    /// Checks a name.
    ///
    /// # Errors
    ///
    /// [`Error::Name`] for anything outside the alphabet, empty, or over 64 characters; [`Error::ReservedName`] for the
    /// name of a device.
    pub fn new(text: &str) -> Result<Self, Error> {
        let bytes = text.as_bytes();
        let inner = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
        let valid =
            matches!(bytes.len(), 1..=64) && bytes[0].is_ascii_alphanumeric() && bytes.iter().all(inner);
        match valid {
            true if is_device(text) => Err(Error::ReservedName),
            true => Ok(Self(text.into())),
            false => Err(Error::Name),
        }
    }

    /// Returns the name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether two names are equal, ignoring case.
    pub fn same(&self, other: &Name) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

/// Whether Windows takes a file of this name for a device, whatever ending follows.
fn is_device(name: &str) -> bool {
    let numbered = |prefix: &str| {
        let (head, digit) = name.split_at_checked(prefix.len()).unwrap_or_default();
        head.eq_ignore_ascii_case(prefix) && matches!(digit.as_bytes(), [b'0'..=b'9'])
    };
    ["CON", "PRN", "AUX", "NUL"].iter().any(|device| name.eq_ignore_ascii_case(device))
        || ["COM", "LPT"].into_iter().any(numbered)
}

/// The id of a kind of identifier with its version, for example `card.pan/1`.
///
/// The hub treats it as an opaque label: lower-case words joined by dots, a slash, a version above 0.
///
/// ```
/// use veilmatch::terms::KindId;
///
/// let id: KindId = "card.pan/1".parse()?;
/// assert_eq!(id.as_str(), "card.pan/1");
/// assert!(KindId::new("card.pan").is_err());
/// # Ok::<(), veilmatch::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KindId(Box<str>);

impl KindId {
    /// Checks the form of an id; whether the kind exists is the member's concern.
    ///
    /// # Errors
    ///
    /// [`Error::KindId`] for anything but `word.word…/version`, or over 64 characters.
    pub fn new(text: &str) -> Result<Self, Error> {
        let word = |word: &str| {
            !word.is_empty()
                && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        };
        let valid = text.len() <= 64
            && text.split_once('/').is_some_and(|(name, version)| {
                name.contains('.')
                    && name.split('.').all(word)
                    && version.parse::<u16>().is_ok_and(|number| number > 0 && number.to_string() == version)
            });
        if valid { Ok(Self(text.into())) } else { Err(Error::KindId) }
    }

    /// Returns the id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

checked_text!(Name, KindId);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_hold_nothing_that_a_path_or_terminal_would_mind() {
        let longest = "a".repeat(64);
        for good in ["a", "Bank-A", "0_x", longest.as_str()] {
            assert!(Name::new(good).is_ok(), "{good}");
        }
        let too_long = "a".repeat(65);
        for bad in ["", "-a", "_a", "a.b", "a/b", "a b", "é", "a\n", "..", too_long.as_str()] {
            assert!(Name::new(bad).is_err(), "{bad:?}");
        }
        assert!(Name::new("BankA").unwrap().same(&Name::new("bankA").unwrap()));
    }

    #[test]
    fn names_of_devices_are_refused_by_a_word_of_their_own_in_any_case() {
        for device in ["CON", "con", "Prn", "AUX", "nul", "COM1", "com9", "COM0", "Lpt1", "LPT9"] {
            assert!(matches!(Name::new(device), Err(Error::ReservedName)), "{device}");
        }
        for near in ["CON1", "console", "COM", "COM10", "LPTA", "xNUL", "nul-bank", "NUL_"] {
            assert!(Name::new(near).is_ok(), "{near}");
        }
    }

    #[test]
    fn kind_ids_have_one_spelling() {
        for good in ["card.pan/1", "opaque.case-no/12", "a.b.c/65535"] {
            assert!(KindId::new(good).is_ok(), "{good}");
        }
        for bad in [
            "card.pan",
            "card.pan/",
            "card.pan/0",
            "card.pan/01",
            "card/1",
            "Card.pan/1",
            "a..b/1",
            "a.b/65536",
            "a.b/+1",
        ] {
            assert!(KindId::new(bad).is_err(), "{bad}");
        }
    }
}
