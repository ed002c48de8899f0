//! Where things are on a screen of a given size.

use ratatui::layout::Rect;

use crate::model::Model;

/// Below this many columns the side panels fold away.
const PANELS_COLUMNS_MIN: u16 = 90;
const BUFFERS_COLUMNS: u16 = 18;
const MEMBERS_COLUMNS: u16 = 17;

/// The parts of the screen. Any of them may be empty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Layout {
    /// The list of buffers.
    pub buffers: Rect,
    /// The list of members.
    pub members: Rect,
    /// The topic.
    pub topic: Rect,
    /// The messages.
    pub messages: Rect,
    /// The status bar.
    pub status: Rect,
    /// The line that is typed.
    pub input: Rect,
    /// Whether there is nothing but messages.
    pub bare: bool,
}

/// How a row of messages begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Gutter {
    /// Whether the time is shown.
    pub clock: bool,
    /// Columns for the nick; without any it stands in the text.
    pub nick: u16,
    /// Columns between the nick and the text.
    pub gap: u16,
}

impl Layout {
    /// The layout for a size, with the panels that are wanted, buffers and members, and rows for what is typed.
    pub fn of((columns, rows): (u16, u16), (buffers, members): (bool, bool), typed: u16) -> Self {
        let wide = columns >= PANELS_COLUMNS_MIN;
        let left = if wide && buffers { BUFFERS_COLUMNS } else { 0 };
        let right = if wide && members { MEMBERS_COLUMNS } else { 0 };
        let input = rows.min(typed);
        let status = u16::from(rows >= 3);
        let topic = u16::from(rows >= 6);
        let above = rows - input - status;
        let middle = columns - left - right;
        // Text does not touch the edges of the panels.
        let (before, behind) = (left.min(1), right.min(1));
        Self {
            buffers: Rect::new(0, 0, left, above),
            members: Rect::new(columns - right, 0, right, above),
            topic: Rect::new(left, 0, middle, topic),
            messages: Rect::new(left + before, topic, middle - before - behind, above - topic),
            status: Rect::new(0, above, columns, status),
            input: Rect::new(0, above + status, columns, input),
            bare: false,
        }
    }

    /// The messages alone: what is selected with the terminal's own means is text and nothing else.
    pub fn bare((columns, rows): (u16, u16), typed: u16) -> Self {
        let input = rows.min(typed);
        Self {
            messages: Rect::new(0, 0, columns, rows - input),
            input: Rect::new(0, rows - input, columns, input),
            bare: true,
            ..Self::default()
        }
    }

    /// How rows of messages begin in this layout.
    pub fn gutter(&self) -> Gutter {
        match self.messages.width {
            _ if self.bare => Gutter { clock: false, nick: 0, gap: 0 },
            70.. => Gutter { clock: true, nick: 12, gap: 2 },
            50.. => Gutter { clock: true, nick: 9, gap: 1 },
            24.. => Gutter { clock: false, nick: 8, gap: 1 },
            _ => Gutter { clock: false, nick: 0, gap: 0 },
        }
    }
}

impl Model {
    /// Where things are on the screen.
    pub fn layout(&self) -> Layout {
        self.layout_for(self.size)
    }

    /// Where things are on a screen of some columns and rows.
    pub fn layout_for(&self, size: (u16, u16)) -> Layout {
        let typed = self.input_rows(size);
        if self.bare { Layout::bare(size, typed) } else { Layout::of(size, self.panels, typed) }
    }
}

impl Gutter {
    /// Columns before the text.
    pub fn columns(self) -> u16 {
        let clock = if self.clock { 6 } else { 0 };
        clock + self.nick + self.gap
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_cover_the_screen_at_every_size() {
        for columns in 0..130 {
            for rows in 0..40 {
                for panels in [(true, true), (false, true), (false, false)] {
                    let layout = Layout::of((columns, rows), panels, 1.max(rows / 4));
                    let parts = [
                        layout.buffers,
                        layout.members,
                        layout.topic,
                        layout.messages,
                        layout.status,
                        layout.input,
                    ];
                    let covered: u32 = parts.iter().map(|part| part.area()).sum();
                    let margins =
                        columns - layout.buffers.width - layout.members.width - layout.messages.width;
                    let margins = u32::from(margins) * u32::from(layout.messages.height);
                    let all = u32::from(columns) * u32::from(rows);
                    assert_eq!(covered + margins, all, "{columns}×{rows} {panels:?}");
                    let text = layout.messages.width.saturating_sub(layout.gutter().columns());
                    assert!(columns == 0 || text > 0, "{columns}×{rows} has room for text");
                }
            }
        }
    }

    #[test]
    fn narrow_screens_have_no_panels() {
        assert_eq!(Layout::of((89, 24), (true, true), 1).messages.width, 89);
        assert_eq!(Layout::of((90, 24), (true, true), 1).messages.width, 90 - 37);
        assert_eq!(Layout::of((90, 24), (true, false), 1).messages.width, 90 - 19);
    }
}
