//! Witness addresses in bech32 and bech32m (BIP-173, BIP-350), whatever their network.

use bech32::primitives::decode::{CharError, CheckedHrpstring, UncheckedHrpstring, UncheckedHrpstringError};
use bech32::{Bech32, Bech32m, Checksum as _, Fe32};

use crate::outcome::Reason;

use super::alphabet;

/// Longest bech32 string (BIP-173).
pub(super) const MAX_ADDRESS: usize = 90;

/// Number of characters of a checksum, in both variants.
const CHECKSUM: usize = 6;

static VALUES: [u8; 256] = alphabet::values(b"qpzry9x8gf2tvdw0s3jn54khce6mua7l", true);

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
        let is_bech32m = match remainder(&unchecked) {
            Bech32::TARGET_RESIDUE => false,
            Bech32m::TARGET_RESIDUE => true,
            _ => return Err(Reason::Checksum),
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

/// Returns what BIP-173 calls `polymod`, which tells the variant: the package's takes a branch for each bit.
fn remainder(address: &UncheckedHrpstring<'_>) -> u32 {
    const GENERATORS: [u32; 5] = Bech32::GENERATOR_SH;
    /// The sum of the generators whose bits are set.
    const SUMS: [u32; 32] = {
        let mut sums = [0; 32];
        let mut bits = 1;
        while bits < sums.len() {
            let lowest = bits.trailing_zeros() as usize;
            sums[bits] = sums[bits & (bits - 1)] ^ GENERATORS[lowest];
            bits += 1;
        }
        sums
    };
    let hrp = address.hrp();
    let letters = || hrp.lowercase_byte_iter();
    let data = address.data_part_ascii().iter().map(|byte| VALUES[usize::from(*byte)]);
    let values =
        letters().map(|byte| byte >> 5).chain([0]).chain(letters().map(|byte| byte & 0x1f)).chain(data);
    values.fold(1, |remainder, value| {
        (remainder & 0x01ff_ffff) << 5 ^ u32::from(value) ^ SUMS[(remainder >> 25) as usize]
    })
}

fn reason_of(error: UncheckedHrpstringError) -> Reason {
    match error {
        UncheckedHrpstringError::Char(CharError::MixedCase) => Reason::MixedCase,
        UncheckedHrpstringError::Hrp(_) => Reason::WrongNetwork, // empty or too long, so no network's
        _ => Reason::BadCharacter,
    }
}
