//! Any bytes as rows, one a line.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| veilmatch_fuzz::lines(data));
