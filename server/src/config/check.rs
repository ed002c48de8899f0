//! What a configuration must be beyond its form.

use argon2::password_hash::PasswordHash;
use tracing_subscriber::EnvFilter;

use super::load::{Wrong, nearest};
use super::{Config, KEYS};

/// Bytes of the address of the network's picture, so that it stands in one line of RPL_ISUPPORT.
const ICON_BYTES_MAX: usize = 300;

/// Bytes of the list of denied tags, for the same reason.
const TAGS_DENIED_BYTES_MAX: usize = 200;

impl Config {
    /// Says what cannot be, before anything is opened.
    pub(super) fn check(&self) -> Result<(), Wrong> {
        self.check_bounds()?;
        self.check_identity()?;
        self.check_operators()?;
        self.check_listeners()?;
        if self.segment.enabled && !self.segment.ring_bytes.is_multiple_of(8) {
            return wrong(
                "segment.ring_bytes",
                format!("{} is not a multiple of 8", self.segment.ring_bytes),
            );
        }
        if self.segment.enabled {
            self.check_segment()?;
        }
        if let Err(error) = EnvFilter::try_new(&self.log.filter) {
            return wrong("log.filter", format!("not a filter: {error}"));
        }
        if let Some(path) = &self.server.bans_file
            && let Err(what) = crate::bans_file::read(path)
        {
            return wrong("server.bans_file", what);
        }
        match self.motd_lines() {
            Ok(_) => Ok(()),
            Err(error) => wrong("server.motd_file", format!("cannot be read: {error}")),
        }
    }

    /// Compares all numbers with the bounds in the table of keys.
    fn check_bounds(&self) -> Result<(), Wrong> {
        let table = toml::Table::try_from(self).expect("every number of a configuration fits into TOML");
        for key in KEYS {
            let Some((least, greatest)) = key.kind.bounds() else { continue };
            let (section, name) = key.path.split_once('.').expect("a path has a section");
            let value = table.get(section).and_then(|section| section.get(name));
            let number = value.and_then(toml::Value::as_integer).expect("a row with bounds is a number");
            if u64::try_from(number).is_ok_and(|number| (least..=greatest).contains(&number)) {
                continue;
            }
            let shown = super::print::value(key.kind, &toml::Value::Integer(number));
            let [least, greatest] = [least, greatest]
                .map(|bound| super::print::value(key.kind, &toml::Value::Integer(bound.cast_signed())));
            return wrong(key.path, format!("{shown} is not within {least} and {greatest}"));
        }
        Ok(())
    }

    fn check_identity(&self) -> Result<(), Wrong> {
        let server = &self.server;
        let printable = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
        if !printable(&server.name) || !server.name.contains('.') || server.name.len() > 63 {
            let what = "a server's name has a dot, no space, and at most 63 characters".to_owned();
            return wrong("server.name", what);
        }
        // A name that begins so would be read as something else at its place in a line.
        if server.name.starts_with([':', '@']) || server.name.contains(['!', '*', '?', ',']) {
            return wrong("server.name", "one of : @ ! * ? , is at a place where it cannot be".to_owned());
        }
        if !printable(&server.network) || server.network.len() > 63 || server.network.starts_with(':') {
            let what = "a network's name has no space and at most 63 characters".to_owned();
            return wrong("server.network", what);
        }
        if server.icon.as_ref().is_some_and(|icon| !printable(icon) || icon.len() > ICON_BYTES_MAX) {
            return wrong(
                "server.icon",
                format!("an address has no space and at most {ICON_BYTES_MAX} characters"),
            );
        }
        if server.client_tags_denied.as_ref().is_some_and(|tags| !is_tag_list(tags)) {
            let what = "names of tags without + and with commas between, or * and then names each with a -";
            return wrong("server.client_tags_denied", what.to_owned());
        }
        let texts = [
            ("server.description", &server.description),
            ("admin.location", &self.admin.location),
            ("admin.organisation", &self.admin.organisation),
            ("admin.email", &self.admin.email),
        ];
        for (key, text) in texts {
            if text.len() > 390 || text.contains(['\r', '\n', '\0']) {
                return wrong(key, "must be one line of at most 390 bytes".to_owned());
            }
        }
        match &server.password_hash {
            Some(hash) => check_hash("server.password_hash", hash),
            None => Ok(()),
        }
    }

