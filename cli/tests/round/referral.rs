//! Statements to an authority, and what it makes of them, by the program. Answers of the hub are made by the library.

use std::fs;
use std::io::Write as _;

use veilmatch::container::Signer as _;
use veilmatch::member::key::CoalitionSecret;
use veilmatch::member::linking::Pseudonyms;
use veilmatch::round::{identity::Identity, seal};
use veilmatch::terms::{ContentDigest, KeyId, KindId, Name, Pseudonym, TrailId};
use veilmatch::trail::{Answer, Lead, OwnSubject, OwnTrail, Release, Slip, Statement};
use veilmatch::{Disclosure, Metadata, Round, Token};

use crate::support::coalition::{Coalition, HUB};
use crate::support::files::{hex, sha256};

const TERMS: &str = "--at-least 2 --kind card.pan --kind net.ip --trail";
const MEMBERS: [&str; 3] = ["a", "b", "c"];
const POLICE: &str = "police";
const TRAIL: &str = "07070707070707070707070707070707";
const OTHER_TRAIL: &str = "08080808080808080808080808080808";

/// The seventh subject of a member, as the hub knows it, and one of its link tokens.
const SEEN: [u8; 16] = [0xa7; 16];
const TOKEN: [u8; 16] = [0xe7; 16];

fn identity(coalition: &Coalition, who: &str) -> Identity {
    Identity::read_file(&coalition.file(who, "own.key")).unwrap()
}

fn round(coalition: &Coalition) -> Round {
    Round::from_bytes(&fs::read(coalition.file("a", "round.json")).unwrap()).unwrap()
}

/// Three members with an answer of the hub each, and an authority with a key file, all in folders of their own.
fn coalition(sealed: bool, terms: &str) -> Coalition {
    let coalition = Coalition::new(&MEMBERS, sealed, &format!("{TERMS} {terms}"));
    fs::create_dir(coalition.of(POLICE)).unwrap();
    coalition.done(POLICE, "keygen --identity --out own.key");
    coalition.carry("a", "round.json", POLICE, "round.json");
    for who in MEMBERS {
        coalition.carry(POLICE, "own.key.pub", who, "police.pub");
        coalition.carry(HUB, "own.key.pub", who, "hub.pub");
        coalition.write(who, "own.vmt", answer_file(&coalition, who));
    }
    coalition
}

/// What the hub tells a member about two trails.
fn answer(coalition: &Coalition, who: &str) -> Answer {
    let (round, hub) = (round(coalition), identity(coalition, HUB));
    let all = || MEMBERS.map(|name| Name::new(name).unwrap());
    let names = (round.trail().unwrap().disclosure == Disclosure::Holders).then(|| all().to_vec());
    let lead = |kind: &str, token| Lead {
        kind: KindId::new(kind).unwrap(),
        token: Token::from_bytes(token),
        behind: Some(2),
    };
    let leads = || vec![lead("card.pan/1", TOKEN), lead("card.pan/1", [0xe8; 16]), lead("net.ip/1", TOKEN)];
    let trail = |id: [u8; 16]| {
        let recipient = Name::new(who).unwrap();
        let slip =
            Slip { round: round.digest(), trail: TrailId(id), recipient, members: 3, names: names.clone() };
        OwnTrail {
            id: TrailId(id),
            subjects: None,
            members: 3,
            names: names.clone(),
            slip: (!round.is_trial()).then(|| slip.sign(&hub).unwrap()),
            own: vec![OwnSubject { pseudonym: Pseudonym(SEEN), distance: 1, leads: leads() }],
        }
    };
    Answer {
        terms: round.trail_terms(KeyId([7; 8])).unwrap(),
        recipient: Name::new(who).unwrap(),
        metadata: Metadata::default(),
        signer: (!round.is_trial()).then(|| hub.key()),
        links: ContentDigest([5; 32]),
        without: 0,
        trails: vec![trail([7; 16]), trail([8; 16])],
        too_large: Vec::new(),
        dropped: Vec::new(),
    }
}

fn answer_file(coalition: &Coalition, who: &str) -> Vec<u8> {
    let (answer, mut file) = (answer(coalition, who), Vec::new());
    match round(coalition).is_trial() {
        true => answer.write_to(&mut file).unwrap(),
        false => answer.sign_to(&identity(coalition, HUB), &mut file).unwrap(),
    }
    match round(coalition).is_trial() {
        true => file,
        false => sealed(&identity(coalition, who), &file),
    }
}

