//! Logging in, against a server that really looks at what it is told.

use std::fs;
use std::path::Path;

use base64ct::{Base64, Encoding};
use ring::{digest, hmac, pbkdf2};

use crate::pty::Terminal;
use crate::server::{House, Identity, Server};

const SALT: &[u8] = b"some salt";
const ROUNDS: u32 = 4096;

/// Somebody's account, and how far he has come with his login.
#[derive(Clone)]
pub struct Account {
    name: &'static str,
    password: &'static str,
    /// The certificate by which he is known.
    certificate: Vec<u8>,
    stage: Stage,
}

#[derive(Clone)]
enum Stage {
    Idle,
    Plain,
    External,
    /// SCRAM: what both have said so far.
    First,
    Final {
        bare: String,
        first: String,
    },
    Proved,
}

impl Account {
    pub fn new(name: &'static str, password: &'static str, certificate: &[u8]) -> Self {
        Self { name, password, certificate: certificate.to_owned(), stage: Stage::Idle }
    }

    /// Answers what stands behind AUTHENTICATE.
    pub fn answer(&mut self, words: &str, certificate: Option<&[u8]>) -> String {
        let refused = ":srv 904 me :SASL authentication failed".to_owned();
        let granted = ":srv 900 me me!me@home me :You are now logged in\r\n:srv 903 me :Done".to_owned();
        let judged = |good: bool| if good { granted.clone() } else { refused.clone() };
        let said = if words == "+" { Vec::new() } else { Base64::decode_vec(words).unwrap_or_default() };
        let text = String::from_utf8_lossy(&said).into_owned();
        let (answer, next) = match (self.stage.clone(), words) {
            (Stage::Idle, "PLAIN") => ("AUTHENTICATE +".to_owned(), Stage::Plain),
            (Stage::Idle, "EXTERNAL") => ("AUTHENTICATE +".to_owned(), Stage::External),
            (Stage::Idle, "SCRAM-SHA-256") => ("AUTHENTICATE +".to_owned(), Stage::First),
            (Stage::Plain, _) => {
                let expected = format!("{0}\0{0}\0{1}", self.name, self.password);
                (judged(text == expected), Stage::Idle)
            }
            (Stage::External, _) => (judged(certificate == Some(&self.certificate[..])), Stage::Idle),
            (Stage::First, _) => {
                let bare = text.strip_prefix("n,,").unwrap_or_default().to_owned();
                let nonce = bare.split_once(",r=").map_or("", |(_, nonce)| nonce);
                let first = format!("r={nonce}srv,s={},i={ROUNDS}", Base64::encode_string(SALT));
                (
                    format!("AUTHENTICATE {}", Base64::encode_string(first.as_bytes())),
                    Stage::Final { bare, first },
                )
            }
            (Stage::Final { bare, first }, _) => match self.proof(&bare, &first, &text) {
                Some(answer) => (answer, Stage::Proved),
                None => (refused, Stage::Idle),
            },
            (Stage::Proved, "+") => (granted, Stage::Idle),
            _ => (refused, Stage::Idle),
        };
        self.stage = next;
        answer
    }

    /// The server's proof, if the client's is good (RFC 5802, section 3).
    fn proof(&self, bare: &str, first: &str, client_final: &str) -> Option<String> {
        let (unproven, proof) = client_final.split_once(",p=")?;
        let proof = Base64::decode_vec(proof).ok()?;
        let mut salted = [0; digest::SHA256_OUTPUT_LEN];
        let rounds = ROUNDS.try_into().expect("it is not zero");
        pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, rounds, SALT, self.password.as_bytes(), &mut salted);
        let keyed = |key: &[u8], text: &[u8]| hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text);
        let stored = digest::digest(&digest::SHA256, keyed(&salted, b"Client Key").as_ref());
        let whole = format!("{bare},{first},{unproven}");
        let signature = keyed(stored.as_ref(), whole.as_bytes());
        let key: Vec<u8> = proof.iter().zip(signature.as_ref()).map(|(left, right)| left ^ right).collect();
        let known = bare.starts_with(&format!("n={},", self.name));
        let good = known && digest::digest(&digest::SHA256, &key).as_ref() == stored.as_ref();
        let server = keyed(keyed(&salted, b"Server Key").as_ref(), whole.as_bytes());
        let proof = format!("v={}", Base64::encode_string(server.as_ref()));
        good.then(|| format!("AUTHENTICATE {}", Base64::encode_string(proof.as_bytes())))
    }
}

