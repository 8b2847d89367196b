//! The shape of Disruptive Technologies: service accounts, its token endpoint, its API's projects.

mod projects;

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::time::{Duration, SystemTime};

use http::{Method, StatusCode};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde_json::{Value, json};

use crate::answer::{self, Answer};
use crate::assertion::{is_for, signed};
use crate::random;
use crate::record::Received;
use crate::shape::Shape;
use crate::token::seconds;

use projects::{page, problem};

/// A service account of Disruptive Technologies.
///
/// ```
/// # use auth_testkit::{DisruptiveAccount, Server, TestClock};
/// let server = Server::new(TestClock::new());
/// server.add_disruptive_account(
///     DisruptiveAccount::new("robot@plant.serviceaccount.d21s.com")
///         .with_key("key1", "secret")
///         .with_project("Cold store"),
/// );
/// ```
#[derive(Clone)]
pub struct DisruptiveAccount {
    email: String,
    keys: BTreeMap<String, String>,
    projects: Vec<String>,
    answers: BTreeMap<String, Value>,
}

impl DisruptiveAccount {
    /// An account without keys that is a member of nothing: it gets tokens, and 403 from the API.
    pub fn new(email: impl Into<String>) -> Self {
        Self {
            email: email.into(),
            keys: BTreeMap::new(),
            projects: Vec::new(),
            answers: BTreeMap::new(),
        }
    }

    /// Adds a key: its id, and the secret that signs with HS256.
    #[must_use]
    pub fn with_key(mut self, id: impl Into<String>, secret: impl Into<String>) -> Self {
        self.keys.insert(id.into(), secret.into());
        self
    }

    /// Makes it a member of a project.
    #[must_use]
    pub fn with_project(mut self, name: impl Into<String>) -> Self {
        self.projects.push(name.into());
        self
    }

    /// What the API has for it at a path below `/v2`, such as `/v2/projects/p/devices`.
    #[must_use]
    pub fn with_answer(mut self, path: impl Into<String>, answer: Value) -> Self {
        self.answers.insert(path.into(), answer);
        self
    }
}

impl fmt::Debug for DisruptiveAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DisruptiveAccount")
            .field("email", &self.email)
            .field("keys", &self.keys.keys())
            .field("projects", &self.projects)
            .finish()
    }
}

/// Its accounts by email, and the tokens that work.
pub(crate) struct Disruptive {
    accounts: BTreeMap<String, DisruptiveAccount>,
    tokens: HashMap<String, Issued>,
}

struct Issued {
    email: String,
    ends_at: SystemTime,
}

impl Disruptive {
    pub(crate) fn new() -> Self {
        Self {
            accounts: BTreeMap::new(),
            tokens: HashMap::new(),
        }
    }

    pub(crate) fn add(&mut self, account: DisruptiveAccount) {
        self.accounts.insert(account.email.clone(), account);
    }

    pub(crate) fn revoke(&mut self, token: &str) -> bool {
        self.tokens.remove(token).is_some()
    }

    fn token(&mut self, request: &Received) -> Answer {
        let grant = request.field("grant_type").filter(|_| request.is_form());
        if request.method() != Method::POST || grant.as_deref() != Some(JWT_BEARER) {
            return refusal("unsupported_grant_type", None);
        }
        let email = match self.trusted(request) {
            Ok(email) => email,
            Err(why) => return refusal("invalid_grant", why.description()),
        };
        let token = random::hex(16);
        let ends_at = request.at() + Duration::from_secs(LIFE);
        let issued = Issued { email, ends_at };
        self.tokens.insert(token.clone(), issued);
        answer::of_tokens(&json!({
            "access_token": token,
            "token_type": "bearer",
            "expires_in": LIFE,
        }))
    }

    /// The email of the account that signed the assertion.
    fn trusted(&self, request: &Received) -> Result<String, Distrust> {
        let assertion = request.field("assertion").ok_or(Distrust::Nobody)?;
        let data = jsonwebtoken::dangerous::insecure_decode::<Value>(&assertion)
            .map_err(|_| Distrust::Nobody)?;
        let (header, claims) = (data.header, data.claims);
        let kid = header.kid.ok_or(Distrust::Nobody)?;
        let mut accounts = self.accounts.values();
        let owner = accounts.find_map(|account| Some((account, account.keys.get(&kid)?)));
        let (account, secret) = owner.ok_or(Distrust::Nobody)?;
        if claims["iss"] != account.email.as_str() || !is_for(&claims, &[request.endpoint()]) {
            return Err(Distrust::Entity);
        }
        check_times(&claims, seconds(request.at()))?;
        let key = DecodingKey::from_secret(secret.as_bytes());
        signed(&assertion, &[(Algorithm::HS256, key)]).ok_or(Distrust::Signature)?;
        Ok(account.email.clone())
    }

    /// Who may ask the API. Without a path of its own the account has only its projects.
    fn api(&self, request: &Received) -> Answer {
        let bearer = request
            .header("authorization")
            .and_then(|value| value.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
        let account = bearer
            .and_then(|(_, token)| self.tokens.get(token))
            .filter(|issued| issued.ends_at > request.at())
            .and_then(|issued| self.accounts.get(&issued.email));
        match account {
            None => problem(StatusCode::UNAUTHORIZED, "invalid or expired access token"),
            Some(account) if account.projects.is_empty() => problem(
                StatusCode::FORBIDDEN,
                "the service account is not a member of a project or an organization",
            ),
            Some(account) => match account.answers.get(request.path()) {
                Some(answer) => answer::of_json(StatusCode::OK, answer),
                None if request.path() == "/v2/projects" => page(&account.projects, request),
                None => problem(StatusCode::NOT_FOUND, "resource not found"),
            },
        }
    }
}

impl Shape for Disruptive {
    fn answer(&mut self, request: &Received) -> Option<Answer> {
        match request.path() {
            "/oauth2/token" => Some(self.token(request)),
            path if path.starts_with("/v2/") => Some(self.api(request)),
            _ => None,
        }
    }
}

/// Why an assertion is not taken.
enum Distrust {
    Entity,
    Nobody,
    Signature,
    Timing,
}

impl Distrust {
    fn description(&self) -> Option<&'static str> {
        match self {
            Self::Entity => Some("Untrusted entity. Check the 'aud' and 'iss' claims."),
            Self::Nobody => None,
            Self::Signature => Some("Invalid signature"),
            Self::Timing => Some("Timing-related error. Check the 'exp' and 'iat' claims."),
        }
    }
}

fn check_times(claims: &Value, now: u64) -> Result<(), Distrust> {
    let times = claims["iat"].as_u64().zip(claims["exp"].as_u64());
    let (issued, end) = times.ok_or(Distrust::Timing)?;
    let plausible = issued <= now + FUTURE
        && issued + PAST >= now
        && end > issued
        && end <= issued + LONGEST
        && end > now;
    plausible.then_some(()).ok_or(Distrust::Timing)
}

fn refusal(error: &str, description: Option<&str>) -> Answer {
    let mut body = json!({ "error": error });
    if let Some(description) = description {
        body["error_description"] = description.into();
    }
    answer::of_json(StatusCode::BAD_REQUEST, &body)
}

const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/// Seconds that an access token works, and that an assertion may at most.
const LIFE: u64 = 3599;
const LONGEST: u64 = 3600;

/// Seconds by which `iat` may be off. What the real server tolerates is not published.
const PAST: u64 = 60;
const FUTURE: u64 = 5;
