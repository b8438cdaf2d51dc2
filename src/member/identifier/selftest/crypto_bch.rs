//! Examples of the CashAddr specification, and addresses of the bytes 1 to 20, 0 to 31 and zeros.

use crate::outcome::Reason;

use super::{Row, hex, refused, refused_bytes};

pub(super) static ROWS: &[Row] = &[
    hex("1BpEi6DfDAUFd7GtittLSdBeYJvcoaVggu", "0076a04053bda0a88bda5177b86a15c3b29f559873"),
    hex(
        "bitcoincash:qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a",
        "0076a04053bda0a88bda5177b86a15c3b29f559873",
    ),
    hex("1KXrWXciRDZUpQwQmuM1DbwsKDLYAYsVLR", "00cb481232299cd5743151ac4b2d63ae198e7bb0a9"),
    hex(
        "bitcoincash:qr95sy3j9xwd2ap32xkykttr4cvcu7as4y0qverfuy",
        "00cb481232299cd5743151ac4b2d63ae198e7bb0a9",
    ),
    hex("16w1D5WRVKJuZUsSRzdLp9w3YGcgoxDXb", "00011f28e473c95f4013d7d53ec5fbc3b42df8ed10"),
    hex(
        "bitcoincash:qqq3728yw0y47sqn6l2na30mcw6zm78dzqre909m2r",
        "00011f28e473c95f4013d7d53ec5fbc3b42df8ed10",
    ),
    hex("3CWFddi6m4ndiGyKqzYvsFYagqDLPVMTzC", "0176a04053bda0a88bda5177b86a15c3b29f559873"),
    hex(
        "bitcoincash:ppm2qsznhks23z7629mms6s4cwef74vcwvn0h829pq",
        "0176a04053bda0a88bda5177b86a15c3b29f559873",
    ),
    hex("3LDsS579y7sruadqu11beEJoTjdFiFCdX4", "01cb481232299cd5743151ac4b2d63ae198e7bb0a9"),
    hex(
        "bitcoincash:pr95sy3j9xwd2ap32xkykttr4cvcu7as4yc93ky28e",
        "01cb481232299cd5743151ac4b2d63ae198e7bb0a9",
    ),
    hex("31nwvkZwyPdgzjBJZXfDmSWsC4ZLKpYyUw", "01011f28e473c95f4013d7d53ec5fbc3b42df8ed10"),
    hex(
        "bitcoincash:pqq3728yw0y47sqn6l2na30mcw6zm78dzq5ucqzc37",
        "01011f28e473c95f4013d7d53ec5fbc3b42df8ed10",
    ),
    hex("qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a", "0076a04053bda0a88bda5177b86a15c3b29f559873"),
    hex("QPM2QSZNHKS23Z7629MMS6S4CWEF74VCWVY22GDX6A", "0076a04053bda0a88bda5177b86a15c3b29f559873"),
    hex(
        "BITCOINCASH:QPM2QSZNHKS23Z7629MMS6S4CWEF74VCWVY22GDX6A",
        "0076a04053bda0a88bda5177b86a15c3b29f559873",
    ),
    hex(
        "bitcoincash:qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a?amount=1&label=1A",
        "0076a04053bda0a88bda5177b86a15c3b29f559873",
    ),
    hex(" qr95sy3j9xwd2ap32xkykttr4cvcu7as4y0qverfuy\n", "00cb481232299cd5743151ac4b2d63ae198e7bb0a9"),
    hex("bitcoincash:1BpEi6DfDAUFd7GtittLSdBeYJvcoaVggu", "0076a04053bda0a88bda5177b86a15c3b29f559873"),
    hex(
        "bitcoincash:qr6m7j9njldwwzlg9v7v53unlr4jkmx6eylep8ekg2",
        "00f5bf48b397dae70be82b3cca4793f8eb2b6cdac9",
    ),
    hex(
        "bitcoincash:qvch8mmxy0rtfrlarg7ucrxxfzds5pamg73h7370aa87d80gyhqxq5nlegake",
        "003173ef6623c6b48ffd1a3dcc0cc6489b0a07bb47a37f47cfef4fe69de825c060",
    ),
    hex(
        "bitcoincash:qqqsyqcyq5rqwzqfpg9scrgwpugpzysnzstne440kw",
        "000102030405060708090a0b0c0d0e0f1011121314",
    ),
    hex(
        "bitcoincash:pqqsyqcyq5rqwzqfpg9scrgwpugpzysnzsuky6jvdn",
        "010102030405060708090a0b0c0d0e0f1011121314",
    ),
    hex(
        "bitcoincash:zqqsyqcyq5rqwzqfpg9scrgwpugpzysnzsve2tmffa",
        "000102030405060708090a0b0c0d0e0f1011121314",
    ),
    hex(
        "bitcoincash:rqqsyqcyq5rqwzqfpg9scrgwpugpzysnzsmuhyu2jq",
        "010102030405060708090a0b0c0d0e0f1011121314",
    ),
    hex("zqqsyqcyq5rqwzqfpg9scrgwpugpzysnzsve2tmffa", "000102030405060708090a0b0c0d0e0f1011121314"),
    hex(
        "bitcoincash:qvqqzqsrqszsvpcgpy9qkrqdpc83qygjzv2p29shrqv35xcur50p77hk2ql29",
        "00000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
    ),
    hex(
        "bitcoincash:pvqqzqsrqszsvpcgpy9qkrqdpc83qygjzv2p29shrqv35xcur50p7h2c7ctj5",
        "01000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
    ),
    hex(
        "bitcoincash:qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqfnhks603",
        "000000000000000000000000000000000000000000",
    ),
    hex("1111111111111111111114oLvT2", "000000000000000000000000000000000000000000"),
    hex("3R2cuenjG5nFubqX9Wzuukdin2YfBbQ6Kw", "01ffffffffffffffffffffffffffffffffffffffff"),
    refused("bitcoincash:qqqsyqcyq5rqwzqfpg9scrgwpugpzysnzstne440kq", Reason::Checksum),
    refused("bitcoincash:qqqsyqcyq5rqwzqfpg9scrgwpugpzysnzstne440wk", Reason::Checksum),
    refused("1BpEi6DfDAUFd7GtittLSdBeYJvcoaVggv", Reason::Checksum),
    refused("bitcoincash:QPM2QSZNHKS23Z7629MMS6S4CWEF74VCWVY22GDX6a", Reason::MixedCase),
    refused("bitcoincash:QPM2QSZNHKS23Z7629MMS6S4CWEF74VCWVY22GDX6A", Reason::MixedCase),
    refused("Bitcoincash:qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a", Reason::MixedCase),
    refused("bchtest:pr6m7j9njldwwzlg9v7v53unlr4jkmx6eyvwc0uz5t", Reason::WrongNetwork),
    refused("qqqsyqcyq5rqwzqfpg9scrgwpugpzysnzs0pajhc3j", Reason::WrongNetwork),
    refused("bchreg:qqqsyqcyq5rqwzqfpg9scrgwpugpzysnzs4atn5tj5", Reason::WrongNetwork),
    refused("pqqsyqcyq5rqwzqfpg9scrgwpugpzysnzszckungff", Reason::WrongNetwork),
    refused("ecash:qqqsyqcyq5rqwzqfpg9scrgwpugpzysnzsj7d7w4se", Reason::WrongNetwork),
    refused("simpleledger:qqqsyqcyq5rqwzqfpg9scrgwpugpzysnzs8gjwq0gs", Reason::WrongNetwork),
    refused("bchtest:1BpEi6DfDAUFd7GtittLSdBeYJvcoaVggu", Reason::WrongNetwork),
    refused("mfcHP2WMCVLsVZA8yrovmhMgxNFW9r98xw", Reason::WrongNetwork),
    refused("2MsLZ5FqqYpjM1Q1W4X81zMVZTF9gdbhVwd", Reason::WrongNetwork),
    refused("bitcoincash:qyqsyqcyq5rqwzqfpg9scrgwpugpzysnzsqsyqcys36fjstp", Reason::CashAddrPayload),
    refused(
        "bitcoincash:qqqqzqsrqszsvpcgpy9qkrqdpc83qygjzv2p29shrqv35xcur50p7dlm407s7",
        Reason::CashAddrPayload,
    ),
    refused("bitcoincash:qvqsyqcyq5rqwzqfpg9scrgwpugpzysnzs63k6uucw", Reason::CashAddrPayload),
    refused("bitcoincash:yqqsyqcyq5rqwzqfpg9scrgwpugpzysnzs98kqfrpp", Reason::CashAddrPayload),
    refused("bitcoincash:0qqsyqcyq5rqwzqfpg9scrgwpugpzysnzsffxj37z3", Reason::CashAddrPayload),
    refused("bitcoincash:sqqsyqcyq5rqwzqfpg9scrgwpugpzysnzs63vn7kcm", Reason::CashAddrPayload),
    refused("bitcoincash:qqqsyqcyq5rqwzqfpg9scrgwpugpzysnz3csq7vv90", Reason::CashAddrPayload),
    refused("bitcoincash:qqqsyqcyq5rqwzqfpg9scrgwpugpzysnzsq6yqz6tx2", Reason::CashAddrPayload),
    refused(
        "bitcoincash:quqqzqsrqszsvpcgpy9qkrqdpc83qygjzv2p29shrqv35xcur50p7qqpqgpsgpgxquyqjzstpsxsurcszyfpx9q4zct3sxg6rvwp68slv74h3ehr",
        Reason::CashAddrPayload,
    ),
    refused("bitcoincash:", Reason::TooShort),
    refused("bitcoincash:qqqqqqq", Reason::TooShort),
    refused("?amount=1", Reason::TooShort),
    refused("bitcoincash:bqqsyqcyq5rqwzqfpg9scrgwpugpzysnzstne440kw", Reason::BadCharacter),
    refused("bitcoincash:bqqqqqqqqq", Reason::BadCharacter),
    refused(
        "bitcoincash:qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq",
        Reason::TooLong,
    ),
    refused(
        "qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq",
        Reason::TooLong,
    ),
    refused("1BpEi6DfDAUFd7GtittL", Reason::TooShort),
    refused("1BpEi6DfDAUFd7GtittLSdBeYJvcoaVggu1", Reason::TooLong),
    refused("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", Reason::BadCharacter),
    refused("0x52908400098527886E0F7030069857D2E4169EE7", Reason::BadCharacter),
    refused("1BpEi6DfDAUFd7GtittLSdBeYJvcoaVgg\u{421}", Reason::NonAscii),
    refused("", Reason::Empty),
    refused("   ", Reason::Empty),
    refused("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", Reason::LooksHashed),
    refused_bytes(b"\xc0\x80", Reason::InvalidUtf8),
];
