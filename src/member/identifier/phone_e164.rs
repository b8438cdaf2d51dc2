//! `phone.e164/1`: `+`, country code and national number in digits (ITU-T E.164).
//!
//! The rule never guesses: a number begins with `+` or `00`, or the caller states how national numbers are dialled
//! ([`NationalPlan`]). A number that the plan of its country does not have ([`numbers`]) is rejected: it may be another
//! number with a prefix too many. Two prefixes are dropped, because with them one line has two international spellings.

mod numbers;
mod plan;

use self::numbers::NationalNumbers;
use self::plan::MAX_TRUNK;
pub use self::plan::NationalPlan;
use super::words::{are_digits, word};
use super::{Canonical, Note};
use crate::outcome::Reason;

/// The fewest digits of a full number (E.164 section 6.1 sets 15 as the most; shorter than 7 is no subscriber's).
const MIN_DIGITS: usize = 7;
const MAX_DIGITS: usize = 15;
/// Most digits that can make up a number: with `00` and `(0)`, or with a trunk prefix.
const MAX_DIALLED: usize = MAX_DIGITS + MAX_TRUNK;

pub(super) fn canonicalize(
    value: &[u8],
    plan: Option<&NationalPlan>,
    out: &mut Canonical,
) -> Result<Note, Reason> {
    Dialled::scan(value)?.write(value, plan, out)
}

/// Decides values that are in canonical form already, as most exports are, except where a zero begins the national
/// number.
#[inline]
pub(super) fn usual(value: &[u8], out: &mut Canonical) -> Option<Result<Note, Reason>> {
    let [b'+', digits @ ..] = value else { return None };
    let [a, b] = [word(value, 0)?, word(value, 1)?];
    let first = digits.first_chunk()?;
    // The last eight are checked as well; some of the first are among them if there are fewer than sixteen.
    let all = are_digits(u64::from_le_bytes(*first)) && are_digits(u64::from_le_bytes(*digits.last_chunk()?));
    let fits = (MIN_DIGITS..=MAX_DIGITS).contains(&digits.len());
    if !all || !fits || first[0] == b'0' {
        return None;
    }
    let (code, national) = digits.split_at_checked(calling_code_len(first))?;
    if national.first() == Some(&b'0') || !NationalNumbers::under(code)?.contain(national) {
        return None;
    }
    out.set([a, b], value.len());
    Some(Ok(Note { changed: false, warning: false }))
}

/// The digits of a number as written, and what its punctuation says about them.
struct Dialled {
    digits: [u8; MAX_DIALLED],
    len: usize,
    plus: bool,
    /// Place of the digit that is a zero alone in brackets.
    bracketed_zero: Option<usize>,
    /// Whether something stands between the first two digits.
    first_two_apart: bool,
}

impl Dialled {
    fn scan(value: &[u8]) -> Result<Self, Reason> {
        let mut dialled = Self {
            digits: [0; MAX_DIALLED],
            len: 0,
            plus: false,
            bracketed_zero: None,
            first_two_apart: false,
        };
        let mut open = None; // how many digits there were before the bracket
        let mut before = b' ';
        for &byte in value {
            match byte {
                b'0'..=b'9' => {
                    dialled.first_two_apart |= dialled.len == 1 && !before.is_ascii_digit();
                    *dialled.digits.get_mut(dialled.len).ok_or(Reason::TooLong)? = byte;
                    dialled.len += 1;
                }
                b'+' if !dialled.plus && dialled.len == 0 => dialled.plus = true,
                b' ' | b'-' | b'.' | b'/' => {}
                b'(' if open.is_none() => open = Some(dialled.len),
                b')' => dialled.close(open.take().ok_or(Reason::BadSeparator)?)?,
                b'(' => return Err(Reason::BadSeparator),
                b'x' | b'X' | b'e' | b'E' | b'#' | b';' | b',' if dialled.len >= MIN_DIGITS => {
                    return Err(Reason::Extension);
                }
                _ => return Err(Reason::BadCharacter),
            }
            before = byte;
        }
        let begins_well = dialled.plus || value.first().is_some_and(|b| b.is_ascii_digit() || *b == b'(');
        let ends_well = before.is_ascii_digit() || before == b')';
        if open.is_some() || !begins_well || !ends_well {
            return Err(Reason::BadSeparator);
        }
        Ok(dialled)
    }

