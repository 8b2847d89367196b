//! Searches the DESTINY repository as somebody who logs in with the browser of this machine.
//!
//! ```console
//! $ cargo run -p auth-azure --example destiny_search
//! ```

#![expect(
    clippy::disallowed_methods,
    reason = "an example is a program: it prints"
)]

use std::io::Write as _;
use std::sync::Arc;

use auth_azure::preset::destiny::Environment;
use auth_core::prompt::Echo;
use auth_core::{ApiClient, BoxFuture, Error, Io, Prompt, RedirectUri, Result};
use secrecy::SecretString;
use serde_json::Value;
use url::{Url, form_urlencoded};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let environment = Environment::Staging;
    let redirect = RedirectUri::new("http://localhost")?;
    let person = environment
        .tenant(Io::new())?
        .person(environment.client(), Arc::new(Terminal))
        .with_browser(redirect);
    let source = Arc::new(person.source([environment.scope()]));
    let api = ApiClient::new(environment.api_url(), source, Io::new());
    say(&format!("{:#}", search(&api, "example").await?));
    // A path that has no function of its own, by the plain client.
    let health = api.get("v1/system/healthcheck/").await?;
    say(&health.status().to_string());
    Ok(())
}

/// What the repository finds for `query`.
pub(crate) async fn search(api: &ApiClient, query: &str) -> Result<Value> {
    let query: String = form_urlencoded::byte_serialize(query.as_bytes()).collect();
    api.json(&format!("v1/references/search/?q={query}")).await
}

/// Shows the address of the login page.
#[derive(Debug)]
struct Terminal;

impl Prompt for Terminal {
    fn ask<'a>(&'a self, question: &'a str, _: Echo) -> BoxFuture<'a, Result<SecretString>> {
        Box::pin(async move { Err(Error::interaction(format!("nobody answers: {question}"))) })
    }

    fn open<'a>(&'a self, page: &'a Url) -> BoxFuture<'a, Result<()>> {
        say(&format!("log in at {page}"));
        Box::pin(async { Ok(()) })
    }
}

fn say(line: &str) {
    // Where nobody reads, there is nobody to tell.
    let _ = writeln!(std::io::stdout(), "{line}");
}
