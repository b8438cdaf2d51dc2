//! One frozen table of inputs per kind, run through the rule to say by a digest which rule this build has.
//!
//! The digest is over what the rule *does*, not over what the table says it should do: a build whose
//! Unicode tables differ, or that lacks the feature `idna`, has another digest by itself, and its sets are
//! refused. A test compares what the rule does with what is expected. Equal digests do not prove equal
//! rules, hence the rich tables: every trap of SPEC.md.

mod bank_iban;
mod card_pan;
mod crypto_btc;
mod crypto_evm;
mod email_mailbox;
mod email_strict;
mod net_ip;
mod phone_e164;

use std::sync::OnceLock;

use ring::digest::{Context, SHA256};

use super::{Canonical, Canonicalizer, Kind, SuppressionList};
use crate::domain::RuleDigest;
use crate::rejection::Reason;

/// One input of a self-test table. No value is a real person's: published examples, reserved ranges, and
/// constructed numbers.
struct Row {
    /// A national plan, for telephone numbers.
    plan: Option<&'static str>,
    input: &'static [u8],
    #[cfg_attr(
        not(all(test, feature = "idna")),
        expect(dead_code, reason = "the digest is over actual outcomes only")
    )]
    expected: Expected,
}

/// What a row should come to.
#[derive(Clone, Copy)]
#[cfg_attr(
    not(all(test, feature = "idna")),
    expect(dead_code, reason = "the digest is over actual outcomes only")
)]
enum Expected {
    Text(&'static str),
    Hex(&'static str),
    Refused(Reason),
}

/// A row whose canonical form is text.
const fn text(input: &'static str, canonical: &'static str) -> Row {
    Row { plan: None, input: input.as_bytes(), expected: Expected::Text(canonical) }
}

/// A row whose canonical form is bytes, given in hex.
const fn hex(input: &'static str, canonical: &'static str) -> Row {
    Row { plan: None, input: input.as_bytes(), expected: Expected::Hex(canonical) }
}

const fn refused(input: &'static str, reason: Reason) -> Row {
    refused_bytes(input.as_bytes(), reason)
}

const fn refused_bytes(input: &'static [u8], reason: Reason) -> Row {
    Row { plan: None, input, expected: Expected::Refused(reason) }
}

/// The same row with a national plan.
const fn with_plan(plan: &'static str, row: Row) -> Row {
    Row { plan: Some(plan), ..row }
}

impl Kind {
    /// Says which rule this build has for the kind; stands in every set's header.
    ///
    /// SHA-256(lp(kind id) ‖ per row \[lp(plan) ‖\] lp(input) ‖ reason code as two bytes, 0 if accepted ‖
    /// lp(canonical form, empty if rejected)), where lp(x) is the length of x as two bytes, then x, and
    /// numbers are big-endian. Runs some dozens of values once; later calls return the same digest.
    pub fn rule_digest(self) -> RuleDigest {
        static DIGESTS: [OnceLock<RuleDigest>; Kind::ALL.len()] =
            [const { OnceLock::new() }; Kind::ALL.len()];
        *DIGESTS[self as usize].get_or_init(|| self.run_self_test())
    }

    /// The inputs of the self-test table, in order: public values, none of them a person's.
    pub(crate) fn self_test_inputs(self) -> impl Iterator<Item = &'static [u8]> {
        self.self_test().iter().map(|row| row.input)
    }

    fn self_test(self) -> &'static [Row] {
        match self {
            Kind::BankIban => bank_iban::ROWS,
            Kind::CardPan => card_pan::ROWS,
            Kind::CryptoBtc => crypto_btc::ROWS,
            Kind::CryptoEvm => crypto_evm::ROWS,
            Kind::EmailMailbox => email_mailbox::ROWS,
            Kind::EmailStrict => email_strict::ROWS,
            Kind::NetIp => net_ip::ROWS,
            Kind::PhoneE164 => phone_e164::ROWS,
        }
    }

