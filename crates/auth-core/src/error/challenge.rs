//! [`Challenge`]: what a resource server asks for instead of the token that it refused.

use http::header::WWW_AUTHENTICATE;
use http::{HeaderMap, HeaderValue};
use serde::{Deserialize, Serialize};

/// The parameters of a `WWW-Authenticate` answer (RFC 6750 §3, RFC 9470 §3, and Entra's `claims`) that
/// a grant can act on. Untrusted: the text is the resource server's.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Challenge {
    /// `error`: `invalid_token`, `insufficient_scope`, `insufficient_user_authentication`, …
    pub error: Option<String>,
    /// `scope` that the resource needs.
    pub scope: Option<String>,
    /// `acr_values`, by preference.
    pub acr_values: Option<String>,
    /// `max_age`: the login must not be older, in seconds.
    pub max_age: Option<u64>,
    /// `claims`, as sent: base64 of a claims request.
    pub claims: Option<String>,
}

impl Challenge {
    /// Reads the first challenge of `scheme` that carries a parameter known here. `None` if there is
    /// none: a header that can't be parsed asks for nothing.
    pub fn from_headers(headers: &HeaderMap, scheme: &str) -> Option<Self> {
        let all = headers
            .get_all(WWW_AUTHENTICATE)
            .iter()
            .map(HeaderValue::to_str);
        all.filter_map(|value| http_auth::parse_challenges(value.ok()?).ok())
            .flatten()
            .filter(|challenge| challenge.scheme.eq_ignore_ascii_case(scheme))
            .map(|challenge| {
                let get = |name: &str| {
                    let mut params = challenge.params.iter();
                    params
                        .find(|(key, _)| key.eq_ignore_ascii_case(name))
                        .map(|(_, v)| v.to_unescaped())
                };
                Self {
                    error: get("error"),
                    scope: get("scope"),
                    acr_values: get("acr_values"),
                    max_age: get("max_age").and_then(|age| age.parse().ok()),
                    claims: get("claims"),
                }
            })
            .find(|challenge| *challenge != Self::default())
    }

    /// Whether only a new login can answer it (RFC 9470 §4), or a person's consent.
    pub fn wants_login(&self) -> bool {
        self.acr_values.is_some() || self.max_age.is_some() || self.claims.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: &'static str) -> Option<Challenge> {
        let mut headers = HeaderMap::new();
        headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static(value));
        Challenge::from_headers(&headers, "Bearer")
    }

    #[test]
    fn rfc9470_s3_a_step_up_challenge_is_read() {
        let challenge = read(
            "Bearer error=\"insufficient_user_authentication\", acr_values=\"myACR\", max_age=\"5\"",
        );
        let challenge = challenge.unwrap();
        assert_eq!(challenge.acr_values.as_deref(), Some("myACR"));
        assert_eq!(challenge.max_age, Some(5));
    }

    #[test]
    fn a_challenge_of_another_scheme_or_without_parameters_asks_for_nothing() {
        assert_eq!(read("Basic realm=\"x\""), None);
        assert_eq!(read("Bearer realm=\"x\""), None);
        assert_eq!(read("\"\""), None);
    }
}
