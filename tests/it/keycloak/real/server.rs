//! The server that the environment names, and what an administrator and a person do there.

use std::env;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use auth_core::http::{ANSWER_LIMIT, Body, DefaultHttpClient, HttpClient};
use auth_core::{Io, RefreshToken};
use auth_keycloak::Realm;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{Method, Request};
use serde_json::{Value, json};
use url::form_urlencoded;

use crate::browser::Browser;

/// A running Keycloak with our realms: `steady`, `rotating` (a refresh token can be used once) and
/// `short` (a login ends after four seconds without use).
#[derive(Clone)]
pub struct Server {
    url: String,
    http: Arc<DefaultHttpClient>,
    admin: PathBuf,
    state: PathBuf,
}

/// What the server said.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub body: Value,
}

impl Server {
    /// The server that `cargo xtask conformance keycloak` starts.
    pub fn at_hand() -> Self {
        let variable = |name: &str| {
            env::var(name)
                .unwrap_or_else(|_| panic!("cargo xtask conformance keycloak sets {name}"))
        };
        let path = |name: &str| PathBuf::from(variable(name));
        let http = DefaultHttpClient::new().with_ca_file(path("AUTH_KEYCLOAK_CA"));
        Self {
            url: variable("AUTH_KEYCLOAK_URL"),
            http: Arc::new(http.with_deadlines(PATIENCE, PATIENCE)),
            admin: path("AUTH_KEYCLOAK_ADMIN"),
            state: path("AUTH_KEYCLOAK_STATE"),
        }
    }

