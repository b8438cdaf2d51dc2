//! Values of every kind.

use std::sync::LazyLock;

use veilmatch::Reason;
use veilmatch::member::identifier::{
    Canonical, Canonicalizer, Kind, MAX_CANONICAL, Outcome, SuppressionList,
};
use veilmatch::member::tokenize::Tokenizer;

use crate::support::member::tokenizer;

/// Ends a value: no byte of any UTF-8, so that it takes no text away.
const END: u8 = 0xff;

/// Kinds whose canonical bytes are no text of that kind, but what a value stands for. Of any other, also of
/// one that is added, the canonical form must be accepted as it is.
const NOT_TEXT: [&str; 7] = [
    "crypto.bch/1",
    "crypto.evm/1",
    "crypto.ltc/1",
    "crypto.trx/1",
    "crypto.xmr/1",
    "merchant.mid/1",
    "net.ip/1",
];

/// How national numbers are dialled: not at all, and as the self-test tables have it.
const PLANS: [Option<&str>; 6] = [None, Some("1/"), Some("36/06"), Some("39/"), Some("44/0"), Some("7/8")];

/// The rule of a kind under one plan, with and without the suppression list, and its tokeniser.
struct Rule {
    kind: Kind,
    plain: Canonicalizer,
    unsuppressed: Canonicalizer,
    tokenizer: Tokenizer,
}

/// Every kind under every plan, in order of id. Made once: a tokeniser tests itself when it is made.
static RULES: LazyLock<Vec<Vec<Rule>>> = LazyLock::new(|| {
    let mut kinds = Kind::ALL.to_vec();
    kinds.push("opaque.example".parse().expect("a valid name")); // of which there are as many as names
    kinds.sort_by(|a, b| a.id().cmp(b.id()));
    kinds.iter().map(|kind| PLANS.iter().map(|plan| rule(kind, *plan)).collect()).collect()
});

fn rule(kind: &Kind, plan: Option<&str>) -> Rule {
    let (mut plain, mut tokenizer) = (Canonicalizer::new(*kind), tokenizer(*kind));
    if let Some(plan) = plan {
        let plan = plan.parse().expect("a valid plan");
        (plain, tokenizer) = (plain.with_national_plan(plan), tokenizer.with_national_plan(plan));
    }
    let unsuppressed = plain.clone().with_suppression(SuppressionList::none());
    Rule { kind: *kind, plain, unsuppressed, tokenizer }
}

/// A byte that picks the kind, one that picks the national plan, then values.
pub fn kinds(data: &[u8]) {
    let [kind, plan, values @ ..] = data else { return };
    let plans = &RULES[usize::from(*kind) % RULES.len()];
    let rule = &plans[usize::from(*plan) % plans.len()];
    let values: Vec<&[u8]> = values.split(|byte| *byte == END).collect();
    for (raw, batch) in values.iter().zip(rule.tokenizer.tokens(&values)) {
        let token = rule.tokenizer.token(raw);
        assert!(batch == token, "{}: a batch gives another token", rule.kind);
        match (canonical(&rule.plain, raw), token) {
            (Ok(Some(_)), Ok(Some(_))) | (Ok(None), Ok(None)) => {}
            (Err(reason), Err(same)) => assert_eq!(reason, same, "{}", rule.kind),
            _ => panic!("{}: token and canonical form disagree", rule.kind),
        }
        require_fixed(rule, raw);
    }
    assert_eq!(rule.tokenizer.tokens(&values).count(), values.len());
}

/// The canonical form, or nothing if it is suppressed; the same each time.
fn canonical(rule: &Canonicalizer, raw: &[u8]) -> Result<Option<Vec<u8>>, Reason> {
    let run = |out: &mut Canonical| rule.canonicalize(raw, out);
    let (mut first, mut second) = (Canonical::new(), Canonical::new());
    let outcome = run(&mut first);
    // Into a buffer that holds something else already.
    let _ = rule.canonicalize(b"4111111111111111", &mut second);
    assert_eq!(run(&mut second), outcome, "{}", rule.kind());
    match outcome? {
        Outcome::Suppressed => Ok(None),
        Outcome::Accepted { .. } => {
            let bytes = first.as_bytes();
            assert!(bytes == second.as_bytes(), "{}: two canonical forms of one value", rule.kind());
            assert!((1..=MAX_CANONICAL).contains(&bytes.len()), "{}: {} bytes", rule.kind(), bytes.len());
            Ok(Some(bytes.to_vec()))
        }
    }
}

/// A canonical form is its own canonical form.
fn require_fixed(rule: &Rule, raw: &[u8]) {
    let Ok(form) = canonical(&rule.unsuppressed, raw) else { return };
    let form = form.expect("nothing is suppressed by an empty list");
    if !NOT_TEXT.contains(&rule.kind.id()) {
        let again = canonical(&rule.unsuppressed, &form);
        assert!(again.as_ref() == Ok(&Some(form)), "{}: a canonical form becomes another", rule.kind);
    }
}
