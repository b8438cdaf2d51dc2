//! The seeds of the fuzz targets: small, public, and what the readers accept.
//!
//! `VEILMATCH_WRITE_SEEDS=1 cargo test --test fuzz_seeds` writes them anew, for instance after a kind was added.
#![cfg(feature = "member")]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use support::essence::LAID_OUT;
use support::files::{Forger, handshake_file, hex, reader_of, sha256, small_files};
use support::member::secret;
use veilmatch::Round;
use veilmatch::member::cross_check::CrossCheck;
use veilmatch::member::identifier::Kind;
use veilmatch::round::Known;
use veilmatch::round::log::Log;

/// Ends a value, as in `fuzz/src/kinds.rs`.
const END: u8 = 0xff;

/// In the order of `fuzz/src/kinds.rs`; rows of other plans are left out.
const PLANS: [&str; 6] = ["", "1/", "36/06", "39/", "44/0", "7/8"];

/// Values in a seed, and bytes of the longest one: longer ones are found by repeating.
const VALUES: usize = 16;
const LONGEST: usize = 100;

const SPECIFICATION: &str = include_str!("../SPEC.md");

/// A share of SPEC.md, section 4.
const SHARE: &str =
    "vmshare1q8q0lmspqvqlqqef8t8lkjazhl6wujkadlkqsa2a6v683nrvtdtzpvfpqrl3fnsz85h2s3ufaessskq75n";

/// The keys of SPEC.md, section 13, as a file of public keys.
const PUBLIC: &str = "veilmatch public keys 1\n\
    sign: d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a\n\
    seal: age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj\n";

/// The same as known keys.
const KNOWN: &str = "veilmatch known keys 1\n\
    efc @hub d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a \
    age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj\n";

