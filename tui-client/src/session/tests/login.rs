//! Logging in while registering, and getting one's nick back.

use super::{hear, sent, session};
use crate::secret::Secret;
use crate::session::{Heard, Login, Mechanism, Session, Wanted, What};

/// A session that wants to log in; with the nonce of RFC 7677's example.
fn wanting(change: impl FnOnce(&mut Wanted, &mut Login)) -> Session {
    let mut login = Login {
        mechanism: None,
        account: "user".to_owned(),
        password: Some(Secret::new("pencil")),
        nonce: "rOprNGfwEbeRWgbNEkqO".to_owned(),
        guest: false,
    };
    let mut wanted = Wanted { nick: "me".to_owned(), tls: true, ..Wanted::default() };
    change(&mut wanted, &mut login);
    wanted.login = Some(login);
    Session::new(wanted)
}

fn failure(heard: &[Heard]) -> Option<&str> {
    heard.iter().find_map(|heard| match heard {
        Heard::Happened(happening) => match &happening.what {
            What::LoginFailed { why } => Some(why.as_str()),
            _ => None,
        },
        Heard::Send(_) => None,
    })
}

#[test]
fn the_password_is_said_before_anything_else() {
    let session = wanting(|wanted, _| wanted.password = Some(Secret::new("open sesame")));
    assert_eq!(session.greeting()[..2], ["PASS :open sesame\r\n", "CAP LS 302\r\n"]);
    assert!(!format!("{session:?}").contains("sesame"), "it is nowhere shown");
}

#[test]
fn one_logs_in_by_plain() {
    let mut session = wanting(|_, _| {});
    let heard = hear(&mut session, "CAP * LS :sasl=PLAIN server-time");
    assert_eq!(sent(&heard), ["CAP REQ :sasl server-time"]);
    assert_eq!(sent(&hear(&mut session, "CAP * ACK :sasl server-time")), ["AUTHENTICATE PLAIN"]);
    assert_eq!(sent(&hear(&mut session, "AUTHENTICATE +")), ["AUTHENTICATE dXNlcgB1c2VyAHBlbmNpbA=="]);
    let heard = hear(&mut session, ":srv 900 me me!m@h user :You are now logged in\n:srv 903 me :done");
    assert_eq!(sent(&heard), ["CAP END"]);
    assert_eq!(failure(&heard), None);
}

#[test]
fn one_logs_in_by_scram_and_the_server_proves_itself() {
    let mut session = wanting(|_, _| {});
    hear(&mut session, "CAP * LS :sasl=PLAIN,SCRAM-SHA-256");
    assert_eq!(sent(&hear(&mut session, "CAP * ACK :sasl")), ["AUTHENTICATE SCRAM-SHA-256"]);
    let first = "AUTHENTICATE biwsbj11c2VyLHI9ck9wck5HZndFYmVSV2diTkVrcU8=";
    assert_eq!(sent(&hear(&mut session, "AUTHENTICATE +")), [first]);
    let challenge = "AUTHENTICATE cj1yT3ByTkdmd0ViZVJXZ2JORWtxTyVodllEcFdVYTJSYVRDQWZ1eEZJbGopaE5sRiRrMCxz\
                     PVcyMlphSjBTTlk3c29Fc1VFamI2Z1E9PSxpPTQwOTY=";
    let heard = hear(&mut session, challenge);
    let answer = "AUTHENTICATE Yz1iaXdzLHI9ck9wck5HZndFYmVSV2diTkVrcU8laHZZRHBXVWEyUmFUQ0FmdXhGSWxqKWhObEYk\
                  azAscD1kSHpiWmFwV0lrNGpVaE4rVXRlOXl0YWc5empmTUhnc3FtbWl6N0FuZFZRPQ==";
    assert_eq!(sent(&heard), [answer]);
    let proof = "AUTHENTICATE dj02cnJpVFJCaTIzV3BSUi93dHVwK21NaFVaVW4vZEI1bkxUSlJzamw5NUc0PQ==";
    assert_eq!(sent(&hear(&mut session, proof)), ["AUTHENTICATE +"]);
    let heard = hear(&mut session, ":srv 903 me :done");
    assert_eq!((sent(&heard), failure(&heard)), (vec!["CAP END"], None));
}

