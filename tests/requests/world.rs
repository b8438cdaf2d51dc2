//! Three custodians of whom two are needed, two banks and a hub.

use std::cell::RefCell;
use std::io::Cursor;
use std::path::PathBuf;

use dalek::{RistrettoPoint, Scalar};
use veilmatch::custodian::{Dkg, Done, Evaluator, Ledger, LedgerFile, Seed, Share};
use veilmatch::custody::{
    Ceremony, Custodian, EvaluationFile, KindQuota, PublicCustody, RequestFile, RequestWriter, SignedHead,
};
use veilmatch::oprf::{Element, Holder};
use veilmatch::round::identity::Identity;
use veilmatch::round::{KindRules, Manifest};
use veilmatch::terms::{ContentDigest, KindId, Name, RuleDigest, SuppressionDigest};
use veilmatch::{Error, Metadata, Round};

pub(crate) const NOW: u64 = 1_795_506_099;

/// The quota of the world's kind. Of an unknown kind no self-test inputs come on top of it.
pub(crate) const QUOTA: u64 = 10;

pub(crate) fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

pub(crate) fn kind() -> KindId {
    KindId::new("test.kind/1").unwrap()
}

/// Another kind. The library has self-test inputs for it.
pub(crate) fn with_self_tests() -> KindId {
    KindId::new("card.pan/1").unwrap()
}

/// One custodian with all that it keeps.
pub(crate) struct OfCustodian {
    pub(crate) name: Name,
    pub(crate) identity: Identity,
    pub(crate) share: Share,
    pub(crate) ledger: PathBuf,
}

impl OfCustodian {
    pub(crate) fn holder(&self) -> &Holder {
        self.share.holder(&kind()).unwrap()
    }

    pub(crate) fn open(&self) -> Result<LedgerFile, Error> {
        LedgerFile::open(&self.ledger, self.share.ledger(), &self.identity)
    }

    pub(crate) fn read(&self) -> Ledger {
        Ledger::read_file(&self.ledger).unwrap()
    }
}

pub(crate) struct World {
    pub(crate) custody: PublicCustody,
    pub(crate) custodians: Vec<OfCustodian>,
    pub(crate) members: Vec<(Name, Identity)>,
    pub(crate) round: Round,
    pub(crate) folder: tempfile::TempDir,
    hub: Identity,
    /// How many elements were made so far: each request has others.
    made: RefCell<u64>,
}

impl World {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let identities: Vec<Identity> = (0..3).map(|_| Identity::generate().unwrap()).collect();
        let names = ["auditor", "court", "notary"].map(name);
        let custodians = names.iter().zip(&identities);
        let custodians =
            custodians.map(|(name, own)| Custodian { name: name.clone(), keys: own.public_keys() });
        let kinds = [kind(), with_self_tests()].map(|kind| KindQuota { kind, quota: QUOTA });
        let ceremony = Ceremony::new(name("efc"), 7, 2, kinds.into(), custodians.collect()).unwrap();
        let (custody, shares) = made(&ceremony, &names, &identities);

