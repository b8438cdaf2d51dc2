//! Bad input: every row is counted and numbered, memory stays bounded, and an input that breaks off is an
//! error, never a smaller set.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, ErrorKind, Read};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::support::hub::name;
use crate::support::member::{context, on_threads, secret, tokenizer, wallet};
use proptest::prelude::*;
use veilmatch::member::identifier::{Kind, SuppressionList};
use veilmatch::member::key::CoalitionSecret;
use veilmatch::member::resolve::{Resolved, ResolvedRow, resolve};
use veilmatch::member::rows::{Column, CsvRows, MAX_LINE, MAX_RECORD, Rows};
use veilmatch::member::tokenize::{Tokenized, Tokenizer};
use veilmatch::terms::{KeyContext, RoundDigest};
use veilmatch::{Disclosure, Error, Intersection, Place, Progress, Reason, Rejection, Share, Token};

fn try_read<'r>(rows: impl Into<Rows<'r>>) -> Result<Tokenized, Error> {
    tokenizer(Kind::CryptoEvm).tokenize(&name("bank-a"), rows)
}

fn read<'r>(rows: impl Into<Rows<'r>>) -> Tokenized {
    try_read(rows).expect("an input that can be read")
}

fn named(column: &str) -> Column {
    Column::Named(column.into())
}

/// Rejections by the numbers of their rows.
fn numbered(rejections: &[Rejection]) -> Vec<(u64, Reason)> {
    rejections.iter().map(|Rejection { place, reason }| (place.row, *reason)).collect()
}

/// The value behind so many spaces that it has that many bytes.
fn padded(value: &str, len: usize) -> String {
    " ".repeat(len - value.len()) + value
}

/// Everything that an input gives, to compare ways of reading it.
fn outcome(tokenized: Tokenized) -> (Vec<Token>, String, Vec<(u64, Reason)>) {
    let Tokenized { set, rejections, .. } = tokenized;
    (set.tokens().to_vec(), format!("{:?}", set.counters()), numbered(&rejections))
}

/// A reader that makes its bytes as it goes: `before`, then `len` times `byte`, then `after`.
fn endless(before: &str, byte: u8, len: u64, after: &str) -> impl Read + Send {
    let (before, after) = (before.as_bytes().to_vec(), after.as_bytes().to_vec());
    io::Cursor::new(before).chain(io::repeat(byte).take(len)).chain(io::Cursor::new(after))
}

const HUGE: u64 = 100 << 20;

// --- Not text -------------------------------------------------------------------------------------------

#[test]
fn bytes_that_are_no_text_are_rejected_rows_of_every_kind() {
    for kind in Kind::ALL {
        let email = matches!(kind, Kind::EmailMailbox | Kind::EmailStrict);
        let tokenizer = tokenizer(*kind);
        for (raw, reason) in [
            (&b"\xff"[..], Reason::InvalidUtf8),
            (b"4929\xc3(4929", Reason::InvalidUtf8),
            (b"\xed\xa0\x80", Reason::InvalidUtf8),
            (b"\xc0\xaf", Reason::InvalidUtf8),
            (b"\xf4\x90\x80\x80", Reason::InvalidUtf8),
            (b"\0", if email { Reason::NoAtSign } else { tokenizer.token(b"\0").unwrap_err() }),
        ] {
            assert_eq!(tokenizer.token(raw), Err(reason), "{kind} {raw:x?}");
            let tokenized = tokenizer.tokenize(&name("a"), Rows::lines(raw)).unwrap();
            assert_eq!(numbered(&tokenized.rejections), [(1, reason)], "{kind} {raw:x?}");
        }
    }
}

#[test]
fn a_nul_byte_anywhere_in_a_value_rejects_it() {
    for (kind, valid) in [
        (Kind::BankBic, "DEUTDEFF500"),
        (Kind::BankIban, "DE89370400440532013000"),
        (Kind::CardPan, "9999100000001562"),
        (Kind::CardPar, "V0010013019339005665779448477"),
        (Kind::CryptoBtc, "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"),
        (Kind::CryptoEvm, "0x00000000c0ffee00000000000000000000000001"),
        (Kind::DeviceImei, "260531793113837"),
        (Kind::EmailMailbox, "cleo@example.com"),
        (Kind::EmailStrict, "cleo@example.com"),
        (Kind::MerchantMid, "123456/MERCHANT0000001"),
        (Kind::NetDomain, "www.example.com"),
        (Kind::NetIp, "2001:4860:4860::8888"),
        (Kind::PaypalId, "QYR5Z8XDVJNXQ"),
        (Kind::PhoneE164, "+447700900101"),
    ] {
        let tokenizer = tokenizer(kind);
        assert!(matches!(tokenizer.token(valid.as_bytes()), Ok(Some(_))), "{kind}");
        for at in 0..=valid.len() {
            let mut raw = valid.to_owned();
            raw.insert(at, '\0');
            assert!(tokenizer.token(raw.as_bytes()).is_err(), "{kind}, byte {at}");
        }
    }
}

#[test]
fn utf_16_text_is_refused_at_its_beginning_and_never_half_understood() {
    let text: String = (0..20).map(|n| wallet(n) + "\r\n").collect();
    for mark in ["", "\u{feff}"] {
        let units: Vec<u16> = (mark.to_owned() + &text).encode_utf16().collect();
        let little: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
        let big: Vec<u8> = units.iter().flat_map(|unit| unit.to_be_bytes()).collect();
        for bytes in [little, big] {
            for rows in [
                Rows::lines(&bytes[..]),
                CsvRows::new(&bytes[..]).value_column(named("wallet")).into(),
                CsvRows::new(&bytes[..]).without_header().without_quotes().into(),
            ] {
                let error = try_read(rows).unwrap_err();
                assert!(matches!(error, Error::Encoding { .. }), "{error}");
            }
        }
    }
}

