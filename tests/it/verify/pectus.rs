//! Open Pectus: the aggregator's decisions, row by row, and where ours differ on purpose.

use auth_core::Io;
use auth_verify::RejectionKind::{
    self, BadClaim, CriticalHeader, Expired, MalformedRequest, NoCredentials, NotYetValid,
    UnknownIssuer, UnknownKey, WrongAudience,
};
use auth_verify::preset::open_pectus::{self, Settings, User};
use auth_verify::{Verified, Verifier};
use http::HeaderMap;
use serde_json::{Value, json};

use super::forge::{Forge, b64};
use super::{NOW, keys_of, merged, timed};

const TENANT: &str = "a1b2c3d4-0000-4000-8000-123456789abc";
const CLIENT: &str = "00001111-aaaa-2222-bbbb-3333cccc4444";

struct World {
    forge: Forge,
    checks: Verifier,
}

impl World {
    fn new() -> Self {
        let forge = Forge::rsa("k");
        let owner = format!("https://login.microsoftonline.com/{TENANT}/v2.0");
        let jwk = merged(forge.jwk(), json!({ "alg": null, "issuer": owner }));
        let settings = Settings::new(TENANT, CLIENT);
        let entra = settings.entra().unwrap().with_keys(keys_of(&[jwk]));
        let checks = timed(settings.verifier_of(entra, Io::new()).unwrap());
        Self { forge, checks }
    }

    async fn ask(&self, token: &str) -> Result<Verified, RejectionKind> {
        let mut headers = HeaderMap::new();
        headers.insert("x-identity", token.parse().unwrap());
        headers.insert("authorization", "Bearer graph-token".parse().unwrap());
        let outcome = self.checks.verify_request(&headers).await;
        outcome.map_err(|rejection| rejection.kind())
    }

    async fn get(&self, claims: Value) -> Result<User, RejectionKind> {
        let caller = self.ask(&self.forge.token(&claims)).await?;
        Ok(User::of(&caller))
    }
}

/// What a browser sends: an ID token.
fn id_token() -> Value {
    json!({
        "iss": format!("https://login.microsoftonline.com/{TENANT}/v2.0"), "tid": TENANT, "ver": "2.0",
        "aud": CLIENT, "sub": "s", "oid": "object", "preferred_username": "ada.l@example.org",
        "exp": NOW + 3600, "iat": NOW, "nbf": NOW, "roles": ["Operator"],
    })
}

/// What a program sends: an access token for the application itself, in the older format.
fn daemon() -> Value {
    let iss = format!("https://sts.windows.net/{TENANT}/");
    json!({
        "iss": iss, "tid": TENANT, "ver": "1.0", "aud": CLIENT, "appid": CLIENT, "sub": "o", "oid": "o",
        "idtyp": "app", "exp": NOW + 3600, "iat": NOW, "nbf": NOW,
    })
}

fn but(claims: Value, changes: Value) -> Value {
    merged(claims, changes)
}

