//! What the answer to a request means for the exit code, and what to do about it.

use auth_core::error::{Challenge, Untrusted};
use auth_core::http::Body;
use auth_core::{Error, Result};
use http::header::{ALLOW, CONTENT_ENCODING};
use http::{HeaderMap, HeaderName, Response};

use crate::config::{Preset, Profile};
use crate::output::message;

/// What the head of an answer says, kept until its body is written.
#[derive(Debug)]
pub(super) struct Head {
    /// The scope that is missing is in the refusal.
    names_scope: bool,
    /// The methods that the resource has.
    allow: Option<String>,
    /// In what the body is wrapped.
    encoding: Option<String>,
}

impl Head {
    pub(super) fn of(answer: &Response<Body>) -> Self {
        let challenge = Challenge::from_headers(answer.headers(), "Bearer");
        Self {
            names_scope: challenge.is_some_and(|challenge| challenge.scope.is_some()),
            allow: text(answer.headers(), &ALLOW),
            encoding: text(answer.headers(), &CONTENT_ENCODING)
                .filter(|encoding| !encoding.eq_ignore_ascii_case("identity")),
        }
    }

    /// Says that the body is none that can be read as it is, to whoever did not ask for one.
    pub(super) fn warn_of_encoding(&self) {
        if let Some(encoding) = &self.encoding {
            message::warn(&format!(
                "the body is encoded with {encoding}, though nobody asked for that; decode it, or ask the API for another \
                 with --header 'Accept-Encoding: identity'"
            ));
        }
    }

    /// What the answer means for the exit code.
    pub(super) fn judge(&self, profile: &Profile, refusal: Option<Error>) -> Result<()> {
        let Some(error) = refusal.filter(|error| error.status() != Some(304)) else {
            return Ok(());
        };
        let advice = match error.status() {
            // What the API itself asks for is the best advice.
            Some(401 | 403) if self.names_scope => return Err(error),
            Some(300..=399) => "redirects are not followed; ask for the right URL",
            Some(401) => {
                "the API refused a token that was issued just now: check its audience and scope"
            }
            Some(403) => profile.preset.and_then(Preset::forbidden_advice).unwrap_or(
                "the account lacks access to this resource: ask whoever runs the API for it",
            ),
            Some(405) => {
                let advice = match &self.allow {
                    Some(allow) => format!("it takes {allow}; the method stands before the path"),
                    None => "use another method; it stands before the path".to_owned(),
                };
                return Err(error.with_advice(advice));
            }
            Some(406) => "ask for a type that it has: --header 'Accept: …'",
            Some(413) => "send less at once",
            Some(415) => "say what the data is: --header 'Content-Type: …'",
            Some(429) => "slow down and try again later",
            Some(400..=499) => "check the path and the data",
            _ => return Err(error),
        };
        Err(error.with_advice(advice))
    }
}

/// What a header of a server says, harmless and short.
fn text(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let value = headers.get(name)?.to_str().ok()?.trim();
    (!value.is_empty()).then(|| Untrusted::new(value).with_limit(100).to_string())
}
