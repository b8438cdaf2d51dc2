//! Forgeries: files whose every digest is right are refused for what they say.
//!
//! Each case is a good file with one change and fresh digests, and names the check that must refuse it.

use crate::support::files::{Forger, header_of, names_block, reader_of, small_files};
use veilmatch::Error;

fn forger(what: &str) -> Forger {
    let (_, file, _) = small_files().into_iter().find(|(name, ..)| *name == what).unwrap();
    Forger::of(&file)
}

fn read(forged: &Forger) -> Result<Vec<u8>, Error> {
    reader_of(&forged.file_type)(&forged.file())
}

fn assert_accepted(what: &str, forged: &Forger) {
    let again = read(forged).unwrap_or_else(|error| panic!("{what}: {error}"));
    assert!(again == forged.file(), "{what}: written again, it is another file");
}

fn assert_refused(what: &str, forged: &Forger, by: &str) {
    match read(forged) {
        Err(Error::Format { expected, .. }) => {
            assert!(expected.starts_with(by), "{what}: expected {expected:?}");
        }
        other => panic!("{what}: {:?}", other.map(|bytes| bytes.len())),
    }
}

/// Stands for what each type says of fields that are not its own.
const OF_OTHERS: &str = "";
const LENGTH: &str = "exactly the length that the header tells";
const JSON: &str = "one line of JSON with the known fields, each once";
const CANONICAL: &str = "the header in its one canonical spelling";
const INTEGERS: &str = "integers of at most 2^53 - 1";
const ORDER: &str = "tokens in ascending order, each once";
const PLAUSIBLE: &str = "2 to 2,048 members, a threshold among them";
const NAMES: &str = "the members' names, valid, in order, unique ignoring case, padded with zeros";
const HOLDERS: &str = "as many holders as the threshold asks, all of them members";
const WHOLE_BLOCKS: &str = "a bitmap of whole blocks";
const BITMAP: &str = "a bitmap, neither empty nor saturated, filled as its declared tokens fill it";

const COUNTERS: &str = r#""counters":{"rows":20,"accepted":20,"changed":0,"warnings":0,"suppressed":0,"duplicates":0,"rejected":{}}"#;
const MATCHED: &str =
    r#""matched":{"at_least":2,"members":2,"disclosure":"counts","names":null,"own_set":null}"#;
const FILTER: &str = r#""filter":{"layout":"standard","hashes":7,"bytes":48}"#;

/// One change of the header after another, each refused for its own reason.
fn refuse_headers(what: &str, edits: &[(&str, &str, &str)]) {
    for (from, to, by) in edits {
        let by = if by.is_empty() { of_others(what) } else { by };
        assert_refused(&format!("{what}: {from} -> {to}"), &forger(what).replace(from, to), by);
    }
}

fn of_others(what: &str) -> &'static str {
    match what {
        "set" => "a set, without what belongs to other types",
        "prefilter" | "prefilter in blocks" => "a prefilter, without what belongs to other types",
        _ => "a result, without what belongs to other types",
    }
}

#[test]
fn the_forger_forges_well() {
    for (what, file, read) in small_files() {
        let forged = Forger::of(&file);
        assert!(forged.file() == file, "{what}");
        let renamed = forged.replace("\"epoch\":1", "\"epoch\":9007199254740991").file();
        assert!(read(&renamed).expect(what) == renamed, "{what} of another epoch");
    }
}

