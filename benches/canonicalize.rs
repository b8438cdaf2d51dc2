//! Canonical forms by kind and spelling, one thread, over thousands of different values, as branch
//! predictors learn a few: beside the cost of the HMAC that follows, alone and in a whole run.

#[path = "support/identifiers.rs"]
mod identifiers;
mod support;
#[path = "support/wallets.rs"]
mod wallets;

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use identifiers::grouped;
use support::{card, mix};
use veilmatch::member::identifier::{Canonical, Canonicalizer, Kind, NationalPlan, Outcome};
use veilmatch::member::key::TokenKey;
use veilmatch::member::rows::Rows;
use veilmatch::member::tokenize::Tokenizer;
use veilmatch::terms::{KeyContext, KeyId, Name};

const ROWS: u64 = 4096;

type Values = Vec<Vec<u8>>;

fn values(value: impl Fn(u64) -> String) -> Values {
    (0..ROWS).map(|number| value(number).into_bytes()).collect()
}

/// One kind in several spellings: their canonical form costs what is measured, the first is also hashed.
struct Group<'a> {
    criterion: &'a mut Criterion,
    kind: Kind,
    plan: Option<NationalPlan>,
}

impl Group<'_> {
    fn run(&mut self, accepted: &[(&str, Values)], rejected: &[(&str, Values)]) {
        let mut rule = Canonicalizer::new(self.kind);
        if let Some(plan) = self.plan {
            rule = rule.with_national_plan(plan);
        }
        let mut group = self.criterion.benchmark_group(format!("canonicalize/{}", self.kind));
        group.throughput(Throughput::Elements(ROWS)).sample_size(30);
        group.warm_up_time(Duration::from_millis(200)).measurement_time(Duration::from_millis(600));
        let mut out = Canonical::new();
        let count = |values: &Values, out: &mut Canonical| {
            let accepted =
                |value: &&Vec<u8>| matches!(rule.canonicalize(value, out), Ok(Outcome::Accepted { .. }));
            values.iter().filter(accepted).count() as u64
        };
        let all = accepted.iter().map(|named| (named, ROWS)).chain(rejected.iter().map(|named| (named, 0)));
        for ((spelling, values), expected) in all {
            assert_eq!(count(values, &mut out), expected, "{spelling}");
            group.bench_function(*spelling, |bencher| {
                bencher.iter(|| count(black_box(values), &mut out));
            });
        }

        let canonical: Values = accepted[0]
            .1
            .iter()
            .map(|value| {
                rule.canonicalize(value, &mut out).expect("valid");
                out.as_bytes().to_vec()
            })
            .collect();
        let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, &[7; 32]);
        group.bench_function("HMAC alone, ring", |bencher| {
            bencher.iter(|| {
                canonical.iter().for_each(|form| {
                    black_box(ring::hmac::sign(&key, form));
                });
            });
        });
        let context =
            KeyContext::new(Name::new("bench").expect("valid"), 1, self.kind.kind_id()).expect("valid");
        let tokenizer =
            Tokenizer::from_token_key(&TokenKey::from_bytes(&mut [7; 32]), context, KeyId([0; 8]))
                .expect("valid");
        let member = Name::new("bank").expect("valid");
        let lines = accepted[0].1.join(&b'\n');
        let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a thread");
        group.bench_function("lines to a set, the first spelling", |bencher| {
            pool.install(|| {
                bencher.iter(|| {
                    let tokenized = tokenizer.tokenize(&member, Rows::lines(&lines[..])).expect("reads");
                    assert_eq!(tokenized.set.counters().accepted, ROWS);
                });
            });
        });
        group.finish();
    }
}

fn pan(number: u64) -> String {
    String::from_utf8(card(mix(number) % 100_000_000_000).to_vec()).expect("digits")
}

