//! What destinepyauth is weak at, where no other file has it: by the numbers of our list.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use auth_core::session::{Checked, TokenCheck, TokenSet};
use auth_core::{BoxFuture, Error, ErrorKind, Result, TokenSource};
use auth_desp::{Credentials, FileMirror, Person};
use secrecy::SecretString;

use super::world::{AUTH, EXCHANGE, FORM, PASSPHRASE, SECRET, TOKEN, TOTP, World, known};
use crate::log::Log;

/// A check that agrees with nothing.
#[derive(Debug)]
struct Never;

impl TokenCheck for Never {
    fn check<'a>(&'a self, _: &'a TokenSet) -> BoxFuture<'a, Result<()>> {
        Box::pin(async { Err(Error::protocol("the signature is wrong")) })
    }
}

#[tokio::test(start_paused = true)]
async fn w5_a_token_that_fails_its_check_is_handed_out_to_nobody_and_the_issuer_is_the_configured_one()
 {
    let world = World::new();
    let asked = Arc::new(Mutex::new(Vec::new()));
    let seen = asked.clone();
    let checked = Checked::by(move |issuer, client| {
        let path = issuer.split_once("/realms/").map_or("", |(_, name)| name);
        seen.lock().unwrap().push(format!("{path} {client}"));
        Ok(Arc::new(Never))
    });
    let person = Person::new(world.platform(), known("ada"), checked);
    for service in ["cacheb", "highway"] {
        let source = person.source(&world.service(service)).unwrap();
        let error = source.token().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Protocol, "{error}");
        assert!(source.at_hand().is_none());
    }
    let asked = asked.lock().unwrap();
    assert_eq!(
        *asked,
        ["desp cacheb", "desp highway", "highway highway-public"]
    );
    // A platform's token that is not believed is not traded either.
    assert_eq!(world.sent(EXCHANGE), 0);
}

#[tokio::test(start_paused = true)]
async fn w6_each_login_has_a_state_a_nonce_and_a_verifier_of_its_own() {
    let world = World::new();
    for service in ["cacheb", "dea"] {
        let source = world.known("ada").source(&world.service(service)).unwrap();
        source.token().await.unwrap();
    }
    let requests = world.server.requests();
    let at = |path: &'static str| requests.iter().filter(move |one| one.path() == path);
    for name in ["state", "nonce", "code_challenge"] {
        let mut values: Vec<_> = at(AUTH).filter_map(|one| one.query(name)).collect();
        values.dedup();
        assert_eq!(values.len(), 2, "{name}");
    }
    assert!(at(AUTH).all(|one| one.query("code_challenge_method").as_deref() == Some("S256")));
    assert!(at(TOKEN).all(|one| one.field("code_verifier").is_some()));
    assert!(at(TOKEN).all(|one| one.field("scope").is_none()));
}

#[tokio::test(start_paused = true)]
async fn w7_no_name_password_code_or_token_is_in_a_log_an_error_or_what_debug_shows() {
    let world = World::new();
    let log = Log::of_everything();
    let secret = |text: &str| SecretString::from(text);
    let credentials = |password: &str| {
        let user = secret("nina-the-user");
        Credentials::new(user, secret(password)).with_totp(secret(TOTP))
    };
    let person = world.person(credentials(PASSPHRASE));
    let source = person.source(&world.service("highway")).unwrap();
    let token = source.token().await.unwrap();
    let refresh = source.refresh_token().await.unwrap().unwrap();
    let wrong = world.person(credentials("wrong but long enough"));
    let wrong = wrong.without_single_sign_on();
    let error = wrong.source(&world.service("dea")).unwrap();
    let error = error.token().await.unwrap_err();
    let login = person.login_grant(&world.service("cacheb"));
    let told = format!(
        "{}{person:?}{source:?}{login:?}{error:?}{error}",
        log.text()
    );
    let requests = world.server.requests();
    let mut secrets: Vec<String> = ["otp", "code", "code_verifier", "subject_token"]
        .iter()
        .flat_map(|name| requests.iter().filter_map(|one| one.field(name)))
        .collect();
    secrets.extend(
        [
            "nina-the-user",
            PASSPHRASE,
            "wrong but long enough",
            SECRET,
            TOTP,
        ]
        .map(str::to_owned),
    );
    secrets.push(refresh.expose_secret().to_owned());
    secrets.push(token.expose_secret().to_owned());
    assert!(secrets.len() >= 11, "{}", secrets.len());
    for secret in secrets {
        assert!(!told.contains(&secret), "{secret} in {told}");
    }
}

#[tokio::test(start_paused = true)]
async fn w8_a_login_opens_one_offline_session_however_long_it_is_used() {
    let world = World::new();
    let source = world.known("bob").source(&world.service("cacheb")).unwrap();
    for _ in 0..5 {
        source.token().await.unwrap();
        world.clock.advance(Duration::from_secs(86_400)).await;
    }
    assert_eq!(world.sent(FORM), 2, "the password and the code");
    let grants = world.server.requests();
    let grants = grants.iter().filter_map(|one| one.field("grant_type"));
    assert_eq!(grants.filter(|one| one == "refresh_token").count(), 4);
}

/// A program without a runtime, in several threads, with name, password and secret of its own.
#[test]
fn w14_name_password_and_code_are_arguments_threads_share_a_login_and_no_other_state() {
    let world = World::new();
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("netrc");
    let service = world.service("cacheb");
    let person = || {
        let mirror = FileMirror::netrc(&service, &world.server.io());
        world.known("bob").with_mirror(Arc::new(mirror))
    };
    let calls = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|_| {
                scope.spawn(|| {
                    let source = person().source(&service).unwrap();
                    auth_core::blocking(async {
                        let token = source.token().await?;
                        // The token is there, and the file beside it.
                        source.mirror_to("netrc", &file).await?;
                        Ok::<_, Error>(token)
                    })
                })
            })
            .collect();
        let joined = threads.into_iter().map(|thread| thread.join().unwrap());
        joined.collect::<Vec<_>>()
    });
    let tokens: Vec<_> = calls.into_iter().map(Result::unwrap).collect();
    assert!(tokens.iter().all(|token| token.is_same(&tokens[0])));
    assert_eq!(world.sent(FORM), 2, "the password and the code");
    let text = std::fs::read_to_string(&file).unwrap();
    assert_eq!(text.matches("machine cacheb.example").count(), 1, "{text}");
}
