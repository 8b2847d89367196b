//! Servers on loopback: free ports, and certificates that nobody but the tests trusts.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};

use crate::step::Step;

/// The files that make a server on `localhost` trusted by who knows its authority.
pub(super) struct Identity {
    pub(super) authority: PathBuf,
    pub(super) certificate: PathBuf,
    pub(super) key: PathBuf,
}

/// Whether there is what makes an identity.
pub(super) fn ensure_openssl() -> Result<(), String> {
    match Step::new("openssl").with(["version"]).succeeds() {
        true => Ok(()),
        false => Err("openssl is missing: install OpenSSL, which makes the test's CA".to_owned()),
    }
}

/// Makes a CA and a certificate of it for `localhost`, both for a week, in a folder below `home`.
pub(super) fn identity(home: &Path) -> Result<Identity, String> {
    let folder = home.join("tls");
    emptied(&folder)?;
    written(&folder.join("extensions"), EXTENSIONS)?;
    for command in [
        "ecparam -name prime256v1 -genkey -noout -out ca.key",
        "req -x509 -new -key ca.key -sha256 -days 7 -subj /CN=auth-conformance -out ca.pem \
         -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign",
        "ecparam -name prime256v1 -genkey -noout -out server.key",
        "req -new -key server.key -subj /CN=localhost -out server.csr",
        "x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 7 -sha256 \
         -extfile extensions -out server.pem",
    ] {
        let step = Step::new("openssl").with(command.split_whitespace());
        step.within(&folder).output()?;
    }
    Ok(Identity {
        authority: folder.join("ca.pem"),
        certificate: folder.join("server.pem"),
        key: folder.join("server.key"),
    })
}

/// A port that nobody listens on.
pub(super) fn free_port() -> Result<u16, String> {
    TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .map_err(|error| format!("there is no free port: {error}"))
}

/// Makes a folder, which is then empty, whatever was in it before.
pub(super) fn emptied(folder: &Path) -> Result<(), String> {
    let made = match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => fs::create_dir_all(folder),
    };
    made.map_err(|error| format!("{} can't be emptied: {error}", folder.display()))
}

/// Writes a file.
pub(super) fn written(path: &Path, text: &str) -> Result<(), String> {
    fs::write(path, text).map_err(|error| format!("{} can't be written: {error}", path.display()))
}

const EXTENSIONS: &str = "basicConstraints=CA:FALSE\nkeyUsage=digitalSignature\n\
    extendedKeyUsage=serverAuth\nsubjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1\n";