/// A server under TLS with an account `al`, and a directory with a configuration that logs in there.
fn configured(home: &Path, keys: &str) -> Server {
    let identity = Identity::own();
    let own = Identity::own();
    fs::write(home.join("own.pem"), own.pem()).unwrap();
    // The password is "IX" however it is typed (RFC 4013).
    let account = Some(Account::new("al", "IX", own.certificate()));
    let server = Server::start_with(House { account, ..House::default() }, &identity);
    let directory = home.join("parlor");
    fs::create_dir(&directory).unwrap();
    let trust = format!("[certificates]\n\"localhost:{}\" = \"{}\"\n", server.port, identity.fingerprint());
    fs::write(directory.join("trust.toml"), trust).unwrap();
    let keys = keys.replace("HOME", home.to_str().unwrap());
    let network = format!(
        "[networks.home]\naddresses = 'ircs://localhost:{}'\nnicks = 'me'\nrooms = '#den'\naccount = 'al'\n{keys}\n",
        server.port
    );
    fs::write(directory.join("config.toml"), network).unwrap();
    server
}

#[test]
fn one_logs_in_by_every_mechanism_before_one_enters() {
    for (mechanism, keys) in [
        ("PLAIN", "mechanism = 'plain'\naccount_password_command = 'echo IX'"),
        ("SCRAM-SHA-256", "mechanism = 'scram-sha-256'\naccount_password = \"I\\u00adX\""),
        ("EXTERNAL", "mechanism = 'external'\ncertificate = 'HOME/own.pem'"),
    ] {
        let home = tempfile::tempdir().unwrap();
        let server = configured(home.path(), keys);
        let mut terminal = Terminal::start((120, 30), home.path(), &["--forget"]);
        terminal.shows_text("hello me");
        let before = server.hears("JOIN #den");
        let place = |line: &str| before.iter().position(|said| said == line);
        let asked = place(&format!("AUTHENTICATE {mechanism}"));
        assert!(asked.is_some() && asked < place("CAP END"), "{before:?}");
        terminal.types("/quit\r");
        terminal.ends_well();
    }
}

#[test]
fn a_login_that_fails_is_explained_and_nothing_is_entered() {
    for (keys, says) in [
        ("mechanism = 'plain'\naccount_password = 'wrong'", "the server has refused it"),
        ("mechanism = 'scram-sha-256'\naccount_password = 'ix'", "the server has refused it"),
        ("mechanism = 'external'", "the server has refused it"),
        ("account_password = \"\\u0007\"\nmechanism = 'scram-sha-256'", "SASLprep forbids"),
    ] {
        let home = tempfile::tempdir().unwrap();
        let server = configured(home.path(), keys);
        let mut terminal = Terminal::start((120, 30), home.path(), &["--forget"]);
        terminal.shows_in_rows(says);
        terminal.shows_in_rows("Without it you do not go in");
        terminal.shows_in_rows("/connect home tries again");
        terminal.shows_text("○ offline");
        let before = server.hears("QUIT");
        assert!(!before.iter().any(|line| line == "CAP END" || line.starts_with("JOIN")), "{before:?}");
        terminal.types("/quit\r");
        terminal.ends_well();
    }
}

#[test]
fn a_guest_goes_in_where_that_is_configured() {
    let home = tempfile::tempdir().unwrap();
    let server = configured(home.path(), "account_password = 'wrong'\nmechanism = 'plain'\nguest = true");
    let mut terminal = Terminal::start((120, 30), home.path(), &["--forget"]);
    server.hears("JOIN #den");
    terminal.shows_text("hello me");
    terminal.types("/quit\r");
    terminal.ends_well();
}
