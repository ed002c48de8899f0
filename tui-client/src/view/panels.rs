//! The side panels: buffers on the left, members on the right.

use ratatui::buffer::Buffer as Cells;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use super::Pen;
use crate::buffer::Kind;
use crate::model::Model;
use crate::session::Member;
use crate::text::{columns, fitted};

/// The list of buffers with what is unread.
pub(super) fn buffers(model: &Model, area: Rect, cells: &mut Cells) {
    let Some(inner) = framed(model, area, area.right().saturating_sub(1), cells) else { return };
    let shown = usize::from(inner.height);
    let first = first_listed(model, inner.height);
    for (index, buffer) in model.buffers.iter().enumerate().skip(first).take(shown) {
        let row = u16::try_from(index - first).unwrap_or(u16::MAX);
        let current = index == model.current;
        let heading = buffer.kind == Kind::Server && model.networks.len() > 1;
        let style = match (current, buffer.mentions, buffer.unread) {
            (false, 0, 0) if heading => model.palette.accent(),
            (true, ..) => Style::new().add_modifier(Modifier::REVERSED),
            (false, 1.., _) => model.palette.mention(),
            (false, 0, 1..) => Style::new().add_modifier(Modifier::BOLD),
            (false, 0, 0) => Style::new(),
        };
        let network = model.network_of(buffer);
        let in_it = match buffer.kind {
            Kind::Room => network.session.room(&buffer.name).is_some(),
            Kind::Server | Kind::List => !heading || network.online(),
            Kind::Query => true,
        };
        // Under the names of several networks what belongs to them is set in.
        let indent = if model.networks.len() > 1 && !heading { " " } else { "" };
        let style = if in_it { style } else { style.patch(model.palette.dim()) };
        let count = match (buffer.mentions, buffer.unread) {
            (_, 0) => String::new(),
            (0, unread) => format!("{unread} "),
            (mentions, _) => format!("{mentions}@"),
        };
        let room = usize::from(inner.width).saturating_sub(columns(&count) + 4 + indent.len());
        let name = fitted(&buffer.name, room);
        let gap = " ".repeat(room.saturating_sub(columns(&name)));
        Pen::at(cells, inner, row).put(&format!("{:>2} {indent}{name}{gap} {count}", index + 1), style);
    }
}

/// The first buffer that is listed, so that the one that is shown is among them.
pub(crate) fn first_listed(model: &Model, rows: u16) -> usize {
    (model.current + 1).saturating_sub(usize::from(rows))
}

/// Who is in the room that is shown.
pub(super) fn members(model: &Model, area: Rect, cells: &mut Cells) {
    let Some(inner) = framed(model, area, area.x, cells) else { return };
    let Some(room) = model.session.room(&model.buffer().name).filter(|_| model.buffer().kind == Kind::Room)
    else {
        return;
    };
    let kinds = model.session.isupport().channel_modes();
    let ranks = kinds.ranks();
    let rank = |member: &Member| {
        let letter = member.ranks.chars().next();
        ranks.iter().position(|(rank, _)| Some(*rank) == letter).unwrap_or(ranks.len())
    };
    // Rank by rank, each in the order of its nicks, and only as far as there are rows: nothing is sorted, however many
    // there are. Those who are away stand below the others.
    let of = move |away: bool, wanted: usize| {
        room.members.iter().filter(move |(_, m)| m.away == away && rank(m) == wanted)
    };
    let by_rank = |away: bool| (0..=ranks.len()).flat_map(move |wanted| of(away, wanted).map(Some));
    let count = room.members.len();
    let any_away = room.members.values().any(|member| member.away);
    let rows = by_rank(false).chain(any_away.then_some(None)).chain(by_rank(true));
    let users = if count == 1 { "user" } else { "users" };
    Pen::at(cells, inner, 0).put(&format!("{count} {users}"), model.palette.dim());
    let shown = usize::from(inner.height).saturating_sub(1);
    let needed = count + usize::from(any_away);
    // The last row tells of those for whom there is none.
    let fits = if needed > shown { shown.saturating_sub(1) } else { needed };
    let mut left = count;
    for (y, row) in (1..).zip(rows.take(fits)) {
        let mut pen = Pen::at(cells, inner, y);
        let Some((key, member)) = row else {
            pen.put("away:", model.palette.dim());
            continue;
        };
        left -= 1;
        let prefix = member.prefix(kinds).unwrap_or(' ');
        let style = if member.away { model.palette.dim() } else { model.palette.nick(key) };
        pen.put(prefix.encode_utf8(&mut [0; 4]), model.palette.dim());
        let nick = fitted(&crate::text::clean(&member.nick), usize::from(pen.left()));
        pen.put(&nick, style);
    }
    if left > 0 && shown > 0 {
        let y = u16::try_from(shown).unwrap_or(u16::MAX);
        Pen::at(cells, inner, y).put(&format!("… {left} more"), model.palette.dim());
    }
}

/// Draws the edge of a panel in a column and returns what is left of it.
fn framed(model: &Model, area: Rect, edge: u16, cells: &mut Cells) -> Option<Rect> {
    if area.is_empty() {
        return None;
    }
    for row in 0..area.height {
        Pen::at(cells, Rect { x: edge, width: 1, ..area }, row).put("│", model.palette.dim());
    }
    // Between the edge on the left and what is listed a column stays free.
    match edge == area.x {
        true => Some(Rect { x: area.x + 2, width: area.width.saturating_sub(2), ..area }),
        false => Some(Rect { width: area.width - 1, ..area }),
    }
}
