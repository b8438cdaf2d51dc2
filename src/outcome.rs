//! What became of each row: accepted, suppressed, or rejected for a stable [`Reason`].
//!
//! A rejection is data, never a failure of the run, and never repeats the value.

use serde::de::{Error as _, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Declares [`Reason`]: variant, frozen code, frozen name, and meaning.
macro_rules! reasons {
    ($($variant:ident = $code:literal $name:literal : $meaning:literal,)+) => {
        /// The reason why a row was rejected: a stable code and a stable `snake_case` name.
        ///
        /// Codes and names are frozen: they stand in file headers, reports and rule digests.
        ///
        /// ```
        /// use veilmatch::Reason;
        ///
        /// let reason = Reason::from_name("checksum").unwrap();
        /// assert_eq!((reason, reason.code()), (Reason::Checksum, 9));
        /// assert_eq!(Reason::Masked.meaning(), "a masked card number");
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Reason {
            $(#[doc = $meaning] $variant,)+
        }

        impl Reason {
            /// Every reason, in order of code.
            pub const ALL: &'static [Reason] = &[$(Reason::$variant),+];

            /// Returns the frozen number, above 0 (0 stands for "accepted" in rule digests).
            pub const fn code(self) -> u16 {
                match self { $(Reason::$variant => $code),+ }
            }

            /// Returns the frozen `snake_case` name, as in reports and headers.
            pub const fn name(self) -> &'static str {
                match self { $(Reason::$variant => $name),+ }
            }

            /// Returns one sentence for a person: what was found or expected.
            pub const fn meaning(self) -> &'static str {
                match self { $(Reason::$variant => $meaning),+ }
            }
        }
    };
}

reasons! {
    Empty = 1 "empty": "nothing is left once surrounding white space is removed",
    InvalidUtf8 = 2 "invalid_utf8": "the value is not UTF-8 text",
    NonAscii = 3 "non_ascii": "a character outside ASCII in a kind made of digits and letters; never mapped",
    LooksHashed = 4 "looks_hashed": "the value looks like a SHA-256 digest (64 hex digits or 44 base64 characters)",
    TooShort = 5 "too_short": "fewer characters than the kind allows",
    TooLong = 6 "too_long": "more characters than the kind allows",
    BadCharacter = 7 "bad_character": "a character that the kind does not allow there",
    BadSeparator = 8 "bad_separator": "a separator where none is allowed: doubled, leading, trailing or unbalanced",
    Checksum = 9 "checksum": "the value's own check digits or checksum do not fit",
    MissingField = 10 "missing_field": "the CSV row has fewer fields than the header, or lacks the column",
    RowTooLong = 11 "row_too_long": "the line is longer than any identifier, 65,536 bytes",
    LeadingZero = 12 "leading_zero": "a zero in front where the kind allows none",
    UnknownKind = 13 "unknown_kind": "the kind that the CSV row names is none that this build has",
    ExtraFields = 14 "extra_fields": "the CSV row has more fields than the header, so a value may stand in another column",
    Masked = 20 "masked": "a masked card number",
    RepeatedDigit = 21 "repeated_digit": "all digits are equal",
    ExpiryAttached = 22 "expiry_attached": "something like an expiry date follows the card number",
    UnknownCountry = 30 "unknown_country": "the country is not in the IBAN registry, release 99",
    WrongLength = 31 "wrong_length": "the length is not the one that the IBAN registry gives for the country",
    WrongStructure = 32 "wrong_structure": "letters and digits do not follow the country's IBAN structure",
    CheckDigits = 33 "check_digits": "check digits outside 02 to 98, which ISO 13616 never assigns",
    BicLength = 34 "bic_length": "a BIC has 8 characters, or 11 with a branch",
    BicStructure = 35 "bic_structure": "the fifth and sixth character of a BIC are the letters of a country",
    NoAcquirer = 36 "no_acquirer": "no slash between an acquirer id and a merchant id",
    AcquirerId = 37 "acquirer_id": "the part before the slash is not 1 to 11 digits",
    MerchantId = 38 "merchant_id": "the part after the slash is not 1 to 15 printable ASCII characters",
    NoAtSign = 40 "no_at_sign": "no @ in the e-mail address",
    SeveralAtSigns = 41 "several_at_signs": "more than one @ in the e-mail address",
    LocalPart = 42 "local_part": "the part before the @ is not RFC 5322 atext with single inner dots, 1 to 64 bytes",
    NonAsciiLocalPart = 43 "non_ascii_local_part": "a character outside ASCII before the @",
    Domain = 44 "domain": "the domain is not valid under UTS 46",
    IdnaFeatureOff = 45 "idna_feature_off": "an internationalised domain, in a build without the feature `idna`",
    SingleLabel = 46 "single_label": "a domain of one label",
    IpAddress = 47 "ip_address": "an IP address, or a name that ends in a number like one, where a domain is expected",
    NoCountryCode = 50 "no_country_code": "a national number without a stated calling code and trunk prefix",
    TrunkZero = 51 "trunk_zero": "a zero after the country code that may or may not belong to the number",
    Extension = 52 "extension": "an extension follows the phone number",
    NoTrunkPrefix = 53 "no_trunk_prefix": "a national number without the stated trunk prefix",
    UnknownCallingCode = 54 "unknown_calling_code": "no country or network has the calling code",
    NotInPlan = 55 "not_in_plan": "under its calling code no national number with this first digit has this length",
    OwnCallingCode = 56 "own_calling_code": "a national number that may begin with its own calling code",
    InternationalPrefix = 57 "international_prefix": "begins as foreign numbers are dialled in the country of the stated plan, where that is not 00 alone",
    WrongNetwork = 60 "wrong_network": "an address of another chain or of a test network",
    UnknownVersion = 61 "unknown_version": "a witness version that BIP-141 does not have",
    MixedCase = 62 "mixed_case": "bech32 in mixed case",
    ChecksumVariant = 63 "checksum_variant": "bech32 where BIP-350 asks for bech32m, or the reverse",
    WitnessProgram = 64 "witness_program": "a witness program of a length or padding that BIP-141 and BIP-350 do not allow",
    MwebAddress = 65 "mweb_address": "a Litecoin MWEB address, which stands for nothing that shows on a chain",
    CashAddrPayload = 66 "cash_addr_payload": "a CashAddr of another type, length or padding than an address of 20 or 32 bytes has",
    MoneroLength = 67 "monero_length": "a Monero address has 95 characters, or 106 with a payment id",
    PortOrPrefix = 70 "port_or_prefix": "an IP address with a port or a network prefix",
    IpSyntax = 71 "ip_syntax": "neither a dotted quad nor IPv6 text of RFC 4291",
    NoScheme = 72 "no_scheme": "no scheme such as https: in front, so no absolute URL",
    UrlScheme = 73 "url_scheme": "a URL of another scheme than http and https",
    UrlSyntax = 74 "url_syntax": "not a valid URL under the WHATWG URL standard",
}

