//! The tokens of a person and of an application at a tenant.

use std::sync::Arc;

use auth_azure::{Credential, Tenant};
use auth_core::prompt::NoPrompt;
use auth_core::{Io, Result, TokenSource, blocking};
use secrecy::SecretString;

pub(crate) fn main() -> Result<()> {
    let tenant = Tenant::new("contoso.onmicrosoft.com", Io::new())?;
    let person = tenant.person(
        "8f3c0c3e-0000-4000-8000-1f2f3f4f5f6f",
        Arc::new(NoPrompt::new()),
    );
    let secret = Credential::secret(SecretString::from("secret"));
    let application = tenant.application("1b2c3d4e-0000-4000-8000-1a2a3a4a5a6a", &secret);
    let sources = [
        person.source(["api://their-api/.default"]),
        application.source("api://their-api/.default")?,
    ];
    for source in sources {
        println!("{:?}", blocking(source.token())?.expires_at());
    }
    Ok(())
}
