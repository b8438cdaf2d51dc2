//! What is public of custodians and their keys, checked and signed by all of them.

use crate::error::Error;
use crate::oprf;
use crate::round::Manifest;
use crate::terms::{CustodyDigest, KindId, Name};

use super::signed_by::SignedCustody;
use super::{Ceremony, Custodian};

/// What is public of custodians and their keys, as all of them signed it: the file `custody.json`. Checked once.
///
/// It has a fixed part, which lasts for the epoch: ceremony, and the public key of each kind. A generation has the custodians'
/// public shares of these keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicCustody {
    ceremony: Ceremony,
    digest: CustodyDigest,
    generation: u64,
    /// The key of each kind, in the order of the ceremony.
    keys: Vec<oprf::Custody>,
}

impl PublicCustody {
    /// Longest file, in bytes: 32 kinds among 255 custodians.
    pub const MAX_LEN: usize = SignedCustody::MAX_LEN;

    /// Reads the file, which has one spelling, and checks all of it: the conditions of the ceremony, every signature, and that
    /// the shares of each key lie on one polynomial.
    ///
    /// # Errors
    ///
    /// Those of [`SignedCustody::read`] and [`SignedCustody::complete`].
    pub fn read(bytes: &[u8]) -> Result<Self, Error> {
        SignedCustody::read(bytes)?.complete()
    }

    /// Takes what [`SignedCustody`] has checked.
    pub(super) fn of(
        ceremony: Ceremony,
        digest: CustodyDigest,
        generation: u64,
        keys: Vec<oprf::Custody>,
    ) -> Self {
        Self { ceremony, digest, generation, keys }
    }

    /// Returns the digest of the fixed part, which stands in the manifest of a round.
    pub fn digest(&self) -> CustodyDigest {
        self.digest
    }

    /// Returns what the custodians agreed to before they made the keys.
    pub fn ceremony(&self) -> &Ceremony {
        &self.ceremony
    }

    /// Returns the coalition for which the keys are.
    pub fn coalition(&self) -> &Name {
        self.ceremony.coalition()
    }

    /// Returns the epoch for which the keys are.
    pub fn epoch(&self) -> u64 {
        self.ceremony.epoch()
    }

    /// Returns how many custodians are needed, t.
    pub fn threshold(&self) -> usize {
        self.ceremony.threshold()
    }

    /// Returns the number of the generation of shares, from 1.
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// Returns the custodians in order of name. A custodian's index among the holders of the keys is its place here, from 1.
    pub fn custodians(&self) -> &[Custodian] {
        self.ceremony.custodians()
    }

    /// Returns a custodian with its index among the holders of the keys. Names are compared as they are spelt.
    ///
    /// # Errors
    ///
    /// [`Error::Custody`] where it is none of these.
    pub fn custodian(&self, name: &Name) -> Result<(u16, &Custodian), Error> {
        let place = self.ceremony.place(name)?;
        Ok((place as u16 + 1, &self.custodians()[place])) // at most 255 of them
    }

    /// Returns the key of a kind, and how many of its identifiers a member may have evaluated in the epoch, Q; none for a kind
    /// without a key.
    pub fn kind(&self, kind: &KindId) -> Option<(&oprf::Custody, u64)> {
        let kinds = self.ceremony.kinds();
        let at = kinds.binary_search_by(|of| of.kind.cmp(kind)).ok()?;
        Some((&self.keys[at], kinds[at].quota))
    }

    /// Refuses a manifest under which these custodians cannot serve, whatever custody it names.
    ///
    /// # Errors
    ///
    /// [`Error::Custody`] for another coalition or epoch, or a kind without a key; at a custodian's name where it is the hub or
    /// a member too, by name or key: it would learn what custodians are there to keep from it.
    pub fn require_fit(&self, manifest: &Manifest) -> Result<(), Error> {
        let wrong = |expected| Error::Custody { expected };
        if (&manifest.coalition, manifest.epoch) != (self.coalition(), self.epoch()) {
            return Err(wrong("custodians of the coalition and epoch of the round"));
        }
        if let Some(rules) = manifest.kinds.iter().find(|rules| self.kind(&rules.kind).is_none()) {
            return Err(wrong("a key of the custodians for every kind of the round").at(rules.kind.as_str()));
        }
        for custodian in self.custodians() {
            let mut keys =
                manifest.members.iter().filter_map(|member| member.keys.as_ref()).chain(&manifest.hub);
            let has_key =
                keys.any(|keys| keys.sign == custodian.keys.sign || keys.seal == custodian.keys.seal);
            if has_key || manifest.members.iter().any(|member| member.name.same(&custodian.name)) {
                let expected =
                    "a custodian that is neither the hub nor a member of the round, by name or by key";
                return Err(wrong(expected).at(custodian.name.as_str()));
            }
        }
        Ok(())
    }

    /// Refuses a round that was not agreed with these custodians.
    ///
    /// # Errors
    ///
    /// As [`PublicCustody::require_fit`]; [`Error::Custody`] where the manifest names another custody, or none.
    pub fn require_round(&self, manifest: &Manifest) -> Result<(), Error> {
        match manifest.custody {
            Some(digest) if digest == self.digest => self.require_fit(manifest),
            Some(_) => Err(Error::Custody {
                expected: "the custody whose digest the manifest names, got another one",
            }),
            None => Err(Error::Custody {
                expected: "a manifest that names a custody, got one without (round new --custody)",
            }),
        }
    }
}
