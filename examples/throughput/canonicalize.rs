//! Canonical forms by kind, beside what their HMACs cost.

use veilmatch::Reason;
use veilmatch::member::identifier::{Canonical, Canonicalizer, Kind, Outcome as Verdict};

use crate::hmacs;
use crate::hmacs::Hmacs;
use crate::identifiers::{
    base58, bic, cash_addr, eip55, email, evm, grouped, host, iban, imei, litecoin, merchant, monero, par,
    paypal, segwit, tron,
};
use crate::measure::{Bench, Group, Outcome, Threads};
use crate::support::{card, mix};

/// Thousands of values, as branch predictors learn a few.
const MOST: u64 = 4096;

type Values = Vec<Vec<u8>>;
type Spelling<'a> = (&'a str, &'a dyn Fn(u64) -> String);

pub(crate) fn measure(bench: &Bench) -> Outcome<()> {
    let pan = |number| {
        let digits = card(mix(number) % 100_000_000_000);
        digits.into_iter().map(char::from).collect::<String>()
    };
    let german = |number| iban("DE", "nnnnnnnnnnnnnnnnnn", number);
    let spaced_pan = |number| grouped(&pan(number), " ");
    let spaced_iban = |number| grouped(&german(number), " ");
    let mixed_case = |number| eip55(&evm(number));
    let bech32 = |number| segwit(0, 20, number);
    let mail = |number| email(number, "example.com");
    let capitals = |number| mail(number).replace('e', "E");
    let ip = |number| std::net::Ipv4Addr::from(0x5d << 24 | mix(number) as u32 >> 8).to_string();
    let phone = |number| format!("+44{}", 7_700_000_000 + mix(number) % 100_000_000);
    let spaced_imei = |number| grouped(&imei(number), " ");
    #[cfg(feature = "url")]
    let url = |number| format!("https://{}/{}", host(number), mix(number) % 100_000);
    let kinds: &[(Kind, &[Spelling<'_>])] = &[
        (Kind::BankBic, &[("11 characters", &bic)]),
        (Kind::BankIban, &[("22 characters", &german), ("with spaces", &spaced_iban)]),
        (Kind::CardPan, &[("16 digits", &pan), ("with spaces", &spaced_pan)]),
        (Kind::CardPar, &[("29 characters", &par)]),
        (Kind::CryptoBch, &[("CashAddr", &cash_addr), ("legacy", &base58)]),
        (Kind::CryptoBtc, &[("bech32", &bech32), ("Base58Check", &base58)]),
        (Kind::CryptoEvm, &[("lower case", &evm), ("EIP-55", &mixed_case)]),
        (Kind::CryptoLtc, &[("Base58Check", &litecoin)]),
        (Kind::CryptoTrx, &[("Base58Check", &tron)]),
        (Kind::CryptoXmr, &[("standard", &monero)]),
        (Kind::DeviceImei, &[("15 digits", &imei), ("with spaces", &spaced_imei)]),
        (Kind::EmailMailbox, &[("lower case", &mail), ("capitals", &capitals)]),
        (Kind::EmailStrict, &[("lower case", &mail), ("capitals", &capitals)]),
        (Kind::MerchantMid, &[("21 characters", &merchant)]),
        (Kind::NetDomain, &[("lower case", &host)]),
        (Kind::NetIp, &[("IPv4", &ip)]),
        #[cfg(feature = "url")]
        (Kind::NetUrl, &[("canonical", &url)]),
        (Kind::PaypalId, &[("13 characters", &paypal)]),
        (Kind::PhoneE164, &[("+ and digits", &phone)]),
    ];
    kinds.iter().try_for_each(|(kind, spellings)| one_kind(bench, *kind, spellings))
}

fn one_kind(bench: &Bench, kind: Kind, spellings: &[Spelling<'_>]) -> Outcome<()> {
    let rows = hmacs::whole_batches(bench.size.min(MOST));
    let values = |(_, value): &Spelling<'_>| (0..rows).map(|row| value(row).into_bytes()).collect::<Values>();
    let rule = Canonicalizer::new(kind);
    let canonical = |value: Vec<u8>| {
        let mut form = Canonical::new();
        rule.canonicalize(&value, &mut form).map(|_| form.as_bytes().to_vec())
    };
    let forms: Result<Values, Reason> = values(&spellings[0]).into_iter().map(canonical).collect();
    let forms = forms.map_err(|reason| format!("{kind}: a value is rejected: {reason}"))?;
    let mut group = Group::new(bench, "canonicalize", kind.id()).items(rows);
    for spelling in spellings {
        let (values, rule, mut form) = (values(spelling), &rule, Canonical::new());
        group = group.count(format!("ours, {}", spelling.0), Threads::One, rows, move || {
            let mut accepts =
                |value: &[u8]| matches!(rule.canonicalize(value, &mut form), Ok(Verdict::Accepted { .. }));
            values.iter().filter(|value| accepts(value)).count() as u64
        });
    }
    // Forms over a block have no place beside those of one.
    if forms.iter().any(|form| form.len() > hmacs::ONE_BLOCK) {
        return group.run();
    }
    let (hmacs, ours) = (Hmacs::of(forms)?, hmacs::tokenizer(kind)?);
    let beside = format!("beside it, its HMAC by {}", ours.backend());
    let group = hmacs.case_compressions(group, beside, Threads::One, &ours);
    hmacs.case_each(group, "beside it, its HMAC by ring", Threads::One, |form| hmacs.by_ring(form)).run()
}