    /// The same server, called by another address of its own.
    pub fn at(&self, url: String) -> Self {
        Self {
            url,
            ..self.clone()
        }
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    /// The network as the server's clients see it.
    pub fn http(&self) -> Arc<DefaultHttpClient> {
        self.http.clone()
    }

    pub fn io(&self) -> Io {
        Io::new().with_http(self.http.clone())
    }

    pub fn realm(&self, name: &str) -> Realm {
        Realm::new(&self.url, name, self.io()).unwrap()
    }

    pub fn browser(&self) -> Browser {
        Browser::new(self.http.clone())
    }

    /// A folder that outlives the server.
    pub fn state(&self, name: &str) -> PathBuf {
        self.state.join(name)
    }

    /// Logs a person in with a password, which only tests do: the answer to `scope`.
    pub async fn login(&self, realm: &str, client: &str, user: &str, scope: &str) -> Value {
        let form = [
            ("grant_type", "password"),
            ("client_id", client),
            ("username", user),
            ("password", "pw"),
            ("scope", scope),
        ];
        let answer = self.post(realm, "token", &form).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.body
    }

    /// The refresh token of a new login of Ada's.
    pub async fn session(&self, realm: &str) -> RefreshToken {
        refresh_token(&self.login(realm, "jobs", "ada", "openid").await)
    }

    /// An offline token of Ada's.
    pub async fn offline_token(&self, realm: &str) -> RefreshToken {
        refresh_token(
            &self
                .login(realm, "jobs", "ada", "openid offline_access")
                .await,
        )
    }

    /// Posts a form to one of a realm's endpoints.
    pub async fn post(&self, realm: &str, endpoint: &str, form: &[(&str, &str)]) -> Answer {
        let url = format!(
            "{}/realms/{realm}/protocol/openid-connect/{endpoint}",
            self.url
        );
        let form = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(form)
            .finish();
        let request = Request::post(url)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(form.into());
        self.send(request.unwrap()).await
    }

    /// Asks the realm who the token belongs to.
    pub async fn userinfo(&self, realm: &str, token: &str) -> Answer {
        let url = format!(
            "{}/realms/{realm}/protocol/openid-connect/userinfo",
            self.url
        );
        let request = Request::get(url).header(AUTHORIZATION, format!("Bearer {token}"));
        self.send(request.body(Body::empty()).unwrap()).await
    }

    /// Does something as the administrator. `path` begins with the realm; without one it is about all of them.
    pub async fn manage(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let password = fs::read_to_string(&self.admin).unwrap();
        let form = [
            ("grant_type", "password"),
            ("client_id", "admin-cli"),
            ("username", "admin"),
            ("password", &password),
        ];
        let token = self.post("master", "token", &form).await.body;
        let token = token["access_token"]
            .as_str()
            .expect("the administrator can log in");
        let request = Request::builder()
            .method(method)
            .uri(format!("{}/admin/realms/{path}", self.url).trim_end_matches('/'))
            .header(AUTHORIZATION, format!("Bearer {token}"))
            .header(CONTENT_TYPE, "application/json");
        let body = body.map_or_else(Body::empty, |body| body.to_string().into());
        let answer = self.send(request.body(body).unwrap()).await;
        assert!(answer.status < 300, "{path}: {answer:?}");
        answer
    }

    /// What the server noted in a realm, of that sort.
    pub async fn noted(&self, realm: &str, event: &str) -> Vec<Value> {
        let path = format!("{realm}/events?type={event}&max=1000");
        let events = self.manage(Method::GET, &path, None).await.body;
        events.as_array().unwrap().clone()
    }

    /// How often the server noted `event` for the session of `token`.
    pub async fn events(&self, realm: &str, event: &str, token: &RefreshToken) -> usize {
        let session = claims(token.expose_secret())["sid"].clone();
        let events = self.noted(realm, event).await.into_iter();
        events.filter(|event| event["sessionId"] == session).count()
    }

    /// The id of a user or client, found by what the server calls it.
    pub async fn id(&self, realm: &str, query: &str) -> String {
        let found = self
            .manage(Method::GET, &format!("{realm}/{query}"), None)
            .await;
        found.body[0]["id"].as_str().unwrap().to_owned()
    }

    /// Has a realm sign with a new key from now on, unless one of higher priority is there.
    pub async fn add_key(&self, realm: &str, name: &str, priority: u32) {
        let parent = self.manage(Method::GET, realm, None).await.body["id"].clone();
        let key = json!({
            "name": name, "parentId": parent,
            "providerId": "rsa-generated", "providerType": "org.keycloak.keys.KeyProvider",
            "config": {
                "priority": [priority.to_string()], "enabled": ["true"], "active": ["true"],
            },
        });
        let path = format!("{realm}/components");
        self.manage(Method::POST, &path, Some(key)).await;
    }

    /// Lets Grace in or keeps her out.
    pub async fn enable_grace(&self, realm: &str, enabled: bool) {
        let id = self.id(realm, "users?username=grace&exact=true").await;
        let change = Some(json!({ "enabled": enabled }));
        self.manage(Method::PUT, &format!("{realm}/users/{id}"), change)
            .await;
    }

    async fn send(&self, request: Request<Body>) -> Answer {
        let (head, body) = self.http.send(request).await.unwrap().into_parts();
        let body = body.bytes(ANSWER_LIMIT).await.unwrap();
        Answer {
            status: head.status.as_u16(),
            body: serde_json::from_slice(&body).unwrap_or_default(),
        }
    }
}

/// A new realm takes its time where the machine has other things to do.
const PATIENCE: Duration = Duration::from_secs(300);

pub fn refresh_token(answer: &Value) -> RefreshToken {
    RefreshToken::new(answer["refresh_token"].as_str().unwrap())
}

/// What a token says, unchecked.
pub fn claims(token: &str) -> Value {
    part(token, 1)
}

/// The header of a token, unchecked.
pub fn header(token: &str) -> Value {
    part(token, 0)
}

fn part(token: &str, index: usize) -> Value {
    let part = URL_SAFE_NO_PAD.decode(token.split('.').nth(index).unwrap());
    serde_json::from_slice(&part.unwrap()).unwrap()
}
