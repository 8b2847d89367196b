//! [`Expected`]: which answer of the browser is the one to this login, and what it says.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use secrecy::{ExposeSecret, SecretString};
use url::{Url, form_urlencoded};

use crate::endpoint::Refusal;
use crate::error::{Error, Recall, Result};
use crate::io::quoted;
use crate::token::TokenIssuer;

/// The marks by which the answer is known.
#[derive(Debug)]
pub(super) struct Expected {
    pub(super) state: SecretString,
    /// Who must have answered (RFC 9207), where that is known.
    pub(super) issuer: Option<TokenIssuer>,
    /// Whether the server says that each of its answers names it.
    pub(super) names_issuer: bool,
}

impl Expected {
    /// Looks at form-encoded parameters. `None`: without our `state`, or with a parameter twice, they are
    /// nobody's answer, also if they say that something failed.
    pub(super) fn judge(&self, parameters: &[u8]) -> Option<Result<SecretString>> {
        let pairs: Vec<_> = form_urlencoded::parse(parameters).collect();
        let get = |name: &str| {
            let mut values = pairs.iter().filter(|(key, _)| key == name);
            match (values.next(), values.next()) {
                (Some((_, value)), None) => Ok(Some(&**value)),
                (None, _) => Ok(None),
                _ => Err(()),
            }
        };
        let (state, issuer) = (get("state").ok()??, get("iss").ok()?);
        let (code, error) = (get("code").ok()?, get("error").ok()?);
        let ours = self.state.expose_secret().as_bytes();
        verify_slices_are_equal(state.as_bytes(), ours).ok()?;
        let text = get("error_description").ok().flatten();
        Some(match (self.is_from(issuer), error, code) {
            (false, _, _) => Err(self.mixed_up(issuer)),
            (true, Some(error), _) => Err(refused(error, text)),
            (true, None, Some(code)) if !code.is_empty() => Ok(code.into()),
            _ => Err(Error::protocol("the browser came back without a code")
                .with_advice("check that the redirect URI belongs to this program")),
        })
    }

    /// Looks at an address that a person pasted, or at its query alone.
    pub(super) fn judge_pasted(&self, text: &SecretString) -> Option<Result<SecretString>> {
        let text = text.expose_secret().trim();
        match Url::parse(text) {
            Ok(url) => self.judge(url.query()?.as_bytes()),
            Err(_) => self.judge(text.trim_start_matches('?').as_bytes()),
        }
    }

    fn is_from(&self, issuer: Option<&str>) -> bool {
        match (&self.issuer, issuer) {
            (Some(known), Some(named)) => known.may_be(named),
            (Some(_), None) => !self.names_issuer,
            (None, _) => true,
        }
    }

    /// RFC 9207 §2.4: the code may be meant for another server.
    fn mixed_up(&self, issuer: Option<&str>) -> Error {
        let named = issuer.map_or_else(|| "one that names itself not".to_owned(), quoted);
        let known = self
            .issuer
            .iter()
            .map(|known| format!(" instead of {known}"));
        let known = known.collect::<String>();
        Error::protocol(format!(
            "the browser came back from another server than it was sent to: {named}{known}"
        ))
        .with_advice("log in again; if it happens twice, report it to whoever runs the server")
        .with_recall(Recall::Never)
    }
}

/// RFC 6749 §4.1.2.1 and OpenID Connect Core §3.1.2.6.
fn refused(code: &str, text: Option<&str>) -> Error {
    let refusal = Refusal {
        place: "the login page",
        code,
        text,
        is_busy: false,
        clock_ahead: None,
        more: None,
    };
    refusal.into_error().with_recall(Recall::Never)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    fn expected(names_issuer: bool) -> Expected {
        Expected {
            state: "right".into(),
            issuer: Some(TokenIssuer::new("https://issuer")),
            names_issuer,
        }
    }

    fn code(outcome: Option<Result<SecretString>>) -> String {
        outcome.unwrap().unwrap().expose_secret().to_owned()
    }

    #[test]
    fn s10_without_the_right_state_nothing_is_an_answer_not_even_an_error() {
        for stray in [
            "",
            "code=c",
            "code=c&state=",
            "code=c&state=wrong",
            "code=c&state=right&state=right",
            "code=c&code=d&state=right",
            "error=access_denied",
            "error=access_denied&state=wrong",
            "code=c&iss=a&iss=b&state=right",
        ] {
            assert!(expected(false).judge(stray.as_bytes()).is_none(), "{stray}");
        }
        assert_eq!(
            code(expected(false).judge(b"code=a%2Bb&state=right")),
            "a+b"
        );
    }

    #[test]
    fn rfc9207_s2_4_an_answer_of_another_issuer_is_refused_and_a_missing_one_where_it_was_promised()
    {
        let judge = |names, text: &str| expected(names).judge(text.as_bytes()).unwrap();
        for error in [
            judge(false, "code=c&state=right&iss=https://evil"),
            judge(true, "code=c&state=right"),
            judge(false, "error=access_denied&state=right&iss=https://evil"),
        ] {
            assert_eq!(error.unwrap_err().kind(), ErrorKind::Protocol);
        }
        assert!(judge(true, "code=c&state=right&iss=https%3A%2F%2Fissuer").is_ok());
        assert!(judge(false, "code=c&state=right").is_ok());
    }

    #[test]
    fn an_error_says_who_acts_and_can_not_steer_the_terminal() {
        for (text, kind) in [
            ("access_denied", ErrorKind::Refused),
            ("invalid_scope", ErrorKind::Refused),
            ("consent_required", ErrorKind::Interaction),
            ("server_error", ErrorKind::Unavailable),
        ] {
            let text = format!("error={text}&error_description=%1b%5b2J%0a&state=right");
            let error = expected(false).judge(text.as_bytes()).unwrap().unwrap_err();
            assert_eq!(error.kind(), kind, "{text}");
            assert!(!error.to_string().contains(char::is_control), "{error}");
        }
    }

    #[test]
    fn an_address_can_be_pasted_whole_or_as_its_query() {
        for text in [
            " http://localhost:1/callback?code=c&state=right\n",
            "?code=c&state=right",
            "code=c&state=right",
        ] {
            assert_eq!(code(expected(false).judge_pasted(&text.into())), "c");
        }
        assert!(
            expected(false)
                .judge_pasted(&"http://localhost:1/".into())
                .is_none()
        );
    }
}
