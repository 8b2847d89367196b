//! A session whose refresh token lies in a file, which other programs and people write too.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use auth_core::grant::FileRefreshToken;
use auth_core::session::Held;
use auth_core::store::{FileStore, TokenStore};
use auth_core::token_file::RefreshTokenFile;
use auth_core::{CachedSource, ClientAuth, ErrorKind, Grant, RefreshToken, TokenSource};
use auth_testkit::{Fault, Policy, Rotation};
use tempfile::TempDir;

use crate::rights::{give_away, mode, owner, set_mode, symlink};
use crate::world::{HOUR, World};

struct Job {
    world: World,
    home: TempDir,
}

impl Job {
    fn new() -> Self {
        let job = Self {
            world: World::new(),
            home: TempDir::new().unwrap(),
        };
        let token = job.log_in("ada");
        std::fs::write(job.path(), token.expose_secret()).unwrap();
        job
    }

    fn log_in(&self, who: &str) -> RefreshToken {
        self.world.server.login("desktop", who, &["read"])
    }

    fn path(&self) -> PathBuf {
        self.home.path().join("token.txt")
    }

    fn in_file(&self) -> String {
        let text = std::fs::read_to_string(self.path()).unwrap();
        text.trim_end().to_owned()
    }

    fn grant(&self, path: &Path) -> FileRefreshToken {
        let endpoint = self.world.endpoint(ClientAuth::public("desktop"));
        FileRefreshToken::new(endpoint, RefreshTokenFile::new(path))
    }

    fn store(&self) -> Arc<dyn TokenStore> {
        Arc::new(FileStore::new(self.home.path().join("store")))
    }

    /// What a process that starts now has.
    async fn source(&self) -> CachedSource {
        let (grant, store) = (self.grant(&self.path()), self.store());
        let file = RefreshTokenFile::new(self.path());
        let key = grant.key();
        file.sync(&*store, key.session(), &self.world.clock)
            .await
            .unwrap();
        CachedSource::new(grant, self.world.io()).with_store(store)
    }
}

#[tokio::test(start_paused = true)]
async fn a_rotated_token_takes_its_place_in_the_file_before_others_use_it() {
    let job = Job::new();
    for _ in 0..3 {
        let source = job.source().await;
        source.renew().await.unwrap();
        let kept = source.refresh_token().await.unwrap().unwrap();
        assert_eq!(job.in_file(), kept.expose_secret());
        assert!(job.world.server.is_live(&kept));
    }
    job.source().await.token().await.unwrap();
    assert_eq!(
        job.world.asked(),
        3,
        "the cached token serves a new process"
    );
}

#[tokio::test(start_paused = true)]
async fn sixteen_processes_share_one_file_and_one_request() {
    let job = Arc::new(Job::new());
    let mut calls = Vec::new();
    for _ in 0..16 {
        let source = job.source().await;
        calls.push(tokio::spawn(async move { source.token().await }));
    }
    for call in calls {
        call.await.unwrap().unwrap();
    }
    assert_eq!(job.world.asked(), 1);
    let kept = RefreshToken::new(job.in_file());
    assert!(job.world.server.is_live(&kept));
}

#[tokio::test(start_paused = true)]
async fn another_token_in_the_file_is_another_login_and_no_token_of_the_old_one_is_handed_out() {
    let job = Job::new();
    let old = job.source().await.token().await.unwrap();
    std::fs::write(job.path(), job.log_in("grace").expose_secret()).unwrap();
    let new = job.source().await.token().await.unwrap();
    assert!(!new.is_same(&old));
    assert_eq!(job.world.asked(), 2);
    // Also for a source that was there before.
    let source = job.source().await;
    std::fs::write(job.path(), job.log_in("eve").expose_secret()).unwrap();
    source.renew().await.unwrap();
    let kept = source.refresh_token().await.unwrap().unwrap();
    assert_eq!(job.in_file(), kept.expose_secret());
}

#[tokio::test(start_paused = true)]
async fn r10_what_was_written_to_the_file_and_not_to_the_store_is_found_there() {
    let job = Job::new();
    job.source().await.token().await.unwrap();
    // A process that was killed between both writes.
    let token = RefreshToken::new(job.in_file());
    let held = Held::new().with_refresh(Some(token));
    job.grant(&job.path()).exchange(&held).await.unwrap();
    job.source().await.renew().await.unwrap();
    assert!(job.world.server.is_live(&RefreshToken::new(job.in_file())));
}

#[tokio::test(start_paused = true)]
async fn a_server_that_replaces_nothing_leaves_the_file_as_it_is() {
    let job = Job::new();
    let policy = Policy::new().with_rotation(Rotation::Silent);
    job.world.server.set_policy(policy);
    let before = job.path().metadata().unwrap().modified().unwrap();
    job.source().await.token().await.unwrap();
    job.world.pass(HOUR).await;
    job.source().await.token().await.unwrap();
    assert_eq!(job.path().metadata().unwrap().modified().unwrap(), before);
    assert_eq!(job.world.asked(), 2);
}