// --- Lengths --------------------------------------------------------------------------------------------

/// Bytes that are read at a time: where a line lies across such a border is what could go wrong.
const BLOCK: usize = 1 << 18;

#[test]
fn a_line_of_up_to_65_536_bytes_is_read_wherever_it_stands() {
    assert_eq!(MAX_LINE, 65_536);
    let value = wallet(7);
    let token = tokenizer(Kind::CryptoEvm).token(value.as_bytes()).unwrap().unwrap();
    for len in [65_535, 65_536, 65_537] {
        let line = padded(&value, len);
        let fits = len <= 65_536;
        for start in [0, 1, BLOCK - 65_538, BLOCK - 65_537, BLOCK - 65_536, BLOCK - 65_535, BLOCK - 1, BLOCK]
        {
            for end in ["", "\n", "\r\n"] {
                let input = "\n".repeat(start) + &line + end;
                let tokenized = read(Rows::lines(input.as_bytes()));
                assert_eq!(tokenized.set.contains(&token), fits, "{len} from {start}, {end:?}");
                let expected = if fits { vec![] } else { vec![(1, Reason::RowTooLong)] };
                assert_eq!(numbered(&tokenized.rejections), expected, "{len} from {start}, {end:?}");
            }
        }
        let csv = format!("x,wallet\n1,{line}\n2,\"{line}\"\n");
        let expected = if fits { 0 } else { 2 };
        for tokenized in [
            read(CsvRows::new(csv.as_bytes()).value_column(named("wallet"))),
            read(Rows::values([line.clone(), line.clone()])),
        ] {
            assert_eq!(tokenized.set.contains(&token), fits, "{len}");
            assert_eq!(tokenized.set.counters().rejected.of(Reason::RowTooLong), expected, "{len}");
        }
    }
}

#[test]
fn rows_around_a_line_that_is_too_long_are_all_there() {
    let (before, after) = (wallet(1) + "\n", wallet(2) + "\r\n\n" + &wallet(3));
    let expected = read(Rows::values([wallet(1), wallet(2), wallet(3)]));
    for len in [65_537, 65_538, 65_539, BLOCK - 44, BLOCK - 43, BLOCK, BLOCK + 1, 3 * BLOCK - 43, 3 * BLOCK] {
        for start in [0, 1, BLOCK - 65_538, BLOCK - 43, BLOCK - 1] {
            for end in ["\n", "\r\n"] {
                let input = "\n".repeat(start) + &before + &"x".repeat(len) + end + &after;
                let tokenized = read(Rows::lines(input.as_bytes()));
                assert_eq!(numbered(&tokenized.rejections), [(2, Reason::RowTooLong)], "{len} from {start}");
                assert_eq!(tokenized.set.tokens(), expected.set.tokens(), "{len} from {start}, {end:?}");
                assert_eq!(tokenized.set.counters().rows, 4);
            }
        }
    }
}

#[test]
fn a_line_of_100_mb_is_one_rejected_row() {
    let around = (wallet(1) + "\n", "\n".to_owned() + &wallet(2) + "\n");
    let tokenized = read(Rows::lines(endless(&around.0, b'7', HUGE, &around.1)));
    assert_eq!(numbered(&tokenized.rejections), [(2, Reason::RowTooLong)]);
    assert_eq!(tokenized.set.tokens(), read(Rows::values([wallet(1), wallet(2)])).set.tokens());
    assert_memory_was_bounded();
}

#[test]
fn a_csv_record_of_100_mb_stops_the_reading_and_is_named() {
    let rows = format!("wallet\n{}\n\n{}\n", wallet(1), wallet(2));
    // Quoted fields may span any number of lines here: the default is far less than a record (`quotes.rs`).
    for (before, byte, row) in [
        (rows.clone() + "\"", b'\n', 3),
        (rows.clone() + "\"", b'"', 3),
        (rows.clone() + "1,", b'7', 3),
        (rows.clone(), b',', 3),
        ("\"".to_owned(), b'\n', 1),
        (String::new(), b'7', 1),
    ] {
        let is_header = !before.starts_with("wallet");
        let rows = CsvRows::new(endless(&before, byte, HUGE, "\n")).quoted_lines(u32::MAX);
        let error = try_read(rows).unwrap_err();
        let Error::RecordTooLong { row: found, limit } = error else { panic!("{before:?}: {error}") };
        assert_eq!((found, limit), (if is_header { 0 } else { row }, MAX_RECORD), "{before:?} {byte}");
        let message = Error::RecordTooLong { row: found, limit }.to_string();
        assert!(message.contains(&format!("row {found}")) && message.contains("1048576"), "{message}");
    }
    assert_memory_was_bounded();
}

#[test]
fn a_csv_record_of_up_to_a_mebibyte_is_read() {
    assert_eq!(MAX_RECORD, 1 << 20);
    let short = "x".repeat(100) + "," + &wallet(1) + "\n";
    for before in [0, 1, 57, 10_000] {
        for end in ["\n", "\r\n"] {
            let filler = MAX_RECORD - "\"\",".len() - wallet(2).len() - end.len();
            let longest =
                format!("\"{}\",{}{end}", "x\n".repeat(filler / 2) + &"y".repeat(filler % 2), wallet(2));
            assert_eq!(longest.len(), MAX_RECORD);
            let csv = "id,wallet\n".to_owned() + &short.repeat(before) + &longest.repeat(2) + &short;
            let tokenized =
                read(CsvRows::new(csv.as_bytes()).value_column(named("wallet")).quoted_lines(u32::MAX));
            assert_eq!(tokenized.set.tokens(), read(Rows::values([wallet(1), wallet(2)])).set.tokens());
            assert_eq!(tokenized.set.counters().rows, before as u64 + 3);
        }
    }
}

