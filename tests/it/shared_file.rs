//! Small files of other programs: one of ours at a time changes one, and it is replaced whole.

use std::path::{Path, PathBuf};
use std::time::Duration;

use auth_core::ErrorKind;
use auth_core::clock::{Clock, SystemClock};
use auth_core::shared_file::{FileLock, Replacement, in_turn, patiently, remove};
use auth_testkit::TestClock;
use tempfile::TempDir;

fn file(text: &str) -> (TempDir, PathBuf) {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("shared");
    std::fs::write(&path, text).unwrap();
    (home, path)
}

fn put(path: &Path, text: &str) {
    let mut next = Replacement::beside(path).unwrap();
    next.write(text.as_bytes()).unwrap();
    patiently(path, || next.take_place(path)).unwrap();
}

/// Many who each add a line to a file that has no room for two writers: half of them lock it, half take turns.
async fn crowd() {
    let (home, path) = file("");
    let add = |path: &Path, line: &str| {
        let text = std::fs::read_to_string(path).unwrap();
        put(path, &format!("{text}{line}\n"));
    };
    let members = (0..16).map(|number| {
        let path = path.clone();
        tokio::spawn(async move {
            for round in 0..4 {
                let line = format!("{number}-{round}");
                if number % 2 == 0 {
                    let lock = FileLock::wait(&path, &SystemClock::new()).await.unwrap();
                    add(&path, &line);
                    drop(lock);
                } else {
                    let there = path.clone();
                    let attempt = move || {
                        let Some(_lock) = FileLock::attempt(&there).unwrap() else {
                            return Ok(None);
                        };
                        add(&there, &line);
                        Ok(Some(()))
                    };
                    in_turn(&path, &SystemClock::new(), attempt).await.unwrap();
                }
            }
        })
    });
    for member in members.collect::<Vec<_>>() {
        member.await.unwrap();
    }
    let text = std::fs::read_to_string(&path).unwrap();
    let lines: std::collections::BTreeSet<_> = text.lines().collect();
    assert_eq!(lines.len(), 64, "{text}");
    assert_eq!(home.path().read_dir().unwrap().count(), 1);
}

#[tokio::test]
async fn no_line_of_a_crowd_is_lost_on_one_thread() {
    crowd().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_line_of_a_crowd_is_lost_on_several_threads() {
    crowd().await;
}

#[tokio::test(start_paused = true)]
async fn who_does_not_get_on_is_waited_for_half_a_minute_and_who_does_for_longer() {
    let (_home, path) = file("");
    let clock = TestClock::new();
    let held = FileLock::attempt(&path).unwrap().unwrap();
    let start = clock.now().monotonic;
    let error = FileLock::wait(&path, &clock).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    let said = error.to_string();
    assert!(said.contains("does not let go of it"), "{said}");
    let waited = clock.now().monotonic - start;
    assert!(
        waited >= Duration::from_secs(30) && waited < Duration::from_secs(35),
        "{waited:?}"
    );

    // Each change counts, so that a long queue gets to its end.
    let start = clock.now().monotonic;
    let gets_on = async {
        for _ in 0..4 {
            clock.sleep(Duration::from_secs(20)).await;
            let data = std::fs::File::options().write(true).open(&path).unwrap();
            let before = path.metadata().unwrap().modified().unwrap();
            data.set_modified(before + Duration::from_secs(1)).unwrap();
        }
        drop(held);
    };
    let (lock, ()) = tokio::join!(FileLock::wait(&path, &clock), gets_on);
    lock.unwrap();
    assert!(clock.now().monotonic - start >= Duration::from_secs(80));
}

#[test]
fn a_lock_is_one_on_what_the_path_leads_to_now() {
    let (home, path) = file("old");
    let held = FileLock::attempt(&path).unwrap().unwrap();
    assert!(FileLock::attempt(&path).unwrap().is_none());
    let other = home.path().join("other");
    std::fs::write(&other, "").unwrap();
    FileLock::attempt(&other).unwrap().unwrap();
    put(&path, "new");
    drop(held);
    let held = FileLock::attempt(&path).unwrap().unwrap();
    assert!(FileLock::attempt(&path).unwrap().is_none());
    drop(held);
    FileLock::attempt(&path).unwrap().unwrap();
    let error = FileLock::attempt(&home.path().join("none")).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::NotFound);
}

#[tokio::test]
async fn a_directory_can_be_locked_and_what_is_not_there_can_not() {
    let home = tempfile::tempdir().unwrap();
    let clock = SystemClock::new();
    let held = FileLock::wait(home.path(), &clock).await.unwrap();
    assert!(FileLock::attempt(home.path()).unwrap().is_none());
    drop(held);
    assert_eq!(home.path().read_dir().unwrap().count(), 0);
    let none = home.path().join("none");
    let error = FileLock::wait(&none, &clock).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(error.to_string().contains("can't read"), "{error}");
}

#[test]
fn a_replacement_is_whole_or_nothing() {
    let (home, path) = file("old");
    let names = || {
        let entries = home.path().read_dir().unwrap();
        entries
            .map(|entry| entry.unwrap().file_name())
            .collect::<Vec<_>>()
    };
    let mut next = Replacement::beside(&path).unwrap();
    next.write(b"a longer text").unwrap();
    next.write(b"new").unwrap();
    drop(next);
    assert_eq!(names(), ["shared"]);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "old");

    let next = Replacement::beside(&path).unwrap();
    let error = next.take_free_place(&path).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::AlreadyExists);
    assert_eq!(names(), ["shared"]);

    put(&path, "new");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "new");
    remove(&path).unwrap();
    assert!(names().is_empty());
    let error = Replacement::beside(&path.join("no/folder")).unwrap_err();
    let said = error.to_string();
    assert!(
        said.contains("os error") && !said.contains("at path"),
        "{said}"
    );
}

#[cfg(unix)]
#[test]
fn whoever_could_read_a_file_can_read_what_took_its_place_and_nobody_else_any_other() {
    use std::os::unix::fs::PermissionsExt;

    let (_home, path) = file("old");
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o640)).unwrap();
    let mut next = Replacement::beside(&path).unwrap();
    next.share_like(&path.metadata().unwrap()).unwrap();
    next.take_place(&path).unwrap();
    assert_eq!(mode(&path), 0o640);
    put(&path, "new");
    assert_eq!(mode(&path), 0o600);
}
