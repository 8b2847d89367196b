//! Its tokens, checked as a service would check them: by `auth-verify`, and by `auth verify`.

use auth_core::TokenSource;
use auth_verify::{Algorithm, Bearer, Issuer, RejectionKind, Verified, Verifier};

use super::server::{Server, desktop};
use crate::program::nowhere;

async fn ask(issuer: auth_core::Result<Issuer>, token: &str) -> Result<Verified, RejectionKind> {
    let checks = Verifier::new(issuer.unwrap());
    let outcome = checks.verify(Bearer::new(token)).await;
    outcome.map_err(|rejection| rejection.kind())
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask conformance idpyoidc"]
async fn an_access_token_of_es256_is_accepted_by_who_it_is_for_and_by_nobody_else() {
    let server = Server::at_hand();
    let source = server.logged_in(desktop()).await;
    let token = source.token().await.unwrap();
    let token = token.expose_secret();
    let checks = |name: &str, audience: &str| Issuer::new(name, audience, server.keys());
    let caller = ask(checks(&server.issuer, "desktop"), token).await.unwrap();
    assert_eq!(caller.client().as_deref(), Some("desktop"));
    assert!(caller.has_scope("profile"));
    let only = checks(&server.issuer, "desktop").unwrap();
    let only = only.with_algorithms([Algorithm::Es256]);
    assert!(ask(only, token).await.is_ok());
    let kind = ask(checks(&server.issuer, "other"), token).await;
    assert_eq!(kind.map(drop), Err(RejectionKind::WrongAudience));
    let kind = ask(checks("https://login.example.org", "desktop"), token).await;
    assert_eq!(kind.map(drop), Err(RejectionKind::UnknownIssuer));
    let strict = Issuer::rfc9068(&server.issuer, "desktop", server.keys());
    let kind = ask(strict, token).await;
    assert_eq!(kind.map(drop), Err(RejectionKind::WrongType));
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask conformance idpyoidc"]
async fn an_id_token_is_signed_with_another_key_and_says_who_logged_in() {
    let server = Server::at_hand();
    let source = server.logged_in(desktop()).await;
    let id = source.id_token().await.unwrap().unwrap();
    let checks = |client: &str| Issuer::id_tokens(&server.issuer, client, server.keys());
    assert!(ask(checks("desktop"), id.expose_secret()).await.is_ok());
    let kind = ask(checks("app"), id.expose_secret()).await;
    assert_eq!(kind.map(drop), Err(RejectionKind::WrongAudience));
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask conformance idpyoidc"]
async fn the_program_accepts_with_0_refuses_with_3_and_can_not_tell_with_5() {
    let server = Server::at_hand();
    let source = server.logged_in(desktop()).await;
    let token = source.token().await.unwrap();
    let program = server.program();
    for (audience, more, code) in [
        ("desktop", &[][..], 0),
        ("desktop", &["--algorithm", "ES256"], 0),
        ("desktop", &["--algorithm", "RS256"], 3),
        ("other", &[], 3),
        ("desktop", &["--kind", "rfc9068"], 3),
        ("desktop", &["--jwks", &nowhere()], 5),
    ] {
        let verdict = program.verify(token.expose_secret(), &server.issuer, audience, more);
        assert_eq!(verdict.code, code, "{audience} {more:?}: {verdict:?}");
    }
}
