//! Examples of BIP-173 and BIP-350, and addresses of the bytes 1 to 20, 0 to 31 and zeros.

use crate::outcome::Reason;

use super::{Row, refused, refused_bytes, text};

pub(super) static ROWS: &[Row] = &[
    text("16L5yRNPTuciSgXGHqYwn9N6NeoKqopAu", "16L5yRNPTuciSgXGHqYwn9N6NeoKqopAu"),
    text("31nM1WuowNDzocNxPPW9NQWJEtwWpjfcLj", "31nM1WuowNDzocNxPPW9NQWJEtwWpjfcLj"),
    text("1111111111111111111114oLvT2", "1111111111111111111114oLvT2"),
    text("31h1vYVSYuKP6AhS86fbRdMw9XHieotbST", "31h1vYVSYuKP6AhS86fbRdMw9XHieotbST"),
    text("bitcoin:16L5yRNPTuciSgXGHqYwn9N6NeoKqopAu", "16L5yRNPTuciSgXGHqYwn9N6NeoKqopAu"),
    text(
        "BITCOIN:BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4?amount=0.1&label=1A",
        "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
    ),
    text("bc1qqypqxpq9qcrsszg2pvxq6rs0zqg3yyc5fcj4z3?", "bc1qqypqxpq9qcrsszg2pvxq6rs0zqg3yyc5fcj4z3"),
    text("BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"),
    text(" bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4\n", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"),
    text(
        "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0",
        "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0",
    ),
    text(
        "bc1pw508d6qejxtdg4y5r3zarvary0c5xw7kw508d6qejxtdg4y5r3zarvary0c5xw7kt5nd6y",
        "bc1pw508d6qejxtdg4y5r3zarvary0c5xw7kw508d6qejxtdg4y5r3zarvary0c5xw7kt5nd6y",
    ),
    text("BC1SW50QGDZ25J", "bc1sw50qgdz25j"),
    text("bc1zw508d6qejxtdg4y5r3zarvaryvaxxpcs", "bc1zw508d6qejxtdg4y5r3zarvaryvaxxpcs"),
    text(
        "bc1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqthqst8",
        "bc1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqthqst8",
    ),
    refused("16L5yRNPTuciSgXGHqYwn9N6NeoKqopAv", Reason::Checksum),
    refused("16l5yRNPTuciSgXGHqYwn9N6NeoKqopAu", Reason::BadCharacter), // l is no Base58 character
    refused("16L5yRNPTuciSgXGHqYwn9N6NeoKqopau", Reason::Checksum),     // its case matters
    refused("16L5yRNPTuciSgXGHqYwn9N60eoKqopAu", Reason::BadCharacter),
    refused("16L5yRNPTuci SgXGHqYwn9N6NeoKqopAu", Reason::BadCharacter),
    refused("12D2adLM3UKy4Z4giRbReR6gjWx1w6Dz", Reason::TooShort), // 24 bytes, its checksum fits
    refused("1QXEx2ZQ9mEdvMSaVKHznFv6iZq5YWtyvs", Reason::TooLong), // 26 bytes, its checksum fits
    refused("116L5yRNPTuciSgXGHqYwn9N6NeoKqopAu", Reason::TooLong),
    refused("mfcHP2WMCVLsVZA8yrovmhMgxNFW9r98xw", Reason::WrongNetwork),
    refused("2MsLZ5FqqYpjM1Q1W4X81zMVZTF9gdbhVwd", Reason::WrongNetwork),
    refused("LKKHMBjCU89fyFNgSRprDoD8Jb25N8uWvd", Reason::WrongNetwork),
    refused("tWMY7saFGZDmPvXcPzUM1pz4ewdYJYn16S", Reason::WrongNetwork),
    refused("tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx", Reason::WrongNetwork),
    refused("bcrt1qqypqxpq9qcrsszg2pvxq6rs0zqg3yyc5phstwt", Reason::WrongNetwork),
    refused("ltc1qqypqxpq9qcrsszg2pvxq6rs0zqg3yyc5dyg36p", Reason::WrongNetwork),
    refused("tc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vq5zuyut", Reason::WrongNetwork),
    refused("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5", Reason::Checksum),
    refused("bc1Qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", Reason::MixedCase),
    refused("Bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", Reason::MixedCase),
    refused("bc1qqypqxpq9qcrsszg2pvxq6rs0zqg3yyc5uyze8n", Reason::ChecksumVariant),
    refused("bc1pqqqsyqcyq5rqwzqfpg9scrgwpugpzysnzs23v9ccrydpk8qarc0sagmhkq", Reason::ChecksumVariant),
    refused("bc1zw508d6qejxtdg4y5r3zarvaryvg6kdaj", Reason::ChecksumVariant),
    refused("bc13qypqxpq9qcrsszg2pvxq6rs0zqg3yyc5rkyx9v", Reason::UnknownVersion),
    refused("BC130XLXVLHEMJA6C4DQV22UAPCTQUPFHLXM9H8Z3K2E72Q4K9HCZ7VQ7ZWS8R", Reason::UnknownVersion),
    refused("bc1qqqqsyqcyq5rqwzqfpg9scrgwpugpzysnzsf6edgu", Reason::WitnessProgram),
    refused("bc1pvyx64kpn", Reason::WitnessProgram),
    refused("bc1pw5dgrnzv", Reason::WitnessProgram),
    refused(
        "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7v8n0nx0muaewav253zgeav",
        Reason::WitnessProgram,
    ),
    refused("bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7v07qwwzcrf", Reason::WitnessProgram),
    refused("bc1gmk9yu", Reason::WitnessProgram),
    refused("bc1p38j9r5y49hruaue7wxjce0updqjuyyx0kh56v8s25huc6995vvpql3jow4", Reason::BadCharacter),
    refused("bc1", Reason::TooShort),
    refused("bitcoin:", Reason::TooShort),
    refused("bitcoin:?amount=1", Reason::TooShort),
    refused("bitcoin://16L5yRNPTuciSgXGHqYwn9N6NeoKqopAu", Reason::BadCharacter),
    refused("litecoin:LKKHMBjCU89fyFNgSRprDoD8Jb25N8uWvd", Reason::BadCharacter),
    refused("0x52908400098527886E0F7030069857D2E4169EE7", Reason::BadCharacter),
    refused(
        "bc1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq",
        Reason::TooLong,
    ),
    refused("16L5yRNPTuciSgXGHqYwn9N6NeoKqopA\u{421}", Reason::NonAscii),
    refused("", Reason::Empty),
    refused_bytes(b"\xc0\x80", Reason::InvalidUtf8),
    refused("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", Reason::LooksHashed),
];
