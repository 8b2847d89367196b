//! [`Verified`] as an argument of a handler.

use axum_core::extract::{FromRef, FromRequestParts, OptionalFromRequestParts};
use axum_core::response::{IntoResponse, Response};
use http::request::Parts;

use crate::checks::TokenChecks;
use crate::rejection::Rejection;
use crate::verified::Verified;

/// The caller that [`RequireToken`](crate::RequireToken) let in. A route without that layer lets nobody
/// in: that is the service's own fault, so it is told at ERROR and answered with 500.
impl<S: Sync> FromRequestParts<S> for Verified {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Rejection> {
        let caller = parts.extensions.get::<Self>();
        caller.cloned().ok_or_else(Rejection::unchecked)
    }
}

/// The caller, on a route that may be behind [`RequireToken`](crate::RequireToken) or not.
impl<S: Sync> OptionalFromRequestParts<S> for Verified {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Self::Rejection> {
        Ok(parts.extensions.get::<Self>().cloned())
    }
}

/// The caller, whose token is checked here, by the [`TokenChecks`] in the router's state: for a service without layers.
/// Which rule they must meet is the handler's to ask ([`Rule::check`](crate::Rule::check)).
///
/// As an `Option` it is `None` where the request has no credentials at all; a token that is there must be good.
#[derive(Clone, Debug)]
#[expect(
    clippy::exhaustive_structs,
    reason = "it is taken apart in the arguments of handlers"
)]
pub struct CheckedToken(pub Verified);

impl<S> FromRequestParts<S> for CheckedToken
where
    S: Send + Sync,
    TokenChecks: FromRef<S>,
{
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Rejection> {
        let checks = TokenChecks::from_ref(state);
        checks.verify_request(&parts.headers).await.map(Self)
    }
}

impl<S> OptionalFromRequestParts<S> for CheckedToken
where
    S: Send + Sync,
    TokenChecks: FromRef<S>,
{
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Option<Self>, Rejection> {
        let checks = TokenChecks::from_ref(state);
        match checks.are_needed(&parts.headers) {
            true => checks
                .verify_request(&parts.headers)
                .await
                .map(Self)
                .map(Some),
            false => Ok(None),
        }
    }
}

/// Status, challenge and an empty body.
impl IntoResponse for Rejection {
    fn into_response(self) -> Response {
        (self.status(), self.headers()).into_response()
    }
}
