//! Our library, doing the same.

use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;

use auth_core::clock::SystemClock;
use auth_core::http::DefaultHttpClient;
use auth_core::session::{Checked, TokenCheck, TokenSet};
use auth_core::store::FileStore;
use auth_core::{BoxFuture, CachedSource, Io, Result, TokenSource};
use auth_desp::preset::Published;
use auth_desp::{Credentials, Exchange, NetrcMirror, Person, Platform, PolytopeMirror};
use auth_verify::{Keycloak, Keys, Verifier};
use secrecy::SecretString;

use super::seen::{Request, Seen};
use super::theirs::exchange;
use super::{CASE, Case, Place, code};

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

/// Gets the token, and writes the files that destinepyauth writes.
pub(super) async fn run(place: &Place, case: &Case) -> Seen {
    place.server.clear_requests();
    let failure = get(place, case).await.err();
    let requests = place.server.requests();
    let base = place.listening.url("/").to_string();
    Seen {
        requests: requests.iter().map(Request::of).collect(),
        files: found(place),
        failure: failure.map(|error| error.to_string().replace(&base, "https://auth.destine.eu/")),
    }
}

/// The refresh tokens of which the files of CacheB and Polytope are written, perhaps after a renewal.
pub(super) async fn files(place: &Place, renewed: bool) -> [String; 2] {
    let mut tokens = Vec::new();
    for (service, netrc) in [("cacheb", true), ("polytope", false)] {
        let source = get(
            place,
            &Case {
                service,
                netrc,
                ..CASE
            },
        )
        .await
        .unwrap();
        if renewed {
            source.renew().await.unwrap();
        }
        let token = source.refresh_token().await.unwrap().unwrap();
        tokens.push(token.expose_secret().to_owned());
    }
    tokens.try_into().unwrap()
}

async fn get(place: &Place, case: &Case) -> Result<CachedSource> {
    let http = DefaultHttpClient::new().with_ca_file(place.home.path().join("ca.pem"));
    let io = Io::of(http, SystemClock::new());
    let platform = Platform::new(place.listening.url("/").as_str(), "desp", io.clone())?;
    let secret = |text: &str| SecretString::from(text);
    let code = match case.code {
        Some(code) => code.to_owned(),
        None => code().await,
    };
    let credentials = Credentials::new(secret(case.user), secret(case.password), secret(&code));
    let published = Published::ALL
        .iter()
        .find(|one| one.to_string() == case.service);
    let mut service = published.unwrap().service();
    if let (Some(path), Some(ours)) = (exchange(case.service), service.exchange()) {
        let url = place.listening.url(path);
        let (client, alias) = (ours.client_id(), ours.subject_issuer());
        let exchange = Exchange::new(url.as_str(), client, ours.audience(), alias)?;
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
    let store = FileStore::new(place.home.path().join("tokens"));
    let person = Person::new(platform, credentials, checked)
        .with_account(case.user)
        .with_store(Arc::new(store))
        .with_mirror(Arc::new(NetrcMirror::new(&service, &io)))
        .with_mirror(Arc::new(PolytopeMirror::new(&io)));
    let source = person.source(&service)?;
    source.token().await?;
    let home = place.home.path();
    if case.netrc {
        source.mirror_to("netrc", &home.join(".netrc")).await?;
    }
    if case.service == "polytope" {
        source
            .mirror_to("polytope", &home.join(".polytopeapirc"))
            .await?;
    }
    Ok(source)
}

/// The files that other programs read, each in a line, without the token.
pub(super) fn found(place: &Place) -> Vec<String> {
    let found = [".netrc", ".polytopeapirc"].into_iter().filter_map(|name| {
        let path = place.home.path().join(name);
        let text = std::fs::read_to_string(&path).ok()?;
        let mode = std::fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        let is_token = |word: &&str| word.contains("eyJ");
        let token = text.split_whitespace().find(is_token).unwrap_or_default();
        let token = token.trim_matches(['{', '}', '"']);
        Some(format!(
            "{name} {mode:o} {:?}",
            text.replace(token, "TOKEN")
        ))
    });
    found.collect()
}
