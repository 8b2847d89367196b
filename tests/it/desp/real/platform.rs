//! [`Platform`]: realms of Keycloak that are shaped like those of Destination Earth.

use std::fs;
use std::sync::Arc;

use auth_testkit::RequiredAction;
use http::Method;
use serde_json::{Value, json};

use crate::desp::beside::case::{Case, FIRST, Look, SECOND, Who};
use crate::desp::beside::place::Place;
use crate::desp::beside::seen::Request;
use crate::keycloak::real::front::Front;
use crate::keycloak::real::server::Server;

/// A realm with the eight services, and two that trade its tokens; all behind one address, which takes notes.
pub(super) struct Platform {
    pub(super) server: Server,
    pub(super) front: Arc<Front>,
    pub(super) realm: String,
}

impl Platform {
    /// The platform in a new realm `name` with `people`, where a Keycloak is at hand.
    pub(super) async fn at_hand(name: &str, people: Vec<Value>) -> Option<Self> {
        let server = Server::at_hand()?;
        let front = Arc::new(Front::secure(server.clone()).await);
        let platform = Self {
            server,
            front,
            realm: name.to_owned(),
        };
        platform.make(people).await;
        Some(platform)
    }

    async fn make(&self, people: Vec<Value>) {
        let realms = self.server.manage(Method::GET, "", None).await.body;
        let names = [Self::realm, Self::highway, Self::dedl].map(|name| name(self));
        for realm in realms.as_array().unwrap() {
            let name = realm["realm"].as_str().unwrap();
            if names.iter().any(|other| other == name) {
                self.server.manage(Method::DELETE, name, None).await;
            }
        }
        let pattern = include_str!("../../../conformance/desp/realm.json");
        let mut realm: Value =
            serde_json::from_str(&pattern.replace("REALM", &self.realm)).unwrap();
        realm["users"] = people.into_iter().map(|one| self.with_role(one)).collect();
        self.server.manage(Method::POST, "", Some(realm)).await;
        let terms = format!(
            "{}/authentication/required-actions/TERMS_AND_CONDITIONS",
            self.realm
        );
        let mut action = self.server.manage(Method::GET, &terms, None).await.body;
        action["enabled"] = true.into();
        self.server.manage(Method::PUT, &terms, Some(action)).await;
        self.trade(&self.highway(), "DESP_IAM_PROD", "highway-public")
            .await;
        self.trade(&self.dedl(), "desp-oidc", "hda-public").await;
    }

    fn with_role(&self, mut person: Value) -> Value {
        person["realmRoles"] = json!([format!("default-roles-{}", self.realm)]);
        person
    }

    fn realm(&self) -> String {
        self.realm.clone()
    }

    pub(super) fn highway(&self) -> String {
        format!("{}-highway", self.realm)
    }

    pub(super) fn dedl(&self) -> String {
        format!("{}-dedl", self.realm)
    }

    /// A realm whose public `client` trades the platform's tokens.
    async fn trade(&self, realm: &str, alias: &str, client: &str) {
        let issuer = format!("{}/realms/{}", self.front.server().url(), self.realm);
        let pattern = include_str!("../../../conformance/desp/exchange.json")
            .replace("REALM", realm)
            .replace("ALIAS", alias)
            .replace("CLIENT", client)
            .replace("PLATFORM", &issuer);
        let pattern = serde_json::from_str(&pattern).unwrap();
        let manage = async |method, path: &str, body| {
            let path = format!("{realm}/{path}");
            self.server.manage(method, &path, body).await.body
        };
        self.server.manage(Method::POST, "", Some(pattern)).await;
        let of_client = async |name: &str| {
            let query = format!("clients?clientId={name}");
            self.server.id(realm, &query).await
        };
        let management = of_client("realm-management").await;
        let permissions = manage(
            Method::PUT,
            &format!("identity-provider/instances/{alias}/management/permissions"),
            Some(json!({ "enabled": true })),
        )
        .await;
        let permission = &permissions["scopePermissions"]["token-exchange"];
        let rules = format!("clients/{management}/authz/resource-server");
        let policy = json!({
            "name": client, "clients": [of_client(client).await], "logic": "POSITIVE"
        });
        let policy = manage(
            Method::POST,
            &format!("{rules}/policy/client"),
            Some(policy),
        )
        .await;
        let path = format!("{rules}/permission/scope/{}", permission.as_str().unwrap());
        let mut permission = manage(Method::GET, &path, None).await;
        permission["policies"] = json!([policy["id"]]);
        manage(Method::PUT, &path, Some(permission)).await;
    }

