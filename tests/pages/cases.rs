//! Reports whose pages are looked at: few members and many, nothing found, everything withheld, names and purposes that
//! try the page.

use veilmatch::report::{KindReport, OfRound, OwnKind, OwnReport, OwnRow, TookPart};
use veilmatch::terms::{KindId, Name, RoundDigest, Terms};
use veilmatch::{Intersection, Reason, Report, Token, TokenSet};

/// A report, and the name of its files.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) report: Report,
}

/// A purpose that would run, fetch and hide things if it were markup.
pub(crate) const HOSTILE: &str =
    r#"</td><script>document.title='ran'</script><img src=http://example.com/x onerror='1'>"&amp;<!--"#;

pub(crate) fn all() -> Vec<Case> {
    let case = |name, report| Case { name, report };
    vec![
        case("two", report(&["left-bank", "right-bank"], &["bank.iban/1"], 2, 400)),
        case("twelve", twelve()),
        case("some-withheld", some_withheld()),
        case(
            "all-withheld",
            report(&NAMES[..4], &["card.pan/1", "phone.e164/1"], 2, 30).withholding(1_000_000),
        ),
        case("none-found", none_found()),
        case("long-names", long_names()),
        case("hostile", hostile()),
        case("sixty-four", many(64)),
        case("grouped", many(256)),
        case("most", many(1024)),
    ]
}

const NAMES: [&str; 12] = [
    "alba-bank",
    "baltic-trust",
    "cardhaus",
    "danube-savings",
    "euro-wallet",
    "fjord-pay",
    "gulf-credit",
    "helvetia",
    "iberia-online",
    "nordpay",
    "volksbank-sued",
    "webhost",
];

const KINDS: [&str; 4] = ["card.pan/1", "bank.iban/1", "crypto.evm/1", "email.mailbox/1"];

/// Twelve members and four kinds, each with more combinations than are listed.
pub(crate) fn twelve() -> Report {
    let mut report = report(&NAMES, &KINDS, 2, 6_000);
    report.of_round = Some(of_round("Payments for abuse material seen in 2025; agreed by all members"));
    report.took_part = took_part(&report);
    report.members.extend(report.took_part[0].without.clone());
    report.members.sort();
    report
}

/// Members of whom two share little; there is room, so that the other pairs are shown.
pub(crate) fn some_withheld() -> Report {
    let of = |first: u64, len: u64| (first..first + len).collect::<Vec<u64>>();
    let sets = [of(0, 900), [of(300, 400), of(2_000, 500)].concat(), [of(0, 3), of(5_000, 800)].concat()];
    let mut report = Report::new(2, NAMES[..3].iter().map(|name| Name::new(name).unwrap()).collect());
    report.of_round = Some(of_round("fraud prevention"));
    report.kinds.push(matched(&NAMES[..3], &sets, KINDS[0], 2));
    report.withholding(5)
}

fn none_found() -> Report {
    let sets: Vec<Vec<u64>> = (0..3).map(|member| (member * 100..member * 100 + 50).collect()).collect();
    let mut report = Report::new(2, NAMES[..3].iter().map(|name| Name::new(name).unwrap()).collect());
    report.kinds.push(matched(&NAMES[..3], &sets, KINDS[1], 2));
    report
}

fn long_names() -> Report {
    let names: Vec<String> = ["W", "m", "long-name_", "I"]
        .iter()
        .zip(1..)
        .map(|(part, at)| {
            let name: String = part.chars().cycle().take(63).collect();
            format!("{name}{at}")
        })
        .collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    report(&names, &KINDS[..1], 2, 3_000_000)
}

fn hostile() -> Report {
    let mut report = report(&["script", "-amp".trim_start_matches('-'), "lt_gt"], &KINDS[3..], 2, 300);
    report.of_round = Some(of_round(HOSTILE));
    report.took_part = took_part(&report);
    report.members.extend(report.took_part[0].without.clone());
    report.members.sort();
    report
}

/// Many members with a few hundred tokens each.
pub(crate) fn many(members: usize) -> Report {
    let names: Vec<String> = (0..members).map(|at| format!("member-{at:04}")).collect();
    report(&names.iter().map(String::as_str).collect::<Vec<_>>(), &KINDS[..1], 2, 2_000)
}

