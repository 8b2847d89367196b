//! From what servers say to what to do about it, by one table. Server texts are data: they choose
//! advice and never decide anything.

mod numbered;
mod table;

use std::borrow::Cow;

pub(crate) use self::table::CLIENT;
use self::table::{CLOCK, TABLE};

/// A clock that is off by less than this explains nothing.
const OFF: i64 = 5;

/// A clock that is off by more than this is named before anything else.
const MINUTES: i64 = 120;

/// What to do about a clock that is `ahead` of the server's.
fn off(ahead: i64) -> String {
    let side = if ahead > 0 { "ahead of" } else { "behind" };
    let off = ahead.unsigned_abs();
    format!("{CLOCK}: it is {off} s {side} the server's")
}

/// What to do about a refusal. `ahead`: by how many seconds our clock is ahead of the server's.
pub(crate) fn advice(
    code: Option<&str>,
    description: Option<&str>,
    ahead: Option<i64>,
) -> Option<Cow<'static, str>> {
    let (code, text) = (
        code?.to_lowercase(),
        description.unwrap_or_default().to_lowercase(),
    );
    let row = TABLE
        .iter()
        .find(|(error, part, _)| *error == code && text.contains(part));
    let advice = numbered::advice(&text).or_else(|| row.map(|row| row.2));
    Some(match (advice, ahead) {
        (Some(CLOCK), Some(ahead)) if ahead.abs() >= OFF => off(ahead).into(),
        (Some(CLOCK), Some(_)) => {
            "this machine's clock agrees with the server's, so report this as a bug".into()
        }
        // What is dated is refused where the clocks differ, whatever the server makes of it.
        (Some(advice), Some(ahead)) if ahead.abs() >= MINUTES => {
            format!("{}; if that does not help, {advice}", off(ahead)).into()
        }
        (None, Some(ahead)) if ahead.abs() >= MINUTES => off(ahead).into(),
        (advice, _) => advice?.into(),
    })
}

#[cfg(test)]
mod tests {
    use super::{TABLE, advice};

    #[test]
    fn no_row_is_hidden_by_one_before_it() {
        for (at, (code, part, _)) in TABLE.iter().enumerate() {
            let hides = |other: &&(&str, &str, &str)| other.0 == *code && part.contains(other.1);
            assert_eq!(TABLE[..at].iter().find(hides), None, "{code}: {part}");
        }
    }

    /// In Keycloak's words.
    #[test]
    fn a_flow_that_is_off_is_told_from_a_client_that_is() {
        let said = |text| advice(Some("unauthorized_client"), Some(text), None).unwrap();
        let device = "Client is not allowed to initiate OAuth 2.0 Device Authorization Grant. The flow is disabled for the client";
        assert!(said(device).contains("device authorization grant"));
        let browser = "Client is not allowed to initiate browser login with given response_type. Standard flow is disabled for the client.";
        assert!(said(browser).starts_with("turn on this flow"));
        assert!(said("Client is disabled").ends_with("enable the client"));
    }

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
    fn a_clock_that_is_minutes_off_is_named_before_anything_else_and_one_that_is_not_is_not() {
        for (code, text) in [
            ("invalid_grant", "Token is not active"),
            ("invalid_client", "Invalid client credentials"),
            ("invalid_client", "Token is not active"),
            (
                "invalid_grant",
                "AADSTS700024: assertion is not within its valid time range",
            ),
            ("made_up", ""),
        ] {
            for ahead in [360, -360] {
                let said = advice(Some(code), Some(text), Some(ahead)).unwrap();
                assert!(
                    said.starts_with("set this machine's clock (NTP)"),
                    "{code} {text}: {said}"
                );
                assert!(said.contains("360 s"), "{said}");
            }
            let near = advice(Some(code), Some(text), Some(20)).unwrap_or_default();
            assert!(code != "made_up" || near.is_empty(), "{near}");
        }
    }

    #[test]
    fn what_keycloak_says_of_a_realm_has_a_next_step() {
        for text in ["Realm does not exist", "Realm not enabled"] {
            let said = advice(Some(text), None, None).unwrap();
            assert!(said.contains("realm"), "{said}");
        }
        let offline = advice(
            Some("not_allowed"),
            Some("Offline tokens not allowed for the user or client"),
            None,
        );
        assert!(offline.unwrap().contains("offline_access"));
    }

    #[test]
    fn each_reason_of_keycloak_for_an_ended_login_has_advice_of_its_own() {
        let reasons = [
            "Offline user session not found",
            "Session not active",
            "Token is not active",
            "Stale token",
            "Maximum allowed refresh token reuse exceeded",
            "Session doesn't have required client",
            "Invalid token issuer. Expected 'https://a', was 'https://b'",
            "Invalid refresh token",
            "Invalid refresh token. Token client and authorized client don't match",
            "User disabled",
            "Code not valid",
            "something new",
        ];
        let advice = reasons.map(|text| advice(Some("invalid_grant"), Some(text), None).unwrap());
        let different: std::collections::BTreeSet<_> = advice.iter().collect();
        assert_eq!(different.len(), reasons.len(), "{advice:#?}");
    }

    #[test]
    fn a_disabled_account_is_a_matter_for_whoever_runs_the_server() {
        for text in [
            "User disabled",
            "Account disabled",
            "AADSTS50057: The user account is disabled.",
        ] {
            let advice = advice(Some("invalid_grant"), Some(text), None).unwrap();
            assert!(
                advice.contains("whoever runs the server"),
                "{text}: {advice}"
            );
            assert!(!advice.contains("log in"), "{text}: {advice}");
        }
    }

    #[test]
    fn a_description_chooses_a_better_row_than_the_code_alone() {
        let say = |text| advice(Some("invalid_grant"), text, None).unwrap();
        assert!(say(Some("Invalid signature")).contains("secret"));
        assert!(say(None).contains("still exists"));
        assert_eq!(advice(Some("made_up"), None, None), None);
    }
}
