//! What a server answers a client: tokens, codes for people, what it knows of a token or of a person.

#![no_main]

mod world;

use std::sync::Arc;
use std::time::Duration;

use auth_core::clock::Clock as _;
use auth_core::session::Held;
use auth_core::token::IdToken;
use auth_core::{
    AccessToken, ClientAuth, ClientCredentials, DeviceCode, Grant as _, Io, Provider, RefreshToken, Result, StaticSource,
    TokenEndpoint,
};
use libfuzzer_sys::fuzz_target;

use self::world::{CANARY, ISSUER, Person, Server, assert_harmless, run, secret};

fuzz_target!(|bytes: &[u8]| {
    let Some((flow, rest)) = bytes.split_first() else {
        return;
    };
    assert_harmless(run(play(flow % 6, Server::of(rest).io())));
});

/// One thing that a client does.
async fn play(flow: u8, io: Io) -> Result<()> {
    let provider = Provider::new(ISSUER, io.clone())?;
    let endpoint = TokenEndpoint::discovered(provider.clone(), ClientAuth::basic("app", secret()));
    let held = Held::new();
    match flow {
        0 => ClientCredentials::new(endpoint).exchange(&held).await.map(drop),
        1 => endpoint.refresh(&held, &refresh_token(), &[]).await.map(drop),
        2 => DeviceCode::new(endpoint, Arc::new(Person)).exchange(&held).await.map(drop),
        3 => {
            let now = io.clock().now().wall;
            let access = AccessToken::new(secret(), now, now + Duration::from_secs(3600))?;
            let id = IdToken::new(ID_TOKEN.to_owned());
            provider.user_info(Arc::new(StaticSource::new(access, &io)), &id).await.map(drop)
        }
        4 => endpoint.introspect(&secret()).await.map(drop),
        _ => endpoint.revoke(&refresh_token()).await,
    }
}

fn refresh_token() -> RefreshToken {
    RefreshToken::new(CANARY.to_owned())
}

/// Somebody's, unsigned: `{"iss":"https://id.test","sub":"ada","aud":"app","iat":1767225600,"exp":1767229200}`.
const ID_TOKEN: &str = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJodHRwczovL2lkLnRlc3QiLCJzdWIiOiJhZGEiLCJhdWQiOiJhcHAiLCJpYXQiOjE3NjcyMjU2MDAsImV4cCI6MTc2NzIyOTIwMH0.AA";
