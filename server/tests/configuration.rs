//! What a configuration may be, and what is said about one that cannot be.

use std::fs;
use std::path::Path;

use parlord::{Config, KEYS, effective, reference};

const HASH: &str = "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$WqSxsJhSZQ0N5Yx5RmLDTK3SrgGnwgRC8h8RnQtCyEg";

fn problem(toml: &str) -> String {
    match Config::parse(toml, |_| ()) {
        Ok(_) => "nothing is wrong".to_owned(),
        Err(problem) => {
            let line = problem.line.map(|line| format!("{line}: ")).unwrap_or_default();
            format!("{line}{problem}")
        }
    }
}

#[test]
fn each_problem_is_told_with_line_and_key() {
    let operator = |name: &str, hash: &str, mask: &str| {
        format!("[[operators]]\nname = '{name}'\npassword_hash = '{hash}'\nhost_mask = '{mask}'\n")
    };
    let good = operator("alice", HASH, "*");
    #[rustfmt::skip]
    let table: &[(&str, &str)] = &[
        // The form.
        ("[server",                                         "1: unclosed table, expected `]`"),
        ("[server]\nname = 'a.b'\nname = 'c.d'",            "3: duplicate key"),
        ("[server]\n\nname = 5",                            "3: server.name: invalid type: integer `5`, expected a string"),
        ("[listen]\ntcp = ['localhost:6667']",              "2: listen.tcp: invalid socket address syntax"),
        ("[connections]\nmax = -1",                         "2: connections.max: invalid value: integer `-1`, expected usize"),
        ("[connections]\ntrusted = ['everybody']",          "2: connections.trusted: not a network: write an address, or an address and its leading bits as in 192.0.2.0/24"),
        ("[log]\nformat = 'xml'",                           "2: log.format: unknown variant `xml`, expected `human` or `json`"),
        ("[[operators]]\nname = 'alice'",                   "1: operators[0]: missing field `password_hash`"),
        // Names.
        ("[sever]",                                         "1: sever: there is no such key; is server meant?"),
        ("[server]\nnmae = 'a.b'",                          "2: server.nmae: there is no such key; is server.name meant?"),
        ("[server]\nsendq_bytes_max = 1",                   "2: server.sendq_bytes_max: there is no such key; is connections.sendq_bytes_max meant?"),
        ("[server]\nzzzzzzzzzzzzzzzzz = 1",                 "2: server.zzzzzzzzzzzzzzzzz: there is no such key"),
        ("[[operators]]\nname = 'a'\npasword_hash = ''",    "3: operators[0].pasword_hash: there is no such key; is operators.password_hash meant?"),
        // Bounds.
        ("[connections]\nmax = 0",                          "2: connections.max: 0 is not within 1 and 16777216"),
        ("[connections]\nrecvq_bytes_max = 9215",           "2: connections.recvq_bytes_max: 9215 is not within 9216 and 67108864"),
        ("[listen]\nunix_mode = 0o1777",                    "2: listen.unix_mode: 0o1777 is not within 0o000 and 0o777"),
        ("[segment]\nsegment_key = 0",                      "2: segment.segment_key: 0x0 is not within 0x1 and 0xffffffff"),
        ("[limits]\nnick_bytes_max = 65",                   "2: limits.nick_bytes_max: 65 is not within 1 and 64"),
        // Meaning.
        ("[server]\nname = 'nodot'",                        "2: server.name: a server's name has a dot, no space, and at most 63 characters"),
        ("[server]\nname = ':a.b'",                         "2: server.name: one of : @ ! * ? , is at a place where it cannot be"),
        ("[server]\nnetwork = 'two words'",                 "2: server.network: a network's name has no space and at most 63 characters"),
        ("[admin]\nemail = \"a\\nb\"",                      "2: admin.email: must be one line of at most 390 bytes"),
        ("[server]\npassword_hash = 'secret'",              "2: server.password_hash: not an Argon2 hash: `parlord --hash-password` prints one"),
        ("[server]\nmotd_file = '/nowhere/motd'",           "2: server.motd_file: cannot be read: No such file or directory (os error 2)"),
        ("[server]\nbans_file = '/nowhere/bans'",           "2: server.bans_file: /nowhere/bans cannot be read: No such file or directory (os error 2)"),
        ("[listen]\ntcp = []",                              "2: listen.tcp: without an address or a Unix socket nobody could come in"),
        ("[listen]\ntcp = ['[::1]:1', '[::1]:1']",          "2: listen.tcp: [::1]:1 is there twice"),
        ("[segment]\nring_bytes = 4100",                    "2: segment.ring_bytes: 4100 is not a multiple of 8"),
        ("[segment]\nsegment_mode = 0o400",                 "2: segment.segment_mode: the owner, who is the server, must be able to read and write (0o600)"),
        ("[segment]\ngroup = 'no-such-group'",              "2: segment.group: there is no group no-such-group"),
        ("[log]\nfilter = 'info,=,'",                       "2: log.filter: not a filter: invalid filter directive"),
    ];
    for (toml, expected) in table {
        assert_eq!(problem(toml), *expected, "{toml}");
    }
    let with = |second: &str| problem(&format!("{good}{second}"));
    #[rustfmt::skip]
    let table = [
        (operator("alice", HASH, "*"),   "6: operators[1].name: there is an operator alice already"),
        (operator("a b", HASH, "*"),     "6: operators[1].name: must be one word"),
        (operator("bob", "x", "*"),      "7: operators[1].password_hash: not an Argon2 hash: `parlord --hash-password` prints one"),
        (operator("bob", HASH, "a@b"),   "8: operators[1].host_mask: must be a mask over the host alone, such as 192.0.2.*"),
        (operator("bob", HASH, "*.net"), "nothing is wrong"),
        (operator("bob", HASH, "*") + "privileges = ['kill', 'rehahs']", "9: operators[1].privileges: there is no privilege rehahs; is rehash meant?"),
        (operator("bob", HASH, "*") + "privileges = ['fly']", "9: operators[1].privileges: there is no privilege fly"),
        (operator("bob", HASH, "*") + "privileges = []", "nothing is wrong"),
    ];
    for (second, expected) in table {
        assert_eq!(with(&second), expected, "{second}");
    }
}

