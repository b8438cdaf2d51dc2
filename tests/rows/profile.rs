//! The dry run before a round: a profile counts what the tokeniser would, lists the first rows of each finding, and
//! names the commonest mistakes, never a value.

use std::collections::BTreeMap;

use crate::support::hub::name;
use crate::support::member::{on_threads, tokenizer, wallet};
use crate::support::values::luhn_digit;
use proptest::prelude::*;
use veilmatch::member::identifier::{Canonical, Canonicalizer, Kind, NationalPlan, Outcome};
use veilmatch::member::profile::{Finding, Hint, Profile};
use veilmatch::member::rows::{Column, CsvRows, Rows};
use veilmatch::{Error, Place, Progress, Reason, Rejection};

fn profile<'r>(kind: Kind, rows: impl Into<Rows<'r>>) -> Profile {
    Profile::read(&Canonicalizer::new(kind), rows).unwrap()
}

fn of_values(kind: Kind, values: &[String]) -> Profile {
    profile(kind, Rows::values(values.iter().map(String::as_str)))
}

fn said(profile: &Profile) -> Vec<String> {
    profile.hints().iter().map(Hint::to_string).collect()
}

/// The first rows of each finding, one value after the other.
fn plain(kind: Kind, values: &[String]) -> BTreeMap<String, Vec<u64>> {
    let rule = Canonicalizer::new(kind);
    let mut rows: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    for (row, value) in (1..).zip(values) {
        let findings = match rule.canonicalize(value.as_bytes(), &mut Canonical::new()) {
            Ok(Outcome::Accepted { changed, warning }) => {
                let changed = changed.then_some(Finding::Changed);
                changed.into_iter().chain(warning.then_some(Finding::Warned)).collect()
            }
            Ok(Outcome::Suppressed) => vec![Finding::Suppressed],
            Err(reason) => vec![Finding::Rejected(reason)],
        };
        for finding in findings {
            rows.entry(format!("{finding:?}")).or_default().push(row);
        }
    }
    rows.values_mut().for_each(|rows| rows.truncate(Profile::KEPT_ROWS));
    rows
}

fn rows_of(profile: &Profile, finding: Finding) -> Vec<u64> {
    profile.rows(finding).iter().map(|place| place.row).collect()
}

fn listed(profile: &Profile) -> BTreeMap<String, Vec<u64>> {
    let rows = Finding::all().map(|finding| (format!("{finding:?}"), rows_of(profile, finding)));
    rows.filter(|(_, rows)| !rows.is_empty()).collect()
}

/// Rows of every fate, in some order; repeated ones too.
fn mixed() -> impl Strategy<Value = Vec<String>> {
    let row = prop_oneof![
        4 => (0u64..200).prop_map(wallet),
        2 => (0u64..200).prop_map(|n| wallet(n).replace('c', "C")),
        1 => (0u64..18).prop_map(|n| format!("0x{n:040x}")),
        2 => "[0-9a-fx]{0,44}",
        1 => "[0-9a-f]{64}",
    ];
    prop::collection::vec(row, 0..400)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_profile_counts_what_the_tokeniser_would_and_lists_the_first_rows(rows in mixed()) {
        let profile = of_values(Kind::CryptoEvm, &rows);
        let rows_again = Rows::values(rows.iter().map(String::as_str));
        let tokenized = tokenizer(Kind::CryptoEvm).tokenize(&name("a"), rows_again).unwrap();
        prop_assert_eq!(profile.counters(), tokenized.set.counters());
        prop_assert_eq!(profile.counters().unique(), tokenized.set.len() as u64);
        prop_assert_eq!(profile.rejections(), tokenized.rejections);
        prop_assert_eq!(listed(&profile), plain(Kind::CryptoEvm, &rows));
        prop_assert_eq!(profile.kind(), Kind::CryptoEvm);
    }
}

#[test]
fn the_number_of_threads_and_the_layout_make_no_difference() {
    let odd = ["", "0xg", "0x1", "GB29 NWBK 6016 1331 9268 19", "0x0000000000000000000000000000000000000001"];
    let row = |n: u64| match n % 7 {
        0 => format!("{:<60}", odd[(n / 7) as usize % odd.len()]),
        1 => wallet(n % 9_000).to_uppercase(),
        2 => wallet(n % 9_000).replacen('c', "C", 1),
        _ => wallet(n % 9_000),
    };
    let rows: Vec<String> = (0..60_000).map(row).collect();
    let (lines, csv) = (rows.join("\n"), format!("id,wallet\n,{}\n", rows.join("\n,")));
    let expected = on_threads(1, || of_values(Kind::CryptoEvm, &rows));
    assert_eq!(listed(&expected), plain(Kind::CryptoEvm, &rows));
    assert!(listed(&expected).len() >= 6, "{:?}", listed(&expected).keys());
    // All but the lines, which a layout gives to its rows.
    let told = |profile: &Profile| {
        (listed(profile), profile.counters().clone(), profile.hints().to_vec(), profile.oddities())
    };
    for threads in [1, 2, 8] {
        for rows in [
            Rows::lines(lines.as_bytes()),
            CsvRows::new(csv.as_bytes()).value_column("wallet").into(),
            Rows::values(rows.iter().map(String::as_str)),
        ] {
            let profile = on_threads(threads, || profile(Kind::CryptoEvm, rows));
            assert!(told(&profile) == told(&expected), "{threads} threads");
        }
    }
}

