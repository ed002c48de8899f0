use super::*;
use crate::session::Mechanism;

fn problem(text: &str) -> String {
    Config::parse(text).unwrap_err().to_string()
}

#[test]
fn an_empty_file_changes_nothing() {
    assert_eq!(Config::parse(""), Ok(Config::default()));
    assert_eq!(Config::parse("[settings]\n[keys]\n[networks]"), Ok(Config::default()));
}

#[test]
fn everything_that_can_be_said_is_understood() {
    let mut text = String::from("[settings]\ntheme = 'light'\nmouse = true\nretry_seconds_max = 0x10\n");
    text += "[keys]\n'Ctrl+x' = 'next-buffer'\n[networks.home]\n";
    // Of the three ways to say a password the first is taken.
    for key in KEYS.iter().filter(|key| !key.name.ends_with("_command") && !key.name.ends_with("_file")) {
        text += &format!("{} = {}\n", key.name, key.example);
    }
    let config = Config::parse(&text).unwrap();
    assert_eq!((config.settings.theme.as_str(), config.settings.mouse), ("light", true));
    assert_eq!(config.settings.retry_seconds_max, 16);
    assert_eq!(config.bindings.len(), 1);
    let [network] = &config.networks[..] else { panic!("{config:?}") };
    let addresses: Vec<String> = network.addresses.iter().map(|a| format!("{a} {}", a.tls)).collect();
    assert_eq!(addresses, ["irc.example.org:6697 true", "other.example.org:6697 true"]);
    assert_eq!(network.rooms, ["#den", "#vault key"]);
    assert_eq!(network.access.mechanism, Some(Mechanism::ScramSha256));
    assert!(network.holds_secret());
    assert!(!format!("{config:?}").contains("\"secret\""), "passwords are not shown");
}

#[test]
fn tls_is_spoken_unless_the_server_is_on_this_machine() {
    #[rustfmt::skip]
    let table = [
        ("'chat.example'",                       "chat.example:6697 true"),
        ("'chat.example:7000'",                  "chat.example:7000 true"),
        ("'irc://chat.example'",                 "chat.example:6667 false"),
        ("'chat.example'\ntls = false",          "chat.example:6667 false"),
        ("'localhost'",                          "localhost:6667 false"),
        ("'127.0.0.1:7000'",                     "127.0.0.1:7000 false"),
        ("'[::1]'\ntls = true",                  "[::1]:6697 true"),
        ("'ircs://localhost'",                   "localhost:6697 true"),
    ];
    for (addresses, expected) in table {
        let config = Config::parse(&format!("[networks.x]\naddresses = {addresses}")).unwrap();
        let address = &config.networks[0].addresses[0];
        assert_eq!(format!("{address} {}", address.tls), expected, "{addresses}");
    }
}

#[test]
fn mistakes_are_told_with_line_key_and_nearest_name() {
    #[rustfmt::skip]
    let table = [
        ("[settings]\n\ntheem = 'dark'",           "3: settings.theem: there is no such key; is theme meant?"),
        ("[settings]\ntheme = 'drak'",             "2: settings.theme: may be auto, dark, light, 16, none"),
        ("[settings]\ntheme = 7",                  "2: settings.theme: may be auto, dark, light, 16, none"),
        ("[settings]\nretry_seconds_max = 0",      "2: settings.retry_seconds_max: may be 1 to 3600"),
        ("[settings]\nretry_seconds_max = -1",     "2: settings.retry_seconds_max: is a number that is too small or too large"),
        ("[settings]\nhighlight = ['a b']",        "2: settings.highlight: may be at most 500 words, or none"),
        ("[settings]\nnotify = 'osc99'",           "2: settings.notify: may be none, bell, osc9, osc777"),
        ("[settings]\nmouse = 1.5",                "2: settings.mouse: is neither true or false, nor a number, a text or a list of texts"),
        ("theme = 'dark'",                         "1: theme: this belongs into [settings]: settings.theme"),
        ("[setings]",                              "1: setings: there is no such key; is settings meant?"),
        ("xyz = 1",                                "1: xyz: there is no such key"),
        ("settings = 1",                           "1: settings: is a section: [settings]"),
        ("[keys]\nx = 'help'",                     "2: keys.x: there is no such key; such as Ctrl+x, Alt+Left, F5 or PgUp"),
        ("[keys]\nF5 = 'nxt-buffer'",              "2: keys.F5: there is no action nxt-buffer; is next-buffer meant?"),
        ("[networks]\nhome = 'x'",                 "2: networks.home: is a section: [networks.home]"),
        ("[networks.a]\nadresses = ['x']",         "2: networks.a.adresses: there is no such key; is addresses meant?"),
        ("[networks.a]\nnicks = ['x']",            "1: networks.a.addresses: a network needs at least one server"),
        ("[networks.a]\naddresses = 'x:y'",        "1: networks.a.addresses: x:y: the port is no number from 1 to 65535"),
        ("[networks.a]\naddresses = 'x'\nnicks = ['a b']", "1: networks.a.nicks: \"a b\" cannot be a nick"),
        ("[networks.a]\ntls = 'yes'",              "2: networks.a.tls: a text does not fit; such as true"),
        ("[networks.a]\nmechanism = 'x'",          "2: networks.a.mechanism: may be plain, external or scram-sha-256"),
        ("[networks.a]\npassword = 'x'\npassword_file = 'y'", "3: networks.a.password_file: the password is said twice; one way is enough"),
        ("[networks.a]\nrooms = [1]",              "2: networks.a.rooms: is a list of other things than texts"),
    ];
    for (text, expected) in table {
        assert_eq!(problem(text), expected, "{text}");
    }
    assert!(problem("a = 1\nb = [").starts_with("2: "), "{}", problem("a = 1\nb = ["));
}

