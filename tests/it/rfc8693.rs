//! RFC 8693, token exchange.

use std::sync::Arc;

use auth_core::session::Held;
use auth_core::store::{MemoryStore, TokenStore};
use auth_core::{
    CachedSource, ClientAuth, ErrorKind, Grant, Refreshing, StaticSource, TokenExchange,
    TokenSource,
};
use auth_testkit::{Client, Fault};
use jsonwebtoken::dangerous::insecure_decode;
use serde_json::{Value, json};

use crate::world::{HOUR, MINUTE, World};

const ACCESS: &str = "urn:ietf:params:oauth:token-type:access_token";

impl World {
    fn exchange(&self, subject: &CachedSource) -> TokenExchange {
        self.server.add_client(Client::public("highway"));
        let endpoint = self.endpoint(ClientAuth::public("highway"));
        TokenExchange::new(endpoint, Arc::new(subject.clone())).unwrap()
    }

    fn ada(&self) -> CachedSource {
        let first = self.server.login("desktop", "ada", &["read"]);
        self.person(&first, &["read"])
    }
}

#[tokio::test(start_paused = true)]
async fn s2_1_the_subject_is_the_token_of_another_source_and_parameters_are_sent_as_given() {
    let world = World::new();
    let ada = world.ada();
    let subject = ada.token().await.unwrap();
    let grant = world
        .exchange(&ada)
        .with_scopes(["read"])
        .with_parameter("audience", "highway-api")
        .with_parameter("resource", "https://api.example")
        .with_parameter("subject_issuer", "desp");
    let source = CachedSource::new(grant, world.io());
    source.token().await.unwrap();
    let sent = world.server.requests().pop().unwrap();
    let field = |name| sent.field(name).unwrap();
    assert_eq!(
        field("grant_type"),
        "urn:ietf:params:oauth:grant-type:token-exchange"
    );
    assert_eq!(field("subject_token"), subject.expose_secret());
    assert_eq!(field("subject_token_type"), ACCESS);
    assert_eq!(field("audience"), "highway-api");
    assert_eq!(field("resource"), "https://api.example");
    assert_eq!(field("subject_issuer"), "desp");
    assert_eq!(field("scope"), "read");
    assert!(sent.field("requested_token_type").is_none());
}

#[tokio::test(start_paused = true)]
async fn s2_2_1_the_type_of_what_was_issued_is_read_and_may_be_anything_or_missing() {
    for fault in [
        Fault::member(
            "issued_token_type",
            "urn:ietf:params:oauth:token-type:refresh_token",
        ),
        Fault::member("issued_token_type", "odd"),
        Fault::without("issued_token_type"),
    ] {
        let (world, said) = (World::new(), format!("{fault:?}"));
        let ada = world.ada();
        ada.token().await.unwrap();
        world.server.fault("/token", fault);
        let set = world.exchange(&ada).exchange(&Held::new()).await;
        assert!(set.is_ok(), "{said}: {:?}", set.err());
    }
}

#[tokio::test(start_paused = true)]
async fn s2_2_1_a_token_of_type_n_a_is_taken_here_and_nowhere_else() {
    let world = World::new();
    let ada = world.ada();
    let grant = world.exchange(&ada).with_parameter(
        "requested_token_type",
        "urn:ietf:params:oauth:token-type:id_token",
    );
    let set = grant.exchange(&Held::new()).await.unwrap();
    assert_eq!(set.access().expose_secret().matches('.').count(), 2);
    world
        .server
        .fault("/token", Fault::member("token_type", "N_A"));
    let error = world.robot().token().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Protocol);
}

#[tokio::test(start_paused = true)]
async fn s26_what_was_exchanged_is_never_kept_under_the_key_of_the_subject() {
    let (world, store) = (World::new(), Arc::new(MemoryStore::new()));
    let store: Arc<dyn TokenStore> = store;
    let first = world.server.login("desktop", "ada", &["read"]);
    let ada = world.person_in(&store, &first, &["read"]);
    // The same server, the same client, the same label, the same scope.
    let endpoint = world.endpoint(ClientAuth::public("desktop"));
    let grant =
        TokenExchange::labelled(endpoint, Arc::new(ada.clone()), "default").with_scopes(["read"]);
    let source = CachedSource::new(grant, world.io()).with_store(store.clone());
    let (exchanged, subject) = (source.token().await.unwrap(), ada.token().await.unwrap());
    assert!(!exchanged.is_same(&subject));
    assert_ne!(source.key().session(), ada.key().session());
    assert_eq!(store.list().await.unwrap().len(), 2);
    // Another audience is another session: no refresh could change it.
    let endpoint = world.endpoint(ClientAuth::public("desktop"));
    let other = TokenExchange::labelled(endpoint, Arc::new(ada.clone()), "default")
        .with_scopes(["read"])
        .with_parameter("audience", "b");
    assert_ne!(other.key().session(), source.key().session());
}

