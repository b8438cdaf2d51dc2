//! What goes in and out of the package `frost-ristretto255`, for one kind: all of it crosses as bytes.

use std::collections::BTreeMap;

use frost_ristretto255::keys::dkg::{self, round1, round2};
use frost_ristretto255::keys::{
    KeyPackage, PublicKeyPackage, SigningShare, VerifiableSecretSharingCommitment,
};
use frost_ristretto255::rand_core::{self, CryptoRng, RngCore};
use frost_ristretto255::{Error as FrostError, Identifier, Signature as Schnorr};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::container::digest::sha256;
use crate::container::secret_hex::SecretHex;
use crate::oprf::{Element, PublicShare};
use crate::terms::{KindId, Signature};

/// What a custodian tells all in step 1, of one kind.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Committed {
    pub(super) kind: KindId,
    /// Its polynomial's coefficients, each times G: as many as the threshold says.
    pub(super) commitment: Vec<Element>,
    /// A proof that it knows the first coefficient.
    pub(super) proof: Signature,
}

/// Why a step failed: by the place of whom, if it is somebody's fault.
pub(super) struct Fault(pub(super) Option<usize>);

/// A custodian's own part, of one kind.
pub(super) struct Own {
    place: usize,
    holders: usize,
    secret: round1::SecretPackage,
    package: round1::Package,
}

/// The key of one kind, as its custodians know it after the last step.
pub(super) struct Made {
    pub(super) share: SecretHex,
    pub(super) key: Element,
    pub(super) shares: Vec<PublicShare>,
}

/// Custodians have the identifiers 1 to n, in order of name.
fn identifier(place: usize) -> Identifier {
    let index = u16::try_from(place + 1).expect("at most 255 custodians");
    Identifier::try_from(index).expect("an identifier above 0")
}

/// Random bytes of a seed: SHA-256("veilmatch/2 ceremony drawn" || seed || u64(number of the block)), block after block.
// A generator of a package would keep copies of the seed and of what it drew, and not wipe them.
struct Drawn<'a> {
    seed: &'a [u8; 32],
    block: u64,
}

impl RngCore for Drawn<'_> {
    fn next_u32(&mut self) -> u32 {
        rand_core::impls::next_u32_via_fill(self)
    }

    fn next_u64(&mut self) -> u64 {
        rand_core::impls::next_u64_via_fill(self)
    }

    fn fill_bytes(&mut self, out: &mut [u8]) {
        for out in out.chunks_mut(32) {
            let block = [b"veilmatch/2 ceremony drawn", &self.seed[..], &self.block.to_be_bytes()];
            out.copy_from_slice(&Zeroizing::new(sha256(&block))[..out.len()]);
            self.block += 1;
        }
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), rand_core::Error> {
        self.fill_bytes(out);
        Ok(())
    }
}

/// The seed is secret, and SHA-256 of it and a number is not told apart from random bytes.
impl CryptoRng for Drawn<'_> {}

impl Fault {
    fn of(error: FrostError, holders: usize) -> Self {
        let culprits = error.culprits();
        Self((0..holders).find(|place| culprits.contains(&identifier(*place))))
    }
}

impl Own {
    /// Draws the own polynomial from a seed: the same for the same seed.
    pub(super) fn draw(
        seed: &Zeroizing<[u8; 32]>,
        place: usize,
        holders: usize,
        threshold: usize,
    ) -> Result<Self, Fault> {
        let random = Drawn { seed, block: 0 };
        let (secret, package) = dkg::part1(identifier(place), holders as u16, threshold as u16, random)
            .map_err(|error| Fault::of(error, holders))?;
        Ok(Self { place, holders, secret, package })
    }

    pub(super) fn committed(&self, kind: KindId) -> Result<Committed, Fault> {
        let broken = |error| Fault::of(error, self.holders);
        let commitment = self.package.commitment().serialize().map_err(broken)?;
        let proof = self.package.proof_of_knowledge().serialize().map_err(broken)?;
        let element = |bytes: Vec<u8>| Some(Element(bytes.try_into().ok()?));
        Ok(Committed {
            kind,
            commitment: commitment.into_iter().map(element).collect::<Option<_>>().ok_or(Fault(None))?,
            proof: Signature(proof.try_into().map_err(|_| Fault(None))?),
        })
    }

    /// Does step 2 with what all told in step 1, in order of place. Returns what is dealt to each other custodian.
    pub(super) fn deal(
        &self,
        told: &[&Committed],
    ) -> Result<(round2::SecretPackage, Vec<(usize, SecretHex)>), Fault> {
        let packages = self.packages(told)?;
        let (secret, dealt) =
            dkg::part2(self.secret.clone(), &packages).map_err(|error| Fault::of(error, self.holders))?;
        let others = (0..self.holders).filter(|place| *place != self.place);
        let dealt = others.map(|place| {
            let bytes = Zeroizing::new(dealt[&identifier(place)].signing_share().serialize());
            (place, SecretHex::of(&bytes))
        });
        Ok((secret, dealt.collect()))
    }

    /// Does step 3 with what was told in step 1, and what each other custodian dealt this one, by its place.
    pub(super) fn make(&self, told: &[&Committed], dealt: &[(usize, &SecretHex)]) -> Result<Made, Fault> {
        let (secret, _) = self.deal(told)?;
        let share = |(place, share): &(usize, &SecretHex)| {
            let share = SigningShare::deserialize(&**share.0).map_err(|_| Fault(Some(*place)))?;
            Ok((identifier(*place), round2::Package::new(share)))
        };
        let dealt: BTreeMap<_, _> = dealt.iter().map(share).collect::<Result<_, Fault>>()?;
        let made = dkg::part3(&secret, &self.packages(told)?, &dealt);
        let (own, public) = made.map_err(|error| Fault::of(error, self.holders))?;
        self.made(&own, &public).ok_or(Fault(None))
    }

    fn made(&self, own: &KeyPackage, public: &PublicKeyPackage) -> Option<Made> {
        let share = |place| {
            let key = public.verifying_shares().get(&identifier(place))?.serialize().ok()?;
            Some(PublicShare { index: place as u16 + 1, key: Element(key.try_into().ok()?) })
        };
        Some(Made {
            share: SecretHex::of(&Zeroizing::new(own.signing_share().serialize())),
            key: Element(public.verifying_key().serialize().ok()?.try_into().ok()?),
            shares: (0..self.holders).map(share).collect::<Option<_>>()?,
        })
    }

    /// Reads what the others told in step 1.
    fn packages(&self, told: &[&Committed]) -> Result<BTreeMap<Identifier, round1::Package>, Fault> {
        let needed = usize::from(*self.secret.min_signers());
        let package = |(place, told): (usize, &&Committed)| {
            let commitment =
                VerifiableSecretSharingCommitment::deserialize(told.commitment.iter().map(|of| of.0));
            match (commitment, Schnorr::deserialize(&told.proof.0)) {
                (Ok(commitment), Ok(proof)) if told.commitment.len() == needed => {
                    Ok((identifier(place), round1::Package::new(commitment, proof)))
                }
                _ => Err(Fault(Some(place))),
            }
        };
        let others = told.iter().enumerate().filter(|(place, _)| *place != self.place);
        others.map(package).collect()
    }
}

#[cfg(test)]
mod tests;
