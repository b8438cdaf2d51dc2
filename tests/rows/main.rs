//! Exports of members: what is read of them, counted and refused by its row.
#![cfg(feature = "member")]

mod bad_rows;
mod column;
mod kind_rows;
#[cfg(feature = "parquet")]
mod parquet;
mod profile;
mod quotes;
mod several;

#[path = "../support/mod.rs"]
mod support;
