//! Witness addresses in bech32 and bech32m (BIP-173, BIP-350), whatever their network.

use bech32::primitives::decode::{CharError, CheckedHrpstring, UncheckedHrpstring, UncheckedHrpstringError};
use bech32::{Bech32, Bech32m, Fe32};

use crate::outcome::Reason;

/// Longest bech32 string (BIP-173).
pub(super) const MAX_ADDRESS: usize = 90;

/// Number of characters of a checksum, in both variants.
const CHECKSUM: usize = 6;

/// An address without a fault; it may be of another network.
pub(super) struct Witness<'a> {
    pub(super) version: u8,
    rest: CheckedHrpstring<'a>,
}

impl<'a> Witness<'a> {
    /// Checks in the order in which BIP-173 and BIP-350 state the faults of their invalid examples. The caller checks
    /// the network, and last, so that a damaged address of a test network is called damaged.
    pub(super) fn decode(address: &'a str) -> Result<Self, Reason> {
        let unchecked = UncheckedHrpstring::new(address).map_err(reason_of)?;
        if unchecked.data_part_ascii().len() < CHECKSUM {
            return Err(Reason::TooShort); // no room for a checksum
        }
        // The variant that the version calls for comes first; it is nearly always the right one.
        let expected = !matches!(unchecked.data_part_ascii()[0], b'q' | b'Q');
        let fits = |bech32m| match bech32m {
            true => unchecked.has_valid_checksum::<Bech32m>(),
            false => unchecked.has_valid_checksum::<Bech32>(),
        };
        let Some(is_bech32m) = [expected, !expected].into_iter().find(|bech32m| fits(*bech32m)) else {
            return Err(Reason::Checksum);
        };
        let mut rest = unchecked.remove_checksum::<Bech32m>(); // as long in both
        let first = *rest.data_part_ascii_no_checksum().first().ok_or(Reason::WitnessProgram)?;
        let version = Fe32::from_char(first.into()).map_err(|_| Reason::BadCharacter)?;
        if version.to_u8() > 16 {
            return Err(Reason::UnknownVersion);
        }
        if is_bech32m != (version.to_u8() > 0) {
            return Err(Reason::ChecksumVariant);
        }
        rest.remove_witness_version();
        if rest.validate_segwit_padding().is_err() || rest.validate_witness_program_length(version).is_err() {
            return Err(Reason::WitnessProgram);
        }
        Ok(Self { version: version.to_u8(), rest })
    }

    /// Refuses an address of a network other than that of this human-readable part, in lower case.
    pub(super) fn require_network(&self, human_readable: &str) -> Result<(), Reason> {
        if self.rest.hrp().lowercase_char_iter().eq(human_readable.chars()) {
            Ok(())
        } else {
            Err(Reason::WrongNetwork)
        }
    }

    /// Returns the 2 to 40 bytes that the version gives a meaning to.
    pub(super) fn program(&self) -> impl Iterator<Item = u8> + '_ {
        self.rest.byte_iter()
    }
}

fn reason_of(error: UncheckedHrpstringError) -> Reason {
    match error {
        UncheckedHrpstringError::Char(CharError::MixedCase) => Reason::MixedCase,
        UncheckedHrpstringError::Hrp(_) => Reason::WrongNetwork, // empty or too long, so no network's
        _ => Reason::BadCharacter,
    }
}
