//! What custodians agree to, tell each other, and sign; what they are asked, answer and charge.

use std::fs;
use std::io::Cursor;
use std::sync::OnceLock;

use veilmatch::Error;
use veilmatch::container::Signer as _;
use veilmatch::custodian::{Dkg, Ledger, Seed};
use veilmatch::custody::{
    Ceremony, Custodian, EvaluationFile, KindQuota, RequestFile, RequestWriter, SignedCustody, SignedHead,
};
use veilmatch::round::identity::Identity;
use veilmatch::terms::{ContentDigest, KindId, Name};

use crate::support::files::{Forger, hex, sha256};

/// Any bytes as a ceremony: what is accepted has one spelling. And as a file of a step: nobody signed it, so it is refused.
pub fn ceremony(data: &[u8]) {
    match Ceremony::from_bytes(data) {
        Ok(ceremony) => assert!(ceremony.to_bytes() == data, "written again, it is another ceremony"),
        Err(error) => require_known(&error),
    }
    let (ceremony, identity, seed) = custodian();
    let dkg = Dkg::new(ceremony, &ceremony.custodians()[0].name, identity, seed).expect("a custodian");
    match dkg.read(data) {
        Ok(_) => panic!("nobody signed it"),
        Err(error) => require_known(&error),
    }
}

/// Any bytes as what is public of custodians' keys: what is accepted has one spelling.
pub fn custody(data: &[u8]) {
    match SignedCustody::read(data) {
        Ok(signed) => assert!(signed.to_bytes() == data, "written again, it is another custody"),
        Err(error) => require_known(&error),
    }
}

/// Any bytes as a request, and as the essence of one: what is accepted and not signed is what a writer writes.
pub fn request(data: &[u8]) {
    read_request(data);
    if let Some(forged) = Forger::of_essence("request", data) {
        read_request(&forged.file());
    }
}

fn read_request(file: &[u8]) {
    let read = || {
        let request = RequestFile::from_source(Box::new(file.to_vec()), "request")?;
        let (mut elements, mut batches) = (Vec::new(), request.batches());
        while let Some(batch) = batches.next()? {
            elements.extend(batch);
        }
        Ok((request, elements))
    };
    match read() {
        Ok((request, elements)) => {
            assert!(elements.len() as u64 == request.len(), "another number of elements");
            if request.signer().is_some() {
                return; // only its signer can write it again
            }
            let (terms, member, heads) = (request.terms().clone(), request.member().clone(), request.heads());
            let mut again = Cursor::new(Vec::new());
            let writer = RequestWriter::begin(terms, member, request.custody(), heads.to_vec(), &mut again);
            let mut writer = writer.expect("what was read");
            writer.push(&elements).expect("writing to memory succeeds");
            let root = writer.finish(request.metadata(), None).expect("what was read");
            assert!(again.into_inner() == file, "written again, it is another request");
            assert!(root == request.root(), "another root");
        }
        Err(error) => require_known(&error),
    }
}

/// Any bytes as an evaluation, and as the essence of one: what is accepted has as many elements as it says.
pub fn evaluation(data: &[u8]) {
    read_evaluation(data);
    if let Some(forged) = Forger::of_essence("evaluation", data) {
        read_evaluation(&forged.file());
    }
}

fn read_evaluation(file: &[u8]) {
    let read = || {
        let evaluation = EvaluationFile::from_source(Box::new(file.to_vec()), "evaluation")?;
        let (mut number, mut batches) = (0, evaluation.batches());
        while let Some((batch, _)) = batches.next()? {
            number += batch.len() as u64;
        }
        assert!(number == evaluation.len(), "another number of elements");
        Ok(())
    };
    read().unwrap_or_else(|error| require_known(&error));
}

/// Any bytes as a ledger: as they are, and with its chain made to hold and signed.
pub fn ledger(data: &[u8]) {
    read_ledger(data);
    read_ledger(&signed(data));
}

