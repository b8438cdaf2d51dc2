//! The national plan: how a member's own national numbers are dialled, as the member states it.

use std::str::FromStr;

use crate::error::Error;

use super::calling_code_len;
use super::numbers::NationalNumbers;

/// Longest trunk prefix of a plan; prefixes in use have up to 3 digits.
pub(super) const MAX_TRUNK: usize = 4;

/// How one member's national numbers are dialled: calling code, and the trunk prefix that must be there.
///
/// Examples are `44/0`, `36/06`, and `39/` where there is no prefix: then every number without `+` or `00` is taken for
/// a national one.
///
/// ```
/// use veilmatch::member::identifier::NationalPlan;
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
    pub(super) fn calling_code(&self) -> &[u8] {
        &self.code[..usize::from(self.code_len)]
    }

    pub(super) fn trunk_prefix(&self) -> &[u8] {
        &self.trunk[..usize::from(self.trunk_len)]
    }
}

impl FromStr for NationalPlan {
    type Err = Error;

    /// # Errors
    ///
    /// [`Error::NationalPlan`] for anything but an assigned calling code, a slash, and up to four digits. These digits
    /// may not begin with `00`, which is the international prefix.
    fn from_str(text: &str) -> Result<Self, Error> {
        let (code, trunk) = text.split_once('/').ok_or(Error::NationalPlan)?;
        let (code, trunk) = (code.as_bytes(), trunk.as_bytes());
        let digits = code.iter().chain(trunk).all(u8::is_ascii_digit);
        let code_fits = code.first().is_some_and(|b| *b != b'0') && code.len() == calling_code_len(code);
        if !digits
            || !code_fits
            || NationalNumbers::under(code).is_none()
            || trunk.len() > MAX_TRUNK
            || trunk.starts_with(b"00")
        {
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

    #[test]
    fn plans_are_calling_code_and_trunk_prefix() {
        for good in ["44/0", "39/", "36/06", "7/8", "1/1", "1/", "225/", "353/0"] {
            assert!(good.parse::<NationalPlan>().is_ok(), "{good}");
        }
        for bad in [
            "", "/", "/0", "44", "4/0", "442/0", "999/0", "0/0", "44/00", "44/0/0", "+44/0", "44/a",
            "44/01234", "4é/0",
        ] {
            assert!(matches!(bad.parse::<NationalPlan>(), Err(Error::NationalPlan)), "{bad}");
        }
    }
}
