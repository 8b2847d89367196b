//! Files of other programs that hold a refresh token: written by whoever renews, and never where they are not ours.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use auth_core::session::{Login, Mirror, transfer};
use auth_core::store::{FileStore, MemoryStore, SessionKey, TokenStore};
use auth_core::token::Fingerprint;
use auth_core::{
    BoxFuture, CachedSource, ClientAuth, Error, ErrorKind, RefreshToken, Result, TokenSource,
};
use auth_testkit::{Fault, Policy, Rotation};

use crate::world::{World, on_both_runtimes, slowly};

/// A file that holds the token and nothing else.
#[derive(Debug)]
struct Plain;

impl Plain {
    fn read(path: &Path) -> Result<Option<String>> {
        match std::fs::read_to_string(path) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Error::store(error.to_string())),
        }
    }
}

impl Mirror for Plain {
    fn kind(&self) -> &str {
        "plain"
    }

    fn write<'a>(
        &'a self,
        path: &'a Path,
        refresh: &'a RefreshToken,
        over: Option<&'a [Fingerprint]>,
    ) -> BoxFuture<'a, Result<bool>> {
        Box::pin(async move {
            let there = Self::read(path)?.map(|text| Fingerprint::of(&text));
            let is_ours = |there: &Fingerprint| {
                *there == refresh.fingerprint() || over.is_some_and(|over| over.contains(there))
            };
            if over.is_some() && !there.as_ref().is_some_and(is_ours) {
                return Ok(false);
            }
            let written = std::fs::write(path, refresh.expose_secret());
            written.map_err(|error| Error::store(error.to_string()))?;
            Ok(true)
        })
    }

    fn take_out<'a>(
        &'a self,
        path: &'a Path,
        ours: &'a [Fingerprint],
    ) -> BoxFuture<'a, Result<bool>> {
        Box::pin(async move {
            let there = Self::read(path)?.map(|text| Fingerprint::of(&text));
            let is_ours = there.is_some_and(|there| ours.contains(&there));
            if is_ours {
                std::fs::remove_file(path).map_err(|error| Error::store(error.to_string()))?;
            }
            Ok(is_ours)
        })
    }
}

/// Counts the files that are listed in the store while it writes one.
#[derive(Debug)]
struct Watching {
    store: Arc<dyn TokenStore>,
    session: SessionKey,
    listed: AtomicUsize,
}

impl Mirror for Watching {
    fn kind(&self) -> &str {
        "watching"
    }

    fn write<'a>(
        &'a self,
        _: &'a Path,
        _: &'a RefreshToken,
        _: Option<&'a [Fingerprint]>,
    ) -> BoxFuture<'a, Result<bool>> {
        Box::pin(async {
            let login = Login::load(&*self.store, &self.session).await?;
            let listed = login.map_or(0, |login| login.mirrors().len());
            self.listed.store(listed, Ordering::Relaxed);
            Ok(true)
        })
    }

    fn take_out<'a>(&'a self, _: &'a Path, _: &'a [Fingerprint]) -> BoxFuture<'a, Result<bool>> {
        Box::pin(async { Ok(false) })
    }
}

struct Home {
    world: World,
    directory: tempfile::TempDir,
    store: Arc<dyn TokenStore>,
    source: CachedSource,
}

