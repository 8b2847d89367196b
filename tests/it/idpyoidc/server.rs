//! The server that the environment names.

use std::env;
use std::fmt;
use std::sync::Arc;

use auth_core::http::DefaultHttpClient;
use auth_core::prompt::Echo;
use auth_core::{
    AuthorizationCode, BoxFuture, CachedSource, ClientAuth, Error, Io, Prompt, Provider,
    RedirectUri, Refreshing, Result, TokenEndpoint, TokenSource,
};
use auth_verify::{IdTokenCheck, Issuer, Keys, Verifier};
use secrecy::SecretString;
use tokio::sync::Mutex;
use url::Url;

use crate::browser::Browser;
use crate::program::Program;

/// The provider, known by its issuer alone.
#[derive(Clone)]
pub struct Server {
    pub issuer: String,
    http: Arc<DefaultHttpClient>,
}

impl Server {
    /// The server that `cargo xtask conformance idpyoidc` starts.
    pub fn at_hand() -> Self {
        let issuer =
            env::var("AUTH_IDPYOIDC").expect("cargo xtask conformance idpyoidc sets AUTH_IDPYOIDC");
        let authority = env::var_os(AUTHORITY).expect("a CA beside the server");
        let http = Arc::new(DefaultHttpClient::new().with_ca_file(authority));
        Self { issuer, http }
    }

    pub fn io(&self) -> Io {
        Io::new().with_http(self.http.clone())
    }

    pub fn provider(&self) -> Provider {
        Provider::new(&self.issuer, self.io()).unwrap()
    }

    pub fn keys(&self) -> Keys {
        Keys::discovered(self.provider())
    }

    pub fn endpoint(&self, client: ClientAuth) -> TokenEndpoint {
        TokenEndpoint::discovered(self.provider(), client)
    }

    /// The program under test.
    pub fn program(&self) -> Program {
        Program::trusting(env::var_os(AUTHORITY).unwrap())
    }

    /// Diana, who has just logged in, and whose ID token was checked. The server knows one redirect URI with its port, so that only one
    /// login at a time can wait for its answer.
    pub async fn logged_in(&self, client: ClientAuth) -> CachedSource {
        static PORT: Mutex<()> = Mutex::const_new(());
        let callback = env::var("AUTH_IDPYOIDC_CALLBACK").expect("a redirect URI");
        let redirect = RedirectUri::new(&callback).unwrap();
        let expected = Issuer::id_tokens(&self.issuer, client.id(), self.keys()).unwrap();
        let check = Arc::new(IdTokenCheck::new(Verifier::new(expected)));
        let endpoint = self.endpoint(client);
        let login = AuthorizationCode::new(endpoint.clone(), Arc::new(self.clone()), redirect)
            .with_scopes(["openid", "profile", "offline_access"])
            .with_parameter("prompt", "consent");
        let source = CachedSource::new(Refreshing::new(endpoint, login), self.io());
        let source = source.with_check(check);
        let _turn = PORT.lock().await;
        source.token().await.unwrap();
        source
    }
}

/// A browser that is sent back at once.
impl Prompt for Server {
    fn ask<'a>(&'a self, question: &'a str, _: Echo) -> BoxFuture<'a, Result<SecretString>> {
        Box::pin(async move { Err(Error::interaction(question)) })
    }

    fn open<'a>(&'a self, page: &'a Url) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            Browser::new(self.http.clone()).open(page).await;
            Ok(())
        })
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Server").field(&self.issuer).finish()
    }
}

pub fn desktop() -> ClientAuth {
    ClientAuth::public("desktop")
}

const AUTHORITY: &str = "AUTH_IDPYOIDC_CA";
