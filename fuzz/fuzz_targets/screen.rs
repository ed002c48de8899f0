//! Whatever a server says and a person presses, the screen of the client is drawn and harmless.
#![no_main]

use libfuzzer_sys::fuzz_target;
use parlor_tests::fuzzing::TARGETS;

fuzz_target!(|data: &[u8]| {
    let target = TARGETS.iter().find(|target| target.name == "screen").expect("it is one of them");
    (target.body)(data);
});
