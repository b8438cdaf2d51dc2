//! Domains and URLs against the conformance files of their standards, and their laws.
//!
//! A row of a file is passed, or differs on purpose and for a reason that stands here; that may be 2 % of the rows.

#![allow(clippy::unwrap_used, clippy::print_stderr)]

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, Ipv6Addr};

use crate::support::forms::{assert_fixed_point, assert_refused, assert_text, canonical};
use crate::support::shared::shared;
use crate::support::uts46::uts46_rows;
use proptest::prelude::*;
use veilmatch::Reason;
use veilmatch::member::identifier::Kind;

/// Rows that differ on purpose, by reason.
#[derive(Default)]
struct Differences {
    by_reason: BTreeMap<&'static str, Vec<String>>,
    wrong: Vec<String>,
}

impl Differences {
    fn take(&mut self, reason: Option<&'static str>, row: String) {
        match reason {
            Some(reason) => self.by_reason.entry(reason).or_default().push(row),
            None => self.wrong.push(row),
        }
    }

    /// Nothing differs without a reason, and at most 2 % of the rows do with one.
    fn require_few_of(self, rows: usize) {
        assert!(self.wrong.is_empty(), "{} wrong\n{}", self.wrong.len(), self.wrong.join("\n"));
        let different: usize = self.by_reason.values().map(Vec::len).sum();
        assert!(50 * different <= rows, "{different} of {rows} rows differ: {:#?}", self.by_reason);
    }
}

// Domains.

fn shown(found: Result<Vec<u8>, Reason>) -> Result<String, Reason> {
    found.map(|bytes| String::from_utf8(bytes).unwrap())
}

/// Column toAsciiN for `email.strict`, behind `a@`.
#[test]
fn the_domains_of_mail_are_those_of_uts_46() {
    let Some(rows) = uts46_rows() else { return };
    let (mut accepted, mut refused, mut differences) = (0, 0, Differences::default());
    for row in &rows {
        let Some(source) = &row.source else {
            differences.take(row.excuse, row.line.clone());
            continue;
        };
        let found = shown(canonical(Kind::EmailStrict, format!("a@{source}")));
        let passed = match &row.ascii {
            Some(ascii) if ascii.len() <= 252 => found == Ok(format!("a@{ascii}")),
            Some(_) => found == Err(Reason::TooLong),
            None => found.is_err(),
        };
        if !passed {
            differences.take(row.excuse, format!("{}: {found:?}", row.line));
        }
        if found.is_ok() { accepted += 1 } else { refused += 1 }
    }
    assert!(accepted > 500 && refused > 2000, "{accepted} accepted, {refused} refused");
    differences.require_few_of(rows.len());
}

/// Whether a resolver would take a name for an address: the WHATWG's "ends in a number".
fn ends_in_a_number(ascii: &str) -> bool {
    let last = ascii.rsplit('.').next().unwrap();
    let hex = last.strip_prefix("0x").is_some_and(|digits| digits.chars().all(|c| c.is_ascii_hexdigit()));
    hex || last.chars().all(|c| c.is_ascii_digit())
}

/// Column toAsciiN for `net.domain`, which by its own rule refuses single labels and addresses.
#[test]
fn domains_are_those_of_uts_46_with_two_labels_and_no_address() {
    let Some(rows) = uts46_rows() else { return };
    let (mut counts, mut differences) = (BTreeMap::new(), Differences::default());
    for row in &rows {
        let Some(source) = &row.source else {
            differences.take(row.excuse, row.line.clone());
            continue;
        };
        let found = shown(canonical(Kind::NetDomain, source));
        let expected = match &row.ascii {
            Some(ascii) if ends_in_a_number(ascii) => Some(Err(Reason::IpAddress)),
            Some(ascii) if !ascii.contains('.') => Some(Err(Reason::SingleLabel)),
            Some(ascii) => Some(Ok(ascii.clone())),
            None => None,
        };
        if expected.as_ref().map_or(found.is_ok(), |expected| found != *expected) {
            differences.take(row.excuse, format!("{}: {found:?}", row.line));
        }
        *counts.entry(found.map_or_else(Reason::name, |_| "accepted")).or_insert(0) += 1;
    }
    let count = |what| counts.get(what).copied().unwrap_or(0);
    assert!(count("accepted") > 300 && count("single_label") > 100 && count("domain") > 2000, "{counts:?}");
    differences.require_few_of(rows.len());
}

