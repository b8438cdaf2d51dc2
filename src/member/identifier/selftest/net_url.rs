//! URLs under names reserved for examples, some after the tests of the WHATWG URL standard; characters of Unicode
//! 15 to 18.

use crate::outcome::Reason;

use super::{Row, refused, refused_bytes, text};

pub(super) static ROWS: &[Row] = &[
    text("https://example.com/", "https://example.com/"),
    text("https://example.com", "https://example.com/"),
    text("http://example.com/", "http://example.com/"), // another one than with https
    text("HTTPS://WWW.Example.COM/Path", "https://www.example.com/Path"), // a path has its case
    text(" \thttps://example.com/\r\n", "https://example.com/"),
    text("\u{feff}https://example.com/\u{a0}", "https://example.com/"),
    text("\u{0}\u{1f} https://example.com/\u{1}", "https://example.com/"), // C0 controls around
    text("ht\ttps://exam\nple.com/a\rb", "https://example.com/ab"),        // and these anywhere
    text("https://example.com/#top", "https://example.com/"),
    text("https://example.com/a?b#c#d?e", "https://example.com/a?b"),
    text("https://example.com/ #", "https://example.com/%20"),
    text("https://user:secret@example.com/", "https://example.com/"),
    text("https://user@example.com/a", "https://example.com/a"),
    text("https://:@example.com/", "https://example.com/"),
    text("https://a@b@example.com/", "https://example.com/"),
    text("https://user:secret@example.com:8443/a?b#c", "https://example.com:8443/a?b"),
    text("https://example.com:443/", "https://example.com/"),
    text("http://example.com:80/", "http://example.com/"),
    text("https://example.com:80/", "https://example.com:80/"),
    text("http://example.com:443/", "http://example.com:443/"),
    text("http://example.com:/", "http://example.com/"),
    text("http://example.com:00080/", "http://example.com/"),
    text("http://example.com:0/", "http://example.com:0/"),
    text("http://example.com:65535/", "http://example.com:65535/"),
    refused("http://example.com:65536/", Reason::UrlSyntax),
    refused("http://example.com:8a/", Reason::UrlSyntax),
    refused("http://example.com:-80/", Reason::UrlSyntax),
    text("https:example.com/a", "https://example.com/a"), // without slashes, as browsers take it
    text("https:/example.com/a", "https://example.com/a"),
    text("https:///example.com/a", "https://example.com/a"),
    text("https:\\\\example.com\\a\\b", "https://example.com/a/b"),
    text("https://example.com\\@example.org/", "https://example.com/@example.org/"),
    text("https://example.com/a/./b/../c/", "https://example.com/a/c/"),
    text("https://example.com/../a", "https://example.com/a"),
    text("https://example.com/a/%2e%2E/b/%2e", "https://example.com/b/"),
    text("https://example.com//a//", "https://example.com//a//"),
    text("https://example.com/%7Ea", "https://example.com/%7Ea"), // not decoded
    text("https://example.com/~a", "https://example.com/~a"),
    text("https://example.com/%c3%a9", "https://example.com/%c3%a9"), // nor upper-cased
    text("https://example.com/%C3%A9", "https://example.com/%C3%A9"),
    text("https://example.com/\u{e9}", "https://example.com/%C3%A9"),
    text("https://example.com/e\u{301}", "https://example.com/e%CC%81"), // nor composed
    text("https://example.com/%", "https://example.com/%"),
    text("https://example.com/a b\"<>`{}^|[]", "https://example.com/a%20b%22%3C%3E%60%7B%7D%5E|[]"),
    text("https://example.com/\u{0}\u{7f}a", "https://example.com/%00%7Fa"),
    text("https://example.com/;a=1,b", "https://example.com/;a=1,b"),
    text("https://example.com?a", "https://example.com/?a"),
    text("https://example.com/?", "https://example.com/?"), // an empty query stays
    text("https://example.com/?b=2&a=1", "https://example.com/?b=2&a=1"), // not sorted
    text("https://example.com/?a=%20+ '\"<>", "https://example.com/?a=%20+%20%27%22%3C%3E"),
    text("https://example.com/?\u{e9}`{}|^", "https://example.com/?%C3%A9`{}|^"),
    text("https://example.com/?a/../b\\c", "https://example.com/?a/../b\\c"),
    text("https://example.com./", "https://example.com./"), // unlike `net.domain`
    text("https://exam_ple.example/", "https://exam_ple.example/"), // no STD3
    text("https://ex%61mple.com/", "https://example.com/"),
    text("https://example%2Ecom/", "https://example.com/"),
    text("https://localhost/", "https://localhost/"),
    text("https://192.0.2.1/", "https://192.0.2.1/"),
    text("https://0xc0.0.01001/", "https://192.0.2.1/"),
    text("https://3221225985/", "https://192.0.2.1/"),
    text("https://192.0.2.1./", "https://192.0.2.1/"),
    text("https://\u{ff11}92.0.2.1/", "https://192.0.2.1/"),
    text("https://[2001:DB8:0:0:0:0:0:1]:443/", "https://[2001:db8::1]/"),
    text("https://[::ffff:192.0.2.1]/", "https://[::ffff:c000:201]/"),
    refused("https://192.0.2.256/", Reason::UrlSyntax),
    refused("https://1.2.3.4.5/", Reason::UrlSyntax),
    refused("https://example.09/", Reason::UrlSyntax),
    refused("https://[2001:db8::1/", Reason::UrlSyntax),
    refused("https://[fe80::1%25eth0]/", Reason::UrlSyntax),
    refused("https://exam ple.com/", Reason::UrlSyntax),
    refused("https://example.com%20/", Reason::UrlSyntax),
    refused("https://exam%00ple.com/", Reason::UrlSyntax),
    refused("https://example<.com/", Reason::UrlSyntax),
    refused("https://", Reason::UrlSyntax),
    refused("https://@/", Reason::UrlSyntax),
    refused("https://?a", Reason::UrlSyntax),
    refused("http:", Reason::UrlSyntax),
    refused("https://:443/", Reason::UrlSyntax),
    refused("example.com", Reason::NoScheme),
    refused("//example.com/", Reason::NoScheme),
    refused("/a", Reason::NoScheme),
    refused("://example.com/", Reason::NoScheme),
    refused("1https://example.com/", Reason::NoScheme),
    refused("<https://example.com/>", Reason::NoScheme),
    refused("h\u{e9}ttps://example.com/", Reason::NoScheme),
    refused("192.0.2.1/", Reason::NoScheme),
    refused("example.com:8080/a", Reason::UrlScheme), // a scheme like another
    refused("hxxps://example.com/", Reason::UrlScheme), // defanged
    refused("ftp://example.com/", Reason::UrlScheme),
    refused("ws://example.com/", Reason::UrlScheme),
    refused("mailto:alice@example.com", Reason::UrlScheme),
    refused("javascript:alert(1)", Reason::UrlScheme),
    refused("httpss://example.com/", Reason::UrlScheme),
    refused("view-source:https://example.com/", Reason::UrlScheme),
    text("https://b\u{fc}cher.example/\u{fc}", "https://xn--bcher-kva.example/%C3%BC"),
    text("https://FA\u{1e9e}.example/", "https://xn--fa-hia.example/"), // sharp s since Unicode 15.1, ss before
    text("https://example\u{3002}com/", "https://example.com/"),
    refused("https://b\u{200d}c.example/", Reason::UrlSyntax), // joiner out of context
    refused("https://0b.\u{5d0}\u{5d1}/", Reason::UrlSyntax),  // RFC 5893, rule 1
    refused("https://xn--a.example/", Reason::UrlSyntax),
    text("https://\u{1e4d0}.example/", "https://xn--oh5h.example/"), // Unicode 15
    text("https://\u{2ebf0}.example/", "https://xn--8g0n.example/"), // Unicode 15.1
    text("https://\u{105c0}.example/", "https://xn--4u8c.example/"), // Unicode 16
    text("https://\u{a7cb}.example/", "https://xn--3na.example/"),   // Unicode 16, mapped
    text("https://\u{323b0}.example/", "https://xn--031o.example/"), // Unicode 17
    text("https://\u{3e8ac}.example/", "https://xn--t92s.example/"), // Unicode 18
    refused("https://\u{378}.example/", Reason::UrlSyntax),          // not assigned
    text(
        "https://example.com/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "https://example.com/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    ), // 255 bytes
    refused(
        "https://example.com/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        Reason::TooLong,
    ), // 256 bytes
    refused(
        "https://example.com/\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}",
        Reason::TooLong,
    ), // 260 bytes once encoded
    text(
        "https://example.com/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa#ffffffffffffffffffff",
        "https://example.com/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    ), // the bound is on what is left
    refused("", Reason::Empty),
    refused("\u{a0}", Reason::Empty),
    refused("47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", Reason::LooksHashed),
    refused_bytes(b"https://example.com/\xff", Reason::InvalidUtf8),
];
