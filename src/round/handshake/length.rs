//! The number of tokens of a handshake. The hub knows it too, although it has no rules, so that it reads no more than
//! that.

use std::ops::RangeInclusive;

use crate::terms::{KindId, SuppressionDigest, Terms};

/// A kind, or the pattern of opaque kinds; the number of distinct tokens of its self-test table without a suppression
/// list; and that number with the list that ships.
type Row = (&'static str, u64, u64);

/// The numbers are frozen with the self-test tables (spec/selftest-1.tsv); the test below computes them.
const LENGTHS: [Row; 20] = [
    ("bank.bic/1", 16, 16),
    ("bank.iban/1", 12, 12),
    ("card.pan/1", 6, 1),
    ("card.par/1", 6, 6),
    ("crypto.bch/1", 14, 14),
    ("crypto.btc/1", 11, 10),
    ("crypto.evm/1", 9, 7),
    ("crypto.ltc/1", 10, 10),
    ("crypto.trx/1", 4, 4),
    ("crypto.xmr/1", 11, 11),
    ("device.imei/1", 6, 6),
    ("email.mailbox/1", 28, 28),
    ("email.strict/1", 36, 36),
    ("merchant.mid/1", 23, 23),
    ("net.domain/1", 38, 38),
    ("net.ip/1", 19, 1),
    ("net.url/1", 47, 47),
    ("paypal.id/1", 7, 7),
    ("phone.e164/1", 26, 26),
    ("opaque.*/1", 29, 29),
];

/// Digest of the suppression list that ships with this crate.
const STANDARD: &str = "f5d4752d3b8ff5999aee3c66a4cf335ce8f62284530d0570ab966950b0abc01e";

/// The longest handshake of a kind that this build does not know: more tokens than any table has rows.
const LONGEST: u64 = 4096;

/// Returns the numbers of tokens that a handshake of these terms may have.
pub(super) fn expected(terms: &Terms) -> RangeInclusive<u64> {
    let Some((_, all, standard)) = LENGTHS.iter().find(|row| is_of(terms.context.kind(), row.0)) else {
        return 0..=LONGEST;
    };
    let is_standard = STANDARD.parse::<SuppressionDigest>().is_ok_and(|digest| digest == terms.suppression);
    if is_standard { *standard..=*standard } else { 0..=*all }
}

/// Returns the number of tokens of a kind's handshake without a suppression list; none for a kind that this build does not
/// know.
#[cfg(feature = "oprf")]
pub(super) fn longest(kind: &KindId) -> Option<u64> {
    LENGTHS.iter().find(|row| is_of(kind, row.0)).map(|(_, all, _)| *all)
}

/// Whether the kind is the one of this row; `opaque.*/1` stands for all kinds of that name and version.
fn is_of(kind: &KindId, row: &str) -> bool {
    match row.split_once('*') {
        None => kind.as_str() == row,
        Some((begins, ends)) => kind.as_str().starts_with(begins) && kind.as_str().ends_with(ends),
    }
}

#[cfg(all(test, feature = "url"))]
mod tests {
    use super::*;
    use crate::member::identifier::{Kind, SuppressionList};
    use crate::member::key::CoalitionSecret;
    use crate::member::tokenize::Tokenizer;
    use crate::round::handshake::Handshake;
    use crate::terms::{KeyContext, Name};

    #[test]
    fn the_lengths_are_those_of_the_handshakes_that_members_make() {
        let secret = CoalitionSecret::generate().unwrap();
        let member = Name::new("a").unwrap();
        let opaque: Kind = "opaque.case".parse().unwrap();
        let (mut found, mut handshakes): (Vec<(String, u64, u64)>, Vec<Handshake>) = Default::default();
        for kind in Kind::ALL.iter().copied().chain([opaque]) {
            let context = KeyContext::new(Name::new("efc").unwrap(), 1, kind.kind_id()).unwrap();
            let tokenizer = Tokenizer::new(&secret, context).unwrap();
            let standard = Handshake::new(&tokenizer, member.clone());
            let none = tokenizer.with_suppression(SuppressionList::none());
            let all = Handshake::new(&none, member.clone());
            assert_eq!(standard.terms().suppression, STANDARD.parse().unwrap(), "the standard list");
            found.push((kind.id().replace("case", "*"), all.0.len() as u64, standard.0.len() as u64));
            handshakes.extend([standard, all]);
        }
        let expected: Vec<_> = LENGTHS.iter().map(|row| (row.0.to_owned(), row.1, row.2)).collect();
        assert_eq!(found, expected);
        assert!(handshakes.iter().all(|handshake| handshake.require_length().is_ok()));
        // SPEC.md, section 13.6, has the same table, two rows side by side.
        let says = |kind: &str, all, standard| format!("| `{kind}` | {all} | {standard} |");
        let specified = |row: &Row| include_str!("../../../SPEC.md").contains(&says(row.0, row.1, row.2));
        assert_eq!(LENGTHS.iter().find(|row| !specified(row)), None);
    }

    #[test]
    fn a_kind_that_this_build_does_not_know_is_bounded_all_the_same() {
        let context =
            |kind: &str| KeyContext::new(Name::new("efc").unwrap(), 1, KindId::new(kind).unwrap()).unwrap();
        let terms = |kind: &str| Terms {
            context: context(kind),
            key_id: crate::terms::KeyId([0; 8]),
            rules: crate::terms::RuleDigest([0; 32]),
            suppression: SuppressionDigest([0; 32]),
            round: None,
        };
        assert_eq!(expected(&terms("card.pan/2")), 0..=LONGEST);
        assert_eq!(expected(&terms("opaque.x/1")), expected(&terms("opaque.yz-1/1")));
        assert!(*expected(&terms("card.pan/1")).end() < 1000);
    }
}
