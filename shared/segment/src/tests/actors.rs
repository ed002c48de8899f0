//! Other processes: this test binary, started again and told by its environment what to do. Pipes keep the order.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};

use nix::libc;

use crate::testing::Keys;
use crate::{Key, sys};

const ROLE: &str = "PARLOR_SEGMENT_ROLE";

/// What a child can be told to do: a name, and the play.
#[allow(clippy::type_complexity, reason = "a row is a name and a function")]
pub(super) const ROLES: &[(&str, fn(&Script))] = &[
    ("look", super::access::look),
    ("hold", super::holders::hold),
    ("hold without undo", super::holders::hold_without_undo),
    ("fake server", super::holders::fake_server),
    ("churning writer", super::soak::churning_writer),
    ("churned reader", super::soak::churned_reader),
    ("second server", super::holders::second_server),
    ("stranger's semaphores", super::removed::strangers_semaphores),
    ("stranger's segment", super::removed::strangers_segment),
    ("publish and die", super::kill::publish_and_die),
    ("adopt and die", super::kill::adopt_and_die),
    ("move and die", super::kill::move_and_die),
    ("serve and wait", super::kill::serve_and_wait),
    ("soaking writer", super::soak::writer),
    ("soaking reader", super::soak::reader_of_counters),
    ("soaking guarded reader", super::soak::guarded_reader),
    ("soaking follower", super::soak::follower),
];

/// What a child was told.
pub(super) struct Script {
    pub segment: Key,
    pub semaphores: Key,
    pub number: u64,
}

impl Script {
    /// Settings on the keys of the script.
    pub fn settings(&self) -> crate::Settings {
        let keys = std::mem::ManuallyDrop::new(Keys { segment: self.segment, semaphores: self.semaphores });
        keys.settings()
    }
}

/// Says a line to the parent.
pub(super) fn report(line: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "@{line}").unwrap();
    out.flush().unwrap();
}

/// Waits for the parent's word, or its end.
pub(super) fn await_word() -> String {
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).unwrap();
    line.trim_end().to_owned()
}

/// Where a child begins. Without a role it checks that no role hides another.
#[test]
fn as_told() {
    let Ok(role) = std::env::var(ROLE) else {
        let mut names: Vec<_> = ROLES.iter().map(|(name, _)| name).collect();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), ROLES.len());
        return;
    };
    let mut told = role.split('|');
    let (name, segment, semaphores, number) =
        (told.next().unwrap(), told.next().unwrap(), told.next().unwrap(), told.next().unwrap());
    let script = Script {
        segment: segment.parse().unwrap(),
        semaphores: semaphores.parse().unwrap(),
        number: number.parse().unwrap(),
    };
    let (_, play) = ROLES.iter().find(|(known, _)| *known == name).expect("the role exists");
    play(&script);
}

/// A child at work; killed and waited for on drop.
pub(super) struct Actor {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Actor {
    pub fn start(role: &str, keys: &Keys, number: u64) -> Actor {
        Actor::start_as(role, keys, number, None)
    }

    pub fn start_as(role: &str, keys: &Keys, number: u64, uid: Option<u32>) -> Actor {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "tests::actors::as_told", "--nocapture", "--test-threads=1"]);
        command.env(ROLE, format!("{role}|{}|{}|{number}", keys.segment, keys.semaphores));
        command.env_remove("RUST_TEST_THREADS").stdin(Stdio::piped()).stdout(Stdio::piped());
        if let Some(uid) = uid {
            command.uid(uid).gid(uid);
        }
        let mut child = command.spawn().unwrap();
        let (input, output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        Actor { child, input, output: BufReader::new(output) }
    }

    /// The next line the child reports; `None` at its end.
    pub fn hear(&mut self) -> Option<String> {
        let mut line = String::new();
        loop {
            line.clear();
            if self.output.read_line(&mut line).unwrap() == 0 {
                return None;
            }
            // The harness says "test … " in front of the first report.
            if let Some((_, said)) = line.trim_end().split_once('@') {
                return Some(said.to_owned());
            }
        }
    }

    pub fn hears(&mut self, expected: &str) {
        assert_eq!(self.hear().as_deref(), Some(expected));
    }

    pub fn tell(&mut self, word: &str) {
        writeln!(self.input, "{word}").unwrap();
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    pub fn stop(&self) {
        sys::signal(self.pid(), libc::SIGSTOP);
        sys::wait_stopped(self.pid());
    }

    pub fn go_on(&self) {
        sys::signal(self.pid(), libc::SIGCONT);
    }

    pub fn lives(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    pub fn wait(&mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }
}

impl Drop for Actor {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
