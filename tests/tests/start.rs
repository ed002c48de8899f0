//! Starting and stopping, often and against resistance. `STARTS=500` for a long run, `SEED=…` to repeat one.

use std::net::TcpListener;
use std::os::unix::net::UnixListener;
use std::process::Command;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use parlor_tests::guest::Guest;
use parlor_tests::house::{Ground, House};
use parlor_tests::running::Running;
use parlor_tests::surroundings;
use segment::testing::overwrite;
use segment::{Liveness, Now, Reader};

const PROGRAM: &str = env!("CARGO_BIN_EXE_under_test");
/// A user who has nothing.
const NOBODY: u32 = 65_534;
/// The word of the segment in which the version of its layout is.
const VERSION_WORD: usize = 1;

fn is_root() -> bool {
    let is_root = nix::unistd::getuid().is_root();
    if !is_root {
        eprintln!("SKIPPED: only root can be another user");
    }
    is_root
}

/// Starts a server that cannot start: what it says, which is one line.
fn complaint(mut command: Command, ground: &Ground, code: i32) -> String {
    command.args(ground.usual());
    refusal(command, code)
}

fn refusal(command: Command, code: i32) -> String {
    let (exit, output, errors) = Running::start(command).finish();
    // What is found out before there is a log is a line alone; otherwise the log may come first.
    let complaints: Vec<&str> = errors.lines().filter(|line| !line.contains(" INFO ")).collect();
    assert_eq!((exit, output.as_str(), complaints.len()), (Some(code), "", 1), "{errors}");
    let told = complaints[0].strip_prefix("parlord: ").unwrap_or_else(|| panic!("{errors}"));
    told.to_owned()
}

/// The middle one.
fn median(mut lengths: Vec<Duration>) -> Duration {
    lengths.sort_unstable();
    lengths[lengths.len() / 2]
}

#[test]
fn a_configuration_that_cannot_be_is_told_with_its_place() {
    #[rustfmt::skip]
    let table = [
        ("[server]\nnmae = 'x.y'\n",                    ":2: server.nmae: ",            "is server.name meant?"),
        ("[server]\nname = 'nodot'\n",                  "server.name: ",                "has a dot"),
        ("[server\n",                                   ":1:",                          ""),
        ("[connections]\nmax = 0\n",                    "connections.max: ",            "0 is not within 1 and"),
        ("[connections]\nmax = 'many'\n",               ":2:",                          ""),
        ("[limits]\nnick_bytes_max = 65\n",             "limits.nick_bytes_max: ",      "65 is not within 1 and 64"),
        ("[segment]\nring_bytes = 4097\n",              "segment.ring_bytes: ",         "not a multiple of 8"),
        ("[segment]\nsegment_mode = 0o040\n",           "segment.segment_mode: ",       "0o600"),
        ("[segment]\ngroup = 'no such group'\n",        "segment.group: ",              "there is no group no such group"),
        ("[server]\nclient_tags_denied = 'a,-b'\n",       "server.client_tags_denied: ",  "names of tags without +"),
        ("[server]\nmotd_file = '/nowhere/motd'\n",     "server.motd_file: ",           "cannot be read"),
        ("[server]\npassword_hash = 'secret'\n",        "server.password_hash: ",       "not an Argon2 hash"),
        ("[log]\nfilter = 'a=b=c'\n",                   "log.filter: ",                 "not a filter"),
    ];
    for (toml, place, what) in table {
        let ground = Ground::new(PROGRAM, toml);
        let told = complaint(ground.command("parlord"), &ground, 2);
        assert!(told.contains(place) && told.contains(what), "{toml}{told}");
        assert!(told.starts_with(ground.config().to_str().unwrap()), "{told}");
        assert_eq!(ground.objects(), (vec![], vec![]), "nothing was opened");
    }
}

#[test]
fn an_address_in_use_is_named() {
    let ground = Ground::new(PROGRAM, "");
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let mut command = ground.command("parlord");
    command.args(["--listen", &address]);
    let told = complaint(command, &ground, 1);
    assert!(told.starts_with(&format!("cannot listen on {address}: ")), "{told}");
    let _living = UnixListener::bind(ground.socket()).unwrap();
    let told = complaint(ground.command("parlord"), &ground, 1);
    assert!(told.starts_with(&format!("cannot listen on {}: ", ground.socket().display())), "{told}");
    assert_eq!(ground.objects(), (vec![], vec![]), "nothing was opened");
}

