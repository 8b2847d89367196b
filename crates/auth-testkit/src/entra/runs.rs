//! The runs of an Open Pectus aggregator, and who sees which.

use http::header::WWW_AUTHENTICATE;
use http::{HeaderValue, StatusCode};
use serde_json::{Value, json};

use crate::answer::{self, Answer};

/// A run, and the roles of which its viewer needs one. None: everybody may.
const RUNS: [(&str, &[&str]); 3] = [
    ("open", &[]),
    ("operators", &["Operator", "Admin"]),
    ("daemons", &[DAEMON]),
];

/// What programs are called, and their role.
const DAEMON: &str = "Daemon";

/// The answer to `path`, which is below the API's own, for whom these claims are about.
pub(super) fn answer(path: &str, claims: Option<&Value>) -> Answer {
    let Some(claims) = claims else {
        let text = "Could not validate token in X-Identity header";
        let mut answer = answer::of_json(StatusCode::UNAUTHORIZED, &json!({ "detail": text }));
        let challenge = HeaderValue::from_static("Bearer");
        answer.headers_mut().insert(WWW_AUTHENTICATE, challenge);
        return answer;
    };
    let run = path.strip_prefix("/recent_runs/");
    if run == Some("") {
        let visible = RUNS.iter().filter(|(_, needed)| may(claims, needed));
        let visible: Value = visible.map(|(id, _)| json!({ "run_id": id })).collect();
        return answer::of_json(StatusCode::OK, &visible);
    }
    match RUNS.iter().find(|(id, _)| run == Some(id)) {
        None => answer::of_status(StatusCode::NOT_FOUND),
        Some((id, needed)) if may(claims, needed) => {
            let body = json!({ "run_id": id, "user": name(claims) });
            answer::of_json(StatusCode::OK, &body)
        }
        Some((_, needed)) => {
            let body = json!({ "detail": { "missing_roles": needed } });
            answer::of_json(StatusCode::FORBIDDEN, &body)
        }
    }
}

fn may(claims: &Value, needed: &[&str]) -> bool {
    let roles = claims["roles"].as_array().into_iter().flatten();
    let mut roles = roles
        .filter_map(Value::as_str)
        .chain(is_program(claims).then_some(DAEMON));
    needed.is_empty() || roles.any(|role| needed.contains(&role))
}

/// A program, or what is before the `@` of a person's name, in capitals.
fn name(claims: &Value) -> String {
    if is_program(claims) {
        return DAEMON.to_owned();
    }
    let name = claims["preferred_username"].as_str().unwrap_or_default();
    name.split('@').next().unwrap_or_default().to_uppercase()
}

fn is_program(claims: &Value) -> bool {
    claims["idtyp"] == "app"
}
