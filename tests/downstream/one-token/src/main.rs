//! A program without a runtime of its own that needs one token.

use std::env;

use auth_core::{
    CachedSource, ClientAuth, ClientCredentials, Error, Io, Provider, Result, TokenEndpoint,
};
use auth_core::{TokenSource, blocking};
use secrecy::SecretString;

fn main() -> Result<()> {
    let set = |name: &str| env::var(name).map_err(|_| Error::config(format!("{name} is not set")));
    let (io, secret) = (Io::new(), SecretString::from(set("CLIENT_SECRET")?));
    let provider = Provider::new(set("ISSUER")?, io.clone())?;
    let endpoint =
        TokenEndpoint::discovered(provider, ClientAuth::basic(set("CLIENT_ID")?, secret));
    let source = CachedSource::new(ClientCredentials::new(endpoint), io);
    let token = blocking(source.token())?;
    println!("{}", token.expose_secret());
    Ok(())
}
