//! Institutions, cards, merchants, accounts, devices and opaque values: published examples, and laws.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

use crate::support::forms::{assert_fixed_point, assert_refused, assert_text, canonical, run};
use crate::support::member::tokenizer;
use proptest::prelude::*;
use veilmatch::member::identifier::{Kind, OpaqueName};
use veilmatch::member::rows::{Column, CsvRows, Rows};
use veilmatch::{Error, Reason};

fn opaque(name: &str) -> Kind {
    Kind::Opaque(OpaqueName::new(name).unwrap())
}

// Facts.

/// SWIFT's public directory; the last has digits in its prefix, as ISO 9362 allows since 2014 (an example from the
/// issue tracker of go-playground/validator, 1471).
const BICS: [(&str, &str); 6] = [
    ("DEUTDEFF", "DEUTDEFF"),
    ("DEUTDEFFXXX", "DEUTDEFF"),
    ("DEUTDEFF500", "DEUTDEFF500"),
    ("NEDSZAJJXXX", "NEDSZAJJ"),
    ("UNCRITMM", "UNCRITMM"),
    ("E097AEXX", "E097AEXX"),
];

#[test]
fn bics_have_one_spelling_for_the_head_office() {
    for (raw, expected) in BICS {
        assert_text(Kind::BankBic, raw, expected);
        assert_text(Kind::BankBic, &raw.to_lowercase(), expected);
    }
    for (raw, reason) in [
        ("DEUTDEF", Reason::BicLength),
        ("DEUTDEFF50", Reason::BicLength),
        ("DEUT12FF", Reason::BicStructure),
        ("DEUT DE FF", Reason::BadCharacter),
        ("DE89370400440532013000", Reason::BicLength),
    ] {
        assert_refused(Kind::BankBic, raw, reason);
    }
}

/// Samples of Braintree's SDKs (Visa, by Google Pay) and of Thredd's API (Mastercard, BIN controller 5001).
const PARS: [&str; 2] = ["V0010013019339005665779448477", "5001DW4DS6FRSHVXVBC7HVP6JYAS6"];

#[test]
fn account_references_are_taken_exactly() {
    for par in PARS {
        assert_text(Kind::CardPar, par, par);
        assert_refused(Kind::CardPar, &par.to_lowercase(), Reason::BadCharacter);
        assert_refused(Kind::CardPar, &par[1..], Reason::TooShort);
        assert_refused(Kind::CardPar, &format!("{par}0"), Reason::TooLong);
    }
    // A sample of Mastercard's tokenisation API is in lower case, which EMVCo's format does not have.
    assert_refused(Kind::CardPar, "512381d9f8e0629211e3949a08002", Reason::BadCharacter);
}

/// 3GPP TS 23.003 annex B.3 works its check digit out: 7. The others are examples of the presentation.
#[test]
fn one_device_has_one_form_whatever_follows_its_serial_number() {
    for raw in
        ["26053179311383", "260531793113837", "260531793113830", "2605317931138301", "2605317931138378"]
    {
        assert_text(Kind::DeviceImei, raw, "26053179311383");
    }
    for raw in ["35-209900-176148-1", "35 209900 176148 1", "35-209900-176148-23", "352099001761481"] {
        assert_text(Kind::DeviceImei, raw, "35209900176148");
    }
    assert_text(Kind::DeviceImei, "490154203237518", "49015420323751");
    for wrong in (0..=9).filter(|digit| ![0, 7].contains(digit)) {
        assert_refused(Kind::DeviceImei, &format!("26053179311383{wrong}"), Reason::Checksum);
    }
    for (raw, reason) in [
        ("35209900/176148/1", Reason::BadCharacter),
        ("352099001761481/01", Reason::BadCharacter),
        ("35--209900-176148-1", Reason::BadSeparator),
        ("2605317931138", Reason::TooShort),
        ("26053179311383701", Reason::TooLong),
    ] {
        assert_refused(Kind::DeviceImei, raw, reason);
    }
}

