//! Commands about networks: which there are, and being connected to them or not.

#[cfg(test)]
mod tests;

use wire::{Encoder, sendable_text};

use super::{first_word, usage};
use crate::address::Target;
use crate::buffer::Tone;
use crate::model::{Link, Model, Wish};
use crate::network::NETWORKS_MAX;
use crate::session::Wanted;

pub(super) fn connect(model: &mut Model, args: &str) -> Result<(), String> {
    let (place, port) = first_word(args);
    match place {
        "" => {}
        name if port.is_empty() && stand_at(model, name) => model.show(model.server()),
        name if port.is_empty() && add_profile(model, name) => model.show(model.server()),
        place => {
            // `/server host port` is what many are used to.
            let place = if port.is_empty() { place.to_owned() } else { format!("{place}:{port}") };
            add(model, &place)?;
        }
    }
    farewell(model, "");
    model.disconnected("Connecting anew");
    model.tries = 0;
    model.connect();
    Ok(())
}

pub(super) fn reconnect(model: &mut Model, name: &str) -> Result<(), String> {
    if !name.is_empty() && !stand_at(model, name) {
        return Err(unknown(model, name));
    }
    connect(model, "")
}

pub(super) fn disconnect(model: &mut Model, args: &str) -> Result<(), String> {
    let (name, rest) = first_word(args);
    let reason = if stand_at(model, name) { rest } else { args };
    if model.link == Link::Off {
        return Err(format!("There is no connection to {}.", model.name));
    }
    farewell(model, reason);
    model.disconnected("You have left the server; /connect returns");
    model.link = Link::Off;
    let id = model.id;
    model.wishes.push(Wish::Disconnect(id));
    Ok(())
}

pub(super) fn quit(model: &mut Model, reason: &str) -> Result<(), String> {
    model.at_each(|model| {
        farewell(model, reason);
        model.promise_counts();
    });
    model.wishes.push(Wish::Quit);
    Ok(())
}

pub(super) fn networks(model: &mut Model, _: &str) -> Result<(), String> {
    let lines: Vec<String> = model
        .networks
        .iter()
        .map(|network| {
            let state = match network.link {
                Link::Up if network.session.registered() => {
                    format!("connected as {}", network.session.nick())
                }
                Link::Up => "registering".to_owned(),
                Link::Connecting => "connecting".to_owned(),
                Link::Waiting { .. } => "offline, trying again".to_owned(),
                Link::Off => "offline".to_owned(),
            };
            let name = &network.name;
            format!("{name}: {} ({state})", network.address)
        })
        .collect();
    for line in lines {
        model.tell(Tone::Info, &line);
    }
    Ok(())
}

/// Stands at the network of a name: what it is called here, or what its server calls it. Whether there is one.
fn stand_at(model: &mut Model, name: &str) -> bool {
    let called = model.networks.iter().position(|network| network.name.eq_ignore_ascii_case(name));
    let shown = || {
        let buffers = model.buffers.iter().filter(|buffer| buffer.kind == crate::buffer::Kind::Server);
        let buffer = { buffers }.find(|buffer| buffer.name.eq_ignore_ascii_case(name))?;
        model.networks.iter().position(|network| network.id == buffer.network)
    };
    let place = called.or_else(shown);
    if let Some(place) = place {
        model.here = place;
    }
    place.is_some()
}

/// Adds the network that is configured under a name. Whether there is one.
fn add_profile(model: &mut Model, name: &str) -> bool {
    let profile = model.profiles.iter().find(|profile| profile.name.eq_ignore_ascii_case(name)).cloned();
    if let Some(profile) = &profile {
        model.add_profile(profile);
        model.wants_to_take_up();
    }
    profile.is_some()
}

fn unknown(model: &Model, name: &str) -> String {
    let names: Vec<&str> = model.networks.iter().map(|network| network.name.as_str()).collect();
    format!("No network is called {name}; there is {}. {}", names.join(", "), usage("reconnect"))
}

/// Stands at the network that has an address, which is made if there is none.
fn add(model: &mut Model, place: &str) -> Result<(), String> {
    let target = Target::parse(place).map_err(|why| format!("{place}: {why}"))?;
    let known = model.networks.iter().position(|network| network.addresses.contains(&target.address));
    match known {
        Some(place) => model.here = place,
        None if model.networks.len() >= NETWORKS_MAX => {
            return Err(format!("There are {NETWORKS_MAX} networks already; nothing was done."));
        }
        None => {
            // Passwords and rooms of one network are nothing for another.
            let Wanted { nick, user, realname, nicks, .. } = model.wanted.clone();
            let wanted = Wanted { nick, user, realname, nicks, ..Wanted::default() };
            model.add_network(&target.address.host.clone(), target.address, wanted);
            model.wants_to_take_up();
        }
    }
    if let Some(nick) = target.nick {
        model.wanted.nick = nick;
    }
    for room in target.rooms {
        model.want_room(&room);
    }
    model.show(model.server());
    Ok(())
}

pub(super) fn trust(model: &mut Model, name: &str) -> Result<(), String> {
    if !name.is_empty() && !stand_at(model, name) {
        return Err(unknown(model, name));
    }
    model.trust_unknown()
}

fn farewell(model: &mut Model, reason: &str) {
    if model.link == Link::Up {
        let reason = if reason.is_empty() { model.settings.quit_message.clone() } else { reason.to_owned() };
        let reason = sendable_text(&reason);
        model.send(Encoder::new().verb("QUIT").trailing(reason).end());
    }
}
