//! [`Platform`]: realms of Keycloak that are shaped like those of Destination Earth.

use std::fs;
use std::sync::Arc;
use std::time::Duration;

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
}

impl Platform {
    /// The platform, where a Keycloak is at hand; `people` have never logged in before, and nothing has been noted. The realms
    /// are made for the first who asks, so one test after the other.
    pub(super) async fn at_hand(people: Vec<Value>) -> Self {
        let server = Server::at_hand();
        let front = Arc::new(Front::secure(server.clone()).await);
        let platform = Self { server, front };
        let realms = platform.manage(Method::GET, "", None).await;
        let mut realms = realms.as_array().unwrap().iter();
        if !realms.any(|realm| realm["realm"] == DEDL) {
            platform.make().await;
        }
        for (realm, alias, _) in TRADERS {
            let path = format!("{realm}/identity-provider/instances/{alias}");
            let broker = platform.broker(alias);
            platform.manage(Method::PUT, &path, Some(broker)).await;
        }
        let import = format!("{DESP}/partialImport");
        for people in people.chunks(5) {
            let people = json!({ "ifResourceExists": "OVERWRITE", "users": people });
            platform.manage(Method::POST, &import, Some(people)).await;
        }
        for realm in [DESP, HIGHWAY, DEDL] {
            let events = format!("{realm}/events");
            platform.manage(Method::DELETE, &events, None).await;
        }
        platform
    }

    async fn make(&self) {
        let realm = include_str!("../../../conformance/desp/realm.json");
        let realm = serde_json::from_str(realm).unwrap();
        self.manage(Method::POST, "", Some(realm)).await;
        let terms = format!("{DESP}/authentication/required-actions/TERMS_AND_CONDITIONS");
        let mut action = self.manage(Method::GET, &terms, None).await;
        action["enabled"] = true.into();
        self.manage(Method::PUT, &terms, Some(action)).await;
        self.allow_other_factors().await;
        for (realm, alias, client) in TRADERS {
            self.trade(realm, alias, client).await;
        }
    }

    /// Besides one-time codes, which are a second factor as Keycloak comes.
    async fn allow_other_factors(&self) {
        let path = format!("{DESP}/authentication/flows/browser/executions");
        let executions = self.manage(Method::GET, &path, None).await;
        for mut one in executions.as_array().unwrap().iter().cloned() {
            let id = one["providerId"].as_str().unwrap_or_default();
            if ["webauthn-authenticator", "auth-recovery-authn-code-form"].contains(&id) {
                one["requirement"] = "ALTERNATIVE".into();
                self.manage(Method::PUT, &path, Some(one)).await;
            }
        }
    }

    /// A realm whose public `client` trades the platform's tokens: it needs permission for that.
    async fn trade(&self, realm: &str, alias: &str, client: &str) {
        let pattern = include_str!("../../../conformance/desp/exchange.json");
        let pattern = pattern.replace("REALM", realm).replace("CLIENT", client);
        let mut made: Value = serde_json::from_str(&pattern).unwrap();
        made["identityProviders"] = json!([self.broker(alias)]);
        self.manage(Method::POST, "", Some(made)).await;
        let of_client = async |name: &str| {
            let query = format!("clients?clientId={name}");
            self.server.id(realm, &query).await
        };
        let rules = format!(
            "{realm}/clients/{}/authz/resource-server",
            of_client("realm-management").await
        );
        let path = format!("{realm}/identity-provider/instances/{alias}/management/permissions");
        let enabled = Some(json!({ "enabled": true }));
        let permissions = self.manage(Method::PUT, &path, enabled).await;
        let permission = &permissions["scopePermissions"]["token-exchange"];
        let policy = json!({
            "name": client, "clients": [of_client(client).await], "logic": "POSITIVE"
        });
        let path = format!("{rules}/policy/client");
        let policy = self.manage(Method::POST, &path, Some(policy)).await;
        let path = format!("{rules}/permission/scope/{}", permission.as_str().unwrap());
        let mut permission = self.manage(Method::GET, &path, None).await;
        permission["policies"] = json!([policy["id"]]);
        self.manage(Method::PUT, &path, Some(permission)).await;
    }

    /// The platform as another realm knows it, at the address of this test.
    fn broker(&self, alias: &str) -> Value {
        let issuer = format!("{}/realms/{DESP}", self.front.server().url());
        let at = |endpoint: &str| format!("{issuer}/protocol/openid-connect/{endpoint}");
        json!({
            "alias": alias, "providerId": "keycloak-oidc", "enabled": true, "trustEmail": true,
            "config": {
                "issuer": issuer, "authorizationUrl": at("auth"), "tokenUrl": at("token"),
                "userInfoUrl": at("userinfo"), "jwksUrl": at("certs"), "useJwksUrl": "true",
                "validateSignature": "true", "syncMode": "IMPORT", "clientId": "broker",
                "clientSecret": "broker-secret", "clientAuthMethod": "client_secret_post",
            },
        })
    }

    async fn manage(&self, method: Method, path: &str, body: Option<Value>) -> Value {
        self.server.manage(method, path, body).await.body
    }

    /// A home where `user` has not been seen before.
    pub(super) fn place(&self, user: &str) -> Place {
        let url = self.front.server().url().to_owned();
        let token = |realm: &str| format!("{url}/realms/{realm}/protocol/openid-connect/token");
        let exchanges = [token(HIGHWAY), token(DEDL)];
        let authority = std::env::var_os("AUTH_KEYCLOAK_CA").unwrap();
        let authority = fs::read_to_string(authority).unwrap();
        let front = self.front.clone();
        let asked = move || asked(&front);
        Place::new(&url, exchanges, user, &authority, asked)
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
                self.server.post(DESP, "token", &form).await;
            }
            self.until_locked(user).await;
        }
        self.place(user)
    }

    /// Keycloak counts wrong passwords beside answering them.
    async fn until_locked(&self, user: &str) {
        let query = format!("users?username={user}&exact=true");
        let id = self.server.id(DESP, &query).await;
        let path = format!("{DESP}/attack-detection/brute-force/users/{id}");
        for _ in 0..600 {
            if self.manage(Method::GET, &path, None).await["disabled"] == true {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("{user} is not locked");
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
        self.manage(Method::PUT, DESP, Some(change)).await;
    }

    /// What the platform's realm noted of that sort.
    pub(super) async fn noted(&self, event: &str) -> Vec<Value> {
        self.server.noted(DESP, event).await
    }
}

fn asked(front: &Front) -> Vec<Request> {
    let asked = front.taken().into_iter();
    // Keycloak asks itself about a token that it trades.
    let of_programs = asked.filter(|one| {
        let agent = one.headers.get("user-agent");
        let agent = agent.and_then(|agent| agent.to_str().ok());
        !agent.is_some_and(|agent| agent.contains("HttpClient"))
            && !one.url.path().ends_with("/userinfo")
    });
    of_programs
        .map(|one| Request::read(&one.method, &one.url, &one.headers, &one.body))
        .collect()
}

/// The platform's realm.
pub(super) const DESP: &str = "desp";
/// The realms that trade its tokens, what each calls it, and the client for which they do.
pub(super) const HIGHWAY: &str = "desp-highway";
pub(super) const DEDL: &str = "desp-dedl";
const TRADERS: [(&str, &str, &str); 2] = [
    (HIGHWAY, "DESP_IAM_PROD", "highway-public"),
    (DEDL, "desp-oidc", "hda-public"),
];

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
        "realmRoles": [format!("default-roles-{DESP}")],
    }))
}