#[test]
fn every_header_is_bounded_and_canonical() {
    for (what, file, _) in small_files() {
        let header = header_of(&file);
        let tokens = format!("\"tokens\":{}", header["tokens"]);
        let (round, kind) =
            (format!("\"round\":{},", header["round"]), format!("\"kind\":{}", header["kind"]));
        let other_number = match what {
            "set" | "set that follows another" | "delta" => "counters whose sums hold",
            "prefilter" | "prefilter in blocks" => BITMAP,
            "trail" | "statement" => "a document without records",
            _ => LENGTH,
        };
        for (from, to, by) in [
            ("\"format\":1", "\"format\":2", "format 1"),
            ("\"format\":1", "\"format\":0", "format 1"),
            ("\"epoch\":1", "\"epoch\":9007199254740992", INTEGERS),
            ("\"epoch\":1", "\"epoch\":1.0", JSON),
            ("\"epoch\":1", "\"epoch\":-1", JSON),
            ("\"epoch\":1", "\"epoch\":1,\"epoch\":1", JSON),
            ("\"epoch\":1", "\"epoch\":1,\"more\":1", JSON),
            ("\"epoch\":1", "\"epoch\": 1", CANONICAL),
            (&round, "", CANONICAL),
            ("\"purpose\":\"", "\"purpose\":\"\\u0007", INTEGERS),
            ("\"purpose\":\"", "\"purpose\":\"\\u0041", CANONICAL),
            ("\"purpose\":\"", &format!("\"purpose\":\"{}", "a".repeat(257)), INTEGERS),
            (&kind, &kind.replace("/1", "/0"), JSON),
            ("\"coalition\":\"efc\"", "\"coalition\":\"../efc\"", JSON),
            ("\"key_id\":\"01", "\"key_id\":\"0A", JSON),
            (&tokens, &tokens.replace(':', ":1"), other_number),
            (&tokens, "\"tokens\":9007199254740992", INTEGERS),
            (&tokens, "\"tokens\":null", JSON),
        ] {
            assert_refused(&format!("{what}: {from} -> {to}"), &forger(what).replace(from, to), by);
        }
        let more = match what {
            "set that follows another" | "links" | "trail" | "statement" => 1,
            "delta" => 2,
            _ => 0,
        };
        assert_eq!(header.as_object().unwrap().len(), 19 + more, "{what}: each header has the same fields");
    }
}

#[test]
fn tokens_that_do_not_ascend_are_refused() {
    for what in [
        "set",
        "overlaps",
        "share with holders",
        "share with counts",
        "notice with names",
        "notice with counts",
    ] {
        let len = forger(what).record_len;
        let repeated = forger(what).records(|records| records.copy_within(0..len, len));
        let descending = forger(what).records(|records| records.rotate_left(len));
        let last = forger(what).records(|records| {
            let at = records.len() - len;
            records[at..at + 16].fill(0);
        });
        for (how, forged) in [("repeated", repeated), ("descending", descending), ("last", last)] {
            assert_refused(&format!("{what}, {how}"), &forged, ORDER);
        }
    }
}

#[test]
fn a_set_is_refused_for_what_it_says() {
    refuse_headers(
        "set",
        &[
            ("\"matched\":null", MATCHED, OF_OTHERS),
            ("\"filter\":null", FILTER, OF_OTHERS),
            ("\"member\":\"bank-a\"", "\"member\":null", "a set with its member and counters"),
            ("\"member\":\"bank-a\"", "\"member\":\"../bank-a\"", JSON),
            ("\"rows\":40", "\"rows\":41", "counters whose sums hold"),
            ("\"duplicates\":0", "\"duplicates\":1", "counters whose sums hold"),
            ("\"changed\":0", "\"changed\":41", "counters whose sums hold"),
            ("\"warnings\":0", "\"warnings\":41", "counters whose sums hold"),
            ("\"suppressed\":0", "\"suppressed\":18446744073709551615", "counters whose sums hold"),
            ("\"rows\":40", "\"rows\":9007199254740992", INTEGERS),
            ("\"rejected\":{}", "\"rejected\":{\"checksum\":0}", JSON),
            ("\"rejected\":{}", "\"rejected\":{\"no such reason\":0}", JSON),
        ],
    );
    let uncounted =
        forger("set").replace(&between("set", "\"counters\":", ",\"matched\":"), "\"counters\":null");
    assert_refused("no counters", &uncounted, "a set with its member and counters");
}

/// The part of a good header from one text up to another.
fn between(what: &str, from: &str, to: &str) -> String {
    let head = forger(what).head;
    head[head.find(from).unwrap()..head.find(to).unwrap()].to_owned()
}

