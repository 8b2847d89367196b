//! Discovery: an issuer's endpoints, and the checks that keep it honest.

use std::time::Duration;

use auth_core::clock::Clock;
use auth_core::{
    CachedSource, ClientAuth, ClientCredentials, ErrorKind, Provider, TokenEndpoint, TokenSource,
};
use auth_testkit::Fault;
use secrecy::SecretString;

use crate::world::{HOUR, MINUTE, World};

const OPENID: &str = "/.well-known/openid-configuration";
const OAUTH: &str = "/.well-known/oauth-authorization-server";

impl World {
    fn provider(&self) -> Provider {
        Provider::new(self.server.issuer(), self.io()).unwrap()
    }
}

#[tokio::test(start_paused = true)]
async fn an_endpoint_is_found_at_the_first_request_and_remembered_for_a_day() {
    let world = World::new();
    let client = ClientAuth::basic("robot", SecretString::from("s3cret"));
    let endpoint = TokenEndpoint::discovered(world.provider(), client);
    let source = CachedSource::new(ClientCredentials::new(endpoint), world.io());
    assert_eq!(world.server.count(OPENID), 0);
    for _ in 0..3 {
        source.renew().await.unwrap();
    }
    assert_eq!((world.server.count(OPENID), world.asked()), (1, 3));
    world.pass(25 * HOUR).await;
    source.renew().await.unwrap();
    assert_eq!(world.server.count(OPENID), 2);
    assert_eq!(source.key().session().issuer(), world.server.issuer());
}

