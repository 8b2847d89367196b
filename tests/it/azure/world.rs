//! A tenant as the testkit has it, and who asks there.

use std::sync::{Arc, Mutex};

use auth_azure::{Application, Certificate, Credential, Person, Tenant};
use auth_core::http::Body;
use auth_core::prompt::{Echo, UserCode};
use auth_core::{BoxFuture, Error, Io, Prompt, RedirectUri, Result};
use auth_testkit::{EntraApplication, EntraTenant, Received, Server, TestClock, User, Visitor};
use http::Request;
use http::header::CONTENT_TYPE;
use jsonwebtoken::dangerous::insecure_decode;
use secrecy::SecretString;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use url::Url;

pub const TENANT: &str = "f870e5ae-5521-4a94-b9ff-cdde7d36dd35";
pub const DESKTOP: &str = "0fde62ae-2203-44a5-9722-73e965325ae7";
pub const ROBOT: &str = "7e307b14-2a27-4f66-ada8-ec6400eb4977";
pub const API: &str = "0a4b8df7-5c97-42b2-be07-2bb25e06dbb2";
pub const OTHER_API: &str = "14e3f6c0-b8aa-46c6-98d9-29b0dd2a0f7c";
pub const ADA: &str = "ada@example.org";
pub const TOKENS: &str = "/f870e5ae-5521-4a94-b9ff-cdde7d36dd35/oauth2/v2.0/token";

pub const KEY: &str = include_str!("../jwt_bearer/keys/rsa.pkcs8.pem");
pub const CERTIFICATE: &str = include_str!("../testkit/entra/rsa.cert.pem");

/// The tenant of every test, which knows Ada, Bob, two programs and two APIs.
pub fn directory() -> EntraTenant {
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
        .with_application(EntraApplication::api(OTHER_API).with_scope("user_impersonation"))
        .with_user(User::new("ada", "pw"))
        .with_user(User::new("bob", "pw"))
        .with_visitor(Visitor::logs_in("ada"))
}

pub fn api() -> EntraApplication {
    EntraApplication::api(API)
        .with_scope("reference.reader.all")
        .with_role("robot.writer", ROBOT)
        .with_api_at("/v1")
}

/// The scope of everything that an API lets its caller do.
pub fn scope(api: &str) -> String {
    format!("api://{api}/.default")
}

pub struct Entra {
    pub server: Server,
    pub clock: TestClock,
}

impl Entra {
    pub fn new() -> Self {
        let clock = TestClock::new();
        let server = Server::new(clock.clone());
        server.add_entra_tenant(directory());
        Self { server, clock }
    }

    pub fn io(&self) -> Io {
        self.server.io()
    }

    pub fn tenant(&self) -> Tenant {
        Tenant::new(TENANT, self.io()).unwrap()
    }

    pub fn robot(&self, credential: &Credential) -> Application {
        self.tenant().application(ROBOT, credential)
    }

    /// The robot with its secret.
    pub fn secret(&self) -> Application {
        self.robot(&Credential::secret(SecretString::from("s3cret~")))
    }

    /// Somebody with a device.
    pub fn person(&self, who: &Arc<Somebody>) -> Person {
        self.tenant().person(DESKTOP, who.clone())
    }

    /// Somebody with a browser.
    pub fn browsing(&self, who: &Arc<Somebody>) -> Person {
        let redirect = RedirectUri::new("http://localhost").unwrap();
        self.person(who).with_browser(redirect)
    }

    pub fn asked(&self) -> usize {
        self.server.count(TOKENS)
    }

    /// What was posted for tokens, from the first on.
    pub fn forms(&self) -> Vec<Received> {
        let all = self.server.requests().into_iter();
        all.filter(|one| one.path().ends_with("/token")).collect()
    }

    pub fn last_form(&self) -> Received {
        self.forms().pop().unwrap()
    }
}

/// What a token says.
pub fn claims(token: &str) -> Value {
    insecure_decode::<Value>(token).unwrap().claims
}

pub fn pem(parts: &[&str]) -> Credential {
    Credential::certificate(Certificate::pem(SecretString::from(parts.concat())))
}