impl Home {
    async fn new() -> Self {
        let world = World::new();
        world
            .server
            .set_policy(Policy::new().with_rotation(Rotation::OneUse));
        let directory = tempfile::tempdir().unwrap();
        let store: Arc<dyn TokenStore> = Arc::new(FileStore::new(directory.path().join("tokens")));
        let first = world.server.login("desktop", "ada", &["read"]);
        let source = world
            .person_in(&store, &first, &["read"])
            .with_mirror(Arc::new(Plain));
        source.token().await.unwrap();
        Self {
            world,
            directory,
            store,
            source,
        }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// What another process has, which knows the files from the store alone.
    fn another(&self) -> CachedSource {
        let dead = RefreshToken::new("never sent");
        let store: Arc<dyn TokenStore> =
            Arc::new(FileStore::new(self.directory.path().join("tokens")));
        self.world
            .person_in(&store, &dead, &["read"])
            .with_mirror(Arc::new(Plain))
    }

    async fn refresh(&self) -> String {
        let token = self.source.refresh_token().await.unwrap().unwrap();
        token.expose_secret().to_owned()
    }

    async fn listed(&self) -> usize {
        let login = Login::load(&*self.store, self.source.key().session()).await;
        login.unwrap().unwrap().mirrors().len()
    }
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_default()
}

#[tokio::test(start_paused = true)]
async fn whoever_renews_writes_the_files_that_hold_the_refresh_token() {
    let home = Home::new().await;
    let (one, two) = (home.file("one"), home.file("two"));
    for path in [&one, &two, &one] {
        home.source.mirror_to("plain", path).await.unwrap();
    }
    assert_eq!(home.listed().await, 2);
    let before = home.refresh().await;
    assert_eq!((read(&one), read(&two)), (before.clone(), before.clone()));
    home.another().renew().await.unwrap();
    let after = home.refresh().await;
    assert_ne!(before, after);
    assert_eq!((read(&one), read(&two)), (after.clone(), after));
}

/// Whoever dies in between leaves no file with a token that nobody writes any more.
#[tokio::test(start_paused = true)]
async fn a_file_is_listed_before_the_token_is_in_it() {
    let home = Home::new().await;
    let watching = Arc::new(Watching {
        store: home.store.clone(),
        session: home.source.key().session().clone(),
        listed: AtomicUsize::new(0),
    });
    let source = home.another().with_mirror(watching.clone());
    source
        .mirror_to("watching", &home.file("one"))
        .await
        .unwrap();
    assert_eq!(watching.listed.load(Ordering::Relaxed), 1);
}

/// Sixteen processes renew at once, at a slow server, again and again.
async fn crowd() {
    let home = Home::new().await;
    let path = home.file("file");
    home.source.mirror_to("plain", &path).await.unwrap();
    let slow = Fault::delay(slowly());
    home.world.server.fault("/token", slow.always());
    let mut seen = std::collections::BTreeSet::from([read(&path)]);
    for round in 1..=3 {
        let calls: Vec<_> = (0..16)
            .map(|_| home.another())
            .map(|source| tokio::spawn(async move { source.renew().await }))
            .collect();
        for call in calls {
            call.await.unwrap().unwrap();
        }
        assert_eq!(read(&path), home.refresh().await);
        assert!(seen.insert(read(&path)), "round {round}");
    }
    assert_eq!(home.listed().await, 1);
}

#[test]
fn a_file_has_the_last_token_of_a_crowd_that_renews() {
    on_both_runtimes(crowd);
}

#[tokio::test(start_paused = true)]
async fn a_file_that_holds_something_else_by_now_is_left_alone_for_good() {
    let home = Home::new().await;
    let (edited, deleted) = (home.file("edited"), home.file("deleted"));
    for path in [&edited, &deleted] {
        home.source.mirror_to("plain", path).await.unwrap();
    }
    std::fs::write(&edited, "a person's own").unwrap();
    std::fs::remove_file(&deleted).unwrap();
    home.source.renew().await.unwrap();
    home.source.renew().await.unwrap();
    assert_eq!(read(&edited), "a person's own");
    assert!(!deleted.exists());
    assert_eq!(home.listed().await, 0);
}

#[tokio::test(start_paused = true)]
async fn a_file_that_can_not_be_written_is_no_failure_and_is_tried_again_however_often_the_token_changed()
 {
    let home = Home::new().await;
    let (path, aside) = (home.file("file"), home.file("aside"));
    home.source.mirror_to("plain", &path).await.unwrap();
    // A directory in its place: neither read nor written.
    std::fs::rename(&path, &aside).unwrap();
    std::fs::create_dir(&path).unwrap();
    for _ in 0..3 {
        home.source.renew().await.unwrap();
    }
    std::fs::remove_dir(&path).unwrap();
    std::fs::rename(&aside, &path).unwrap();
    home.another().renew().await.unwrap();
    assert_eq!(read(&path), home.refresh().await);
    assert_eq!(home.listed().await, 1);
}

#[tokio::test(start_paused = true)]
async fn a_new_login_under_the_same_name_keeps_the_files_and_writes_them() {
    let home = Home::new().await;
    let path = home.file("file");
    home.source.mirror_to("plain", &path).await.unwrap();
    let new: Arc<dyn TokenStore> = Arc::new(MemoryStore::new());
    let bob = home.world.server.login("desktop", "bob", &["read"]);
    home.world
        .person_in(&new, &bob, &["read"])
        .token()
        .await
        .unwrap();
    let sessions = new.list().await.unwrap();
    transfer(&*new, &*home.store, &sessions, &home.world.clock, &|_| {})
        .await
        .unwrap();
    home.source.write_mirrors().await.unwrap();
    let kept = home.source.refresh_token().await.unwrap().unwrap();
    assert_eq!(read(&path), kept.expose_secret());
}

#[tokio::test(start_paused = true)]
async fn a_logout_takes_our_part_out_of_each_file_and_nothing_else() {
    let home = Home::new().await;
    let (ours, theirs) = (home.file("ours"), home.file("theirs"));
    for path in [&ours, &theirs] {
        home.source.mirror_to("plain", path).await.unwrap();
    }
    std::fs::write(&theirs, "a person's own").unwrap();
    let endpoint = home.world.found(ClientAuth::public("desktop"));
    let mirrors: Vec<Arc<dyn Mirror>> = vec![Arc::new(Plain)];
    let session = home.source.key().session();
    endpoint
        .log_out(&*home.store, session, &mirrors)
        .await
        .unwrap();
    assert!(!ours.exists());
    assert_eq!(read(&theirs), "a person's own");
}

#[tokio::test(start_paused = true)]
async fn a_file_is_listed_only_where_it_can_be_written_by_somebody() {
    let home = Home::new().await;
    let odd = home.source.mirror_to("other", &home.file("x")).await;
    assert_eq!(odd.unwrap_err().kind(), ErrorKind::Config);
    let nowhere = home
        .source
        .mirror_to("plain", &home.file("no/such/place"))
        .await;
    assert_eq!(nowhere.unwrap_err().kind(), ErrorKind::Store);
    assert_eq!(home.listed().await, 0);
    let nobody = home.world.robot().with_mirror(Arc::new(Plain));
    nobody.token().await.unwrap();
    let error = nobody
        .mirror_to("plain", &home.file("y"))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Interaction);
    assert!(!home.file("y").exists());
}
