//! Any bytes as a custodian's ledger.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| veilmatch_fuzz::ledger(data));