#[tokio::test(start_paused = true)]
async fn where_the_file_cannot_be_written_the_successor_lives_in_the_store() {
    let job = Job::new();
    let given = job.in_file();
    set_mode(&job.path(), 0o400);
    for _ in 0..3 {
        job.source().await.renew().await.unwrap();
    }
    assert_eq!(job.in_file(), given);
    let sent = job.world.server.requests();
    let spent = sent
        .iter()
        .filter(|request| request.field("refresh_token").as_deref() == Some(&given));
    assert_eq!(
        spent.count(),
        1,
        "a server that detects reuse would end the login"
    );
    // It can be written again: from then on the file has the token.
    set_mode(&job.path(), 0o640);
    job.source().await.renew().await.unwrap();
    assert_ne!(job.in_file(), given);
    if cfg!(unix) {
        assert_eq!(mode(&job.path()), 0o640, "the file keeps its rights");
    }
    job.source().await.renew().await.unwrap();
}

/// The two have the same first 32 bits of their hashes.
#[tokio::test(start_paused = true)]
async fn a_token_that_looks_like_the_replaced_one_is_another_one() {
    let job = Job::new();
    std::fs::write(job.path(), "token-6170").unwrap();
    set_mode(&job.path(), 0o400);
    let answer = serde_json::json!({ "access_token": "a", "refresh_token": "successor" });
    let answer = Fault::status(200).with_body("application/json", answer.to_string());
    job.world.server.fault("/token", answer);
    job.source().await.token().await.unwrap();
    set_mode(&job.path(), 0o600);
    std::fs::write(job.path(), "token-44637").unwrap();
    job.source().await.token().await.unwrap_err();
    let sent = job.world.server.requests().pop().unwrap();
    assert_eq!(sent.field("refresh_token").as_deref(), Some("token-44637"));
}

#[test]
fn a_session_goes_by_the_path_to_its_file_whatever_is_there() {
    let job = Job::new();
    let place = job.home.path().join("later").join("token.txt");
    let before = job.grant(&place).key();
    let directory = job.home.path().join("real");
    std::fs::create_dir(&directory).unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink(&directory, place.parent().unwrap()).unwrap();
    #[cfg(not(unix))]
    std::fs::create_dir(place.parent().unwrap()).unwrap();
    std::fs::write(&place, job.in_file()).unwrap();
    assert_eq!(job.grant(&place).key(), before);
    assert_eq!(
        job.grant(&job.home.path().join("./later//token.txt")).key(),
        before
    );
    let account = before.session().account();
    assert_eq!(account, format!("file {}", place.display()));
    let relative = job.grant(Path::new("token.txt")).key();
    let here = std::env::current_dir().unwrap().join("token.txt");
    assert_eq!(relative, job.grant(&here).key());
}

#[tokio::test(start_paused = true)]
#[cfg_attr(windows, ignore = "making a link needs a right that few have")]
async fn a_link_is_a_session_of_its_own_that_shares_the_files_token_and_it_stays_a_link() {
    let job = Job::new();
    let link = job.home.path().join("link");
    symlink(&job.path(), &link).unwrap();
    assert_ne!(job.grant(&link).key(), job.grant(&job.path()).key());
    let linked = CachedSource::new(job.grant(&link), job.world.io()).with_store(job.store());
    for _ in 0..3 {
        linked.renew().await.unwrap();
        job.source().await.renew().await.unwrap();
    }
    assert!(link.symlink_metadata().unwrap().is_symlink());
    assert!(job.world.server.is_live(&RefreshToken::new(job.in_file())));
}

#[tokio::test(start_paused = true)]
async fn a_token_that_somebody_puts_there_during_a_renewal_is_left_there_and_counts_from_then_on() {
    let job = Job::new();
    job.world
        .server
        .fault("/token", Fault::delay(Duration::from_secs(2)));
    let source = job.source().await;
    let renewal = tokio::spawn(async move { source.token().await });
    tokio::time::sleep(Duration::from_secs(1)).await;
    let new = job.log_in("grace");
    std::fs::write(job.path(), new.expose_secret()).unwrap();
    renewal.await.unwrap().unwrap();
    assert_eq!(job.in_file(), new.expose_secret());
    job.source().await.token().await.unwrap();
    let sent = job.world.server.requests().pop().unwrap();
    assert_eq!(
        sent.field("refresh_token").as_deref(),
        Some(new.expose_secret())
    );
    assert!(job.world.server.is_live(&RefreshToken::new(job.in_file())));
}

