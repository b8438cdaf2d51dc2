//! The example of SPEC.md, section 13: a manifest, its digest, and a signed set of its round.
//!
//! The values in the specification come from another program, which shares no code with this crate.

use ring::signature::{Ed25519KeyPair, KeyPair as _};
use veilmatch::container::Signer;
use veilmatch::round::{KindRules, Manifest, Member, TrailRules};
use veilmatch::terms::{KeyContext, KeyId, Name, Nonce, PublicKeys, SealKey, SignerKey, Terms};
use veilmatch::{Disclosure, Error, Metadata, Round, Token, TokenSet};

const SPECIFICATION: &str = include_str!("../../SPEC.md");

/// The manifest as it stands in the specification, to the last newline.
fn specified() -> &'static str {
    let start = SPECIFICATION.find("{\n  \"format\": \"veilmatch round 1\"").unwrap();
    let len = SPECIFICATION[start..].find("```").unwrap();
    &SPECIFICATION[start..start + len]
}

/// The value of a row of the table of the example.
pub(crate) fn value(what: &str) -> &'static str {
    let (_, rest) = SPECIFICATION.split_once(&format!("\n| {what} | `")).unwrap();
    rest.split_once('`').unwrap().0
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Signs with a seed of 32 equal bytes.
pub(crate) struct Seed(Ed25519KeyPair);

impl Seed {
    pub(crate) fn of(byte: u8) -> Self {
        Self(Ed25519KeyPair::from_seed_unchecked(&[byte; 32]).unwrap())
    }
}

impl Signer for Seed {
    fn key(&self) -> SignerKey {
        SignerKey(self.0.public_key().as_ref().try_into().unwrap())
    }

    fn sign(&self, message: &[u8]) -> Result<[u8; 64], Error> {
        Ok(self.0.sign(message).as_ref().try_into().unwrap())
    }
}

fn keys(seed: u8, seal: &str) -> PublicKeys {
    PublicKeys { sign: Seed::of(seed).key(), seal: SealKey::new(seal).unwrap() }
}

/// The set of `bank-a` for a round.
fn set_of(round: &Round) -> TokenSet {
    let Manifest { coalition, epoch, kinds, not_after, purpose, .. } = round.manifest().clone();
    let terms = Terms {
        context: KeyContext::new(coalition, epoch, kinds[0].kind.clone()).unwrap(),
        key_id: "60712fb7a14153b7".parse::<KeyId>().unwrap(),
        rules: kinds[0].rules,
        suppression: kinds[0].suppression,
        round: Some(round.digest()),
    };
    let token = Token::from_bytes(0x792c_206e_095f_3ca3_e469_d235_89a8_fb8a_u128.to_be_bytes());
    let metadata = Metadata { created: 1_767_225_600, not_after, purpose, ..Metadata::default() };
    TokenSet::from_tokens(terms, Name::new("bank-a").unwrap(), vec![token]).with_metadata(metadata)
}

#[test]
fn the_manifest_of_the_specification_is_read_and_has_its_digest() {
    let round = Round::from_bytes(specified().as_bytes()).unwrap();
    assert_eq!(round.digest().to_string(), value("digest of the round"));
    assert_eq!(specified().len(), 1204);
    assert!(!round.is_trial());
    // The digest is of every byte: one less at the end, one space more, another number.
    for other in [
        specified().trim_end().to_owned(),
        specified().replacen("\"epoch\": 1", "\"epoch\":  1", 1),
        specified().replacen("\"number\": 7", "\"number\": 8", 1),
    ] {
        let digest = Round::from_bytes(other.as_bytes()).map(|round| round.digest());
        assert!(digest.is_err() || digest.unwrap() != round.digest(), "{other}");
    }
}

#[test]
fn the_manifest_of_the_specification_is_written_from_its_parts_in_any_order() {
    let member = |name: &str, keys| Member { name: Name::new(name).unwrap(), keys: Some(keys), kinds: None };
    let manifest = Manifest {
        format: Manifest::FORMAT.to_owned(),
        coalition: Name::new("example").unwrap(),
        epoch: 1,
        number: 7,
        nonce: Nonce(std::array::from_fn(|index| index as u8)),
        not_before: None,
        not_after: Some(1_769_904_000),
        purpose: "case 7\\b, \"mule ring\"".to_owned(),
        at_least: 2,
        disclosure: Disclosure::Counts,
        min_set: None,
        max_set: Some(1_000_000),
        min_result: Some(5),
        kinds: vec![KindRules {
            kind: "card.pan/1".parse().unwrap(),
            rules: value("`card.pan/1`").parse().unwrap(),
            suppression: value("suppression list").parse().unwrap(),
        }],
        hub: Some(keys(3, "age1r9lu93t8msp7u24d7rkcv6qa4sjd4fmws0992kr4m5a7wdmw2vrq4tn22d")),
        members: vec![
            member("bank-b", keys(2, "age1q549qae6erv3wuljmjtx9cf0phh7j90yzku2rj8zpfdr664jhppsrj44kg")),
            member("bank-a", keys(1, "age10d8fpxa70llyf3r95gsqxltq3m34397nrmuh9urlwjyjev8h8ufsj7lk9j")),
        ],
        trail: None,
        custody: None,
    };
    let round = Round::new(manifest).unwrap();
    assert_eq!(String::from_utf8(round.to_bytes()).unwrap(), specified());
    assert_eq!(round.digest().to_string(), value("digest of the round"));
}

