//! A source that hands out only what would be let in.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use auth_core::session::{Held, TokenCheck, TokenSet};
use auth_core::store::{SessionKey, StoreKey};
use auth_core::token::IdToken;
use auth_core::{AccessToken, BoxFuture, CachedSource, ErrorKind, Grant, Result, TokenSource};
use auth_testkit::Fault;
use auth_verify::{IdTokenCheck, Issuer, Keys, Verifier};
use aws_lc_rs::digest::{SHA256, digest};
use serde_json::{Value, json};

use super::forge::{Forge, b64};
use super::{ISSUER, issuer, keys, timed, with};
use crate::world::{MINUTE, World};

fn set(access: &str, id: Option<&str>) -> TokenSet {
    let now = SystemTime::UNIX_EPOCH;
    let set = TokenSet::new(AccessToken::new(access.into(), now, now).unwrap());
    match id {
        Some(id) => set.with_id(IdToken::new(id.to_owned())),
        None => set,
    }
}

#[tokio::test(start_paused = true)]
async fn a_source_asks_a_verifier_before_it_hands_a_token_out() {
    let world = World::new();
    let checked = |audience: &str| {
        let keys = Keys::at(world.server.url("/jwks"), world.io()).unwrap();
        let issuer = Issuer::new(&world.server.issuer(), audience, keys).unwrap();
        let verifier = Verifier::new(issuer).with_clock(world.server.clock().clone());
        world.robot().with_check(Arc::new(verifier))
    };
    assert!(checked("api").token().await.is_ok());
    let error = checked("other").token().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Protocol);
    assert!(error.to_string().contains("for somebody else"), "{error}");
    world.server.fault("/jwks", Fault::status(503));
    let error = checked("api").token().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(error.retry_after().is_some());
    let said = error.to_string();
    assert!(said.contains("can't be checked"), "{said}");
    assert!(
        said.contains("503") && said.contains("try again later"),
        "{said}"
    );
    assert!(!said.contains("check the URL"), "{said}");
}

#[tokio::test]
async fn an_id_token_belongs_to_the_access_token_beside_it() {
    let forge = Forge::ed25519("k");
    let only = Issuer::id_tokens(ISSUER, "desktop", keys(&[&forge])).unwrap();
    let check = IdTokenCheck::new(timed(Verifier::new(only)));
    let hash = digest(&SHA256, b"access");
    let id =
        |changes: Value| forge.token(&super::merged(with(json!({ "aud": "desktop" })), changes));
    let good = id(json!({ "at_hash": b64(&hash.as_ref()[..16]) }));
    assert!(check.check(&set("access", Some(&good))).await.is_ok());
    assert!(
        check
            .check(&set("access", Some(&id(json!({})))))
            .await
            .is_ok()
    );
    assert!(check.check(&set("access", None)).await.is_ok());
    let error = check.check(&set("other", Some(&good))).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Protocol);
    assert!(
        check
            .check(&set("access", Some(&id(json!({ "aud": "eve" })))))
            .await
            .is_err()
    );
    assert!(check.check(&set("access", Some("junk"))).await.is_err());
    // What is handed out in place of the access token names one that nobody gets.
    assert!(check.check(&set(&good, Some(&good))).await.is_ok());
}

/// The keys to check it with may be gone for longer than it lives.
#[tokio::test]
async fn an_id_token_is_judged_by_the_time_of_its_issue_however_late_it_is_checked() {
    let forge = Forge::ed25519("k");
    let only = Issuer::id_tokens(ISSUER, "desktop", keys(&[&forge])).unwrap();
    let check = IdTokenCheck::new(timed(Verifier::new(only)));
    let hours = |count: u64| Duration::from_secs(count * 3600);
    for (begin, end, is_good) in [
        (hours(3), hours(1), true),
        (hours(3), hours(2) - MINUTE, true),
        (hours(3), hours(2) + 2 * MINUTE, false),
        (Duration::ZERO, hours(1), true),
    ] {
        // Asked for two hours ago.
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(super::NOW);
        let access = AccessToken::new("access".into(), now - hours(2), now).unwrap();
        let claims = json!({
            "aud": "desktop", "iat": super::NOW - begin.as_secs(), "nbf": null,
            "exp": super::NOW - end.as_secs(),
        });
        let id = IdToken::new(forge.token(&with(claims)));
        let checked = check.check(&TokenSet::new(access).with_id(id)).await;
        assert_eq!(checked.is_ok(), is_good, "{begin:?} {end:?} {checked:?}");
    }
}

/// Gives one token, whatever is asked.
#[derive(Debug)]
struct Given(TokenSet);

impl Grant for Given {
    fn key(&self) -> StoreKey {
        StoreKey::new(SessionKey::new(ISSUER, "desktop", "default"))
    }

    fn exchange<'a>(&'a self, _: &'a Held) -> BoxFuture<'a, Result<TokenSet>> {
        Box::pin(async { Ok(self.0.clone()) })
    }
}

#[tokio::test(start_paused = true)]
async fn a_forged_token_is_never_handed_out() {
    let world = World::new();
    let (ours, theirs) = (Forge::ed25519("k"), Forge::ed25519("k"));
    let now = world.server.clock().now().wall;
    for (forge, is_good) in [(&ours, true), (&theirs, false)] {
        let end = now + Duration::from_secs(3_600);
        let token = AccessToken::new(forge.token(&super::claims()).into(), now, end).unwrap();
        let verifier = timed(Verifier::new(issuer(keys(&[&ours]))));
        let source = CachedSource::new(Given(TokenSet::new(token)), world.io());
        let source = source.with_check(Arc::new(verifier));
        assert_eq!(source.token().await.is_ok(), is_good);
    }
}
