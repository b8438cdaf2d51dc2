//! `phone.e164/1`: `+`, country code and national number in digits (ITU-T E.164).
//!
//! Never a guess: a number begins with `+` or `00`, or the caller states how national numbers are dialled
//! ([`NationalPlan`]). A bracketed `(0)` after the country code is the trunk prefix and is dropped, but
//! where the zero belongs to the number; an unbracketed one may be either, and is rejected.

use std::str::FromStr;

use super::words::{are_digits, word};
use super::{Canonical, Note};
use crate::error::Error;
use crate::rejection::Reason;

/// Digits of a full number (E.164 section 6.1 sets 15; shorter than 7 is no subscriber's).
const MIN_DIGITS: usize = 7;
const MAX_DIGITS: usize = 15;
/// Longest trunk prefix of a plan; in use are up to 3 digits.
const MAX_TRUNK: usize = 4;
/// Most digits that can make up a number: with `00` and `(0)`, or with a trunk prefix.
const MAX_DIALLED: usize = MAX_DIGITS + MAX_TRUNK;

pub(super) fn canonicalize(
    value: &[u8],
    plan: Option<&NationalPlan>,
    out: &mut Canonical,
) -> Result<Note, Reason> {
    Dialled::scan(value)?.write(value, plan, out)
}

/// Decides what is in canonical form already, as most exports are, but where a zero begins the national
/// number.
#[inline]
pub(super) fn usual(value: &[u8], out: &mut Canonical) -> Option<Result<Note, Reason>> {
    let [b'+', digits @ ..] = value else { return None };
    let [a, b] = [word(value, 0)?, word(value, 1)?];
    let first = digits.first_chunk()?;
    // The last eight as well, which are some of the first if there are fewer than sixteen.
    let all = are_digits(u64::from_le_bytes(*first)) && are_digits(u64::from_le_bytes(*digits.last_chunk()?));
    let fits = (MIN_DIGITS..=MAX_DIGITS).contains(&digits.len());
    if !all || !fits || first[0] == b'0' || first[calling_code_len(first)] == b'0' {
        return None;
    }
    out.set([a, b], value.len());
    Some(Ok(Note { changed: false, warning: false }))
}

/// The digits of a number as written, and what its punctuation said of them.
struct Dialled {
    digits: [u8; MAX_DIALLED],
    len: usize,
    plus: bool,
    /// Which digit is a zero alone in brackets.
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