/// Checked where a process runs one test alone: see the next test.
fn assert_memory_was_bounded() {
    if std::env::var_os("VEILMATCH_ALONE").is_some() {
        let status = fs::read_to_string("/proc/self/status").expect("Linux tells");
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("peak memory");
        let kilobytes: u64 = peak.trim().trim_end_matches(" kB").parse().expect("in kB");
        assert!(kilobytes < 40 << 10, "{kilobytes} kB");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn memory_stays_bounded_whatever_the_length_of_a_row() {
    for test in [
        "bad_rows::a_line_of_100_mb_is_one_rejected_row",
        "bad_rows::a_csv_record_of_100_mb_stops_the_reading_and_is_named",
    ] {
        let mut alone = std::process::Command::new(std::env::current_exe().unwrap());
        let output = alone.args(["--exact", test]).env("VEILMATCH_ALONE", "1").output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && text.contains("1 passed"), "{text}");
    }
}

// --- Lines and their ends -------------------------------------------------------------------------------

#[test]
fn an_input_without_rows_gives_an_empty_set() {
    for input in ["", "\n", "\r\n", "\n\n\r\n\n", &"\n".repeat(2 * BLOCK + 1), &"\r\n".repeat(BLOCK)] {
        let tokenized = read(Rows::lines(input.as_bytes()));
        assert_eq!(tokenized.set.counters().rows, 0);
        assert!(tokenized.set.is_empty() && tokenized.rejections.is_empty());
    }
    assert_eq!(read(Rows::values(Vec::<String>::new())).set.counters().rows, 0);
    assert_eq!(read(CsvRows::new(&b"wallet\n\n\r\n"[..])).set.counters().rows, 0);
}

#[test]
fn line_ends_and_a_byte_order_mark_make_no_difference() {
    let values: Vec<String> = (0..5).map(wallet).collect();
    let expected = read(Rows::values(values.clone()));
    for input in [
        values.join("\n"),
        values.join("\n") + "\n",
        values.join("\r\n"),
        values.join("\r\n") + "\r\n",
        values.join("\n\n\r\n") + "\n\n",
        "\n\r\n".to_owned() + &values.join("\n"),
        "\u{feff}".to_owned() + &values.join("\n"),
        "\u{feff}".to_owned() + &values.join("\r\n") + "\r\n",
    ] {
        let tokenized = read(Rows::lines(input.as_bytes()));
        assert_eq!(tokenized.set.tokens(), expected.set.tokens(), "{input:?}");
        assert_eq!(tokenized.set.counters().rows, 5, "{input:?}");
        for header in ["", "\u{feff}"] {
            let csv = format!("{header}wallet\r\n{}", input.trim_start_matches('\u{feff}'));
            let tokenized = read(CsvRows::new(csv.as_bytes()).value_column(named("wallet")));
            assert_eq!(tokenized.set.tokens(), expected.set.tokens(), "{csv:?}");
            assert_eq!(tokenized.set.counters().rows, 5, "{csv:?}");
        }
    }
}

#[test]
fn white_space_alone_is_a_rejected_row_but_an_empty_line_is_none() {
    let tokenized = read(Rows::lines(&b"\n \n\t\r\n\r\n\n\r\r\n"[..]));
    let expected: Vec<(u64, Reason)> = (1..=3).map(|row| (row, Reason::Empty)).collect();
    assert_eq!(numbered(&tokenized.rejections), expected);
    let tokenized = read(Rows::values(["", " ", ""]));
    assert_eq!(numbered(&tokenized.rejections), expected, "each value is a row");
}

// --- CSV ------------------------------------------------------------------------------------------------

#[test]
fn a_csv_header_that_does_not_have_the_column_once_is_an_error() {
    let headless = format!("{}\n{}\n", wallet(1), wallet(2));
    for (input, columns) in [
        ("", 0),
        ("\n\r\n\n", 0),
        ("id,name\n1,2\n", 2),
        ("id;wallet;name\n1;2;3\n", 1),
        ("Wallet\n1\n", 1),
        ("wallets,a wallet,\"wal\nlet\"\n1,2,3\n", 3),
        (headless.as_str(), 1),
    ] {
        let error = try_read(CsvRows::new(input.as_bytes()).value_column(named("wallet"))).unwrap_err();
        let Error::MissingColumn { columns: found } = error else { panic!("{input:?}: {error}") };
        assert_eq!(found, columns, "{input:?}");
        assert_eq!(error.to_string().contains("delimiter"), columns == 1, "{error}");
    }
    for input in
        ["wallet,id,wallet\n", " wallet ,wallet\n", "wallet,\"wallet\",x\n1,2,3\n", "\u{feff}wallet,wallet"]
    {
        let error = try_read(CsvRows::new(input.as_bytes()).value_column(named("wallet"))).unwrap_err();
        assert!(matches!(error, Error::RepeatedColumn), "{input:?}: {error}");
    }
    for input in ["", "\n\n"] {
        let error = try_read(CsvRows::new(input.as_bytes())).unwrap_err();
        assert!(matches!(error, Error::MissingColumn { columns: 0 }), "{error}");
    }
}

#[test]
fn csv_rows_are_read_for_the_one_column() {
    let w = wallet;
    let cases = [
        (
            "too few fields",
            format!("id,wallet,x\n1\n2,{}\n3,{},x\n4,{},\n", w(1), w(2), w(3)),
            vec![(1, Reason::MissingField), (2, Reason::MissingField)],
        ),
        (
            "too many",
            format!("id,wallet\n1,{}\n2,{},x,y,z\n3,{},,,,\n4,{}\n", w(2), w(1), w(1), w(3)),
            vec![(2, Reason::ExtraFields), (3, Reason::ExtraFields)],
        ),
        (
            "empty field",
            format!("id,wallet\n1,\n2,{}\n3,\"\"\n4,{}\n", w(2), w(3)),
            vec![(1, Reason::Empty), (3, Reason::Empty)],
        ),
        ("quotes", format!("id,wallet\n\"a\nb,\"\"c\"\"\r\n\",\"{}\"\n2,\"\n{}\n\"\n", w(2), w(3)), vec![]),
        (
            "a quote within the value",
            format!("id,wallet\n1,\"{0}\"\"\"\n2,{0}\n3,{1}\n", w(2), w(3)),
            vec![(1, Reason::BadCharacter)],
        ),
        ("quoted header", format!("\"id\",\" wallet\"\n1,{}\n2,{}\n", w(2), w(3)), vec![]),
        ("mark and quoted header", format!("\u{feff}\"wallet\",id\n{},1\n{},2\n", w(2), w(3)), vec![]),
        ("carriage returns", format!("id,wallet\r1,{}\r2,{}\r", w(2), w(3)), vec![]),
        ("not text beside it", format!("id,wallet\n\u{0},{}\n\u{fffd},{}\n", w(2), w(3)), vec![]),
    ];
    let expected = read(Rows::values([w(2), w(3)]));
    for (what, input, rejections) in cases {
        let tokenized = read(CsvRows::new(input.as_bytes()).value_column(named("wallet")));
        assert_eq!(tokenized.set.tokens(), expected.set.tokens(), "{what}");
        assert_eq!(numbered(&tokenized.rejections), rejections, "{what}");
    }
    let input =
        [&b"wallet,\xff\n"[..], wallet(2).as_bytes(), b",\xff\xfe\n\xff,1\n", wallet(3).as_bytes(), b","]
            .concat();
    let tokenized = read(CsvRows::new(&input[..]).value_column(named("wallet")));
    assert_eq!(tokenized.set.tokens(), expected.set.tokens());
    assert_eq!(numbered(&tokenized.rejections), [(2, Reason::InvalidUtf8)]);
}

#[test]
fn the_first_column_needs_no_name_and_other_delimiters_are_possible() {
    let expected = read(Rows::values([wallet(1), wallet(2)]));
    for delimiter in [b',', b';', b'\t', b'|'] {
        let input = format!("wallet,id\n{},\"a,b\"\n{},c\n", wallet(1), wallet(2));
        let input = input.replace(',', &char::from(delimiter).to_string());
        for column in [Column::First, named("wallet")] {
            let rows = CsvRows::new(input.as_bytes()).value_column(column).delimiter(delimiter);
            assert_eq!(read(rows).set.tokens(), expected.set.tokens(), "{}", char::from(delimiter));
        }
    }
    let lines = format!("{}\n{}\n", wallet(1), wallet(2));
    assert_eq!(read(Rows::lines(lines.as_bytes())).set.tokens(), expected.set.tokens());
}

// --- Readers --------------------------------------------------------------------------------------------

/// Gives a slice piece by piece, with an interruption before each piece, and may fail in the middle.
struct Awkward<'a> {
    rest: &'a [u8],
    piece: usize,
    interrupted: bool,
    interrupt: bool,
    fail: Option<(usize, ErrorKind)>,
}

