//! However a stream is split, its lines are the same.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| parlor_tests::fuzzing::framer(data));