/// As [`card`], of fifteen digits in the groups of American Express.
fn pan_of_15(number: u64) -> String {
    let pan = identifiers::with_luhn(&format!("99{:012}", mix(number) % 1_000_000_000_000));
    format!("{} {} {}", &pan[..4], &pan[4..10], &pan[10..])
}

fn card_pan(criterion: &mut Criterion) {
    let wrong = |number| {
        let pan = pan(number);
        let last = (pan.as_bytes()[15] - b'0' + 1) % 10;
        format!("{}{last}", &pan[..15])
    };
    let accepted = [
        ("16 digits", values(pan)),
        ("16 digits, spaces", values(|number| grouped(&pan(number), " "))),
        ("16 digits, hyphens", values(|number| grouped(&pan(number), "-"))),
        ("15 digits", values(|number| pan_of_15(number).replace(' ', ""))),
        ("15 digits, spaces", values(pan_of_15)),
        ("16 digits, as it comes", {
            values(|number| match mix(number) % 4 {
                0 => grouped(&pan(number), " "),
                1 => grouped(&pan(number), "-"),
                2 => pan_of_15(number),
                _ => pan(number),
            })
        }),
        ("16 digits, space after", values(|number| format!("{} ", pan(number)))),
    ];
    let rejected = [
        ("rejected: check digit", values(wrong)),
        ("rejected: check digit, spaces", values(|number| grouped(&wrong(number), " "))),
        ("rejected: masked", values(|number| format!("{}******{}", &pan(number)[..6], &pan(number)[12..]))),
    ];
    Group { criterion, kind: Kind::CardPan, plan: None }.run(&accepted, &rejected);
}

fn bank_iban(criterion: &mut Criterion) {
    let german = |number| identifiers::iban("DE", "nnnnnnnnnnnnnnnnnn", number);
    let british = |number| identifiers::iban("GB", "aaaannnnnnnnnnnnnn", number);
    let french = |number| identifiers::iban("FR", "nnnnnnnnnncccccccccccnn", number);
    let any = |number| match number % 3 {
        0 => german(mix(number)),
        1 => british(mix(number)),
        _ => french(mix(number)),
    };
    let wrong = |number| {
        let iban = german(number);
        let last = (iban.as_bytes()[21] - b'0' + 1) % 10;
        format!("{}{last}", &iban[..21])
    };
    let accepted = [
        ("DE", values(german)),
        ("DE, spaces", values(|number| grouped(&german(number), " "))),
        ("DE, lower case", values(|number| german(number).to_lowercase())),
        ("GB", values(british)),
        ("GB, spaces", values(|number| grouped(&british(number), " "))),
        ("FR, letters in the account", values(french)),
        ("three countries, spaces or none", {
            values(
                |number| if mix(number).is_multiple_of(2) { grouped(&any(number), " ") } else { any(number) },
            )
        }),
    ];
    let rejected = [
        ("rejected: check digits", values(wrong)),
        ("rejected: hyphens", values(|number| grouped(&german(number), "-"))),
    ];
    Group { criterion, kind: Kind::BankIban, plan: None }.run(&accepted, &rejected);
}

fn crypto_evm(criterion: &mut Criterion) {
    let accepted = [
        ("lower case", values(identifiers::evm)),
        ("lower case, without 0x", values(|number| identifiers::evm(number)[2..].to_owned())),
        ("upper case", values(|number| format!("0x{}", identifiers::evm(number)[2..].to_uppercase()))),
        ("EIP-55", values(|number| identifiers::eip55(&identifiers::evm(number)))),
    ];
    let rejected = [("rejected: 64 digits", {
        values(|number| format!("{}{:024x}", identifiers::evm(number), mix(number)))
    })];
    Group { criterion, kind: Kind::CryptoEvm, plan: None }.run(&accepted, &rejected);
}