#[test]
fn results_are_refused_for_what_their_headers_say() {
    for what in
        ["overlaps", "share with holders", "share with counts", "notice with names", "notice with counts"]
    {
        let holders = !what.contains("counts");
        let members = ["0", "1", "2049", "65535"].map(|members| format!("\"members\":{members}"));
        let tokens = forger(what).records.len() / forger(what).record_len;
        let counters = COUNTERS.replace("20", &tokens.to_string());
        let mut edits = vec![
            ("\"counters\":null", counters.as_str(), OF_OTHERS),
            ("\"filter\":null", FILTER, OF_OTHERS),
            ("\"at_least\":2", "\"at_least\":0", PLAUSIBLE),
            ("\"at_least\":2", "\"at_least\":3", PLAUSIBLE),
            ("\"members\":2", "\"members\":65536", JSON),
        ];
        edits.extend(members.iter().map(|members| ("\"members\":2", members.as_str(), PLAUSIBLE)));
        edits.extend(holders.then_some(("\"members\":2", "\"members\":9", LENGTH)));
        refuse_headers(what, &edits);
        let matched = between(what, "\"matched\":", ",\"filter\":");
        let none = forger(what).replace(&matched, "\"matched\":null");
        assert_refused(what, &none, "the threshold and number of members");
        let (from, to) = if holders { ("\"holders\"", "\"counts\"") } else { ("\"counts\"", "\"holders\"") };
        assert_refused(what, &forger(what).replace(from, to), PLAUSIBLE);
    }
    refuse_headers(
        "overlaps",
        &[(
            "\"member\":null",
            "\"member\":\"bank-a\"",
            "a recipient in a share or notice, and none in overlaps",
        )],
    );
    let none = [(
        "\"member\":\"bank-a\"",
        "\"member\":null",
        "a recipient in a share or notice, and none in overlaps",
    )];
    refuse_headers("share with holders", &none);
    refuse_headers("share with counts", &none);
    refuse_headers("notice with names", &none);
    refuse_headers("notice with counts", &none);

    // A share that counts, dressed up as overlaps: every digest is right, the type is not for counts.
    let mut counted = forger("share with counts")
        .replace("veilmatch share 1", "veilmatch overlaps 1")
        .replace("\"member\":\"bank-a\"", "\"member\":null");
    counted.file_type = "overlaps".to_owned();
    assert_refused("overlaps that count", &counted, "overlaps that name their holders");
}

#[test]
fn the_bounds_of_members_and_threshold_are_exact() {
    let names: Vec<String> = (0..2049).map(|number| format!("bank-{number:04}")).collect();
    let of = |members: usize, at_least: usize| {
        let names: Vec<&[u8]> = names[..members].iter().map(|name| name.as_bytes()).collect();
        let mut forged = forger("overlaps")
            .replace("\"members\":2", &format!("\"members\":{members}"))
            .replace("\"at_least\":2", &format!("\"at_least\":{at_least}"))
            .names(names_block(&names));
        forged.record_len = 16 + members.div_ceil(8);
        let mut holders = vec![0xff; members.div_ceil(8)];
        *holders.last_mut().unwrap() >>= members.next_multiple_of(8) - members;
        let tokens: Vec<&[u8]> = forged.records.chunks(17).map(|record| &record[..16]).collect();
        forged.records = tokens.iter().flat_map(|token| [token, holders.as_slice()].concat()).collect();
        forged
    };
    for (members, at_least) in [(2, 1), (2, 2), (7, 7), (8, 8), (9, 1), (2047, 2047), (2048, 2048)] {
        assert_accepted(&format!("{at_least} of {members}"), &of(members, at_least));
    }
    for (members, at_least) in [(1, 1), (2, 3), (9, 0), (2048, 2049), (2049, 2), (2049, 2049)] {
        assert_refused(&format!("{at_least} of {members}"), &of(members, at_least), PLAUSIBLE);
    }
}

#[test]
fn holders_are_members_and_as_many_as_the_threshold_asks() {
    for what in ["overlaps", "share with holders"] {
        for place in [0, 7, 19] {
            let with = |holders| forger(what).records(|records| records[place * 17 + 16] = holders);
            assert_accepted(what, &with(0b11));
            let one_of_two = with(0b01).replace("\"at_least\":2", "\"at_least\":1");
            assert_accepted(what, &one_of_two);
            // None, one, one of no member, and bits of no member beside both members.
            for holders in [0, 0b01, 0b10, 0b100, 0b101, 0b111, 0b1000_0011, 0xff] {
                assert_refused(&format!("{what}, holders {holders:#b}"), &with(holders), HOLDERS);
            }
            let none = with(0).replace("\"at_least\":2", "\"at_least\":1");
            assert_refused(what, &none, HOLDERS);
        }
    }
    for place in [0, 7, 19] {
        let with = |count: u16| {
            let at = place * 18 + 16;
            let edit = |records: &mut Vec<u8>| records[at..at + 2].copy_from_slice(&count.to_be_bytes());
            forger("share with counts").records(edit)
        };
        assert_accepted("two of two", &with(2));
        assert_accepted("one", &with(1).replace("\"at_least\":2", "\"at_least\":1"));
        for count in [0, 1, 3, 256, 512, 65535] {
            assert_refused(&format!("count {count}"), &with(count), HOLDERS);
        }
        assert_refused("none", &with(0).replace("\"at_least\":2", "\"at_least\":1"), HOLDERS);
    }
}

