//! Calling a person who looks elsewhere: by the terminal, and by a program of his own.

use std::io;
use std::process::{Child, Command, Stdio};

/// The longest text of a notification, in characters.
const TEXT_CHARS_MAX: usize = 200;
/// Programs that may run at once. Whoever is named often is called as often as they keep up.
const RUNNING_MAX: usize = 4;

/// What makes a terminal call, in the way that the setting `notify` names: the bell, and a text outside of the screen where the
/// terminal shows one (OSC 9: iTerm2, foot, kitty and others; OSC 777: urxvt, foot, ghostty). In the text is nothing that could end
/// the sequence.
pub(crate) fn sequence(how: &str, who: &str, text: &str) -> String {
    let (who, text) = (harmless(who), harmless(text));
    match how {
        "bell" => "\x07".to_owned(),
        "osc9" => format!("\x07\x1b]9;{who}: {text}\x1b\\"),
        // Its fields end at semicolons.
        "osc777" => format!("\x07\x1b]777;notify;{};{text}\x1b\\", who.replace(';', ",")),
        _ => String::new(),
    }
}

fn harmless(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(TEXT_CHARS_MAX).collect()
}

/// The programs that were called and may still run.
#[derive(Debug, Default)]
pub(crate) struct Callers {
    running: Vec<Child>,
}

impl Callers {
    /// Runs a program, given with its first arguments, who speaks and the text being the last ones. No shell sees them. Nothing
    /// happens without a program, or while too many run.
    ///
    /// # Errors
    /// If the program cannot be started.
    pub fn call(&mut self, command: &str, who: &str, text: &str) -> io::Result<()> {
        // One that cannot be asked is not ours any more.
        self.running.retain_mut(|child| matches!(child.try_wait(), Ok(None)));
        let mut words = command.split_whitespace();
        let Some(program) = words.next().filter(|_| self.running.len() < RUNNING_MAX) else { return Ok(()) };
        let mut child = Command::new(program);
        child.args(words).arg(dashless(&harmless(who))).arg(dashless(&harmless(text)));
        child.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        self.running.push(child.spawn()?);
        Ok(())
    }
}

/// What others say is never an option of the program.
fn dashless(text: &str) -> String {
    if text.starts_with('-') { format!(" {text}") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_terminal_is_told_as_it_is_wanted_and_nothing_ends_the_text_early() {
        #[rustfmt::skip]
        let table = [
            ("none",   ""),
            ("bell",   "\x07"),
            ("osc9",   "\x07\x1b]9;b;ob: hi[0m\x1b\\"),
            ("osc777", "\x07\x1b]777;notify;b,ob;hi[0m\x1b\\"),
        ];
        for (how, expected) in table {
            assert_eq!(sequence(how, "b;ob\x07", "hi\x1b[0m\u{9c}"), expected, "{how}");
        }
        assert!(sequence("osc9", "", &"x".repeat(1000)).len() < 300);
    }

    #[test]
    fn a_program_hears_who_and_what_and_never_as_an_option() {
        let home = tempfile::tempdir().unwrap();
        let heard = home.path().join("heard");
        let program = home.path().join("program");
        std::fs::write(
            &program,
            "printf '%s|' \"$@\" > \"$0.out\"; mv \"$0.out\" \"$(dirname \"$0\")/heard\"\n",
        )
        .unwrap();
        let command = format!("sh {} first", program.display());
        let mut callers = Callers::default();
        callers.call("", "bob", "nothing runs").unwrap();
        assert!(callers.running.is_empty());
        callers.call(&command, "bob", "-x $(reboot) \x1b'").unwrap();
        callers.running[0].wait().unwrap();
        assert_eq!(std::fs::read_to_string(heard).unwrap(), "first|bob| -x $(reboot) '|");
        assert!(callers.call("/nowhere/at/all", "bob", "hi").is_err());
        assert!(callers.running.is_empty(), "who has ended is forgotten");
    }

    #[test]
    fn not_too_many_programs_run_at_once() {
        let mut callers = Callers::default();
        for _ in 0..RUNNING_MAX + 3 {
            // It ends with this test at the latest.
            let command = format!("tail --pid={} -f /dev/null", std::process::id());
            callers.call(&command, "", "").unwrap();
        }
        assert_eq!(callers.running.len(), RUNNING_MAX);
        for child in &mut callers.running {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }
}
