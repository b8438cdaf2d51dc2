//! Statements and referrals: what an authority accepts, what it refuses, and what neither gives away.

use std::collections::BTreeMap;

use veilmatch::container::HEADER_LEN;
use veilmatch::member::linking::Pseudonyms;
use veilmatch::round::identity::Identity;
use veilmatch::round::{Manifest, Member, TrailRules};
use veilmatch::terms::{ContentDigest, KeyId, KindId, Name, Pseudonym, SealKey, Terms, TrailId};
use veilmatch::trail::{
    Answer, Lead, OwnSubject, OwnTrail, Referral, Release, Slip, StatedSubject, Statement,
};
use veilmatch::{Disclosure, Error, Metadata, Round, Token};

use crate::support::files::{hex, sha256};

const MEMBERS: [&str; 3] = ["bank-a", "bank-b", "bank-c"];

/// Two trails; in each every member has two subjects.
const TRAILS: [TrailId; 2] = [TrailId([1; 16]), TrailId([2; 16])];

fn name(name: &str) -> Name {
    Name::new(name).unwrap()
}

/// A round with keys, who is in it, and the answer of each member.
struct Case {
    round: Round,
    hub: Identity,
    members: BTreeMap<&'static str, Identity>,
    authority: Identity,
}

impl Case {
    fn new(disclosure: Disclosure) -> Self {
        let identity = || Identity::generate().unwrap();
        let members: BTreeMap<_, _> = MEMBERS.into_iter().map(|name| (name, identity())).collect();
        let case = |round| Self { round, hub: identity(), members, authority: identity() };
        let kinds = vec![(&Terms::example()).into()];
        let trial =
            Manifest::trial(name("efc"), 7, kinds, MEMBERS.iter().copied().map(name).collect()).unwrap();
        let mut case = case(Round::new(trial).unwrap());
        case.round = case.round_of(disclosure, 1);
        case
    }

    /// A round of these members: another one for another number.
    fn round_of(&self, disclosure: Disclosure, number: u64) -> Round {
        let manifest = self.round.manifest().clone();
        let kinds: Vec<KindId> = manifest.kinds.iter().map(|rules| rules.kind.clone()).collect();
        let members = self.members.iter().map(|(of, identity)| Member {
            name: name(of),
            keys: Some(identity.public_keys()),
            kinds: None,
        });
        let trail = Some(TrailRules { disclosure, ..TrailRules::for_kinds(&kinds) });
        let (hub, members) = (Some(self.hub.public_keys()), members.collect());
        let (not_before, not_after) = (Some(1_700_000_000), Some(1_800_000_000));
        let round = Manifest { number, hub, members, trail, not_before, not_after, ..manifest };
        Round::new(round).unwrap()
    }

    fn kind(&self) -> KindId {
        self.round.manifest().kinds[0].kind.clone()
    }

    /// What the hub answers a member. Pseudonyms and tokens have the member's place in them.
    fn answer(&self, round: &Round, of: &str) -> Answer {
        let place = MEMBERS.iter().position(|name| *name == of).unwrap() as u8;
        let names = match round.trail().unwrap().disclosure {
            Disclosure::Holders => Some(MEMBERS.iter().copied().map(name).collect::<Vec<_>>()),
            Disclosure::Counts => None,
        };
        let trail = |(id, number): (TrailId, u8)| {
            let lead =
                |byte| Lead { kind: self.kind(), token: Token::from_bytes([byte; 16]), behind: Some(1) };
            let own = |at: u8| OwnSubject {
                pseudonym: Pseudonym([0xa0 + place * 16 + number * 4 + at; 16]),
                distance: if place == 0 && at == 0 { 0 } else { 1 + at },
                leads: vec![lead(0xe0 + place * 4), lead(0xe1 + place * 4)],
            };
            let slip = Slip {
                round: round.digest(),
                trail: id,
                recipient: name(of),
                members: 3,
                names: names.clone(),
            };
            let slip = Some(slip.sign(&self.hub).unwrap());
            let own = vec![own(0), own(1)];
            OwnTrail { id, subjects: Some(6), members: 3, names: names.clone(), slip, own }
        };
        let answer = Answer {
            terms: round.trail_terms(KeyId([7; 8])).unwrap(),
            recipient: name(of),
            metadata: Metadata::default(),
            signer: None,
            links: ContentDigest([5; 32]),
            without: 0,
            trails: TRAILS.into_iter().zip(0..).map(trail).collect(),
            too_large: Vec::new(),
            dropped: Vec::new(),
        };
        let mut file = Vec::new();
        answer.sign_to(&self.hub, &mut file).unwrap();
        Answer::from_file_bytes(&file).unwrap()
    }

