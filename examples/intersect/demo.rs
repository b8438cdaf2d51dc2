//! Four invented members whose CSV exports hold the same people in different spellings.
//!
//! Nothing here is a real person's: card numbers begin with 9999, which no issuer has; mail addresses
//! are of example domains, or have an underscore, which Gmail does not allow; phone numbers are from ranges
//! reserved for fiction; nobody can have the key of wallets that are all zeros but a few digits.

use std::fmt::Write as _;

use veilmatch::matching::Holders;
use veilmatch::member::identifier::Kind;
use veilmatch::member::key::CoalitionSecret;
use veilmatch::member::resolve::resolve;
use veilmatch::member::rows::CsvRows;
use veilmatch::member::tokenize::Tokenizer;
use veilmatch::report::KindReport;
use veilmatch::terms::Name;
use veilmatch::{Disclosure, Error, Report, TokenSet};

use super::{context, match_sets};

const EXPORTS: [(&str, &str); 4] = [
    ("alba-bank", include_str!("demo/alba-bank.csv")),
    ("cardhaus", include_str!("demo/cardhaus.csv")),
    ("nordpay", include_str!("demo/nordpay.csv")),
    ("webhost", include_str!("demo/webhost.csv")),
];

const COLUMNS: [(&str, Kind); 4] = [
    ("card", Kind::CardPan),
    ("email", Kind::EmailMailbox),
    ("phone", Kind::PhoneE164),
    ("wallet", Kind::CryptoEvm),
];

const AT_LEAST: usize = 2;

pub(crate) fn run() -> Result<String, Error> {
    let secret = CoalitionSecret::generate()?;
    let members: Vec<Name> = EXPORTS.iter().map(|(name, _)| Name::new(name)).collect::<Result<_, _>>()?;
    let mut report = Report::new(AT_LEAST, members.clone());
    let mut rejected = String::new();
    let mut resolved = String::new();
    for (column, kind) in COLUMNS {
        // Each member, at home.
        let tokenizer = Tokenizer::new(&secret, context(kind)?)?;
        let rows = |export: &'static str| CsvRows::new(export.as_bytes()).value_column(column);
        let mut sets: Vec<TokenSet> = Vec::new();
        for (member, (_, export)) in members.iter().zip(EXPORTS) {
            let tokenized = tokenizer.tokenize(member, rows(export))?;
            for rejection in tokenized.rejections {
                let _ = writeln!(rejected, "  {member} {kind} {rejection}");
            }
            sets.push(tokenized.set);
        }
        // The hub, without the secret.
        let matched = match_sets(&sets, AT_LEAST)?;
        report.kinds.push(KindReport::new(&matched)?);
        let overlaps = matched.collect()?;
        let share = overlaps.share(&members[0], Disclosure::Holders)?;
        // The first member again, with its share and its own rows.
        for found in resolve(&tokenizer, &members[0], &share, rows(EXPORTS[0].1))?.rows {
            let others = share
                .holders(found.index)
                .into_iter()
                .flat_map(Holders::names)
                .filter(|name| **name != members[0]);
            let others: Vec<&str> = others.map(Name::as_str).collect();
            let _ = writeln!(resolved, "  {} {kind}: also seen by {}", found.place, others.join(", "));
        }
    }
    Ok(format!(
        "Four CSV exports, tokenised apart, matched without the secret: examples/intersect/demo/*.csv\n\n\
         {report}\nrejected rows, never with their values\n{rejected}\n\
         what {} learns about its own rows from its share\n{resolved}",
        members[0]
    ))
}
