//! Rule 68: each refusal is one event at one level, and what is the service's own fault is another.

use auth_core::{ClientAuth, Error, Provider, TokenEndpoint};
use auth_testkit::Fault;
use auth_verify::RejectionKind::{self, Misconfigured, Unchecked};
use auth_verify::{
    Bearer, Issuer, Keys, Rejection, RequireToken, Rule, TokenLookup, Verified, rule,
};
use http::HeaderMap;
use secrecy::SecretString;
use serde_json::{Value, json};

use super::forge::Forge;
use super::{AUDIENCE, ISSUER, claims, merged, verifier, with};
use crate::log::Log;
use crate::world::{MINUTE, World};

/// The events of this crate since the last look, without their times.
struct Events {
    log: Log,
    seen: usize,
}

impl Events {
    fn new() -> Self {
        Self {
            log: Log::of_everything(),
            seen: 0,
        }
    }

    fn next(&mut self) -> Vec<String> {
        let text = plain(&self.log.text());
        let new = text[self.seen..]
            .lines()
            .filter(|line| line.contains(" auth_verify: "));
        let new = new.map(|line| {
            line.trim_start()
                .split_once(' ')
                .unwrap()
                .1
                .trim()
                .to_owned()
        });
        let new = new.collect();
        self.seen = text.len();
        new
    }

    #[track_caller]
    fn one(&mut self, level: &str, kind: RejectionKind) -> String {
        let mut all = self.next();
        assert_eq!(all.len(), 1, "{kind}: {all:#?}");
        let event = all.remove(0);
        assert!(event.starts_with(level), "{kind}: {event}");
        assert!(
            event.contains(&format!("kind=\"{kind}\"")),
            "{kind}: {event}"
        );
        event
    }
}

/// Without colours.
fn plain(text: &str) -> String {
    let mut parts = text.split('\u{1b}');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |all, part| {
        all + part.split_once('m').map_or(part, |(_, rest)| rest)
    })
}

