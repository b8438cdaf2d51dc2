//! The file `custody.json`: its fields and spelling, and which custodians have signed it.

use serde::{Deserialize, Serialize};

use crate::container::{Signer, signature};
use crate::error::Error;
use crate::oprf::{Custody, Element, PublicShare};
use crate::terms::{CustodyDigest, KindId, MAX_INTEGER, Name, Signature};

use super::ceremony::Fields;
use super::{Ceremony, PublicCustody};

/// The word under which custodians sign.
const WORD: &str = "custody";

/// The file, field by field.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    format: String,
    ceremony: Fields,
    generation: u64,
    keys: Vec<Key>,
    /// In the custodians' order.
    signatures: Vec<Option<Signature>>,
}

/// The key of one kind.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Key {
    kind: KindId,
    key: Element,
    /// VKᵢ, in the custodians' order.
    shares: Vec<Element>,
}

/// A `custody.json` that some custodians have signed, or all: it counts only when all have.
///
/// Each custodian ends the ceremony with one that it alone has signed. Together they are the file of all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedCustody {
    ceremony: Ceremony,
    generation: u64,
    keys: Vec<Custody>,
    /// In the custodians' order.
    signatures: Vec<Option<Signature>>,
}

impl SignedCustody {
    /// The value of the field `format`.
    pub const FORMAT: &'static str = "veilmatch custody 1";

    /// Longest file, in bytes: 32 kinds among 255 custodians.
    pub const MAX_LEN: usize = 1 << 20;

    /// Takes the key of each kind, in the ceremony's order, as nobody has signed it yet.
    #[cfg(feature = "custodian")]
    pub(crate) fn unsigned(ceremony: Ceremony, generation: u64, keys: Vec<Custody>) -> Self {
        let signatures = vec![None; ceremony.custodians().len()];
        Self { ceremony, generation, keys, signatures }
    }

    /// Reads a file, which has one spelling, and checks all of it. Any number of custodians may have signed it.
    ///
    /// # Errors
    ///
    /// [`Error::Custody`] for another form, and where a condition of the ceremony does not hold; [`Error::At`] a kind,
    /// [`Error::Oprf`] as [`Custody::new`]; at a custodian, [`Error::Signature`].
    pub fn read(bytes: &[u8]) -> Result<Self, Error> {
        let wrong = |expected| Error::Custody { expected };
        if bytes.len() > Self::MAX_LEN {
            return Err(wrong("public keys of custodians of at most 1 MiB"));
        }
        let expected = "public keys of custodians: JSON with the known fields, each once and well formed";
        let file: File = serde_json::from_slice(bytes).map_err(|_| wrong(expected))?;
        let ceremony = Ceremony::of(file.ceremony)?;
        let holders = ceremony.custodians().len();
        let kinds = ceremony.kinds().iter().map(|of| &of.kind);
        if file.format != Self::FORMAT
            || !(1..=MAX_INTEGER).contains(&file.generation)
            || !kinds.eq(file.keys.iter().map(|of| &of.kind))
            || file.keys.iter().any(|of| of.shares.len() != holders)
            || file.signatures.len() != holders
        {
            return Err(wrong(
                "the format `veilmatch custody 1`, a generation from 1, a key for each kind of the ceremony, and a share and a \
                 place for a signature for each custodian",
            ));
        }
        let keys = file.keys.iter().map(|of| {
            let shares = (1..).zip(&of.shares).map(|(index, key)| PublicShare { index, key: *key });
            let checked = Custody::new(of.key, ceremony.threshold(), shares.collect());
            checked.map_err(|error| error.at(of.kind.as_str()))
        });
        let keys = keys.collect::<Result<_, _>>()?;
        let signed = Self { ceremony, generation: file.generation, keys, signatures: file.signatures };
        if signed.to_bytes() != bytes {
            return Err(wrong("the fields in their one order and spelling, each once"));
        }
        signed.verify()?;
        Ok(signed)
    }

    fn verify(&self) -> Result<(), Error> {
        let digest = self.signed_digest();
        for (custodian, signed) in self.ceremony.custodians().iter().zip(&self.signatures) {
            if let Some(signed) = signed {
                signature::verify(custodian.keys.sign, WORD, &digest, &signed.0)
                    .map_err(|error| error.at(custodian.name.as_str()))?;
            }
        }
        Ok(())
    }

