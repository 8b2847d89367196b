//! RFC 8707, resource indicators, and the audiences of RFC 8693 §2.1: one token for several.

use std::collections::BTreeSet;
use std::sync::Arc;

use auth_core::assertion::{Algorithm, Assertion, SigningKey};
use auth_core::endpoint::AuthorizationRequest;
use auth_core::http::Body;
use auth_core::prompt::NoPrompt;
use auth_core::session::{Held, TokenSet};
use auth_core::store::{MemoryStore, StoreKey, TokenStore};
use auth_core::{
    AuthorizationCode, CachedSource, ClientAuth, ClientCredentials, DeviceCode, Grant, RedirectUri,
    Refreshing, TokenEndpoint, TokenExchange, TokenSource,
};
use auth_jwt_bearer::JwtBearer;
use auth_testkit::Visitor;
use http::Request;
use jsonwebtoken::dangerous::insecure_decode;
use secrecy::SecretString;
use serde_json::{Value, json};
use url::Url;

use crate::world::{Eager, HOUR, World};

const A: &str = "https://a.example/x y";
const B: &str = "https://b.example";

fn robot() -> ClientAuth {
    ClientAuth::basic("robot", SecretString::from("s3cret"))
}

fn for_both(endpoint: TokenEndpoint) -> TokenEndpoint {
    endpoint
        .with_parameter("resource", A)
        .with_parameter("resource", B)
}

fn audience(set: &TokenSet) -> Value {
    let token = set.access().expose_secret();
    insecure_decode::<Value>(token).unwrap().claims["aud"].clone()
}

impl World {
    /// What the requests for tokens asked for, each alike.
    fn resources(&self) -> Vec<String> {
        let sent = self.server.requests().into_iter();
        let sent = sent.filter(|one| one.path() == "/token");
        let mut asked: Vec<_> = sent.map(|one| one.fields("resource")).collect();
        asked.dedup();
        let [alike] = &asked[..] else {
            panic!("{asked:?}")
        };
        alike.clone()
    }
}