/// Examples of PayPal's Orders API (`payer_id`) and of Adyen's notifications (`paypalPayerId`).
#[test]
fn payer_ids_are_those_of_the_documentation() {
    for id in ["QYR5Z8XDVJNXQ", "LF5HCWWBRV2KL"] {
        assert_text(Kind::PaypalId, id, id);
        assert_text(Kind::PaypalId, &id.to_lowercase(), id);
        for (place, other) in
            id.char_indices().flat_map(|(place, _)| "01IOio-".chars().map(move |c| (place, c)))
        {
            let mut damaged = id.to_owned();
            damaged.replace_range(place..=place, &other.to_string());
            assert_refused(Kind::PaypalId, &damaged, Reason::BadCharacter);
        }
    }
}

/// The form of SPEC.md: lp(acquirer id), lp(merchant id).
fn merchant(acquirer: &str, merchant: &str) -> Vec<u8> {
    let lp = |part: &str| [&(part.len() as u16).to_be_bytes(), part.as_bytes()].concat();
    [lp(acquirer), lp(merchant)].concat()
}

#[test]
fn merchants_are_their_acquirers_and_as_they_are_written() {
    for (raw, acquirer, id) in [
        ("123456/MERCHANT0000001", "123456", "MERCHANT0000001"),
        ("123456/MERCHANT       ", "123456", "MERCHANT"),
        ("000001/0007", "000001", "0007"),
        ("1/a/B", "1", "a/B"),
    ] {
        assert_eq!(canonical(Kind::MerchantMid, raw), Ok(merchant(acquirer, id)), "{raw}");
    }
    let distinct = ["1/23", "12/3", "1/023", "01/23", "1/2 3", "1/ 23", "1/a", "1/A"];
    let forms: BTreeSet<_> = distinct.iter().map(|raw| canonical(Kind::MerchantMid, raw).unwrap()).collect();
    assert_eq!(forms.len(), distinct.len());
}

#[test]
fn opaque_values_are_taken_as_they_stand_and_never_match_under_another_name() {
    let kind = opaque("case-no");
    for raw in [" a ", "a", "\u{feff}a", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"] {
        assert_eq!(run(kind, raw), Ok((raw.as_bytes().to_vec(), false, false)));
    }
    assert_eq!(canonical(kind, [0xff; 255]), Ok(vec![0xff; 255]));
    assert_eq!(canonical(kind, [0xff; 256]), Err(Reason::TooLong));
    assert_eq!(canonical(kind, ""), Err(Reason::Empty));

    let [one, other] = ["case-no", "case-no2"].map(|name| tokenizer(opaque(name)));
    let (a, b) = (one.token(b"2026/17").unwrap().unwrap(), other.token(b"2026/17").unwrap().unwrap());
    assert!(a != b);
    assert_ne!(opaque("case-no").rule_digest(), opaque("case-no2").rule_digest());

    // Of a line only its end is taken off.
    let rows = || Rows::lines(&b"a\r\n a\na \n\xff\n\n"[..]);
    let set = one.tokenize(&"bank-a".parse().unwrap(), rows()).unwrap().set;
    assert_eq!((set.counters().rows, set.counters().unique()), (4, 4));
}