impl<'a> Awkward<'a> {
    fn new(rest: &'a [u8], piece: usize) -> Self {
        Self { rest, piece, interrupted: false, interrupt: false, fail: None }
    }
}

impl Read for Awkward<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.interrupted = self.interrupt && !self.interrupted;
        if self.interrupted {
            return Err(ErrorKind::Interrupted.into());
        }
        let mut len = self.piece.min(buffer.len()).min(self.rest.len());
        if let Some((left, kind)) = &mut self.fail {
            if *left == 0 {
                return Err((*kind).into());
            }
            len = len.min(*left);
            *left -= len;
        }
        let (now, later) = self.rest.split_at(len);
        buffer[..len].copy_from_slice(now);
        self.rest = later;
        Ok(len)
    }
}

/// A CSV of wallets with some that are invalid; read as lines, its first line is a rejected row.
fn export(rows: u64) -> String {
    let row = |n| if n % 10 == 3 { "x\r\n".to_owned() } else { format!("\"{}\"\r\n", wallet(n / 2)) };
    "\u{feff}\"wallet\"\r\n".to_owned() + &(0..rows).map(row).collect::<String>()
}

#[test]
fn a_reader_of_single_bytes_or_with_interruptions_gives_what_a_slice_gives() {
    let csv = export(3_000);
    let lines = csv.replace('"', "");
    for piece in [1, 2, 3, 7, 4096, usize::MAX] {
        for interrupt in [false, true] {
            let reader = |text| Awkward { interrupt, ..Awkward::new(str::as_bytes(text), piece) };
            assert_eq!(
                outcome(read(Rows::lines(reader(&lines)))),
                outcome(read(Rows::lines(lines.as_bytes()))),
                "lines in pieces of {piece}, interrupted: {interrupt}"
            );
            assert_eq!(
                outcome(read(CsvRows::new(reader(&csv)).value_column(named("wallet")))),
                outcome(read(CsvRows::new(csv.as_bytes()).value_column(named("wallet")))),
                "CSV in pieces of {piece}, interrupted: {interrupt}"
            );
        }
    }
}