/// What is accepted has a line for each charge, after the first, and was accepted before the last charge too.
fn read_ledger(data: &[u8]) {
    static FOLDER: OnceLock<tempfile::TempDir> = OnceLock::new();
    let folder = FOLDER.get_or_init(|| tempfile::tempdir().expect("a folder"));
    let read = |data: &[u8]| {
        let path = folder.path().join("ledger");
        fs::write(&path, data).expect("a file");
        Ledger::read_file(&path)
    };
    match read(data) {
        Ok(ledger) => {
            let lines: Vec<&[u8]> = data.split_inclusive(|byte| *byte == b'\n').collect();
            let whole = lines.iter().filter(|line| line.ends_with(b"\n")).count();
            assert!(ledger.charges().count() + 1 == whole, "another number of charges");
            assert!(ledger.has_head(ledger.head().head), "a ledger without its head");
            for charge in ledger.charges() {
                assert!(ledger.has(charge.request), "a charge that it has not");
                let charged = ledger.charged(&charge.kind, &charge.member, charge.key);
                assert!(charged >= charge.elements, "less than was charged");
            }
            let unfinished = data.strip_suffix(b"\n").filter(|_| whole > 1);
            if let Some(before) = unfinished.and_then(|data| read(data).ok()) {
                assert!(before.charges().count() + 2 == whole && ledger.has_head(before.head().head));
            }
        }
        Err(error) => require_known(&error),
    }
}

/// The same lines, each with the head of the line before, under this key and signed by it (SPEC.md, section 16.2).
fn signed(data: &[u8]) -> Vec<u8> {
    let (_, identity, _) = custodian();
    let custodian = Name::new("a").expect("a name");
    let (mut all, mut head): (_, Option<[u8; 32]>) = (Vec::with_capacity(data.len()), None);
    for line in data.split_inclusive(|byte| *byte == b'\n') {
        let mut line = line.to_vec();
        if let Some(head) = head {
            put(&mut line, b"\"previous\":\"", &hex(&head));
        } else {
            put(&mut line, b"\"key\":\"", &identity.key().to_string());
        }
        let unsigned = line.len().saturating_sub(128 + 3); // `…"}` and the newline
        let mut made = ContentDigest([0; 32]);
        let text = [&line[..unsigned.saturating_sub(1)], b"null}\n"].concat();
        made.0.copy_from_slice(&sha256(&[b"veilmatch/2 ledger line", &text]));
        let signature =
            SignedHead::sign(custodian.clone(), made, identity).expect("a good signature").signature;
        put(&mut line, b"\"signature\":\"", &signature.to_string());
        head = Some(made.0);
        all.extend(line);
    }
    all
}

/// Puts hex digits in the place of those that follow some text.
fn put(line: &mut [u8], after: &[u8], digits: &str) {
    let at = line.windows(after.len()).position(|part| part == after).map(|at| at + after.len());
    if let Some(place) = at.and_then(|at| line.get_mut(at..at + digits.len())) {
        place.copy_from_slice(digits.as_bytes());
    }
}

fn require_known(error: &Error) {
    let code = error.code();
    let known = ["custody", "signing_key", "seal", "oprf", "signature", "format", "io", "ledger"];
    assert!(known.contains(&code), "{error}");
}

/// A custodian of a ceremony of two, the same for all inputs of a run.
fn custodian() -> &'static (Ceremony, Identity, Seed) {
    static MADE: OnceLock<(Ceremony, Identity, Seed)> = OnceLock::new();
    MADE.get_or_init(|| {
        let identity = || Identity::generate().expect("random bytes");
        let (own, other) = (identity(), identity());
        let name = |text| Name::new(text).expect("a name");
        let custodians = vec![
            Custodian { name: name("a"), keys: own.public_keys() },
            Custodian { name: name("b"), keys: other.public_keys() },
        ];
        let kinds = vec![KindQuota { kind: KindId::new("card.pan/1").expect("an id"), quota: 1 }];
        let ceremony = Ceremony::new(name("efc"), 1, 2, kinds, custodians).expect("a ceremony");
        let seed = Seed::generate(&ceremony).expect("random bytes");
        (ceremony, own, seed)
    })
}