/// Other stores, other names for the same login, no store at all.
#[tokio::test(start_paused = true)]
async fn sixteen_that_share_the_file_and_nothing_else_send_no_token_twice() {
    let job = Job::new();
    let slow = Fault::delay(Duration::from_millis(100));
    job.world.server.fault("/token", slow.always());
    let mut calls = Vec::new();
    for _ in 0..16 {
        let source = CachedSource::new(job.grant(&job.path()), job.world.io());
        calls.push(tokio::spawn(async move { source.token().await }));
    }
    for call in calls {
        call.await.unwrap().unwrap();
    }
    let sent = job.world.server.requests();
    let sent: BTreeSet<_> = sent
        .iter()
        .map(|request| request.field("refresh_token"))
        .collect();
    assert_eq!(sent.len(), 16);
    assert!(job.world.server.is_live(&RefreshToken::new(job.in_file())));
}

#[tokio::test(start_paused = true)]
async fn what_editors_put_around_a_token_is_not_part_of_it_and_what_is_no_token_is_not_sent() {
    let job = Job::new();
    let token = job.in_file();
    let file = RefreshTokenFile::new(job.path());
    for text in [
        format!("\u{feff}{token}"),
        format!("{token}\r\n"),
        format!("\n {token}\t\n\n"),
    ] {
        std::fs::write(job.path(), &text).unwrap();
        assert_eq!(file.read().await.unwrap().expose_secret(), token);
        // As PowerShell writes it.
        let wide: Vec<u8> = format!("\u{feff}{text}")
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        std::fs::write(job.path(), wide).unwrap();
        assert_eq!(file.read().await.unwrap().expose_secret(), token);
    }
    for bytes in [
        format!("{token}\n{token}\n").into_bytes(),
        b"\xff\xfet\0o\0k".to_vec(),
        vec![b'x'; 70_000],
        "tok\u{f6}n".into(),
    ] {
        std::fs::write(job.path(), bytes).unwrap();
        let error = file.read().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.to_string().contains("one token"), "{error}");
    }
    assert_eq!(job.world.asked(), 0);
}

/// Only a privileged user can give files away; others see their own groups here at most.
#[tokio::test(start_paused = true)]
#[cfg_attr(windows, ignore = "files have no such owners")]
async fn whoever_could_read_the_file_can_read_it_after_a_rotation() {
    let job = Job::new();
    give_away(&job.path(), 12_345);
    let before = owner(&job.path());
    let given = job.in_file();
    job.source().await.token().await.unwrap();
    assert_ne!(job.in_file(), given);
    assert_eq!(owner(&job.path()), before);
}

#[tokio::test(start_paused = true)]
async fn a_dead_token_is_refused_and_the_file_is_left_alone() {
    let job = Job::new();
    std::fs::write(job.path(), "no such token\n").unwrap();
    let error = job.source().await.token().await.unwrap_err();
    assert_eq!(
        (error.kind(), error.code()),
        (ErrorKind::Interaction, Some("invalid_grant"))
    );
    assert_eq!(job.in_file(), "no such token");
}

#[tokio::test(start_paused = true)]
async fn a_file_that_is_not_there_or_empty_is_a_matter_of_configuration() {
    let job = Job::new();
    std::fs::write(job.path(), " \n").unwrap();
    let file = RefreshTokenFile::new(job.path());
    assert_eq!(file.read().await.unwrap_err().kind(), ErrorKind::Config);
    std::fs::remove_file(job.path()).unwrap();
    assert_eq!(file.read().await.unwrap_err().kind(), ErrorKind::Config);
}

#[tokio::test(start_paused = true)]
async fn a_new_file_is_reserved_before_a_token_is_spent_on_it_and_never_overwritten() {
    let job = Job::new();
    let there = RefreshTokenFile::new(job.path());
    let error = there.reserve().await.unwrap_err();
    assert!(error.to_string().contains("not overwritten"), "{error}");
    let nowhere = RefreshTokenFile::new(job.home.path().join("no/such/place"));
    assert_eq!(
        nowhere.reserve().await.unwrap_err().kind(),
        ErrorKind::Config
    );

    let new = RefreshTokenFile::new(job.home.path().join("new.txt"));
    let (one, other) = (new.reserve().await.unwrap(), new.reserve().await.unwrap());
    assert!(!new.path().exists());
    let token = RefreshToken::new("canary".to_owned());
    one.write(&token).await.unwrap();
    other.write(&token).await.unwrap_err();
    assert_eq!(new.read().await.unwrap().expose_secret(), "canary");
    if cfg!(unix) {
        assert_eq!(mode(new.path()), 0o600);
    }
    let left: Vec<_> = std::fs::read_dir(job.home.path()).unwrap().collect();
    assert_eq!(left.len(), 2, "{left:?}");
}
