//! Examples of the SWIFT IBAN registry, and numbers made from them.

use crate::outcome::Reason;

use super::{Row, refused, refused_bytes, text};

pub(super) static ROWS: &[Row] = &[
    text("DE89370400440532013000", "DE89370400440532013000"),
    text("DE89 3704 0044 0532 0130 00", "DE89370400440532013000"),
    text("de89370400440532013000", "DE89370400440532013000"),
    text("D E89  37 0400440532013000", "DE89370400440532013000"),
    text("IBAN DE89370400440532013000", "DE89370400440532013000"),
    text("iban: de89 3704 0044 0532 0130 00", "DE89370400440532013000"),
    text("IbAnDE89370400440532013000", "DE89370400440532013000"),
    text("IBAN : DE89370400440532013000", "DE89370400440532013000"),
    text("\u{feff}GB29NWBK60161331926819\u{a0}", "GB29NWBK60161331926819"),
    text("NO93 8601 1117 947", "NO9386011117947"),
    text("RU0304452522540817810538091310419", "RU0304452522540817810538091310419"),
    text("mt84malt011000012345mtlcast001s", "MT84MALT011000012345MTLCAST001S"),
    text("HN88CABF00000000000250005469", "HN88CABF00000000000250005469"),
    text("PK36SCBL0000001123456702", "PK36SCBL0000001123456702"),
    text("MU17BOMM0101101030300200000MUR", "MU17BOMM0101101030300200000MUR"),
    text("XK051212012345678906", "XK051212012345678906"),
    text("FK88SC123456789012", "FK88SC123456789012"),
    text("DE02370400440532000016", "DE02370400440532000016"),
    text("DE98370400440532000034", "DE98370400440532000034"),
    refused("DE99370400440532000016", Reason::CheckDigits), // satisfies mod-97, as does 02
    refused("DE01370400440532000034", Reason::CheckDigits), // satisfies mod-97, as does 98
    refused("DE00370400440532000052", Reason::CheckDigits), // satisfies mod-97, as does 97
    refused("DE88370400440532013000", Reason::Checksum),
    refused("DE89370400440532013001", Reason::Checksum),
    refused("DE89370400440532010300", Reason::Checksum),
    refused("DE8937040044053201300", Reason::WrongLength),
    refused("DE893704004405320130000", Reason::WrongLength),
    refused("DE", Reason::WrongLength),
    refused("IBAN DE8937040044053201300000000000000000000000000000000000", Reason::WrongLength),
    refused("US89370400440532013000", Reason::UnknownCountry),
    refused("AA89370400440532013000", Reason::UnknownCountry),
    refused("8937040044053201300000", Reason::UnknownCountry),
    refused("IBAN IBAN DE89370400440532013000", Reason::UnknownCountry),
    refused("DE8937040044053201300A", Reason::WrongStructure),
    refused("DEA9370400440532013000", Reason::WrongStructure),
    refused("GB291WBK60161331926819", Reason::WrongStructure),
    refused("GB29NWBK6016133192681A", Reason::WrongStructure),
    refused("DE89-3704-0044-0532-0130-00", Reason::BadCharacter),
    refused("DE89\t370400440532013000", Reason::BadCharacter),
    refused("DE89:370400440532013000", Reason::BadCharacter),
    refused("DE89\u{a0}3704\u{a0}0044\u{a0}0532\u{a0}0130\u{a0}00", Reason::NonAscii),
    refused("\u{ff24}\u{ff25}89370400440532013000", Reason::NonAscii),
    refused("IBAN", Reason::TooShort),
    refused("IBAN:", Reason::TooShort),
    refused("D", Reason::TooShort),
    refused(" ", Reason::Empty),
    refused_bytes(b"DE89370400440532013000\x80", Reason::InvalidUtf8),
    refused("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", Reason::LooksHashed),
];
