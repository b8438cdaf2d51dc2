//! The member's cache: tokens through it are those without it, and rows are found again by it.

use std::cell::RefCell;
use std::fs::File;
use std::io::Cursor;

use veilmatch::custody::{By, EvaluationFile, EvaluationWriter, RequestFile, RequestWriter, SignedHead};
use veilmatch::member::identifier::{Canonical, Canonicalizer, Kind};
use veilmatch::member::oprf::{
    Cache, CacheOf, Hashed, Pending, Request, Seed, Tagged, Translator, blind, tokens, unblind,
};
use veilmatch::member::resolve::{Resolved, resolve};
use veilmatch::member::{Rows, Tokenizer};
use veilmatch::oprf::Element;
use veilmatch::round::identity::Identity;
use veilmatch::terms::{ContentDigest, CustodyDigest, KeyContext, Name, RoundDigest, Terms};
use veilmatch::{Disclosure, Error, Intersection, Metadata, SetBuilder, SetFile, Share, Token, TokenSet};

use super::{Among, finished};
use crate::support::member::{secret, wallet};

const CUSTODY: CustodyDigest = CustodyDigest([5; 32]);

/// A member with its key file and its cache.
struct Bank {
    name: Name,
    identity: Identity,
    context: KeyContext,
    key: Element,
    cache: RefCell<Option<Vec<u8>>>,
}

/// A request that a member made, and what it keeps until the answers come.
struct Sent {
    request: Vec<u8>,
    pending: Vec<u8>,
}

impl Bank {
    fn new(name: &str, among: &Among) -> Self {
        let context = super::context("efc", 7, "crypto.evm/1");
        let (name, identity) = (Name::new(name).unwrap(), Identity::generate().unwrap());
        Self { name, identity, context, key: *among.custody.key(), cache: RefCell::new(None) }
    }

    fn tags(&self) -> Tokenizer {
        Tokenizer::of_tags(&self.identity, self.context.clone(), &self.key).unwrap()
    }

    fn of(&self) -> CacheOf {
        CacheOf::new(&self.tags(), self.name.clone(), self.identity.signer(), CUSTODY, &self.key)
    }

    fn translator(&self) -> Translator {
        Translator::new(&secret(), &self.tags(), &self.key)
    }

    fn open(&self) -> Result<Option<Cache<Cursor<Vec<u8>>>>, Error> {
        self.cache.borrow().clone().map(|bytes| Cache::open(Cursor::new(bytes), &self.of())).transpose()
    }

    fn cache(&self) -> Result<Cache<Cursor<Vec<u8>>>, Error> {
        self.open().map(|cache| cache.expect("something was unblinded"))
    }

    fn blind(&self, rows: &[String]) -> Option<Sent> {
        let tagged = Tagged::of(&self.tags(), Rows::values(rows)).unwrap();
        let tagged = match self.open().unwrap() {
            Some(cache) => tagged.without(cache).unwrap(),
            None => tagged,
        };
        let heads = self.open().unwrap().map_or(Vec::new(), |cache| cache.heads());
        if tagged.identifiers().is_empty() {
            return None;
        }
        let terms = Terms { round: Some(RoundDigest([1; 32])), ..self.tags().terms().clone() };
        let mut request = Cursor::new(Vec::new());
        let mut writer =
            RequestWriter::begin(terms, self.name.clone(), CUSTODY, heads, &mut request).unwrap();
        let seed = Seed::generate().unwrap();
        blind(&self.context, tagged.identifiers(), &seed, &mut writer).unwrap();
        let root = writer.finish(&Metadata::default(), Some(&self.identity)).unwrap();
        let mut pending = Vec::new();
        let (of, metadata) = (self.of(), Metadata::default());
        Pending::write(&of, (root, seed), tagged.identifiers(), &metadata, &self.identity, &mut pending)
            .unwrap();
        Some(Sent { request: request.into_inner(), pending })
    }

    /// Unblinds answers. None of them is wrong.
    fn unblind(&self, among: &Among, sent: &Sent, answers: &[EvaluationFile]) -> Result<u64, Error> {
        let (made, wrong) = self.unblind_some(among, sent, answers);
        assert!(made.is_err() || wrong.is_empty());
        made
    }

