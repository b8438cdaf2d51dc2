//! Damaged Parquet files, under a cap on memory in a process of their own: an error or as many rows as the file says,
//! never a panic that leaves the library.

use std::process::Command;

use parquet::file::properties::WriterVersion;
use veilmatch::TokenSet;
use veilmatch::member::identifier::{Canonicalizer, Kind};
use veilmatch::member::profile::Profile;
use veilmatch::member::rows::{ParquetRows, Rows};

use crate::support::files::written;
use crate::support::hub::set_of;
use crate::support::mutation::Random;
use crate::support::parquet::{Way, file_of};
use crate::support::thorough::times;

const MUTATIONS: u32 = 10_000;

/// KiB of addresses: the program and its threads, and what one page of a small file may claim to need.
const CAP: u64 = 4 << 20;

const IS_CAPPED: &str = "VEILMATCH_TEST_IS_CAPPED";

/// Runs this very test again in a process that may have no more than the cap.
fn is_capped(name: &str) -> bool {
    if std::env::var_os(IS_CAPPED).is_some() {
        return true;
    }
    let program = std::env::current_exe().unwrap();
    let shell = format!("ulimit -v {CAP} && exec \"$0\" --exact {name} --nocapture");
    let run = Command::new("sh").args(["-c", &shell]).arg(program).env(IS_CAPPED, "1").output().unwrap();
    let said = String::from_utf8_lossy(&run.stderr).into_owned() + &String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success() && said.contains("1 passed"), "{}: {said}", run.status);
    false
}

/// The package panics on some damaged files, which the library catches; its messages would fill the screen.
fn without_messages(run: impl FnOnce()) {
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(run));
    std::panic::set_hook(hook);
    if let Err(panic) = done {
        std::panic::resume_unwind(panic);
    }
}

/// A page that claims two thousand million values is refused before there is room for them.
fn claim_many(files: &[Vec<u8>]) {
    const MANY: [u8; 5] = [0x80, 0xd0, 0xac, 0xf3, 0x0e]; // twice the number, seven bits a byte
    let mut claims = 0;
    for file in files {
        // The number of values is the first field of the seventh or fifth field of a page's header, or of the eighth.
        for at in 4..file.len() - 4 {
            if [[0x4c, 0x15], [0x2c, 0x15], [0x5c, 0x15]].contains(&[file[at], file[at + 1]]) {
                let behind = at + if file[at + 2] < 0x80 { 3 } else { 4 };
                let claiming = [&file[..at + 2], &MANY, &file[behind..]].concat();
                let rows = ParquetRows::new(claiming).map(|rows| rows.value_column("card"));
                let read = rows.and_then(|rows| Profile::read(&Canonicalizer::new(Kind::CardPan), rows));
                claims += usize::from(read.is_err());
            }
        }
    }
    assert!(claims > files.len(), "{claims}");
}

#[cfg(unix)]
#[test]
fn a_damaged_column_is_an_error_or_as_many_rows_as_the_file_says() {
    if !is_capped("parquet::a_damaged_column_is_an_error_or_as_many_rows_as_the_file_says") {
        return;
    }
    let text = |at: usize| (!at.is_multiple_of(7)).then(|| format!("99991000000015{:02}", at % 90));
    let values: Vec<Option<String>> = (0..200).map(text).collect();
    let kinds: Vec<Option<String>> = (0..200).map(|_| Some("card.pan".to_owned())).collect();
    let compressions = Way::compressions();
    let mut files = Vec::new();
    for (at, encoding) in Way::ENCODINGS.into_iter().enumerate() {
        for version in [WriterVersion::PARQUET_1_0, WriterVersion::PARQUET_2_0] {
            let way = Way { encoding, compression: compressions[at % 3], version, ..Way::plain() };
            files.push(file_of(&[("kind", &kinds), ("card", &values)], &way));
        }
    }
    let rule = Canonicalizer::new(Kind::CardPan);
    claim_many(&files);
    let mut random = Random(5);
    let mut outcomes = [0u32; 2];
    without_messages(|| {
        for number in 0..times(MUTATIONS) {
            let mut broken = files[number as usize % files.len()].clone();
            random.mutate(&mut broken, number.is_multiple_of(2));
            let Ok(rows) = ParquetRows::new(broken) else {
                outcomes[0] += 1;
                continue;
            };
            let column = || Rows::from(rows.clone().value_column("card"));
            match Profile::read(&rule, column()) {
                Ok(profile) => {
                    assert_eq!(profile.counters().rows, rows.rows());
                    assert_eq!(Profile::read(&rule, column()).unwrap(), profile, "two readings differ");
                    outcomes[1] += 1;
                }
                Err(_) => outcomes[0] += 1,
            }
            let _ = Profile::read(&rule, rows.value_column("card").kind_column("kind", Kind::CardPan));
        }
    });
    assert!(outcomes.iter().all(|outcome| *outcome > times(MUTATIONS) / 20), "{outcomes:?}");
}

#[cfg(unix)]
#[test]
fn a_damaged_table_of_a_set_is_refused_or_the_same_set() {
    if !is_capped("parquet::a_damaged_table_of_a_set_is_refused_or_the_same_set") {
        return;
    }
    let set = set_of("bank-a", 0..300);
    let file = written(|out| set.write_parquet(out));
    let mut random = Random(6);
    let mut refused = 0;
    without_messages(|| {
        for number in 0..times(MUTATIONS) {
            let mut broken = file.clone();
            random.mutate(&mut broken, number.is_multiple_of(2));
            match TokenSet::from_parquet(broken) {
                Ok(read) => assert!(read == set, "another set was read"),
                Err(_) => refused += 1,
            }
        }
    });
    assert!(refused > times(MUTATIONS) / 2, "{refused}");
}
