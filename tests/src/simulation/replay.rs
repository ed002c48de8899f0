//! Everything again: the same inputs give the same effects, and the events alone give the same world.

use std::hash::{DefaultHasher, Hash, Hasher};

use engine::{Effect, Engine, World};

use super::Simulation;

impl Simulation {
    /// Gives all inputs to a fresh engine, and all events to a fresh world.
    pub(super) fn replay(&mut self) {
        let (start, settings) = &self.start;
        let mut engine = Engine::new(settings.clone(), *start, self.seed);
        for (now, given, before) in &self.given {
            let mut effects = Vec::new();
            engine.handle(*now, given.input(), &mut effects);
            assert_eq!(
                fingerprint(&effects),
                *before,
                "the same input has other effects: {given:?} {effects:?}"
            );
        }
        let mut world = World::default();
        for (event, settings) in &self.happened {
            assert!(event.apply(&mut world, settings).is_ok(), "what happened once happens again: {event:?}");
        }
        world.check();
        let (replayed, real) = (format!("{world:#?}"), format!("{:#?}", self.engine.world()));
        for (replayed, real) in replayed.lines().zip(real.lines()) {
            assert_eq!(replayed, real, "the events give another world");
        }
        assert_eq!(replayed.len(), real.len(), "the events give another world");
    }
}

/// A number by which effects can be compared without being kept.
pub(super) fn fingerprint(effects: &[Effect]) -> u64 {
    let mut hasher = DefaultHasher::new();
    for effect in effects {
        match effect {
            Effect::Send { to, line } => (0, to, line.bytes()).hash(&mut hasher),
            Effect::Answer { to, lines } => (8, to, lines.text()).hash(&mut hasher),
            Effect::Fan { to, except, line } => (1, to, except, line.bytes()).hash(&mut hasher),
            Effect::Close { conn, reason } => (2, conn, reason).hash(&mut hasher),
            Effect::Check { conn, secret, hash } => (3, conn, &secret.0, hash).hash(&mut hasher),
            Effect::More { conn } => (6, conn).hash(&mut hasher),
            Effect::Reload => 4.hash(&mut hasher),
            Effect::Stop { reason } => (6, reason).hash(&mut hasher),
            Effect::Restart { reason } => (7, reason).hash(&mut hasher),
            Effect::Happened { event, channels } => {
                let names: Vec<&str> = channels.iter().map(wire::ChannelName::as_str).collect();
                (5, &event.id, event.at.0, names).hash(&mut hasher);
            }
        }
    }
    hasher.finish()
}