    fn check_operators(&self) -> Result<(), Wrong> {
        for (index, operator) in self.operators.iter().enumerate() {
            let key = |name: &str| format!("operators[{index}].{name}");
            if operator.name.is_empty() || operator.name.contains(' ') || operator.name.starts_with(':') {
                return wrong(&key("name"), "must be one word".to_owned());
            }
            if self.operators[..index].iter().any(|other| other.name == operator.name) {
                return wrong(&key("name"), format!("there is an operator {} already", operator.name));
            }
            if operator.host_mask.is_empty() || operator.host_mask.contains([' ', '@', '!']) {
                return wrong(
                    &key("host_mask"),
                    "must be a mask over the host alone, such as 192.0.2.*".to_owned(),
                );
            }
            check_hash(&key("password_hash"), &operator.password_hash)?;
            let names = operator.privileges.iter().flatten();
            if let Some(unknown) = names.clone().find(|name| engine::Privilege::named(name).is_none()) {
                let known = engine::Privilege::ALL.iter().map(|row| row.1);
                let meant =
                    nearest(unknown, known).map_or(String::new(), |meant| format!("; is {meant} meant?"));
                return wrong(&key("privileges"), format!("there is no privilege {unknown}{meant}"));
            }
        }
        Ok(())
    }

    fn check_listeners(&self) -> Result<(), Wrong> {
        if self.listen.tcp.is_empty() && self.listen.unix.is_none() {
            return wrong(
                "listen.tcp",
                "without an address or a Unix socket nobody could come in".to_owned(),
            );
        }
        for (index, address) in self.listen.tcp.iter().enumerate() {
            if address.port() != 0 && self.listen.tcp[..index].contains(address) {
                return wrong("listen.tcp", format!("{address} is there twice"));
            }
        }
        Ok(())
    }

    fn check_segment(&self) -> Result<(), Wrong> {
        for (key, mode) in [
            ("segment.segment_mode", self.segment.segment_mode),
            ("segment.semaphore_mode", self.segment.semaphore_mode),
        ] {
            if mode & 0o600 != 0o600 {
                return wrong(
                    key,
                    "the owner, who is the server, must be able to read and write (0o600)".to_owned(),
                );
            }
        }
        match self.segment.group_id() {
            Ok(_) => Ok(()),
            Err(what) => wrong("segment.group", what),
        }
    }
}

impl super::Segment {
    /// The number of the group of readers.
    pub fn group_id(&self) -> Result<Option<u32>, String> {
        let Some(group) = &self.group else { return Ok(None) };
        if let Ok(number) = group.parse() {
            return Ok(Some(number));
        }
        match nix::unistd::Group::from_name(group) {
            Ok(Some(found)) => Ok(Some(found.gid.as_raw())),
            Ok(None) => Err(format!("there is no group {group}")),
            Err(errno) => Err(format!("cannot be looked up: {}", errno.desc())),
        }
    }
}

fn check_hash(key: &str, hash: &str) -> Result<(), Wrong> {
    let is_argon2 = PasswordHash::new(hash)
        .is_ok_and(|hash| hash.hash.is_some() && hash.algorithm.as_str().starts_with("argon2"));
    if is_argon2 {
        return Ok(());
    }
    wrong(key, "not an Argon2 hash: `parlord --hash-password` prints one".to_owned())
}

fn wrong(key: &str, what: String) -> Result<(), Wrong> {
    Err(Wrong { key: key.to_owned(), what })
}

/// Whether this is a value of the token CLIENTTAGDENY (IRCv3 message-tags).
fn is_tag_list(tags: &str) -> bool {
    let names = |mut items: std::str::Split<'_, char>, sign: &str| {
        items.all(|item| {
            let name = item.strip_prefix(sign).filter(|name| !name.is_empty() && !name.starts_with('-'));
            name.is_some_and(|name| name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-/.".contains(&b)))
        })
    };
    let fits = match tags.strip_prefix('*') {
        Some("") => true,
        Some(exempt) => exempt.strip_prefix(',').is_some_and(|exempt| names(exempt.split(','), "-")),
        None => names(tags.split(','), ""),
    };
    fits && tags.len() <= TAGS_DENIED_BYTES_MAX
}
