//! Lines of the run record: as they are, and with the chain between them made to hold.

use veilmatch::Error;
use veilmatch::round::log::Log;

use crate::support::files::{hex, sha256};

/// Any bytes as a log.
pub fn log(data: &[u8]) {
    read(data);
    read(&chained(data));
}

/// What is accepted is what a writer wrote, and its chain ends at its head.
fn read(data: &[u8]) {
    match Log::parse(data) {
        Ok(log) => {
            let mut again = Vec::new();
            for line in log.lines() {
                serde_json::to_writer(&mut again, line).expect("writing to memory succeeds");
                again.push(b'\n');
            }
            assert!(again == data, "written again, it is another log");
            match log.verify(Some(log.head()), &[]) {
                Ok(verified) => assert_eq!(verified.head_at, Some(log.lines().len() as u64)),
                Err(Error::Log { .. }) => {}
                Err(other) => panic!("{other}"),
            }
        }
        Err(Error::Log { line, .. }) => {
            assert!(line <= 1 + data.iter().filter(|b| **b == b'\n').count() as u64)
        }
        Err(other) => panic!("{other}"),
    }
}

/// The same lines, in each of which that digest stands which the line before has (SPEC.md, section 14).
fn chained(data: &[u8]) -> Vec<u8> {
    const BEFORE: &[u8] = b"\"previous\":\"";
    let mut all = Vec::with_capacity(data.len());
    let mut head = sha256(&[b"veilmatch/1 log"]);
    for line in data.split_inclusive(|byte| *byte == b'\n') {
        let mut line = line.to_vec();
        let digest = line.windows(BEFORE.len()).position(|part| part == BEFORE).map(|at| at + BEFORE.len());
        if let Some(place) = digest.and_then(|at| line.get_mut(at..at + 64)) {
            place.copy_from_slice(hex(&head).as_bytes());
        }
        head = sha256(&[b"veilmatch/1 log line", &line]);
        all.extend(line);
    }
    all
}
