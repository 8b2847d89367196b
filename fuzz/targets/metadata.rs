//! What a provider says of itself, as a client reads it.

#![no_main]

mod world;

use auth_core::session::Held;
use auth_core::{ClientAuth, ClientCredentials, Grant as _, Provider, TokenEndpoint};
use libfuzzer_sys::fuzz_target;

use self::world::{ISSUER, Server, assert_harmless, run, secret};

fuzz_target!(|metadata: &[u8]| {
    let io = Server { metadata: Some(metadata.to_vec()), ..Server::of(&[]) }.io();
    let provider = Provider::new(ISSUER, io).expect("a provider");
    assert_harmless(run(provider.metadata()));
    let endpoint = TokenEndpoint::discovered(provider, ClientAuth::basic("app", secret()));
    // The world sees to it that nothing leaves in the clear, whatever the metadata says.
    assert_harmless(run(ClientCredentials::new(endpoint).exchange(&Held::new())));
});
