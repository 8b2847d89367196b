//! [`Suite`]: the provider that tests relying parties, and [`Party`]: the relying party.

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::UNIX_EPOCH;

use auth_core::http::{Body, DefaultHttpClient, HttpClient};
use auth_core::prompt::Echo;
use auth_core::provider::UserInfo;
use auth_core::{
    AuthorizationCode, BoxFuture, CachedSource, ClientAuth, Error, ErrorKind, Prompt, Provider,
    RedirectUri, Refreshing, Result, TokenEndpoint, TokenSource,
};
use auth_testkit::{Client, Fault, Server, Visitor};
use auth_verify::{IdTokenCheck, Issuer, Keys, Verifier};
use http::{Request, Response};
use secrecy::SecretString;
use serde_json::{Value, json};
use tokio::runtime::Builder;
use url::Url;

use crate::browser::Browser;
use crate::verify::forge::Forge;
use crate::world::{HOUR, World};

/// Writes an ID token from the claims of a good one.
type Pen = Box<dyn Fn(Value) -> String + Send + Sync>;

/// The provider, whose ID tokens a test may write.
pub struct Suite {
    pub server: Server,
    world: World,
    pen: Mutex<Option<Pen>>,
}

impl Suite {
    pub fn new() -> Arc<Self> {
        let world = World::new();
        let server = world.server.clone();
        server.set_visitor(Visitor::logs_in("ada"));
        let scopes = ["openid", "profile", "email"];
        server.add_client(Client::confidential("app", "s3cret+/%&").with_scopes(scopes));
        Arc::new(Self {
            server,
            world,
            pen: Mutex::default(),
        })
    }

    /// A provider with one key of its own, whose ID tokens come from `pen`.
    pub fn with_pen(
        key: &Forge,
        pen: impl Fn(Value) -> String + Send + Sync + 'static,
    ) -> Arc<Self> {
        let suite = Self::new();
        suite.publish(&[key]);
        *suite.pen.lock().unwrap() = Some(Box::new(pen));
        suite
    }

    /// Publishes these keys instead of its own.
    pub fn publish(&self, keys: &[&Forge]) {
        let keys: Vec<_> = keys.iter().map(|key| key.jwk()).collect();
        self.server
            .fault("/jwks", Fault::member("keys", keys).always());
    }

    /// The claims of a good ID token for the client `app`.
    pub fn claims(&self, nonce: Option<String>) -> Value {
        let now = self.server.clock().now().wall;
        let now = now.duration_since(UNIX_EPOCH).unwrap().as_secs();
        json!({
            "iss": self.server.issuer(), "sub": "ada", "aud": "app", "nonce": nonce,
            "iat": now, "exp": now + HOUR.as_secs(),
        })
    }

    pub fn asked_userinfo(&self) -> usize {
        self.server.count("/userinfo")
    }
}

/// How the answer of the login page comes back.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Mode {
    Query,
    FormPost,
}

/// What both plans ask.
pub const MODES: [Mode; 2] = [Mode::Query, Mode::FormPost];

/// A relying party: a program that logs people in, and keeps nothing between logins but the keys.
pub struct Party {
    suite: Arc<Suite>,
    provider: Provider,
    check: Arc<IdTokenCheck>,
    mode: Mode,
}

impl Party {
    pub fn new(suite: &Arc<Suite>, mode: Mode) -> Self {
        Self::of_issuer(suite, mode, &suite.server.issuer())
    }

    pub fn of_issuer(suite: &Arc<Suite>, mode: Mode, issuer: &str) -> Self {
        let provider = Provider::new(issuer, suite.world.io()).unwrap();
        let keys = Keys::discovered(provider.clone());
        let expected = Issuer::id_tokens(issuer, "app", keys).unwrap();
        let verifier = Verifier::new(expected).with_clock(suite.server.clock().clone());
        Self {
            suite: suite.clone(),
            provider,
            check: Arc::new(IdTokenCheck::new(verifier)),
            mode,
        }
    }

    /// A login that has not begun.
    pub fn login(&self) -> CachedSource {
        self.login_with("prompt", "login")
    }

