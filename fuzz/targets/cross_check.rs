//! Any bytes as a cross_check.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| veilmatch_fuzz::cross_check(data));
