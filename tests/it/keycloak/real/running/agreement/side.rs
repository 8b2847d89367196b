//! One of two servers that are asked the same.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use auth_core::http::{ANSWER_LIMIT, Body, DefaultHttpClient, HttpClient};
use auth_testkit::{Client, Listening, Policy, Realm, Rotation, Server as Testkit, User};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use http::{HeaderMap, Request};
use serde_json::Value;
use url::Url;

use super::shape::{attribute, shape};
use crate::keycloak::real::server::Server;

/// A program and a browser in front of one realm.
pub struct Side {
    http: Arc<DefaultHttpClient>,
    base: String,
    realm: String,
    cookies: BTreeMap<String, String>,
    /// What the steps so far brought to light, by name.
    values: BTreeMap<String, String>,
    /// The page in front of the person, or where they are sent.
    next: Url,
}

impl Side {
    pub fn real(server: &Server, realm: &str) -> Self {
        Self::new(server.http(), server.url(), realm)
    }

    pub fn ours(testkit: &Listening, realm: &str) -> Self {
        let url = testkit.url("/");
        let base = url.as_str().trim_end_matches('/');
        Self::new(Arc::new(DefaultHttpClient::new()), base, realm)
    }

    fn new(http: Arc<DefaultHttpClient>, base: &str, realm: &str) -> Self {
        let known = WORDS.map(|(name, text)| (name.to_owned(), text.to_owned()));
        Self {
            http,
            base: base.to_owned(),
            realm: realm.to_owned(),
            cookies: BTreeMap::new(),
            values: known.into(),
            next: Url::parse(base).unwrap(),
        }
    }

    /// Takes one step and says what came of it: `POST place form`, `BASIC id:secret place form`,
    /// `GET place`, `USERINFO token`, `FILL form` of the last page, `FOLLOW` the last redirect,
    /// `FORGET cookie`, or `WAIT`.
    pub async fn step(&mut self, step: &str) -> String {
        let step = self.filled_in(step);
        let (verb, rest) = step.split_once(' ').unwrap_or((&step, ""));
        let two = || rest.split_once(' ').unwrap_or((rest, ""));
        match verb {
            "POST" => self.program(two().0, two().1, None).await,
            "BASIC" => {
                let (pair, rest) = two();
                let (place, form) = rest.split_once(' ').unwrap();
                let basic = format!("Basic {}", STANDARD.encode(pair));
                self.program(place, form, Some(basic)).await
            }
            "USERINFO" => {
                let bearer = Some(format!("Bearer {rest}")).filter(|_| !rest.is_empty());
                self.program("userinfo", "", bearer).await
            }
            "GET" => {
                self.next = Url::parse(&self.at(rest)).unwrap();
                self.browser(None).await
            }
            "FILL" => self.browser(Some(rest.to_owned())).await,
            "FOLLOW" => self.browser(None).await,
            "FORGET" => {
                self.cookies.remove(rest);
                String::new()
            }
            "WAIT" => {
                tokio::time::sleep(Duration::from_millis(1200)).await;
                String::new()
            }
            _ => panic!("{step}"),
        }
    }

    fn at(&self, place: &str) -> String {
        match place.strip_prefix('/') {
            Some(place) => format!("{}/realms/{}/{place}", self.base, self.realm),
            None => self.at(&format!("/protocol/openid-connect/{place}")),
        }
    }

    /// `text` with what is known in the place of `{name}`.
    fn filled_in(&self, text: &str) -> String {
        let mut filled = text.to_owned();
        for (name, value) in &self.values {
            filled = filled.replace(&format!("{{{name}}}"), value);
        }
        assert!(!filled.contains('{'), "{filled}: {:?}", self.values.keys());
        filled
    }

    async fn program(&mut self, place: &str, form: &str, proof: Option<String>) -> String {
        let mut request = Request::post(self.at(place)).header(CONTENT_TYPE, FORM);
        if let Some(proof) = proof {
            request = request.header(AUTHORIZATION, proof);
        }
        let body = Body::from(form.to_owned());
        self.send(request.body(body).unwrap()).await
    }

    async fn browser(&mut self, form: Option<String>) -> String {
        let builder = match form {
            Some(_) => Request::post(self.next.as_str()).header(CONTENT_TYPE, FORM),
            None => Request::get(self.next.as_str()),
        };
        let pairs = self.cookies.iter();
        let pairs: Vec<_> = pairs
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let request = builder
            .header(ACCEPT, "text/html")
            .header(COOKIE, pairs.join("; "))
            .body(Body::from(form.unwrap_or_default()));
        self.send(request.unwrap()).await
    }

