//! Silence: no message, debug form or report has anything of a raw value, canonical form, token or key.
//!
//! Every value below stands in no other place. What the library says of them is searched for each, in
//! several spellings; a control proves that the search finds them.

use std::fmt::Debug;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use crate::support::examples::program;
use crate::support::hub::{name, set_of};
use crate::support::member::{context, on_chosen_backend, secret, tokenizer};
use ring::hkdf;
use veilmatch::container::HEADER_LEN;
use veilmatch::member::identifier::{Canonical, Canonicalizer, Kind, NationalPlan, SuppressionList};
use veilmatch::member::key::{CoalitionSecret, TokenKey};
use veilmatch::member::resolve::resolve;
use veilmatch::member::rows::{Column, CsvRows, Rows};
use veilmatch::member::tokenize::{Backend, Tokenized, Tokenizer};
use veilmatch::report::KindReport;
use veilmatch::terms::{KeyContext, KeyId, KindId, RoundDigest, Terms};
use veilmatch::{
    Disclosure, Error, Intersection, Metadata, Overlaps, Prefilter, Progress, Report, Share, Token, TokenSet,
};

/// What the members have, kind by kind: two valid values, then invalid ones.
const VALUES: [(Kind, [&str; 2], [&str; 3]); Kind::ALL.len()] = [
    (Kind::BankBic, ["MARKDEF1XXX", "mrkrdeff500"], ["MARKDEF", "MARK12FF", "MARK DE F2"]),
    (
        Kind::BankIban,
        ["DE89 3704 0044 0532 0130 00", "gb29nwbk60161331926819"],
        ["DE88370400440532013000", "XX0012345678MARKER", "GB29-NWBK-6016-1331-9268-19"],
    ),
    (
        Kind::CardPan,
        ["9999 1000 0000 1562", "9999-1000-0000-2933"],
        ["9999100000001563", "999910XXXXXX1562", "9999100000002933=2912"],
    ),
    (
        Kind::CardPar,
        ["M4RK0010013019339005665779448", "500150F5DE22SND132Y6PR32MARKR"],
        ["m4rk0010013019339005665779448", "M4RK001001301933900566577944", "M4RK-0010013019339005665779448"],
    ),
    (
        Kind::CryptoBch,
        ["bitcoincash:qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a", "1KXrWXciRDZUpQwQmuM1DbwsKDLYAYsVLR"],
        [
            "bitcoincash:qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6q",
            "pr6m7j9njldwwzlg9v7v53unlr4jkmx6eyvwc0uz5t",
            "bitcoincash:markermarker",
        ],
    ),
    (
        Kind::CryptoBtc,
        ["1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4"],
        [
            "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb",
            "tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx",
            "bc1markermarker",
        ],
    ),
    (
        Kind::CryptoEvm,
        ["0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "FB6916095ca1df60bB79Ce92cE3Ea74c37c5d359"],
        [
            "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAe",
            "0xMARKERmarker",
            "0xfb6916095ca1df60bb79ce92ce3ea74c37c5d35900",
        ],
    ),
    (
        Kind::CryptoLtc,
        ["M7zVKQKmtV5Rc7erVGVVC3khZbXxsS5HEX", "LTC1QQYPQXPQ9QCRSSZG2PVXQ6RS0ZQG3YYC5DYG36P"],
        ["M7zVKQKmtV5Rc7erVGVVC3khZbXxsS5HEY", "ltc1markermarker", "ltcmweb1markermarker"],
    ),
    (
        Kind::CryptoTrx,
        ["TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t", "410102030405060708090a0b0c0d0e0f1011121314"],
        ["TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6u", "a00102030405060708090a0b0c0d0e0f1011121314", "TmarkerMARKER"],
    ),
    (
        Kind::CryptoXmr,
        [
            "44AFFq5kSiGBoZ4NMDwYtN18obc8AemS33DBLWs3H7otXft3XjrpDtQGv7SqSsaBYBb98uNbr2VBBEt7f2wfn3RVGQBEP3A",
            "888tNkZrPN6JsEgekjMnABU4TBzc2Dt29EPAvkRxbANsAnjyPbb3iQ1YBRk1UXcdRsiKc9dhwMVgN5S9cQUiyoogDavup3H",
        ],
        [
            "44AFFq5kSiGBoZ4NMDwYtN18obc8AemS33DBLWs3H7otXft3XjrpDtQGv7SqSsaBYBb98uNbr2VBBEt7f2wfn3RVGQBEP3B",
            "44AFFq5kSiGBoZ4NMDwYtN18obc8AemS33DBLWs3H7otXft3XjrpDtQGv7SqSsaBYBb98uNbr2VBBEt7f2wfn3RVGQBEP3A1",
            "4markerMARKER",
        ],
    ),
    (
        Kind::DeviceImei,
        ["35-209900-176148-1", "2605317931138378"],
        ["352099001761482", "352099/00/176148/2", "35--209900-176148"],
    ),
    (
        Kind::EmailMailbox,
        ["Marker.One+Tag@GoogleMail.com", "marker-two@buecher.example"],
        ["marker-three", "marker@four@example.com", "märker-five@example.com"],
    ),
    (
        Kind::EmailStrict,
        ["Marker.Six@Example.COM", "marker-seven@example.org"],
        [".marker-eight@example.com", "marker-nine@exa_mple.com", "marker ten@example.com"],
    ),
    (
        Kind::MerchantMid,
        ["773311/Marker Shop 1", "773312/MARKER0000002"],
        ["MARKER0000003", "marker/0000004", "773313/MARKER00000000000005"],
    ),
    (
        Kind::NetDomain,
        ["Marker-One.Example.COM.", "marker-zwei.example.org"],
        ["marker-three", "marker_four.example.com", "77.33.11.0x5"],
    ),
    (
        Kind::NetIp,
        ["91.198.174.192", "2A02:EC80:300:ED1A::1"],
        ["91.198.174.193:8080", "91.198.174.0195", "2a02:ec80:300:ed1b:::1"],
    ),
    #[cfg(feature = "url")]
    (
        Kind::NetUrl,
        ["https://marker-user:marker-word@Example.COM/Marker?one#Two", "http://marker.example:80/zwö"],
        ["marker.example/three", "ftp://marker.example/four", "https://marker five.example/"],
    ),
    (Kind::PaypalId, ["MARKER2345678", "mrkrmrkrmrkr9"], ["MARKER234567", "MARKER2345670", "MARKER23456789"]),
    (
        Kind::PhoneE164,
        ["+44 (0)7700 900101", "0044 7700 900102"],
        ["07700 900103", "+44 7700 900104 ext 77", "+44MARKER77"],
    ),
];

/// What else stands in files and must not be repeated.
const ELSEWHERE: [&str; 4] =
    ["Marker-Header-Eleven", "marker header twelve", "Marker-Cell-Thirteen", "märker-cell-vierzehn"];

/// A text that must not occur, in lower case and without white space.
struct Needle {
    what: String,
    text: String,
}

static NEEDLES: LazyLock<Vec<Needle>> = LazyLock::new(needles);

fn squeezed(text: &str) -> String {
    text.to_lowercase().split_whitespace().collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Bytes as they show in hex, as a list and as an array of hex; their beginning suffices.
fn byte_needles(what: &str, bytes: &[u8], needles: &mut Vec<Needle>) {
    let beginning = &bytes[..bytes.len().min(8)];
    let list = beginning.iter().map(u8::to_string).collect::<Vec<_>>().join(",");
    let array = beginning.iter().map(|byte| format!("{byte:#x}")).collect::<Vec<_>>().join(",");
    let short_array = beginning.iter().map(|byte| format!("{byte:x}")).collect::<Vec<_>>().join(",");
    for text in [hex(beginning), list, array, short_array] {
        needles.push(Needle { what: format!("{what}, bytes"), text });
    }
}

fn needles() -> Vec<Needle> {
    let mut needles = Vec::new();
    let text = |what: &str, text: &str| Needle { what: what.to_owned(), text: squeezed(text) };
    for (kind, valid, invalid) in VALUES {
        for raw in valid.iter().chain(&invalid) {
            needles.push(text(&format!("{kind} raw"), raw));
            byte_needles(&format!("{kind} raw"), raw.as_bytes(), &mut needles);
        }
        let (canonicalizer, tokenizer) = (Canonicalizer::new(kind), tokenizer(kind));
        for raw in valid {
            let mut canonical = Canonical::new();
            canonicalizer.canonicalize(raw.as_bytes(), &mut canonical).expect("a valid value");
            if let Ok(readable) = std::str::from_utf8(canonical.as_bytes()) {
                needles.push(text(&format!("{kind} canonical"), readable));
            }
            byte_needles(&format!("{kind} canonical"), canonical.as_bytes(), &mut needles);
            let token = tokenizer.token(raw.as_bytes()).unwrap().expect("not suppressed");
            byte_needles(&format!("{kind} token"), token.as_bytes(), &mut needles);
            byte_needles(&format!("{kind} token's end"), &token.as_bytes()[8..], &mut needles);
        }
        byte_needles(&format!("{kind} token key"), &token_key(&context(kind)), &mut needles);
    }
    ELSEWHERE.iter().for_each(|other| needles.push(text("elsewhere in a file", other)));
    let line = secret().to_line();
    needles.push(text("the secret's line", &line));
    needles.push(text("the secret's line, its middle", &line[20..32]));
    byte_needles("the secret", &SECRET, &mut needles);
    byte_needles("the secret's end", &SECRET[24..], &mut needles);
    needles
}

const SECRET: [u8; 32] = {
    let mut bytes = [0; 32];
    let mut at = 0;
    while at < 32 {
        bytes[at] = at as u8 + 1;
        at += 1;
    }
    bytes
};

/// RFC 5869 as the documentation of the module `key` states it, by the package `ring`.
fn token_key(context: &KeyContext) -> [u8; 32] {
    let lp = |bytes: &[u8]| [&(bytes.len() as u16).to_be_bytes(), bytes].concat();
    let info = [
        lp(b"veilmatch/1 token"),
        lp(context.coalition().as_str().as_bytes()),
        context.epoch().to_be_bytes().to_vec(),
        lp(context.kind().as_str().as_bytes()),
    ]
    .concat();
    let prk = hkdf::Salt::new(hkdf::HKDF_SHA256, b"veilmatch/1").extract(&SECRET);
    let mut key = [0; 32];
    prk.expand(&[&info], hkdf::HKDF_SHA256).unwrap().fill(&mut key).unwrap();
    key
}

/// What of all that must not be said a text says.
fn leaks(text: &str) -> Vec<&'static str> {
    let text = squeezed(text);
    NEEDLES.iter().filter(|needle| text.contains(&needle.text)).map(|needle| needle.what.as_str()).collect()
}

fn assert_silent(what: &str, text: &str) {
    assert!(!text.is_empty(), "{what} says nothing at all");
    assert_eq!(leaks(text), Vec::<&str>::new(), "{what} says: {text}");
}

fn assert_debug_silent(what: &str, value: &dyn Debug) {
    assert_silent(what, &format!("{value:?}"));
    assert_silent(what, &format!("{value:#?}"));
    assert_silent(what, &format!("{value:x?}"));
}

fn assert_error_silent(what: &str, error: &Error) {
    assert_silent(what, &error.to_string());
    assert_debug_silent(what, error);
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        assert_silent(what, &cause.to_string());
        assert_debug_silent(what, &cause);
        source = cause.source();
    }
}

