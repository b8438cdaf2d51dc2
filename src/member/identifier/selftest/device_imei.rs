//! The example of 3GPP TS 23.003 annex B, other published ones, and numbers made from them.

use crate::outcome::Reason;

use super::{Row, refused, refused_bytes, text};

pub(super) static ROWS: &[Row] = &[
    text("26053179311383", "26053179311383"),
    text("260531793113837", "26053179311383"),
    text("260531793113830", "26053179311383"), // as networks are sent it
    text("2605317931138300", "26053179311383"), // with the version of the software
    text("2605317931138301", "26053179311383"),
    text("2605317931138378", "26053179311383"),
    text("2605317931138399", "26053179311383"),
    text("490154203237518", "49015420323751"),
    text("352099001761481", "35209900176148"),
    text("35-209900-176148-1", "35209900176148"),
    text("35-209900-176148-23", "35209900176148"),
    text("35 209900 176148 1", "35209900176148"),
    text("35209900-176148", "35209900176148"),
    text("35 209900-176148 1", "35209900176148"),
    text("3 5-2 0-9 9-0 0-1 7-6 1-4 8-1", "35209900176148"),
    text("35 20 99 00 17 61 48 23", "35209900176148"),
    text(" 352099001761481\r\n", "35209900176148"),
    text("\u{feff}352099001761481\u{a0}", "35209900176148"),
    text("\u{202f}35-209900-176148-1\u{2007}", "35209900176148"),
    text("01234567890123", "01234567890123"), // a zero in front belongs to the number
    text("00000000000000", "00000000000000"), // of devices that have none; the list of one's own may suppress it
    text("000000000000000", "00000000000000"),
    text("99999999999999", "99999999999999"),
    refused("260531793113831", Reason::Checksum),
    refused("260531793113836", Reason::Checksum),
    refused("260531793113838", Reason::Checksum),
    refused("620531793113837", Reason::Checksum), // the first two swapped
    refused("35-209900-176148-2", Reason::Checksum),
    refused("352099001761482", Reason::Checksum),
    refused("2605317931138", Reason::TooShort),
    refused("2", Reason::TooShort),
    refused("26053179311383701", Reason::TooLong), // the check digit and the software version
    refused("8901260531793113837", Reason::TooLong), // a SIM card's number
    refused("35-209900-176148-1-23", Reason::TooLong),
    refused("35--209900-176148-1", Reason::BadSeparator),
    refused("35 - 209900 176148 1", Reason::BadSeparator),
    refused("-352099001761481", Reason::BadSeparator),
    refused("352099001761481-", Reason::BadSeparator),
    refused("35-209900-176148-", Reason::BadSeparator),
    refused("-", Reason::BadSeparator),
    refused("352099/00/176148/1", Reason::BadCharacter),
    refused("352099001761481/01", Reason::BadCharacter),
    refused("35.209900.176148.1", Reason::BadCharacter),
    refused("35209900176148X", Reason::BadCharacter),
    refused("35209900******1", Reason::BadCharacter),
    refused("IMEI 352099001761481", Reason::BadCharacter),
    refused("urn:gsma:imei:35209900-176148-1", Reason::BadCharacter),
    refused("3.52099E+14", Reason::BadCharacter),
    refused("A0000049D0B1F4", Reason::BadCharacter), // an MEID
    refused("35209900\t1761481", Reason::BadCharacter),
    refused("35\u{2010}209900\u{2010}176148\u{2010}1", Reason::NonAscii),
    refused("35\u{a0}209900\u{a0}176148\u{a0}1", Reason::NonAscii),
    refused("\u{ff13}52099001761481", Reason::NonAscii),
    refused("\u{663}52099001761481", Reason::NonAscii), // an Arabic digit
    refused("", Reason::Empty),
    refused(" \u{a0} ", Reason::Empty),
    refused("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", Reason::LooksHashed),
    refused("2605317931138370260531793113837026053179311383702605317931138370", Reason::LooksHashed),
    refused("47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", Reason::LooksHashed),
    refused_bytes(b"352099001761481\xff", Reason::InvalidUtf8),
];