/// The part of the manifest about trails as it stands in the specification.
fn specified_trail() -> String {
    let (_, section) = SPECIFICATION.split_once("\n  \"trail\": {\n").unwrap();
    format!("  \"trail\": {{\n{}", section.split("```").next().unwrap())
}

fn specified_with_trails() -> String {
    specified().replacen("  ]\n}\n", &format!("  ],\n{}}}\n", specified_trail()), 1)
}

/// The round of the specification that allows trails.
pub(crate) fn with_trails() -> Round {
    Round::from_bytes(specified_with_trails().as_bytes()).unwrap()
}

/// The rules of trails are the last part of a manifest, and absent where there are none.
#[test]
fn the_trail_of_the_specification_is_written_behind_the_members() {
    let (section, text) = (specified_trail(), specified_with_trails());
    let without = Round::from_bytes(specified().as_bytes()).unwrap();
    let round = with_trails();
    assert_eq!(round.digest().to_string(), value("digest of the round with trails"));
    assert_ne!(round.digest(), without.digest());

    let rules = TrailRules {
        max_hops: 3,
        disclosure: Disclosure::Holders,
        ..TrailRules::for_kinds(without.manifest().kinds.iter().map(|rules| &rules.kind))
    };
    let manifest = Manifest { trail: Some(rules), ..without.manifest().clone() };
    assert_eq!(String::from_utf8(Round::new(manifest).unwrap().to_bytes()).unwrap(), text);
    // Whole sections and single fields alike are refused where they are null or left out.
    for (from, to) in [("\"max_hops\": 3", "\"max_hops\": null"), ("    \"max_hops\": 3,\n", ""), ("3", "7")]
    {
        let other = section.replacen(from, to, 1);
        assert_ne!(other, section);
        let other = text.replacen(&section, &other, 1);
        assert!(matches!(Round::from_bytes(other.as_bytes()), Err(Error::Manifest { .. })), "{other}");
    }
}

#[test]
fn the_signed_set_of_the_specification_is_written_and_admitted() {
    let round = Round::from_bytes(specified().as_bytes()).unwrap();
    let set = set_of(&round);
    assert_eq!(set.content_digest().to_string(), value("tokens digest of the set"));
    let mut file = Vec::new();
    set.sign_to(&Seed::of(1), &mut file).unwrap();
    assert_eq!(hex(&file[file.len() - 96..file.len() - 64]), value("root of the set"));
    assert_eq!(hex(&file[file.len() - 64..]), value("signature of the set"));
    let digest = ring::digest::digest(&ring::digest::SHA256, &file);
    assert_eq!(hex(digest.as_ref()), value("SHA-256 of the file of the set, 4,256 bytes"));
    assert_eq!(file.len(), 4256);

    round.admit(&TokenSet::from_file_bytes(&file).unwrap()).unwrap();
    let mut by_another = Vec::new();
    set.sign_to(&Seed::of(2), &mut by_another).unwrap();
    let refused = round.admit(&TokenSet::from_file_bytes(&by_another).unwrap());
    assert!(matches!(refused, Err(Error::WrongSigner { .. })), "{refused:?}");
}

/// The key file of `bank-a` has the public keys that the manifest lists.
#[cfg(feature = "seal")]
#[test]
fn the_key_file_of_the_specification_is_that_of_its_member() {
    let (_, lines) = SPECIFICATION.split_once("of `bank-a` are\n\n```text\n").unwrap();
    let (lines, _) = lines.split_once("```").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bank-a.key");
    std::fs::write(&path, lines).unwrap();
    #[cfg(unix)]
    std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let identity = veilmatch::round::identity::Identity::read_file(&path).unwrap();
    let round = Round::from_bytes(specified().as_bytes()).unwrap();
    let listed = round.member(&Name::new("bank-a").unwrap()).unwrap().keys.clone();
    assert_eq!(listed, Some(identity.public_keys()));
}
