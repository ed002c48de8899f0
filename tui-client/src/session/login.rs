//! Logging in to an account while registering (SASL).
//!
//! ```text
//!   AUTHENTICATE mechanism ──► + or a challenge ──► answer … ──► 903, or 902 904 905 906 907 908
//! ```

use base64ct::{Base64, Encoding};
use wire::Encoder;

use super::Session;
use super::heard::{Happening, Heard, What};
use super::scram::Scram;
use crate::secret::Secret;

/// The capability.
pub(super) const SASL: &str = "sasl";
/// An answer is written in base64 and sent in pieces of so many bytes (IRCv3 sasl-3.1).
const CHUNK_BYTES: usize = 400;
/// The longest challenge that is listened to.
const CHALLENGE_BYTES_MAX: usize = 8 * 1024;

/// How to prove who one is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mechanism {
    /// By saying the password. Only over TLS, or on one's own machine.
    Plain,
    /// By the certificate of the connection.
    External,
    /// By showing that one knows the password.
    ScramSha256,
}

impl Mechanism {
    /// All, the best first.
    pub const ALL: [Self; 3] = [Self::External, Self::ScramSha256, Self::Plain];

    /// As the protocol writes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Plain => "PLAIN",
            Self::External => "EXTERNAL",
            Self::ScramSha256 => "SCRAM-SHA-256",
        }
    }
}

/// What is needed to log in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Login {
    /// How; the best that both know if nothing is said.
    pub mechanism: Option<Mechanism>,
    /// The account.
    pub account: String,
    /// The password; none with a certificate.
    pub password: Option<Secret>,
    /// A text that was never used before.
    pub nonce: String,
    /// Whether one goes on without the account if the login fails.
    pub guest: bool,
}

/// How far the login has come.
#[derive(Clone, Debug, Default)]
pub(super) enum Progress {
    /// It has not begun, or it is over.
    #[default]
    Idle,
    /// A mechanism was proposed, or a challenge was answered.
    Under(Mechanism, Option<Scram>, String),
}

/// What has come of the wish to log in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Standing {
    /// Nothing yet.
    #[default]
    Open,
    /// It was granted.
    LoggedIn,
    /// It was not, and one goes on all the same.
    Guest,
    /// It was not, and one does not go on.
    Barred,
}

impl Session {
    /// Notes which mechanisms a server has.
    pub(super) fn offers_login(&mut self, names: &str) -> bool {
        let offered = names.split_ascii_whitespace().find_map(|word| match word.split_once('=') {
            Some((SASL, mechanisms)) => Some(mechanisms),
            None if word == SASL => Some(""),
            _ => None,
        });
        if let Some(mechanisms) = offered {
            self.mechanisms =
                mechanisms.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect();
        }
        offered.is_some() && self.wanted.login.is_some()
    }

    /// Begins to log in: the server has agreed to talk about it.
    pub(super) fn log_in(&mut self, heard: &mut Vec<Heard>) {
        let Some(login) = self.wanted.login.clone().filter(|_| !self.logging_in()) else { return };
        let mechanism = match self.choose(&login) {
            Ok(mechanism) => mechanism,
            Err(why) => return self.login_failed(&why, heard),
        };
        let scram = (mechanism == Mechanism::ScramSha256).then(|| Scram::new(&login.account, &login.nonce));
        let scram = match scram.transpose() {
            Ok(scram) => scram,
            Err(why) => return self.login_failed(why, heard),
        };
        self.login = Progress::Under(mechanism, scram, String::new());
        heard.push(Heard::Send(Encoder::new().verb("AUTHENTICATE").param(mechanism.name()).end()));
    }

    /// Whether registering waits for the login.
    pub(super) fn logging_in(&self) -> bool {
        matches!(self.login, Progress::Under(..))
    }

