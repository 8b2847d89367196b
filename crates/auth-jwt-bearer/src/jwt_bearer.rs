//! [`JwtBearer`]: an assertion for a token.

use auth_core::assertion::Assertion;
use auth_core::endpoint::Form;
use auth_core::error::Untrusted;
use auth_core::session::{Held, TokenSet};
use auth_core::store::StoreKey;
use auth_core::{BoxFuture, Error, Grant, Result, TokenEndpoint};

/// The JWT bearer grant (RFC 7523 §2.1): signs an assertion, trades it for a token. A new assertion
/// costs nothing, so no refresh token is needed; one in the answer is passed on.
#[derive(Clone, Debug)]
pub struct JwtBearer {
    endpoint: TokenEndpoint,
    assertion: Assertion,
    scopes: Vec<String>,
}

impl JwtBearer {
    /// Trades `assertion` at `endpoint`, by whose clock it is made.
    pub fn new(endpoint: TokenEndpoint, assertion: Assertion) -> Self {
        let clock = endpoint.io().clock().clone();
        Self {
            endpoint,
            assertion: assertion.with_clock(clock),
            scopes: Vec::new(),
        }
    }

    /// Asks for these scopes, in the `scope` parameter (RFC 7521 §4.1). None are sent without this.
    #[must_use]
    pub fn with_scopes(self, scopes: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let scopes = scopes.into_iter().map(Into::into).collect();
        Self { scopes, ..self }
    }

    /// What the assertion said, and what about it looks wrong: the server's words name claims, and
    /// whoever reads them wants to see the values.
    fn explain(assertion: &Assertion, error: Error) -> Error {
        if !error.is_refusal("invalid_grant") {
            return error;
        }
        let (issuer, key) = (assertion.issuer(), assertion.key());
        let mut said = format!("the assertion said iss {}", quoted(issuer));
        for (claim, value) in [("aud", assertion.audience().as_deref()), ("kid", key.id())] {
            said += &match value {
                Some(value) => format!(", {claim} {}", quoted(value)),
                None => format!(", no {claim}"),
            };
        }
        if key.id().is_some_and(|id| id.contains('@')) && !issuer.contains('@') {
            said += "; iss and kid look exchanged";
        }
        if key.id().is_some_and(is_like_a_secret) {
            said += "; a kid of this length may be the secret: look whether the two are exchanged";
        }
        if key.has_stray_space() {
            said += "; there is white space around the secret";
        }
        let advice = match error.advice() {
            Some(advice) => format!("{advice} ({said})"),
            None => said,
        };
        error.with_advice(advice)
    }
}

impl Grant for JwtBearer {
    fn key(&self) -> StoreKey {
        let mut session = self.endpoint.session(self.assertion.issuer());
        if let Some(subject) = self.assertion.subject() {
            session = session.with("subject", subject);
        }
        let key = StoreKey::new(session).with_scopes(&self.scopes);
        self.assertion
            .question()
            .into_iter()
            .fold(key, |key, (name, value)| key.with(name, value))
    }

    fn exchange<'a>(&'a self, held: &'a Held) -> BoxFuture<'a, Result<TokenSet>> {
        Box::pin(async move {
            // Both secrets first: a person may take a minute to type one.
            let endpoint = self.endpoint.revealed(held).await?;
            let assertion = self.assertion.revealed(held).await?;
            let now = endpoint.io().clock().now().wall;
            let form = Form::new(GRANT_TYPE)
                .with_secret("assertion", assertion.signed_at(now)?)
                .with_scopes(&self.scopes);
            // A server that remembers `jti` takes the same assertion only once.
            let form = if assertion.has_jti() {
                form.once()
            } else {
                form
            };
            let answer = endpoint.request(held, form).await;
            answer.map_err(|error| {
                if error.is_refusal("invalid_grant") {
                    assertion.key().refused();
                }
                Self::explain(&assertion, error)
            })
        })
    }
}

/// A value as messages show it: of what may be a secret in another's place no more than its beginning.
fn quoted(text: &str) -> String {
    let limit = match is_like_a_secret(text) {
        true => 4,
        false => 120,
    };
    format!("`{}`", Untrusted::new(text).with_limit(limit))
}

/// Whether it is as long as secrets are, and has nothing in it that an address or a name would have.
fn is_like_a_secret(text: &str) -> bool {
    text.len() >= 28 && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
