//! Canonical forms: which spellings of an identifier are one, and which are refused.
#![cfg(feature = "member")]

mod bech32;
mod cards;
#[cfg(feature = "url")]
mod descriptions;
mod every_kind;
mod ibans;
mod kinds;
mod lists;
mod national;
mod phone_spellings;
mod published;
mod suppression;
mod wallets;
#[cfg(feature = "url")]
mod web;

#[path = "../support/mod.rs"]
mod support;
#[path = "../../benches/support/wallets.rs"]
mod wallet_encoders;
