//! The programs of `tests/downstream`, which see the crates as a registry hands them out, against the emulator. `cargo xtask
//! conformance downstream` builds them; without it these tests are left out.

use std::env;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use auth_core::clock::SystemClock;
use auth_core::http::{Body, DefaultHttpClient, HttpClient};
use auth_core::{CachedSource, ClientAuth, Io, Provider, TokenEndpoint, TokenSource};
use auth_testkit::{
    Client, DisruptiveAccount, EntraApplication, EntraTenant, Fault, Listening, Realm, Resource,
    Server, User,
};
use http::{Request, StatusCode, header};
use serde_json::{Value, json};
use tempfile::TempDir;

const TENANT: &str = "11112222-aaaa-4000-8000-000000000001";
const DAEMON: &str = "11112222-aaaa-4000-8000-000000000002";
const LIBRARY: &str = "11112222-aaaa-4000-8000-000000000003";
const EMAIL: &str = "poller@plant.serviceaccount.d21s.com";

async fn open() -> (Server, Listening) {
    let server = Server::new(SystemClock::new());
    let listening = server.listen(0).await.unwrap();
    (server, listening)
}

fn program(name: &str) -> Command {
    let folder = env::var_os("AUTH_DOWNSTREAM").map(PathBuf::from);
    let folder = folder.expect("cargo xtask conformance downstream sets AUTH_DOWNSTREAM");
    let mut command = Command::new(folder.join(name));
    command.env_clear();
    command
}

async fn said(mut command: Command) -> String {
    let output = tokio::task::spawn_blocking(move || command.output());
    let output = output.await.unwrap().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    String::from_utf8(output.stdout).unwrap()
}

