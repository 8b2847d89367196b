//! Its tokens, checked as a service would check them: by `auth-verify`, and by `auth verify`.

use std::sync::Arc;

use auth_core::http::{Body, HttpClient};
use auth_core::session::Held;
use auth_core::{CachedSource, ClientAuth, ClientCredentials, Grant, TokenSource};
use auth_verify::{Bearer, IdTokenCheck, Issuer, Keys, RejectionKind, Verified, Verifier};
use http::Request;
use secrecy::SecretString;

use super::server::Server;
use super::web::{login, login_at};
use crate::program::{Program, nowhere};

const ALGORITHMS: [&str; 5] = ["RS256", "PS256", "ES256", "ES384", "EdDSA"];
const API: &str = "urn:api:ES256";

/// A token of a program for `audience`.
async fn issued(server: &Server, audience: &str) -> String {
    let endpoint = server.endpoint(ClientAuth::basic(
        "robot",
        SecretString::from("s3cret+/%&: x"),
    ));
    let grant = ClientCredentials::new(endpoint)
        .with_scopes(["read"])
        .with_parameter("resource", audience);
    let source = CachedSource::new(grant, server.io());
    source.token().await.unwrap().expose_secret().to_owned()
}

fn keys(server: &Server) -> Keys {
    Keys::discovered(server.provider())
}

fn api(server: &Server, audience: &str) -> Verifier {
    Verifier::new(Issuer::new(&server.issuer, audience, keys(server)).unwrap())
}

fn id_tokens(server: &Server, client: &str) -> Verifier {
    Verifier::new(Issuer::id_tokens(&server.issuer, client, keys(server)).unwrap())
}

async fn ask(checks: &Verifier, token: &str) -> Result<Verified, RejectionKind> {
    let outcome = checks.verify(Bearer::new(token)).await;
    outcome.map_err(|rejection| rejection.kind())
}

