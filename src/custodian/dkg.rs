//! The three steps in which custodians make their keys: the distributed key generation of FROST, once for each kind.
//!
//! ```text
//! step 1   each tells all: its polynomial times G, and a proof that it knows it       public
//! step 2   each deals each other one its point of the polynomial                      sealed
//! step 3   each adds up its points: its share of the key; and signs what is public
//! ```

mod frost;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::container::digest::sha256;
use crate::container::private_file::Wording;
use crate::custody::{Ceremony, SignedCustody};
use crate::error::Error;
use crate::oprf::Custody;
use crate::round::identity::Identity;
use crate::round::seal;
use crate::terms::{CeremonyDigest, ContentDigest, Name};

use super::document::{self, Sort};
use super::share::OfKind;
use super::{Seed, Share, opened, sealed};
use frost::{Committed, Fault, Own};

const STEP_1: Sort = Sort {
    title: "veilmatch ceremony commitment 1\n",
    word: "ceremony-commitment",
    expected: "a file of step 1, which begins `veilmatch ceremony commitment 1`, or a sealed one of step 2",
};

const STEP_2: Sort = Sort {
    title: "veilmatch ceremony share 1\n",
    word: "ceremony-share",
    expected: "a file of step 2, which begins `veilmatch ceremony share 1`",
};

const TOO_LONG: Wording = Wording {
    error: |expected| Error::Custody { expected },
    expected: "a file of a ceremony of at most 1 MiB",
};

/// What a custodian tells all in step 1; the order of the fields is part of the format.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Told {
    ceremony: CeremonyDigest,
    from: Name,
    kinds: Vec<Committed>,
}

/// What a custodian deals another in step 2; the order of the fields is part of the format.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Dealt {
    ceremony: CeremonyDigest,
    from: Name,
    to: Name,
    /// Digest of all files of step 1, as the sender saw them.
    seen: ContentDigest,
    kinds: Vec<OfKind>,
}

/// A file of step 1 or 2 that a custodian has read: of its ceremony, and signed by who sent it.
pub struct StepFile {
    from: usize,
    what: What,
}

impl StepFile {
    /// Longest file, in bytes: 32 kinds and a threshold of 255 take half of it.
    pub const MAX_LEN: usize = document::MAX_LEN;
}

enum What {
    Told(Told, [u8; 32]),
    Dealt(Dealt, [u8; 32]),
}

/// One custodian's part in the making of the keys.
pub struct Dkg<'a> {
    ceremony: &'a Ceremony,
    place: usize,
    identity: &'a Identity,
    /// What the custodian draws for each kind.
    own: Vec<Own>,
}

/// What all told in step 1.
struct AllTold<'a> {
    /// In order of place.
    told: Vec<&'a Told>,
    seen: ContentDigest,
}

impl<'a> Dkg<'a> {
    /// Begins, or goes on: with the same seed every step makes the same.
    ///
    /// # Errors
    ///
    /// [`Error::Custody`] for a name that is none of the ceremony's custodians, or for the keys of another.
    pub fn new(
        ceremony: &'a Ceremony,
        name: &Name,
        identity: &'a Identity,
        seed: &Seed,
    ) -> Result<Self, Error> {
        let place = ceremony.place(name)?;
        if ceremony.custodians()[place].keys != identity.public_keys() {
            let expected = "the key file whose public keys the ceremony has for this custodian";
            return Err(Error::Custody { expected }.at(name.as_str()));
        }
        seed.require_of(ceremony)?; // with the seed of another, two polynomials would have coefficients in common
        let (holders, threshold) = (ceremony.custodians().len(), ceremony.threshold());
        let own =
            ceremony.kinds().iter().map(|of| Own::draw(&seed.of_kind(&of.kind), place, holders, threshold));
        let own = own.collect::<Result<_, Fault>>();
        let mut dkg = Self { ceremony, place, identity, own: Vec::new() };
        dkg.own = own.map_err(|fault| dkg.blame(fault, "a polynomial"))?;
        Ok(dkg)
    }

    fn name(&self, place: usize) -> &Name {
        &self.ceremony.custodians()[place].name
    }

    fn blame(&self, fault: Fault, expected: &'static str) -> Error {
        let error = Error::Custody { expected };
        match fault.0 {
            Some(place) => error.at(self.name(place).as_str()),
            None => error,
        }
    }

    /// Returns the file of step 1, which is for all and public.
    ///
    /// # Errors
    ///
    /// [`Error::Signature`] where the identity does not sign well.
    pub fn step_1(&self) -> Result<Vec<u8>, Error> {
        Ok(document::write(&STEP_1, &self.told()?, self.identity, 0)?.to_vec())
    }

