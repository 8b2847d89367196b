//! yup-oauth2: a service account whose key file names our endpoint.

use std::sync::Arc;

use auth_core::BoxFuture;
use tokio::sync::OnceCell;
use url::Url;
use yup_oauth2::authenticator::DefaultAuthenticator;
use yup_oauth2::{AccessToken, Error, ServiceAccountAuthenticator, ServiceAccountKey};

use crate::library::{Library, Maker};

pub(crate) const PATH: &str = "/yup";

pub(crate) struct Yup {
    key: ServiceAccountKey,
    /// Made at the first call, because making one is a wait.
    authenticator: OnceCell<DefaultAuthenticator>,
}

impl Yup {
    pub(crate) fn new(token_url: &Url) -> Self {
        let key = serde_json::json!({
            "type": "service_account",
            "client_email": "robot@project.example",
            "private_key": include_str!("../../it/jwt_bearer/keys/rsa.pkcs8.pem"),
            "token_uri": token_url.as_str(),
        });
        Self {
            key: serde_json::from_value(key).unwrap(),
            authenticator: OnceCell::new(),
        }
    }

    pub(crate) fn maker(token_url: Url) -> Maker {
        Maker {
            name: "yup-oauth2",
            path: PATH,
            takes_scopes: true,
            make: Box::new(move || Arc::new(Self::new(&token_url))),
        }
    }

    pub(crate) async fn token(&self, scope: &str) -> Result<AccessToken, Error> {
        let make = || async {
            let builder = ServiceAccountAuthenticator::builder(self.key.clone());
            builder.build().await.unwrap()
        };
        let authenticator = self.authenticator.get_or_init(make).await;
        authenticator.token(&[scope]).await
    }
}

impl Library for Yup {
    fn ask(&self, scope: &'static str) -> BoxFuture<'_, bool> {
        Box::pin(async move { self.token(scope).await.is_ok() })
    }
}
