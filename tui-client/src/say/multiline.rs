//! Messages of several lines (IRCv3 multiline): said as one where the server takes them.

use wire::Encoder;

use super::awaited;
use crate::buffer::BufferId;
use crate::model::Model;

/// The longest line inside, in bytes: every server passes that on uncut, whatever name and host one has.
const PIECE_BYTES_MAX: usize = 350;

/// A message of several lines.
pub(super) struct Whole {
    /// The lines as they are shown.
    pub lines: Vec<String>,
    /// The same as they are sent: whether one goes on with the line before, and what it says.
    pieces: Vec<(bool, String)>,
}

/// A text as a message of several lines, if it has more than one and the server takes that.
pub(super) fn of(model: &Model, text: &str) -> Option<Whole> {
    let (bytes_max, lines_max) = model.session.multiline_limits()?;
    let text = text.replace('\0', "").replace('\r', "\n");
    let text = text.trim_matches('\n');
    if !text.contains('\n') && text.len() <= PIECE_BYTES_MAX {
        return None;
    }
    let (mut lines, mut pieces) = (Vec::new(), Vec::new());
    for line in text.split('\n') {
        // "lines that are blank" are allowed between others; a blank may not be the whole.
        lines.push(line.to_owned());
        let mut rest = line;
        loop {
            let piece = match rest.len() <= PIECE_BYTES_MAX {
                true => rest,
                false => {
                    let fits = crate::text::head(rest, PIECE_BYTES_MAX);
                    // The blank stays, since what follows is put directly behind it.
                    fits.rfind(' ').map_or(fits, |blank| &fits[..=blank])
                }
            };
            pieces.push((rest.len() < line.len(), piece.to_owned()));
            rest = &rest[piece.len()..];
            if rest.is_empty() {
                break;
            }
        }
    }
    let bytes = text.len();
    let fits = bytes <= bytes_max && pieces.len() <= lines_max;
    (fits && !text.trim().is_empty() && pieces.len() > 1).then_some(Whole { lines, pieces })
}

/// Gives a message of several lines to the connection.
pub(super) fn hand_over(model: &mut Model, buffer: BufferId, seqs: &[u64], whole: &Whole, answers: &str) {
    let Some(index) = model.position(buffer) else { return };
    let target = model.buffers[index].name.clone();
    let shown: Vec<(u64, &str)> = seqs.iter().copied().zip(whole.lines.iter().map(String::as_str)).collect();
    let label = awaited(model, buffer, &shown);
    let reference = format!("m{}", model.last_label);
    let mut opening = Encoder::new();
    if let Some(label) = label.filter(|_| model.session.has_cap("labeled-response")) {
        opening = opening.tag("label", &label.to_string());
    }
    if !answers.is_empty() && model.session.has_cap("message-tags") {
        opening = opening.tag("+draft/reply", answers);
    }
    let opening = opening.verb("BATCH").param(&format!("+{reference}")).param("draft/multiline");
    model.send(opening.param(&target).end());
    for (goes_on, piece) in &whole.pieces {
        let mut line = Encoder::new().tag("batch", &reference);
        if *goes_on {
            line = line.tag("draft/multiline-concat", "");
        }
        model.send(line.verb("PRIVMSG").param(&target).trailing(piece).end());
    }
    model.send(Encoder::new().verb("BATCH").param(&format!("-{reference}")).end());
}
