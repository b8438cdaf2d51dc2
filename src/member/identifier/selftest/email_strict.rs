//! Addresses under names reserved for examples, and the examples of UTS 46; characters of Unicode 15 to 18.

use crate::outcome::Reason;

use super::{Row, refused, refused_bytes, text};

pub(super) static ROWS: &[Row] = &[
    text("alice@example.com", "alice@example.com"),
    text("Alice.Smith+Tag@Example.COM", "alice.smith+tag@example.com"),
    text(" \talice@example.com\n", "alice@example.com"),
    text("\u{feff}alice@example.com\u{a0}", "alice@example.com"),
    text("alice@example.com.", "alice@example.com"),
    text("!#$%&'*+-/=?^_`{|}~@example.com", "!#$%&'*+-/=?^_`{|}~@example.com"),
    text("alice@localhost", "alice@localhost"),
    text("alice@192.0.2.1", "alice@192.0.2.1"),
    text("alice@-ab--cd-.example", "alice@-ab--cd-.example"), // CheckHyphens is off
    text("a.b+c@googlemail.com", "a.b+c@googlemail.com"),     // the other kind folds it
    text("a.b+c@gmail.com", "a.b+c@gmail.com"),
    text(
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@example.com",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@example.com",
    ),
    refused(
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@example.com",
        Reason::LocalPart,
    ),
    text(
        "a@aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "a@aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    ), // 254 bytes
    refused(
        "ab@aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        Reason::TooLong,
    ), // 255 bytes
    refused(
        "a@aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        Reason::Domain,
    ), // a domain of 254 bytes
    refused("alice@aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.example", Reason::Domain),
    refused("alice@example.com..", Reason::Domain),
    refused("alice@.example.com", Reason::Domain),
    refused("alice@example..com", Reason::Domain),
    refused("alice@.", Reason::Domain),
    refused("alice@", Reason::Domain),
    refused("alice@[192.0.2.1]", Reason::Domain),
    refused("alice@exam ple.com", Reason::Domain),
    refused("alice@exam_ple.com", Reason::Domain),
    refused("alice@example.com>", Reason::Domain),
    refused("alice", Reason::NoAtSign),
    refused("@", Reason::LocalPart),
    refused("@example.com", Reason::LocalPart),
    refused("alice@b@example.com", Reason::SeveralAtSigns),
    refused("\"a@b\"@example.com", Reason::SeveralAtSigns),
    refused("\"a b\"@example.com", Reason::LocalPart),
    refused(".alice@example.com", Reason::LocalPart),
    refused("alice.@example.com", Reason::LocalPart),
    refused("al..ice@example.com", Reason::LocalPart),
    refused("alice @example.com", Reason::LocalPart),
    refused("<alice@example.com>", Reason::LocalPart),
    refused("mailto:alice@example.com", Reason::LocalPart),
    refused("alice(work)@example.com", Reason::LocalPart),
    refused("jos\u{e9}@example.com", Reason::NonAsciiLocalPart), // NFC
    refused("jose\u{301}@example.com", Reason::NonAsciiLocalPart), // NFD
    refused("\u{ff41}lice@example.com", Reason::NonAsciiLocalPart),
    refused("alice\u{200b}@example.com", Reason::NonAsciiLocalPart),
    refused("alice\u{ff20}example.com", Reason::NoAtSign), // fullwidth @
    refused("alice\u{fe6b}example.com", Reason::NoAtSign), // small @
    refused("alice@b\u{ff20}example.com", Reason::Domain),
    text("a@b\u{fc}cher.example", "a@xn--bcher-kva.example"),
    text("a@BU\u{308}CHER.example", "a@xn--bcher-kva.example"),
    text("a@XN--BCHER-KVA.Example.", "a@xn--bcher-kva.example"),
    text("a@fa\u{df}.example", "a@xn--fa-hia.example"), // deviation character, stays
    text("a@fass.example", "a@fass.example"),
    text("a@FA\u{1e9e}.example", "a@xn--fa-hia.example"), // sharp s since Unicode 15.1, ss before
    text("a@\u{3b2}\u{3cc}\u{3bb}\u{3bf}\u{3c2}.com", "a@xn--nxasmm1c.com"), // final sigma, UTS 46
    text("a@www.\u{dc1}\u{dca}\u{200d}\u{dbb}\u{dd3}.com", "a@www.xn--10cl1a0b660p.com"), // joiner in context, UTS 46
    text("a@\u{646}\u{627}\u{645}\u{647}\u{200c}\u{627}\u{6cc}.com", "a@xn--mgba3gch31f060k.com"), // non-joiner in context, UTS 46
    refused("a@b\u{200d}c.example", Reason::Domain), // joiner out of context
    refused("a@b\u{200c}c.example", Reason::Domain),
    text("a@b\u{200b}c\u{ad}.example\u{fe0f}.", "a@bc.example"), // ignored characters
    text(
        "a@\u{ff45}\u{ff58}\u{ff41}\u{ff4d}\u{ff50}\u{ff4c}\u{ff45}\u{ff0e}\u{ff23}\u{ff2f}\u{ff2d}",
        "a@example.com",
    ),
    text("a@example\u{3002}com", "a@example.com"),
    text("a@example\u{ff61}com\u{3002}", "a@example.com"), // a final dot of another script
    refused("a@example.com.\u{3002}", Reason::Domain),
    text("a@\u{212a}.example", "a@k.example"), // Kelvin sign
    text("a@e\u{445}ample.com", "a@xn--eample-bsf.com"), // Cyrillic, another domain
    text("a@\u{2615}.example", "a@xn--53h.example"),
    text("a@\u{5d0}\u{5d1}.example", "a@xn--4dbc.example"),
    refused("a@0b.\u{5d0}\u{5d1}", Reason::Domain), // RFC 5893, rule 1
    refused("a@\u{5d0}b.example", Reason::Domain),  // RFC 5893, rule 2
    refused("a@\u{301}b.example", Reason::Domain),  // begins with a mark
    refused("a@xn--.example", Reason::Domain),
    refused("a@xn--bcher-.example", Reason::Domain),
    refused("a@xn--a.example", Reason::Domain),
    refused("a@xn--BCHER-KV.example", Reason::Domain),
    refused("a@xn--fa-hia\u{df}.example", Reason::Domain),
    refused("a@xn--xn---epa.example", Reason::Domain), // xn--\u{e9}: validity criterion 4
    text("a@\u{e9}xn--.example", "a@xn--xn---9oa.example"),
    text("a@xn--fa-hia.example", "a@xn--fa-hia.example"),
    refused("a@b\u{3000}c.example", Reason::Domain),
    refused("a@b\u{fc}_c.example", Reason::Domain),
    text("a@\u{2260}.example", "a@xn--1ch.example"), // allowed under STD3 since Unicode 15.1
    refused("a@\u{2488}com.example", Reason::Domain), // 1 and a full stop in one character
    text("a@\u{1e9b}\u{323}.example", "a@xn--1ig.example"), // NFC of the mapping
    text("a@\u{1e4d0}.example", "a@xn--oh5h.example"), // Unicode 15
    text("a@\u{11f04}.example", "a@xn--x43d.example"), // Unicode 15
    text("a@\u{31350}.example", "a@xn--8o8n.example"), // Unicode 15
    text("a@\u{2ebf0}.example", "a@xn--8g0n.example"), // Unicode 15.1
    text("a@\u{105c0}.example", "a@xn--4u8c.example"), // Unicode 16
    text("a@\u{11bc0}.example", "a@xn--1g3d.example"), // Unicode 16
    text("a@\u{323b0}.example", "a@xn--031o.example"), // Unicode 17
    text("a@\u{a7cb}.example", "a@xn--3na.example"), // Unicode 16, mapped
    text("a@\u{1e030}.example", "a@xn--80a.example"), // Unicode 15, mapped
    text("a@\u{10d50}.example", "a@xn--dh0d.example"), // Unicode 16, mapped, right to left
    text("a@\u{3e8ac}.example", "a@xn--t92s.example"), // Unicode 18
    refused("a@\u{378}.example", Reason::Domain),    // not assigned
    refused(
        "a@\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}b.example",
        Reason::TooLong,
    ), // 1,035 bytes before mapping
    refused("", Reason::Empty),
    refused("\u{a0}", Reason::Empty),
    refused("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", Reason::LooksHashed),
    refused("47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", Reason::LooksHashed),
    refused_bytes(b"alice@example.com\xff", Reason::InvalidUtf8),
];
