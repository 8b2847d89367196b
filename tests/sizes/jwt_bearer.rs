//! A service account's token.

use auth_core::{Io, Result, TokenSource, blocking};
use auth_jwt_bearer::preset::disruptive_technologies::Credentials;
use secrecy::SecretString;

pub(crate) fn main() -> Result<()> {
    let secret = SecretString::from("secret");
    let credentials = Credentials::new("key", secret, "id@project.serviceaccount.d21s.com");
    let source = credentials.service_account(Io::new())?.source();
    let token = blocking(source.token())?;
    println!("{:?}", token.expires_at());
    Ok(())
}
