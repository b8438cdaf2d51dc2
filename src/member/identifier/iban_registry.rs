//! The account structures of `bank.iban/1`: SWIFT IBAN registry, release 99, frozen with the rule.
//!
//! This is not a package's table: its patch releases follow the registry, and one rule would then have several
//! outcomes. A later release of the registry is a new version of the kind.

/// A run of characters of one class within a BBAN, with its length (ISO 13616-1: `n`, `a`, `c`).
#[derive(Clone, Copy)]
pub(super) enum Segment {
    /// Digits.
    N(u8),
    /// Upper-case letters.
    A(u8),
    /// Upper-case letters or digits.
    C(u8),
}
use Segment::{A, C, N};

/// The entry of the registry for one country.
pub(super) struct Country {
    code: [u8; 2],
    /// Length of the whole IBAN.
    pub(super) length: u8,
    /// Structure of the BBAN, which follows country and check digits.
    pub(super) bban: &'static [Segment],
    /// Places of the whole IBAN that may hold a digit, a bit each, the first the lowest.
    pub(super) digits: u64,
    /// Places that may hold a letter.
    pub(super) letters: u64,
}

/// Returns the country of two upper-case letters, if it takes part.
pub(super) fn country(code: [u8; 2]) -> Option<&'static Country> {
    let slot = slot(code)?;
    COUNTRIES.get(usize::from(INDEX[slot])) // ABSENT is beyond the end
}

const ABSENT: u8 = u8::MAX;

/// Place of each pair of letters in [`COUNTRIES`].
const INDEX: [u8; 26 * 26] = {
    let mut index = [ABSENT; 26 * 26];
    let mut at = 0;
    while at < COUNTRIES.len() {
        match slot(COUNTRIES[at].code) {
            Some(slot) => index[slot] = at as u8, // 89 countries
            None => panic!("a country code is two upper-case letters"),
        }
        at += 1;
    }
    index
};

const fn slot(code: [u8; 2]) -> Option<usize> {
    if code[0].is_ascii_uppercase() && code[1].is_ascii_uppercase() {
        Some((code[0] - b'A') as usize * 26 + (code[1] - b'A') as usize)
    } else {
        None
    }
}

const fn row(code: [u8; 2], length: u8, bban: &'static [Segment]) -> Country {
    let (mut digits, mut letters) = (0b1100, 0b0011); // check digits, country
    let (mut place, mut segment) = (4, 0);
    while segment < bban.len() {
        let (count, digit, letter) = match bban[segment] {
            N(count) => (count, 1, 0),
            A(count) => (count, 0, 1),
            C(count) => (count, 1, 1),
        };
        let end = place + count;
        while place < end {
            digits |= digit << place;
            letters |= letter << place;
            place += 1;
        }
        segment += 1;
    }
    Country { code, length, bban, digits, letters }
}