#[test]
fn digests_in_place_of_identifiers_are_named() {
    let rows: Vec<String> =
        (0..5_000u64).map(|n| if n < 4_211 { format!("{n:064x}") } else { wallet(n) }).collect();
    let profile = of_values(Kind::CryptoEvm, &rows);
    let hint = Hint::Rejected { reason: Reason::LooksHashed, rows: 4_211, of: 5_000 };
    assert_eq!(profile.hints(), [hint]);
    assert_eq!(hint.code(), "looks_hashed");
    assert!(said(&profile)[0].starts_with("4,211 of 5,000 rows (84 %) look like SHA-256 digests"));
}

#[test]
fn missing_country_codes_are_named_until_a_plan_says_them() {
    // Ofcom's numbers for drama: 020 7946 0xxx.
    let rows: Vec<String> = (0..100)
        .map(|n| if n < 62 { format!("020 7946 0{n:03}") } else { format!("+44 20 7946 0{n:03}") })
        .collect();
    let plain = of_values(Kind::PhoneE164, &rows);
    assert!(said(&plain)[0].starts_with("62 of 100 rows (62 %) lack a country code"), "{:?}", said(&plain));
    let read = |plan: &str| {
        let rule = Canonicalizer::new(Kind::PhoneE164);
        let rule = rule.with_national_plan(plan.parse::<NationalPlan>().unwrap());
        Profile::read(&rule, Rows::values(rows.iter().map(String::as_str))).unwrap()
    };
    let planned = read("44/0");
    assert_eq!(
        (planned.counters().accepted, planned.counters().unique(), planned.hints().len()),
        (100, 100, 0)
    );
    assert!(said(&read("44/1"))[0].starts_with("62 of 100 rows (62 %) lack the trunk prefix"));
}

/// An IBAN of the registry's German form with its check digits.
fn iban(number: u64) -> String {
    let bban = format!("37040044{number:010}");
    let rest =
        format!("{bban}131400").bytes().fold(0, |rest, digit| (rest * 10 + u32::from(digit - b'0')) % 97);
    format!("DE{:02}{bban}", 98 - rest)
}

#[test]
fn another_kind_than_the_rows_are_of_is_named() {
    let ibans: Vec<String> = (0..300).map(iban).collect();
    let profile = of_values(Kind::CardPan, &ibans);
    let looks = Kind::BankIban;
    let hint = Hint::OtherKind { kind: Kind::CardPan, looks, rows: 300, of: 300 };
    assert_eq!(profile.hints().last(), Some(&hint));
    assert_eq!(hint.code(), "other_kind");
    assert!(said(&profile).contains(
        &"300 of the first 300 rejected rows look like bank.iban/1, but the kind is card.pan/1".to_owned()
    ));
    assert!(profile.hints().iter().any(|hint| hint.code() == "none_accepted"));

    let cards: Vec<String> = (0..40)
        .map(|n| {
            let body = format!("99991000{n:07}");
            format!("{body}{}", luhn_digit(&body))
        })
        .collect();
    let mails: Vec<String> = (0..40).map(|n| format!("person.{n}@example.org")).collect();
    let phones: Vec<String> = (0..40).map(|n| format!("+44 20 7946 0{n:03}")).collect();
    let wallets: Vec<String> = (0..40).map(wallet).collect();
    let domains: Vec<String> = (0..40).map(|n| format!("shop-{n}.example.org")).collect();
    let addresses: Vec<String> = (0..40).map(|n| format!("192.0.2.{n}")).collect();
    for (rows, theirs) in [
        (&cards, Kind::CardPan),
        (&mails, Kind::EmailStrict),
        (&phones, Kind::PhoneE164),
        (&wallets, Kind::CryptoEvm),
        (&addresses, Kind::NetIp),
        (&domains, Kind::NetDomain),
    ] {
        for kind in [Kind::BankIban, Kind::CryptoBtc].into_iter().filter(|kind| *kind != theirs) {
            let hints = of_values(kind, rows).hints().to_vec();
            let hint = Hint::OtherKind { kind, looks: theirs, rows: 40, of: 40 };
            assert!(hints.contains(&hint), "{kind} {theirs}: {hints:?}");
            let others = hints.iter().filter(|hint| hint.code() == "other_kind").count();
            assert_eq!(others, 1, "{kind} {theirs}: {hints:?}");
        }
    }
}

