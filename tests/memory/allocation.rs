//! Memory: what is promised to allocate nothing is counted, and so is what a hostile header asks for.

use std::fs::File;
use std::io::{Seek as _, SeekFrom, Write as _};

use crate::counting::counted;
use crate::support::files::{Forger, reader_of, sha256, small_files, written};
use crate::support::hub::set_of;
use veilmatch::SetFile;
use veilmatch::container::{CHUNK_RECORDS, HEADER_LEN};
use veilmatch::screen::ScreenIndex;

#[test]
fn the_allocator_counts() {
    assert_eq!(counted(|| std::hint::black_box(Box::new(7u64))).0, (1, 8));
    assert_eq!(counted(|| std::hint::black_box(vec![0u8; 100])).0, (1, 100));
    assert_eq!(counted(|| std::hint::black_box([7u64; 9])).0, (0, 0));
}

/// A header that speaks of more than there is costs no more memory than the header itself.
#[test]
fn hostile_sizes_are_refused_before_anything_is_allocated_for_them() {
    const HUGE: &str = "9007199254740991"; // 2^53 - 1
    for (what, file, _) in small_files() {
        let forged = Forger::of(&file);
        let document = format!("\"bytes\":{}", forged.names.len());
        let mut edits = vec![match what {
            "set" => vec![
                ("\"tokens\":40", format!("\"tokens\":{HUGE}")),
                ("\"rows\":40,\"accepted\":40", format!("\"rows\":{HUGE},\"accepted\":{HUGE}")),
            ],
            "set that follows another" => vec![
                ("\"tokens\":35", format!("\"tokens\":{HUGE}")),
                ("\"rows\":35,\"accepted\":35", format!("\"rows\":{HUGE},\"accepted\":{HUGE}")),
            ],
            "delta" => vec![("\"added\":5", format!("\"added\":{HUGE}"))],
            "notice with names" | "notice with counts" => {
                vec![("\"tokens\":5", format!("\"tokens\":{HUGE}"))]
            }
            "links" => vec![("\"tokens\":18", format!("\"tokens\":{HUGE}"))],
            "trail" | "statement" => vec![(&*document, format!("\"bytes\":{HUGE}"))],
            "prefilter" => vec![("\"bytes\":48", "\"bytes\":9007199254740976".to_owned())],
            "prefilter in blocks" => vec![("\"bytes\":64", "\"bytes\":9007199254740960".to_owned())],
            _ => vec![("\"tokens\":20", format!("\"tokens\":{HUGE}"))],
        }];
        if what == "links" {
            edits.push(vec![(&*document, format!("\"bytes\":{HUGE}"))]);
        }
        if what == "overlaps" {
            edits.push(vec![("\"bytes\":4096", format!("\"bytes\":{HUGE}"))]);
        }
        for edits in edits {
            let forged = edits.iter().fold(forged.clone(), |forged, (from, to)| forged.replace(from, to));
            let (bytes, read) = (forged.file(), reader_of(&forged.file_type));
            let ((_, allocated), result) = counted(|| read(&bytes));
            let Err(veilmatch::Error::Format { expected, .. }) = result else { panic!("{what}") };
            let by = match what {
                "links" | "trail" | "statement" => {
                    "a document of at most 1 GiB, of links and requests 1 MiB, and fewer than 2^32 records"
                }
                _ => "exactly the length that the header tells",
            };
            assert!(expected.starts_with(by), "{what}: {expected}");
            assert!(allocated < 64 * 1024, "{what}: {allocated} bytes");
        }
    }
}

/// The header page of a set that tells so many tokens.
fn page_telling(tokens: u64) -> Vec<u8> {
    let good = Forger::of(&written(|out| set_of("bank-a", 0..40).write_to(out)));
    let forged = good
        .replace("\"tokens\":40", &format!("\"tokens\":{tokens}"))
        .replace("\"rows\":40,\"accepted\":40", &format!("\"rows\":{tokens},\"accepted\":{tokens}"));
    forged.file()[..HEADER_LEN].to_vec()
}

/// 64 GiB of tokens and more, told by a sparse file: its index, of 192 MiB and more, is refused at its beginning.
#[test]
fn a_sparse_file_costs_no_memory_for_what_it_tells() {
    let folder = tempfile::tempdir().unwrap();
    for tokens in [1u64 << 32, 1 << 36] {
        let path = folder.path().join("sparse.vms");
        let mut file = File::create(&path).unwrap();
        file.write_all(&page_telling(tokens)).unwrap();
        file.set_len(HEADER_LEN as u64 + 16 * tokens + 48 * (tokens / 1024) + 96).unwrap();
        let ((_, allocated), opened) = counted(|| SetFile::open(&path));
        let error = opened.unwrap_err().to_string();
        assert!(error.contains("tokens in ascending order, each once"), "{error}");
        assert!(allocated < 1 << 20, "{tokens}: {allocated} bytes");
    }
}

