//! The options of `config`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::member::Delimiter;

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    Init(ConfigInit),
}

/// Write a configuration from the header of an export, with a guess of each column's kind, to be looked at.
///
/// The guesses come from the first rows. What the export does not tell stands there as a comment. No value of a row
/// stands there.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  veilmatch config init --input exports\n  (edit veilmatch.toml)\n  veilmatch dry-run"
)]
pub(crate) struct ConfigInit {
    /// The exports, CSV files, or a folder with them; the first eight are looked at
    #[arg(long = "input", value_name = "FILE|DIR", required = true, num_args = 1..)]
    pub(crate) inputs: Vec<PathBuf>,
    /// The character between the fields, or its name: tab, semicolon, comma or pipe; by default it is guessed
    #[arg(long, value_name = "CHARACTER")]
    pub(crate) delimiter: Option<Delimiter>,
    /// The encoding of the exports; by default it is guessed: UTF-8, UTF-16 or windows-1252
    #[arg(long, value_name = "NAME")]
    pub(crate) encoding: Option<String>,
    /// How national phone numbers are dialled, such as 44/0
    #[arg(long, value_name = "PLAN")]
    pub(crate) national_plan: Option<String>,
    /// Where to write the configuration
    #[arg(long, value_name = "FILE", default_value = "veilmatch.toml")]
    pub(crate) out: PathBuf,
}
