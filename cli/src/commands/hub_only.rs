//! `hub-only.json`: what the hub keeps of a match. The report and the shares leave the hub; this file does not.
//!
//! Roots are digests of headers and tokens. Whoever has the coalition's secret could use a root to try out which
//! identifiers a small set holds. So roots stand in nothing that leaves the hub, and neither do the counts that the
//! report withholds.

use std::path::Path;

use serde::{Deserialize, Serialize};
use veilmatch::terms::{Nonce, RoundDigest};
use veilmatch::trail::Shared;
use veilmatch::{Error, Manifest, Report, Round};

use super::sets::MatchedSet;
use crate::files::bounded;
use crate::output::Pending;

/// The name of the file.
pub(super) const HUB_ONLY: &str = "hub-only.json";

const FORMAT: &str = "veilmatch hub-only 1";

#[derive(Serialize)]
struct HubOnly<'a> {
    format: &'static str,
    /// A random nonce: the run record has the file's digest, and so the digest tells nothing about the rest of the
    /// file.
    nonce: Nonce,
    round: RoundDigest,
    sets: &'a [MatchedSet],
    /// What each member was given, if the round allows trails: links are held against it.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    shared: &'a [Shared],
    /// The report with nothing withheld.
    report: &'a Report,
}

/// Writes which sets were matched, and the report with nothing withheld.
pub(super) fn write(
    folder: &mut Pending,
    round: &Round,
    sets: &[MatchedSet],
    shared: &[Shared],
    report: &Report,
) -> Result<(), Error> {
    let nonce = Manifest::fresh_nonce()?;
    let content = HubOnly { format: FORMAT, nonce, round: round.digest(), sets, shared, report };
    folder.write(HUB_ONLY, |out| {
        serde_json::to_writer(&mut *out, &content)
            .map_err(|error| Error::from(std::io::Error::from(error)))?;
        Ok(writeln!(out)?)
    })
}

/// The sets that the shares came from.
#[derive(Deserialize)]
pub(super) struct Matched {
    format: String,
    round: RoundDigest,
    pub(super) sets: Vec<MatchedSet>,
    #[serde(default)]
    pub(super) shared: Vec<Shared>,
}

impl Matched {
    pub(super) fn of(bytes: &[u8], round: &Round) -> Result<Self, Error> {
        let matched: Option<Self> = serde_json::from_slice(bytes).ok();
        let expected = "the hub-only.json of the match that the shares came of";
        let matched = matched.filter(|matched| matched.format == FORMAT);
        let matched = matched.ok_or(Error::Format { offset: 0, expected })?;
        if matched.round != round.digest() {
            return Err(Error::RoundDiffers { expected: round.digest(), found: matched.round });
        }
        Ok(matched)
    }
}

/// Reads what each member was given.
pub(crate) fn given_to_members(path: &Path, round: &Round) -> Result<Vec<Shared>, Error> {
    let matched = bounded::read_own(path, bounded::REPORT).and_then(|bytes| Matched::of(&bytes, round));
    matched.map(|matched| matched.shared).map_err(|error| error.at(path.display().to_string()))
}
