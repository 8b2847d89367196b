//! What the server answers, before any fault.

use std::borrow::Cow;

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, LOCATION, WWW_AUTHENTICATE};
use http::{HeaderValue, Response, StatusCode};
use serde_json::{Value, json};

use crate::dialect::Dialect;

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

/// Sends a browser to `url`.
pub(crate) fn redirect(url: &str) -> Answer {
    let mut answer = of_status(StatusCode::FOUND);
    if let Ok(value) = HeaderValue::try_from(url) {
        answer.headers_mut().insert(LOCATION, value);
    }
    answer
}

/// A no in the form of RFC 6749 §5.2, in the words of this server and in those of Keycloak.
#[derive(Debug)]
pub(crate) struct Refusal {
    plain: Words,
    keycloak: Option<Words>,
}

#[derive(Debug)]
struct Words {
    status: StatusCode,
    error: &'static str,
    description: Cow<'static, str>,
}

impl Refusal {
    /// A refusal with status 400, or 401 where the client is not who it says it is.
    pub(crate) fn new(error: &'static str, description: impl Into<Cow<'static, str>>) -> Self {
        let status = match error {
            "invalid_client" => StatusCode::UNAUTHORIZED,
            _ => StatusCode::BAD_REQUEST,
        };
        let plain = Words {
            status,
            error,
            description: description.into(),
        };
        Self {
            plain,
            keycloak: None,
        }
    }

    /// What Keycloak says instead, with the same error and status.
    pub(crate) fn keycloak(self, description: impl Into<Cow<'static, str>>) -> Self {
        let (status, error) = (self.plain.status, self.plain.error);
        self.keycloak_as(status, error, description)
    }

    /// What Keycloak says instead.
    pub(crate) fn keycloak_as(
        self,
        status: StatusCode,
        error: &'static str,
        description: impl Into<Cow<'static, str>>,
    ) -> Self {
        let keycloak = Some(Words {
            status,
            error,
            description: description.into(),
        });
        Self { keycloak, ..self }
    }

    /// The answer in the words of a server.
    pub(crate) fn answer(self, dialect: Dialect) -> Answer {
        match (dialect, self.keycloak) {
            (Dialect::Keycloak, Some(words)) => words.answer(),
            (Dialect::Keycloak, None) => self.plain.answer(),
            (Dialect::Standard, _) => {
                let asks = self.plain.status == StatusCode::UNAUTHORIZED;
                let mut answer = self.plain.answer();
                if asks {
                    let basic = HeaderValue::from_static(r#"Basic realm="auth-testkit""#);
                    answer.headers_mut().insert(WWW_AUTHENTICATE, basic);
                }
                answer
            }
        }
    }
}

impl Words {
    fn answer(self) -> Answer {
        let body = json!({
            "error": self.error,
            "error_description": self.description,
        });
        let mut answer = of_tokens(&body);
        *answer.status_mut() = self.status;
        answer
    }
}
