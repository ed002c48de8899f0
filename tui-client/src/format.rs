//! The formatting codes of IRC (modern.ircdocs.horse/formatting): bold, colour and so on, as styles.

use std::borrow::Cow;

use ratatui::style::{Color, Modifier, Style};

use crate::colour::{hexadecimal, numbered};

/// A text without its codes, and where its style changes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Styled<'a> {
    /// The text alone.
    pub plain: Cow<'a, str>,
    /// From which byte on which style holds, in order.
    pub changes: Vec<(usize, Style)>,
}

/// Takes the codes out of a text.
pub(crate) fn styled(text: &str) -> Styled<'_> {
    // Every code is a control character, and most texts have none.
    if !text.bytes().any(|byte| byte < b' ') {
        return Styled { plain: Cow::Borrowed(text), changes: Vec::new() };
    }
    let mut plain = String::with_capacity(text.len());
    let mut changes = Vec::new();
    let mut style = Style::new();
    let mut rest = text;
    while let Some(at) = rest.find(is_code) {
        plain.push_str(&rest[..at]);
        let code = rest.as_bytes()[at];
        rest = &rest[at + 1..];
        style = match code {
            0x02 => toggled(style, Modifier::BOLD),
            0x1d => toggled(style, Modifier::ITALIC),
            0x1f => toggled(style, Modifier::UNDERLINED),
            0x1e => toggled(style, Modifier::CROSSED_OUT),
            0x16 => toggled(style, Modifier::REVERSED),
            0x03 => coloured(style, &mut rest, 2, numbered),
            0x04 => coloured(style, &mut rest, 6, hexadecimal),
            0x0f => Style::new(),
            _ => style,
        };
        changes.push((plain.len(), style));
    }
    plain.push_str(rest);
    Styled { plain: Cow::Owned(plain), changes }
}

/// A text without its codes.
pub(crate) fn plain(text: &str) -> Cow<'_, str> {
    styled(text).plain
}

fn is_code(character: char) -> bool {
    matches!(
        character,
        '\u{2}' | '\u{3}' | '\u{4}' | '\u{f}' | '\u{11}' | '\u{16}' | '\u{1d}' | '\u{1e}' | '\u{1f}'
    )
}

fn toggled(style: Style, modifier: Modifier) -> Style {
    if style.add_modifier.contains(modifier) {
        Style { add_modifier: style.add_modifier - modifier, ..style }
    } else {
        style.add_modifier(modifier)
    }
}

// The code, then a colour and perhaps a comma and a background; without a colour both are reset.
fn coloured(
    style: Style,
    rest: &mut &str,
    digits_max: usize,
    colour: impl Fn(&str) -> Option<Color>,
) -> Style {
    let foreground = take_digits(rest, digits_max);
    if foreground.is_empty() {
        return Style { fg: None, bg: None, ..style };
    }
    let mut style = Style { fg: colour(foreground), ..style };
    if let Some(mut after) = rest.strip_prefix(',') {
        let background = take_digits(&mut after, digits_max);
        if !background.is_empty() {
            style.bg = colour(background);
            *rest = after;
        }
    }
    style
}

fn take_digits<'a>(rest: &mut &'a str, digits_max: usize) -> &'a str {
    let digit = |b: &u8| if digits_max == 2 { b.is_ascii_digit() } else { b.is_ascii_hexdigit() };
    let count = rest.bytes().take(digits_max).take_while(digit).count();
    // A colour of 24 bit has all its digits or is none.
    let count = if digits_max == 6 && count < 6 { 0 } else { count };
    let (digits, after) = rest.split_at(count);
    *rest = after;
    digits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_taken_out() {
        #[rustfmt::skip]
        let table = [
            ("plain",                              "plain"),
            ("\u{2}bold\u{2} not",                 "bold not"),
            ("\u{3}4red\u{3} not",                 "red not"),
            ("\u{3}04,12text",                     "text"),
            ("\u{3}4,text",                        ",text"),
            ("\u{3}123 is twelve and three",       "3 is twelve and three"),
            ("\u{4}ff0000red \u{4}ff00 not",       "red ff00 not"),
            ("\u{1d}a\u{1f}b\u{1e}c\u{16}d\u{f}e\u{11}f", "abcdef"),
            ("\u{3}",                              ""),
        ];
        for (text, expected) in table {
            assert_eq!(plain(text), expected, "{text:?}");
        }
    }

    #[test]
    fn codes_become_styles() {
        let bold = Style::new().add_modifier(Modifier::BOLD);
        let text = styled("a\u{2}b\u{3}4,1c\u{2}d\u{3}e\u{f}");
        assert_eq!(text.plain, "abcde");
        let red = |style: Style| style.fg(Color::LightRed).bg(Color::Black);
        let expected =
            [(1, bold), (2, red(bold)), (3, red(Style::new())), (4, Style::new()), (5, Style::new())];
        assert_eq!(text.changes, expected);
    }
}