    fn seal_key(&self) -> SealKey {
        self.authority.public_keys().seal
    }

    fn release(&self, case: &str) -> Release {
        Release {
            authority: self.seal_key(),
            case: case.to_owned(),
            contact: "Desk for law enforcement, +44 20 7946 0000, Größe".to_owned(),
            channel: Some("mutual legal assistance, <Justizministerium>".to_owned()),
        }
    }

    fn made(&self, round: &Round, of: &str, trail: TrailId, case: &str) -> Result<Statement, Error> {
        let answer = self.answer(round, of);
        let (pseudonyms, release) = (Pseudonyms::new(&self.members[of], &round.digest()), self.release(case));
        let authority = release.authority.clone();
        let relabel = |pseudonym: &Pseudonym| pseudonyms.for_authority(&authority, case, pseudonym);
        let statement = Statement::new(round, &answer, &trail, release, relabel)?;
        let metadata = Metadata { created: 1_750_000_000, ..Metadata::default() };
        Ok(Statement { metadata, answer: Some(ContentDigest([9; 32])), ..statement })
    }

    /// The file of a statement, as its authority opens it.
    fn file(&self, of: &str, trail: TrailId, case: &str) -> Vec<u8> {
        self.signed(of, &self.made(&self.round, of, trail, case).unwrap())
    }

    fn signed(&self, of: &str, statement: &Statement) -> Vec<u8> {
        let mut file = Vec::new();
        statement.sign_to(&self.members[of], &mut file).unwrap();
        file
    }

    fn statement(&self, of: &str, trail: TrailId, case: &str) -> Statement {
        Statement::from_file_bytes(&self.file(of, trail, case)).unwrap()
    }

    fn referral(&self, statements: Vec<Statement>) -> Result<Referral, Error> {
        Referral::new(&self.round, &self.seal_key(), statements)
    }

    /// The code of the refusal of a file that its member has signed.
    fn refused(&self, of: &str, statement: &Statement) -> &'static str {
        let read = Statement::from_file_bytes(&self.signed(of, statement)).unwrap();
        self.referral(vec![read]).unwrap_err().code()
    }
}

fn json(referral: &Referral) -> Vec<u8> {
    let mut json = Vec::new();
    referral.write_json(&mut json).unwrap();
    json
}

/// A file with another document, under fresh digests and the old signature.
fn forged(file: &[u8], from: &str, to: &str) -> Vec<u8> {
    let (head, rest) = file.split_at(HEADER_LEN);
    let (document, end) = rest.split_at(rest.len() - 96);
    let text = std::str::from_utf8(document).unwrap().trim_end();
    assert_eq!(text.matches(from).count(), 1, "{from}");
    let mut forged = text.replace(from, to).into_bytes();
    forged.push(b'\n');
    forged.resize(document.len() - 1, b' ');
    forged.push(b'\n');
    let digest = |bytes: &[u8]| hex(&sha256(&[bytes]));
    let head = std::str::from_utf8(head).unwrap().replace(&digest(document), &digest(&forged)).into_bytes();
    let lp = [&9u16.to_be_bytes()[..], b"statement"].concat();
    let root = sha256(&[b"veilmatch/1 root", &lp, &head, &0u64.to_be_bytes()]);
    [&head[..], &forged, &root, &end[32..]].concat()
}

