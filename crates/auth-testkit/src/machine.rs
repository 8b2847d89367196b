//! [`Machine`]: what a program in Azure finds on its machine instead of a secret.

mod app;
mod arc;
mod cloud_shell;
mod imds;

use std::collections::HashMap;
use std::fmt;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};

use crate::answer::{self, Answer};
use crate::random;
use crate::record::Received;
use crate::shape::Shape;
use crate::token::seconds;

/// A machine in Azure, with the metadata service that gives programs on it their identity. It has one identity of its
/// own, and others if they are assigned.
///
/// ```
/// # use auth_testkit::{Machine, Server, TestClock};
/// let server = Server::new(TestClock::new());
/// server.set_machine(Machine::virtual_machine().with_identity("client", "object", "/subscriptions/s/x"));
/// ```
#[derive(Clone)]
pub struct Machine {
    kind: Kind,
    system: bool,
    assigned: Vec<Assigned>,
    life: Duration,
}

#[derive(Clone)]
enum Kind {
    Imds,
    App { header: String },
    Arc { keys: PathBuf, confirms: bool },
    CloudShell,
}

#[derive(Clone)]
struct Assigned {
    client_id: String,
    object_id: String,
    resource_id: String,
}

impl Machine {
    /// A virtual machine: its service is at [`IMDS_PATH`](Self::IMDS_PATH), at whatever host it is asked.
    pub fn virtual_machine() -> Self {
        Self::of(Kind::Imds)
    }

    /// An app of App Service: its service is at [`APP_PATH`](Self::APP_PATH), for whoever knows `header`.
    pub fn app(header: impl Into<String>) -> Self {
        let header = header.into();
        Self::of(Kind::App { header })
    }

    /// A server of Azure Arc, whose agent puts its keys into the folder `keys`, which must be there: at
    /// [`IMDS_PATH`](Self::IMDS_PATH), for whoever can read them.
    pub fn arc(keys: impl Into<PathBuf>) -> Self {
        Self::of(Kind::Arc {
            keys: keys.into(),
            confirms: true,
        })
    }

    /// Cloud Shell: its service is at [`CLOUD_SHELL_PATH`](Self::CLOUD_SHELL_PATH).
    pub fn cloud_shell() -> Self {
        Self::of(Kind::CloudShell)
    }

    /// Where a virtual machine's service is, and the agent of Azure Arc.
    pub const IMDS_PATH: &str = "/metadata/identity/oauth2/token";

    /// Where the service of an app is.
    pub const APP_PATH: &str = "/msi/token";

    /// Where Cloud Shell's is.
    pub const CLOUD_SHELL_PATH: &str = "/oauth2/token/cloud-shell";

    /// It has no identity of its own.
    #[must_use]
    pub fn without_system_identity(self) -> Self {
        let system = false;
        Self { system, ..self }
    }

    /// Assigns an identity, by its three names.
    #[must_use]
    pub fn with_identity(
        mut self,
        client_id: impl Into<String>,
        object_id: impl Into<String>,
        resource_id: impl Into<String>,
    ) -> Self {
        self.assigned.push(Assigned {
            client_id: client_id.into(),
            object_id: object_id.into(),
            resource_id: resource_id.into(),
        });
        self
    }

    /// How long its tokens live. The default is a day.
    #[must_use]
    pub fn with_token_life(self, life: Duration) -> Self {
        Self { life, ..self }
    }

    /// Its agent is of the time before assigned identities: it ignores which one it is asked for, and does not say
    /// whose its token is. Without effect elsewhere than in Azure Arc.
    #[must_use]
    pub fn with_old_agent(mut self) -> Self {
        if let Kind::Arc { confirms, .. } = &mut self.kind {
            *confirms = false;
        }
        self
    }

    fn of(kind: Kind) -> Self {
        Self {
            kind,
            system: true,
            assigned: Vec::new(),
            life: Duration::from_secs(86_399),
        }
    }

