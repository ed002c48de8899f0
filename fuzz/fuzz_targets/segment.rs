//! Whatever lies in a segment, a reader comes back.
#![no_main]

use libfuzzer_sys::fuzz_target;
use parlor_tests::fuzzing::TARGETS;

fuzz_target!(|data: &[u8]| {
    let target = TARGETS.iter().find(|target| target.name == "segment").expect("it is one of them");
    (target.body)(data);
});