    /// Unblinds answers; says what of those that are wrong.
    fn unblind_some(
        &self,
        among: &Among,
        sent: &Sent,
        answers: &[EvaluationFile],
    ) -> (Result<u64, Error>, Vec<(usize, Error)>) {
        let mut wrong = Vec::new();
        let made = self.unblind_telling(among, sent, answers, &mut |place, error| wrong.push((place, error)));
        (made, wrong)
    }

    fn unblind_telling(
        &self,
        among: &Among,
        sent: &Sent,
        answers: &[EvaluationFile],
        wrong: &mut dyn FnMut(usize, Error),
    ) -> Result<u64, Error> {
        let of = self.of();
        let twice = || Ok((Pending::open(Cursor::new(sent.pending.clone()), &of)?, self.open()?));
        let (request, mut out) = (opened(&sent.request), Vec::new());
        let (metadata, all) = (Metadata::default(), (&request, answers));
        let made = unblind((&of, &among.custody), twice, all, wrong, (&metadata, &self.identity), &mut out)?;
        self.cache.replace(Some(out));
        Ok(made)
    }

    /// Has the rows evaluated by the chosen custodians. Returns how many identifiers were asked.
    fn learn(&self, among: &Among, chosen: &[usize], rows: &[String]) -> u64 {
        let Some(sent) = self.blind(rows) else { return 0 };
        let answers: Vec<_> = chosen.iter().map(|at| answered(among, *at, &sent.request)).collect();
        self.unblind(among, &sent, &answers).unwrap();
        opened(&sent.request).len()
    }

    fn set(&self, rows: &[String]) -> (TokenSet, u64) {
        let tags = self.tags().tokenize(&self.name, Rows::values(rows)).unwrap().set;
        let made = self.translator().set(&tags, self.cache().unwrap()).unwrap();
        (made.set, made.not_evaluated)
    }

    fn resolve(&self, share: &Share, rows: &[String]) -> Result<Resolved, Error> {
        self.translator().resolve(&self.tags(), &self.name, share, Rows::values(rows), || self.cache())
    }
}

fn opened(request: &[u8]) -> RequestFile {
    RequestFile::from_source(Box::new(request.to_vec()), "the request").unwrap()
}

/// What a custodian answers; `change` may spoil its elements.
fn answered_as(
    among: &Among,
    at: usize,
    request: &[u8],
    change: impl Fn(&mut Vec<Element>),
) -> EvaluationFile {
    answered_on(among, at, request, change, 0)
}

/// What a custodian answers on a day, with the head that its ledger has then.
fn answered_on(
    among: &Among,
    at: usize,
    request: &[u8],
    change: impl Fn(&mut Vec<Element>),
    day: u8,
) -> EvaluationFile {
    let asked = opened(request);
    let holder = &among.holders[at];
    let (index, identity) = (holder.public().index, Identity::generate().unwrap());
    let mut file = Cursor::new(Vec::new());
    let mut writer = EvaluationWriter::begin(&mut file).unwrap();
    let mut batches = asked.batches();
    while let Some(batch) = batches.next().unwrap() {
        let (mut elements, proofs) = holder.evaluate(&batch).unwrap();
        change(&mut elements);
        writer.push(&elements, &proofs[0]).unwrap();
    }
    let custodian = Name::new(&format!("custodian-{index}")).unwrap();
    let head = SignedHead::sign(custodian, ContentDigest([day; 32]), &identity).unwrap();
    let by = By { custody: CUSTODY, index, request: asked.root(), head };
    let metadata = Metadata { created: 86_400 * u64::from(day), ..Metadata::default() };
    writer.finish(asked.terms(), asked.member(), by, &metadata, &identity).unwrap();
    EvaluationFile::from_source(Box::new(file.into_inner()), "the evaluation").unwrap()
}

fn answered(among: &Among, at: usize, request: &[u8]) -> EvaluationFile {
    answered_as(among, at, request, |_| {})
}

fn wallets(numbers: impl Iterator<Item = u64>) -> Vec<String> {
    numbers.map(wallet).collect()
}

fn hashed(row: &str) -> Hashed {
    let mut canonical = Canonical::new();
    Canonicalizer::new(Kind::CryptoEvm).canonicalize(row.as_bytes(), &mut canonical).unwrap();
    Hashed::of(canonical.as_bytes())
}

