//! [`Server`]: the identity server.

mod people;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use auth_core::Io;
use auth_core::clock::Clock;
use bytes::Bytes;
use http::{Request, StatusCode};
use url::Url;

use crate::answer::{self, Answer};
use crate::client::Client;
use crate::delivery::Delivery;
use crate::disruptive::{Disruptive, DisruptiveAccount};
use crate::entra::{Entra, EntraTenant};
use crate::fault::Fault;
use crate::issuer::Issuer;
use crate::keycloak::Keycloak;
use crate::machine::{Machine, Metadata};
use crate::policy::Policy;
use crate::realm::Realm;
use crate::record::{Received, Record};
use crate::resource::Resource;
use crate::script::Script;
use crate::shape::Shape;
use crate::visitor::Visitor;

/// An identity server in the process of the test: it checks what it is sent, issues tokens that can
/// be checked, misbehaves when told to, and records every request.
///
/// It is an [`HttpClient`](auth_core::http::HttpClient) itself, so that a program under test reaches it
/// without a socket and without waiting, whatever host it names; [`listen`](Self::listen) serves the
/// same server on loopback. `Clone` gives another handle on the same server. Safe for concurrent use.
///
/// Below its path, which is `/`, it is an issuer: `/.well-known/openid-configuration`, `/jwks`,
/// `/token` and what else its metadata names, and an API at `/api`. At `/oauth2/token` and `/v2/projects` it is Disruptive
/// Technologies.
#[derive(Clone)]
pub struct Server(Arc<Inner>);

struct Inner {
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
}

struct State {
    script: Script,
    record: Record,
    issuer: Issuer,
    disruptive: Disruptive,
    keycloak: Keycloak,
    metadata: Metadata,
    entra: Entra,
}

impl Server {
    /// A server that knows nobody yet and lives by `clock`. Does no I/O.
    pub fn new(clock: impl Clock + 'static) -> Self {
        Self(Arc::new(Inner {
            clock: Arc::new(clock),
            state: Mutex::new(State {
                script: Script::default(),
                record: Record::default(),
                issuer: Issuer::new(),
                disruptive: Disruptive::new(),
                keycloak: Keycloak::default(),
                metadata: Metadata::default(),
                entra: Entra::new(),
            }),
        }))
    }

    /// Puts the issuer below a path such as `/issuer`.
    #[must_use]
    pub fn with_issuer_path(self, path: &str) -> Self {
        let path = path.trim_matches('/');
        let path = match path {
            "" => String::new(),
            path => format!("/{path}"),
        };
        self.state().issuer.path = path;
        self
    }

    /// Lets a client in, or changes it.
    pub fn add_client(&self, client: Client) {
        self.state()
            .issuer
            .clients
            .insert(client.id.clone(), client);
    }

    /// Lets a service account of Disruptive Technologies in, or changes it.
    pub fn add_disruptive_account(&self, account: DisruptiveAccount) {
        self.state().disruptive.add(account);
    }

    /// Lets a realm of a Keycloak server in, or changes it: the logins at one of the same name go on.
    pub fn add_realm(&self, realm: Realm) {
        self.state().keycloak.add(realm);
    }

    /// Makes this the machine that programs run on: it has the metadata service which gives them an identity.
    pub fn set_machine(&self, machine: Machine) {
        self.state().metadata.set(machine);
    }

    /// Lets a tenant of Entra ID in, or changes it: the logins at one of the same id go on.
    pub fn add_entra_tenant(&self, tenant: EntraTenant) {
        self.state().entra.add(tenant);
    }

    /// Changes how the issuer treats the tokens that it gives from now on.
    pub fn set_policy(&self, policy: Policy) {
        self.state().issuer.policy = policy;
    }

    /// Changes what the API expects.
    pub fn set_resource(&self, resource: Resource) {
        self.state().issuer.resource = resource;
    }

    /// Changes what the person does whose browser comes to `/authorize`.
    pub fn set_visitor(&self, visitor: Visitor) {
        self.state().issuer.visitor = visitor;
    }

    /// Spoils the next request to `path`, after the faults that are queued for it already.
    pub fn fault(&self, path: &str, fault: Fault) {
        self.state().script.add(path, fault);
    }

