//! Rates, minutes and talkers, by told times.

use super::*;
use crate::testing::Keys;
use crate::{Published, Tally};

#[test]
fn rates_count_complete_seconds() {
    let mut tally = Tally::default();
    for second in 100..160 {
        for _ in 0..3 {
            tally.spoke("alice", 10, second, 0);
        }
    }
    for (second, messages) in [
        (159, [3000, 3000, 59 * 50]),
        (160, [3000, 3000, 3000]),
        (161, [0, 2700, 59 * 50]),
        (169, [0, 300, 51 * 50]),
        (170, [0, 0, 50 * 50]),
        (219, [0, 0, 50]),
        (220, [0, 0, 0]),
        (999, [0, 0, 0]),
    ] {
        let rates = tally.rates(second);
        assert_eq!(rates.messages_milli, messages, "at {second}");
        assert_eq!(rates.bytes_milli, messages.map(|rate| rate * 10), "at {second}");
    }
    assert!(!tally.is_warm(999));
}

#[test]
fn a_clock_that_goes_back_loses_nothing() {
    let mut tally = Tally::default();
    tally.spoke("alice", 10, 100, 50);
    tally.spoke("alice", 10, 90, 40);
    assert_eq!(tally.rates(101).messages_milli[0], 2000);
    assert_eq!(tally.minutes().0[50], 2);
}

#[test]
fn the_greatest_talkers_are_found_among_many() {
    let mut tally = Tally::default();
    for round in 0..200 {
        for (name, times) in [("much", 5), ("more", 7), ("some", 3)] {
            for _ in 0..times {
                tally.spoke(name, 1, round, 0);
            }
        }
        tally.spoke(&format!("passer{round}"), 1, round, 0);
    }
    let top = tally.top();
    let told: Vec<_> =
        top.iter().take(3).map(|talker| (&talker.name[..], talker.messages, talker.over)).collect();
    assert_eq!(told, [("more", 1400, 0), ("much", 1000, 0), ("some", 600, 0)]);
    assert_eq!(top.len(), 8);
    assert!(top[3].over < top[3].messages, "an estimate says by how much it may be too high");
}

#[test]
fn minutes_are_told_up_to_the_snapshot() {
    let keys = Keys::new();
    let (mut writer, _) = open(keys.settings());
    let room = writer.stage().room("#lobby", NOW).unwrap();
    let reader = reader(&keys);
    let minute = 60_000;
    for (at, messages) in [(0, 2), (1, 1), (3, 4)] {
        for _ in 0..messages {
            writer.stage().spoke(room, "alice", 1, later(at * minute));
        }
        writer.publish(later(at * minute));
    }
    let last = |count: usize| {
        let minutes = reader.snapshot().unwrap().rooms[0].minutes.clone();
        minutes[60 - count..].to_vec()
    };
    assert_eq!(last(5), [0, 2, 1, 0, 4]);
    // Nobody speaks here any more, but elsewhere.
    writer.stage().add(TOTAL, 1);
    writer.publish(later(5 * minute));
    assert_eq!(last(7), [0, 2, 1, 0, 4, 0, 0]);
    writer.stage().add(TOTAL, 1);
    writer.publish(later(63 * minute));
    assert_eq!(last(60).iter().sum::<u64>(), 0, "an hour has passed");
}

#[test]
fn rates_fall_without_further_reports() {
    let keys = Keys::new();
    let (mut writer, _) = open(keys.settings());
    let room = writer.stage().room("#lobby", NOW).unwrap();
    for _ in 0..60 {
        writer.stage().spoke(room, "alice", 1, NOW);
    }
    let reader = reader(&keys);
    let rate = |name| reader.snapshot().unwrap().rooms[0].number(name);
    writer.publish(NOW);
    assert_eq!(rate("message_rate_1"), 0, "the second is not complete");
    writer.publish(later(1000));
    assert_eq!(
        (rate("message_rate_1"), rate("message_rate_10"), rate("message_rate_60")),
        (60_000, 6000, 1000)
    );
    writer.publish(later(2000));
    assert_eq!((rate("message_rate_1"), rate("message_rate_10"), rate("message_rate_60")), (0, 6000, 1000));
    writer.publish(later(12_000));
    assert_eq!((rate("message_rate_10"), rate("message_rate_60")), (0, 1000));
    assert_eq!(writer.publish(later(60_000)), Published::Idle, "nothing has changed");
    writer.publish(later(61_000));
    assert_eq!(rate("message_rate_60"), 0);
    assert_eq!(writer.publish(later(62_000)), Published::Idle);
    assert_eq!((rate("messages"), rate("message_rate_peak")), (60, 60_000));
}

#[test]
fn talkers_follow_within_a_second_and_at_the_end() {
    let keys = Keys::new();
    let (mut writer, _) = open(keys.settings());
    let room = writer.stage().room("#lobby", NOW).unwrap();
    let reader = reader(&keys);
    let counted = || {
        let room = reader.snapshot().unwrap().rooms[0].clone();
        (room.number("messages"), room.talkers[0].messages)
    };
    writer.stage().spoke(room, "alice", 1, NOW);
    writer.publish(NOW);
    assert_eq!(counted(), (1, 1));
    writer.stage().spoke(room, "alice", 1, later(1));
    writer.publish(later(1));
    assert_eq!(counted(), (2, 1));
    assert_eq!(
        writer.next_publish(later(2)),
        std::time::Duration::from_millis(498),
        "nothing to publish meanwhile"
    );
    writer.publish(later(1000));
    assert_eq!(counted(), (2, 2));
    writer.stage().spoke(room, "alice", 1, later(1001));
    writer.stop(later(1001));
    assert_eq!(counted(), (3, 3));
}