/// The tokens of rows without any cache.
fn directly(among: &Among, context: &KeyContext, rows: &[String]) -> Vec<Token> {
    let request = Request::new(context, rows.iter().map(|row| hashed(row)).collect()).unwrap();
    let made = finished(&request, &among.custody, &among.answers(&[0, 2], &request)).unwrap();
    let key = secret().custody_token_key(context, among.custody.key());
    let mut all = tokens(&key, &made);
    all.sort_unstable();
    all.dedup();
    all
}

#[test]
fn tokens_through_the_cache_are_those_without_it_however_it_grew() {
    let among = Among::new(11, 2, 3);
    let (once, grown) = (Bank::new("a", &among), Bank::new("a", &among));
    let rows: Vec<String> = wallets((0..60).chain(10..20));
    let asked = once.learn(&among, &[1, 2], &rows);
    let first = grown.learn(&among, &[0, 1], &rows[..25]);
    let second = grown.learn(&among, &[0, 2], &rows[20..]);
    assert_eq!(first + second, asked, "nothing is asked twice");
    assert_eq!(grown.learn(&among, &[0, 1], &rows), 0);
    assert_eq!(asked, 60 + self_test(&among), "a first request includes what the handshake needs");

    let expected = directly(&among, &once.context, &rows);
    for bank in [&once, &grown] {
        let (set, missing) = bank.set(&rows);
        assert_eq!((set.tokens(), missing), (&expected[..], 0));
        assert_eq!((set.counters().rows, set.counters().duplicates), (70, 10));
    }
    let tags = once.tags().tokenize(&once.name, Rows::values(&rows)).unwrap().set;
    let others = grown.tags().tokenize(&grown.name, Rows::values(&rows)).unwrap().set;
    assert!(tags.tokens().iter().all(|tag| !others.contains(tag) && !expected.contains(tag)));
}

/// The number of self-test inputs that a first request includes.
fn self_test(among: &Among) -> u64 {
    opened(&Bank::new("z", among).blind(&[]).unwrap().request).len()
}

#[test]
fn what_fits_no_memory_gives_the_same_set() {
    let among = Among::new(12, 2, 2);
    let bank = Bank::new("a", &among);
    let rows = wallets((0..40).chain(5..9));
    bank.learn(&among, &[0, 1], &rows[..30]);
    let (set, missing) = bank.set(&rows);
    assert_eq!((set.len(), missing), (30, 10));
    assert_eq!((set.counters().rows, set.counters().duplicates), (34, 4));

    let folder = tempfile::tempdir().unwrap();
    let builder = |terms: &Terms, name: &str| {
        let folder = folder.path().join(name);
        SetBuilder::new(terms.clone(), bank.name.clone(), SetBuilder::LEAST_MEMORY, &folder).unwrap()
    };
    let of_tags = builder(bank.tags().terms(), "tags");
    bank.tags().tokenize_into(&of_tags, Rows::values(&rows)).unwrap();
    let mut scratch = Cursor::new(Vec::new());
    of_tags.write_to(&mut scratch).unwrap();
    let file = SetFile::from_source(Box::new(scratch.into_inner()), "tags").unwrap();
    let translator = bank.translator();
    let made = builder(translator.terms(), "tokens");
    assert_eq!(translator.set_into(&made, &file, bank.cache().unwrap()).unwrap(), 10);
    let mut written = Cursor::new(Vec::new());
    made.write_to(&mut written).unwrap();
    let mut expected = Vec::new();
    set.write_to(&mut expected).unwrap();
    assert_eq!(written.into_inner(), expected);
}

