//! What members export, and which values a member of its own suppresses.

use veilmatch::member::identifier::SuppressionList;

use super::member::wallet;

/// The customer service of an embedding bank, which every one of its customers has paid or called.
pub const OWN: [(&str, &str); 3] = [
    ("card.pan/1", "9999 1000 0000 1562"),
    ("email.strict/1", "Service@bank.example"),
    ("phone.e164/1", "+44 20 7946 0000"),
];

/// The list that ships with the library, and the customer service.
pub fn own_list() -> String {
    let lines: String = OWN.iter().map(|(kind, value)| format!("{kind} {value}\n")).collect();
    format!("{}{lines}", SuppressionList::STANDARD)
}

/// Three kinds, a column each; and the same values one a row, kinds in turn or in runs, some rows of no kind among them.
pub fn exports(rows: u64, in_runs: bool) -> (String, String) {
    let ip = |n: u64| format!("11.{}.{}.{}", n >> 16 & 255, n >> 8 & 255, n & 255);
    let values = |n: u64| {
        [
            ("crypto.evm", if n.is_multiple_of(3) { wallet(n).to_uppercase() } else { wallet(n % 5_000) }),
            ("net.ip/1", if n % 11 == 5 { "no address".to_owned() } else { ip(n) }),
            ("email.strict", format!("Person.{n}@example.org")),
        ]
    };
    let (mut columns, mut each) = ("wallet,address,mail\n".to_owned(), "kind,value\n".to_owned());
    for n in 0..rows {
        columns += &(values(n).map(|(_, value)| value).join(",") + "\n");
    }
    let line = |(kind, value): &(&str, String)| format!("{kind},{value}\n");
    if in_runs {
        for kind in 0..3 {
            (0..rows).for_each(|n| each += &line(&values(n)[kind]));
        }
    } else {
        for n in 0..rows {
            each.extend(values(n).iter().map(line));
            each += if n.is_multiple_of(100) { "customer,anyone\n" } else { "" };
        }
    }
    (columns, each)
}

/// The check digit after these digits (ISO/IEC 7812-1).
pub fn luhn_digit(digits: &str) -> char {
    let sum: u32 = digits
        .chars()
        .rev()
        .enumerate()
        .map(|(place, digit)| match digit.to_digit(10).unwrap() << (1 - place % 2) {
            value @ 0..=9 => value,
            value => value - 9,
        })
        .sum();
    char::from_digit((10 - sum % 10) % 10, 10).unwrap()
}
