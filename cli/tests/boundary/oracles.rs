//! Nothing that may leave the hub lets a member with the secret try out what another member's small set holds.

use std::collections::HashSet;
use std::fs;
use std::io::Read as _;

use crate::support::coalition::{Coalition, HUB};
use crate::support::files::{Forger, hex, sha256, written};
use veilmatch::member::key::CoalitionSecret;
use veilmatch::member::rows::Rows;
use veilmatch::round::identity::Identity;
use veilmatch::round::seal;
use veilmatch::terms::Name;
use veilmatch::{Metadata, Round, TokenSet};

const COLUMNS: &str = "--column card=card.pan";
const SET: &str = "card.pan-1.vms";
const DATE: u64 = 1_700_000_000;
/// The guess that is right, and the one that takes its place in the next set.
const RIGHT: usize = 617;

/// A thousand card numbers of a range that no issuer has, with their check digits (ISO/IEC 7812-1).
fn guesses() -> Vec<String> {
    let card = |number: usize| {
        let payload = format!("999917{number:09}");
        let digits = payload.bytes().rev().map(|digit| u64::from(digit - b'0'));
        let sum: u64 =
            digits.zip([2, 1].iter().cycle()).map(|(digit, by)| (digit * by) / 10 + (digit * by) % 10).sum();
        format!("{payload}{}", (10 - sum % 10) % 10)
    };
    (0..1000).map(card).collect()
}

/// Runs a command at the date that the attacker has guessed too.
fn dated(coalition: &Coalition, who: &str, arguments: &str) -> String {
    let output =
        coalition.command(who, arguments).env("SOURCE_DATE_EPOCH", DATE.to_string()).output().unwrap();
    let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    assert!(output.status.success(), "{who}: {arguments}: {said}");
    said
}

/// Three members, of whom `c` has one card, which `b` has too; later it has the next one instead. All that is said and
/// written at the hub and may leave it.
fn all_that_leaves(sealed: bool) -> (Coalition, String) {
    let coalition = Coalition::new(&["a", "b", "c"], sealed, "--at-least 2 --kind card.pan --min-result 5");
    let guesses = guesses();
    let mut sets = Vec::new();
    for (who, cards) in [
        ("a", &["9999100000001562".to_owned()][..]),
        ("b", &guesses[RIGHT..RIGHT + 1]),
        ("c", &guesses[RIGHT..RIGHT + 1]),
    ] {
        coalition.write(who, "rows.csv", format!("card\n{}\n", cards.join("\n")));
        let part = coalition.part(who);
        dated(&coalition, who, &format!("tokenize {part} {COLUMNS} --input rows.csv --out sets --keep kept"));
        sets.extend(coalition.deliver(who, "sets"));
    }
    let (identity, part, all) = (coalition.identity(), coalition.part("c"), sets.join(" "));
    coalition.write("c", "later.csv", format!("card\n{}\n", guesses[RIGHT + 1]));
    let follow =
        format!("tokenize {part} {COLUMNS} --input later.csv --out later --keep kept-later --follow kept");
    dated(&coalition, "c", &follow);
    let files = format!("--base kept/{SET} --new kept-later/{SET} --out c.vmd");
    dated(&coalition, "c", &format!("delta --round round.json --member c {identity} {files}"));
    coalition.carry("c", "c.vmd", HUB, "c.vmd");

    let agreed = format!("--round round.json {identity} --log run.log");
    let mut leaves = String::new();
    let mut hub = |arguments: &str| leaves += &dated(&coalition, HUB, arguments);
    hub(&format!("intersect {agreed} --out result {all}"));
    hub(&format!("notices {agreed} --hub-only result/hub-only.json --delta c.vmd --out notices {all}"));
    hub(&format!("apply {agreed} --base {} --delta c.vmd --out next.vms", sets[2]));
    for file in [&sets[2], "c.vmd", "next.vms"] {
        hub(&format!("inspect {identity} --log run.log {file}"));
        hub(&format!("inspect {identity} --format json {file}"));
        hub(&format!("verify --round round.json {identity} {file}"));
    }
    // The delta does not fit this one.
    let wrong = format!("apply {agreed} --base {} --delta c.vmd --out wrong.vms", sets[1]);
    leaves += &coalition.run(HUB, &wrong).stderr;
    let again = format!("apply {agreed} --base next.vms --delta c.vmd --out wrong.vms");
    leaves += &coalition.run(HUB, &again).stderr;
    for file in ["result/report.json", "run.log"] {
        leaves += &fs::read_to_string(coalition.file(HUB, file)).unwrap();
    }
    leaves += &opened(&coalition, "a", "result/a.card.pan-1.vsh");
    leaves += &opened(&coalition, "b", "notices/b.card.pan-1.vmn");
    (coalition, leaves)
}