/// All values of a kind, one a line.
fn lines(kind: Kind) -> String {
    let (_, valid, invalid) = VALUES.into_iter().find(|(of, ..)| *of == kind).unwrap();
    valid.into_iter().chain(invalid).map(|raw| raw.to_owned() + "\n").collect()
}

/// The same as a CSV export, with headers and cells that are nobody's business.
fn export(kind: Kind) -> String {
    let rows: String =
        lines(kind).lines().map(|raw| format!("{raw},{},{}\n", ELSEWHERE[2], ELSEWHERE[3])).collect();
    format!("id,{},{}\n{rows}", ELSEWHERE[0], ELSEWHERE[1])
}

fn tokenized(kind: Kind, member: &str) -> Tokenized {
    tokenizer(kind).tokenize(&name(member), Rows::lines(lines(kind).as_bytes())).unwrap()
}

// --- The control ----------------------------------------------------------------------------------------

#[test]
fn the_search_finds_whatever_is_planted() {
    assert!(NEEDLES.len() > 200, "{}", NEEDLES.len());
    assert!(NEEDLES.iter().all(|needle| needle.text.len() >= 7), "long enough not to occur by chance");
    assert_eq!(leaks("expected a name, got 8b1a9953c4611296 and [1, 2, 3]"), Vec::<&str>::new());

    let line = secret().to_line();
    assert_eq!(
        CoalitionSecret::parse(&line).unwrap().key_id(&context(Kind::NetIp)),
        secret().key_id(&context(Kind::NetIp))
    );
    let from_key = |kind: Kind| {
        let key = TokenKey::from_bytes(&mut token_key(&context(kind)));
        on_chosen_backend(
            Tokenizer::from_token_key(&key, context(kind), secret().key_id(&context(kind))).unwrap(),
        )
    };
    for (kind, valid, invalid) in VALUES {
        for raw in valid {
            let token = tokenizer(kind).token(raw.as_bytes()).unwrap().unwrap();
            assert!(
                from_key(kind).token(raw.as_bytes()) == Ok(Some(token)),
                "{kind}: the right key is searched for"
            );
            let mut canonical = Canonical::new();
            Canonicalizer::new(kind).canonicalize(raw.as_bytes(), &mut canonical).unwrap();
            for bytes in [&token.as_bytes()[..], canonical.as_bytes(), &token_key(&context(kind)), &SECRET] {
                for planted in [
                    hex(bytes),
                    hex(bytes).to_uppercase(),
                    format!("{bytes:?}"),
                    format!("{bytes:#?}"),
                    format!("{bytes:#x?}"),
                ] {
                    assert!(!leaks(&format!("row 3: {planted}.")).is_empty(), "{kind}: {planted}");
                }
            }
        }
        for raw in valid.into_iter().chain(invalid) {
            for planted in [raw.to_owned(), raw.to_uppercase(), format!("{:?}", raw.as_bytes())] {
                assert!(!leaks(&format!("got `{planted}`")).is_empty(), "{kind}: {planted}");
            }
        }
        assert!(invalid.iter().all(|raw| tokenizer(kind).token(raw.as_bytes()).is_err()), "{kind}");
    }
    for planted in ELSEWHERE.into_iter().chain([line.as_str(), &line[15..40]]) {
        assert!(!leaks(&format!("no column {planted:?}")).is_empty(), "{planted}");
    }
}