    fn told(&self) -> Result<Told, Error> {
        let each = self.own.iter().zip(self.ceremony.kinds()).map(|(own, of)| own.committed(of.kind.clone()));
        let kinds = each.collect::<Result<_, _>>().map_err(|fault| self.blame(fault, "a commitment"))?;
        Ok(Told { ceremony: self.ceremony.digest(), from: self.name(self.place).clone(), kinds })
    }

    /// Reads a file that another custodian made in step 1, or dealt this one in step 2.
    ///
    /// # Errors
    ///
    /// [`Error::Format`]; [`Error::Seal`] for a file that is sealed to another; [`Error::Custody`] for a file of another
    /// ceremony, or that is for another custodian; at the sender's name, [`Error::Signature`].
    pub fn read(&self, bytes: &[u8]) -> Result<StepFile, Error> {
        if seal::is_sealed(bytes) {
            let text = opened(self.identity, bytes, document::MAX_LEN, &TOO_LONG)?;
            let unverified = document::read::<Dealt>(&STEP_2, &text)?;
            let from = self.sender(unverified.content.ceremony, &unverified.content.from)?;
            let (dealt, digest) = self.verified(unverified, &STEP_2, from)?;
            if dealt.to != *self.name(self.place) {
                return Err(Error::Custody { expected: "a file of step 2 for this custodian" });
            }
            self.require_kinds(from, dealt.kinds.iter().map(|of| &of.kind))?;
            return Ok(StepFile { from, what: What::Dealt(dealt, digest) });
        }
        if bytes.len() > document::MAX_LEN {
            return Err(TOO_LONG.malformed());
        }
        let unverified = document::read::<Told>(&STEP_1, bytes)?;
        let from = self.sender(unverified.content.ceremony, &unverified.content.from)?;
        let (told, digest) = self.verified(unverified, &STEP_1, from)?;
        self.require_kinds(from, told.kinds.iter().map(|of| &of.kind))?;
        Ok(StepFile { from, what: What::Told(told, digest) })
    }

    fn sender(&self, ceremony: CeremonyDigest, from: &Name) -> Result<usize, Error> {
        if ceremony != self.ceremony.digest() {
            return Err(Error::Custody { expected: "a file of this ceremony, got one of another" });
        }
        self.ceremony.place(from)
    }

    fn verified<T>(
        &self,
        unverified: document::Unverified<T>,
        sort: &Sort,
        from: usize,
    ) -> Result<(T, [u8; 32]), Error> {
        let verified = unverified.verify(sort, self.ceremony.custodians()[from].keys.sign);
        verified.map_err(|error| error.at(self.name(from).as_str()))
    }

