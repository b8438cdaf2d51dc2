//! Any bytes as a prefilter.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| veilmatch_fuzz::prefilter(data));
