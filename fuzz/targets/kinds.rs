//! Any bytes as values of every kind.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| veilmatch_fuzz::kinds(data));
