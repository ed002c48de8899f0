//! Passwords and where they come from.

use std::fmt;
use std::io::{self, Read};
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// The longest secret that is taken from a command or a file; more is refused.
const SECRET_BYTES_MAX: u64 = 4096;

/// Something that is neither shown nor logged, also not by accident.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Hides a text.
    pub fn new(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The text, for the one place that needs it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(secret)")
    }
}

/// Where a password comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Source {
    /// There is none.
    #[default]
    Nowhere,
    /// It stands in the configuration.
    Given(Secret),
    /// The first line that a command writes; the shell runs it.
    Command(String),
    /// The first line of a file.
    File(PathBuf),
}

impl Source {
    /// Fetches the password. A command may take its time: this is not for the thread that draws.
    pub fn fetch(&self) -> io::Result<Option<Secret>> {
        let text = match self {
            Self::Nowhere => return Ok(None),
            Self::Given(secret) => return Ok(Some(secret.clone())),
            Self::File(path) => bounded(std::fs::File::open(path)?)?,
            Self::Command(command) => {
                // What it says on its standard error would be drawn over the screen.
                let mut child = Command::new("/bin/sh")
                    .args(["-c", command])
                    .stdin(Stdio::null())
                    .stdout(Stdio::piped())
                    .stderr(Stdio::null())
                    .spawn()?;
                let text = bounded(child.stdout.take().expect("it was asked for"));
                if text.is_err() {
                    // It may have ended by itself.
                    let _ = child.kill();
                }
                let status = child.wait()?;
                let text = text?;
                if !status.success() {
                    return Err(io::Error::other(format!("the command has failed ({status})")));
                }
                text
            }
        };
        match text.lines().next() {
            Some(line) if !line.is_empty() && !line.contains('\0') => Ok(Some(Secret::new(line))),
            _ => Err(io::Error::other("the first line is empty")),
        }
    }
}

fn bounded(source: impl Read) -> io::Result<String> {
    let mut text = String::new();
    source.take(SECRET_BYTES_MAX + 1).read_to_string(&mut text)?;
    if text.len() as u64 > SECRET_BYTES_MAX {
        return Err(io::Error::other(format!("there are more than {SECRET_BYTES_MAX} bytes")));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_does_not_show_itself() {
        let source = Source::Given(Secret::new("hunter2"));
        assert_eq!(format!("{source:?}"), "Given((secret))");
    }

    #[test]
    fn passwords_come_from_commands_and_files() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("password");
        std::fs::write(&file, "from a file\nsecond line\n").unwrap();
        let empty = directory.path().join("empty");
        std::fs::write(&empty, "\nsecond").unwrap();
        let command = |text: &str| Source::Command(text.to_owned());
        let table = [
            (Source::Nowhere, "none"),
            (Source::Given(Secret::new("given")), "given"),
            (Source::File(file), "from a file"),
            (Source::File(empty), "the first line is empty"),
            (command("printf 'from a command\\nmore'"), "from a command"),
            (command("echo half; exit 3"), "the command has failed (exit status: 3)"),
            (command("true"), "the first line is empty"),
            (command("head -c 5000 /dev/zero"), "there are more than 4096 bytes"),
        ];
        for (source, expected) in table {
            let found = match source.fetch() {
                Ok(secret) => secret.map_or("none".to_owned(), |secret| secret.reveal().to_owned()),
                Err(error) => error.to_string(),
            };
            assert_eq!(found, expected, "{source:?}");
        }
    }
}
