//! Rows that a program meets in exports: counted, told of, or refused.
#![cfg(feature = "member")]

mod each_kind;
mod national_plans;
mod own_lists;
mod parquet;
mod row_faults;
mod spreadsheets;

#[path = "../support/mod.rs"]
mod support;