/// By target and name.
type Seeds = BTreeMap<(&'static str, String), Vec<u8>>;

fn seeds() -> Seeds {
    let mut seeds = Seeds::new();
    let mut add = |target, name: &str, bytes: &[u8]| {
        assert!(seeds.insert((target, name.replace(' ', "-")), bytes.to_vec()).is_none(), "{target} {name}");
    };
    for (name, bytes) in values() {
        add("kinds", &name, &bytes);
    }
    for (target, name, file) in files() {
        add(target, name, &Forger::of(&file).essence());
    }
    add("manifest", "specification", manifest().as_bytes());
    add("log", "specification", log());
    add("ceremony", "two-of-two", ceremony("").as_bytes());
    add("custody", "two-of-two", custody().as_bytes());
    add("request", "three-elements", &request().essence());
    add("evaluation", "three-elements", &evaluation().essence());
    add("ledger", "two-charges", ledger().as_bytes());
    add("cross_check", "one-kind", cross_check().as_bytes());
    add("keys", "secret", secret().to_line().as_bytes());
    add("keys", "share", SHARE.as_bytes());
    add("keys", "public", PUBLIC.as_bytes());
    add("keys", "known", KNOWN.as_bytes());
    add("keys", "bytes-of-a-secret", &(1..=32).collect::<Vec<u8>>());
    add("keys", "bytes-of-a-share", &[&[1, 0, 0, 0, 1, 2, 1][..], &[7; 40]].concat());
    add("identity", "specification", identity().as_bytes());
    add("identity", "bytes", &(1..=64).collect::<Vec<u8>>());
    add(
        "suppression",
        "several",
        b"# office\nnet.ip/1 198.51.100.0/24 # of ours\ncard.pan/1 4111 1111 1111 1111\n",
    );
    add("lines", "several", b"\x024111111111111111\r\n\n5500 0000 0000 0004\n123\n4111-1111-1111-1111");
    let export = "\u{feff}name,card\n\"Doe, J.\",4111111111111111\r\nx,\"5500 0000\n0000 0004\"\nshort\n";
    add("csv", "first-column", &[b"\x02\x00", export.as_bytes()].concat());
    add("csv", "named-column", &[b"\x02\x01", export.as_bytes()].concat());
    add("csv", "semicolons", &[b"\x02\x03", export.replace(',', ";").as_bytes()].concat());
    let rows =
        "id,kind,value\n1,card.pan,4111111111111111\n2,net.ip/1,\"192.0.2.1\"\n3,none,x\n4, card.pan/1 \n\n";
    add("csv", "kind-column", &[b"\x02\x18", rows.as_bytes()].concat());
    seeds
}

/// A ceremony of two custodians, whose keys are published; each line after `indent`.
fn ceremony(indent: &str) -> String {
    let custodian = |name: &str, sign: &str, seal: &str| {
        format!(
            "    {{\n      \"name\": \"{name}\",\n      \"keys\": {{\n        \"sign\": \"{sign}\",\n        \"seal\": \"{seal}\"\n      }}\n    }}"
        )
    };
    let a = custodian(
        "auditor",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "age1t7rxyev2z3rw82stdlrrepyc39nvn86l5078zqkf5uasdy86jp6svpy7pa",
    );
    let b = custodian(
        "court",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj",
    );
    let text = format!(
        "{{\n  \"format\": \"veilmatch ceremony 1\",\n  \"coalition\": \"efc\",\n  \"epoch\": 7,\n  \"nonce\": \"{}\",\n  \
         \"threshold\": 2,\n  \"kinds\": [\n    {{\n      \"kind\": \"card.pan/1\",\n      \"quota\": 1000\n    }}\n  ],\n  \
         \"custodians\": [\n{a},\n{b}\n  ]\n}}\n",
        "07".repeat(16)
    );
    text.replace('\n', &format!("\n{indent}")).trim_end_matches(' ').to_owned()
}

/// What is public of a key of these two, which neither has signed: G, and as shares 2·G and 3·G (RFC 9496, appendix A.1).
fn custody() -> String {
    format!(
        "{{\n  \"format\": \"veilmatch custody 1\",\n  \"ceremony\": {},\n  \"generation\": 1,\n  \"keys\": [\n    {{\n      \
         \"kind\": \"card.pan/1\",\n      \"key\": \"{}\",\n      \"shares\": [\n        \"{}\",\n        \"{}\"\n      ]\n    }}\n  ],\n  \
         \"signatures\": [\n    null,\n    null\n  ]\n}}\n",
        ceremony("  ").trim_end(),
        "e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76",
        "6a493210f7499cd17fecb510ae0cea23a110e8d5b901f8acadd3095c73a3b919",
        "94741f5d5d52755ece4f23f044ee27d5d1ea1e2bd196b462166b16152a9d0259",
    )
}

/// What requests and evaluations say in their headers, up to what each has of its own.
fn asked(file_type: &str, own: &str) -> String {
    let of = |byte: &str, times| byte.repeat(times);
    format!(
        "veilmatch {file_type} 1\n{{\"format\":1,\"kind\":\"card.pan/1\",\"coalition\":\"efc\",\"epoch\":7,\"key_id\":\"{}\",\
         \"rules\":\"{}\",\"suppression\":\"{}\",\"round\":\"{}\",\"member\":\"bank-a\",\"signer\":null,\"created\":0,\
         \"not_before\":null,\"not_after\":null,\"purpose\":\"\",\"log\":null,\"counters\":null,\"matched\":null,\
         \"filter\":null,{own},\"tokens\":3}}",
        of("01", 8),
        of("02", 32),
        of("03", 32),
        of("04", 32)
    )
}

/// An unsigned request of three elements, with a head of a ledger.
fn request() -> Forger {
    let (digest, signature) = ("05".repeat(32), "06".repeat(64));
    let document = format!(
        "{{\"custody\":\"{digest}\",\"heads\":[{{\"custodian\":\"court\",\"head\":\"{digest}\",\"signature\":\"{signature}\"}}]}}\n"
    );
    let mut names = document.into_bytes();
    names.resize(4095, b' ');
    names.push(b'\n');
    let own = format!("\"document\":{{\"bytes\":4096,\"digest\":\"{}\"}}", hex(&sha256(&[&names])));
    let (file_type, head) = ("request".to_owned(), asked("request", &own));
    Forger { file_type, head, names, record_len: 32, records: vec![7; 3 * 32] }
}

/// An unsigned evaluation of three elements and a proof.
fn evaluation() -> Forger {
    let (digest, signature) = ("05".repeat(32), "06".repeat(64));
    let own = format!(
        "\"evaluation\":{{\"custody\":\"{digest}\",\"custodian\":\"court\",\"index\":2,\"request\":\"{digest}\",\
         \"head\":\"{digest}\",\"head_signature\":\"{signature}\"}}"
    );
    let (file_type, head) = ("evaluation".to_owned(), asked("evaluation", &own));
    Forger { file_type, head, names: Vec::new(), record_len: 32, records: vec![7; 5 * 32] }
}

/// A ledger with two charges, whose digests and signatures the target makes to fit.
fn ledger() -> String {
    let (digest, signature) = ("07".repeat(32), "08".repeat(64));
    let line = |n: u64, what: &str| {
        format!(
            "{{\"n\":{n},\"previous\":\"{digest}\",\"time\":\"2026-11-24T07:41:39Z\",{what},\"signature\":\"{signature}\"}}\n"
        )
    };
    let begins = format!("\"begins\":{{\"custody\":\"{digest}\",\"custodian\":\"a\",\"key\":\"{digest}\"}}");
    let charge = |request: &str| {
        format!(
            "\"charge\":{{\"round\":\"{digest}\",\"kind\":\"card.pan/1\",\"member\":\"bank-a\",\"key\":\"{digest}\",\
             \"request\":\"{}\",\"elements\":3}}",
            request.repeat(32)
        )
    };
    [line(1, &begins), line(2, &charge("09")), line(3, &charge("0a"))].concat()
}

/// An unsigned cross-check.
fn cross_check() -> String {
    let of = |byte: &str, times| byte.repeat(times);
    format!(
        "veilmatch cross-check 1\n{{\"round\":\"{}\",\"from\":\"a\",\"to\":\"b\",\"key\":\"{}\",\"kinds\":[{{\
         \"kind\":\"card.pan/1\",\"matched\":1700000000,\"members\":\"{}\",\"tokens\":3,\"digest\":\"{}\",\"holders\":\"{}\"}}],\
         \"signer\":null}}\n{}\n",
        of("07", 32),
        of("09", 32),
        of("08", 32),
        of("0a", 32),
        of("0b", 32),
        of("0", 128)
    )
}

/// The fields of the self-test tables.
fn rows() -> impl Iterator<Item = Vec<&'static str>> {
    let rows = include_str!("../spec/selftest-1.tsv").lines().filter(|row| !row.starts_with('#'));
    rows.map(|row| row.split('\t').collect())
}

