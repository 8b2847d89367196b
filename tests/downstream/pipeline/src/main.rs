//! Asks the APIs of three vendors, with one store for the tokens of all and an HTTP client of its own.

use std::env;
use std::sync::Arc;

use auth_azure::{Credential, Tenant};
use auth_core::http::DefaultHttpClient;
use auth_core::session::Checked;
use auth_core::store::{FileStore, TokenStore};
use auth_core::{ApiClient, ClientAuth, Error, Io, RefreshToken, Result, TokenSource};
use auth_desp::preset::Published;
use auth_desp::{Credentials, Person, Platform};
use auth_keycloak::Realm;
use secrecy::SecretString;
use serde_json::Value;

type Source = Arc<dyn TokenSource>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let http = DefaultHttpClient::built_with_reqwest_0_13(|| {
        reqwest::Client::builder().user_agent("pipeline/1.0")
    });
    let io = Io::new().with_http(Arc::new(http));
    let store: Arc<dyn TokenStore> = Arc::new(FileStore::new(set("STORE")?));
    for (name, source) in [
        ("desp", climate(&io, &store)?),
        ("keycloak", models(&io, &store)?),
        ("azure", literature(&io, &store)?),
    ] {
        let api = url(&format!("{}_API", name.to_uppercase()))?;
        let answer: Value = ApiClient::new(api, source, io.clone())
            .json("whoami")
            .await?;
        println!("{name} {}", answer["sub"].as_str().unwrap_or_default());
    }
    Ok(())
}

fn climate(io: &Io, store: &Arc<dyn TokenStore>) -> Result<Source> {
    let platform = Platform::new(&set("DESP_URL")?, "desp", io.clone())?;
    let credentials = Credentials::new(secret("DESP_USER")?, secret("DESP_PASSWORD")?);
    let person = Person::new(platform, credentials, Checked::No).with_store(store.clone());
    Ok(Arc::new(person.source(&Published::Cacheb.service())?))
}

fn models(io: &Io, store: &Arc<dyn TokenStore>) -> Result<Source> {
    let realm = Realm::from_issuer(&set("KEYCLOAK_ISSUER")?, io.clone())?;
    let given = RefreshToken::new(set("KEYCLOAK_OFFLINE_TOKEN")?);
    let source = realm.offline(ClientAuth::public("automated-access"), given);
    Ok(Arc::new(source.with_store(store.clone())))
}

fn literature(io: &Io, store: &Arc<dyn TokenStore>) -> Result<Source> {
    let tenant = Tenant::in_cloud(&set("AZURE_URL")?, &set("AZURE_TENANT")?, io.clone())?;
    let credential = Credential::secret(secret("AZURE_SECRET")?);
    let application = tenant.application(set("AZURE_CLIENT")?, &credential);
    let source = application.source(&set("AZURE_SCOPE")?)?;
    Ok(Arc::new(source.with_store(store.clone())))
}

fn set(name: &str) -> Result<String> {
    env::var(name).map_err(|_| Error::config(format!("{name} is not set")))
}

fn secret(name: &str) -> Result<SecretString> {
    set(name).map(SecretString::from)
}

fn url(name: &str) -> Result<url::Url> {
    set(name)?
        .parse()
        .map_err(|_| Error::config(format!("{name} is no URL")))
}
