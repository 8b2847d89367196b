//! The format of the store.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use auth_core::clock::Clock;
use auth_core::error::Challenge;
use auth_core::session::{Held, Login, Mirror, Need, TokenCheck, TokenSet};
use auth_core::store::{FileStore, SessionKey, StoreKey};
use auth_core::token::{Fingerprint, IdToken};
use auth_core::{
    AccessToken, BoxFuture, CachedSource, ClientAuth, Error, Grant, RefreshToken, Refreshing,
    Result, TokenSource,
};
use auth_testkit::{Fault, TestClock};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use http::HeaderValue;
use http::header::WWW_AUTHENTICATE;
use secrecy::SecretString;

use super::{golden, place};
use crate::rights::set_mode;
use crate::world::{MINUTE, World};

/// Its name in a store: the digest of its session.
const FILE: &str = "99274dd5a03517921cde74a4641976d9.json";

const CHANGED: &str = "the store is written differently now. An `auth` of before this change that shares a store with this \
                       one, or takes its place again, would not find what it expects. If it can still read it (a field \
                       more, which it keeps), say so in CHANGELOG.md and write the golden file anew; if not, raise the \
                       version in store/envelope.rs or session/login/format.rs, read the older format too or tell people \
                       that they log in once more, and keep this golden file beside the new one";

const LOST: &str = "a login that was kept by the version before is not read any more: everybody would have to log in again, \
                    and jobs that run on an offline token would stop";

fn session() -> SessionKey {
    SessionKey::new("https://login.example.org", "desktop", "default").with("scope", "openid read")
}

fn question(audience: &str) -> StoreKey {
    StoreKey::new(session())
        .with_scopes(&["read".to_owned()])
        .with("audience", audience)
        .with_user("ada")
}

/// The start of the tests' clock, which is 2026, and so many seconds.
fn at(clock: &TestClock, seconds: u64) -> SystemTime {
    clock.now().wall + Duration::from_secs(seconds)
}

fn id_token() -> IdToken {
    let part = |text: &str| BASE64_URL_SAFE_NO_PAD.encode(text);
    let claims =
        part(r#"{"iss":"https://login.example.org","aud":"desktop","sub":"1","sid":"session-1"}"#);
    IdToken::new(format!(
        "{}.{claims}.{}",
        part(r#"{"alg":"none"}"#),
        part("none")
    ))
}

/// The login that it all begins with.
#[derive(Debug)]
struct First {
    key: StoreKey,
    clock: TestClock,
}

impl Grant for First {
    fn key(&self) -> StoreKey {
        self.key.clone()
    }

    fn exchange<'a>(&'a self, held: &'a Held) -> BoxFuture<'a, Result<TokenSet>> {
        Box::pin(async {
            if held.challenge().is_some() {
                return Err(Error::interaction("nobody is here"));
            }
            let token = SecretString::from("access-1");
            let access = AccessToken::new(token, at(&self.clock, 0), at(&self.clock, 3600))?
                .with_refresh_at(at(&self.clock, 1800))
                .with_scope("read");
            Ok(TokenSet::new(access)
                .with_refresh(RefreshToken::new("refresh-1"))
                .with_refresh_expires_at(at(&self.clock, 86_400))
                .with_id(id_token())
                .with_account("ada")
                .with_identity("1")
                .with_note("cookie", SecretString::from("monster")))
        })
    }
}

/// What the server says to the refresh token before.
fn answer(number: u8) -> Fault {
    let body = serde_json::json!({
        "access_token": format!("access-{number}"),
        "refresh_token": format!("refresh-{number}"),
        "token_type": "Bearer",
        "expires_in": 3600,
        "refresh_expires_in": 86_400,
        "scope": "read",
        "session_state": "session-1",
    });
    Fault::status(200).with_body("application/json", body.to_string())
}

/// Passes everything as long as it has keys.
#[derive(Debug)]
struct Keys(AtomicBool);

impl Keys {
    fn here(are_here: bool) -> Arc<Self> {
        Arc::new(Self(are_here.into()))
    }

    fn lose(&self) {
        self.0.store(false, Ordering::Relaxed);
    }
}

impl TokenCheck for Keys {
    fn check<'a>(&'a self, _: &'a TokenSet) -> BoxFuture<'a, Result<()>> {
        let answer = match self.0.load(Ordering::Relaxed) {
            true => Ok(()),
            false => Err(Error::unavailable("no keys")),
        };
        Box::pin(std::future::ready(answer))
    }

    fn once(&self) -> Option<&str> {
        Some("golden")
    }
}

/// A file that somebody else reads, and nobody writes here.
#[derive(Debug)]
struct Elsewhere;

impl Mirror for Elsewhere {
    fn kind(&self) -> &str {
        "golden"
    }

    fn write<'a>(
        &'a self,
        _: &'a Path,
        _: &'a RefreshToken,
        _: Option<&'a [Fingerprint]>,
    ) -> BoxFuture<'a, Result<bool>> {
        Box::pin(std::future::ready(Ok(true)))
    }

    fn take_out<'a>(&'a self, _: &'a Path, _: &'a [Fingerprint]) -> BoxFuture<'a, Result<bool>> {
        Box::pin(std::future::ready(Ok(true)))
    }
}