/// Every kind in order of id, whatever this build has: the fuzz targets have all.
fn ids() -> BTreeSet<&'static str> {
    rows().map(|fields| fields[0]).collect()
}

/// The inputs of the self-test tables, which are published: kind, national plan, hex.
fn values() -> Vec<(String, Vec<u8>)> {
    let mut all: BTreeMap<(usize, usize), Vec<Vec<u8>>> = BTreeMap::new();
    let ids: Vec<&str> = ids().into_iter().collect();
    for fields in rows() {
        let kind = ids.iter().position(|id| *id == fields[0]).expect("an id of the table");
        let Some(plan) = PLANS.iter().position(|plan| *plan == fields[1]) else { continue };
        let byte = |at| u8::from_str_radix(&fields[2][at..at + 2], 16).expect("hex");
        let value: Vec<u8> = (0..fields[2].len()).step_by(2).map(byte).collect();
        if value.len() <= LONGEST && !value.contains(&END) {
            all.entry((kind, plan)).or_default().push(value);
        }
    }
    let mut seeds = Vec::new();
    for ((kind, plan), values) in all {
        for (number, values) in values.chunks(VALUES).enumerate() {
            let name = format!("{}-{plan}-{number}", ids[kind].replace('/', "-"));
            seeds.push((name, [&[kind as u8, plan as u8][..], &values.join(&END)].concat()));
        }
    }
    seeds
}

