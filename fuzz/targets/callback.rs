//! What comes back from a login page: anybody on the machine can send it.

#![no_main]

mod world;

use auth_core::endpoint::AuthorizationRequest;
use auth_core::session::Held;
use auth_core::{ClientAuth, Provider, TokenEndpoint};
use libfuzzer_sys::fuzz_target;

use self::world::{ISSUER, Server, assert_harmless, run, secret};

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let io = Server::of(&[]).io();
    let provider = Provider::new(ISSUER, io).expect("a provider");
    let endpoint = TokenEndpoint::discovered(provider, ClientAuth::basic("app", secret()));
    let redirect = "http://127.0.0.1:8400/";
    let held = Held::new();
    let request = run(AuthorizationRequest::new(&endpoint, &held, redirect, &[], &[]));
    let request = request.expect("a request");
    let mut asked = request.url().query_pairs();
    let (_, state) = asked.find(|(name, _)| name == "state").expect("a state");
    let answer = text.replace("STATE", &state);
    match request.answer(answer.as_bytes()) {
        Some(Ok(code)) => {
            assert!(text.contains("STATE"), "nobody can guess the state");
            assert_harmless(run(request.redeem(&held, code)));
        }
        Some(Err(error)) => assert_harmless(Err::<(), _>(error)),
        None => {}
    }
});
