//! Custodians: how they make a key among them, what is public of it, and every cheat.
#![cfg(feature = "custodian")]

mod ceremony;
mod cheats;
mod public;

use std::sync::OnceLock;

use veilmatch::Error;
use veilmatch::custodian::{Dkg, Seed, Share, StepFile};
use veilmatch::custody::{Ceremony, Custodian, KindQuota, SignedCustody};
use veilmatch::round::identity::Identity;
use veilmatch::terms::{KindId, Name};

fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

fn kind(text: &str) -> KindId {
    KindId::new(text).unwrap()
}

/// A ceremony and its custodians' keys and seeds, in order of name.
struct World {
    ceremony: Ceremony,
    identities: Vec<Identity>,
    seeds: Vec<Seed>,
}

const NAMES: [&str; 3] = ["auditor", "court", "registry"];

fn custodians(identities: &[Identity]) -> Vec<Custodian> {
    let custodian =
        |(of, identity): (&&str, &Identity)| Custodian { name: name(of), keys: identity.public_keys() };
    NAMES.iter().zip(identities).map(custodian).collect()
}

fn kinds() -> Vec<KindQuota> {
    ["bank.iban/1", "card.pan/1"].map(|of| KindQuota { kind: kind(of), quota: 1000 }).into()
}

impl World {
    /// Three custodians, of whom two are needed, and two kinds.
    fn new() -> Self {
        let identities: Vec<Identity> = NAMES.iter().map(|_| Identity::generate().unwrap()).collect();
        let ceremony = Ceremony::new(name("efc"), 7, 2, kinds(), custodians(&identities)).unwrap();
        let seeds = NAMES.iter().map(|_| Seed::generate(&ceremony).unwrap()).collect();
        Self { ceremony, identities, seeds }
    }

    fn dkg(&self, at: usize) -> Dkg<'_> {
        Dkg::new(&self.ceremony, &name(NAMES[at]), &self.identities[at], &self.seeds[at]).unwrap()
    }

    /// The files of step 1, in order.
    fn told(&self) -> Vec<Vec<u8>> {
        (0..3).map(|at| self.dkg(at).step_1().unwrap()).collect()
    }

    /// What a custodian reads of these files.
    fn read(&self, at: usize, files: &[Vec<u8>]) -> Result<Vec<StepFile>, Error> {
        files.iter().map(|file| self.dkg(at).read(file)).collect()
    }

    /// The files of step 2 for each custodian, where each saw these files of step 1.
    fn dealt(&self, told: [&[Vec<u8>]; 3]) -> [Vec<Vec<u8>>; 3] {
        let mut dealt = [const { Vec::new() }; 3];
        for (at, told) in told.iter().enumerate() {
            for (to, file) in self.dkg(at).step_2(&self.read(at, told).unwrap()).unwrap() {
                dealt[NAMES.iter().position(|name| *name == to.as_str()).unwrap()].push(file);
            }
        }
        dealt
    }

    fn step_3(
        &self,
        at: usize,
        told: &[Vec<u8>],
        dealt: &[Vec<u8>],
    ) -> Result<(Share, SignedCustody), Error> {
        let files = self.read(at, &[told, dealt].concat())?;
        self.dkg(at).step_3(&self.seeds[at], &files)
    }

    /// What every custodian ends with.
    fn made(&self) -> Vec<(Share, SignedCustody)> {
        let told = self.told();
        let dealt = self.dealt([&told, &told, &told]);
        (0..3).map(|at| self.step_3(at, &told, &dealt[at]).unwrap()).collect()
    }
}

/// One ceremony for all tests that change nothing of it, and what its custodians ended with.
fn world() -> &'static (World, Vec<(Share, SignedCustody)>) {
    static WORLD: OnceLock<(World, Vec<(Share, SignedCustody)>)> = OnceLock::new();
    WORLD.get_or_init(|| {
        let world = World::new();
        let made = world.made();
        (world, made)
    })
}

/// What all signed.
fn signed(made: &[(Share, SignedCustody)]) -> SignedCustody {
    let mut all = made[0].1.clone();
    made.iter().for_each(|(_, other)| all.join(other).unwrap());
    all
}

fn refused<T>(result: Result<T, Error>, code: &str, words: &[&str]) {
    let Err(error) = result else { panic!("not refused; expected {words:?}") };
    assert_eq!(error.code(), code, "{error}");
    words.iter().for_each(|word| assert!(error.to_string().contains(word), "{word}: {error}"));
}
