//! Comparing ledgers with each other and with what the hub counted.

use std::collections::BTreeMap;

use crate::custody::PublicCustody;
use crate::error::Error;
use crate::round::handshake;
use crate::terms::{ContentDigest, KindId, Name};

use super::ledger::{Charge, Ledger};

/// What ledgers say of one member and kind in an epoch, and what the hub counted.
///
/// It shows accidents and a key that was stolen. A member that sends more tokens than its rows have, or a hub that lies, evades it:
/// only the quota bounds what can be tried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reconciled {
    /// The member.
    pub member: Name,
    /// The kind.
    pub kind: KindId,
    /// Number of elements that each ledger charged, in the order of the ledgers.
    pub charged: Vec<u64>,
    /// Number of elements of requests that at least as many ledgers have as the threshold says: of these a member can make
    /// tokens.
    pub whole: u64,
    /// Number of elements of requests that fewer ledgers have: they wait for an answer, were split, or a ledger lacks them.
    pub part: u64,
    /// Most identifiers of which the member can have made tokens, however it spread them. A custodian whose ledger is not there
    /// counts as if it had answered all that it may.
    pub most: u64,
    /// Number of tokens that the hub has of the member, if it was given.
    pub tokens: Option<u64>,
    /// Custodians whose ledgers charged the member more than their part of the quota: they did not count.
    pub uncounted: Vec<Name>,
}

impl Reconciled {
    /// Whether the hub has more tokens than can have been made of what was charged: then some were made without the custodians'
    /// counting. Shares were stolen, or a ledger lacks charges.
    pub fn has_strange_tokens(&self) -> bool {
        self.tokens.is_some_and(|tokens| tokens > self.most)
    }

    /// Compares the ledgers of custodians with each other and with the number of distinct tokens that the hub has, or has at
    /// least, of each member and kind. Returns the members and kinds in order.
    ///
    /// Members are told apart by name, ignoring case.
    ///
    /// # Errors
    ///
    /// [`Error::At`] a custodian: [`Error::Custody`] for a ledger of other custodians or several of one, [`Error::WrongSigner`];
    /// [`Error::Ledger`] for a request that two ledgers describe differently.
    pub fn of(
        custody: &PublicCustody,
        ledgers: &[Ledger],
        tokens: &[(Name, KindId, u64)],
    ) -> Result<Vec<Self>, Error> {
        for (at, ledger) in ledgers.iter().enumerate() {
            let earlier = ledgers[..at].iter().any(|earlier| earlier.custodian() == ledger.custodian());
            require_of(custody, ledger, earlier).map_err(|error| error.at(ledger.custodian().as_str()))?;
        }
        let requests = requests(ledgers)?;
        let key = |member: &Name, kind: &KindId| (member.as_str().to_ascii_lowercase(), kind.clone());
        let mut names: BTreeMap<(String, KindId), &Name> = BTreeMap::new();
        let charges = ledgers.iter().flat_map(Ledger::charges).map(|charge| (&charge.member, &charge.kind));
        let counted = tokens.iter().map(|(member, kind, _)| (member, kind));
        for (member, kind) in counted.chain(charges) {
            names.entry(key(member, kind)).or_insert(member);
        }
        let each = names.into_iter().map(|((_, kind), member)| {
            let is_of = |charge: &Charge| charge.kind == kind && charge.member.same(member);
            let charged: Vec<u64> =
                ledgers.iter().map(|ledger| sum(ledger.charges().filter(|c| is_of(c)))).collect();
            let needed = custody.threshold();
            let of_member = || requests.values().filter(|(charge, _)| is_of(charge));
            let whole = sum(of_member().filter(|(_, held)| *held >= needed).map(|(charge, _)| *charge));
            let part = sum(of_member().filter(|(_, held)| *held < needed).map(|(charge, _)| *charge));
            let may = part_of(custody, &kind);
            let absent = (custody.custodians().len() - ledgers.len()) as u64;
            let all = charged.iter().fold(absent.saturating_mul(may), |sum, of| sum.saturating_add(*of));
            let over = ledgers.iter().zip(&charged).filter(|(_, charged)| **charged > may);
            let counted = tokens.iter().filter(|(name, of, _)| *of == kind && name.same(member));
            Self {
                member: member.clone(),
                charged: charged.clone(),
                whole,
                part,
                most: all / needed as u64,
                tokens: counted.map(|(_, _, tokens)| *tokens).max(),
                uncounted: over.map(|(ledger, _)| ledger.custodian().clone()).collect(),
                kind,
            }
        });
        Ok(each.collect())
    }
}

fn require_of(custody: &PublicCustody, ledger: &Ledger, earlier: bool) -> Result<(), Error> {
    let (_, custodian) = custody.custodian(ledger.custodian())?;
    if ledger.custody() != custody.digest() || earlier {
        return Err(Error::Custody {
            expected: "one ledger of each custodian, for the keys that were given",
        });
    }
    if ledger.key() != custodian.keys.sign {
        return Err(Error::WrongSigner { by: custodian.name.to_string(), key: ledger.key() });
    }
    Ok(())
}

/// Returns each request with the number of ledgers that have it.
fn requests(ledgers: &[Ledger]) -> Result<BTreeMap<ContentDigest, (&Charge, usize)>, Error> {
    let mut requests: BTreeMap<ContentDigest, (&Charge, usize)> = BTreeMap::new();
    for ledger in ledgers {
        for (charge, line) in ledger.charges().zip(2..) {
            let (first, held) = requests.entry(charge.request).or_insert((charge, 0));
            if *first != charge {
                let problem = "has a request that another custodian's ledger describes differently";
                return Err(Error::Ledger { line, problem }.at(ledger.custodian().as_str()));
            }
            *held += 1;
        }
    }
    Ok(requests)
}

fn sum<'a>(charges: impl Iterator<Item = &'a Charge>) -> u64 {
    charges.map(|charge| charge.elements).fold(0, u64::saturating_add)
}

/// Returns the part of the quota that each custodian answers, if no manifest lowers it.
fn part_of(custody: &PublicCustody, kind: &KindId) -> u64 {
    custody.kind(kind).map_or(0, |(_, quota)| custody.part(quota + handshake::self_tests(kind)))
}