#[test]
fn a_few_rows_of_another_kind_are_no_mistake_of_the_export() {
    let other_kinds = |rows: &[String]| {
        let profile = of_values(Kind::CardPan, rows);
        profile.hints().iter().filter(|hint| hint.code() == "other_kind").copied().collect::<Vec<_>>()
    };
    let ibans = |count| (0..count).map(iban);
    let junk = |count: u64| (0..count).map(|n| format!("customer {n}"));
    let empty = |count| (0..count).map(|_| String::new());
    let rows = |iban, no_card, none| ibans(iban).chain(junk(no_card)).chain(empty(none)).collect::<Vec<_>>();
    assert_eq!(other_kinds(&rows(10, 0, 0)), []);
    assert_eq!(other_kinds(&rows(11, 12, 0)), []);
    let looks = Kind::BankIban;
    let hint = |rows, of| Hint::OtherKind { kind: Kind::CardPan, looks, rows, of };
    assert_eq!(other_kinds(&rows(11, 0, 0)), [hint(11, 11)]);
    assert_eq!(other_kinds(&rows(11, 11, 0)), [hint(11, 22)]);
    // Empty rows say nothing of what was meant.
    assert_eq!(other_kinds(&rows(11, 11, 500)), [hint(11, 22)]);
}

#[test]
fn the_first_thousand_rejected_rows_tell_the_kind_whatever_the_threads() {
    // IBANs among wallets at first, then none; and the reverse.
    let rows: Vec<String> = (0..60_000)
        .map(|n| match (n % 7, n < 12_000) {
            (0, true) => iban(n),
            (0, false) => format!("customer {n}"),
            _ => wallet(n),
        })
        .collect();
    let reversed: Vec<String> = rows.iter().rev().cloned().collect();
    for threads in [1, 2, 8] {
        let hints = |rows| on_threads(threads, || of_values(Kind::CryptoEvm, rows).hints().to_vec());
        let looks = Kind::BankIban;
        let expected = Hint::OtherKind { kind: Kind::CryptoEvm, looks, rows: 1_000, of: 1_000 };
        assert_eq!(hints(&rows), [expected], "{threads} threads");
        assert_eq!(hints(&reversed), [], "{threads} threads");
    }
}

#[test]
fn suppressed_rows_alone_are_no_wrong_column() {
    let profile = of_values(Kind::CardPan, &["4242 4242 4242 4242".to_owned()]);
    assert_eq!((profile.counters().suppressed, profile.hints().len()), (1, 0));
    assert_eq!(rows_of(&profile, Finding::Suppressed), [1]);
    let empty = of_values(Kind::CardPan, &[]);
    assert_eq!((empty.counters().rows, empty.hints().len(), empty.rejections().len()), (0, 0, 0));
}

#[test]
fn rows_without_a_value_are_rejections_like_others() {
    let csv = "id,card\n1\n2,9999100000001562\n3,\n";
    let profile =
        profile(Kind::CardPan, CsvRows::new(csv.as_bytes()).value_column(Column::Named("card".into())));
    let rejected = |row, reason| Rejection { place: Place { input: 0, row, line: row + 1 }, reason };
    assert_eq!(profile.rejections(), [rejected(1, Reason::MissingField), rejected(3, Reason::Empty)]);
    assert!(said(&profile)[0].contains("is the delimiter right?"));
}

#[test]
fn a_profile_can_be_stopped_and_fails_as_its_input_does() {
    struct Stop;
    impl Progress for Stop {
        fn is_cancelled(&self) -> bool {
            true
        }
    }
    let rule = Canonicalizer::new(Kind::CardPan);
    let stopped = Profile::read(&rule, Rows::values(["9999100000001562"]).with_progress(&Stop));
    assert!(matches!(stopped, Err(Error::Cancelled)));
    let failed = Profile::read(&rule, CsvRows::new(&b"a,b\n"[..]).value_column(Column::Named("card".into())));
    assert!(matches!(failed, Err(Error::MissingColumn { columns: 2 })));
}

#[test]
fn nothing_of_a_profile_shows_a_value() {
    let markers =
        ["marker-one", "MARKER+two@example.org", "0xmarker3", "4242 4242 4242 4242", "+44 20 7946 0777"];
    let rows: Vec<String> = markers.iter().cycle().take(200).map(|marker| (*marker).to_owned()).collect();
    for kind in Kind::ALL {
        let profile = of_values(*kind, &rows);
        let shown = format!("{profile:?} {:#?} {:?}", profile, said(&profile));
        for marker in ["arker", "ARKER", "4242", "7946"] {
            assert!(!shown.contains(marker), "{kind}: {marker} in {shown}");
        }
    }
}