#[test]
fn a_referral_says_whom_to_address_for_what_and_how_many_are_silent() {
    for disclosure in [Disclosure::Holders, Disclosure::Counts] {
        let case = Case::new(disclosure);
        let statements = vec![
            case.statement("bank-c", TRAILS[0], "K-1"),
            case.statement("bank-a", TRAILS[0], "K-1"),
            case.statement("bank-b", TRAILS[1], "K-1"),
            case.statement("bank-b", TRAILS[0], "K-2"),
        ];
        let referral = case.referral(statements).unwrap();
        let json: serde_json::Value = serde_json::from_slice(&json(&referral)).unwrap();
        assert_eq!(json["round"], case.round.digest().to_string());
        assert_eq!(json["authority"], case.seal_key().as_str());
        assert_eq!(json["period"]["not_after"], 1_800_000_000);
        assert_eq!(json["request"], Statement::REQUEST);
        let trails = json["trails"].as_array().unwrap();
        let of = |at: usize| {
            let members: Vec<&str> = trails[at]["statements"]
                .as_array()
                .unwrap()
                .iter()
                .map(|stated| stated["member"].as_str().unwrap())
                .collect();
            (trails[at]["case"].as_str().unwrap(), members, &trails[at]["missing"])
        };
        let missing = |members: u64, names: &[&str]| match disclosure {
            Disclosure::Holders => serde_json::json!({"members": members, "names": names}),
            Disclosure::Counts => serde_json::json!({"members": members, "names": null}),
        };
        assert_eq!(of(0), ("K-1", vec!["bank-a", "bank-c"], &missing(1, &["bank-b"])));
        assert_eq!(of(1), ("K-1", vec!["bank-b"], &missing(2, &["bank-a", "bank-c"])));
        assert_eq!(of(2), ("K-2", vec!["bank-b"], &missing(2, &["bank-a", "bank-c"])));
        let stated = &trails[0]["statements"][0];
        assert_eq!(stated["contact"], case.release("").contact);
        assert_eq!(stated["made"], 1_750_000_000);
        let distances: Vec<u64> = stated["subjects"]
            .as_array()
            .unwrap()
            .iter()
            .map(|subject| subject["distance"].as_u64().unwrap())
            .collect();
        assert!(distances.contains(&0) && distances.contains(&2), "{distances:?}");
        // Each kind once, though two identifiers of it lead on.
        assert_eq!(stated["subjects"][0]["kinds"], serde_json::json!([case.kind().as_str()]));
    }
}

#[test]
fn any_order_of_statements_gives_the_same_bytes() {
    let case = Case::new(Disclosure::Holders);
    let mut statements: Vec<Statement> = MEMBERS
        .iter()
        .flat_map(|of| TRAILS.map(|trail| case.statement(of, trail, "K-1")))
        .chain([case.statement("bank-a", TRAILS[0], "K-0")])
        .collect();
    let first = json(&case.referral(statements.clone()).unwrap());
    for turn in 1..statements.len() {
        statements.rotate_left(1);
        if turn % 2 == 0 {
            statements.swap(0, 3);
        }
        assert_eq!(json(&case.referral(statements.clone()).unwrap()), first);
    }
}

#[test]
fn the_page_has_what_the_json_has_and_no_markup_of_others() {
    let case = Case::new(Disclosure::Holders);
    let mut marked = case.made(&case.round, "bank-a", TRAILS[0], "<b>K-1</b>").unwrap();
    marked.release.contact = "<script>alert(1)</script> & \"desk\"".to_owned();
    marked.release.channel = None;
    let marked = Statement::from_file_bytes(&case.signed("bank-a", &marked)).unwrap();
    let statements = vec![marked, case.statement("bank-b", TRAILS[1], "K-2")];
    let labels: Vec<String> =
        statements.iter().flat_map(|one| &one.subjects).map(|one| one.pseudonym.to_string()).collect();
    let referral = case.referral(statements).unwrap();
    let mut page = Vec::new();
    referral.write_html(&mut page).unwrap();
    let page = String::from_utf8(page).unwrap();
    assert!(page.contains("default-src 'none'") && !page.contains("<script") && !page.contains("<b>"));
    assert!(page.contains("&lt;script>alert(1)&lt;/script> &amp; &#34;desk&#34;"));
    assert!(page.contains("Statements of 1 of 3 members; missing: bank-b, bank-c."), "{page}");
    assert!(page.contains("2023-11-14T22:13:20Z to 2027-01-15T08:00:00Z"), "{page}");
    assert!(page.contains("none named") && page.contains(Statement::REQUEST));
    assert!(labels.iter().all(|label| page.contains(label)));
}

