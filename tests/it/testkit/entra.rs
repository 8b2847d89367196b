//! The shape of Entra ID.

mod application;
mod demand;
mod device;
mod metadata;
mod page;
mod person;
mod refresh;
mod refusal;

use std::time::SystemTime;

use auth_core::clock::Clock;
use auth_testkit::{EntraApplication, EntraTenant, Server, TestClock, User, Visitor};
use jsonwebtoken::dangerous::insecure_decode;
use serde_json::Value;
use url::Url;

use super::{Form, Reply, post};

pub const TENANT: &str = "f870e5ae-5521-4a94-b9ff-cdde7d36dd35";
pub const DESKTOP: &str = "0fde62ae-2203-44a5-9722-73e965325ae7";
pub const ROBOT: &str = "7e307b14-2a27-4f66-ada8-ec6400eb4977";
pub const API: &str = "0a4b8df7-5c97-42b2-be07-2bb25e06dbb2";
pub const OTHER_API: &str = "14e3f6c0-b8aa-46c6-98d9-29b0dd2a0f7c";

/// A tenant with a person who is logged in already, two programs, and an API for each version of tokens.
pub fn tenant() -> EntraTenant {
    EntraTenant::new(TENANT)
        .with_domain("contoso.onmicrosoft.com")
        .with_application(EntraApplication::public(DESKTOP))
        .with_application(
            EntraApplication::confidential(ROBOT, "s3cret~")
                .with_expired_secret("old")
                .with_certificate(CERTIFICATE)
                .with_federated_credential("https://auth.test", "workload"),
        )
        .with_application(api())
        .with_application(
            EntraApplication::api(OTHER_API)
                .with_v1_tokens()
                .with_idtyp()
                .with_scope("user_impersonation"),
        )
        .with_user(User::new("ada", "pw").with_role("Reader"))
        .with_visitor(Visitor::logs_in("ada"))
}

pub fn api() -> EntraApplication {
    EntraApplication::api(API)
        .with_scope("reference.reader.all")
        .with_scope("import.writer.all")
        .with_role("robot.writer", ROBOT)
        .with_api_at("/v1")
}

pub fn server() -> (Server, TestClock) {
    let clock = TestClock::new();
    let server = Server::new(clock.clone());
    server.add_entra_tenant(tenant());
    (server, clock)
}

pub fn at(path: &str) -> Url {
    Url::parse(&format!("https://login.microsoftonline.com/{path}")).unwrap()
}

pub fn endpoint(name: &str) -> Url {
    at(&format!("{TENANT}/oauth2/v2.0/{name}"))
}

pub async fn token(server: &Server, fields: Form<'_>) -> Reply {
    post(server, &endpoint("token"), fields).await.unwrap()
}

/// What a token says.
pub fn claims(token: &str) -> Value {
    insecure_decode::<Value>(token).unwrap().claims
}

pub fn now(clock: &TestClock) -> u64 {
    let since = clock.now().wall.duration_since(SystemTime::UNIX_EPOCH);
    since.unwrap().as_secs()
}

pub const KEY: &[u8] = include_bytes!("../jwt_bearer/keys/rsa.pkcs8.pem");
pub const CERTIFICATE: &str = include_str!("entra/rsa.cert.pem");
