//! Asking for tokens.

use super::post::Tries;
use super::{Form, TOKEN_EXCHANGE, TokenEndpoint, answer};
use crate::error::{Error, Result, Untrusted};
use crate::session::{Held, TokenSet};
use crate::token::RefreshToken;

impl TokenEndpoint {
    /// Sends `form` and reads the tokens. `held` tells which lock the request runs under, and which claims an API asked
    /// for: they are sent along.
    ///
    /// # Errors
    /// `Refused` with the OAuth code, `Unavailable`, `Protocol`, or `Config` where nothing could be sent.
    pub async fn request(&self, held: &Held, form: Form) -> Result<TokenSet> {
        self.ask(held, form, Tries::Three).await
    }

    /// Redeems a refresh token (RFC 6749 §6). If the answer has no new one, the old one stays in the set.
    /// `scopes` are sent if there are any.
    ///
    /// # Errors
    /// As [`request`](Self::request); `Refused` with `invalid_grant` where the token is dead.
    pub async fn refresh(
        &self,
        held: &Held,
        refresh: &RefreshToken,
        scopes: &[String],
    ) -> Result<TokenSet> {
        held.ensure_kept()?;
        let form = Form::new("refresh_token")
            .with_secret("refresh_token", refresh.expose_secret().into())
            .with_scopes(scopes)
            .spending(refresh);
        let set = match self.request(held, form).await {
            Ok(set) => set,
            Err(error) => {
                held.failed(&error).await;
                return Err(explained(error, held.is_in_doubt(refresh)));
            }
        };
        let set = set.redeemed(refresh);
        if set.is_rotated() {
            held.spend(refresh);
        }
        Ok(set)
    }

    /// `form` with what every request for tokens says.
    pub(super) fn completed(&self, held: &Held, form: Form) -> Form {
        let form = form.with("claims", self.claims(held).unwrap_or_default());
        self.parameters.filled_into(form)
    }

    pub(super) async fn ask(&self, held: &Held, form: Form, tries: Tries) -> Result<TokenSet> {
        let url = self.url().await?;
        let asked = form.get("scope").unwrap_or_default().to_owned();
        // An exchange may answer with a token that is no access token (RFC 8693 §2.2.1).
        let any_type = form.get("grant_type") == Some(TOKEN_EXCHANGE);
        let form = self.completed(held, form);
        let set = self
            .post(held, &url, form, tries, |url, answer, asked_at, now| {
                answer::read(url, answer, asked_at, now, any_type)
            })
            .await?;
        tracing::debug!(token = %set.access().fingerprint(), "token answer");
        if self.compares_scopes {
            warn_of_fewer_scopes(&asked, set.access().scope());
        }
        Ok(set)
    }
}

/// `was_lost`: whether the server was sent the same refresh token before, and its answer was lost.
fn explained(error: Error, was_lost: bool) -> Error {
    match (error.code(), error.status()) {
        // Only a reason could make it final (RFC 6749 §5.2), and there is none.
        (None, Some(400 | 401 | 403)) => error.with_advice(
            "the server gave no reason: check the client and its secret, and else log in again",
        ),
        _ if was_lost && error.is_dead_token() => error
            .context("the answer to the renewal before was lost, perhaps with a new refresh token")
            .with_advice("log in again, or give a new refresh token"),
        _ => error,
    }
}

fn warn_of_fewer_scopes(asked: &str, granted: Option<&str>) {
    let Some(granted) = granted else { return };
    let missing: Vec<&str> = asked
        .split_whitespace()
        .filter(|scope| granted.split_whitespace().all(|got| got != *scope))
        .collect();
    if !missing.is_empty() {
        tracing::warn!(
            missing = Untrusted::new(&missing.join(" "))
                .with_limit(300)
                .to_string(),
            "the server granted fewer scopes"
        );
    }
}
