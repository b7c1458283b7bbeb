#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::log_file(bytes));
