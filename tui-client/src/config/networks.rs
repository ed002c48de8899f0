//! The table of what can be said of a network in the file.

use std::net::IpAddr;
use std::path::{Path, PathBuf};

use toml::de::DeValue;

use super::{At, Problem, Value};
use crate::address::{PORT, TLS_PORT, Target};
use crate::model::Address;
use crate::network::{Access, Network};
use crate::secret::{Secret, Source};
use crate::session::Mechanism;

/// A network as it is configured.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Profile {
    pub name: String,
    pub addresses: Vec<Address>,
    pub nicks: Vec<String>,
    pub user: Option<String>,
    pub realname: Option<String>,
    pub rooms: Vec<String>,
    pub access: Access,
    /// Whether it is connected to at the start.
    pub connect: bool,
    /// The addresses as they are written.
    pub places: Vec<String>,
    /// Whether TLS is spoken where the addresses do not say it.
    pub tls: Option<bool>,
}

/// One row of the table.
pub(crate) struct Key {
    pub name: &'static str,
    /// As it is written.
    pub example: &'static str,
    pub help: &'static str,
    put: fn(&mut Profile, Value) -> Result<(), Wrong>,
    /// What `/save` writes; nothing where there is nothing, or where it is not for writing.
    pub get: fn(&Profile) -> Option<Value>,
}

/// What is wrong with a value.
enum Wrong {
    /// It is of another kind.
    Kind,
    /// Something else.
    What(String),
}

const fn row(
    name: &'static str,
    example: &'static str,
    help: &'static str,
    put: fn(&mut Profile, Value) -> Result<(), Wrong>,
    get: fn(&Profile) -> Option<Value>,
) -> Key {
    Key { name, example, help, put, get }
}

