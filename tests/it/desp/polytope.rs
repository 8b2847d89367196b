//! The file of Polytope's client.

use std::path::Path;

use auth_core::RefreshToken;
use auth_core::clock::SystemClock;
use auth_desp::polytope::PolytopeFile;
use insta::assert_snapshot;
use tempfile::TempDir;

const CLOCK: SystemClock = SystemClock::new();

fn is(text: &'static str) -> impl Fn(&RefreshToken) -> bool + Send + Sync + 'static {
    move |token| token.expose_secret() == text
}

#[tokio::test]
async fn the_clients_file_has_our_key_and_goes_with_it() {
    let home = TempDir::new().unwrap();
    let file = PolytopeFile::of_person(home.path());
    assert_eq!(file.path(), home.path().join(".polytopeapirc"));
    assert!(file.token().await.unwrap().is_none());
    file.set(&RefreshToken::new("first"), &CLOCK).await.unwrap();
    let text = || std::fs::read_to_string(file.path()).unwrap();
    assert_eq!(text(), "{\"user_key\": \"first\"}\n");
    if cfg!(unix) {
        assert_eq!(crate::rights::mode(file.path()), 0o600);
    }
    file.set(&RefreshToken::new("first"), &CLOCK).await.unwrap();
    assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 1);
    let second = RefreshToken::new("second");
    assert!(file.replace(is("first"), &second, &CLOCK).await.unwrap());
    assert_eq!(text(), "{\"user_key\": \"second\"}\n");
    assert_eq!(
        file.token().await.unwrap().unwrap().expose_secret(),
        "second"
    );
    assert!(file.remove(is("second"), &CLOCK).await.unwrap());
    assert!(!file.path().exists());
    assert!(!file.remove(is("second"), &CLOCK).await.unwrap());
}

#[tokio::test]
async fn an_email_goes_other_keys_stay_and_the_file_that_was_there_is_copied_once() {
    let home = TempDir::new().unwrap();
    let file = PolytopeFile::of_person(home.path());
    let before = "{\n  \"user_email\": \"a@b\",\n  \"user_key\": \"theirs\",\n  \"x\": [1]\n}";
    std::fs::write(file.path(), before).unwrap();
    let new = RefreshToken::new("new");
    assert!(!file.replace(is("ours"), &new, &CLOCK).await.unwrap());
    assert!(!file.remove(is("ours"), &CLOCK).await.unwrap());
    let text = || std::fs::read_to_string(file.path()).unwrap();
    assert_eq!(text(), before);
    file.set(&new, &CLOCK).await.unwrap();
    assert_eq!(text(), "{\"user_key\": \"new\", \"x\": [1]}\n");
    let copy = home.path().join(".polytopeapirc.before-auth");
    assert_eq!(std::fs::read_to_string(copy).unwrap(), before);
    assert!(file.remove(is("new"), &CLOCK).await.unwrap());
    assert_eq!(text(), "{\"x\": [1]}\n");
}

#[tokio::test]
async fn what_is_no_json_object_is_refused_and_left_alone() {
    let home = TempDir::new().unwrap();
    let file = PolytopeFile::new(home.path().join("rc"));
    std::fs::write(file.path(), "canary").unwrap();
    let error = file
        .set(&RefreshToken::new("new"), &CLOCK)
        .await
        .unwrap_err();
    let place = home.path().display().to_string();
    let shown = crate::shown::portable(&error.to_string().replace(&place, "~"));
    assert_snapshot!(shown, @"~/rc is no JSON object: see line 1; mend it, move it away, or name another file");
    assert_eq!(std::fs::read_to_string(file.path()).unwrap(), "canary");
    assert!(!Path::new(&format!("{place}/rc.before-auth")).exists());
}