    /// Ends all faults.
    pub fn clear_faults(&self) {
        self.state().script.clear();
    }

    /// Signs with a new key from now on. Without `keep_old` the old keys are no longer published,
    /// and the tokens that they signed are refused.
    pub fn rotate_keys(&self, keep_old: bool) {
        self.state().issuer.keys.rotate(keep_old);
    }

    /// The same at the realm with that issuer, by which its clients call it.
    pub fn rotate_keys_at(&self, issuer: &str, keep_old: bool) {
        let mut state = self.state();
        let mut issuers = state.keycloak.issuers();
        if let Some(issuer) = issuers.find(|one| issuer.ends_with(&one.path)) {
            issuer.keys.rotate(keep_old);
        }
    }

    /// The same for all tenants of Entra ID, which share their keys.
    pub fn rotate_entra_keys(&self, keep_old: bool) {
        self.state().entra.keys.rotate(keep_old);
    }

    /// The latest requests, at most 10 000, oldest first.
    pub fn requests(&self) -> Vec<Received> {
        self.state().record.latest().cloned().collect()
    }

    /// How many requests there were to `path`.
    pub fn count(&self, path: &str) -> usize {
        self.state().record.count(path)
    }

    /// Forgets the requests so far.
    pub fn clear_requests(&self) {
        self.state().record = Record::default();
    }

    /// The URL of `path` in this process.
    pub fn url(&self, path: &str) -> Url {
        at(ORIGIN, path)
    }

    /// The issuer's identifier in this process. On a socket it has another name:
    /// [`Listening::issuer`](crate::Listening::issuer).
    pub fn issuer(&self) -> String {
        self.issuer_at(ORIGIN)
    }

    /// This server as the network, and its clock.
    pub fn io(&self) -> Io {
        Io::of(self.clone(), self.0.clock.clone())
    }

    /// The clock.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.0.clock
    }

    pub(crate) fn issuer_at(&self, origin: &str) -> String {
        format!("{origin}{}", self.state().issuer.path)
    }

    /// Takes one request, whichever way it came, and does all that it asks for.
    pub(crate) fn receive(&self, request: Request<Bytes>, url: Url) -> Delivery {
        let now = self.0.clock.now().wall;
        let (head, body) = request.into_parts();
        let request = Received::new(head.method, url, head.headers, body, now);
        let mut state = self.state();
        let fault = state.script.next(request.path());
        let fault = fault.unwrap_or_else(|| Fault::delay(Duration::ZERO));
        if fault.hides() {
            return fault.spoil(Answer::default(), now);
        }
        state.record.add(request.clone());
        let answer = if fault.commits() {
            state.answer(&request)
        } else {
            Answer::default()
        };
        fault.spoil(answer, now)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn issuers(&mut self) -> impl Iterator<Item = &mut Issuer> {
        std::iter::once(&mut self.issuer).chain(self.keycloak.issuers())
    }

    fn answer(&mut self, request: &Received) -> Answer {
        let shapes: [&mut dyn Shape; 4] = [
            &mut self.issuer,
            &mut self.keycloak,
            &mut self.disruptive,
            &mut self.metadata,
        ];
        if let Some(answer) = shapes.into_iter().find_map(|shape| shape.answer(request)) {
            return answer;
        }
        let issuers: Vec<_> = self.keycloak.issuers().chain([&mut self.issuer]).collect();
        let elsewhere = |token: &str| issuers.iter().find_map(|issuer| issuer.keys.claims(token));
        let answer = self.entra.answer(request, &elsewhere);
        answer.unwrap_or_else(|| answer::of_status(StatusCode::NOT_FOUND))
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("issuer", &self.issuer())
            .field("clock", &self.0.clock)
            .finish_non_exhaustive()
    }
}

/// The URL of `path` at `origin`, where `path` may have a query.
pub(crate) fn at(origin: &str, path: &str) -> Url {
    let mut url = Url::parse(origin).expect("an origin");
    let (path, query) = match path.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (path, None),
    };
    url.set_path(path);
    url.set_query(query);
    url
}

/// Where the server is in its own process: a name that no network knows (RFC 6761 §6.2).
const ORIGIN: &str = "https://auth.test";