#[test]
fn neither_statement_nor_referral_has_a_token_or_a_pseudonym_that_the_hub_has_seen() {
    let case = Case::new(Disclosure::Holders);
    let (mut seen, mut shown) = (Vec::new(), Vec::new());
    let mut statements = Vec::new();
    for of in MEMBERS {
        let answer = case.answer(&case.round, of);
        for own in answer.trails.iter().flat_map(|trail| &trail.own) {
            seen.push(own.pseudonym.0);
            seen.extend(own.leads.iter().map(|lead| *lead.token.as_bytes()));
        }
        let file = case.file(of, TRAILS[0], "K-1");
        statements.push(Statement::from_file_bytes(&file).unwrap());
        shown.push(format!("{:?}", statements.last().unwrap()).into_bytes());
        shown.push(file);
    }
    let labels: Vec<Pseudonym> =
        statements.iter().flat_map(|one| &one.subjects).map(|subject| subject.pseudonym).collect();
    let referral = case.referral(statements).unwrap();
    shown.push(json(&referral));
    let mut page = Vec::new();
    referral.write_html(&mut page).unwrap();
    shown.push(page);
    shown.push(format!("{referral:?}").into_bytes());
    // What is looked for would be found.
    let text = String::from_utf8(json(&referral)).unwrap();
    assert!(labels.iter().all(|label| text.contains(&hex(&label.0))));
    for secret in seen {
        for bytes in &shown {
            assert!(!bytes.windows(16).any(|window| window == secret));
            assert!(!String::from_utf8_lossy(bytes).contains(&hex(&secret)));
        }
    }
}

#[test]
fn a_subject_has_another_name_in_every_case_and_for_every_authority() {
    let case = Case::new(Disclosure::Counts);
    let labels = |statement: &Statement| -> Vec<Pseudonym> {
        statement.subjects.iter().map(|subject| subject.pseudonym).collect()
    };
    let first = labels(&case.statement("bank-a", TRAILS[0], "K-1"));
    assert_eq!(first, labels(&case.statement("bank-a", TRAILS[0], "K-1")));
    let second = labels(&case.statement("bank-a", TRAILS[0], "K-2"));
    let mut other = Case { authority: Identity::generate().unwrap(), ..case };
    let third = labels(&other.statement("bank-a", TRAILS[0], "K-1"));
    other.round = other.round_of(Disclosure::Counts, 2);
    let fourth = labels(&other.statement("bank-a", TRAILS[0], "K-1"));
    let mut all: Vec<Pseudonym> = [first, second, third, fourth].concat();
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 8);
}

#[test]
fn a_statement_that_its_member_did_not_sign_is_refused() {
    let case = Case::new(Disclosure::Holders);
    let made = case.made(&case.round, "bank-a", TRAILS[0], "K-1").unwrap();
    let mut unsigned = Vec::new();
    made.write_to(&mut unsigned).unwrap();
    let read = Statement::from_file_bytes(&unsigned).unwrap();
    assert_eq!(case.referral(vec![read]).unwrap_err().code(), "unsigned");
    // Another member, the hub and a stranger sign in its name.
    for signer in [&case.members["bank-b"], &case.hub, &Identity::generate().unwrap()] {
        let mut file = Vec::new();
        made.sign_to(signer, &mut file).unwrap();
        let read = Statement::from_file_bytes(&file).unwrap();
        assert_eq!(case.referral(vec![read]).unwrap_err().code(), "wrong_signer");
    }
}

