//! A netrc file that other programs and people have entries in.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use auth_core::clock::SystemClock;
use auth_core::{ErrorKind, RefreshToken};
use auth_desp::netrc::NetrcFile;
use auth_testkit::TestClock;
use insta::assert_snapshot;
use tempfile::TempDir;

use crate::rights::{mode, set_mode, symlink};

const HOST: &str = "cacheb.dcms.destine.eu";
const CLOCK: SystemClock = SystemClock::new();

struct Home(TempDir);

impl Home {
    fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    /// With this netrc file in it.
    fn with(text: &str) -> Self {
        let home = Self::new();
        std::fs::write(home.path(), text).unwrap();
        home
    }

    fn path(&self) -> PathBuf {
        self.0.path().join(".netrc")
    }

    fn file(&self) -> NetrcFile {
        NetrcFile::new(self.path())
    }

    fn text(&self) -> String {
        std::fs::read_to_string(self.path()).unwrap()
    }

    /// The names of all that is there.
    fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.0.path()).unwrap();
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    async fn set(&self, token: &str) -> auth_core::Result<()> {
        let token = RefreshToken::new(token);
        self.file().set(HOST, "anonymous", &token, &CLOCK).await
    }

    /// An error without the place of this run.
    fn shown(&self, error: &auth_core::Error) -> String {
        let place = self.0.path().display().to_string();
        crate::shown::portable(&error.to_string().replace(&place, "~"))
    }
}

