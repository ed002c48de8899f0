//! A server in another process, which can be killed: this test binary, started again.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use super::*;

const ROLE: &str = "PARLORSTAT_TEST_SERVER";

/// The child's part; as a test of its own it has nothing to do.
#[test]
fn as_told() {
    let Ok(role) = std::env::var(ROLE) else { return };
    let (segment, semaphores) = role.split_once('|').expect("two keys");
    let keys = Keys { segment: segment.parse().unwrap(), semaphores: semaphores.parse().unwrap() };
    let (mut writer, _) = Writer::open(keys.settings(), COUNTERS, &[], NOW).expect("the keys are free");
    let lobby = writer.stage().room("#lobby", NOW).unwrap();
    writer.stage().members(lobby, 1, [("alice", "@")]);
    writer.stage().spoke(lobby, "alice", 5, NOW);
    writer.publish(NOW);
    println!("@ready");
    // Until killed; if the parent goes first, its end of the pipe is closed.
    let mut line = String::new();
    let _ = std::io::stdin().read_line(&mut line);
    // The objects are the parent's to remove.
    std::process::exit(0);
}

/// A server in a process of its own.
pub(crate) struct Server(Child);

impl Server {
    pub fn start(keys: &Keys) -> Server {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "tests::actors::as_told", "--nocapture", "--test-threads=1"]);
        command.env(ROLE, format!("{}|{}", keys.segment, keys.semaphores));
        command.env_remove("RUST_TEST_THREADS").stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        assert!(lines.any(|line| line.unwrap().ends_with("@ready")), "the server ended");
        Server(child)
    }

    pub fn pid(&self) -> u32 {
        self.0.id()
    }

    /// As `kill -9` does.
    pub fn kill(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_killed_server_is_told_from_a_living_one() {
    let mut scene = Scene::new();
    scene.die();
    assert_eq!(scene.run(&["remove"]).exit, Exit::Live);
    let mut server = Server::start(&scene.keys);
    let live = scene.run(&["--check"]);
    assert_eq!(live.exit, Exit::Live, "{live:?}");
    assert!(live.out.contains(&format!("LIVE  pid {}", server.pid())), "{live:?}");
    server.kill();
    let dead = scene.run(&["--check"]);
    assert_eq!(dead.exit, Exit::Old, "{dead:?}");
    assert!(dead.out.contains(&format!("DEAD  pid {}  gone since 22:13:20Z", server.pid())), "{dead:?}");
    assert!(scene.run(&["--once"]).out.contains("alice 1"));
    // The next one goes on where it ended.
    scene.serve();
    scene.pass(1);
    let next = scene.run(&["--check"]);
    assert_eq!(next.exit, Exit::Live);
    assert!(next.out.contains("epoch 2"), "{next:?}");
}