#[tokio::test(start_paused = true)]
async fn two_callers_on_one_store_never_get_each_others_token_and_the_issuer_tells_them_apart() {
    let (world, store) = (World::new(), Arc::new(MemoryStore::new()));
    let store: Arc<dyn TokenStore> = store;
    let mut got = Vec::new();
    for (issuer, user) in [
        ("https://a", "ada"),
        ("https://a", "bob"),
        ("https://b", "ada"),
        ("https://a", "ada"),
    ] {
        let login = world.server.login("desktop", user, &["read"]);
        let token = world.person(&login, &["read"]).token().await.unwrap();
        let caller = StaticSource::of_caller(token, issuer, user, &world.io());
        world.server.add_client(Client::public("highway"));
        let endpoint = world.endpoint(ClientAuth::public("highway"));
        let grant = TokenExchange::new(endpoint, Arc::new(caller)).unwrap();
        let source = CachedSource::new(grant, world.io()).with_store(store.clone());
        got.push(source.token().await.unwrap());
    }
    let [a_ada, a_bob, b_ada, again] = &got[..] else {
        panic!()
    };
    assert!(a_ada.is_same(again), "the same caller shares");
    assert!(!a_ada.is_same(a_bob) && !a_ada.is_same(b_ada) && !a_bob.is_same(b_ada));
}

