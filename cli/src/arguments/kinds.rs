//! The kinds of identifiers: what there is, and what one of them makes of a value.

use std::ffi::OsString;
use std::fmt;

use clap::Args;

/// List the kinds of identifiers, or say what one of them takes.
///
/// With KIND, the command says what the kind accepts and rejects, and gives an example, its canonical form, and the
/// names of the kind's files. With --try, it says what becomes of one value; it needs no secret, and the value stands
/// in no message and no run record. opaque.NAME is a kind for anything that has no kind of its own.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  veilmatch kinds\n  veilmatch kinds card.pan\n  \
                        veilmatch kinds phone.e164 --national-plan 44/0 --try '020 7946 0958'")]
pub(crate) struct Kinds {
    /// The kind, such as card.pan. Without it, all kinds are listed
    #[arg(value_name = "KIND")]
    pub(crate) kind: Option<String>,
    /// Print the canonical form of this value, or why it is rejected (exit status 1). With - the value is the first
    /// line of standard input: then it stands in no history of a shell and in no list of processes
    #[arg(long = "try", value_name = "VALUE", requires = "kind", allow_hyphen_values = true)]
    pub(crate) value: Option<RawValue>,
    /// How a national phone number is dialled: calling code/trunk prefix, such as 44/0
    #[arg(long, value_name = "PLAN", requires = "value")]
    pub(crate) national_plan: Option<String>,
    /// The rest of a value that was typed without quotes. Without this, the message of wrong use would repeat it
    #[arg(hide = true)]
    pub(crate) rest: Vec<RawValue>,
}

/// A raw value as it was typed; never shown.
#[derive(Clone)]
pub(crate) struct RawValue(OsString);

impl RawValue {
    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.0.as_encoded_bytes()
    }
}

impl From<OsString> for RawValue {
    fn from(typed: OsString) -> Self {
        Self(typed)
    }
}

impl fmt::Debug for RawValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RawValue")
    }
}