#[test]
fn a_match_through_caches_tells_each_member_what_version_1_tells_it() {
    let among = Among::new(13, 2, 3);
    let of = [("a", 0..40u64), ("b", 20..60), ("c", 30..70)];
    let banks: Vec<(Bank, Vec<String>)> =
        of.map(|(name, numbers)| (Bank::new(name, &among), wallets(numbers))).into();
    let first = Tokenizer::new(&secret(), banks[0].0.context.clone()).unwrap();
    let (mut ones, mut twos) = (Vec::new(), Vec::new());
    for (at, (bank, rows)) in banks.iter().enumerate() {
        bank.learn(&among, &[at, (at + 1) % 3], rows);
        ones.push(first.tokenize(&bank.name, Rows::values(rows)).unwrap().set);
        twos.push(bank.set(rows).0);
    }
    let shares = |sets: &[TokenSet]| {
        let all = sets.iter().try_fold(Intersection::new(), |all, set| all.add(set)).unwrap();
        let overlaps = all.at_least(2).unwrap().collect().unwrap();
        let share = |set: &TokenSet| overlaps.share(set.member(), Disclosure::Holders)?.with_own_set(set);
        sets.iter().map(|set| share(set).unwrap()).collect::<Vec<_>>()
    };
    let told = |share: &Share, resolved: &Resolved| {
        let row = |row: &veilmatch::member::resolve::ResolvedRow| {
            let names: Vec<String> =
                share.holders(row.index).unwrap().names().map(ToString::to_string).collect();
            (row.place.row, names)
        };
        resolved.rows.iter().map(row).collect::<Vec<_>>()
    };
    let (ones, twos) = (shares(&ones), shares(&twos));
    for (((bank, rows), one), two) in banks.iter().zip(&ones).zip(&twos) {
        let by_one = resolve(&first, &bank.name, one, Rows::values(rows)).unwrap();
        let by_two = bank.resolve(two, rows).unwrap();
        assert_eq!(told(one, &by_one), told(two, &by_two));
        assert!(!by_two.rows.is_empty());
        assert_eq!((by_two.missing, by_two.counters.rows), (0, rows.len() as u64));

        let folder = tempfile::tempdir().unwrap();
        let (translator, tags) = (bank.translator(), bank.tags());
        let builder = |terms: &Terms, name: &str| {
            let folder = folder.path().join(name);
            SetBuilder::new(terms.clone(), bank.name.clone(), SetBuilder::LEAST_MEMORY, &folder).unwrap()
        };
        let builders = [builder(tags.terms(), "tags"), builder(translator.terms(), "tokens")];
        let scratch = folder.path().join("scratch");
        let scratch =
            File::options().create(true).truncate(true).read(true).write(true).open(scratch).unwrap();
        let within =
            translator.resolve_within(&tags, two, Rows::values(rows), (builders, scratch), || bank.cache());
        assert_eq!(within.unwrap().rows, by_two.rows);

        let other_rows = bank.resolve(two, &rows[1..]).unwrap_err();
        assert_eq!(other_rows.code(), "rows_differ");
    }
    let strange = banks[0].0.resolve(&twos[1], &banks[0].1).unwrap_err();
    assert_eq!(strange.code(), "wrong_recipient");
}

#[test]
fn members_show_the_hub_equal_handshakes() {
    let among = Among::new(14, 2, 3);
    let banks = ["a", "b"].map(|name| Bank::new(name, &among));
    let made = banks.each_ref().map(|bank| {
        bank.learn(&among, &[0, 1], &wallets(0..2));
        bank.translator().handshake(&bank.tags(), bank.name.clone(), bank.cache().unwrap()).unwrap()
    });
    assert!(self_test(&among) > 2);
    assert_eq!(made[0].content_digest(), made[1].content_digest());
}

#[test]
fn a_cheat_is_blamed_and_leaves_what_is_pending() {
    let among = Among::new(15, 2, 3);
    let bank = Bank::new("a", &among);
    let sent = bank.blind(&wallets(0..5)).unwrap();
    let others = bank.blind(&wallets(0..5)).unwrap();
    let good = || answered(&among, 0, &sent.request);
    let wrong = || answered_as(&among, 1, &sent.request, |elements| elements.swap(0, 1));
    let others_answer = || answered(&among, 1, &others.request);
    let refused = |answers: &[EvaluationFile], blamed: &[(usize, &str, &str)]| {
        let (made, wrong) = bank.unblind_some(&among, &sent, answers);
        let error = made.unwrap_err();
        assert_eq!(error.code(), "oprf", "{error}");
        assert!(error.to_string().contains("as many custodians as the threshold says"), "{error}");
        assert_eq!(wrong.len(), blamed.len());
        for ((place, error), (expected, code, words)) in wrong.iter().zip(blamed) {
            assert_eq!((place, error.code()), (expected, *code), "{error}");
            assert!(error.to_string().contains(words), "{words}: {error}");
        }
        assert!(bank.cache.borrow().is_none());
    };
    let to_another = "custodian-2: expected an answer to the request";
    refused(&[good(), wrong()], &[(1, "oprf", "custodian-2")]);
    refused(&[wrong(), good()], &[(0, "oprf", "custodian-2")]);
    refused(&[good(), others_answer()], &[(1, "cache", to_another)]);
    refused(&[others_answer(), good(), wrong()], &[(0, "cache", to_another), (2, "oprf", "custodian-2")]);
    refused(&[good()], &[]);
    refused(&[good(), good()], &[]);
    let mixed = Sent { request: others.request.clone(), pending: sent.pending.clone() };
    let error = bank.unblind(&among, &mixed, &[good()]).unwrap_err();
    assert!(error.to_string().contains("the request that is pending"), "{error}");
    bank.unblind(&among, &sent, &[0, 1, 2].map(|at| answered(&among, at, &sent.request))).unwrap();
    // A command that was killed before it erased what was pending can be run again.
    let entries = bank.cache().unwrap().len();
    assert_eq!(
        bank.unblind(&among, &sent, &[1, 2].map(|at| answered(&among, at, &sent.request))).unwrap(),
        entries
    );
    assert_eq!(bank.cache().unwrap().heads().len(), 3);
    // Any right ones do, wherever they stand; of each custodian one head is kept.
    let all = [wrong(), others_answer(), good(), good(), answered(&among, 2, &sent.request)];
    let (made, blamed) = bank.unblind_some(&among, &sent, &all);
    assert_eq!(made.unwrap(), entries);
    assert_eq!(blamed.iter().map(|(place, _)| *place).collect::<Vec<_>>(), [1, 0]);
    assert_eq!(bank.cache().unwrap().heads().len(), 3);
}

