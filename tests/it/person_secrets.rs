//! S1 for logins by a person: no event, `Debug` text or error shows a code, a state, a verifier or a token.

use std::sync::Arc;

use auth_core::session::Held;
use auth_core::{ClientAuth, DeviceCode, Grant, TokenExchange};
use auth_testkit::{Client, Fault};
use secrecy::SecretString;

use crate::log::Log;
use crate::world::{Eager, World};

#[tokio::test(start_paused = true)]
async fn s1_no_event_no_debug_and_no_error_of_a_login_shows_a_secret() {
    let log = Log::of_everything();

    let world = World::new();
    let scopes = ["openid", "read"];
    world
        .server
        .add_client(Client::confidential("canary", "canary-secret").with_scopes(scopes));
    let endpoint = world.found(ClientAuth::basic(
        "canary",
        SecretString::from("canary-secret"),
    ));
    let grant = DeviceCode::new(endpoint.clone(), Arc::new(Eager(world.server.clone())))
        .with_scopes(scopes)
        .with_pkce();
    world.server.fault("/token", Fault::status(503));
    world
        .server
        .fault("/token", Fault::refusal(400, "slow_down"));
    let set = grant.exchange(&Held::new()).await.unwrap();
    let (access, refresh) = (set.access(), set.refresh().unwrap());
    let mut shown = format!("{grant:?} {set:#?}");
    let known = endpoint.introspect(&access.expose_secret().into()).await;
    shown += &format!("{known:?}");
    let first = world.server.login("desktop", "ada", &["read"]);
    let subject = world.person(&first, &["read"]);
    let exchange = TokenExchange::new(endpoint.clone(), Arc::new(subject)).unwrap();
    shown += &format!("{exchange:?}");
    let traded = exchange.exchange(&Held::new()).await.unwrap();
    for path in ["/revoke", "/introspect", "/token"] {
        world
            .server
            .fault(path, Fault::refusal(400, "invalid_request"));
    }
    shown += &format!("{:?}", endpoint.revoke(refresh).await.unwrap_err());
    shown += &format!("{:?}", exchange.exchange(&Held::new()).await.unwrap_err());
    let unknown = SecretString::from("canary-token");
    shown += &format!("{:?}", endpoint.introspect(&unknown).await.unwrap_err());

    let text = log.text() + &shown;
    assert!(text.contains("token request") && text.contains("the person is waited for"));
    let mut secrets = vec!["canary-secret".to_owned(), "canary-token".to_owned()];
    secrets.push(access.expose_secret().to_owned());
    secrets.push(traded.access().expose_secret().to_owned());
    secrets.push(refresh.expose_secret().to_owned());
    secrets.push(set.id().unwrap().expose_secret().to_owned());
    for sent in world.server.requests() {
        secrets.extend(
            ["device_code", "code_verifier"]
                .into_iter()
                .filter_map(|name| sent.field(name)),
        );
    }
    assert!(secrets.len() > 8);
    for secret in secrets {
        let (front, back) = secret.split_at(secret.len() / 2);
        // Halves of the short ones are words.
        let halves = [front, back].into_iter().filter(|half| half.len() > 8);
        for spelling in halves.chain([secret.as_str()]) {
            assert!(!text.contains(spelling), "{spelling} is in {text}");
        }
    }
}