#[test]
fn an_altered_statement_is_refused_whatever_was_altered() {
    let case = Case::new(Disclosure::Holders);
    let file = case.file("bank-a", TRAILS[0], "K-1");
    for at in (0..file.len()).step_by(17).chain([4200, file.len() - 1]) {
        let mut other = file.clone();
        other[at] ^= 1;
        assert!(Statement::from_file_bytes(&other).is_err(), "byte {at}");
    }
    assert!(Statement::from_file_bytes(&file[..file.len() - 1]).is_err());
    assert!(Statement::from_file_bytes(&[&file[..], b" "].concat()).is_err());
    // With fresh digests the signature does not fit, and the file without it is not signed.
    assert_eq!(Statement::from_file_bytes(&forged(&file, "K-1", "K-2")).unwrap_err().code(), "signature");
    let mut unsigned = Vec::new();
    case.made(&case.round, "bank-a", TRAILS[0], "K-1").unwrap().write_to(&mut unsigned).unwrap();
    let read = Statement::from_file_bytes(&forged(&unsigned, "K-1", "K-2")).unwrap();
    assert_eq!(case.referral(vec![read]).unwrap_err().code(), "unsigned");
    // Another request, another spelling and another field are no statement at all.
    for (from, to) in [
        ("it is no order", "it is an order"),
        ("K-1", "\\u004b-1"),
        ("\"members\":3", "\"members\": 3"),
        ("\"case\"", "\"tokens\":[],\"case\""),
        ("\"channel\":\"mutual legal assistance, <Justizministerium>\",", ""),
    ] {
        let read = Statement::from_file_bytes(&forged(&unsigned, from, to));
        assert_eq!(read.unwrap_err().code(), "format", "{from}");
    }
}

#[test]
fn a_trail_id_cannot_be_claimed() {
    let case = Case::new(Disclosure::Holders);
    let own = case.made(&case.round, "bank-a", TRAILS[0], "K-1").unwrap();
    // The slip of another trail, of another recipient, of no hub, and with another number of members or other names.
    let mut other_trail = own.clone();
    other_trail.slip.trail = TRAILS[1];
    let mut unsigned = own.clone();
    unsigned.slip_signature = None;
    let mut of_another = own.clone();
    of_another.slip_signature = case.made(&case.round, "bank-b", TRAILS[0], "K-1").unwrap().slip_signature;
    let mut of_no_hub = own.clone();
    of_no_hub.slip_signature = Some(own.slip.sign(&Identity::generate().unwrap()).unwrap());
    let mut by_itself = own.clone();
    by_itself.slip_signature = Some(own.slip.sign(&case.members["bank-a"]).unwrap());
    let mut fewer = own.clone();
    fewer.slip.names = Some(vec![name("bank-a"), name("bank-b")]);
    fewer.slip.members = 2;
    let mut nameless = own.clone();
    nameless.slip.names = None;
    for (altered, code) in [
        (other_trail, "signature"),
        (unsigned, "unsigned"),
        (of_another, "signature"),
        (of_no_hub, "signature"),
        (by_itself, "signature"),
        (fewer, "signature"),
        (nameless, "signature"),
    ] {
        assert_eq!(case.refused("bank-a", &altered), code);
    }
    // The slip of another recipient cannot even be written: the header's member is the recipient.
    let mut recipient = own.clone();
    recipient.slip.recipient = name("bank-b");
    assert_eq!(recipient.write_to(&mut Vec::new()).unwrap_err().code(), "trail");
    // Nor is there a trail that the hub did not answer.
    let strange = case.made(&case.round, "bank-a", TrailId([9; 16]), "K-1").unwrap_err();
    assert_eq!(strange.code(), "trail");
}

#[test]
fn a_slip_of_another_hub_or_round_is_refused() {
    let case = Case::new(Disclosure::Holders);
    let next = case.round_of(Disclosure::Holders, 2);
    let of_next = case.made(&next, "bank-a", TRAILS[0], "K-1").unwrap();
    assert_eq!(case.refused("bank-a", &of_next), "terms_differ");
    // The slip of the next round in a statement of this one.
    let mut mixed = case.made(&case.round, "bank-a", TRAILS[0], "K-1").unwrap();
    mixed.slip_signature = of_next.slip_signature;
    assert_eq!(case.refused("bank-a", &mixed), "signature");
    // A coalition with the same members and another hub.
    let mut other = Case::new(Disclosure::Holders);
    let theirs = other.made(&other.round, "bank-a", TRAILS[0], "K-1").unwrap();
    other.authority = Identity::generate().unwrap();
    assert_eq!(other.refused("bank-a", &theirs), "trail", "another authority");
    let read = Statement::from_file_bytes(&other.signed("bank-a", &theirs)).unwrap();
    assert!(case.referral(vec![read]).is_err());
}