#[test]
fn what_is_saved_is_read_again_and_the_rest_stays_as_it_was() {
    let text =
        "# Mine.\n[settings]\nmouse = true # yes\n\n[networks.home]\naddresses = ['x']\naccount = 'me'\n";
    let read = Config::parse(text).unwrap();
    let mut settings = read.settings.clone();
    "light".clone_into(&mut settings.theme);
    let home = Profile { rooms: vec!["#den".to_owned()], ..read.networks[0].clone() };
    let away = Profile { name: "a way".to_owned(), ..home.clone() };
    let after = saved(text, &read.settings, &settings, &[home, away]).unwrap();
    assert!(after.starts_with("# Mine.\n[settings]\nmouse = true # yes\ntheme = \"light\"\n"), "{after}");
    assert!(after.contains("account = 'me'"), "{after}");
    let again = Config::parse(&after).unwrap();
    assert_eq!(again.settings, settings);
    assert_eq!(again.networks.len(), 2);
    assert!(again.networks.iter().all(|network| network.rooms == ["#den"]), "{after}");
    assert_eq!(saved(&after, &settings, &settings, &[]).unwrap(), after);
    assert!(saved("settings = 1", &read.settings, &settings, &[]).is_err());
}

#[test]
fn a_whole_network_is_saved_but_no_password_that_was_not_there() {
    let text = "[networks.home]
addresses = ['ircs://x', 'irc://y:7000']
nicks = 'al'
user = 'u'
realname = 'r'
rooms = ['#den', '#vault key']
commands = '/mode al +i'
account = 'al'
account_password_command = 'pass show irc'
mechanism = 'plain'
certificate = '/me.pem'
guest = true
connect = false
password_file = '/pw'
";
    let read = Config::parse(text).unwrap();
    let settings = Settings::default();
    assert_eq!(saved(text, &settings, &settings, &read.networks).unwrap(), text, "nothing is written over");
    let anew = saved("", &settings, &settings, &read.networks).unwrap();
    let again = Config::parse(&anew).unwrap().networks.remove(0);
    // Where it is connected to at the start is decided in the file alone.
    let expected = Profile { connect: true, places: again.places.clone(), ..read.networks[0].clone() };
    assert_eq!(again, expected);

    let secret = text.replace("account_password_command = 'pass show irc'", "account_password = 'hunter2'");
    let read = Config::parse(&secret).unwrap();
    assert_eq!(saved(&secret, &settings, &settings, &read.networks).unwrap(), secret, "there it stays");
    let anew = saved("", &settings, &settings, &read.networks).unwrap();
    assert!(!anew.contains("hunter2") && anew.contains("account = \"al\""), "{anew}");

    let mut left = read.networks[0].clone();
    left.rooms.clear();
    let after = saved(&secret, &settings, &settings, &[left]).unwrap();
    assert!(!after.contains("rooms") && after.contains("hunter2"), "{after}");
}

#[test]
fn the_tables_are_in_order_and_every_row_can_be_shown_and_set() {
    assert!(TABLE.is_sorted_by_key(|row| row.name));
    for row in TABLE {
        let mut settings = Settings::default();
        let shown = row.shown(&settings);
        row.set(&mut settings, &shown).unwrap();
        assert_eq!(settings, Settings::default(), "{}", row.name);
        assert!(!row.help.is_empty() && row.name.chars().all(|c| c.is_ascii_lowercase() || c == '_'));
        assert_eq!(row.set(&mut settings, "\u{1}nonsense").is_ok(), row.kind == Kind::Text, "{}", row.name);
    }
}

#[test]
fn the_example_names_everything_and_can_be_used() {
    let example = example();
    assert_eq!(Config::parse(&example), Ok(Config::default()));
    // Every line counts, but of the three ways to say a password only the first.
    let counting = example.lines().filter(|line| !line.contains("_command =") && !line.contains("_file ="));
    let counting: Vec<&str> = counting
        .map(|line| line.strip_prefix('#').filter(|rest| !rest.starts_with(' ')).unwrap_or(line))
        .collect();
    let config = Config::parse(&counting.join("\n")).unwrap();
    assert_eq!((config.settings, config.networks.len(), config.bindings.len()), (Settings::default(), 1, 1));
}
