//! The example of SPEC.md, section 15.2: a slip, and the signed statement that has it.
//!
//! The values in the specification come from another program, which shares no code with this crate.

use std::fs;

use veilmatch::member::linking::Pseudonyms;
use veilmatch::round::identity::Identity;
use veilmatch::terms::{ContentDigest, KeyId, Name, Pseudonym, SealKey, TrailId};
use veilmatch::trail::{Answer, Lead, OwnSubject, OwnTrail, Release, Slip, Statement};
use veilmatch::{Metadata, Round, Token};

use crate::manifest::{Seed, hex, value, with_trails};

/// The statement's document as it stands in the specification.
fn specified() -> &'static str {
    let (_, after) = include_str!("../../SPEC.md").split_once("\n{\"slip\":").unwrap();
    after.split('\n').next().unwrap()
}

fn identity() -> Identity {
    let (_, lines) = include_str!("../../SPEC.md").split_once("of `bank-a` are\n\n```text\n").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bank-a.key");
    fs::write(&path, lines.split("```").next().unwrap()).unwrap();
    #[cfg(unix)]
    fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    Identity::read_file(&path).unwrap()
}

fn statement(round: &Round) -> Statement {
    let (identity, hub) = (identity(), Seed::of(3));
    let pseudonyms = Pseudonyms::new(&identity, &round.digest());
    let names = ["bank-a", "bank-b"].map(|name| Name::new(name).unwrap());
    let recipient = names[0].clone();
    let slip = Slip {
        round: round.digest(),
        trail: TrailId([7; 16]),
        recipient: recipient.clone(),
        members: 2,
        names: Some(names.to_vec()),
    };
    let signed = slip.sign(&hub).unwrap();
    assert_eq!(signed.to_string(), value("signature of the slip"));
    let kind = round.manifest().kinds[0].kind.clone();
    let lead = |byte| Lead { kind: kind.clone(), token: Token::from_bytes([byte; 16]), behind: Some(1) };
    let subject = |cell: &[u8], distance, leads| {
        let pseudonym = pseudonyms.of(cell, 0, 1);
        OwnSubject { pseudonym, distance, leads }
    };
    let mut own =
        vec![subject(b"customer 17", 0, vec![lead(1), lead(2)]), subject(b"customer 18", 2, Vec::new())];
    own.sort_by_key(|own| own.pseudonym);
    let trail =
        OwnTrail { id: slip.trail, subjects: None, members: 2, names: slip.names, slip: Some(signed), own };
    let answer = Answer {
        terms: round.trail_terms(KeyId([7; 8])).unwrap(),
        recipient,
        metadata: Metadata::default(),
        signer: None,
        links: ContentDigest([0; 32]),
        without: 0,
        trails: vec![trail],
        too_large: Vec::new(),
        dropped: Vec::new(),
    };
    let mut file = Vec::new();
    answer.sign_to(&hub, &mut file).unwrap();
    let release = Release {
        authority: SealKey::new("age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj").unwrap(),
        case: "2026/17".to_owned(),
        contact: "Größe \"Desk\" 7".to_owned(),
        channel: None,
    };
    let authority = release.authority.clone();
    let relabel = |pseudonym: &Pseudonym| pseudonyms.for_authority(&authority, "2026/17", pseudonym);
    let answer = Answer::from_file_bytes(&file).unwrap();
    let made = Statement::new(round, &answer, &TrailId([7; 16]), release, relabel).unwrap();
    let purpose = round.manifest().purpose.clone();
    let metadata = Metadata { created: 1_767_225_600, purpose, ..Metadata::default() };
    Statement { metadata, answer: Some(ContentDigest([9; 32])), ..made }
}

#[test]
fn the_signed_statement_of_the_specification_is_written_and_accepted() {
    let round = with_trails();
    let (statement, mut file) = (statement(&round), Vec::new());
    statement.sign_to(&Seed::of(1), &mut file).unwrap();
    let document = std::str::from_utf8(&file[4096..8192]).unwrap();
    assert_eq!(document.trim_end().strip_prefix("{\"slip\":").unwrap(), specified());
    assert_eq!(hex(&file[8192..8224]), value("root of the statement"));
    assert_eq!(hex(&file[8224..]), value("signature of the statement"));
    let digest = ring::digest::digest(&ring::digest::SHA256, &file);
    assert_eq!(hex(digest.as_ref()), value("SHA-256 of the file of the statement, 8,288 bytes"));

    let read = Statement::from_file_bytes(&file).unwrap();
    round.accept_statement(&read, &statement.release.authority).unwrap();
}