        let custodians = names.into_iter().zip(identities).zip(shares).map(|((name, identity), share)| {
            let ledger = folder.path().join(format!("{name}.ledger"));
            let of = (custody.digest(), name.clone());
            LedgerFile::begin(&ledger, share.ledger(), of, NOW, &identity).unwrap();
            OfCustodian { name, identity, share, ledger }
        });
        let custodians = custodians.collect();
        let members: Vec<(Name, Identity)> =
            ["bank-a", "bank-b"].map(|member| (name(member), Identity::generate().unwrap())).into();
        let hub = Identity::generate().unwrap();
        let round = agreed(&custody, &members, &hub, |_| {});
        Self { custody, custodians, members, round, folder, hub, made: RefCell::new(0) }
    }

    /// Another round of the same epoch.
    pub(crate) fn round(&self, change: impl FnOnce(&mut Manifest)) -> Round {
        agreed(&self.custody, &self.members, &self.hub, change)
    }

    /// Elements that no request had before.
    pub(crate) fn elements(&self, number: u64) -> Vec<Element> {
        let first = *self.made.borrow() + 1;
        *self.made.borrow_mut() += number;
        let of = |number: u64| RistrettoPoint::mul_base(&Scalar::from(number)).into();
        (first..first + number).map(of).collect()
    }

    /// A request of the first bank, with this number of elements.
    pub(crate) fn request(&self, number: u64) -> RequestFile {
        self.request_with(&self.round, 0, &self.elements(number), Vec::new())
    }

    pub(crate) fn request_with(
        &self,
        round: &Round,
        member: usize,
        elements: &[Element],
        heads: Vec<SignedHead>,
    ) -> RequestFile {
        let (member, identity) = &self.members[member];
        let terms = round.custody_terms(&kind(), &self.custody).unwrap();
        let mut file = Cursor::new(Vec::new());
        let mut writer =
            RequestWriter::begin(terms, member.clone(), self.custody.digest(), heads, &mut file).unwrap();
        writer.push(elements).unwrap();
        let root = writer.finish(&metadata(), Some(identity)).unwrap();
        let request = RequestFile::from_source(Box::new(file.into_inner()), "request.vmb").unwrap();
        assert_eq!(request.root(), root);
        request
    }

    pub(crate) fn evaluator<'a>(&'a self, custodian: usize, round: &'a Round) -> Evaluator<'a> {
        let OfCustodian { share, identity, .. } = &self.custodians[custodian];
        Evaluator { round, custody: &self.custody, share, signer: identity }
    }

    /// Has a custodian evaluate a request of a round.
    pub(crate) fn evaluate_in(
        &self,
        round: &Round,
        custodian: usize,
        request: &RequestFile,
    ) -> Result<(Done, EvaluationFile), Error> {
        let of = &self.custodians[custodian];
        let mut out = Cursor::new(Vec::new());
        let mut ledger = of.open()?;
        let evaluator = self.evaluator(custodian, round);
        let done = evaluator.evaluate(request, &mut ledger, &metadata(), &mut out, &())?;
        Ok((done, EvaluationFile::from_source(Box::new(out.into_inner()), "evaluation.vme")?))
    }

    pub(crate) fn evaluate(
        &self,
        custodian: usize,
        request: &RequestFile,
    ) -> Result<(Done, EvaluationFile), Error> {
        self.evaluate_in(&self.round, custodian, request)
    }

    /// Whether a member can use an answer to its request: for its eyes, right for each element, and for that request.
    pub(crate) fn takes(
        &self,
        member: usize,
        request: &RequestFile,
        answer: &EvaluationFile,
    ) -> Result<(), Error> {
        self.round.accept_evaluation(answer, &self.members[member].0, &self.custody)?;
        if answer.by().request != request.root() {
            return Err(Error::Custody { expected: "an answer to this request" });
        }
        let (key, _) = self.custody.kind(&kind()).unwrap();
        let (mut asked, mut answered) = (request.batches(), answer.batches());
        while let Some(batch) = asked.next()? {
            let (elements, proof) = answered.next()?.unwrap();
            key.share(answer.by().index)?.verify(&batch, &elements, &[proof])?;
        }
        assert!(answered.next()?.is_none());
        Ok(())
    }
}

pub(crate) fn metadata() -> Metadata {
    Metadata { created: NOW, ..Metadata::default() }
}

/// A digest that nothing has.
pub(crate) fn strange() -> ContentDigest {
    ContentDigest([0xee; 32])
}

fn agreed(
    custody: &PublicCustody,
    members: &[(Name, Identity)],
    hub: &Identity,
    change: impl FnOnce(&mut Manifest),
) -> Round {
    let (rules, suppression) = (RuleDigest([1; 32]), SuppressionDigest([2; 32]));
    let kinds = [kind(), with_self_tests()].map(|kind| KindRules { kind, rules, suppression });
    let names = members.iter().map(|(name, _)| name.clone()).collect();
    let mut manifest = Manifest::trial(name("efc"), 7, kinds.into(), names).unwrap();
    manifest.hub = Some(hub.public_keys());
    manifest.custody = Some(custody.digest());
    for (member, (_, identity)) in manifest.members.iter_mut().zip(members) {
        member.keys = Some(identity.public_keys());
    }
    change(&mut manifest);
    Round::new(manifest).unwrap()
}

/// The ceremony from beginning to end.
fn made(ceremony: &Ceremony, names: &[Name], identities: &[Identity]) -> (PublicCustody, Vec<Share>) {
    let seeds: Vec<Seed> = names.iter().map(|_| Seed::generate(ceremony).unwrap()).collect();
    let each = names.iter().zip(identities).zip(&seeds);
    let all: Vec<Dkg<'_>> =
        each.map(|((name, own), seed)| Dkg::new(ceremony, name, own, seed).unwrap()).collect();
    let told: Vec<Vec<u8>> = all.iter().map(|dkg| dkg.step_1().unwrap()).collect();
    let mut dealt: Vec<Vec<Vec<u8>>> = names.iter().map(|_| Vec::new()).collect();
    for dkg in &all {
        let files: Vec<_> = told.iter().map(|file| dkg.read(file).unwrap()).collect();
        for (to, file) in dkg.step_2(&files).unwrap() {
            dealt[names.iter().position(|name| *name == to).unwrap()].push(file);
        }
    }
    let (mut shares, mut signed) = (Vec::new(), Vec::new());
    for ((dkg, seed), dealt) in all.iter().zip(&seeds).zip(&dealt) {
        let files: Vec<_> = told.iter().chain(dealt).map(|file| dkg.read(file).unwrap()).collect();
        let (share, public) = dkg.step_3(seed, &files).unwrap();
        shares.push(share);
        signed.push(public);
    }
    let mut whole = signed.pop().unwrap();
    signed.iter().for_each(|other| whole.join(other).unwrap());
    (whole.complete().unwrap(), shares)
}
