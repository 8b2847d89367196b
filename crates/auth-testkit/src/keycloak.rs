//! The shape of Keycloak: realms, each an issuer with pages for people.

mod action;
mod authorize;
mod broker;
mod cookie;
mod device;
mod finish;
mod login;
mod logout;
mod metadata;
mod page;
mod piece;
mod second;
mod visit;

use std::collections::{BTreeMap, BTreeSet};
use std::time::SystemTime;

use http::{Method, StatusCode};
use serde_json::json;
use url::Url;

use crate::answer::{self, Answer};
use crate::dialect::Dialect;
use crate::issuer::Issuer;
use crate::keys::Keys;
use crate::realm::{Realm, Theme};
use crate::record::Received;
use crate::shape::Shape;
use crate::token::Purpose;

use self::visit::Visits;

/// The realms, by name.
#[derive(Default)]
pub(crate) struct Keycloak(BTreeMap<String, Place>);

/// A realm at work.
struct Place {
    issuer: Issuer,
    theme: Theme,
    brokers: Vec<(String, String)>,
    name_first: bool,
    visits: Visits,
    /// Who has allowed which client what it wants.
    consents: BTreeSet<(String, String)>,
}

impl Keycloak {
    /// Lets a realm in, or changes it: the logins at one of the same name go on.
    pub(crate) fn add(&mut self, realm: Realm) {
        let place = self.0.entry(realm.name.clone()).or_insert_with(Place::new);
        let issuer = &mut place.issuer;
        issuer.path = format!("{}/realms/{}", realm.base, realm.name);
        issuer.policy = realm.policy;
        issuer.visitor = realm.visitor;
        issuer.resource = realm.resource;
        let clients = realm.clients.into_iter();
        issuer.clients = clients.map(|client| (client.id.clone(), client)).collect();
        let known = std::mem::take(&mut issuer.users);
        for mut user in realm.users {
            if let Some(known) = known.get(&user.name) {
                user.id.clone_from(&known.id);
            }
            issuer.users.insert(user.name.clone(), user);
        }
        place.theme = realm.theme;
        place.brokers = realm.brokers;
        place.name_first = realm.name_first;
    }

    /// A login without pages: its first refresh token.
    pub(crate) fn login(
        &mut self,
        issuer: &str,
        client: &str,
        user: &str,
        scope: &str,
        now: SystemTime,
    ) -> Option<String> {
        let url = Url::parse(issuer).ok()?;
        let mut places = self.0.values_mut();
        let place = places.find(|place| place.issuer.path == url.path())?;
        let client = place.issuer.clients.get(client)?.clone();
        let purpose = Purpose {
            scopes: place.issuer.scopes(scope, &client).ok()?,
            audience: place.issuer.audience(Vec::new(), &client),
            client: client.id,
            subject: user.to_owned(),
            session: None,
            since: None,
            offline: false,
            actor: None,
        };
        Some(place.issuer.begin(issuer, purpose, now).1)
    }

    pub(crate) fn issuers(&mut self) -> impl Iterator<Item = &mut Issuer> {
        self.0.values_mut().map(|place| &mut place.issuer)
    }
}

impl Shape for Keycloak {
    fn answer(&mut self, request: &Received) -> Option<Answer> {
        let path = request.path();
        let (_, rest) = path.split_once("/realms/")?;
        let name = rest.split('/').next().unwrap_or_default();
        // Out of the map, so that it may look at the others.
        let Some(mut place) = self.0.remove(name) else {
            let body = json!({ "error": "Realm does not exist" });
            return Some(answer::of_json(StatusCode::NOT_FOUND, &body));
        };
        let below = path.strip_prefix(&*place.issuer.path);
        let answer = below.and_then(|below| place.answer(below, request, &self.0));
        self.0.insert(name.to_owned(), place);
        answer
    }
}

impl Place {
    fn new() -> Self {
        let mut issuer = Issuer::new();
        issuer.dialect = Dialect::Keycloak;
        issuer.keys = Keys::of_keycloak();
        Self {
            issuer,
            theme: Theme::default(),
            brokers: Vec::new(),
            name_first: false,
            visits: Visits::default(),
            consents: BTreeSet::new(),
        }
    }

    /// The answer to a request for the path `below` the realm's own.
    fn answer(
        &mut self,
        below: &str,
        request: &Received,
        others: &BTreeMap<String, Self>,
    ) -> Option<Answer> {
        if let Some(protocol) = below.strip_prefix("/protocol/openid-connect/") {
            return self.protocol(protocol, request, others);
        }
        Some(match below {
            "" | "/" => answer::of_json(StatusCode::OK, &self.summary(request)),
            "/.well-known/openid-configuration" => {
                let name = self.issuer.name(request);
                answer::of_json(StatusCode::OK, &metadata::metadata(&name))
            }
            "/device" => self.device(request),
            "/device/status" => self.device_status(request),
            "/login-actions/authenticate" => self.authenticate(request),
            "/login-actions/required-action" => self.required_action(request),
            "/login-actions/consent" => self.consent(request),
            "/api" => self.api(request),
            deeper if deeper.starts_with("/api/") => self.api(request),
            _ => return None,
        })
    }

    fn protocol(
        &mut self,
        endpoint: &str,
        request: &Received,
        others: &BTreeMap<String, Self>,
    ) -> Option<Answer> {
        let posted = match endpoint {
            "auth" => return Some(self.authorize(request)),
            "certs" => {
                let keys = self.issuer.keys.set();
                return Some(answer::of_json(StatusCode::OK, &keys));
            }
            "userinfo" => return Some(self.issuer.userinfo(request)),
            "logout" => return Some(self.logout(request)),
            "token" => "/token",
            "auth/device" => "/device_authorization",
            "revoke" => "/revoke",
            "token/introspect" => "/introspect",
            _ => return None,
        };
        if request.method() != Method::POST {
            let body = json!({ "error": "HTTP 405 Method Not Allowed" });
            return Some(answer::of_json(StatusCode::METHOD_NOT_ALLOWED, &body));
        }
        let answer = match self.brokered(endpoint, request, others) {
            Some(answer) => answer,
            None => self.issuer.posted(posted, request)?,
        };
        Some(answer.unwrap_or_else(|no| no.answer(Dialect::Keycloak)))
    }

    fn api(&self, request: &Received) -> Answer {
        let issuer = &self.issuer;
        issuer
            .resource
            .answer(&issuer.keys, &issuer.tokens, request)
    }

    /// What a realm says of itself to whoever asks.
    fn summary(&self, request: &Received) -> serde_json::Value {
        let name = self.issuer.name(request);
        json!({
            "realm": self.name(),
            "token-service": format!("{name}/protocol/openid-connect"),
            "account-service": format!("{name}/account"),
            "tokens-not-before": 0,
        })
    }

    fn name(&self) -> &str {
        self.issuer.path.rsplit('/').next().unwrap_or_default()
    }
}
