//! A login in files that another program has open again and again, as virus scanners and backups do. On Windows nobody can
//! replace or delete a file meanwhile; elsewhere that is in nobody's way.

use std::collections::BTreeSet;
use std::env;
use std::fs::File;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use auth_core::clock::SystemClock;
use auth_core::grant::{FileRefreshToken, GivenRefreshToken};
use auth_core::http::DefaultHttpClient;
use auth_core::session::Observer;
use auth_core::store::{FileStore, StoreKey, TokenStore};
use auth_core::token_file::RefreshTokenFile;
use auth_core::{CachedSource, ClientAuth, Error, Io, RefreshToken, TokenEndpoint, TokenSource};
use auth_testkit::{Client, Policy, Server};

/// A server that ends a login whose refresh token it sees twice.
fn server() -> Server {
    let server = Server::new(SystemClock::new());
    server.add_client(Client::public("desktop"));
    server.set_policy(Policy::new().with_reuse_grace(Duration::ZERO));
    server
}

fn endpoint(url: &str, io: &Io) -> TokenEndpoint {
    let client = ClientAuth::public("desktop");
    TokenEndpoint::new(url.parse().unwrap(), client, io.clone())
}

fn io() -> Io {
    Io::of(DefaultHttpClient::new(), SystemClock::new())
}

/// What one process has that starts now: a server, a refresh token that it was given, and a store.
fn process(url: &str, given: &RefreshToken, store: &Path) -> CachedSource {
    let io = io();
    let source = CachedSource::new(GivenRefreshToken::new(endpoint(url, &io), given), io);
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

#[tokio::test]
#[ignore = "the last test starts it"]
async fn one_that_redeems_what_is_in_a_file() {
    let given = env::var(GIVEN).expect("the last test sets it");
    let (url, path) = given.split_once(' ').expect("both");
    let io = io();
    let grant = FileRefreshToken::new(endpoint(url, &io), RefreshTokenFile::new(path));
    CachedSource::new(grant, io).token().await.unwrap();
}

/// Starts a test of these in processes of their own, and waits until each ended well.
async fn in_processes(count: usize, test: &str, given: &str) {
    let start = |_| {
        let mut command = Command::new(env::current_exe().unwrap());
        let name = format!("held_open::{test}");
        command.args([&name, "--exact", "--ignored", "--nocapture"]);
        command.env(GIVEN, given);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().unwrap()
    };
    let children: Vec<Child> = (0..count).map(start).collect();
    let ended = tokio::task::spawn_blocking(|| {
        let ended = children.into_iter().map(Child::wait_with_output);
        ended.collect::<Vec<_>>()
    });
    for ended in ended.await.unwrap() {
        let ended = ended.unwrap();
        let said = String::from_utf8_lossy(&ended.stderr);
        assert!(ended.status.success(), "{said}");
    }
}

/// Each refresh token that was sent, which must be another one each time.
fn sent(server: &Server) -> Vec<String> {
    let requests = server.requests();
    let sent = requests
        .iter()
        .filter_map(|request| request.field("refresh_token"));
    let sent: Vec<_> = sent.collect();
    let different: BTreeSet<_> = sent.iter().collect();
    assert_eq!(sent.len(), different.len(), "one was sent twice");
    sent
}

/// A program that opens every file in a folder whose name ends so, and keeps it open for three seconds, again and again.
struct Scanner {
    is_over: Arc<AtomicBool>,
    thread: std::thread::JoinHandle<()>,
}

impl Scanner {
    fn of(folder: &Path, ending: &'static str) -> Self {
        let is_over = Arc::new(AtomicBool::new(false));
        let thread = std::thread::spawn({
            let (folder, is_over) = (folder.to_owned(), is_over.clone());
            move || scan(&folder, ending, &is_over)
        });
        Self { is_over, thread }
    }

    fn end(self) {
        self.is_over.store(true, Ordering::Release);
        self.thread.join().unwrap();
    }
}

fn scan(folder: &Path, ending: &str, is_over: &AtomicBool) {
    while !is_over.load(Ordering::Acquire) {
        let entries = folder.read_dir().unwrap();
        let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
        let files = paths.filter(|path| path.extension().is_some_and(|end| end == ending));
        let _held: Vec<_> = files.map(|path| open(&path)).collect();
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
    let server = server();
    let listening = server.listen(0).await.unwrap();
    let url = listening.url("/token").to_string();
    let given = server.login("desktop", "ada", &["read"]);
    let home = tempfile::tempdir().unwrap();
    let store = home.path().join("tokens");
    let source = process(&url, &given, &store);
    source.token().await.unwrap();
    source.settled().await;

    let scanner = Scanner::of(&store, "json");
    let given = format!("{url} {} {}", given.expose_secret(), store.display());
    in_processes(8, "one_that_renews", &given).await;
    scanner.end();

    // Nobody is in the way any more: the login goes on, and is where it was.
    source.renew().await.unwrap();
    source.settled().await;
    source.renew().await.unwrap();
    source.settled().await;
    let sent = sent(&server);
    assert!(sent.len() >= 4, "{sent:?}");
    let logins = FileStore::new(&store).list().await.unwrap();
    assert_eq!(logins.len(), 1);
    let entries = store.read_dir().unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let names: Vec<_> = names.filter(|name| name.ends_with(".json")).collect();
    assert_eq!(names.len(), 1, "{names:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_four_processes_that_share_a_token_file_alone_none_loses_it_to_a_program_that_keeps_it_open()
 {
    let server = server();
    let listening = server.listen(0).await.unwrap();
    let url = listening.url("/token").to_string();
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("job.token");
    let given = server.login("desktop", "ada", &["read"]);
    std::fs::write(&path, given.expose_secret()).unwrap();

    let scanner = Scanner::of(home.path(), "token");
    let given = format!("{url} {}", path.display());
    in_processes(4, "one_that_redeems_what_is_in_a_file", &given).await;
    scanner.end();

    assert_eq!(sent(&server).len(), 4);
    let left = RefreshTokenFile::new(&path).read().await.unwrap();
    assert!(server.is_live(&left));
    assert_eq!(home.path().read_dir().unwrap().count(), 1);
}
