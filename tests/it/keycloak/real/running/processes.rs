//! Six processes that share one login of a realm where a race would end it.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use auth_core::store::FileStore;
use auth_core::{CachedSource, ClientAuth, RefreshToken, TokenSource};

use crate::keycloak::real::server::Server;

const FOLDER: &str = "AUTH_TEST_SHARED_LOGIN";
const RENEWS: &str = "AUTH_TEST_RENEWS";

fn source(server: &Server, folder: &Path) -> CachedSource {
    let given = fs::read_to_string(folder.join("given")).unwrap();
    let realm = server.realm("rotating");
    let store = FileStore::new(folder.join("tokens"));
    realm
        .offline(ClientAuth::public("jobs"), RefreshToken::new(given))
        .with_store(Arc::new(store))
}

/// What each of the six does: the test below starts it, and nobody else.
#[tokio::test]
#[ignore = "the next test starts it"]
async fn one_of_six() {
    let folder = PathBuf::from(env::var_os(FOLDER).expect("the next test sets it"));
    let server = Server::at_hand();
    let source = source(&server, &folder);
    let token = match env::var_os(RENEWS) {
        Some(_) => source.renew().await.unwrap(),
        None => source.token().await.unwrap(),
    };
    source.settled().await;
    println!("token {}", token.fingerprint());
}

fn start(folder: &Path, renews: bool) -> Child {
    let mut command = Command::new(env::current_exe().unwrap());
    command
        .args([
            "keycloak::real::running::processes::one_of_six",
            "--exact",
            "--ignored",
            "--nocapture",
        ])
        .env(FOLDER, folder)
        .stdout(Stdio::piped());
    if renews {
        command.env(RENEWS, "yes");
    }
    command.spawn().unwrap()
}

/// The fingerprints of the tokens that six processes got, all at once.
fn six(folder: &Path, renews: bool) -> Vec<String> {
    let children: Vec<_> = (0..6).map(|_| start(folder, renews)).collect();
    let outputs = children
        .into_iter()
        .map(|child| child.wait_with_output().unwrap());
    let tokens = outputs.map(|output| {
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{text}");
        let line = text.lines().find(|line| line.contains("token "));
        line.unwrap().split("token ").nth(1).unwrap().to_owned()
    });
    let mut tokens: Vec<_> = tokens.collect();
    tokens.sort();
    tokens.dedup();
    tokens
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a server: cargo xtask conformance keycloak"]
async fn six_processes_at_once_make_one_request_and_lose_no_session() {
    let server = Server::at_hand();
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let given = server.offline_token("rotating").await;
    fs::write(folder.join("given"), given.expose_secret()).unwrap();

    assert_eq!(six(folder, false).len(), 1, "one token for all");
    assert_eq!(server.events("rotating", "REFRESH_TOKEN", &given).await, 1);

    let tokens = six(folder, true).len();
    let renewed = server.events("rotating", "REFRESH_TOKEN", &given).await - 1;
    eprintln!("six processes that insist on a new token: {renewed} requests, {tokens} tokens");
    assert!(
        (1..=6).contains(&renewed) && tokens == renewed,
        "{renewed} {tokens}"
    );
    assert_eq!(
        server
            .events("rotating", "REFRESH_TOKEN_ERROR", &given)
            .await,
        0
    );
    source(&server, folder).renew().await.unwrap();
}