// --- Errors ---------------------------------------------------------------------------------------------

/// Stops at once.
struct Stop;

impl Progress for Stop {
    fn is_cancelled(&self) -> bool {
        true
    }
}

/// A set's file with one piece of its header replaced.
fn edited(set: &TokenSet, from: &str, to: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    set.write_to(&mut bytes).unwrap();
    let page = std::str::from_utf8(&bytes[..HEADER_LEN]).unwrap();
    assert!(page.contains(from), "{from}");
    let mut page = page.trim_end().replacen(from, to, 1);
    page.truncate(HEADER_LEN - 1);
    let page = format!("{page:width$}\n", width = HEADER_LEN - 1);
    [page.as_bytes(), &bytes[HEADER_LEN..]].concat()
}

/// Errors about names, numbers and text that a caller passes.
fn errors_of_arguments(raw: &str) -> Vec<Error> {
    let with_space = format!("{raw} ");
    let id = "card.pan/1 ".to_owned() + raw + "x";
    vec![
        veilmatch::terms::Name::new(&with_space).unwrap_err(),
        KindId::new(raw).unwrap_err(),
        raw.parse::<Kind>().unwrap_err(),
        raw.parse::<Backend>().unwrap_err(),
        KeyContext::new(name("efc"), u64::MAX, Kind::NetIp.kind_id()).unwrap_err(),
        with_space.parse::<KeyId>().unwrap_err(),
        raw.parse::<NationalPlan>().unwrap_err(),
        SuppressionList::parse(raw).unwrap_err(),
        SuppressionList::parse(&id).unwrap_err(),
        CoalitionSecret::parse(raw).unwrap_err(),
    ]
}