fn is(text: &'static str) -> impl Fn(&RefreshToken) -> bool + Send + Sync + 'static {
    move |token| token.expose_secret() == text
}

#[test]
fn the_file_is_the_one_that_programs_look_into() {
    let of = |variable: Option<&str>| {
        let file = NetrcFile::of_person(variable.map(OsStr::new), Path::new("home"));
        file.path().to_owned()
    };
    let usual = if cfg!(windows) {
        "home/_netrc"
    } else {
        "home/.netrc"
    };
    assert_eq!(of(None), Path::new(usual));
    assert_eq!(of(Some("")), Path::new(usual));
    assert_eq!(of(Some("other/file")), Path::new("other/file"));
}

#[tokio::test]
async fn a_new_file_has_one_entry_and_a_login_that_ends_leaves_nothing() {
    let home = Home::new();
    let file = home.file();
    assert!(file.token(HOST).await.unwrap().is_none());
    assert!(!file.remove(HOST, |_| true, &CLOCK).await.unwrap());
    assert!(home.names().is_empty());
    home.set("first").await.unwrap();
    assert_eq!(
        home.text(),
        "machine cacheb.dcms.destine.eu\n    login anonymous\n    password first\n"
    );
    let found = file.token(HOST).await.unwrap().unwrap();
    assert_eq!(found.expose_secret(), "first");
    let second = RefreshToken::new("second");
    assert!(
        file.replace(HOST, is("first"), &second, &CLOCK)
            .await
            .unwrap()
    );
    assert!(home.text().contains("password second"));
    assert!(file.remove(HOST, is("second"), &CLOCK).await.unwrap());
    assert!(home.names().is_empty(), "{:?}", home.names());
}

#[tokio::test]
async fn what_is_no_longer_ours_is_left_alone() {
    let home = Home::with("machine cacheb.dcms.destine.eu login me password mine\n");
    let (file, before) = (home.file(), home.text());
    let new = RefreshToken::new("new");
    assert!(!file.replace(HOST, is("ours"), &new, &CLOCK).await.unwrap());
    assert!(!file.remove(HOST, is("ours"), &CLOCK).await.unwrap());
    assert_eq!(home.text(), before);
    assert_eq!(home.names(), [".netrc"]);
}

#[tokio::test]
async fn the_first_change_of_a_file_that_was_there_leaves_a_copy_and_later_ones_none() {
    let before = "machine a login b password c\n";
    let home = Home::with(before);
    home.set("first").await.unwrap();
    home.set("second").await.unwrap();
    assert_eq!(home.names(), [".netrc", ".netrc.before-auth"]);
    let copy = home.0.path().join(".netrc.before-auth");
    assert_eq!(std::fs::read_to_string(&copy).unwrap(), before);
    assert!(home.text().starts_with(before));
    home.file()
        .remove(HOST, is("second"), &CLOCK)
        .await
        .unwrap();
    assert_eq!(home.text(), before);
    if cfg!(unix) {
        assert_eq!(mode(&copy), 0o600);
    }
}

#[tokio::test]
async fn no_copy_is_made_of_what_the_same_services_wrote() {
    let theirs = "machine h.example\n    login anonymous\n    password old\n";
    let home = Home::with(theirs);
    home.set("first").await.unwrap();
    home.set("second").await.unwrap();
    let host = "h.example";
    let new = RefreshToken::new("new");
    home.file()
        .set(host, "anonymous", &new, &CLOCK)
        .await
        .unwrap();
    assert_eq!(home.names(), [".netrc"]);
    // A comment is somebody's, too.
    for more in [
        "# mine\n",
        "machine h.example\n password p\n",
        "default login anonymous\n# x\n",
    ] {
        let home = Home::with(&format!("{theirs}{more}"));
        home.set("first").await.unwrap();
        assert_eq!(home.names(), [".netrc", ".netrc.before-auth"], "{more}");
    }
}

#[tokio::test]
#[cfg_attr(windows, ignore = "files have no modes")]
async fn w4_the_file_is_its_owners_alone_whatever_it_was() {
    let home = Home::new();
    home.set("first").await.unwrap();
    assert_eq!(mode(&home.path()), 0o600);
    // Others could read it; the same entry once more makes that right.
    for token in ["first", "second"] {
        set_mode(&home.path(), 0o644);
        home.set(token).await.unwrap();
        assert_eq!(mode(&home.path()), 0o600);
    }
    let before = home.path().metadata().unwrap().modified().unwrap();
    home.set("second").await.unwrap();
    assert_eq!(home.path().metadata().unwrap().modified().unwrap(), before);
}

#[tokio::test]
#[cfg_attr(windows, ignore = "making a link needs a right that few have")]
async fn a_link_is_followed_and_stays_and_its_end_is_what_changes() {
    let home = Home::new();
    let real = home.0.path().join("dotfiles");
    std::fs::write(&real, "").unwrap();
    symlink(Path::new("dotfiles"), &home.path()).unwrap();
    home.set("first").await.unwrap();
    assert!(home.path().is_symlink() && real.is_file() && !real.is_symlink());
    assert!(std::fs::read_to_string(&real).unwrap().contains("first"));
    assert_eq!(mode(&real), 0o600);
    assert!(home.file().remove(HOST, is("first"), &CLOCK).await.unwrap());
    assert_eq!(home.names(), [".netrc", "dotfiles"]);
    assert_eq!(home.text(), "");
}

#[tokio::test]
#[cfg_attr(
    windows,
    ignore = "files have no modes, and making a link needs a right that few have"
)]
async fn what_is_no_file_of_ours_alone_is_refused_and_left_as_it_is() {
    let refused = async |home: &Home| {
        let error = home.set("new").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        home.shown(&error)
    };
    let home = Home::new();
    symlink(Path::new("nowhere"), &home.path()).unwrap();
    assert_snapshot!(refused(&home).await, @"~/.netrc is a link to nothing, and is left alone; name another file");
    let home = Home::with("machine a\n");
    std::fs::hard_link(home.path(), home.0.path().join("second")).unwrap();
    assert_snapshot!(refused(&home).await, @"~/.netrc has a second name (hard link), and is left alone; name another file");
    let home = Home::with("machine a\n");
    set_mode(&home.path(), 0o400);
    assert_snapshot!(refused(&home).await, @"~/.netrc is read-only, and is left alone; change its rights, or name another file");
    assert_eq!(home.text(), "machine a\n");
    let home = Home::new();
    std::fs::create_dir(home.path()).unwrap();
    assert_snapshot!(refused(&home).await, @"~/.netrc is no regular file, and is left alone; name another file");
    let home = Home::with(&"#".repeat((1 << 20) + 1));
    assert_snapshot!(refused(&home).await, @"~/.netrc is too large, and is left alone; name another file");
    let home = Home::new();
    let below = NetrcFile::new(home.0.path().join("missing/netrc"));
    let token = RefreshToken::new("new");
    let error = below
        .set(HOST, "anonymous", &token, &CLOCK)
        .await
        .unwrap_err();
    assert_snapshot!(home.shown(&error), @"~/missing/netrc lies in a folder that is not there, and is left alone; name another file");
    assert!(home.names().is_empty());
}

