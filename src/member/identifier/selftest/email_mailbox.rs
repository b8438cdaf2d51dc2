//! Addresses under names reserved for examples and constructed mailboxes at Gmail; characters of Unicode 15
//! to 18.

use crate::outcome::Reason;

use super::{Row, refused, refused_bytes, text};

pub(super) static ROWS: &[Row] = &[
    text("alice@example.com", "alice@example.com"),
    text("Alice.Smith+Tag@Example.COM", "alice.smith+tag@example.com"),
    text(" \talice@example.com\n", "alice@example.com"),
    text("\u{feff}alice@example.com\u{a0}", "alice@example.com"),
    text("alice@example.com.", "alice@example.com"),
    text("alice.smith@gmail.com", "alicesmith@gmail.com"),
    text("A.l.i.c.e+news@GMail.com", "alice@gmail.com"),
    text("Jane.Doe+x@googlemail.com", "janedoe@gmail.com"),
    text("janedoe@gmail.com", "janedoe@gmail.com"),
    text("janedoe@gmail.com.", "janedoe@gmail.com"),
    text("jane+a+b.c@gmail.com", "jane@gmail.com"), // from the first plus sign on
    text("jane+@gmail.com", "jane@gmail.com"),
    text("jane.doe-x@gmail.com", "janedoe-x@gmail.com"),
    text("j.d@\u{ff47}mail\u{3002}com", "jd@gmail.com"), // folded after mapping
    text("j.d@gmail.\u{ff43}om.", "jd@gmail.com"),
    text("j.d@g\u{43c}ail.com", "j.d@xn--gail-v5d.com"), // Cyrillic, not Gmail
    text("j.d+x@mail.gmail.com", "j.d+x@mail.gmail.com"),
    text("j.d+x@gmail.com.example", "j.d+x@gmail.com.example"),
    text("j.d+x@gmail.co", "j.d+x@gmail.co"),
    text("j.d+x@outlook.com", "j.d+x@outlook.com"),
    text("j.d+x@xgmail.com", "j.d+x@xgmail.com"),
    text(
        "a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.aa@gmail.com",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@gmail.com",
    ), // 64 bytes before folding
    refused("a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a@gmail.com", Reason::LocalPart), // 65 bytes before folding
    refused("+tag@gmail.com", Reason::LocalPart),
    refused("+@googlemail.com", Reason::LocalPart),
    refused(".@gmail.com", Reason::LocalPart),
    refused(".+x@gmail.com", Reason::LocalPart),
    refused("jane..doe@gmail.com", Reason::LocalPart), // not an address, though Gmail would not mind
    refused("jane.@gmail.com", Reason::LocalPart),
    refused(".jane@gmail.com", Reason::LocalPart),
    refused("@gmail.com", Reason::LocalPart),
    refused("jane@", Reason::Domain),
    refused("jane", Reason::NoAtSign),
    refused("j@d@gmail.com", Reason::SeveralAtSigns),
    refused("jane@gmail..com", Reason::Domain),
    refused("jane doe@gmail.com", Reason::LocalPart),
    refused("jan\u{e9}@gmail.com", Reason::NonAsciiLocalPart),
    refused("jane\u{ff20}gmail.com", Reason::NoAtSign),
    refused("jane@gmail_.com", Reason::Domain),
    text("a@fa\u{df}.example", "a@xn--fa-hia.example"),
    text("a@\u{3b2}\u{3cc}\u{3bb}\u{3bf}\u{3c2}.com", "a@xn--nxasmm1c.com"),
    refused("a@b\u{200d}c.example", Reason::Domain),
    refused("a@0b.\u{5d0}\u{5d1}", Reason::Domain),
    refused("a@xn--a.example", Reason::Domain),
    text("a@\u{1e4d0}.example", "a@xn--oh5h.example"), // Unicode 15
    text("a@\u{11f04}.example", "a@xn--x43d.example"), // Unicode 15
    text("a@\u{31350}.example", "a@xn--8o8n.example"), // Unicode 15
    text("a@\u{2ebf0}.example", "a@xn--8g0n.example"), // Unicode 15.1
    text("a@\u{105c0}.example", "a@xn--4u8c.example"), // Unicode 16
    text("a@\u{11bc0}.example", "a@xn--1g3d.example"), // Unicode 16
    text("a@\u{323b0}.example", "a@xn--031o.example"), // Unicode 17
    text("a@\u{a7cb}.example", "a@xn--3na.example"),   // Unicode 16, mapped
    text("a@\u{1e030}.example", "a@xn--80a.example"),  // Unicode 15, mapped
    text("a@\u{10d50}.example", "a@xn--dh0d.example"), // Unicode 16, mapped, right to left
    text("a@\u{3e8ac}.example", "a@xn--t92s.example"), // Unicode 18
    refused("a@\u{378}.example", Reason::Domain),      // not assigned
    refused("", Reason::Empty),
    refused("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", Reason::LooksHashed),
    refused_bytes(b"alice@example.com\xff", Reason::InvalidUtf8),
];
