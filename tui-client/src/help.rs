//! The help: every key and every command with what it does, or those of them that are looked for.

use crate::bindings::Binding;
use crate::{commands, keys};

/// The help while it is open.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Help {
    /// Rows above the first that is shown.
    pub scrolled: usize,
    /// What is looked for.
    pub wanted: String,
}

impl Help {
    /// The rows that have what is looked for in them: keys, and then commands.
    pub fn rows(&self, bindings: &[Binding]) -> Vec<(String, String)> {
        let keys = keys::help(bindings).into_iter().map(|(names, help)| (names, help.to_owned()));
        let commands =
            commands::TABLE.iter().map(|row| (format!("/{} {}", row.name, row.usage), row.help.to_owned()));
        let wanted = self.wanted.to_lowercase();
        let all = keys.chain([(String::new(), String::new())]).chain(commands);
        let has = |text: &str| text.to_lowercase().contains(&wanted);
        all.filter(|(names, help)| wanted.is_empty() || has(names) || has(help)).collect()
    }
}