fn errors_of_input(kind: Kind) -> Vec<Error> {
    let (csv, member) = (export(kind), name("bank-a"));
    let repeated = csv.replacen("id,", &format!("{},", ELSEWHERE[0]), 1);
    let open = csv.clone() + "\"" + &csv.repeat(10_000);
    let read = |csv: &str, column: &str| {
        let rows = CsvRows::new(csv.as_bytes()).value_column(Column::Named(column.into()));
        tokenizer(kind).tokenize(&member, rows).unwrap_err()
    };
    let stopped = tokenizer(kind).tokenize(&member, Rows::lines(lines(kind).as_bytes()).with_progress(&Stop));
    let failed = |rows: Rows<'_>| tokenizer(kind).tokenize(&member, rows).unwrap_err();
    let named = |csv| CsvRows::new(csv).value_column("id");
    // The first row in the place of the header.
    let headless = csv.split_once('\n').map(|(_, rows)| rows.as_bytes()).unwrap();
    let within = csv.replace(',', ",x\"");
    let utf_16: Vec<u8> = csv.encode_utf16().flat_map(u16::to_le_bytes).collect();
    vec![
        failed(named(open.as_bytes()).quoted_lines(u32::MAX).into()),
        failed(named((csv.clone() + "\"").as_bytes()).into()),
        failed(named(within.as_bytes()).into()),
        failed(named(csv.as_bytes()).without_header().into()),
        failed(named(csv.as_bytes()).delimiter(b'"').into()),
        failed(Rows::from(named(csv.as_bytes())).expect_rows(1_000)),
        failed(Rows::lines(&utf_16[..])),
        failed(CsvRows::new(headless).into()),
        read(&csv, "wallet"),
        read(&csv.replace(',', ";"), "wallet"),
        read(&repeated, ELSEWHERE[0]),
        read(&open, "id"),
        read(&("\"".to_owned() + &open), "id"),
        stopped.unwrap_err(),
    ]
}