fn sealed(to: &Identity, content: &[u8]) -> Vec<u8> {
    let mut sealer = seal::seal(&to.public_keys().seal, Vec::new()).unwrap();
    sealer.write_all(content).unwrap();
    sealer.finish().unwrap()
}

fn opened(by: &Identity, file: &[u8]) -> Vec<u8> {
    let mut content = Vec::new();
    std::io::Read::read_to_end(&mut seal::open(by, file).unwrap(), &mut content).unwrap();
    content
}

fn release(who: &str, more: &str) -> String {
    format!(
        "release --round round.json --member {who} --identity own.key --trail own.vmt --authority police.pub \
         --case 2026/17 --contact desk@{who}.example --out own.vma {more}"
    )
}

fn referral(more: &str) -> String {
    format!("referral --round round.json --identity own.key --out referral {more}")
}

/// A member releases one trail, and its statement goes to the authority.
fn released(coalition: &Coalition, who: &str) -> String {
    coalition.done(who, &release(who, &format!("--force --trail-id {TRAIL}")));
    let name = format!("{who}.vma");
    coalition.carry(who, "own.vma", POLICE, &name);
    name
}

fn found(coalition: &Coalition) -> serde_json::Value {
    serde_json::from_slice(&fs::read(coalition.file(POLICE, "referral/referral.json")).unwrap()).unwrap()
}

/// What must be refused, and what the refusal says; nothing appears.
fn refused(coalition: &Coalition, who: &str, arguments: &str, code: i32, says: &str) {
    let run = coalition.run(who, arguments);
    assert_eq!(run.code, Some(code), "{arguments}: {}", run.stderr);
    assert!(run.stderr.contains(says), "{arguments}:\n  {}  does not say: {says}", run.stderr);
    for out in ["own.vma", "referral"] {
        assert!(!coalition.file(who, out).exists(), "{arguments}");
    }
}

#[test]
fn an_authority_learns_whom_to_address_for_what() {
    for (policy, named) in [("holders", true), ("counts", false)] {
        let coalition = coalition(true, &format!("--trail-policy {policy}"));
        let files = ["b", "a"].map(|who| released(&coalition, who)).join(" ");
        let run = coalition.done(POLICE, &referral(&format!("--log run.log {files}")));
        let missing = if named { "without c" } else { "1 missing, not named" };
        let line = format!("case 2026/17, trail {TRAIL}: statements of a, b; {missing}\n");
        assert!(run.stderr.contains(&line), "{}", run.stderr);
        let found = found(&coalition);
        assert_eq!(found["round"], round(&coalition).digest().to_string());
        let trail = &found["trails"][0];
        assert_eq!(
            (&trail["case"], &trail["trail"], &trail["members"]),
            (&"2026/17".into(), &TRAIL.into(), &3.into())
        );
        let silent = if named { serde_json::json!(["c"]) } else { serde_json::Value::Null };
        assert_eq!(trail["missing"], serde_json::json!({"members": 1, "names": silent}));
        for (at, who) in ["a", "b"].into_iter().enumerate() {
            let stated = &trail["statements"][at];
            assert_eq!(stated["member"], who);
            assert_eq!(stated["contact"], format!("desk@{who}.example"));
            let received = fs::read(coalition.file(who, "own.vmt")).unwrap();
            assert_eq!(stated["answer"], hex(&sha256(&[&received])));
            let subject = &stated["subjects"][0];
            assert_eq!(subject["distance"], 1);
            assert_eq!(subject["kinds"], serde_json::json!(["card.pan/1", "net.ip/1"]));
            // The member can find the subject again, and nobody else.
            let own = Pseudonyms::new(&identity(&coalition, who), &round(&coalition).digest());
            let authority = identity(&coalition, POLICE).public_keys().seal;
            let label = own.for_authority(&authority, "2026/17", &Pseudonym(SEEN));
            assert_eq!(subject["pseudonym"], label.to_string());
        }
        // In any order, the same bytes.
        let before = fs::read(coalition.file(POLICE, "referral/referral.json")).unwrap();
        coalition.done(POLICE, &referral("--force a.vma b.vma"));
        assert_eq!(fs::read(coalition.file(POLICE, "referral/referral.json")).unwrap(), before);
    }
}

