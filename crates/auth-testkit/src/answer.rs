//! What the server answers, before any fault.

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, WWW_AUTHENTICATE};
use http::{HeaderValue, Response, StatusCode};
use serde_json::{Value, json};

/// A whole answer.
pub(crate) type Answer = Response<Bytes>;

/// An answer with a JSON body.
pub(crate) fn of_json(status: StatusCode, value: &Value) -> Answer {
    with_body(status, "application/json", value.to_string())
}

/// An answer of a token endpoint, which nobody may keep (RFC 6749 §5.1).
pub(crate) fn of_tokens(value: &Value) -> Answer {
    let mut answer = of_json(StatusCode::OK, value);
    answer
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}

/// An answer with a body of some media type.
pub(crate) fn with_body(
    status: StatusCode,
    media_type: &'static str,
    body: impl Into<Bytes>,
) -> Answer {
    let mut answer = Response::new(body.into());
    *answer.status_mut() = status;
    answer
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    answer
}

/// An answer with a status and nothing else.
pub(crate) fn of_status(status: StatusCode) -> Answer {
    let mut answer = Response::new(Bytes::new());
    *answer.status_mut() = status;
    answer
}

/// A no in the form of RFC 6749 §5.2.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: StatusCode,
    error: &'static str,
    description: &'static str,
}

impl Refusal {
    /// A refusal with status 400, or 401 where the client is not who it says it is.
    pub(crate) fn new(error: &'static str, description: &'static str) -> Self {
        let status = match error {
            "invalid_client" => StatusCode::UNAUTHORIZED,
            _ => StatusCode::BAD_REQUEST,
        };
        Self {
            status,
            error,
            description,
        }
    }
}

impl From<Refusal> for Answer {
    fn from(refusal: Refusal) -> Self {
        let body = json!({
            "error": refusal.error,
            "error_description": refusal.description,
        });
        let mut answer = of_tokens(&body);
        *answer.status_mut() = refusal.status;
        if refusal.status == StatusCode::UNAUTHORIZED {
            answer.headers_mut().insert(
                WWW_AUTHENTICATE,
                HeaderValue::from_static(r#"Basic realm="auth-testkit""#),
            );
        }
        answer
    }
}
