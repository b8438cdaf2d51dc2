//! The slip: the hub's word that a member has a part in a trail, for an authority.

use crate::container::digest::sha256;
use crate::container::{Signer, signature};
use crate::error::Error;
use crate::round::Round;
use crate::terms::{Name, RoundDigest, Signature, TrailId};

/// What the hub states about one trail and one of its members. A member shows it to an authority, and the authority sees
/// by it that the statements of several members are of one trail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slip {
    /// The round.
    pub round: RoundDigest,
    /// The trail.
    pub trail: TrailId,
    /// The member to which the slip was given.
    pub recipient: Name,
    /// Number of members of the trail.
    pub members: u64,
    /// The members of the trail, in order of name, if the manifest allows it.
    pub names: Option<Vec<Name>>,
}

impl Slip {
    /// SHA-256("veilmatch/1 slip" || round || trail || lp(recipient) || u64(members) || u64(number of names) || lp(name)…)
    fn digest(&self) -> [u8; 32] {
        let mut text = Vec::new();
        let lp = |text: &mut Vec<u8>, name: &Name| {
            text.extend_from_slice(&(name.as_str().len() as u16).to_be_bytes());
            text.extend_from_slice(name.as_str().as_bytes());
        };
        lp(&mut text, &self.recipient);
        text.extend_from_slice(&self.members.to_be_bytes());
        let names = self.names.as_deref().unwrap_or_default();
        text.extend_from_slice(&(names.len() as u64).to_be_bytes());
        names.iter().for_each(|name| lp(&mut text, name));
        sha256(&[b"veilmatch/1 slip", &self.round.0, &self.trail.0, &text])
    }

    /// Signs the slip as the hub.
    ///
    /// # Errors
    ///
    /// Those of the signer, and [`Error::Signature`] where it does not sign well.
    pub fn sign(&self, signer: &dyn Signer) -> Result<Signature, Error> {
        Ok(Signature(signature::sign(signer, "slip", &self.digest())?))
    }

    /// Refuses a slip that the hub of the round did not sign. A trial round has no signatures.
    ///
    /// # Errors
    ///
    /// [`Error::Trail`] for a slip of another round, or one whose members and names cannot be; [`Error::Unsigned`],
    /// [`Error::Signature`].
    pub fn require(&self, round: &Round, signed: Option<Signature>) -> Result<(), Error> {
        if self.round != round.digest() {
            return Err(Error::Trail { expected: "a slip of this round" });
        }
        let named = self.names.as_ref().is_none_or(|names| {
            names.len() as u64 == self.members
                && names.is_sorted_by(|a, b| a < b)
                && names.contains(&self.recipient)
        });
        if !named {
            return Err(Error::Trail { expected: "the members' names in order, the recipient among them" });
        }
        match (&round.manifest().hub, signed) {
            (None, _) => Ok(()), // a trial
            (Some(_), None) => Err(Error::Unsigned { by: "the hub".to_owned() }),
            (Some(hub), Some(signed)) => signature::verify(hub.sign, "slip", &self.digest(), &signed.0),
        }
    }
}
