//! The self-test tables: one frozen table of inputs for each kind. Running it through the rule gives a digest that says
//! which rule this build has.
//!
//! The digest is over what the rule *does*, not over what the table says it should do. If a build's Unicode tables
//! differ, or if it lacks the feature `idna`, it has another digest by itself, and its sets are refused. A test
//! compares what the rule does with what is expected. Equal digests do not prove equal rules; hence the rich tables,
//! with every trap of SPEC.md.

mod bank_bic;
mod bank_iban;
mod card_pan;
mod card_par;
mod crypto_bch;
mod crypto_btc;
mod crypto_evm;
mod crypto_ltc;
mod crypto_trx;
mod crypto_xmr;
mod device_imei;
mod email_mailbox;
mod email_strict;
mod merchant_mid;
mod net_domain;
mod net_ip;
#[cfg(feature = "url")]
mod net_url;
mod opaque;
mod paypal_id;
mod phone_e164;

use std::sync::OnceLock;

use ring::digest::{Context, SHA256};

use crate::outcome::Reason;
use crate::terms::RuleDigest;

use super::{Canonical, Canonicalizer, Kind, SuppressionList};

/// One input of a self-test table. No value belongs to a real person: they are published examples, reserved ranges, and
/// constructed numbers.
struct Row {
    /// A national plan, for telephone numbers.
    plan: Option<&'static str>,
    input: &'static [u8],
    #[cfg_attr(
        not(all(test, feature = "url")),
        expect(dead_code, reason = "the digest is over actual outcomes only")
    )]
    expected: Expected,
}

/// The expected outcome of a row.
#[derive(Clone, Copy)]
#[cfg_attr(
    not(all(test, feature = "url")),
    expect(dead_code, reason = "the digest is over actual outcomes only")
)]
enum Expected {
    Text(&'static str),
    Hex(&'static str),
    Refused(Reason),
}

/// Makes a row whose canonical form is text.
const fn text(input: &'static str, canonical: &'static str) -> Row {
    Row { plan: None, input: input.as_bytes(), expected: Expected::Text(canonical) }
}

/// Makes a row whose canonical form is bytes, given in hex.
const fn hex(input: &'static str, canonical: &'static str) -> Row {
    Row { plan: None, input: input.as_bytes(), expected: Expected::Hex(canonical) }
}

/// Makes a row of an input that is not text.
const fn hex_bytes(input: &'static [u8], canonical: &'static str) -> Row {
    Row { plan: None, input, expected: Expected::Hex(canonical) }
}

const fn refused(input: &'static str, reason: Reason) -> Row {
    refused_bytes(input.as_bytes(), reason)
}

const fn refused_bytes(input: &'static [u8], reason: Reason) -> Row {
    Row { plan: None, input, expected: Expected::Refused(reason) }
}

/// Adds a national plan to a row.
const fn with_plan(plan: &'static str, row: Row) -> Row {
    Row { plan: Some(plan), ..row }
}

impl Kind {
    /// Returns the digest of the rule that this build has for the kind; it stands in every set's header.
    ///
    /// SHA-256(lp(kind id) ‖ per row \[lp(plan) ‖\] lp(input) ‖ reason code as two bytes, 0 if accepted ‖ lp(canonical
    /// form, empty if rejected)). Here lp(x) is the length of x as two bytes, then x, and numbers are big-endian. It
    /// runs some dozens of values once; later calls return the same digest. For an opaque kind they run each time:
    /// there may be any number of these kinds.
    pub fn rule_digest(self) -> RuleDigest {
        static DIGESTS: [OnceLock<RuleDigest>; Kind::ALL.len()] =
            [const { OnceLock::new() }; Kind::ALL.len()];
        match Kind::ALL.iter().position(|kind| *kind == self) {
            Some(place) => *DIGESTS[place].get_or_init(|| self.run_self_test()),
            None => self.run_self_test(),
        }
    }

    /// Returns the inputs of the self-test table, in order. They are public values; no input belongs to a person.
    pub(crate) fn self_test_inputs(self) -> impl Iterator<Item = &'static [u8]> {
        self.self_test().iter().map(|row| row.input)
    }

    fn self_test(self) -> &'static [Row] {
        match self {
            Kind::BankBic => bank_bic::ROWS,
            Kind::BankIban => bank_iban::ROWS,
            Kind::CardPan => card_pan::ROWS,
            Kind::CardPar => card_par::ROWS,
            Kind::CryptoBch => crypto_bch::ROWS,
            Kind::CryptoBtc => crypto_btc::ROWS,
            Kind::CryptoEvm => crypto_evm::ROWS,
            Kind::CryptoLtc => crypto_ltc::ROWS,
            Kind::CryptoTrx => crypto_trx::ROWS,
            Kind::CryptoXmr => crypto_xmr::ROWS,
            Kind::DeviceImei => device_imei::ROWS,
            Kind::EmailMailbox => email_mailbox::ROWS,
            Kind::EmailStrict => email_strict::ROWS,
            Kind::MerchantMid => merchant_mid::ROWS,
            Kind::NetDomain => net_domain::ROWS,
            Kind::NetIp => net_ip::ROWS,
            #[cfg(feature = "url")]
            Kind::NetUrl => net_url::ROWS,
            Kind::Opaque(_) => opaque::ROWS,
            Kind::PaypalId => paypal_id::ROWS,
            Kind::PhoneE164 => phone_e164::ROWS,
        }
    }

