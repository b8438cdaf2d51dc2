//! Any bytes as a suppression list.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| veilmatch_fuzz::suppression(data));
