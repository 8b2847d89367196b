//! [`Refusal`]: a no, as Entra ID says it.

use std::time::SystemTime;

use http::header::CACHE_CONTROL;
use http::{HeaderValue, StatusCode};
use serde_json::{Value, json};

use crate::answer::{self, Answer};
use crate::random;
use crate::record::Received;

/// A no in the form of RFC 6749 §5.2 and with what Entra ID adds: numbers, identifiers, the time.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    error: &'static str,
    code: u32,
    text: String,
    suberror: Option<&'static str>,
    claims: Option<String>,
}

impl Refusal {
    /// Status 400, or 401 where the client is not who it says it is.
    pub(super) fn new(error: &'static str, code: u32, text: impl Into<String>) -> Self {
        let status = match error {
            "invalid_client" => StatusCode::UNAUTHORIZED,
            _ => StatusCode::BAD_REQUEST,
        };
        Self {
            status,
            error,
            code,
            text: text.into(),
            suberror: None,
            claims: None,
        }
    }

    /// A field that must be there is not.
    pub(super) fn missing(name: &str) -> Self {
        let text = format!("The request body must contain the following parameter: '{name}'.");
        Self::new("invalid_request", 900_144, text)
    }

    pub(super) fn with_suberror(self, suberror: &'static str) -> Self {
        Self {
            suberror: Some(suberror),
            ..self
        }
    }

    /// What a login must bring, as a claims request in JSON.
    pub(super) fn with_claims(self, claims: &Value) -> Self {
        Self {
            claims: Some(claims.to_string()),
            ..self
        }
    }

    /// What a program learns that wanted to do without its person.
    pub(super) fn as_interaction(self) -> Self {
        Self {
            error: "interaction_required",
            ..self
        }
    }

    /// What an API learns that asks on behalf of somebody from whom more is wanted.
    pub(super) fn on_behalf(self) -> Self {
        match self.suberror {
            Some("basic_action") => self.as_interaction(),
            _ => self,
        }
    }

    /// The answer of the token endpoint.
    pub(super) fn answer(&self, request: &Received) -> Answer {
        let ids = Ids::of(request);
        let mut body = json!({
            "error": self.error,
            "error_description": self.description(&ids),
            "error_codes": [self.code],
            "timestamp": ids.timestamp,
            "trace_id": ids.trace,
            "correlation_id": ids.correlation,
            "error_uri": self.uri(request),
        });
        if let Some(suberror) = self.suberror {
            body["suberror"] = suberror.into();
        }
        if let Some(claims) = &self.claims {
            body["claims"] = claims.as_str().into();
        }
        let mut answer = answer::of_json(self.status, &body);
        let headers = answer.headers_mut();
        headers.insert(
            CACHE_CONTROL,
            HeaderValue::from_static("no-store, no-cache"),
        );
        if let Ok(trace) = HeaderValue::try_from(ids.trace) {
            headers.insert("x-ms-request-id", trace);
        }
        answer
    }

    /// What a browser brings back instead of a code.
    pub(super) fn fields(&self, request: &Received) -> [(&'static str, String); 3] {
        [
            ("error", self.error.to_owned()),
            ("error_description", self.description(&Ids::of(request))),
            ("error_uri", self.uri(request)),
        ]
    }

    fn description(&self, ids: &Ids) -> String {
        let Self { code, text, .. } = self;
        let Ids {
            trace,
            correlation,
            timestamp,
        } = ids;
        format!(
            "AADSTS{code}: {text} Trace ID: {trace} Correlation ID: {correlation} \
             Timestamp: {timestamp}"
        )
    }

    fn uri(&self, request: &Received) -> String {
        format!("{}/error?code={}", request.origin(), self.code)
    }
}

/// What finds one request in the server's log.
struct Ids {
    trace: String,
    correlation: String,
    timestamp: String,
}

impl Ids {
    fn of(request: &Received) -> Self {
        let named = request.header("client-request-id").map(str::to_owned);
        let named = named.or_else(|| request.query("client-request-id"));
        Self {
            trace: random::uuid(),
            correlation: named.unwrap_or_else(random::uuid),
            timestamp: timestamp(request.at()),
        }
    }
}

/// The way that its errors tell the time: `2026-01-01 00:00:00Z`.
fn timestamp(time: SystemTime) -> String {
    humantime::format_rfc3339_seconds(time)
        .to_string()
        .replace('T', " ")
}