#[test]
fn a_reader_that_fails_is_an_error_and_never_a_smaller_set() {
    let csv = export(60_000);
    let lines = csv.replace('"', "");
    let kinds = [ErrorKind::ConnectionReset, ErrorKind::UnexpectedEof, ErrorKind::InvalidData];
    for after in [0, 1, 12, 13, 5_000, BLOCK, BLOCK + 1, 2_000_000] {
        for (threads, kind) in [1, 2, 8].into_iter().zip(kinds) {
            let reader =
                |text| Awkward { fail: Some((after, kind)), ..Awkward::new(str::as_bytes(text), 50_000) };
            for lines_too in [true, false] {
                let rows = if lines_too {
                    Rows::lines(reader(&lines))
                } else {
                    CsvRows::new(reader(&csv)).value_column(named("wallet")).into()
                };
                let result = on_threads(threads, || try_read(rows));
                let Err(Error::Io(error)) = result else { panic!("{after}, {threads} threads: {result:?}") };
                assert_eq!(error.kind(), kind, "{after}");
            }
        }
    }
}

#[test]
fn a_caller_can_stop_the_reading() {
    struct StopAfter(u64, AtomicU64);
    impl Progress for StopAfter {
        fn advance(&self, rows: u64) {
            self.1.fetch_add(rows, Ordering::Relaxed);
        }
        fn is_cancelled(&self) -> bool {
            self.1.load(Ordering::Relaxed) >= self.0
        }
    }
    const ROWS: u64 = 60_000;
    let csv = export(ROWS);
    let tokenizer = tokenizer(Kind::CryptoEvm);
    let sources: [&(dyn Fn() -> Rows<'static> + Sync); 3] = [
        &|| Rows::lines(io::Cursor::new(csv.clone().into_bytes())),
        &|| CsvRows::new(io::Cursor::new(csv.clone().into_bytes())).into(),
        &|| Rows::values((0..ROWS).map(wallet)),
    ];
    let share = share_with_everything(&tokenizer, 10);
    for rows in sources {
        for after in [0, 1, 30_000] {
            let stop = || StopAfter(after, AtomicU64::new(0));
            let stopped = stop();
            let result = tokenizer.tokenize(&name("bank-a"), rows().with_progress(&stopped));
            assert!(matches!(result, Err(Error::Cancelled)), "{result:?}");
            assert!(stopped.1.into_inner() < 60_000, "soon");
            let stopped = stop();
            let result = resolve(&tokenizer, &name("bank-a"), &share, rows().with_progress(&stopped));
            assert!(matches!(result, Err(Error::Cancelled)), "{result:?}");
        }
        let watch = StopAfter(u64::MAX, AtomicU64::new(0));
        let tokenized = tokenizer.tokenize(&name("bank-a"), rows().with_progress(&watch)).unwrap();
        assert_eq!(watch.1.into_inner(), tokenized.set.counters().rows, "every row is told once");
    }
}

// --- Numbers of rows ------------------------------------------------------------------------------------

/// Inputs of many blocks, with empty lines, in which every 997th row is invalid, and what each row holds.
struct Large {
    rows: Vec<String>,
    lines: String,
    csv: String,
}

impl Large {
    fn new() -> Self {
        let row = |n: u64| if n % 997 == 5 { format!("no wallet {n}") } else { wallet(n % 40_000) };
        let rows: Vec<String> = (0..60_000).map(row).collect();
        let empty = |n: usize| ["", "\n", "", "\r\n\n", ""][n % 5];
        let lines: String = rows.iter().enumerate().map(|(n, row)| format!("{}{row}\n", empty(n))).collect();
        let fields = |n: usize| {
            if n.is_multiple_of(7) { format!("\"{n}\n\n\",") } else { format!("{n}{},", "x".repeat(n % 90)) }
        };
        let csv = rows.iter().enumerate();
        let csv: String = csv.map(|(n, row)| format!("{}{}{row},y\n", empty(n), fields(n))).collect();
        assert!(lines.len() > 1 << 20 && csv.len() > 1 << 20);
        Self { rows, lines, csv: "id,wallet,more\n".to_owned() + &csv }
    }

    fn sources(&self) -> [(&'static str, Rows<'_>); 3] {
        [
            ("lines", Rows::lines(self.lines.as_bytes())),
            ("csv", CsvRows::new(self.csv.as_bytes()).value_column(named("wallet")).into()),
            ("values", Rows::values(self.rows.iter().map(String::as_str))),
        ]
    }
}

#[test]
fn rejections_and_resolved_rows_have_the_numbers_of_their_rows_in_any_number_of_threads() {
    let large = Large::new();
    let rows = || (1u64..).zip(&large.rows);
    let expected: Vec<(u64, Reason)> = rows()
        .filter(|(_, row)| !row.starts_with("0x"))
        .map(|(number, _)| (number, Reason::BadCharacter))
        .collect();
    assert!((50..Tokenizer::KEPT_REJECTIONS).contains(&expected.len()));

    let tokenizer = tokenizer(Kind::CryptoEvm);
    let shared: BTreeSet<String> = (0..40_000).filter(|n| n % 701 == 3).map(wallet).collect();
    let of = |member: &str, rows: Rows<'_>| tokenizer.tokenize(&name(member), rows).unwrap().set;
    let (a, b) = (
        of("bank-a", Rows::values(large.rows.iter().map(String::as_str))),
        of("bank-b", Rows::values(shared.clone())),
    );
    let share = share_of(&[&a, &b], "bank-a");
    let found: Vec<u64> = rows().filter(|(_, row)| shared.contains(*row)).map(|(number, _)| number).collect();
    assert!(found.len() > shared.len() && shared.len() > 50);

    for threads in [1, 2, 8] {
        for (what, rows) in large.sources() {
            let tokenized = on_threads(threads, || tokenizer.tokenize(&name("bank-a"), rows).unwrap());
            assert_eq!(numbered(&tokenized.rejections), expected, "{what}, {threads} threads");
            assert_eq!(tokenized.set, a, "{what}, {threads} threads");
        }
        for (what, rows) in large.sources() {
            let resolved =
                on_threads(threads, || resolve(&tokenizer, &name("bank-a"), &share, rows).unwrap());
            let numbers: Vec<u64> = resolved.rows.iter().map(|found| found.place.row).collect();
            assert_eq!(numbers, found, "{what}, {threads} threads");
            assert_eq!((resolved.missing, resolved.counters.rows), (0, 60_000));
        }
    }
}

#[test]
fn the_rejections_that_are_kept_are_the_first_ones() {
    let reasons = [("", Reason::Empty), ("0xg", Reason::BadCharacter), ("0x1", Reason::TooShort)];
    let valid = 20_000;
    let rows: Vec<String> = (0..60_000)
        .map(|n| if n < valid { wallet(n) } else { format!("{:<60}", reasons[n as usize % 3].0) })
        .collect();
    let expected: Vec<(u64, Reason)> =
        (valid..valid + 100).map(|n| (n + 1, reasons[n as usize % 3].1)).collect();
    assert_eq!(Tokenizer::KEPT_REJECTIONS, expected.len());
    let lines = rows.join("\n");
    for threads in [1, 2, 8] {
        for rows in [Rows::lines(lines.as_bytes()), Rows::values(rows.iter().map(String::as_str))] {
            let tokenized = on_threads(threads, || read(rows));
            assert_eq!(numbered(&tokenized.rejections), expected, "{threads} threads");
            assert_eq!(tokenized.set.counters().rejected.total(), 60_000 - valid, "all are counted");
        }
    }
}

/// Rows as they might come: valid in several spellings, repeated, suppressed, invalid, no text at all.
fn raw_rows() -> impl Strategy<Value = Vec<Vec<u8>>> {
    let row = prop_oneof![
        4 => (0u64..30).prop_map(|n| wallet(n).into_bytes()),
        1 => (0u64..30).prop_map(|n| wallet(n).to_ascii_uppercase().into_bytes()),
        1 => (0u64..30).prop_map(|n| wallet(n)[2..].replace('c', "C").into_bytes()),
        1 => (0u64..30).prop_map(|n| format!(" {}\t", wallet(n)).into_bytes()),
        1 => (0u64..18).prop_map(|n| format!("0x{n:040x}").into_bytes()),
        1 => (0usize..70).prop_map(|n| "a".repeat(n).into_bytes()),
        1 => (65_530usize..65_540).prop_map(|n| padded(&wallet(1), n).into_bytes()),
        2 => prop::collection::vec(any::<u8>(), 0..50),
    ];
    prop::collection::vec(row, 0..120)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_row_is_counted_once_and_single_values_agree_with_whole_inputs(rows in raw_rows()) {
        let tokenizer = tokenizer(Kind::CryptoEvm);
        let tokenized = tokenizer.tokenize(&name("a"), Rows::values(rows.clone())).unwrap();
        let counters = tokenized.set.counters();
        prop_assert_eq!(counters.rows, rows.len() as u64);
        prop_assert_eq!(counters.rows, counters.accepted + counters.suppressed + counters.rejected.total());
        prop_assert_eq!(counters.accepted, counters.unique() + counters.duplicates);
        prop_assert_eq!(counters.unique(), tokenized.set.len() as u64);

        let mut tokens = BTreeSet::new();
        let (mut accepted, mut suppressed, mut rejections) = (0, 0, Vec::new());
        for (row, raw) in (1..).zip(&rows) {
            match tokenizer.token(raw) {
                Ok(Some(token)) => {
                    accepted += 1;
                    tokens.insert(token);
                }
                Ok(None) => suppressed += 1,
                Err(reason) => rejections.push((row, reason)),
            }
        }
        prop_assert!(tokenized.set.tokens().iter().eq(&tokens));
        prop_assert_eq!((counters.accepted, counters.suppressed), (accepted, suppressed));
        prop_assert_eq!(counters.rejected.total(), rejections.len() as u64);
        rejections.truncate(Tokenizer::KEPT_REJECTIONS);
        prop_assert_eq!(numbered(&tokenized.rejections), rejections);
    }

    #[test]
    fn lines_and_csv_say_of_the_same_bytes_what_values_say(rows in raw_rows()) {
        let plain = |row: &Vec<u8>| !row.is_empty() && !row.iter().any(|byte| b"\r\n\",".contains(byte));
        let rows: Vec<Vec<u8>> = rows.into_iter().filter(plain).collect();
        let expected = outcome(read(Rows::values(rows.clone())));
        let lines = rows.join(&b'\n');
        // What begins as UTF-16 does is refused as a whole.
        prop_assume!(!matches!(lines[..], [0, _, ..] | [_, 0, ..] | [0xff, 0xfe, ..] | [0xfe, 0xff, ..]));
        prop_assert_eq!(&outcome(read(Rows::lines(&lines[..]))), &expected);
        let csv = [b"wallet\n", &lines[..]].concat();
        prop_assert_eq!(&outcome(read(CsvRows::new(&csv[..]).value_column(named("wallet")))), &expected);
    }
}

// --- Secret files ---------------------------------------------------------------------------------------

#[cfg(unix)]
fn write_secret(path: &Path, content: &[u8], mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::write(path, content).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[cfg(unix)]
#[test]
fn a_secret_file_that_others_may_open_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("secret");
    let line = secret().to_line();
    for (mode, accepted) in [
        (0o600, true),
        (0o400, true),
        (0o644, false),
        (0o640, false),
        (0o660, false),
        (0o604, false),
        (0o602, false),
        (0o610, false),
        (0o777, false),
    ] {
        write_secret(&path, line.as_bytes(), mode);
        let result = CoalitionSecret::read_file(&path);
        assert_eq!(result.is_ok(), accepted, "{mode:o}");
        if let Err(error) = result {
            assert_eq!(error.code(), "secret");
            assert!(error.to_string().contains("0600"), "{error}");
        }
        fs::remove_file(&path).unwrap();
    }
}

#[cfg(unix)]
#[test]
fn anything_but_one_line_is_no_secret_file_and_the_message_names_the_file() {
    let line = secret().to_line().to_string();
    let typo = line.replacen('q', "p", 1) + if line.contains('q') { "" } else { "q" };
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("empty", Vec::new()),
        ("only white space", b"\n \r\n".to_vec()),
        ("truncated", line.as_bytes()[..line.len() - 1].to_vec()),
        ("longer", format!("{line}q").into_bytes()),
        ("mistyped", typo.into_bytes()),
        ("of another prefix", line.replace("vmsecret", "vmsecres").into_bytes()),
        ("two lines", format!("{line}\n{line}\n").into_bytes()),
        ("a second line far below", format!("{line}{}{line}\n", "\n".repeat(200)).into_bytes()),
        ("a comment", format!("# ours\n{line}\n").into_bytes()),
        ("a megabyte of text", "secret ".repeat(150_000).into_bytes()),
        ("a line and a megabyte of space", (line.clone() + &" ".repeat(1 << 20)).into_bytes()),
        ("32 raw bytes", (1..=32).collect()),
        ("no text", vec![0xff; 67]),
        ("hex", b"0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20".to_vec()),
        ("UTF-16", line.encode_utf16().flat_map(u16::to_le_bytes).collect()),
    ];
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("the-secret-file");
    for (what, content) in cases {
        write_secret(&path, &content, 0o600);
        let error = CoalitionSecret::read_file(&path).expect_err(what);
        assert_eq!(error.code(), "secret", "{what}");
        assert!(error.to_string().contains("the-secret-file"), "{what}: {error}");
    }
    for (path, code) in [(folder.path().to_owned(), "secret"), (folder.path().join("absent-file"), "io")] {
        let error = CoalitionSecret::read_file(&path).unwrap_err();
        assert_eq!(error.code(), code);
        assert!(error.to_string().contains(path.to_str().unwrap()), "{error}");
    }
}

