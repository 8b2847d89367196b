//! Revocation (RFC 7009): telling the server that a token is no longer needed.

use std::time::SystemTime;

use bytes::Bytes;
use http::Response;
use url::Url;

use super::accept::accept;
use super::post::Tries;
use super::{Form, TokenEndpoint};
use crate::error::{Error, Result};
use crate::io::shown;
use crate::session::Held;
use crate::token::{AccessToken, RefreshToken};

impl TokenEndpoint {
    /// Makes a refresh token worthless, and with it the login. Ok also where the server did not know it:
    /// then it was worthless already (RFC 7009 §2.2). Can be repeated without harm.
    ///
    /// # Errors
    /// `Config` where the server has no revocation endpoint; `Refused`, `Unavailable`, `Protocol`.
    pub async fn revoke(&self, token: &RefreshToken) -> Result<()> {
        let form = Form::empty().with_secret("token", token.expose_secret().into());
        self.post_revocation(form.with("token_type_hint", "refresh_token"))
            .await
    }

    /// Makes an access token worthless. Some servers refuse that with `unsupported_token_type`.
    ///
    /// # Errors
    /// As [`revoke`](Self::revoke).
    pub async fn revoke_access(&self, token: &AccessToken) -> Result<()> {
        let form = Form::empty().with_secret("token", token.expose_secret().into());
        self.post_revocation(form.with("token_type_hint", "access_token"))
            .await
    }

    async fn post_revocation(&self, form: Form) -> Result<()> {
        let url = self
            .place("revocation endpoint", "revocation_endpoint")
            .await?;
        self.post(&Held::new(), &url, form, Tries::Three, read)
            .await
    }
}

/// The body of a success says nothing more: Keycloak puts `invalid_token` there. But who refuses in it, or shows a page,
/// has revoked nothing.
fn read(place: &Url, answer: &Response<Bytes>, _: SystemTime, now: SystemTime) -> Result<()> {
    match accept(place, answer, now) {
        Err(error) if answer.status().is_success() && error.is_refusal("invalid_token") => Ok(()),
        Err(error) => Err(error),
        Ok(_) if answer.body().trim_ascii_start().starts_with(b"<") => {
            let what = format!("{} answered with a page for people", shown(place));
            Err(Error::protocol(what)
                .with_status(answer.status().as_u16())
                .with_advice("see what lies between, such as the login page of a network"))
        }
        Ok(_) => Ok(()),
    }
}