#[test]
fn a_second_server_does_not_touch_what_the_first_one_has() {
    let ground = Ground::new(PROGRAM, "");
    let house = ground.open();
    let mut alice = house.guest_in("alice", "#den");
    let mut command = ground.command("parlord");
    let (segment, semaphores) = (ground.keys().segment.to_string(), ground.keys().semaphores.to_string());
    command.args(["--listen", "127.0.0.1:0", "--segment-key", &segment, "--semaphore-key", &semaphores]);
    let told = refusal(command, 1);
    assert!(told.contains(&format!("process {}", house.pid())) && told.contains(&segment), "{told}");
    alice.fence();
    assert_eq!(ground.liveness(), Liveness::Live);
}

#[test]
fn a_newer_layout_is_refused_and_not_destroyed() {
    let ground = Ground::new(PROGRAM, "");
    ground.open().kill();
    overwrite(ground.keys().segment, VERSION_WORD, 2 << 16);
    let before = ground.objects();
    let told = complaint(ground.command("parlord"), &ground, 1);
    assert!(told.contains("layout 2") && told.contains("newer"), "{told}");
    assert_eq!(ground.objects().0, before.0, "the segment is still there");
    overwrite(ground.keys().segment, VERSION_WORD, segment::VERSION_MAJOR << 16 | segment::VERSION_MINOR);
    ground.open();
    assert_eq!(ground.reader().epoch(), 2, "and goes on with a server that knows it");
}

#[test]
fn keys_of_another_user_are_refused_with_his_number() {
    if !is_root() {
        return;
    }
    let ground = Ground::new(PROGRAM, "");
    let keys = [ground.keys().segment.to_string(), ground.keys().semaphores.to_string()];
    let usual = ["--listen", "127.0.0.1:0", "--segment-key", &keys[0], "--semaphore-key", &keys[1]];
    let mut command = ground.command_of_user(NOBODY, "parlord");
    command.args(usual);
    let mut foreign = Running::start(command);
    assert!(foreign.has_said("listening"), "{}", foreign.errors());
    foreign.kill();
    let before = ground.objects();
    let told = complaint(ground.command("parlord"), &ground, 1);
    assert!(told.contains(&format!("uid {NOBODY}")) && told.contains("as uid 0"), "{told}");
    assert!(told.contains("choose another key"), "{told}");
    assert_eq!(ground.objects(), before, "they are still his");

    // The other way round, without any permission.
    let ground = Ground::new(PROGRAM, "");
    ground.open().kill();
    let before = ground.objects();
    let keys = [ground.keys().segment.to_string(), ground.keys().semaphores.to_string()];
    let mut command = ground.command_of_user(NOBODY, "parlord");
    command.args(["--listen", "127.0.0.1:0", "--segment-key", &keys[0], "--semaphore-key", &keys[1]]);
    let told = refusal(command, 1);
    assert!(told.contains(&keys[0]) && told.contains(&format!("as uid {NOBODY}")), "{told}");
    assert_eq!(ground.objects(), before);
    // And a directory in which he may not make a socket.
    let mut command = ground.command_of_user(NOBODY, "parlord");
    let path = ground.path("other.sock");
    command.args(["--no-segment", "--listen", "127.0.0.1:0", "--unix", path.to_str().unwrap()]);
    let told = refusal(command, 1);
    assert!(told.starts_with(&format!("cannot listen on {}: Permission denied", path.display())), "{told}");
}

#[test]
fn sigterm_says_farewell_to_everybody_and_leaves_a_clean_stop() {
    for (toml, stays) in [("", true), ("[segment]\nremove_at_stop = true\n", false)] {
        let ground = Ground::new(PROGRAM, toml);
        let house = ground.open();
        let mut guests: Vec<Guest> =
            (0..50).map(|index| house.guest_in(&format!("g{index}"), "#den")).collect();
        guests[0].say("PRIVMSG #den :until the end");
        guests[0].fence();
        let mut stranger = Guest::connect(house.address());
        stranger.say("CAP LS");
        stranger.hear(" CAP ");
        let mut reader = ground.reader();
        assert!(ground.socket().exists());
        assert_eq!(house.stop(), Some(0));
        for mut guest in guests.into_iter().chain([stranger]) {
            let heard = guest.rest();
            let last = heard.last().unwrap_or_else(|| panic!("{} heard nothing", guest.nick));
            assert!(last.starts_with("ERROR :") && last.contains("The server stops"), "{heard:#?}");
            assert_eq!(heard.iter().filter(|line| line.contains("ERROR")).count(), 1, "{heard:#?}");
        }
        assert!(!ground.socket().exists(), "the socket goes");
        if stays {
            assert_eq!(reader.liveness(Now::read()), Liveness::Stopped);
            let history = reader.history("#den").unwrap();
            assert_eq!(history.records.last().unwrap().text, "until the end", "also the last tick");
        } else {
            assert_eq!(ground.objects(), (vec![], vec![]), "the objects go as well");
        }
    }
}

