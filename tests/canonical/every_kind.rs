//! The laws that hold for every kind, over values at random and over the inputs of the self-test tables.

use std::collections::BTreeMap;

use crate::support::files::unhex;
use crate::support::values::{btc, email, iban, luhn_digit, pan, phone, separated};
use crate::wallet_encoders;
use proptest::prelude::*;
use veilmatch::Reason;
use veilmatch::member::identifier::{Canonical, Canonicalizer, Kind, Outcome, SuppressionList};

/// Every kind, and of opaque ones one that stands for all.
fn kinds() -> Vec<Kind> {
    [Kind::ALL, &["opaque.example".parse().unwrap()]].concat()
}

fn rule(kind: Kind) -> Canonicalizer {
    Canonicalizer::new(kind).with_suppression(SuppressionList::none())
}

/// The canonical bytes, and whether the spelling was not the normal one.
fn run(kind: Kind, raw: impl AsRef<[u8]>) -> Result<(Vec<u8>, bool), Reason> {
    let mut out = Canonical::new();
    match rule(kind).canonicalize(raw.as_ref(), &mut out)? {
        Outcome::Accepted { changed, .. } => Ok((out.as_bytes().to_vec(), changed)),
        Outcome::Suppressed => panic!("an empty list suppresses nothing"),
    }
}

/// The inputs of a kind's self-test table that need no national plan, as SPEC.md publishes them.
fn published(kind: Kind) -> Vec<Vec<u8>> {
    let rows = include_str!("../../spec/selftest-1.tsv").lines().filter_map(|line| {
        let fields: Vec<&str> = line.split('\t').collect();
        (fields[0] == kind.to_string() && fields[1].is_empty()).then(|| unhex(fields[2]))
    });
    rows.collect()
}

/// Values of a kind at random; where no rule of ours makes them, those of its table.
fn value(kind: Kind) -> BoxedStrategy<String> {
    match kind.to_string().as_str() {
        "bank.iban/1" => iban().boxed(),
        "card.pan/1" => pan().boxed(),
        "card.par/1" => "[A-Z0-9]{29}".boxed(),
        "crypto.bch/1" => any::<[u8; 20]>().prop_map(|hash| wallet_encoders::cash_addr("bitcoincash", 0, &hash)).boxed(),
        "crypto.btc/1" => btc().boxed(),
        "crypto.ltc/1" => prop_oneof![
            any::<[u8; 20]>().prop_map(|hash| wallet_encoders::base58check(0x32, &hash)),
            any::<[u8; 20]>().prop_map(|hash| wallet_encoders::segwit("ltc", 0, &hash)),
        ]
        .boxed(),
        "crypto.trx/1" => any::<[u8; 20]>().prop_map(|hash| wallet_encoders::base58check(0x41, &hash)).boxed(),
        "crypto.xmr/1" => any::<[u8; 32]>()
            .prop_map(|key| wallet_encoders::monero(18, &[key, key].concat().try_into().unwrap(), &[]))
            .boxed(),
        "crypto.evm/1" => "(0x|0X)?([0-9a-f]{40}|[0-9A-F]{40})".boxed(),
        "device.imei/1" => {
            "[0-9]{14}".prop_map(|imei| format!("{imei}{}", luhn_digit(&imei))).boxed()
        }
        "email.mailbox/1" | "email.strict/1" => email().boxed(),
        "opaque.example/1" => "\\PC{1,60}".boxed(),
        "net.domain/1" => "[a-zA-Z][a-zA-Z0-9]{0,9}(\\.[a-z]{2,10}){1,3}".boxed(),
        "net.ip/1" => prop_oneof![
            any::<[u8; 4]>().prop_map(|bytes| std::net::Ipv4Addr::from(bytes).to_string()),
            any::<[u8; 16]>().prop_map(|bytes| std::net::Ipv6Addr::from(bytes).to_string()),
        ]
        .boxed(),
        "net.url/1" => "https?://[a-z]{1,9}\\.example(:[1-9][0-9]{0,3})?(/[a-zA-Z0-9._~-]{0,9}){0,3}(\\?[a-z]=[0-9a-z]{0,9})?".boxed(),
        "paypal.id/1" => "[2-9A-HJ-NP-Z]{13}".boxed(),
        "phone.e164/1" => phone().boxed(),
        _ => {
            let table: Vec<String> =
                published(kind).into_iter().filter_map(|raw| String::from_utf8(raw).ok()).collect();
            prop::sample::select(table).boxed()
        }
    }
}

/// One value of every kind.
fn one_of_each() -> impl Strategy<Value = Vec<(Kind, String)>> {
    let values = kinds().into_iter().map(|kind| (Just(kind), value(kind)));
    values.collect::<Vec<_>>()
}

