//! Rule 38: what is no access token opens no API, by every mark that issuers put on it.

use auth_core::Io;
use auth_verify::RejectionKind::{NotAnAccessToken, NotAnIdToken, WrongAudience};
use auth_verify::{Bearer, Entra, Issuer, Keys, RejectionKind, Tenants, Verified, Verifier};
use serde_json::{Value, json};

use super::forge::Forge;
use super::{
    AUDIENCE, ISSUER, NOW, assert_accepted, assert_refused, check, issuer, keys, merged, timed,
    with,
};

struct World {
    forge: Forge,
    checks: Verifier,
}

impl World {
    fn of(change: impl FnOnce(Keys) -> Issuer) -> Self {
        let forge = Forge::ed25519("k");
        let checks = timed(Verifier::new(change(keys(&[&forge]))));
        Self { forge, checks }
    }

    /// A token without a type in its header.
    fn ask(&self, claims: &Value) -> Result<Verified, RejectionKind> {
        let header = json!({ "alg": "EdDSA", "kid": "k" });
        check(&self.checks, &self.forge.with_header(&header, claims))
    }

    fn kind(&self, changes: Value) -> Result<(), RejectionKind> {
        self.ask(&with(changes)).map(drop)
    }
}

#[test]
fn rule_38_a_token_that_says_that_it_is_another_one_opens_nothing() {
    let world = World::of(issuer);
    for changes in [
        json!({ "typ": "refresh_token" }),
        json!({ "typ": "Refresh" }),
        json!({ "typ": "urn:ietf:params:oauth:token-type:id_token" }),
        json!({ "token_type": "id_token" }),
        json!({ "token_type": "refresh_token" }),
        json!({ "token_type": "refresh" }),
        json!({ "tokenType": "refresh-token" }),
        json!({ "token_use": "id" }),
        json!({ "token_use": "refresh_token" }),
        json!({ "tokenName": "id_token" }),
        json!({ "tokenName": "refresh_token" }),
        json!({ "type": "refresh" }),
        json!({ "use": "id_token" }),
        json!({ "typ": ["JWT", "logout+jwt"] }),
        json!({ "typ": "secevent+jwt" }),
        json!({ "typ": "RegistrationAccessToken" }),
        json!({ "token_type": "identity_token" }),
        json!({ "token_type": "refresh_token_v2" }),
        json!({ "typ": "user-refresh" }),
        json!({ "token_type": "password_reset" }),
        json!({ "tokenType": "emailVerification" }),
        json!({ "token_use": "MagicLink" }),
        json!({ "typ": "oauth-id-jag+jwt" }),
        json!({ "typ": "execute-actions" }),
        json!({ "tok_type": "IT" }),
        json!({ "tok_type": "RT" }),
        json!({ "type": "password_reset" }),
        json!({ "purpose": "reset-password" }),
        json!({ "use": "emailVerification" }),
        json!({ "token_type": "urn:ietf:params:oauth:token-type:refresh_token" }),
        json!({ "events": { "http://schemas.openid.net/event/backchannel-logout": {} } }),
        json!({ "token_introspection": { "active": true } }),
        // Of two, the one that opens nothing counts.
        json!({ "typ": "Bearer", "token_use": "id" }),
        json!({ "token_use": "access", "token_type": "refresh" }),
    ] {
        assert_eq!(
            world.kind(changes.clone()),
            Err(NotAnAccessToken),
            "{changes}"
        );
    }
    for good in [
        json!({ "typ": "JWT" }),
        json!({ "typ": "Bearer", "token_type": "Bearer", "token_use": "access" }),
        json!({ "token_type": "urn:ietf:params:oauth:token-type:access_token" }),
        json!({ "tokenType": "access-token" }),
        json!({ "type": "user", "use": 3, "kind": { "id": 1 }, "purpose": ["research"] }),
        json!({ "type": "registration", "events": ["concert"] }),
        json!({ "events": null, "token_type": null }),
        json!({ "token_type": "sliding", "type": "identity", "kind": "verified" }),
        json!({ "type": "app", "token_class": "service", "typ": "at+jwt" }),
        json!({ "tok_type": "AT", "kind": "IT", "purpose": "identity verification for a loan" }),
    ] {
        assert_eq!(world.kind(good.clone()), Ok(()), "{good}");
    }
}

#[test]
fn rule_38_a_check_of_id_tokens_takes_no_other_and_says_so() {
    let only = World::of(|keys| Issuer::id_tokens(ISSUER, AUDIENCE, keys).unwrap());
    for changes in [
        json!({ "typ": "Bearer" }),
        json!({ "token_use": "access" }),
        json!({ "token_type": "access_token" }),
        json!({ "typ": "Refresh" }),
        json!({ "events": { "x": {} } }),
    ] {
        assert_eq!(only.kind(changes.clone()), Err(NotAnIdToken), "{changes}");
    }
    for good in [
        json!({}),
        json!({ "token_use": "id" }),
        json!({ "tokenName": "id_token", "tokenType": "JWTToken" }),
    ] {
        assert_eq!(only.kind(good.clone()), Ok(()), "{good}");
    }
    let hint = |token: &str| {
        let outcome = only.checks.verify_at_hand(Bearer::new(token)).unwrap();
        outcome.unwrap_err().hint().unwrap()
    };
    let marked = only.forge.token(&with(json!({ "token_use": "access" })));
    let typed = merged(only.forge.header(), json!({ "typ": "at+jwt" }));
    let typed = only.forge.with_header(&typed, &with(json!({})));
    for token in [&marked, &typed] {
        assert_eq!(
            hint(token),
            "let the client send its ID token, not its access token"
        );
    }
}

