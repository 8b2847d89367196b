//! Our library, doing the same.

use std::path::Path;
use std::sync::Arc;

use auth_core::clock::SystemClock;
use auth_core::http::DefaultHttpClient;
use auth_core::session::{Checked, TokenCheck, TokenSet};
use auth_core::store::FileStore;
use auth_core::{BoxFuture, CachedSource, Io, Result, TokenSource};
use auth_desp::preset::Published;
use auth_desp::{Credentials, Exchange, FileMirror, Person, Platform};
use auth_verify::{Keycloak, Keys, Verifier};
use secrecy::SecretString;

use super::case::{CASE, Case, Typed};
use super::place::Place;
use super::seen::{Seen, files};

/// A check that is made once for each answer, as the program makes it.
#[derive(Debug)]
struct Once(Verifier);

impl TokenCheck for Once {
    fn check<'a>(&'a self, tokens: &'a TokenSet) -> BoxFuture<'a, Result<()>> {
        self.0.check(tokens)
    }

    fn once(&self) -> Option<&str> {
        Some("access_token")
    }
}

/// Gets the token, and writes the files that destinepyauth writes; `code` is typed for a one-time code.
pub(crate) async fn run(place: &Place, case: &Case, code: &str) -> Seen {
    place.furnish(case);
    place.asked();
    let failure = get(place, case, code).await.err();
    Seen {
        requests: place.asked(),
        files: files(place, case),
        stdout: String::new(),
        code: i32::from(failure.is_some()),
        failure: failure.map(|error| place.shown(&error.to_string())),
    }
}

/// The refresh tokens of which the files of CacheB and Polytope are written, perhaps after a renewal.
pub(crate) async fn tokens(place: &Place, renewed: bool) -> [String; 2] {
    let mut tokens = Vec::new();
    for case in [CASE.for_netrc(), CASE.of("polytope")] {
        let source = get(place, &case, "").await.unwrap();
        if renewed {
            source.renew().await.unwrap();
        }
        let token = source.refresh_token().await.unwrap().unwrap();
        tokens.push(token.expose_secret().to_owned());
    }
    tokens.try_into().unwrap()
}

async fn get(place: &Place, case: &Case, code: &str) -> Result<CachedSource> {
    let source = source(place, case, code)?;
    source.token().await?;
    if case.netrc {
        let file = place.home().join(".netrc");
        source.mirror_to("netrc", &file).await?;
    }
    if case.service == "polytope" {
        let file = place.home().join(".polytopeapirc");
        source.mirror_to("polytope", &file).await?;
    }
    Ok(source)
}

/// The source of the case's service, in the store where the program keeps its logins.
pub(crate) fn source(place: &Place, case: &Case, code: &str) -> Result<CachedSource> {
    let http = DefaultHttpClient::new().with_ca_file(place.authority());
    let io = Io::of(http, SystemClock::new());
    let platform = Platform::new(&place.iam, "desp", io.clone())?;
    let secret = |text: &str| SecretString::from(text);
    let mut credentials =
        Credentials::new(secret(&place.user), secret(case.password)).with_code(secret(code));
    if case.code == Typed::OfAnotherDevice {
        credentials = credentials.with_device("device 2");
    }
    let mut published = Published::ALL.iter();
    let published = published.find(|one| one.to_string() == case.service);
    let mut service = published.unwrap().service();
    if let (Some(url), Some(ours)) = (place.exchange(case.service), service.exchange()) {
        let (client, alias) = (ours.client_id(), ours.subject_issuer());
        let exchange = Exchange::new(url, client, ours.audience(), alias)?;
        service = service.with_exchange(exchange);
    }
    let keys_by = io.clone();
    let checked = Checked::by(move |issuer, client| {
        let certificates = format!("{issuer}/protocol/openid-connect/certs");
        let keys = Keys::at(certificates.parse().unwrap(), keys_by.clone())?;
        let realm = Keycloak::new(issuer, "account").with_keys(keys);
        let issuer = realm.issuer(keys_by.clone())?.with_clients([client])?;
        let check: Arc<dyn TokenCheck> = Arc::new(Once(Verifier::new(issuer)));
        Ok(check)
    });
    let person = Person::new(platform, credentials, checked)
        .with_account(&*place.user)
        .with_store(Arc::new(FileStore::new(store(place.home()))))
        .with_mirror(Arc::new(FileMirror::netrc(&service, &io)))
        .with_mirror(Arc::new(FileMirror::polytope(&io)));
    person.source(&service)
}

fn store(home: &Path) -> std::path::PathBuf {
    home.join(".local/state/auth/tokens")
}