#[tokio::test(start_paused = true)]
async fn rfc8414_s3_3_an_issuer_that_calls_itself_otherwise_is_refused() {
    for (other, kind) in [
        ("https://evil.example", ErrorKind::Protocol),
        // The same in another spelling is a slip of whoever configured it.
        ("https://auth.test/", ErrorKind::Config),
        ("https://AUTH.test", ErrorKind::Config),
    ] {
        let world = World::new();
        world.server.fault(OPENID, Fault::member("issuer", other));
        let provider = world.provider().with_place("auth.toml:7");
        let error = provider.metadata().await.unwrap_err();
        assert_eq!(error.kind(), kind, "{other}");
        assert!(error.to_string().contains(other), "{error}");
        let names_place = error.message().starts_with("auth.toml:7: ");
        assert_eq!(names_place, kind == ErrorKind::Config, "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn s18_an_endpoint_that_is_not_https_is_refused_when_it_is_needed_and_named() {
    for bad in [
        "http://auth.test/token",
        "ftp://auth.test",
        "http://127.0.0.1/token",
    ] {
        let world = World::new();
        let fault = Fault::member("token_endpoint", bad).always();
        world.server.fault(OPENID, fault);
        let client = ClientAuth::basic("robot", SecretString::from("s3cret"));
        let endpoint = TokenEndpoint::discovered(world.provider(), client);
        let source = CachedSource::new(ClientCredentials::new(endpoint), world.io());
        let error = source.token().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Protocol, "{bad}");
        let named = format!("name `token_endpoint` as {bad}, which is not https");
        assert!(error.message().contains(&named), "{error}");
        // Whoever needs another one is not kept from it.
        let metadata = world.provider().metadata().await.unwrap();
        assert!(metadata.token_endpoint.is_none() && metadata.jwks_uri.is_some());
    }
}

#[tokio::test(start_paused = true)]
async fn rfc8414_s3_the_other_place_is_tried_where_openid_connects_has_no_metadata() {
    for fault in [
        Fault::status(400),
        Fault::status(401),
        Fault::status(403),
        Fault::status(404),
        Fault::status(405),
        Fault::status(500),
        Fault::html(200),
        Fault::truncated(),
        Fault::huge(2 << 20),
        Fault::redirect(302, "https://auth.test/login"),
        Fault::without("issuer"),
    ] {
        let world = World::new();
        let said = format!("{fault:?}");
        world.server.fault(OPENID, fault);
        let metadata = world.provider().metadata().await;
        assert!(metadata.is_ok(), "{said}: {metadata:?}");
        assert_eq!(world.server.count(OAUTH), 1, "{said}");
    }
    // A document of another issuer is one, and a server that is busy is so everywhere.
    for fault in [
        Fault::member("issuer", "https://evil.example"),
        Fault::status(503),
        Fault::status(429),
    ] {
        let world = World::new();
        world.server.fault(OPENID, fault);
        world.provider().metadata().await.unwrap_err();
        assert_eq!(world.server.count(OAUTH), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn an_issuer_with_a_path_is_found_too() {
    let world = World::new();
    let server = world.server.clone().with_issuer_path("/realms/x");
    let provider = Provider::new(server.issuer(), server.io()).unwrap();
    let metadata = provider.metadata().await.unwrap();
    assert!(
        metadata
            .token_endpoint
            .as_ref()
            .unwrap()
            .path()
            .ends_with("/realms/x/token")
    );
}

#[tokio::test(start_paused = true)]
async fn odd_metadata_is_a_typed_error_and_forgotten() {
    for (fault, kind) in [
        (Fault::html(200), ErrorKind::Protocol),
        (Fault::truncated(), ErrorKind::Protocol),
        (Fault::huge(2 << 20), ErrorKind::Protocol),
        (Fault::status(403), ErrorKind::Config),
        (
            Fault::redirect(302, "https://evil.example"),
            ErrorKind::Config,
        ),
        (Fault::status(503), ErrorKind::Unavailable),
        (Fault::drip(Duration::from_secs(1)), ErrorKind::Unavailable),
    ] {
        let world = World::new();
        let said = format!("{fault:?}");
        world.server.fault(OPENID, fault);
        world.server.fault(OAUTH, Fault::status(404));
        let provider = world.provider();
        assert_eq!(
            provider.metadata().await.unwrap_err().kind(),
            kind,
            "{said}"
        );
        world.server.clear_faults();
        provider.metadata().await.unwrap();
    }
}

/// A cluster, or a build service: its metadata name its keys, and no place to ask for tokens.
#[tokio::test(start_paused = true)]
async fn an_issuer_without_a_token_endpoint_has_keys_and_no_tokens_to_ask_for() {
    let world = World::new();
    let missing = Fault::without("token_endpoint").always();
    world.server.fault(OPENID, missing);
    let provider = world.provider();
    let metadata = provider.metadata().await.unwrap();
    assert!(metadata.token_endpoint.is_none() && metadata.jwks_uri.is_some());
    let endpoint = TokenEndpoint::discovered(
        provider,
        ClientAuth::basic("robot", SecretString::from("s3cret")),
    );
    let source = CachedSource::new(ClientCredentials::new(endpoint), world.io());
    let error = source.token().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(error.to_string().contains("token endpoint"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn while_discovery_fails_the_known_endpoints_are_believed_on() {
    let world = World::new();
    let provider = world.provider();
    let known = provider.metadata().await.unwrap();
    let client = ClientAuth::basic("robot", SecretString::from("s3cret"));
    let endpoint = TokenEndpoint::discovered(provider.clone(), client);
    let source = CachedSource::new(ClientCredentials::new(endpoint), world.io());
    world.pass(25 * HOUR).await;
    let slow = Fault::status(503).with_delay(Duration::from_secs(9));
    world.server.fault(OPENID, slow.always());
    world.server.clear_requests();
    let start = world.clock.now().monotonic;
    let waited = || world.clock.now().monotonic - start;
    let first = tokio::spawn({
        let provider = provider.clone();
        async move { provider.metadata().await.map(drop) }
    });
    tokio::task::yield_now().await;
    let go_on = || async {
        for _ in 0..5 {
            let believed = provider.metadata().await.unwrap();
            assert_eq!(believed.token_endpoint, known.token_endpoint);
            source.renew().await.unwrap();
        }
    };
    go_on().await;
    assert_eq!(waited(), Duration::ZERO, "they go on with what is known");
    assert!(!first.is_finished(), "discovery is still asked");
    first.await.unwrap().unwrap();
    go_on().await;
    assert_eq!(world.server.count(OPENID), 1, "a failure is remembered");
    assert_eq!(waited(), Duration::from_secs(9));
    assert_eq!(world.asked(), 10, "and each of them got its token");
    world.server.clear_faults();
    world.pass(MINUTE).await;
    provider.metadata().await.unwrap();
    assert_eq!(world.server.count(OPENID), 2);
    world.pass(23 * HOUR).await;
    provider.metadata().await.unwrap();
    assert_eq!(world.server.count(OPENID), 2);
}

#[tokio::test(start_paused = true)]
async fn a_source_of_an_issuer_that_is_down_says_so() {
    let world = World::new();
    world.server.fault(OPENID, Fault::refused().always());
    let endpoint = TokenEndpoint::discovered(world.provider(), ClientAuth::public("desktop"));
    let source = CachedSource::new(ClientCredentials::new(endpoint), world.io());
    assert_eq!(
        source.token().await.unwrap_err().kind(),
        ErrorKind::Unavailable
    );
}