fn errors_of_sets(kind: Kind) -> Vec<Error> {
    let (a, b) = (tokenized(kind, "bank-a").set, tokenized(kind, "bank-b").set);
    let other = |terms: Terms| TokenSet::from_tokens(terms, name("bank-c"), a.tokens().to_vec());
    let terms = || a.terms().clone();
    let later = KeyContext::new(name("efc"), 2, kind.kind_id()).unwrap();
    let others = [
        other(Terms { context: later, ..terms() }),
        other(Terms { key_id: KeyId([9; 8]), ..terms() }),
        other(Terms { round: Some(RoundDigest([9; 32])), ..terms() }),
    ];
    let both = || Intersection::new().add(&a).unwrap().add(&b).unwrap();
    let mut errors: Vec<Error> = others.iter().map(|other| both().add(other).unwrap_err()).collect();
    let matched = both().at_least(2).unwrap();
    let overlaps = matched.collect().unwrap();
    let share = overlaps.share(&name("bank-a"), Disclosure::Holders).unwrap();
    let prefilter = Prefilter::standard(&b, 0.01).unwrap();
    let rows = || Rows::lines("".as_bytes());
    let later = Tokenizer::new(&secret(), KeyContext::new(name("efc"), 3, kind.kind_id()).unwrap()).unwrap();
    let later = on_chosen_backend(later);
    errors.extend([
        both().add(&a).unwrap_err(),
        both().at_least(3).unwrap_err(),
        Intersection::new().add(&a).unwrap().at_least(1).unwrap_err(),
        Intersection::new().add_with_prefilter(&a, &prefilter).unwrap_err(),
        Prefilter::standard(&a, 2.0).unwrap_err(),
        Prefilter::blocked(&a, 0.000_1).unwrap_err(),
        matched.clone().with_progress(&Stop).count().unwrap_err(),
        overlaps.share(&name("bank-z"), Disclosure::Counts).unwrap_err(),
        resolve(&tokenizer(kind), &name("bank-b"), &share, rows()).unwrap_err(),
        resolve(&later, &name("bank-a"), &share, rows()).unwrap_err(),
    ]);
    errors
}