    fn run_self_test(self) -> RuleDigest {
        self.digest_of(|row, out| self.run_row(row, out))
    }

    /// Returns the digest that the kind would have with this rule.
    fn digest_of(self, rule: impl Fn(&Row, &mut Canonical) -> Result<(), Reason>) -> RuleDigest {
        let mut context = Context::new(&SHA256);
        update_lp(&mut context, self.id().as_bytes());
        let mut out = Canonical::new();
        for row in self.self_test() {
            let outcome = rule(row, &mut out);
            if let Some(plan) = row.plan {
                update_lp(&mut context, plan.as_bytes());
            }
            update_lp(&mut context, row.input);
            context.update(&outcome.err().map_or(0, Reason::code).to_be_bytes());
            update_lp(&mut context, if outcome.is_ok() { out.as_bytes() } else { b"" });
        }
        let mut bytes = [0; 32];
        bytes.copy_from_slice(context.finish().as_ref());
        RuleDigest(bytes)
    }

    /// Runs the rule alone: the suppression list has a digest of its own.
    fn run_row(self, row: &Row, out: &mut Canonical) -> Result<(), Reason> {
        let national =
            row.plan.map(|plan| plan.parse().expect("the tables' plans are valid, a test parses them"));
        let rule = Canonicalizer { kind: self, national, suppression: SuppressionList::none() };
        rule.apply_grammar(row.input, out).map(|_| ())
    }
}

/// Adds the length as two bytes, then the bytes.
fn update_lp(context: &mut Context, bytes: &[u8]) {
    context.update(&(bytes.len() as u16).to_be_bytes()); // the tables hold nothing near 64 KiB, a test looks
    context.update(bytes);
}

#[cfg(all(test, feature = "url"))]
mod tests {
    use super::*;

    const SPECIFICATION: &str = include_str!("../../../SPEC.md");

    /// Every kind, and one opaque kind that stands for all: their table is the same.
    fn published() -> Vec<Kind> {
        let mut kinds = [Kind::ALL, &["opaque.example/1".parse().unwrap()]].concat();
        kinds.sort_unstable();
        kinds
    }

    fn to_hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The tables as other implementations read them; a change here is a change of the rules.
    #[test]
    fn the_published_table_is_what_the_rules_do() {
        let mut found =
            vec!["#kind\tnational plan\tinput (hex)\treason code\tcanonical bytes (hex)".to_owned()];
        let mut out = Canonical::new();
        for kind in published() {
            for row in kind.self_test() {
                let (code, canonical) = match kind.run_row(row, &mut out) {
                    Ok(()) => (0, out.as_bytes()),
                    Err(reason) => (reason.code(), &b""[..]),
                };
                let (plan, input) = (row.plan.unwrap_or_default(), to_hex(row.input));
                found.push(format!("{kind}\t{plan}\t{input}\t{code}\t{}", to_hex(canonical)));
            }
        }
        let published: Vec<&str> = include_str!("../../../spec/selftest-1.tsv").lines().collect();
        assert_eq!(found, published);
    }

