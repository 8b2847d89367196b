//! The tokens of a person and of a program at a realm.

use std::sync::Arc;

use auth_core::prompt::NoPrompt;
use auth_core::{ClientAuth, Io, Result, TokenSource, blocking};
use auth_keycloak::Realm;
use secrecy::SecretString;

pub(crate) fn main() -> Result<()> {
    let realm = Realm::new("https://login.example.org", "factory", Io::new())?;
    let person = realm.person(ClientAuth::public("tools"), Arc::new(NoPrompt::new()));
    let service = realm.service(ClientAuth::basic("robot", SecretString::from("secret")));
    for source in [&person.source() as &dyn TokenSource, &service] {
        println!("{:?}", blocking(source.token())?.expires_at());
    }
    Ok(())
}