/// A person's login with all that can be kept of one, in a store in this directory.
fn source(world: &World, directory: &Path, audience: &str) -> CachedSource {
    let endpoint = world.endpoint(ClientAuth::public("desktop"));
    let first = First {
        key: question(audience),
        clock: world.clock.clone(),
    };
    CachedSource::new(Refreshing::new(endpoint, first), world.io())
        .with_store(Arc::new(FileStore::new(directory)))
}

async fn kept(directory: &Path) -> String {
    let world = World::new();

    // A file of another program has its refresh token.
    let stock = source(&world, directory, "stock").with_mirror(Arc::new(Elsewhere));
    stock.token().await.unwrap();
    stock
        .mirror_to("golden", Path::new("/nowhere/netrc"))
        .await
        .unwrap();

    // One answer has passed its check.
    let keys = Keys::here(true);
    let harbour = source(&world, directory, "harbour").with_check(keys.clone());
    world.server.fault("/token", answer(2));
    harbour.token().await.unwrap();

    // Of another one the first has, and the next can't be checked.
    let orders = source(&world, directory, "orders").with_check(keys.clone());
    world.server.fault("/token", answer(3));
    orders.token().await.unwrap();
    keys.lose();
    world.jump(MINUTE);
    world.server.fault("/token", answer(4));
    orders.renew().await.unwrap_err();

    // An API asks for more than the login has, and so does the server.
    let plant = source(&world, directory, "plant");
    world.server.fault("/token", answer(5));
    let token = plant.token().await.unwrap();
    let asked = r#"Bearer error="insufficient_user_authentication", acr_values="gold""#;
    let headers = [(WWW_AUTHENTICATE, HeaderValue::from_static(asked))]
        .into_iter()
        .collect();
    plant.discard(&token, Challenge::from_headers(&headers, "Bearer").as_ref());
    plant
        .get(Need::new().with_nobody_asked())
        .await
        .unwrap_err();

    fs::read_to_string(directory.join(FILE)).unwrap()
}

/// The entry without what is random in it.
fn steady(entry: &str) -> String {
    let (_, entry) = entry.split_once('\n').unwrap();
    let (header, login) = entry.split_once('\n').unwrap();
    let pretty = |text: &str| {
        let mut value: serde_json::Value = serde_json::from_str(text).unwrap();
        if let Some(generation) = value.get_mut("generation") {
            *generation = "another each time".into();
        }
        serde_json::to_string_pretty(&value).unwrap()
    };
    format!("{}\n{}\n", pretty(header), pretty(login))
}

#[tokio::test(start_paused = true)]
#[cfg_attr(windows, ignore = "the golden files have paths of Unix")]
async fn a_login_is_kept_in_the_format_of_the_golden_file() {
    let home = tempfile::tempdir().unwrap();
    let now = steady(&kept(&home.path().join("tokens")).await);
    let known = steady(&golden(FILE));
    assert!(
        known == now,
        "{CHANGED}\n\n{}",
        super::difference(&known, &now)
    );
}

#[tokio::test(start_paused = true)]
async fn a_login_that_the_golden_file_has_is_read_back_whole() {
    let world = World::new();
    let home = tempfile::tempdir().unwrap();
    let directory = home.path().join("tokens");
    fs::create_dir(&directory).unwrap();
    set_mode(&directory, 0o700);
    let file = directory.join(FILE);
    fs::write(&file, golden(FILE)).unwrap();
    set_mode(&file, 0o600);
    let login = Login::load(&FileStore::new(&directory), &session()).await;
    let login = login.expect(LOST).expect(LOST);
    let answers: Vec<_> = login
        .answers()
        .map(|(_, token)| token.expose_secret().to_owned())
        .collect();
    assert_eq!(
        answers,
        ["access-2", "access-4", "access-5", "access-1"],
        "{LOST}"
    );
    assert_eq!(login.account(), Some("ada"), "{LOST}");
    assert_eq!(login.identity(), Some("1"), "{LOST}");
    assert_eq!(
        login.refresh_fingerprint(),
        Some(Fingerprint::of("refresh-5")),
        "{LOST}"
    );
    assert_eq!(
        login.refresh_expires_at(),
        Some(at(&world.clock, 86_460)),
        "{LOST}"
    );
    assert_eq!(login.server_session(), Some("session-1"), "{LOST}");
    assert!(
        login.id_token().is_some() && login.has_note("cookie"),
        "{LOST}"
    );
    assert!(login.challenge().is_some(), "{LOST}");

    // And it is good for what it was good for: without a request, and without a check that was made before.
    world.jump(2 * MINUTE);
    let stock = source(&world, &directory, "stock")
        .token()
        .await
        .expect(LOST);
    assert_eq!(stock.expose_secret(), "access-1", "{LOST}");
    let orders = source(&world, &directory, "orders").with_check(Keys::here(false));
    assert_eq!(
        orders.token().await.expect(LOST).expose_secret(),
        "access-3",
        "{LOST}"
    );
    let harbour = source(&world, &directory, "harbour").with_check(Keys::here(false));
    assert_eq!(
        harbour.token().await.expect(LOST).expose_secret(),
        "access-2",
        "{LOST}"
    );
    assert_eq!(world.asked(), 0, "{LOST}");
}

#[tokio::test(start_paused = true)]
#[ignore = "writes the golden file anew"]
async fn the_golden_login_is_written() {
    let home = tempfile::tempdir().unwrap();
    let entry = kept(&home.path().join("tokens")).await;
    fs::write(place().join(FILE), entry).unwrap();
}