fn crypto_btc(criterion: &mut Criterion) {
    let wrong = |number| {
        let address = identifiers::segwit(0, 20, number);
        let last = if address.ends_with('q') { 'p' } else { 'q' };
        format!("{}{last}", &address[..41])
    };
    let accepted = [
        ("Base58Check", values(identifiers::base58)),
        ("bech32", values(|number| identifiers::segwit(0, 20, number))),
        ("bech32, upper case", values(|number| identifiers::segwit(0, 20, number).to_uppercase())),
        ("bech32m", values(|number| identifiers::segwit(1, 32, number))),
    ];
    let rejected = [("rejected: checksum", values(wrong))];
    Group { criterion, kind: Kind::CryptoBtc, plan: None }.run(&accepted, &rejected);
}

fn other_wallets(criterion: &mut Criterion) {
    let damaged = |address: String| {
        format!("{}{}", &address[..address.len() - 1], if address.ends_with('2') { '3' } else { '2' })
    };
    for (kind, accepted, rejected) in [
        (
            Kind::CryptoBch,
            vec![("CashAddr", values(identifiers::cash_addr)), ("legacy", values(identifiers::base58))],
            values(|number| damaged(identifiers::cash_addr(number))),
        ),
        (
            Kind::CryptoLtc,
            vec![("Base58Check", values(identifiers::litecoin))],
            values(|number| damaged(identifiers::litecoin(number))),
        ),
        (
            Kind::CryptoTrx,
            vec![("Base58Check", values(identifiers::tron))],
            values(|number| damaged(identifiers::tron(number))),
        ),
        (
            Kind::CryptoXmr,
            vec![("standard", values(identifiers::monero))],
            values(|number| damaged(identifiers::monero(number))),
        ),
    ] {
        let rejected = [("rejected: checksum", rejected)];
        Group { criterion: &mut *criterion, kind, plan: None }.run(&accepted, &rejected);
    }
}

fn email(criterion: &mut Criterion) {
    let lower = |number| identifiers::email(number, "example.com");
    let capitals = |number| lower(number).replace('e', "E");
    for kind in [Kind::EmailStrict, Kind::EmailMailbox] {
        let accepted = [
            ("lower case", values(lower)),
            ("capitals", values(capitals)),
            ("Gmail, dot and tag", values(|number| identifiers::email(number, "gmail.com"))),
        ];
        let rejected = [("rejected: no at sign", values(|number| lower(number).replace('@', ".at.")))];
        Group { criterion: &mut *criterion, kind, plan: None }.run(&accepted, &rejected);
    }
}

fn net_ip(criterion: &mut Criterion) {
    let v4 =
        |number| format!("93.{}.{}.{}", mix(number) % 256, mix(number) >> 8 & 255, mix(number) >> 16 & 255);
    let v6 = |number| {
        let bits = u128::from(mix(number)) << 64 | u128::from(mix(number + ROWS));
        std::net::Ipv6Addr::from(bits >> 8 | 0x2a << 120).to_string()
    };
    let accepted = [
        ("IPv4", values(v4)),
        ("IPv6", values(v6)),
        ("IPv6, upper case", values(|number| v6(number).to_uppercase())),
    ];
    let rejected = [("rejected: port", values(|number| format!("{}:443", v4(number))))];
    Group { criterion, kind: Kind::NetIp, plan: None }.run(&accepted, &rejected);
}

fn phone_e164(criterion: &mut Criterion) {
    let british = |number: u64| 7_700_000_000 + mix(number) % 100_000_000;
    let spaced = |number| {
        let digits = british(number).to_string();
        format!("+44 {} {}", &digits[..4], &digits[4..])
    };
    let accepted = [
        ("+ and digits", values(|number| format!("+44{}", british(number)))),
        ("spaces", values(spaced)),
        ("brackets and hyphens", {
            values(|number| {
                let [area, rest] = [mix(number) % 700 + 201, mix(number) >> 32];
                format!("+1 ({area}) {}-{:04}", rest % 800 + 200, rest >> 16 & 0xfff)
            })
        }),
        ("bracketed zero", values(|number| spaced(number).replace("+44 ", "+44 (0)"))),
        ("00", values(|number| format!("0044{}", british(number)))),
        ("national, by plan", values(|number| format!("0{}", british(number)))),
    ];
    let rejected = [("rejected: extension", values(|number| format!("{} x12", spaced(number))))];
    let plan = Some("44/0".parse().expect("a plan"));
    Group { criterion, kind: Kind::PhoneE164, plan }.run(&accepted, &rejected);
}