#[tokio::test(start_paused = true)]
async fn a_subject_that_is_nobodys_needs_a_label() {
    let world = World::new();
    let token = world.robot().token().await.unwrap();
    let subject = Arc::new(StaticSource::new(token, &world.io()));
    let endpoint = world.endpoint(ClientAuth::public("highway"));
    let error = TokenExchange::new(endpoint.clone(), subject.clone()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    let named = TokenExchange::labelled(endpoint, subject, "ada");
    assert_eq!(named.key().session().account(), "ada");
}

#[tokio::test(start_paused = true)]
async fn rfc8707_s2_no_two_ways_to_ask_are_one_session_and_repeats_keep_their_order() {
    let world = World::new();
    let ada = world.ada();
    let key = |parameters: &[(&str, &str)]| {
        let add = |grant: TokenExchange, (name, value): &(&str, &str)| {
            grant.with_parameter(*name, *value)
        };
        let grant = parameters.iter().fold(world.exchange(&ada), add);
        grant.key().session().clone()
    };
    let keys = [
        key(&[("audience", "a resource=b")]),
        key(&[("audience", "a"), ("resource", "b")]),
        key(&[("audience", "a&resource=b")]),
        key(&[("audience", "a"), ("audience", "b")]),
        key(&[("audience", "b"), ("audience", "a")]),
        key(&[("audience", "a")]),
    ];
    let different: std::collections::BTreeSet<_> = keys.iter().collect();
    assert_eq!(different.len(), keys.len());
    let turned = key(&[("resource", "b"), ("audience", "a")]);
    assert_eq!(turned, keys[1], "the order of the names does not matter");
}

#[tokio::test(start_paused = true)]
async fn a_refresh_token_that_comes_with_it_is_redeemed_without_the_subject() {
    let world = World::new();
    let ada = world.ada();
    let grant = world.exchange(&ada).with_parameter(
        "requested_token_type",
        "urn:ietf:params:oauth:token-type:refresh_token",
    );
    let endpoint = world.endpoint(ClientAuth::public("highway"));
    let source = CachedSource::new(Refreshing::new(endpoint, grant), world.io());
    source.token().await.unwrap();
    world.pass(2 * HOUR).await;
    world.server.clear_requests();
    source.token().await.unwrap();
    let [only] = &world.server.requests()[..] else {
        panic!()
    };
    assert_eq!(only.field("grant_type").as_deref(), Some("refresh_token"));
}

#[tokio::test(start_paused = true)]
async fn a_subject_that_was_revoked_is_discarded_and_its_successor_exchanged() {
    let world = World::new();
    let ada = world.ada();
    let revoked = ada.token().await.unwrap();
    world.server.revoke(revoked.expose_secret());
    let set = world.exchange(&ada).exchange(&Held::new()).await.unwrap();
    assert_eq!(world.rest(set.access()), HOUR);
    assert!(!ada.token().await.unwrap().is_same(&revoked));
}

#[tokio::test(start_paused = true)]
async fn s2_2_2_a_refusal_keeps_its_words_and_costs_nothing_more() {
    let world = World::new();
    let ada = world.ada();
    ada.token().await.unwrap();
    let grant = world.exchange(&ada);
    world.server.clear_requests();
    world
        .server
        .fault("/token", Fault::refusal(403, "access_denied"));
    let error = grant.exchange(&Held::new()).await.unwrap_err();
    assert!(error.is_refusal("access_denied") && error.status() == Some(403));
    world
        .server
        .fault("/token", Fault::refusal(400, "invalid_target"));
    let error = grant.exchange(&Held::new()).await.unwrap_err();
    assert!(error.is_refusal("invalid_target"));
    assert_eq!(world.asked(), 2);
}

impl World {
    /// The same exchange, with the tokens of `actor` beside the subject's.
    fn acting(&self, subject: &CachedSource, actor: CachedSource) -> TokenExchange {
        let exchange = self.exchange(subject);
        exchange.with_actor(Arc::new(actor), ACCESS).unwrap()
    }
}

#[tokio::test(start_paused = true)]
async fn s2_1_who_acts_for_the_subject_is_sent_and_stands_in_the_token() {
    let world = World::new();
    let (ada, robot) = (world.ada(), world.robot());
    let acting = robot.token().await.unwrap();
    let source = CachedSource::new(world.acting(&ada, robot), world.io());
    let token = source.token().await.unwrap();
    let sent = world.server.requests().pop().unwrap();
    assert_eq!(
        sent.field("actor_token").as_deref(),
        Some(acting.expose_secret())
    );
    assert_eq!(sent.field("actor_token_type").as_deref(), Some(ACCESS));
    let said = insecure_decode::<Value>(token.expose_secret())
        .unwrap()
        .claims;
    assert_eq!(
        (&said["sub"], &said["act"]["sub"]),
        (&json!("ada"), &json!("robot"))
    );
}

#[tokio::test(start_paused = true)]
async fn what_was_got_through_one_actor_is_never_given_to_another_or_to_the_subject_alone() {
    let world = World::new();
    let ada = world.ada();
    let keys = [
        world.exchange(&ada).key(),
        world.acting(&ada, world.robot()).key(),
        world.acting(&ada, world.ada()).key(),
    ];
    let sessions: std::collections::BTreeSet<_> = keys.iter().map(|key| key.session()).collect();
    assert_eq!(sessions.len(), keys.len());
    let nobody = Arc::new(StaticSource::new(ada.token().await.unwrap(), &world.io()));
    let error = world.exchange(&ada).with_actor(nobody, ACCESS).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
}

#[tokio::test(start_paused = true)]
async fn an_actor_that_was_revoked_is_discarded_and_its_successor_exchanged() {
    let world = World::new();
    let (ada, robot) = (world.ada(), world.robot());
    let revoked = robot.token().await.unwrap();
    world.server.revoke(revoked.expose_secret());
    let grant = world.acting(&ada, robot.clone());
    grant.exchange(&Held::new()).await.unwrap();
    assert!(!robot.token().await.unwrap().is_same(&revoked));
}

/// Whoever ends the program after that loses no refresh token that was replaced meanwhile.
#[tokio::test(start_paused = true)]
async fn an_exchange_has_settled_when_the_renewal_of_its_subject_has() {
    let world = World::new();
    let ada = world.ada();
    let source = CachedSource::new(world.exchange(&ada), world.io());
    let before = ada.token().await.unwrap();
    // Stale, not dead: it is traded at once, and renewed behind that.
    world.pass(HOUR - MINUTE).await;
    world.server.fault("/token", Fault::delay(MINUTE / 4));
    source.token().await.unwrap();
    source.settled().await;
    assert!(!ada.at_hand().unwrap().is_same(&before));
}
