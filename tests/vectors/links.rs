//! Link tokens and pseudonyms: the vectors of SPEC.md, section 15.1, and the laws that trails need of them.
//!
//! The vectors come from RFC 5869 over Python's `hmac`: `expand(extract(salt, seed), info, n)` as the section states it.
//! The oracle here is the package `ring`.

use ring::{hkdf, hmac};
use veilmatch::member::identifier::Kind;
use veilmatch::member::key::CoalitionSecret;
use veilmatch::member::linking::Pseudonyms;
use veilmatch::round::identity::Identity;
use veilmatch::terms::{KindId, Name, PublicKeys, RoundDigest, SealKey};
use veilmatch::{Manifest, Round, Token};

const SPECIFICATION: &str = include_str!("../../SPEC.md");

/// The identity of `bank-a` in SPEC.md, section 13.8: a signing seed of 32 bytes 01.
const BANK_A: &str = "veilmatch identity 1\n\
    sign: vmsign1qyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszmc9n3\n\
    seal: AGE-SECRET-KEY-1ZYG3ZYG3ZYG3ZYG3ZYG3ZYG3ZYG3ZYG3ZYG3ZYG3ZYG3ZYG3ZYGSUZRZYL\n";

fn specified() -> Round {
    let start = SPECIFICATION.find("{\n  \"format\": \"veilmatch round 1\"").unwrap();
    let len = SPECIFICATION[start..].find("```").unwrap();
    Round::from_bytes(&SPECIFICATION.as_bytes()[start..start + len]).unwrap()
}

/// The same with another number, so of another digest.
fn next(round: &Round) -> Round {
    let manifest = round.manifest().clone();
    Round::new(Manifest { number: manifest.number + 1, ..manifest }).unwrap()
}

fn value(what: &str) -> &'static str {
    let (_, rest) = SPECIFICATION.split_once(&format!("\n| {what} | `")).unwrap();
    rest.split_once('`').unwrap().0
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn secret() -> CoalitionSecret {
    CoalitionSecret::from_bytes(&mut std::array::from_fn(|index| index as u8)).unwrap()
}

fn token() -> Token {
    Token::from_bytes(0x792c_206e_095f_3ca3_e469_d235_89a8_fb8a_u128.to_be_bytes())
}

fn card() -> KindId {
    Kind::CardPan.kind_id()
}

fn link_token(secret: &CoalitionSecret, round: &Round) -> Token {
    round.link_keys(secret).unwrap().link_token(&card(), &token()).unwrap()
}

fn of_bank_a(round: &RoundDigest) -> Pseudonyms {
    Pseudonyms::new(&Identity::parse(BANK_A).unwrap(), round)
}

// --- The oracle -----------------------------------------------------------------------------------------

fn derive(secret: &[u8], info: &[&[u8]], len: usize) -> Vec<u8> {
    struct Len(usize);
    impl hkdf::KeyType for Len {
        fn len(&self) -> usize {
            self.0
        }
    }
    let mut out = vec![0; len];
    let prk = hkdf::Salt::new(hkdf::HKDF_SHA256, b"veilmatch/1").extract(secret);
    prk.expand(info, Len(len)).unwrap().fill(&mut out).unwrap();
    out
}

fn mac(key: &[u8], message: &[u8]) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), message).as_ref()[..16].to_vec()
}

fn lp(bytes: &[u8]) -> Vec<u8> {
    [&(bytes.len() as u16).to_be_bytes(), bytes].concat()
}

// --- Vectors --------------------------------------------------------------------------------------------

#[test]
fn link_tokens_are_those_of_the_specification() {
    let (round, bytes) = (specified(), std::array::from_fn::<u8, 32, _>(|index| index as u8));
    let of_round = [lp(b"example"), 1u64.to_be_bytes().to_vec()].concat();
    let context = [of_round.clone(), lp(b"card.pan/1")].concat();
    let key = derive(&bytes, &[&lp(b"veilmatch/1 link"), &context, &round.digest().0], 32);
    assert_eq!(hex(&key), value("link key of `card.pan/1`"));
    let id = derive(&bytes, &[&lp(b"veilmatch/1 link id"), &of_round, &round.digest().0], 8);
    assert_eq!(hex(&id), value("link key id"));

    let keys = round.link_keys(&secret()).unwrap();
    assert_eq!(keys.id().to_string(), value("link key id"));
    let linked = keys.link_token(&card(), &token()).unwrap();
    assert_eq!(hex(linked.as_bytes()), value("link token of `792c206e095f3ca3e469d23589a8fb8a`"));
    assert_eq!(mac(&key, token().as_bytes()), linked.as_bytes());
}

