//! Codes of institutions, public by their nature, and codes made from them.

use crate::outcome::Reason;

use super::{Row, refused, refused_bytes, text};

pub(super) static ROWS: &[Row] = &[
    text("DEUTDEFF", "DEUTDEFF"),
    text("DEUTDEFFXXX", "DEUTDEFF"), // the head office
    text("DEUTDEFF500", "DEUTDEFF500"),
    text("deutdeff", "DEUTDEFF"),
    text("DeutDeFf500", "DEUTDEFF500"),
    text("deutdeffxxx", "DEUTDEFF"),
    text("DEUTDEFFxXx", "DEUTDEFF"),
    text("DEUTDEFFXX0", "DEUTDEFFXX0"), // a branch like any other
    text("DEUTDEFFXXY", "DEUTDEFFXXY"),
    text("DEUTDEFF000", "DEUTDEFF000"),
    text("XXXXDEXX", "XXXXDEXX"), // no branch here
    text("XXXXXXXXXXX", "XXXXXXXX"),
    text("NEDSZAJJ", "NEDSZAJJ"),
    text("UNCRITMMXXX", "UNCRITMM"),
    text("E097AEXX", "E097AEXX"), // digits in the prefix, ISO 9362:2014
    text("1234DE56", "1234DE56"),
    text("e097aexxxxx", "E097AEXX"),
    text("DEUTDEF0", "DEUTDEF0"), // for tests only, in use all the same
    text("DEUTDEF1", "DEUTDEF1"),
    text("DEUTDEFO", "DEUTDEFO"),
    text("DEUTZZFF", "DEUTZZFF"), // countries are not looked up
    text("DEUTXKFF", "DEUTXKFF"),
    text(" \tDEUTDEFF\r\n", "DEUTDEFF"),
    text("\u{feff}DEUTDEFF500\u{a0}", "DEUTDEFF500"),
    refused("DEUTDEF", Reason::BicLength),
    refused("DEUTDEFF5", Reason::BicLength),
    refused("DEUTDEFF50", Reason::BicLength),
    refused("DEUTDEFF5000", Reason::BicLength),
    refused("DEUTDEFFXXXX", Reason::BicLength),
    refused("D", Reason::BicLength),
    refused("DE89370400440532013000", Reason::BicLength), // an IBAN
    refused("DEUT1EFF", Reason::BicStructure),
    refused("DEUTD1FF", Reason::BicStructure),
    refused("deut11ff", Reason::BicStructure),
    refused("DEUTD1FFXXX", Reason::BicStructure),
    refused("12345678", Reason::BicStructure),
    refused("12345678901", Reason::BicStructure),
    refused("DEUT DE FF", Reason::BadCharacter),
    refused("DEUTDEFF 500", Reason::BadCharacter),
    refused("DEUTDEFF-500", Reason::BadCharacter),
    refused("DEUTDEFF/", Reason::BadCharacter),
    refused("DEUTDEF_", Reason::BadCharacter),
    refused("BIC:DEUTDEFF", Reason::BadCharacter),
    refused("DEUT\u{1}EFF", Reason::BadCharacter),
    refused("D\u{395}UTDEFF", Reason::NonAscii), // Greek
    refused("\u{ff24}EUTDEFF", Reason::NonAscii),
    refused("DEUTDEFF\u{200b}", Reason::NonAscii),
    refused("DEUT\u{a0}DEFF", Reason::NonAscii),
    refused("", Reason::Empty),
    refused(" \u{a0} ", Reason::Empty),
    refused("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", Reason::LooksHashed),
    refused("47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", Reason::LooksHashed),
    refused_bytes(b"DEUTDEFF\xff", Reason::InvalidUtf8),
];
