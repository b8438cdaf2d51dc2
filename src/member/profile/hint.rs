//! The commonest mistakes: what they look like, and what to do about them.

use std::fmt;

use crate::member::identifier::Kind;
use crate::outcome::{Counters, Reason};

/// A mistake that many rows show: counts, never a value. Its `Display` is a sentence for a person.
///
/// ```
/// use veilmatch::member::identifier::{Canonicalizer, Kind};
/// use veilmatch::member::profile::{Hint, Profile};
/// use veilmatch::member::rows::Rows;
///
/// let rule = Canonicalizer::new(Kind::CardPan);
/// let profile = Profile::read(&rule, Rows::values(["DE89 3704 0044 0532 0130 00"; 20]))?;
/// let hints: Vec<&str> = profile.hints().iter().map(Hint::code).collect();
/// assert_eq!(hints, ["none_accepted", "other_kind"]);
/// assert!(profile.hints()[1].to_string().contains("look like bank.iban/1"));
/// # Ok::<(), veilmatch::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Hint {
    /// Rows rejected for a reason that mostly has one cause, which can be mended in the export as a whole.
    Rejected {
        /// The reason.
        reason: Reason,
        /// Number of rows rejected for it.
        rows: u64,
        /// Number of rows read.
        of: u64,
    },
    /// Rejected rows that are identifiers of another kind.
    OtherKind {
        /// The kind whose rule was run.
        kind: Kind,
        /// The kind that accepts them.
        looks: Kind,
        /// Number of rows that it accepts.
        rows: u64,
        /// The number of rejected rows that were tried: the first ones that have a value.
        of: u64,
    },
    /// A first row of letters alone, which may be a header: an opaque kind takes it for a value.
    Header {
        /// Number of rows read.
        of: u64,
    },
    /// Values of an opaque kind that are not UTF-8: they match no other member's export in another encoding.
    NotUtf8 {
        /// Number of such rows, all accepted.
        rows: u64,
        /// Number of rows read.
        of: u64,
    },
    /// No row is an identifier of the kind.
    NoneAccepted {
        /// Number of rows read.
        rows: u64,
    },
}

impl Hint {
    /// Returns the hints that counters alone give. Only a profile can tell which other kind the rows look like.
    pub fn from_counters(kind: Kind, counters: &Counters) -> Vec<Hint> {
        let (of, warnings) = (counters.rows, counters.warnings);
        let rejected = counters.rejected.iter().filter(|(reason, _)| advice(*reason).is_some());
        let mut hints: Vec<Hint> =
            rejected.map(|(reason, rows)| Hint::Rejected { reason, rows, of }).collect();
        if matches!(kind, Kind::Opaque(_)) && warnings > 0 {
            hints.push(Hint::NotUtf8 { rows: warnings, of });
        }
        if of > 0 && counters.accepted + counters.suppressed == 0 {
            hints.push(Hint::NoneAccepted { rows: of });
        }
        hints
    }

    /// Returns a stable `snake_case` code for programs: that of the reason, `other_kind`, `header`, `not_utf8` or `none_accepted`.
    pub fn code(&self) -> &'static str {
        match self {
            Hint::Rejected { reason, .. } => reason.name(),
            Hint::OtherKind { .. } => "other_kind",
            Hint::Header { .. } => "header",
            Hint::NotUtf8 { .. } => "not_utf8",
            Hint::NoneAccepted { .. } => "none_accepted",
        }
    }
}

/// Whether a value could be the name of a column: ASCII letters, perhaps with what joins words.
pub(super) fn is_header_word(value: &[u8]) -> bool {
    let joins = |byte: &u8| matches!(byte, b' ' | b'_' | b'-' | b'.');
    value.first().is_some_and(u8::is_ascii_alphabetic)
        && value.iter().all(|byte| byte.is_ascii_alphabetic() || joins(byte))
}

