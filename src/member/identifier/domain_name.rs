//! Domain names in ASCII by UTS 46 (non-transitional, STD3, CheckBidi, CheckJoiners, VerifyDnsLength), for the kinds
//! that have one.

use crate::outcome::Reason;

use super::Canonical;

/// Longest domain and longest label in DNS (RFC 1035 section 2.3.4).
const MAX_DOMAIN: usize = 253;
const MAX_LABEL: usize = 63;
/// Longest domain that is looked at: four bytes for each character of the longest result, and some.
const MAX_DOMAIN_INPUT: usize = 1024;

/// Appends a domain in ASCII, lower case, without its final dot.
pub(super) fn write_domain(domain: &str, out: &mut Canonical) -> Result<(), Reason> {
    if domain.len() > MAX_DOMAIN_INPUT {
        return Err(Reason::TooLong);
    }
    // Nearly every address takes this branch; a test compares it with `idna`.
    if domain.is_ascii() && !has_punycode(domain.as_bytes()) {
        return write_ascii_domain(domain.as_bytes(), out);
    }
    write_international_domain(domain, out)
}

fn has_punycode(domain: &[u8]) -> bool {
    domain
        .split(|b| *b == b'.')
        .any(|label| label.get(..4).is_some_and(|prefix| prefix.eq_ignore_ascii_case(b"xn--")))
}

/// Appends a domain of letters, digits and hyphens (STD3) of lengths that DNS allows.
fn write_ascii_domain(domain: &[u8], out: &mut Canonical) -> Result<(), Reason> {
    let domain = domain.strip_suffix(b".").unwrap_or(domain);
    let in_label = |b: &u8| b.is_ascii_alphanumeric() || *b == b'-';
    let label = |label: &[u8]| matches!(label.len(), 1..=MAX_LABEL) && label.iter().all(in_label);
    if domain.len() > MAX_DOMAIN || !domain.split(|b| *b == b'.').all(label) {
        return Err(Reason::Domain);
    }
    extend_lower(domain, out)
}

/// Appends ASCII, in lower case.
pub(super) fn extend_lower(ascii: &[u8], out: &mut Canonical) -> Result<(), Reason> {
    ascii.iter().try_for_each(|byte| out.push(byte.to_ascii_lowercase()))
}

#[cfg(not(feature = "idna"))]
fn write_international_domain(_: &str, _: &mut Canonical) -> Result<(), Reason> {
    Err(Reason::IdnaFeatureOff)
}

/// Appends what UTS 46 makes of a domain, checked once more as the ASCII domain that it now is.
#[cfg(feature = "idna")]
fn write_international_domain(domain: &str, out: &mut Canonical) -> Result<(), Reason> {
    let mut ascii = AsciiDomain { bytes: [0; MAX_DOMAIN + 1], len: 0, overflown: false };
    match to_ascii(domain, &mut ascii) {
        Some(true) => write_ascii_domain(domain.as_bytes(), out),
        Some(false) if !ascii.overflown => write_ascii_domain(&ascii.bytes[..ascii.len], out),
        _ => Err(Reason::Domain),
    }
}

/// Applies UTS 46 ToASCII. True means that the domain is its own result, false that the result stands in `ascii`.
#[cfg(feature = "idna")]
fn to_ascii(domain: &str, ascii: &mut AsciiDomain) -> Option<bool> {
    use idna::AsciiDenyList;
    use idna::uts46::{ErrorPolicy, Hyphens, ProcessingSuccess, Uts46};

    // Validity criterion 4, which the package leaves out: without CheckHyphens, a label that stands for itself does not
    // begin with `xn--`. The package shows each label with a character outside ASCII.
    let mut disguised = false;
    let outcome = Uts46::new().process(
        domain.as_bytes(),
        AsciiDenyList::STD3,
        Hyphens::Allow,
        ErrorPolicy::FailFast,
        |label, _, _| {
            disguised |= label.starts_with(&['x', 'n', '-', '-']);
            false
        },
        ascii,
        None,
    );
    let success = outcome.ok().filter(|_| !disguised)?;
    Some(matches!(success, ProcessingSuccess::Passthrough))
}

/// Room for the longest domain and a final dot.
///
/// What does not fit is dropped and noted, and never an error: `idna` 1.1 panics if its sink fails within Punycode.
#[cfg(feature = "idna")]
struct AsciiDomain {
    bytes: [u8; MAX_DOMAIN + 1],
    len: usize,
    overflown: bool,
}

#[cfg(feature = "idna")]
impl std::fmt::Write for AsciiDomain {
    fn write_str(&mut self, part: &str) -> std::fmt::Result {
        match self.bytes.get_mut(self.len..self.len + part.len()) {
            Some(slots) => {
                slots.copy_from_slice(part.as_bytes());
                self.len += part.len();
            }
            None => self.overflown = true,
        }
        Ok(())
    }
}

#[cfg(all(test, feature = "idna"))]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn by_fast_path(domain: &str) -> Option<Vec<u8>> {
        let mut out = Canonical::new();
        write_ascii_domain(domain.as_bytes(), &mut out).ok().map(|()| out.as_bytes().to_vec())
    }

    /// Returns what the package itself says, its own length check included.
    fn by_idna(domain: &str) -> Option<Vec<u8>> {
        use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};
        let deny = AsciiDenyList::STD3;
        let ascii =
            Uts46::new().to_ascii(domain.as_bytes(), deny, Hyphens::Allow, DnsLength::VerifyAllowRootDot);
        let ascii = ascii.ok()?;
        Some(ascii.strip_suffix('.').unwrap_or(&ascii).as_bytes().to_vec())
    }

    fn agree(domain: &str) {
        if !has_punycode(domain.as_bytes()) {
            assert_eq!(by_fast_path(domain), by_idna(domain), "{domain:?}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn the_fast_path_is_uts46_on_any_ascii(domain in "[ -~]{0,12}") {
            agree(&domain);
        }

        #[test]
        fn the_fast_path_is_uts46_on_likely_domains(domain in "[a-cA-C0-2x_.-]{1,6}(\\.[A-Zn0-]{0,64}){0,5}\\.?") {
            agree(&domain);
        }

        #[test]
        fn the_fast_path_is_uts46_at_the_bounds(lengths in prop::collection::vec(0usize..70, 1..6), dots in 0usize..3) {
            let labels: Vec<String> = lengths.iter().map(|length| "a".repeat(*length)).collect();
            agree(&format!("{}{}", labels.join("."), ".".repeat(dots)));
        }
    }

    #[test]
    fn the_fast_path_is_uts46_on_every_ascii_character() {
        for byte in 0..128u8 {
            let c = char::from(byte);
            for domain in
                [format!("{c}"), format!("{c}a"), format!("a{c}"), format!("a{c}b.c"), format!("ab{c}-c")]
            {
                agree(&domain);
            }
        }
        for domain in ["", ".", "..", "a.", "a..", ".a", "a..b", "ab--c", "1.2.3.4", "-", "-a-.b", "0x7f.1"] {
            agree(domain);
        }
        for total in 250..=256 {
            let domain = format!("{0}.{0}.{0}.{1}", "a".repeat(63), "a".repeat(total - 192));
            agree(&domain);
            agree(&format!("{domain}."));
        }
    }
}
