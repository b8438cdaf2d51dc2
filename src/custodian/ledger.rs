//! A custodian's ledger: what it has charged to whom, in an append-only, hash-chained, signed text file (SPEC.md, section
//! 16.2).
//!
//! The end of the ceremony begins it, from a start that the custodian's shares name: so no other ledger serves, and evaluating
//! begins none. Each line names the head before it, and the custodian signs the head that the line makes. An older state of the
//! ledger, or one that was begun again, looks whole; but members have the heads that followed, in evaluations, and hand them on in
//! their requests.

mod file;
mod line;

use std::collections::BTreeSet;
use std::io::{BufRead, Read as _};
use std::path::Path;

use crate::container::open_regular;
use crate::custody::SignedHead;
use crate::error::Error;
use crate::terms::{ContentDigest, CustodyDigest, KindId, Name, SignerKey};

pub use file::LedgerFile;
pub use line::Charge;

use line::{Begins, Line, MAX_LINE};

/// A ledger whose chain holds, up to a head that its custodian signed.
///
/// ```
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("notary.ledger");
/// # let custody = veilmatch::terms::CustodyDigest([1; 32]);
/// use veilmatch::custodian::{Ledger, LedgerFile};
/// use veilmatch::round::identity::Identity;
/// use veilmatch::terms::Name;
///
/// let notary = Identity::generate()?;
/// let start = veilmatch::terms::ContentDigest([2; 32]); // as its shares name it
/// LedgerFile::begin(&path, start, (custody, Name::new("notary")?), 1_795_506_099, &notary)?;
/// let ledger = Ledger::read_file(&path)?;
/// assert_eq!(ledger.start(), start);
/// assert_eq!(ledger.charges().count(), 0);
/// # Ok::<(), veilmatch::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ledger {
    begins: Begins,
    start: ContentDigest,
    /// Each line but the first has one.
    charges: Vec<Charge>,
    /// The heads that the lines before the last make. No signature of them is needed: the last one covers them.
    earlier: Vec<ContentDigest>,
    head: SignedHead,
}

impl Ledger {
    /// Reads a ledger, while no line is being appended, and checks its chain, and the last signature under the key that it names:
    /// that signature covers all lines. 100,000 charges take 31 MB of memory, and a tests' build read them in 1.4 s; to verify each
    /// signature would have added 7.5.
    ///
    /// # Errors
    ///
    /// [`Error::Ledger`] with the first line that is not as it must be there, [`Error::Signature`], [`Error::Io`]; they name
    /// the file.
    pub fn read_file(path: &Path) -> Result<Self, Error> {
        let read = || {
            let file = open_regular(path)?;
            file.lock_shared()?;
            Self::read(std::io::BufReader::new(file)).map(|(ledger, _)| ledger)
        };
        read().map_err(|error: Error| error.at(path.display().to_string()))
    }

    /// Reads all lines. Returns also the length of a last line without its newline, if it begins as the next line must: an
    /// interrupted writer leaves such a line, and nobody was given an answer for it.
    fn read(mut source: impl BufRead) -> Result<(Self, u64), Error> {
        let (mut begun, mut bytes, mut requests) = (None::<Self>, Vec::new(), BTreeSet::new());
        let rest = loop {
            let n = begun.as_ref().map_or(0, Self::lines) + 1;
            let wrong = |problem| Error::Ledger { line: n, problem };
            let previous = begun.as_ref().map(|ledger| ledger.head.head);
            bytes.clear();
            source.by_ref().take(MAX_LINE as u64 + 1).read_until(b'\n', &mut bytes)?;
            if bytes.len() > MAX_LINE {
                return Err(wrong("is longer than any that is written"));
            }
            if bytes.last() != Some(&b'\n') {
                let start = previous.map(|previous| format!("{{\"n\":{n},\"previous\":\"{previous}\","));
                let start = start.ok_or(wrong("is missing: the ledger is empty"))?.into_bytes();
                let common = start.len().min(bytes.len());
                match bytes[..common] == start[..common] {
                    true => break bytes.len() as u64,
                    false => return Err(wrong("has no newline and does not begin as it must")),
                }
            }
            let line: Line = serde_json::from_slice(&bytes)
                .map_err(|_| wrong("is not one line of JSON with the known fields, each once"))?;
            if let Some(problem) = line.problem(n, previous) {
                return Err(wrong(problem));
            }
            if line.to_bytes()? != bytes {
                return Err(wrong("is not in its one canonical spelling"));
            }
            if line.charge.as_ref().is_some_and(|charge| !requests.insert(charge.request)) {
                return Err(wrong("has a request that an earlier line has: each is charged once"));
            }
            match &mut begun {
                Some(ledger) => {
                    let head = line.signed_head(ledger.custodian())?;
                    ledger.add(line, head);
                }
                None => begun = Some(Self::begun(line)?),
            }
        };
        let ledger = begun.ok_or(Error::Ledger { line: 1, problem: "is missing: the ledger is empty" })?;
        // Each head is of the one before it. To verify every signature takes some five times as long, and tells no more of
        // what was charged.
        let verified = ledger.head.verify(ledger.key());
        verified.map_err(|error| error.at(format!("line {}", ledger.lines())))?;
        Ok((ledger, rest))
    }

