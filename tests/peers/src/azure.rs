//! azure_identity: a client secret at an authority of one's own, which must be https. Its HTTP client is
//! the usual one, told to trust our CA.

use std::sync::Arc;

use auth_core::BoxFuture;
use azure_core::cloud::{CloudConfiguration, CustomConfiguration};
use azure_core::credentials::{AccessToken, TokenCredential};
use azure_core::http::{ClientOptions, Transport};
use azure_identity::{ClientSecretCredential, ClientSecretCredentialOptions};
use reqwest::{Certificate, Client};
use url::Url;

use crate::library::{Library, Maker};

pub(crate) const PATH: &str = "/tenant/oauth2/v2.0/token";

pub(crate) struct Azure(Arc<ClientSecretCredential>);

impl Azure {
    pub(crate) fn new(authority: &Url, ca: &str) -> Self {
        let ca = Certificate::from_pem(ca.as_bytes()).unwrap();
        let client = Client::builder().tls_certs_merge([ca]).build().unwrap();
        let mut cloud = CustomConfiguration::default();
        cloud.authority_host = authority.to_string();
        let client_options = ClientOptions {
            transport: Some(Transport::new(Arc::new(client))),
            cloud: Some(Arc::new(CloudConfiguration::Custom(cloud))),
            ..ClientOptions::default()
        };
        let options = ClientSecretCredentialOptions { client_options };
        let secret = "s3cret".into();
        let made = ClientSecretCredential::new("tenant", "robot".into(), secret, Some(options));
        Self(made.unwrap())
    }

    pub(crate) fn maker(authority: Url, ca: String) -> Maker {
        Maker {
            name: "azure_identity",
            path: PATH,
            takes_scopes: true,
            make: Box::new(move || Arc::new(Self::new(&authority, &ca))),
        }
    }

    pub(crate) async fn token(&self, scope: &str) -> azure_core::Result<AccessToken> {
        self.0.get_token(&[scope], None).await
    }
}

impl Library for Azure {
    fn ask(&self, scope: &'static str) -> BoxFuture<'_, bool> {
        Box::pin(async move { self.token(scope).await.is_ok() })
    }
}
