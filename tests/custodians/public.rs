//! What is public of custodians' keys, and which rounds it serves.

use ring::digest::{SHA256, digest};
use veilmatch::custody::{PublicCustody, SignedCustody};
use veilmatch::round::identity::Identity;
use veilmatch::round::{KindRules, Manifest};
use veilmatch::terms::{CustodyDigest, Terms};
use veilmatch::{Error, Round};

use super::{World, kind, name, refused, signed, world};

#[test]
fn it_counts_only_when_all_have_signed() {
    let (_, made) = world();
    let mut some = made[0].1.clone();
    refused(some.clone().complete(), "unsigned", &["court"]);
    some.join(&made[2].1).unwrap();
    assert_eq!(some.missing().collect::<Vec<_>>(), [&name("court")]);
    refused(PublicCustody::read(&some.to_bytes()), "unsigned", &["court"]);
    some.join(&made[1].1).unwrap();
    let all = PublicCustody::read(&some.to_bytes()).unwrap();
    // The same bytes, whoever puts them together.
    let mut other = made[2].1.clone();
    other.join(&made[1].1).unwrap();
    other.join(&made[0].1).unwrap();
    assert_eq!(other.to_bytes(), some.to_bytes());
    assert_eq!(all, other.complete().unwrap());
}

#[test]
fn what_anybody_changed_is_refused() {
    let (world, made) = world();
    let text = String::from_utf8(signed(made).to_bytes()).unwrap();
    let keys: serde_json::Value = serde_json::from_str(&text).unwrap();
    let hex = |at: &str| keys.pointer(at).unwrap().as_str().unwrap().to_owned();
    let exchanged = |a: &str, b: &str| text.replace(a, "@").replace(b, a).replace('@', b);
    for (changed, code) in [
        (text.replacen("\"quota\": 1000", "\"quota\": 1001", 1), "signature"),
        (text.replacen("\"epoch\": 7", "\"epoch\": 8", 1), "signature"),
        (text.replacen("\"generation\": 1", "\"generation\": 2", 1), "signature"),
        (text.replacen("\"generation\": 1", "\"generation\": 0", 1), "custody"),
        (text.replacen("\"threshold\": 2", "\"threshold\": 3", 1), "signature"),
        (exchanged(&hex("/keys/0/shares/0"), &hex("/keys/0/shares/1")), "oprf"),
        (text.replacen(&hex("/keys/0/key"), &hex("/keys/1/key"), 1), "oprf"),
        (text.replacen(&hex("/keys/0/shares/2"), &"00".repeat(32), 1), "oprf"),
        (exchanged(&hex("/signatures/0"), &hex("/signatures/1")), "signature"),
        (text.replacen("custody 1", "custody 2", 1), "custody"),
        (text.replacen("{\n", "{\n\n", 1), "custody"),
    ] {
        assert_ne!(changed, text);
        refused(PublicCustody::read(changed.as_bytes()), code, &[]);
    }
    for len in (0..text.len()).step_by(7) {
        assert!(PublicCustody::read(&text.as_bytes()[..len]).is_err(), "length {len}");
    }
    let mut by_other = made[0].1.clone();
    refused(by_other.sign(&name("court"), &world.identities[0]), "wrong_signer", &["court"]);
    refused(by_other.sign(&name("nobody"), &world.identities[0]), "custody", &["nobody"]);
}

#[test]
fn parts_of_two_ceremonies_do_not_join() {
    let (_, made) = world();
    let other = World::new().made();
    let mut own = made[0].1.clone();
    refused(own.join(&other[1].1), "custody", &["the same ceremony"]);
    assert_eq!(own.missing().count(), 2, "nothing was taken");
}

/// A round of two banks and a hub, with keys, for `card.pan/1`.
fn manifest() -> Manifest {
    let rules: KindRules = (&Terms::example()).into();
    let members = vec![name("bank-a"), name("bank-b")];
    let mut manifest = Manifest::trial(name("efc"), 7, vec![rules], members).unwrap();
    let keys = || Some(Identity::generate().unwrap().public_keys());
    manifest.hub = keys();
    manifest.members.iter_mut().for_each(|member| member.keys = keys());
    manifest
}