fn errors_of_files(kind: Kind) -> Vec<Error> {
    let set = tokenized(kind, "bank-a").set;
    let raw = lines(kind);
    let first = raw.lines().next().unwrap();
    let purpose = Metadata { purpose: format!("{first}\n"), ..Metadata::default() };
    let mut errors = vec![
        set.clone().with_metadata(purpose).write_to(&mut Vec::new()).unwrap_err(),
        TokenSet::from_file_bytes(raw.as_bytes()).unwrap_err(),
        Share::from_file_bytes(raw.repeat(500).as_bytes()).unwrap_err(),
        Overlaps::from_file_bytes(&edited(&set, "", "")).unwrap_err(),
    ];
    let quoted = format!("{first:?}");
    for (from, to) in [
        ("\"bank-a\"", quoted.as_str()),
        ("\"purpose\":\"\"", &format!("\"purpose\":{quoted}")),
        ("\"member\"", &quoted),
        ("\"rows\":5", &format!("\"rows\":{quoted}")),
        ("\"efc\"", &quoted),
        ("veilmatch set 1", first),
    ] {
        errors.push(TokenSet::from_file_bytes(&edited(&set, from, to)).unwrap_err());
    }
    let mut bytes = Vec::new();
    set.write_to(&mut bytes).unwrap();
    for at in [HEADER_LEN, HEADER_LEN + 17, bytes.len() - 1] {
        let mut broken = bytes.clone();
        broken[at] ^= 1;
        errors.push(TokenSet::from_file_bytes(&broken).unwrap_err());
    }
    errors
}

#[cfg(unix)]
fn errors_of_secrets(folder: &Path) -> Vec<Error> {
    use std::os::unix::fs::PermissionsExt as _;
    let line = secret().to_line();
    let swapped = line.replacen(&line[30..32], &line[30..32].chars().rev().collect::<String>(), 1);
    let contents = [
        &line[..66],
        &line[1..],
        &line.to_uppercase()[..40],
        &swapped,
        &format!("{} {}", *line, *line),
        &hex(&SECRET),
    ];
    let mut errors = vec![
        CoalitionSecret::from_bytes(&mut [7; 32]).unwrap_err(),
        CoalitionSecret::read_file(folder).unwrap_err(),
        CoalitionSecret::read_file(&folder.join("absent")).unwrap_err(),
    ];
    for (number, content) in contents.into_iter().enumerate() {
        let path = folder.join(number.to_string());
        fs::write(&path, content).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        errors.push(CoalitionSecret::read_file(&path).expect_err(content));
        errors.push(CoalitionSecret::parse(content).unwrap_err());
        errors.push(secret().write_new_file(&path).unwrap_err());
        fs::set_permissions(&path, fs::Permissions::from_mode(0o604)).unwrap();
        errors.push(CoalitionSecret::read_file(&path).unwrap_err());
    }
    errors
}

