//! S1: no event, `Debug` text or error shows a secret, in any spelling, through all the flows.

use std::sync::Arc;

use auth_core::session::Held;
use auth_core::store::{MemoryStore, SessionKey, TokenStore};
use auth_core::{
    ApiClient, CachedSource, ClientAuth, ClientCredentials, Provider, RefreshToken, StaticSource,
    TokenEndpoint, TokenSource,
};
use auth_testkit::{Client, Fault};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use secrecy::SecretString;
use serde_json::json;

use crate::log::Log;
use crate::world::{HOUR, World};

const SECRET: &str = "canary+secret/of=the&client";

#[tokio::test(start_paused = true)]
async fn nothing_that_is_logged_or_shown_holds_a_secret() {
    let log = Log::of_everything();

    let world = World::new();
    world
        .server
        .add_client(Client::confidential("canary-client", SECRET).with_scopes(["read"]));
    let store: Arc<dyn TokenStore> = Arc::new(MemoryStore::new());
    let mut secrets = vec![SECRET.to_owned()];
    let mut shown = Vec::new();

    for client in [
        ClientAuth::basic("canary-client", SecretString::from(SECRET)),
        ClientAuth::body("canary-client", SecretString::from(SECRET)),
    ] {
        shown.push(format!("{client:?}"));
        let provider = Provider::new(world.server.issuer(), world.io()).unwrap();
        let endpoint = TokenEndpoint::discovered(provider, client);
        let source = CachedSource::new(
            ClientCredentials::new(endpoint).with_scopes(["read"]),
            world.io(),
        );
        let source = source.with_store(store.clone());
        let api = ApiClient::new(world.server.url("/"), Arc::new(source.clone()), world.io());
        api.get("api").await.unwrap();
        let token = source.token().await.unwrap();
        secrets.push(token.expose_secret().to_owned());
        source.discard(&token, None);
        world.server.fault("/token", Fault::status(503).times(3));
        shown.push(format!("{:#?}", source.token().await.unwrap_err()));
        world.pass(HOUR).await;
        let next = source.token().await.unwrap();
        secrets.push(next.expose_secret().to_owned());
        shown.push(format!("{source:?} {api:?} {token:?} {next:#?}"));
        shown.push(format!("{:?}", StaticSource::new(next, &world.io())));
    }

    let first = world.server.login("desktop", "ada", &["read"]);
    let person = world.person(&first, &["read"]).with_store(store.clone());
    secrets.push(first.expose_secret().to_owned());
    person.token().await.unwrap();
    let second = person.refresh_token().await.unwrap().unwrap();
    secrets.push(second.expose_secret().to_owned());
    world.server.fault("/token", Fault::truncated());
    shown.push(format!("{:#?}", person.renew().await.unwrap_err()));
    let dead = world.endpoint(ClientAuth::public("desktop"));
    let used: RefreshToken = first.clone();
    shown.push(format!(
        "{:#?}",
        dead.refresh(&Held::new(), &used, &[]).await.unwrap_err()
    ));
    shown.push(format!(
        "{person:?} {second:?} {store:?} {:?}",
        world.server
    ));
    let entry = store.load(person.key().session()).await.unwrap();
    shown.push(format!("{entry:?} {:?}", SessionKey::new("i", "c", "a")));

    let text = log.text() + &shown.join("\n");
    assert!(
        text.contains("token request"),
        "the events were written: {}",
        log.text()
    );
    for secret in secrets {
        let encoded: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
        let (front, back) = secret.split_at(secret.len() / 2);
        let spellings = [
            secret.as_str(),
            &encoded,
            &STANDARD.encode(&secret),
            &URL_SAFE_NO_PAD.encode(&secret),
            front,
            back,
        ];
        for spelling in spellings {
            assert!(!text.contains(spelling), "{spelling} is in {text}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_server_repeats_of_a_request_s_secrets_is_not_shown() {
    let world = World::new();
    let refresh = RefreshToken::new("canary-refresh-token");
    let pair = |secret: &str| {
        let secret: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
        STANDARD.encode(format!("canary-client:{secret}"))
    };
    let encoded: String = url::form_urlencoded::byte_serialize(SECRET.as_bytes()).collect();
    let repeated = format!(
        "{SECRET} {encoded} Basic {} canary-refresh-token",
        pair(SECRET)
    );
    for client in [
        ClientAuth::basic("canary-client", SecretString::from(SECRET)),
        ClientAuth::body("canary-client", SecretString::from(SECRET)),
    ] {
        let basic = format!("{client:?}").contains("basic");
        for status in [200, 400, 401, 503] {
            let said = json!({ "error": "invalid_client", "error_description": repeated });
            let fault = Fault::status(status).with_body("application/json", said.to_string());
            world.server.fault("/token", fault.times(3));
            let endpoint = world.endpoint(client.clone());
            let error = endpoint.refresh(&Held::new(), &refresh, &[]).await;
            let shown = format!("{0} {0:?} {0:#?}", error.unwrap_err());
            for secret in [SECRET, &*encoded, "canary-refresh-token"] {
                assert!(!shown.contains(secret), "{shown}");
            }
            assert!(!basic || !shown.contains(&pair(SECRET)), "{shown}");
            assert!(shown.contains("[secret]"), "{shown}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_as_good_as_one_with_tokens_shows_no_secret_either() {
    for said in [
        json!({ "access_token": 5, "message": SECRET }),
        json!({ "access_token": "a", "token_type": SECRET }),
        json!({ "access_token": "a", "token_type": SECRET.to_uppercase() }),
    ] {
        let world = World::new();
        let fault = Fault::status(200).with_body("application/json", said.to_string());
        world.server.fault("/token", fault.always());
        let client = ClientAuth::body("robot", SecretString::from(SECRET));
        let refresh = RefreshToken::new("canary-refresh-token");
        let error = world
            .endpoint(client)
            .refresh(&Held::new(), &refresh, &[])
            .await;
        let shown = format!("{0} {0:?}", error.unwrap_err());
        assert!(shown.contains("[secret]"), "{said}: {shown}");
        assert!(
            !shown.to_lowercase().contains(&SECRET.to_lowercase()),
            "{shown}"
        );
    }
    // What is handed out again is handed out.
    let world = World::new();
    let said = json!({ "access_token": "a", "refresh_token": "canary-refresh-token" });
    let fault = Fault::status(200).with_body("application/json", said.to_string());
    world.server.fault("/token", fault);
    let refresh = RefreshToken::new("canary-refresh-token");
    let endpoint = world.endpoint(ClientAuth::public("desktop"));
    let set = endpoint.refresh(&Held::new(), &refresh, &[]).await.unwrap();
    assert_eq!(
        set.refresh().unwrap().expose_secret(),
        "canary-refresh-token"
    );
}