#[cfg(unix)]
#[test]
fn a_new_secret_file_comes_back_is_its_owners_and_is_never_overwritten() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("secret");
    let written = CoalitionSecret::generate().unwrap();
    written.write_new_file(&path).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o600);
    assert_eq!(fs::read_to_string(&path).unwrap(), format!("{}\n", *written.to_line()));

    let read = CoalitionSecret::read_file(&path).unwrap();
    let context = context(Kind::NetIp);
    assert_eq!(read.key_id(&context), written.key_id(&context));
    let token = |secret: &CoalitionSecret| {
        Tokenizer::new(secret, context.clone()).unwrap().token(b"8.8.8.8").unwrap().unwrap()
    };
    assert!(token(&read) == token(&written));

    let before = fs::read(&path).unwrap();
    let dangling = folder.path().join("link");
    std::os::unix::fs::symlink(folder.path().join("elsewhere"), &dangling).unwrap();
    for taken in [&path, &dangling, &folder.path().to_owned()] {
        let error = secret().write_new_file(taken).unwrap_err();
        assert_eq!(error.code(), "io");
        assert!(error.to_string().contains(taken.to_str().unwrap()), "{error}");
    }
    assert_eq!(fs::read(&path).unwrap(), before);
    assert!(!folder.path().join("elsewhere").exists(), "no link is followed");

    write_secret(&path, format!("\r\n \t{}\r\n\n", *written.to_line()).as_bytes(), 0o600);
    let read = CoalitionSecret::read_file(&path).unwrap();
    assert_eq!(read.key_id(&context), written.key_id(&context), "white space around the line");
}