#[cfg(unix)]
#[test]
fn no_error_repeats_what_it_is_about() {
    let folder = tempfile::tempdir().unwrap();
    let mut errors = errors_of_secrets(folder.path());
    for (kind, valid, invalid) in VALUES {
        errors.extend(valid.into_iter().chain(invalid).flat_map(errors_of_arguments));
        errors.extend(errors_of_input(kind));
        errors.extend(errors_of_sets(kind));
        errors.extend(errors_of_files(kind));
    }
    let many: Vec<TokenSet> =
        (0..=Intersection::MAX_SETS).map(|member| set_of(&format!("m{member}"), [])).collect();
    errors.extend(many.iter().try_fold(Intersection::new(), |all, set| all.add(set)).err());

    let mut codes: Vec<&str> = errors.iter().map(Error::code).collect();
    codes.sort_unstable();
    codes.dedup();
    let all_but_a_broken_machine = [
        "cancelled",
        "delimiter",
        "duplicate_member",
        "encoding",
        "epoch",
        "false_positive_rate",
        "format",
        "header_is_row",
        "hex",
        "io",
        "kind_id",
        "missing_column",
        "name",
        "national_plan",
        "no_header",
        "not_a_member",
        "open_quote",
        "prefilter_of_other",
        "quote_in_field",
        "quoted_lines",
        "record_too_long",
        "repeated_column",
        "row_count",
        "secret",
        "stamp",
        "suppression_list",
        "terms_differ",
        "text_after_quote",
        "threshold",
        "too_few_sets",
        "too_many_sets",
        "unknown_backend",
        "unknown_kind",
        "wrong_recipient",
    ];
    assert_eq!(codes, all_but_a_broken_machine, "every error is provoked");
    for error in errors {
        let what = error.code();
        assert_error_silent(what, &error);
        assert_error_silent(what, &error.at("a place").at("another"));
    }
}

// --- Debug forms and reports ----------------------------------------------------------------------------

#[test]
fn no_debug_form_shows_what_it_holds() {
    assert_debug_silent("CoalitionSecret", &secret());
    for (kind, valid, _) in VALUES {
        let key = TokenKey::from_bytes(&mut token_key(&context(kind)));
        assert_debug_silent("TokenKey", &key);
        assert_debug_silent("TokenKey", &secret().token_key(&context(kind)));

        let list = valid.map(|raw| format!("{kind} {raw}\n")).concat();
        let list = std::sync::Arc::new(SuppressionList::parse(&list).unwrap());
        assert_eq!(list.len(), 2);
        let tokenizer = tokenizer(kind).with_national_plan("44/0".parse().unwrap());
        assert_debug_silent("Tokenizer", &tokenizer);
        let mut canonical = Canonical::new();
        let canonicalizer = Canonicalizer::new(kind).with_suppression(list.clone());
        canonicalizer.canonicalize(valid[0].as_bytes(), &mut canonical).unwrap();
        assert_debug_silent("Canonicalizer", &canonicalizer);
        assert_debug_silent("Canonical", &canonical);
        assert_debug_silent("SuppressionList", &*list);
        assert_debug_silent("Tokenizer", &tokenizer.with_suppression(list));
    }
}

