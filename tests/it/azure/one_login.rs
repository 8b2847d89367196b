//! One login, many APIs: what one of them wants leaves the others alone.

use std::sync::Arc;
use std::time::Duration;

use auth_core::session::Need;
use auth_core::store::{MemoryStore, TokenStore};
use auth_core::{ApiClient, ErrorKind, TokenSource};
use auth_testkit::{EntraApplication, Fault};
use serde_json::{Value, json};

use super::world::{
    API, DESKTOP, Entra, OTHER_API, Somebody, TOKENS, api, claims, directory, scope,
};
use crate::world::{HOUR, crowd, on_both_runtimes, slowly, until};

fn memory() -> Arc<dyn TokenStore> {
    Arc::new(MemoryStore::new())
}

/// What an API wants beyond a password.
fn factor() -> Value {
    json!({ "access_token": { "acrs": { "essential": true, "value": "c1" } } })
}

#[tokio::test(start_paused = true)]
async fn somebody_logs_in_once_for_two_apis_and_a_refresh_asks_for_the_scopes_of_each() {
    let world = Entra::new();
    let ada = Somebody::at(&world, "ada");
    let person = world.person(&ada);
    let one = person.source([scope(API)]);
    let two = person.source([scope(OTHER_API)]);
    for _ in 0..2 {
        let (first, second) = (one.token().await.unwrap(), two.token().await.unwrap());
        assert_eq!(claims(first.expose_secret())["aud"], API);
        assert_eq!(claims(second.expose_secret())["aud"], OTHER_API);
        world.clock.advance(2 * HOUR).await;
    }
    assert_eq!(ada.asked(), 1);
    let sent = world.last_form();
    assert_eq!(sent.field("grant_type").as_deref(), Some("refresh_token"));
    let asked = sent.field("scope").unwrap();
    assert_eq!(
        asked,
        format!("{} openid profile offline_access", scope(OTHER_API))
    );
}

#[tokio::test(start_paused = true)]
async fn a_second_process_finds_the_login() {
    let (world, store) = (Entra::new(), memory());
    let ada = Somebody::at(&world, "ada");
    let person = world.person(&ada).with_store(store.clone());
    let token = person.source([scope(API)]).token().await.unwrap();
    let nobody = Somebody::at(&world, "nobody");
    let again = world.person(&nobody).with_store(store);
    let same = again.source([scope(API)]).token().await.unwrap();
    assert!(same.is_same(&token));
    again.source([scope(OTHER_API)]).token().await.unwrap();
    assert_eq!((ada.asked(), nobody.asked()), (1, 0));
}

#[test]
fn a_crowd_for_two_apis_asks_one_person_once() {
    on_both_runtimes(|| async {
        let world = Entra::new();
        let ada = Somebody::at(&world, "ada");
        let person = world.person(&ada);
        let one = person.source([scope(API)]);
        let two = person.source([scope(OTHER_API)]);
        let (first, second) = tokio::join!(crowd(&one), crowd(&two));
        assert!(first.iter().chain(&second).all(Result::is_ok));
        assert_eq!(ada.asked(), 1);
        let grants = world.forms().into_iter();
        let refreshed =
            grants.filter(|one| one.field("grant_type").as_deref() == Some("refresh_token"));
        assert_eq!(refreshed.count(), 1);
    });
}

#[test]
fn the_token_of_one_api_is_read_at_once_while_that_of_another_is_fetched() {
    on_both_runtimes(|| async {
        let world = Entra::new();
        let person = world.person(&Somebody::at(&world, "ada"));
        let one = person.source([scope(API)]);
        one.token().await.unwrap();
        let before = world.asked();
        world.server.fault(TOKENS, Fault::delay(slowly()));
        let two = person.source([scope(OTHER_API)]);
        let fetching = tokio::spawn(async move { two.token().await });
        until("it is fetched", || world.asked() > before).await;
        let began = tokio::time::Instant::now();
        one.token().await.unwrap();
        assert!(began.elapsed() < Duration::from_millis(50));
        assert!(!fetching.is_finished());
        fetching.await.unwrap().unwrap();
    });
}

#[tokio::test(start_paused = true)]
async fn an_api_that_wants_another_factor_asks_the_person_and_leaves_the_others_alone() {
    let (world, store) = (Entra::new(), memory());
    world.server.add_entra_tenant(
        directory().with_application(
            EntraApplication::api(OTHER_API)
                .with_scope("user_impersonation")
                .with_demand(factor()),
        ),
    );
    let ada = Somebody::at(&world, "ada");
    let person = world.browsing(&ada).with_store(store.clone());
    let (one, two) = (
        person.source([scope(API)]),
        person.source([scope(OTHER_API)]),
    );
    let first = one.token().await.unwrap();
    let kept = one.refresh_token().await.unwrap().unwrap();
    // Where nobody may be asked, the login stays as it is.
    let error = two.get(Need::new().with_nobody_asked()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Interaction);
    assert_eq!(error.code(), Some("interaction_required"));
    assert!(
        error
            .to_string()
            .contains("log in again for this tenant and this scope"),
        "{error}"
    );
    assert!(one.token().await.unwrap().is_same(&first));
    assert!(one.refresh_token().await.unwrap().unwrap().is_same(&kept));
    one.renew().await.unwrap();
    assert_eq!(ada.asked(), 1);
    // And else the person is, with the claims that the server wants, and their name.
    two.token().await.unwrap();
    assert_eq!(ada.asked(), 2);
    let asked: Value = serde_json::from_str(&ada.parameter("claims").unwrap()).unwrap();
    assert_eq!(asked, factor());
    assert_eq!(
        ada.parameter("login_hint").as_deref(),
        Some("ada@example.org")
    );
    assert_eq!(ada.parameter("prompt"), None);
    world.clock.advance(2 * HOUR).await;
    one.token().await.unwrap();
    two.token().await.unwrap();
    assert_eq!(ada.asked(), 2);
}