// --- Resolving ------------------------------------------------------------------------------------------

fn share_of(sets: &[&veilmatch::TokenSet], member: &str) -> Share {
    let all = sets.iter().try_fold(Intersection::new(), |all, set| all.add(*set)).unwrap();
    all.at_least(2).unwrap().collect().unwrap().share(&name(member), Disclosure::Holders).unwrap()
}

/// The share of `bank-a`, which has the same so many wallets as `bank-b`.
fn share_with_everything(tokenizer: &Tokenizer, wallets: u64) -> Share {
    let set =
        |member: &str| tokenizer.tokenize(&name(member), Rows::values((0..wallets).map(wallet))).unwrap().set;
    share_of(&[&set("bank-a"), &set("bank-b")], "bank-a")
}

#[test]
fn a_share_made_for_another_or_under_other_terms_is_refused_by_name() {
    let ours = || tokenizer(Kind::CryptoEvm);
    let share = share_with_everything(&ours(), 10);
    let rows = || Rows::values((0..10).map(wallet));

    assert!(resolve(&ours(), &name("BANK-A"), &share, rows()).is_ok(), "the same name in another case");
    for other in ["bank-b", "bank-a2", "bank-c"] {
        let error = resolve(&ours(), &name(other), &share, rows()).unwrap_err();
        let Error::WrongRecipient { recipient, member } = &error else { panic!("{error}") };
        assert_eq!((recipient.as_str(), member.as_str()), ("bank-a", other));
        assert!(error.to_string().contains("bank-a") && error.to_string().contains(other));
    }

    let under = |coalition: &str, epoch, kind: Kind| {
        Tokenizer::new(&secret(), KeyContext::new(name(coalition), epoch, kind.kind_id()).unwrap()).unwrap()
    };
    let other_secret = CoalitionSecret::generate().unwrap();
    let list = SuppressionList::parse("crypto.evm/1 0x00000000c0ffee00000000000000000000000009").unwrap();
    for (what, tokenizer) in [
        ("coalition", under("other", 1, Kind::CryptoEvm)),
        ("epoch", under("efc", 2, Kind::CryptoEvm)),
        ("kind", under("efc", 1, Kind::CardPan)),
        ("key id (the secret)", Tokenizer::new(&other_secret, context(Kind::CryptoEvm)).unwrap()),
        ("suppression digest", ours().with_suppression(list.into())),
        ("suppression digest", ours().with_suppression(SuppressionList::none())),
        ("round", ours().with_round(RoundDigest([7; 32]))),
    ] {
        let error = resolve(&tokenizer, &name("bank-a"), &share, rows()).unwrap_err();
        let Error::TermsDiffer { difference, .. } = &error else { panic!("{what}: {error}") };
        assert_eq!(difference.what, what);
        assert!(error.to_string().contains(what), "{error}");
    }
    assert_eq!(resolve(&ours(), &name("bank-a"), &share, rows()).unwrap().missing, 0);
}

