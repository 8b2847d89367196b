//! What somebody brought panics: a failed renewal, and nothing is lost or locked.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use auth_core::session::{Held, Observer, TokenCheck, TokenSet};
use auth_core::store::{MemoryStore, SessionKey, StoreKey, TokenStore};
use auth_core::{
    AccessToken, BoxFuture, CachedSource, ErrorKind, Grant, Io, RefreshToken, Result, TokenSource,
};
use auth_testkit::{Policy, Rotation};
use auth_verify::{Bearer, Issuer, KeySource, Keys, RejectionKind, Verifier};

use serde_json::json;

use crate::verify::forge::Forge;
use crate::world::{HOUR, World, crowd, on_both_runtimes};

/// Panics until it is repaired.
#[derive(Clone, Debug, Default)]
struct Broken(Arc<AtomicBool>);

impl Broken {
    fn repair(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    fn touch(&self) {
        assert!(self.0.load(Ordering::SeqCst), "somebody's own panic");
    }
}

impl TokenCheck for Broken {
    fn check<'a>(&'a self, _: &'a TokenSet) -> BoxFuture<'a, Result<()>> {
        Box::pin(async {
            tokio::task::yield_now().await;
            self.touch();
            Ok(())
        })
    }
}

impl Observer for Broken {
    fn rotated(&self, _: &StoreKey, _: &RefreshToken) {
        self.touch();
    }
}

impl Grant for Broken {
    fn key(&self) -> StoreKey {
        StoreKey::new(SessionKey::new("https://auth.test", "robot", "default"))
    }

    fn exchange<'a>(&'a self, _: &'a Held) -> BoxFuture<'a, Result<TokenSet>> {
        // Before there is a future at all.
        self.touch();
        Box::pin(async {
            let now = std::time::SystemTime::now();
            AccessToken::new("token".into(), now, now + HOUR).map(TokenSet::new)
        })
    }
}

/// Keys from there.
#[derive(Debug)]
struct Vault(Broken, String);

impl KeySource for Vault {
    fn jwks(&self) -> BoxFuture<'_, Result<Vec<u8>>> {
        self.0.touch();
        Box::pin(async { Ok(self.1.clone().into_bytes()) })
    }
}

#[test]
fn a_grant_that_panics_is_a_failed_renewal_for_all_who_wait_and_holds_no_lock() {
    on_both_runtimes(|| async {
        let broken = Broken::default();
        let store: Arc<dyn TokenStore> = Arc::new(MemoryStore::new());
        let source = || CachedSource::new(broken.clone(), Io::new()).with_store(store.clone());
        let (one, other) = (source(), source());
        for answer in crowd(&one).await {
            let error = answer.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Unavailable);
            assert!(error.to_string().contains("panicked"), "{error}");
        }
        broken.repair();
        other.token().await.unwrap();
        one.token().await.unwrap();
    });
}

/// Ada's login in one store, at a server where each refresh token can be used once. Each call is another process.
fn ada(world: &World) -> impl Fn() -> CachedSource {
    let policy = Policy::new().with_rotation(Rotation::OneUse);
    world.server.set_policy(policy);
    let store: Arc<dyn TokenStore> = Arc::new(MemoryStore::new());
    let first = world.server.login("desktop", "ada", &["openid"]);
    move || world.person_in(&store, &first, &["openid"])
}

#[test]
fn a_check_that_panics_leaves_the_new_tokens_in_the_store() {
    on_both_runtimes(|| async {
        let (world, broken) = (World::new(), Broken::default());
        let process = ada(&world);
        let source = process().with_check(Arc::new(broken.clone()));
        for _ in 0..3 {
            let error = source.token().await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Unavailable);
        }
        broken.repair();
        source.token().await.unwrap();
        assert_eq!(world.asked(), 1, "what was spent was replaced once");
    });
}

#[test]
fn an_observer_that_panics_costs_no_refresh_token() {
    on_both_runtimes(|| async {
        let (world, broken) = (World::new(), Broken::default());
        let process = ada(&world);
        let source = process().with_observer(Arc::new(broken.clone()));
        let _ = source.token().await;
        broken.repair();
        source.token().await.unwrap();
        source.renew().await.unwrap();
        process().renew().await.unwrap();
    });
}

#[test]
fn a_key_source_that_panics_is_503_until_it_works() {
    on_both_runtimes(|| async {
        let broken = Broken::default();
        let forge = Forge::p256("k");
        let set = json!({ "keys": [forge.jwk()] }).to_string();
        let keys = Keys::from_source(Vault(broken.clone(), set), Io::new());
        let checks = Verifier::new(Issuer::new("https://auth.test", "api", keys).unwrap());
        let claims = json!({ "iss": "https://auth.test", "aud": "api", "exp": 1e12 });
        let token = forge.token(&claims);
        for _ in 0..3 {
            let rejection = checks.verify(Bearer::new(&token)).await.unwrap_err();
            assert_eq!(rejection.kind(), RejectionKind::KeysUnavailable);
            assert_eq!(rejection.status(), 503);
        }
        broken.repair();
        checks.verify(Bearer::new(&token)).await.unwrap();
    });
}
