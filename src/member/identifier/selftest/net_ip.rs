//! Addresses of the ranges reserved for documentation (RFC 5737, RFC 3849), and public resolvers'.

use crate::outcome::Reason;

use super::{Row, hex, refused, refused_bytes};

pub(super) static ROWS: &[Row] = &[
    hex("192.0.2.1", "c0000201"),
    hex(" 198.51.100.255\n", "c63364ff"),
    hex("\u{feff}203.0.113.0\u{a0}", "cb007100"),
    hex("0.0.0.0", "00000000"),
    hex("255.255.255.255", "ffffffff"),
    hex("2001:db8::1", "20010db8000000000000000000000001"),
    hex("2001:DB8::1", "20010db8000000000000000000000001"),
    hex("2001:0db8:0000:0000:0000:0000:0000:0001", "20010db8000000000000000000000001"),
    hex("2001:db8:0:0::0:1", "20010db8000000000000000000000001"),
    hex("2001:db8:1:1:1:1:0:1", "20010db8000100010001000100000001"),
    hex("2001:db8::1:80", "20010db8000000000000000000010080"), // no port: it cannot be told apart
    hex("2001:db8::192.0.2.1", "20010db80000000000000000c0000201"),
    hex("::", "00000000000000000000000000000000"),
    hex("::1", "00000000000000000000000000000001"),
    hex("::ffff:192.0.2.1", "c0000201"),
    hex("::FFFF:c000:0201", "c0000201"),
    hex("0:0:0:0:0:ffff:192.0.2.1", "c0000201"),
    hex("::ffff:192.0.2.1%eth0", "c0000201"),
    hex("::192.0.2.1", "000000000000000000000000c0000201"), // IPv4-compatible, not mapped
    hex("64:ff9b::192.0.2.1", "c0000201"),                  // RFC 6052, another name of the host
    hex("64:FF9B::c000:201%eth0", "c0000201"),
    hex("64:ff9b:0:0:0:0:192.0.2.1", "c0000201"),
    hex("64:ff9b::1:192.0.2.1", "0064ff9b0000000000000001c0000201"),
    hex("64:ff9b:1::192.0.2.1", "0064ff9b0001000000000000c0000201"), // RFC 8215
    hex("2002:c000:201::1", "2002c000020100000000000000000001"),     // 6to4
    hex("2001:0:c000:201:8000:f227:3fff:fdfe", "20010000c00002018000f2273ffffdfe"), // Teredo
    hex("2001:db8::5efe:192.0.2.1", "20010db80000000000005efec0000201"), // ISATAP
    hex("::ffff:0:192.0.2.1", "0000000000000000ffff0000c0000201"),
    hex("fe80::1%eth0", "fe800000000000000000000000000001"),
    hex("fe80::1%25", "fe800000000000000000000000000001"),
    refused("fe80::1%", Reason::BadCharacter),
    refused("fe80::1%a%b", Reason::BadCharacter),
    refused("fe80::1%a b", Reason::BadCharacter),
    refused("192.0.2.1%eth0", Reason::BadCharacter),
    refused("192.0.2.01", Reason::LeadingZero),
    refused("192.000.2.1", Reason::LeadingZero),
    refused("010.0.2.1", Reason::LeadingZero),
    refused("::ffff:192.0.2.01", Reason::LeadingZero),
    refused("192.0.2.1:80", Reason::PortOrPrefix),
    refused("192.0.2.0/24", Reason::PortOrPrefix),
    refused("2001:db8::/32", Reason::PortOrPrefix),
    refused("[2001:db8::1]", Reason::PortOrPrefix),
    refused("[2001:db8::1]:443", Reason::PortOrPrefix),
    refused("192.0.2", Reason::IpSyntax),
    refused("192.0.2.1.1", Reason::IpSyntax),
    refused("192.0.2.", Reason::IpSyntax),
    refused("192.0.2.256", Reason::IpSyntax),
    refused("127.1", Reason::IpSyntax),
    refused("3221225985", Reason::IpSyntax),
    refused("0xc0000201", Reason::BadCharacter),
    refused("0xc0.0.2.1", Reason::BadCharacter),
    refused("192.0.2.1-192.0.2.9", Reason::BadCharacter),
    refused("192.0.2.1, 192.0.2.2", Reason::BadCharacter),
    refused("192. 0.2.1", Reason::BadCharacter),
    refused("+192.0.2.1", Reason::BadCharacter),
    refused("2001:db8::1::2", Reason::IpSyntax),
    refused("2001:db8:1:2:3:4:5", Reason::IpSyntax),
    refused("2001:db8:1:2:3:4:5:6:7", Reason::IpSyntax),
    refused("2001:db8::12345", Reason::IpSyntax),
    refused("2001:db8::g", Reason::BadCharacter),
    refused(":", Reason::IpSyntax),
    refused("localhost", Reason::BadCharacter),
    refused("\u{661}92.0.2.1", Reason::NonAscii),
    refused("192\u{3002}0\u{3002}2\u{3002}1", Reason::NonAscii),
    refused("", Reason::Empty),
    refused_bytes(b"192.0.2.1\xff", Reason::InvalidUtf8),
];
