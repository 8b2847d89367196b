//! azure-identity beside us at the same metadata services, that of virtual machines at its real address. `cargo xtask
//! conformance azure` runs it in a network namespace; alone it is left out.

use std::collections::BTreeSet;
use std::env;
use std::path::PathBuf;
use std::process::Command;

use auth_azure::{Identity, ManagedIdentity};
use auth_core::clock::SystemClock;
use auth_core::{Io, TokenSource};
use auth_testkit::{Listening, Machine, Received, Server};
use secrecy::SecretString;
use serde_json::Value;
use tokio::task::block_in_place;

use super::VAULT;

/// Where a program runs, with what it finds there.
struct Place {
    words: &'static str,
    server: Server,
    _listening: Listening,
    variables: Vec<(&'static str, String)>,
}

impl Place {
    /// The real address, and nothing that says so.
    async fn virtual_machine() -> Self {
        let machine = assigned(Machine::virtual_machine());
        let at = ([169, 254, 169, 254], 80).into();
        let server = Server::new(SystemClock::new());
        server.set_machine(machine);
        let listening = server.listen_at(at).await;
        Self {
            words: "virtual machine",
            server,
            _listening: listening.expect("the address is there in the namespace alone"),
            variables: Vec::new(),
        }
    }

    async fn app() -> Self {
        let server = Server::new(SystemClock::new());
        server.set_machine(assigned(Machine::app("s3cret")));
        let listening = server.listen(0).await.unwrap();
        let endpoint = listening.url(Machine::APP_PATH).to_string();
        Self {
            words: "app",
            server,
            _listening: listening,
            variables: vec![
                ("IDENTITY_ENDPOINT", endpoint),
                ("IDENTITY_HEADER", "s3cret".to_owned()),
            ],
        }
    }

    async fn arc() -> Self {
        let server = Server::new(SystemClock::new());
        server.set_machine(assigned(Machine::arc("/var/opt/azcmagent/tokens")));
        let listening = server.listen(0).await.unwrap();
        let endpoint = listening.url(Machine::IMDS_PATH).to_string();
        let imds = listening.url("").to_string();
        Self {
            words: "Azure Arc",
            server,
            _listening: listening,
            variables: vec![("IDENTITY_ENDPOINT", endpoint), ("IMDS_ENDPOINT", imds)],
        }
    }

    async fn cloud_shell() -> Self {
        let server = Server::new(SystemClock::new());
        server.set_machine(Machine::cloud_shell());
        let listening = server.listen(0).await.unwrap();
        let endpoint = listening.url(Machine::CLOUD_SHELL_PATH).to_string();
        Self {
            words: "Cloud Shell",
            server,
            _listening: listening,
            variables: vec![("MSI_ENDPOINT", endpoint)],
        }
    }

    /// What azure-identity gets and sends: two calls for one token.
    fn theirs(&self, python: &PathBuf, identity: &Identity) -> (String, Vec<Received>) {
        self.server.clear_requests();
        let script = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/conformance/azure/managed_identity.py"
        );
        let mut command = Command::new(python);
        command.args(["-B", script]).args(match identity {
            Identity::ClientId(id) => Some(format!("client_id={id}")),
            Identity::ObjectId(id) => Some(format!("object_id={id}")),
            Identity::ResourceId(id) => Some(format!("resource_id={id}")),
            _ => None,
        });
        let variables = self.variables.iter().map(|(name, value)| (name, value));
        command.env_clear().env("NO_PROXY", "*").envs(variables);
        let output = block_in_place(|| command.output()).unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}");
        let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
        let life = answer["life"].as_u64().unwrap();
        assert!((86_300..=86_400).contains(&life), "{life}");
        (
            answer["token"].as_str().unwrap().to_owned(),
            self.server.requests(),
        )
    }

    /// What we get and send, by the client that programs have.
    async fn ours(&self, identity: Identity) -> (String, Vec<Received>) {
        self.server.clear_requests();
        let variable = |asked: &str| {
            let found = self.variables.iter().find(|(name, _)| *name == asked);
            found.map(|(_, value)| SecretString::from(value.clone()))
        };
        let io = Io::link_local();
        let here = ManagedIdentity::from_environment(variable, |_| false, io).unwrap();
        let source = here.with_identity(identity).source(VAULT).unwrap();
        let token = source.token().await.unwrap();
        assert!(source.token().await.unwrap().is_same(&token));
        (token.expose_secret().to_owned(), self.server.requests())
    }
}

