//! What others could read or swap: modes, links, and a file in the directory's place.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use auth_core::session::Login;
use auth_core::store::{Attempt, TokenStore};
use auth_core::{ErrorKind, TokenSource};

use super::{Place, bytes, session};
use crate::rights::{mode, set_mode, symlink};
use crate::world::World;

#[tokio::test]
#[cfg_attr(windows, ignore = "directories and files have no modes")]
async fn s5_the_directory_is_0700_and_every_file_0600() {
    let place = Place::new();
    place.save(None, "secret").await;
    let _lock = place.lock().await;
    assert_eq!(mode(&place.path), 0o700);
    for entry in fs::read_dir(&place.path).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
}

#[tokio::test]
#[cfg_attr(windows, ignore = "files have no modes")]
async fn what_others_could_read_is_to_be_ended_at_the_server_so_it_is_not_removed_unread() {
    let place = Place::new();
    place.save(None, "one").await;
    set_mode(&place.file(".json"), 0o644);
    let error = place.store.lock_to_remove(&session()).await.unwrap_err();
    assert!(error.to_string().contains("chmod 600"), "{error}");
}

#[tokio::test]
#[cfg_attr(windows, ignore = "directories and files have no modes")]
async fn s5_a_directory_or_file_that_others_can_read_is_refused_with_the_command_that_mends_it() {
    let place = Place::new();
    place.save(None, "one").await;
    let file = place.file(".json");
    for (path, loose, private) in [
        (&place.path, 0o755, 0o700),
        (&place.path, 0o750, 0o700),
        (&place.path, 0o701, 0o700),
        (&file, 0o644, 0o600),
        (&file, 0o640, 0o600),
        (&file, 0o620, 0o600),
    ] {
        set_mode(path, loose);
        let error = place.store.load(&session()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Store);
        assert!(
            error.to_string().contains(&format!("chmod {private:o}")),
            "{error}"
        );
        set_mode(path, private);
    }
    assert!(place.load().await.is_some());
    // A home directory, or /tmp: others need it as it is.
    fs::create_dir(place.path.join("documents")).unwrap();
    set_mode(&place.path, 0o755);
    let error = place.store.load(&session()).await.unwrap_err();
    assert!(
        error.to_string().contains("for the token store alone"),
        "{error}"
    );
    assert!(!error.to_string().contains("chmod"), "{error}");
}

#[tokio::test]
#[cfg_attr(windows, ignore = "files have no modes")]
async fn s5_a_lock_file_that_others_can_read_is_refused_too() {
    let place = Place::new();
    place.save(None, "one").await;
    let file = place.file(".lock");
    set_mode(&file, 0o640);
    let error = place.store.lock(&session()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Store);
    assert!(error.to_string().contains("chmod 600"), "{error}");
    set_mode(&file, 0o600);
    place.lock().await;
}

#[tokio::test]
#[cfg_attr(windows, ignore = "who may put a link there has the account anyway")]
async fn s6_links_are_not_followed() {
    let place = Place::new();
    place.save(None, "one").await;
    let victim = place.path.parent().unwrap().join("victim");
    fs::write(&victim, "precious").unwrap();
    set_mode(&victim, 0o600);
    drop(place.lock().await);
    for name in [".json", ".lock", ".spare"] {
        let file = place.file(name);
        let kept = fs::read(&file).unwrap();
        let links: [fn(&Path, &Path) -> std::io::Result<()>; 2] =
            [|a, b| symlink(a, b), |a, b| fs::hard_link(a, b)];
        for link in links {
            fs::remove_file(&file).unwrap();
            link(&victim, &file).unwrap();
            let refused = match place.store.lock(&session()).await {
                Ok(Attempt::Locked(lock)) => place.store.save(&lock, None, &bytes("x")).await.err(),
                Ok(_) => None,
                Err(error) => Some(error),
            };
            let said = refused.unwrap_or_else(|| panic!("{name}")).to_string();
            // No right that is taken away would mend it.
            assert!(!said.contains("chmod"), "{name}: {said}");
            assert_eq!(fs::read_to_string(&victim).unwrap(), "precious", "{name}");
        }
        fs::remove_file(&file).unwrap();
        fs::write(&file, kept).unwrap();
        set_mode(&file, 0o600);
    }
    assert_eq!(place.load().await.as_deref(), Some("one"));
}

#[tokio::test]
async fn a_file_where_the_directory_should_be_is_a_store_error() {
    let place = Place::new();
    fs::create_dir_all(place.path.parent().unwrap()).unwrap();
    fs::write(&place.path, "in the way").unwrap();
    assert_eq!(place.kind_of_load().await, Some(ErrorKind::Store));
    let error = place.store.lock(&session()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Store);
}

#[tokio::test(start_paused = true)]
async fn a_login_in_files_shows_no_secret() {
    let (world, place) = (World::new(), Place::new());
    let first = world.server.login("desktop", "ada", &["read"]);
    let source = world
        .person(&first, &["read"])
        .with_store(Arc::new(place.store.clone()));
    let token = source.token().await.unwrap();
    let login = Login::load(&place.store, source.key().session())
        .await
        .unwrap()
        .unwrap();
    let shown = format!("{login:?} {source:?} {:?}", place.store);
    assert!(!shown.contains(token.expose_secret()));
    assert!(
        !shown.contains(
            source
                .refresh_token()
                .await
                .unwrap()
                .unwrap()
                .expose_secret()
        )
    );
    assert_eq!(login.answers().count(), 1);
}