/// An index that is all there and under its root, over tokens that are a hole.
#[test]
fn an_index_costs_no_memory_for_tokens_that_are_not_there() {
    const CHUNKS: u64 = 1 << 14; // 256 MiB of tokens
    let tokens = CHUNKS * CHUNK_RECORDS as u64;
    let page = page_telling(tokens);
    let entry = |chunk: u64| [&chunk.to_be_bytes()[..], &[0; 40]].concat();
    let index = (0..CHUNKS).map(entry).collect::<Vec<_>>().concat();
    let root = sha256(&[b"veilmatch/1 root", &[0, 3], b"set", &page, &tokens.to_be_bytes(), &index]);

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hollow.vms");
    let mut file = File::create(&path).unwrap();
    file.write_all(&page).unwrap();
    file.seek(SeekFrom::Current(16 * tokens as i64)).unwrap();
    file.write_all(&[index, root, vec![0; 64]].concat()).unwrap();

    let ((_, allocated), opened) = counted(|| SetFile::open(&path));
    let hollow = opened.unwrap();
    assert!(allocated < 3 * 48 * CHUNKS, "{allocated} bytes for the index");
    let ((_, allocated), loaded) = counted(|| hollow.load());
    assert_eq!(loaded.unwrap_err().code(), "format");
    assert!(allocated < 4 << 20, "{allocated} bytes to load it");
    // The prefilter is made for all of them, the tokens are kept as they come.
    let ((_, allocated), screened) = counted(|| ScreenIndex::from_file(hollow, u64::MAX));
    assert_eq!(screened.unwrap_err().code(), "format");
    assert!(allocated < 2 * tokens + (4 << 20), "{allocated} bytes to screen it");
}

#[cfg(feature = "member")]
mod member {
    use veilmatch::member::identifier::{Canonical, Canonicalizer, Kind};

    use super::counted;
    use crate::support::member::tokenizer;

