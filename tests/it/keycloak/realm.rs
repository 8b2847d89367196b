//! From an address to requests, and what they carry.

use std::sync::{Arc, Mutex};

use auth_core::http::{Body, HttpClient};
use auth_core::prompt::NoPrompt;
use auth_core::{BoxFuture, CachedSource, ClientAuth, Io, RefreshToken, Result, TokenSource};
use auth_keycloak::Realm;
use http::{Request, Response};
use insta::assert_snapshot;
use secrecy::SecretString;
use url::Url;

/// Answers every request with a token and the next refresh token, and remembers it.
#[derive(Debug, Default)]
struct Scribe(Mutex<Vec<String>>);

impl HttpClient for Scribe {
    fn send(&self, request: Request<Body>) -> BoxFuture<'_, Result<Response<Body>>> {
        Box::pin(async move {
            let (head, body) = request.into_parts();
            let body = body.bytes(10_000).await?;
            let mut sent = self.0.lock().unwrap();
            let form = String::from_utf8(body.to_vec()).unwrap();
            sent.push(format!("{} {} {form}", head.method, head.uri));
            let answer = format!(
                r#"{{"access_token":"a{0}","token_type":"Bearer","expires_in":300,
                    "refresh_expires_in":0,"refresh_token":"r{0}","scope":"offline_access"}}"#,
                sent.len()
            );
            Ok(Response::new(answer.into()))
        })
    }
}

impl Scribe {
    fn realm() -> (Arc<Self>, Realm) {
        let scribe = Arc::new(Self::default());
        let io = Io::new().with_http(scribe.clone());
        (scribe, Realm::new("https://a.b", "x", io).unwrap())
    }

    fn lines(&self) -> String {
        self.0.lock().unwrap().join("\n")
    }
}

async fn twice(source: CachedSource) {
    source.renew().await.unwrap();
    source.renew().await.unwrap();
}

#[test]
fn a_realm_is_found_with_and_without_the_old_path() {
    let issuer = |base, name| {
        let realm = Realm::new(base, name, Io::new());
        realm.unwrap().issuer().to_owned()
    };
    assert_eq!(issuer("https://a.b", "x"), "https://a.b/realms/x");
    assert_eq!(issuer("https://a.b/", "x"), "https://a.b/realms/x");
    assert_eq!(issuer("https://a.b/auth", "x"), "https://a.b/auth/realms/x");
    assert_eq!(
        issuer("https://a.b/auth/", "x y"),
        "https://a.b/auth/realms/x%20y"
    );
    assert_eq!(
        issuer("http://127.0.0.1:8080", "x"),
        "http://127.0.0.1:8080/realms/x"
    );
    for given in ["https://a.b/realms/x", "https://a.b/auth/realms/x/"] {
        let realm = Realm::from_issuer(given, Io::new()).unwrap();
        assert_eq!(realm.issuer(), given.trim_end_matches('/'));
    }
}

#[test]
fn what_is_no_address_of_a_realm_is_refused_with_what_would_be() {
    let new = |base, name| Realm::new(base, name, Io::new()).unwrap_err();
    assert_snapshot!(new("a.b", "x"), @"a.b is no URL; give the https URL of the Keycloak server");
    assert_snapshot!(new("http://a.b", "x"), @"the issuer http://a.b/realms/x is not https; give the issuer as the provider's documentation spells it");
    assert_snapshot!(new("mailto:a@b", "x"), @"mailto:a@b is no URL of a server; give the https URL of the Keycloak server");
    assert_snapshot!(new("https://a.b", ""), @"the realm has no name; give the name that follows /realms/ in the server's URLs");
    assert_snapshot!(new("https://a.b/realms/x", "x"), @"the base https://a.b/realms/x of a Keycloak server has a realm in it; leave /realms/ and what follows away, or give the issuer alone");
    let canary = new("https://u:canary@a.b", "x").to_string();
    assert!(!canary.contains("canary"), "{canary}");
    let from = |issuer| Realm::from_issuer(issuer, Io::new()).unwrap_err();
    assert_snapshot!(from("https://a.b"), @"the issuer of a Keycloak realm has a realm in it; give …/realms/ and the realm's name, as the server spells it");
    assert_snapshot!(from("https://a.b/realms/x/account?canary"), @"the issuer of a Keycloak realm ends with the realm's name; give https://a.b/realms/x");
}