#[test]
fn the_head_of_a_custodians_latest_answer_is_kept_whatever_their_order() {
    let among = Among::new(16, 2, 3);
    let bank = Bank::new("a", &among);
    let sent = bank.blind(&wallets(0..4)).unwrap();
    let on = |at: usize, day: u8| answered_on(&among, at, &sent.request, |_| {}, day);
    let kept = || bank.cache().unwrap().heads().iter().map(|head| head.head.0[0]).collect::<Vec<_>>();
    for days in [[1, 2], [2, 1]] {
        bank.unblind(&among, &sent, &[on(0, days[0]), on(1, 1), on(0, days[1])]).unwrap();
        assert_eq!(kept(), [2, 1]);
    }
    // Nor whether it came with an earlier call: an answer of the day before leaves the later head where it is.
    for (day, latest) in [(1, 2), (3, 3), (2, 3)] {
        bank.unblind(&among, &sent, &[on(0, day), on(1, 1)]).unwrap();
        assert_eq!(kept(), [latest, 1]);
    }
    // The next request carries these heads. What answers it has a later one, whatever the custodian's clock says.
    let next = bank.blind(&wallets(4..8)).unwrap();
    let answers = [(0, 2), (1, 1)].map(|(at, day)| answered_on(&among, at, &next.request, |_| {}, day));
    bank.unblind(&among, &next, &answers).unwrap();
    assert_eq!(kept(), [2, 1]);
}

#[test]
fn an_answer_that_is_wrong_late_is_left_out_from_there() {
    let among = Among::new(20, 2, 3);
    let bank = Bank::new("a", &among);
    let rows = wallets(0..66_000); // more than the 65,535 of one proof
    let sent = bank.blind(&rows).unwrap();
    let spoilt_late = answered_as(&among, 0, &sent.request, |elements| {
        if elements.len() < 65_535 {
            elements.swap(0, 1);
        }
    });
    let [second, third] = [1, 2].map(|at| answered(&among, at, &sent.request));
    let (made, wrong) = bank.unblind_some(&among, &sent, &[spoilt_late, second, third]);
    assert!(made.is_ok() && wrong.len() == 1 && wrong[0].0 == 0);
    let (set, missing) = bank.set(&rows);
    let some: Vec<String> = rows.into_iter().step_by(2_000).collect();
    assert_eq!((set.len(), missing), (66_000, 0));
    assert!(directly(&among, &bank.context, &some).iter().all(|token| set.contains(token)));
}