#[test]
fn a_statement_is_for_its_authority_alone_and_gives_nothing_away() {
    let coalition = coalition(true, "");
    let said = coalition.done("a", &release("a", &format!("--log run.log --trail-id {TRAIL}"))).stderr;
    coalition.carry("a", "own.vma", POLICE, "a.vma");
    let file = fs::read(coalition.file("a", "own.vma")).unwrap();
    for who in ["a", "b", HUB] {
        assert!(seal::open(&identity(&coalition, who), &file[..]).is_err(), "{who} opens it");
    }
    let told = coalition.done(POLICE, &referral("--log run.log a.vma")).stderr;
    let statement = opened(&identity(&coalition, POLICE), &file);
    assert!(Statement::from_file_bytes(&statement).is_ok());
    let json = fs::read(coalition.file(POLICE, "referral/referral.json")).unwrap();
    let page = fs::read(coalition.file(POLICE, "referral/referral.html")).unwrap();
    let records = ["a", POLICE].map(|who| fs::read(coalition.file(who, "run.log")).unwrap());
    for bytes in [said.as_bytes(), told.as_bytes(), &statement, &json, &page, &records[0], &records[1]] {
        let text = String::from_utf8_lossy(bytes);
        for secret in [SEEN, TOKEN] {
            assert!(!bytes.windows(16).any(|window| window == secret));
            assert!(!text.contains(&hex(&secret)), "{text}");
        }
    }
}

#[test]
fn what_a_member_cannot_release_is_refused() {
    let coalition = coalition(true, "");
    let with = |more: &str| release("a", &format!("--trail-id {TRAIL} {more}"));
    let instead = |from: &str, to: &str| with("").replace(from, to);
    refused(
        &coalition,
        "a",
        &with("").replace(TRAIL, "09090909090909090909090909090909"),
        1,
        "own.vmt: not of the trails of this round: expected the id of a trail in this answer",
    );
    refused(
        &coalition,
        "a",
        &instead("--member a", "--member b"),
        1,
        "are not the ones that the round lists",
    );
    refused(&coalition, "a", &instead("--identity own.key", ""), 1, "expected --identity");
    for keys in ["hub.pub", "own.key.pub"] {
        refused(&coalition, "a", &instead("police.pub", keys), 1, "expected keys of an authority");
    }
    refused(&coalition, "a", &instead("2026/17", "Fälle"), 2, "expected --case of 1 to 128 printable ASCII");
    refused(&coalition, "a", &instead("desk@a.example", &"x".repeat(513)), 2, "--legal-channel of 1 to 512");
    let key = fs::read_to_string(coalition.file("a", "own.key")).unwrap();
    let key = key.lines().find_map(|line| line.strip_prefix("sign: ")).unwrap();
    refused(&coalition, "a", &instead("desk@a.example", key), 1, "has a key in it");
    // Another member's answer does not open; if it does, it is for another.
    coalition.carry("b", "own.vmt", "a", "theirs.vmt");
    refused(&coalition, "a", &instead("own.vmt", "theirs.vmt"), 1, "theirs.vmt");
    let theirs = opened(&identity(&coalition, "b"), &fs::read(coalition.file("b", "own.vmt")).unwrap());
    coalition.write("a", "theirs.vmt", sealed(&identity(&coalition, "a"), &theirs));
    refused(&coalition, "a", &instead("own.vmt", "theirs.vmt"), 1, "made for b, not for a");
    coalition.write("a", "open.vmt", &theirs);
    refused(&coalition, "a", &instead("own.vmt", "open.vmt"), 1, "expected a sealed file");
    // A round without trails has nothing to release.
    coalition.new_round("--at-least 2 --kind card.pan --kind net.ip");
    refused(&coalition, "a", &with(""), 1, "round new --trail");
}