#[test]
fn a_server_that_skips_its_proof_is_not_trusted() {
    let mut session = wanting(|_, login| login.mechanism = Some(Mechanism::ScramSha256));
    hear(&mut session, "CAP * LS :sasl=SCRAM-SHA-256\nCAP * ACK :sasl\nAUTHENTICATE +");
    let heard = hear(&mut session, ":srv 903 me :done");
    assert!(failure(&heard).unwrap().contains("do not trust it"), "{heard:?}");
}

#[test]
fn one_logs_in_by_a_certificate() {
    for (account, answer) in [("", "AUTHENTICATE +"), ("al", "AUTHENTICATE YWw=")] {
        let mut session = wanting(|_, login| {
            account.clone_into(&mut login.account);
            login.password = None;
        });
        hear(&mut session, "CAP * LS :sasl=EXTERNAL,PLAIN");
        assert_eq!(sent(&hear(&mut session, "CAP * ACK :sasl")), ["AUTHENTICATE EXTERNAL"]);
        assert_eq!(sent(&hear(&mut session, "AUTHENTICATE +")), [answer]);
    }
}

#[test]
fn a_long_answer_goes_in_pieces_of_four_hundred_bytes() {
    // An account and a password of n and m bytes are 2n + m + 2 bytes, and four thirds of that in base64.
    for (password, pieces) in [(290, vec![400]), (292, vec![400, 4]), (590, vec![400, 400])] {
        let mut session = wanting(|_, login| {
            login.account = "user".to_owned();
            login.password = Some(Secret::new(&"x".repeat(password)));
        });
        hear(&mut session, "CAP * LS :sasl=PLAIN\nCAP * ACK :sasl");
        let heard = hear(&mut session, "AUTHENTICATE +");
        let sent = sent(&heard);
        let lengths: Vec<usize> =
            sent.iter().map(|line| line.len() - "AUTHENTICATE ".len()).filter(|length| *length > 1).collect();
        assert_eq!(lengths, pieces, "{password}");
        assert_eq!(sent.last() == Some(&"AUTHENTICATE +"), pieces.last() == Some(&400), "{password}");
    }
}

#[test]
fn what_hinders_the_login_is_said_and_registering_ends_unless_one_goes_on_as_a_guest() {
    // What the server says, and why there is no login.
    #[rustfmt::skip]
    let table = [
        ("CAP * LS :server-time\nCAP * ACK :server-time", "the server has no accounts"),
        ("CAP * LS :",                                    "the server has no accounts"),
        ("CAP * LS :sasl=X,Y\nCAP * ACK :sasl",           "the server only offers X, Y"),
        ("CAP * LS :sasl\nCAP * NAK :sasl",               "the server lets nobody log in now"),
        ("CAP * LS :sasl\nCAP * ACK :sasl\n:s 904 me :no", "the server has refused it"),
        ("CAP * LS :sasl\nCAP * ACK :sasl\n:s 902 me :no", "the server has refused it"),
        ("CAP * LS :sasl=SCRAM-SHA-256\nCAP * ACK :sasl\nAUTHENTICATE !!!", "the server's challenge cannot be read"),
        ("CAP * LS :sasl=SCRAM-SHA-256\nCAP * ACK :sasl\nAUTHENTICATE eA==", "the server's challenge is none of SCRAM"),
    ];
    for (lines, expected) in table {
        for guest in [true, false] {
            let mut session = wanting(|_, login| login.guest = guest);
            let heard = hear(&mut session, lines);
            assert_eq!(failure(&heard), Some(expected), "{lines}");
            assert_eq!(sent(&heard).contains(&"CAP END"), guest, "{lines}");
            assert_eq!(session.barred(), !guest, "{lines}");
            assert!(!sent(&heard).join(" ").contains("cGVuY2ls"), "{lines}: the password is not said");
        }
    }
}

#[test]
fn a_server_that_welcomes_without_asking_who_one_is_is_not_entered() {
    for guest in [true, false] {
        let mut session = wanting(|wanted, login| {
            login.guest = guest;
            wanted.rooms = vec!["#den".to_owned()];
        });
        let heard = hear(&mut session, ":s 421 * CAP :Unknown command\n:s 001 me :hi");
        assert_eq!(failure(&heard), Some("the server knows no way to log in"));
        assert_eq!(sent(&heard), if guest { vec!["JOIN #den"] } else { vec![] });
    }
}

