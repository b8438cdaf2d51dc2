//! The card networks' test numbers: valid in form, and never matched.

use crate::support::member::tokenizer;
use veilmatch::member::identifier::{Canonical, Canonicalizer, Kind, Outcome, SuppressionList};
use veilmatch::member::rows::Rows;

/// Published test numbers by network, with whose documentation lists them: Stripe ("Testing", cards by brand),
/// Adyen ("Test card numbers"), PayPal and Braintree ("Testing", card numbers), Worldpay ("Test values"),
/// Authorize.Net ("Testing guide").
const NETWORKS: [(&str, &[&str]); 8] = [
    (
        "Visa",
        &[
            "4242424242424242", // Stripe
            "4000056655665556", // Stripe, debit
            "4111111111111111", // Adyen, PayPal, Braintree
            "4012888888881881", // PayPal, Braintree
            "4222222222222",    // PayPal
            "4444333322221111", // Worldpay
            "4007000000027",    // Authorize.Net
        ],
    ),
    (
        "Mastercard",
        &[
            "5555555555554444", // Stripe, PayPal
            "2223003122003222", // Stripe, 2-series
            "5200828282828210", // Stripe, debit
            "5105105105105100", // Stripe, PayPal
            "2223000048400011", // Braintree
            "5424000000000015", // Authorize.Net
        ],
    ),
    (
        "American Express",
        &[
            "378282246310005", // Stripe, PayPal, Braintree
            "371449635398431", // Stripe, PayPal, Braintree
            "370000000000002", // Adyen, Authorize.Net
        ],
    ),
    (
        "Discover",
        &[
            "6011111111111117", // Stripe, PayPal, Braintree
            "6011000990139424", // Stripe, PayPal
            "6011981111111113", // Stripe, debit
        ],
    ),
    (
        "Diners Club",
        &[
            "3056930009020004", // Stripe
            "36227206271667",   // Stripe, 14 digits
            "30569309025904",   // PayPal
            "38520000023237",   // PayPal
        ],
    ),
    (
        "JCB",
        &[
            "3566002020360505", // Stripe, PayPal
            "3530111333300000", // PayPal, Braintree
        ],
    ),
    (
        "UnionPay",
        &[
            "6200000000000005",    // Stripe
            "6205500000000000004", // Stripe, 19 digits
        ],
    ),
    ("Maestro", &["6759649826438453", "6304000000000000"]), // Worldpay, Braintree
];

#[test]
fn test_numbers_of_every_network_are_accepted_without_the_list_and_suppressed_with_it() {
    let (with, without) = (
        Canonicalizer::new(Kind::CardPan),
        Canonicalizer::new(Kind::CardPan).with_suppression(SuppressionList::none()),
    );
    for (network, numbers) in NETWORKS {
        for number in numbers {
            let groups = number.as_bytes().chunks(4).map(|four| std::str::from_utf8(four).unwrap());
            let spaced = groups.collect::<Vec<_>>().join(" ");
            for (raw, changed) in [(*number, false), (&*spaced, true)] {
                let mut out = Canonical::new();
                let outcome = without.canonicalize(raw.as_bytes(), &mut out);
                assert_eq!(outcome, Ok(Outcome::Accepted { changed, warning: false }), "{network} {raw}");
                assert_eq!(out.as_bytes(), number.as_bytes(), "{network}");
                let outcome = with.canonicalize(raw.as_bytes(), &mut out);
                assert_eq!(outcome, Ok(Outcome::Suppressed), "{network} {raw}");
            }
        }
    }
}

#[test]
fn suppressed_numbers_are_counted_and_make_no_token() {
    let all: Vec<&str> = NETWORKS.iter().flat_map(|(_, numbers)| *numbers).copied().collect();
    let read = |list| {
        let tokenizer = tokenizer(Kind::CardPan);
        let tokenizer = match list {
            Some(list) => tokenizer.with_suppression(list),
            None => tokenizer,
        };
        tokenizer.tokenize(&crate::support::hub::name("bank-a"), Rows::values(all.clone())).unwrap().set
    };
    let (with, without) = (read(None), read(Some(SuppressionList::none())));
    assert_eq!((with.len(), with.counters().suppressed), (0, all.len() as u64));
    assert_eq!((without.len(), without.counters().suppressed), (all.len(), 0));
}
