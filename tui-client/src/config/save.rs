//! Writing into the configuration file what a person has asked to save; everything else stays as it stands there.

use toml_edit::{Array, DocumentMut, Item, Table, value};

use super::{Config, KEYS, Profile, Settings, TABLE, Value};

/// The text of the file with the settings that differ from those that were read, and with networks.
///
/// # Errors
/// If the text is not TOML.
pub(crate) fn saved(
    text: &str,
    read: &Settings,
    settings: &Settings,
    networks: &[Profile],
) -> Result<String, String> {
    let mut document: DocumentMut = text.parse().map_err(|error| format!("{error}").trim().to_owned())?;
    for row in TABLE.iter().filter(|row| row.value(read) != row.value(settings)) {
        section(document.as_table_mut(), "settings")?[row.name] = item(row.value(settings));
    }
    // What stands there already and means the same stays as it was written.
    let there = Config::parse(text).unwrap_or_default().networks;
    for network in networks {
        let before = there.iter().find(|before| before.name.eq_ignore_ascii_case(&network.name));
        let all = section(document.as_table_mut(), "networks")?;
        all.set_implicit(true);
        let one = section(all, before.map_or(&network.name, |before| &before.name))?;
        for key in KEYS {
            let value = (key.get)(network);
            if before.and_then(|before| (key.get)(before)) == value {
                continue;
            }
            match value {
                Some(value) => one[key.name] = item(value),
                // It holds no more. Passwords that are written down are never among these.
                None => drop(one.remove(key.name)),
            }
        }
    }
    Ok(document.to_string())
}

fn section<'a>(table: &'a mut Table, name: &str) -> Result<&'a mut Table, String> {
    let entry = table.entry(name).or_insert_with(|| Item::Table(Table::new()));
    entry.as_table_mut().ok_or_else(|| format!("{name} is no section of the file"))
}

fn item(of: Value) -> Item {
    match of {
        Value::Switch(on) => value(on),
        Value::Number(number) => value(i64::try_from(number).unwrap_or(i64::MAX)),
        Value::Text(text) => value(text),
        Value::Texts(texts) => value(Array::from_iter(texts)),
    }
}