#[test]
fn opaque_values_from_other_programs_are_the_same_or_refused() {
    let tokenizer = tokenizer(opaque("case-no"));
    let member = "bank-a".parse().unwrap();
    let read = |rows: Rows<'_>| tokenizer.tokenize(&member, rows);
    let plain = read(Rows::values(["x-1", "x-2"])).unwrap().set;
    let named = || Column::Named("id".into());
    for text in ["\u{feff}x-1\r\nx-2\r\n", "\u{feff}x-1\nx-2", "x-1\r\nx-2\r"] {
        assert_eq!(read(Rows::lines(text.as_bytes())).unwrap().set.tokens(), plain.tokens(), "{text:?}");
        let csv = text.replace("x-1", "id\nx-1");
        assert_eq!(
            read(CsvRows::new(csv.as_bytes()).value_column(named()).into()).unwrap().set.tokens(),
            plain.tokens(),
            "{csv:?}"
        );
        let bare = CsvRows::new(text.as_bytes()).without_header();
        assert_eq!(read(bare.into()).unwrap().set.tokens(), plain.tokens(), "{text:?}");
    }
    for refused in
        ["x-1\rx-2\r", "x-1\rx-2", "x-1\r\r\nx-2\r\r\n", "\u{feff}x-1\rx-2", "\u{feff}\n\r\nx-1\rx-2"]
    {
        let error = read(Rows::lines(refused.as_bytes())).unwrap_err();
        assert_eq!(error.code(), "encoding", "{refused:?}");
        assert!(error.to_string().contains("CR alone"), "{error}");
    }
    for mark in ["", "\u{feff}"] {
        let units: Vec<u16> = format!("{mark}id\nx-1\n").encode_utf16().collect();
        for bytes in [
            units.iter().flat_map(|unit| unit.to_le_bytes()).collect::<Vec<u8>>(),
            units.iter().flat_map(|unit| unit.to_be_bytes()).collect(),
        ] {
            for rows in [Rows::lines(&bytes[..]), CsvRows::new(&bytes[..]).value_column(named()).into()] {
                let error = read(rows).unwrap_err();
                assert_eq!(error.code(), "encoding");
                assert!(error.to_string().contains("UTF-16"), "{error}");
            }
        }
    }
}

#[test]
fn kinds_are_read_by_name_and_by_id() {
    for kind in Kind::ALL.iter().copied().chain([opaque("a"), opaque("0-9")]) {
        let id = kind.id().to_owned();
        assert_eq!(kind.to_string(), id);
        assert_eq!(id.parse::<Kind>().unwrap(), kind);
        let (name, version) = id.split_once('/').unwrap();
        assert_eq!((name.parse::<Kind>().unwrap(), version), (kind, "1"));
        for other in [format!("{name}/2"), format!("{name}/01"), format!("{name}/"), format!("{id} ")] {
            assert!(matches!(other.parse::<Kind>(), Err(Error::UnknownKind)), "{other}");
        }
    }
    for name in ["", "card", "CARD.PAN", "opaque", "net.url2", "opaque.a/2"] {
        assert!(matches!(name.parse::<Kind>(), Err(Error::UnknownKind)), "{name}");
    }
    assert!(matches!("opaque.A".parse::<Kind>(), Err(Error::OpaqueName)));
}

/// A kind whose feature is off is an error that names the feature, wherever the kind is named.
#[cfg(not(feature = "url"))]
#[test]
fn a_kind_that_needs_a_feature_names_it() {
    for text in ["net.url", "net.url/1"] {
        let error = text.parse::<Kind>().unwrap_err();
        assert!(matches!(error, Error::FeatureOff { kind: "net.url/1", feature: "url" }), "{error}");
        assert_eq!(error.to_string(), "this build has no net.url/1: it lacks the feature `url`");
    }
    assert!(matches!("net.url/2".parse::<Kind>(), Err(Error::UnknownKind)));
}

// Laws.

fn imei() -> impl Strategy<Value = String> {
    "[0-9]{14}"
}

/// Digits with separators after some of them, as `places` says.
fn separated(digits: &str, places: u64) -> String {
    let last = digits.len() - 1;
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        text.push(digit);
        match places >> (2 * place) & 3 {
            1 if place < last => text.push(' '),
            2 if place < last => text.push('-'),
            _ => {}
        }
    }
    text
}

