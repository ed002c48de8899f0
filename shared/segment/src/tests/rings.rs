//! Histories: wrapping, lapping, cutting, following.

use proptest::prelude::*;

use super::*;
use crate::testing::Keys;
use crate::{History, Published};

#[test]
fn a_record_too_large_is_cut_between_characters() {
    let keys = Keys::new();
    let (mut writer, _) = open(keys.settings());
    let room = writer.stage().room("#lobby", NOW).unwrap();
    let long = "é".repeat(8000);
    say(writer.stage(), room, 1, &long, &long);
    say(writer.stage(), room, 2, "alice", "short");
    writer.publish(NOW);
    let records = reader(&keys).history("#lobby").unwrap().records;
    let quarter = keys.settings().ring_bytes as usize / 4;
    assert_eq!((records.len(), records[0].from.len()), (2, 254));
    let text = &records[0].text;
    assert!(
        long.starts_with(text.as_str()) && text.len() > quarter - 400 && text.len() < quarter,
        "{}",
        text.len()
    );
    assert_eq!(records[1].text, "short");
}

#[test]
fn a_follower_misses_nothing_or_is_told_how_much() {
    let keys = Keys::new();
    let (mut writer, _) = open(keys.settings());
    let room = writer.stage().room("#lobby", NOW).unwrap();
    let reader = reader(&keys);
    writer.publish(NOW);
    let mut place = reader.history("#lobby").unwrap().cursor;
    let mut heard = 0;
    let mut lost = 0;
    for tick in 1..=60 {
        // From one record to more than a ring in a tick.
        for _ in 0..tick * 3 {
            let next = writer.stage.slots[0].ring.sequence + 1;
            say(writer.stage(), room, next, "alice", "a text of some length, so that the ring is lapped");
        }
        assert_eq!(writer.publish(later(tick)), Published::Done);
        if tick % 4 == 0 {
            let History { records, lost: missed, renewed, cursor } = reader.follow("#lobby", &place).unwrap();
            assert!(!renewed);
            assert_eq!(records[0].sequence, heard + missed + 1, "tick {tick}");
            assert!(records.windows(2).all(|pair| pair[0].sequence + 1 == pair[1].sequence), "tick {tick}");
            heard = records.last().unwrap().sequence;
            lost += missed;
            place = cursor;
        }
    }
    assert!(lost > 1000, "{lost}");
    let nothing = reader.follow("#lobby", &place).unwrap();
    assert_eq!((nothing.records.len(), nothing.lost, nothing.cursor), (0, 0, place));
    let snapshot = reader.snapshot().unwrap();
    let dropped = snapshot.number("segment.dropped");
    assert!(dropped > 0 && dropped < lost, "{dropped} of {lost} were never readable");
    assert_eq!(snapshot.rooms[0].number("dropped"), dropped);
}

/// Records that are known to be overwritten are not even written, and that makes no difference.
#[test]
fn what_is_passed_over_would_have_been_overwritten() {
    let (one, other) = (Keys::new(), Keys::new());
    let texts: Vec<String> = (0..900_usize).map(|number| "é".repeat(number * 7 % 260)).collect();
    let mut seen = Vec::new();
    for (keys, passes) in [(&one, false), (&other, true)] {
        let (mut writer, _) = open(Settings { ring_bytes: 4096, ..keys.settings() });
        let room = writer.stage().room("#lobby", NOW).unwrap();
        let (mut tick, mut passed) = (0, 0_u64);
        for batch in texts.chunks(123) {
            let mut behind: usize = batch.iter().map(|text| Record::bytes_least(text.len())).sum();
            for text in batch {
                behind -= Record::bytes_least(text.len());
                let sequence = writer.stage.slots[0].ring.sequence + passed + 1;
                if passes && writer.stage().is_overwritten_by(behind) {
                    writer.stage().pass_over(room, 1);
                    passed += 1;
                    continue;
                }
                passed = 0;
                say(writer.stage(), room, sequence, "alice", text);
            }
            tick += 1;
            writer.publish(later(tick));
        }
        let reader = reader(keys);
        let entries = reader.history("#lobby").unwrap().records;
        assert_eq!(entries.last().unwrap().text, texts[899]);
        let texts: Vec<_> = entries.into_iter().map(|entry| (entry.sequence, entry.text)).collect();
        seen.push((texts, reader.snapshot().unwrap().number("segment.dropped")));
    }
    assert_eq!(seen[0], seen[1]);
    assert!(seen[0].1 > 500, "{}", seen[0].1);
}

#[test]
fn a_flood_in_one_room_costs_another_nothing() {
    let keys = Keys::new();
    let (mut writer, _) = open(keys.settings());
    let [quiet, loud] = ["#quiet", "#loud"].map(|name| writer.stage().room(name, NOW).unwrap());
    say(writer.stage(), quiet, 1, "alice", "the only message");
    for sequence in 1..=5000 {
        say(writer.stage(), loud, sequence, "bot", "noise noise noise noise noise");
        if sequence % 50 == 0 {
            writer.publish(later(sequence));
        }
    }
    let reader = reader(&keys);
    assert_eq!(reader.history("#quiet").unwrap().records[0].text, "the only message");
    assert_eq!(sequences(&reader, "#loud").last(), Some(&5000));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever is appended and published in whatever pieces, the history is the newest records that fit.
    #[test]
    fn the_history_is_the_newest_that_fits(batches in prop::collection::vec(prop::collection::vec(0_usize..1500, 0..12), 1..25)) {
        let keys = Keys::new();
        let (mut writer, _) = open(Settings { ring_bytes: 4096, ..keys.settings() });
        let room = writer.stage().room("#lobby", NOW).unwrap();
        let reader = reader(&keys);
        let (mut sequence, mut said) = (0, Vec::new());
        for (tick, batch) in batches.iter().enumerate() {
            for &length in batch {
                sequence += 1;
                let text: String = "xyzé".chars().cycle().skip(sequence as usize % 4).take(length).collect();
                say(writer.stage(), room, sequence, "me", &text);
                said.push(text);
            }
            writer.publish(later(tick as u64));
            let records = reader.history("#lobby").unwrap().records;
            let first = said.len() - records.len();
            let mut bytes = 0;
            for (record, text) in records.iter().zip(&said[first..]) {
                prop_assert!(text.starts_with(&record.text) && (record.text.len() > 900 || &record.text == text));
                bytes += record_bytes(record);
            }
            prop_assert!(bytes <= 4096);
            // The next older one would not have fitted.
            if first > 0 {
                let next = (48 + 2 + said[first - 1].len().min(970) + 5).next_multiple_of(8);
                prop_assert!(bytes + next > 4096, "{bytes} bytes are kept, and {next} more would fit");
            }
        }
    }
}

fn record_bytes(record: &crate::Entry) -> usize {
    (48 + record.id.len() + record.from.len() + record.text.len()).next_multiple_of(8)
}