/// A program that ends with this value.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs programs: cargo xtask conformance downstream"]
async fn a_service_asks_another_api_in_the_name_of_each_of_its_callers() {
    let (server, listening) = open().await;
    server.add_client(Client::public("desktop").with_audience("orders"));
    server.add_client(Client::confidential("orders", "s3cret").with_exchange());
    server.set_resource(Resource::new().with_audience("stock"));
    let mut command = program("orders");
    command
        .env("ISSUER", listening.issuer())
        .env("CLIENT_SECRET", "s3cret")
        .env("STOCK_URL", listening.url("/api").as_str())
        .stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let _running = Running(child);
    let address = lines.next().unwrap().unwrap();

    let http = DefaultHttpClient::new();
    let ask = async |token: &str| {
        let request = Request::get(format!("{address}/orders"))
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .body(Body::empty());
        let answer = http.send(request.unwrap()).await.unwrap();
        let status = answer.status();
        (status, answer.into_body().bytes(1 << 16).await.unwrap())
    };
    let mut last = None;
    for user in ["ada", "bob", "ada"] {
        let provider = Provider::new(listening.issuer(), Io::new()).unwrap();
        let endpoint = TokenEndpoint::discovered(provider, ClientAuth::public("desktop"));
        let login = server.login("desktop", user, &["read"]);
        let grant = auth_core::grant::GivenRefreshToken::new(endpoint, &login);
        let source = CachedSource::new(grant, Io::new());
        let token = source.token().await.unwrap();
        let (status, body) = ask(token.expose_secret()).await;
        assert_eq!(status, StatusCode::OK, "{body:?}");
        let seen: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(
            (&seen["sub"], &seen["aud"]),
            (&json!(user), &json!("stock"))
        );
        last = Some(token);
    }
    // Why is nothing for who calls.
    server.fault("/api/whoami", Fault::status(503));
    let (status, body) = ask(last.unwrap().expose_secret()).await;
    assert_eq!(
        (status, &*body),
        (StatusCode::SERVICE_UNAVAILABLE, &b""[..])
    );
    assert_eq!(ask("junk").await.0, StatusCode::UNAUTHORIZED);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs programs: cargo xtask conformance downstream"]
async fn a_poller_reads_its_sensors() {
    let (server, listening) = open().await;
    let devices = json!({ "devices": [{ "name": "north", "temperature": 4.5 }] });
    let account = DisruptiveAccount::new(EMAIL)
        .with_key("key", "secret")
        .with_project("Roof");
    server.add_disruptive_account(account.with_answer("/v2/projects/roof/devices", devices));
    let mut command = program("poller");
    command
        .arg("roof")
        .env("DT_API_KEY_ID", "key")
        .env("DT_API_KEY_SECRET", "secret")
        .env("DT_OIDC_EMAIL", EMAIL)
        .env(
            "DT_OIDC_TOKEN_ENDPOINT",
            listening.url("/oauth2/token").as_str(),
        )
        .env("DT_API_URL", listening.url("/v2").as_str());
    assert_eq!(said(command).await, "north 4.5\n");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs programs: cargo xtask conformance downstream"]
async fn a_pipeline_lives_on_three_vendors_and_one_store() {
    let (server, listening) = open().await;
    for realm in Realm::destination_earth([User::new("ada", "pw")]) {
        server.add_realm(realm);
    }
    let job = Client::public("automated-access").with_scopes(["openid", "offline_access"]);
    server.add_realm(
        Realm::new("models")
            .with_client(job)
            .with_user(User::new("ada", "pw")),
    );
    let library = EntraApplication::api(LIBRARY).with_api_at("/library");
    let daemon = EntraApplication::confidential(DAEMON, "s3cret");
    server.add_entra_tenant(
        EntraTenant::new(TENANT)
            .with_application(library)
            .with_application(daemon),
    );
    let models = listening.url("/realms/models");
    let scopes = ["openid", "offline_access"];
    let given = server
        .login_at(models.as_str(), "automated-access", "ada", &scopes)
        .unwrap();
    let home = TempDir::new().unwrap();
    let run = || {
        let mut command = program("pipeline");
        command
            .env("STORE", home.path().join("tokens"))
            .env("DESP_URL", listening.url("/").as_str())
            .env("DESP_USER", "ada")
            .env("DESP_PASSWORD", "pw")
            .env("DESP_API", listening.url("/realms/desp/api").as_str())
            .env("KEYCLOAK_ISSUER", models.as_str())
            .env("KEYCLOAK_OFFLINE_TOKEN", given.expose_secret())
            .env("KEYCLOAK_API", listening.url("/realms/models/api").as_str())
            .env("AZURE_URL", listening.url("/").as_str())
            .env("AZURE_TENANT", TENANT)
            .env("AZURE_CLIENT", DAEMON)
            .env("AZURE_SECRET", "s3cret")
            .env("AZURE_SCOPE", format!("api://{LIBRARY}/.default"))
            .env("AZURE_API", listening.url("/library").as_str());
        said(command)
    };
    let first = run().await;
    let names: Vec<_> = first
        .lines()
        .filter_map(|line| line.split(' ').next())
        .collect();
    assert_eq!(names, ["desp", "keycloak", "azure"]);
    let tokens = || {
        let asked = server.requests().into_iter();
        asked.filter(|one| one.path().contains("token")).count()
    };
    let (before, agents) = (tokens(), server.requests());
    assert!(
        agents
            .iter()
            .all(|one| one.header("user-agent") == Some("pipeline/1.0"))
    );
    assert_eq!(run().await, first);
    assert_eq!(tokens(), before, "the store has them");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs programs: cargo xtask conformance downstream"]
async fn a_synchronous_program_gets_its_token() {
    let (server, listening) = open().await;
    server.add_client(Client::confidential("robot", "s3cret"));
    let mut command = program("one-token");
    command
        .env("ISSUER", listening.issuer())
        .env("CLIENT_ID", "robot")
        .env("CLIENT_SECRET", "s3cret");
    let token = said(command).await;
    assert_eq!(token.trim().split('.').count(), 3, "a signed one");
    assert_eq!(server.count("/token"), 1);
}