    async fn send(&mut self, request: Request<Body>) -> String {
        let answer = self.http.send(request).await.unwrap();
        let (head, body) = answer.into_parts();
        let body = body.bytes(ANSWER_LIMIT).await.unwrap();
        let body = String::from_utf8_lossy(&body);
        self.remember(&head.headers, &body);
        shape(head.status.as_u16(), &head.headers, &body, &self.base)
    }

    fn remember(&mut self, headers: &HeaderMap, body: &str) {
        for cookie in headers.get_all(SET_COOKIE) {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        self.cookies.retain(|_, value| !value.is_empty());
        if let Ok(Value::Object(members)) = serde_json::from_str(body) {
            for (name, value) in members {
                self.know(&name, value.as_str().unwrap_or_default());
            }
        }
        if let Some(place) = headers.get(LOCATION) {
            self.next = Url::parse(place.to_str().unwrap()).unwrap();
            for (name, value) in self.next.clone().query_pairs() {
                self.know(&name, &value);
            }
        } else if let Some(form) = body.split("<form").nth(1) {
            let action = attribute(form, "action").unwrap();
            self.next = self.next.join(&action).unwrap();
            for tag in form.split("<input").skip(1) {
                let value = attribute(tag, "value").unwrap_or_default();
                attribute(tag, "name").inspect(|name| self.know(name, &value));
            }
        }
    }

    /// The latest of a name, and the first.
    fn know(&mut self, name: &str, value: &str) {
        let first = self.values.entry(format!("first {name}"));
        first.or_insert_with(|| value.to_owned());
        self.values.insert(name.to_owned(), value.to_owned());
    }
}

/// The testkit with the realms of the real server.
pub async fn testkit() -> Listening {
    let server = Testkit::new(auth_core::clock::SystemClock::new());
    let policy = || Policy::of_keycloak().with_device_interval(Duration::from_secs(1));
    server.add_realm(realm("steady", policy()));
    server.add_realm(realm("rotating", policy().with_rotation(Rotation::OneUse)));
    server.listen(0).await.unwrap()
}

fn realm(name: &str, policy: Policy) -> Realm {
    use auth_testkit::RequiredAction::{ConfigureTotp, UpdatePassword};
    let exchanger = Client::confidential("exchanger", "exchanger-secret");
    Realm::new(name)
        .with_policy(policy)
        .with_client(Client::confidential("robot", "s3cret+/%&: ü"))
        .with_client(Client::public("jobs").with_scopes(ALL))
        .with_client(Client::public("jobs-too").with_scopes(ALL))
        .with_client(Client::public("client-tools"))
        .with_client(Client::public("automated-access").with_scopes(["roles", "offline_access"]))
        .with_client(Client::public("desktop"))
        .with_client(exchanger.with_audience("resource-api").with_exchange())
        .with_client(Client::confidential("resource-api", "resource-secret"))
        .with_user(User::new("ada", "pw").with_name("Ada", "Lovelace"))
        .with_user(User::new("dave", "pw").disabled())
        .with_user(User::new("bob", "pw").with_totp("12345678901234567890"))
        .with_user(User::new("carol", "pw").with_required_action(ConfigureTotp))
        .with_user(User::new("erin", "pw").with_required_action(UpdatePassword))
}

/// All are optional.
const ALL: [&str; 4] = ["offline_access", "email", "profile", "roles"];

/// What steps say often.
const WORDS: [(&str, &str); 8] = [
    ("ada", "username=ada&password=pw"),
    (
        "jobs",
        "grant_type=password&client_id=jobs&username=ada&password=pw",
    ),
    ("refresh", "grant_type=refresh_token&client_id=jobs"),
    (
        "device",
        "grant_type=urn:ietf:params:oauth:grant-type:device_code",
    ),
    (
        "login",
        "response_type=code&client_id=desktop&redirect_uri=http://127.0.0.1:9/callback&state=st\
         &scope=openid&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM\
         &code_challenge_method=S256",
    ),
    (
        "offline",
        "response_type=code&client_id=desktop&redirect_uri=http://127.0.0.1:9/callback&state=st\
         &scope=openid+offline_access&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM\
         &code_challenge_method=S256",
    ),
    (
        "redeem",
        "grant_type=authorization_code&redirect_uri=http://127.0.0.1:9/callback",
    ),
    (
        "exchange",
        "grant_type=urn:ietf:params:oauth:grant-type:token-exchange\
         &client_id=exchanger&client_secret=exchanger-secret",
    ),
];

const FORM: &str = "application/x-www-form-urlencoded";