    /// A challenge, or a part of one.
    pub(super) fn challenged(&mut self, chunk: &str, heard: &mut Vec<Heard>) {
        let Progress::Under(mechanism, scram, challenge) = &mut self.login else { return };
        if challenge.len() + chunk.len() > CHALLENGE_BYTES_MAX {
            return self.give_up("the server's challenge is too long", heard);
        }
        if chunk != "+" {
            challenge.push_str(chunk);
        }
        if chunk.len() == CHUNK_BYTES {
            return;
        }
        let decoded = Base64::decode_vec(&std::mem::take(challenge));
        let login = self.wanted.login.clone().unwrap_or_default();
        let password = login.password.as_ref().map_or("", Secret::reveal);
        let account = &login.account;
        let answer = match (decoded.map(String::from_utf8), mechanism, scram) {
            (Ok(Ok(_)), Mechanism::External, _) => Ok(account.clone()),
            (Ok(Ok(_)), Mechanism::Plain, _) => Ok(format!("{account}\0{account}\0{password}")),
            (Ok(Ok(text)), Mechanism::ScramSha256, Some(scram)) => match text.as_str() {
                "" => Ok(scram.first()),
                _ if text.starts_with("e=") || text.starts_with("v=") => scram.prove(&text),
                _ => scram.answer(password, &text),
            },
            _ => Err("the server's challenge cannot be read"),
        };
        match answer {
            Ok(answer) => heard.extend(chunks(&answer)),
            Err(why) => self.give_up(why, heard),
        }
    }

    /// The server has said how it ended.
    pub(super) fn login_ended(&mut self, code: &str, heard: &mut Vec<Heard>) {
        let Progress::Under(_, scram, _) = std::mem::take(&mut self.login) else { return };
        let unproven = scram.is_some_and(|scram| !scram.proved());
        match code {
            "903" | "907" if unproven => {
                let why = "the server has not proved that it knows the password; do not trust it";
                self.login_failed(why, heard);
            }
            "903" | "907" => self.standing = Standing::LoggedIn,
            _ => self.login_failed("the server has refused it", heard),
        }
        self.end_if_done(heard);
    }

    /// The login has come to nothing, and the person should know. Who wants to be somebody does not go in as nobody,
    /// unless that was agreed to.
    pub(super) fn login_failed(&mut self, why: &str, heard: &mut Vec<Heard>) {
        let guest = self.wanted.login.as_ref().is_none_or(|login| login.guest);
        self.standing = if guest || self.registered { Standing::Guest } else { Standing::Barred };
        heard.push(Heard::Happened(Happening::plain(What::LoginFailed { why: why.to_owned() })));
    }

    /// Whether one does not go on, because the login has failed.
    pub fn barred(&self) -> bool {
        self.standing == Standing::Barred
    }

    /// Whether one is logged in, as one wanted to be.
    pub fn logged_in(&self) -> bool {
        self.standing == Standing::LoggedIn
    }

    // The server answers with 906, which finds nothing under way any more.
    fn give_up(&mut self, why: &str, heard: &mut Vec<Heard>) {
        self.login = Progress::Idle;
        heard.push(Heard::Send(Encoder::new().verb("AUTHENTICATE").param("*").end()));
        self.login_failed(why, heard);
        self.end_if_done(heard);
    }

    fn choose(&self, login: &Login) -> Result<Mechanism, String> {
        let offered = |mechanism: Mechanism| {
            self.mechanisms.is_empty() || self.mechanisms.iter().any(|name| name == mechanism.name())
        };
        let chosen = match login.mechanism {
            Some(mechanism) if offered(mechanism) => mechanism,
            Some(mechanism) => {
                return Err(format!(
                    "the server does not offer {}, but {}",
                    mechanism.name(),
                    self.mechanisms.join(", ")
                ));
            }
            None => {
                let able = |mechanism: &Mechanism| match mechanism {
                    Mechanism::External => login.password.is_none(),
                    // A server that does not say what it has is old, and an old one has this one.
                    Mechanism::ScramSha256 => login.password.is_some() && !self.mechanisms.is_empty(),
                    Mechanism::Plain => login.password.is_some(),
                };
                let best =
                    Mechanism::ALL.into_iter().find(|mechanism| able(mechanism) && offered(*mechanism));
                best.ok_or_else(|| format!("the server only offers {}", self.mechanisms.join(", ")))?
            }
        };
        if chosen == Mechanism::Plain && !self.wanted.tls && !self.wanted.local {
            return Err("the password would be sent in the open; use TLS".to_owned());
        }
        Ok(chosen)
    }
}

/// An answer in lines.
fn chunks(answer: &str) -> Vec<Heard> {
    let line = |text: &str| Heard::Send(Encoder::new().verb("AUTHENTICATE").param(text).end());
    let encoded = Base64::encode_string(answer.as_bytes());
    let mut lines: Vec<Heard> = encoded
        .as_bytes()
        .chunks(CHUNK_BYTES)
        .map(|chunk| line(std::str::from_utf8(chunk).expect("base64 is ASCII")))
        .collect();
    // After a full piece another one is waited for, and an empty answer is a piece too.
    if encoded.len() % CHUNK_BYTES == 0 {
        lines.push(line("+"));
    }
    lines
}