#[test]
fn what_an_authority_cannot_use_is_refused_by_file() {
    let coalition = coalition(true, "");
    let name = released(&coalition, "a");
    let police = identity(&coalition, POLICE);
    let content = opened(&police, &fs::read(coalition.file(POLICE, &name)).unwrap());
    let read = || Statement::from_file_bytes(&content).unwrap();
    let write = |name: &str, content: &[u8]| coalition.write(POLICE, name, sealed(&police, content));
    let signed = |statement: &Statement, by: &str| {
        let mut file = Vec::new();
        statement.sign_to(&identity(&coalition, by), &mut file).unwrap();
        file
    };
    let mut unsigned = Vec::new();
    read().write_to(&mut unsigned).unwrap();
    write("unsigned.vma", &unsigned);
    write("by-b.vma", &signed(&read(), "b"));
    let mut altered = content.clone();
    let at = content.windows(7).position(|window| window == b"2026/17").unwrap();
    altered[at + 6] = b'8';
    write("altered.vma", &altered);
    let mut claimed = read();
    claimed.slip.trail = OTHER_TRAIL.parse().unwrap();
    write("claimed.vma", &signed(&claimed, "a"));
    let mut elsewhere = read();
    elsewhere.release.authority = identity(&coalition, "c").public_keys().seal;
    write("elsewhere.vma", &signed(&elsewhere, "a"));
    coalition.write(POLICE, "open.vma", &content);
    coalition.write(POLICE, "trail.vma", sealed(&police, &unsigned[..4096]));
    for (files, says) in [
        ("unsigned.vma", "unsigned.vma: not signed: this round asks for the signature of a"),
        ("by-b.vma", "by-b.vma: signed with key"),
        ("altered.vma", "altered.vma: "),
        ("claimed.vma", "claimed.vma: the signature was not made by the key"),
        (
            "elsewhere.vma",
            "elsewhere.vma: not of the trails of this round: expected a statement for the authority",
        ),
        ("open.vma", "open.vma: seal: expected a sealed file"),
        ("trail.vma", "trail.vma: "),
        ("a.vma a.vma", "a: not of the trails of this round: expected one statement of a member"),
        ("a.vma unsigned.vma", "unsigned.vma: not signed"),
    ] {
        refused(&coalition, POLICE, &referral(files), 1, says);
    }
    refused(&coalition, POLICE, &referral(&name).replace("--identity own.key", ""), 2, "expected --identity");
    // The next round of the same members is another one.
    coalition.new_round(TERMS);
    coalition.carry("a", "round.json", POLICE, "round.json");
    refused(&coalition, POLICE, &referral(&name), 1, "a.vma: a differs in the round");
}

#[test]
fn inspect_and_verify_say_what_a_statement_is() {
    let coalition = coalition(true, "");
    let name = released(&coalition, "a");
    let shown = coalition.done(POLICE, &format!("inspect --identity own.key {name}")).stdout;
    for line in [
        "type: statement",
        "member: a",
        &format!("trail: {TRAIL}"),
        "case: 2026/17",
        "contact: desk@a.example",
    ] {
        assert!(shown.lines().any(|shown| shown == line), "{line} in {shown}");
    }
    assert!(!shown.contains("channel"), "{shown}");
    let verify = format!("verify --identity own.key {name}");
    let alone = coalition.done(POLICE, &verify).stdout;
    assert!(alone.starts_with("a.vma: valid statement: self-consistent, signed by "), "{alone}");
    let held = coalition.done(POLICE, &format!("{verify} --round round.json")).stdout;
    let digest = round(&coalition).digest();
    assert!(held.starts_with(&format!("a.vma: valid statement of round {digest}: signed by ")), "{held}");
    // A member cannot open it, but checks its own answer.
    assert_eq!(coalition.run("a", "verify --identity own.key own.vma").code, Some(1));
    let answer = coalition.done("a", "verify --identity own.key --round round.json own.vmt").stdout;
    assert!(answer.starts_with("own.vmt: valid trail of round "), "{answer}");
}

#[test]
fn only_earlier_output_of_the_same_command_is_replaced() {
    let coalition = coalition(true, "");
    let name = released(&coalition, "a");
    let again = release("a", &format!("--trail-id {TRAIL}"));
    let run = coalition.run("a", &again);
    assert!(run.code == Some(1) && run.stderr.contains("--force replaces earlier output"), "{}", run.stderr);
    coalition.done("a", &format!("{again} --force"));
    fs::copy(coalition.file("a", "round.json"), coalition.file("a", "kept.json")).unwrap();
    let run = coalition.run("a", &format!("{again} --force").replace("own.vma", "kept.json"));
    assert!(run.code == Some(1) && run.stderr.contains("nothing is replaced"), "{}", run.stderr);
    let run = coalition.run("a", &format!("{again} --force").replace("--out own.vma", "--out own.vmt"));
    assert!(run.code == Some(1) && run.stderr.contains("which this command reads"), "{}", run.stderr);
    coalition.done(POLICE, &referral(&name));
    assert_eq!(coalition.run(POLICE, &referral(&name)).code, Some(1));
    coalition.done(POLICE, &referral(&format!("--force {name}")));
    coalition.write(POLICE, "referral/notes.txt", "mine");
    let run = coalition.run(POLICE, &referral(&format!("--force {name}")));
    assert!(run.code == Some(1) && run.stderr.contains("nothing is replaced"), "{}", run.stderr);
}

