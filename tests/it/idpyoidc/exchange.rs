//! RFC 8693, as others understand it.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use auth_core::{
    AccessToken, CachedSource, ClientAuth, ErrorKind, StaticSource, TokenExchange, TokenSource,
};
use auth_verify::{Bearer, Issuer, RejectionKind, Unverified, Verifier};
use secrecy::SecretString;
use serde_json::Value;

use super::server::{Server, desktop};

/// Trades the tokens of `subject` for the client `requester`.
fn exchange(server: &Server, subject: Arc<dyn TokenSource>) -> TokenExchange {
    let requester = ClientAuth::basic("requester", SecretString::from("a-secret-of-the-requester"));
    TokenExchange::labelled(server.endpoint(requester), subject, "diana").with_scopes(["profile"])
}

fn said(token: &AccessToken) -> Value {
    let token = Unverified::peek(token.expose_secret()).unwrap();
    token.claims().clone()
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask conformance idpyoidc"]
async fn s2_1_a_token_of_one_client_is_traded_for_one_of_another_about_the_same_person() {
    let server = Server::at_hand();
    let subject = server.logged_in(desktop()).await;
    let before = subject.token().await.unwrap();
    let grant = exchange(&server, Arc::new(subject));
    let traded = CachedSource::new(grant, server.io());
    let after = traded.token().await.unwrap();
    assert!(!after.is_same(&before));
    assert_eq!(after.scope(), Some("profile"));
    let (subject, claims) = (said(&before), said(&after));
    assert_eq!(claims["preferred_username"], subject["preferred_username"]);
    assert_eq!(claims["client_id"], "requester");
    // The server names no audience in what it trades, so no service may take it.
    let issuer = Issuer::discovered(&server.issuer, "requester", server.io()).unwrap();
    let bearer = Bearer::new(after.expose_secret());
    let refused = Verifier::new(issuer).verify(bearer).await.unwrap_err();
    assert_eq!(refused.kind(), RejectionKind::BadClaim);
    assert!(claims.get("aud").is_none());
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask conformance idpyoidc"]
async fn s2_2_2_a_subject_that_is_no_token_or_of_an_odd_type_is_refused() {
    let server = Server::at_hand();
    let now = SystemTime::now();
    let end = now + Duration::from_secs(3_600);
    let garbage = AccessToken::new("garbage".into(), now, end).unwrap();
    let garbage = exchange(&server, Arc::new(StaticSource::new(garbage, &server.io())));
    let good = server.logged_in(desktop()).await;
    let odd = exchange(&server, Arc::new(good))
        .with_subject_type("urn:ietf:params:oauth:token-type:saml2");
    for grant in [garbage, odd] {
        let source = CachedSource::new(grant, server.io());
        let error = source.token().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Refused, "{error}");
        assert!(error.is_refusal("invalid_request"), "{error}");
    }
}
