//! What a rejected request is answered (RFC 6750 §3, RFC 9470, RFC 9728): constants, so that neither
//! a token nor an attacker can put anything into a header.

use std::time::Duration;

use http::header::{CACHE_CONTROL, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, StatusCode};

use super::{Rejection, RejectionKind as Kind};

impl Rejection {
    /// The status of the answer.
    pub fn status(&self) -> StatusCode {
        match self.kind() {
            Kind::MalformedRequest => StatusCode::BAD_REQUEST,
            Kind::RoleMissing | Kind::ScopeMissing | Kind::NotPermitted | Kind::UnknownGroups => {
                StatusCode::FORBIDDEN
            }
            Kind::KeysUnavailable => StatusCode::SERVICE_UNAVAILABLE,
            Kind::Misconfigured | Kind::Unchecked => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::UNAUTHORIZED,
        }
    }

    /// The OAuth `error` code, if the answer has one.
    pub fn code(&self) -> Option<&'static str> {
        match self.kind() {
            Kind::NoCredentials | Kind::KeysUnavailable | Kind::Misconfigured | Kind::Unchecked => {
                None
            }
            Kind::MalformedRequest => Some("invalid_request"),
            Kind::RoleMissing | Kind::ScopeMissing | Kind::NotPermitted | Kind::UnknownGroups => {
                Some("insufficient_scope")
            }
            Kind::StepUp => Some("insufficient_user_authentication"),
            _ => Some("invalid_token"),
        }
    }

    /// What the caller is told in words. It tells expired tokens from others, and no more.
    pub fn description(&self) -> Option<&'static str> {
        Some(match self.code()? {
            "invalid_request" => "The request must carry one token in one header",
            "insufficient_scope" => "The token does not permit this",
            "insufficient_user_authentication" => "A stronger or more recent login is needed",
            _ if self.kind() == Kind::Expired => "The token is expired",
            _ => "The token is not accepted",
        })
    }

    /// The value of `WWW-Authenticate`, or `None` where a challenge would be wrong: what is the server's
    /// fault is not the caller's.
    pub fn challenge(&self) -> Option<HeaderValue> {
        self.challenge_for(None)
    }

    /// The challenge that also says where the metadata of this resource is (RFC 9728 §5.1).
    pub fn challenge_for(&self, metadata: Option<&url::Url>) -> Option<HeaderValue> {
        if self.status().is_server_error() {
            return None;
        }
        let mut parts = Vec::new();
        if let (Some(code), Some(words)) = (self.code(), self.description()) {
            parts.push(format!("error=\"{code}\""));
            parts.push(format!("error_description=\"{words}\""));
        }
        // Scopes and step-up parameters are the server's own configuration, checked when it was made.
        if !self.0.scopes.is_empty() {
            parts.push(format!("scope=\"{}\"", self.0.scopes.join(" ")));
        }
        parts.extend(self.0.step_up.clone());
        // A backslash is the one character of a URL that means something between quotes.
        let quoted = |url: &url::Url| url.as_str().replace('\\', "%5C");
        parts.extend(metadata.map(|url| format!("resource_metadata=\"{}\"", quoted(url))));
        let challenge = match parts.is_empty() {
            true => "Bearer".to_owned(),
            false => format!("Bearer {}", parts.join(", ")),
        };
        HeaderValue::try_from(challenge).ok()
    }

    /// The headers of the answer: the challenge, or when to try again.
    pub fn headers(&self) -> HeaderMap {
        self.headers_for(None)
    }

    /// The headers with a challenge that also says where the metadata of this resource are.
    pub fn headers_for(&self, metadata: Option<&url::Url>) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.extend(
            self.challenge_for(metadata)
                .map(|value| (WWW_AUTHENTICATE, value)),
        );
        if self.is_transient() {
            // Whole seconds, and not one too few.
            let whole = |pause: Duration| pause.as_secs() + u64::from(pause.subsec_nanos() > 0);
            let pause = self.retry_after().map_or(5, |pause| whole(pause).max(1));
            headers.insert(RETRY_AFTER, pause.into());
        }
        headers
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rule_61_every_kind_has_its_answer_and_no_answer_says_more_than_it_must() {
        for &kind in Kind::ALL {
            let rejection = Rejection::new(kind);
            let challenge = rejection.challenge();
            let challenge = challenge.as_ref().map(|value| value.to_str().unwrap());
            let expected = match rejection.status().as_u16() {
                500 | 503 => None,
                400 => Some(
                    "Bearer error=\"invalid_request\", \
                     error_description=\"The request must carry one token in one header\"",
                ),
                403 => Some(
                    "Bearer error=\"insufficient_scope\", \
                     error_description=\"The token does not permit this\"",
                ),
                _ => Some(match kind {
                    Kind::NoCredentials => "Bearer",
                    Kind::StepUp => {
                        "Bearer error=\"insufficient_user_authentication\", \
                         error_description=\"A stronger or more recent login is needed\""
                    }
                    Kind::Expired => {
                        "Bearer error=\"invalid_token\", \
                         error_description=\"The token is expired\""
                    }
                    _ => {
                        "Bearer error=\"invalid_token\", \
                         error_description=\"The token is not accepted\""
                    }
                }),
            };
            assert_eq!(challenge, expected, "{kind}");
        }
    }

    #[test]
    fn rule_63_names_are_stable_and_different() {
        let mut names: Vec<_> = Kind::ALL.iter().map(|kind| kind.name()).collect();
        assert!(
            names
                .iter()
                .all(|name| name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'))
        );
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
    }
}
