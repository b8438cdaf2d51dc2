//! What several test files need: the program in folders, and parts of what the library's tests have.
#![allow(dead_code, unreachable_pub, reason = "each test file uses its part")]

pub mod coalition;
#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub mod shim;
pub mod work;

#[path = "../../../tests/support/exports.rs"]
pub mod exports;
#[path = "../../../tests/support/files.rs"]
pub mod files;
#[path = "../../../tests/support/hub.rs"]
pub mod hub;
#[path = "../../../tests/support/member.rs"]
pub mod member;
#[path = "../../../tests/support/mutation.rs"]
pub mod mutation;
#[path = "../../../tests/support/run.rs"]
pub mod run;
#[path = "../../../tests/support/shared.rs"]
pub mod shared;
#[path = "../../../tests/support/thorough.rs"]
pub mod thorough;
#[path = "../../../tests/support/trails.rs"]
pub mod trails;
