//! National phone numbers: with calling code and trunk prefix stated they make the tokens of their international
//! spelling, and without nothing is guessed.

use crate::support::hub::name;
use crate::support::member::tokenizer;
use crate::support::shared::shared_lines;
use veilmatch::Reason;
use veilmatch::member::identifier::{Canonical, Canonicalizer, Kind, NationalPlan};
use veilmatch::member::rows::Rows;

/// How numbers are dialled at home and from abroad. United Kingdom and United States: numbers for drama (Ofcom, NANPA);
/// Italy, Hungary, Russia, Germany, Ireland: a real area code and zeros.
const DIALLED: [(&str, &str, &str); 8] = [
    ("44/0", "020 7946 0958", "+44 20 7946 0958"),
    ("44/0", "(0117) 496-0123", "+44 117 496 0123"),
    ("39/", "06 0000 0000", "+39 06 0000 0000"),
    ("36/06", "06 1 000 0000", "+36 1 000 0000"),
    ("1/", "(202) 555-0123", "+1 202 555 0123"),
    ("7/8", "8 (495) 000-00-00", "+7 495 000 00 00"),
    ("49/0", "030/000000", "+49 30 000000"),
    ("353/0", "01 000 0000", "+353 1 000 0000"),
];

fn plan(text: &str) -> NationalPlan {
    text.parse().unwrap()
}

#[test]
fn a_plan_gives_national_numbers_the_token_of_their_international_spelling() {
    for (stated, national, international) in DIALLED {
        let (without, with) =
            (tokenizer(Kind::PhoneE164), tokenizer(Kind::PhoneE164).with_national_plan(plan(stated)));
        let expected = without.token(international.as_bytes()).unwrap();
        assert!(expected.is_some());
        assert_eq!(with.token(national.as_bytes()), Ok(expected), "{stated}: {national}");
        assert_eq!(with.token(international.as_bytes()), Ok(expected), "{stated}: {international}");
        assert_eq!(without.token(national.as_bytes()), Err(Reason::NoCountryCode), "{national}");
    }
}

/// The plan is a member's own affair: sets made with different ones match.
#[test]
fn a_plan_changes_no_terms() {
    let read = |stated: &str, raw: &'static str| {
        let tokenizer = tokenizer(Kind::PhoneE164).with_national_plan(plan(stated));
        tokenizer.tokenize(&name("a"), Rows::lines(raw.as_bytes())).unwrap().set
    };
    let (london, berlin) =
        (read("44/0", "020 7946 0958\n06 1 000 0000\n"), read("49/0", "020 7946 0958\n06 1 000 0000\n"));
    assert_eq!(london.terms(), berlin.terms());
    assert_eq!(london.terms(), tokenizer(Kind::PhoneE164).terms());
    // The same digits dialled in two countries are two numbers, or none.
    assert_eq!((london.len(), berlin.len()), (1, 2));
    assert!(!berlin.tokens().contains(&london.tokens()[0]));
}

/// Calling codes and their trunk prefix: ITU-T, "Dialling procedures", national (trunk) prefix.
const TRUNK: [(&str, &str); 12] = [
    ("DE", "0"),
    ("FR", "0"),
    ("GB", "0"),
    ("NL", "0"),
    ("SE", "0"),
    ("AT", "0"),
    ("IE", "0"),
    ("HU", "06"),
    ("RU", "8"),
    ("IT", ""),
    ("ES", ""),
    ("PL", ""),
];

#[test]
fn example_numbers_of_many_regions_agree_with_their_international_form() {
    let Some(lines) = shared_lines("vectors/phone_examples.tsv") else { return };
    let mut tried = 0;
    for line in lines {
        let fields: Vec<&str> = line.split('\t').collect();
        let (region, code, number) = (fields[0], fields[1], fields[3]);
        let Some((_, trunk)) = TRUNK.iter().find(|(known, _)| *known == region) else { continue };
        let run = |rule: Canonicalizer, raw: String| {
            let mut out = Canonical::new();
            rule.canonicalize(raw.as_bytes(), &mut out).map(|_| out.as_bytes().to_vec())
        };
        let rule = Canonicalizer::new(Kind::PhoneE164);
        let expected = run(rule.clone(), format!("+{code}{number}"));
        let found =
            run(rule.with_national_plan(plan(&format!("{code}/{trunk}"))), format!("{trunk}{number}"));
        assert_eq!(found, expected, "{line}");
        tried += usize::from(found.is_ok());
    }
    assert!(tried > 50, "{tried}");
}