/// What may stand between the characters of a kind, in the documents that it comes from, and changes nothing.
fn separators(kind: Kind) -> &'static [&'static str] {
    match kind.to_string().as_str() {
        "bank.iban/1" => &[" ", "  "],
        "card.pan/1" | "device.imei/1" => &[" ", "-"],
        "phone.e164/1" => &[" ", "-", ".", "/", " - ", ". "],
        _ => &[],
    }
}

/// Whether letters may be in either case.
fn ignores_case(kind: Kind) -> bool {
    matches!(
        kind.to_string().as_str(),
        "bank.bic/1"
            | "bank.iban/1"
            | "crypto.evm/1"
            | "email.mailbox/1"
            | "email.strict/1"
            | "net.domain/1"
            | "net.ip/1"
    )
}

/// Whether white space around a value is part of it.
fn takes_bytes_as_they_are(kind: Kind) -> bool {
    kind.to_string().starts_with("opaque.")
}

/// The normal spelling of a value, where it is text that can be told from the canonical bytes.
fn normal_spelling(kind: Kind, canonical: &[u8]) -> Option<Vec<u8>> {
    match kind.to_string().as_str() {
        "crypto.evm/1" => {
            let hex: String = canonical.iter().map(|byte| format!("{byte:02x}")).collect();
            Some(format!("0x{hex}").into_bytes())
        }
        "net.ip/1" => {
            let v4 = <[u8; 4]>::try_from(canonical).map(|bytes| std::net::Ipv4Addr::from(bytes).to_string());
            let v6 = <[u8; 16]>::try_from(canonical).map(|bytes| rfc_5952(bytes.into()));
            Some(v4.or(v6).unwrap().into_bytes())
        }
        _ if run(kind, canonical).is_ok_and(|(again, _)| again == canonical) => Some(canonical.to_vec()),
        _ => None,
    }
}

/// All groups in hex, as the normal spelling has it, also where `std` writes a dotted quad.
fn rfc_5952(address: std::net::Ipv6Addr) -> String {
    let text = address.to_string();
    let Some((head, quad)) = text.rsplit_once(':').filter(|(_, last)| last.contains('.')) else {
        return text;
    };
    let [a, b, c, d] = quad.parse::<std::net::Ipv4Addr>().unwrap().octets().map(u16::from);
    format!("{head}:{:x}:{:x}", a << 8 | b, c << 8 | d)
}

/// What a rule says of a value it says of the value's normal spelling too, without changing that.
fn assert_fixed_point(kind: Kind, raw: &[u8]) -> bool {
    let Ok((canonical, changed)) = run(kind, raw) else { return false };
    assert!(matches!(canonical.len(), 1..=255), "{kind}");
    if !changed {
        return true; // this is the normal spelling
    }
    let Some(normal) = normal_spelling(kind, &canonical) else { return false };
    let shown = String::from_utf8_lossy(raw);
    assert_eq!(run(kind, &normal), Ok((canonical, false)), "{kind}: {shown:?}");
    true
}

#[test]
fn every_kind_has_published_values_with_a_normal_spelling() {
    for kind in kinds() {
        let inputs = published(kind);
        let accepted = inputs.iter().filter(|raw| run(kind, raw).is_ok()).count();
        let normal = inputs.iter().filter(|raw| assert_fixed_point(kind, raw)).count();
        assert!(accepted >= 5 && normal >= 1, "{kind}: {accepted} accepted, {normal} with a normal spelling");
    }
}