    /// Valid and invalid values of each kind, in several spellings.
    const VALUES: &[(Kind, &[&str])] = &[
        (Kind::BankBic, &["DEUTDEFF", "deutdeffxxx", "DEUTDEFF500", "E097AEXX", "DEUT12FF", "DEUT DE FF"]),
        (
            Kind::BankIban,
            &[
                "DE89370400440532013000",
                "de89 3704 0044 0532 0130 00",
                "\tGB29 NWBK 6016 1331 9268 19\r",
                "MT84MALT011000012345MTLCAST001S",
                "NO9386011117947",
                "DE88370400440532013000",
                "XX00123456789012",
                "GB29-NWBK-6016-1331-9268-19",
                "DE89",
                "ＤＥ89370400440532013000",
            ],
        ),
        (
            Kind::CardPan,
            &[
                "4111111111111111",
                "5500 0000 0000 0004",
                "3782-822463-10005",
                "9999100000001562",
                "4111111111111112",
                "411111XXXXXX1111",
                "4111111111111111=2912",
                "0000000000000000",
                "4111  1111 1111 1111",
                "123",
            ],
        ),
        (
            Kind::CardPar,
            &[
                "V0010013019339005665779448477",
                "V001-0013019339005665779448477",
                "v0010013019339005665779448477",
            ],
        ),
        (
            Kind::CryptoBtc,
            &[
                "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
                "3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy",
                "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
                "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4",
                "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0",
                "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5",
                "bC1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
                "tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx",
                "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb",
                "mipcBbFg9gMiCh81Kj8tqqdgoZub1ZJRfn",
                "0OIl",
            ],
        ),
        (
            Kind::CryptoBch,
            &[
                "bitcoincash:qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a",
                "1KXrWXciRDZUpQwQmuM1DbwsKDLYAYsVLR",
                "PR95SY3J9XWD2AP32XKYKTTR4CVCU7AS4YC93KY28E",
                "bchtest:pr6m7j9njldwwzlg9v7v53unlr4jkmx6eyvwc0uz5t",
                "bitcoincash:qqqqqqqqqqqq",
            ],
        ),
        (
            Kind::CryptoLtc,
            &[
                "M7zVKQKmtV5Rc7erVGVVC3khZbXxsS5HEX",
                "31nM1WuowNDzocNxPPW9NQWJEtwWpjfcLj",
                "ltc1qqypqxpq9qcrsszg2pvxq6rs0zqg3yyc5dyg36p",
                "ltcmweb1qq",
                "LTC1QQ",
            ],
        ),
        (
            Kind::CryptoTrx,
            &[
                "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t",
                "41a614f803b6fd780986a42c78ec9c7f77e6ded13c",
                "a0a614f803b6fd780986a42c78ec9c7f77e6ded13c",
                "TR7NH",
            ],
        ),
        (
            Kind::CryptoXmr,
            &[
                "44AFFq5kSiGBoZ4NMDwYtN18obc8AemS33DBLWs3H7otXft3XjrpDtQGv7SqSsaBYBb98uNbr2VBBEt7f2wfn3RVGQBEP3A",
                "888tNkZrPN6JsEgekjMnABU4TBzc2Dt29EPAvkRxbANsAnjyPbb3iQ1YBRk1UXcdRsiKc9dhwMVgN5S9cQUiyoogDavup3H",
                "44AFFq5kSiGBoZ4NMDwYtN18obc8AemS33DBLWs3H7otXft3XjrpDtQGv7SqSsaBYBb98uNbr2VBBEt7f2wfn3RVGQBEP3B",
                "44AFF",
            ],
        ),
        (
            Kind::CryptoEvm,
            &[
                "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
                "0X52908400098527886E0F7030069857D2E4169EE7",
                "52908400098527886e0f7030069857d2e4169ee7",
                "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD",
                "0x0000000000000000000000000000000000000000",
                "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeA",
                "0xgggggggggggggggggggggggggggggggggggggggg",
            ],
        ),
        (
            Kind::DeviceImei,
            &["260531793113837", "35-209900-176148-1", "3520990017614823", "352099001761482", "35--209900"],
        ),
        (Kind::EmailMailbox, EMAILS),
        (Kind::EmailStrict, EMAILS),
        (Kind::MerchantMid, &["123456/MERCHANT0000001", "1/Shop 7  ", "MERCHANT", "123456/\u{c4}", "A/B"]),
        (
            Kind::NetDomain,
            &[
                "example.com",
                "WWW.EXAMPLE.COM.",
                "localhost",
                "192.0.2.1",
                "[2001:db8::1]",
                "exa_mple.com",
                "b\u{fc}cher.example",
                "BU\u{308}CHER.example",
                "xn--bcher-kva.example",
                "例え。テスト",
                "a\u{200d}b.example",
            ],
        ),
        (
            Kind::NetIp,
            &[
                "91.198.174.192",
                "2A02:EC80:300:ED1A::1",
                "::ffff:91.198.174.192",
                "[2a02:ec80:300:ed1a::1]",
                "127.0.0.1",
                "::1",
                "91.198.174.0192",
                "91.198.174.192:8080",
                "91.198.174.192/24",
                "fe80::1%eth0",
                "2a02:::1",
                "256.1.1.1",
            ],
        ),
        (Kind::PaypalId, &["QYR5Z8XDVJNXQ", "qyr5z8xdvjnxq", "QYR5Z8XDVJNX0", "QYR5Z8XDVJNX"]),
        (
            Kind::PhoneE164,
            &[
                "+447700900101",
                "+44 (0)7700 900101",
                "0044 7700-900102",
                "+1 (212) 555-0100",
                "+883 5100 123456",
                "+39 (0)6 0000 0000",
                "+54 9 11 0000 0000",
                "+7 (8) 495 000 0000",
                "+999 000 0000",
                "07700 900103",
                "+44 7700 900104 ext 77",
                "+",
                "+999999999999999999",
                "++44 7700 900101",
            ],
        ),
    ];

