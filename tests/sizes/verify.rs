//! A check of a token.

use auth_core::{Io, Result, blocking};
use auth_verify::{Bearer, Issuer, Verifier};

pub(crate) fn main() -> Result<()> {
    let issuer = Issuer::discovered("https://login.example.org", "api://orders", Io::new())?;
    let verifier = Verifier::new(issuer);
    let verified = blocking(async { Ok(verifier.verify(Bearer::new("ey")).await) })?;
    println!("{:?}", verified.map(|verified| verified.roles()));
    Ok(())
}