#[tokio::test]
async fn what_is_no_netrc_is_refused_by_its_line_and_without_its_words() {
    let text = "machine a login b\n  password canary canary2\n";
    let home = Home::with(text);
    let error = home.set("new").await.unwrap_err();
    assert_snapshot!(home.shown(&error), @"~/.netrc is no netrc file: a word that is none of netrc's in line 2; mend that line, or name another file in NETRC");
    let error = home.file().token(HOST).await.unwrap_err();
    assert!(home.shown(&error).contains("in line 2"));
    assert_eq!(home.text(), text);
    assert_eq!(home.names(), [".netrc"]);
    let home = Home::new();
    let error = home.set("a\nmachine evil").await.unwrap_err();
    assert_snapshot!(home.shown(&error), @"a password with control characters fits no netrc file; log in again, or report it");
}

/// A crowd of logins, each with a host of its own, in one file.
async fn crowd() {
    let home = Home::with("machine a login b password c\n");
    let hosts: Vec<String> = (0..16).map(|number| format!("h{number}.example")).collect();
    let tasks: Vec<_> = hosts
        .iter()
        .map(|host| {
            let (file, host) = (home.file(), host.clone());
            tokio::spawn(async move {
                for round in 0..4 {
                    let token = RefreshToken::new(format!("{host}-{round}"));
                    file.set(&host, "anonymous", &token, &CLOCK).await.unwrap();
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    for host in &hosts {
        let found = home.file().token(host).await.unwrap().unwrap();
        assert_eq!(found.expose_secret(), format!("{host}-3"));
    }
    assert_eq!(home.text().matches("machine ").count(), 17);
    assert_eq!(home.names(), [".netrc", ".netrc.before-auth"]);
}

#[tokio::test]
async fn w4_nobodys_entry_is_lost_when_a_crowd_writes_on_one_thread() {
    crowd().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn w4_nobodys_entry_is_lost_when_a_crowd_writes_on_several_threads() {
    crowd().await;
}

#[tokio::test]
async fn w4_nobodys_entry_is_lost_when_a_crowd_makes_the_file() {
    let home = Home::new();
    let tasks: Vec<_> = (0..16)
        .map(|number| {
            let file = home.file();
            tokio::spawn(async move {
                let token = RefreshToken::new("x");
                let host = format!("h{number}.example");
                file.set(&host, "anonymous", &token, &CLOCK).await.unwrap();
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(home.text().matches("machine ").count(), 16);
}

/// Logins that come and go, so that the file does, too.
async fn coming_and_going() {
    let home = Home::new();
    let tasks: Vec<_> = (0..8)
        .map(|number| {
            let (file, host) = (home.file(), format!("h{number}.example"));
            tokio::spawn(async move {
                let token = RefreshToken::new("x");
                for _ in 0..10 {
                    file.set(&host, "anonymous", &token, &CLOCK).await.unwrap();
                    assert!(file.remove(&host, is("x"), &CLOCK).await.unwrap());
                }
                file.set(&host, "anonymous", &token, &CLOCK).await.unwrap();
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(home.text().matches("machine ").count(), 8);
}

#[tokio::test]
async fn w4_nobodys_entry_is_lost_when_the_file_comes_and_goes_on_one_thread() {
    coming_and_going().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn w4_nobodys_entry_is_lost_when_the_file_comes_and_goes_on_several_threads() {
    coming_and_going().await;
}

#[tokio::test(start_paused = true)]
async fn a_process_that_does_not_let_go_of_the_file_is_told() {
    let home = Home::with("machine a\n");
    let held = held(&home.path());
    let clock = TestClock::new();
    let token = RefreshToken::new("new");
    let set = home.file();
    let error = set
        .set(HOST, "anonymous", &token, &clock)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert_snapshot!(home.shown(&error), @"another process uses ~/.netrc and does not let go of it; try again, or end that process");
    drop(held);
    set.set(HOST, "anonymous", &token, &clock).await.unwrap();
}

/// The file as a process has it that changes it.
#[cfg(unix)]
fn held(path: &Path) -> std::fs::File {
    let file = std::fs::File::open(path).unwrap();
    file.lock().unwrap();
    file
}

#[cfg(windows)]
fn held(path: &Path) -> std::fs::File {
    use std::os::windows::fs::OpenOptionsExt;

    let mut options = std::fs::File::options();
    options.write(true).create(true).share_mode(0);
    let beside = format!("{}.auth-lock", path.display());
    options.open(beside).unwrap()
}