    /// A home where `user` has not been seen before.
    pub(super) fn place(&self, user: &str) -> Place {
        let url = self.front.server().url().to_owned();
        let token = |realm: &str| format!("{url}/realms/{realm}/protocol/openid-connect/token");
        let exchanges = [token(&self.highway()), token(&self.dedl())];
        let authority = std::env::var_os("AUTH_KEYCLOAK_CA").unwrap();
        let authority = fs::read_to_string(authority).unwrap();
        let front = self.front.clone();
        let asked = move || asked(&front);
        let mut place = Place::new(&url, exchanges, user, &authority, asked);
        place.realm.clone_from(&self.realm);
        place
    }

    /// What was asked since the last time, but for what the realms ask each other.
    pub(super) fn asked(&self) -> Vec<Request> {
        asked(&self.front)
    }

    /// A place for `case`, whose person is `user`.
    pub(super) async fn place_for(&self, case: &Case, user: &str) -> Place {
        if case.who == Who::Locked {
            for _ in 0..3 {
                let form = [
                    ("grant_type", "password"),
                    ("client_id", "tries"),
                    ("username", user),
                    ("password", "no"),
                ];
                self.server.post(&self.realm, "token", &form).await;
            }
        }
        self.place(user)
    }

    /// Shows other pages from now on.
    pub(super) async fn show(&self, look: Look) {
        let (theme, language) = match look {
            Look::Classic => ("keycloak", "en"),
            Look::V2 => ("keycloak.v2", "en"),
            Look::Base => ("base", "en"),
            Look::German => ("keycloak.v2", "de"),
        };
        let change = json!({ "loginTheme": theme, "defaultLocale": language });
        self.server
            .manage(Method::PUT, &self.realm, Some(change))
            .await;
    }

    /// How often the server noted that, for somebody, with their names.
    pub(super) async fn noted(&self, event: &str) -> Vec<Value> {
        self.server.noted(&self.realm, event).await
    }
}

fn asked(front: &Front) -> Vec<Request> {
    let asked = front.taken().into_iter();
    let of_programs = asked.filter(|one| !one.url.path().ends_with("/userinfo"));
    of_programs
        .map(|one| Request::read(&one.method, &one.url, &one.headers, &one.body))
        .collect()
}

/// Somebody, in the form in which Keycloak takes them.
pub(super) fn person(name: &str, who: Who) -> Option<Value> {
    let device = |label: &str, secret: &str| {
        json!({
            "type": "otp", "userLabel": label,
            "secretData": json!({ "value": secret }).to_string(),
            "credentialData": json!({
                "subType": "totp", "digits": 6, "counter": 0, "period": 30, "algorithm": "HmacSHA1"
            })
            .to_string(),
        })
    };
    let mut credentials = vec![json!({ "type": "password", "value": "pw" })];
    let mut actions = Vec::new();
    match who {
        Who::WithCode => credentials.push(device("device 1", FIRST)),
        Who::WithTwoDevices => {
            credentials.push(device("device 1", FIRST));
            credentials.push(device("device 2", SECOND));
        }
        Who::Must(action) => actions.push(RequiredAction::alias(action)),
        Who::Nobody => return None,
        Who::WithPassword | Who::Disabled | Who::Locked => {}
    }
    Some(json!({
        "username": name, "enabled": who != Who::Disabled,
        "email": format!("{name}@example.org"), "emailVerified": true,
        "firstName": name, "lastName": "Example",
        "credentials": credentials, "requiredActions": actions,
    }))
}
