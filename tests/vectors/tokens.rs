//! Derivations and tokens against vectors from outside: RFC 4231, Wycheproof, and those of SPEC.md.

use crate::support::member::on_chosen_backend;
use crate::support::shared::shared;
use serde_json::Value;
use veilmatch::member::identifier::{Kind, SuppressionList};
use veilmatch::member::key::CoalitionSecret;
use veilmatch::member::rows::Rows;
use veilmatch::member::tokenize::Tokenizer;
use veilmatch::terms::{KeyContext, KindId, Name};
use veilmatch::{Disclosure, Error, Intersection, Metadata};

fn hex(text: &str) -> Vec<u8> {
    let digits = text.as_bytes().chunks_exact(2);
    digits.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

/// The rows of the table of test vectors in SPEC.md, section 12: kind, key id, token key, form, token.
fn spec_vectors() -> Vec<[String; 5]> {
    let rows = include_str!("../../SPEC.md").lines().filter_map(|line| {
        let cells: Vec<String> =
            line.split('|').map(|cell| cell.trim().trim_matches('`').to_owned()).collect();
        match cells.as_slice() {
            [_, kind, key_id, key, form, token, _] if token.len() == 32 => {
                Some([kind, key_id, key, form, token].map(Clone::clone))
            }
            _ => None,
        }
    });
    rows.collect()
}

/// HKDF (RFC 5869) from the package `ring`, as an oracle that shares no code with the derivation.
fn derive(secret: &[u8], label: &str, context: &KeyContext, len: usize) -> Vec<u8> {
    struct Len(usize);
    impl ring::hkdf::KeyType for Len {
        fn len(&self) -> usize {
            self.0
        }
    }
    let lp = |text: &str| [&(text.len() as u16).to_be_bytes(), text.as_bytes()].concat();
    let epoch = context.epoch().to_be_bytes();
    let info = [lp(label), lp(context.coalition().as_str()), epoch.to_vec(), lp(context.kind().as_str())];
    let info = info.concat();
    let prk = ring::hkdf::Salt::new(ring::hkdf::HKDF_SHA256, b"veilmatch/1").extract(secret);
    let mut out = vec![0; len];
    prk.expand(&[&info], Len(len)).unwrap().fill(&mut out).unwrap();
    out
}

#[test]
fn the_vectors_of_the_specification_hold() {
    let secret: [u8; 32] = std::array::from_fn(|index| index as u8);
    let mut vectors = spec_vectors();
    vectors.retain(|[kind, ..]| !matches!(kind.parse::<Kind>(), Err(Error::FeatureOff { .. })));
    assert_eq!(vectors.len(), Kind::ALL.len() + 1, "one vector a kind, and one of an opaque kind");
    for [kind, key_id, key, form, token] in vectors {
        let context = KeyContext::new(Name::new("example").unwrap(), 1, KindId::new(&kind).unwrap()).unwrap();
        assert_eq!(derive(&secret, "veilmatch/1 key id", &context, 8), hex(&key_id), "{kind}");
        assert_eq!(derive(&secret, "veilmatch/1 token", &context, 32), hex(&key), "{kind}");

        let secret = CoalitionSecret::from_bytes(&mut secret.clone()).unwrap();
        let tokenizer = on_chosen_backend(Tokenizer::new(&secret, context).unwrap());
        assert_eq!(tokenizer.terms().key_id.0.to_vec(), hex(&key_id), "{kind}");
        let raw = match kind.as_str() {
            "net.ip/1" => "8.8.8.8",
            "merchant.mid/1" => "123456/MERCHANT",
            "crypto.bch/1" => "bitcoincash:qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a",
            "crypto.ltc/1" => "LKKHMBjCU89fyFNgSRprDoD8Jb25N8uWvd",
            "crypto.trx/1" => "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t",
            "crypto.xmr/1" => {
                "44AFFq5kSiGBoZ4NMDwYtN18obc8AemS33DBLWs3H7otXft3XjrpDtQGv7SqSsaBYBb98uNbr2VBBEt7f2wfn3RVGQBEP3A"
            }
            _ => form.as_str(),
        };
        let tokenizer = tokenizer.with_suppression(SuppressionList::none());
        let found = tokenizer.token(raw.as_bytes()).unwrap();
        assert_eq!(found.unwrap().as_bytes().to_vec(), hex(&token), "{kind}");
        // As many as a back end hashes together, and a rest.
        for in_batch in tokenizer.tokens([raw; 100]) {
            assert_eq!(in_batch, Ok(found), "{kind}");
        }

        let bytes = match kind.as_str() {
            "crypto.btc/1" => form.into(),
            kind if kind.starts_with("crypto.") => hex(&form),
            "merchant.mid/1" | "net.ip/1" => hex(&form),
            _ => form.into(),
        };
        let oracle = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, &hex(&key));
        assert_eq!(ring::hmac::sign(&oracle, &bytes).as_ref()[..16], hex(&token), "{kind}");
    }
}