#[tokio::test(start_paused = true)]
async fn s2_2_a_program_an_assertion_and_an_exchange_ask_for_all_of_them() {
    let key = SigningKey::new(SecretString::from("s3cret")).with_algorithm(Algorithm::Hs256);
    let world = World::new();
    let assertion = Assertion::new("robot", key).with_audience(world.server.url("/token"));
    let subject = Arc::new(world.robot());
    subject.token().await.unwrap();
    let endpoint = for_both(world.endpoint(robot()));
    let exchange = TokenExchange::labelled(world.endpoint(robot()), subject.clone(), "a");
    let grants: [Box<dyn Grant>; 5] = [
        Box::new(ClientCredentials::new(endpoint.clone())),
        Box::new(
            ClientCredentials::new(world.endpoint(robot()))
                .with_parameter("resource", A)
                .with_parameter("resource", B),
        ),
        Box::new(JwtBearer::new(endpoint.clone(), assertion)),
        Box::new(TokenExchange::labelled(endpoint, subject, "a")),
        Box::new(
            exchange
                .with_parameter("resource", A)
                .with_parameter("resource", B),
        ),
    ];
    for grant in grants {
        world.server.clear_requests();
        let set = grant.exchange(&Held::new()).await.unwrap();
        assert_eq!(world.resources(), [A, B], "{grant:?}");
        assert_eq!(audience(&set), json!([A, B]), "{grant:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn s2_1_a_login_asks_for_all_of_them_at_the_page_for_the_code_and_at_each_refresh() {
    let world = World::new();
    world.server.set_visitor(Visitor::logs_in("ada"));
    let endpoint = for_both(world.found(ClientAuth::public("desktop")));
    let both = [A, B].map(|one| ("resource".to_owned(), one.to_owned()));
    let scopes = ["read".to_owned()];
    let (held, back) = (Held::new(), "http://127.0.0.1/callback");
    let login = AuthorizationRequest::new(&endpoint, &held, back, &scopes, &both);
    let login = login.await.unwrap();
    let asked = login.url().query_pairs();
    let asked: Vec<_> = asked.filter(|(name, _)| name == "resource").collect();
    assert_eq!(
        asked.iter().map(|(_, one)| &**one).collect::<Vec<_>>(),
        [A, B]
    );
    let page = Request::get(login.url().as_str()).body(Body::empty());
    let answer = world.io().http().send(page.unwrap()).await.unwrap();
    let sent = Url::parse(answer.headers()["location"].to_str().unwrap()).unwrap();
    let code = login.answer(sent.query().unwrap().as_bytes()).unwrap();
    let set = login.redeem(&held, code.unwrap()).await.unwrap();
    assert_eq!(audience(&set), json!([A, B]));
    let refresh = set.refresh().unwrap();
    let again = endpoint.refresh(&held, refresh, &[]).await.unwrap();
    assert_eq!(audience(&again), json!([A, B]));
    assert_eq!(world.resources(), [A, B]);
}

#[tokio::test(start_paused = true)]
async fn s2_2_a_device_asks_for_all_of_them_with_each_poll_and_refresh() {
    let world = World::new();
    let endpoint = for_both(world.found(ClientAuth::public("desktop")));
    let device = DeviceCode::new(endpoint.clone(), Arc::new(Eager(world.server.clone())))
        .with_parameter("resource", A)
        .with_parameter("resource", B);
    let source = CachedSource::new(Refreshing::new(endpoint, device), world.io());
    source.token().await.unwrap();
    world.pass(2 * HOUR).await;
    let token = source.token().await.unwrap();
    assert_eq!(world.resources(), [A, B]);
    let codes = world.server.requests().into_iter();
    let mut codes = codes.filter(|one| one.path() == "/device_authorization");
    assert_eq!(codes.next().unwrap().fields("resource"), [A, B]);
    let claims = insecure_decode::<Value>(token.expose_secret()).unwrap();
    assert_eq!(claims.claims["aud"], json!([A, B]));
}

#[tokio::test(start_paused = true)]
async fn s2_2_a_login_for_some_gives_tokens_for_fewer_of_them_and_for_no_other() {
    let world = World::new();
    let plain = world.found(ClientAuth::public("desktop"));
    let device = DeviceCode::new(plain.clone(), Arc::new(Eager(world.server.clone())))
        .with_parameter("resource", A)
        .with_parameter("resource", B);
    let set = device.exchange(&Held::new()).await.unwrap();
    assert_eq!(audience(&set), json!([A, B]));
    let mut refresh = set.refresh().cloned().unwrap();
    for wanted in [A, B] {
        let endpoint = plain.clone().with_parameter("resource", wanted);
        let set = endpoint.refresh(&Held::new(), &refresh, &[]).await.unwrap();
        assert_eq!(audience(&set), json!(wanted));
        refresh = set.refresh().cloned().unwrap();
    }
    let other = plain.with_parameter("resource", "https://c.example");
    let refused = other.refresh(&Held::new(), &refresh, &[]).await;
    let error = refused.map(drop).unwrap_err();
    assert!(error.is_refusal("invalid_target"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn what_is_said_twice_is_said_once() {
    let world = World::new();
    let grant = |times| {
        let grant = ClientCredentials::new(world.endpoint(robot()));
        (0..times).fold(grant, |grant, _| grant.with_parameter("audience", A))
    };
    let set = grant(2).exchange(&Held::new()).await.unwrap();
    let sent = world.server.requests().pop().unwrap();
    assert_eq!(
        (sent.fields("audience"), audience(&set)),
        (vec![A.to_owned()], json!(A))
    );
    assert_eq!(grant(2).key(), grant(1).key());
}

/// One key for each of the ways in which a source may be asked for tokens.
fn keys(world: &World, parameters: &[(&str, &str)]) -> [StoreKey; 6] {
    let (nobody, redirect) = (
        Arc::new(NoPrompt::new()),
        RedirectUri::new("http://127.0.0.1"),
    );
    let client = || world.endpoint(robot());
    macro_rules! with_all {
        ($to:expr) => {
            parameters
                .iter()
                .fold($to, |to, (name, value)| to.with_parameter(*name, *value))
        };
    }
    let endpoint = with_all!(client());
    let exchange = TokenExchange::labelled(client(), Arc::new(world.robot()), "a");
    [
        ClientCredentials::new(endpoint.clone()).key(),
        StoreKey::new(endpoint.session("default")),
        with_all!(ClientCredentials::new(client())).key(),
        with_all!(exchange).key(),
        with_all!(DeviceCode::new(client(), nobody.clone())).key(),
        with_all!(AuthorizationCode::new(client(), nobody, redirect.unwrap())).key(),
    ]
}

#[tokio::test(start_paused = true)]
async fn no_two_sets_of_them_are_one_login_or_one_question() {
    let world = World::new();
    let sets: [&[(&str, &str)]; 13] = [
        &[],
        &[("audience", "a")],
        &[("audience", "b")],
        &[("audience", "a"), ("audience", "b")],
        &[("audience", "b"), ("audience", "a")],
        &[("audience", "a"), ("audience", "b"), ("audience", "c")],
        &[("audience", "a"), ("audience", "c"), ("audience", "b")],
        &[("audience", "a b")],
        &[("audience", "a&audience=b")],
        &[("audience", "a&audience+2=b")],
        &[("audience", "[\"a\",\"b\"]")],
        &[("resource", "a"), ("resource", "b")],
        &[("audience", "a"), ("resource", "b")],
    ];
    let all = sets.map(|set| keys(&world, set));
    for way in 0..all[0].len() {
        let named = all.iter().map(|keys| {
            let key = &keys[way];
            (key.session().digest(), key.question())
        });
        let different: BTreeSet<_> = named.collect();
        assert_eq!(different.len(), sets.len(), "way {way}: {different:#?}");
    }
    let turned = keys(&world, &[("resource", "b"), ("audience", "a")]);
    assert_eq!(turned, all[12], "the order of the names says nothing");
}

#[tokio::test(start_paused = true)]
async fn a_token_for_some_of_them_is_never_handed_out_for_others() {
    let world = World::new();
    let store: Arc<dyn TokenStore> = Arc::new(MemoryStore::new());
    let mut got = Vec::new();
    for set in [&[A, B][..], &[B], &[B, A], &[A], &[A, B]] {
        let grant = ClientCredentials::new(world.endpoint(robot()));
        let grant = set
            .iter()
            .fold(grant, |grant, one| grant.with_parameter("audience", *one));
        let source = CachedSource::new(grant, world.io()).with_store(store.clone());
        got.push(source.token().await.unwrap());
    }
    assert!(got[0].is_same(&got[4]));
    let tokens: BTreeSet<_> = got.iter().map(|token| token.expose_secret()).collect();
    assert_eq!(tokens.len(), 4);
}
