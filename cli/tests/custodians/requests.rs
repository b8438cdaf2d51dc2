//! Requests of a bank to a custodian, as the program reads them.

use std::fs;
use std::io::{Cursor, Write as _};
use std::path::PathBuf;

use veilmatch::custody::{PublicCustody, RequestWriter, SignedHead};
use veilmatch::oprf::{Element, Holder};
use veilmatch::round::identity::Identity;
use veilmatch::round::seal;
use veilmatch::terms::{KindId, Name};
use veilmatch::{Metadata, Round};

use crate::ceremony::World;

/// Everybody after the ceremony, with a round of two banks, and one custodian with what it needs to answer.
pub(crate) struct Asked {
    pub(crate) world: World,
    pub(crate) custody: PublicCustody,
    pub(crate) round: Round,
    bank: Identity,
}

/// The custodian that is asked.
pub(crate) const COURT: &str = "court";

impl Asked {
    pub(crate) fn new() -> Self {
        let world = World::new();
        let custody = PublicCustody::read(&world.custody()).unwrap();
        let round = world.agreed(Some(custody.digest()));
        for who in ["bank-a", COURT] {
            fs::write(world.file(who, "round.json"), round.to_bytes()).unwrap();
        }
        let bank = Identity::read_file(&world.file("bank-a", "own.key")).unwrap();
        Self { world, custody, round, bank }
    }

    /// Writes a request with this number of identifiers, sealed to the custodian, into its folder.
    pub(crate) fn ask(&self, name: &str, first: u64, number: u64, heads: Vec<SignedHead>) -> PathBuf {
        let terms = self.round.custody_terms(&KindId::new("card.pan/1").unwrap(), &self.custody).unwrap();
        let mut file = Cursor::new(Vec::new());
        let bank = Name::new("bank-a").unwrap();
        let mut writer = RequestWriter::begin(terms, bank, self.custody.digest(), heads, &mut file).unwrap();
        writer.push(&(first..first + number).map(element).collect::<Vec<_>>()).unwrap();
        writer.finish(&Metadata::default(), Some(&self.bank)).unwrap();
        let (_, court) = self.custody.custodian(&Name::new(COURT).unwrap()).unwrap();
        let mut sealer = seal::seal(&court.keys.seal, Vec::new()).unwrap();
        sealer.write_all(&file.into_inner()).unwrap();
        let path = self.world.file(COURT, name);
        fs::write(&path, sealer.finish().unwrap()).unwrap();
        path
    }

    pub(crate) fn ledger(&self) -> PathBuf {
        self.world.file(COURT, "step-3/court.ledger")
    }
}

/// What the custodian runs to answer these requests.
pub(crate) fn evaluate(out: &str, requests: &str) -> String {
    format!(
        "custodian evaluate --round round.json --custody custody.json --name court --identity own.key --share step-3/court.vmk \
         --ledger step-3/court.ledger --force --out {out} {requests}"
    )
}

/// A public key stands for a blinded identifier: it is an element.
fn element(number: u64) -> Element {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&(number + 1).to_le_bytes());
    Holder::new(1, &mut bytes).unwrap().public().key
}