fn references(criterion: &mut Criterion) {
    let spaced = |number| {
        let imei = identifiers::imei(number);
        format!("{}-{}-{}-{}", &imei[..2], &imei[2..8], &imei[8..14], &imei[14..])
    };
    let with_software = |number| format!("{}23", &identifiers::imei(number)[..14]);
    let wrong = |number| format!("{}x", &identifiers::imei(number)[..14]);
    for (kind, accepted, rejected) in [
        (
            Kind::BankBic,
            vec![
                ("11 characters", values(identifiers::bic)),
                ("lower case", values(|number| identifiers::bic(number).to_lowercase())),
            ],
            values(|number| identifiers::bic(number)[..10].to_owned()),
        ),
        (
            Kind::CardPar,
            vec![("29 characters", values(identifiers::par))],
            values(|number| identifiers::par(number).to_lowercase()),
        ),
        (
            Kind::DeviceImei,
            vec![
                ("15 digits", values(identifiers::imei)),
                ("hyphens", values(spaced)),
                ("16 digits", values(with_software)),
            ],
            values(wrong),
        ),
        (
            Kind::MerchantMid,
            vec![("21 characters", values(identifiers::merchant))],
            values(|number| identifiers::merchant(number).replace('/', "-")),
        ),
        (
            Kind::PaypalId,
            vec![
                ("13 characters", values(identifiers::paypal)),
                ("lower case", values(|number| identifiers::paypal(number).to_lowercase())),
            ],
            values(|number| identifiers::paypal(number).replace('2', "1") + "0"),
        ),
        (
            "opaque.case-no".parse().expect("a kind"),
            vec![("16 bytes", values(|number| format!("{:016x}", mix(number))))],
            values(|number| format!("{number:0256}")),
        ),
    ] {
        Group { criterion: &mut *criterion, kind, plan: None }.run(&accepted, &[("rejected", rejected)]);
    }
}

fn net_domain(criterion: &mut Criterion) {
    let capitals = |number| identifiers::host(number).replace('e', "E");
    let accepted = [
        ("lower case", values(identifiers::host)),
        ("capitals", values(capitals)),
        ("final dot", values(|number| format!("{}.", identifiers::host(number)))),
        #[cfg(feature = "idna")]
        ("international", values(|number| format!("\u{fc}{}", identifiers::host(number)))),
    ];
    let rejected = [("rejected: underscore", values(|number| format!("_{}", identifiers::host(number))))];
    Group { criterion, kind: Kind::NetDomain, plan: None }.run(&accepted, &rejected);
}

/// Without its feature there is no such kind.
#[cfg(not(feature = "url"))]
fn net_url(_: &mut Criterion) {}

#[cfg(feature = "url")]
fn net_url(criterion: &mut Criterion) {
    let plain = |number| format!("https://{}/account/{}", identifiers::host(number), mix(number) % 100_000);
    let accepted = [
        ("canonical", values(plain)),
        ("user, port, fragment", {
            values(|number| {
                plain(number).replacen("//", "//user@", 1).replacen("/account", ":443/account", 1) + "#a"
            })
        }),
    ];
    let rejected = [("rejected: no scheme", values(|number| plain(number)[8..].to_owned()))];
    Group { criterion, kind: Kind::NetUrl, plan: None }.run(&accepted, &rejected);
}

criterion_group!(
    benches,
    bank_iban,
    card_pan,
    crypto_btc,
    crypto_evm,
    other_wallets,
    email,
    net_domain,
    net_ip,
    net_url,
    phone_e164,
    references
);
criterion_main!(benches);
