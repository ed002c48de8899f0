//! Colours in numbers: those of IRC, what terminals with fewer make of them, and whether they can be read.

use ratatui::style::Color;

/// The sixteen colours of IRC as the terminal's own.
const FIRST: [Color; 16] = [
    Color::White,
    Color::Black,
    Color::Blue,
    Color::Green,
    Color::LightRed,
    Color::Red,
    Color::Magenta,
    Color::Yellow,
    Color::LightYellow,
    Color::LightGreen,
    Color::Cyan,
    Color::LightCyan,
    Color::LightBlue,
    Color::LightMagenta,
    Color::DarkGray,
    Color::Gray,
];
/// Those from 16 to 98, among 256 (modern.ircdocs.horse/formatting).
#[rustfmt::skip]
const FURTHER: [u8; 83] = [
     52,  94, 100,  58,  22,  29,  23,  24,  17,  54,  53,  89,
     88, 130, 142,  64,  28,  35,  30,  25,  18,  91,  90, 125,
    124, 166, 184, 106,  34,  49,  37,  33,  19, 129, 127, 161,
    196, 208, 226, 154,  46,  86,  51,  75,  21, 171, 201, 198,
    203, 215, 227, 191,  83, 122,  87, 111,  63, 177, 207, 205,
    217, 223, 229, 193, 157, 158, 159, 153, 147, 183, 219, 212,
     16, 233, 235, 237, 239, 241, 244, 247, 250, 254, 231,
];
/// The steps of the cube of 6×6×6 colours among 256.
const STEPS: [u8; 6] = [0, 95, 135, 175, 215, 255];
/// The sixteen as most terminals draw them.
const DRAWN: [(Color, [u8; 3]); 16] = [
    (Color::Black, [0, 0, 0]),
    (Color::Red, [170, 0, 0]),
    (Color::Green, [0, 170, 0]),
    (Color::Yellow, [170, 85, 0]),
    (Color::Blue, [0, 0, 170]),
    (Color::Magenta, [170, 0, 170]),
    (Color::Cyan, [0, 170, 170]),
    (Color::Gray, [170, 170, 170]),
    (Color::DarkGray, [85, 85, 85]),
    (Color::LightRed, [255, 85, 85]),
    (Color::LightGreen, [85, 255, 85]),
    (Color::LightYellow, [255, 255, 85]),
    (Color::LightBlue, [85, 85, 255]),
    (Color::LightMagenta, [255, 85, 255]),
    (Color::LightCyan, [85, 255, 255]),
    (Color::White, [255, 255, 255]),
];

/// A colour of IRC by its number; 99 is the terminal's own, and there are no others.
pub(crate) fn numbered(digits: &str) -> Option<Color> {
    let number: usize = digits.parse().ok()?;
    let further = || number.checked_sub(FIRST.len()).and_then(|index| FURTHER.get(index)).copied();
    FIRST.get(number).copied().or_else(|| further().map(Color::Indexed))
}

/// A colour of IRC in six digits, as the nearest of 256.
pub(crate) fn hexadecimal(digits: &str) -> Option<Color> {
    let part = |at: usize| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok();
    let wanted = [part(0)?, part(2)?, part(4)?];
    let nearest = (16..=255).min_by_key(|index| distance(wanted, indexed(*index)));
    nearest.map(Color::Indexed)
}

/// What a terminal of sixteen colours has for one of 256.
pub(crate) fn among_sixteen(colour: Color) -> Color {
    let Color::Indexed(index) = colour else { return colour };
    let wanted = indexed(index);
    DRAWN.iter().min_by_key(|(_, drawn)| distance(wanted, *drawn)).map_or(colour, |(colour, _)| *colour)
}

/// How much a colour differs from a ground, from 1 for not at all to 21 (WCAG's contrast). Nothing for what the
/// terminal chooses itself.
pub(crate) fn contrast(colour: Color, ground: [u8; 3]) -> Option<f32> {
    let drawn = match colour {
        Color::Indexed(index) => indexed(index),
        colour => DRAWN.iter().find(|(name, _)| *name == colour).map(|(_, drawn)| *drawn)?,
    };
    let (one, other) = (luminance(drawn), luminance(ground));
    Some((one.max(other) + 0.05) / (one.min(other) + 0.05))
}

/// Red, green and blue of one of 256.
fn indexed(index: u8) -> [u8; 3] {
    match index {
        0..16 => DRAWN[usize::from(index)].1,
        16..232 => {
            let place = usize::from(index - 16);
            [STEPS[place / 36], STEPS[place / 6 % 6], STEPS[place % 6]]
        }
        232.. => [8 + 10 * (index - 232); 3],
    }
}

fn distance(one: [u8; 3], other: [u8; 3]) -> u32 {
    one.iter().zip(other).map(|(one, other)| u32::from(one.abs_diff(other)).pow(2)).sum()
}

fn luminance(colour: [u8; 3]) -> f32 {
    // A cubic instead of sRGB's power, from which it differs by less than 0.003: `powf` would be all that we need of a
    // library that has to be loaded before the first screen.
    let part = |value: u8| {
        let value = f32::from(value) / 255.0;
        value * (value * (value * 0.305_306 + 0.682_171_1) + 0.012_522_9)
    };
    0.2126 * part(colour[0]) + 0.7152 * part(colour[1]) + 0.0722 * part(colour[2])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_have_numbers() {
        #[rustfmt::skip]
        let table = [
            ("0", Some(Color::White)), ("04", Some(Color::LightRed)), ("16", Some(Color::Indexed(52))),
            ("98", Some(Color::Indexed(231))), ("99", None), ("", None),
        ];
        for (digits, expected) in table {
            assert_eq!(numbered(digits), expected, "{digits}");
        }
        assert_eq!(hexadecimal("ff0000"), Some(Color::Indexed(196)));
        assert_eq!(hexadecimal("080808"), Some(Color::Indexed(232)));
        assert_eq!(hexadecimal("ff00"), None);
        assert_eq!(among_sixteen(Color::Indexed(196)), Color::Red);
        assert_eq!(among_sixteen(Color::Indexed(46)), Color::Green);
        assert_eq!(among_sixteen(Color::Green), Color::Green);
        let white = contrast(Color::White, [0; 3]).unwrap();
        assert!((white - 21.0).abs() < 0.01);
        assert_eq!(contrast(Color::Reset, [0; 3]), None);
    }
}
