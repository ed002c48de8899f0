//! Writing into the configuration file what a person has asked to save; everything else stays as it stands there.

use toml_edit::{Array, DocumentMut, Item, Table, value};

use super::{Profile, Settings, TABLE, Value};

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
    for network in networks {
        let all = section(document.as_table_mut(), "networks")?;
        all.set_implicit(true);
        let one = section(all, &network.name)?;
        let addresses = network.addresses.iter().map(|address| {
            let scheme = if address.tls { "ircs" } else { "irc" };
            format!("{scheme}://{address}")
        });
        one["addresses"] = item(Value::Texts(addresses.collect()));
        one["nicks"] = item(Value::Texts(network.nicks.clone()));
        one["rooms"] = item(Value::Texts(network.rooms.clone()));
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