/// What one of three members learns about its own rows, with their values.
#[allow(dead_code, reason = "the example writes it, the tests make their own")]
pub(crate) fn own() -> OwnReport {
    let name = |name: &str| Name::new(name).unwrap();
    let kind = KindId::new(KINDS[0]).unwrap();
    let mut counts = OwnKind::new(kind.clone(), 2);
    (0..17).for_each(|_| counts.add(2, &[name("cardhaus")]));
    (0..5).for_each(|_| counts.add(3, &[name("cardhaus"), name("nordpay")]));
    let row = |row: u64| OwnRow {
        place: format!("row {row}"),
        kind: kind.clone(),
        holders: 2,
        others: vec![name("cardhaus")],
        value: format!("<9999 {row}>"),
    };
    let none = OwnKind::new(KindId::new(KINDS[1]).unwrap(), 2);
    OwnReport {
        member: name("alba-bank"),
        of_round: Some(of_round("fraud prevention")),
        kinds: vec![counts, none],
        rows: Some((1..23).map(row).collect()),
    }
}

fn of_round(purpose: &str) -> OfRound {
    OfRound {
        round: RoundDigest([0xab; 32]),
        log: None,
        coalition: Name::new("efc").unwrap(),
        epoch: 7,
        number: 13,
        purpose: purpose.to_owned(),
    }
}

fn took_part(report: &Report) -> Vec<TookPart> {
    let without: Vec<Name> = vec![Name::new("absent-bank").unwrap(), Name::new("late-bank").unwrap()];
    let part = |kind: &KindReport| TookPart {
        kind: kind.kind.clone(),
        matched: kind.members.iter().map(|member| member.name.clone()).collect(),
        left_out: Vec::new(),
        without: without.clone(),
    };
    let unmatched = TookPart {
        kind: KindId::new("paypal.id/1").unwrap(),
        matched: Vec::new(),
        left_out: report.members[..1].to_vec(),
        without: without.clone(),
    };
    report.kinds.iter().map(part).chain([unmatched]).collect()
}

/// A report on members with numbers drawn up to `range`: the earlier the member, the more of them.
pub(crate) fn report(names: &[&str], kinds: &[&str], at_least: usize, range: u64) -> Report {
    let mut report = Report::new(at_least, names.iter().map(|name| Name::new(name).unwrap()).collect());
    for (of, kind) in (1u64..).zip(kinds) {
        let sets: Vec<Vec<u64>> = (0u64..)
            .zip(names)
            .map(|(member, _)| {
                let draws = (range / 2 / (member % 7 + 2)).clamp(8, 60_000);
                (0..draws).map(|draw| mix(of << 50 ^ member << 40 ^ draw) % range).collect()
            })
            .collect();
        let mut found = matched(names, &sets, kind, at_least);
        add_rejected(&mut found, of);
        report.kinds.push(found);
    }
    report.members.sort();
    report
}

fn matched(names: &[&str], sets: &[Vec<u64>], kind: &str, at_least: usize) -> KindReport {
    let mut terms = Terms::example();
    terms.context =
        veilmatch::terms::KeyContext::new(Name::new("efc").unwrap(), 7, KindId::new(kind).unwrap()).unwrap();
    let token = |number: &u64| {
        let half = mix(*number).to_be_bytes();
        Token::from_bytes([half, half].concat().try_into().unwrap())
    };
    let set = |(name, numbers): (&&str, &Vec<u64>)| {
        TokenSet::from_tokens(terms.clone(), Name::new(name).unwrap(), numbers.iter().map(token).collect())
    };
    let sets: Vec<TokenSet> = names.iter().zip(sets).map(set).collect();
    let all = sets.iter().try_fold(Intersection::new(), |all, set| all.add(set)).unwrap();
    KindReport::new(&all.at_least(at_least).unwrap()).unwrap()
}

/// Adds rows that were rejected or suppressed: tokens have none.
fn add_rejected(report: &mut KindReport, of: u64) {
    for (at, member) in (1u64..).zip(&mut report.members) {
        let reasons = [Reason::Checksum, Reason::TooShort, Reason::Masked];
        for (reason, drawn) in reasons.iter().zip(1u64..) {
            let rows = mix(of ^ at << 8 ^ drawn << 16) % (member.unique / 20 + 2);
            (0..rows).for_each(|_| member.rejected.count(*reason));
            member.rows += rows;
        }
        member.suppressed += mix(at) % 5;
        member.rows += member.suppressed;
        member.changed = member.accepted / 3;
        member.warnings = member.accepted / 50;
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014): the same numbers everywhere.
fn mix(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ z >> 31
}
