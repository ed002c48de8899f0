//! Whatever a server says, the client's session believes what fits together, and stays bounded.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| parlor_tests::fuzzing::client::session(data));
