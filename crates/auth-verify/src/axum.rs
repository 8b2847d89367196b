//! [`Verified`] as an argument of a handler.

use axum_core::extract::{FromRequestParts, OptionalFromRequestParts};
use axum_core::response::{IntoResponse, Response};
use http::request::Parts;

use crate::rejection::{Rejection, RejectionKind as Kind};
use crate::verified::Verified;

/// The caller that [`RequireToken`](crate::RequireToken) let in. A route without that layer lets nobody
/// in: that is the service's own fault, so it is told at ERROR and answered with 500.
impl<S: Sync> FromRequestParts<S> for Verified {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Rejection> {
        let caller = parts.extensions.get::<Self>();
        caller.cloned().ok_or_else(|| {
            Rejection::new(Kind::Unchecked)
                .with_hint("put a `RequireToken` layer around the route")
                .told()
        })
    }
}

/// The caller, on a route that may be behind [`RequireToken`](crate::RequireToken) or not.
impl<S: Sync> OptionalFromRequestParts<S> for Verified {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Self::Rejection> {
        Ok(parts.extensions.get::<Self>().cloned())
    }
}

/// Status, challenge and an empty body.
impl IntoResponse for Rejection {
    fn into_response(self) -> Response {
        (self.status(), self.headers()).into_response()
    }
}