#[test]
fn who_withdrew_a_token_are_members_other_than_the_recipient() {
    // For bank-a, of two members: only bank-b can have withdrawn anything.
    for place in [0, 2, 4] {
        let with = |by| forger("notice with names").records(|records| records[place * 17 + 16] = by);
        assert_accepted("the other", &with(0b10));
        assert_refused("the recipient", &with(0b01), "the recipient not among those who withdrew a token");
        for by in [0, 0b11, 0b100, 0b110, 0b1000_0010, 0xff] {
            assert_refused(&format!("{by:#b}"), &with(by), "one or more who withdrew the token");
        }
        let with = |count: u16| {
            let at = place * 18 + 16;
            let edit = |records: &mut Vec<u8>| records[at..at + 2].copy_from_slice(&count.to_be_bytes());
            forger("notice with counts").records(edit)
        };
        assert_accepted("one", &with(1));
        for count in [0, 2, 256, 65535] {
            assert_refused(&format!("count {count}"), &with(count), "one or more who withdrew the token");
        }
    }
}

#[test]
fn the_recipient_of_a_share_is_a_member_and_holds_each_token() {
    let to = |name: &str| {
        let to = format!("\"member\":\"{name}\"");
        forger("share with holders").replace("\"member\":\"bank-a\"", &to)
    };
    assert_accepted("the other member", &to("bank-b"));
    for stranger in ["bank-c", "BANK-A", "bank", "bank-a0"] {
        assert_refused(stranger, &to(stranger), "the recipient among the members");
    }
    for (name, theirs, others) in [("bank-a", 0b01, 0b10), ("bank-b", 0b10, 0b01)] {
        for place in [0, 7, 19] {
            let with = |holders| {
                let edit = |records: &mut Vec<u8>| records[place * 17 + 16] = holders;
                to(name).replace("\"at_least\":2", "\"at_least\":1").records(edit)
            };
            assert_accepted(name, &with(theirs));
            assert_refused(name, &with(others), "the recipient among the holders of each token");
        }
    }
}

#[test]
fn the_block_of_names_is_the_one_that_a_writer_writes() {
    let (a, b): (&[u8], &[u8]) = (b"bank-a", b"bank-b");
    let (long, longest) = (b"b".repeat(65), b"b".repeat(64));
    for what in ["overlaps", "share with holders"] {
        assert_accepted(what, &forger(what).names(names_block(&[a, b])));
        assert_accepted(what, &forger(what).names(names_block(&[a, &longest])));
        assert_accepted(what, &forger(what).names(names_block(&[b"BANK-B", a])));
        let edited = |edit: &dyn Fn(&mut Vec<u8>)| {
            let mut block = names_block(&[a, b]);
            edit(&mut block);
            block
        };
        let cases: [(&str, Vec<u8>); 17] = [
            ("unsorted", names_block(&[b, a])),
            ("repeated", names_block(&[a, a])),
            ("equal ignoring case", names_block(&[b"BANK-A", a])),
            ("empty", names_block(&[b"", a])),
            ("a bad first character", names_block(&[b"-bank", a])),
            ("a bad character", names_block(&[a, b"bank/b"])),
            ("a space", names_block(&[a, b"bank b"])),
            ("a zero", names_block(&[a, b"bank-b\0"])),
            ("not UTF-8", names_block(&[a, b"bank-\xff"])),
            ("too long", names_block(&[a, &long])),
            ("one too few", names_block(&[a])),
            ("one too many", names_block(&[a, b, b"bank-c"])),
            ("padded with a one", edited(&|block| *block.last_mut().unwrap() = 1)),
            ("padded with a one at once", edited(&|block| block[16] = 1)),
            ("padded with a page", edited(&|block| block.resize(8192, 0))),
            ("not padded", edited(&|block| block.truncate(16))),
            ("a length beyond the block", edited(&|block| block[8..10].fill(0xff))),
        ];
        for (how, block) in cases {
            assert_refused(&format!("{what}, {how}"), &forger(what).names(block), NAMES);
        }
        assert_refused(what, &forger(what).names(Vec::new()), NAMES);

        let mut other_block = forger(what);
        other_block.names = names_block(&[a, b"bank-c"]);
        assert_refused(what, &other_block, "the names or document that the header's digest tells");
        for bytes in ["0", "4095", "4097", "9007199254740991", "18446744073709551615"] {
            let forged = forger(what).replace("\"bytes\":4096", &format!("\"bytes\":{bytes}"));
            assert_refused(&format!("{what}, {bytes} bytes of names"), &forged, LENGTH);
        }
        for (members, names) in [(3, 2), (8, 2)] {
            let forged = forger(what).replace("\"members\":2", &format!("\"members\":{members}"));
            assert_refused(&format!("{what}, {members} of {names} names"), &forged, NAMES);
        }
    }
}