#[test]
fn a_round_names_its_custody_and_takes_no_other() {
    let (_, made) = world();
    let custody = signed(made).complete().unwrap();
    let without = Round::new(manifest()).unwrap();
    assert!(!String::from_utf8(without.to_bytes()).unwrap().contains("custody"));
    refused(custody.require_round(without.manifest()), "custody", &["a manifest that names a custody"]);
    let with = Manifest { custody: Some(custody.digest()), ..without.manifest().clone() };
    let with = Round::new(with).unwrap();
    assert_ne!(with.digest(), without.digest());
    let read = Round::from_bytes(&with.to_bytes()).unwrap();
    custody.require_round(read.manifest()).unwrap();
    let other = Manifest { custody: Some(CustodyDigest([7; 32])), ..with.manifest().clone() };
    refused(custody.require_round(&other), "custody", &["another one"]);
}

#[test]
fn custodians_serve_no_round_that_does_not_fit_them() {
    let (world, made) = world();
    let custody = signed(made).complete().unwrap();
    let refuses = |change: &dyn Fn(&mut Manifest), words: &[&str]| {
        let mut manifest = manifest();
        custody.require_fit(&manifest).unwrap();
        change(&mut manifest);
        refused::<()>(custody.require_fit(&manifest), "custody", words);
    };
    refuses(&|manifest| manifest.coalition = name("other"), &["coalition and epoch"]);
    refuses(&|manifest| manifest.epoch = 8, &["coalition and epoch"]);
    refuses(&|manifest| manifest.kinds[0].kind = kind("email.strict/1"), &["email.strict/1", "a key"]);
    refuses(&|manifest| manifest.members[1].name = name("COURT"), &["court", "neither the hub nor a member"]);
    let court = || world.identities[1].public_keys();
    refuses(&|manifest| manifest.hub = Some(court()), &["court", "neither the hub nor a member"]);
    refuses(&|manifest| manifest.members[0].keys = Some(court()), &["court", "neither"]);
    let half = |manifest: &mut Manifest| manifest.members[0].keys.as_mut().unwrap().seal = court().seal;
    refuses(&half, &["court", "neither"]);
}

#[test]
fn a_file_that_is_too_long_is_not_read() {
    let long: Result<_, Error> = SignedCustody::read(&vec![b' '; SignedCustody::MAX_LEN + 1]);
    refused(long, "custody", &["1 MiB"]);
}

/// SHA-256 of parts, one after the other.
fn sha256(parts: &[&[u8]]) -> Vec<u8> {
    digest(&SHA256, &parts.concat()).as_ref().to_vec()
}

/// SPEC.md, section 16.1, computed from the file alone.
#[test]
fn digests_and_signatures_are_those_of_the_specification() {
    let (world, made) = world();
    let custody = signed(made).complete().unwrap();
    let ceremony = sha256(&[b"veilmatch/2 ceremony", &world.ceremony.to_bytes()]);
    assert_eq!(world.ceremony.digest().0[..], ceremony);
    let file: serde_json::Value = serde_json::from_slice(&signed(made).to_bytes()).unwrap();
    assert_eq!(
        file["ceremony"],
        serde_json::from_slice::<serde_json::Value>(&world.ceremony.to_bytes()).unwrap()
    );
    let hex = |value: &serde_json::Value| -> Vec<u8> {
        let text = value.as_str().unwrap();
        (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
    };
    let keys = file["keys"].as_array().unwrap();
    let public: Vec<u8> = keys.iter().flat_map(|key| hex(&key["key"])).collect();
    let shares: Vec<u8> =
        keys.iter().flat_map(|key| key["shares"].as_array().unwrap()).flat_map(hex).collect();
    let fixed = sha256(&[b"veilmatch/2 custody", &ceremony, &public]);
    assert_eq!(custody.digest().0[..], fixed);
    let generation = sha256(&[b"veilmatch/2 generation", &fixed, &1u64.to_be_bytes(), &shares]);
    let message = [&b"veilmatch/1 sig\0\x07custody"[..], &generation].concat();
    let signatures = file["signatures"].as_array().unwrap();
    assert_eq!(signatures.len(), 3);
    for (identity, signature) in world.identities.iter().zip(signatures) {
        assert!(identity.public_keys().sign.verify(&message, &hex(signature)));
    }
}
