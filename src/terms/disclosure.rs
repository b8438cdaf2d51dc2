//! What the members of a round are told about each other.

use serde::{Deserialize, Serialize};

/// How much a share tells about the other holders.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Disclosure {
    /// Which members hold each token.
    Holders,
    /// How many members hold each token.
    Counts,
}
