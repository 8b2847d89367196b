//! The one table from what servers say to what to do about it. Server texts are data: they choose
//! advice and never decide anything.

use std::borrow::Cow;

/// `error`, what the description contains (lower case; empty: anything), and the advice.
const TABLE: &[(&str, &str, &str)] = &[
    // Refused assertions (RFC 7523 §3.1).
    ("invalid_grant", "timing-related", CLOCK),
    (
        "invalid_grant",
        "untrusted entity",
        "check that the issuer is the service account's e-mail address (not its key id) and that the \
         audience is the URL of the token endpoint",
    ),
    (
        "invalid_grant",
        "invalid signature",
        "check that the secret belongs to this key id and has no blank or line end around it",
    ),
    // RFC 6749 §5.2 and what servers mean by it.
    (
        "invalid_grant",
        "expired",
        "log in again, or give a new refresh token",
    ),
    (
        "invalid_grant",
        "",
        "check that the account, key or login still exists and belongs to this server",
    ),
    (
        "invalid_client",
        "",
        "check the client id and its secret or key",
    ),
    (
        "invalid_request",
        "",
        "check the profile's parameters against the server's documentation",
    ),
    (
        "invalid_scope",
        "",
        "check the scope: the server does not know it, or not for this client",
    ),
    (
        "invalid_target",
        "",
        "check the audience: the server does not know it, or not for this client",
    ),
    (
        "unauthorized_client",
        "",
        "allow this grant for the client at the server",
    ),
    (
        "unsupported_grant_type",
        "",
        "check that this is the URL of the token endpoint and that nothing between rewrites the \
         request; the server must allow this grant",
    ),
    (
        "access_denied",
        "",
        "ask whoever runs the server for access",
    ),
    ("interaction_required", "", "log in again"),
    ("login_required", "", "log in again"),
    ("consent_required", "", "log in again and consent"),
];

const CLOCK: &str = "set this machine's clock (NTP)";

/// A clock that is off by less than this explains nothing.
const OFF: i64 = 5;

/// What to do about a refusal. `ahead`: by how many seconds our clock is ahead of the server's.
pub(crate) fn advice(
    code: Option<&str>,
    description: Option<&str>,
    ahead: Option<i64>,
) -> Option<Cow<'static, str>> {
    let (code, text) = (code?, description.unwrap_or_default().to_lowercase());
    let row = TABLE
        .iter()
        .find(|(error, part, _)| *error == code && text.contains(part))?;
    Some(match (row.2, ahead) {
        (CLOCK, Some(ahead)) if ahead.abs() >= OFF => {
            let side = if ahead > 0 { "ahead of" } else { "behind" };
            let off = ahead.unsigned_abs();
            format!("{CLOCK}: it is {off} s {side} the server's").into()
        }
        (CLOCK, Some(_)) => {
            "this machine's clock agrees with the server's, so report this as a bug".into()
        }
        (advice, _) => advice.into(),
    })
}

#[cfg(test)]
mod tests {
    use super::advice;

    #[test]
    fn a_wrong_clock_is_named_with_its_distance() {
        let say = |ahead| {
            advice(
                Some("invalid_grant"),
                Some("Timing-related error. Check"),
                ahead,
            )
        };
        assert!(
            say(Some(420))
                .unwrap()
                .ends_with("it is 420 s ahead of the server's")
        );
        assert!(
            say(Some(-60))
                .unwrap()
                .ends_with("it is 60 s behind the server's")
        );
        assert!(say(Some(1)).unwrap().contains("agrees"));
        assert!(say(None).unwrap().contains("NTP"));
    }

    #[test]
    fn a_description_chooses_a_better_row_than_the_code_alone() {
        let say = |text| advice(Some("invalid_grant"), text, None).unwrap();
        assert!(say(Some("Invalid signature")).contains("secret"));
        assert!(say(None).contains("still exists"));
        assert_eq!(advice(Some("made_up"), None, None), None);
    }
}
