//! [`Seen`]: what a run of a client came to, as far as it can be compared.

use std::collections::{BTreeMap, BTreeSet};

use auth_testkit::Received;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use super::place::{API, DESKTOP, OTHER_API, Place, ROBOT};

/// What a run came to.
#[derive(Debug)]
pub struct Seen {
    /// What was sent, by what it was sent for.
    pub requests: BTreeMap<String, BTreeSet<String>>,
    pub count: usize,
    /// For whom its tokens are.
    pub result: Result<Vec<String>, String>,
}

impl Seen {
    pub fn of(place: &Place, result: Result<Vec<String>, String>) -> Self {
        let received = place.requests();
        let mut requests: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for one in &received {
            let items = requests.entry(what(one)).or_default();
            items.extend(sent(one));
        }
        Self {
            requests,
            count: received.len(),
            result,
        }
    }
}

/// What a request is for.
fn what(request: &Received) -> String {
    let place = request.path().rsplit('/').next().unwrap_or_default();
    let grant = request.field("grant_type").unwrap_or_default();
    let grant = grant.rsplit(':').next().unwrap_or_default();
    let what = format!("{} {place} {grant}", request.method());
    what.trim().to_owned()
}

/// What it says, as words that do not change from run to run.
fn sent(request: &Received) -> Vec<String> {
    let query = request.url().query_pairs().into_owned();
    let mut items = Vec::new();
    for (name, value) in query.chain(request.form()) {
        match name.as_str() {
            "grant_type" => {}
            "scope" => {
                let scopes = value
                    .split(' ')
                    .map(|scope| format!("scope {}", plain(scope)));
                items.extend(scopes);
            }
            "client_assertion" => items.extend(assertion(&value)),
            "redirect_uri" => {
                let port = value.rsplit(':').next().unwrap_or_default();
                items.push(format!("redirect_uri={}", value.replace(port, "*")));
            }
            "claims" => {
                let claims: Value = serde_json::from_str(&value).unwrap();
                items.push(format!("claims={claims}"));
            }
            name if VALUES.contains(&name) => items.push(format!("{name}={value}")),
            name => items.push(name.to_owned()),
        }
    }
    for (name, value) in request.headers() {
        match name.as_str() {
            "accept" => items.push(format!("Accept: {}", value.to_str().unwrap())),
            "authorization" => items.push("Authorization".to_owned()),
            "x-anchormailbox" => items.push("X-AnchorMailbox".to_owned()),
            name if name.starts_with("x-") || name == "client-request-id" => {
                items.push("telemetry headers".to_owned());
            }
            _ => {}
        }
    }
    items
}

/// What an assertion consists of.
fn assertion(text: &str) -> Vec<String> {
    let mut pieces = text.split('.').map(|piece| {
        let piece = URL_SAFE_NO_PAD.decode(piece).unwrap_or_default();
        serde_json::from_slice::<Value>(&piece).unwrap_or_default()
    });
    let header = pieces.next().unwrap_or_default();
    let claims = pieces.next().unwrap_or_default();
    let mut items = vec!["client_assertion".to_owned()];
    for (name, value) in header.as_object().into_iter().flatten() {
        items.push(match (name.as_str(), value.as_str()) {
            ("alg" | "typ", Some(value)) => format!("`{name}` {value} in the assertion"),
            ("x5t#S256", Some(value)) if value.ends_with('=') => {
                "padded `x5t#S256` in the assertion".to_owned()
            }
            _ => format!("`{name}` in the assertion"),
        });
    }
    for (name, value) in claims.as_object().into_iter().flatten() {
        let kind = match value.is_f64() {
            true => ", not a whole number,",
            false => "",
        };
        items.push(format!("`{name}`{kind} in the assertion"));
    }
    items
}

/// A scope in words.
fn plain(scope: &str) -> String {
    let words = [
        (API, "API"),
        (OTHER_API, "other API"),
        (ROBOT, "robot"),
        (DESKTOP, "desktop"),
    ];
    words
        .into_iter()
        .fold(scope.to_owned(), |scope, (id, word)| {
            scope.replace(&format!("api://{id}"), &format!("<{word}>"))
        })
}

/// What does not differ from run to run.
const VALUES: [&str; 7] = [
    "response_type",
    "response_mode",
    "code_challenge_method",
    "requested_token_use",
    "client_info",
    "prompt",
    "client_assertion_type",
];
