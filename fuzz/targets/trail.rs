//! Any bytes as an answer about trails.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| veilmatch_fuzz::trail(data));