#[test]
fn nothing_on_the_way_from_rows_to_a_report_shows_a_value_or_token() {
    let mut report = Report::new(2, vec![name("bank-a"), name("bank-b")]);
    for (kind, ..) in VALUES {
        let (a, b) = (tokenized(kind, "bank-a"), tokenized(kind, "bank-b"));
        assert_eq!((a.set.len(), a.rejections.len()), (2, 3), "{kind}");
        assert_debug_silent("Tokenized", &a);
        assert_debug_silent("TokenSet", &a.set);
        assert_debug_silent("Counters", a.set.counters());
        a.rejections.iter().for_each(|rejection| {
            assert_debug_silent("Rejection", rejection);
            assert_silent("Reason", &format!("{} {}", rejection.reason, rejection.reason.meaning()));
        });
        let token: Token = a.set.tokens()[0];
        assert_debug_silent("Token", &token);
        assert_debug_silent("tokens", &a.set.tokens());

        let both = Intersection::new().add(&a.set).unwrap().add(&b.set).unwrap();
        assert_debug_silent("Intersection", &both);
        let matched = both.at_least(2).unwrap();
        assert_debug_silent("Query", &matched);
        let overlaps = matched.collect().unwrap();
        assert_eq!(overlaps.len(), 2);
        assert_debug_silent("Overlaps", &overlaps);
        overlaps.iter().for_each(|overlap| assert_debug_silent("Token and Holders", &overlap));
        for disclosure in [Disclosure::Holders, Disclosure::Counts] {
            let share = overlaps.share(&name("bank-a"), disclosure).unwrap();
            assert_debug_silent("Share", &share);
            let rows = lines(kind);
            let resolved =
                resolve(&tokenizer(kind), &name("bank-a"), &share, Rows::lines(rows.as_bytes())).unwrap();
            assert_eq!((resolved.rows.len(), resolved.missing), (2, 0));
            assert_debug_silent("Resolved", &resolved);
        }
        assert_debug_silent("Prefilter", &Prefilter::standard(&a.set, 0.01).unwrap());
        assert_debug_silent("Prefilter", &Prefilter::blocked(&a.set, 0.01).unwrap());
        let kind_report = KindReport::new(&matched).unwrap();
        assert_debug_silent("KindReport", &kind_report);
        report.kinds.push(kind_report);
    }
    assert_debug_silent("Report", &report);
    assert_silent("Report", &report.to_string());
    assert_silent("Report", &report.to_json());
}

// --- The example ----------------------------------------------------------------------------------------

#[cfg(unix)]
#[test]
fn the_example_prints_nothing_of_its_files() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, content: &str| fs::write(folder.path().join(name), content).unwrap();
    secret().write_new_file(&folder.path().join("secret")).unwrap();
    write("loose", &secret().to_line());
    write("broken", &secret().to_line()[1..]);
    fs::set_permissions(
        folder.path().join("broken"),
        fs::metadata(folder.path().join("secret")).unwrap().permissions(),
    )
    .unwrap();
    for (kind, ..) in VALUES {
        write("a.txt", &lines(kind));
        write("b.csv", &export(kind));
        write("open.csv", &(export(kind) + "\"" + &export(kind).repeat(10_000)));
        write("twice.csv", &export(kind).replacen("id,", "id,id,", 1));
        let (id, column) = (kind.id(), format!("id={kind}"));
        let (no_column, cell) = (format!("no={kind}"), format!("{}={kind}", ELSEWHERE[0]));
        for (arguments, code) in [
            (&["--kind", id, "--secret-file", "secret", "a.txt", "b.csv"][..], 0),
            (&["--kind", id, "--secret-file", "secret", "--format", "json", "a.txt", "b.csv"], 0),
            (&["--column", &column, "--secret-file", "secret", "--at-least", "1", "b.csv", "open.csv"], 1),
            (&["--column", &column, "--secret-file", "secret", "b.csv", "twice.csv"], 1),
            (&["--column", &no_column, "--secret-file", "secret", "b.csv", "a.txt"], 1),
            (&["--kind", id, "--secret-file", "loose", "a.txt", "b.csv"], 1),
            (&["--kind", id, "--secret-file", "broken", "a.txt", "b.csv"], 1),
            (&["--kind", id, "--secret-file", "a.txt", "a.txt", "b.csv"], 1),
            (&["--kind", id, "--secret-file", "secret", "--at-least", "9", "a.txt", "b.csv"], 1),
            (&["--kind", id, "--secret-file", "secret", "a.txt", "secret"], 0),
        ] {
            let output = program(folder.path()).args(arguments).output().unwrap();
            let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
            assert_eq!(output.status.code(), Some(code), "{arguments:?}: {said}");
            assert_silent(&format!("{arguments:?}"), &said);
        }
        // A column's name is what the caller asked for; what the file has in its place is not said.
        let output = program(folder.path()).args(["--column", &cell, "b.csv", "a.txt"]).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        assert_silent("a named column", &String::from_utf8(output.stderr).unwrap());
    }
}
