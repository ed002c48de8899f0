//! A message that is read and written is the same message.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| parlor_tests::fuzzing::message(data));
