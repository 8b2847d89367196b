//! What the users of Open Pectus run without a person: its token from our emulator, its call to our example server.

use std::env;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use auth_testkit::{EntraApplication, EntraTenant, Fault};

use super::place::{Place, SECRET, TENANT};
use super::theirs::Python;

/// The example server, which ends with this.
struct Example(Child, String);

impl Example {
    fn start(keys: &str) -> Self {
        let program = env::var_os("AUTH_PECTUS_EXAMPLE");
        let program = program.expect("cargo xtask conformance azure sets AUTH_PECTUS_EXAMPLE");
        let mut process = Command::new(program)
            .env("ENABLE_AZURE_AUTHENTICATION", "true")
            .env("AZURE_DIRECTORY_TENANT_ID", TENANT)
            .env("AZURE_APPLICATION_CLIENT_ID", PECTUS)
            .env("PECTUS_KEYS_URL", keys)
            .env("PECTUS_PORT", "0")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let url = lines.find_map(|line| line.ok().filter(|line| line.starts_with("http")));
        Self(process, url.unwrap())
    }
}

impl Drop for Example {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask conformance azure"]
async fn the_listing_of_the_documentation_reads_the_runs() {
    let python = Python::at_hand();
    let place = Place::open().await;
    let daemon = EntraApplication::confidential(PECTUS, SECRET);
    let daemon = daemon.with_v1_tokens().with_idtyp();
    place
        .server
        .add_entra_tenant(EntraTenant::new(TENANT).with_application(daemon));
    let plain = place.server.listen(0).await.unwrap();
    let keys = plain.url(&format!("/{TENANT}/discovery/v2.0/keys"));
    // The example server holds keys to Microsoft's own host, whose tokens of version 1 these are.
    let own = plain.url("/").origin().ascii_serialization();
    let renamed = Fault::text(own, "https://login.microsoftonline.com");
    place.server.fault(keys.path(), renamed.always());
    let example = Example::start(keys.as_str());
    let surroundings = [("ENTRA_PECTUS", PECTUS), ("PECTUS", &example.1)];
    let said = python.script_with(&place, "pectus.py", &surroundings);
    assert_eq!(said["idtyp"], "app");
    assert_eq!(said["status"], 200, "{said}");
    let runs = said["runs"].as_array().unwrap().iter();
    let seen: Vec<_> = runs.map(|run| run["run_id"].as_str().unwrap()).collect();
    assert_eq!(
        seen,
        ["open", "daemons"],
        "what everybody sees, and a daemon"
    );
}

const PECTUS: &str = "aaaaaaaa-0000-4000-8000-000000000001";