#[test]
fn a_cache_of_anything_else_and_a_damaged_one_are_refused() {
    let among = Among::new(16, 2, 3);
    let bank = Bank::new("a", &among);
    bank.learn(&among, &[0, 1], &wallets(0..5));
    let bytes = bank.cache.borrow().clone().unwrap();
    let read = |bytes: &[u8], of: &CacheOf| {
        let tags = bank.tags().tokenize(&bank.name, Rows::values(wallets(0..5))).unwrap().set;
        bank.translator().set(&tags, Cache::open(bytes, of)?).map(|made| made.not_evaluated)
    };
    assert_eq!(read(&bytes, &bank.of()).unwrap(), 0);

    let (name, signer, key) = (bank.name.clone(), bank.identity.signer(), bank.key);
    let other_key = *Among::new(17, 2, 3).custody.key();
    let others = Bank::new("a", &among);
    let epoch = super::context("efc", 8, "crypto.evm/1");
    let of_epoch = Tokenizer::of_tags(&bank.identity, epoch, &key).unwrap();
    let of_custody = Tokenizer::of_tags(&bank.identity, bank.context.clone(), &other_key).unwrap();
    let of_custody_key = CacheOf::new(&of_custody, name.clone(), signer, CUSTODY, &other_key);
    for (of, words) in [
        (CacheOf::new(&bank.tags(), Name::new("b").unwrap(), signer, CUSTODY, &key), "this member"),
        (CacheOf::new(&of_epoch, name.clone(), signer, CUSTODY, &key), "this member, coalition, epoch"),
        (of_custody_key, "these custodians' key"),
        (others.of(), "this key file"),
        (CacheOf::new(&bank.tags(), name.clone(), signer, CustodyDigest([6; 32]), &key), "agreed to"),
        (CacheOf::new(&bank.tags(), name, others.identity.signer(), CUSTODY, &key), "has signed"),
    ] {
        let error = read(&bytes, &of).unwrap_err();
        assert_eq!(error.code(), "cache", "{error}");
        assert!(error.to_string().contains(words), "{words}: {error}");
    }
    for at in (0..bytes.len()).step_by(97) {
        let mut damaged = bytes.clone();
        damaged[at] ^= 1;
        assert!(read(&damaged, &bank.of()).is_err(), "byte {at}");
        assert!(read(&bytes[..at], &bank.of()).is_err(), "cut at {at}");
    }
    let longer = [&bytes[..], &[0]].concat();
    assert!(read(&longer, &bank.of()).is_err());
}

#[test]
fn blinds_come_of_the_seed_and_of_the_place() {
    let context = super::context("efc", 7, "card.pan/1");
    let (seed, other) = (Seed::generate().unwrap(), Seed::generate().unwrap());
    let all: Vec<Hashed> = super::hashed(&["one", "two", "three", "one"]);
    let whole = Request::of_seed(&context, all.clone(), &seed, 0);
    let rest = Request::of_seed(&context, all[2..].to_vec(), &seed, 2);
    assert_eq!(&whole.elements()[2..], rest.elements());
    assert_ne!(whole.elements()[0], whole.elements()[3], "equal identifiers have other blinds");
    let restored = |elements: &[Element], seed, first| {
        Request::restored(&context, all[2..].to_vec(), elements.to_vec(), seed, first).map(drop)
    };
    assert!(restored(rest.elements(), &seed, 2).is_ok());
    for (elements, seed, first) in
        [(rest.elements(), &other, 2), (rest.elements(), &seed, 1), (&rest.elements()[1..], &seed, 2)]
    {
        assert_eq!(restored(elements, seed, first).unwrap_err().code(), "oprf");
    }
    assert_eq!(format!("{seed:?}"), "Seed");
}

#[test]
fn tags_are_of_the_kind_and_rule() {
    let among = Among::new(18, 2, 3);
    let bank = Bank::new("a", &among);
    assert_eq!(bank.tags().terms().rules, Kind::CryptoEvm.rule_digest());
    assert_ne!(bank.tags().terms().key_id, bank.translator().terms().key_id);
}

#[test]
fn a_request_of_several_batches_is_unblinded_in_its_order() {
    let among = Among::new(19, 1, 1);
    let bank = Bank::new("a", &among);
    let rows = wallets(0..66_000); // more than the 65,535 of one proof
    let asked = bank.learn(&among, &[0], &rows);
    assert!(asked > 66_000);
    let (set, missing) = bank.set(&rows);
    assert_eq!((set.len(), missing), (66_000, 0));
    let some: Vec<String> = rows.into_iter().step_by(2_000).collect();
    let request = Request::new(&bank.context, some.iter().map(|row| hashed(row)).collect()).unwrap();
    let made = finished(&request, &among.custody, &among.answers(&[0], &request)).unwrap();
    let key = secret().custody_token_key(&bank.context, among.custody.key());
    assert!(tokens(&key, &made).iter().all(|token| set.contains(token)));
}