/// As authentik writes them: an ID token with `azp` and `uid`, and with the nonce of the login.
fn authentik() -> Value {
    json!({
        "iss": ISSUER, "aud": AUDIENCE, "sub": "hash", "exp": NOW + 300, "iat": NOW, "auth_time": NOW,
        "acr": "goauthentik.io/providers/oauth2/default", "nonce": "n", "azp": AUDIENCE, "uid": "u",
    })
}

/// As Dex writes them for an API that trusts a client: with the hash of itself, or so it says.
fn dex() -> Value {
    json!({
        "iss": ISSUER, "aud": [AUDIENCE, "cli"], "azp": "cli", "sub": "ada", "exp": NOW + 300, "iat": NOW,
        "at_hash": "AAAA", "email": "ada@example.org", "email_verified": true, "nonce": "n",
    })
}

#[test]
fn rule_38_access_tokens_that_look_like_id_tokens_are_asked_for_by_name() {
    let usual = World::of(issuer);
    let alike = World::of(|keys| issuer(keys).accept_lookalikes());
    let told = World::of(|keys| issuer(keys).with_access_claim("uid"));
    for claims in [authentik(), dex()] {
        assert_eq!(
            usual.ask(&claims).map(drop),
            Err(NotAnAccessToken),
            "{claims}"
        );
        assert!(alike.ask(&claims).is_ok(), "{claims}");
    }
    assert!(told.ask(&authentik()).is_ok());
    // Its ID token has neither, and may have no nonce.
    for changes in [
        json!({ "uid": null }),
        json!({ "uid": null, "azp": null, "nonce": null }),
    ] {
        let id_token = merged(authentik(), changes);
        assert_eq!(told.ask(&id_token).map(drop), Err(NotAnAccessToken));
    }
    // What says that it is another one is refused in each.
    for mark in [json!({ "typ": "ID" }), json!({ "token_use": "refresh" })] {
        for world in [&alike, &told] {
            let claims = merged(authentik(), mark.clone());
            assert_eq!(
                world.ask(&claims).map(drop),
                Err(NotAnAccessToken),
                "{mark}"
            );
        }
    }
    let other = merged(dex(), json!({ "aud": ["cli", "other"] }));
    assert_eq!(alike.ask(&other).map(drop), Err(WrongAudience));
}

#[test]
fn rule_38_no_refusal_offers_a_setting_that_would_not_help() {
    let hint = |world: &World, changes: Value| {
        let header = json!({ "alg": "EdDSA", "kid": "k" });
        let token = world.forge.with_header(&header, &with(changes));
        let outcome = world.checks.verify_at_hand(Bearer::new(&token)).unwrap();
        let rejection = outcome.unwrap_err();
        assert_eq!(rejection.kind(), NotAnAccessToken);
        rejection.hint().unwrap()
    };
    let usual = World::of(issuer);
    let told = World::of(|keys| issuer(keys).with_access_claim("uid"));
    let realm = World::of(|keys| {
        let realm = auth_verify::Keycloak::new(ISSUER, AUDIENCE).with_keys(keys);
        realm.issuer(Io::new()).unwrap()
    });
    assert!(hint(&usual, json!({ "at_hash": "h" })).contains("`--lookalikes`"));
    assert!(hint(&told, json!({})).contains("`--access-claim`"));
    assert!(hint(&realm, json!({})).contains("`typ: Bearer`"));
    for world in [&usual, &told, &realm] {
        let said = hint(world, json!({ "typ": "Refresh" }));
        assert!(
            !said.contains("--") && said.contains("access token"),
            "{said}"
        );
    }
}