/// Small files of records: target, name, file.
fn files() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    let small = small_files().into_iter().map(|(name, file, _)| {
        let target = LAID_OUT.into_iter().find(|target| name.starts_with(target)).expect("a target");
        (target, name, file)
    });
    small.chain([("handshake", "handshake", handshake_file())]).collect()
}

fn between(start: &str, end: &str) -> &'static str {
    let start = SPECIFICATION.find(start).expect("the example stands in the specification");
    let len = SPECIFICATION[start..].find(end).expect("it ends");
    &SPECIFICATION[start..start + len]
}

fn manifest() -> &'static str {
    between("{\n  \"format\": \"veilmatch round 1\"", "```")
}

fn identity() -> &'static str {
    between("veilmatch identity 1\nsign: vmsign1", "```")
}

fn log() -> &'static [u8] {
    include_bytes!("../spec/log-1.jsonl")
}

#[test]
fn what_the_seeds_are_made_of_is_accepted() {
    for (target, name, file) in files() {
        let forged = Forger::of_essence(target, &Forger::of(&file).essence()).expect(name);
        assert!(forged.file() == file, "{name}: its essence gives another file");
        assert!(reader_of(target)(&file).expect(name) == file, "{name}");
    }
    Round::from_bytes(manifest().as_bytes()).unwrap();
    Log::parse(log()).unwrap();
    CrossCheck::from_file_bytes(cross_check().as_bytes()).unwrap();
    Known::parse(KNOWN.as_bytes()).unwrap();
    #[cfg(feature = "oprf")]
    {
        veilmatch::custody::Ceremony::from_bytes(ceremony("").as_bytes()).unwrap();
        veilmatch::custody::SignedCustody::read(custody().as_bytes()).unwrap();
        let forged = |forger: Forger| {
            let again = Forger::of_essence(&forger.file_type, &forger.essence()).expect("a whole essence");
            assert!(again.file() == forger.file(), "its essence gives another file");
            Box::new(forger.file())
        };
        let request = veilmatch::custody::RequestFile::from_source(forged(request()), "request").unwrap();
        assert_eq!((request.len(), request.heads().len()), (3, 1));
        let answer = veilmatch::custody::EvaluationFile::from_source(forged(evaluation()), "answer").unwrap();
        assert_eq!((answer.len(), answer.by().index), (3, 2));
    }
    PUBLIC.parse::<veilmatch::terms::PublicKeys>().unwrap();
    for kind in Kind::ALL {
        let name = kind.id().replace('/', "-");
        assert!(values().iter().any(|(seed, _)| seed.starts_with(&name)), "no seed for {kind}");
    }
}

/// Every file below the folder of seeds.
fn kept(folder: &Path) -> BTreeMap<(String, String), Vec<u8>> {
    let mut kept = BTreeMap::new();
    let names = |folder: &Path| -> Vec<PathBuf> {
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
    };
    let last = |path: &Path| path.file_name().unwrap().to_str().unwrap().to_owned();
    for target in names(folder) {
        for seed in names(&target) {
            kept.insert((last(&target), last(&seed)), fs::read(&seed).unwrap());
        }
    }
    kept
}

#[test]
fn the_seeds_that_are_kept_are_these() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds");
    let seeds = seeds();
    if std::env::var_os("VEILMATCH_WRITE_SEEDS").is_some() {
        let _ = fs::remove_dir_all(&folder);
        for ((target, name), bytes) in &seeds {
            fs::create_dir_all(folder.join(target)).unwrap();
            fs::write(folder.join(target).join(name), bytes).unwrap();
        }
    }
    let expected: BTreeMap<_, _> =
        seeds.into_iter().map(|((target, name), bytes)| ((target.to_owned(), name), bytes)).collect();
    assert!(kept(&folder) == expected, "the seeds are others: write them anew as this file's beginning says");
}
