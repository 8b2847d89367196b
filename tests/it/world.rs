//! What most tests start from: a server, a client that it knows, and sources of that client.

use std::sync::Arc;
use std::time::Duration;

use auth_core::clock::Clock;
use auth_core::prompt::{Echo, UserCode};
use auth_core::session::{Held, TokenSet};
use auth_core::store::{StoreKey, TokenStore};
use auth_core::{
    AccessToken, BoxFuture, CachedSource, ClientAuth, ClientCredentials, Error, Grant, Io, Prompt,
    RefreshToken, Refreshing, Result, TokenEndpoint, TokenSource,
};
use auth_testkit::{Client, Policy, Server, TestClock};
use secrecy::SecretString;
use tokio::runtime::{Builder, Handle, RuntimeFlavor};

pub const MINUTE: Duration = Duration::from_secs(60);
pub const HOUR: Duration = Duration::from_secs(3600);

/// A server whose time stands still, and what talks to it.
pub struct World {
    pub server: Server,
    pub clock: TestClock,
}

impl World {
    /// A server that issues tokens of one hour.
    pub fn new() -> Self {
        let clock = TestClock::new();
        let server = Server::new(clock.clone());
        server.add_client(Client::confidential("robot", "s3cret").with_scopes(["read", "write"]));
        server.add_client(Client::public("desktop").with_scopes(["read", "write"]));
        Self { server, clock }
    }

    /// The same, with tokens of that life.
    pub fn with_life(life: Duration) -> Self {
        let world = Self::new();
        world.server.set_policy(Policy::new().with_token_life(life));
        world
    }

    pub fn io(&self) -> Io {
        self.server.io()
    }

    pub fn endpoint(&self, client: ClientAuth) -> TokenEndpoint {
        TokenEndpoint::new(self.server.url("/token"), client, self.io())
    }

    /// A program that asks for itself.
    pub fn robot(&self) -> CachedSource {
        self.robot_with(self.io())
    }

    /// The same in another world of its own.
    pub fn robot_with(&self, io: Io) -> CachedSource {
        let client = ClientAuth::basic("robot", SecretString::from("s3cret"));
        let endpoint = TokenEndpoint::new(self.server.url("/token"), client, io.clone());
        CachedSource::new(ClientCredentials::new(endpoint), io)
    }

    /// The login of a person, whose refresh token is at hand already, asking for `scopes`.
    pub fn person(&self, first: &RefreshToken, scopes: &[&str]) -> CachedSource {
        let endpoint = self.endpoint(ClientAuth::public("desktop"));
        let scopes: Vec<String> = scopes.iter().map(|&scope| scope.to_owned()).collect();
        let login = Login {
            endpoint: endpoint.clone(),
            first: first.clone(),
            scopes: scopes.clone(),
        };
        CachedSource::new(
            Refreshing::new(endpoint, login).with_scopes(scopes),
            self.io(),
        )
    }

    pub fn person_in(
        &self,
        store: &Arc<dyn TokenStore>,
        first: &RefreshToken,
        scopes: &[&str],
    ) -> CachedSource {
        self.person(first, scopes).with_store(store.clone())
    }

    pub fn asked(&self) -> usize {
        self.server.count("/token")
    }

    /// Everybody's clock jumps: what ends by then has ended, and nobody waited for it.
    pub fn jump(&self, time: Duration) {
        self.clock.set_forward(time);
    }

    pub async fn pass(&self, time: Duration) {
        self.clock.advance(time).await;
    }

    /// How long `token` still works.
    pub fn rest(&self, token: &AccessToken) -> Duration {
        token
            .expires_at()
            .duration_since(self.clock.now().wall)
            .unwrap_or_default()
    }
}

/// Stands in for a login by a person: it redeems a first refresh token.
#[derive(Debug)]
struct Login {
    endpoint: TokenEndpoint,
    first: RefreshToken,
    scopes: Vec<String>,
}

impl Grant for Login {
    fn key(&self) -> StoreKey {
        StoreKey::new(self.endpoint.session("default")).with_scopes(&self.scopes)
    }

    fn exchange<'a>(&'a self, held: &'a Held) -> BoxFuture<'a, Result<TokenSet>> {
        Box::pin(async move {
            let set = self
                .endpoint
                .refresh(held, &self.first, &self.scopes)
                .await?;
            Ok(set.with_account("ada"))
        })
    }
}

/// Runs a law on one thread, where time is paused, and on several, where it is not: what races shows there.
pub fn on_both_runtimes<L: Future<Output = ()>>(law: impl Fn() -> L) {
    let one = Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build();
    one.unwrap().block_on(law());
    let several = Builder::new_multi_thread()
        .worker_threads(4)
        .enable_all()
        .build();
    several.unwrap().block_on(law());
}

/// The delay of a slow server: long where time is paused, and else long enough for everybody to come meanwhile.
pub fn slowly() -> Duration {
    match Handle::current().runtime_flavor() {
        RuntimeFlavor::CurrentThread => Duration::from_secs(20),
        _ => Duration::from_millis(300),
    }
}

/// Waits until it is so. What never is ends the test.
pub async fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    for _ in 0..10_000 {
        if is_so() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    panic!("never: {what}");
}

/// Where a person would be asked, there is nobody.
#[derive(Debug)]
pub struct Nobody(pub StoreKey);

impl Grant for Nobody {
    fn key(&self) -> StoreKey {
        self.0.clone()
    }

    fn exchange<'a>(&'a self, _: &'a Held) -> BoxFuture<'a, Result<TokenSet>> {
        Box::pin(async { Err(Error::interaction("nobody is logged in")) })
    }
}

/// Calls `source` a hundred times at once and collects the answers.
pub async fn crowd(source: &CachedSource) -> Vec<Result<AccessToken>> {
    let calls = (0..100).map(|_| {
        let source = source.clone();
        tokio::spawn(async move { source.token().await })
    });
    let calls: Vec<_> = calls.collect();
    let mut answers = Vec::new();
    for call in calls {
        answers.push(call.await.unwrap());
    }
    answers
}

/// Somebody who allows at once what they are shown.
#[derive(Debug)]
pub struct Eager(pub Server);

impl Prompt for Eager {
    fn ask<'a>(&'a self, _: &'a str, _: Echo) -> BoxFuture<'a, Result<SecretString>> {
        Box::pin(async { Err(Error::interaction("nobody")) })
    }

    fn show_user_code<'a>(&'a self, code: &'a UserCode) -> BoxFuture<'a, Result<()>> {
        assert!(self.0.allow_device(code.code(), "ada"));
        Box::pin(async { Ok(()) })
    }
}