impl Reason {
    const COUNT: usize = Self::ALL.len();

    /// Returns the reason with that name, if there is one.
    pub fn from_name(name: &str) -> Option<Reason> {
        Self::ALL.iter().copied().find(|reason| reason.name() == name)
    }

    /// Returns the reason's place in [`Reason::ALL`], which lists the variants as declared.
    pub(crate) const fn index(self) -> usize {
        self as usize
    }
}

impl std::fmt::Display for Reason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.name())
    }
}

/// Where a row stands: in which input, its number there, and the line on which it begins.
///
/// ```
/// use veilmatch::Place;
///
/// let place = Place { input: 0, row: 3, line: 5 };
/// assert_eq!(place.to_string(), "row 3, line 5");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Index of its input, from 0, where several were chained; otherwise 0.
    pub input: usize,
    /// Number of the row within its input, from 1; empty lines and a CSV header are not rows.
    pub row: u64,
    /// Number of the line within its input, from 1, as an editor shows it: the header and empty lines count, and so do
    /// all lines of a quoted field. For values in memory it is the number of the row.
    pub line: u64,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.line == self.row {
            true => write!(f, "row {}", self.row),
            false => write!(f, "row {}, line {}", self.row, self.line),
        }
    }
}

/// One rejected row: its place and the reason, never its value.
///
/// ```
/// use veilmatch::{Place, Reason, Rejection};
///
/// let rejection = Rejection { place: Place { input: 0, row: 3, line: 3 }, reason: Reason::Masked };
/// assert_eq!(rejection.to_string(), "row 3: masked");
/// let text = format!("{}: {}", rejection.place, rejection.reason.meaning());
/// assert_eq!(text, "row 3: a masked card number");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rejection {
    /// Where the row stands.
    pub place: Place,
    /// The reason of the rejection.
    pub reason: Reason,
}

impl std::fmt::Display for Rejection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.place, self.reason)
    }
}

/// The number of rows, and what became of them.
///
/// `rows = accepted + suppressed + rejected` and `accepted = unique + duplicates`;
/// `changed` and `warnings` are subsets of `accepted`.
///
/// ```
/// use veilmatch::Counters;
///
/// let mut counters = Counters { rows: 5, accepted: 4, suppressed: 1, duplicates: 1, ..Counters::default() };
/// assert_eq!(counters.unique(), 3);
/// counters.add(&Counters { rows: 2, accepted: 2, ..Counters::default() });
/// assert_eq!((counters.rows, counters.unique()), (7, 5));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counters {
    /// Rows read; empty lines and a CSV header are not rows.
    pub rows: u64,
    /// Rows that became a token.
    pub accepted: u64,
    /// Accepted rows whose spelling was not already the kind's normal spelling.
    pub changed: u64,
    /// Accepted rows with something odd about them, such as a casing that is not EIP-55.
    pub warnings: u64,
    /// Rows left out because they stand on the suppression list.
    pub suppressed: u64,
    /// Accepted rows whose token had been seen before.
    pub duplicates: u64,
    /// Rejected rows by reason.
    pub rejected: RejectedCounts,
}

impl Counters {
    /// Returns the number of distinct tokens.
    pub fn unique(&self) -> u64 {
        self.accepted.saturating_sub(self.duplicates)
    }

