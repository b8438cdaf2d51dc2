//! Trails: from a confirmed case, by identifiers that several members hold, to what each member has to do with it.
//!
//! After a match each member sends the hub [`Links`]: which of its subjects, under pseudonyms, have which of its shares'
//! tokens, under another key. The hub puts them together in a [`Graph`] and follows it from each seed for a few steps.
//! Each member gets an [`Answer`] about its own subjects alone.
//!
//! ```text
//!  member                    hub                              member                    authority
//!  shares, rows ──> Links ──> Graph ──> trails ──> Answer ──> my own subjects ──> Statement ──> Referral
//! ```
//!
//! A trail is a lead and never a verdict: victims are in it too.

mod answer;
mod answer_encoding;
mod encoding;
mod graph;
mod html;
mod incidences;
mod links;
mod new_links;
mod overview;
mod reach;
mod referral;
mod shared;
mod slip;
mod statement;
mod statement_encoding;

pub use answer::{Answer, Dropped, Lead, OwnSubject, OwnTrail};
pub use graph::Graph;
pub use html::OwnPage;
pub use links::{LinkedKind, Links};
pub use new_links::NewLinks;
pub use overview::{InRing, Overview, Ring, Seen, Sent};
pub use reach::{Trail, Trails};
pub use referral::{Missing, Referral, Referred, Stated};
pub use shared::Shared;
pub use slip::Slip;
pub use statement::{Period, Release, StatedSubject, Statement};
