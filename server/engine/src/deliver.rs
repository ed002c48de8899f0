//! Lines go to those who hear them.

use wire::capability::{self, Set};

use crate::audiences::alike;
use crate::engine::Engine;
use crate::interface::{ConnId, Effect};
use crate::outgoing::{Audience, Told, VARIANTS, conn_of};
use crate::session::{Session, understood};
use crate::turn::Asker;
use crate::world::UserId;

impl Engine {
    /// A line goes to those who hear it: rendered once for all who see it alike.
    pub(crate) fn deliver(&mut self, asker: &mut Asker, told: &Told, effects: &mut Vec<Effect>) {
        let made;
        let lists = match &told.to {
            Audience::User(user) => return self.deliver_to_one(asker, told, *user, effects),
            Audience::Channel(name) => {
                let Some(channel) = self.world.channel_of(name) else { return };
                self.audiences.of(channel, told.wanted(), &self.sessions)
            }
            Audience::Channels(names) => {
                let channels = names.iter().filter_map(|name| self.world.channel_of(name));
                made = self.audiences.of_all(channels, told.wanted(), &self.sessions);
                &made
            }
            Audience::Users(users) => {
                made = alike(users.iter().copied(), told.wanted(), &self.sessions);
                &made
            }
        };
        let left_out = told.except.map(conn_of);
        for (variant, conns) in lists {
            let mut except = left_out.filter(|conn| conns.binary_search(conn).is_ok());
            let asks = asker.is_labeled()
                && !told.delivery
                && except != Some(asker.conn)
                && conns.binary_search(&asker.conn).is_ok();
            if asks {
                asker.hear(told.line.clone(), &self.desk, effects);
                debug_assert!(except.is_none(), "only the one who asks is ever left out");
                except = Some(asker.conn);
            }
            match conns.len() - usize::from(except.is_some()) {
                0 => {}
                _ if conns.len() == 1 => {
                    effects.push(Effect::Send {
                        to: conns[0],
                        line: told.line.line(&self.desk, *variant, None),
                    });
                }
                _ => effects.push(Effect::Fan {
                    to: conns.clone(),
                    except,
                    line: told.line.line(&self.desk, *variant, None),
                }),
            }
        }
    }

    /// A line about a user goes to those who watch his nick and have not just heard it, if they want to hear more of
    /// him than that he comes and goes (IRCv3 extended-monitor).
    pub(crate) fn deliver_to_watchers(&mut self, asker: &mut Asker, told: &Told, effects: &mut Vec<Effect>) {
        let watched = told.watched.and_then(|id| self.world.user(id));
        let (Some(user), Audience::Users(heard)) = (watched, &told.to) else { return };
        let more = self.watches.of(user.nick.as_str()).into_iter().filter_map(|conn| {
            let session = self.sessions.get(conn)?;
            let wants = session.capabilities.has(&capability::EXTENDED_MONITOR);
            session.user().filter(|id| wants && *id != user.id && !heard.contains(id))
        });
        let to = Audience::Users(more.collect());
        self.deliver(asker, &Told { to, watched: None, ..told.clone() }, effects);
    }

    /// Who said something hears it too, if his client wants that (IRCv3 echo-message).
    pub(crate) fn echo(&self, asker: &mut Asker, told: &Told, effects: &mut Vec<Effect>) {
        let Some(user) = told.echo else { return };
        let wants = |set: Set| set.has(&capability::ECHO_MESSAGE);
        if self.understood(asker, conn_of(user)).is_some_and(wants) {
            let (needs, lacks) = (told.needs, told.lacks);
            let echo = Told { needs, lacks, ..Told::new(Audience::User(user), told.line.clone()) };
            self.deliver_to_one(asker, &echo, user, effects);
        }
    }

    /// A line goes to one user.
    fn deliver_to_one(&self, asker: &mut Asker, told: &Told, user: UserId, effects: &mut Vec<Effect>) {
        let conn = conn_of(user);
        if told.except == Some(user) {
            return;
        }
        let Some(understood) = self.understood(asker, conn) else { return };
        if !told.wanted().is_met(understood) {
            return;
        }
        if conn == asker.conn && asker.is_labeled() && !told.delivery {
            asker.hear(told.line.clone(), &self.desk, effects);
        } else {
            let line = told.line.line(&self.desk, understood.and(VARIANTS), None);
            effects.push(Effect::Send { to: conn, line });
        }
    }

    /// What somebody understands who is here. With the one who asks that does not change while something else that he
    /// asked for happens.
    fn understood(&self, asker: &Asker, conn: ConnId) -> Option<Set> {
        match conn == asker.conn && asker.is_here {
            true => Some(understood(asker.capabilities)),
            false => self.sessions.get(conn).map(Session::understood),
        }
    }
}
