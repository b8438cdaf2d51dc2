//! What the members of a round learn about each other.

use serde::{Deserialize, Serialize};

/// What a share tells about the other holders.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Disclosure {
    /// The names of the members that hold each token.
    Holders,
    /// The number of members that hold each token.
    Counts,
}
