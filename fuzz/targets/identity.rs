//! What a machine's identity endpoint answers, and what `az` prints.

#![no_main]

mod world;

use std::path::PathBuf;

use auth_azure::{AzOutput, AzureCli, ManagedIdentity};
use auth_core::{Io, Result, TokenSource as _};
use libfuzzer_sys::fuzz_target;
use secrecy::SecretString;

use self::world::{CANARY, Server, assert_harmless, run, secret};

fuzz_target!(|bytes: &[u8]| {
    let Some((kind, rest)) = bytes.split_first() else {
        return;
    };
    let folder = std::env::temp_dir().join(format!("arc-{}", std::process::id()));
    std::fs::create_dir_all(&folder)
        .and_then(|()| std::fs::write(folder.join("a.key"), CANARY))
        .expect("a file");
    let mut server = Server::of(rest);
    // What `az` prints, or a challenge that names a file.
    let text = String::from_utf8_lossy(&server.body).replace("FOLDER", &folder.display().to_string());
    server.challenge = text.replace(['\r', '\n'], " ").into_bytes();
    assert_harmless(run(play(kind % 5, server.io(), text, folder)));
});

async fn play(kind: u8, io: Io, printed: String, folder: PathBuf) -> Result<()> {
    let place = "http://127.0.0.1:40342/identity".parse().expect("a URL");
    let identity = match kind {
        0 => ManagedIdentity::virtual_machine(io),
        1 => ManagedIdentity::app(place, secret(), io)?,
        2 => ManagedIdentity::arc(place, folder, io)?,
        kind => {
            let az = AzureCli::new(
                move |_| {
                    let printed = SecretString::from(printed.clone());
                    let said = AzOutput::new(kind == 3, printed.clone(), "");
                    Box::pin(async { Ok(said) })
                },
                io,
            );
            return az.source("https://api.test/.default")?.token().await.map(drop);
        }
    };
    identity.source("https://api.test/.default")?.token().await.map(drop)
}
