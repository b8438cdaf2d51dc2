//! Names reserved for examples, and the examples of UTS 46; characters of Unicode 15 to 18.

use crate::outcome::Reason;

use super::{Row, refused, refused_bytes, text};

pub(super) static ROWS: &[Row] = &[
    text("example.com", "example.com"),
    text("WWW.Example.COM", "www.example.com"),
    text("example.com.", "example.com"), // the root
    text(" \texample.com\r\n", "example.com"),
    text("\u{feff}example.com\u{a0}", "example.com"),
    text("www.example.com", "www.example.com"), // no folding to the registrable domain
    text("a.b.c.example.co.uk", "a.b.c.example.co.uk"),
    text("-ab--cd-.example", "-ab--cd-.example"), // CheckHyphens is off
    text("a.b", "a.b"),
    text("4u.example", "4u.example"),
    text("1.2.3.4.example", "1.2.3.4.example"),
    text("1.2.3.a4", "1.2.3.a4"),
    text("1.2.3.4a", "1.2.3.4a"),
    text("1.0xg", "1.0xg"), // no number
    text("a.x0", "a.x0"),
    text("4.3.2.1.in-addr.arpa", "4.3.2.1.in-addr.arpa"),
    text(
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    ), // 253 bytes
    text(
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    ),
    refused(
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        Reason::Domain,
    ), // 254 bytes
    refused("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.example", Reason::Domain),
    refused("example", Reason::SingleLabel),
    refused("localhost", Reason::SingleLabel),
    refused("com.", Reason::SingleLabel),
    refused("xn--bcher-kva", Reason::SingleLabel),
    refused("b\u{fc}cher", Reason::SingleLabel),
    refused("a-b", Reason::SingleLabel),
    refused("192.0.2.1", Reason::IpAddress),
    refused("192.0.2.1.", Reason::IpAddress),
    refused("127.1", Reason::IpAddress), // short forms
    refused("0x7f.1", Reason::IpAddress),
    refused("2130706433", Reason::IpAddress),
    refused("0x7F000001", Reason::IpAddress),
    refused("a.0x", Reason::IpAddress),
    refused("a.0XAB", Reason::IpAddress),
    refused("1.2.3.4.5", Reason::IpAddress),
    refused("example.007", Reason::IpAddress),
    refused("999.999.999.999", Reason::IpAddress),
    refused("\u{ff11}92.0.2.\u{ff11}", Reason::IpAddress), // after mapping
    refused("192\u{3002}0\u{3002}2\u{3002}1", Reason::IpAddress),
    refused("::1", Reason::IpAddress),
    refused("2001:db8::1", Reason::IpAddress),
    refused("[2001:db8::1]", Reason::IpAddress),
    refused("::ffff:192.0.2.1", Reason::IpAddress),
    refused("2001:db8:::1", Reason::Domain),
    refused("[192.0.2.1]", Reason::Domain),
    refused(".", Reason::Domain),
    refused("..", Reason::Domain),
    refused(".example.com", Reason::Domain),
    refused("example..com", Reason::Domain),
    refused("example.com..", Reason::Domain),
    refused("exam_ple.com", Reason::Domain), // STD3
    refused("exam ple.com", Reason::Domain),
    refused("*.example.com", Reason::Domain),
    refused("example.com:443", Reason::Domain),
    refused("example.com/", Reason::Domain),
    refused("https://example.com", Reason::Domain),
    refused("alice@example.com", Reason::Domain),
    refused("example,com", Reason::Domain),
    refused("exam\u{0}ple.com", Reason::Domain),
    refused("%65xample.com", Reason::Domain), // nothing is decoded
    refused("example[.]com", Reason::Domain), // defanged
    text("b\u{fc}cher.example", "xn--bcher-kva.example"),
    text("BU\u{308}CHER.example", "xn--bcher-kva.example"),
    text("XN--BCHER-KVA.Example.", "xn--bcher-kva.example"),
    text("fa\u{df}.example", "xn--fa-hia.example"), // deviation character, stays
    text("fass.example", "fass.example"),
    text("FA\u{1e9e}.example", "xn--fa-hia.example"), // sharp s since Unicode 15.1, ss before
    text("\u{3b2}\u{3cc}\u{3bb}\u{3bf}\u{3c2}.com", "xn--nxasmm1c.com"), // final sigma, UTS 46
    text("www.\u{dc1}\u{dca}\u{200d}\u{dbb}\u{dd3}.com", "www.xn--10cl1a0b660p.com"), // joiner in context, UTS 46
    text("\u{646}\u{627}\u{645}\u{647}\u{200c}\u{627}\u{6cc}.com", "xn--mgba3gch31f060k.com"), // non-joiner in context, UTS 46
    refused("b\u{200d}c.example", Reason::Domain), // joiner out of context
    refused("b\u{200c}c.example", Reason::Domain),
    text("b\u{200b}c\u{ad}.example\u{fe0f}.", "bc.example"), // ignored characters
    text(
        "\u{ff45}\u{ff58}\u{ff41}\u{ff4d}\u{ff50}\u{ff4c}\u{ff45}\u{ff0e}\u{ff23}\u{ff2f}\u{ff2d}",
        "example.com",
    ),
    text("example\u{3002}com", "example.com"),
    text("example\u{ff61}com\u{3002}", "example.com"), // a final dot of another script
    refused("example.com.\u{3002}", Reason::Domain),
    text("\u{212a}.example", "k.example"),           // Kelvin sign
    text("e\u{445}ample.com", "xn--eample-bsf.com"), // Cyrillic, another domain
    text("\u{2615}.example", "xn--53h.example"),
    text("\u{5d0}\u{5d1}.example", "xn--4dbc.example"),
    refused("0b.\u{5d0}\u{5d1}", Reason::Domain), // RFC 5893, rule 1
    refused("\u{5d0}b.example", Reason::Domain),  // RFC 5893, rule 2
    refused("\u{301}b.example", Reason::Domain),  // begins with a mark
    refused("xn--.example", Reason::Domain),
    refused("xn--bcher-.example", Reason::Domain),
    refused("xn--a.example", Reason::Domain),
    refused("xn--BCHER-KV.example", Reason::Domain),
    refused("xn--fa-hia\u{df}.example", Reason::Domain),
    refused("xn--xn---epa.example", Reason::Domain), // xn--\u{e9}: validity criterion 4
    text("\u{e9}xn--.example", "xn--xn---9oa.example"),
    text("xn--fa-hia.example", "xn--fa-hia.example"),
    refused("b\u{3000}c.example", Reason::Domain),
    refused("b\u{fc}_c.example", Reason::Domain),
    text("\u{2260}.example", "xn--1ch.example"), // allowed under STD3 since Unicode 15.1
    refused("\u{2488}com.example", Reason::Domain), // 1 and a full stop in one character
    text("\u{1e9b}\u{323}.example", "xn--1ig.example"), // NFC of the mapping
    text("\u{1e4d0}.example", "xn--oh5h.example"), // Unicode 15
    text("\u{11f04}.example", "xn--x43d.example"), // Unicode 15
    text("\u{31350}.example", "xn--8o8n.example"), // Unicode 15
    text("\u{2ebf0}.example", "xn--8g0n.example"), // Unicode 15.1
    text("\u{105c0}.example", "xn--4u8c.example"), // Unicode 16
    text("\u{11bc0}.example", "xn--1g3d.example"), // Unicode 16
    text("\u{323b0}.example", "xn--031o.example"), // Unicode 17
    text("\u{a7cb}.example", "xn--3na.example"), // Unicode 16, mapped
    text("\u{1e030}.example", "xn--80a.example"), // Unicode 15, mapped
    text("\u{10d50}.example", "xn--dh0d.example"), // Unicode 16, mapped, right to left
    text("\u{3e8ac}.example", "xn--t92s.example"), // Unicode 18
    refused("\u{378}.example", Reason::Domain),  // not assigned
    refused(
        "\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}b.example",
        Reason::TooLong,
    ), // 1,035 bytes before mapping
    refused("", Reason::Empty),
    refused("\u{a0}", Reason::Empty),
    refused("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", Reason::LooksHashed),
    refused("47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", Reason::LooksHashed),
    refused_bytes(b"example.com\xff", Reason::InvalidUtf8),
];