fn assigned(machine: Machine) -> Machine {
    machine
        .with_identity("c1", "o1", "/r1")
        .with_identity("c2", "o2", "/r2")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs the machine's address: cargo xtask conformance azure"]
async fn what_differs_from_azure_identity_is_in_the_table() {
    let python = env::var_os("AUTH_AZURE_METADATA_PYTHON").map(PathBuf::from);
    let python = python.expect("cargo xtask conformance azure says where azure-identity is");
    let mut rows = BTreeSet::new();
    for place in [
        Place::virtual_machine().await,
        Place::app().await,
        Place::arc().await,
        Place::cloud_shell().await,
    ] {
        let identities = [
            Identity::System,
            Identity::ClientId("c2".into()),
            Identity::ObjectId("o2".into()),
            Identity::ResourceId("/r2".into()),
        ];
        let choice = if place.words == "Cloud Shell" { 1 } else { 4 };
        for identity in identities.into_iter().take(choice) {
            let (theirs, asked) = place.theirs(&python, &identity);
            let (ours, sent) = place.ours(identity.clone()).await;
            // The service has one token for one identity: whoever gets it asked for the same one.
            assert_eq!(theirs, ours, "{}: {identity}", place.words);
            let is_look = |request: &&Received| request.url().query().is_none();
            let look = sent
                .iter()
                .filter(is_look)
                .filter(|_| place.words == "virtual machine");
            assert_eq!(sent.len() - look.count(), asked.len());
            rows.extend(differences(&place, &asked, &sent));
        }
    }
    let table = include_str!("../../../../docs/managed_identity.md");
    let named = table.lines().filter(|line| line.starts_with("| ")).skip(2);
    let named: BTreeSet<String> = named.map(str::to_owned).collect();
    assert_eq!(named, rows, "left: what docs/managed_identity.md says");
}

/// A row for each item that one of both sends and the other does not.
fn differences(place: &Place, theirs: &[Received], ours: &[Received]) -> Vec<String> {
    let (theirs, ours) = (items(theirs), items(ours));
    let row = |item: &String, who: &str| format!("| {} | {item} | {who} |", place.words);
    let only_theirs = theirs
        .difference(&ours)
        .map(|item| row(item, "azure-identity"));
    let only_ours = ours.difference(&theirs).map(|item| row(item, "ours"));
    only_theirs.chain(only_ours).collect()
}

/// What their requests say: parameters and headers, with values where they are the same each time.
fn items(requests: &[Received]) -> BTreeSet<String> {
    let mut items = BTreeSet::new();
    for request in requests {
        let method = request.method();
        let is_look = request.url().query().is_none() && method == "GET";
        if is_look {
            items.insert("a request without parameters and header, before the first".to_owned());
            continue;
        }
        items.insert(format!("method {method}"));
        for (name, value) in request.url().query_pairs() {
            items.insert(format!("parameter `{name}={value}`"));
        }
        for (name, value) in request.form() {
            items.insert(format!("form field `{name}={value}`"));
        }
        for (name, value) in request.headers() {
            let value = value.to_str().unwrap_or_default();
            items.insert(match name.as_str() {
                "metadata" => format!("header `metadata: {value}`"),
                "accept" | "x-identity-header" => format!("header `{name}: {value}`"),
                // What every client has for the connection alone.
                "host" | "connection" | "accept-encoding" | "content-length" | "user-agent" => {
                    continue;
                }
                _ => format!("header `{name}`"),
            });
        }
    }
    items
}
