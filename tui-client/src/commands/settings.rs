//! Commands about what is configured.

#[cfg(test)]
mod tests;

use super::{first_word, usage};
use crate::buffer::Tone;
use crate::config::{Profile, Setting, TABLE, nearest};
use crate::model::{Model, Wish};

pub(super) fn set(model: &mut Model, args: &str) -> Result<(), String> {
    let (name, value) = first_word(args);
    let shown = |model: &Model, row: &Setting| {
        format!("{} = {} — {} ({})", row.name, row.shown(&model.settings), row.help, row.choices())
    };
    let Some(row) = TABLE.iter().find(|row| row.name == name) else {
        let beginning: Vec<&Setting> = TABLE.iter().filter(|row| row.name.starts_with(name)).collect();
        if beginning.is_empty() {
            let meant = nearest(name, TABLE.iter().map(|row| row.name));
            let meant = meant.map_or(".".to_owned(), |name| format!("; did you mean {name}?"));
            return Err(format!("There is no setting {name}{meant} /set lists them."));
        }
        for row in beginning {
            model.tell(Tone::Info, &shown(model, row));
        }
        return Ok(());
    };
    if !value.is_empty() {
        let mut settings = model.settings.clone();
        row.set(&mut settings, value).map_err(|what| format!("{name} {what}; nothing was changed."))?;
        model.configure(settings);
    }
    let text = shown(model, row);
    model.tell(Tone::Info, &text);
    Ok(())
}

pub(super) fn reload(model: &mut Model, _: &str) -> Result<(), String> {
    model.wishes.push(Wish::Reload);
    Ok(())
}

pub(super) fn save(model: &mut Model, names: &str) -> Result<(), String> {
    let mut networks = Vec::new();
    for name in names.split_whitespace() {
        let named = |network: &&crate::network::Network| network.name.eq_ignore_ascii_case(name);
        let network = model.networks.iter().find(named);
        let network = network.ok_or_else(|| format!("No network is called {name}. {}", usage("save")))?;
        networks.push(Profile::of(network, &model.login));
    }
    let (read, settings) = (Box::new(model.configured.clone()), Box::new(model.settings.clone()));
    model.wishes.push(Wish::SaveConfig { read, settings, networks });
    Ok(())
}
