//! An assertion that authenticates a client.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use auth_core::BoxFuture;
use auth_core::assertion::{Assertion, ClientAssertion};
use auth_core::clock::{Clock, Now};
use serde_json::json;

use super::{claims, ready, shared};

#[derive(Debug)]
struct Stopped;

impl Clock for Stopped {
    fn now(&self) -> Now {
        Now::new(
            SystemTime::UNIX_EPOCH + Duration::from_secs(1_005),
            Duration::ZERO,
        )
    }

    fn sleep(&self, _: Duration) -> BoxFuture<'static, ()> {
        Box::pin(std::future::ready(()))
    }
}

fn client() -> Assertion {
    Assertion::new("client", shared("secret")).with_clock(Arc::new(Stopped))
}

#[tokio::test]
async fn rfc7523_s3_a_client_is_issuer_and_subject_for_the_asked_audience() {
    let client = ready(client()).await;
    let mut claims = claims(&client.sign("https://as/token").await.unwrap());
    assert!(claims.as_object_mut().unwrap().remove("jti").is_some());
    let expected = json!({
        "iat": 1000, "exp": 1300, "aud": "https://as/token", "iss": "client", "sub": "client",
    });
    assert_eq!(claims, expected);
}

#[tokio::test]
async fn a_clients_own_settings_hold_within_its_limits() {
    let client = client()
        .with_audience("https://as")
        .with_life(Duration::from_secs(60));
    let client = ready(client).await;
    let claims = claims(&client.sign("https://as/token").await.unwrap());
    assert_eq!(
        (&claims["aud"], &claims["exp"]),
        (&json!("https://as"), &json!(1060))
    );
}