#[tokio::test]
async fn rule_68_each_refusal_of_a_verifier_is_one_event_that_names_the_issuer_and_no_secret() {
    let forge = Forge::ed25519("k");
    let checks = verifier(&[&forge]);
    let mut events = Events::new();
    let header = |value: &str| {
        let mut headers = HeaderMap::new();
        headers.insert("authorization", value.parse().unwrap());
        headers
    };
    let other = Forge::ed25519("k");
    let nameless = merged(forge.header(), json!({ "kid": "other" }));
    let typed = merged(forge.header(), json!({ "typ": "secevent+jwt" }));
    let critical = merged(forge.header(), json!({ "crit": ["x"] }));
    let rs512 = merged(forge.header(), json!({ "alg": "HS256" }));
    let slash = json!({ "iss": format!("{ISSUER}/") });
    for (value, names_issuer) in [
        (String::new(), false),
        ("Basic YTpi".to_owned(), false),
        ("Bearer a b".to_owned(), false),
        ("Bearer canary".to_owned(), false),
        (
            format!("Bearer {}", forge.with_header(&critical, &claims())),
            false,
        ),
        (format!("Bearer {}", forge.token(&with(slash))), false),
        (
            format!("Bearer {}", forge.with_header(&rs512, &claims())),
            true,
        ),
        (
            format!("Bearer {}", forge.with_header(&typed, &claims())),
            true,
        ),
        (
            format!("Bearer {}", forge.with_header(&nameless, &claims())),
            true,
        ),
        (format!("Bearer {}", other.token(&claims())), true),
        (
            format!("Bearer {}", forge.token(&with(json!({ "aud": "canary" })))),
            true,
        ),
        (
            format!("Bearer {}", forge.token(&with(json!({ "exp": 1 })))),
            true,
        ),
        (
            format!(
                "Bearer {}",
                forge.token(&with(json!({ "typ": "ID", "sub": "canary" })))
            ),
            true,
        ),
    ] {
        let rejection = checks.verify_request(&header(&value)).await.unwrap_err();
        let event = events.one("INFO", rejection.kind());
        assert_eq!(
            event.contains(&format!("issuer=\"{ISSUER}\"")),
            names_issuer,
            "{event}"
        );
        assert_eq!(
            rejection.hint().is_some(),
            event.contains("hint="),
            "{event}"
        );
        assert!(!event.contains("canary") && event.len() < 700, "{event}");
        let end = value.rsplit('.').next().unwrap();
        assert!(end.len() < 20 || !event.contains(end), "{event}");
    }
    // Good ones are nothing to speak of.
    let good = format!("Bearer {}", forge.token(&claims()));
    let caller = checks.verify_request(&header(&good)).await.unwrap();
    assert_eq!(events.next(), [""; 0]);
    let refusal = rule!(any_role["admin"]).check(&caller).unwrap_err();
    let event = events.one("INFO", refusal.kind());
    assert!(event.contains(ISSUER) && event.contains("admin"), "{event}");
    // A rule of several parts is one rule.
    let rule = !(Rule::authenticated() | rule!(any_role["a"])) & rule!(any_scope["none"]);
    assert!(rule.check(&caller).is_err());
    assert_eq!(events.next().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn rule_68_each_refusal_of_a_lookup_is_one_event() {
    let world = World::new();
    let provider = Provider::new(world.server.issuer(), world.io()).unwrap();
    let client = ClientAuth::basic("robot", SecretString::from("s3cret"));
    let endpoint = TokenEndpoint::discovered(provider, client);
    let checks = TokenLookup::new(endpoint, AUDIENCE).unwrap();
    let checks = checks.with_issuer(world.server.issuer());
    let mut events = Events::new();
    for token in ["", "canary", "canary", "a b"] {
        let rejection = checks.verify(Bearer::new(token)).await.unwrap_err();
        let event = events.one("INFO", rejection.kind());
        assert!(event.contains("issuer=\"https://auth.test\""), "{event}");
        assert!(
            !event.contains("canary") && !event.contains("s3cret"),
            "{event}"
        );
    }
}

#[tokio::test]
async fn rule_68_a_handler_without_its_layer_is_the_services_own_fault() {
    use axum::extract::FromRequestParts as _;
    let mut events = Events::new();
    let (mut parts, ()) = http::Request::new(()).into_parts();
    let rejection: Rejection = Verified::from_request_parts(&mut parts, &())
        .await
        .unwrap_err();
    assert_eq!(
        (rejection.kind(), rejection.status().as_u16()),
        (Unchecked, 500)
    );
    events.one("ERROR", Unchecked);
    assert!(rejection.challenge().is_none() && rejection.retry_after().is_none());
}

#[tokio::test(start_paused = true)]
async fn rule_68_what_only_the_operator_can_mend_is_500_and_said_now_and_then() {
    let world = World::with_life(100 * crate::world::HOUR);
    let provider = Provider::new(world.server.issuer(), world.io()).unwrap();
    let place = "/.well-known/openid-configuration";
    world.server.fault(
        place,
        Fault::member("issuer", "https://other.test").always(),
    );
    let issuer = Issuer::new(&world.server.issuer(), AUDIENCE, Keys::discovered(provider)).unwrap();
    let checks = auth_verify::Verifier::new(issuer);
    let forge = Forge::p256("k");
    let changes = json!({ "iss": world.server.issuer(), "exp": super::NOW + 500_000 });
    let token = forge.token(&merged(claims(), changes));
    let log = Log::of_everything();
    let said = || {
        log.text()
            .matches("no other try will fetch the keys")
            .count()
    };
    for minute in 0..21 {
        let rejection = checks.verify(Bearer::new(&token)).await.unwrap_err();
        assert_eq!(
            (rejection.kind(), rejection.status().as_u16()),
            (Misconfigured, 500)
        );
        assert!(!rejection.is_transient() && rejection.retry_after().is_none());
        assert!(!rejection.headers().contains_key("retry-after"));
        assert_eq!(said(), 1 + minute / 10, "{minute}");
        world.pass(MINUTE).await;
    }
    // It is tried again all the same.
    world.server.clear_faults();
    assert_ne!(
        checks.verify(Bearer::new(&token)).await.unwrap_err().kind(),
        Misconfigured
    );
}

#[tokio::test]
async fn rule_68_a_key_file_without_a_usable_key_is_500_and_one_that_is_not_there_yet_503() {
    let folder = tempfile::tempdir().unwrap();
    let forge = Forge::ed25519("k");
    let ask = async |name: &str, content: Option<&Value>| {
        let path = folder.path().join(name);
        if let Some(content) = content {
            std::fs::write(&path, content.to_string()).unwrap();
        }
        let issuer = Issuer::new(ISSUER, AUDIENCE, Keys::file(path)).unwrap();
        let checks = super::timed(auth_verify::Verifier::new(issuer));
        let rejection = checks
            .verify(Bearer::new(&forge.token(&claims())))
            .await
            .unwrap_err();
        let kind = rejection.cause().map(Error::kind);
        (rejection.status().as_u16(), kind)
    };
    let config = Some(auth_core::ErrorKind::Config);
    assert_eq!(
        ask("empty", Some(&json!({ "keys": [] }))).await,
        (500, config)
    );
    assert_eq!(ask("other", Some(&json!({}))).await, (500, config));
    let secret = json!({ "keys": [{ "kty": "oct", "k": "AAAA" }] });
    assert_eq!(ask("secret", Some(&secret)).await, (500, config));
    assert_eq!(ask("none", None).await.0, 503);
}

#[test]
fn rule_66_a_setting_that_can_not_take_effect_is_an_error() {
    use auth_verify::{Algorithm, Entra, KeySet, Keycloak, Tenants};
    let forge = Forge::rsa("k");
    let set = || KeySet::from_jwks(json!({ "keys": [forge.jwk()] }).to_string()).unwrap();
    let fixed = || Keys::fixed(set());
    let io = auth_core::Io::new;
    let at = || Keys::at("https://issuer.test/keys".parse().unwrap(), io()).unwrap();
    let minute = std::time::Duration::from_secs(60);
    assert!(fixed().with_host("keys.test").is_err());
    assert!(fixed().with_snapshot(set()).is_err());
    assert!(fixed().with_removed_kept(minute).is_err());
    assert!(fixed().with_rsa_algorithm(Algorithm::Ps256).is_err());
    assert!(fixed().with_loose_ids().is_err());
    assert!(fixed().forget().is_err());
    assert!(at().with_host("keys.test").is_err());
    let found = || Keys::discovered(Provider::new("https://issuer.test", io()).unwrap());
    assert!(found().with_host("Keys.test").is_ok());
    for no_host in [
        "",
        "https://keys.test",
        "keys.test:8443",
        "keys.test/a",
        "a b",
    ] {
        assert!(found().with_host(no_host).is_err(), "{no_host:?}");
    }
    assert!(Keys::file("keys.json").with_host("keys.test").is_err());
    assert!(at().with_rsa_algorithm(Algorithm::Es256).is_err());
    assert!(at().with_rsa_algorithm(Algorithm::Ps256).is_ok());
    assert!(
        at().with_snapshot(set())
            .and_then(|keys| keys.with_removed_kept(minute))
            .is_ok()
    );
    let tenant = || Tenants::one("a1b2c3d4-0000-4000-8000-123456789abc").unwrap();
    let entra = || Entra::new(tenant(), "00001111-aaaa-2222-bbbb-3333cccc4444").with_own_keys();
    assert!(entra().issuer(io()).is_ok() && entra().with_keys(fixed()).issuer(io()).is_err());
    let realm = || Keycloak::new("https://sso.test/realms/x", "api").with_keys(fixed());
    assert!(realm().issuer(io()).is_ok());
    assert!(
        realm()
            .with_keys_at("https://inside.test".parse().unwrap())
            .issuer(io())
            .is_err()
    );
    // In whichever order they are said, a URI more is a URI more.
    let uri = "https://orders.example.org";
    let one = Entra::new(tenant(), "00001111-aaaa-2222-bbbb-3333cccc4444");
    let first = one
        .clone()
        .with_bare_client_id()
        .with_app_id_uri(uri)
        .issuer(io())
        .unwrap();
    let last = one
        .with_app_id_uri(uri)
        .with_bare_client_id()
        .issuer(io())
        .unwrap();
    assert_eq!(format!("{first:?}"), format!("{last:?}"));
    let message = fixed().with_host("keys.test").unwrap_err().to_string();
    assert!(message.contains("Keys::with_host"), "{message}");
    let _ = RequireToken::new(verifier(&[&forge]), Rule::authenticated());
}

#[test]
fn rule_66_no_password_of_an_issuers_url_is_shown() {
    let forge = Forge::ed25519("k");
    let make = |issuer: &str| {
        let keys = super::keys(&[&forge]);
        [
            Issuer::new(issuer, AUDIENCE, keys.clone())
                .unwrap_err()
                .to_string(),
            Issuer::id_tokens(issuer, AUDIENCE, keys.clone())
                .unwrap_err()
                .to_string(),
            auth_verify::Entra::of_issuer(issuer, "x")
                .unwrap_err()
                .to_string(),
        ]
    };
    for issuer in [
        "https://ada:canary@issuer.test",
        "http://ada:canary@issuer.test/x",
        "https://canary@issuer.test",
        "https://issuer.test?token=canary",
        "https://issuer.test#canary",
    ] {
        for message in make(issuer) {
            assert!(
                !message.contains("canary") && !message.contains("ada"),
                "{message}"
            );
        }
    }
    let broken = Issuer::new("//ada:canary@[", AUDIENCE, super::keys(&[&forge])).unwrap_err();
    assert!(!broken.to_string().contains("canary"), "{broken}");
}
