//! Token exchange: the standard one, and the older one between realms.

use std::sync::Arc;

use auth_core::session::Held;
use auth_core::{ClientAuth, Grant, RefreshToken, TokenSource};
use auth_testkit::{Client, Realm, User};
use insta::assert_snapshot;
use secrecy::SecretString;
use serde_json::json;

use super::{Form, ROBOT, World, claims, no};
use crate::testkit::{get, post};

const GRANT: (&str, &str) = (
    "grant_type",
    "urn:ietf:params:oauth:grant-type:token-exchange",
);
const TYPE: (&str, &str) = (
    "subject_token_type",
    "urn:ietf:params:oauth:token-type:access_token",
);

/// A world with a second realm that trusts the first.
fn two() -> World {
    let world = World::new();
    world.server.add_realm(
        Realm::new("highway")
            .with_broker("MAIN", "main")
            .with_client(Client::public("highway-public").with_exchange())
            .with_client(Client::public("stranger"))
            .with_client(Client::confidential("target", "pw")),
    );
    world
}

#[tokio::test(start_paused = true)]
async fn the_standard_exchange_is_for_clients_that_are_set_up_for_it() {
    let world = World::new();
    let token = world.ada(ROBOT, "openid").await.text("access_token");
    let orders: Form<'_> = &[("client_id", "orders"), ("client_secret", "pw")];
    let desktop: Form<'_> = &[("client_id", "desktop")];
    let foreign = world.ada(orders, "openid").await.text("access_token");
    let kind = |name| ("requested_token_type", name);
    let refresh = kind("urn:ietf:params:oauth:token-type:refresh_token");
    let cases: [(&str, Form<'_>, &str, Form<'_>); 8] = [
        ("public", desktop, &token, &[]),
        ("not set up", orders, &token, &[]),
        ("no subject", ROBOT, "", &[]),
        ("garbage", ROBOT, "garbage", &[]),
        ("another's token", ROBOT, &foreign, &[]),
        ("refresh token", ROBOT, &token, &[refresh]),
        ("no such audience", ROBOT, &token, &[("audience", "none")]),
        ("no way there", ROBOT, &token, &[("audience", "stock")]),
    ];
    let mut said = Vec::new();
    for (name, client, subject, more) in cases {
        let mut fields = vec![GRANT, TYPE, ("subject_token", subject)];
        fields.extend_from_slice(client);
        fields.extend_from_slice(more);
        said.push(format!(
            "{name}: {}",
            no(&world.post("token", &fields).await)
        ));
    }
    assert_snapshot!(said.join("\n"), @r"
    public: 400 invalid_request Standard token exchange is not enabled for the requested client
    not set up: 400 invalid_request Standard token exchange is not enabled for the requested client
    no subject: 400 invalid_request Parameter 'subject_token' required for standard token exchange
    garbage: 400 invalid_request Invalid token
    another's token: 403 access_denied Client is not within the token audience
    refresh token: 400 invalid_request Refresh token not valid as requested_token_type because creating a new session is needed
    no such audience: 400 invalid_client Audience not found
    no way there: 400 invalid_request Requested audience not available: stock
    ");
}

#[tokio::test(start_paused = true)]
async fn our_own_exchange_gets_a_token_for_the_api() {
    let world = World::new();
    let client = ClientAuth::basic("robot", SecretString::from("s3cret+/%&"));
    let login = world.ada(ROBOT, "openid").await.text("refresh_token");
    let subject = world
        .ours()
        .offline(client.clone(), RefreshToken::new(login));
    let subject = Arc::new(subject);
    let source = world.ours().exchange(client, subject, "orders").unwrap();
    let token = source.token().await.unwrap();
    let claims = claims(token.expose_secret());
    assert_eq!(
        (&claims["aud"], &claims["preferred_username"]),
        (&"orders".into(), &"ada".into())
    );
}

#[tokio::test(start_paused = true)]
async fn an_exchange_for_several_audiences_gets_one_token_for_all_of_them_or_none() {
    let world = World::new();
    let robot = Client::confidential("robot", "s3cret+/%&").with_exchange();
    let robot = robot.with_audience("orders").with_audience("stock");
    let clients = ["orders", "stock", "bills"].map(|name| Client::confidential(name, "pw"));
    let realm = clients
        .into_iter()
        .fold(Realm::new("main"), Realm::with_client);
    let realm = realm.with_client(robot).with_user(User::new("ada", "pw"));
    world.server.add_realm(realm);
    let client = ClientAuth::basic("robot", SecretString::from("s3cret+/%&"));
    let login = world.ada(ROBOT, "openid").await.text("refresh_token");
    let subject = world
        .ours()
        .offline(client.clone(), RefreshToken::new(login));
    let subject = Arc::new(subject);
    let trade = async |audiences: &[&str]| {
        let grant = world.ours().exchange_grant(client.clone(), subject.clone());
        let grant = audiences.iter().fold(grant.unwrap(), |grant, audience| {
            grant.with_parameter("audience", *audience)
        });
        let set = grant.exchange(&Held::new()).await;
        set.map(|set| claims(set.access().expose_secret())["aud"].clone())
    };
    assert_eq!(
        trade(&["stock", "orders"]).await.unwrap(),
        json!(["stock", "orders"])
    );
    assert_eq!(trade(&["orders"]).await.unwrap(), json!("orders"));
    for (audiences, said) in [
        (
            &["orders", "bills"][..],
            "Requested audience not available: bills",
        ),
        (&["bills", "none"], "Audience not found"),
    ] {
        let error = trade(audiences).await.unwrap_err();
        assert!(error.message().contains(said), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_public_client_of_one_realm_trades_a_token_of_another() {
    let world = two();
    let subject = world.ada(super::DESKTOP, "openid").await;
    let url = world
        .server
        .url("/realms/highway/protocol/openid-connect/token");
    let subject = subject.text("access_token");
    let fields = [
        GRANT,
        TYPE,
        ("subject_token", &*subject),
        ("subject_issuer", "MAIN"),
        ("client_id", "highway-public"),
        ("audience", "highway-public"),
    ];
    let reply = post(&world.server, &url, &fields).await.unwrap();
    assert_eq!(
        reply.text("issued_token_type"),
        "urn:ietf:params:oauth:token-type:refresh_token"
    );
    let token = claims(&reply.text("access_token"));
    let issuer = world.server.url("/realms/highway");
    assert_eq!(token["iss"], issuer.as_str());
    assert_eq!(token["azp"], "highway-public");
    assert_eq!(token["aud"], "account");
    assert_ne!(
        token["sub"],
        claims(&subject)["sub"],
        "an account of its own"
    );
    assert!(reply.json()["id_token"].is_null());
    let refresh = [
        ("grant_type", "refresh_token"),
        ("client_id", "highway-public"),
        ("refresh_token", &*reply.text("refresh_token")),
    ];
    let again = post(&world.server, &url, &refresh).await.unwrap();
    let api = world.server.url("/realms/highway/api");
    let told = get(&world.server, &api, &again.text("access_token")).await;
    assert_eq!(told.json()["sub"], token["sub"]);
}

#[tokio::test(start_paused = true)]
async fn what_the_older_exchange_refuses() {
    let world = two();
    let token = world
        .ada(super::DESKTOP, "openid")
        .await
        .text("access_token");
    let bare = world.ada(super::DESKTOP, "").await.text("access_token");
    let url = world
        .server
        .url("/realms/highway/protocol/openid-connect/token");
    let mut said = Vec::new();
    for (name, client, issuer, subject, audience) in [
        ("no permission", "stranger", "MAIN", &*token, "stranger"),
        ("unknown issuer", "highway-public", "NONE", &token, "target"),
        ("garbage", "highway-public", "MAIN", "garbage", "target"),
        ("without openid", "highway-public", "MAIN", &bare, "target"),
        ("unknown audience", "highway-public", "MAIN", &token, "none"),
    ] {
        let fields = [
            GRANT,
            TYPE,
            ("subject_token", subject),
            ("subject_issuer", issuer),
            ("client_id", client),
            ("audience", audience),
        ];
        let reply = post(&world.server, &url, &fields).await.unwrap();
        said.push(format!("{name}: {}", no(&reply)));
    }
    let fields = [
        GRANT,
        TYPE,
        ("subject_token", &*token),
        ("subject_issuer", "X"),
    ];
    let mut standard = fields.to_vec();
    standard.extend_from_slice(ROBOT);
    let reply = world.post("token", &standard).await;
    said.push(format!("a realm that trusts nobody: {}", no(&reply)));
    assert_snapshot!(said.join("\n"), @r"
    no permission: 403 access_denied Client not allowed to exchange
    unknown issuer: 400 invalid_issuer Invalid subject_issuer parameter
    garbage: 400 invalid_token invalid token
    without openid: 400 invalid_token invalid token
    unknown audience: 400 invalid_client Audience not found
    a realm that trusts nobody: 400 invalid_request Parameter 'subject_issuer' is not supported for standard token exchange
    ");
}
