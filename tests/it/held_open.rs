//! A login in files that another program has open again and again, as virus scanners and backups do. On Windows nobody can
//! replace or delete a file meanwhile; elsewhere that is in nobody's way.

use std::collections::BTreeSet;
use std::env;
use std::fs::File;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use auth_core::clock::SystemClock;
use auth_core::grant::GivenRefreshToken;
use auth_core::http::DefaultHttpClient;
use auth_core::session::Observer;
use auth_core::store::{FileStore, StoreKey, TokenStore};
use auth_core::{CachedSource, ClientAuth, Error, Io, RefreshToken, TokenEndpoint, TokenSource};
use auth_testkit::{Client, Policy, Server};

/// What one process has that starts now: a server, a refresh token that it was given, and a store.
fn process(url: &str, given: &RefreshToken, store: &Path) -> CachedSource {
    let io = Io::of(DefaultHttpClient::new(), SystemClock::new());
    let client = ClientAuth::public("desktop");
    let endpoint = TokenEndpoint::new(url.parse().unwrap(), client, io.clone());
    let source = CachedSource::new(GivenRefreshToken::new(endpoint, given), io);
    source.with_store(Arc::new(FileStore::new(store)))
}

const GIVEN: &str = "AUTH_TEST_HELD_OPEN";

#[tokio::test]
#[ignore = "the next test starts it"]
async fn one_that_renews() {
    let given = env::var(GIVEN).expect("the next test sets it");
    let parts: Vec<_> = given.splitn(3, ' ').collect();
    let [url, token, store] = parts[..] else {
        panic!("{given}")
    };
    let source = process(url, &RefreshToken::new(token.to_owned()), Path::new(store));
    let source = source.with_observer(Arc::new(Keeps));
    let renewed = source.renew().await;
    source.settled().await;
    renewed.unwrap();
}

/// Nothing may be lost on the way into the store.
#[derive(Debug)]
struct Keeps;

impl Observer for Keeps {
    fn store_failed(&self, _: &StoreKey, error: &Error) {
        eprintln!("not kept: {error}");
        std::process::exit(1);
    }
}

/// Opens every entry, and keeps it open for three seconds, until it is told to stop.
fn scan(store: &Path, is_over: &AtomicBool) {
    while !is_over.load(Ordering::Acquire) {
        let entries = store.read_dir().unwrap();
        let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
        let entries = paths.filter(|path| path.extension().is_some_and(|ending| ending == "json"));
        let _held: Vec<_> = entries.map(|path| open(&path)).collect();
        for _ in 0..300 {
            if !is_over.load(Ordering::Acquire) {
                std::thread::sleep(Duration::from_millis(10));
            }
        }
    }
}

/// As programs of Windows open a file that they only look into.
fn open(path: &Path) -> std::io::Result<File> {
    let mut options = File::options();
    #[cfg(windows)]
    std::os::windows::fs::OpenOptionsExt::share_mode(&mut options, SHARE_READ | SHARE_WRITE);
    options.read(true).open(path)
}

#[cfg(windows)]
const SHARE_READ: u32 = 1;
#[cfg(windows)]
const SHARE_WRITE: u32 = 2;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_eight_processes_that_renew_one_login_none_loses_it_to_a_program_that_keeps_its_files_open()
 {
    let server = Server::new(SystemClock::new());
    server.add_client(Client::public("desktop"));
    server.set_policy(Policy::new().with_reuse_grace(Duration::ZERO));
    let listening = server.listen(0).await.unwrap();
    let url = listening.url("/token").to_string();
    let given = server.login("desktop", "ada", &["read"]);
    let home = tempfile::tempdir().unwrap();
    let store = home.path().join("tokens");
    let source = process(&url, &given, &store);
    source.token().await.unwrap();
    source.settled().await;

    let is_over = Arc::new(AtomicBool::new(false));
    let scanner = std::thread::spawn({
        let (store, is_over) = (store.clone(), is_over.clone());
        move || scan(&store, &is_over)
    });
    let start = || {
        let mut command = Command::new(env::current_exe().unwrap());
        command.args([
            "held_open::one_that_renews",
            "--exact",
            "--ignored",
            "--nocapture",
        ]);
        let given = given.expose_secret();
        command.env(GIVEN, format!("{url} {given} {}", store.display()));
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().unwrap()
    };
    let children: Vec<_> = (0..8).map(|_| start()).collect();
    let ended = tokio::task::spawn_blocking(|| {
        let ended = children.into_iter().map(|child| child.wait_with_output());
        ended.collect::<Vec<_>>()
    });
    for ended in ended.await.unwrap() {
        let ended = ended.unwrap();
        let said = String::from_utf8_lossy(&ended.stderr);
        assert!(ended.status.success(), "{said}");
    }
    is_over.store(true, Ordering::Release);
    scanner.join().unwrap();

    // Nobody is in the way any more: the login goes on, and is where it was.
    source.renew().await.unwrap();
    source.settled().await;
    source.renew().await.unwrap();
    source.settled().await;
    let requests = server.requests();
    let sent = requests
        .iter()
        .filter_map(|request| request.field("refresh_token"));
    let sent: Vec<_> = sent.collect();
    let different: BTreeSet<_> = sent.iter().collect();
    assert_eq!(sent.len(), different.len(), "one was sent twice");
    assert!(sent.len() >= 4, "{sent:?}");
    let logins = FileStore::new(&store).list().await.unwrap();
    assert_eq!(logins.len(), 1);
    let entries = store.read_dir().unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let names: Vec<_> = names.filter(|name| name.ends_with(".json")).collect();
    assert_eq!(names.len(), 1, "{names:?}");
}
