//! Server notices: what operators are told of what happens on the server, each what he wants to hear (user mode `s`).

use wire::Encoder;

use crate::engine::Engine;
use crate::event::{Event, What};
use crate::interface::{Effect, Now};
use crate::modes::NoticeKind;
use crate::outgoing::{Audience, Outgoing, Told};
use crate::turn::Asker;
use crate::world::World;

/// Why connections are closed that sent too fast or read too slowly: the loop's words.
const FLOODS: [&str; 2] = ["Excess Flood", "SendQ exceeded"];

impl Engine {
    /// Tells those operators who want to hear of such things.
    pub(crate) fn notify(
        &mut self,
        now: Now,
        asker: &mut Asker,
        (kind, text): (NoticeKind, &str),
        effects: &mut Vec<Effect>,
    ) {
        let listeners = self.world.listeners(kind);
        if listeners.is_empty() {
            return;
        }
        let line = Encoder::new().source(&self.settings.server_name).verb("NOTICE").param("*");
        let line = Outgoing::with_text(now.wall, line, &format!("*** Notice -- {text}"));
        self.deliver(asker, &Told::new(Audience::Users(listeners), line).delivery(), effects);
    }
}

/// What is told of an event. `source` is how the one it is about was called before it.
pub(crate) fn of(event: &Event, source: &str, world: &World) -> Option<(NoticeKind, String)> {
    let whom = shown(source);
    match &event.what {
        What::Enter(enter) => {
            let address = enter.details.address.map_or("*".to_owned(), |address| address.to_string());
            let who =
                format!("{} ({}@{}) [{address}] [{}]", enter.nick, enter.name, enter.host, enter.realname);
            Some((NoticeKind::Connects, format!("Client connecting: {who}")))
        }
        What::Quit(quit) if FLOODS.contains(&&*quit.reason) => {
            Some((NoticeKind::Floods, format!("{whom} is closed: {}", quit.reason)))
        }
        What::Quit(quit) => Some((NoticeKind::Quits, format!("Client exiting: {whom} [{}]", quit.reason))),
        What::Kill(kill) => {
            let text = format!("{whom} was killed by {}: {}", shown(&kill.source), kill.quit.reason);
            Some((NoticeKind::Kills, text))
        }
        What::Promotion(promotion) => {
            let user = world.user(promotion.user)?;
            let text = format!("{} is now an operator ({})", shown(user.source()), promotion.name);
            Some((NoticeKind::Opers, text))
        }
        What::ChannelRename(rename) => {
            Some((NoticeKind::Names, format!("{whom} renamed {} to {}", rename.from, rename.to)))
        }
        What::HostChange(change) => {
            let by = shown(world.user(change.by)?.source());
            Some((NoticeKind::Names, format!("{by} made {whom} {}@{}", change.name, change.host)))
        }
        What::BanSet(set) => {
            let text = format!("{} {}: {}", shown(&set.ban.by), set.in_words(), set.ban.reason);
            Some((NoticeKind::Bans, text))
        }
        What::BanLift(lift) => {
            let what = format!("{} for [{}]", lift.kind.name(), lift.mask);
            let text = match &lift.by {
                Some(by) => format!("{} removed the {what}", shown(by)),
                None => format!("The {what} has expired"),
            };
            Some((NoticeKind::Bans, text))
        }
        What::Expulsion(expulsion) => {
            Some((NoticeKind::Bans, format!("{whom} is put out: {}", expulsion.quit.reason)))
        }
        _ => None,
    }
}

/// `nick!user@host` as `nick (user@host)`.
pub(crate) fn shown(source: &str) -> String {
    match source.split_once('!') {
        Some((nick, origin)) => format!("{nick} ({origin})"),
        None => source.to_owned(),
    }
}
