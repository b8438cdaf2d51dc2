//! Pages of trails: the hub's, a member's own, and an authority's.

use std::collections::BTreeMap;

use veilmatch::Metadata;
use veilmatch::Token;
use veilmatch::report::OfRound;
use veilmatch::terms::{ContentDigest, KindId, Name, Pseudonym, RoundDigest, SealKey, Terms, TrailId};
use veilmatch::trail::{
    Answer, InRing, Lead, Missing, Overview, OwnPage, OwnSubject, OwnTrail, Period, Referral, Referred, Ring,
    Seen, Sent, Stated, StatedSubject,
};

use crate::cases::HOSTILE;

fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

fn of_round() -> OfRound {
    OfRound {
        round: RoundDigest([0xab; 32]),
        log: None,
        coalition: name("efc"),
        epoch: 7,
        number: 13,
        purpose: HOSTILE.to_owned(),
    }
}

/// Three trails: over three members, over a dozen with long names, and over sixty-four.
pub(crate) fn overview() -> Overview {
    let ring = |distance: u8, members: Vec<(Name, u64)>| Ring {
        distance,
        members: members.into_iter().map(|(member, subjects)| InRing { member, subjects }).collect(),
    };
    let long = |at: u64| name(&format!("{at:02}{}", "long-name_".repeat(6)));
    let seen = |byte: u8, rings: Vec<Ring>| Seen {
        id: TrailId([byte; 16]),
        seed_of: rings[0].members[0].member.clone(),
        rings,
        joined_by: BTreeMap::from([
            (KindId::new("card.pan/1").unwrap(), 3),
            (KindId::new("net.ip/1").unwrap(), 12_345),
        ]),
    };
    let sent = |at: u64| Sent {
        member: name(&format!("member-{at}")),
        subjects: 20_000 + at,
        links: 60_000 + at,
        seeds: 3,
        too_large: at % 2,
        dropped: at,
        dropped_for_all: 7,
    };
    Overview {
        format: "veilmatch trails 1",
        round: RoundDigest([0xab; 32]),
        max_hops: 2,
        members: (0..5).map(sent).collect(),
        trails: vec![
            seen(
                1,
                vec![
                    ring(0, vec![(name("alba"), 1)]),
                    ring(1, vec![(name("alba"), 2), (name("borea"), 14)]),
                    ring(2, vec![(name("webhost"), 999)]),
                ],
            ),
            seen(
                2,
                vec![
                    ring(0, vec![(name("alba"), 1)]),
                    ring(1, (0..12).map(|at| (long(at), at + 1)).collect()),
                ],
            ),
            seen(
                3,
                vec![
                    ring(0, vec![(name("alba"), 1)]),
                    ring(1, (0..20).map(|at| (name(&format!("member-{at:02}")), 1)).collect()),
                    ring(2, (0..64).map(|at| (name(&format!("member-{at:02}")), 3 * at + 1)).collect()),
                ],
            ),
        ],
    }
}

pub(crate) fn hub(out: &mut dyn std::io::Write) -> std::io::Result<()> {
    overview().write_html(&of_round(), out)
}

pub(crate) fn own(out: &mut dyn std::io::Write) -> std::io::Result<()> {
    let lead = |kind: &str, behind| Lead {
        kind: KindId::new(kind).unwrap(),
        token: Token::from_bytes([7; 16]),
        behind,
    };
    let subject =
        |byte: u8, distance, leads| OwnSubject { pseudonym: Pseudonym([byte; 16]), distance, leads };
    let trail = |byte: u8, subjects, names, own| OwnTrail {
        id: TrailId([byte; 16]),
        subjects,
        members: 3,
        names,
        slip: None,
        own,
    };
    let leads = || vec![lead("card.pan/1", Some(12)), lead("email.mailbox/1", None)];
    let answer = Answer {
        terms: Terms::example(),
        recipient: name("alba"),
        metadata: Metadata::default(),
        signer: None,
        links: ContentDigest([0; 32]),
        without: 1,
        trails: vec![
            trail(1, Some(40), None, vec![subject(1, 0, leads()), subject(2, 2, Vec::new())]),
            trail(
                2,
                None,
                Some(vec![name("alba"), name("borea"), name("webhost")]),
                vec![subject(3, 1, leads())],
            ),
        ],
        too_large: vec![Pseudonym([9; 16])],
        dropped: Vec::new(),
    };
    let of_round = of_round();
    let rows = |pseudonym: &Pseudonym| format!("<b>{}</b> & 17", pseudonym.0[0]);
    OwnPage { answer: &answer, of_round: Some(&of_round), rows: &rows }.write_html(out)
}

pub(crate) fn referral(out: &mut dyn std::io::Write) -> std::io::Result<()> {
    let subject = |byte: u8, distance| StatedSubject {
        pseudonym: Pseudonym([byte; 16]),
        distance,
        kinds: vec![KindId::new("card.pan/1").unwrap(), KindId::new("email.mailbox/1").unwrap()],
    };
    let stated = |member: &str, channel: Option<&str>| Stated {
        member: name(member),
        contact: format!("{HOSTILE}, desk@{member}.example"),
        channel: channel.map(str::to_owned),
        made: 1_795_506_099,
        answer: Some(ContentDigest([5; 32])),
        subjects: (0..3).map(|at| subject(at, at)).collect(),
    };
    let referred = |case: &str, named: bool| Referred {
        case: case.to_owned(),
        trail: TrailId([3; 16]),
        members: 4,
        names: named.then(|| ["alba", "borea", "eastpay", "webhost"].map(name).to_vec()),
        statements: vec![
            stated("alba", None),
            stated("webhost", Some("E-evidence Regulation (EU) 2023/1543")),
        ],
        missing: Missing { members: 2, names: named.then(|| ["borea", "eastpay"].map(name).to_vec()) },
    };
    let referral = Referral {
        schema: Referral::SCHEMA,
        round: RoundDigest([0xab; 32]),
        coalition: name("efc"),
        epoch: 7,
        number: 13,
        purpose: HOSTILE.to_owned(),
        period: Period { not_before: None, not_after: Some(1_795_506_099) },
        authority: SealKey::new("age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj").unwrap(),
        request: "This is a lead, not evidence, and it is no order.",
        trails: vec![referred("2026-117", true), referred("2026-118", false)],
    };
    referral.write_html(out)
}
