//! The reference of the client, made from its tables.

use crate::commands;
use crate::config::{KEYS, TABLE};
use crate::keys;

const INTRODUCTION: &str = "\
# The terminal client

This page is made from the tables of the client; `F1` and `/help` show the same.

## Where to

`parlor host`, `parlor host:6697`, `parlor ircs://nick@host:6697/#room,#other '#third'`, several servers on one line, or the names of
configured networks. `host:+6697` and `ircs://` speak TLS. Without anything the configured networks are connected
to; if there are none a form asks where to, and looks whether the server is reached, speaks TLS, and has the nick free.

## Files

The configuration is `$XDG_CONFIG_HOME/parlor/config.toml` (`~/.config/parlor/config.toml`), or the file behind `--config`. It is only
written by `/save`, and then for its owner alone. `parlor --example-config` prints one with everything in it. What is wrong in it is
told with file, line, key and the nearest name that there is, before the terminal is touched. `$XDG_STATE_HOME/parlor/trust.toml`
remembers certificates that you have agreed to, and servers that have promised to be reached by TLS (STS).

## Whom you trust

Under TLS the platform's certificates vouch for a server. Where they do not, nothing is sent: the fingerprint is shown and you are
asked once; what you agree to is remembered, and from then on no other certificate is taken, whoever vouches for it, until `/trust`
does. A server that has promised to be verifiable (STS) has no such way around. Passwords are not sent in the open, but on this
machine; they are never shown, and can come from a command or a file. SASL knows PLAIN, EXTERNAL and SCRAM-SHA-256 (with
SASLprep). Where the login fails you do not go in as somebody without an account, unless the network has `guest = true`.

What you have set of yourself, being away and your modes, is set again after a reconnect.
";

/// The page.
pub fn reference() -> String {
    let mut text = INTRODUCTION.to_owned();
    text += "\n## Keys\n\n| key | what it does |\n|---|---|\n";
    for (names, help) in keys::help(&[]) {
        text += &format!("| {} | {} |\n", cell(&names), cell(help));
    }
    text += "\n## Commands\n\nThe beginning of a name is enough. `//text` says `/text`.\n\n| command | what it does |\n|---|---|\n";
    for row in commands::TABLE {
        let aliases = row.aliases.iter().map(|alias| format!(", `/{alias}`")).collect::<String>();
        let usage = if row.usage.is_empty() { String::new() } else { format!(" {}", row.usage) };
        text += &format!("| `/{}`{aliases}{} | {} |\n", row.name, cell(&usage), cell(row.help));
    }
    text += "\n## Settings: `[settings]` and `/set`\n\n| setting | may be | what it does |\n|---|---|---|\n";
    for row in TABLE {
        text += &format!("| `{}` | {} | {} |\n", row.name, cell(&row.choices()), cell(row.help));
    }
    text += "\n## Networks: `[networks.name]`\n\n| key | such as | what it does |\n|---|---|---|\n";
    for row in KEYS {
        text += &format!("| `{}` | `{}` | {} |\n", row.name, cell(row.example), cell(row.help));
    }
    text + "\n## Keys of your own: `[keys]`\n\n`\"Ctrl+x\" = \"next-buffer\"` binds a key, `\"none\"` takes one away. `parlor --example-config` lists the actions.\n"
}

/// Text in a table must not end its cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}
