//! Listing, removing, freeing the guard.

use serde_json::Value as Json;

use super::*;

/// The line about the scene's segment, in columns.
fn listed(scene: &mut Scene) -> Vec<String> {
    let key = scene.keys.segment.to_string();
    let told = scene.run(&["list"]);
    let columns = |line: &str| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    told.out.lines().map(columns).find(|columns| columns[0] == key).unwrap_or_default()
}

#[test]
fn segments_are_listed_with_all_that_is_known() {
    let mut scene = Scene::lively();
    let reader = segment::Reader::open(scene.keys.segment, None).unwrap();
    let found = listed(&mut scene);
    assert_eq!(
        [&found[1], &found[2], &found[3]],
        [&reader.id().to_string(), &reader.owner().to_string(), "0640"]
    );
    assert_eq!([&found[6], &found[7]], [&std::process::id().to_string(), "live"]);
    let document: Json = serde_json::from_str(&scene.run(&["list", "--json"]).out).expect("it is JSON");
    let key = scene.keys.segment.to_string();
    let own = document.as_array().unwrap().iter().find(|found| found["key"] == key).unwrap();
    assert_eq!((&own["state"], &own["bytes"]), (&"live".into(), &reader.bytes().into()));
    scene.die();
    assert_eq!(listed(&mut scene)[7..10], ["dead,", "gone", "for"]);
}

#[test]
fn a_living_servers_objects_are_left_alone_unless_forced() {
    let mut scene = Scene::lively();
    let serving = format!("process {}; --force overrules it\n", std::process::id());
    for command in ["remove", "reset-guard"] {
        let told = scene.run(&[command]);
        assert_eq!(told.exit, Exit::Refused, "{command}: {told:?}");
        assert!(told.err.ends_with(&serving), "{command}: {told:?}");
    }
    assert!(!listed(&mut scene).is_empty());
    assert_eq!(scene.run(&["reset-guard", "--force"]).exit, Exit::Live);
    assert_eq!(scene.run(&["remove", "--force"]).exit, Exit::Live);
    assert!(listed(&mut scene).is_empty());
    assert_eq!(scene.run(&["remove"]).exit, Exit::Nothing);
}

#[test]
fn what_a_dead_server_left_is_removed() {
    let mut scene = Scene::lively();
    scene.die();
    let key = scene.keys.segment;
    let freed = scene.run(&["reset-guard"]);
    assert_eq!(freed.out, format!("the guard of the semaphores {} is free\n", scene.keys.semaphores));
    let told = scene.run(&["remove"]);
    assert_eq!(
        (told.exit, told.out),
        (Exit::Live, format!("removed the segment {key} and its semaphores\n"))
    );
    assert!(listed(&mut scene).is_empty());
    let semaphores = scene.keys.semaphores.to_string();
    assert_eq!(scene.run(&["reset-guard", "--semaphore-key", &semaphores]).exit, Exit::Nothing);
}
