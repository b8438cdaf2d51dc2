//! The gain on real lists: what they have in common as they are written, and in canonical form.
//!
//! `cargo test --test canonical lists -- --nocapture` prints the table.
#![allow(clippy::print_stdout)]

use std::collections::BTreeSet;

use crate::support::hub::name;
use crate::support::member::tokenizer;
use crate::support::shared::shared_lines;
use veilmatch::Intersection;
use veilmatch::member::identifier::Kind;
use veilmatch::member::rows::Rows;

/// Which lists are of which kind; CSV files have the address first.
const EVM: [&str; 9] = [
    "forta_etherscan_malicious_labels.csv",
    "forta_malicious_smart_contracts.csv",
    "forta_phishing_scams.csv",
    "ofac_ARB.txt",
    "ofac_BSC.txt",
    "ofac_ETC.txt",
    "ofac_ETH.txt",
    "ofac_USDC.txt",
    "ofac_USDT.txt",
];

/// What two lists have in common.
#[derive(Debug, PartialEq, Eq)]
struct Gain {
    /// Strings that both have.
    as_written: usize,
    /// Different addresses among those.
    addresses_as_written: usize,
    /// Addresses that both have.
    canonically: usize,
}

fn list(file: &str) -> Option<Vec<String>> {
    let lines = shared_lines(&format!("data/{file}"))?;
    if file.ends_with(".txt") {
        return Some(lines);
    }
    Some(lines[1..].iter().map(|line| line.split(',').next().unwrap().to_owned()).collect())
}

/// An address of the lists, the plainest way: its digits in one case.
fn plain(address: &str) -> Option<String> {
    let digits = address.trim().to_lowercase();
    let digits = digits.strip_prefix("0x")?.to_owned();
    (digits.len() == 40 && digits.bytes().all(|digit| digit.is_ascii_hexdigit())).then_some(digits)
}

/// Counted without the library.
fn gain(one: &[String], other: &[String]) -> Gain {
    let (a, b): (BTreeSet<&String>, BTreeSet<&String>) = (one.iter().collect(), other.iter().collect());
    let written: BTreeSet<&String> = a.intersection(&b).copied().collect();
    let addresses =
        |all: &BTreeSet<&String>| all.iter().filter_map(|raw| plain(raw)).collect::<BTreeSet<_>>();
    Gain {
        as_written: written.len(),
        addresses_as_written: addresses(&written).len(),
        canonically: addresses(&a).intersection(&addresses(&b)).count(),
    }
}

#[test]
fn real_lists_have_more_in_common_than_they_show() {
    let Some(lists) = EVM.iter().map(|file| list(file)).collect::<Option<Vec<_>>>() else { return };
    let tokenizer = tokenizer(Kind::CryptoEvm);
    let sets: Vec<_> = lists
        .iter()
        .zip(0..)
        .map(|(list, at)| {
            let rows = Rows::values(list.iter().map(String::as_str));
            tokenizer.tokenize(&name(&format!("list-{at}")), rows).unwrap().set
        })
        .collect();
    let matched = sets.iter().try_fold(Intersection::new(), |all, set| all.add(set)).unwrap();
    let pairs = matched.at_least(2).unwrap().by_pair().unwrap();

    println!("{:>10} {:>10} {:>11}", "as written", "addresses", "canonically");
    let (mut written, mut canonically) = (0, 0);
    for (at, one) in lists.iter().enumerate() {
        for before in 0..at {
            let found = gain(&lists[before], one);
            assert_eq!(pairs.get(before, at), found.canonically as u64, "{} {}", EVM[before], EVM[at]);
            written += found.addresses_as_written;
            canonically += found.canonically;
            if found.canonically > 0 {
                let Gain { as_written, addresses_as_written, canonically } = found;
                println!(
                    "{as_written:>10} {addresses_as_written:>10} {canonically:>11}  {} {}",
                    EVM[before], EVM[at]
                );
            }
        }
    }
    println!("{:>10} {written:>10} {canonically:>11}  all pairs", "");

    let of = |one: &str, other: &str| {
        let at = |file: &str| EVM.iter().position(|known| *known == file).unwrap();
        gain(&lists[at(one)], &lists[at(other)])
    };
    let [labels, contracts, phishing] = [EVM[0], EVM[1], EVM[2]];
    // One list writes EIP-55 casing where the other has lower case.
    assert_eq!(of(labels, contracts).canonically, 585);
    assert_eq!(of(labels, contracts).as_written, 478);
    assert_eq!(
        of(contracts, phishing),
        Gain { as_written: 462, addresses_as_written: 462, canonically: 569 }
    );
    // Both lists have some hundred addresses twice, in two casings: more strings than addresses in common.
    assert_eq!(
        of(labels, phishing),
        Gain { as_written: 6712, addresses_as_written: 6191, canonically: 6191 }
    );
}
