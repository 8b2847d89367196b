//! What a client may ask for, and what it gets.

use super::Issuer;
use crate::answer::Refusal;
use crate::client::Client;
use crate::dialect::Dialect;
use crate::record::Received;

impl Issuer {
    /// The scopes that `text` asks for, or those that come by themselves.
    pub(crate) fn scopes(&self, text: &str, client: &Client) -> Result<Vec<String>, Refusal> {
        let granted = match self.dialect {
            Dialect::Standard => allowed(text, client.scopes.as_deref()),
            Dialect::Keycloak => {
                let optional = optional(client);
                let known = |scope: &str| {
                    scope == "openid" || GIVEN.contains(&scope) || optional.contains(&scope)
                };
                let all = text.split_whitespace().all(known);
                all.then(|| given(text, &optional))
            }
        };
        granted.ok_or_else(|| refusal(text))
    }

    /// The same for a device: Keycloak passes over what it does not know.
    pub(super) fn device_scopes(
        &self,
        text: &str,
        client: &Client,
    ) -> Result<Vec<String>, Refusal> {
        match self.dialect {
            Dialect::Standard => self.scopes(text, client),
            Dialect::Keycloak => Ok(given(text, &optional(client))),
        }
    }

    /// The scopes of a refresh, of a login that has `held`.
    pub(super) fn refreshed_scopes(
        &self,
        request: &Received,
        held: Vec<String>,
        client: &Client,
    ) -> Result<Vec<String>, Refusal> {
        let text = request.field("scope");
        match self.dialect {
            Dialect::Standard => {
                let text = text.unwrap_or_default();
                allowed(&text, Some(&held)).ok_or_else(|| refusal(&text))
            }
            Dialect::Keycloak => {
                // A login keeps its scopes, but the wish must be a possible one.
                if let Some(text) = text {
                    if text.trim().is_empty() {
                        return Err(refusal(""));
                    }
                    self.scopes(&text, client)?;
                }
                Ok(held)
            }
        }
    }
}

/// The scopes of `text`, or all `known` ones if it names none. `None` if one of them is not known.
fn allowed(text: &str, known: Option<&[String]>) -> Option<Vec<String>> {
    let scopes: Vec<_> = text.split_whitespace().map(str::to_owned).collect();
    match known {
        Some(known) if scopes.is_empty() => Some(known.to_vec()),
        Some(known) if !scopes.iter().all(|scope| known.contains(scope)) => None,
        _ => Some(scopes),
    }
}

/// What a realm gives a client only when it asks.
fn optional(client: &Client) -> Vec<&str> {
    match &client.scopes {
        Some(scopes) => scopes.iter().map(String::as_str).collect(),
        None => vec!["offline_access"],
    }
}

/// What a realm gives: what comes by itself, and what was asked for.
fn given(text: &str, optional: &[&str]) -> Vec<String> {
    let asked: Vec<_> = text.split_whitespace().collect();
    let openid = asked.contains(&"openid").then_some("openid");
    let by_itself = GIVEN.into_iter().filter(|scope| !optional.contains(scope));
    let wanted = optional.iter().copied();
    openid
        .into_iter()
        .chain(by_itself)
        .chain(wanted.filter(|scope| asked.contains(scope)))
        .map(str::to_owned)
        .collect()
}

fn refusal(text: &str) -> Refusal {
    Refusal::new("invalid_scope", "The client may not ask for this scope.")
        .keycloak(format!("Invalid scopes: {text}"))
}

/// What a realm gives unless a client has it among its optional scopes.
const GIVEN: [&str; 3] = ["email", "profile", "roles"];
