//! What an API wants of a login beyond a password, and which logins have it.

use std::collections::HashMap;

use serde_json::Value;

use super::application::EntraApplication;
use super::refusal::Refusal;
use super::tenant::EntraTenant;

/// The demands that sessions have met, as claims requests.
#[derive(Default)]
pub(super) struct Demands(HashMap<String, Vec<Value>>);

impl Demands {
    /// Whether a session may use `api`.
    pub(super) fn check(
        &self,
        session: Option<&str>,
        api: &EntraApplication,
    ) -> Result<(), Refusal> {
        let Some(demand) = &api.demand else {
            return Ok(());
        };
        let met = session.and_then(|session| self.0.get(session));
        if met.is_some_and(|met| met.contains(demand)) {
            return Ok(());
        }
        let text = format!(
            "Due to a configuration change made by your administrator, or because you moved to a new \
             location, you must use multi-factor authentication to access '{}'.",
            api.id
        );
        Err(Refusal::new("invalid_grant", 50_076, text)
            .with_suberror("basic_action")
            .with_claims(demand))
    }

    /// A person has come to the login page for `api`, with the claims request `asked`.
    pub(super) fn meet(
        &mut self,
        session: &str,
        tenant: &EntraTenant,
        api: &EntraApplication,
        asked: Option<&Value>,
    ) {
        let met = self.0.entry(session.to_owned()).or_default();
        met.extend(api.demand.clone());
        let demands = tenant
            .applications
            .iter()
            .filter_map(|api| api.demand.as_ref());
        met.extend(
            demands
                .filter(|demand| asked.is_some_and(|asked| covers(asked, demand)))
                .cloned(),
        );
    }
}

/// Whether a claims request asks for all that `wanted` asks for.
pub(super) fn covers(asked: &Value, wanted: &Value) -> bool {
    match (asked, wanted) {
        (Value::Object(asked), Value::Object(wanted)) => wanted
            .iter()
            .all(|(name, wanted)| asked.get(name).is_some_and(|asked| covers(asked, wanted))),
        _ => asked == wanted,
    }
}

/// The claims request (OpenID Connect Core §5.5) in a parameter.
pub(super) fn asked(text: Option<String>) -> Result<Option<Value>, Refusal> {
    let Some(text) = text.filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    match serde_json::from_str::<Value>(&text) {
        Ok(asked) if asked.is_object() => Ok(Some(asked)),
        _ => {
            let text = "Request is malformed or invalid: the parameter 'claims' is no JSON object.";
            Err(Refusal::new("invalid_request", 9_002_313, text))
        }
    }
}
