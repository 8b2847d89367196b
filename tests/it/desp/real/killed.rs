//! Programs that are killed on their way, at every step of it.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Output;
use std::time::Duration;

use auth_core::store::{FileStore, TokenStore};
use tokio::task::block_in_place;

use super::platform::{Platform, person};
use crate::desp::beside::case::Who;
use crate::desp::beside::place::Place;
use crate::desp::beside::program::Program;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask conformance desp-keycloak"]
async fn a_login_that_is_killed_costs_no_more_than_its_code() {
    let (program, platform) = ready("killed", ROUNDS).await;
    let places: Vec<Place> = (0..ROUNDS)
        .map(|round| platform.place(&name("killed", round)))
        .collect();
    let mut killed = BTreeMap::new();
    let mut codes = 0;
    for (round, place) in places.iter().enumerate() {
        let (asked, ended) = cut_short(&platform, &program, place, "token", round).await;
        codes += asked.iter().filter(|what| what.ends_with("(otp)")).count();
        if !ended {
            *killed.entry(asked.len()).or_insert(0) += 1;
        }
    }
    eprintln!("killed after so many requests: {killed:?}; {codes} codes were sent");
    let cut: usize = killed.values().sum();
    assert!(cut >= ROUNDS * 2 / 3, "{cut} of {ROUNDS} were cut short");
    assert!(killed.len() >= 6, "at most steps: {killed:?}");
    // Whoever comes next has a token. A code that was sent is not sent again: they wait for the next one.
    for output in all_at(&program, &places, "token") {
        assert!(token(&output).starts_with("eyJ"));
    }
    let asked = platform.asked();
    let count = |what: &str| asked.iter().filter(|one| one.what == what).count();
    let forms = (count("POST authenticate"), count("POST authenticate (otp)"));
    eprintln!("then {forms:?} passwords and codes");
    assert!(forms.0 <= ROUNDS && forms.1 <= ROUNDS, "{forms:?}");
    // Keycloak takes a code once, and would note it.
    let refused = platform.noted("LOGIN_ERROR").await;
    assert!(refused.is_empty(), "{refused:?}");
    let mut logins: BTreeMap<String, usize> = BTreeMap::new();
    for login in platform.noted("LOGIN").await {
        *logins.entry(login["userId"].to_string()).or_default() += 1;
    }
    assert_eq!(logins.len(), ROUNDS);
    assert!(logins.values().all(|count| *count <= 2), "{logins:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask conformance desp-keycloak"]
async fn a_new_login_that_is_killed_or_fails_leaves_what_the_next_one_goes_on_with() {
    let (program, platform) = ready("login", LOGINS + 1).await;
    let mut left: BTreeMap<BTreeSet<&str>, usize> = BTreeMap::new();
    let places: Vec<Place> = (0..LOGINS)
        .map(|round| platform.place(&name("login", round)))
        .collect();
    for (round, place) in places.iter().enumerate() {
        let _ = cut_short(&platform, &program, place, "login", round).await;
        *left.entry(entries(place).await).or_default() += 1;
    }
    eprintln!("what was left: {left:?}");
    for entries in left.keys() {
        // One entry is saved after the other, that of the exchange last: it can be made anew.
        let possible = [
            BTreeSet::new(),
            BTreeSet::from(["account"]),
            BTreeSet::from(["account", "login"]),
            BTreeSet::from(["account", "exchange", "login"]),
        ];
        assert!(possible.contains(entries), "{entries:?}");
    }
    for (output, place) in all_at(&program, &places, "login").iter().zip(&places) {
        assert!(output.status.success(), "{}", said(output));
        assert_eq!(entries(place).await.len(), 3);
    }
    assert_eq!(platform.noted("LOGIN_ERROR").await.len(), 0);

    // One that fails at its last step keeps nothing of the login, and ends it.
    let place = platform.place(&name("login", LOGINS));
    let mut login = program.job(&place, &["login", "highway"]);
    login.env("DESPAUTH_SUBJECT_ISSUER", "nobody");
    let output = block_in_place(|| login.output()).unwrap();
    assert_eq!(output.status.code(), Some(3), "{}", said(&output));
    assert!(
        said(&output).contains("invalid_issuer"),
        "{}",
        said(&output)
    );
    assert_eq!(entries(&place).await, BTreeSet::from(["account"]));
    assert_eq!(platform.noted("REVOKE_GRANT").await.len(), 1);
}

async fn ready(words: &str, people: usize) -> (Program, Platform) {
    let program = Program::at_hand();
    let people = (0..people).filter_map(|round| person(&name(words, round), Who::WithCode));
    let platform = Platform::at_hand(people.collect()).await;
    (program, platform)
}

fn name(words: &str, round: usize) -> String {
    format!("{words}-{round}")
}

/// Starts `auth token highway` or the like and kills it a while after one of its requests has come, another one in each
/// round; what it had asked for by then, and whether it was done before.
async fn cut_short(
    platform: &Platform,
    program: &Program,
    place: &Place,
    command: &str,
    round: usize,
) -> (Vec<String>, bool) {
    let (step, pause) = (
        round % STEPS,
        Duration::from_millis(4 * (round / STEPS) as u64),
    );
    platform.asked();
    let mut process = program.job(place, &[command, "highway"]).spawn().unwrap();
    while platform.front.waiting() < step && process.try_wait().unwrap().is_none() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    tokio::time::sleep(pause).await;
    let ended = process.try_wait().unwrap().is_some();
    process.kill().unwrap();
    let output = block_in_place(|| process.wait_with_output()).unwrap();
    assert!(!ended || output.status.success(), "{}", said(&output));
    let asked = platform.asked().into_iter().map(|one| one.what);
    (asked.collect(), ended)
}

/// How `auth token highway` or the like ends at each place. Nothing is said by a server that has too much to do: then it is
/// called again, as people do.
fn all_at(program: &Program, places: &[Place], command: &str) -> Vec<Output> {
    let job = |place| program.job(place, &[command, "highway"]).spawn().unwrap();
    let mut outputs = Vec::new();
    for chunk in places.chunks(6) {
        let jobs: Vec<_> = chunk.iter().map(job).collect();
        for (process, place) in jobs.into_iter().zip(chunk) {
            let mut output = block_in_place(|| process.wait_with_output()).unwrap();
            for _ in 0..3 {
                if output.status.code() == Some(5) {
                    output = block_in_place(|| job(place).wait_with_output()).unwrap();
                }
            }
            outputs.push(output);
        }
    }
    outputs
}

/// Which entries there are at a place.
async fn entries(place: &Place) -> BTreeSet<&'static str> {
    let store = FileStore::new(place.home().join(".local/state/auth/tokens"));
    let sessions = store.list().await.unwrap();
    let kind = |session: &auth_core::store::SessionKey| match session {
        session if session.is_account() => "account",
        session if session.issuer().contains("-highway") => "exchange",
        _ => "login",
    };
    sessions.iter().map(kind).collect()
}

fn token(output: &Output) -> String {
    assert!(output.status.success(), "{}", said(output));
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The requests of a login for Highway, and of the realm that trades its token.
const STEPS: usize = 9;

const ROUNDS: usize = 63;
const LOGINS: usize = 36;
