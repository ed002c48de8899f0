//! Colours by what they mean; without colours, emphasis.

use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::Block;

use crate::text::width;

/// What a piece of text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tone {
    Plain,
    Strong,
    Dim,
    Good,
    Warn,
    Bad,
    Picture,
    Bar,
}

/// Writes in tones.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ink {
    colour: bool,
}

impl Ink {
    pub fn new(colour: bool) -> Ink {
        Ink { colour }
    }

    pub fn style(self, tone: Tone) -> Style {
        let (modifier, colour) = match tone {
            Tone::Plain => (Modifier::empty(), None),
            Tone::Strong => (Modifier::BOLD, None),
            Tone::Dim => (Modifier::DIM, None),
            Tone::Good => (Modifier::BOLD, Some(Color::Green)),
            Tone::Warn => (Modifier::BOLD, Some(Color::Yellow)),
            Tone::Bad => (Modifier::BOLD, Some(Color::Red)),
            Tone::Picture => (Modifier::empty(), Some(Color::Cyan)),
            Tone::Bar => (Modifier::REVERSED, None),
        };
        let style = Style::new().add_modifier(modifier);
        match colour.filter(|_| self.colour) {
            Some(colour) => style.fg(colour),
            None => style,
        }
    }

    pub fn span(self, text: impl Into<String>, tone: Tone) -> Span<'static> {
        Span::styled(text.into(), self.style(tone))
    }

    /// A frame with a title.
    pub fn panel(self, title: &str) -> Block<'static> {
        let title = self.span(format!(" {title} "), Tone::Strong);
        Block::bordered().border_style(self.style(Tone::Dim)).title(title)
    }

    /// As many of the pieces as fit on a line, the first ones before the others.
    pub fn joined(self, pieces: Vec<Vec<Span<'static>>>, columns: u16) -> Line<'static> {
        let (mut line, mut used) = (Line::default(), 0);
        for piece in pieces {
            let more: usize = piece.iter().map(|span| width(&span.content)).sum::<usize>() + 2;
            if used > 0 && used + more > usize::from(columns) {
                break;
            }
            line.push_span(Span::raw(if used == 0 { " " } else { "  " }));
            line.spans.extend(piece);
            used += more;
        }
        line
    }
}
