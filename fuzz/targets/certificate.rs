//! A certificate with its key, as people export it: PKCS#12, PEM, or what they took for one.

#![no_main]

mod world;

use auth_azure::{Certificate, Credential};
use auth_core::session::Held;
use auth_core::{ClientCredentials, Grant as _, Provider, TokenEndpoint};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use libfuzzer_sys::fuzz_target;
use secrecy::SecretString;

use self::world::{ISSUER, Server, assert_harmless, run};

fuzz_target!(|bytes: &[u8]| {
    let Some((password, content)) = bytes.split_first() else {
        return;
    };
    // As a file of bytes is handed on.
    let text = match str::from_utf8(content) {
        Ok(text) => text.to_owned(),
        Err(_) => STANDARD.encode(content),
    };
    let certificate = Certificate::pem(SecretString::from(text));
    let certificate = match PASSWORDS.get(usize::from(*password)) {
        Some(password) => certificate.with_password(SecretString::from(*password)),
        None => certificate,
    };
    let io = Server::of(&[]).io();
    let provider = Provider::new(ISSUER, io.clone()).expect("a provider");
    let client = Credential::certificate(certificate.with_chain()).client("app", &io);
    let endpoint = TokenEndpoint::discovered(provider, client);
    assert_harmless(run(ClientCredentials::new(endpoint).exchange(&Held::new())));
});

/// Those of the files in `corpus`, whose first byte says which.
const PASSWORDS: [&str; 2] = ["", "s3cret of the file"];
