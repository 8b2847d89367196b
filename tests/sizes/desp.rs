//! A person's token for a service of Destination Earth.

use auth_core::session::Checked;
use auth_core::{Io, Result, TokenSource, blocking};
use auth_desp::preset::{self, Published};
use auth_desp::{Credentials, Person};
use secrecy::SecretString;

pub(crate) fn main() -> Result<()> {
    let [user, password, code] = ["ada", "password", "123456"].map(SecretString::from);
    let credentials = Credentials::new(user, password, code);
    let person = Person::new(preset::platform(Io::new())?, credentials, Checked::No);
    let source = person.source(&Published::Highway.service())?;
    println!("{:?}", blocking(source.token())?.expires_at());
    Ok(())
}