#[test]
fn rule_38_microsofts_issuers_need_their_own_profile() {
    const TENANT: &str = "a1b2c3d4-0000-4000-8000-123456789abc";
    let forge = Forge::ed25519("k");
    for issuer in [
        format!("https://login.microsoftonline.com/{TENANT}/v2.0"),
        format!("https://sts.windows.net/{TENANT}/"),
        format!("https://login.microsoftonline.us/{TENANT}/v2.0"),
        format!("https://login.partner.microsoftonline.cn/{TENANT}/v2.0"),
        format!("https://contoso.ciamlogin.com/{TENANT}/v2.0"),
        format!("https://contoso.b2clogin.com/{TENANT}/v2.0/"),
        format!("https://contoso.b2clogin.com/tfp/{TENANT}/b2c_1_login/v2.0/"),
    ] {
        for outcome in [
            Issuer::new(&issuer, AUDIENCE, keys(&[&forge])),
            Issuer::rfc9068(&issuer, AUDIENCE, keys(&[&forge])),
            Issuer::named(&issuer, AUDIENCE, keys(&[&forge])),
        ] {
            let error = outcome.unwrap_err().to_string();
            assert!(
                error.contains("`Entra::of_issuer`") && error.contains("--kind entra"),
                "{error}"
            );
        }
        let client = "00001111-aaaa-2222-bbbb-3333cccc4444";
        assert!(Entra::of_issuer(&issuer, client).is_ok(), "{issuer}");
    }
    assert!(
        Issuer::new(
            "https://login.microsoftonline.com.evil.test",
            AUDIENCE,
            keys(&[&forge])
        )
        .is_ok()
    );
    for wrong in [
        "https://login.microsoftonline.com/common/v2.0",
        "https://login.example.org",
        "https://login.microsoftonline.com",
        "https://contoso.ciamlogin.com/contoso.onmicrosoft.com/v2.0",
    ] {
        assert!(Entra::of_issuer(wrong, "x").is_err(), "{wrong}");
    }
    let tenant = Tenants::one(TENANT).unwrap();
    assert!(
        Entra::new(tenant, "x")
            .with_user_flow("b2c_1_login")
            .is_err()
    );
}

/// A directory of customers: its host is its own, and so are the ways in which it is spelled.
#[test]
fn rule_44_external_id_and_b2c_have_a_profile_of_their_own() {
    const TENANT: &str = "a1b2c3d4-0000-4000-8000-123456789abc";
    const CLIENT: &str = "00001111-aaaa-2222-bbbb-3333cccc4444";
    let forge = Forge::rsa("k");
    let of = |issuer: &str, flow: Option<&str>| {
        let entra = Entra::of_issuer(issuer, CLIENT).unwrap();
        let entra = match flow {
            Some(flow) => entra.with_user_flow(flow).unwrap(),
            None => entra,
        };
        let issuer = entra.with_keys(keys(&[&forge])).issuer(Io::new()).unwrap();
        timed(Verifier::new(issuer))
    };
    let token = |changes: Value| {
        let claims = json!({
            "iss": format!("https://{TENANT}.ciamlogin.com/{TENANT}/v2.0"), "tid": TENANT, "ver": "2.0",
            "aud": CLIENT, "azp": CLIENT, "sub": "s", "oid": "o", "scp": "read", "exp": NOW + 600, "iat": NOW,
        });
        forge.token(&merged(claims, changes))
    };
    let external = of(
        &format!("https://contoso.ciamlogin.com/{TENANT}/v2.0"),
        None,
    );
    let caller = assert_accepted(&external, &token(json!({})));
    assert_eq!(caller.tenant().as_deref(), Some(TENANT));
    let named = format!("https://contoso.ciamlogin.com/{TENANT}/v2.0");
    assert_accepted(&external, &token(json!({ "iss": named })));
    for changes in [
        json!({ "azp": null }),
        json!({ "scp": null }),
        json!({ "tid": null }),
    ] {
        assert!(
            check(&external, &token(changes.clone())).is_err(),
            "{changes}"
        );
    }
    let other = format!("https://evil.ciamlogin.com/{TENANT}/v2.0");
    assert_refused(
        &external,
        &token(json!({ "iss": other })),
        RejectionKind::UnknownIssuer,
    );

    let b2c = of(
        &format!("https://contoso.b2clogin.com/{TENANT}/v2.0/"),
        Some("B2C_1_Login"),
    );
    let of_flow = |changes: Value| {
        let iss = format!("https://contoso.b2clogin.com/{TENANT}/v2.0/");
        let b2c = json!({ "iss": iss, "ver": "1.0", "tid": null, "tfp": "B2C_1_login" });
        let mut all = b2c;
        for (name, value) in changes.as_object().unwrap() {
            all[name] = value.clone();
        }
        token(all)
    };
    assert_accepted(&b2c, &of_flow(json!({})));
    for changes in [
        json!({ "tfp": "B2C_1_other" }),
        json!({ "tfp": null }),
        json!({ "azp": null }),
    ] {
        assert!(check(&b2c, &of_flow(changes.clone())).is_err(), "{changes}");
    }
    let url = |issuer: &str, flow: Option<&str>| {
        let entra = Entra::of_issuer(issuer, CLIENT).unwrap();
        match flow {
            Some(flow) => entra.with_user_flow(flow).unwrap().keys_url(),
            None => entra.keys_url(),
        }
    };
    let b2c = format!("https://contoso.b2clogin.com/{TENANT}/v2.0/");
    assert_eq!(
        url(&b2c, Some("B2C_1_Login")).unwrap().as_str(),
        "https://contoso.b2clogin.com/contoso.onmicrosoft.com/b2c_1_login/discovery/v2.0/keys"
    );
    assert!(
        url(&b2c, None)
            .unwrap_err()
            .to_string()
            .contains("with_user_flow")
    );
    assert_eq!(
        url(
            &format!("https://contoso.ciamlogin.com/{TENANT}/v2.0"),
            None
        )
        .unwrap()
        .as_str(),
        format!("https://contoso.ciamlogin.com/{TENANT}/discovery/v2.0/keys")
    );
}