#[tokio::test(start_paused = true)]
async fn an_api_without_consent_asks_the_person_and_leaves_the_others_alone() {
    let world = Entra::new();
    let asks = EntraApplication::public(DESKTOP).with_consent();
    world
        .server
        .add_entra_tenant(directory().with_application(asks));
    let ada = Somebody::at(&world, "ada");
    let person = world.browsing(&ada);
    let (one, two) = (
        person.source([scope(API)]),
        person.source([scope(OTHER_API)]),
    );
    one.token().await.unwrap();
    let error = two.get(Need::new().with_nobody_asked()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Interaction, "{error}");
    one.renew().await.unwrap();
    assert_eq!(ada.asked(), 1);
    two.token().await.unwrap();
    assert_eq!(ada.asked(), 2);
    one.renew().await.unwrap();
    assert_eq!(ada.asked(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_claims_challenge_of_an_api_is_answered_by_a_refresh_with_all_that_is_asked_for() {
    let world = Entra::new();
    let nbf = json!({ "access_token": { "nbf": { "essential": true, "value": "1604106651" } } });
    let ada = Somebody::at(&world, "ada");
    let person = world.person(&ada).with_continuous_access_evaluation();
    let source = person.source([scope(API)]);
    source.token().await.unwrap();
    world
        .server
        .add_entra_tenant(directory().with_application(api().with_challenge(nbf.clone())));
    let client = ApiClient::new(world.server.url("/v1/"), Arc::new(source), world.io());
    let _: Value = client.json("references/search/").await.unwrap();
    assert_eq!(ada.asked(), 1);
    let sent = world.last_form();
    assert_eq!(sent.field("grant_type").as_deref(), Some("refresh_token"));
    let asked: Value = serde_json::from_str(&sent.field("claims").unwrap()).unwrap();
    assert_eq!(asked["access_token"]["nbf"], nbf["access_token"]["nbf"]);
    assert_eq!(asked["access_token"]["xms_cc"]["values"], json!(["cp1"]));
}

#[tokio::test(start_paused = true)]
async fn a_token_that_the_server_hands_out_again_is_not_sent_again() {
    let world = Entra::new();
    let person = world.person(&Somebody::at(&world, "ada"));
    let source = person.source([scope(API)]);
    let refused = source.token().await.unwrap();
    let same = json!({
        "token_type": "Bearer", "expires_in": 3600, "access_token": refused.expose_secret(),
    });
    world.server.fault(
        TOKENS,
        Fault::status(200).with_body("application/json", same.to_string()),
    );
    source.discard(&refused, None);
    let error = source.token().await.unwrap_err();
    assert!(
        error
            .to_string()
            .contains("keeps handing out a token that the API refuses"),
        "{error}"
    );
    // One that issues another is believed.
    world.clock.advance(HOUR / 30).await;
    assert!(!source.token().await.unwrap().is_same(&refused));
}

#[tokio::test(start_paused = true)]
async fn a_login_that_ended_begins_anew_with_the_name_filled_in() {
    let world = Entra::new();
    let ada = Somebody::at(&world, "ada");
    let source = world.browsing(&ada).source([scope(API)]);
    source.token().await.unwrap();
    assert_eq!(ada.parameter("login_hint"), None);
    world.clock.set_forward(91 * 24 * HOUR);
    source.token().await.unwrap();
    assert_eq!(ada.asked(), 2);
    assert_eq!(
        ada.parameter("login_hint").as_deref(),
        Some("ada@example.org")
    );
}

#[tokio::test(start_paused = true)]
async fn an_id_token_is_the_credential_where_an_api_takes_it() {
    let (world, store) = (Entra::new(), memory());
    world.server.add_entra_tenant(
        directory().with_application(EntraApplication::public(DESKTOP).with_api_at("/pectus")),
    );
    let ada = Somebody::at(&world, "ada");
    let person = world.person(&ada).with_store(store);
    let source = person.id_source();
    let token = source.token().await.unwrap();
    let said = claims(token.expose_secret());
    assert_eq!(
        (&said["aud"], &said["ver"]),
        (&json!(DESKTOP), &json!("2.0"))
    );
    assert!(said.get("scp").is_none());
    let life = token
        .expires_at()
        .duration_since(token.obtained_at())
        .unwrap();
    let until = said["exp"].as_u64().unwrap() - said["iat"].as_u64().unwrap();
    assert!(life <= Duration::from_secs(until));
    let client = ApiClient::new(
        world.server.url("/pectus/"),
        Arc::new(source.clone()),
        world.io(),
    )
    .with_header(auth_azure::preset::pectus::HEADER, None);
    let _: Value = client.json("recent_runs/").await.unwrap();
    // The same login, and another question.
    person.source([scope(API)]).token().await.unwrap();
    assert!(source.token().await.unwrap().is_same(&token));
    source.discard(&token, None);
    world.clock.advance(HOUR / 60).await;
    assert!(!source.token().await.unwrap().is_same(&token));
    assert_eq!(ada.asked(), 1);
}