    /// A login with one more parameter for the login page.
    pub fn login_with(&self, name: &str, value: &str) -> CachedSource {
        let client = ClientAuth::basic("app", SecretString::from("s3cret+/%&"));
        let endpoint = TokenEndpoint::discovered(self.provider.clone(), client);
        let redirect = RedirectUri::new("http://127.0.0.1/callback").unwrap();
        let person = Arc::new(Person(self.suite.clone()));
        let grant = AuthorizationCode::new(endpoint.clone(), person, redirect)
            .with_scopes(["openid", "profile", "email"])
            .with_parameter(name, value);
        let grant = match self.mode {
            Mode::Query => grant,
            Mode::FormPost => grant.with_form_post(),
        };
        let source = CachedSource::new(Refreshing::new(endpoint, grant), self.suite.world.io());
        source.with_check(self.check.clone())
    }

    /// What the provider says about the person of a login.
    pub async fn user_info(&self, login: &CachedSource) -> Result<UserInfo> {
        let id = login.id_token().await?.expect("an ID token was asked for");
        let source = Arc::new(login.clone());
        self.provider.user_info(source, &id).await
    }

    /// Logs in and asks for userinfo, as nearly each module wants it.
    pub async fn complete(&self) -> Result<UserInfo> {
        let login = self.login();
        login.token().await?;
        self.user_info(&login).await
    }

    pub fn endpoint(&self) -> TokenEndpoint {
        let client = ClientAuth::basic("app", SecretString::from("s3cret+/%&"));
        TokenEndpoint::discovered(self.provider.clone(), client)
    }
}

/// Nothing may happen after a bad ID token: no token is handed out, nobody asks for userinfo.
pub async fn assert_refused(suite: &Arc<Suite>, mode: Mode, why: &str) {
    let error = Party::new(suite, mode).complete().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Protocol, "{error}");
    let said = error.to_string();
    assert!(said.contains("ID token") && said.contains(why), "{error}");
    assert_eq!(suite.server.count("/token"), 1);
    assert_eq!(suite.asked_userinfo(), 0);
}

pub async fn assert_accepted(suite: &Arc<Suite>, mode: Mode) {
    let info = Party::new(suite, mode).complete().await.unwrap();
    assert_eq!(info.subject(), "ada");
    assert_eq!(suite.asked_userinfo(), 1);
}

/// Whose browser logs in.
struct Person(Arc<Suite>);

impl Prompt for Person {
    fn ask<'a>(&'a self, question: &'a str, _: Echo) -> BoxFuture<'a, Result<SecretString>> {
        Box::pin(async move { Err(Error::interaction(question)) })
    }

    fn open<'a>(&'a self, page: &'a Url) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let mut query = page.query_pairs();
            let nonce = query.find(|(name, _)| name == "nonce");
            let claims = self.0.claims(nonce.map(|(_, nonce)| nonce.into_owned()));
            if let Some(pen) = &*self.0.pen.lock().unwrap() {
                let fault = Fault::member("id_token", pen(claims));
                self.0.server.fault("/token", fault);
            }
            let mut browser = Browser::new(Arc::new(Web::new(&self.0)));
            let end = browser.open(page).await;
            if end.has("state") {
                browser.fill(&end, &[]).await;
            }
            Ok(())
        })
    }
}

impl fmt::Debug for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Person")
    }
}

/// Runs a module on one thread and on several, in real time: browsers come back over real sockets.
pub fn on_each_runtime<L: Future<Output = ()>>(module: impl Fn() -> L) {
    let one = Builder::new_current_thread().enable_all().build();
    one.unwrap().block_on(module());
    let several = Builder::new_multi_thread()
        .worker_threads(4)
        .enable_all()
        .build();
    several.unwrap().block_on(module());
}

/// The way to the provider, which is in this process, and to loopback.
#[derive(Debug)]
pub struct Web {
    server: Server,
    loopback: DefaultHttpClient,
}

impl Web {
    pub fn new(suite: &Suite) -> Self {
        Self {
            server: suite.server.clone(),
            loopback: DefaultHttpClient::new(),
        }
    }
}

impl HttpClient for Web {
    fn send(&self, request: Request<Body>) -> BoxFuture<'_, Result<Response<Body>>> {
        Box::pin(async move {
            match request.uri().host() {
                Some("127.0.0.1") => self.loopback.send(request).await,
                _ => self.server.io().http().send(request).await,
            }
        })
    }
}