    /// Writes the number, with its country code as dialled or from the plan.
    fn write(&self, value: &[u8], plan: Option<&NationalPlan>, out: &mut Canonical) -> Result<Note, Reason> {
        let digits = &self.digits[..self.len];
        match (self.plus, digits, plan) {
            (true, ..) => write_international(digits, self.bracketed_zero, out)?,
            (false, _, Some(plan)) if dials_abroad(plan.calling_code(), digits) => {
                return Err(Reason::InternationalPrefix);
            }
            (false, [b'0', b'0', digits @ ..], _) => {
                if self.first_two_apart {
                    return Err(Reason::BadSeparator); // `0 0…` is no way to write the prefix `00`
                }
                // Brackets around one of the two digits would have set them apart, so the place is 2 or more.
                let zero = self.bracketed_zero.map(|place| place.saturating_sub(2));
                write_international(digits, zero, out)?;
            }
            (false, _, None) => return Err(Reason::NoCountryCode),
            (false, ..) if self.bracketed_zero.is_some() => return Err(Reason::TrunkZero),
            (false, _, Some(plan)) => write_national(digits, plan, out)?,
        }
        Ok(Note { changed: out.as_bytes() != value, warning: false })
    }

    /// Takes note of the brackets that end here and were opened before digit number `start`.
    fn close(&mut self, start: usize) -> Result<(), Reason> {
        match &self.digits[start..self.len] {
            [] => Err(Reason::BadSeparator),
            b"0" if self.bracketed_zero.is_some() => Err(Reason::TrunkZero),
            b"0" => {
                self.bracketed_zero = Some(start);
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

/// Writes digits that begin with the country code.
fn write_international(digits: &[u8], zero: Option<usize>, out: &mut Canonical) -> Result<(), Reason> {
    if digits.first() == Some(&b'0') {
        return Err(if zero == Some(0) { Reason::TrunkZero } else { Reason::LeadingZero });
    }
    let (code, national) = digits.split_at_checked(calling_code_len(digits)).ok_or(Reason::TooShort)?;
    if zero.is_some_and(|place| place != code.len()) {
        return Err(Reason::TrunkZero);
    }
    let numbers = NationalNumbers::under(code).ok_or(Reason::UnknownCallingCode)?;
    let national = if zero.is_some() { settle_zero(code, national, numbers)? } else { national };
    write_number(code, without_mobile_prefix(code, national), numbers, out)
}

/// Decides whether the bracketed zero that begins the digits is part of the national number.
fn settle_zero<'a>(code: &[u8], national: &'a [u8], numbers: NationalNumbers) -> Result<&'a [u8], Reason> {
    let without = &national[1..];
    if !numbers.contain(national) {
        return Ok(without);
    }
    // There are two zeros: is the bracketed one the number's own, or one too many? It is not clear before an Italian
    // mobile number either.
    let mobile = code == b"39" && without.first() == Some(&b'3') && numbers.contain(without);
    if without.first() == Some(&b'0') || mobile { Err(Reason::TrunkZero) } else { Ok(national) }
}

/// Drops a digit that is, or was, dialled from abroad before a mobile number, and that the number is also written
/// without: 1 in Mexico until 2019, 9 in Argentina. The ten digits alone name the line in both countries.
fn without_mobile_prefix<'a>(code: &[u8], national: &'a [u8]) -> &'a [u8] {
    match (code, national) {
        (b"52", [b'1', line @ ..]) | (b"54", [b'9', line @ ..]) if line.len() == 10 => line,
        _ => national,
    }
}

