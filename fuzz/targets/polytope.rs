//! The file of Polytope's client, in which others write, too.

#![no_main]

mod world;

use auth_core::RefreshToken;
use auth_core::clock::SystemClock;
use auth_desp::polytope::PolytopeFile;
use libfuzzer_sys::fuzz_target;

use self::world::{CANARY, assert_harmless, run};

fuzz_target!(|text: &[u8]| {
    let place = std::env::temp_dir().join(format!("polytope-{}", std::process::id()));
    let path = place.join(".polytopeapirc");
    std::fs::create_dir_all(&place).and_then(|()| std::fs::write(&path, text)).expect("a file");
    let (file, clock) = (PolytopeFile::new(&path), SystemClock::new());
    run(async {
        assert_harmless(file.token().await);
        let token = RefreshToken::new(CANARY.to_owned());
        let set = file.set(&token, &clock).await;
        let is_set = set.is_ok();
        assert_harmless(set);
        if is_set {
            let read = file.token().await.expect("what was written is read");
            let is_ours = |own: &RefreshToken| own.fingerprint() == token.fingerprint();
            assert!(read.as_ref().is_some_and(is_ours));
            let written = std::fs::read(&path).expect("a file");
            serde_json::from_slice::<serde_json::Value>(&written).expect("what was written is JSON");
            assert!(file.remove(|_| true, &clock).await.expect("what is read can be taken out"));
        }
    });
});