    const EMAILS: &[&str] = &[
        "alice@example.com",
        "Marker.One+Tag@GoogleMail.com",
        "a.l.i.c.e+x@GMAIL.COM.",
        "o'brien#1@sub.domain.with.many.labels.and.more.of.them.example.co.uk",
        "test@example.com",
        "no at sign",
        "two@at@signs.example",
        ".dot@example.com",
        "märker@example.com",
        "a@",
        "@b",
        "a@b..c",
        "a@exa_mple.com",
        "a@-.example",
        "a@bücher.example",
        "a@BÜCHER.Example.",
        "a@bu\u{308}cher.example",
        "a@xn--bcher-kva.example",
        "a@XN--BCHER-KVA.EXAMPLE",
        "a@faß.de",
        "a@例え.テスト",
        "a@例え。テスト",
        "a@xn--r8jz45g.xn--zckzah",
        "a@пример.испытание",
        "a@ПРИМЕР.РФ",
        "a@παράδειγμα.δοκιμή",
        "a@ΠΑΡΆΔΕΙΓΜΑ.ΔΟΚΙΜΉ",
        "a@مثال.إختبار",
        "a@דוגמה.טעסט",
        "a@उदाहरण.परीक्षा",
        "a@உதாரணம்.பரிட்சை",
        "a@ตัวอย่าง.ไทย",
        "a@실례.테스트",
        "a@\u{1109}\u{1175}\u{11af}\u{1105}\u{1168}.kr",
        "a@ｆｕｌｌｗｉｄｔｈ．ｅｘａｍｐｌｅ",
        "a@ﷺ.example",
        "a@नी\u{200d}.example",
        "a@क्\u{200d}ष.example",
        "a@a\u{200c}b.example",
        "a@\u{301}a.example",
        "a@bücher_.example",
        "a@bü cher.example",
        "a@ü..example",
        "a@xn--.example",
        "a@xn--a.example",
        "a@xn--0.example",
        "a@xn--bcher-kva\u{ad}.example",
        "a@xn-\u{ad}-foo.example",
        "a@אa.example",
        "a@0א.example",
        "a@☃.net",
        "a@straße.münchen.bayern.deutschland.europa.erde.example",
        "a@Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbau.example",
        "a@\u{e000}.example",
    ];

    /// What a value is near to: cut short, with one byte changed, surrounded, doubled.
    fn around(value: &str) -> Vec<Vec<u8>> {
        let bytes = value.as_bytes();
        let mut all: Vec<Vec<u8>> = (0..=bytes.len()).map(|len| bytes[..len].to_vec()).collect();
        for at in 0..bytes.len() {
            for byte in [b'0', b'a', b'Z', b' ', b'.', b'-', b'@', 0, 0xc3, 0xff] {
                let mut changed = bytes.to_vec();
                changed[at] = byte;
                all.push(changed);
            }
        }
        all.push([b" \t", bytes, b"\r "].concat());
        all.push(format!("\u{feff}{value}\u{a0}").into_bytes());
        all.push(bytes.repeat(2));
        all.push(bytes.repeat(1000));
        all
    }

    const DIGESTS: [&str; 2] = [
        "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=",
    ];

    #[test]
    fn canonical_forms_and_tokens_allocate_nothing() {
        for &(kind, values) in VALUES {
            let plain = Canonicalizer::new(kind);
            let planned = plain.clone().with_national_plan("44/0".parse().unwrap());
            let tokenizer = tokenizer(kind);
            let (mut accepted, mut rejected) = (0, 0);
            let values = values.iter().chain(&DIGESTS).flat_map(|value| around(value));
            for raw in values {
                let shown = String::from_utf8_lossy(&raw);
                for canonicalizer in [&plain, &planned] {
                    let mut out = Canonical::new();
                    let (allocated, outcome) = counted(|| canonicalizer.canonicalize(&raw, &mut out));
                    assert_eq!(allocated, (0, 0), "{kind}: {shown:?}");
                    *(if outcome.is_ok() { &mut accepted } else { &mut rejected }) += 1;
                }
                let (allocated, _) = counted(|| tokenizer.token(&raw));
                assert_eq!(allocated, (0, 0), "{kind}, token: {shown:?}");
            }
            assert!(accepted > 10 && rejected > 10, "{kind}: {accepted} accepted, {rejected} rejected");
        }
    }

    /// Opaque values, of any bytes, and what is too long for one.
    #[test]
    fn opaque_values_allocate_nothing() {
        let kind: Kind = "opaque.case-no".parse().unwrap();
        let (canonicalizer, tokenizer) = (Canonicalizer::new(kind), tokenizer(kind));
        for length in [0, 1, 64, 255, 256, 65_536] {
            let raw = vec![0xc3; length];
            let mut out = Canonical::new();
            let (allocated, outcome) = counted(|| canonicalizer.canonicalize(&raw, &mut out));
            assert_eq!((allocated, outcome.is_ok()), ((0, 0), matches!(length, 1..=255)), "{length}");
            assert_eq!(counted(|| tokenizer.token(&raw)).0, (0, 0), "{length}");
        }
    }

