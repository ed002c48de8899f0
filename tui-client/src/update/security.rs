//! Whom we trust: certificates, promises of TLS, passwords that were fetched, and what is done after the welcome.

#[cfg(test)]
mod tests;

use std::net::IpAddr;

use wire::{Encoder, sendable_text};

use crate::buffer::Tone;
use crate::commands;
use crate::model::{Address, Link, Model, Question, Wish};
use crate::net::{Trusted, Way};
use crate::network::{NetworkId, Prepared, Refused};
use crate::session::{Login, Session, Sts};
use crate::trust::Change;

impl Model {
    /// The way to the network's server, by TLS if it has promised that.
    pub fn way(&self) -> Way {
        let mut address = self.address.clone();
        let promised = self.trust.promised(&address.host, self.now);
        if let Some(port) = promised.filter(|_| !address.tls) {
            (address.port, address.tls) = (port, true);
        } else if let Some(upgrade) = self.upgrade.as_ref().filter(|upgrade| upgrade.host == address.host) {
            address = upgrade.clone();
        }
        let pin = self.trust.pin(&address).map(str::to_owned);
        Way {
            address,
            trusted: Trusted { pin, strict: promised.is_some() },
            password: self.access.password.clone(),
            login_password: self.access.account_password.clone(),
            certificate: self.access.certificate.clone(),
        }
    }

    /// What is needed for a connection was fetched.
    pub(super) fn prepared(&mut self, prepared: Prepared) {
        let (account, mechanism) = (self.access.account.clone(), self.access.mechanism);
        let guest = self.access.guest;
        let login = account.map(|account| Login {
            mechanism,
            account,
            password: prepared.login_password,
            nonce: prepared.nonce,
            guest,
        });
        let wanted = &mut self.wanted;
        (wanted.password, wanted.login) = (prepared.password, login);
        (wanted.tls, wanted.local) = (prepared.tls, prepared.local);
        self.session = Session::new(self.wanted.clone());
    }

    /// The login has come to nothing. Who wants to be somebody does not go in as nobody, unless that is configured. Where
    /// it has worked before, it is tried again: then the server's accounts are away, and not the password wrong.
    pub(super) fn login_failed(&mut self, why: &str) {
        self.note(self.server(), Tone::Error, &format!("You are not logged in to your account: {why}."));
        if !self.session.barred() {
            return;
        }
        self.send(Encoder::new().verb("QUIT").end());
        self.wishes.push(Wish::Disconnect(self.id));
        let name = self.name.clone();
        let text = format!("Without it you do not go in (guest = true in [networks.{name}] would)");
        if self.was_logged_in {
            return self.lost(&text);
        }
        self.disconnected(&format!("{text}; /connect {name} tries again."));
        self.link = Link::Off;
    }

    /// Nobody vouches for the server's certificate. It is asked about once; if there was another one, it is refused.
    pub(super) fn unknown(&mut self, refused: Refused, why: &str) {
        let Refused { address, fingerprint, vouched } = refused.clone();
        if self.link != Link::Connecting {
            return;
        }
        if !vouched && self.trust.promised(&address.host, self.now).is_some() {
            let host = &address.host;
            let why =
                format!("{host} has promised a certificate that can be verified, and this cannot: {why}");
            return self.lost(&why);
        }
        self.link = Link::Off;
        self.refused = Some(refused);
        let server = self.server();
        let name = self.name.clone();
        if let Some(before) = self.trust.pin(&address).map(str::to_owned) {
            let takes = match vouched {
                true => {
                    "Those whom your system trusts vouch for it. If you know why it is another one, /trust"
                }
                false => "If you know why, /trust",
            };
            let then = if vouched { "believes them from now on" } else { "takes the new one" };
            for line in [
                format!(
                    "THE CERTIFICATE OF {address} HAS CHANGED. Somebody may be listening in; nothing was sent."
                ),
                format!("It was {before}"),
                format!("It is {fingerprint}"),
                format!("{takes} {name} {then}."),
            ] {
                self.note(server, Tone::Error, &line);
            }
            return;
        }
        for line in [
            format!("Nobody you trust vouches for the certificate of {address} ({why}). Nothing was sent."),
            format!("Its SHA-256 fingerprint is {fingerprint}"),
            format!("Compare it with what the server\u{2019}s people say. /trust {name} takes it."),
        ] {
            self.note(server, Tone::Error, &line);
        }
        if self.question.is_none() && !self.has_begun_typing() {
            self.show(server);
            self.question = Some(Question::Trust { network: self.id, host: address.host });
        }
    }