#[test]
fn a_prefilter_is_refused_for_what_it_says() {
    let filter = |hashes: &str, bytes: &str| {
        forger("prefilter")
            .replace("\"hashes\":7", &format!("\"hashes\":{hashes}"))
            .replace("\"bytes\":48", &format!("\"bytes\":{bytes}"))
    };
    refuse_headers(
        "prefilter",
        &[
            ("\"counters\":null", COUNTERS, "counters whose sums hold"),
            ("\"counters\":null", &COUNTERS.replace("20", "30"), OF_OTHERS),
            ("\"matched\":null", MATCHED, OF_OTHERS),
            ("\"member\":\"bank-b\"", "\"member\":null", "a prefilter with its member and layout"),
            (FILTER, "\"filter\":null", "a filter's layout"),
            ("\"layout\":\"standard\"", "\"layout\":\"fuse\"", JSON),
            ("\"layout\":\"standard\"", "\"layout\":\"blocked\"", WHOLE_BLOCKS), // of 32 bytes, not 48
            ("\"layout\":\"standard\"", "\"layout\":\"Standard\"", JSON),
            ("\"tokens\":30", "\"tokens\":0", BITMAP),
            ("\"tokens\":30", "\"tokens\":100", BITMAP),
            ("\"tokens\":30", "\"tokens\":1000000", BITMAP),
            ("\"tokens\":30", "\"tokens\":9007199254740991", BITMAP),
        ],
    );
    for hashes in ["0", "21", "4294967295"] {
        assert_refused(hashes, &filter(hashes, "48"), BITMAP);
    }
    // No bit is set, as no token leaves any, so that nothing but the bounds can be wrong.
    let empty = |hashes: &str| {
        filter(hashes, "48").replace("\"tokens\":30", "\"tokens\":0").records(|records| records.fill(0))
    };
    ["1", "20"].iter().for_each(|hashes| assert_accepted(hashes, &empty(hashes)));
    ["0", "21", "4294967295"].iter().for_each(|hashes| assert_refused(hashes, &empty(hashes), BITMAP));
    assert_refused("hashes beyond 32 bits", &filter("4294967296", "48"), JSON);
    assert_refused("no bytes", &filter("7", "0").records(Vec::clear), BITMAP);
    for bytes in ["1", "15", "47", "18446744073709551615"] {
        assert_refused(bytes, &filter("7", bytes), WHOLE_BLOCKS);
    }
    for bytes in ["0", "32", "64", "9007199254740976", "9223372036854775808", "18446744073709551600"] {
        assert_refused(bytes, &filter("7", bytes), LENGTH);
    }
    let filled = |byte| forger("prefilter").records(|records| records.fill(byte));
    assert_refused("saturated", &filled(0xff), BITMAP);
    assert_refused("too full", &filled(0b1110_1101), BITMAP);
    assert_refused("bare", &filled(0), BITMAP);
    // Saturated as so many tokens would leave it: refused although the number fits.
    let honest = filled(0xff).replace("\"tokens\":30", "\"tokens\":100000");
    assert_refused("honestly saturated", &honest, BITMAP);
}

