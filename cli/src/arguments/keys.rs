//! Keys and secrets.

use std::path::PathBuf;

use clap::Args;
use veilmatch::round::seal::passphrase::{MAX_WORK_FACTOR, WORK_FACTOR};

/// Options that say where the coalition's secret is.
#[derive(Debug, Args)]
#[group(skip)]
pub(crate) struct SecretFrom {
    /// File of the coalition's secret. If the file is protected, the passphrase is asked for. Required unless
    /// --secret-command is given
    #[arg(long, value_name = "FILE", required_unless_present = "secret_command")]
    pub(crate) secret_file: Option<PathBuf>,
    /// Command that prints the secret, such as the client of a key service. It runs without a shell, and may print 4
    /// KiB and take 60 seconds
    #[arg(long, value_name = "CMD", conflicts_with = "secret_file")]
    pub(crate) secret_command: Option<String>,
}

/// Options that say where the keys of who runs a command are.
#[derive(Debug, Args)]
#[group(skip)]
pub(crate) struct IdentityFrom {
    /// Key file of the member or hub that runs the command. Required unless the round is a trial; inspect and verify
    /// need it for sealed files alone
    #[arg(long, value_name = "FILE")]
    pub(crate) identity: Option<PathBuf>,
    /// Command that prints the key file. The limits of --secret-command apply
    #[arg(long, value_name = "CMD", conflicts_with = "identity")]
    pub(crate) identity_command: Option<String>,
}

/// Options that say how a new file is protected.
#[derive(Debug, Args)]
#[group(skip)]
pub(crate) struct Protection {
    /// Protect the new file by a passphrase, as age does. The passphrase is typed twice, or comes by --passphrase-fd
    #[arg(long)]
    pub(crate) passphrase: bool,
    /// Cost of one guess at the passphrase, as a power of two: 18 takes about a second and 256 MiB
    #[arg(long, value_name = "N", default_value_t = WORK_FACTOR, requires = "passphrase",
          value_parser = clap::value_parser!(u8).range(LEAST_WORK_FACTOR..=MAX_WORK_FACTOR as i64))]
    pub(crate) work_factor: u8,
}

/// The least that OWASP's cheat sheet on storing passwords asks of scrypt, with blocks of 8 and one lane, as age has
/// it.
const LEAST_WORK_FACTOR: i64 = 17;

/// Make a coalition secret, or with --identity the key pair of a member or hub.
///
/// Only its owner can read the file, and it is never overwritten. With --identity the public keys go to FILE.pub; the
/// other parties need that file.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  veilmatch keygen --out efc-7.secret\n  \
                        veilmatch keygen --identity --passphrase --out bank-a.key")]
pub(crate) struct Keygen {
    /// Make a key pair for signing and sealing instead of a secret
    #[arg(long)]
    pub(crate) identity: bool,
    /// Where to write the secret or the key file
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
    #[command(flatten)]
    pub(crate) protection: Protection,
}

/// Print the id of a secret, to be compared over the telephone.
///
/// Equal secret ids mean equal secrets. The id shows nothing of the secret, and anyone may see it. keygen, split and
/// combine print it too. The key ids that files show are others: they differ for every coalition, epoch and kind.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  veilmatch secret-id efc-7.secret")]
pub(crate) struct SecretId {
    /// File of the coalition's secret. If the file is protected, the passphrase is asked for. Required unless
    /// --secret-command is given
    #[arg(value_name = "FILE", required_unless_present = "secret_command")]
    pub(crate) secret_file: Option<PathBuf>,
    /// Command that prints the secret, such as the client of a key service. It runs without a shell, and may print 4
    /// KiB and take 60 seconds
    #[arg(long, value_name = "CMD", conflicts_with = "secret_file")]
    pub(crate) secret_command: Option<String>,
}

/// Split a secret into shares for keepers; a threshold of them restores it.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  veilmatch split --secret-file efc-7.secret --threshold 3 --keepers 5 --out shares"
)]
pub(crate) struct Split {
    #[command(flatten)]
    pub(crate) secret: SecretFrom,
    /// Number of shares that restore the secret
    #[arg(long, value_name = "T")]
    pub(crate) threshold: u8,
    /// Number of shares
    #[arg(long, value_name = "N")]
    pub(crate) keepers: u8,
    /// Folder to create, with one file for each keeper
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    #[command(flatten)]
    pub(crate) protection: Protection,
}

/// Restore a secret from keepers' shares.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  veilmatch combine --out efc-7.secret share-1 share-4 share-5")]
pub(crate) struct Combine {
    /// Where to write the secret
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
    #[command(flatten)]
    pub(crate) protection: Protection,
    /// The keepers' shares
    #[arg(required = true, value_name = "SHARE")]
    pub(crate) shares: Vec<PathBuf>,
}
