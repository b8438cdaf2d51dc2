//! Trails as pages: rings around each seed, each with a table of the same; no script, and nothing to fetch.

mod overview;
mod own;
mod referral;
mod rings;

pub use own::OwnPage;

/// The number of trails that a page draws; the others have lines in tables alone.
const DRAWN: usize = 100;