#[test]
fn pseudonyms_are_those_of_the_specification() {
    let round = specified().digest();
    let key = derive(&[1; 32], &[&lp(b"veilmatch/1 pseudonym"), &round.0], 32);
    assert_eq!(hex(&key), value("pseudonym key of `bank-a`"));

    let pseudonyms = of_bank_a(&round);
    let of_cell = pseudonyms.of(b"customer 17", 5, 9);
    assert_eq!(of_cell.to_string(), value("pseudonym of the cell `customer 17`"));
    assert_eq!(mac(&key, b"\x01customer 17"), of_cell.0);
    let of_row = pseudonyms.of(b"", 0, 3);
    assert_eq!(of_row.to_string(), value("pseudonym of row 3 of file 0"));
    assert_eq!(mac(&key, &[&[0][..], &[0; 8], &3u64.to_be_bytes()].concat()), of_row.0);

    let hub = specified().manifest().hub.clone().unwrap().seal;
    let for_hub = pseudonyms.for_authority(&hub, "case 7", &of_cell);
    let told = value("the pseudonym of that cell for the hub's X25519 key and `case 7`");
    assert_eq!(for_hub.to_string(), told);
    let message = [&[2][..], &lp(hub.to_string().as_bytes()), &lp(b"case 7"), &of_cell.0].concat();
    assert_eq!(mac(&key, &message), for_hub.0);
}

// --- Laws -----------------------------------------------------------------------------------------------

#[test]
fn members_link_an_identifier_alike_in_one_round_and_otherwise_in_the_next() {
    let round = specified();
    let (a, b) = (link_token(&secret(), &round), link_token(&secret(), &specified()));
    assert!(a == b, "two members with one secret");
    assert!(a != token(), "the hub knows the token from the set");
    assert!(a != link_token(&secret(), &next(&round)), "another round");
    let other = CoalitionSecret::from_bytes(&mut std::array::from_fn(|index| index as u8 + 1)).unwrap();
    assert!(a != link_token(&other, &round), "another secret");
    let ids = [&secret(), &other].map(|secret| round.link_keys(secret).unwrap().id());
    assert_ne!(ids[0], ids[1]);
    assert_ne!(ids[0], next(&round).link_keys(&secret()).unwrap().id());
}

#[test]
fn kinds_have_link_keys_of_their_own() {
    let mut manifest = specified().manifest().clone();
    let mut ibans = manifest.kinds[0].clone();
    ibans.kind = Kind::BankIban.kind_id();
    manifest.kinds.push(ibans);
    let keys = Round::new(manifest).unwrap().link_keys(&secret()).unwrap();
    let linked =
        [Kind::CardPan, Kind::BankIban].map(|kind| keys.link_token(&kind.kind_id(), &token()).unwrap());
    assert!(linked[0] != linked[1]);
    let code = keys.link_token(&Kind::NetIp.kind_id(), &token()).unwrap_err().code();
    assert_eq!(code, "kind_not_in_round");
}

#[test]
fn a_pseudonym_is_of_one_member_one_round_and_one_subject() {
    let round = specified();
    let digest = round.digest();
    let pseudonyms = of_bank_a(&digest);
    let anna = pseudonyms.of(b"anna", 0, 1);
    assert_eq!(anna, of_bank_a(&digest).of(b"anna", 3, 7), "wherever her row stands");
    let other = Pseudonyms::new(&Identity::generate().unwrap(), &digest);
    let different = [
        anna,
        other.of(b"anna", 0, 1),
        of_bank_a(&next(&round).digest()).of(b"anna", 0, 1),
        pseudonyms.of(b"Anna", 0, 1),
        pseudonyms.of(b"", 0, 1),
        pseudonyms.of(b"", 1, 1),
        pseudonyms.of(b"", 0, 2),
        // The cell that has the bytes of a row's message.
        pseudonyms.of(&[&[0][..], &[0; 8], &1u64.to_be_bytes()].concat(), 0, 1),
    ];
    let mut sorted = different.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    assert_eq!(sorted.len(), different.len());
}

#[test]
fn authorities_and_cases_cannot_be_joined_by_a_pseudonym() {
    let pseudonyms = of_bank_a(&specified().digest());
    let anna = pseudonyms.of(b"anna", 0, 1);
    let key = |of: &PublicKeys| of.seal.clone();
    let round = specified();
    let keys: Vec<SealKey> =
        round.manifest().members.iter().map(|member| key(member.keys.as_ref().unwrap())).collect();
    let told =
        [(0, "7"), (0, "8"), (1, "7")].map(|(at, case)| pseudonyms.for_authority(&keys[at], case, &anna));
    assert!(told[0] != told[1] && told[0] != told[2] && told[1] != told[2] && !told.contains(&anna));
}

#[test]
fn nothing_of_the_keys_is_shown() {
    let round = specified();
    assert_eq!(format!("{:?}", round.link_keys(&secret()).unwrap()), "LinkKeys");
    assert_eq!(format!("{:#?}", of_bank_a(&round.digest())), "Pseudonyms");
    let name = Name::new("bank-a").unwrap();
    let said = veilmatch::Error::StrangeTrail { member: name, subjects: 3, tokens: 5 }.to_string();
    assert!(said.starts_with("3 subjects and 5 identifiers of the answer are not in these rows of bank-a"));
}