/// Writes digits that begin with the trunk prefix of the plan.
fn write_national(digits: &[u8], plan: &NationalPlan, out: &mut Canonical) -> Result<(), Reason> {
    let (code, trunk) = (plan.calling_code(), plan.trunk_prefix());
    let numbers = NationalNumbers::under(code).ok_or(Reason::UnknownCallingCode)?;
    let mut national = digits.strip_prefix(trunk).ok_or(Reason::NoTrunkPrefix)?;
    if trunk.is_empty()
        && let Some(rest) = national.strip_prefix(code)
        && (numbers.contain(rest) || rest.strip_prefix(b"0").is_some_and(|rest| numbers.contain(rest)))
    {
        // The 1 of North America is calling code and trunk prefix: either way it is the same number.
        if code != b"1" {
            return Err(Reason::OwnCallingCode);
        }
        national = rest;
    }
    write_number(code, national, numbers, out)
}

fn write_number(
    code: &[u8],
    national: &[u8],
    numbers: NationalNumbers,
    out: &mut Canonical,
) -> Result<(), Reason> {
    if national.first() == Some(&b'0') && !numbers.begin_with_zero() {
        return Err(Reason::TrunkZero);
    }
    match code.len() + national.len() {
        ..MIN_DIGITS => return Err(Reason::TooShort),
        MIN_DIGITS..=MAX_DIGITS => {}
        _ => return Err(Reason::TooLong),
    }
    if !numbers.contain(national) {
        return Err(Reason::NotInPlan);
    }
    match (code, national) {
        // San Marino has these numbers, which are 378 0549 as well.
        (b"39", [b'0', b'5', b'4', b'9', ..]) => return Err(Reason::NotInPlan),
        // There are two zeros, or a mobile number with the zero that was dialled before it until 2001.
        (b"39", [b'0', b'0', ..]) => return Err(Reason::TrunkZero),
        (b"39", [b'0', b'3', ..]) if national.len() == 11 => return Err(Reason::TrunkZero),
        _ => {}
    }
    out.push(b'+')?;
    out.extend(code)?;
    out.extend(national)
}

/// Whether the digits begin as an international call from this country begins, where that is not only `00` and a
/// calling code: `0011` in Australia, `00` and a carrier's digits in Brazil, 8 and 10 in Russia.
fn dials_abroad(code: &[u8], digits: &[u8]) -> bool {
    let prefix: &[u8] = match code {
        b"55" | b"57" | b"61" | b"62" | b"65" | b"66" | b"82" | b"234" | b"254" | b"255" | b"256"
        | b"591" | b"592" | b"852" | b"855" | b"886" | b"976" => b"00",
        b"81" if digits.starts_with(b"00") => b"00",
        b"81" => b"010",
        b"7" | b"375" | b"992" | b"993" | b"998" => b"810",
        b"972" => b"01",
        _ => return false,
    };
    digits.starts_with(prefix)
}

/// Returns the number of digits of the country code: zones 1 and 7 have one digit, the listed countries two, all others
/// three (ITU-T E.164, list of assigned codes).
fn calling_code_len(digits: &[u8]) -> usize {
    match digits {
        [b'1' | b'7', ..] => 1,
        [b'2', b'0' | b'7', ..]
        | [b'3', b'0'..=b'4' | b'6' | b'9', ..]
        | [b'4', b'0' | b'1' | b'3'..=b'9', ..]
        | [b'5', b'1'..=b'8', ..]
        | [b'6', b'0'..=b'6', ..]
        | [b'8', b'1' | b'2' | b'4' | b'6', ..]
        | [b'9', b'0'..=b'5' | b'8', ..] => 2,
        _ => 3,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The country codes of two digits in ITU-T E.164, list of assigned country codes.
    #[test]
    fn country_codes_have_the_length_that_the_itu_lists() {
        let two = [
            20, 27, 30, 31, 32, 33, 34, 36, 39, 40, 41, 43, 44, 45, 46, 47, 48, 49, 51, 52, 53, 54, 55, 56,
            57, 58, 60, 61, 62, 63, 64, 65, 66, 81, 82, 84, 86, 90, 91, 92, 93, 94, 95, 98,
        ];
        for code in 10..100 {
            let expected = match code {
                10..20 | 70..80 => 1,
                _ if two.contains(&code) => 2,
                _ => 3,
            };
            assert_eq!(calling_code_len(format!("{code}0").as_bytes()), expected, "{code}");
        }
    }
}
