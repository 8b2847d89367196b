//! google-cloud-auth: a person's refresh token, the one credential of it that is traded at an endpoint
//! of one's own choice (its service accounts sign their access tokens themselves).

use std::sync::Arc;

use auth_core::BoxFuture;
use google_cloud_auth::credentials::{AccessToken, AccessTokenCredentials, user_account};
use google_cloud_auth::errors::CredentialsError;
use url::Url;

use crate::library::{Library, Maker};

pub(crate) const PATH: &str = "/google";

pub(crate) struct Google(AccessTokenCredentials);

impl Google {
    /// Starts its task, so there must be a runtime.
    pub(crate) fn new(token_url: &Url) -> Self {
        let login = serde_json::json!({
            "type": "authorized_user",
            "client_id": "robot",
            "client_secret": "s3cret",
            "refresh_token": "first",
        });
        let builder = user_account::Builder::new(login).with_token_uri(token_url.as_str());
        Self(builder.build_access_token_credentials().unwrap())
    }

    pub(crate) fn maker(token_url: Url) -> Maker {
        Maker {
            name: "google-cloud-auth",
            path: PATH,
            takes_scopes: false,
            make: Box::new(move || Arc::new(Self::new(&token_url))),
        }
    }

    pub(crate) async fn token(&self) -> Result<AccessToken, CredentialsError> {
        self.0.access_token().await
    }
}

impl Library for Google {
    fn ask(&self, _: &'static str) -> BoxFuture<'_, bool> {
        Box::pin(async move { self.token().await.is_ok() })
    }
}