/// Every key, in the order of use.
#[rustfmt::skip]
pub(crate) const KEYS: &[Key] = &[
    row("addresses",                r#"["irc.example.org", "other.example.org:6697"]"#, "the servers: one after another is tried; `irc://` and `ircs://` overrule `tls`", |p, v| texts(v, &mut p.places), |p| Some(Value::Texts(p.addresses.iter().map(Address::url).collect()))),
    row("tls",                      "true",                        "whether TLS is spoken; true unless the server is on this machine", |p, v| switch(&v).map(|on| p.tls = Some(on)), |_| None),
    row("connect",                  "true",                        "whether it is connected to at the start", |p, v| switch(&v).map(|on| p.connect = on), |_| None),
    row("nicks",                    r#"["alice", "alice_"]"#,      "the nicks to try, the best first; it is taken back when it is free", |p, v| texts(v, &mut p.nicks), |p| some(&p.nicks)),
    row("user",                     r#""alice""#,                  "the user name", |p, v| text(v).map(|text| p.user = Some(text)), |p| p.user.clone().map(Value::Text)),
    row("realname",                 r#""Alice""#,                  "what WHOIS shows", |p, v| text(v).map(|text| p.realname = Some(text)), |p| p.realname.clone().map(Value::Text)),
    row("rooms",                    r##"["#den", "#vault key"]"##, "the rooms to enter, with their keys", |p, v| texts(v, &mut p.rooms), |p| some(&p.rooms)),
    row("commands",                 r#"["/mode alice +i"]"#,       "what is done after the welcome, before rooms are entered; without a slash a line for the server", |p, v| texts(v, &mut p.access.commands), |p| some(&p.access.commands)),
    row("account",                  r#""alice""#,                  "the account to log in to (SASL)", |p, v| text(v).map(|text| p.access.account = Some(text)), |p| p.access.account.clone().filter(|name| !name.is_empty()).map(Value::Text)),
    row("account_password",         r#""secret""#,                 "its password", |p, v| given(v, &mut p.access.account_password), |_| None),
    row("account_password_command", r#""pass show irc""#,          "a command whose first line is the password", |p, v| command(v, &mut p.access.account_password), |p| from_command(&p.access.account_password)),
    row("account_password_file",    r#""~/.irc-password""#,        "a file whose first line is the password", |p, v| file(v, &mut p.access.account_password), |p| from_file(&p.access.account_password)),
    row("mechanism",                r#""scram-sha-256""#,          "how to log in: plain, external or scram-sha-256; the best that both know if it is left out", |p, v| text(v).and_then(|text| mechanism(&text)).map(|mechanism| p.access.mechanism = Some(mechanism)), |p| p.access.mechanism.map(|mechanism| Value::Text(mechanism.name().to_lowercase()))),
    row("certificate",              r#""~/.irc.pem""#,             "a certificate of one's own and its key, for `external`", |p, v| text(v).map(|text| p.access.certificate = Some(path(&text))), |p| p.access.certificate.as_deref().map(shown)),
    row("guest",                    "false",                       "whether one goes on without the account if the login fails; else one stays away", |p, v| switch(&v).map(|on| p.access.guest = on), |p| p.access.guest.then_some(Value::Switch(true))),
    row("password",                 r#""secret""#,                 "the server's own password, where it has one", |p, v| given(v, &mut p.access.password), |_| None),
    row("password_command",         r#""pass show irc-server""#,   "a command whose first line it is", |p, v| command(v, &mut p.access.password), |p| from_command(&p.access.password)),
    row("password_file",            r#""~/.irc-server""#,          "a file whose first line it is", |p, v| file(v, &mut p.access.password), |p| from_file(&p.access.password)),
];

impl Profile {
    /// What a network is now, as far as it is of use another time.
    pub fn of(network: &Network, login: &str) -> Self {
        let wanted = &network.wanted;
        let nicks = std::iter::once(&wanted.nick).chain(&wanted.nicks).cloned().collect();
        // What the system says of the person it will say again.
        let unless_login = |name: &String| (name != login).then(|| name.clone());
        Self {
            name: network.name.clone(),
            addresses: network.addresses.clone(),
            nicks,
            user: unless_login(&wanted.user),
            realname: unless_login(&wanted.realname),
            rooms: wanted.rooms.clone(),
            access: network.access.clone(),
            connect: true,
            ..Self::default()
        }
    }

    /// Whether a password stands in it.
    pub fn holds_secret(&self) -> bool {
        let given = |source: &Source| matches!(source, Source::Given(_));
        given(&self.access.password) || given(&self.access.account_password)
    }
}

pub(super) fn read(at: &At<'_>, name: &str, value: &DeValue<'_>) -> Result<Profile, Problem> {
    let DeValue::Table(table) = value else {
        return Err(at.wrong(format!("is a section: [networks.{name}]")));
    };
    let mut profile = Profile { name: name.to_owned(), connect: true, ..Profile::default() };
    for (key, value) in table {
        let at = at.inside(key);
        let row = KEYS.iter().find(|row| row.name == key.get_ref());
        let row = row.ok_or_else(|| at.unknown(KEYS.iter().map(|row| row.name)))?;
        let value = at.value(value.get_ref())?;
        let called = value.called();
        (row.put)(&mut profile, value).map_err(|wrong| {
            at.wrong(match wrong {
                Wrong::Kind => format!("{called} does not fit; such as {}", row.example),
                Wrong::What(what) => what,
            })
        })?;
    }
    finish(&mut profile).map_err(|(key, what)| {
        let mut problem = at.wrong(what);
        problem.key = problem.key.map(|path| format!("{path}.{key}"));
        problem
    })?;
    Ok(profile)
}

/// What can only be judged when everything is known.
fn finish(profile: &mut Profile) -> Result<(), (&'static str, String)> {
    if profile.places.is_empty() {
        return Err(("addresses", "a network needs at least one server".to_owned()));
    }
    for place in &profile.places {
        let target = Target::parse(place).map_err(|why| ("addresses", format!("{place}: {why}")))?;
        let mut address = target.address;
        let local = address.host == "localhost"
            || address.host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
        if !place.contains("://") && !address.tls && profile.tls.unwrap_or(!local) {
            address.tls = true;
            address.port = if address.port == PORT { TLS_PORT } else { address.port };
        }
        profile.addresses.push(address);
    }
    let bad =
        |nick: &&String| nick.is_empty() || nick.contains(|c: char| c.is_whitespace() || c.is_control());
    if let Some(nick) = profile.nicks.iter().find(bad) {
        return Err(("nicks", format!("{nick:?} cannot be a nick")));
    }
    if profile.access.certificate.is_some() {
        profile.access.account.get_or_insert_default();
    }
    Ok(())
}

fn some(texts: &[String]) -> Option<Value> {
    (!texts.is_empty()).then(|| Value::Texts(texts.to_vec()))
}

fn shown(path: &Path) -> Value {
    Value::Text(path.display().to_string())
}

fn from_command(source: &Source) -> Option<Value> {
    if let Source::Command(command) = source { Some(Value::Text(command.clone())) } else { None }
}

fn from_file(source: &Source) -> Option<Value> {
    if let Source::File(path) = source { Some(shown(path)) } else { None }
}

fn switch(value: &Value) -> Result<bool, Wrong> {
    if let Value::Switch(on) = value { Ok(*on) } else { Err(Wrong::Kind) }
}

fn text(value: Value) -> Result<String, Wrong> {
    if let Value::Text(text) = value { Ok(text) } else { Err(Wrong::Kind) }
}

fn texts(value: Value, slot: &mut Vec<String>) -> Result<(), Wrong> {
    *slot = match value {
        Value::Texts(texts) => texts,
        Value::Text(text) => vec![text],
        Value::Switch(_) | Value::Number(_) => return Err(Wrong::Kind),
    };
    Ok(())
}

fn given(value: Value, slot: &mut Source) -> Result<(), Wrong> {
    source(slot, Source::Given(Secret::new(&text(value)?)))
}

fn command(value: Value, slot: &mut Source) -> Result<(), Wrong> {
    source(slot, Source::Command(text(value)?))
}

fn file(value: Value, slot: &mut Source) -> Result<(), Wrong> {
    source(slot, Source::File(path(&text(value)?)))
}

fn source(slot: &mut Source, found: Source) -> Result<(), Wrong> {
    if *slot != Source::Nowhere {
        return Err(Wrong::What("the password is said twice; one way is enough".to_owned()));
    }
    *slot = found;
    Ok(())
}

fn mechanism(name: &str) -> Result<Mechanism, Wrong> {
    let found = Mechanism::ALL.into_iter().find(|mechanism| mechanism.name().eq_ignore_ascii_case(name));
    found.ok_or_else(|| Wrong::What("may be plain, external or scram-sha-256".to_owned()))
}

/// A path in which `~` is where one lives.
pub(crate) fn path(text: &str) -> PathBuf {
    match text.strip_prefix("~/").zip(etcetera::home_dir().ok()) {
        Some((rest, home)) => home.join(rest),
        None => PathBuf::from(text),
    }
}