    #[test]
    fn every_row_comes_to_what_its_table_says() {
        let mut wrong = Vec::new();
        for kind in published() {
            let rows = kind.self_test();
            assert!(matches!(rows.len(), 20..=200), "{kind}: {} rows", rows.len());
            for row in rows {
                assert!(row.input.len() <= usize::from(u16::MAX));
                let mut out = Canonical::new();
                let outcome = kind.run_row(row, &mut out);
                let hex = to_hex(out.as_bytes());
                let as_expected = match (outcome, row.expected) {
                    (Ok(()), Expected::Text(text)) => out.as_bytes() == text.as_bytes(),
                    (Ok(()), Expected::Hex(expected)) => hex == expected,
                    (Err(reason), Expected::Refused(expected)) => reason == expected,
                    _ => false,
                };
                if !as_expected {
                    let found = outcome.map(|()| String::from_utf8_lossy(out.as_bytes()).into_owned());
                    wrong.push(format!("{kind} {:?}: {found:?} {hex}", String::from_utf8_lossy(row.input)));
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn inputs_are_not_repeated_and_both_outcomes_occur() {
        for kind in published() {
            let rows = kind.self_test();
            let mut inputs: Vec<_> = rows.iter().map(|row| (row.plan, row.input)).collect();
            inputs.sort_unstable();
            assert!(inputs.windows(2).all(|pair| pair[0] != pair[1]), "{kind}");
            let refused = rows.iter().filter(|row| matches!(row.expected, Expected::Refused(_))).count();
            assert!(refused >= 5 && rows.len() - refused >= 5, "{kind}");
        }
    }

    /// A change here is a new version of the kind, or of Unicode: members of both builds cannot match.
    #[test]
    fn rule_digests_are_frozen() {
        const FROZEN: [(Kind, &str); Kind::ALL.len()] = [
            (Kind::BankBic, "1d4051919109bd69e671eb9bfa2e9a13b6d2806dde7dc1a3f2fbd5d142c44349"),
            (Kind::BankIban, "4e1895b11718471fdf4b583666f0adf52fc6b1da347219291443bb0ca3a9f6e0"),
            (Kind::CardPan, "01bf04bc469e2eb9fdfc1851ac7106dcc54736a915a0e03cd860d0e06be0f5a4"),
            (Kind::CardPar, "567ccef4fe98650b1441932c07447c2aa22816d695c2015acf3ae8e5031526e2"),
            (Kind::CryptoBch, "60d1147d5b54c1e85bdf6540dafdca35772fb1ed400be72b818ec9ad6ba3b1b5"),
            (Kind::CryptoBtc, "8087149071adb324aea8d03ffa456b0d91fe37371968270f44b75cd9f2984759"),
            (Kind::CryptoEvm, "de6b84c99d7be1de32c984c6811de8ae95ab3de7e9f01e21ae764679d5ce6aa2"),
            (Kind::CryptoLtc, "0e9824c27807fccceb848ad83a0ee6aff98af44dfff869940cf3fe239ee794da"),
            (Kind::CryptoTrx, "97af2aa508d341c80c2c5e88dfb7004b8c73da82fbc823fd26265b6ae4e51bfc"),
            (Kind::CryptoXmr, "618a0ec3d71ad0a8731b32b8d0337be57cc7491314b844093d17e3f90672cf72"),
            (Kind::DeviceImei, "3840b2b4d3348a54af5fa8b7e02ccc76904d7d101ece52e65e6121fdc469b5fc"),
            (Kind::EmailMailbox, "d1b22ebfb2fa0fb17cb7f59c4e22178470ff106526cac5ee40d303f84a7915d7"),
            (Kind::EmailStrict, "a1129d0b6b850383a9c7a9a5d603313001a21b43c73d50279fe94580d91f80a6"),
            (Kind::MerchantMid, "e825b6675a536c58dcdeb4e7978f245b7a0a52c01b65a1bb2e78e0119c385ac3"),
            (Kind::NetDomain, "0ba9dd8725a3d41b864b2ce2600891f42b61428aabe3fe715a8aadf73c47f331"),
            (Kind::NetIp, "7a7a6e100fa0a9433c2dd914c7940c99dc9c838f3c812d16c0a02380a47766fd"),
            (Kind::NetUrl, "deb7f17ff2f2b91ee48d82f4ce621dde69b93985cce1716e6c6da734910b7102"),
            (Kind::PaypalId, "6096aa41e3f58791cbde3c9397e7090b1467750e8026ae78a96a4e70167bdf0e"),
            (Kind::PhoneE164, "1bb7fb3a4dfd24cce87c6419afa1e15477476e58cb93e4c12a49b73b4428fa26"),
        ];
        let found = Kind::ALL.iter().map(|kind| (*kind, kind.rule_digest().to_string())).collect::<Vec<_>>();
        let frozen = FROZEN.map(|(kind, digest)| (kind, digest.to_owned()));
        assert_eq!(found, frozen);
        for (kind, digest) in FROZEN {
            assert!(SPECIFICATION.contains(&format!("\n| `{kind}` | `{digest}` |\n")), "{kind}");
        }
        let suppression = SuppressionList::standard().digest();
        assert!(SPECIFICATION.contains(&format!("\n| suppression list | `{suppression}` |\n")));
    }

    /// Opaque kinds share one table, and each name has a rule digest of its own.
    #[test]
    fn the_rule_digests_of_opaque_kinds_are_frozen() {
        for (id, digest) in [
            ("opaque.example/1", "857869e1e785a1e45889cf0434340c0049d742d1d700d8007828a83b25332308"),
            ("opaque.case-no/1", "9c7a558a50839bc85363aa805e1b43d2ed4de5982108821b7318cebb1b8c2093"),
        ] {
            let kind: Kind = id.parse().unwrap();
            assert_eq!(kind.rule_digest().to_string(), digest, "{id}");
        }
        let kind: Kind = "opaque.example/1".parse().unwrap();
        assert!(SPECIFICATION.contains(&format!("\n| `{kind}` | `{}` |\n", kind.rule_digest())));
    }

    /// A build that no longer removes white space around values, and a build that takes one reason for another.
    #[test]
    fn builds_that_differ_in_a_rule_refuse_each_other_by_kind_and_both_digests() {
        use crate::Intersection;
        use crate::set::TokenSet;
        use crate::terms::{KeyContext, KeyId, Name, Terms};

        let name = |text| Name::new(text).unwrap();
        for kind in published() {
            let untrimmed = kind.digest_of(|row, out| match row.input.trim_ascii() == row.input {
                true => kind.run_row(row, out),
                false => Err(Reason::BadCharacter),
            });
            let renamed = kind.digest_of(|row, out| {
                kind.run_row(row, out).map_err(|reason| match reason {
                    Reason::Empty => Reason::TooShort,
                    other => other,
                })
            });
            let ours = kind.rule_digest();
            let set = |member, rules| {
                let context = KeyContext::new(name("efc"), 1, kind.kind_id()).unwrap();
                let suppression = SuppressionList::none().digest();
                let terms = Terms { context, key_id: KeyId([1; 8]), rules, suppression, round: None };
                TokenSet::from_tokens(terms, name(member), Vec::new())
            };
            let (a, same) = (set("bank-a", ours), set("bank-c", ours));
            assert!(Intersection::new().add(&a).and_then(|all| all.add(&same)).is_ok());
            for theirs in [untrimmed, renamed] {
                let b = set("bank-b", theirs);
                let error = Intersection::new().add(&a).and_then(|all| all.add(&b)).unwrap_err();
                let expected =
                    format!("bank-b differs in the rule digest of {kind}: expected {ours}, got {theirs}");
                assert_eq!(error.to_string(), expected);
            }
        }
    }

    #[test]
    fn the_specification_has_every_reason() {
        let rows = SPECIFICATION.lines().skip_while(|line| *line != "| code | reason | meaning |").skip(2);
        let found: Vec<&str> = rows.take_while(|line| line.starts_with('|')).collect();
        let row = |reason: &Reason| format!("| {} | `{reason}` | {} |", reason.code(), reason.meaning());
        assert_eq!(found, Reason::ALL.iter().map(row).collect::<Vec<_>>());
    }
}
