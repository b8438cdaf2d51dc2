//! Any bytes as rows of a CSV export.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| veilmatch_fuzz::csv(data));
