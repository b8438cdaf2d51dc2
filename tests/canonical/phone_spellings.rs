//! Spellings of telephone numbers that people write: two spellings of one line come to one canonical form, or one is
//! rejected with a reason. None comes to the form of another line. `tests/phones/oracle.py` asks it of every region.

use veilmatch::Reason;
use veilmatch::member::identifier::{Canonical, Canonicalizer, Kind, NationalPlan};

/// What the rule makes of a number under a national plan, or under none.
fn form(plan: &str, number: &str) -> Result<String, Reason> {
    let mut rule = Canonicalizer::new(Kind::PhoneE164);
    if !plan.is_empty() {
        rule = rule.with_national_plan(plan.parse::<NationalPlan>().unwrap());
    }
    let mut out = Canonical::new();
    rule.canonicalize(number.as_bytes(), &mut out)?;
    Ok(String::from_utf8(out.as_bytes().to_vec()).unwrap())
}

/// Each of these was accepted as the form of another line, or of none.
#[test]
fn a_national_number_with_its_calling_code_is_not_taken_for_another() {
    assert_eq!(form("39/", "390612345678"), Err(Reason::OwnCallingCode));
    assert_eq!(form("39/", "3931234567").as_deref(), Ok("+393931234567"));
    assert_eq!(form("39/", "393331234567"), Err(Reason::OwnCallingCode));
    assert_eq!(form("1/", "14155550123").as_deref(), Ok("+14155550123"));
    assert_eq!(form("1/", "4155550123").as_deref(), Ok("+14155550123"));
    assert_eq!(form("34/", "34 910 000 000"), Err(Reason::OwnCallingCode));
    assert_eq!(form("45/", "45 45 45 45").as_deref(), Ok("+4545454545"));
    assert_eq!(form("49/", "49 0 30 000000"), Err(Reason::OwnCallingCode));
}

/// Pairs of spellings of one line: a form, or a reason, for each.
#[test]
fn two_spellings_of_a_line_match_or_one_is_rejected() {
    for (one, other, expected) in [
        ("+7 495 000 0000", "+7 (8) 495 000 0000", Err(Reason::NotInPlan)),
        ("+1 415 555 0123", "+1 1 415 555 0123", Err(Reason::NotInPlan)),
        ("+52 55 0000 0000", "+52 1 55 0000 0000", Ok("+525500000000")),
        ("+54 11 0000 0000", "+54 9 11 0000 0000", Ok("+541100000000")),
        ("+36 1 000 0000", "+36 06 1 000 0000", Err(Reason::TrunkZero)),
        ("+375 29 000 0000", "+375 8 029 000 0000", Err(Reason::NotInPlan)),
        ("+370 600 00000", "+370 8 600 00000", Err(Reason::NotInPlan)),
        ("+378 0549 000000", "+39 0549 000000", Err(Reason::NotInPlan)),
        ("+378 0549 886377", "+378 886377", Err(Reason::NotInPlan)),
        ("+44 28 9000 0000", "+353 48 9000 0000", Err(Reason::NotInPlan)),
        ("+39 333 000 0000", "+39 0333 000 0000", Err(Reason::TrunkZero)),
        ("+39 06 0000 0000", "+39 (0)6 0000 0000", Ok("+390600000000")),
        ("+226 01 00 00 00", "+226 (0)1 00 00 00", Ok("+22601000000")),
        ("+241 11 00 00 00", "+241 01 00 00 00", Err(Reason::TrunkZero)),
        ("+229 01 97 00 00 00", "+229 97 00 00 00", Err(Reason::NotInPlan)),
        ("+225 07 07 00 00 00", "+225 07 00 00 00", Err(Reason::NotInPlan)),
        ("+57 601 000 0000", "+57 1 000 0000", Err(Reason::NotInPlan)),
    ] {
        assert!(form("", one).is_ok(), "{one}");
        assert_eq!(form("", other).as_deref().map_err(|reason| *reason), expected, "{other}");
        if expected.is_ok() {
            assert_eq!(form("", one), form("", other), "{one}");
        }
    }
}

/// As those dial who live where `00` alone does not lead abroad.
#[test]
fn a_foreign_number_is_not_taken_for_a_national_one() {
    for (plan, number) in [
        ("61/0", "0011 65 6000 0000"),
        ("852/", "001 65 6123 4567"),
        ("81/0", "010 44 20 7946 0958"),
        ("7/8", "8 10 44 20 7946 0958"),
        ("972/0", "012 44 20 7946 0958"),
        ("55/0", "00 15 44 20 7946 0958"),
    ] {
        assert_eq!(form(plan, number), Err(Reason::InternationalPrefix), "{plan} {number}");
    }
    // The 1 of North America, and the 1 that was dialled before mobile numbers of Mexico.
    assert_eq!(form("52/", "1 415 555 0123"), Err(Reason::NotInPlan));
    assert_eq!(form("44/0", "00 1 415 555 0123").as_deref(), Ok("+14155550123"));
}

#[test]
fn a_calling_code_that_nobody_has_is_rejected() {
    for number in ["+210 0000 0000", "+999 0000 0000", "0028 2000 0000"] {
        assert_eq!(form("", number), Err(Reason::UnknownCallingCode), "{number}");
    }
    assert!("999/0".parse::<NationalPlan>().is_err());
}

/// Two forms are equal for two numbers only where SPEC.md says so.
#[test]
fn a_digit_too_many_or_too_few_is_not_another_number() {
    for number in
        ["+14155550123", "+447700900123", "+74950000000", "+33100000000", "+34910000000", "+525500000000"]
    {
        for place in 1..=number.len() {
            for digit in '0'..='9' {
                let mut longer = number.to_owned();
                longer.insert(place, digit);
                if let Ok(found) = form("", &longer) {
                    // Another calling code, or Mexico's old prefix.
                    let other = place <= 3 || longer == "+5215500000000";
                    assert!(other, "{longer} {found}");
                }
            }
        }
    }
}