static COUNTRIES: [Country; 89] = [
    row(*b"AD", 24, &[N(4), N(4), C(12)]),
    row(*b"AE", 23, &[N(3), N(16)]),
    row(*b"AL", 28, &[N(8), C(16)]),
    row(*b"AT", 20, &[N(5), N(11)]),
    row(*b"AZ", 28, &[A(4), C(20)]),
    row(*b"BA", 20, &[N(3), N(3), N(8), N(2)]),
    row(*b"BE", 16, &[N(3), N(7), N(2)]),
    row(*b"BG", 22, &[A(4), N(4), N(2), C(8)]),
    row(*b"BH", 22, &[A(4), C(14)]),
    row(*b"BI", 27, &[N(5), N(5), N(11), N(2)]),
    row(*b"BR", 29, &[N(8), N(5), N(10), A(1), C(1)]),
    row(*b"BY", 28, &[C(4), N(4), C(16)]),
    row(*b"CH", 21, &[N(5), C(12)]),
    row(*b"CR", 22, &[N(4), N(14)]),
    row(*b"CY", 28, &[N(3), N(5), C(16)]),
    row(*b"CZ", 24, &[N(4), N(6), N(10)]),
    row(*b"DE", 22, &[N(8), N(10)]),
    row(*b"DJ", 27, &[N(5), N(5), N(11), N(2)]),
    row(*b"DK", 18, &[N(4), N(9), N(1)]),
    row(*b"DO", 28, &[C(4), N(20)]),
    row(*b"EE", 20, &[N(2), N(14)]),
    row(*b"EG", 29, &[N(4), N(4), N(17)]),
    row(*b"ES", 24, &[N(4), N(4), N(1), N(1), N(10)]),
    row(*b"FI", 18, &[N(3), N(11)]),
    row(*b"FK", 18, &[A(2), N(12)]),
    row(*b"FO", 18, &[N(4), N(9), N(1)]),
    row(*b"FR", 27, &[N(5), N(5), C(11), N(2)]),
    row(*b"GB", 22, &[A(4), N(6), N(8)]),
    row(*b"GE", 22, &[A(2), N(16)]),
    row(*b"GI", 23, &[A(4), C(15)]),
    row(*b"GL", 18, &[N(4), N(9), N(1)]),
    row(*b"GR", 27, &[N(3), N(4), C(16)]),
    row(*b"GT", 28, &[C(4), C(20)]),
    row(*b"HN", 28, &[A(4), N(20)]),
    row(*b"HR", 21, &[N(7), N(10)]),
    row(*b"HU", 28, &[N(3), N(4), N(1), N(15), N(1)]),
    row(*b"IE", 22, &[A(4), N(6), N(8)]),
    row(*b"IL", 23, &[N(3), N(3), N(13)]),
    row(*b"IQ", 23, &[A(4), N(3), N(12)]),
    row(*b"IS", 26, &[N(4), N(2), N(6), N(10)]),
    row(*b"IT", 27, &[A(1), N(5), N(5), C(12)]),
    row(*b"JO", 30, &[A(4), N(4), C(18)]),
    row(*b"KW", 30, &[A(4), C(22)]),
    row(*b"KZ", 20, &[N(3), C(13)]),
    row(*b"LB", 28, &[N(4), C(20)]),
    row(*b"LC", 32, &[A(4), C(24)]),
    row(*b"LI", 21, &[N(5), C(12)]),
    row(*b"LT", 20, &[N(5), N(11)]),
    row(*b"LU", 20, &[N(3), C(13)]),
    row(*b"LV", 21, &[A(4), C(13)]),
    row(*b"LY", 25, &[N(3), N(3), N(15)]),
    row(*b"MC", 27, &[N(5), N(5), C(11), N(2)]),
    row(*b"MD", 24, &[C(2), C(18)]),
    row(*b"ME", 22, &[N(3), N(13), N(2)]),
    row(*b"MK", 19, &[N(3), C(10), N(2)]),
    row(*b"MN", 20, &[N(4), N(12)]),
    row(*b"MR", 27, &[N(5), N(5), N(11), N(2)]),
    row(*b"MT", 31, &[A(4), N(5), C(18)]),
    row(*b"MU", 30, &[A(4), N(2), N(2), N(12), N(3), A(3)]),
    row(*b"NI", 28, &[A(4), N(20)]),
    row(*b"NL", 18, &[A(4), N(10)]),
    row(*b"NO", 15, &[N(4), N(6), N(1)]),
    row(*b"OM", 23, &[N(3), C(16)]),
    row(*b"PK", 24, &[A(4), C(16)]),
    row(*b"PL", 28, &[N(8), N(16)]),
    row(*b"PS", 29, &[A(4), C(21)]),
    row(*b"PT", 25, &[N(4), N(4), N(11), N(2)]),
    row(*b"QA", 29, &[A(4), C(21)]),
    row(*b"RO", 24, &[A(4), C(16)]),
    row(*b"RS", 22, &[N(3), N(13), N(2)]),
    row(*b"RU", 33, &[N(9), N(5), C(15)]),
    row(*b"SA", 24, &[N(2), C(18)]),
    row(*b"SC", 31, &[A(4), N(2), N(2), N(16), A(3)]),
    row(*b"SD", 18, &[N(2), N(12)]),
    row(*b"SE", 24, &[N(3), N(16), N(1)]),
    row(*b"SI", 19, &[N(5), N(8), N(2)]),
    row(*b"SK", 24, &[N(4), N(6), N(10)]),
    row(*b"SM", 27, &[A(1), N(5), N(5), C(12)]),
    row(*b"SO", 23, &[N(4), N(3), N(12)]),
    row(*b"ST", 25, &[N(8), N(11), N(2)]),
    row(*b"SV", 28, &[A(4), N(20)]),
    row(*b"TL", 23, &[N(3), N(14), N(2)]),
    row(*b"TN", 24, &[N(2), N(3), N(13), N(2)]),
    row(*b"TR", 26, &[N(5), N(1), C(16)]),
    row(*b"UA", 29, &[N(6), C(19)]),
    row(*b"VA", 22, &[N(3), N(15)]),
    row(*b"VG", 24, &[A(4), N(16)]),
    row(*b"XK", 20, &[N(4), N(10), N(2)]),
    row(*b"YE", 30, &[A(4), N(4), C(18)]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn structures_add_up_and_each_country_is_found_once() {
        for pair in COUNTRIES.windows(2) {
            assert!(pair[0].code < pair[1].code);
        }
        for row in &COUNTRIES {
            let bban: u8 = row
                .bban
                .iter()
                .map(|segment| match *segment {
                    N(n) | A(n) | C(n) => n,
                })
                .sum();
            assert_eq!(row.length, 4 + bban);
            assert!(std::ptr::eq(country(row.code).unwrap(), row));
        }
        assert!(country(*b"US").is_none() && country(*b"d1").is_none());
        assert_eq!(INDEX.iter().filter(|place| **place != ABSENT).count(), 89);
    }

    /// SPEC.md has them as pairs of code and structure, neighbours of one class joined.
    #[test]
    fn structures_are_those_of_the_specification() {
        let specified = include_str!("../../../SPEC.md").split_once("```text\nAD ").unwrap().1;
        let specified = format!("AD {}", specified.split_once("```").unwrap().0);
        let structure = |row: &Country| {
            let runs = row.bban.iter().map(|segment| match *segment {
                N(count) => ('n', u32::from(count)),
                A(count) => ('a', u32::from(count)),
                C(count) => ('c', u32::from(count)),
            });
            let mut joined: Vec<(char, u32)> = Vec::new();
            for (class, count) in runs {
                match joined.last_mut() {
                    Some(last) if last.0 == class => last.1 += count,
                    _ => joined.push((class, count)),
                }
            }
            joined.iter().map(|(class, count)| format!("{count}{class}")).collect::<String>()
        };
        let found: Vec<String> = COUNTRIES
            .iter()
            .flat_map(|row| [String::from_utf8_lossy(&row.code).into_owned(), structure(row)])
            .collect();
        assert_eq!(found, specified.split_whitespace().collect::<Vec<_>>());
    }
}
