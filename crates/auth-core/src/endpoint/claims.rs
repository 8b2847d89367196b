//! The claims that tokens are asked for with (OpenID Connect Core §5.5).

use serde_json::{Map, Value};

use super::TokenEndpoint;
use crate::error::Challenge;
use crate::session::Held;

impl TokenEndpoint {
    /// The claims request of a token: what an API asked for, merged into what is always asked for.
    pub(crate) fn claims(&self, held: &Held) -> Option<String> {
        let asked = held.challenge().and_then(Challenge::claims_request);
        match (&self.claims, asked) {
            (Some(always), Some(asked)) => Some(merged(always, &asked).unwrap_or(asked)),
            (always, asked) => asked.or_else(|| always.clone()),
        }
    }
}

/// Both requests as one; where both name a claim, the second counts. `None` if one is no claims request.
fn merged(one: &str, other: &str) -> Option<String> {
    let read = |text| serde_json::from_str::<Map<String, Value>>(text).ok();
    let mut all = read(one)?;
    for (place, claims) in read(other)? {
        match (all.get_mut(&place), claims) {
            (Some(Value::Object(known)), Value::Object(claims)) => known.extend(claims),
            (_, claims) => drop(all.insert(place, claims)),
        }
    }
    Some(Value::Object(all).to_string())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::merged;

    #[test]
    fn what_an_api_asks_for_goes_before_what_is_always_asked_for() {
        let always = json!({"access_token": {"a": 1, "b": 1}, "userinfo": {"u": null}});
        let asked = json!({"access_token": {"b": 2}, "id_token": {"i": null}});
        let both = merged(&always.to_string(), &asked.to_string()).unwrap();
        let both: Value = serde_json::from_str(&both).unwrap();
        let all = json!({"access_token": {"a": 1, "b": 2}, "id_token": {"i": null}, "userinfo": {"u": null}});
        assert_eq!(both, all);
        assert_eq!(merged("{}", "[]"), None);
    }
}
