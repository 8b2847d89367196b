//! Many callers at once, one that must not wait for another, and a login that is found again.

use std::sync::Arc;
use std::time::{Duration, Instant};

use auth_core::TokenSource;
use auth_core::store::FileStore;
use auth_testkit::Fault;

use super::ours;
use super::place::{API, OTHER_API, Place, TENANT};
use super::theirs::Python;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask conformance azure"]
async fn thirty_two_cold_callers_are_one_request() {
    let python = Python::at_hand();
    let path = format!("/{TENANT}/oauth2/v2.0/token");
    let slow = || Fault::delay(Duration::from_millis(50)).always();
    let mut theirs = Vec::new();
    for _ in 0..4 {
        let place = Place::open().await;
        place.server.fault(&path, slow());
        let said = python.script(&place, "crowd.py", &[]);
        assert!(said["tokens"].as_u64().is_some(), "{said}");
        theirs.push(
            place
                .server
                .requests()
                .iter()
                .filter(|one| one.path() == path)
                .count(),
        );
    }
    let place = Place::open().await;
    place.server.fault(&path, slow());
    let robot = ours::robot(&place, &ours::secret()).unwrap();
    let source = Arc::new(robot.source(&format!("api://{API}/.default")).unwrap());
    let callers: Vec<_> = (0..32)
        .map(|_| {
            let source = source.clone();
            tokio::spawn(async move { source.token().await.unwrap().fingerprint() })
        })
        .collect();
    let mut tokens = Vec::new();
    for caller in callers {
        tokens.push(caller.await.unwrap());
    }
    tokens.dedup();
    assert_eq!(tokens.len(), 1);
    let ours = place
        .requests()
        .iter()
        .filter(|one| one.path() == path)
        .count();
    assert_eq!(ours, 1);
    println!("32 cold callers: MSAL sends {theirs:?} requests in four runs, we {ours}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "measures: cargo xtask conformance azure"]
async fn reading_one_api_does_not_wait_for_another() {
    let place = Place::open().await;
    let person = ours::person(&place).unwrap();
    let source = person.source([format!("api://{API}/.default")]);
    source.token().await.unwrap();
    let path = format!("/{TENANT}/oauth2/v2.0/token");
    place
        .server
        .fault(&path, Fault::delay(Duration::from_millis(500)));
    let other = person.source([format!("api://{OTHER_API}/.default")]);
    let began = Instant::now();
    let other = tokio::spawn(async move { other.token().await.map(|_| ()) });
    tokio::time::sleep(Duration::from_millis(100)).await;
    let mut longest = Duration::ZERO;
    while !other.is_finished() {
        let began = Instant::now();
        source.token().await.unwrap();
        longest = longest.max(began.elapsed());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    other.await.unwrap().unwrap();
    let whole = began.elapsed();
    println!("reading one API took {longest:?} at most while another was fetched for {whole:?}");
    assert!(whole >= Duration::from_millis(500));
    assert!(longest < Duration::from_millis(100), "{longest:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[cfg_attr(windows, ignore = "wine has no https with a CA of one's own")]
async fn a_login_is_found_by_whoever_opens_the_store_next() {
    let place = Place::open().await;
    for scope in [API, OTHER_API] {
        let store = FileStore::new(place.file("store"));
        let person = ours::person(&place).unwrap().with_store(Arc::new(store));
        let source = person.source([format!("api://{scope}/.default")]);
        source.token().await.unwrap();
    }
    let path = format!("/{TENANT}/oauth2/v2.0/devicecode");
    assert_eq!(place.server.count(&path), 1);
}
