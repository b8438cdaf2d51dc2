//! Examples of EIP-55 and constructed addresses.

use crate::outcome::Reason;

use super::{Row, hex, refused, refused_bytes};

pub(super) static ROWS: &[Row] = &[
    hex("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "5aaeb6053f3e94c9b9a09f33669435e7ef1beaed"),
    hex("0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed", "5aaeb6053f3e94c9b9a09f33669435e7ef1beaed"),
    hex("0x5AAEB6053F3E94C9B9A09F33669435E7EF1BEAED", "5aaeb6053f3e94c9b9a09f33669435e7ef1beaed"),
    hex("0X5AAEB6053F3E94C9B9A09F33669435E7EF1BEAED", "5aaeb6053f3e94c9b9a09f33669435e7ef1beaed"),
    hex("5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "5aaeb6053f3e94c9b9a09f33669435e7ef1beaed"),
    hex("0x5AAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "5aaeb6053f3e94c9b9a09f33669435e7ef1beaed"), // a warning
    hex("0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359", "fb6916095ca1df60bb79ce92ce3ea74c37c5d359"),
    hex("0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB", "dbf03b407c01e7cd3cbea99509d93f8dddc8c6fb"),
    hex("0x52908400098527886E0F7030069857D2E4169EE7", "52908400098527886e0f7030069857d2e4169ee7"),
    hex("0x27b1fdb04752bbc536007a920d24acb045561c26", "27b1fdb04752bbc536007a920d24acb045561c26"),
    hex("0x0000000000000000000000000000000000000000", "0000000000000000000000000000000000000000"),
    hex("0000000000000000000000000000000000000001", "0000000000000000000000000000000000000001"),
    hex("0xabcdefabcdefabcdefabcdefabcdefabcdefabcd", "abcdefabcdefabcdefabcdefabcdefabcdefabcd"),
    hex(
        " \u{feff}0x0123456789012345678901234567890123456789\u{a0}\r\n",
        "0123456789012345678901234567890123456789",
    ),
    refused("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAe", Reason::TooShort),
    refused("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed0", Reason::TooLong),
    refused("0x", Reason::TooShort),
    refused("0x0", Reason::TooShort),
    refused("0xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", Reason::TooLong),
    refused("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", Reason::LooksHashed),
    refused("0x0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", Reason::BadCharacter),
    refused("x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", Reason::BadCharacter),
    refused("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeg", Reason::BadCharacter),
    refused("0x5aAeb605 3F3E94C9b9A09f33669435E7Ef1BeAed", Reason::BadCharacter),
    refused("eth:0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", Reason::BadCharacter),
    refused("ethereum:0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed@1", Reason::BadCharacter),
    refused("xdc5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", Reason::BadCharacter),
    refused("example.eth", Reason::BadCharacter),
    refused("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAe\u{ff44}", Reason::NonAscii),
    refused("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1B\u{435}Aed", Reason::NonAscii),
    refused("", Reason::Empty),
    refused_bytes(b"0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed\xfe", Reason::InvalidUtf8),
];
