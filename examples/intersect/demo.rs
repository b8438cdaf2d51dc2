//! Four invented members whose CSV exports hold the same people in different spellings.
//!
//! Nothing here is a real person's: card numbers begin with 9999, which no issuer has; mail addresses
//! are of example domains, or have an underscore, which Gmail does not allow; phone numbers are from ranges
//! reserved for fiction; nobody can have the key of wallets that are all zeros but a few digits.

use veilmatch::member::Kind;
use veilmatch::terms::Name;

use super::arguments::{Export, Job, Member};
use super::trail::Case;

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

pub(crate) fn job() -> Job {
    let member =
        |(name, export)| Member { name: Name::new(name).expect("a name"), export: Export::BuiltIn(export) };
    Job {
        members: EXPORTS.map(member).into(),
        columns: COLUMNS.map(|(column, kind)| (kind, vec![column.into()])).into(),
        // hal, who shares nothing but an e-mail address with one customer of another member
        case: Some(Case { member: Name::new("nordpay").expect("a name"), row: 4 }),
        note: "\nThese four are invented: examples/intersect/demo/*.csv. How to match your own files: --help\n",
        ..Job::default()
    }
}