/// RFC 2606, RFC 3492 section 7.1, RFC 5891 and the examples of UTS 46 section 4.5.
#[test]
fn published_domains_are_written_as_published() {
    for (raw, expected) in [
        ("EXAMPLE.com", "example.com"),
        ("www.example.org.", "www.example.org"),
        ("B\u{fc}cher.example", "xn--bcher-kva.example"),
        ("fa\u{df}.de", "xn--fa-hia.de"),
        (
            "\u{4ed6}\u{4eec}\u{4e3a}\u{4ec0}\u{4e48}\u{4e0d}\u{8bf4}\u{4e2d}\u{6587}.example",
            "xn--ihqwcrb4cv8a8dqg056pqjye.example",
        ),
        ("\u{dc1}\u{dca}\u{200d}\u{dbb}\u{dd3}.com", "xn--10cl1a0b660p.com"),
        (
            "\u{30d1}\u{30d5}\u{30a3}\u{30fc}de\u{30eb}\u{30f3}\u{30d0}.example",
            "xn--de-jg4avhby1noc0d.example",
        ),
    ] {
        assert_text(Kind::NetDomain, raw, expected);
    }
    for address in ["192.0.2.1", "127.1", "0x7f000001", "::1", "[2001:db8::1]", "192.0.2.1."] {
        assert_refused(Kind::NetDomain, address, Reason::IpAddress);
    }
    for single in ["localhost", "com.", "b\u{fc}cher"] {
        assert_refused(Kind::NetDomain, single, Reason::SingleLabel);
    }
}

// URLs.

/// What `net.url` must make of a row of the WHATWG's `urltestdata.json`.
enum Url {
    Is(String),
    /// Longer than a canonical form can be.
    TooLong,
    Refused(&'static [Reason]),
    /// Relative to its base, which a row of ours never has: refused, or an absolute URL on its own.
    OfItsBase,
}

/// Reads a row; the second is which rule it falls under, for counting.
fn expected_url(row: &serde_json::Value) -> (Url, &'static str) {
    let input = row["input"].as_str().unwrap();
    let outside = |c: char| c <= ' ';
    let bare: String =
        input.trim_matches(outside).chars().filter(|c| !matches!(c, '\t' | '\n' | '\r')).collect();
    let scheme = bare.split_once(':').map(|(scheme, rest)| (scheme.to_ascii_lowercase(), rest));
    let valid = |scheme: &str| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
    };
    match scheme {
        Some((scheme, rest)) if matches!(scheme.as_str(), "http" | "https") => {
            let base = row["base"].as_str();
            let same = base.is_some_and(|base| base.starts_with(&format!("{scheme}:")));
            if same && !rest.starts_with("//") && !rest.starts_with("\\\\") {
                return (Url::OfItsBase, "relative to a base of its own scheme");
            }
            let Some(href) = row["href"].as_str() else {
                return (Url::Refused(&[Reason::UrlSyntax]), "not valid");
            };
            let href = href.split_once('#').map_or(href, |(before, _)| before);
            let (start, authority) = href.split_once("//").unwrap();
            let end = authority.find(['/', '?']).unwrap();
            let host = authority[..end].rsplit_once('@').map_or(&authority[..end], |(_, host)| host);
            let expected = format!("{start}//{host}{}", &authority[end..]);
            (if expected.len() > 255 { Url::TooLong } else { Url::Is(expected) }, "absolute")
        }
        Some((scheme, _)) if valid(&scheme) => (Url::Refused(&[Reason::UrlScheme]), "another scheme"),
        _ => (Url::Refused(&[Reason::NoScheme, Reason::Empty]), "relative"),
    }
}