/// What the hub sends to a member, as that member reads it.
fn opened(coalition: &Coalition, who: &str, file: &str) -> String {
    let bytes = fs::read(coalition.file(HUB, file)).unwrap();
    let mut content = Vec::new();
    if seal::is_sealed(&bytes) {
        let identity = Identity::read_file(&coalition.file(who, "own.key")).unwrap();
        seal::open(&identity, &bytes[..]).unwrap().read_to_end(&mut content).unwrap();
    }
    let content = if content.is_empty() { bytes } else { content };
    String::from_utf8_lossy(&content[..4096]).into_owned()
}

/// What `a` makes of a guess: the files that `c` would have, and every digest that is made of them.
fn digests_of(coalition: &Coalition, guess: &str, next: &str) -> [String; 6] {
    let secret = CoalitionSecret::read_file(&coalition.file("a", "secret")).unwrap();
    let round = Round::from_bytes(&fs::read(coalition.file("a", "round.json")).unwrap()).unwrap();
    let c = Name::new("c").unwrap();
    let tokenizer = round.tokenizer(&secret, &"card.pan/1".parse().unwrap(), &c).unwrap();
    let set = |card: &str| -> TokenSet {
        let set = tokenizer.tokenize(&c, Rows::values([card.to_owned()])).unwrap().set;
        set.with_metadata(Metadata { created: DATE, ..Metadata::default() })
    };
    let key = fs::read_to_string(coalition.file("c", "own.key.pub")).unwrap();
    let key = key.lines().find_map(|line| line.strip_prefix("sign: ")).unwrap().to_owned();
    // The header names the key that signs, which stands in the manifest; the root is made without its signature.
    let file = |set: &TokenSet| {
        let file = written(|out| set.write_to(out));
        if !coalition.sealed {
            return file;
        }
        Forger::of(&file).replace(r#""signer":null"#, &format!(r#""signer":"{key}""#)).file()
    };
    let (first, second) = (set(guess), set(next));
    let first_file = file(&first);
    let root = |file: &[u8]| hex(&file[file.len() - 96..file.len() - 64]);
    let second = second.following(&first.revision().unwrap()).unwrap();
    let mut second_file = file(&second);
    if coalition.sealed {
        let (unsigned, signed) = (first.root().unwrap().to_string(), root(&first_file));
        second_file = Forger::of(&second_file).replace(&unsigned, &signed).file();
    }
    [
        root(&first_file),
        hex(&sha256(&[&first_file])),
        first.content_digest().to_string(),
        root(&second_file),
        hex(&sha256(&[&second_file])),
        second.content_digest().to_string(),
    ]
}

/// All that looks like a digest.
fn digests_in(text: &str) -> HashSet<&str> {
    let is_hex = |character: char| character.is_ascii_digit() || ('a'..='f').contains(&character);
    text.split(|character| !is_hex(character)).filter(|word| word.len() >= 64).collect()
}

#[test]
fn no_digest_that_leaves_the_hub_tells_which_of_a_thousand_guesses_a_small_set_holds() {
    for sealed in [true, false] {
        let (coalition, leaves) = all_that_leaves(sealed);
        let found = digests_in(&leaves);
        assert!(found.len() > 5, "the digest of the round and others: {found:?}");
        let guesses = guesses();
        let mut told = Vec::new();
        for (at, guess) in guesses.iter().enumerate() {
            let digests = digests_of(&coalition, guess, &guesses[(at + 1) % guesses.len()]);
            told.extend(
                digests.iter().position(|digest| found.contains(digest.as_str())).map(|which| (at, which)),
            );
        }
        assert_eq!(told, [], "sealed: {sealed}");
        // What stays at the hub does tell: so the guesses were tried out as they must be.
        let stays = fs::read_to_string(coalition.file(HUB, "result/hub-only.json")).unwrap();
        let right = digests_of(&coalition, &guesses[RIGHT], &guesses[RIGHT + 1]);
        assert!(digests_in(&stays).contains(right[0].as_str()), "sealed: {sealed}");
        let followed = opened(&coalition, HUB, "c.vmd");
        assert!(digests_in(&followed).contains(right[3].as_str()), "sealed: {sealed}");
    }
}

#[test]
fn what_stays_at_the_hub_is_for_its_user_alone_and_its_digest_in_the_record_cannot_be_tried_out() {
    let mut digests = HashSet::new();
    for again in 0..2 {
        let (coalition, _) = all_that_leaves(true);
        let path = coalition.file(HUB, "result/hub-only.json");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        let stays: serde_json::Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        assert_eq!(stays["report"]["kinds"][0]["overlaps"], 1, "what the report withholds");
        let report = fs::read_to_string(coalition.file(HUB, "result/report.json")).unwrap();
        assert!(report.contains(r#""overlaps":null"#) && !report.contains("root"), "{report}");
        // Two matches of the same sets would have the same file but for this.
        let nonce = stays["nonce"].as_str().unwrap().to_owned();
        assert!(nonce.len() == 32 && digests.insert(nonce), "{again}");
        let record = fs::read_to_string(coalition.file(HUB, "run.log")).unwrap();
        assert!(record.contains(&hex(&sha256(&[&fs::read(&path).unwrap()]))));
    }
}
