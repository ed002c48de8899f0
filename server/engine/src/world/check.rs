//! What holds of the world after every input.

use crate::modes::{NoticeKinds, UserFlag};
use crate::privileges::Privileges;

use super::{World, user};

impl World {
    /// Asserts what holds after every input.
    ///
    /// # Panics
    /// If it does not hold: a bug of ours.
    pub fn check(&self) {
        assert_eq!(self.users.len(), self.nicks.len(), "every user has one nick");
        for (id, user) in self.users.ids().zip(self.users.values()) {
            assert_eq!(id, user.id);
            assert_eq!(self.nicks.get(user.nick.key()), Some(&id), "{} is found by the nick", user.nick);
            let privileged = user.privileges != Privileges::NONE;
            let listens = user.notices != NoticeKinds::NONE;
            assert_eq!(listens, user.flags.has(UserFlag::Notices), "mode s says that notices are heard");
            assert_eq!(listens, self.listeners.contains(&id), "who hears notices is listed");
            let operates = user.flags.has(UserFlag::Operator);
            assert!(operates || !(privileged || listens), "{} is an operator", user.nick);
            assert_eq!(*user.source, *user::source(&user.nick, &user.user, &user.host));
            for name in &user.channels {
                let channel = self.channels.get(name.key()).expect("a user's channel exists");
                assert!(channel.has(id), "{} knows that {} is in it", name, user.nick);
                assert!(
                    user.invitation(name).is_none(),
                    "{} needs no invitation to {name} any more",
                    user.nick
                );
            }
        }
        self.channels.check();
        for (key, channel) in self.channels.iter() {
            assert_eq!(key, channel.name.key());
            assert_eq!(self.channels.place_of(key.as_str()), Some(channel.place), "{key} knows its place");
            assert!(!channel.members.is_empty(), "{} has members", channel.name);
            assert!(
                channel.topic.as_ref().is_none_or(|topic| !topic.text.is_empty()),
                "a topic says something"
            );
            for id in channel.members.keys() {
                let user = self.users.get(*id).expect("a member is a user");
                assert!(
                    user.channels.contains(&channel.name),
                    "{} knows to be in {}",
                    user.nick,
                    channel.name
                );
            }
        }
        self.bans.check();
        let with = |flag| self.users.values().filter(|user| user.flags.has(flag)).count();
        assert_eq!(self.operators, with(UserFlag::Operator));
        assert_eq!(self.invisible, with(UserFlag::Invisible));
    }
}
