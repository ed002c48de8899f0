//! The table of keys as text: a commented file, and the reference.

use std::fmt::Write;

use super::keys::SECTIONS;
use super::{Config, KEYS, Key, Kind};

/// The width at which comments are broken.
const COMMENT_CHARS: usize = 100;

/// The effective configuration as a commented file, which gives the same configuration when it is read.
pub fn effective(config: &Config) -> String {
    let table = toml::Table::try_from(config).expect("every number of a configuration fits into TOML");
    let mut text = String::new();
    for (section, about) in SECTIONS {
        comment(&mut text, about);
        match table.get(*section) {
            Some(toml::Value::Array(items)) if items.is_empty() => {
                let _ = writeln!(text, "# [[{section}]]");
                for key in keys_of(section) {
                    let _ = writeln!(text, "# {} = …  {}", name(key), key.help);
                }
            }
            Some(toml::Value::Array(items)) => {
                for item in items {
                    let _ = writeln!(text, "[[{section}]]");
                    keys_of(section).for_each(|key| line(&mut text, key, item.get(name(key))));
                }
            }
            found => {
                let _ = writeln!(text, "[{section}]");
                for key in keys_of(section) {
                    comment(&mut text, key.help);
                    line(&mut text, key, found.and_then(|section| section.get(name(key))));
                }
            }
        }
        text.push('\n');
    }
    text.truncate(text.trim_end().len() + 1);
    text
}

/// The reference of all keys with their defaults, in Markdown.
pub fn reference() -> String {
    let table = toml::Table::try_from(Config::default()).expect("every default fits into TOML");
    let mut text = String::new();
    for (section, about) in SECTIONS {
        let _ =
            writeln!(text, "### `[{section}]`\n\n{about}\n\n| key | default | what it does |\n|---|---|---|");
        for key in keys_of(section) {
            let default = table.get(*section).and_then(|section| section.get(name(key)));
            let default = match (default, *section) {
                (Some(found), _) => format!("`{}`", value(key.kind, found)),
                (None, "operators") if name(key) == "privileges" => "all that are usual".to_owned(),
                (None, "operators") if name(key) == "host_mask" => "`\"*\"`".to_owned(),
                (None, "operators") => "must be given".to_owned(),
                (None, _) => "absent".to_owned(),
            };
            let range = match key.kind {
                Kind::Number(least, greatest) => format!(" From {least} to {greatest}."),
                _ => String::new(),
            };
            let _ = writeln!(text, "| `{}` | {default} | {}{range} |", name(key), key.help);
        }
        text.push('\n');
    }
    privileges(&mut text);
    text
}

/// The privileges that an operator can have.
fn privileges(text: &mut String) {
    let about = "What can stand in `operators.privileges`.";
    let _ =
        writeln!(text, "### Privileges\n\n{about}\n\n| privilege | usual | what it allows |\n|---|---|---|");
    for (privilege, name, help) in engine::Privilege::ALL {
        let usual = if privilege.is_ordinary() { "yes" } else { "no" };
        let _ = writeln!(text, "| `{name}` | {usual} | {help}. |");
    }
}

/// A value as it is written in the file.
pub(super) fn value(kind: Kind, value: &toml::Value) -> String {
    match (kind, value) {
        (Kind::Mode, toml::Value::Integer(number)) => format!("0o{number:03o}"),
        (Kind::Hex, toml::Value::Integer(number)) => format!("{number:#x}"),
        (_, toml::Value::Array(items)) => {
            let items: Vec<String> = items.iter().map(toml::Value::to_string).collect();
            format!("[{}]", items.join(", "))
        }
        (_, other) => other.to_string(),
    }
}

fn keys_of<'a>(section: &'a str) -> impl Iterator<Item = &'static Key> + 'a {
    KEYS.iter().filter(move |key| key.path.split_once('.').is_some_and(|(above, _)| above == section))
}

fn name(key: &Key) -> &'static str {
    key.path.split_once('.').map_or(key.path, |(_, name)| name)
}

fn line(text: &mut String, key: &Key, found: Option<&toml::Value>) {
    let _ = match (found, key.kind) {
        (Some(found), kind) => writeln!(text, "{} = {}", name(key), value(kind, found)),
        (None, Kind::Maybe(example)) => writeln!(text, "# {} = {:?}", name(key), example),
        (None, _) => Ok(()),
    };
}

fn comment(text: &mut String, help: &str) {
    let mut width = 0;
    for word in help.split_inclusive(' ') {
        if width == 0 || width + word.chars().count() > COMMENT_CHARS {
            text.truncate(text.trim_end_matches(' ').len());
            text.push_str(if width == 0 { "# " } else { "\n# " });
            width = 2;
        }
        text.push_str(word);
        width += word.chars().count();
    }
    text.push('\n');
}
