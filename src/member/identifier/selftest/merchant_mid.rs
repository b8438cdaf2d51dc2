//! Constructed numbers; element 42 of ISO 8583 allows any printable character.

use crate::outcome::Reason;

use super::{Row, hex, refused, refused_bytes};

pub(super) static ROWS: &[Row] = &[
    hex("123456/MERCHANT0000001", "0006313233343536000f4d45524348414e5430303030303031"),
    hex("1/1", "000131000131"),
    hex("12345678901/123456789012345", "000b3132333435363738393031000f313233343536373839303132333435"),
    hex("1/23", "00013100023233"), // the same digits in other parts
    hex("12/3", "00023132000133"),
    hex("000001/0000001", "0006303030303031000730303030303031"), // zeros are kept
    hex("1/0000001", "000131000730303030303031"),
    hex("000001/1", "0006303030303031000131"),
    hex("00/0", "00023030000130"),
    hex("123456/Shop", "0006313233343536000453686f70"), // case is kept
    hex("123456/SHOP", "0006313233343536000453484f50"),
    hex("123456/shop", "0006313233343536000473686f70"),
    hex("123456/MERCHANT       ", "000631323334353600084d45524348414e54"), // filled as in element 42
    hex("123456/MERCHANT\t\r\n", "000631323334353600084d45524348414e54"),
    hex(" 123456/MERCHANT", "000631323334353600084d45524348414e54"),
    hex("123456/ MERCHANT", "00063132333435360009204d45524348414e54"), // a space in front belongs to it
    hex("123456/SHOP 7", "0006313233343536000653484f502037"),
    hex("123456/SHOP  7", "0006313233343536000753484f50202037"),
    hex("123456/A/B", "00063132333435360003412f42"), // the first slash parts them
    hex("123456//", "000631323334353600012f"),
    hex("123456//A", "000631323334353600022f41"),
    hex("123456/~!\"#$%&'()*+,-", "0006313233343536000e7e2122232425262728292a2b2c2d"),
    hex("123456/.:;<=>?@[\\]^_`", "0006313233343536000e2e3a3b3c3d3e3f405b5c5d5e5f60"),
    hex("123456/{|}", "000631323334353600037b7c7d"),
    hex("99999999999/AAAAAAAAAAAAAAA", "000b3939393939393939393939000f414141414141414141414141414141"),
    hex("\u{feff}123456/MERCHANT\u{a0}", "000631323334353600084d45524348414e54"),
    refused("123456", Reason::NoAcquirer),
    refused("MERCHANT0000001", Reason::NoAcquirer), // a merchant's number alone
    refused("123456-MERCHANT", Reason::NoAcquirer),
    refused("123456\\MERCHANT", Reason::NoAcquirer),
    refused("123456|MERCHANT", Reason::NoAcquirer),
    refused("/MERCHANT", Reason::AcquirerId),
    refused("//", Reason::AcquirerId),
    refused("/", Reason::AcquirerId),
    refused("123456789012/MERCHANT", Reason::AcquirerId),
    refused("12345A/MERCHANT", Reason::AcquirerId),
    refused("ACME/MERCHANT", Reason::AcquirerId),
    refused("123 456/MERCHANT", Reason::AcquirerId),
    refused("123456 /MERCHANT", Reason::AcquirerId),
    refused("+123456/MERCHANT", Reason::AcquirerId),
    refused("-1/MERCHANT", Reason::AcquirerId),
    refused("1.0/MERCHANT", Reason::AcquirerId),
    refused("https://example.com/", Reason::AcquirerId),
    refused("123456/", Reason::MerchantId),
    refused("123456/   ", Reason::MerchantId),
    refused("123456/1234567890123456", Reason::MerchantId), // 16 characters
    refused("123456/ABCDEFGHIJKLMNO P", Reason::MerchantId),
    refused("123456/MERCH\tANT", Reason::MerchantId),
    refused("123456/MERCH\u{0}ANT", Reason::MerchantId),
    refused("123456/MERCH\u{7f}ANT", Reason::MerchantId),
    refused("123456/MERCHANT\n0", Reason::MerchantId),
    refused("123456/MERCH\u{c4}NT", Reason::NonAscii),
    refused("\u{ff11}23456/MERCHANT", Reason::NonAscii),
    refused("123456\u{2044}MERCHANT", Reason::NonAscii), // a fraction slash
    refused("123456\u{ff0f}MERCHANT", Reason::NonAscii),
    refused("", Reason::Empty),
    refused(" \u{a0} ", Reason::Empty),
    refused("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", Reason::LooksHashed),
    refused("1234567/8HBSaTImW5JCeuQeRkm5NMpJWZG3hSuFUab=", Reason::LooksHashed),
    refused_bytes(b"123456/MERCHANT\xff", Reason::InvalidUtf8),
];
