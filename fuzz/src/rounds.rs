//! What is agreed on before anything is matched: manifests and suppression lists.

use veilmatch::member::cross_check::CrossCheck;
use veilmatch::member::identifier::SuppressionList;
use veilmatch::{Error, Round};

/// Any bytes as a manifest: what is accepted has one spelling.
pub fn manifest(data: &[u8]) {
    match Round::from_bytes(data) {
        Ok(round) => {
            assert!(round.to_bytes() == data, "written again, it is another manifest");
            let same = Round::new(round.manifest().clone()).expect("what was read can be agreed to");
            assert_eq!(same.digest(), round.digest());
        }
        Err(Error::Manifest { .. } | Error::DuplicateMember { .. } | Error::Threshold { .. }) => {}
        // Whose key it is, and what is wrong with it.
        Err(Error::At { source, .. }) => {
            assert!(matches!(*source, Error::SigningKey { .. } | Error::Seal { .. }), "{source}");
        }
        Err(other) => panic!("{other}"),
    }
}

/// Any bytes as a cross-check, with and without a signature: what is accepted has one spelling.
pub fn cross_check(data: &[u8]) {
    match CrossCheck::from_file_bytes(data) {
        Ok(check) if check.signer().is_none() => {
            let mut written = Vec::new();
            check.write_to(&mut written).expect("writing to memory succeeds");
            assert!(written == data, "written again, it is another cross-check");
        }
        Ok(_) => {}
        Err(Error::Format { offset, .. }) => assert!(offset <= data.len() as u64),
        Err(Error::Signature { .. } | Error::SigningKey { .. }) => {}
        Err(other) => panic!("{other}"),
    }
}

/// Any text as a suppression list: the same each time, and in the other order of its lines.
pub fn suppression(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    match SuppressionList::parse(text) {
        Ok(list) => {
            let reversed: String = text.lines().rev().flat_map(|line| [line, "\n"]).collect();
            let reversed = SuppressionList::parse(&reversed).expect("a list in any order");
            assert_eq!((reversed.digest(), reversed.len()), (list.digest(), list.len()));
        }
        Err(Error::SuppressionList { line, .. }) => assert!(line <= text.lines().count()),
        Err(other) => panic!("{other}"),
    }
}
