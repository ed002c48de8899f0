//! Colours, for terminals with many, with sixteen, and for people who want none.

use ratatui::style::{Color, Modifier, Style};
use wire::Folded;

use crate::model::Palette;

/// Colours of nicks among 256, readable on dark and on light ground.
const MANY: [u8; 36] = [
    26, 28, 29, 30, 31, 32, 33, 61, 62, 64, 65, 67, 68, 93, 95, 96, 97, 98, 99, 100, 103, 127, 129, 130, 131,
    132, 133, 134, 160, 161, 163, 166, 167, 168, 169, 197,
];
/// Colours of nicks among sixteen, without those that a ground has.
const SIXTEEN: [Color; 8] = [
    Color::Red,
    Color::Green,
    Color::Blue,
    Color::Magenta,
    Color::Cyan,
    Color::LightBlue,
    Color::LightMagenta,
    Color::LightRed,
];

impl Palette {
    /// The colours of a theme, on a terminal that says of itself what it has.
    pub fn of(theme: &str, terminal: Self) -> Self {
        match theme {
            "dark" => Self::Many,
            "light" => Self::Light,
            "16" => Self::Sixteen,
            "none" => Self::Plain,
            _ => terminal,
        }
    }

    /// What is less important.
    pub fn dim(self) -> Style {
        match self {
            Self::Plain => Style::new().add_modifier(Modifier::DIM),
            Self::Sixteen => Style::new().fg(Color::DarkGray),
            Self::Many => Style::new().fg(Color::Indexed(245)),
            Self::Light => Style::new().fg(Color::Indexed(242)),
        }
    }

    /// What happened rather than was said.
    pub fn event(self) -> Style {
        self.dim()
    }

    /// What is for us.
    pub fn mention(self) -> Style {
        self.coloured(Color::Yellow, 166, 130).add_modifier(Modifier::BOLD)
    }

    /// What went wrong.
    pub fn error(self) -> Style {
        self.coloured(Color::Red, 160, 160)
    }

    /// What holds things together: bars and the unread line.
    pub fn accent(self) -> Style {
        self.coloured(Color::Cyan, 31, 30)
    }

    /// A bar across the screen.
    pub fn bar(self) -> Style {
        match self {
            Self::Plain => Style::new().add_modifier(Modifier::REVERSED),
            Self::Sixteen => Style::new().fg(Color::White).bg(Color::Blue),
            Self::Many => Style::new().fg(Color::Indexed(252)).bg(Color::Indexed(237)),
            Self::Light => Style::new().fg(Color::Indexed(235)).bg(Color::Indexed(252)),
        }
    }

    /// What is less important, on a bar.
    pub fn bar_dim(self) -> Style {
        self.on_bar(Color::Gray, 248, 240)
    }

    /// What is for us, on a bar.
    pub fn bar_mention(self) -> Style {
        self.on_bar(Color::LightYellow, 214, 88).add_modifier(Modifier::BOLD)
    }

    /// What went wrong, on a bar.
    pub fn bar_error(self) -> Style {
        let style = self.on_bar(Color::White, 210, 124).add_modifier(Modifier::BOLD);
        if self == Self::Sixteen { style.bg(Color::Red) } else { style }
    }

    /// A nick, the same for its bearer however it is written.
    pub fn nick(self, nick: &Folded) -> Style {
        let hash = nick.as_str().bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        // The upper bits are mixed best.
        let pick = |count: usize| (hash >> 32) as usize % count;
        match self {
            Self::Plain => Style::new(),
            Self::Sixteen => Style::new().fg(SIXTEEN[pick(SIXTEEN.len())]),
            Self::Many | Self::Light => Style::new().fg(Color::Indexed(MANY[pick(MANY.len())])),
        }
    }

    /// A style of a message as this terminal and this person take it.
    pub fn formatted(self, style: Style) -> Style {
        match self {
            Self::Plain => Style { fg: None, bg: None, ..style },
            Self::Sixteen | Self::Many | Self::Light => style,
        }
    }

    // On sixteen colours, among 256 on any ground, and among 256 on a light one.
    fn coloured(self, sixteen: Color, many: u8, light: u8) -> Style {
        match self {
            Self::Plain => Style::new(),
            Self::Sixteen => Style::new().fg(sixteen),
            Self::Many => Style::new().fg(Color::Indexed(many)),
            Self::Light => Style::new().fg(Color::Indexed(light)),
        }
    }

    fn on_bar(self, sixteen: Color, many: u8, light: u8) -> Style {
        self.bar().patch(self.coloured(sixteen, many, light))
    }
}
