//! Who the people of the demo are and what they talk about.

/// Somebody who is in the house.
#[derive(Debug)]
pub struct Persona {
    /// The nick.
    pub nick: &'static str,
    /// The real name.
    pub realname: &'static str,
    /// The rooms he is in; who comes first opens them.
    pub rooms: &'static [&'static str],
    /// Whether he comes and goes.
    pub wanders: bool,
}

const fn person(
    nick: &'static str,
    realname: &'static str,
    rooms: &'static [&'static str],
    wanders: bool,
) -> Persona {
    Persona { nick, realname, rooms, wanders }
}

/// A dozen people.
#[rustfmt::skip]
pub const PEOPLE: &[Persona] = &[
    person("alice",  "Alice, who opened the place",  &["#lobby", "#rust", "#kitchen", "#backstage"], false),
    person("bob",    "Bob of the boats",             &["#lobby", "#kitchen", "#backstage"],          false),
    person("carol",  "Carol writes compilers",       &["#rust", "#lobby"],                           false),
    person("dave",   "Dave on call",                 &["#ops", "#lobby"],                            false),
    person("erin",   "Erin asks why",                &["#lobby", "#rust"],                           false),
    person("frank",  "Frank is brief",               &["#rust", "#ops"],                             false),
    person("grace",  "Grace keeps the graphs",       &["#ops", "#lobby"],                            false),
    person("heidi",  "Heidi bakes",                  &["#kitchen", "#lobby"],                        false),
    person("ivan",   "Ivan passes by",               &["#lobby", "#kitchen"],                        true),
    person("judy",   "Judy, mostly lurking",         &["#lobby", "#rust", "#ops"],                   true),
    person("mallet", "Mallet the build robot",       &["#ops"],                                      false),
    person("trent",  "Trent between two trains",     &["#lobby", "#rust"],                           true),
];

/// How a room sounds.
#[derive(Debug)]
pub struct Room {
    /// Its name.
    pub name: &'static str,
    /// Its topic.
    pub topic: &'static str,
    /// Its modes besides the usual ones; empty for none.
    pub modes: &'static str,
    /// Milliseconds between two lines of a conversation, at least and at most.
    pub pause_ms: (u64, u64),
    /// Milliseconds between two conversations, at least and at most.
    pub silence_ms: (u64, u64),
    /// The conversations: who says what. `*` in front makes an action of it.
    pub conversations: &'static [&'static [(&'static str, &'static str)]],
}