    /// The person takes the certificate that was asked about.
    pub(super) fn answered_trust(&mut self, network: NetworkId) {
        let Some(place) = self.networks.iter().position(|known| known.id == network) else { return };
        self.here = place;
        // It was asked because one was refused.
        let _ = self.trust_unknown();
    }

    /// The person takes the certificate that was refused.
    ///
    /// # Errors
    /// If none was.
    pub fn trust_unknown(&mut self) -> Result<(), String> {
        let name = self.name.clone();
        let refused = self.refused.take().ok_or_else(|| format!("No certificate of {name} was refused."))?;
        let change = match refused.vouched {
            true => Change::Forgotten(refused.address),
            false => Change::Agreed { address: refused.address, fingerprint: refused.fingerprint },
        };
        self.note_trust(change);
        if self.link == Link::Off {
            self.tries = 0;
            self.connect();
        }
        Ok(())
    }

    /// The server promises TLS: without it, that is gone over to; with it, the promise is remembered. An address that is
    /// no name promises nothing.
    pub(super) fn promised(&mut self, sts: Sts) {
        let host = self.address.host.clone();
        if host.parse::<IpAddr>().is_ok() {
            return;
        }
        match (self.wanted.tls, sts) {
            (true, Sts { duration: Some(duration), .. }) => {
                let port = self.way().address.port;
                let at = self.now;
                self.note_trust(Change::Promised { host, port, duration, at });
            }
            (false, Sts { port: Some(port), .. }) => {
                self.disconnected(&format!("{host} is to be reached by TLS on port {port}; going over"));
                self.upgrade = Some(Address { host, port, tls: true });
                let id = self.id;
                self.wishes.push(Wish::Disconnect(id));
                self.connect();
            }
            _ => {}
        }
    }

    /// The connection has ended: a promise counts from now on.
    pub fn promise_counts(&mut self) {
        let (host, at) = (self.address.host.clone(), self.now);
        if self.wanted.tls && self.online() {
            self.note_trust(Change::Ended { host, at });
        }
    }

    /// Something is to be remembered, here and over restarts.
    fn note_trust(&mut self, change: Change) {
        if self.trust.apply(&change) {
            self.wishes.push(Wish::Remember(change));
        }
    }

    /// What is done after the welcome.
    pub(super) fn do_what_is_to_be_done(&mut self) {
        let own = self.own.clone();
        for line in self.access.commands.clone() {
            match line.strip_prefix('/') {
                Some(command) => commands::run(self, command),
                None => {
                    let line = line.replace(['\r', '\n', '\0'], " ");
                    self.send(line + "\r\n");
                }
            }
        }
        // What is configured is done each time anyway.
        self.own = own;
    }

    /// Does again what the person had done to himself before the connection broke.
    pub(super) fn set_oneself_again(&mut self) {
        if let Some(reason) = self.own.away.clone() {
            self.send(Encoder::new().verb("AWAY").trailing(sendable_text(&reason)).end());
        }
        let mut changes = String::new();
        for (sign, wanted) in [('+', true), ('-', false)] {
            let letters: String =
                self.own.modes.iter().filter(|(_, set)| **set == wanted).map(|(letter, _)| letter).collect();
            if !letters.is_empty() {
                changes.push(sign);
                changes += &letters;
            }
        }
        if !changes.is_empty() {
            let nick = self.session.nick().to_owned();
            self.send(Encoder::new().verb("MODE").param(&nick).param(&changes).end());
        }
    }
}