    fn require_kinds<'k>(
        &self,
        from: usize,
        kinds: impl Iterator<Item = &'k crate::terms::KindId>,
    ) -> Result<(), Error> {
        match kinds.eq(self.ceremony.kinds().iter().map(|of| &of.kind)) {
            true => Ok(()),
            false => Err(self.wrong(from, "every kind of the ceremony, in order")),
        }
    }

    fn wrong(&self, place: usize, expected: &'static str) -> Error {
        self.blame(Fault(Some(place)), expected)
    }

    /// Returns what is dealt to each other custodian, sealed to it, with its name. It needs the files of step 1 of all others.
    ///
    /// # Errors
    ///
    /// [`Error::Custody`] at a custodian's name: its file of step 1 is missing, there are two that differ, or its proof does not
    /// hold; [`Error::Random`], [`Error::Seal`].
    pub fn step_2(&self, files: &[StepFile]) -> Result<Vec<(Name, Vec<u8>)>, Error> {
        let own = self.told()?;
        let all = self.all_told(&own, files)?;
        let mut for_each: Vec<Vec<OfKind>> = self.ceremony.custodians().iter().map(|_| Vec::new()).collect();
        for (at, own) in self.own.iter().enumerate() {
            let dealt = own.deal(&all.of_kind(at)).map_err(|fault| self.blame_told(fault))?;
            for (to, share) in dealt.1 {
                for_each[to].push(OfKind { kind: self.ceremony.kinds()[at].kind.clone(), share });
            }
        }
        let others = for_each.into_iter().enumerate().filter(|(to, _)| *to != self.place);
        let file = |(to, kinds): (usize, Vec<OfKind>)| {
            let (ceremony, from) = (self.ceremony.digest(), self.name(self.place).clone());
            let custodian = &self.ceremony.custodians()[to];
            let room = 1024 + 256 * kinds.len();
            let dealt = Dealt { ceremony, from, to: custodian.name.clone(), seen: all.seen, kinds };
            let text: Zeroizing<Vec<u8>> = document::write(&STEP_2, &dealt, self.identity, room)?;
            Ok((custodian.name.clone(), sealed(&custodian.keys.seal, &text)?))
        };
        others.map(file).collect()
    }

    fn blame_told(&self, fault: Fault) -> Error {
        self.blame(fault, "in step 1 as many elements as the threshold, and a proof that it knows the first one's logarithm")
    }

    /// Returns this custodian's shares, and what is public of the keys, signed by it. It needs the files of steps 1 and 2 of all
    /// others.
    ///
    /// # Errors
    ///
    /// As [`Dkg::step_2`]; [`Error::Custody`] at the name of a custodian whose file of step 2 is missing, or there are two that
    /// differ; that saw other files of step 1; or that dealt a share which is not on the polynomial of its step 1.
    pub fn step_3(&self, seed: &Seed, files: &[StepFile]) -> Result<(Share, SignedCustody), Error> {
        seed.require_of(self.ceremony)?;
        let own = self.told()?;
        let all = self.all_told(&own, files)?;
        let dealt = self.all_dealt(all.seen, files)?;
        let (mut shares, mut keys) = (Vec::new(), Vec::new());
        for (at, own) in self.own.iter().enumerate() {
            let of_kind: Vec<_> = dealt.iter().map(|(from, dealt)| (*from, &dealt.kinds[at].share)).collect();
            let expected =
                "a share on the polynomial that it told all in step 1: its file of step 2 is the evidence";
            let made = own.make(&all.of_kind(at), &of_kind).map_err(|fault| self.blame(fault, expected))?;
            let kind = self.ceremony.kinds()[at].kind.clone();
            keys.push(Custody::new(made.key, self.ceremony.threshold(), made.shares)?);
            shares.push(OfKind { kind, share: made.share });
        }
        let name = self.name(self.place);
        let mut public = SignedCustody::unsigned(self.ceremony.clone(), FIRST, keys);
        public.sign(name, self.identity)?;
        let who = (name.clone(), self.place as u16 + 1);
        let share = Share::new((public.digest(), FIRST), who, seed.ledger(), shares)?;
        Ok((share, public))
    }

    /// Puts what all told in order.
    fn all_told<'f>(&self, own: &'f Told, files: &'f [StepFile]) -> Result<AllTold<'f>, Error> {
        let mut told: Vec<Option<(&Told, [u8; 32])>> = vec![None; self.ceremony.custodians().len()];
        let own_file = self.read(&self.step_1()?)?;
        let What::Told(_, own_digest) = own_file.what else { unreachable!("a file of step 1") };
        told[self.place] = Some((own, own_digest));
        for file in files {
            let What::Told(other, digest) = &file.what else { continue };
            match &told[file.from] {
                Some((_, known)) if known != digest => {
                    let expected = "one file of step 1, got two that differ: who signed both told it differently to others";
                    return Err(self.wrong(file.from, expected));
                }
                _ => told[file.from] = Some((other, *digest)),
            }
        }
        if let Some(missing) = told.iter().position(Option::is_none) {
            return Err(self.wrong(missing, "its file of step 1"));
        }
        let (told, digests): (Vec<&Told>, Vec<[u8; 32]>) = told.into_iter().flatten().unzip();
        let seen = ContentDigest(sha256(&[b"veilmatch/2 ceremony seen", &digests.concat()]));
        Ok(AllTold { told, seen })
    }

    /// Puts what each other custodian dealt this one in order, with its place.
    fn all_dealt<'f>(
        &self,
        seen: ContentDigest,
        files: &'f [StepFile],
    ) -> Result<Vec<(usize, &'f Dealt)>, Error> {
        let others = (0..self.ceremony.custodians().len()).filter(|place| *place != self.place);
        let dealt = others.map(|place| {
            let mut of = files.iter().filter(|file| file.from == place).filter_map(|file| match &file.what {
                What::Dealt(dealt, digest) => Some((dealt, digest)),
                What::Told(..) => None,
            });
            let (dealt, digest) = of.next().ok_or_else(|| self.wrong(place, "its file of step 2"))?;
            // Dealt again, it is sealed anew and says the same.
            if of.any(|(_, other)| other != digest) {
                return Err(self.wrong(place, "one file of step 2, got two that differ"));
            }
            if dealt.seen != seen {
                let expected = "the files of step 1 that this custodian has, got the digest of others: somebody told step 1 \
                                differently to the two, and comparing their files shows who";
                return Err(self.wrong(place, expected));
            }
            Ok((place, dealt))
        });
        dealt.collect()
    }
}

/// The generation of shares that a ceremony makes.
const FIRST: u64 = 1;

impl<'a> AllTold<'a> {
    fn of_kind(&self, at: usize) -> Vec<&'a Committed> {
        self.told.iter().map(|told| &told.kinds[at]).collect()
    }
}

impl std::fmt::Debug for StepFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StepFile").field("from", &self.from).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Dkg<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Dkg").field("place", &self.place).finish_non_exhaustive()
    }
}
