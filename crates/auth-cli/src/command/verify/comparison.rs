//! What a refused token says, beside what was asked for.

use auth_core::error::Untrusted;
use auth_verify::{RejectionKind, Unverified};
use serde_json::Value;

use crate::args::VerifyArgs;

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
        _ => None,
    }
}
