//! What people need to know of a kind before they choose it for a column: plain sentences and an example.
//!
//! SPEC.md has the rules. A test holds `docs/kinds.md` to these sentences.

use super::Kind;

/// A kind of identifier in plain words, for help texts and forms.
///
/// See the example of [`Kind::description`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Description {
    /// What the identifier is, in a few words.
    pub what: &'static str,
    /// The standard that defines it, if there is one.
    pub standard: Option<&'static str>,
    /// Sentences on what is accepted, and which spellings become one.
    pub accepts: &'static [&'static str],
    /// The commonest values that are rejected, as part of a sentence.
    pub rejects: &'static str,
    /// A public value of the kind's self-test table. It belongs to no person, and may stand on the suppression list.
    pub example: &'static str,
    /// Whether canonical forms are text. Otherwise they are bytes, best shown in hex.
    pub text_form: bool,
}

impl Kind {
    /// Describes the kind in plain words.
    ///
    /// ```
    /// use veilmatch::member::identifier::Kind;
    ///
    /// let card = Kind::CardPan.description();
    /// assert_eq!((card.what, card.standard), ("card number", Some("ISO/IEC 7812-1")));
    /// assert_eq!(card.example, "4242 4242 4242 4242");
    /// ```
    pub const fn description(&self) -> Description {
        match self {
            Kind::BankBic => Description {
                what: "bank identifier (BIC)",
                standard: Some("ISO 9362"),
                accepts: &[
                    "8 or 11 letters and digits, in either case; the fifth and sixth are letters.",
                    "A branch XXX is the head office and is removed.",
                    "Whether the bank or the country exists is not checked.",
                ],
                rejects: "spaces, hyphens and account numbers",
                example: "DEUTDEFFXXX",
                text_form: true,
            },
            Kind::BankIban => Description {
                what: "account number (IBAN)",
                standard: Some("ISO 13616"),
                accepts: &[
                    "Letters in either case. Spaces are removed, and IBAN or IBAN: in front.",
                    "Country, length and structure are those of the SWIFT registry, release 99, and the check digits fit.",
                ],
                rejects: "hyphens, national account numbers, and the check digits 00, 01 and 99",
                example: "DE89 3704 0044 0532 0130 00",
                text_form: true,
            },
            Kind::CardPan => Description {
                what: "card number",
                standard: Some("ISO/IEC 7812-1"),
                accepts: &[
                    "12 to 19 digits, of which the first is not 0 and the last is the check digit (Luhn).",
                    "Single spaces and hyphens between digits are removed.",
                    "A network token is accepted, but it never matches the card number for which it stands.",
                ],
                rejects: "masked numbers, numbers with an expiry date, and numbers whose digits are all equal",
                example: "4242 4242 4242 4242",
                text_form: true,
            },
            Kind::CardPar => Description {
                what: "payment account reference (PAR)",
                standard: Some("EMVCo"),
                accepts: &[
                    "29 upper-case letters and digits, exactly as issued.",
                    "A card and all its network tokens have one.",
                ],
                rejects: "lower case, spaces and hyphens, and card numbers",
                example: "V0010013019339005665779448477",
                text_form: true,
            },
            Kind::CryptoBch => Description {
                what: "Bitcoin Cash address",
                standard: Some("CashAddr"),
                accepts: &[
                    "CashAddr in lower or upper case, with or without bitcoincash:, and the legacy 1… and 3….",
                    "All spellings of an address are one. A query from ? on is removed.",
                    "A legacy address does not show whether it is one of Bitcoin.",
                ],
                rejects: "mixed case in CashAddr, checksums that do not fit, test networks, and other chains",
                example: "bitcoincash:qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a",
                text_form: false,
            },
            Kind::CryptoBtc => Description {
                what: "Bitcoin address",
                standard: Some("BIP 13, 16, 173, 350"),
                accepts: &[
                    "1… and 3… as they are written, and bc1… in lower or upper case.",
                    "bitcoin: in front is removed, and a query from ? on.",
                ],
                rejects: "mixed case in bc1…, checksums that do not fit, test networks, and other chains",
                example: "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4",
                text_form: true,
            },
            Kind::CryptoEvm => Description {
                what: "address of Ethereum and chains like it",
                standard: Some("EIP-55"),
                accepts: &[
                    "40 hex digits in any case, with or without 0x. One address is the same on all these chains.",
                    "Mixed case that is not EIP-55 is accepted with a warning.",
                ],
                rejects: "other numbers of digits, such as those of transactions, and names instead of addresses",
                example: "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
                text_form: false,
            },
            Kind::CryptoLtc => Description {
                what: "Litecoin address",
                standard: Some("BIP 13, 16, 173, 350"),
                accepts: &[
                    "L…, M… and the older 3… as they are written, and ltc1… in lower or upper case.",
                    "3… and M… of one address are one. litecoin: in front is removed, and a query from ? on.",
                ],
                rejects: "MWEB addresses (ltcmweb1…), checksums that do not fit, test networks, and other chains",
                example: "LTC1QQYPQXPQ9QCRSSZG2PVXQ6RS0ZQG3YYC5DYG36P",
                text_form: false,
            },
            Kind::CryptoTrx => Description {
                what: "Tron address",
                standard: Some("Tron's documentation"),
                accepts: &["T… as it is written, or 42 hex digits that begin with 41. Both are one."],
                rejects: "40 hex digits without the 41, checksums that do not fit, and other chains",
                example: "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t",
                text_form: false,
            },
            Kind::CryptoXmr => Description {
                what: "Monero address",
                standard: Some("Monero's base58"),
                accepts: &[
                    "95 characters, or 106 with a payment id, as they are written.",
                    "monero: in front is removed, and a query from ? on.",
                    "Standard address, integrated address and sub-address of one wallet are different identifiers.",
                ],
                rejects: "checksums that do not fit, test networks, and other chains",
                example: "44AFFq5kSiGBoZ4NMDwYtN18obc8AemS33DBLWs3H7otXft3XjrpDtQGv7SqSsaBYBb98uNbr2VBBEt7f2wfn3RVGQBEP3A",
                text_form: false,
            },
            Kind::DeviceImei => Description {
                what: "device number (IMEI)",
                standard: Some("3GPP TS 23.003"),
                accepts: &[
                    "14 digits; 15 with the check digit, or with the 0 that networks send; 16 with a software version.",
                    "Only the first 14 digits count. Single spaces and hyphens between digits are removed.",
                ],
                rejects: "slashes, check digits that do not fit, and 17 digits or more",
                example: "35-209900-176148-1",
                text_form: true,
            },
            Kind::EmailMailbox => Description {
                what: "e-mail address, with all spellings of a Gmail box as one",
                standard: Some("RFC 5322"),
                accepts: &[
                    "All that email.strict accepts, and as it does. The two kinds never match each other.",
                    "At gmail.com and googlemail.com, dots before the @ are removed, and + with what follows it.",
                    "There the domain becomes gmail.com.",
                ],
                rejects: "all that email.strict rejects",
                example: "Jane.Doe+x@googlemail.com",
                text_form: true,
            },
            Kind::EmailStrict => Description {
                what: "e-mail address",
                standard: Some("RFC 5322"),
                accepts: &[
                    "One @. Letters A to Z are lower-cased, before the @ too. Dots and + stay.",
                    "Domains beyond ASCII become xn--…. A dot at the end is removed.",
                ],
                rejects: "angle brackets, names, quotes, letters beyond ASCII before the @, and over 254 bytes",
                example: "Alice.Smith+Tag@Example.COM",
                text_form: true,
            },
            Kind::MerchantMid => Description {
                what: "merchant number with its acquirer, acquirer/merchant",
                standard: Some("ISO 8583"),
                accepts: &[
                    "1 to 11 digits, a slash, and 1 to 15 printable ASCII characters.",
                    "Case, zeros and inner spaces are kept. Spaces at the end are removed.",
                ],
                rejects: "a merchant number alone, which two acquirers may give",
                example: "123456/MERCHANT0000001",
                text_form: false,
            },
            Kind::NetDomain => Description {
                what: "domain name",
                standard: Some("UTS 46"),
                accepts: &[
                    "Two labels or more, in any case. Names beyond ASCII become xn--…. A dot at the end is removed.",
                    "Nothing is cut off: www.example.com and example.com are two.",
                ],
                rejects: "single labels, underscores, IP addresses and URLs",
                example: "WWW.Example.COM",
                text_form: true,
            },
            Kind::NetIp => Description {
                what: "IP address",
                standard: Some("RFC 4291"),
                accepts: &[
                    "IPv4 as four decimal numbers, and IPv6 in any spelling. A zone (%…) is removed.",
                    "IPv6 that stands for an IPv4 address, ::ffff:… or 64:ff9b::…, becomes that address.",
                ],
                rejects: "ports, prefixes such as /24, brackets, zeros in front, and IPv4 in hex or in fewer numbers",
                example: "192.0.2.1",
                text_form: false,
            },
            #[cfg(feature = "url")]
            Kind::NetUrl => Description {
                what: "web address (URL)",
                standard: Some("WHATWG URL"),
                accepts: &[
                    "Absolute URLs of http and https, read as browsers read them. http and https are two.",
                    "Fragment, user name, password and default port are removed.",
                ],
                rejects: "other schemes, addresses without a scheme, and URLs that are over 255 bytes then",
                example: "HTTPS://WWW.Example.COM/Path",
                text_form: true,
            },
            Kind::Opaque(_) => Description {
                what: "anything else that members spell identically",
                standard: None,
                accepts: &[
                    "1 to 255 bytes exactly as given: nothing is normalised, and white space is part of the value.",
                    "NAME is 1 to 32 characters a-z, 0-9 and -, as in opaque.case-no. It is public, and stands in files.",
                    "Members agree elsewhere on what a NAME is and how its values are spelt.",
                    "Each NAME is a kind of its own: values under different names never match.",
                ],
                rejects: "empty values, and values over 255 bytes",
                example: "case 2026/17",
                text_form: false,
            },
            Kind::PaypalId => Description {
                what: "PayPal account (payer or merchant id)",
                standard: None,
                accepts: &["13 characters in either case: the digits 2 to 9, and letters without I and O."],
                rejects: "the e-mail address of the account, and numbers of transactions",
                example: "QYR5Z8XDVJNXQ",
                text_form: true,
            },
            Kind::PhoneE164 => Description {
                what: "phone number",
                standard: Some("ITU-T E.164"),
                accepts: &[
                    "+ or 00, the country code and the number. Spaces, hyphens, dots, slashes and brackets are removed.",
                    "A number without + or 00 needs a national plan: calling code and trunk prefix, such as 44/0.",
                ],
                rejects: "extensions, numbers that their country does not have, and zeros that may not belong to the number",
                example: "+44 (0) 20 7946 0958",
                text_form: true,
            },
        }
    }
}
