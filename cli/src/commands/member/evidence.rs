//! What shows everybody that a custodian did not evaluate what it was asked: the request, and the answer to it. Both stay in the
//! cache under names of their own.

use std::fs::File;
use std::path::PathBuf;

use veilmatch::Error;
use veilmatch::custody::RequestFile;
use veilmatch::terms::{KindId, Name};

use super::custodied::{Custodied, copy, named};
use crate::files::envelope::sealed;
use crate::output::{Makes, Pending};

/// The evidence of one request: `KIND.REQUEST.vmb` and, for each custodian, `KIND.REQUEST.CUSTODIAN.vme`. REQUEST is the beginning
/// of the request's root, so no other request has the names. What has one is left as it is: one wrong answer is enough.
pub(super) struct Evidence<'a> {
    own: &'a Custodied,
    kind: &'a KindId,
    /// The beginning of the request's root.
    request: String,
    /// What waits for its name.
    pub(super) kept: Vec<Pending>,
    known: Vec<PathBuf>,
}

impl<'a> Evidence<'a> {
    pub(super) fn of(own: &'a Custodied, kind: &'a KindId, request: &RequestFile) -> Self {
        let request = request.root().to_string()[..16].to_owned();
        Self { own, kind, request, kept: Vec::new(), known: Vec::new() }
    }

    /// Returns what the request and a custodian's answer to it are called in the cache.
    pub(super) fn paths(&self, custodian: &Name) -> [PathBuf; 2] {
        let names = [format!("{}.vmb", self.request), format!("{}.{custodian}.vme", self.request)];
        names.map(|name| self.own.file(self.kind, &name))
    }

    /// Keeps files under these names, sealed to the member.
    pub(super) fn keep(&mut self, paths: &[PathBuf; 2], files: [&File; 2]) -> Result<(), Error> {
        for (path, file) in paths.iter().zip(files) {
            if self.known.contains(path) {
                continue;
            }
            self.known.push(path.clone());
            let key = self.own.identity.public_keys().seal;
            let is_there = || path.try_exists().map_err(|error| named(path, error.into()));
            let kept = Pending::file_unless(path, false, Makes::Lasting, is_there, |out| {
                sealed(Some(&key), out, |out| copy(file, out))
            })?;
            self.kept.extend(kept);
        }
        Ok(())
    }
}
