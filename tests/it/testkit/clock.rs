//! The clock that tests move.

use std::time::Duration;

use auth_core::clock::Clock;
use auth_testkit::TestClock;

#[tokio::test(start_paused = true)]
async fn the_wall_clock_can_be_set_and_the_monotonic_one_cannot() {
    let clock = TestClock::new();
    let start = clock.now();
    let hour = Duration::from_secs(3600);
    clock.advance(hour).await;
    assert_eq!(clock.now().wall, start.wall + hour);
    assert_eq!(clock.now().monotonic, start.monotonic + hour);
    clock.set_back(hour * 2);
    assert_eq!(clock.now().wall, start.wall - hour);
    clock.clone().set_wall(start.wall + hour * 9);
    clock.set_forward(hour);
    assert_eq!(clock.now().wall, start.wall + hour * 10);
    assert_eq!(clock.now().monotonic, start.monotonic + hour);
}
