//! The strings of BIP-173 and BIP-350 that are no bech32 and no bech32m: each is refused as a Bitcoin address for its own
//! reason. The BIPs' invalid addresses stand in `published.rs`.

use crate::support::shared::shared_lines;
use veilmatch::Reason;
use veilmatch::member::identifier::{Canonical, Canonicalizer, Kind};

/// Section "Test vectors" of both BIPs, in their order: the string, the fault that the BIP names, and the reason.
///
/// What has no separator, none near its start, or nothing before it, is no bech32 at all for a rule that takes
/// Base58Check too, and is refused as the latter.
const INVALID: [(&[u8], &str, Reason); 26] = [
    // BIP-173
    (b"\x201nwldj5", "HRP character out of range", Reason::BadCharacter),
    (b"\x7f1axkwrx", "HRP character out of range", Reason::WrongNetwork),
    (b"\x801eym55h", "HRP character out of range", Reason::InvalidUtf8),
    (
        b"an84characterslonghumanreadablepartthatcontainsthenumber1andtheexcludedcharactersbio1569pvx",
        "overall max length exceeded",
        Reason::TooLong,
    ),
    (b"pzry9x0s0muk", "No separator character", Reason::BadCharacter),
    (b"1pzry9x0s0muk", "Empty HRP", Reason::BadCharacter),
    (b"x1b4n0q5v", "Invalid data character", Reason::BadCharacter),
    (b"li1dgmt3", "Too short checksum", Reason::TooShort),
    (b"de1lg7wt\xff", "Invalid character in checksum", Reason::InvalidUtf8),
    (b"A1G7SGD8", "checksum calculated with uppercase form of HRP", Reason::Checksum),
    (b"10a06t8", "empty HRP", Reason::BadCharacter),
    (b"1qzzfhee", "empty HRP", Reason::TooShort),
    // BIP-350
    (b"\x201xj0phk", "HRP character out of range", Reason::BadCharacter),
    (b"\x7f1g6xzxy", "HRP character out of range", Reason::WrongNetwork),
    (b"\x801vctc34", "HRP character out of range", Reason::InvalidUtf8),
    (
        b"an84characterslonghumanreadablepartthatcontainsthetheexcludedcharactersbioandnumber11d6pts4",
        "overall max length exceeded",
        Reason::TooLong,
    ),
    (b"qyrz8wqd2c9m", "No separator character", Reason::TooShort),
    (b"1qyrz8wqd2c9m", "Empty HRP", Reason::TooShort),
    (b"y1b0jsk6g", "Invalid data character", Reason::BadCharacter),
    (b"lt1igcx5c0", "Invalid data character", Reason::BadCharacter),
    (b"in1muywd", "Too short checksum", Reason::TooShort),
    (b"mm1crxm3i", "Invalid character in checksum", Reason::TooShort),
    (b"au1s5cgom", "Invalid character in checksum", Reason::BadCharacter),
    (b"M1VUXWEZ", "checksum calculated with uppercase form of HRP", Reason::Checksum),
    (b"16plkw9", "empty HRP", Reason::BadCharacter),
    (b"1p2gdwpf", "empty HRP", Reason::TooShort),
];

fn reason(raw: &[u8]) -> Option<Reason> {
    Canonicalizer::new(Kind::CryptoBtc).canonicalize(raw, &mut Canonical::new()).err()
}

#[test]
fn strings_that_are_no_bech32_are_refused_each_for_its_own_reason() {
    for (string, fault, expected) in INVALID {
        assert_eq!(reason(string), Some(expected), "{}: {fault}", String::from_utf8_lossy(string));
    }
}

/// Every invalid string of the shared files stands above, with the fault that the file names.
#[test]
fn no_invalid_string_of_the_bips_is_missing() {
    let mut seen = 0;
    for file in ["vectors/bip0173_segwit.tsv", "vectors/bip0350_segwit.tsv"] {
        let Some(lines) = shared_lines(file) else { return };
        for line in lines.iter().filter(|line| line.contains("are not valid")) {
            let fields: Vec<&str> = line.split('\t').collect();
            let known = |(string, fault, _): &&(&[u8], &str, Reason)| {
                // Bytes outside ASCII are told in the note.
                string.strip_suffix(b"\xff").unwrap_or(string) == fields[1].as_bytes()
                    && fields[2].ends_with(fault)
            };
            assert!(INVALID.iter().any(|of| known(&of)), "{line}");
            seen += 1;
        }
    }
    assert_eq!(seen, 20);
}
