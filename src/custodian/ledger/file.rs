//! The file of a ledger: begun once, appended to under a lock that the operating system keeps.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, BufReader, ErrorKind, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use crate::container::opening::{Private, open_private};
use crate::container::{Signer, private_file};
use crate::custody::SignedHead;
use crate::error::Error;
use crate::terms::{ContentDigest, CustodyDigest, Name};

use super::Ledger;
use super::line::{Begins, Charge, Line};

/// A ledger that is open to be appended to. Nobody else can use it meanwhile.
///
/// See the example of [`Ledger`].
pub struct LedgerFile {
    path: PathBuf,
    file: File,
    ledger: Ledger,
    /// Length of the whole lines. What an interrupted writer left after them is taken away.
    len: u64,
}

impl LedgerFile {
    /// Begins the ledger of a custodian in a new file, which only its owner may read (mode 0600 on Unix), and syncs it. `start` is
    /// what its shares name, and `of` says for whose keys it is. `time` is in seconds since 1970.
    ///
    /// # Errors
    ///
    /// [`Error::Io`], also if the file exists: a ledger is never replaced; those of the signer. They name the file.
    pub fn begin(
        path: &Path,
        start: ContentDigest,
        of: (CustodyDigest, Name),
        time: u64,
        signer: &dyn Signer,
    ) -> Result<(), Error> {
        let begin = || {
            let (custody, custodian) = of;
            let begins = Some(Begins { custody, custodian: custodian.clone(), key: signer.key() });
            let line = Line { n: 1, previous: start, time, begins, charge: None, signature: None };
            let (line, _) = signed(line, custodian, signer)?;
            private_file::write_new(path, &line.to_bytes()?)
        };
        begin().map_err(|error: Error| error.at(path.display().to_string()))
    }

    /// Opens a ledger, which must be the one that begins with `start` and be this signer's. Waits until nobody else uses it.
    ///
    /// # Errors
    ///
    /// Those of [`Ledger::read_file`]; [`Error::Ledger`] on line 1 for another ledger; [`Error::Io`] also where none is there: only
    /// the ceremony begins one.
    pub fn open(path: &Path, start: ContentDigest, signer: &dyn Signer) -> Result<Self, Error> {
        let open = || {
            let mut options = OpenOptions::new();
            options.read(true).write(true);
            let opened = open_private(path, &mut options, Private::Unwritten)?;
            let file = opened.map_err(|problem| io::Error::new(ErrorKind::PermissionDenied, problem))?;
            file.lock()?;
            let (ledger, rest) = Ledger::read(BufReader::new(&file))?;
            let another = match () {
                () if ledger.start() != start => {
                    Some("begins another ledger than the one that the custodian's shares name")
                }
                () if ledger.key() != signer.key() => Some("names another key than that of the identity"),
                () => None,
            };
            if let Some(problem) = another {
                return Err(Error::Ledger { line: 1, problem });
            }
            let len = file.metadata()?.len() - rest;
            Ok(Self { path: path.to_owned(), file, ledger, len })
        };
        open().map_err(|error: Error| error.at(path.display().to_string()))
    }

    /// Returns what stands in it.
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Returns the file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Appends a charge and syncs it: once this returns, it lasts. If writing fails, the ledger is as before.
    ///
    /// # Errors
    ///
    /// [`Error::Io`]; those of the signer, and [`Error::Signature`] where it does not sign well. They name the file.
    pub(in crate::custodian) fn charge(
        &mut self,
        charge: Charge,
        time: u64,
        signer: &dyn Signer,
    ) -> Result<(), Error> {
        self.append(charge, time, signer).map_err(|error| error.at(self.path.display().to_string()))
    }

    fn append(&mut self, charge: Charge, time: u64, signer: &dyn Signer) -> Result<(), Error> {
        let (n, previous) = (self.ledger.lines() + 1, self.ledger.head().head);
        let line = Line { n, previous, time, begins: None, charge: Some(charge), signature: None };
        let (line, head) = signed(line, self.ledger.custodian().clone(), signer)?;
        let bytes = line.to_bytes()?;
        let written = self
            .file
            .set_len(self.len)
            .and_then(|()| self.file.seek(SeekFrom::Start(self.len)))
            .and_then(|_| self.file.write_all(&bytes))
            .and_then(|()| self.file.sync_all());
        if let Err(error) = written {
            let _ = self.file.set_len(self.len); // half a line would be taken away next time anyway
            return Err(error.into());
        }
        self.len += bytes.len() as u64;
        self.ledger.add(line, head);
        Ok(())
    }
}

/// Signs a line.
fn signed(line: Line, custodian: Name, signer: &dyn Signer) -> Result<(Line, SignedHead), Error> {
    let head = SignedHead::sign(custodian, line.head()?, signer)?;
    Ok((Line { signature: Some(head.signature), ..line }, head))
}

impl fmt::Debug for LedgerFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LedgerFile").field("path", &self.path).finish_non_exhaustive()
    }
}
