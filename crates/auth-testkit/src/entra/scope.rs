//! [`Wish`]: for which API a token is asked, and what it is to allow there.

use super::application::EntraApplication;
use super::refusal::Refusal;
use super::tenant::EntraTenant;

/// What a scope parameter comes to.
#[derive(Clone)]
pub(super) struct Wish {
    pub(super) api: EntraApplication,
    /// The name by which the API was asked for.
    pub(super) resource: String,
    /// The permissions at the API, by their short names.
    pub(super) permissions: Vec<String>,
    /// What the answer names: the permissions in full, and those that are no API's.
    pub(super) granted: Vec<String>,
    pub(super) openid: bool,
}

impl Wish {
    /// What a person's program wants. Without an API it is Microsoft Graph.
    pub(super) fn of_person(tenant: &EntraTenant, scope: &str) -> Result<Self, Refusal> {
        let all: Vec<_> = scope.split_whitespace().collect();
        let has = |name: &str| all.contains(&name);
        let mut named: Option<(&str, EntraApplication)> = None;
        let mut wanted = Vec::new();
        for scope in all.iter().filter(|scope| !OIDC.contains(scope)) {
            let (resource, name) = parts(scope);
            let api = api(tenant, resource, scope)?;
            match &named {
                Some((_, other)) if other.id != api.id => return Err(several(scope)),
                Some(_) => {}
                None => named = Some((resource, api)),
            }
            wanted.push((*scope, name));
        }
        let is_default = wanted.iter().any(|(_, name)| *name == DEFAULT);
        if is_default && wanted.len() > 1 {
            return Err(invalid(&format!(
                "{scope} is not valid. .default scope can't be combined with resource-specific scopes."
            )));
        }
        let (resource, api) = named.unwrap_or_else(|| (GRAPH_URI, graph()));
        let permissions: Vec<String> = match wanted.is_empty() || is_default {
            true => api.scopes.clone(),
            false => wanted.iter().map(|(_, name)| (*name).to_owned()).collect(),
        };
        if let Some(unknown) = permissions.iter().find(|one| !api.scopes.contains(one)) {
            let text = format!(
                "The application asked for scope '{unknown}' that doesn't exist on the resource \
                 '{}'.",
                api.id
            );
            return Err(Refusal::new("invalid_client", 650_053, text));
        }
        let full = |name: &String| match api.id.as_str() {
            GRAPH_ID => name.clone(),
            _ => format!("{resource}/{name}"),
        };
        let oidc = ["openid", "profile", "email"]
            .into_iter()
            .filter(|name| has(name));
        let mut granted: Vec<_> = oidc.map(str::to_owned).collect();
        granted.extend(permissions.iter().map(full));
        if is_default {
            granted.push(format!("{resource}/{DEFAULT}"));
        }
        Ok(Self {
            resource: resource.to_owned(),
            api,
            permissions,
            granted,
            openid: has("openid"),
        })
    }

    /// What a program wants for itself: one API, with all that it is allowed there.
    pub(super) fn of_application(
        tenant: &EntraTenant,
        client: &EntraApplication,
        scope: &str,
    ) -> Result<Self, Refusal> {
        if scope.is_empty() {
            return Err(Refusal::missing("scope"));
        }
        let resource = scope.strip_suffix("/.default");
        let resource = resource.filter(|_| !scope.contains(char::is_whitespace));
        let Some(resource) = resource else {
            let text = format!(
                "The provided value for scope {scope} is not valid. Client credential flows must have a \
                 scope value with /.default suffixed to the resource identifier (application ID URI)."
            );
            return Err(Refusal::new("invalid_scope", 1_002_012, text));
        };
        let api = api(tenant, resource, scope)?;
        if api.id == client.id && resource != api.id {
            let text = format!(
                "Application '{}' is requesting a token for itself. This scenario is supported only if \
                 resource is specified using the GUID based App Identifier.",
                api.id
            );
            return Err(Refusal::new("invalid_resource", 90_009, text));
        }
        Ok(Self {
            api,
            resource: resource.to_owned(),
            permissions: Vec::new(),
            granted: Vec::new(),
            openid: false,
        })
    }
}

/// The API of a scope, and what is wanted of it. A bare name is one of Microsoft Graph.
fn parts(scope: &str) -> (&str, &str) {
    match scope.rsplit_once('/') {
        Some((resource, name)) if !resource.ends_with('/') || name == DEFAULT => (resource, name),
        _ => (GRAPH_URI, scope),
    }
}

fn api(tenant: &EntraTenant, resource: &str, scope: &str) -> Result<EntraApplication, Refusal> {
    let mut known = tenant.applications.iter();
    if let Some(api) = known.find(|api| api.is_named(resource)) {
        return Ok(api.clone());
    }
    let graph = graph();
    if graph.is_named(resource) {
        let (_, name) = parts(scope);
        return match name == DEFAULT || graph.scopes.iter().any(|known| known == name) {
            true => Ok(graph),
            false => Err(invalid(&format!("{scope} is not valid."))),
        };
    }
    let text = format!(
        "The resource principal named {resource} was not found in the tenant named {}. This can happen \
         if the application has not been installed by the administrator of the tenant or consented to by \
         any user in the tenant.",
        tenant.id
    );
    Err(Refusal::new("invalid_resource", 500_011, text))
}

fn graph() -> EntraApplication {
    ["User.Read", "User.ReadBasic.All"].into_iter().fold(
        EntraApplication::api(GRAPH_ID)
            .with_identifier_uri(GRAPH_URI)
            .with_v1_tokens(),
        |graph, scope| graph.with_scope(scope),
    )
}

fn several(scope: &str) -> Refusal {
    let text = format!(
        "Provided value for the input parameter scope is not valid because it contains more than one \
         resource. Scope {scope} is not valid."
    );
    Refusal::new("invalid_request", 28_000, text)
}

fn invalid(why: &str) -> Refusal {
    let text = format!("The provided value for the input parameter 'scope' is not valid. {why}");
    Refusal::new("invalid_scope", 70_011, text)
}

/// All that an application may.
const DEFAULT: &str = ".default";

/// What is no API's.
const OIDC: [&str; 4] = ["openid", "profile", "email", "offline_access"];

const GRAPH_ID: &str = "00000003-0000-0000-c000-000000000000";
const GRAPH_URI: &str = "https://graph.microsoft.com";
