//! Earlier output. A command may replace only output that the same command makes.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::Path;

use veilmatch::Round;
use veilmatch::container::FileType;
#[cfg(feature = "parquet")]
use veilmatch::container::{OnDisk, ParquetWriter};
#[cfg(feature = "custodian")]
use veilmatch::custody::{Ceremony, SignedCustody};
use veilmatch::round::{Known, seal};
use veilmatch::terms::{KindId, Name};

use crate::output::part;
#[cfg(feature = "member")]
use crate::rows::remembered::Remembered;

/// The output that a command makes under one name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Makes {
    /// A file: the manifest of a round.
    Manifest,
    /// A file: names and keys that are known.
    Known,
    /// A file: a configuration, which people edit and nothing replaces.
    Config,
    /// A file: the options that made sets.
    Options,
    /// A file: a set.
    Set,
    /// A file: a delta.
    Delta,
    /// A file: a statement about a trail.
    Statement,
    /// A file: a table in Parquet.
    #[cfg(feature = "parquet")]
    Table,
    /// A folder of sets for the hub.
    Sets,
    /// A folder of sets that a member keeps. The sets may have the very bytes of those for the hub, so a mark beside
    /// them tells the folders apart: [`KEPT`].
    Kept,
    /// A folder of handshakes.
    Handshakes,
    /// A file: a page of a report, or of a member's own rows.
    Page,
    /// A folder of shares and a report.
    Result,
    /// A folder of notices.
    Notices,
    /// A folder of answers about trails.
    Trails,
    /// A folder with a member's links.
    Links,
    /// A folder with an authority's referral.
    Referral,
    /// A folder of cross-checks.
    CrossChecks,
    /// A folder of requests to custodians.
    Requests,
    /// A file: what custodians have evaluated for a member.
    Cache,
    /// A file: a request that the member keeps.
    OwnRequest,
    /// A file: what unblinding needs, which nothing replaces.
    Unanswered,
    /// A file that nothing replaces: what shows what a custodian did, or where its ledger was begun.
    Lasting,
    /// A folder of shares of a secret, which nothing replaces.
    SecretShares,
    /// A file: what custodians agree to.
    #[cfg(feature = "custodian")]
    Ceremony,
    /// A file: what is public of custodians' keys.
    #[cfg(feature = "custodian")]
    Custody,
    /// A folder of a custodian's files of step 1 or 2.
    #[cfg(feature = "custodian")]
    Steps,
    /// A folder of a custodian's evaluations.
    #[cfg(feature = "custodian")]
    Evaluations,
    /// A folder with a custodian's share, which nothing replaces.
    #[cfg(feature = "custodian")]
    CustodianShare,
}

/// Marks a folder of sets as one that `--keep` made.
pub(crate) const KEPT: &str = "kept.txt";

/// The text of the mark.
pub(super) const KEPT_TEXT: &str =
    "Sets that `veilmatch tokenize --keep` wrote: the next delta needs them.\n";

/// The longest manifest that is looked at.
const LONGEST_MANIFEST: u64 = 16 << 20;

impl Makes {
    pub(crate) fn is_file(self) -> bool {
        #[cfg(feature = "custodian")]
        if matches!(self, Self::Steps | Self::Evaluations | Self::CustodianShare) {
            return false;
        }
        let is_folder = matches!(
            self,
            Self::Sets
                | Self::Kept
                | Self::Handshakes
                | Self::Result
                | Self::Notices
                | Self::Trails
                | Self::Links
                | Self::Referral
                | Self::CrossChecks
                | Self::Requests
                | Self::SecretShares
        );
        !is_folder
    }

    /// Whether earlier output of this sort stands there.
    pub(super) fn made(self, path: &Path) -> io::Result<bool> {
        if path.is_dir() {
            return Ok(!self.is_file() && self.made_folder(path)?);
        }
        // Only a regular file is read: a device may give bytes without end, and a pipe waits for a writer.
        Ok(self.is_file() && path.is_file() && self.made_file(path)?)
    }

