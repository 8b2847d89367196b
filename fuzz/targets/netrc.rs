//! A person's netrc file, in which others write, too.

#![no_main]

mod world;

use auth_core::RefreshToken;
use auth_core::clock::SystemClock;
use auth_desp::netrc::NetrcFile;
use libfuzzer_sys::fuzz_target;

use self::world::{CANARY, assert_harmless, run};

fuzz_target!(|text: &[u8]| {
    let place = std::env::temp_dir().join(format!("netrc-{}", std::process::id()));
    let path = place.join(".netrc");
    std::fs::create_dir_all(&place).and_then(|()| std::fs::write(&path, text)).expect("a file");
    let (file, clock) = (NetrcFile::new(&path), SystemClock::new());
    run(async {
        assert_harmless(file.token("a.test").await);
        let token = RefreshToken::new(CANARY.to_owned());
        let set = file.set("a.test", "anonymous", &token, &clock).await;
        let is_set = set.is_ok();
        assert_harmless(set);
        if is_set {
            let read = file.token("a.test").await.expect("what was written is read");
            let is_ours = |own: &RefreshToken| own.fingerprint() == token.fingerprint();
            assert!(read.as_ref().is_some_and(is_ours));
            assert!(file.remove("a.test", |_| true, &clock).await.expect("what is read can be taken out"));
        }
    });
});
