//! The logout page (OpenID Connect RP-Initiated Logout), and providers that are known without discovery.

use std::sync::Arc;

use auth_core::endpoint::LoggedOut;
use auth_core::provider::Metadata;
use auth_core::store::{MemoryStore, TokenStore};
use auth_core::token::IdToken;
use auth_core::{ClientAuth, ErrorKind, Provider, TokenEndpoint, TokenSource};
use auth_testkit::Fault;
use url::Url;

use crate::world::World;

fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

fn known(world: &World) -> Metadata {
    let mut metadata = Metadata::new(world.server.issuer(), world.server.url("/token"));
    metadata.end_session_endpoint = Some(url("https://auth.test/logout?theme=dark"));
    metadata.revocation_endpoint = Some(world.server.url("/revoke"));
    metadata
}

#[tokio::test(start_paused = true)]
async fn s2_the_page_is_told_which_login_ends_and_where_to_go_back_to() {
    let world = World::new();
    let provider = Provider::known(known(&world), world.io()).unwrap();
    let endpoint = TokenEndpoint::discovered(provider, ClientAuth::public("desktop"));
    let (id, back) = (
        IdToken::new("a.b.c".to_owned()),
        url("http://localhost:1/out?x=1"),
    );
    let page = endpoint.logout_page(Some(&id), Some(&back)).await.unwrap();
    assert_eq!(
        page.as_str(),
        "https://auth.test/logout?theme=dark&id_token_hint=a.b.c&client_id=desktop\
         &post_logout_redirect_uri=http%3A%2F%2Flocalhost%3A1%2Fout%3Fx%3D1"
    );
    let bare = endpoint.logout_page(None, None).await.unwrap();
    assert_eq!(bare.query(), Some("theme=dark&client_id=desktop"));
    assert!(
        world.server.requests().is_empty(),
        "a known provider is not asked"
    );
}

#[tokio::test(start_paused = true)]
async fn a_server_without_the_page_is_a_matter_of_configuration() {
    let world = World::new();
    let without = Fault::without("end_session_endpoint");
    world
        .server
        .fault("/.well-known/openid-configuration", without);
    let endpoint = world.found(ClientAuth::public("desktop"));
    let error = endpoint.logout_page(None, None).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
}

#[tokio::test(start_paused = true)]
async fn a_known_provider_serves_requests_without_ever_being_discovered() {
    let world = World::new();
    let provider = Provider::known(known(&world), world.io()).unwrap();
    let endpoint = TokenEndpoint::discovered(provider, ClientAuth::public("desktop"));
    let token = world.server.login("desktop", "ada", &["read"]);
    endpoint.revoke(&token).await.unwrap();
    let [only] = &world.server.requests()[..] else {
        panic!()
    };
    assert_eq!(only.path(), "/revoke");
}

#[tokio::test(start_paused = true)]
async fn s18_a_known_endpoint_that_is_not_https_is_refused() {
    let world = World::new();
    let mut metadata = known(&world);
    metadata.authorization_endpoint = Some(url("http://auth.test/authorize"));
    let error = Provider::known(metadata, world.io()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Protocol);
    let odd = Metadata::new("http://auth.test", world.server.url("/token"));
    let error = Provider::known(odd, world.io()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
}

#[tokio::test(start_paused = true)]
async fn a_login_is_revoked_at_the_server_and_then_forgotten() {
    let world = World::new();
    let store: Arc<dyn TokenStore> = Arc::new(MemoryStore::new());
    let first = world.server.login("desktop", "ada", &["read"]);
    let source = world.person_in(&store, &first, &["read"]);
    source.token().await.unwrap();
    let kept = source.refresh_token().await.unwrap().unwrap();
    let endpoint = world.found(ClientAuth::public("desktop"));
    let session = source.key().session();
    let outcome = endpoint.log_out(&*store, session, &[]).await.unwrap();
    assert!(matches!(outcome, LoggedOut::Revoked), "{outcome:?}");
    assert!(!world.server.is_live(&kept));
    assert!(store.load(session).await.unwrap().is_none());
    let again = endpoint.log_out(&*store, session, &[]).await.unwrap();
    assert!(matches!(again, LoggedOut::NoLogin), "{again:?}");
    assert_eq!(world.server.count("/revoke"), 1);
}

#[tokio::test(start_paused = true)]
async fn s27_a_login_that_the_server_does_not_revoke_is_forgotten_all_the_same() {
    let world = World::new();
    let store: Arc<dyn TokenStore> = Arc::new(MemoryStore::new());
    let first = world.server.login("desktop", "ada", &["read"]);
    let source = world.person_in(&store, &first, &["read"]);
    source.token().await.unwrap();
    world.server.fault("/revoke", Fault::status(503).always());
    let endpoint = world.found(ClientAuth::public("desktop"));
    let session = source.key().session();
    let outcome = endpoint.log_out(&*store, session, &[]).await.unwrap();
    let LoggedOut::NotRevoked(error) = outcome else {
        panic!("{outcome:?}")
    };
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(store.load(session).await.unwrap().is_none());
}
