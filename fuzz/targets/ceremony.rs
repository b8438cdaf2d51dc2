//! Any bytes as what custodians agree to, and as a file of a step.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| veilmatch_fuzz::ceremony(data));