/// Who sits in front of device and browser.
#[derive(Debug)]
pub struct Somebody {
    server: Server,
    name: &'static str,
    /// Has the browser bring the answer in its address, as old servers do.
    by_query: bool,
    pub codes: Mutex<Vec<UserCode>>,
    pub pages: Mutex<Vec<Url>>,
}

impl Somebody {
    pub fn at(world: &Entra, name: &'static str) -> Arc<Self> {
        Self::who(world, name, false)
    }

    pub fn by_query(world: &Entra, name: &'static str) -> Arc<Self> {
        Self::who(world, name, true)
    }

    fn who(world: &Entra, name: &'static str, by_query: bool) -> Arc<Self> {
        Arc::new(Self {
            server: world.server.clone(),
            name,
            by_query,
            codes: Mutex::default(),
            pages: Mutex::default(),
        })
    }

    /// How often they were asked.
    pub fn asked(&self) -> usize {
        self.codes.lock().unwrap().len() + self.pages.lock().unwrap().len()
    }

    /// A parameter of the last login page.
    pub fn parameter(&self, name: &str) -> Option<String> {
        let pages = self.pages.lock().unwrap();
        let page = pages.last().unwrap();
        let mut pairs = page.query_pairs();
        pairs
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    }

    async fn browse(&self, page: &Url) {
        let mut page = page.clone();
        if self.by_query {
            let kept: Vec<_> = page.query_pairs().into_owned().collect();
            let kept = kept.iter().filter(|(name, _)| name != "response_mode");
            let mut query = url::form_urlencoded::Serializer::new(String::new());
            let query = query.extend_pairs(kept).finish();
            page.set_query(Some(&query));
        }
        let request = Request::get(page.as_str()).body(Body::empty()).unwrap();
        let answer = self.server.io().http().send(request).await.unwrap();
        if let Some(back) = answer.headers().get("location") {
            let back = Url::parse(back.to_str().unwrap()).unwrap();
            let target = format!("{}?{}", back.path(), back.query().unwrap_or_default());
            say(
                &back,
                &format!("GET {target} HTTP/1.1\r\nhost: {}\r\n\r\n", host(&back)),
            )
            .await;
            return;
        }
        let bytes = answer.into_body().bytes(1 << 20).await.unwrap();
        let (back, form) = posts(&String::from_utf8_lossy(&bytes));
        let request = format!(
            "POST {} HTTP/1.1\r\nhost: {}\r\norigin: https://login.microsoftonline.com\r\n\
             {CONTENT_TYPE}: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{form}",
            back.path(),
            host(&back),
            form.len()
        );
        say(&back, &request).await;
    }
}

impl Prompt for Somebody {
    fn ask<'a>(&'a self, _: &'a str, _: Echo) -> BoxFuture<'a, Result<SecretString>> {
        Box::pin(async { Err(Error::interaction("nobody types")) })
    }

    fn show_user_code<'a>(&'a self, code: &'a UserCode) -> BoxFuture<'a, Result<()>> {
        self.codes.lock().unwrap().push(code.clone());
        match self.name {
            "nobody" => assert!(self.server.deny_device(code.code())),
            name => assert!(self.server.allow_device(code.code(), name)),
        }
        Box::pin(async { Ok(()) })
    }

    fn open<'a>(&'a self, page: &'a Url) -> BoxFuture<'a, Result<()>> {
        self.pages.lock().unwrap().push(page.clone());
        Box::pin(async move {
            self.browse(page).await;
            Ok(())
        })
    }
}

fn host(url: &Url) -> String {
    format!("{}:{}", url.host_str().unwrap(), url.port().unwrap())
}

async fn say(to: &Url, request: &str) {
    let mut stream = TcpStream::connect(("127.0.0.1", to.port().unwrap()))
        .await
        .unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
}

/// Where a page posts itself to, and what.
fn posts(page: &str) -> (Url, String) {
    let after = |text: &str, mark: &str| {
        let (_, rest) = text.split_once(mark).unwrap();
        rest.split('"').next().unwrap().replace("&amp;", "&")
    };
    let back = Url::parse(&after(page, "action=\"")).unwrap();
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    for field in page
        .split("<input ")
        .skip(1)
        .filter(|field| field.contains("name=\""))
    {
        form.append_pair(&after(field, "name=\""), &after(field, "value=\""));
    }
    (back, form.finish())
}