/// Two spellings of one value are not both the normal one; two values have not one normal spelling.
#[test]
fn published_values_that_differ_stay_distinct() {
    for kind in kinds() {
        let mut normal: BTreeMap<Vec<u8>, Vec<u8>> = BTreeMap::new();
        for raw in published(kind) {
            let Ok((canonical, false)) = run(kind, &raw) else { continue };
            let other = normal.insert(canonical, raw.clone());
            assert!(other.is_none_or(|other| other == raw), "{kind}: two normal spellings of one value");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn canonicalising_a_canonical_form_changes_nothing(values in one_of_each()) {
        for (kind, raw) in values {
            assert_fixed_point(kind, raw.as_bytes());
        }
    }

    #[test]
    fn white_space_around_a_value_changes_no_byte(
        values in one_of_each(),
        before in "[ \t\r\n\u{feff}\u{a0}\u{2007}\u{202f}]{0,3}",
        after in "[ \t\r\n\u{feff}\u{a0}\u{2007}\u{202f}]{1,3}",
    ) {
        for (kind, raw) in values.into_iter().filter(|(kind, _)| !takes_bytes_as_they_are(*kind)) {
            let around = run(kind, format!("{before}{raw}{after}"));
            let expected = run(kind, &raw).map(|(canonical, _)| (canonical, true));
            prop_assert_eq!(around, expected, "{}: {:?}", kind, raw);
        }
    }

    #[test]
    fn allowed_separators_change_no_byte(values in one_of_each(), places in prop::collection::vec(0u8..8, 40)) {
        for (kind, raw) in values {
            let form = |raw: &str| run(kind, raw).map(|(canonical, _)| canonical);
            if !separators(kind).is_empty() {
                prop_assert_eq!(form(&separated(&raw, separators(kind), &places)), form(&raw), "{}: {:?}", kind, raw);
            }
            if ignores_case(kind) && raw.is_ascii() {
                prop_assert_eq!(form(&raw.to_ascii_uppercase()), form(&raw), "{}: {:?}", kind, raw);
                prop_assert_eq!(form(&raw.to_ascii_lowercase()), form(&raw), "{}: {:?}", kind, raw);
            }
        }
    }

    #[test]
    fn values_that_differ_stay_distinct(ones in one_of_each(), others in one_of_each()) {
        for ((kind, one), (_, other)) in ones.into_iter().zip(others) {
            let (Ok((a, one_changed)), Ok((b, other_changed))) = (run(kind, &one), run(kind, &other)) else { continue };
            // A normal spelling is of one value alone.
            prop_assert!(one_changed || other_changed || (one == other) == (a == b), "{}: {:?} {:?}", kind, one, other);
            if let (Some(one), Some(other)) = (normal_spelling(kind, &a), normal_spelling(kind, &b)) {
                prop_assert_eq!(one == other, a == b, "{}", kind);
            }
        }
    }

    #[test]
    fn what_was_in_the_buffer_makes_no_difference(ones in one_of_each(), others in one_of_each()) {
        for ((kind, one), (_, other)) in ones.into_iter().zip(others) {
            let mut used = Canonical::new();
            let _ = rule(kind).canonicalize(one.as_bytes(), &mut used);
            let outcome = rule(kind).canonicalize(other.as_bytes(), &mut used);
            let found = outcome.map(|_| used.as_bytes().to_vec());
            prop_assert_eq!(found, run(kind, &other).map(|(canonical, _)| canonical), "{}", kind);
        }
    }
}

/// As long as a row may be.
const LONGEST: usize = 1 << 16;

/// Random bytes, and bytes that look like something.
fn long_bytes() -> impl Strategy<Value = Vec<u8>> {
    let of = |alphabet: &'static [u8]| prop::collection::vec(prop::sample::select(alphabet), 0..=LONGEST);
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..=LONGEST),
        of(b"0123456789"),
        of(b"0123456789abcdefx"),
        of(b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"),
        of(b"qpzry9x8gf2tvdw0s3jn54khce6mua7l1"),
        of(b"abcxyz.-@+:/%?#[]"),
        of(b" -.()/+0123456789"),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_of_any_length_panic(bytes in long_bytes()) {
        kinds().into_iter().for_each(|kind| assert_bounded(kind, &bytes));
    }
}

fn assert_bounded(kind: Kind, raw: &[u8]) {
    if let Ok((canonical, _)) = run(kind, raw) {
        assert!(matches!(canonical.len(), 1..=255), "{kind}");
    }
    let plan = rule(kind).with_national_plan("44/0".parse().unwrap());
    let _ = plan.canonicalize(raw, &mut Canonical::new());
}

/// Beginnings after which the rules do something else, and units that make a value as long as a row may be.
///
/// There is no clock in it: a rule that is quadratic in the length takes 2³² steps for each of some six hundred
/// values a kind, and the test does not end.
#[test]
fn the_longest_values_of_every_shape_end_soon() {
    const BEGINNINGS: [&str; 19] = [
        "",
        "IBAN",
        "DE",
        "4",
        "+1",
        "00",
        "1",
        "bc1q",
        "bitcoin:",
        "bitcoincash:",
        "ltc1q",
        "0x",
        "a@",
        "xn--",
        "a@xn--",
        "http://",
        "https://a.example/",
        "::",
        "123/",
    ];
    const UNITS: [&str; 31] = [
        " ", "-", "0", "1", "9", ".", ":", "@", "+", "(", "(0)", "%", "%41", "?", "x", "a", "A", "q", ",",
        "[", "/", "../", "a.", "1.", ":f", "xn--", "=", "\u{4e00}", "\u{301}", "\u{200d}", "\u{fdfa}",
    ];
    for kind in kinds() {
        for beginning in BEGINNINGS {
            for unit in UNITS {
                let mut text = beginning.to_owned();
                text.push_str(&unit.repeat((LONGEST - text.len()) / unit.len()));
                assert_bounded(kind, text.as_bytes());
            }
        }
        for raw in published(kind).iter().filter(|raw| !raw.is_empty()) {
            assert_bounded(kind, &raw.repeat(LONGEST / raw.len()));
        }
    }
}
