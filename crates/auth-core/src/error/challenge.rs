//! [`Challenge`]: what a resource server asks for instead of the token that it refused.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use http::HeaderMap;
use http::header::WWW_AUTHENTICATE;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The parameters of a `WWW-Authenticate` answer (RFC 6750 §3, RFC 9470 §3, and Entra's `claims`) that
/// a grant can act on. Untrusted: the text is the resource server's.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Challenge {
    /// `error`: `invalid_token`, `insufficient_scope`, `insufficient_user_authentication`, …
    pub error: Option<String>,
    /// `error_description`: words for people, which decide nothing.
    pub error_description: Option<String>,
    /// `scope` that the resource needs.
    pub scope: Option<String>,
    /// `acr_values`, by preference.
    pub acr_values: Option<String>,
    /// `max_age`: the login must not be older, in seconds.
    pub max_age: Option<u64>,
    /// `claims`, as sent: a claims request (OpenID Connect Core §5.5) as JSON, or base64 of it in a header.
    pub claims: Option<String>,
}

impl Challenge {
    /// Reads the first challenge of `scheme` that carries a parameter known here. `None` if there is
    /// none: a header that can't be parsed asks for nothing.
    pub fn from_headers(headers: &HeaderMap, scheme: &str) -> Option<Self> {
        Asked::all(headers)
            .filter(|asked| asked.scheme.eq_ignore_ascii_case(scheme))
            .map(|asked| Self {
                error: asked.get("error"),
                error_description: asked.get("error_description"),
                scope: asked.get("scope"),
                acr_values: asked.get("acr_values"),
                max_age: asked.get("max_age").and_then(|age| age.parse().ok()),
                claims: asked.get("claims"),
            })
            .find(|challenge| *challenge != Self::default())
    }

    /// The first `error` of any scheme, and what is said about it: for an endpoint that puts them there and nowhere
    /// else.
    pub(crate) fn first_error(headers: &HeaderMap) -> Option<(String, Option<String>)> {
        Asked::all(headers).find_map(|asked| {
            let error = asked.get("error").filter(|error| !error.is_empty())?;
            Some((error, asked.get("error_description")))
        })
    }

    /// Whether only a new login can answer it (RFC 9470 §4).
    pub fn wants_login(&self) -> bool {
        self.acr_values.is_some() || self.max_age.is_some()
    }

    /// Whether it asks for more than another token of the same login: for a login, or for claims, which a
    /// refresh may bring or else a login.
    pub(crate) fn wants_more(&self) -> bool {
        self.wants_login() || self.claims_request().is_some()
    }

    /// The claims request as JSON. `None` where there is none that can be read.
    pub(crate) fn claims_request(&self) -> Option<String> {
        let text = self.claims.as_deref()?.trim();
        let json = match text.starts_with('{') {
            true => text.to_owned(),
            false => {
                let standard = text.replace('-', "+").replace('_', "/");
                String::from_utf8(BASE64.decode(standard).ok()?).ok()?
            }
        };
        let request = serde_json::from_str::<Map<String, Value>>(&json);
        request.is_ok().then_some(json)
    }

    /// What a login is asked for because of it: parameters of an authorization request (RFC 9470 §4). The claims are
    /// those of the endpoint.
    #[cfg(feature = "person")]
    pub(crate) fn parameters(&self) -> impl Iterator<Item = (&'static str, String)> {
        let age = self.max_age.map(|age| age.to_string());
        let all = [("acr_values", self.acr_values.clone()), ("max_age", age)];
        all.into_iter()
            .filter_map(|(name, value)| Some((name, value?)))
    }
}

/// One challenge as it came: its scheme, and its parameters.
struct Asked {
    scheme: String,
    parameters: Vec<(String, String)>,
}

impl Asked {
    /// Those of all headers that can be parsed. What is no ASCII in one (words for people, in their language) becomes
    /// question marks: it costs none of the rest.
    fn all(headers: &HeaderMap) -> impl Iterator<Item = Self> {
        headers.get_all(WWW_AUTHENTICATE).iter().flat_map(|value| {
            let letters = String::from_utf8_lossy(value.as_bytes());
            let letters = letters
                .chars()
                .map(|one| if one.is_ascii() { one } else { '?' });
            let text: String = letters.collect();
            let all = http_auth::parse_challenges(&text).unwrap_or_default();
            all.into_iter()
                .map(|one| Self::read(&one))
                .collect::<Vec<_>>()
        })
    }

    fn read(challenge: &http_auth::ChallengeRef<'_>) -> Self {
        let all = challenge.params.iter();
        Self {
            scheme: challenge.scheme.to_owned(),
            parameters: all
                .map(|(name, value)| ((*name).to_owned(), value.to_unescaped()))
                .collect(),
        }
    }

    fn get(&self, name: &str) -> Option<String> {
        let mut all = self.parameters.iter();
        let found = all.find(|(own, _)| own.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.clone())
    }
}

/// As lenient as servers are.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};

    use http::HeaderValue;

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
    fn words_of_any_language_cost_none_of_the_rest() {
        for words in [
            "Anmeldung nötig".as_bytes(),
            b"n\xf6tig",
            "\u{2028}登录".as_bytes(),
        ] {
            let text = [
                b"Bearer error_description=\"",
                words,
                b"\", acr_values=\"gold\"",
            ]
            .concat();
            let mut headers = HeaderMap::new();
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_bytes(&text).unwrap());
            let challenge = Challenge::from_headers(&headers, "bearer").unwrap();
            assert_eq!(challenge.acr_values.as_deref(), Some("gold"));
            assert!(challenge.error_description.unwrap().is_ascii());
        }
    }

    #[test]
    fn a_claims_request_is_read_as_json_and_as_any_base64_of_it() {
        let json = r#"{"access_token":{"nbf":{"essential":true,"value":"1700000000?>~~"}}}"#;
        let all = [&STANDARD, &STANDARD_NO_PAD, &URL_SAFE, &URL_SAFE_NO_PAD];
        let asking = |claims: String| Challenge {
            claims: Some(claims),
            ..Challenge::default()
        };
        let encoded = all.into_iter().map(|engine| engine.encode(json));
        for claims in encoded.chain([json.to_owned(), format!(" {json}\n")]) {
            let challenge = asking(claims.clone());
            assert_eq!(
                challenge.claims_request().as_deref(),
                Some(json),
                "{claims}"
            );
            assert!(challenge.wants_more() && !challenge.wants_login());
        }
        for odd in [
            "",
            "{",
            "[]",
            "c1",
            "eyJ",
            &STANDARD.encode("[1]"),
            "\u{e9}",
        ] {
            let challenge = asking(odd.to_owned());
            assert_eq!(challenge.claims_request(), None, "{odd}");
            assert!(!challenge.wants_more(), "{odd}");
        }
    }

    #[test]
    fn a_challenge_of_another_scheme_or_without_parameters_asks_for_nothing() {
        assert_eq!(read("Basic realm=\"x\""), None);
        assert_eq!(read("Bearer realm=\"x\""), None);
        assert_eq!(read("\"\""), None);
    }
}
