//! The seeds of the fuzz targets are no fuzzing yet, but they have to pass. With `CORPUS=fuzz/corpus` they are written
//! there, to begin with.

use std::fs;
use std::path::Path;

use parlor_tests::fuzzing::TARGETS;

#[test]
fn the_seeds_of_the_fuzz_targets_pass() {
    for target in TARGETS {
        let seeds = (target.seeds)();
        assert!(seeds.len() > 50, "{} has seeds", target.name);
        seeds.values().for_each(|seed| (target.body)(seed));
        if let Some(corpus) = std::env::var_os("CORPUS") {
            let directory = Path::new(&corpus).join(target.name);
            fs::create_dir_all(&directory).expect("the corpus can be written");
            for (name, seed) in &seeds {
                fs::write(directory.join(name), seed).expect("the corpus can be written");
            }
        }
    }
}

/// What was found by fuzzing, kept so that it is not found again.
#[test]
fn what_fuzzing_found_stays_mended() {
    for (target, data) in FOUND {
        let target = TARGETS.iter().find(|row| row.name == *target).expect("there is such a target");
        (target.body)(data);
    }
}

#[rustfmt::skip]
const FOUND: &[(&str, &[u8])] = &[
    // Three carriage returns ended a line only if they came together with its newline.
    ("framer", &FRAMER_CARRIAGE_RETURNS),
    // The modes of a room with a name longer than a line were asked for.
    ("session", &SESSION_LONG_ROOM),
    // The code of a colour in one's own nick reached a cell.
    ("screen", b"@\n>:srv 001 m\x04e\n>:me!me@h JOIN #den\n~ \n"),
];

/// As long as a line may be, with one carriage return more than belong to its end.
const FRAMER_CARRIAGE_RETURNS: [u8; 515] = {
    let mut data = [b'x'; 515];
    data[0] = 0;
    data[511] = b'\r';
    data[512] = b'\r';
    data[513] = b'\r';
    data[514] = b'\n';
    data
};

/// One is let into a room whose name is longer than a line: what is no UTF-8 takes three bytes.
const SESSION_LONG_ROOM: [u8; 213] = {
    let mut data = [0xff; 213];
    let line = b":a!a@h JOIN #";
    let mut at = 0;
    while at < line.len() {
        data[at] = line[at];
        at += 1;
    }
    data
};