#[test]
fn rows_that_are_not_those_that_were_tokenised_leave_tokens_missing() {
    let tokenizer = tokenizer(Kind::CryptoEvm);
    let share = share_with_everything(&tokenizer, 10);
    let resolved = |rows: Vec<String>| -> Resolved {
        resolve(&tokenizer, &name("bank-a"), &share, Rows::values(rows)).unwrap()
    };
    for (rows, missing) in [
        (vec![], 10),
        ((0..9).map(wallet).collect::<Vec<_>>(), 1),
        ((100..200).map(wallet).collect(), 10),
        ((0..10).map(|n| wallet(n) + "0").collect(), 10),
        ((0..10).chain(0..10).map(wallet).collect(), 0),
        ((0..5).chain(0..5).map(wallet).collect(), 5),
    ] {
        let count = rows.len() as u64;
        let resolved = resolved(rows);
        assert_eq!((resolved.missing, resolved.counters.rows), (missing, count));
    }
}

/// What a member should learn, without any token: the rows of each wallet that both members have.
fn rows_in_both(ours: &[String], theirs: &[String]) -> BTreeMap<String, Vec<u64>> {
    let canonical = |raw: &String| raw.trim().to_ascii_lowercase().trim_start_matches("0x").to_owned();
    let theirs: BTreeSet<String> = theirs.iter().map(canonical).collect();
    let mut rows: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    for (row, raw) in (1..).zip(ours) {
        if theirs.contains(&canonical(raw)) {
            rows.entry(canonical(raw)).or_default().push(row);
        }
    }
    rows
}

#[test]
fn resolved_rows_are_those_that_both_members_have_for_small_shares_and_large_ones() {
    let spelt = |n: u64, way: u64| match way % 4 {
        0 => wallet(n),
        1 => wallet(n).to_ascii_uppercase(),
        2 => wallet(n)[2..].to_owned(),
        _ => format!(" {}\t", wallet(n)),
    };
    let tokenizer = tokenizer(Kind::CryptoEvm);
    for (wallets, in_common) in [(100, 40), (16_383, 16_383), (16_384, 16_384), (30_000, 21_000)] {
        let mut ours: Vec<String> = (0..wallets).map(|n| spelt(n, n / 3)).collect();
        ours.extend((0..wallets / 5).map(|n| spelt(5 * n, n)));
        ours.insert(ours.len() / 2, "no wallet".into());
        let theirs: Vec<String> = (wallets - in_common..2 * wallets).map(|n| spelt(n, n)).collect();
        let expected = rows_in_both(&ours, &theirs);
        assert_eq!(expected.len() as u64, in_common);

        let set = |member: &str, rows: &[String]| {
            tokenizer.tokenize(&name(member), Rows::values(rows.to_vec())).unwrap().set
        };
        let share = share_of(&[&set("bank-a", &ours), &set("bank-b", &theirs)], "bank-a");
        assert_eq!(share.len() as u64, in_common);
        let resolved = resolve(&tokenizer, &name("bank-a"), &share, Rows::values(ours.clone())).unwrap();

        let token = |row: u64| tokenizer.token(ours[row as usize - 1].as_bytes()).unwrap().unwrap();
        let mut numbers: Vec<u64> = expected.into_values().flatten().collect();
        numbers.sort_unstable();
        let place = |row| Place { input: 0, row, line: row };
        let index = |row: u64| share.tokens().binary_search(&token(row)).unwrap();
        let expected: Vec<ResolvedRow> =
            numbers.into_iter().map(|row| ResolvedRow { place: place(row), index: index(row) }).collect();
        assert!(resolved.rows == expected, "{} rows of {}", resolved.rows.len(), expected.len());
        assert_eq!((resolved.missing, resolved.counters.rejected.total()), (0, 1));
    }
}