    /// Returns the file: JSON, indented, so that people can read it too.
    pub fn to_bytes(&self) -> Vec<u8> {
        let key = |(of, key): (&super::KindQuota, &Custody)| {
            let index = 1..=self.signatures.len() as u16; // at most 255
            let shares = index.map(|index| key.share(index).expect("each custodian has a share").key);
            Key { kind: of.kind.clone(), key: *key.key(), shares: shares.collect() }
        };
        let file = File {
            format: Self::FORMAT.to_owned(),
            ceremony: self.ceremony.fields().clone(),
            generation: self.generation,
            keys: self.ceremony.kinds().iter().zip(&self.keys).map(key).collect(),
            signatures: self.signatures.clone(),
        };
        let mut bytes = serde_json::to_vec_pretty(&file).expect("text keys and integers always serialise");
        bytes.push(b'\n');
        bytes
    }

    /// Returns what the custodians agreed to before they made the keys.
    pub fn ceremony(&self) -> &Ceremony {
        &self.ceremony
    }

    /// Returns the digest of the fixed part: SHA-256("veilmatch/2 custody" || digest of the ceremony || PK of each kind).
    pub fn digest(&self) -> CustodyDigest {
        let keys: Vec<u8> = self.keys.iter().flat_map(|key| key.key().0).collect();
        CustodyDigest(super::digest("veilmatch/2 custody", &[&self.ceremony.digest().0, &keys]))
    }

    /// Returns what is signed: SHA-256("veilmatch/2 generation" || digest of the fixed part || u64(generation) || VKᵢ of each kind
    /// and custodian).
    fn signed_digest(&self) -> [u8; 32] {
        let shares = self.keys.iter().flat_map(|key| {
            let index = 1..=self.signatures.len() as u16;
            index.flat_map(|index| key.share(index).expect("each custodian has a share").key.0)
        });
        let (shares, generation) = (shares.collect::<Vec<u8>>(), self.generation.to_be_bytes());
        super::digest("veilmatch/2 generation", &[&self.digest().0, &generation, &shares])
    }

    /// Signs it as one of the custodians.
    ///
    /// # Errors
    ///
    /// [`Error::Custody`] for a name that is none of the custodians; [`Error::WrongSigner`] for another's key; those of the
    /// signer, and [`Error::Signature`] where it does not sign well.
    pub fn sign(&mut self, name: &Name, signer: &dyn Signer) -> Result<(), Error> {
        let place = self.ceremony.place(name)?;
        let key = signer.key();
        if self.ceremony.custodians()[place].keys.sign != key {
            return Err(Error::WrongSigner { by: name.as_str().to_owned(), key });
        }
        let signed = signature::sign(signer, WORD, &self.signed_digest())?;
        self.signatures[place] = Some(Signature(signed));
        Ok(())
    }

    /// Takes the signatures of another file of the same keys.
    ///
    /// # Errors
    ///
    /// [`Error::Custody`] where the other has another ceremony, generation or keys.
    pub fn join(&mut self, other: &Self) -> Result<(), Error> {
        if (&self.ceremony, self.generation, &self.keys) != (&other.ceremony, other.generation, &other.keys) {
            let expected =
                "the keys that the other custodians signed, got others: they did not end the same ceremony";
            return Err(Error::Custody { expected });
        }
        for (own, other) in self.signatures.iter_mut().zip(&other.signatures) {
            *own = own.or(*other);
        }
        Ok(())
    }

    /// Returns the custodians that have not signed, in order.
    pub fn missing(&self) -> impl Iterator<Item = &Name> {
        let places = self.ceremony.custodians().iter().zip(&self.signatures);
        places.filter(|(_, signed)| signed.is_none()).map(|(custodian, _)| &custodian.name)
    }

    /// Returns what counts once all have signed.
    ///
    /// # Errors
    ///
    /// [`Error::Unsigned`], with the first custodian that has not signed.
    pub fn complete(self) -> Result<PublicCustody, Error> {
        if let Some(name) = self.missing().next() {
            return Err(Error::Unsigned { by: name.as_str().to_owned() });
        }
        let digest = self.digest();
        Ok(PublicCustody::of(self.ceremony, digest, self.generation, self.keys))
    }
}