/// The example files of SPEC.md, section 7: their first two lines, and a digest of all their bytes.
#[test]
fn the_files_of_the_specification_are_written() {
    let secret = CoalitionSecret::from_bytes(&mut std::array::from_fn(|index| index as u8)).unwrap();
    let context = KeyContext::new(Name::new("example").unwrap(), 1, Kind::CardPan.kind_id()).unwrap();
    let tokenizer = on_chosen_backend(Tokenizer::new(&secret, context).unwrap());
    let set_of = |member: &str, rows: &str| {
        tokenizer.tokenize(&Name::new(member).unwrap(), Rows::lines(rows.as_bytes())).unwrap().set
    };
    let purpose = "case 7\\b, \"mule ring\"".to_owned();
    let metadata =
        Metadata { created: 1_767_225_600, not_after: Some(1_769_904_000), purpose, ..Metadata::default() };
    let bank_a = set_of("bank-a", "9999 1000 0000 1562\n424242******4242\n").with_metadata(metadata);
    let bank_b = set_of("bank-b", "9999-1000-0000-1562\n");
    let matched = Intersection::new().add(&bank_a).unwrap().add(&bank_b).unwrap().at_least(2).unwrap();
    let overlaps = matched.collect().unwrap();
    let share = overlaps.share(bank_a.member(), Disclosure::Holders).unwrap();

    let mut files = [("set", Vec::new()), ("overlaps", Vec::new()), ("share", Vec::new())];
    bank_a.write_to(&mut files[0].1).unwrap();
    overlaps.write_to(&mut files[1].1).unwrap();
    share.write_to(&mut files[2].1).unwrap();
    for (what, bytes) in files {
        let digest = ring::digest::digest(&ring::digest::SHA256, &bytes);
        let digest: String = digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        let row = format!("| {what} | {} | `{digest}` |", bytes.len());
        let head = std::str::from_utf8(&bytes[..4096]).unwrap().trim_end();
        let specified = include_str!("../../SPEC.md");
        assert!(specified.contains(&row) && specified.contains(head), "{row}\n{head}");
        let spaces = bytes[..4095].iter().rev().take_while(|byte| **byte == b' ').count();
        assert!(what != "set" || specified.contains("3,521 spaces") && spaces == 3521, "{spaces}");
    }
}

#[test]
fn every_part_of_the_domain_changes_key_id_and_tokens() {
    let secret = || CoalitionSecret::from_bytes(&mut std::array::from_fn(|index| index as u8)).unwrap();
    let other = CoalitionSecret::from_bytes(&mut std::array::from_fn(|index| 1 + index as u8)).unwrap();
    let context = |coalition: &str, epoch, kind: Kind| {
        KeyContext::new(Name::new(coalition).unwrap(), epoch, kind.kind_id()).unwrap()
    };
    let tokenizers = [
        Tokenizer::new(&secret(), context("efc", 1, Kind::EmailStrict)).unwrap(),
        Tokenizer::new(&other, context("efc", 1, Kind::EmailStrict)).unwrap(),
        Tokenizer::new(&secret(), context("efd", 1, Kind::EmailStrict)).unwrap(),
        Tokenizer::new(&secret(), context("efc", 2, Kind::EmailStrict)).unwrap(),
        Tokenizer::new(&secret(), context("efc", 1, Kind::EmailMailbox)).unwrap(),
    ]
    .map(on_chosen_backend);
    for (at, one) in tokenizers.iter().enumerate() {
        for two in &tokenizers[..at] {
            assert_ne!(one.terms().key_id, two.terms().key_id);
            let [one, two] = [one, two].map(|of| of.tokens(["jane@example.com"]).next().unwrap().unwrap());
            assert!(one.is_some() && one != two);
        }
    }
}

/// The package that derives keys, against Wycheproof; the derivation itself is held by the tests above.
#[test]
fn hkdf_agrees_with_wycheproof() {
    let Some(path) = shared("vectors/wycheproof_hkdf_sha256.json") else { return };
    let vectors: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let mut count = 0;
    for test in tests_of(&vectors) {
        let field = |name: &str| hex(test[name].as_str().unwrap());
        let hkdf = hkdf::Hkdf::<sha2::Sha256>::new(Some(&field("salt")), &field("ikm"));
        let mut okm = vec![0; test["size"].as_u64().unwrap() as usize];
        let expanded = hkdf.expand(&field("info"), &mut okm).is_ok();
        assert_eq!(expanded, test["result"] == "valid", "{}", test["tcId"]);
        assert!(!expanded || okm == field("okm"), "{}", test["tcId"]);
        count += 1;
    }
    assert_eq!(count, vectors["numberOfTests"].as_u64().unwrap());
}

fn tests_of(vectors: &Value) -> impl Iterator<Item = &Value> {
    vectors["testGroups"].as_array().unwrap().iter().flat_map(|group| group["tests"].as_array().unwrap())
}
