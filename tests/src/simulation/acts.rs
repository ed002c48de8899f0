//! What people do.

use engine::{ConnId, UserId};

use super::person::Person;
use super::words::{
    Scene, any_nick, capabilities, channel, channel_modes, known, list, mask, metadata_key, nick, nonsense,
    place, point, tags, target, text,
};
use super::{Given, Simulation};

/// People at once.
const PEOPLE_MAX: usize = 9;

/// What somebody asks for who wants to be told of the past.
const HISTORIAN: &str = "CAP REQ :batch message-tags server-time echo-message draft/chathistory draft/event-playback draft/message-redaction";

/// One of the things that a registered person can say, more often the more often it stands here.
type Deed = fn(&mut Scene<'_>) -> String;

#[rustfmt::skip]
const DEEDS: &[(usize, Deed)] = &[
    (16, |r| format!("JOIN {}", list(r, channel))),
    (3,  |r| format!("JOIN {} key,x", list(r, channel))),
    (6,  |r| format!("PART {}", list(r, channel))),
    (2,  |r| format!("PART {} :{}", list(r, channel), text(r))),
    (1,  |_| "JOIN 0".to_owned()),
    (12, |r| format!("PRIVMSG {} :{}", list(r, target), text(r))),
    (8,  |r| format!("PRIVMSG {}{} :{}", r.random.pick(&["@", "%", "+", "~&", "@%", "&"]), channel(r), text(r))),
    (4,  |r| format!("NOTICE {} :{}", list(r, target), text(r))),
    (4,  |r| format!("TAGMSG {}", list(r, target))),
    (8,  |r| format!("NICK {}", nick(r))),
    (5,  |r| format!("TOPIC {} :{}", channel(r), text(r))),
    (2,  |r| format!("TOPIC {}", channel(r))),
    (22, |r| format!("MODE {} {}", channel(r), channel_modes(r))),
    (12, |r| format!("MODE {} {}{} {}", channel(r), r.random.pick(&["+", "+", "-"]), r.random.pick(&["o", "h", "v", "v", "q", "a"]), nick(r))),
    (2,  |r| format!("MODE {} {}", channel(r), r.random.pick(&["", "b", "e", "+I", "bbeI-b"]))),
    (6,  |r| format!("MODE {} {}", nick(r), r.random.pick(&["+i", "-i", "+B", "-B", "+iB-o", "-o", "+o", "+z", "", "-i+i"]))),
    (5,  |r| format!("KICK {} {} :{}", channel(r), list(r, nick), text(r))),
    (2,  |r| format!("KICK {} {}", list(r, channel), list(r, nick))),
    (6,  |r| format!("INVITE {} {}", nick(r), channel(r))),
    (1,  |_| "INVITE".to_owned()),
    (8,  |r| format!("KNOCK {} :{}", channel(r), text(r))),
    (1,  |r| format!("KNOCK {}", channel(r))),
    (4,  |r| format!("AWAY :{}", text(r))),
    (2,  |_| "AWAY".to_owned()),
    (4,  |_| "OPER root word".to_owned()),
    (1,  |r| format!("OPER {} word", r.random.pick(&["nobody", "half", "half"]))),
    (1,  |r| format!("KILL {} :{}", list(r, nick), text(r))),
    (1,  |_| "REHASH".to_owned()),
    (2,  |r| format!("QUIT :{}", text(r))),
    (5,  |r| format!("CAP REQ :{}", capabilities(r.random))),
    (1,  |r| (*r.random.pick(&["CAP LS 302", "CAP LS", "CAP LIST", "CAP END", "CAP", "CAP SING"])).to_owned()),
    (3,  |r| format!("NAMES {}", list(r, channel))),
    (3,  |r| format!("WHO {}", r.random.pick(&["*", "0", "#den", "#attic", "alice", "*!*@host1", ""]))),
    (1,  |r| format!("WHO {} %tcuhnfar,1", mask(r))),
    (2,  |r| format!("WHOIS {}", list(r, nick))),
    (1,  |r| format!("WHOWAS {}", nick(r))),
    (1,  |r| format!("LIST {}", r.random.pick(&["", "#den", ">1", "*e*", "C<5", "T>0", "!#a", "* >0", "#den C<5"]))),
    (1,  |r| format!("{} {}", r.random.pick(&["USERHOST", "ISON", "MOTD", "VERSION", "TIME", "ADMIN", "INFO", "LINKS", "HELP", "USERS", "SUMMON", "SERVLIST", "SQUERY"]), nick(r))),
    (1,  |r| format!("STATS {}", r.random.pick(&["u", "m", "o", "p", "z", ""]))),
    (1,  |r| (*r.random.pick(&["LUSERS", "ISUPPORT"])).to_owned()),
    (2,  |r| format!("PING :{}", text(r))),
    (4,  |r| format!("{} {} {}", r.random.pick(&["CHGHOST", "CHGIDENT"]), nick(r), r.random.pick(&["host1", "some.where", "else-where", "x:y", ":", "ünder"]))),
    (2,  |r| format!("{} {}", r.random.pick(&["SETHOST", "SETIDENT"]), r.random.pick(&["host2", "here", "*"]))),
    (5,  |r| format!("RENAME {} {} :{}", channel(r), channel(r), text(r))),
    (2,  |r| { let name = channel(r); format!("RENAME {name} {}", name.to_uppercase()) }),
    (6,  |r| format!("METADATA {} SET {} :{}", r.random.pick(&["*", "*", "#den", "#attic", "alice"]), metadata_key(r), text(r))),
    (2,  |r| format!("METADATA {} SET {}", r.random.pick(&["*", "#den"]), metadata_key(r))),
    (3,  |r| format!("METADATA * {} {} {}", r.random.pick(&["SUB", "SUB", "UNSUB"]), metadata_key(r), metadata_key(r))),
    (2,  |r| format!("METADATA {} {} {}", r.random.pick(&["*", "#den", "#attic", "alice", "x"]), r.random.pick(&["GET", "LIST", "SYNC", "CLEAR", "SUBS", "SING"]), metadata_key(r))),
    (2,  |r| format!("SETNAME :{}", text(r))),
    (5,  |r| format!("MONITOR + {}", list(r, nick))),
    (1,  |r| format!("MONITOR - {}", list(r, nick))),
    (1,  |r| format!("MONITOR {}", r.random.pick(&["C", "L", "S", "S", "+", "x"]))),
    (2,  |r| format!("WALLOPS :{}", text(r))),
    (2,  |r| format!("GLOBOPS :{}", text(r))),
    (4,  |r| format!("SAJOIN {} {}", nick(r), list(r, channel))),
    (2,  |r| format!("SAPART {} {} :{}", nick(r), list(r, channel), text(r))),
    (3,  |r| format!("SAMODE {} {}", channel(r), channel_modes(r))),
    (2,  |r| format!("SAMODE {} {}{} {}", channel(r), r.random.pick(&["+", "-"]), r.random.pick(&["o", "h", "v", "q", "a"]), nick(r))),
    (2,  |r| format!("SANICK {} {}", nick(r), nick(r))),
    (5,  |r| format!("KLINE 1 {} :{}", r.random.pick(&["u*3@host1", "u2?@*", "alice", "*@*", "*"]), text(r))),
    (1,  |r| format!("XLINE {} :{}", r.random.pick(&["3m nobody*", "2 *5!*@*#Some*", "1m bob!*#*"]), text(r))),
    (2,  |r| format!("SHUN {} {} :{}", r.random.pick(&["", "1", "20s"]), nick(r), text(r))),
    (1,  |r| format!("RESV {} {}", r.random.pick(&["", "1"]), r.random.pick(&["#attic", "x*", "dora"]))),
    (1,  |r| format!("DLINE {}", r.random.pick(&["192.0.2.1", "30s 198.51.100.0/24", "alice", "::/0"]))),
    (3,  |r| format!("UN{}", r.random.pick(&["SHUN alice", "SHUN bob!*@*", "RESV #attic", "RESV dora", "KLINE u2?@*", "DLINE 192.0.2.1", "XLINE nobody*"]))),
    (3,  |r| format!("MODE {} {}", nick(r), r.random.pick(&["+s", "+s kq", "+s -c", "-s", "+is +x", "-os"]))),
    (1,  |r| format!("TRACE {}", r.random.pick(&["", "alice", "nowhere"]))),
    (1,  |r| (*r.random.pick(&["DIE", "RESTART", "SQUIT srv.sim", "CONNECT x.y", "DIE x.y"])).to_owned()),
    (8,  |r| format!("CHATHISTORY {} {} {} {}", r.random.pick(&["LATEST", "BEFORE", "AFTER", "AROUND"]), place(r), point(r), r.random.below(7))),
    (4,  |r| format!("CHATHISTORY LATEST {} * 9", place(r))),
    (2,  |r| format!("CHATHISTORY BETWEEN {} {} {} 5", place(r), point(r), point(r))),
    (1,  |r| format!("CHATHISTORY TARGETS {} {} 5", point(r), point(r))),
    (8,  |r| { let (target, id) = known(r); format!("REDACT {target} {id} :{}", text(r)) }),
    (1,  |r| format!("REDACT {} {}", place(r), known(r).1)),
    (3,  |r| format!("MARKREAD {} {}", channel(r), point(r))),
    (1,  |r| format!("MARKREAD {}", nick(r))),
    (1,  |_| "USER again 0 * :Again".to_owned()),
];

impl Simulation {
    /// Something happens, at random.
    pub(super) fn act(&mut self) {
        self.checks_end();
        self.readers_go_on();
        let some_ms = match self.random.below(60) {
            0 => 60_000 + self.random.below(140_000),
            1..8 => 1000 + self.random.below(30_000),
            _ => self.random.below(700),
        };
        self.pass(some_ms as u64);
        if self.people.is_empty() || (self.people.len() < PEOPLE_MAX && self.random.percent(12)) {
            return self.somebody_comes();
        }
        let Some(conn) = self.somebody() else { return };
        let registers = !self.people[&conn].greeting.is_empty();
        match self.random.below(100) {
            0..70 if registers => {
                let person = self.people.get_mut(&conn).expect("he was just picked");
                let line = person.greeting.pop_front().expect("he still registers");
                self.give(Given::Line(conn, line));
            }
            0 => self.give(Given::Closed(conn, "Connection reset by peer".to_owned())),
            1 => self.give(Given::Overlong(conn)),
            2 => (0..20).for_each(|_| self.flood(conn)),
            3..6 => self.flood(conn),
            7..12 => self.several_lines(conn),
            6 if self.random.percent(20) => {
                let settings = self.other_settings();
                self.give(Given::Reload(Box::new(settings)));
            }
            _ => {
                let line = self.deed(conn);
                self.give(Given::Line(conn, line));
            }
        }
    }

    /// Who was told a part of an answer has read it; some take longer.
    fn readers_go_on(&mut self) {
        while let Some(conn) = self.reading.front().copied() {
            if self.random.percent(30) && self.people.contains_key(&conn) {
                return;
            }
            self.reading.pop_front();
            if let Some(person) = self.people.get_mut(&conn) {
                person.waits = false;
            }
            self.give(Given::More(conn));
            self.answer_all();
        }
    }

    /// What was being checked is found right or wrong; some take longer.
    fn checks_end(&mut self) {
        while let Some((conn, matches)) = self.checking.front().copied() {
            if self.random.percent(40) && self.people.contains_key(&conn) {
                return;
            }
            self.checking.pop_front();
            if let Some(person) = self.people.get_mut(&conn) {
                person.waits = false;
            }
            self.give(Given::Checked(conn, matches));
            self.answer_all();
        }
    }

    /// Anybody who can say something.
    fn somebody(&mut self) -> Option<ConnId> {
        let ready: Vec<ConnId> =
            self.people.iter().filter(|(_, person)| !person.waits).map(|(conn, _)| *conn).collect();
        (!ready.is_empty()).then(|| *self.random.pick(&ready))
    }

    fn somebody_comes(&mut self) {
        self.opened += 1;
        let conn = ConnId(self.opened);
        let random = &mut self.random;
        let nick = any_nick(random);
        let rooms =
            if random.percent(50) { vec!["#den".to_owned(), "#attic key".to_owned()] } else { Vec::new() };
        let mut person = Person::new(conn, &nick, rooms);
        person.deaf = random.percent(15);
        let nick = format!("NICK {nick}").into_bytes();
        let user = format!("USER u{} 0 * :Somebody at all", conn.0).into_bytes();
        match random.below(6) {
            // Who reads what was said before he came, and takes back what he said.
            4.. => person.greeting.extend([HISTORIAN.as_bytes().to_vec(), user, nick]),
            // All that the client asks for by itself.
            0 => person
                .greeting
                .extend(person.session.greeting().iter().map(|line| line.trim_end().as_bytes().to_vec())),
            // An old client, in either order.
            1 => person.greeting.extend([nick, user]),
            2 => person.greeting.extend([user, nick]),
            // Some capabilities; the session ends the negotiation when it hears of them.
            _ => person.greeting.extend([
                format!("CAP REQ :{}", capabilities(random)).into_bytes(),
                user,
                nick,
            ]),
        }
        if random.percent(50) {
            person.greeting.push_front(b"PASS word".to_vec());
        }
        if random.percent(20) {
            let early = [
                &b"AWAY *"[..],
                b"CAP REQ draft/pre-away",
                b"METADATA * SET color :red",
                b"CAP REQ draft/metadata-2",
                b"ISUPPORT",
                b"CAP REQ draft/extended-isupport",
            ];
            early.into_iter().for_each(|line| person.greeting.push_front(line.to_vec()));
        }
        self.people.insert(conn, person);
        self.give(Given::Opened(conn));
    }

    fn flood(&mut self, conn: ConnId) {
        let line = nonsense(&mut self.random);
        if self.people.get(&conn).is_some_and(|person| !person.waits) {
            self.give(Given::Line(conn, line));
            self.answer_all();
        }
    }

    fn deed(&mut self, conn: ConnId) -> Vec<u8> {
        let total: usize = DEEDS.iter().map(|(weight, _)| weight).sum();
        let mut number = self.random.below(total);
        let deed = DEEDS.iter().find(|(weight, _)| {
            let chosen = number < *weight;
            number = number.saturating_sub(*weight);
            chosen
        });
        let (_, deed) = deed.expect("the number is below the sum of the weights");
        let tags = if self.random.percent(35) { tags(&mut self.random) } else { String::new() };
        let mut line = deed(&mut self.scene(conn));
        if line.starts_with("PRIVMSG") && self.random.percent(50) {
            self.said += 1;
            line.push_str(&format!(" {}", self.said));
        }
        // The framer lets no longer line through.
        line.truncate(line.floor_char_boundary(510));
        (tags + &line).into_bytes()
    }

    /// What somebody has before his eyes.
    pub(super) fn scene(&mut self, conn: ConnId) -> Scene<'_> {
        let world = self.engine.world();
        let own = world.user(UserId(conn.0)).map(|user| user.channels().clone()).unwrap_or_default();
        let rooms = own.iter().filter_map(|name| world.channel(name.as_str()));
        let near = rooms.flat_map(|channel| channel.members().keys()).filter_map(|id| world.user(*id));
        let nicks = near.map(|user| user.nick.to_string()).collect();
        let channels = own.iter().map(ToString::to_string).collect();
        let known = self.memory.known(UserId(conn.0), &own);
        Scene { random: &mut self.random, channels, nicks, known }
    }
}
