//! Colours that a message asks for, as they can be shown and read here.

use ratatui::style::{Color, Style};

use crate::colour::{among_sixteen, contrast};
use crate::model::Palette;

const BLACK: [u8; 3] = [0; 3];
const WHITE: [u8; 3] = [255; 3];
/// What differs less from black, or from white, would vanish on such a ground (WCAG's contrast).
const FROM_BLACK_MIN: f32 = 1.3;
const FROM_WHITE_MIN: f32 = 1.05;

/// A style of a message as this terminal and this person take it. Text that would vanish on the ground of the terminal
/// has the terminal's own colour; a message that brings its ground with it is shown as it wishes.
pub(super) fn readable(palette: Palette, style: Style) -> Style {
    let style = palette.formatted(style);
    let fitted = |colour: Color| if palette == Palette::Sixteen { among_sixteen(colour) } else { colour };
    let vanishes = |colour: Color| {
        contrast(colour, BLACK).is_some_and(|contrast| contrast < FROM_BLACK_MIN)
            || contrast(colour, WHITE).is_some_and(|contrast| contrast < FROM_WHITE_MIN)
    };
    let foreground = style.fg.filter(|colour| style.bg.is_some() || !vanishes(*colour));
    Style { fg: foreground.map(fitted), bg: style.bg.map(fitted), ..style }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_vanish_is_shown_in_the_terminals_own_colour() {
        let shown = |style| readable(Palette::Many, style).fg;
        for colour in [Color::White, Color::Black, Color::Indexed(16), Color::Indexed(231)] {
            assert_eq!(shown(Style::new().fg(colour)), None, "{colour:?}");
            assert_eq!(shown(Style::new().fg(colour).bg(Color::Red)), Some(colour), "{colour:?}");
        }
        assert_eq!(shown(Style::new().fg(Color::Red)), Some(Color::Red));
        assert_eq!(readable(Palette::Sixteen, Style::new().fg(Color::Indexed(196))).fg, Some(Color::Red));
        assert_eq!(readable(Palette::Plain, Style::new().fg(Color::Red).bg(Color::Blue)), Style::new());
    }

    #[test]
    fn what_stands_out_can_be_read_on_its_ground() {
        let (many, light) = (Palette::Many, Palette::Light);
        for style in [many.dim(), many.mention(), many.error(), many.accent()] {
            for ground in [BLACK, WHITE] {
                let contrast = contrast(style.fg.unwrap(), ground).unwrap();
                assert!(contrast >= 3.0, "{style:?} {contrast} on {ground:?}");
            }
        }
        for style in [light.dim(), light.mention(), light.error(), light.accent()] {
            assert!(contrast(style.fg.unwrap(), WHITE).unwrap() >= 4.0, "{style:?}");
        }
        let (blue, red) = ([0, 0, 170], [170, 0, 0]);
        for (palette, bar, troubled) in
            [(many, [58; 3], [58; 3]), (light, [208; 3], [208; 3]), (Palette::Sixteen, blue, red)]
        {
            for (style, ground) in [
                (palette.bar(), bar),
                (palette.bar_dim(), bar),
                (palette.bar_mention(), bar),
                (palette.bar_error(), troubled),
            ] {
                let contrast = contrast(style.fg.unwrap(), ground).unwrap();
                assert!(contrast >= 4.0, "{style:?} {contrast} on {ground:?}");
            }
        }
    }

    #[test]
    fn nicks_can_be_read_on_dark_and_on_light_ground() {
        for number in 0..500 {
            let nick = wire::Casemapping::Ascii.fold(&format!("nick{number}"));
            let colour = Palette::Many.nick(&nick).fg.unwrap();
            for ground in [BLACK, WHITE] {
                let contrast = contrast(colour, ground).unwrap();
                assert!(contrast >= 3.0, "{colour:?} {contrast} on {ground:?}");
            }
        }
    }
}
