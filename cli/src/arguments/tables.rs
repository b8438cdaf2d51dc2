//! Tables for other programs, and back.

use std::path::PathBuf;

use clap::Args;

use super::IdentityFrom;

/// Write a set, overlaps or a share as a Parquet file, for other programs.
///
/// The file has a column `token` of 16 bytes; for overlaps and shares also `holders`, their number, and `names`, a list, where
/// holders are named. It is neither signed nor sealed, and stays where the file may be: a set's at the hub, a share's at
/// its member.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  veilmatch export --identity hub.key --out bank-a.parquet sets/bank-a.card.pan-1.vms"
)]
pub(crate) struct Export {
    #[command(flatten)]
    pub(crate) identity: IdentityFrom,
    /// Parquet file to create
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
    /// A set, overlaps or a share
    pub(crate) file: PathBuf,
}

/// Make a set of a Parquet file that export wrote, or another program from such tokens.
///
/// The set is not signed. So it serves a trial, or the member itself: in a round with keys a hub refuses it. Memory: 16 bytes
/// a token, and up to twice that while it is read.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  veilmatch import --out bank-a.vms bank-a.parquet")]
pub(crate) struct Import {
    /// Set to create
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
    /// The Parquet file
    pub(crate) file: PathBuf,
}