    fn made_file(self, path: &Path) -> io::Result<bool> {
        let (ending, file_type) = match self {
            Self::Set => ("vms", FileType::Set),
            Self::Delta => ("vmd", FileType::Delta),
            Self::Statement => ("vma", FileType::Statement),
            Self::Cache => ("vmc", FileType::Cache),
            Self::OwnRequest => ("vmb", FileType::Request),
            Self::Unanswered => ("vmw", FileType::Pending),
            Self::Page => return begins_as_page(path),
            Self::Config | Self::Lasting => return Ok(false),
            #[cfg(feature = "member")]
            Self::Options => return Ok(Remembered::parse(&fs::read(path)?).is_some()),
            #[cfg(feature = "parquet")]
            Self::Table => {
                let made =
                    ParquetWriter::has_made(OnDisk::new(File::open(path)?), &["token", "holders", "names"]);
                return made.map_err(io::Error::other);
            }
            #[cfg(feature = "custodian")]
            Self::Ceremony | Self::Custody if path.metadata()?.len() <= LONGEST_MANIFEST => {
                let bytes = fs::read(path)?;
                return Ok(match self {
                    Self::Ceremony => Ceremony::from_bytes(&bytes).is_ok(),
                    _ => SignedCustody::read(&bytes).is_ok(),
                });
            }
            _ if path.metadata()?.len() > LONGEST_MANIFEST => return Ok(false),
            Self::Known => return Ok(Known::parse(&fs::read(path)?).is_ok()),
            _ => return Ok(Round::from_bytes(&fs::read(path)?).is_ok()),
        };
        let mut beginning = Vec::new();
        File::open(path)?.take(64).read_to_end(&mut beginning)?;
        // A sealed file is known by its name alone.
        let sealed = seal::is_sealed(&beginning) && path.extension().is_some_and(|found| found == ending);
        Ok(sealed || FileType::from_beginning(&beginning) == Some(file_type))
    }

    fn made_folder(self, path: &Path) -> io::Result<bool> {
        let (mut files, mut marked) = (0, false);
        for entry in fs::read_dir(path)? {
            let entry = entry?;
            let name = entry.file_name();
            let ours = entry.file_type()?.is_file() && self.is_name(&name);
            if !(ours || part::is_leftover(&entry.path())?) {
                return Ok(false);
            }
            files += usize::from(ours);
            marked |= name == KEPT;
        }
        Ok(self != Self::Kept || marked || files == 0)
    }

    /// Whether a file of the folder may have this name.
    fn is_name(self, name: &OsStr) -> bool {
        let Some(name) = name.to_str() else { return false };
        let of_kind = |ending| name.strip_suffix(ending).is_some_and(is_kind);
        let of_member = |ending| name.strip_suffix(ending).is_some_and(is_member_and_kind);
        match self {
            Self::Sets => of_kind(".vms"),
            Self::Kept => of_kind(".vms") || name == KEPT,
            Self::Handshakes => of_kind(".vmh"),
            Self::Result => {
                of_member(".vsh") || ["report.json", "report.html", "hub-only.json"].contains(&name)
            }
            Self::Notices => of_member(".vmn"),
            Self::Referral => ["referral.json", "referral.html"].contains(&name),
            Self::Links => name.strip_suffix(".vml").is_some_and(|member| Name::new(member).is_ok()),
            Self::Trails => {
                name.strip_suffix(".vmt").is_some_and(|member| Name::new(member).is_ok())
                    || ["trails.json", "trails.html"].contains(&name)
            }
            Self::Requests => name.strip_suffix(".vmb").is_some_and(is_kind_member_and_custodian),
            #[cfg(feature = "custodian")]
            Self::Steps => is_step(name),
            #[cfg(feature = "custodian")]
            Self::Evaluations => name.strip_suffix(".vme").is_some_and(is_kind_member_and_custodian),
            Self::CrossChecks => name.strip_suffix(".vmx").is_some_and(|member| Name::new(member).is_ok()),
            _ => false, // a file, or shares of a secret, which nothing replaces
        }
    }
}

/// Whether a file begins as the library's pages do, which say what made them.
fn begins_as_page(path: &Path) -> io::Result<bool> {
    let mut beginning = Vec::new();
    File::open(path)?.take(512).read_to_end(&mut beginning)?;
    let beginning = String::from_utf8_lossy(&beginning);
    Ok(beginning.starts_with("<!doctype html>")
        && beginning.contains("<meta name=generator content=veilmatch>"))
}

/// Whether it is a file of a ceremony: `court.step-1`, or `court.auditor.step-2`.
#[cfg(feature = "custodian")]
fn is_step(text: &str) -> bool {
    let is_name = |name: &str| Name::new(name).is_ok();
    let dealt = text.strip_suffix(".step-2").and_then(|names| names.split_once('.'));
    text.strip_suffix(".step-1").is_some_and(is_name)
        || dealt.is_some_and(|(from, to)| is_name(from) && is_name(to))
}

/// Whether it is a kind, a member and a custodian, such as `card.pan-1.bank-a.court`.
fn is_kind_member_and_custodian(text: &str) -> bool {
    let mut parts = text.rsplitn(3, '.');
    let names = [parts.next(), parts.next()];
    names.iter().all(|name| name.is_some_and(|name| Name::new(name).is_ok()))
        && parts.next().is_some_and(is_kind)
}

/// Whether it is a kind as file names have it, such as `card.pan-1`.
fn is_kind(text: &str) -> bool {
    text.rsplit_once('-').is_some_and(|(kind, version)| KindId::new(&format!("{kind}/{version}")).is_ok())
}

/// Whether it is a member and a kind as file names have them, such as `bank-a.card.pan-1`.
fn is_member_and_kind(text: &str) -> bool {
    text.split_once('.').is_some_and(|(member, kind)| Name::new(member).is_ok() && is_kind(kind))
}
