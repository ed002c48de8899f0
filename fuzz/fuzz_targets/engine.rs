//! Whatever several clients do, an engine keeps its order.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| parlor_tests::fuzzing::engine(data));
