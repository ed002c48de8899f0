//! A configuration in which everything stands, explained, and nothing counts: made from the tables.

use super::{KEYS, SECTIONS, Settings, TABLE, Value};
use crate::bindings;
use crate::keys;

/// The text of the example.
pub(crate) fn example() -> String {
    let mut text =
        "# What can be configured. A line counts when the sign before it is taken away.\n".to_owned();
    for (section, about) in SECTIONS {
        text += &format!("\n# {about}\n");
        match *section {
            "settings" => {
                text += "[settings]\n";
                for row in TABLE {
                    text += &format!("# {} ({})\n", row.help, row.choices());
                    text += &format!("#{} = {}\n", row.name, written(&row.value(&Settings::default())));
                }
            }
            "keys" => {
                text += "[keys]\n";
                let mut actions: Vec<String> =
                    keys::TABLE.iter().map(|key| bindings::name(key.action)).collect();
                actions.dedup();
                text += &format!("# Actions: {}\n#\"Ctrl+x\" = \"next-buffer\"\n", actions.join(", "));
            }
            _ => {
                text += "#[networks.local]\n";
                for row in KEYS {
                    text += &format!("# {}\n#{} = {}\n", row.help, row.name, row.example);
                }
            }
        }
    }
    text
}

fn written(value: &Value) -> String {
    match value {
        Value::Switch(on) => on.to_string(),
        Value::Number(number) => number.to_string(),
        Value::Text(text) => format!("{text:?}"),
        Value::Texts(texts) => format!("{texts:?}"),
    }
}