#[test]
fn a_login_that_fails_later_changes_nothing() {
    let mut session = wanting(|_, _| {});
    hear(
        &mut session,
        "CAP * LS :sasl=PLAIN\nCAP * ACK :sasl\nAUTHENTICATE +\n:srv 903 me :done\n:s 001 me :hi",
    );
    assert!(session.logged_in());
    let heard =
        hear(&mut session, "CAP me DEL :sasl\nCAP me NEW :sasl=PLAIN\nCAP me ACK :sasl\n:s 904 me :no");
    assert_eq!(failure(&heard), Some("the server has refused it"));
    assert!(!session.barred() && session.registered());
}

#[test]
fn a_password_is_not_said_in_the_open() {
    for (local, sends) in [(true, true), (false, false)] {
        let mut session = wanting(|wanted, _| (wanted.tls, wanted.local) = (false, local));
        let heard = hear(&mut session, "CAP * LS :sasl=PLAIN\nCAP * ACK :sasl");
        assert_eq!(sent(&heard).contains(&"AUTHENTICATE PLAIN"), sends);
        assert_eq!(failure(&heard).is_some(), !sends);
    }
}

#[test]
fn without_an_account_nothing_is_asked_for() {
    assert_eq!(sent(&hear(&mut session(), "CAP * LS :sasl=PLAIN")), ["CAP END"]);
}

#[test]
fn a_server_that_wants_tls_hears_nothing_more_without_it() {
    let mut open = wanting(|wanted, _| wanted.tls = false);
    let heard = hear(&mut open, "CAP * LS :server-time sts=port=6697,duration=60");
    assert_eq!(sent(&heard), Vec::<&str>::new());
    let mut secure = wanting(|_, _| {});
    let heard = hear(&mut secure, "CAP * LS :server-time sts=port=6697,duration=60");
    assert_eq!(sent(&heard), ["CAP REQ :server-time"], "and it is never asked for");
}

#[test]
fn further_nicks_are_tried_in_their_order() {
    let mut session = wanting(|wanted, _| wanted.nicks = vec!["moi".to_owned(), "ich".to_owned()]);
    let refused = |session: &mut Session| sent(&hear(session, ":s 433 * x :taken")).concat();
    let tried: Vec<String> = (0..4).map(|_| refused(&mut session)).collect();
    assert_eq!(tried, ["NICK moi", "NICK ich", "NICK me_", "NICK me__"]);
}

#[test]
fn the_wanted_nick_is_taken_when_it_is_free() {
    let begun = |isupport: &str| {
        let mut session = session();
        let heard = hear(
            &mut session,
            &format!(":s 433 * me :taken\n:s 001 me_ :hi\n:s 005 me_ {isupport} :are\n:s 422 me_ :no motd"),
        );
        (session, sent(&heard).last().map(|line| (*line).to_owned()).unwrap())
    };
    let (mut session, asked) = begun("MONITOR=10");
    assert_eq!(asked, "MONITOR + me");
    assert_eq!(session.ask_for_nick(), None);
    assert!(sent(&hear(&mut session, ":s 730 me_ :me!a@h")).is_empty());
    assert_eq!(sent(&hear(&mut session, ":s 731 me_ :me")), ["NICK me"]);
    assert_eq!(sent(&hear(&mut session, ":me_!m@h NICK me")), ["MONITOR - me"]);
    assert!(sent(&hear(&mut session, ":s 731 me :me")).is_empty(), "it is ours");

    let (mut session, _) = begun("X");
    assert_eq!(session.ask_for_nick().as_deref(), Some("ISON me\r\n"));
    assert!(sent(&hear(&mut session, ":s 303 me_ :me ")).is_empty());
    assert_eq!(sent(&hear(&mut session, ":s 303 me_ :")), ["NICK me"]);
    assert_eq!(sent(&hear(&mut session, ":me!a@h QUIT :bye")), ["NICK me"]);
    hear(&mut session, ":me_!m@h NICK other");
    assert_eq!(session.ask_for_nick(), None, "another one was chosen");
}