    /// Writes the number, its country code as dialled or from the plan.
    fn write(&self, value: &[u8], plan: Option<&NationalPlan>, out: &mut Canonical) -> Result<Note, Reason> {
        let digits = &self.digits[..self.len];
        match (self.plus, digits, plan) {
            (true, ..) => write_international(digits, self.bracketed_zero, out)?,
            (false, [b'0', b'0', digits @ ..], _) => {
                if self.first_two_apart {
                    return Err(Reason::BadSeparator); // `0 0…` is no way to write the prefix `00`
                }
                // Brackets around one of the two would have set them apart, so the place is 2 or more.
                let zero = self.bracketed_zero.map(|place| place.saturating_sub(2));
                write_international(digits, zero, out)?;
            }
            (false, _, None) => return Err(Reason::NoCountryCode),
            (false, ..) if self.bracketed_zero.is_some() => return Err(Reason::TrunkZero),
            (false, _, Some(plan)) => {
                let national = digits.strip_prefix(plan.trunk_prefix()).ok_or(Reason::NoTrunkPrefix)?;
                write_number(plan.calling_code(), national, out)?;
            }
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
    match zero {
        None => write_number(code, national, out),
        Some(place) if place != code.len() => Err(Reason::TrunkZero),
        Some(_) if !keeps_zero(code) => write_number(code, &national[1..], out),
        // Two zeros: is the bracketed one the number's own, or one too many?
        Some(_) if national.get(1) == Some(&b'0') => Err(Reason::TrunkZero),
        Some(_) => write_number(code, national, out),
    }
}

fn write_number(code: &[u8], national: &[u8], out: &mut Canonical) -> Result<(), Reason> {
    if national.first() == Some(&b'0') && !keeps_zero(code) {
        return Err(Reason::TrunkZero);
    }
    match code.len() + national.len() {
        ..MIN_DIGITS => return Err(Reason::TooShort),
        MIN_DIGITS..=MAX_DIGITS => {}
        _ => return Err(Reason::TooLong),
    }
    out.push(b'+')?;
    out.extend(code)?;
    out.extend(national)
}

/// How many of the digits are the country code: zones 1 and 7 have one digit, the countries listed two,
/// all others three (ITU-T E.164, list of assigned codes). Codes that nobody holds are not looked for,
/// assignments change.
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

/// Whether national numbers under this code may begin with a zero that stays when dialled from abroad:
/// Italy and the Vatican, Côte d'Ivoire, Niger, Benin, Gabon, Congo, San Marino.
fn keeps_zero(code: &[u8]) -> bool {
    matches!(code, b"39" | b"225" | b"227" | b"229" | b"241" | b"242" | b"378")
}

/// How one member's national numbers are dialled: calling code, and the trunk prefix that must be there.
///
/// `44/0`, `36/06`; `39/` where there is no prefix, as then every number without `+` or `00` is taken for
/// a national one.
///
/// ```
/// use veilmatch::identifier::NationalPlan;
///
/// assert!("44/0".parse::<NationalPlan>().is_ok());
/// assert!("39/".parse::<NationalPlan>().is_ok());
/// assert!("0044".parse::<NationalPlan>().is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NationalPlan {
    code: [u8; 3],
    code_len: u8,
    trunk: [u8; MAX_TRUNK],
    trunk_len: u8,
}

impl NationalPlan {
    fn calling_code(&self) -> &[u8] {
        &self.code[..usize::from(self.code_len)]
    }

    fn trunk_prefix(&self) -> &[u8] {
        &self.trunk[..usize::from(self.trunk_len)]
    }
}

impl FromStr for NationalPlan {
    type Err = Error;

    /// # Errors
    ///
    /// [`Error::NationalPlan`] for anything but a calling code of the length that E.164 gives it, a slash,
    /// and up to four digits; these may not begin with `00`, which is the international prefix.
    fn from_str(text: &str) -> Result<Self, Error> {
        let (code, trunk) = text.split_once('/').ok_or(Error::NationalPlan)?;
        let (code, trunk) = (code.as_bytes(), trunk.as_bytes());
        let digits = code.iter().chain(trunk).all(u8::is_ascii_digit);
        let code_fits = code.first().is_some_and(|b| *b != b'0') && code.len() == calling_code_len(code);
        if !digits || !code_fits || trunk.len() > MAX_TRUNK || trunk.starts_with(b"00") {
            return Err(Error::NationalPlan);
        }
        let mut plan = Self {
            code: [0; 3],
            code_len: code.len() as u8, // at most 3
            trunk: [0; MAX_TRUNK],
            trunk_len: trunk.len() as u8, // at most 4
        };
        plan.code[..code.len()].copy_from_slice(code);
        plan.trunk[..trunk.len()].copy_from_slice(trunk);
        Ok(plan)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// ITU-T E.164, list of assigned country codes: those of two digits.
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

    #[test]
    fn plans_are_calling_code_and_trunk_prefix() {
        for good in ["44/0", "39/", "36/06", "7/8", "1/1", "1/", "225/", "353/0"] {
            assert!(good.parse::<NationalPlan>().is_ok(), "{good}");
        }
        for bad in [
            "", "/", "/0", "44", "4/0", "442/0", "0/0", "44/00", "44/0/0", "+44/0", "44/a", "44/01234",
            "4é/0",
        ] {
            assert!(matches!(bad.parse::<NationalPlan>(), Err(Error::NationalPlan)), "{bad}");
        }
    }
}