/// Returns what rows rejected for a reason do, as words after their number; nothing if each row is a case of its own.
const fn advice(reason: Reason) -> Option<&'static str> {
    Some(match reason {
        Reason::InvalidUtf8 => {
            "are not UTF-8: --encoding states another encoding of the export, such as latin1"
        }
        Reason::LooksHashed => "look like SHA-256 digests: raw identifiers are needed, not hashes of them",
        Reason::MissingField => {
            "have fewer fields than the header, or lack the column: is the delimiter right?"
        }
        Reason::ExtraFields => "have more fields than the header: is a delimiter in a field without quotes?",
        Reason::UnknownKind => "name no kind of this build: card.pan and the like are names",
        Reason::Masked => "are masked card numbers, which match nothing",
        Reason::ExpiryAttached => "have something like an expiry date attached",
        Reason::IdnaFeatureOff => "have an internationalised domain, which takes the feature idna",
        Reason::NoCountryCode => {
            "lack a country code: --national-plan, such as 44/0, says how they are dialled"
        }
        Reason::NoTrunkPrefix => "lack the trunk prefix of the national plan: is it the right plan?",
        Reason::NotInPlan => {
            "have no place in the numbering plan of their country: is the national plan the right one?"
        }
        Reason::OwnCallingCode => {
            "may begin with their own calling code: written with + in front of it, they are plain"
        }
        Reason::InternationalPrefix => {
            "begin as foreign numbers are dialled at home: written with + and the calling code, they are plain"
        }
        Reason::WrongNetwork => "are addresses of another chain or of a test network",
        _ => return None,
    })
}

impl fmt::Display for Hint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Hint::Rejected { reason, rows, of } => {
                let advice = advice(reason).unwrap_or(reason.meaning());
                write!(f, "{} of {} rows ({}) {advice}", Grouped(rows), Grouped(of), Percent(rows, of))
            }
            Hint::OtherKind { kind, looks, rows, of } => write!(
                f,
                "{} of the first {} rejected rows look like {looks}, but the kind is {kind}",
                Grouped(rows),
                Grouped(of)
            ),
            Hint::Header { .. } => f.write_str(
                "the first row has letters alone, as a header has, and this kind takes it for a value: is it one?",
            ),
            Hint::NotUtf8 { rows, of } => write!(
                f,
                "{} of {} rows ({}) are not UTF-8 and match no export in another encoding: --encoding states \
                 that of this export, such as latin1",
                Grouped(rows),
                Grouped(of),
                Percent(rows, of)
            ),
            Hint::NoneAccepted { .. } => {
                f.write_str("no row is an identifier of this kind: is it the right kind and column?")
            }
        }
    }
}

/// Writes a count with commas between thousands.
struct Grouped(u64);

impl fmt::Display for Grouped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.0.to_string();
        for (place, digit) in digits.char_indices() {
            if place > 0 && (digits.len() - place).is_multiple_of(3) {
                f.write_str(",")?;
            }
            write!(f, "{digit}")?;
        }
        Ok(())
    }
}

/// Writes a share in whole percent, rounded down.
struct Percent(u64, u64);

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match u128::from(self.0) * 100 / u128::from(self.1.max(1)) {
            0 => f.write_str("under 1 %"),
            percent => write!(f, "{percent} %"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_grouped_and_shares_rounded_down() {
        let hint = |reason, rows, of| Hint::Rejected { reason, rows, of }.to_string();
        assert_eq!(
            hint(Reason::LooksHashed, 4_211, 5_000),
            "4,211 of 5,000 rows (84 %) look like SHA-256 digests: raw identifiers are needed, not hashes of them"
        );
        assert!(hint(Reason::Masked, 1, 1_234_567).starts_with("1 of 1,234,567 rows (under 1 %) are masked"));
        assert!(hint(Reason::Masked, 123, 123).starts_with("123 of 123 rows (100 %) are"));
        assert!(hint(Reason::Masked, u64::MAX, u64::MAX).contains("(100 %)"));
        let looks = Kind::BankIban;
        assert_eq!(
            Hint::OtherKind { kind: Kind::CardPan, looks, rows: 990, of: 1_000 }.to_string(),
            "990 of the first 1,000 rejected rows look like bank.iban/1, but the kind is card.pan/1"
        );
    }
}