#[test]
fn urls_are_those_of_the_whatwg() {
    let Some(path) = shared("vectors/wpt_urltestdata.json") else { return };
    let rows: Vec<serde_json::Value> = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let rows: Vec<_> = rows.into_iter().filter(|row| row.is_object()).collect(); // the others are comments
    let (mut counts, mut differences) = (BTreeMap::new(), Differences::default());
    for row in &rows {
        let input = row["input"].as_str().unwrap();
        let (expected, rule) = expected_url(row);
        let found = shown(canonical(Kind::NetUrl, input));
        let passed = match &expected {
            Url::Is(href) => found.as_ref() == Ok(href),
            Url::TooLong => found == Err(Reason::TooLong),
            Url::OfItsBase => found.is_err(),
            Url::Refused(reasons) => found.as_ref().is_err_and(|reason| reasons.contains(reason)),
        };
        if !passed {
            let reason = matches!(expected, Url::OfItsBase).then_some(
                "`http:a` is relative only to a base of its own scheme; without any it is absolute",
            );
            differences.take(reason, format!("{input:?}, {rule}: {found:?}, href {}", row["href"]));
        }
        *counts.entry(rule).or_insert(0) += 1;
    }
    let count = |what| counts.get(what).copied().unwrap_or(0);
    assert!(
        count("absolute") > 100 && count("not valid") > 100 && count("another scheme") > 200,
        "{counts:?}"
    );
    assert!(count("relative") > 100 && count("relative to a base of its own scheme") < 20, "{counts:?}");
    differences.require_few_of(rows.len());
}

/// RFC 3986 sections 5.4 and 6.2, and how the WHATWG standard differs from them.
#[test]
fn published_urls_are_written_as_browsers_do() {
    for (raw, expected) in [
        ("HTTP://www.EXAMPLE.com/", "http://www.example.com/"),
        ("http://example.com", "http://example.com/"),
        ("http://example.com:/", "http://example.com/"),
        ("http://example.com:80/", "http://example.com/"),
        ("http://a/b/c/./../../g", "http://a/g"),
        // RFC 3986 would decode the first and upper-case the second.
        ("http://example.com/%7Esmith", "http://example.com/%7Esmith"),
        ("http://example.com/%3a", "http://example.com/%3a"),
        // The standard since 2025 (whatwg/url 846); in a query it stays.
        ("http://example.com/a^b?c^d", "http://example.com/a%5Eb?c^d"),
        ("https://user:secret@example.com/account#balance", "https://example.com/account"),
    ] {
        assert_text(Kind::NetUrl, raw, expected);
    }
    for (raw, reason) in [
        ("www.example.com/account", Reason::NoScheme),
        ("//example.com/", Reason::NoScheme),
        ("ftp://example.com/", Reason::UrlScheme),
        ("example.com:8080", Reason::UrlScheme),
        ("https://exam ple.com/", Reason::UrlSyntax),
        ("https://", Reason::UrlSyntax),
    ] {
        assert_refused(Kind::NetUrl, raw, reason);
    }
    let long = format!("https://example.com/{}", "a".repeat(235));
    assert_text(Kind::NetUrl, &long, &long);
    assert_refused(Kind::NetUrl, &format!("{long}a"), Reason::TooLong);
}

// Laws.

/// In canonical form already.
fn domain() -> impl Strategy<Value = String> {
    "[a-z0-9]([a-z0-9-]?[a-z0-9]){0,5}(\\.[a-z0-9]{1,8}){0,3}\\.[a-z][a-z0-9]{0,6}"
}

/// What of a URL is matched, in canonical form: host, port, path and query.
fn url() -> impl Strategy<Value = String> {
    let host = prop_oneof![
        4 => domain(),
        1 => any::<[u8; 4]>().prop_map(|octets| Ipv4Addr::from(octets).to_string()),
        1 => any::<[u16; 8]>().prop_map(|groups| format!("[{}]", Ipv6Addr::from(groups.map(|group| group | 0x8000)))),
    ];
    let port = prop_oneof![3 => Just(String::new()), 1 => (1024u16..).prop_map(|port| format!(":{port}"))];
    let path = "/([a-zA-Z0-9~_:@!$&()*+,;=-]{1,6}/){0,3}([a-zA-Z0-9_-]{1,6}(%[0-9A-F]{2})?)?";
    let query = prop_oneof!["", "\\?[a-z0-9=&%+/?-]{0,12}"];
    (prop_oneof!["http", "https"], host, port, path, query)
        .prop_map(|(scheme, host, port, path, query)| format!("{scheme}://{host}{port}{path}{query}"))
}

