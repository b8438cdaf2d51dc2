//! What custodians agree to before they make their keys: its fields, the conditions between them, its one spelling.

use ring::rand::{SecureRandom as _, SystemRandom};
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::oprf::Custody;
use crate::terms::{CeremonyDigest, KindId, MAX_INTEGER, Name, Nonce, PublicKeys};

/// A custodian: it holds a share of each key, and answers members.
///
/// See the example of [`Ceremony`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Custodian {
    /// Its name.
    pub name: Name,
    /// Its keys: one signs what it makes, files are sealed to the other.
    pub keys: PublicKeys,
}

/// A kind for which a key is made, and how often a member may have it evaluated.
///
/// See the example of [`Ceremony`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KindQuota {
    /// The kind.
    pub kind: KindId,
    /// Most identifiers of the kind that one member may have evaluated in the epoch, Q. Of n custodians of whom t are needed,
    /// each answers the t-th part of n of it, rounded down.
    pub quota: u64,
}

/// What custodians agree to before they make a key: who they are, how many of them are needed, for what. It holds no secret.
///
/// ```
/// use veilmatch::custody::{Ceremony, Custodian, KindQuota};
/// use veilmatch::terms::{KindId, Name};
/// # let keys = |sign: &str, seal: &str| {
/// #     format!("veilmatch public keys 1\nsign: {sign}\nseal: {seal}\n").parse::<veilmatch::terms::PublicKeys>()
/// # };
/// # let a = keys("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
/// #     "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj")?;
/// # let b = keys("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
/// #     "age1t7rxyev2z3rw82stdlrrepyc39nvn86l5078zqkf5uasdy86jp6svpy7pa")?;
///
/// let custodians = vec![
///     Custodian { name: Name::new("court")?, keys: a },
///     Custodian { name: Name::new("auditor")?, keys: b },
/// ];
/// let kinds = vec![KindQuota { kind: KindId::new("card.pan/1")?, quota: 1_000_000 }];
/// let ceremony = Ceremony::new(Name::new("efc")?, 7, 2, kinds, custodians)?;
/// assert_eq!(ceremony.custodians()[0].name.as_str(), "auditor"); // in order of name
/// assert_eq!(Ceremony::from_bytes(&ceremony.to_bytes())?, ceremony);
/// # Ok::<(), veilmatch::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ceremony {
    fields: Fields,
    digest: CeremonyDigest,
}

/// The file, field by field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Fields {
    format: String,
    coalition: Name,
    epoch: u64,
    nonce: Nonce,
    threshold: u64,
    kinds: Vec<KindQuota>,
    custodians: Vec<Custodian>,
}

impl Ceremony {
    /// The value of the field `format`.
    pub const FORMAT: &'static str = "veilmatch ceremony 1";

    /// Longest file, in bytes.
    pub const MAX_LEN: usize = 1 << 20;

    /// Most kinds of a ceremony.
    pub const MOST_KINDS: usize = 32;

    /// Makes a ceremony with a fresh nonce, so that no two have the same digest. Puts kinds and custodians in order.
    ///
    /// # Errors
    ///
    /// [`Error::Custody`] where a condition does not hold: a threshold from 2 to the number of custodians, at most 255
    /// custodians with different names and keys, 1 to 32 different kinds, quotas of which each custodian answers one or more;
    /// [`Error::At`] a custodian, those of [`PublicKeys::check`]; [`Error::Random`].
    pub fn new(
        coalition: Name,
        epoch: u64,
        threshold: u64,
        kinds: Vec<KindQuota>,
        custodians: Vec<Custodian>,
    ) -> Result<Self, Error> {
        let mut nonce = Nonce([0; 16]);
        SystemRandom::new().fill(&mut nonce.0).map_err(|_| Error::Random)?;
        let format = Self::FORMAT.to_owned();
        Self::of(Fields { format, coalition, epoch, nonce, threshold, kinds, custodians })
    }

