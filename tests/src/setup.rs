//! What the administrator of a script decided: the keys of the configuration, and passwords in plain words.

use std::fmt::Write;

use argon2::password_hash::{PasswordHasher, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use engine::Settings;
use parlord::Config;
use wire::Timestamp;

/// The name of every script's server.
pub const SERVER: &str = "srv";

/// Makes a configuration of the `set` lines of a script: `<key> <value>`, with the keys of the configuration file and
/// these besides:
///
/// - `password <word>`: the server's password.
/// - `operator <name> <password> [<host mask> [<privilege>…]]`: somebody who may become an operator.
///   `none` stands for no privileges at all.
///
/// # Errors
/// A key that is none, or a value that cannot be.
pub fn config<'a>(lines: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Config, String> {
    let (mut keys, mut operators) = (String::new(), String::new());
    for (key, value) in lines {
        let mut words = value.split(' ');
        let mut word = || words.next().unwrap_or("");
        // Writing to a text cannot fail.
        let _ = match key {
            "password" => writeln!(keys, "server.password_hash = {:?}", hash(value)),
            "operator" => {
                let (name, password, mask) = (word(), hash(word()), word());
                let mask = if mask.is_empty() { "*" } else { mask };
                let table = format!("name = {name:?}\npassword_hash = {password:?}\nhost_mask = {mask:?}");
                let privileges: Vec<&str> = words.collect();
                let privileges = match privileges.as_slice() {
                    [] => String::new(),
                    ["none"] => "privileges = []".to_owned(),
                    names => format!("privileges = {names:?}"),
                };
                writeln!(operators, "[[operators]]\n{table}\n{privileges}")
            }
            key if value.parse::<i64>().is_ok()
                || value.parse::<bool>().is_ok()
                || value.starts_with('[') =>
            {
                writeln!(keys, "{key} = {value}")
            }
            key => writeln!(keys, "{key} = \"{value}\""),
        };
    }
    let read = Config::parse(&(keys + &operators), |config| config.segment.enabled = false);
    let mut config =
        read.map_err(|problem| format!("{}: {}", problem.key.unwrap_or_default(), problem.what))?;
    // No administrator could call it so; in scripts a short name reads better.
    SERVER.clone_into(&mut config.server.name);
    Ok(config)
}

/// What the engine is told of a configuration.
///
/// # Panics
/// If the message of the day stands in a file that cannot be read.
pub fn settings(config: &Config, started: Timestamp) -> Settings {
    let motd = config.motd_lines().expect("the message of the day of a script is no file");
    config.engine_settings(motd, started)
}

/// A hash that costs next to nothing, as no test is about how hard it is to guess.
///
/// # Panics
/// Never: every password can be hashed so.
pub fn hash(password: &str) -> String {
    let params = Params::new(Params::MIN_M_COST, Params::MIN_T_COST, Params::MIN_P_COST, None);
    let cheap = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.expect("the least is enough"));
    let salt = SaltString::encode_b64(b"as good as any").expect("the salt is short");
    cheap.hash_password(password.as_bytes(), &salt).expect("every password can be hashed").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_the_configuration_reach_the_engine() {
        let config = config([
            ("limits.nick_bytes_max", "5"),
            ("server.motd", "One\\nTwo"),
            ("operator", "root secret 10.*"),
            ("history.on_join", "0"),
        ]);
        let settings = settings(&config.unwrap(), Timestamp(0));
        assert_eq!((settings.limits.nick_bytes_max, settings.history_on_join), (5, 0));
        assert_eq!(settings.motd, ["One", "Two"]);
        assert_eq!((&*settings.operators[0].name, &*settings.operators[0].host_mask), ("root", "10.*"));
        assert_eq!(settings.server_name, SERVER);
    }

    #[test]
    fn what_is_no_key_is_refused() {
        assert!(config([("limits.nick_bytes", "5")]).unwrap_err().contains("nick_bytes"));
        assert!(config([("limits.nick_bytes_max", "0")]).unwrap_err().contains("within"));
    }
}