    fn run_self_test(self) -> RuleDigest {
        let mut context = Context::new(&SHA256);
        update_lp(&mut context, self.id().as_bytes());
        let mut out = Canonical::new();
        for row in self.self_test() {
            let outcome = self.run_row(row, &mut out);
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

    /// Runs the rule alone: which values are suppressed has a digest of its own.
    fn run_row(self, row: &Row, out: &mut Canonical) -> Result<(), Reason> {
        let national =
            row.plan.map(|plan| plan.parse().expect("the tables' plans are valid, a test parses them"));
        let rule = Canonicalizer { kind: self, national, suppression: SuppressionList::none() };
        rule.apply_grammar(row.input, out).map(|_| ())
    }
}

/// Length as two bytes, then the bytes.
fn update_lp(context: &mut Context, bytes: &[u8]) {
    context.update(&(bytes.len() as u16).to_be_bytes()); // the tables hold nothing near 64 KiB, a test looks
    context.update(bytes);
}

#[cfg(all(test, feature = "idna"))]
mod tests {
    use super::*;

    const SPECIFICATION: &str = include_str!("../../SPEC.md");

    fn to_hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The tables as other implementations read them; a change here is a change of the rules.
    #[test]
    fn the_published_table_is_what_the_rules_do() {
        let mut found =
            vec!["#kind\tnational plan\tinput (hex)\treason code\tcanonical bytes (hex)".to_owned()];
        let mut out = Canonical::new();
        for kind in Kind::ALL {
            for row in kind.self_test() {
                let (code, canonical) = match kind.run_row(row, &mut out) {
                    Ok(()) => (0, out.as_bytes()),
                    Err(reason) => (reason.code(), &b""[..]),
                };
                let (plan, input) = (row.plan.unwrap_or_default(), to_hex(row.input));
                found.push(format!("{kind}\t{plan}\t{input}\t{code}\t{}", to_hex(canonical)));
            }
        }
        let published: Vec<&str> = include_str!("../../spec/selftest-1.tsv").lines().collect();
        assert_eq!(found, published);
    }

    #[test]
    fn every_row_comes_to_what_its_table_says() {
        let mut wrong = Vec::new();
        for kind in Kind::ALL {
            let rows = kind.self_test();
            assert!(matches!(rows.len(), 20..=120), "{kind}: {} rows", rows.len());
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
        for kind in Kind::ALL {
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
            (Kind::BankIban, "4e1895b11718471fdf4b583666f0adf52fc6b1da347219291443bb0ca3a9f6e0"),
            (Kind::CardPan, "01bf04bc469e2eb9fdfc1851ac7106dcc54736a915a0e03cd860d0e06be0f5a4"),
            (Kind::CryptoBtc, "8087149071adb324aea8d03ffa456b0d91fe37371968270f44b75cd9f2984759"),
            (Kind::CryptoEvm, "de6b84c99d7be1de32c984c6811de8ae95ab3de7e9f01e21ae764679d5ce6aa2"),
            (Kind::EmailMailbox, "d1b22ebfb2fa0fb17cb7f59c4e22178470ff106526cac5ee40d303f84a7915d7"),
            (Kind::EmailStrict, "a1129d0b6b850383a9c7a9a5d603313001a21b43c73d50279fe94580d91f80a6"),
            (Kind::NetIp, "f1f80f61ef5badf6dbb29eca72c77a0332db98d477802aed6ef2bbfa706cfc9d"),
            (Kind::PhoneE164, "37efa0a32467d0f877045854364b6acc070802ba001dd6ff3ab1ac01a7072035"),
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

    #[test]
    fn the_specification_has_every_reason() {
        let rows = SPECIFICATION.lines().skip_while(|line| *line != "| code | reason | meaning |").skip(2);
        let found: Vec<&str> = rows.take_while(|line| line.starts_with('|')).collect();
        let row = |reason: &Reason| format!("| {} | `{reason}` | {} |", reason.code(), reason.meaning());
        assert_eq!(found, Reason::ALL.iter().map(row).collect::<Vec<_>>());
    }
}
