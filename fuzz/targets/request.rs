//! Any bytes as a request, and as the essence of one.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| veilmatch_fuzz::request(data));
