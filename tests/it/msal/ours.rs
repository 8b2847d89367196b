//! Our library, doing the same.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use auth_azure::{Application, Certificate, Credential, Person, Tenant};
use auth_core::clock::SystemClock;
use auth_core::error::Challenge;
use auth_core::http::DefaultHttpClient;
use auth_core::prompt::{Echo, UserCode};
use auth_core::session::FileSecret;
use auth_core::{
    AccessToken, BoxFuture, CachedSource, Error, Io, Prompt, RedirectUri, Result, StaticSource,
    TokenSource,
};
use secrecy::SecretString;
use url::Url;

use super::place::{API, DESKTOP, OTHER_API, Place, ROBOT, SECRET, TENANT, claims};
use super::seen::Seen;
use crate::browser::Browser;

/// Somebody with a browser, who enters each code that is shown.
struct Ada {
    server: auth_testkit::Server,
    http: DefaultHttpClient,
}

impl std::fmt::Debug for Ada {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Ada")
    }
}

impl Prompt for Ada {
    fn ask<'a>(&'a self, question: &'a str, _: Echo) -> BoxFuture<'a, Result<SecretString>> {
        Box::pin(async move { Err(Error::interaction(question)) })
    }

    fn open<'a>(&'a self, page: &'a Url) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let mut browser = Browser::new(Arc::new(self.http.clone()));
            let page = browser.open(page).await;
            browser.fill(&page, &[]).await;
            Ok(())
        })
    }

    fn show_user_code<'a>(&'a self, code: &'a UserCode) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            assert!(self.server.allow_device(code.code(), "ada"));
            Ok(())
        })
    }
}

pub async fn run(place: &Place, flow: &str) -> Seen {
    let result = get(place, flow).await;
    let audience = |token: &AccessToken| {
        let claims = crate::testkit::entra::claims(token.expose_secret());
        claims["aud"].as_str().unwrap().to_owned()
    };
    let result = result.map(|tokens| tokens.iter().map(audience).collect());
    Seen::of(place, result.map_err(|error| error.to_string()))
}

async fn get(place: &Place, flow: &str) -> Result<Vec<AccessToken>> {
    let (api, other) = (
        format!("api://{API}/.default"),
        format!("api://{OTHER_API}/.default"),
    );
    match flow {
        "secret" => first(&robot(place, &secret())?.source(&api)?).await,
        "certificate" => {
            let certificate = Certificate::file(place.file("robot.pem"));
            let robot = robot(place, &Credential::certificate(certificate))?;
            first(&robot.source(&api)?).await
        }
        "assertion" => {
            let file = FileSecret::new(place.file("assertion"));
            let robot = robot(place, &Credential::assertion(file))?;
            first(&robot.source(&api)?).await
        }
        "browser" => {
            let redirect = RedirectUri::new("http://localhost")?;
            first(&person(place)?.with_browser(redirect).source([api])).await
        }
        "device" => first(&person(place)?.source([api])).await,
        "refresh" => {
            let source = person(place)?.source([api]);
            let first = source.token().await?;
            Ok(vec![first, source.renew().await?])
        }
        "another" => {
            let person = person(place)?;
            let first = person.source([api]).token().await?;
            Ok(vec![first, person.source([other]).token().await?])
        }
        "claims" => {
            let person = person(place)?.with_continuous_access_evaluation();
            let source = person.source([api]);
            let first = source.token().await?;
            let mut challenge = Challenge::default();
            challenge.error = Some("insufficient_claims".to_owned());
            challenge.claims = Some(claims());
            source.discard(&first, Some(&challenge));
            Ok(vec![first, source.token().await?])
        }
        "behalf" => {
            let token = std::fs::read_to_string(place.file("caller")).unwrap();
            let claims = crate::testkit::entra::claims(&token);
            let (issuer, subject) = (claims["iss"].as_str(), claims["oid"].as_str());
            let (io, now) = (io(place), SystemTime::now());
            let caller = StaticSource::of_caller(
                AccessToken::new(token.into(), now, now + Duration::from_secs(3600))?,
                issuer.unwrap(),
                subject.unwrap(),
                &io,
            );
            let robot = robot(place, &secret())?;
            first(&robot.on_behalf_of(Arc::new(caller), [api])?).await
        }
        other => panic!("no flow {other}"),
    }
}

async fn first(source: &CachedSource) -> Result<Vec<AccessToken>> {
    Ok(vec![source.token().await?])
}

pub fn robot(place: &Place, credential: &Credential) -> Result<Application> {
    Ok(tenant(place)?.application(ROBOT, credential))
}

pub fn secret() -> Credential {
    Credential::secret(SecretString::from(SECRET))
}

pub fn person(place: &Place) -> Result<Person> {
    let ada = Ada {
        server: place.server.clone(),
        http: http(place),
    };
    Ok(tenant(place)?.person(DESKTOP, Arc::new(ada)))
}

fn tenant(place: &Place) -> Result<Tenant> {
    Tenant::in_cloud(&place.origin(), TENANT, io(place))
}

pub fn io(place: &Place) -> Io {
    Io::of(http(place), SystemClock::new())
}

fn http(place: &Place) -> DefaultHttpClient {
    DefaultHttpClient::new().with_ca_file(place.file("ca.pem"))
}