    /// Takes the first line.
    fn begun(line: Line) -> Result<Self, Error> {
        let no_beginning = Error::Ledger { line: 1, problem: "is no beginning" };
        let begins = line.begins.clone().ok_or(no_beginning)?;
        let head = line.signed_head(&begins.custodian)?;
        Ok(Self { begins, start: line.previous, charges: Vec::new(), earlier: Vec::new(), head })
    }

    /// Takes the line that follows, and the head that it makes.
    fn add(&mut self, line: Line, head: SignedHead) {
        self.charges.extend(line.charge);
        self.earlier.push(std::mem::replace(&mut self.head, head).head);
    }

    /// Returns the number of lines.
    fn lines(&self) -> u64 {
        self.earlier.len() as u64 + 1
    }

    /// Returns the custodian whose ledger it is.
    pub fn custodian(&self) -> &Name {
        &self.begins.custodian
    }

    /// Returns the custodian's key, under which the last line's signature was verified; it covers all lines.
    pub fn key(&self) -> SignerKey {
        self.begins.key
    }

    /// Returns the digest of the fixed part of the `custody.json` for whose keys it is.
    pub fn custody(&self) -> CustodyDigest {
        self.begins.custody
    }

    /// Returns the start, which the custodian's shares name.
    pub fn start(&self) -> ContentDigest {
        self.start
    }

    /// Returns the present head, signed.
    pub fn head(&self) -> &SignedHead {
        &self.head
    }

    /// Whether this is or was a head of the ledger.
    pub fn has_head(&self, head: ContentDigest) -> bool {
        self.head.head == head || self.earlier.contains(&head)
    }

    /// Returns all charges, in order.
    pub fn charges(&self) -> impl Iterator<Item = &Charge> {
        self.charges.iter()
    }

    /// Whether a request was charged, by its root.
    pub fn has(&self, request: ContentDigest) -> bool {
        self.charges().any(|charge| charge.request == request)
    }

    /// Returns how many elements of a kind were charged to a member: under its name, ignoring case, or its key. A member that
    /// takes another key, or a key that takes another name, has no more than before.
    pub fn charged(&self, kind: &KindId, member: &Name, key: SignerKey) -> u64 {
        let of = |charge: &&Charge| charge.kind == *kind && (charge.key == key || charge.member.same(member));
        self.charges().filter(of).map(|charge| charge.elements).fold(0, u64::saturating_add)
    }

    /// Refuses heads that this custodian has signed and that the ledger lacks. Heads of others are passed over.
    ///
    /// # Errors
    ///
    /// [`Error::Ledger`] on the line after the last; [`Error::Signature`] for a head that the custodian did not sign.
    pub fn require_heads(&self, heads: &[SignedHead]) -> Result<(), Error> {
        for head in heads.iter().filter(|head| head.custodian == *self.custodian()) {
            head.verify(self.key())?;
            if !self.has_head(head.head) {
                return Err(Error::Ledger {
                    line: self.lines() + 1,
                    problem: "is missing: a member has a head that this custodian signed and that no line makes. The ledger was \
                              restored to an older state, or is another; put back the last state of it",
                });
            }
        }
        Ok(())
    }
}