    /// Reads the file of a ceremony, which must be spelt as [`Ceremony::to_bytes`] spells it.
    ///
    /// # Errors
    ///
    /// As [`Ceremony::new`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        if bytes.len() > Self::MAX_LEN {
            return Err(Error::Custody { expected: "a ceremony of at most 1 MiB" });
        }
        // The package's own message can quote what it read.
        let fields = serde_json::from_slice(bytes).map_err(|_| Error::Custody {
            expected: "a ceremony: JSON with the known fields, each once and well formed",
        })?;
        let ceremony = Self::of(fields)?;
        if ceremony.to_bytes() == bytes {
            return Ok(ceremony);
        }
        Err(Error::Custody { expected: "the fields of a ceremony in their one order and spelling" })
    }

    /// Checks the fields, and puts lists in order.
    pub(super) fn of(mut fields: Fields) -> Result<Self, Error> {
        fields.kinds.sort_by(|a, b| a.kind.cmp(&b.kind));
        fields.custodians.sort_by(|a, b| a.name.cmp(&b.name));
        if let Some(expected) = fields.fault() {
            return Err(Error::Custody { expected });
        }
        for custodian in &fields.custodians {
            custodian.keys.check().map_err(|error| error.at(custodian.name.as_str()))?;
        }
        let digest = CeremonyDigest(super::digest("veilmatch/2 ceremony", &[&fields.to_bytes()]));
        Ok(Self { fields, digest })
    }

    pub(super) fn fields(&self) -> &Fields {
        &self.fields
    }

    /// Returns the file: JSON, indented, so that people can read it too.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.fields.to_bytes()
    }

    /// Returns the digest, SHA-256("veilmatch/2 ceremony" || file): custodians compare it over another channel.
    pub fn digest(&self) -> CeremonyDigest {
        self.digest
    }

    /// Returns the coalition for which the keys are made.
    pub fn coalition(&self) -> &Name {
        &self.fields.coalition
    }

    /// Returns the epoch for which the keys are made.
    pub fn epoch(&self) -> u64 {
        self.fields.epoch
    }

    /// Returns how many custodians are needed, t.
    pub fn threshold(&self) -> usize {
        self.fields.threshold as usize // at most the number of custodians
    }

    /// Returns the kinds for which keys are made, in order.
    pub fn kinds(&self) -> &[KindQuota] {
        &self.fields.kinds
    }

    /// Returns the custodians in order of name. A custodian's index among the holders of the keys is its place here, from 1.
    pub fn custodians(&self) -> &[Custodian] {
        &self.fields.custodians
    }

    /// Returns a custodian's place in the order of names, from 0. Names are compared as they are spelt.
    ///
    /// # Errors
    ///
    /// [`Error::Custody`] where it is none of this ceremony.
    pub fn place(&self, name: &Name) -> Result<usize, Error> {
        let found = self.custodians().binary_search_by(|custodian| custodian.name.cmp(name));
        found.map_err(|_| Error::Custody { expected: "a custodian of the ceremony" }.at(name.as_str()))
    }
}

impl Fields {
    fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = serde_json::to_vec_pretty(self).expect("text keys and integers always serialise");
        bytes.push(b'\n');
        bytes
    }

    fn fault(&self) -> Option<&'static str> {
        let (needed, holders) = (self.threshold, self.custodians.len());
        let mut names: Vec<String> =
            self.custodians.iter().map(|custodian| custodian.name.as_str().to_ascii_lowercase()).collect();
        let mut sign: Vec<_> = self.custodians.iter().map(|custodian| custodian.keys.sign).collect();
        let mut seal: Vec<_> = self.custodians.iter().map(|custodian| &custodian.keys.seal).collect();
        names.sort_unstable();
        sign.sort_unstable();
        seal.sort_unstable();
        // A part that is nothing for each would have nobody evaluate anything.
        let answers =
            |quota: u64| quota <= MAX_INTEGER && u128::from(quota) * u128::from(needed) >= holders as u128;
        let checks = [
            (self.format == Ceremony::FORMAT, "the format `veilmatch ceremony 1`"),
            (self.epoch <= MAX_INTEGER, "an epoch of at most 2^53 - 1"),
            ((2..=Custody::MOST_HOLDERS).contains(&holders), "2 to 255 custodians"),
            (
                (2..=holders as u64).contains(&needed),
                "a threshold from 2 to the number of custodians: one custodian alone could try out identifiers",
            ),
            (distinct(&names), "different names for the custodians, ignoring case"),
            (distinct(&sign) && distinct(&seal), "different keys for each custodian"),
            ((1..=Ceremony::MOST_KINDS).contains(&self.kinds.len()), "1 to 32 kinds"),
            (self.kinds.windows(2).all(|pair| pair[0].kind != pair[1].kind), "each kind once"),
            (
                self.kinds.iter().all(|kind| answers(kind.quota)),
                "a quota of at most 2^53 - 1, of which each custodian's part (quota times threshold, divided by the number of \
                 custodians) is 1 or more",
            ),
        ];
        checks.into_iter().find(|(holds, _)| !holds).map(|(_, expected)| expected)
    }
}

fn distinct<T: PartialEq>(sorted: &[T]) -> bool {
    sorted.windows(2).all(|pair| pair[0] != pair[1])
}