#[tokio::test]
async fn what_the_aggregator_accepts_is_accepted() {
    let world = World::new();
    let user = world.get(id_token()).await.unwrap();
    assert_eq!((&*user.name, user.id.as_deref()), ("ADA.L", Some("object")));
    assert_eq!(user.roles, ["Operator"]);
    let user = world.get(daemon()).await.unwrap();
    assert_eq!(
        (&*user.name, &user.roles[..]),
        ("Daemon", &["Daemon".to_owned()][..])
    );
    let newer = json!({ "iss": id_token()["iss"], "ver": "2.0", "appid": null, "azp": CLIENT });
    assert_eq!(
        world.get(but(daemon(), newer)).await.unwrap().name,
        "Daemon"
    );
    // Without `idtyp` nobody knows that it is a program: no role and no name.
    let silent = world
        .get(but(daemon(), json!({ "idtyp": null })))
        .await
        .unwrap();
    assert_eq!((&*silent.name, silent.roles.len()), ("", 0));
    assert!(
        world
            .get(but(id_token(), json!({ "aud": [CLIENT] })))
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn what_the_aggregator_refuses_is_refused() {
    let world = World::new();
    for (changes, kind) in [
        (json!({ "aud": format!("api://{CLIENT}") }), WrongAudience),
        (json!({ "aud": "other" }), WrongAudience),
        (json!({ "aud": null }), BadClaim),
        (
            json!({ "iss": format!("https://sts.windows.net/{TENANT}") }),
            UnknownIssuer,
        ),
        (
            json!({ "iss": "https://sts.windows.net/99999999-0000-4000-8000-123456789abc/" }),
            UnknownIssuer,
        ),
        (json!({ "exp": NOW - 61 }), Expired),
        (json!({ "nbf": NOW + 61 }), NotYetValid),
        (json!({ "iat": NOW + 61 }), NotYetValid),
        (json!({ "iat": "now" }), BadClaim),
    ] {
        assert_eq!(
            world.get(but(id_token(), changes.clone())).await,
            Err(kind),
            "{changes}"
        );
    }
    let stranger = Forge::rsa("other");
    assert_eq!(
        world.ask(&stranger.token(&id_token())).await.map(drop),
        Err(UnknownKey)
    );
    for alg in ["none", "HS256"] {
        let header = b64(json!({ "alg": alg, "kid": "k" }).to_string());
        let token = format!("{header}.{}.AAAA", b64(id_token().to_string()));
        assert!(world.ask(&token).await.is_err(), "{alg}");
    }
    let good = world.forge.token(&id_token());
    assert_eq!(world.ask("").await.map(drop), Err(NoCredentials));
    assert!(world.ask("garbage").await.is_err());
    assert_eq!(
        world.ask(&format!("Bearer {good}")).await.map(drop),
        Err(MalformedRequest)
    );
    assert!(world.ask(&good[..good.len() - 4]).await.is_err());
}

#[tokio::test]
async fn where_the_aggregator_is_lenient_we_are_not() {
    let world = World::new();
    assert_eq!(
        world.get(but(id_token(), json!({ "exp": null }))).await,
        Err(BadClaim)
    );
    assert_eq!(
        world
            .get(but(id_token(), json!({ "roles": "Admin" })))
            .await,
        Err(BadClaim)
    );
    assert_eq!(
        world.get(but(id_token(), json!({ "tid": null }))).await,
        Err(BadClaim)
    );
    let header = merged(world.forge.header(), json!({ "crit": ["x"], "x": 1 }));
    let token = world.forge.with_header(&header, &id_token());
    assert_eq!(world.ask(&token).await.map(drop), Err(CriticalHeader));
    // It answers 500 here; the name is for showing only.
    let user = world
        .get(but(id_token(), json!({ "preferred_username": 7 })))
        .await
        .unwrap();
    assert_eq!(user.name, "");
    // A minute more than the aggregator's nothing.
    assert!(
        world
            .get(but(id_token(), json!({ "exp": NOW - 5 })))
            .await
            .is_ok()
    );
}

#[test]
fn roles_are_any_of_and_nothing_required_lets_everybody_in() {
    let user = |roles: &[&str]| {
        let mut user = User::anonymous();
        user.roles = roles.iter().map(|&role| role.to_owned()).collect();
        user
    };
    assert!(user(&[]).may::<&str>(&[]));
    assert!(user(&["b"]).may(&["a", "b"]));
    assert!(!user(&["c"]).may(&["a", "b"]) && !user(&[]).may(&["a"]));
    assert_eq!(User::anonymous().name, "Anon");
    assert_eq!(
        User::missing_roles(&["a", "b"]),
        json!({ "detail": { "missing_roles": ["a", "b"] } })
    );
}

#[test]
fn the_settings_are_those_of_the_aggregators_environment() {
    let of = |list: &[(&str, &str)]| {
        let list: Vec<_> = list
            .iter()
            .map(|(name, value)| (name.to_string(), value.to_string()))
            .collect();
        Settings::from_environment(move |wanted| {
            let found = list.iter().find(|(name, _)| name == wanted);
            found.map(|(_, value)| value.clone())
        })
    };
    let ids = [(open_pectus::TENANT, TENANT), (open_pectus::CLIENT, CLIENT)];
    for on in ["true", "True", "TRUE"] {
        let settings = of(&[ids[0], ids[1], (open_pectus::ENABLE, on)]).unwrap();
        assert!(settings.unwrap().verifier(Io::new()).is_ok());
    }
    for off in ["false", "yes", "1", ""] {
        assert!(
            of(&[ids[0], ids[1], (open_pectus::ENABLE, off)])
                .unwrap()
                .is_none()
        );
    }
    assert!(of(&[]).unwrap().is_none());
    for half in [&ids[..1], &ids[1..], &[]] {
        let list: Vec<_> = half
            .iter()
            .copied()
            .chain([(open_pectus::ENABLE, "true")])
            .collect();
        assert!(of(&list).is_err());
    }
    let settings = Settings::new(TENANT, CLIENT);
    let authority = format!("https://login.microsoftonline.com/{TENANT}/v2.0");
    assert_eq!(
        Settings::config(Some(&settings)),
        json!({
            "use_auth": true, "authority_url": authority, "client_id": CLIENT,
            "well_known_url": format!("{authority}/.well-known/openid-configuration"),
        })
    );
    assert_eq!(Settings::config(None)["use_auth"], false);
    assert_eq!(Settings::config(None)["client_id"], Value::Null);
    assert!(Settings::new("common", CLIENT).verifier(Io::new()).is_err());
    assert!(Settings::new(TENANT, "app").verifier(Io::new()).is_err());
}
