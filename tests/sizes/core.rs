//! A program's token from any OpenID provider.

use auth_core::{CachedSource, ClientAuth, ClientCredentials, Io, Provider, Result};
use auth_core::{TokenEndpoint, TokenSource, blocking};
use secrecy::SecretString;

pub(crate) fn main() -> Result<()> {
    let io = Io::new();
    let client = ClientAuth::basic("robot", SecretString::from("secret"));
    let provider = Provider::new("https://login.example.org", io.clone())?;
    let grant = ClientCredentials::new(TokenEndpoint::discovered(provider, client));
    let token = blocking(CachedSource::new(grant, io).token())?;
    println!("{:?}", token.expires_at());
    Ok(())
}