    /// Whether the sums that the type promises hold, without overflow, for `unique` tokens.
    pub(crate) fn consistent_with(&self, unique: u64) -> bool {
        let rows = [self.accepted, self.suppressed]
            .into_iter()
            .chain(self.rejected.iter().map(|(_, count)| count))
            .try_fold(0u64, u64::checked_add);
        rows == Some(self.rows)
            && self.accepted.checked_sub(self.duplicates) == Some(unique)
            && self.changed <= self.accepted
            && self.warnings <= self.accepted
    }

    /// Adds the counts of another part of the same input.
    pub fn add(&mut self, other: &Counters) {
        self.rows += other.rows;
        self.accepted += other.accepted;
        self.changed += other.changed;
        self.warnings += other.warnings;
        self.suppressed += other.suppressed;
        self.duplicates += other.duplicates;
        for (mine, theirs) in self.rejected.0.iter_mut().zip(other.rejected.0) {
            *mine += theirs;
        }
    }
}

/// Counts of rejected rows by [`Reason`]; counting allocates nothing.
///
/// Serialises as a map from name to count, in order of code, without zeros.
///
/// ```
/// use veilmatch::Reason;
/// use veilmatch::outcome::RejectedCounts;
///
/// let mut rejected = RejectedCounts::default();
/// [Reason::Masked, Reason::Empty, Reason::Masked].map(|reason| rejected.count(reason));
/// assert_eq!((rejected.of(Reason::Masked), rejected.total()), (2, 3));
/// assert!(rejected.iter().eq([(Reason::Empty, 1), (Reason::Masked, 2)]));
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct RejectedCounts([u64; Reason::COUNT]);

impl RejectedCounts {
    /// Counts one more row rejected for `reason`.
    pub fn count(&mut self, reason: Reason) {
        self.0[reason.index()] += 1;
    }

    /// Returns the number of rows rejected for `reason`.
    pub fn of(&self, reason: Reason) -> u64 {
        self.0[reason.index()]
    }

    /// Returns the number of rows rejected for any reason.
    pub fn total(&self) -> u64 {
        self.0.iter().sum()
    }

    /// Returns the reasons that occurred, in order of code, with their counts.
    pub fn iter(&self) -> impl Iterator<Item = (Reason, u64)> + '_ {
        Reason::ALL.iter().copied().zip(self.0).filter(|(_, count)| *count > 0)
    }
}

impl Default for RejectedCounts {
    fn default() -> Self {
        Self([0; Reason::COUNT])
    }
}

impl std::fmt::Debug for RejectedCounts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_map().entries(self.iter().map(|(reason, count)| (reason.name(), count))).finish()
    }
}

impl Serialize for RejectedCounts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.iter().count()))?;
        for (reason, count) in self.iter() {
            map.serialize_entry(reason.name(), &count)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for RejectedCounts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Counts;
        impl<'de> Visitor<'de> for Counts {
            type Value = RejectedCounts;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a map from reason to a count above 0")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<RejectedCounts, A::Error> {
                let mut counts = RejectedCounts::default();
                while let Some((name, count)) = map.next_entry::<String, u64>()? {
                    let reason =
                        Reason::from_name(&name).ok_or_else(|| A::Error::custom("unknown reason"))?;
                    if count == 0 || counts.of(reason) != 0 {
                        return Err(A::Error::custom("a reason that is repeated or counts 0"));
                    }
                    counts.0[reason.index()] = count;
                }
                Ok(counts)
            }
        }
        deserializer.deserialize_map(Counts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_names_are_distinct_and_in_order() {
        for pair in Reason::ALL.windows(2) {
            assert!(pair[0].code() < pair[1].code());
        }
        for (index, reason) in Reason::ALL.iter().enumerate() {
            assert_eq!(reason.index(), index);
            assert_eq!(Reason::from_name(reason.name()), Some(*reason));
        }
    }

    #[test]
    fn counts_survive_json_in_canonical_order() {
        let mut counts = RejectedCounts::default();
        counts.count(Reason::Masked);
        counts.count(Reason::Empty);
        counts.count(Reason::Empty);
        let json = serde_json::to_string(&counts).expect("serialises");
        assert_eq!(json, r#"{"empty":2,"masked":1}"#);
        assert_eq!(serde_json::from_str::<RejectedCounts>(&json).expect("parses"), counts);
        for bad in [r#"{"empty":0}"#, r#"{"empty":1,"empty":1}"#, r#"{"nonsense":1}"#, r#"{"empty":1.5}"#] {
            assert!(serde_json::from_str::<RejectedCounts>(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn sums_that_do_not_hold_are_noticed() {
        let good = Counters { rows: 3, accepted: 3, duplicates: 1, ..Counters::default() };
        assert!(good.consistent_with(2));
        assert!(!good.consistent_with(3));
        assert!(!Counters { rows: 4, ..good.clone() }.consistent_with(2));
        assert!(!Counters { changed: 4, ..good.clone() }.consistent_with(2));
        let huge = Counters { accepted: u64::MAX, suppressed: 1, ..good };
        assert!(!huge.consistent_with(2));
    }
}
