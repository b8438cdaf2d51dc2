//! Usual spellings are decided at the price of a hash or less; every other value goes by the general rule.
//!
//! A fast path never has a rule of its own. It takes a spelling that the general rule can decide in only one way, or
//! declines. The tests below compare the two.

use crate::outcome::Reason;

use super::{
    Canonical, Canonicalizer, Kind, Note, bank_bic, bank_iban, card_pan, card_par, crypto_evm, device_imei,
    email, net_domain, net_ip, paypal_id, phone_e164,
};

impl Canonicalizer {
    /// Returns what the rule says of a value in a usual spelling, without ASCII white space around it; returns nothing
    /// for any other value. Writes into an empty buffer.
    #[inline]
    pub(super) fn decide_usual(&self, value: &[u8], out: &mut Canonical) -> Option<Result<Note, Reason>> {
        match self.kind {
            Kind::BankBic => bank_bic::usual(value, out),
            Kind::BankIban => bank_iban::usual(value, out),
            Kind::CardPan => card_pan::usual(value).map(|decided| {
                decided.map(|(form, note)| {
                    out.set_short(form);
                    note
                })
            }),
            Kind::CardPar => card_par::usual(value, out),
            Kind::CryptoBch | Kind::CryptoBtc | Kind::CryptoLtc | Kind::CryptoTrx | Kind::CryptoXmr => None,
            Kind::CryptoEvm => crypto_evm::usual(value, out),
            Kind::DeviceImei => device_imei::usual(value, out),
            Kind::EmailMailbox => email::usual_mailbox(value, out),
            Kind::EmailStrict => email::usual_strict(value, out),
            Kind::MerchantMid => None,
            Kind::NetDomain => net_domain::usual(value, out),
            Kind::NetIp => net_ip::usual(value, out),
            #[cfg(feature = "url")]
            Kind::NetUrl => None,
            Kind::Opaque(_) => None,
            Kind::PaypalId => paypal_id::usual(value, out),
            Kind::PhoneE164 => phone_e164::usual(value, out),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::member::identifier::iban_registry::{Segment, country};
    use crate::member::identifier::words::words;
    use crate::member::identifier::{NationalPlan, Outcome, trim_ascii};

    /// Compares the fast path with the general rule; returns whether the fast path decided.
    fn agree(rule: &Canonicalizer, raw: &[u8]) -> bool {
        let shown = String::from_utf8_lossy(raw);
        let (mut fast, mut general) = (Canonical::new(), Canonical::new());
        let value = trim_ascii(raw);
        let expected = rule.apply_general(raw, &mut general);
        let decided = rule.decide_usual(value, &mut fast);
        match decided {
            None => {
                assert!(
                    fast.bytes == [0; 255] && fast.as_bytes().is_empty(),
                    "{}: {shown:?} left something",
                    rule.kind
                )
            }
            Some(found) => {
                let found = found.map(|note| note.and_changed(value.len() != raw.len()));
                assert_eq!(found, expected, "{}: {shown:?}", rule.kind);
            }
        }
        if let Some(decided) = rule.decide_short(raw) {
            match decided {
                Ok((form, outcome)) => {
                    let Ok(Note { changed, warning }) = expected else { panic!("{}: {shown:?}", rule.kind) };
                    assert_eq!(outcome, Outcome::Accepted { changed, warning }, "{}: {shown:?}", rule.kind);
                    let words: [u64; 3] = words(general.first_block().first_chunk::<24>().unwrap());
                    assert!((form.len(), form.words()) == (general.as_bytes().len(), words), "{shown:?}");
                    assert!(!rule.suppression.contains(rule.kind, general.as_bytes()), "{shown:?}");
                }
                Err(reason) => assert_eq!(expected, Err(reason), "{}: {shown:?}", rule.kind),
            }
        }
        // The buffer has been used before, as in a run.
        for before in ["a@b.example", "0123456789abcdef0123456789abcdef0123456789abcdef@example.com"] {
            let strict = Canonicalizer::new(Kind::EmailStrict);
            strict.apply_grammar(before.as_bytes(), &mut fast).unwrap();
            assert_eq!(rule.apply_grammar(raw, &mut fast), expected, "{}: {shown:?}", rule.kind);
            if expected.is_ok() {
                assert!(fast.as_bytes() == general.as_bytes() && fast.bytes == general.bytes, "{shown:?}");
                let suppressed = rule.suppression.contains(rule.kind, general.as_bytes());
                assert_eq!(rule.suppression.contains_form(&rule.kind, &fast), suppressed, "{shown:?}");
            }
        }
        decided.is_some()
    }

    fn rule(kind: Kind) -> Canonicalizer {
        Canonicalizer::new(kind).with_national_plan("44/0".parse::<NationalPlan>().unwrap())
    }

    /// The spellings that must not fall back to the general rule.
    const DECIDED: &[(Kind, &[&str])] = &[
        (Kind::BankBic, &["DEUTDEFF", "deutdeff500", "DEUTDEFFXXX", "E097AEXX", "DEUTDEFFxxx"]),
        (
            Kind::BankIban,
            &[
                "DE89370400440532013000",
                "de89 3704 0044 0532 0130 00",
                "GB29 NWBK 6016 1331 9268 19",
                "FR1420041010050500013M02606",
                "MT84 MALT 0110 0001 2345 MTLC AST0 01S",
                "RU03 0445 2522 5408 1781 0538 0913 1041 9",
                "NO9386011117947",
                "DE89370400440532013001",
            ],
        ),
        (
            Kind::CardPan,
            &[
                "9999100000001562",
                "9999 1000 0000 1562",
                "9999-1000-0000-1562",
                "9999 1000-0000 1562\r",
                "999910000001567",
                "9999 100000 01567",
                "9999100000001563",
                "0999 1000 0000 1562",
                "7777777777777777",
                "777777777777777",
            ],
        ),
        (Kind::CardPar, &["V0010013019339005665779448477", "500150F5DE22SND132Y6PR32AR5HB"]),
        (
            Kind::CryptoEvm,
            &[
                "0x52908400098527886e0f7030069857d2e4169ee7",
                "0X52908400098527886E0F7030069857D2E4169EE7",
                "5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
                " 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD",
            ],
        ),
        (
            Kind::DeviceImei,
            &["260531793113837", "26053179311383", "260531793113830", "2605317931138301", "260531793113838"],
        ),
        (Kind::EmailStrict, &["jane.doe+x@mail.example.com", "Jane_Doe@EXAMPLE.com", "j@a-b.example"]),
        (Kind::EmailMailbox, &["jane.doe+x@gmail.com", "J.D@GoogleMail.com", "+@gmail.com", "a@hotmail.com"]),
        (Kind::NetDomain, &["example.com", "WWW.Example.co.uk", "a-b.4u.example", "xn.1.2.a4"]),
        (Kind::NetIp, &["93.184.216.34", "0.0.0.10", "255.255.255.255"]),
        (Kind::PaypalId, &["QYR5Z8XDVJNXQ", "lf5hcwwbrv2kl"]),
        (
            Kind::PhoneE164,
            &["+447700900123", "+12125550100", "+883510012345678", "+4930123456", "+525512345678"],
        ),
    ];

    #[test]
    fn usual_spellings_take_the_fast_path() {
        for &(kind, values) in DECIDED {
            for value in values {
                assert!(agree(&rule(kind), value.as_bytes()), "{kind}: {value}");
            }
        }
    }

    #[test]
    fn every_byte_in_every_place_and_every_length_is_decided_as_by_the_general_rule() {
        for &(kind, values) in DECIDED {
            let rule = rule(kind);
            for value in values {
                for place in 0..value.len() {
                    for byte in 0..=255 {
                        let mut changed = value.as_bytes().to_vec();
                        changed[place] = byte;
                        agree(&rule, &changed);
                        changed.insert(place, value.as_bytes()[place]);
                        agree(&rule, &changed);
                    }
                    agree(&rule, &[&value.as_bytes()[..place], &value.as_bytes()[place + 1..]].concat());
                }
                for length in 0..=300 {
                    let cycled: Vec<u8> = value.bytes().cycle().take(length).collect();
                    agree(&rule, &cycled);
                }
            }
            for unit in b"019aAfFzZ@.-+_ :/(\0\x7f\x80\xc3\xff" {
                for length in 0..=300 {
                    agree(&rule, &vec![*unit; length]);
                }
            }
        }
    }

    /// Changes a value in up to three places: another byte, one more, one less.
    fn near(value: impl Strategy<Value = String>) -> impl Strategy<Value = Vec<u8>> {
        let byte = prop_oneof![
            4 => "[ -~]".prop_map(|text| text.as_bytes()[0]),
            4 => prop::sample::select(&b"0123456789 -.+@()/:AZafx\t"[..]),
            1 => any::<u8>(),
        ];
        let edits = prop::collection::vec((0..4u8, any::<prop::sample::Index>(), byte), 0..=3);
        (value, edits).prop_map(|(value, edits)| {
            let mut bytes = value.into_bytes();
            for (edit, place, byte) in edits {
                let place = place.index(bytes.len() + 1);
                match edit {
                    0 => bytes.insert(place, byte),
                    1 if place < bytes.len() => drop(bytes.remove(place)),
                    _ if place < bytes.len() => bytes[place] = byte,
                    _ => bytes.push(byte),
                }
            }
            bytes
        })
    }

    fn luhn_digit(digits: &str) -> char {
        let places = digits.bytes().rev().enumerate().map(|(place, digit)| {
            let value = u32::from(digit - b'0') << (1 - place % 2);
            value / 10 + value % 10
        });
        char::from(b'0' + ((10 - places.sum::<u32>() % 10) % 10) as u8)
    }

    /// Adds separators after some characters: none, after each four, or anywhere.
    fn separated(
        value: impl Strategy<Value = String>,
        separators: &'static str,
    ) -> impl Strategy<Value = String> {
        let places = prop_oneof![Just(0u64), Just(0x8888_8888_8888_8888), any::<u64>()];
        (value, places, separators).prop_map(|(value, places, separator)| {
            let last = value.chars().count().saturating_sub(1);
            value.chars().enumerate().fold(String::new(), |mut text, (place, c)| {
                text.push(c);
                if place < last && places >> (place % 64) & 1 == 1 {
                    text.push_str(&separator);
                }
                text
            })
        })
    }

    /// Makes a number that Luhn accepts.
    fn pan() -> impl Strategy<Value = String> {
        prop_oneof!["[0-9]{11,18}", "[0-9]{14,15}", "9{14,15}"]
            .prop_map(|digits| format!("{digits}{}", luhn_digit(&digits)))
    }

    /// Makes an IBAN of any country, with the right check digits, or with other ones that mod-97 accepts.
    fn iban() -> impl Strategy<Value = String> {
        let letters = || (b'A'..=b'Z').map(char::from);
        let codes: Vec<String> =
            letters().flat_map(|first| letters().map(move |second| format!("{first}{second}"))).collect();
        let found = |code: &String| country(code.as_bytes().try_into().unwrap());
        let codes: Vec<String> = codes.into_iter().filter(|code| found(code).is_some()).collect();
        assert_eq!(codes.len(), 89);
        let characters = prop::collection::vec(any::<u8>(), 34);
        (prop::sample::select(codes), characters, any::<bool>()).prop_map(|(code, random, twin)| {
            let mut random = random.into_iter();
            let mut bban = String::new();
            for segment in country(code.as_bytes().try_into().unwrap()).unwrap().bban {
                let (count, alphabet) = match *segment {
                    Segment::N(count) => (count, "0123456789"),
                    Segment::A(count) => (count, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
                    Segment::C(count) => (count, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
                };
                let characters = random.by_ref().take(usize::from(count));
                bban.extend(
                    characters
                        .map(|byte| char::from(alphabet.as_bytes()[usize::from(byte) % alphabet.len()])),
                );
            }
            let number = format!("{bban}{code}00");
            let rest = number
                .chars()
                .map(|c| c.to_digit(36).unwrap())
                .fold(0, |rest, value| (rest * if value < 10 { 10 } else { 100 } + value) % 97);
            let check_digits = match 98 - rest {
                2 if twin => 99,
                high @ 97.. if twin => high - 97,
                usual => usual,
            };
            format!("{code}{check_digits:02}{bban}")
        })
    }

    fn recased(value: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
        (value, prop_oneof![Just(0u64), Just(u64::MAX), any::<u64>()]).prop_map(|(value, upper)| {
            let recase = |(place, c): (usize, char)| {
                if upper >> (place % 64) & 1 == 1 { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() }
            };
            value.chars().enumerate().map(recase).collect()
        })
    }

    fn evm() -> impl Strategy<Value = String> {
        let text = (prop_oneof![Just(""), Just("0x")], "[0-9a-f]{40}");
        recased(text.prop_map(|(prefix, digits)| format!("{prefix}{digits}")))
    }

    fn email() -> impl Strategy<Value = String> {
        let domain = prop_oneof![
            "[a-z0-9]{1,9}(-[a-z0-9]{1,3}){0,2}(\\.[a-z0-9]{1,9}){0,2}\\.?",
            "(hot|g|google|xn--g)mail\\.com",
            "xn--[a-z0-9]{2,5}\\.example",
        ];
        let local = "[a-z0-9_+-]{1,9}([.+_'-][a-z0-9]{1,9}){0,3}";
        recased((local, domain).prop_map(|(local, domain)| format!("{local}@{domain}")))
    }

    fn ip() -> impl Strategy<Value = String> {
        prop_oneof![
            any::<[u8; 4]>().prop_map(|octets| std::net::Ipv4Addr::from(octets).to_string()),
            "[0-9]{1,4}\\.[0-9]{1,3}\\.[0-9]{1,3}(\\.[0-9]{1,3}){1,2}",
        ]
    }

    fn domain() -> impl Strategy<Value = String> {
        recased(
            "[a-z0-9]{1,9}(-{1,2}[a-z0-9]{1,3}){0,2}(\\.[a-z0-9]{1,20}){0,3}(\\.[0-9]{1,3}|\\.0x[0-9a-g]{0,2})?\\.?",
        )
    }

    /// Makes an IMEI with the right check digit, another one, none, or a software version.
    fn imei() -> impl Strategy<Value = String> {
        ("[0-9]{14}", prop_oneof!["", "[0-9]{1,2}", Just("luhn".to_owned())]).prop_map(|(digits, end)| {
            match end.as_str() {
                "luhn" => format!("{digits}{}", luhn_digit(&digits)),
                _ => digits + &end,
            }
        })
    }

    fn phone() -> impl Strategy<Value = String> {
        "(\\+|00)([1-9]|1|39|39[03]|44|521?|549?|225|226|375|378|992)[0-9]{3,14}"
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 8000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn cards_are_decided_as_by_the_general_rule(value in near(separated(pan(), "[ -]"))) {
            agree(&rule(Kind::CardPan), &value);
        }

        #[test]
        fn ibans_are_decided_as_by_the_general_rule(value in near(recased(separated(iban(), " ")))) {
            agree(&rule(Kind::BankIban), &value);
        }

        #[test]
        fn wallets_are_decided_as_by_the_general_rule(value in near(evm())) {
            agree(&rule(Kind::CryptoEvm), &value);
        }

        #[test]
        fn addresses_are_decided_as_by_the_general_rule(email in near(email()), ip in near(ip())) {
            agree(&rule(Kind::EmailStrict), &email);
            agree(&rule(Kind::EmailMailbox), &email);
            agree(&rule(Kind::NetIp), &ip);
        }

        #[test]
        fn names_are_decided_as_by_the_general_rule(domain in near(domain()), imei in near(separated(imei(), "[ -]"))) {
            agree(&rule(Kind::NetDomain), &domain);
            agree(&rule(Kind::DeviceImei), &imei);
        }

        #[test]
        fn codes_are_decided_as_by_the_general_rule(
            bic in near(recased("[a-z]{4}[a-z]{2}[a-z0-9]{2}(xxx|[a-z0-9]{3})?")),
            par in near("[A-Z0-9]{28,30}"),
            paypal in near(recased("[2-9a-hj-np-z]{12,14}")),
        ) {
            agree(&rule(Kind::BankBic), &bic);
            agree(&rule(Kind::CardPar), &par);
            agree(&rule(Kind::PaypalId), &paypal);
        }

        #[test]
        fn numbers_are_decided_as_by_the_general_rule(value in near(separated(phone(), "[ ()-]"))) {
            agree(&rule(Kind::PhoneE164), &value);
        }
    }
}
