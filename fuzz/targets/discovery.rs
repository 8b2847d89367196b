//! An issuer's metadata, and what is then asked.

#![no_main]

use auth_core::clock::SystemClock;
use auth_core::http::{Body, HttpClient};
use auth_core::{BoxFuture, Io, Provider, Result};
use auth_verify::Keys;
use http::{Request, Response};
use libfuzzer_sys::fuzz_target;

/// Answers everything with the same bytes.
#[derive(Debug)]
struct Server(Vec<u8>);

impl HttpClient for Server {
    fn send(&self, request: Request<Body>) -> BoxFuture<'_, Result<Response<Body>>> {
        assert_eq!(request.uri().host(), Some("issuer.test"));
        assert_eq!(request.uri().scheme_str(), Some("https"));
        Box::pin(async { Ok(Response::new(Body::from(self.0.clone()))) })
    }
}

fuzz_target!(|metadata: &[u8]| {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build();
    let io = Io::of(Server(metadata.to_vec()), SystemClock::new());
    let provider = Provider::new("https://issuer.test", io).expect("an issuer");
    let _ = runtime
        .expect("a runtime")
        .block_on(Keys::discovered(provider).warm_up());
});
