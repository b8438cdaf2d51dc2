//! Whatever memory is given and however many threads work: what comes of it is the same, byte for byte.

use std::io::Cursor;

use crate::support::coalition::HUB;
use crate::support::files::{metadata, written};
use crate::support::hub::{name, terms, token};
use crate::support::work::{self, Work, found, opened};
use veilmatch::container::CHUNK_RECORDS;
use veilmatch::{Delta, SetBuilder, SetFile, Token, TokenSet};

#[test]
fn a_budget_makes_no_difference_to_the_output() {
    for sealed in [false, true] {
        let (coalition, sets) = work::coalition(sealed, 20_000);
        let of = |work: &Work| {
            let run = work.command(&coalition).output().unwrap();
            assert!(run.status.success(), "{}: {}", work.arguments, String::from_utf8_lossy(&run.stderr));
            work.require_clean(&coalition);
            opened(&coalition, &found(&coalition.file(work.who, work.outs[0])).unwrap())
        };
        for pair in Work::of_sets(&coalition, &sets).chunks(2) {
            assert!(of(&pair[0]) == of(&pair[1]), "{}", pair[1].arguments);
        }
        // What was built and matched within budgets is what the member resolves.
        let share = "a.crypto.evm-1.vsh";
        coalition.carry(HUB, &format!("out/{share}"), "a", share);
        let resolve = format!(
            "resolve {} --share {share} --column wallet=crypto.evm --input rows.csv",
            coalition.part("a")
        );
        let resolved = coalition.done("a", &resolve).stdout;
        assert_eq!(resolved.lines().count(), 1 + 10_000);
        assert_eq!(coalition.done("a", &format!("{resolve} --memory 4MiB")).stdout, resolved);
        // Other rows are refused within a budget too.
        coalition.write("a", "rows.csv", work::wallets(0, 19_999));
        let refused = coalition.run("a", &format!("{resolve} --memory 4MiB"));
        assert_eq!(refused.code, Some(1));
        assert!(refused.stderr.contains("another set of a than these rows give"), "{}", refused.stderr);
        assert!(coalition.names_in("a", ".").iter().all(|name| !name.ends_with(".part")));
    }
}

/// The new list's set is the same from a base and a delta, however that was applied, and from the list alone, however
/// that was read.
#[test]
fn a_set_that_a_delta_makes_is_that_of_the_new_list() {
    let tokens = |numbers: std::ops::Range<u64>| numbers.map(token).collect::<Vec<Token>>();
    let chunk = CHUNK_RECORDS as u64;
    let parent = tempfile::tempdir().unwrap();
    // Enough for several runs of the least budget on two threads.
    for (old, new) in [(0..300_000, 20_000..310_000), (0..3 * chunk, 0..0), (0..0, 0..2 * chunk)] {
        let base = TokenSet::from_tokens(terms(), name("a"), tokens(old)).with_metadata(metadata());
        let afresh = TokenSet::from_tokens(terms(), name("a"), tokens(new.clone())).with_metadata(metadata());
        let next = afresh.following(&base.revision().unwrap()).unwrap();
        let (old_file, expected) = (written(|out| base.write_to(out)), written(|out| next.write_to(out)));
        let mut files = Vec::new();
        for threads in [1, 2] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            for memory in [0, 1 << 30] {
                let built = pool.install(|| {
                    let builder =
                        SetBuilder::new(terms(), name("a"), memory, &parent.path().join("spill")).unwrap();
                    let builder = builder.following(&base.revision().unwrap()).unwrap();
                    tokens(new.clone()).chunks(7_777).for_each(|tokens| builder.push(tokens).unwrap());
                    let mut out = Cursor::new(Vec::new());
                    builder.with_metadata(metadata()).write_to(&mut out).unwrap();
                    out.into_inner()
                });
                assert!(built == expected, "built within {memory} bytes on {threads} threads");
            }
            pool.install(|| {
                let delta = Delta::between_files(&old_file[..], &expected[..]).unwrap();
                assert!(delta == Delta::between(&base, &next).unwrap());
                files.push(written(|out| delta.write_to(out)));
                let on_disk = SetFile::from_source(Box::new(old_file.clone()), "base").unwrap();
                for base in [&base, &on_disk.load().unwrap()] {
                    let applied = delta.apply(base).unwrap();
                    assert!(written(|out| applied.write_to(out)) == expected, "in memory, {threads} threads");
                }
                let applied = written(|out| delta.apply_to(&old_file[..], out));
                assert!(applied == expected, "over the file, {threads} threads");
            });
        }
        assert!(files.windows(2).all(|pair| pair[0] == pair[1]), "the delta itself");
    }
}

#[test]
fn the_program_makes_the_same_of_a_list_as_of_what_has_changed() {
    for sealed in [false, true] {
        let rows = 40_000;
        let (coalition, _) = work::coalition(sealed, rows);
        let [follow, _, _, apply] = Work::of_updates(&coalition, rows);
        let made = |work: &Work, more: &str, out: &str| {
            work.reset(&coalition);
            let mut command = coalition.command(work.who, &format!("{} {more}", work.arguments));
            let run = command.env("SOURCE_DATE_EPOCH", "1700000000").output().unwrap();
            assert!(run.status.success(), "{more}: {}", String::from_utf8_lossy(&run.stderr));
            let files = opened(&coalition, &found(&coalition.file(work.who, out)).unwrap());
            files.into_values().next().unwrap()
        };
        let kept = made(&follow, "--threads 1", "kept");
        for more in ["--threads 2", "--memory 4MiB --threads 1", "--memory 4MiB --threads 16"] {
            assert!(made(&follow, more, "kept") == kept, "tokenize {more}");
        }
        let set = coalition.file("a", "kept");
        std::fs::rename(set, coalition.file("a", "later")).unwrap();
        let name = "crypto.evm-1.vms";
        let agreed = format!("--round round.json {}", coalition.identity());
        let delta = format!(
            "delta {agreed} --member a --base monday/{name} --new later/{name} --out new.vmd --force"
        );
        for threads in [1, 2] {
            coalition.done("a", &format!("{delta} --threads {threads}"));
            coalition.carry("a", "new.vmd", HUB, "new.vmd");
            assert!(made(&apply, &format!("--threads {threads}"), "out.vms") == kept, "{threads} threads");
        }
    }
}