#[test]
fn statements_that_do_not_belong_together_are_not_mixed() {
    let case = Case::new(Disclosure::Holders);
    let one = case.statement("bank-a", TRAILS[0], "K-1");
    let twice = case.referral(vec![one.clone(), one.clone()]).unwrap_err();
    assert_eq!(twice.to_string(), {
        let expected = "one statement of a member for each trail and case";
        format!("bank-a: not of the trails of this round: expected {expected}")
    });
    let mut renewed = case.made(&case.round, "bank-a", TRAILS[0], "K-1").unwrap();
    renewed.release.contact = "another desk".to_owned();
    let renewed = Statement::from_file_bytes(&case.signed("bank-a", &renewed)).unwrap();
    assert_eq!(case.referral(vec![one.clone(), renewed]).unwrap_err().code(), "trail");
    // A hub that says different things of one trail.
    let mut fewer = case.made(&case.round, "bank-b", TRAILS[0], "K-1").unwrap();
    fewer.slip.names = Some(vec![name("bank-a"), name("bank-b")]);
    fewer.slip.members = 2;
    fewer.slip_signature = Some(fewer.slip.sign(&case.hub).unwrap());
    let fewer = Statement::from_file_bytes(&case.signed("bank-b", &fewer)).unwrap();
    let differing = case.referral(vec![one, fewer.clone()]).unwrap_err().to_string();
    assert!(differing.contains("slips that say the same of a trail"), "{differing}");
    assert!(case.referral(vec![fewer]).is_ok());
}

#[test]
fn more_members_than_the_slips_count_are_refused() {
    let case = Case::new(Disclosure::Counts);
    let of_two = |of: &str| {
        let mut made = case.made(&case.round, of, TRAILS[0], "K-1").unwrap();
        made.slip.members = 2;
        made.slip_signature = Some(made.slip.sign(&case.hub).unwrap());
        Statement::from_file_bytes(&case.signed(of, &made)).unwrap()
    };
    let [a, b, c] = MEMBERS.map(of_two);
    assert!(case.referral(vec![a.clone(), b.clone()]).is_ok());
    let refused = case.referral(vec![a, b, c]).unwrap_err().to_string();
    assert!(refused.contains("no more members of a trail than the hub's slips say"), "{refused}");
}

#[test]
fn a_statement_that_the_manifest_does_not_allow_is_refused_though_all_signed_it() {
    let case = Case::new(Disclosure::Holders);
    let own = || case.made(&case.round, "bank-a", TRAILS[0], "K-1").unwrap();
    let resigned = |change: &dyn Fn(&mut Statement)| {
        let mut statement = own();
        change(&mut statement);
        statement.slip_signature = Some(statement.slip.sign(&case.hub).unwrap());
        statement
    };
    let strange = KindId::new("crypto.evm/1").unwrap();
    for (altered, code) in [
        (resigned(&|one| one.slip.names = None), "trail"),
        (
            resigned(&|one| {
                one.slip.names = Some(["bank-a", "bank-x"].map(name).into());
                one.slip.members = 2;
            }),
            "trail",
        ),
        (resigned(&|one| one.period.not_after = None), "trail"),
        (resigned(&|one| one.subjects[0].distance = 3), "trail"),
        (resigned(&|one| one.subjects[0].kinds = vec![strange.clone()]), "kind_not_in_round"),
    ] {
        assert_eq!(case.refused("bank-a", &altered), code);
    }
}

