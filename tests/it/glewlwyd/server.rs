//! The server that the environment names, and Ada's browser there.

use std::env;
use std::fmt;
use std::sync::Arc;

use auth_core::http::{ANSWER_LIMIT, Body, DefaultHttpClient, HttpClient};
use auth_core::prompt::{Echo, UserCode};
use auth_core::{
    AuthorizationCode, BoxFuture, CachedSource, ClientAuth, Error, Io, Prompt, Provider,
    RedirectUri, Refreshing, Result, TokenEndpoint,
};
use auth_verify::{IdTokenCheck, Issuer, Keys, Verifier};
use http::header::{CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use http::{Method, Request, Response};
use secrecy::SecretString;
use serde_json::{Value, json};
use url::Url;

/// The provider, known by its issuer alone.
#[derive(Clone)]
pub struct Server {
    base: String,
    pub http: Arc<DefaultHttpClient>,
}

impl Server {
    /// The server that `cargo xtask conformance glewlwyd` starts.
    pub fn at_hand() -> Self {
        let base =
            env::var("AUTH_GLEWLWYD").expect("cargo xtask conformance glewlwyd sets AUTH_GLEWLWYD");
        let authority = env::var_os("AUTH_GLEWLWYD_CA").expect("a CA beside the server");
        let http = Arc::new(DefaultHttpClient::new().with_ca_file(authority));
        Self { base, http }
    }

    pub fn io(&self) -> Io {
        Io::new().with_http(self.http.clone())
    }

    pub fn issuer(&self) -> String {
        format!("{}/api/oidc", self.base)
    }

    pub fn endpoint(&self, client: ClientAuth, io: Io) -> TokenEndpoint {
        let provider = Provider::new(self.issuer(), io).unwrap();
        TokenEndpoint::discovered(provider, client)
    }

    pub fn robot(&self) -> TokenEndpoint {
        let client = ClientAuth::basic("robot", SecretString::from("a-secret-of-the-robot"));
        self.endpoint(client, self.io())
    }

    pub fn desktop(&self) -> TokenEndpoint {
        self.endpoint(ClientAuth::public("desktop"), self.io())
    }

    /// The one redirect URI that the server knows.
    pub fn redirect() -> RedirectUri {
        let callback = env::var("AUTH_GLEWLWYD_CALLBACK").expect("a redirect URI");
        RedirectUri::new(&callback).unwrap()
    }

    /// Ada's login in the browser, whose ID token is checked.
    pub fn login(&self) -> CachedSource {
        let endpoint = self.desktop();
        let login =
            AuthorizationCode::new(endpoint.clone(), Arc::new(self.clone()), Self::redirect())
                .with_scopes(SCOPES);
        let keys = Keys::discovered(Provider::new(self.issuer(), self.io()).unwrap());
        let only = Issuer::id_tokens(&self.issuer(), "desktop", keys).unwrap();
        let check = IdTokenCheck::new(Verifier::new(only));
        CachedSource::new(Refreshing::new(endpoint, login), self.io()).with_check(Arc::new(check))
    }

    /// Where the login page sends Ada, who is logged in and allows what `page` asks for.
    pub async fn allowed(&self, page: &str) -> Url {
        let cookie = self.cookie().await;
        let grant = json!({ "scope": SCOPES.join(" ") });
        self.ask(Method::PUT, "/api/auth/grant/desktop", &cookie, &grant)
            .await;
        let mut page = Url::parse(page).unwrap();
        page.query_pairs_mut().append_pair("g_continue", "");
        let request = Request::get(page.as_str()).header(COOKIE, cookie);
        let answer = self.http.send(request.body(Body::empty()).unwrap()).await;
        let answer = answer.unwrap();
        let place = answer.headers().get(LOCATION).expect("it goes on");
        Url::parse(place.to_str().unwrap()).unwrap()
    }

    /// The cookie of a new session of Ada's.
    async fn cookie(&self) -> String {
        let password = json!({ "username": "ada", "password": "pw" });
        let answer = self.ask(Method::POST, "/api/auth/", "", &password).await;
        let cookie = answer.headers().get(SET_COOKIE).unwrap().to_str().unwrap();
        cookie.split(';').next().unwrap().to_owned()
    }

    async fn ask(&self, method: Method, path: &str, cookie: &str, body: &Value) -> Response<Body> {
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base))
            .header(CONTENT_TYPE, "application/json")
            .header(COOKIE, cookie)
            .body(body.to_string().into());
        let answer = self.http.send(request.unwrap()).await.unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        answer
    }
}

/// Ada, who allows everything at once.
impl Prompt for Server {
    fn ask<'a>(&'a self, question: &'a str, _: Echo) -> BoxFuture<'a, Result<SecretString>> {
        Box::pin(async move { Err(Error::interaction(question)) })
    }

    fn open<'a>(&'a self, page: &'a Url) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let callback = self.allowed(page.as_str()).await;
            let request = Request::get(callback.as_str()).body(Body::empty()).unwrap();
            let answer = self.http.send(request).await.unwrap().into_body();
            answer.bytes(ANSWER_LIMIT).await.map(drop)
        })
    }

    fn show_user_code<'a>(&'a self, code: &'a UserCode) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let page = code
                .complete_page()
                .expect("an address with the code in it");
            let end = self.allowed(page.as_str()).await;
            assert!(end.as_str().contains("deviceComplete"), "{end}");
            Ok(())
        })
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Server").field(&self.base).finish()
    }
}

pub const SCOPES: [&str; 3] = ["openid", "api.read", "offline_access"];
