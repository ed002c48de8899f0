//! Those who are told of something each in his own way, as if he had asked.

use wire::Tags;

use crate::commands::{Happening, Heard};
use crate::engine::Engine;
use crate::interface::{Effect, Now};
use crate::outgoing::conn_of;
use crate::turn::Asker;
use crate::world::UserId;

impl Engine {
    /// Those who are told of something, each in his own way.
    pub(crate) fn tell_listeners(
        &mut self,
        now: Now,
        asker: &mut Asker,
        (happening, heard): (&dyn Happening, &Heard),
        effects: &mut Vec<Effect>,
    ) {
        let mut listeners = happening.listeners(heard, &self.world);
        if let Some(watched) = happening.watched().and_then(|id| self.world.user(id)) {
            let watchers = self.watches.of(watched.nick.as_str()).into_iter();
            let watchers = watchers.filter_map(|conn| self.sessions.get(conn)?.user());
            let more: Vec<UserId> =
                watchers.filter(|id| *id != watched.id && !listeners.contains(id)).collect();
            listeners.extend(more);
        }
        for user in listeners {
            self.tell_each(now, asker, happening, user, effects);
        }
    }

    /// Somebody is told of something in his own way.
    fn tell_each(
        &mut self,
        now: Now,
        asker: &mut Asker,
        happening: &dyn Happening,
        user: UserId,
        effects: &mut Vec<Effect>,
    ) {
        let conn = conn_of(user);
        let mut turn = self.turn();
        let Some(mut cx) = self.context(now, conn, Tags::default(), &mut turn) else { return };
        let capabilities = cx.session.capabilities;
        happening.tell_each(&mut cx);
        for line in turn.take_said(0, now.wall) {
            if conn == asker.conn {
                asker.hear(line, &self.desk, effects);
            } else {
                effects.push(Effect::Send { to: conn, line: line.line(&self.desk, capabilities, None) });
            }
        }
        self.keep_turn(turn);
    }
}
