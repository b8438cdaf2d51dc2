//! Ids from PayPal's and Adyen's documentation, and ids made from them.

use crate::outcome::Reason;

use super::{Row, refused, refused_bytes, text};

pub(super) static ROWS: &[Row] = &[
    text("QYR5Z8XDVJNXQ", "QYR5Z8XDVJNXQ"),
    text("qyr5z8xdvjnxq", "QYR5Z8XDVJNXQ"),
    text("QYR5z8XDVJnXq", "QYR5Z8XDVJNXQ"),
    text("LF5HCWWBRV2KL", "LF5HCWWBRV2KL"),
    text(" \tQYR5Z8XDVJNXQ\r\n", "QYR5Z8XDVJNXQ"),
    text("\u{feff}QYR5Z8XDVJNXQ\u{a0}", "QYR5Z8XDVJNXQ"),
    text("23456789ABCDE", "23456789ABCDE"),
    text("FGHJKLMNPQRST", "FGHJKLMNPQRST"),
    text("uvwxyzhjnp289", "UVWXYZHJNP289"),
    text("2222222222222", "2222222222222"),
    text("ZZZZZZZZZZZZZ", "ZZZZZZZZZZZZZ"),
    refused("QYR5Z8XDVJNX0", Reason::BadCharacter),
    refused("QYR5Z8XDVJNX1", Reason::BadCharacter),
    refused("QYR5Z8XDVJNXI", Reason::BadCharacter),
    refused("QYR5Z8XDVJNXO", Reason::BadCharacter),
    refused("qyr5z8xdvjnxi", Reason::BadCharacter),
    refused("oYR5Z8XDVJNXQ", Reason::BadCharacter),
    refused("QYR5Z8XDV-JNXQ", Reason::BadCharacter),
    refused("QYR5 Z8XD VJNXQ", Reason::BadCharacter),
    refused("QYR5Z8XDVJNX@", Reason::BadCharacter), // next to the letters
    refused("QYR5Z8XDVJNX[", Reason::BadCharacter),
    refused("QYR5Z8XDVJNX:", Reason::BadCharacter), // next to the digits
    refused("QYR5Z8XDVJNX`", Reason::BadCharacter),
    refused("QYR5Z8XDVJNX{", Reason::BadCharacter),
    refused("QYR5Z8\u{0}DVJNXQ", Reason::BadCharacter),
    refused("buyer@example.com", Reason::BadCharacter), // the account's e-mail address
    refused("paypal.me/example", Reason::BadCharacter),
    refused("QYR5Z8XDVJNX", Reason::TooShort),
    refused("Q", Reason::TooShort),
    refused("QYR5Z8XDVJNXQQ", Reason::TooLong),
    refused("4U223842YJ339464W", Reason::TooLong), // a transaction's id
    refused("QYR5Z8XDVJNX\u{ff31}", Reason::NonAscii),
    refused("\u{51a}YR5Z8XDVJNXQ", Reason::NonAscii), // Cyrillic
    refused("QYR5Z8X\u{200b}DVJNXQ", Reason::NonAscii),
    refused("QYR5Z8XDVJNX\u{17f}", Reason::NonAscii), // long s, whose upper case is S
    refused("", Reason::Empty),
    refused(" \u{a0} ", Reason::Empty),
    refused("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", Reason::LooksHashed),
    refused("47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", Reason::LooksHashed),
    refused_bytes(b"QYR5Z8XDVJNXQ\xff", Reason::InvalidUtf8),
];
