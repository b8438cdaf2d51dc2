//! References from the documentation of wallets and gateways, and references made from them.

use crate::outcome::Reason;

use super::{Row, refused, refused_bytes, text};

pub(super) static ROWS: &[Row] = &[
    text("V0010013019339005665779448477", "V0010013019339005665779448477"),
    text("500150F5DE22SND132Y6PR32AR5HB", "500150F5DE22SND132Y6PR32AR5HB"),
    text(" V0010013019339005665779448477\t", "V0010013019339005665779448477"),
    text("\u{feff}V0010013019339005665779448477\u{a0}", "V0010013019339005665779448477"),
    text("\u{202f}V0010013019339005665779448477\u{2007}\r\n", "V0010013019339005665779448477"),
    text("AAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
    text("00000000000000000000000000000", "00000000000000000000000000000"),
    text("ABCDEFGHIJKLMNOPQRSTUVWXYZ012", "ABCDEFGHIJKLMNOPQRSTUVWXYZ012"), // I and O among them
    text("99999999999999999999999999999", "99999999999999999999999999999"),
    refused("v0010013019339005665779448477", Reason::BadCharacter),
    refused("500150f5de22snd132y6pr32ar5hb", Reason::BadCharacter),
    refused("512381d9f8e0629211e3949a08002", Reason::BadCharacter), // as one network's samples show it
    refused("V001001301933900566577944847x", Reason::BadCharacter),
    refused("V001 0013 0193 3900 5665 7794 48477", Reason::BadCharacter),
    refused("V001-0013019339005665779448477", Reason::BadCharacter),
    refused("V001001301933900566577944847_", Reason::BadCharacter),
    refused("V001001301933900566577944847*", Reason::BadCharacter),
    refused("\"V0010013019339005665779448477\"", Reason::BadCharacter),
    refused("V0010013019339\t005665779448477", Reason::BadCharacter),
    refused("V0010013019339\u{0}05665779448477", Reason::BadCharacter),
    refused("V001001301933900566577944847", Reason::TooShort),
    refused("V00100130193390056657794484777", Reason::TooLong),
    refused("V", Reason::TooShort),
    refused("4242424242424242", Reason::TooShort), // a card number
    refused("V0010013019339005665779448477V0010013019339005665779448477", Reason::TooLong),
    refused("V001001301933900566577944847\u{ff17}", Reason::NonAscii),
    refused("V001\u{a0}0013019339005665779448477", Reason::NonAscii),
    refused("\u{39d}0010013019339005665779448477", Reason::NonAscii), // Greek
    refused("", Reason::Empty),
    refused("\u{feff}\n", Reason::Empty),
    refused("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", Reason::LooksHashed),
    refused("47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", Reason::LooksHashed),
    refused_bytes(b"V0010013019339005665779448477\xff", Reason::InvalidUtf8),
];
