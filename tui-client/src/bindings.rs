//! Keys that a person has bound to something else than the table does.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::keys::{self, Action, TABLE};

/// A key and what it does instead; nothing takes it away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Binding {
    pub code: KeyCode,
    pub modifiers: KeyModifiers,
    pub action: Option<Action>,
}

impl Binding {
    /// Reads `Ctrl+x` and `next-buffer`.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn parse(key: &str, action: &str) -> Result<Self, String> {
        let (code, modifiers) =
            pressed(key).ok_or("there is no such key; such as Ctrl+x, Alt+Left, F5 or PgUp")?;
        let action = match action {
            "none" => None,
            name => Some(named(name)?),
        };
        Ok(Self { code, modifiers, action })
    }
}

/// What a pressed key does, if it does anything but type itself.
pub(crate) fn action(bindings: &[Binding], event: &KeyEvent) -> Option<Action> {
    let (code, modifiers) = keys::meant(event);
    // Of two that say the same key, the later one counts.
    let bound = bindings.iter().rev().find(|bound| (bound.code, bound.modifiers) == (code, modifiers));
    bound.map_or_else(|| keys::action(event), |bound| bound.action)
}

/// The name of an action, as the file has it: `next-buffer`.
pub(crate) fn name(action: Action) -> String {
    let up = |count: isize| if count < 0 { "up" } else { "down" };
    match action {
        Action::Buffer(index) => format!("buffer-{}", index + 1),
        Action::Pages(count) => format!("page-{}", up(count)),
        Action::Rows(count) => format!("rows-{}", up(count)),
        Action::Mention { up } => format!("mention-{}", if up { "up" } else { "down" }),
        // `Go(WordLeft)` is called go-word-left.
        other => {
            let mut name = String::new();
            for letter in format!("{other:?}").chars() {
                if letter.is_ascii_uppercase() && !name.is_empty() {
                    name.push('-');
                }
                if letter.is_ascii_alphanumeric() {
                    name.push(letter.to_ascii_lowercase());
                }
            }
            name
        }
    }
}

fn named(written: &str) -> Result<Action, String> {
    let names: Vec<(String, Action)> = TABLE.iter().map(|key| (name(key.action), key.action)).collect();
    if let Some((_, action)) = names.iter().find(|(name, _)| name == written) {
        return Ok(*action);
    }
    let nearest = crate::config::nearest(written, names.iter().map(|(name, _)| name.as_str()));
    Err(match nearest {
        Some(nearest) => format!("there is no action {written}; is {nearest} meant?"),
        None => format!("there is no action {written}"),
    })
}

/// The key of a name as the help writes it.
fn pressed(name: &str) -> Option<(KeyCode, KeyModifiers)> {
    let mut modifiers = KeyModifiers::NONE;
    let mut rest = name;
    // A plus sign alone is a key.
    while let Some((modifier, key)) =
        rest.split_once('+').filter(|(before, after)| !before.is_empty() && !after.is_empty())
    {
        modifiers |= match modifier.to_ascii_lowercase().as_str() {
            "ctrl" => KeyModifiers::CONTROL,
            "alt" => KeyModifiers::ALT,
            "shift" => KeyModifiers::SHIFT,
            _ => return None,
        };
        rest = key;
    }
    let mut letters = rest.chars();
    let code = match (letters.next()?, letters.next()) {
        // It explains the keys where nothing is typed.
        ('?', None) if modifiers.is_empty() => KeyCode::Char('?'),
        (letter, None) if modifiers.is_empty() || letter.is_control() => return None,
        (letter, None) => KeyCode::Char(letter.to_ascii_lowercase()),
        ('F' | 'f', Some('0'..='9')) => KeyCode::F(rest[1..].parse().ok().filter(|n| (1..=24).contains(n))?),
        _ => match rest.to_ascii_lowercase().as_str() {
            "enter" => KeyCode::Enter,
            "tab" if modifiers == KeyModifiers::SHIFT => return Some((KeyCode::BackTab, KeyModifiers::NONE)),
            "tab" => KeyCode::Tab,
            "backspace" => KeyCode::Backspace,
            "delete" => KeyCode::Delete,
            "insert" => KeyCode::Insert,
            "up" => KeyCode::Up,
            "down" => KeyCode::Down,
            "left" => KeyCode::Left,
            "right" => KeyCode::Right,
            "home" => KeyCode::Home,
            "end" => KeyCode::End,
            "pgup" => KeyCode::PageUp,
            "pgdn" => KeyCode::PageDown,
            "esc" => KeyCode::Esc,
            _ => return None,
        },
    };
    Some((code, modifiers))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_has_a_name_of_its_own() {
        for key in TABLE {
            assert_eq!(named(&name(key.action)), Ok(key.action));
        }
        assert_eq!(named("go-word-left"), Ok(Action::Go(crate::input::Reach::WordLeft)));
        assert_eq!(
            named("next-bufer"),
            Err("there is no action next-bufer; is next-buffer meant?".to_owned())
        );
    }

    #[test]
    fn every_key_of_the_help_can_be_bound() {
        for (names, _) in keys::help(&[]) {
            for name in names.split(", ") {
                assert!(pressed(name).is_some(), "{name}");
            }
        }
        for name in ["", "x", "Ctrl+", "Hyper+x", "F0", "F99", "Ctrl+nothing"] {
            assert_eq!(pressed(name), None, "{name}");
        }
        assert_eq!(pressed("Ctrl++"), Some((KeyCode::Char('+'), KeyModifiers::CONTROL)));
    }

    #[test]
    fn what_is_bound_overrules_the_table() {
        let bound = |key: &str, action: &str| Binding::parse(key, action).unwrap();
        let bindings = [bound("Ctrl+N", "page-up"), bound("F5", "next-buffer"), bound("Alt+a", "none")];
        let does = |code, modifiers| action(&bindings, &KeyEvent::new(code, modifiers));
        assert_eq!(does(KeyCode::Char('n'), KeyModifiers::CONTROL), Some(Action::Pages(-1)));
        assert_eq!(does(KeyCode::F(5), KeyModifiers::NONE), Some(Action::NextBuffer));
        assert_eq!(does(KeyCode::Char('a'), KeyModifiers::ALT), None);
        assert_eq!(does(KeyCode::Char('p'), KeyModifiers::CONTROL), Some(Action::PreviousBuffer));
    }
}
