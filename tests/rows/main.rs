//! Exports of members: what is read of them, counted and refused by its row.
#![cfg(feature = "member")]

mod bad_rows;
mod kind_rows;
mod profile;
mod quotes;
#[cfg(feature = "cli")]
mod row_faults;
#[cfg(feature = "cli")]
mod spreadsheets;

#[path = "../support/mod.rs"]
mod support;