#[test]
fn what_a_statement_cannot_hold_is_not_written() {
    let case = Case::new(Disclosure::Holders);
    let own = case.made(&case.round, "bank-a", TRAILS[0], "K-1").unwrap();
    let with = |change: &dyn Fn(&mut Statement)| {
        let mut statement = own.clone();
        change(&mut statement);
        statement
    };
    let long = "x".repeat(513);
    let mut refused: Vec<Statement> = ["", " K-1", "K\t1", "Ka\u{308}lte", &long[..129]]
        .map(|text| with(&|one| one.release.case = text.to_owned()))
        .into();
    for text in ["", "a\nb", "a\u{1b}[31m", "a\u{202e}b", "\u{2028}", "a\u{85}", &long] {
        refused.push(with(&|one| one.release.contact = text.to_owned()));
        refused.push(with(&|one| one.release.channel = Some(text.to_owned())));
    }
    refused.push(with(&|one| one.subjects.clear()));
    refused.push(with(&|one| one.subjects.reverse()));
    refused.push(with(&|one| one.subjects.push(one.subjects[1].clone())));
    refused.push(with(&|one| one.subjects.iter_mut().for_each(|subject| subject.distance = 0)));
    refused.push(with(&|one| {
        let subject = &mut one.subjects[0];
        subject.kinds = [subject.kinds.clone(), subject.kinds.clone()].concat();
    }));
    for statement in refused {
        let mut out = Vec::new();
        assert_eq!(statement.sign_to(&case.members["bank-a"], &mut out).unwrap_err().code(), "trail");
        assert!(out.is_empty());
    }
    for text in ["a", &long[..512], "Größe, 法務部, שלום"] {
        let statement = with(&|one| one.release.contact = text.to_owned());
        assert_eq!(
            Statement::from_file_bytes(&case.signed("bank-a", &statement)).unwrap().release,
            statement.release
        );
    }
    // Relabelling that gives two subjects one name would hide one of them.
    let answer = case.answer(&case.round, "bank-a");
    let same = Statement::new(&case.round, &answer, &TRAILS[0], case.release("K-1"), |_| Pseudonym([1; 16]));
    assert_eq!(same.unwrap_err().code(), "trail");
}

#[test]
fn nothing_is_released_to_the_hub_or_a_member() {
    let case = Case::new(Disclosure::Holders);
    let answer = case.answer(&case.round, "bank-a");
    for keys in [case.hub.public_keys(), case.members["bank-b"].public_keys()] {
        let release = Release { authority: keys.seal.clone(), ..case.release("K-1") };
        let refused = Statement::new(&case.round, &answer, &TRAILS[0], release, |one| *one).unwrap_err();
        assert!(refused.to_string().contains("keys of an authority"), "{refused}");
        let mut forged = case.made(&case.round, "bank-a", TRAILS[0], "K-1").unwrap();
        forged.release.authority = keys.seal.clone();
        let read = Statement::from_file_bytes(&case.signed("bank-a", &forged)).unwrap();
        assert!(case.round.accept_statement(&read, &keys.seal).is_err());
    }
}

#[test]
fn the_request_is_that_of_the_specification() {
    assert!(include_str!("../../SPEC.md").contains(&format!("\n{}\n", Statement::REQUEST)));
}

/// The slip's digest as SPEC.md, section 15.2, has it, computed apart from the library.
#[test]
fn a_slip_is_signed_as_the_specification_says() {
    let case = Case::new(Disclosure::Holders);
    let own = case.statement("bank-a", TRAILS[0], "K-1");
    let lp = |text: &str| [&(text.len() as u16).to_be_bytes()[..], text.as_bytes()].concat();
    let mut message = b"veilmatch/1 slip".to_vec();
    message.extend(case.round.digest().0);
    message.extend(TRAILS[0].0);
    message.extend(lp("bank-a"));
    message.extend(3u64.to_be_bytes());
    message.extend(3u64.to_be_bytes());
    MEMBERS.iter().for_each(|name| message.extend(lp(name)));
    let digest = ring::digest::digest(&ring::digest::SHA256, &message);
    let signed = [b"veilmatch/1 sig", &lp("slip")[..], digest.as_ref()].concat();
    assert!(case.hub.public_keys().sign.verify(&signed, &own.slip_signature.unwrap().0));
}

#[test]
fn the_subjects_of_a_statement_are_in_the_order_of_their_new_names() {
    let case = Case::new(Disclosure::Counts);
    let mut orders = std::collections::BTreeSet::new();
    for number in 0..20 {
        let statement = case.statement("bank-a", TRAILS[0], &format!("K-{number}"));
        let distances: Vec<u8> = statement.subjects.iter().map(|one: &StatedSubject| one.distance).collect();
        orders.insert(distances);
    }
    assert_eq!(orders.len(), 2, "the order of the hub's pseudonyms does not show");
}