    /// URLs are parsed by the package `url`, which allocates: some times the length of the value, and never where the
    /// value has no scheme of ours.
    #[cfg(feature = "url")]
    #[test]
    fn urls_allocate_a_few_times_their_length() {
        let canonicalizer = Canonicalizer::new(Kind::NetUrl);
        let allocated = |raw: &str| {
            let mut out = Canonical::new();
            counted(|| canonicalizer.canonicalize(raw.as_bytes(), &mut out)).0
        };
        for raw in ["example.com/a", "ftp://example.com/", "mailto:a@example.com"] {
            assert_eq!(allocated(raw), (0, 0), "{raw}");
        }
        for raw in [
            "https://example.com/",
            "https://user@example.com:8443/a/../b?c#d",
            "https://b\u{fc}cher.example/",
        ] {
            let (calls, bytes) = allocated(raw);
            assert!((1..=20).contains(&calls) && bytes <= 1024, "{raw}: {calls} calls, {bytes} bytes");
        }
        let long = format!("https://example.com/{}", "a/../".repeat(13_000));
        let (calls, bytes) = allocated(&long);
        assert!(calls <= 40 && bytes <= 8 * long.len() as u64, "{calls} calls, {bytes} bytes");
    }

    /// Room for a batch, whatever the number of values.
    #[test]
    fn tokens_of_many_values_allocate_once() {
        let tokenizer = tokenizer(Kind::CardPan);
        let values = ["4111111111111111", "5500 0000 0000 0004", "9999100000001562", "123"].repeat(1000);
        let ((calls, bytes), tokens) =
            counted(|| tokenizer.tokens(&values).filter(|outcome| matches!(outcome, Ok(Some(_)))).count());
        assert!(tokens >= 1000);
        assert!(calls <= 2 && bytes <= 8192, "{calls} calls, {bytes} bytes");
    }

    /// The package `idna` keeps what it works on in buffers of fixed size and allocates beyond them. Its
    /// bounds, each exact: a domain that reaches one allocates nothing, one that passes it does.
    #[cfg(feature = "idna")]
    #[test]
    fn international_domains_allocate_beyond_the_buffers_of_idna_alone() {
        let canonicalizer = Canonicalizer::new(Kind::EmailStrict);
        let allocated = |domain: &str| {
            let mut out = Canonical::new();
            let raw = format!("a@{domain}");
            let (allocated, outcome) = counted(|| canonicalizer.canonicalize(raw.as_bytes(), &mut out));
            (allocated, outcome.is_ok())
        };
        let within =
            |domain: &str, accepted: bool| assert_eq!(allocated(domain), ((0, 0), accepted), "{domain}");
        let beyond = |domain: &str, accepted: bool| {
            let ((calls, bytes), outcome) = allocated(domain);
            assert!(
                (1..=20).contains(&calls) && bytes <= 128 * 1024,
                "{domain}: {calls} calls, {bytes} bytes"
            );
            assert_eq!(outcome, accepted, "{domain}");
        };

        // Eight labels, from the first one on that is not lower-case letters, digits and inner hyphens
        // after a letter; the empty one after a final dot counts.
        within(&format!("ü{}", ".a".repeat(7)), true);
        beyond(&format!("ü{}", ".a".repeat(8)), true);
        beyond(&format!("ü{}.", ".a".repeat(7)), true);
        within(&format!("xn--tda{}", ".a".repeat(7)), true);
        beyond(&format!("xn--tda{}", ".a".repeat(8)), true);
        within(&format!("{}ü", "1.".repeat(7)), true);
        beyond(&format!("{}ü", "A.".repeat(8)), true);
        within(&format!("{}ü.a", "a.".repeat(100)), true);

        // 17 combining marks in a row; a character that decomposes to more counts as many.
        within(&format!("a{}", "\u{301}".repeat(17)), true);
        beyond(&format!("a{}", "\u{301}".repeat(18)), true);
        within("ﷺ", false);
        beyond("ﷺ\u{301}", false);

        // 253 characters from the label as above, and 59 that a label in Punycode stands for: more than DNS
        // can hold, so rejected in the end.
        within(&"ü".repeat(253), false);
        beyond(&"ü".repeat(254), false);
        within(&format!("xn--{}", "a".repeat(59)), false);
        beyond(&format!("xn--{}", "a".repeat(60)), false);

        // The most that our own bound on the domain's bytes lets through.
        beyond(&format!("ü{}", ".a".repeat(511)), false);
        beyond(&format!("ü{}", ".".repeat(1022)), false);
        beyond(&format!("xn--{}", "a".repeat(1020)), false);
        beyond(&format!("a{}", "\u{301}".repeat(511)), false);
    }
}