#[tokio::test]
async fn the_endpoints_follow_from_the_address() {
    let (scribe, realm) = Scribe::realm();
    let metadata = realm.provider().metadata().await.unwrap();
    let path = |url: &Option<Url>| url.as_ref().unwrap().path().to_owned();
    let paths = [
        path(&metadata.token_endpoint),
        path(&metadata.authorization_endpoint),
        path(&metadata.device_authorization_endpoint),
        path(&metadata.revocation_endpoint),
        path(&metadata.introspection_endpoint),
        path(&metadata.userinfo_endpoint),
        path(&metadata.end_session_endpoint),
        path(&metadata.jwks_uri),
    ];
    assert_snapshot!(paths.join("\n"), @r"
    /realms/x/protocol/openid-connect/token
    /realms/x/protocol/openid-connect/auth
    /realms/x/protocol/openid-connect/auth/device
    /realms/x/protocol/openid-connect/revoke
    /realms/x/protocol/openid-connect/token/introspect
    /realms/x/protocol/openid-connect/userinfo
    /realms/x/protocol/openid-connect/logout
    /realms/x/protocol/openid-connect/certs
    ");
    assert_eq!(scribe.lines(), "", "no request is spent on them");
}

#[tokio::test]
async fn a_service_asks_with_its_secret_and_scopes() {
    let (scribe, realm) = Scribe::realm();
    twice(
        realm
            .clone()
            .with_scopes(["openid"])
            .service(ClientAuth::body("c", SecretString::from("s"))),
    )
    .await;
    twice(realm.service(ClientAuth::body("c", SecretString::from("s")))).await;
    assert_snapshot!(scribe.lines(), @r"
    POST https://a.b/realms/x/protocol/openid-connect/token grant_type=client_credentials&scope=openid&client_id=c&client_secret=s
    POST https://a.b/realms/x/protocol/openid-connect/token grant_type=client_credentials&scope=openid&client_id=c&client_secret=s
    POST https://a.b/realms/x/protocol/openid-connect/token grant_type=client_credentials&client_id=c&client_secret=s
    POST https://a.b/realms/x/protocol/openid-connect/token grant_type=client_credentials&client_id=c&client_secret=s
    ");
}

#[tokio::test]
async fn a_refresh_sends_no_scope_and_the_newest_token() {
    let (scribe, realm) = Scribe::realm();
    let realm = realm.with_scopes(["openid", ""]);
    let given = RefreshToken::new("given");
    twice(realm.offline(ClientAuth::public("jobs"), given)).await;
    assert_snapshot!(scribe.lines(), @r"
    POST https://a.b/realms/x/protocol/openid-connect/token grant_type=refresh_token&refresh_token=given&client_id=jobs
    POST https://a.b/realms/x/protocol/openid-connect/token grant_type=refresh_token&refresh_token=r1&client_id=jobs
    ");
}

#[test]
fn an_offline_session_is_named_after_its_token_and_the_issuer() {
    let (_, realm) = Scribe::realm();
    let given = RefreshToken::new("given");
    let session = |realm: &Realm| {
        let source = realm.offline(ClientAuth::public("jobs"), given.clone());
        source.key().session().clone()
    };
    let own = session(&realm);
    assert_eq!(
        (own.issuer(), own.client()),
        ("https://a.b/realms/x", "jobs")
    );
    assert_eq!(own.account(), given.fingerprint().name());
    assert_eq!(
        own,
        session(&realm.with_discovery()),
        "however its endpoints were found"
    );
}

#[tokio::test]
async fn discovery_asks_the_server_and_insists_on_the_issuer() {
    let (scribe, realm) = Scribe::realm();
    let source = realm
        .with_discovery()
        .service(ClientAuth::body("c", SecretString::from("s")));
    source.renew().await.unwrap_err();
    assert_snapshot!(scribe.lines().replace(" \n", "\n"), @r"
    GET https://a.b/realms/x/.well-known/openid-configuration
    GET https://a.b/.well-known/oauth-authorization-server/realms/x
    GET https://a.b/realms/x/.well-known/oauth-authorization-server
    ");
}

#[tokio::test]
async fn an_exchange_sends_the_subjects_token_and_the_audience() {
    let (scribe, realm) = Scribe::realm();
    let subject = Arc::new(realm.service(ClientAuth::public("s")));
    let source = realm
        .exchange(ClientAuth::public("c"), subject.clone(), "api")
        .unwrap();
    source.token().await.unwrap();
    assert_snapshot!(scribe.lines(), @r"
    POST https://a.b/realms/x/protocol/openid-connect/token grant_type=client_credentials&client_id=s
    POST https://a.b/realms/x/protocol/openid-connect/token grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange&subject_token=a1&subject_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Aaccess_token&audience=api&client_id=c
    ");
    let (own, theirs) = (source.key().session(), subject.key().session());
    assert_eq!(own.account(), theirs.account());
    assert_ne!(own, theirs);
}

#[test]
fn another_account_or_other_scopes_are_another_login() {
    let (_, realm) = Scribe::realm();
    let person = |realm: &Realm| realm.person(ClientAuth::public("c"), Arc::new(NoPrompt::new()));
    let own = person(&realm).session();
    assert_eq!(own, person(&realm).session());
    assert_eq!(&own, person(&realm).source().key().session());
    assert_ne!(own, person(&realm).with_account("ada").session());
    let scoped = |scopes: &[&str]| {
        let realm = realm.clone().with_scopes(scopes.iter().copied());
        person(&realm).session()
    };
    assert_ne!(own, scoped(&["openid"]));
    assert_eq!(scoped(&["a", "b"]), scoped(&["b", "a", "a"]));
}