#[test]
fn flags_are_checked_like_the_file() {
    let problem = Config::parse("", |config| config.connections.max = 0).unwrap_err();
    assert_eq!(problem.to_string(), "connections.max: 0 is not within 1 and 16777216");
}

#[test]
fn nothing_need_be_configured() {
    assert_eq!(Config::parse("", |_| ()), Ok(Config::default()));
}

#[test]
fn what_is_printed_is_read_back() {
    let mut config = Config::default();
    assert_eq!(Config::parse(&effective(&config), |_| ()), Ok(config.clone()));
    let text = format!("[[operators]]\nname = 'alice'\npassword_hash = '{HASH}'\nprivileges = ['kill']\n");
    config = Config::parse(&text, |_| ()).unwrap();
    config.listen.unix = Some("/run/parlor/irc.sock".into());
    config.server.password_hash = Some(HASH.to_owned());
    config.server.motd = "one\ntwo \"quoted\"".to_owned();
    assert_eq!(Config::parse(&effective(&config), |_| ()), Ok(config.clone()));
}

#[test]
fn every_key_has_a_row_and_every_row_a_key() {
    let mut config = Config::default();
    config.server.motd_file = Some("x".into());
    config.server.bans_file = Some("x".into());
    config.server.password_hash = Some("x".to_owned());
    config.server.icon = Some("x".to_owned());
    config.server.client_tags_denied = Some("x".to_owned());
    config.listen.unix = Some("x".into());
    config.segment.group = Some("x".to_owned());
    let text = format!("[[operators]]\nname = 'alice'\npassword_hash = '{HASH}'\n");
    config.operators = Config::parse(&text, |_| ()).unwrap().operators;
    config.operators[0].privileges = Some(vec!["kill".to_owned()]);
    let table = toml::Table::try_from(&config).unwrap();
    let mut keys: Vec<String> = Vec::new();
    for (section, content) in &table {
        let content = content.as_array().map_or(content, |items| &items[0]);
        keys.extend(content.as_table().unwrap().keys().map(|key| format!("{section}.{key}")));
    }
    let mut rows: Vec<&str> = KEYS.iter().map(|key| key.path).collect();
    keys.sort_unstable();
    rows.sort_unstable();
    assert_eq!(keys, rows);
}

#[test]
fn the_document_has_the_reference_as_it_is() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/configuration.md");
    let document = fs::read_to_string(path).unwrap();
    let (_, behind) = document.split_once("<!-- reference -->\n").expect("the document marks the reference");
    let (shown, _) = behind.split_once("<!-- end of the reference -->").expect("and its end");
    assert!(
        shown.trim() == reference().trim(),
        "docs/configuration.md is not what `parlord --print-reference` prints between its marks"
    );
}