#[test]
fn in_a_trial_statements_are_plain_and_still_for_one_authority() {
    let coalition = coalition(false, "");
    let name = released(&coalition, "a");
    let file = fs::read(coalition.file(POLICE, &name)).unwrap();
    let statement = Statement::from_file_bytes(&file).unwrap();
    assert_eq!((statement.signer, statement.answer), (None, None));
    refused(
        &coalition,
        "b",
        &release("b", &format!("--trail-id {TRAIL}")).replace("--identity own.key", ""),
        2,
        "expected --identity, in a trial too",
    );
    coalition.done(POLICE, &referral(&name));
    assert_eq!(found(&coalition)["trails"][0]["missing"]["members"], 2);
    fs::remove_dir_all(coalition.file(POLICE, "referral")).unwrap();
    coalition.carry("b", "own.key", POLICE, "another.key");
    let other = referral(&name).replace("own.key", "another.key");
    refused(
        &coalition,
        POLICE,
        &other,
        1,
        "a.vma: not of the trails of this round: expected a statement for",
    );
}

#[test]
fn an_authority_works_on_after_the_round_and_a_member_does_not() {
    let coalition = coalition(true, "--not-before 2020-01-01T00:00:00Z --not-after 2021-01-01T00:00:00Z");
    let ended = "the round ended at 2021-01-01T00:00:00Z";
    refused(&coalition, "a", &release("a", &format!("--trail-id {TRAIL}")), 1, ended);
    let (round, police) = (round(&coalition), identity(&coalition, POLICE));
    let release = Release {
        authority: police.public_keys().seal,
        case: "2026/17".into(),
        contact: "desk".into(),
        channel: None,
    };
    let answer = answer(&coalition, "a");
    let made = Statement::new(&round, &answer, &TrailId([7; 16]), release, |_| Pseudonym([1; 16])).unwrap();
    let mut file = Vec::new();
    made.sign_to(&identity(&coalition, "a"), &mut file).unwrap();
    coalition.write(POLICE, "a.vma", sealed(&police, &file));
    coalition.done(POLICE, &referral("a.vma"));
    let period = &found(&coalition)["period"];
    assert_eq!(*period, serde_json::json!({"not_before": 1_577_836_800, "not_after": 1_609_459_200}));
    // A date ahead is refused at any time.
    let metadata = Metadata { created: 4_000_000_000, ..Metadata::default() };
    let mut file = Vec::new();
    Statement { metadata, ..made }.sign_to(&identity(&coalition, "a"), &mut file).unwrap();
    coalition.write(POLICE, "ahead.vma", sealed(&police, &file));
    let run = coalition.run(POLICE, &referral("--force ahead.vma"));
    assert!(run.code == Some(1) && run.stderr.contains("expected a file made by now"), "{}", run.stderr);
}

/// An order comes when the round is over: the member finds its rows all the same.
#[test]
fn an_order_is_answered_after_the_round() {
    let coalition = coalition(true, "--not-before 2020-01-01T00:00:00Z --not-after 2021-01-01T00:00:00Z");
    let (round, own) = (round(&coalition), identity(&coalition, "a"));
    let secret = CoalitionSecret::read_file(&coalition.file("a", "secret")).unwrap();
    let answer = answer(&coalition, "a");
    let subject = OwnSubject {
        pseudonym: Pseudonyms::new(&own, &round.digest()).of(b"17", 0, 2),
        distance: 1,
        leads: Vec::new(),
    };
    let trail = OwnTrail { own: vec![subject], ..answer.trails[0].clone() };
    let answer = Answer {
        terms: round.trail_terms(round.link_keys(&secret).unwrap().id()).unwrap(),
        metadata: Metadata { created: 1_600_000_000, not_after: Some(1_609_459_200), ..Metadata::default() },
        trails: vec![trail],
        ..answer
    };
    let mut file = Vec::new();
    answer.sign_to(&identity(&coalition, HUB), &mut file).unwrap();
    coalition.write("a", "own.vmt", sealed(&own, &file));
    coalition.write("a", "rows.csv", "customer,card\n16,\n17,9999100000001562\n");
    let resolve = "--column card=card.pan --subject-column customer --input rows.csv --trail own.vmt";
    let resolve = format!("resolve {} {resolve}", coalition.part("a"));
    refused(&coalition, "a", &resolve, 1, "the round ended at 2021-01-01T00:00:00Z");
    let run = coalition.done("a", &format!("{resolve} --authority police.pub --case 2026/17"));
    let line = run.stdout.lines().nth(1).unwrap();
    assert!(line.starts_with(&format!("2,{TRAIL},1,,,")), "{}", run.stdout);
}