/// The digit that makes the sum of Luhn a multiple of ten, by trying all.
fn luhn_digit(digits: &str) -> char {
    let sum = |text: &str| {
        let values = text.chars().rev().enumerate().map(|(place, digit)| {
            let value = digit.to_digit(10).unwrap() << (place % 2);
            value / 10 + value % 10
        });
        values.sum::<u32>()
    };
    ('0'..='9').find(|digit| sum(&format!("{digits}{digit}")).is_multiple_of(10)).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_canonical_text_is_its_own_form(
        bic in "[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?", par in "[A-Z0-9]{29}", imei in imei(),
        paypal in "[2-9A-HJ-NP-Z]{13}", bytes in prop::collection::vec(any::<u8>(), 1..=255),
    ) {
        assert_text(Kind::BankBic, &bic, bic.strip_suffix("XXX").filter(|party| party.len() == 8).unwrap_or(&bic));
        assert_fixed_point(Kind::BankBic, &bic);
        for (kind, text) in [(Kind::CardPar, par), (Kind::DeviceImei, imei), (Kind::PaypalId, paypal)] {
            assert_text(kind, &text, &text);
            assert_fixed_point(kind, &text);
        }
        let warned = std::str::from_utf8(&bytes).is_err();
        prop_assert_eq!(run(opaque("x"), &bytes), Ok((bytes, false, warned)));
    }

    #[test]
    fn separators_check_digits_and_software_versions_change_nothing(
        imei in imei(), places in any::<u64>(), version in "[0-9]{2}",
    ) {
        let with_luhn = format!("{imei}{}", luhn_digit(&imei));
        for spelling in [imei.clone(), with_luhn, format!("{imei}0"), format!("{imei}{version}")] {
            assert_text(Kind::DeviceImei, &separated(&spelling, places), &imei);
        }
    }

    #[test]
    fn a_wrong_check_digit_is_noticed(imei in imei(), digit in "[1-9]") {
        let right = digit.starts_with(luhn_digit(&imei));
        prop_assert_eq!(canonical(Kind::DeviceImei, format!("{imei}{digit}")).is_ok(), right);
    }

    #[test]
    fn case_changes_nothing_where_it_means_nothing(
        bic in "[A-Za-z0-9]{4}[A-Za-z]{2}[A-Za-z0-9]{2}([A-Za-z0-9]{3})?", paypal in "[2-9A-HJ-NP-Za-hj-np-z]{13}",
    ) {
        for (kind, text) in [(Kind::BankBic, bic), (Kind::PaypalId, paypal)] {
            let upper = canonical(kind, text.to_uppercase());
            prop_assert!(upper.is_ok());
            prop_assert_eq!(canonical(kind, text.to_lowercase()), upper.clone());
            prop_assert_eq!(canonical(kind, &text), upper);
        }
    }

    #[test]
    fn merchants_keep_all_but_the_space_after_them(
        acquirer in "[0-9]{1,11}", id in "[ -~]{0,14}[!-~]", spaces in " {0,9}", other in ("[0-9]{1,11}", "[ -~]{0,14}[!-~]"),
    ) {
        let form = merchant(&acquirer, &id);
        prop_assert_eq!(canonical(Kind::MerchantMid, format!("{acquirer}/{id}{spaces}")), Ok(form.clone()));
        let same = (&acquirer, &id) == (&other.0, &other.1);
        prop_assert_eq!(canonical(Kind::MerchantMid, format!("{}/{}", other.0, other.1)).unwrap() == form, same);
    }

    #[test]
    fn distinct_values_stay_distinct(
        bics in ("[A-Z0-9]{4}DE[A-Z0-9]{2}", "[A-Z0-9]{4}DE[A-Z0-9]{2}"), pars in ("[AB]{29}", "[AB]{29}"),
        imeis in ("[01]{14}", "[01]{14}"), paypal in ("[23]{13}", "[23]{13}"), values in ("[ab ]{1,3}", "[ab ]{1,3}"),
    ) {
        for (kind, (one, other)) in [
            (Kind::BankBic, bics), (Kind::CardPar, pars), (Kind::DeviceImei, imeis), (Kind::PaypalId, paypal),
            (opaque("x"), values),
        ] {
            prop_assert_eq!(one == other, canonical(kind, &one).unwrap() == canonical(kind, &other).unwrap(), "{}", kind);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// Of the other kinds `published.rs` says the same.
    #[test]
    fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..65_537)) {
        let expected = match bytes.len() {
            0 => Err(Reason::Empty),
            1..=255 => Ok(bytes.clone()),
            _ => Err(Reason::TooLong),
        };
        prop_assert_eq!(canonical(opaque("x"), &bytes), expected);
    }
}