#[test]
fn a_reload_keeps_everybody() {
    let ground = Ground::new(PROGRAM, "[server]\nmotd = 'first'\n");
    let mut house = ground.open();
    let mut guests: Vec<Guest> = (0..20).map(|index| house.guest_in(&format!("g{index}"), "#den")).collect();
    guests.iter_mut().for_each(|guest| drop(guest.fence()));
    for (toml, shown) in [
        ("[server]\nmotd = 'second'\n[limits]\ntopic_bytes_max = 5\n", "second"),
        ("[server]\nmotd = 'never'\nmotd_fiel = 'x'\n", "second"),
        ("[server]\nmotd = 'third'\n", "third"),
    ] {
        ground.configure(toml);
        house.running().signal(Signal::SIGHUP);
        // Only what was read is shown, whenever that was; the bad one is told in the log.
        loop {
            guests[0].say("MOTD");
            let heard = guests[0].fence();
            assert!(!heard.iter().any(|line| line.ends_with("- never")), "{heard:#?}");
            if heard.iter().any(|line| line.ends_with(&format!("- {shown}"))) {
                break;
            }
        }
        if shown == "second" && toml.contains("never") {
            assert!(house.running().has_said("the old configuration stays"));
        }
        guests[1].say(&format!("PRIVMSG #den :after {shown}"));
        for index in (0..20).filter(|index| *index != 1) {
            assert!(guests[index].hear(" PRIVMSG ").ends_with(&format!("after {shown}")));
        }
    }
    // The addresses of the command line stay, whatever the file says.
    Guest::enter(house.address(), "late");
}

/// Ends a server in one of the ways in which servers end.
fn end(house: House, sudden: bool) -> Duration {
    let begin = Instant::now();
    if sudden {
        house.kill();
    } else {
        assert_eq!(house.stop(), Some(0));
    }
    begin.elapsed()
}

#[test]
fn whatever_ended_the_last_one_the_next_one_starts() {
    let starts = surroundings::times("STARTS", 20);
    let mut chance = surroundings::chance();
    let ground = Ground::new(PROGRAM, "");
    let (mut to_listening, mut to_gone) = (Vec::new(), Vec::new());
    let mut said = 0;
    for start in 0..starts {
        if start % 4 == 3 {
            // Killed somewhere on its way, perhaps before it has done anything, perhaps in the middle of adopting.
            let mut command = ground.command("parlord");
            command.args(ground.usual());
            let mut early = Running::start(command);
            let begin = Instant::now();
            let until = Duration::from_micros(chance.below(15_000) as u64);
            while begin.elapsed() < until {
                std::hint::spin_loop();
            }
            early.kill();
        }
        let begin = Instant::now();
        let house = ground.open();
        to_listening.push(begin.elapsed());
        assert_eq!(ground.liveness(), Liveness::Live);
        let mut guest = house.guest("alice");
        guest.say("JOIN #den");
        let shown = guest.fence().iter().filter(|line| line.contains(" PRIVMSG #den :")).count();
        assert_eq!(shown, said.min(10), "what was said in {said} earlier runs");
        guest.say(&format!("PRIVMSG #den :{start}"));
        guest.fence();
        said += 1;
        let reader = ground.reader();
        while reader.history("#den").map_or(0, |history| history.records.len()) < said {
            guest.fence();
        }
        let texts: Vec<String> =
            reader.history("#den").unwrap().records.into_iter().map(|record| record.text).collect();
        let expected: Vec<String> = (0..=start).map(|start| start.to_string()).collect();
        assert_eq!(texts, expected);
        let sudden = start % 2 == 1;
        let took = end(house, sudden);
        if !sudden {
            to_gone.push(took);
        }
        let mut reader = Reader::open(ground.keys().segment, None).unwrap();
        let liveness = reader.liveness(Now::read());
        let as_expected =
            if sudden { matches!(liveness, Liveness::Dead { .. }) } else { liveness == Liveness::Stopped };
        assert!(as_expected, "{liveness:?}");
        let (segments, sets) = ground.objects();
        assert_eq!((segments.len(), sets.len()), (1, 1));
    }
    println!(
        "{starts} starts: {:?} to listening, {:?} from SIGTERM to gone (medians)",
        median(to_listening),
        median(to_gone)
    );
}