#[test]
fn a_prefilter_in_blocks_is_refused_for_what_it_says() {
    const WHAT: &str = "prefilter in blocks";
    const FILTER: &str = r#""filter":{"layout":"blocked","hashes":4,"bytes":64}"#;
    let filter = |hashes: &str, bytes: &str| {
        forger(WHAT)
            .replace("\"hashes\":4", &format!("\"hashes\":{hashes}"))
            .replace("\"bytes\":64", &format!("\"bytes\":{bytes}"))
    };
    refuse_headers(
        WHAT,
        &[
            ("\"counters\":null", COUNTERS, "counters whose sums hold"),
            ("\"counters\":null", &COUNTERS.replace("20", "30"), OF_OTHERS),
            ("\"matched\":null", MATCHED, OF_OTHERS),
            ("\"member\":\"bank-b\"", "\"member\":null", "a prefilter with its member and layout"),
            (FILTER, "\"filter\":null", "a filter's layout"),
            ("\"layout\":\"blocked\"", "\"layout\":\"Blocked\"", JSON),
            ("\"hashes\":4,", "", JSON),
            ("\"tokens\":30", "\"tokens\":0", BITMAP),
            ("\"tokens\":30", "\"tokens\":100", BITMAP),
            ("\"tokens\":30", "\"tokens\":1000000", BITMAP),
            ("\"tokens\":30", "\"tokens\":9007199254740991", BITMAP),
        ],
    );
    // No bit is set, as no token leaves any, so that nothing but the bounds can be wrong.
    let empty = |hashes: &str| {
        filter(hashes, "64").replace("\"tokens\":30", "\"tokens\":0").records(|records| records.fill(0))
    };
    assert_accepted("empty", &empty("4"));
    for hashes in ["0", "1", "3", "5", "8", "4294967295"] {
        assert_refused(hashes, &empty(hashes), BITMAP);
    }
    assert_refused("hashes beyond 32 bits", &filter("4294967296", "64"), JSON);
    assert_refused("no bytes", &filter("4", "0").records(Vec::clear), BITMAP);
    for bytes in ["1", "16", "48", "63", "9007199254740976", "18446744073709551615"] {
        assert_refused(bytes, &filter("4", bytes), WHOLE_BLOCKS);
    }
    for bytes in ["0", "32", "96", "9007199254740960", "9223372036854775808", "18446744073709551584"] {
        assert_refused(bytes, &filter("4", bytes), LENGTH);
    }
    let filled = |byte| forger(WHAT).records(|records| records.fill(byte));
    assert_refused("saturated", &filled(0xff), BITMAP);
    assert_refused("bare", &filled(0), BITMAP);
    let honest = filled(0xff).replace("\"tokens\":30", "\"tokens\":100000");
    assert_refused("honestly saturated", &honest, BITMAP);
    // As many set bits as the tokens leave, but all in the first block of many: its rate is low, its number
    // of tokens is not borne out.
    let crowded = filter("4", "320").records(|records| {
        records.fill(0xff);
        records.truncate(32);
        records.resize(320, 0);
    });
    assert_accepted(
        "crowded, of as many tokens as its bits",
        &crowded.clone().replace("\"tokens\":30", "\"tokens\":64"),
    );
    assert_refused("crowded by more", &crowded.replace("\"tokens\":30", "\"tokens\":200"), BITMAP);
}

#[test]
fn numbers_of_tokens_that_the_length_does_not_bear_out_are_refused() {
    for what in [
        "set",
        "overlaps",
        "share with holders",
        "share with counts",
        "notice with names",
        "notice with counts",
    ] {
        let count = forger(what).records.len() / forger(what).record_len;
        let mut counts = vec![0, count as u64 - 1, count as u64 + 1, 1 << 32, (1 << 53) - 1];
        counts.push(u64::MAX / 16 / 256); // beyond what is allowed, within what could be multiplied
        for tokens in counts {
            let mut forged =
                forger(what).replace(&format!("\"tokens\":{count}"), &format!("\"tokens\":{tokens}"));
            if what == "set" {
                let counters = between("set", "\"counters\":", ",\"matched\":");
                forged = forged.replace(&counters, &counters.replace("40", &tokens.to_string()));
            }
            let by = if tokens < 1 << 53 { LENGTH } else { INTEGERS };
            assert_refused(&format!("{what}: {tokens}"), &forged, by);
        }
    }
}