/// The rooms, each with its own habit: lively, in bursts, a robot's reports, quiet, and one that nobody sees.
pub const ROOMS: &[Room] = &[
    Room {
        name: "#lobby",
        topic: "Welcome! Say hello, somebody answers -- rooms: #rust #ops #kitchen",
        modes: "",
        pause_ms: (900, 3200),
        silence_ms: (1500, 5000),
        conversations: &[
            &[
                ("bob", "morning all"),
                ("alice", "good morning bob, how is the boat?"),
                ("bob", "still afloat, which is the main thing"),
                ("erin", "why is that the main thing?"),
                ("bob", "because the second thing is the engine, and we do not talk about the engine"),
                ("alice", "*pours another coffee"),
            ],
            &[
                ("erin", "does anybody else's terminal show the café au lait sign right? ☕"),
                ("judy", "looks fine here, 日本語 too"),
                ("carol", "wide characters count as two columns, that is all there is to it"),
                ("erin", "that is never all there is to it"),
            ],
            &[
                ("grace", "the statistics of this very room are live in shared memory, by the way"),
                ("trent", "how do I see them?"),
                (
                    "grace",
                    "parlorstat in another terminal, or a few lines of PHP if you are that way inclined",
                ),
                ("dave", "I am never that way inclined"),
                ("grace", "*opens the sparkline again"),
            ],
            &[
                ("heidi", "there is cake in #kitchen"),
                ("ivan", "on my way"),
                ("dave", "define cake"),
                ("heidi", "lemon. Two left. One, I think, ivan types fast"),
            ],
            &[
                ("alice", "who is new here? Just write hello, the rest comes by itself"),
                ("trent", "I am between two trains, so only half new"),
                ("bob", "half welcome then"),
            ],
        ],
    },
    Room {
        name: "#rust",
        topic: "Ownership, borrowing and other social skills",
        modes: "",
        pause_ms: (300, 900),
        silence_ms: (7000, 16000),
        conversations: &[
            &[
                ("carol", "a `match` without `_` is a letter to the next one who adds a variant"),
                ("frank", "signed: the compiler"),
                ("erin", "why not just return an Option?"),
                ("carol", "because None does not say what went wrong"),
                ("frank", "Err(Stale) does"),
                ("alice", "and it makes `?` read like the protocol"),
            ],
            &[
                ("frank", "one writev per connection and turn. Measured. Eight times."),
                ("carol", "and the bytes are shared, so a thousand members cost one buffer"),
                ("judy", "no allocation per recipient?"),
                ("frank", "none"),
            ],
            &[
                ("trent", "is epoll edge-triggered really worth it?"),
                ("carol", "only if you read until WouldBlock, or remember that you did not"),
                ("frank", "everybody forgets the second half once"),
                ("trent", "*looks at his code, quietly"),
            ],
        ],
    },
    Room {
        name: "#ops",
        topic: "Builds, graphs and who is on call: dave",
        modes: "",
        pause_ms: (2500, 5000),
        silence_ms: (4000, 9000),
        conversations: &[
            &[
                ("mallet", "build 4711 of main: passed in 3 m 12 s"),
                ("frank", "good"),
                ("mallet", "deploy 4711: 3 of 3 machines, no errors"),
            ],
            &[
                ("grace", "p99 of the turn is under a millisecond since the last deploy"),
                ("dave", "I like days on which I read that twice"),
            ],
            &[
                ("mallet", "build 4712 of main: FAILED in tests::the_oldest_goes_first"),
                ("judy", "mine, sorry. The oldest went second"),
                ("mallet", "build 4713 of main: passed in 3 m 09 s"),
                ("dave", "*goes back to sleep"),
            ],
        ],
    },
    Room {
        name: "#kitchen",
        topic: "Recipes, complaints about recipes",
        modes: "",
        pause_ms: (3000, 7000),
        silence_ms: (10000, 20000),
        conversations: &[
            &[
                ("heidi", "butter first, then sugar, then patience"),
                ("ivan", "how much patience?"),
                ("heidi", "until it is white"),
            ],
            &[("bob", "can one bake on a boat?"), ("heidi", "one can bake anything on a boat once")],
        ],
    },
    Room {
        name: "#backstage",
        topic: "Secret: not in LIST, not in the segment",
        modes: "+s",
        pause_ms: (4000, 9000),
        silence_ms: (10000, 20000),
        conversations: &[&[("alice", "does the newcomer find everything?"), ("bob", "give them a minute")]],
    },
];

/// How somebody is greeted who says hello, `{}` being his nick.
pub const GREETINGS: &[&str] = &[
    "hi {}, welcome!",
    "hello {} -- make yourself at home",
    "{}: hey! F1 shows the keys, in case you wonder",
];

/// What somebody answers who is spoken to, `{}` being the nick of the other.
pub const ANSWERS: &[&str] = &[
    "{}: good question",
    "{}: let me think about that",
    "{}: yes, quite",
    "{}: I would ask carol",
    "{}: ha!",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_speaks_in_a_room_is_in_it() {
        for room in ROOMS {
            assert!(room.pause_ms.0 < room.pause_ms.1 && room.silence_ms.0 < room.silence_ms.1);
            for (nick, _) in room.conversations.iter().copied().flatten() {
                let persona = PEOPLE.iter().find(|person| person.nick == *nick);
                let persona = persona.unwrap_or_else(|| panic!("nobody is called {nick}"));
                assert!(persona.rooms.contains(&room.name), "{nick} is not in {}", room.name);
            }
        }
    }

    #[test]
    fn every_room_of_a_person_exists() {
        for room in PEOPLE.iter().flat_map(|person| person.rooms) {
            assert!(ROOMS.iter().any(|known| known.name == *room), "{room}");
        }
    }
}
