//! What a refused token says, beside what was asked for.

use std::time::SystemTime;

use auth_core::clock::{Clock, SystemClock};
use auth_core::error::Untrusted;
use auth_verify::{RejectionKind, Unverified};
use serde_json::Value;

use crate::args::VerifyArgs;
use crate::output::time;
use crate::sight::time_in;

/// Where the two differ, for the kinds of refusals that are about such a difference.
pub(super) fn of(kind: RejectionKind, seen: &Unverified, args: &VerifyArgs) -> Option<String> {
    let claim = |name: &str| {
        let text = match &seen.claims()[name] {
            Value::String(text) => text.clone(),
            Value::Array(all) => {
                let texts = all.iter().filter_map(Value::as_str);
                texts.collect::<Vec<_>>().join("`, `")
            }
            _ => return "nobody".to_owned(),
        };
        format!("`{}`", Untrusted::new(&text).with_limit(200))
    };
    let typ = seen.header()["typ"].as_str().unwrap_or("none");
    let typ = Untrusted::new(typ).with_limit(40);
    match kind {
        RejectionKind::WrongAudience => Some(format!(
            "it is for {}, and not for `{}`",
            claim("aud"),
            args.audience.join("`, `")
        )),
        RejectionKind::UnknownIssuer => Some(format!(
            "it comes from {}, and not from `{}`",
            claim("iss"),
            args.issuer()
        )),
        RejectionKind::WrongType => Some(format!(
            "its type (`typ`) is {typ}, and --kind {} takes {}",
            args.kind(),
            args.kind().types()
        )),
        RejectionKind::Expired | RejectionKind::NotYetValid => {
            by_the_clock(seen.claims(), SystemClock::new().now().wall)
        }
        _ => None,
    }
}

/// How far its times are from ours: where that is much, the clock may be what is wrong.
fn by_the_clock(claims: &Value, now: SystemTime) -> Option<String> {
    let ended = time_in(claims, "exp").and_then(|end| now.duration_since(end).ok());
    if let Some(ago) = ended {
        let ago = time::span(ago);
        return Some(format!(
            "by this machine's clock it ended {ago} ago: get a new one, or set the clock (NTP)"
        ));
    }
    let starts = ["nbf", "iat"].map(|name| time_in(claims, name));
    let start = starts.into_iter().flatten().max()?;
    let left = time::span(start.duration_since(now).ok()?);
    Some(format!(
        "by this machine's clock it begins in {left}: wait, or set the clock (NTP)"
    ))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use super::*;

    #[test]
    fn a_token_out_of_its_time_is_measured_by_the_clock_here() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(10_000);
        for (claims, said) in [
            (json!({"iat": 1000, "exp": 2800}), "it ended 2 h ago"),
            (json!({"iat": 17_200, "exp": 99_999}), "it begins in 2 h"),
            (
                json!({"nbf": 10_060, "iat": 9000, "exp": 99_999}),
                "it begins in 1 min",
            ),
        ] {
            let told = by_the_clock(&claims, now).unwrap();
            assert!(told.contains(said) && told.contains("NTP"), "{told}");
        }
        for claims in [json!({"exp": 99_999}), json!({"iat": "soon"}), json!({})] {
            assert_eq!(by_the_clock(&claims, now), None, "{claims}");
        }
    }
}
