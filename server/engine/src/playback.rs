//! What was said before, told to one who was not there.

use wire::Encoder;
use wire::capability;

use crate::context::Cx;
use crate::event::Said;
use crate::outgoing::Outgoing;
use crate::turn::Item;

/// Tells what was said in a channel: in a batch with its times where the client understands both, with the time in the
/// text where not. A client that knows times but no batches takes the lines for new ones, and shows when they came.
pub(crate) fn tell(cx: &mut Cx<'_>, channel: &str, said: &[Said]) {
    let capabilities = cx.session.capabilities;
    let timed = capabilities.has(&capability::SERVER_TIME) && capabilities.has(&capability::BATCH);
    let now = cx.now.wall;
    let lines = said.iter().map(|said| {
        let line = Encoder::new().source(&said.source).verb(said.kind.verb()).param(channel);
        let text = if timed { said.text.to_string() } else { said.text_with_time(now) };
        Outgoing::with_text(said.at, line, &text).id(&said.id)
    });
    let lines: Vec<Outgoing> = lines.collect();
    batch(cx, &["chathistory", channel], lines);
}

/// Tells lines that belong together, as a batch of a type if the client understands batches.
pub(crate) fn batch(cx: &mut Cx<'_>, kind: &[&str], lines: Vec<Outgoing>) {
    if !cx.session.capabilities.has(&capability::BATCH) {
        cx.turn.items.extend(lines.into_iter().map(Item::Say));
        return;
    }
    // A reference has to differ from those of other open batches only; one like this is never open beside itself.
    let reference = "history";
    let edge = |cx: &Cx<'_>, sign: char, kind: &[&str]| {
        let head = Encoder::new().source(&cx.settings.server_name).verb("BATCH");
        let head = head.param(&format!("{sign}{reference}"));
        Item::Say(Outgoing::new(cx.now.wall, kind.iter().fold(head, |line, word| line.param(word))))
    };
    let (open, close) = (edge(cx, '+', kind), edge(cx, '-', &[]));
    cx.turn.items.push(open);
    cx.turn.items.extend(lines.into_iter().map(|line| Item::Say(line.batch(reference))));
    cx.turn.items.push(close);
}