    /// The client id of the identity that `request` names by `name`-parameters, if there is one like that.
    fn identity(&self, request: &Received, resource_id: &str) -> Option<String> {
        let named = |name: &str| request.query(name);
        let by = |is: &dyn Fn(&Assigned) -> bool| {
            let found = self.assigned.iter().find(|assigned| is(assigned));
            found.map(|assigned| assigned.client_id.clone())
        };
        if let Some(id) = named("client_id") {
            return by(&|one| one.client_id == id);
        }
        if let Some(id) = named("object_id") {
            return by(&|one| one.object_id == id);
        }
        if let Some(id) = named(resource_id) {
            return by(&|one| one.resource_id.eq_ignore_ascii_case(&id));
        }
        match self.assigned.as_slice() {
            _ if self.system => Some(SYSTEM.to_owned()),
            [only] => Some(only.client_id.clone()),
            _ => None,
        }
    }
}

impl fmt::Debug for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            Kind::Imds => "virtual machine",
            Kind::App { .. } => "app",
            Kind::Arc { .. } => "server of Azure Arc",
            Kind::CloudShell => "Cloud Shell",
        };
        let clients = self.assigned.iter().map(|one| &one.client_id);
        f.debug_struct("Machine")
            .field("kind", &kind)
            .field("system", &self.system)
            .field("assigned", &clients.collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

/// The machine, and what its service remembers.
#[derive(Default)]
pub(crate) struct Metadata {
    pub(crate) machine: Option<Machine>,
    tokens: HashMap<(String, String), Issued>,
    /// The keys that the agent of Azure Arc has put down, and waits for.
    keys: HashMap<String, PathBuf>,
}

#[derive(Clone)]
struct Issued {
    token: String,
    from: SystemTime,
    end: SystemTime,
}

impl Metadata {
    pub(crate) fn set(&mut self, machine: Machine) {
        *self = Self {
            machine: Some(machine),
            ..Self::default()
        };
    }

    /// The token of `client` for `resource`: the same one for half of its life, whoever asks.
    fn issue(&mut self, client: &str, resource: &str, life: Duration, now: SystemTime) -> Issued {
        let name = (client.to_owned(), resource.to_owned());
        let known = self
            .tokens
            .get(&name)
            .filter(|known| now < known.from + life / 2);
        if let Some(known) = known {
            return known.clone();
        }
        let issued = Issued {
            token: random::hex(32),
            from: now,
            end: now + life,
        };
        self.tokens.insert(name, issued.clone());
        issued
    }
}

impl Shape for Metadata {
    fn answer(&mut self, request: &Received) -> Option<Answer> {
        let machine = self.machine.clone()?;
        match (&machine.kind, request.path()) {
            (Kind::Imds, Machine::IMDS_PATH) => Some(imds::answer(self, &machine, request)),
            (Kind::App { header }, Machine::APP_PATH) => {
                Some(app::answer(self, &machine, header, request))
            }
            (Kind::Arc { keys, confirms }, Machine::IMDS_PATH) => {
                Some(arc::answer(self, &machine, keys, *confirms, request))
            }
            (Kind::CloudShell, Machine::CLOUD_SHELL_PATH) => {
                Some(cloud_shell::answer(self, &machine, request))
            }
            _ => None,
        }
    }
}

/// What all but apps answer: every number in a string.
fn tokens(issued: &Issued, client: Option<&str>, resource: &str, now: SystemTime) -> Value {
    let rest = seconds(issued.end).saturating_sub(seconds(now)).to_string();
    let mut body = json!({
        "access_token": issued.token,
        "expires_in": rest,
        "expires_on": seconds(issued.end).to_string(),
        "ext_expires_in": rest,
        "not_before": seconds(issued.from).to_string(),
        "resource": resource,
        "token_type": "Bearer",
    });
    if let Some(client) = client {
        body["client_id"] = client.into();
    }
    body
}

/// A no in the form of RFC 6749 §5.2.
fn refusal(status: http::StatusCode, error: &str, description: &str) -> Answer {
    let body = json!({ "error": error, "error_description": description });
    answer::of_json(status, &body)
}

/// The client id of the machine's own identity.
const SYSTEM: &str = "00000000-0000-4000-a000-000000000001";