/// Letters in the case that `upper` says, bit by bit.
fn recased(text: &str, upper: u64) -> String {
    let recase = |(place, c): (usize, char)| match upper >> (place % 64) & 1 {
        1 => c.to_ascii_uppercase(),
        _ => c,
    };
    text.chars().enumerate().map(recase).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn case_and_the_final_dot_of_a_domain_change_nothing(domain in domain(), upper in any::<u64>()) {
        assert_text(Kind::NetDomain, &domain, &domain);
        assert_text(Kind::NetDomain, &recased(&domain, upper), &domain);
        assert_text(Kind::NetDomain, &format!(" {}.\u{feff}", recased(&domain, upper)), &domain);
        assert_fixed_point(Kind::NetDomain, &domain);
    }

    #[test]
    fn a_domain_is_the_domain_of_an_address(domain in "(xn--)?[\\PC]{0,20}(\\.[a-zA-Z0-9\u{fc}\u{df}\u{5d0}_-]{0,8}){0,3}") {
        if let Ok(form) = canonical(Kind::NetDomain, &domain) {
            let form = String::from_utf8(form).unwrap();
            if form.len() <= 252 {
                assert_text(Kind::EmailStrict, &format!("a@{}", domain.trim_matches(|c: char| c <= ' ' || "\u{feff}\u{a0}\u{2007}\u{202f}".contains(c))), &format!("a@{form}"));
            }
            assert_fixed_point(Kind::NetDomain, &form);
        }
    }

    #[test]
    fn what_does_not_say_what_is_fetched_changes_nothing(
        url in url(),
        upper in any::<u64>(),
        user in "([a-z%@:]{0,8}@)?",
        fragment in "(#[ -~]{0,300})?",
        white in "[\t\n\r]{0,3}",
    ) {
        assert_text(Kind::NetUrl, &url, &url);
        let (scheme, rest) = url.split_once("://").unwrap();
        let end = rest.find('/').unwrap();
        let (authority, path) = rest.split_at(end);
        let (scheme, authority) = (recased(scheme, upper), recased(authority, upper >> 8));
        assert_text(Kind::NetUrl, &format!("{white}{scheme}://{user}{authority}{path}{fragment}"), &url);
        let bare = authority.rsplit_once(':').is_none_or(|(_, port)| port.ends_with(']'));
        if bare {
            let default = if scheme.len() == 4 { 80 } else { 443 };
            assert_text(Kind::NetUrl, &format!("{scheme}:{white}//{authority}:0{default}{path}"), &url);
        }
    }

    #[test]
    fn distinct_domains_and_urls_stay_distinct(domains in (domain(), domain()), urls in (url(), url())) {
        for (kind, (one, other)) in [(Kind::NetDomain, domains), (Kind::NetUrl, urls)] {
            prop_assert_eq!(one == other, canonical(kind, &one).unwrap() == canonical(kind, &other).unwrap());
        }
    }

    #[test]
    fn any_text_behind_a_scheme_has_one_form(rest in "[\\PC\t\\\\/@:%#?.\\[\\]]{0,60}", slashes in "[/\\\\]{0,3}") {
        assert_fixed_point(Kind::NetUrl, &format!("https:{slashes}{rest}"));
        assert_fixed_point(Kind::NetUrl, &rest);
        assert_fixed_point(Kind::NetUrl, &format!("http://example.com/{rest}"));
    }
}

#[test]
fn long_urls_of_any_repetition_have_a_form_or_none() {
    for unit in [
        "/", "../", "a/../", "%2e./", "@", "a@", ":", "[", "#", "?", "\t", "%", "%41", "\u{fc}", "\u{ad}",
        "1.", "xn--", ".", "&",
    ] {
        for before in
            ["", "https:", "https://", "https://a/", "https://a?", "https://a:b@", "https://[", "https://a:"]
        {
            let text = format!("{before}{}", unit.repeat(65_536 / unit.len()));
            assert_fixed_point(Kind::NetUrl, &text);
        }
    }
}
