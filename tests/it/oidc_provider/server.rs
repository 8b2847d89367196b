//! The server that the environment names.

use std::env;
use std::sync::Arc;

use auth_core::http::DefaultHttpClient;
use auth_core::{ClientAuth, Io, Provider, TokenEndpoint};

use crate::program::Program;

/// The provider, known by its issuer alone.
#[derive(Clone)]
pub struct Server {
    pub issuer: String,
    pub http: Arc<DefaultHttpClient>,
}

impl Server {
    /// The server that `cargo xtask conformance oidc-provider` starts.
    pub fn at_hand() -> Self {
        let issuer = env::var("AUTH_OIDC_PROVIDER")
            .expect("cargo xtask conformance oidc-provider sets AUTH_OIDC_PROVIDER");
        let authority = env::var_os(AUTHORITY).expect("a CA beside the server");
        let http = Arc::new(DefaultHttpClient::new().with_ca_file(authority));
        Self { issuer, http }
    }

    /// The provider beside it, whose keys change.
    pub fn changing(self) -> Self {
        let issuer = self.issuer.replace("/op", "/changing");
        Self { issuer, ..self }
    }

    /// Where it is.
    pub fn origin(&self) -> &str {
        self.issuer.trim_end_matches("/op")
    }

    /// The program under test.
    pub fn program(&self) -> Program {
        Program::trusting(env::var_os(AUTHORITY).unwrap())
    }

    pub fn io(&self) -> Io {
        Io::new().with_http(self.http.clone())
    }

    pub fn provider(&self) -> Provider {
        Provider::new(&self.issuer, self.io()).unwrap()
    }

    pub fn endpoint(&self, client: ClientAuth) -> TokenEndpoint {
        TokenEndpoint::discovered(self.provider(), client)
    }
}

const AUTHORITY: &str = "AUTH_OIDC_PROVIDER_CA";