async fn refused(checks: &Verifier, token: &str) -> RejectionKind {
    ask(checks, token).await.map(drop).unwrap_err()
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask conformance oidc-provider"]
async fn an_access_token_of_each_algorithm_is_for_its_audience_alone() {
    let server = Server::at_hand();
    for algorithm in ALGORITHMS {
        let audience = format!("urn:api:{algorithm}");
        let token = issued(&server, &audience).await;
        let caller = ask(&api(&server, &audience), &token).await.unwrap();
        assert_eq!(caller.client().as_deref(), Some("robot"), "{algorithm}");
        assert!(caller.has_scope("read"));
        let strict = Issuer::rfc9068(&server.issuer, audience, keys(&server)).unwrap();
        assert!(
            ask(&Verifier::new(strict), &token).await.is_ok(),
            "{algorithm}"
        );
        let other = refused(&api(&server, "urn:other"), &token).await;
        assert_eq!(other, RejectionKind::WrongAudience);
        let login = refused(&id_tokens(&server, "robot"), &token).await;
        assert_ne!(login, RejectionKind::KeysUnavailable);
    }
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask conformance oidc-provider"]
async fn a_token_of_another_issuer_is_refused_though_the_keys_are_the_same() {
    let server = Server::at_hand();
    let token = issued(&server, API).await;
    for name in [
        format!("{}/", server.issuer),
        server.issuer.replace("/op", "/OP"),
        "https://login.example.org".to_owned(),
    ] {
        let issuer = Issuer::new(&name, API, keys(&server)).unwrap();
        let kind = refused(&Verifier::new(issuer), &token).await;
        assert_eq!(kind, RejectionKind::UnknownIssuer, "{name}");
    }
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask conformance oidc-provider"]
async fn a_person_s_access_token_and_id_token_are_each_good_for_one_thing() {
    let server = Server::at_hand();
    for client in ["desktop", "desktop-ec"] {
        let grant = login(&server, client, API);
        let set = grant.exchange(&Held::new()).await.unwrap();
        let (access, id) = (set.access().expose_secret(), set.id().unwrap());
        let caller = ask(&api(&server, API), access).await.unwrap();
        assert_eq!(caller.subject().as_deref(), Some("ada"));
        let who = id_tokens(&server, client);
        let caller = ask(&who, id.expose_secret()).await.unwrap();
        assert_eq!(caller.subject().as_deref(), Some("ada"));
        let kind = refused(&id_tokens(&server, "other"), id.expose_secret()).await;
        assert_eq!(kind, RejectionKind::WrongAudience);
        let kind = refused(&api(&server, client), id.expose_secret()).await;
        assert_eq!(kind, RejectionKind::NotAnAccessToken);
    }
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask conformance oidc-provider"]
async fn rfc8707_s2_2_a_login_for_several_resources_gives_a_token_for_each_and_for_no_other() {
    let (server, other) = (Server::at_hand(), "urn:api:PS256");
    let endpoint = server.endpoint(ClientAuth::public("desktop"));
    let first = endpoint.clone().with_parameter("resource", API);
    let login = login_at(&server, first, API).with_parameter("resource", "urn:api:RS256");
    let set = login.exchange(&Held::new()).await.unwrap();
    assert!(
        ask(&api(&server, API), set.access().expose_secret())
            .await
            .is_ok()
    );
    let second = endpoint.clone().with_parameter("resource", "urn:api:RS256");
    let set = second
        .refresh(&Held::new(), set.refresh().unwrap(), &[])
        .await
        .unwrap();
    let token = set.access().expose_secret();
    assert!(ask(&api(&server, "urn:api:RS256"), token).await.is_ok());
    let third = endpoint.with_parameter("resource", other);
    let refused = third
        .refresh(&Held::new(), set.refresh().unwrap(), &[])
        .await;
    let error = refused.map(drop).unwrap_err();
    assert!(error.is_refusal("invalid_target"), "{error}");
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask conformance oidc-provider"]
async fn a_source_hands_out_a_token_after_the_id_token_beside_it_was_checked() {
    let server = Server::at_hand();
    for (client, good) in [("desktop", true), ("other", false)] {
        let check = IdTokenCheck::new(id_tokens(&server, client));
        let source = CachedSource::new(login(&server, "desktop", API), server.io());
        let source = source.with_check(Arc::new(check));
        assert_eq!(source.token().await.is_ok(), good, "{client}");
    }
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask conformance oidc-provider"]
async fn a_key_that_the_server_drops_takes_its_tokens_with_it_at_the_next_fetch() {
    let server = Server::at_hand().changing();
    let audience = "urn:api:RS256";
    let checks = api(&server, audience);
    let fetched = || checks.issuers()[0].keys().stats().fetched;
    let first = issued(&server, audience).await;
    assert!(ask(&checks, &first).await.is_ok());
    change(&server, "added").await;
    let second = issued(&server, audience).await;
    assert!(ask(&checks, &second).await.is_ok());
    assert!(ask(&checks, &first).await.is_ok(), "its key is still there");
    assert_eq!(fetched(), 2);
    change(&server, "replaced").await;
    assert!(ask(&checks, &first).await.is_ok(), "nobody has told us yet");
    let third = issued(&server, audience).await;
    assert!(ask(&checks, &third).await.is_ok());
    assert_eq!(fetched(), 3);
    let program = server.program();
    let verify = |token: &str| program.verify(token, &server.issuer, audience, &[]).code;
    for dropped in [&first, &second] {
        assert_eq!(refused(&checks, dropped).await, RejectionKind::UnknownKey);
        assert_eq!(verify(dropped), 3);
    }
    assert_eq!(verify(&third), 0);
}

async fn change(server: &Server, how: &str) {
    let request = Request::post(format!("{}/keys/{how}", server.issuer));
    let answer = server.http.send(request.body(Body::empty()).unwrap()).await;
    assert!(answer.unwrap().status().is_success());
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask conformance oidc-provider"]
async fn the_program_accepts_with_0_refuses_with_3_and_can_not_tell_with_5() {
    let server = Server::at_hand();
    let program: Program = server.program();
    let token = issued(&server, API).await;
    let verify = |token: &str, audience: &str, more: &[&str]| {
        program.verify(token, &server.issuer, audience, more)
    };
    let accepted = verify(&token, API, &["--kind", "rfc9068"]);
    assert_eq!(accepted.code, 0, "{accepted:?}");
    assert_eq!(accepted.text["claims"]["client_id"], "robot");
    let spoiled = format!("{}AAAA", &token[..token.len() - 4]);
    for (token, audience, more, kind) in [
        (&*token, "urn:other", &[][..], "wrong_audience"),
        (
            &token,
            API,
            &["--algorithm", "RS256"],
            "algorithm_not_allowed",
        ),
        (&token, API, &["--role", "admin"], "role_missing"),
        (&token, "desktop", &["--kind", "id-token"], "wrong_type"),
        (&spoiled, API, &[], "bad_signature"),
    ] {
        let refused = verify(token, audience, more);
        assert_eq!(refused.code, 3, "{refused:?}");
        assert_eq!(refused.text["rejection"], kind, "{refused:?}");
    }
    let nobody = verify(&token, API, &["--jwks", &nowhere()]);
    assert_eq!(nobody.code, 5, "{nobody:?}");
    assert_eq!(nobody.text["rejection"], "keys_unavailable");
    let set = login(&server, "desktop", API).exchange(&Held::new()).await;
    let set = set.unwrap();
    let id = set.id().unwrap().expose_secret();
    assert_eq!(verify(id, "desktop", &["--kind", "id-token"]).code, 0);
    assert_eq!(verify(id, "desktop", &[]).code, 3);
}
