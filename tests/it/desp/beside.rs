//! destinepyauth beside us, at servers of the same shape: what each asks for, writes and says. `cargo xtask conformance
//! desp` runs it; alone it is left out.

pub(super) mod case;
mod cost;
pub(super) mod library;
pub(super) mod place;
pub(super) mod program;
pub(super) mod seen;
pub(super) mod table;
pub(super) mod theirs;

use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use self::case::{CASE, Case, cases};
use self::place::Place;
use self::program::Program;
use self::seen::Seen;
use self::table::Table;
use self::theirs::Python;

/// Both programs, where they are at hand.
pub(super) fn both() -> (Python, Program) {
    (Python::at_hand(), Program::at_hand())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask conformance desp"]
async fn what_differs_from_destinepyauth_is_in_the_table() {
    let sides = both();
    let mut table = Table::of("testkit");
    let sides = Arc::new(sides);
    let places = Arc::new(Semaphore::new(8));
    let mut plays = JoinSet::new();
    for case in cases().into_iter().filter(Case::is_the_testkits) {
        let (sides, places) = (sides.clone(), places.clone());
        plays.spawn(async move {
            let _one = places.acquire().await.unwrap();
            let mut places = Vec::new();
            for _ in 0..3 {
                places.push(Place::at_testkit(&case).await);
            }
            compare(&sides, &case, places.try_into().ok().unwrap()).await
        });
    }
    while let Some(found) = plays.join_next().await {
        match found {
            Ok(found) => table.extend(found),
            Err(error) => table.add("a case that could not be played", "", &error.to_string()),
        }
    }
    compare_many(&mut table, &sides, async || Place::at_testkit(&CASE).await).await;
    table.check();
}

/// Plays a case at three places, by destinepyauth, `auth` and the library, and says where the first two differ.
pub(super) async fn compare(
    (python, program): &(Python, Program),
    case: &Case,
    places: [Place; 3],
) -> Vec<(String, String, String)> {
    let theirs = python.run(&places[0], case, &case.otp());
    let ours = program.run(&places[1], case, &case.otp());
    ensure_no_more(&theirs, &ours, case.words);
    if case.is_the_librarys() && ours.code != 2 {
        let library = library::run(&places[2], case, &case.otp()).await;
        let seen = |one: &Seen| (one.requests.clone(), one.failure.clone(), one.files.clone());
        if seen(&library) != seen(&ours) {
            let words = format!("{}: the library and the program", case.words);
            return vec![(words, format!("{library:?}"), format!("{ours:?}"))];
        }
    }
    theirs.differences(&ours, case)
}

/// One call after the other, at one place.
pub(super) async fn compare_many(
    table: &mut Table,
    (python, program): &(Python, Program),
    open: impl AsyncFn() -> Place,
) {
    let calls = [
        ("a second call", CASE),
        ("the same for another service", CASE.of("dea")),
        ("the same for one with an exchange", CASE.of("highway")),
        ("and that again", CASE.of("highway")),
    ];
    let (theirs, ours) = (open().await, open().await);
    python.run(&theirs, &CASE, "");
    program.run(&ours, &CASE, "");
    for (words, case) in calls {
        let case = case.named(words);
        let theirs = python.run(&theirs, &case, "");
        let ours = program.run(&ours, &case, "");
        ensure_no_more(&theirs, &ours, words);
        assert_eq!((theirs.code, ours.code), (0, 0), "{words}");
        assert_eq!(theirs.stdout, ours.stdout, "{words}");
        let (theirs, ours) = (theirs.sequence(), ours.sequence());
        table.add(format!("{words}: requests"), &theirs, &ours);
    }
}

fn ensure_no_more(theirs: &Seen, ours: &Seen, words: &str) {
    let counts = (theirs.requests.len(), ours.requests.len());
    // What they don't take they don't begin with, and a login that fails there and works here goes on.
    let theirs_ends_earlier =
        theirs.code == 2 || theirs.failure.is_some() && ours.failure.is_none();
    assert!(
        counts.1 <= counts.0 || theirs_ends_earlier,
        "{words}: {counts:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask conformance desp"]
async fn the_clients_of_the_services_read_the_files_that_we_write() {
    let python = Python::at_hand();
    let place = Place::at_testkit(&CASE).await;
    for renewed in [false, true] {
        let [netrc, polytope] = library::tokens(&place, renewed).await;
        let read = python.read(&place);
        assert_eq!(
            read,
            [
                format!("anonymous {netrc}"),
                format!("anonymous {netrc}"),
                format!("Bearer {polytope}")
            ]
        );
    }
}
