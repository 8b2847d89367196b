//! Where keys are: at the issuer's own host, behind https, in a file, or in a place of the caller's own.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use auth_core::{BoxFuture, Error, ErrorKind, Provider, Result};
use auth_testkit::Fault;
use auth_verify::RejectionKind::{KeysUnavailable, Misconfigured, UnknownKey};
use auth_verify::{Issuer, KeySource, Keys, Verifier};
use serde_json::json;

use super::{SECOND, asked, check, claims_of, junk, token};
use crate::verify::forge::Forge;
use crate::world::{HOUR, World};

#[tokio::test(start_paused = true)]
async fn keys_are_found_by_discovery_on_the_issuers_own_host() {
    let world = World::with_life(100 * HOUR);
    let discovered = |host: Option<&str>| {
        let keys = Keys::discovered(Provider::new(world.server.issuer(), world.io()).unwrap());
        let keys = match host {
            Some(host) => keys.with_host(host).unwrap(),
            None => keys,
        };
        let issuer = Issuer::new(&world.server.issuer(), "api", keys).unwrap();
        Verifier::new(issuer)
    };
    let good = token(&world).await;
    assert_eq!(check(&discovered(None), &good).await, Ok(()));
    let place = "/.well-known/openid-configuration";
    let elsewhere = || Fault::member("jwks_uri", "https://keys.test/jwks");
    world.server.fault(place, elsewhere());
    assert_eq!(check(&discovered(None), &good).await, Err(Misconfigured));
    world.server.fault(place, elsewhere());
    assert_eq!(check(&discovered(Some("keys.test")), &good).await, Ok(()));
    // Clusters and build services have keys and no token endpoint.
    world.server.fault(place, Fault::without("token_endpoint"));
    assert_eq!(check(&discovered(None), &good).await, Ok(()));
    for spoiled in [
        Fault::member("issuer", "https://evil.test"),
        Fault::member("issuer", "https://auth.test/"),
        Fault::member("jwks_uri", "http://auth.test/jwks"),
        Fault::without("jwks_uri"),
    ] {
        let before = asked(&world);
        world.server.fault(place, spoiled);
        assert_eq!(check(&discovered(None), &good).await, Err(Misconfigured));
        assert_eq!(asked(&world), before);
    }
}

/// A place of the caller's own, which counts how often it is asked.
#[derive(Clone, Debug)]
struct Vault {
    asked: Arc<AtomicUsize>,
    answer: Result<String>,
}

impl KeySource for Vault {
    fn jwks(&self) -> BoxFuture<'_, Result<Vec<u8>>> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let answer = self.answer.clone().map(String::into_bytes);
        Box::pin(async { answer })
    }
}

#[tokio::test(start_paused = true)]
async fn keys_from_a_place_of_the_callers_own_follow_the_same_policy() {
    let (world, forge) = (World::new(), Forge::p256("k"));
    let claims = claims_of("https://auth.test");
    let checks_of = |vault: &Vault| {
        let keys = Keys::from_source(vault.clone(), world.io());
        let issuer = Issuer::new("https://auth.test", "api", keys).unwrap();
        Verifier::new(issuer)
    };
    let mut vault = Vault {
        asked: Arc::default(),
        answer: Ok(json!({ "keys": [forge.jwk()] }).to_string()),
    };
    let checks = checks_of(&vault);
    for _ in 0..3 {
        assert_eq!(check(&checks, &forge.token(&claims)).await, Ok(()));
    }
    for number in 0..50 {
        let expected = if number < 2 {
            UnknownKey
        } else {
            KeysUnavailable
        };
        assert_eq!(check(&checks, &junk(number)).await, Err(expected));
    }
    assert_eq!(vault.asked.swap(0, Ordering::SeqCst), 3);

    vault.answer = Err(Error::unavailable("sealed"));
    let checks = checks_of(&vault);
    for _ in 0..50 {
        let outcome = check(&checks, &forge.token(&claims)).await;
        assert_eq!(outcome, Err(KeysUnavailable));
    }
    assert_eq!(vault.asked.load(Ordering::SeqCst), 1);
}

#[test]
fn keys_come_over_https_or_from_loopback() {
    let at = |url: &str| Keys::at(url.parse().unwrap(), auth_core::Io::new()).is_ok();
    assert!(at("https://a.b/jwks?x=y") && at("http://127.0.0.1:8/jwks") && at("http://localhost/"));
    for bad in [
        "http://a.b/jwks",
        "file:///etc/keys",
        "ftp://a.b/",
        "https://u@a.b/",
        "https://u:p@a.b/",
        "https://a.b/#x",
        "http://169.254.169.254/",
        "data:text/plain,x",
    ] {
        assert!(!at(bad), "{bad}");
    }
}

#[tokio::test]
async fn keys_in_a_file_are_read_again_when_it_changes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("jwks.json");
    let (old, new) = (Forge::p256("old"), Forge::p256("new"));
    let write = |forge: &Forge| {
        std::fs::write(&path, json!({ "keys": [forge.jwk()] }).to_string()).unwrap();
    };
    let checks = crate::verify::timed(Verifier::new(crate::verify::issuer(Keys::file(&path))));
    assert_eq!(
        check(&checks, &old.token(&crate::verify::claims())).await,
        Err(KeysUnavailable)
    );
    write(&old);
    let checks = crate::verify::timed(Verifier::new(crate::verify::issuer(Keys::file(&path))));
    assert_eq!(
        check(&checks, &old.token(&crate::verify::claims())).await,
        Ok(())
    );
    let blanks = vec![b' '; (1 << 20) + 1];
    let long = folder.path().join("long.json");
    std::fs::write(&long, blanks).unwrap();
    for never in [&*long, folder.path()] {
        let error = Keys::file(never).warm_up().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config, "{error}");
    }
    write(&new);
    let later = std::time::SystemTime::now() + SECOND;
    std::fs::File::options()
        .append(true)
        .open(&path)
        .unwrap()
        .set_modified(later)
        .unwrap();
    assert_eq!(
        check(&checks, &new.token(&crate::verify::claims())).await,
        Ok(())
    );
    assert_eq!(
        check(&checks, &old.token(&crate::verify::claims())).await,
        Err(UnknownKey)
    );
}
