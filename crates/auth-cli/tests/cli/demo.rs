//! `auth demo`.

use crate::world::World;

#[test]
fn the_demonstration_works_in_an_empty_home_and_leaves_nothing_there() {
    let world = World::empty();
    let ended = world.run(&["demo"]);
    assert_eq!(ended.stderr, "");
    let shown = ended.quiet();
    insta::with_settings!({filters => vec![
        (r"\b[0-9a-f]{8}\b", "[PRINT]"),
        (r"\d+ [mµ]s → \d+ [mµ]s *", "[TIMES] "),
        (r"time +", "time "),
        (r"[╌─]{20,}", "[RULE]"),
        (r" {3,}", "   "),
    ]}, { insta::assert_snapshot!(shown) });
    // A slow machine makes the times, and so the table, a little wider.
    let widest = shown.lines().map(|line| line.chars().count()).max();
    assert!(widest <= Some(84), "{shown}");
    assert_eq!(std::fs::read_dir(world.home()).unwrap().count(), 0);
    assert!(!shown.contains("eyJ"), "{shown}");
}
