//! A refresh token that was given from outside: it is redeemed once, and then its successors.

use auth_core::error::Challenge;
use auth_core::{ErrorKind, TokenSource};
use auth_testkit::{Policy, Rotation};

use super::memory;
use crate::world::{HOUR, World};

#[tokio::test(start_paused = true)]
async fn a_given_refresh_token_is_redeemed_once_and_then_its_successors() {
    let (world, store) = (World::new(), memory());
    let given = world.server.login("desktop", "ada", &["read"]);
    let source = world.given(&given).with_store(store.clone());
    assert_eq!(source.key().session().account(), given.fingerprint().name());
    source.token().await.unwrap();
    // Another process is given the same token: it finds the successor in the store.
    let again = world.given(&given).with_store(store.clone());
    again.renew().await.unwrap();
    assert_eq!(world.asked(), 2);
    // Where the successor is dead the given one is not tried: the server would end the whole login.
    let kept = again.refresh_token().await.unwrap().unwrap();
    world.server.revoke(kept.expose_secret());
    world.pass(2 * HOUR).await;
    let error = world
        .given(&given)
        .with_store(store)
        .token()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Interaction);
    let sent = world.server.requests();
    let sent = sent
        .iter()
        .filter(|r| r.field("refresh_token").as_deref() == Some(given.expose_secret()));
    assert_eq!(sent.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_does_not_rotate_gets_the_same_refresh_token_again() {
    for rotation in [Rotation::Silent, Rotation::Same, Rotation::Lenient] {
        let (world, store) = (World::new(), memory());
        world
            .server
            .set_policy(Policy::new().with_rotation(rotation));
        let given = world.server.login("desktop", "ada", &["read"]);
        let source = world.given(&given).with_store(store);
        for _ in 0..3 {
            source.renew().await.unwrap();
        }
        assert_eq!(world.asked(), 3, "{rotation:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_an_api_asks_of_a_login_is_no_end_of_a_given_refresh_token() {
    let (world, store) = (World::new(), memory());
    let given = world.server.login("desktop", "ada", &["read"]);
    let source = world.given(&given).with_store(store.clone());
    let refused = source.token().await.unwrap();
    let mut challenge = Challenge::default();
    challenge.acr_values = Some("mfa".into());
    source.discard(&refused, Some(&challenge));
    let error = source.token().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Interaction);
    assert!(error.message().contains("the API asks"), "{error}");
    let kept = source.refresh_token().await.unwrap().unwrap();
    assert!(world.server.is_live(&kept) && world.asked() == 1);
    // Another process, that calls another API, goes on with the successor.
    world.given(&given).with_store(store).renew().await.unwrap();
}
