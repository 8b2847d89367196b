//! Rules 32 to 43: what a token must say, and what it may.

use std::sync::Arc;
use std::time::Duration;

use auth_core::Io;
use auth_testkit::TestClock;
use auth_verify::RejectionKind::{
    self, BadClaim, Expired, NotAnAccessToken, NotAnIdToken, NotYetValid, RoleMissing,
    ScopeMissing, SenderConstrained, TooOld, UnknownIssuer, WrongAudience, WrongClient,
};
use auth_verify::{Audience, Issuer, Keycloak, Rule, Verifier};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use super::forge::Forge;
use super::{
    AUDIENCE, ISSUER, NOW, assert_accepted, assert_refused, check, claims, issuer, keys, timed,
    verifier, with,
};

struct World {
    forge: Forge,
    checks: Verifier,
}

impl World {
    fn new() -> Self {
        Self::of(|issuer| issuer)
    }

    fn of(change: impl FnOnce(Issuer) -> Issuer) -> Self {
        let forge = Forge::ed25519("k");
        let checks = timed(Verifier::new(change(issuer(keys(&[&forge])))));
        Self { forge, checks }
    }

    #[track_caller]
    fn accepts(&self, changes: Value) {
        assert_accepted(&self.checks, &self.forge.token(&with(changes)));
    }

    #[track_caller]
    fn refuses(&self, changes: Value, kind: RejectionKind) {
        assert_refused(&self.checks, &self.forge.token(&with(changes)), kind);
    }

    /// The claim as JSON text, for values that `serde_json` does not write.
    fn raw(&self, name: &str, value: &str) -> Result<(), RejectionKind> {
        let claims = with(json!({ name: null })).to_string();
        let claims = format!("{},\"{name}\":{value}}}", claims.strip_suffix('}').unwrap());
        check(&self.checks, &self.forge.of_payload(claims)).map(drop)
    }
}

#[test]
fn rule_32_the_issuer_is_compared_byte_for_byte() {
    let world = World::new();
    world.accepts(json!({}));
    for other in [
        "https://issuer.test/",
        "https://issuer.tes",
        "https://issuer.test.evil",
        "https://ISSUER.test",
        "http://issuer.test",
        "https://a@issuer.test",
        "https://issuer.test\0",
        "https://\u{ff49}ssuer.test",
        " https://issuer.test",
        "https://issuer.test:443",
        "https://issuer.test/v2",
        "issuer.test",
    ] {
        world.refuses(json!({ "iss": other }), UnknownIssuer);
    }
    for other in [
        json!(null),
        json!(1),
        json!([]),
        json!([ISSUER]),
        json!(["https://evil", ISSUER]),
        json!({}),
        json!(""),
    ] {
        world.refuses(json!({ "iss": other }), BadClaim);
    }
    assert_eq!(world.raw("iss", "null"), Err(BadClaim));
}

#[test]
fn rule_32_an_issuer_is_an_https_url() {
    let forge = Forge::ed25519("k");
    let make = |name: &str| Issuer::new(name, AUDIENCE, keys(&[&forge]));
    for good in [
        ISSUER,
        "https://a.b/c/",
        "http://localhost:8080/realms/x",
        "http://127.0.0.1:1",
        "http://[::1]/",
    ] {
        assert!(make(good).is_ok(), "{good}");
    }
    for bad in [
        "",
        "issuer",
        "http://issuer.test",
        "ftp://issuer.test",
        "https://",
        "https://a.b?c",
        "https://a.b#c",
        "https://u@a.b",
        "https://:p@a.b",
        "http://localhost.evil.test",
        "file:///keys",
    ] {
        assert!(make(bad).is_err(), "{bad}");
    }
}

/// Nothing is fetched from a name, so that it may be of plain http, as AD FS writes it into access tokens.
#[test]
fn rule_32_an_issuer_whose_keys_are_handed_in_may_have_any_name() {
    let forge = Forge::ed25519("k");
    let trust = "http://adfs.test/adfs/services/trust";
    let adfs = Issuer::named(trust, "microsoft:identityserver:api", keys(&[&forge])).unwrap();
    let checks = timed(Verifier::new(adfs));
    let claims = json!({ "iss": trust, "aud": "microsoft:identityserver:api", "appid": "app", "ver": "1.0" });
    assert_accepted(&checks, &forge.token(&with(claims.clone())));
    let others = [
        "https://adfs.test/adfs/services/trust",
        "http://adfs.test/adfs/services/trust/",
    ];
    for other in others {
        let token = forge.token(&super::merged(
            with(claims.clone()),
            json!({ "iss": other }),
        ));
        assert_refused(&checks, &token, UnknownIssuer);
    }
    let inside = "http://keycloak:8080/realms/main";
    let realm = || Keycloak::new(inside, AUDIENCE);
    let keys_at: url::Url = "https://keycloak.test/realms/main".parse().unwrap();
    assert!(realm().with_keys(keys(&[&forge])).issuer(Io::new()).is_ok());
    assert!(realm().with_keys_at(keys_at).issuer(Io::new()).is_ok());
    for error in [
        realm().issuer(Io::new()).unwrap_err(),
        Issuer::new(inside, AUDIENCE, keys(&[&forge])).unwrap_err(),
    ] {
        let said = error.to_string();
        assert!(
            said.contains("`Issuer::named`") && said.contains("--jwks"),
            "{said}"
        );
    }
    for bad in [
        "http://u:p@a.test",
        "http://a.test?c",
        "http://sts.windows.net/x/",
        "ftp://u:p@a.test",
        "",
    ] {
        assert!(
            Issuer::named(bad, AUDIENCE, keys(&[&forge])).is_err(),
            "{bad}"
        );
    }
    for name in [
        "urn:example:issuer",
        "did:web:issuer.test",
        "spiffe://issuer.test",
        "kubernetes/serviceaccount",
    ] {
        let checks = timed(Verifier::new(
            Issuer::named(name, AUDIENCE, keys(&[&forge])).unwrap(),
        ));
        assert_accepted(&checks, &forge.token(&with(json!({ "iss": name }))));
        let other = format!("{name}/");
        assert_refused(
            &checks,
            &forge.token(&with(json!({ "iss": other }))),
            UnknownIssuer,
        );
    }
}

#[test]
fn rule_33_the_audience_names_this_service() {
    let world = World::new();
    world.accepts(json!({ "aud": AUDIENCE }));
    world.accepts(json!({ "aud": [AUDIENCE] }));
    world.accepts(json!({ "aud": ["other", AUDIENCE] }));
    for other in [
        json!("other"),
        json!("API"),
        json!("api "),
        json!("api,other"),
        json!("api other"),
        json!(""),
        json!([]),
        json!(["other"]),
        json!("ap"),
        json!("apis"),
    ] {
        world.refuses(json!({ "aud": other }), WrongAudience);
    }
    for other in [
        json!(null),
        json!(7),
        json!({}),
        json!({ "api": 1 }),
        json!([[AUDIENCE]]),
        json!([1, AUDIENCE]),
        json!([AUDIENCE, null]),
        json!(true),
    ] {
        world.refuses(json!({ "aud": other }), BadClaim);
    }
    let forge = Forge::ed25519("k");
    let two = Audience::from("api").or("https://api.test");
    let checks = timed(Verifier::new(
        Issuer::new(ISSUER, two, keys(&[&forge])).unwrap(),
    ));
    assert_accepted(
        &checks,
        &forge.token(&with(json!({ "aud": "https://api.test" }))),
    );
    assert!(Issuer::new(ISSUER, "", keys(&[&forge])).is_err());
    assert!(Issuer::new(ISSUER, Audience::from("a").or(""), keys(&[&forge])).is_err());
}

#[test]
fn rule_34_every_token_ends() {
    let world = World::new();
    world.accepts(json!({ "exp": NOW + 1 }));
    world.accepts(json!({ "exp": 9_223_372_036_854_775_808_u64 }));
    world.accepts(json!({ "exp": u64::MAX }));
    world.accepts(json!({ "exp": NOW as f64 + 0.5 }));
    assert_eq!(world.raw("exp", "1.8e10"), Ok(()));
    for other in [
        json!(null),
        json!("1234"),
        json!(true),
        json!([NOW + 60]),
        json!({}),
        json!(""),
    ] {
        world.refuses(json!({ "exp": other }), BadClaim);
    }
    assert_eq!(world.raw("exp", "null"), Err(BadClaim));
    for past in [
        json!(0),
        json!(-1),
        json!(NOW - 61),
        json!(-9_223_372_036_854_775_808_i64),
    ] {
        world.refuses(json!({ "exp": past }), Expired);
    }
}

#[test]
fn rule_35_a_token_from_the_future_waits() {
    let world = World::new();
    for name in ["nbf", "iat"] {
        world.accepts(json!({ name: null }));
        world.accepts(json!({ name: NOW }));
        world.accepts(json!({ name: 0 }));
        world.accepts(json!({ name: -5 }));
        world.accepts(json!({ name: NOW as f64 - 0.5 }));
        for future in [
            json!(NOW + 3_600),
            json!(u64::MAX),
            json!(9_223_372_036_854_775_808_u64),
        ] {
            world.refuses(json!({ name: future }), NotYetValid);
        }
        for other in [json!("0"), json!(true), json!([]), json!({})] {
            world.refuses(json!({ name: other }), BadClaim);
        }
        assert_eq!(world.raw(name, "null"), Err(BadClaim));
    }
    let strict = World::of(|issuer| issuer.with_max_age(Duration::from_secs(600)));
    strict.accepts(json!({ "iat": NOW - 660 }));
    strict.refuses(json!({ "iat": NOW - 661 }), TooOld);
    strict.refuses(json!({ "iat": null }), BadClaim);
}

#[test]
fn rule_36_clocks_may_be_a_minute_apart_and_never_more_than_five() {
    let world = World::new();
    world.accepts(json!({ "exp": NOW - 59 }));
    world.refuses(json!({ "exp": NOW - 60 }), Expired);
    world.accepts(json!({ "nbf": NOW + 60, "iat": NOW + 60 }));
    world.refuses(json!({ "nbf": NOW + 61 }), NotYetValid);
    let exact = World::of(|issuer| issuer.with_leeway(Duration::ZERO).unwrap());
    exact.accepts(json!({ "exp": NOW + 1, "nbf": NOW }));
    exact.refuses(json!({ "exp": NOW }), Expired);
    exact.refuses(json!({ "nbf": NOW + 1 }), NotYetValid);
    let five = World::of(|issuer| issuer.with_leeway(Duration::from_secs(300)).unwrap());
    five.accepts(json!({ "exp": NOW - 299 }));
    let forge = Forge::ed25519("k");
    let more = issuer(keys(&[&forge])).with_leeway(Duration::from_secs(301));
    assert!(more.is_err());
}

#[tokio::test(start_paused = true)]
async fn rule_36_the_clock_is_the_one_that_was_given() {
    let (forge, clock) = (Forge::ed25519("k"), TestClock::new());
    let checks = verifier(&[&forge]).with_clock(Arc::new(clock.clone()));
    let token = forge.token(&claims());
    assert_accepted(&checks, &token);
    clock.set_forward(Duration::from_secs(3_661));
    assert_refused(&checks, &token, Expired);
    clock.set_back(Duration::from_secs(3_661 + 61));
    assert_refused(&checks, &token, NotYetValid);
}

#[test]
fn rule_37_a_subject_is_a_text_and_rfc_9068_needs_one() {
    let world = World::new();
    world.accepts(json!({ "sub": null }));
    for other in [
        json!(1),
        json!([]),
        json!({}),
        json!(["ada"]),
        json!(""),
        json!(true),
    ] {
        world.refuses(json!({ "sub": other }), BadClaim);
    }
    assert_eq!(world.raw("sub", "null"), Err(BadClaim));
    let forge = Forge::ed25519("k");
    let strict = timed(Verifier::new(
        Issuer::rfc9068(ISSUER, AUDIENCE, keys(&[&forge])).unwrap(),
    ));
    let mut header = forge.header();
    header["typ"] = "at+jwt".into();
    assert_accepted(&strict, &forge.with_header(&header, &claims()));
    for name in ["sub", "client_id", "iat", "jti"] {
        let token = forge.with_header(&header, &with(json!({ name: null })));
        assert_refused(&strict, &token, BadClaim);
    }
}

#[test]
fn rule_38_an_id_token_opens_no_api() {
    let world = World::new();
    for kind in [
        "ID",
        "Refresh",
        "Offline",
        "Logout",
        "Serialized-ID",
        "id",
        "refresh",
    ] {
        world.refuses(json!({ "typ": kind }), NotAnAccessToken);
    }
    for hash in ["at_hash", "c_hash", "s_hash"] {
        world.refuses(json!({ hash: "AAAA" }), NotAnAccessToken);
    }
    world.accepts(json!({ "typ": "Bearer" }));
    world.refuses(
        json!({ "nonce": "n", "client_id": null, "scope": null }),
        NotAnAccessToken,
    );
    for alone in [
        json!({ "nonce": "n" }),
        json!({ "nonce": "n", "client_id": null }),
        json!({ "nonce": "n", "scope": null }),
        json!({ "nonce": "n", "client_id": null, "scope": null, "scp": ["read"] }),
        json!({ "nonce": "n", "client_id": null, "scope": null, "typ": "Bearer" }),
    ] {
        world.accepts(alone);
    }
}

#[test]
fn rule_38_id_tokens_are_taken_where_somebody_asks_for_it() {
    let both = World::of(|issuer| issuer.accept_id_tokens("desktop"));
    both.accepts(json!({}));
    both.accepts(json!({ "at_hash": "AAAA", "aud": ["api", "desktop"], "azp": "desktop" }));
    both.refuses(json!({ "at_hash": "AAAA" }), WrongAudience);
    both.refuses(
        json!({ "at_hash": "AAAA", "aud": ["api", "desktop"] }),
        WrongClient,
    );
    both.refuses(
        json!({ "at_hash": "A", "aud": ["api", "desktop"], "azp": "eve" }),
        WrongClient,
    );

    let forge = Forge::ed25519("k");
    let only = Issuer::id_tokens(ISSUER, "desktop", keys(&[&forge])).unwrap();
    let only = timed(Verifier::new(only));
    let id =
        |changes: Value| forge.token(&super::merged(with(json!({ "aud": "desktop" })), changes));
    assert_accepted(&only, &id(json!({})));
    assert_accepted(&only, &id(json!({ "azp": "desktop", "nonce": "n" })));
    assert_accepted(&only, &id(json!({ "typ": "ID" })));
    // They open nothing, so nobody reads what for: idpyoidc writes such a list.
    let caller = assert_accepted(&only, &id(json!({ "scope": ["openid"], "roles": "admin" })));
    assert!(caller.roles().is_empty());
    assert_refused(&only, &id(json!({ "typ": "Bearer" })), NotAnIdToken);
    assert_refused(&only, &id(json!({ "aud": "api" })), WrongAudience);
    assert_refused(&only, &id(json!({ "azp": "eve" })), WrongClient);
    assert_refused(&only, &id(json!({ "sub": null })), BadClaim);
    assert_refused(&only, &id(json!({ "iat": null })), BadClaim);
}

#[test]
fn rule_39_scopes_and_roles_are_whole_words() {
    let world = World::new();
    let granted =
        |changes: Value| assert_accepted(&world.checks, &world.forge.token(&with(changes)));
    let caller = granted(json!({ "roles": ["Admin", "reader"], "scope": "read  write" }));
    assert!(caller.roles().has("Admin") && caller.roles().has("reader"));
    for part in ["A", "min", "admin", "Admin reader", "", "ead"] {
        assert!(!caller.roles().has(part), "{part}");
    }
    assert_eq!(caller.scopes(), ["read", "write"]);
    assert!(
        caller.has_scope("read") && !caller.has_scope("rea") && !caller.has_scope("read  write")
    );
    assert!(!caller.has_scope(""));
    let caller = granted(json!({ "scope": null, "scp": ["a", "b c"] }));
    assert_eq!(caller.scopes(), ["a", "b c"]);
    let caller = granted(json!({ "scope": null, "scp": "a b" }));
    assert_eq!(caller.scopes(), ["a", "b"]);
    assert!(granted(json!({ "scope": null })).scopes().is_empty());
    let caller = granted(json!({ "scope": ["read", "write"] }));
    assert_eq!(caller.scopes(), ["read", "write"]);
    // What says nothing is as good as none.
    for changes in [
        json!({ "roles": [""] }),
        json!({ "scope": "" }),
        json!({ "scope": [""] }),
    ] {
        let caller = granted(changes);
        assert!(!caller.roles().has("") && !caller.has_scope(""));
    }
    assert!(world.raw("roles", "null").is_ok() && world.raw("scope", "null").is_ok());
}

#[test]
fn rule_39_what_can_not_be_read_is_refused_where_a_rule_needs_it() {
    let world = World::new();
    let rule = auth_verify::rule!(any_role["Admin", "A"]);
    for roles in [
        json!("Admin"),
        json!(["Admin", null]),
        json!([["Admin"]]),
        json!([{ "name": "Admin" }]),
        json!({ "Admin": { "id": "org" } }),
        json!(1),
        json!(true),
    ] {
        let token = world.forge.token(&with(json!({ "roles": roles })));
        let caller = assert_accepted(&world.checks, &token);
        assert!(caller.roles().is_empty());
        for rule in [
            rule.clone(),
            !rule.clone(),
            auth_verify::rule!(all_roles["Admin"]),
        ] {
            let kind = rule.check(&caller).unwrap_err().kind();
            assert_eq!(kind, RoleMissing, "{roles} {rule}");
        }
    }
    let rule = auth_verify::rule!(any_scope["read"]);
    for changes in [
        json!({ "scope": ["read", 1] }),
        json!({ "scope": 1 }),
        json!({ "scope": {} }),
        json!({ "scp": ["read", 1] }),
    ] {
        let caller = assert_accepted(&world.checks, &world.forge.token(&with(changes.clone())));
        for rule in [rule.clone(), !rule.clone()] {
            let kind = rule.check(&caller).unwrap_err().kind();
            assert_eq!(kind, ScopeMissing, "{changes} {rule}");
        }
    }
    // RFC 9068 §2.2.3 says how scopes are written.
    let strict = Issuer::rfc9068(ISSUER, AUDIENCE, keys(&[&world.forge])).unwrap();
    let strict = timed(Verifier::new(strict));
    let mut header = world.forge.header();
    header["typ"] = "at+jwt".into();
    let token = world
        .forge
        .with_header(&header, &with(json!({ "scope": ["read"] })));
    assert_refused(&strict, &token, BadClaim);
}

#[test]
fn rule_39_optional_claims_that_are_null_are_not_there() {
    let world = World::new();
    for name in [
        "azp",
        "client_id",
        "scope",
        "scp",
        "roles",
        "nonce",
        "at_hash",
        "typ",
        "token_use",
        "events",
        "acr",
        "email",
        "groups",
        "cnf",
        "act",
        "auth_time",
    ] {
        assert_eq!(world.raw(name, "null"), Ok(()), "{name}");
    }
    for name in ["iss", "aud", "exp", "sub", "iat", "nbf"] {
        assert_eq!(world.raw(name, "null"), Err(BadClaim), "{name}");
    }
}

#[test]
fn rule_41_only_the_clients_on_the_list_get_in() {
    let world = World::of(|issuer| issuer.with_clients(["desktop", "robot"]).unwrap());
    world.accepts(json!({}));
    world.accepts(json!({ "azp": "robot" }));
    world.accepts(json!({ "client_id": null, "appid": "robot" }));
    world.refuses(json!({ "azp": "eve" }), WrongClient);
    world.refuses(json!({ "client_id": "Desktop" }), WrongClient);
    world.refuses(json!({ "client_id": null }), WrongClient);
    world.refuses(json!({ "azp": 1 }), BadClaim);
    let forge = Forge::ed25519("k");
    assert!(issuer(keys(&[&forge])).with_clients([""; 0]).is_err());
}

#[test]
fn rule_42_what_identifies_is_not_what_is_shown() {
    let world = World::new();
    let token = world
        .forge
        .token(&with(json!({ "name": "Ada", "email": "root@issuer.test" })));
    let caller = assert_accepted(&world.checks, &token);
    assert_eq!(
        caller.identity(),
        Some((ISSUER.to_owned(), "ada".to_owned()))
    );
    assert_eq!(caller.display_name().as_deref(), Some("Ada"));
    let nobody = world
        .forge
        .token(&with(json!({ "sub": null, "email": "a@b.c" })));
    assert_eq!(assert_accepted(&world.checks, &nobody).identity(), None);
    assert!(!format!("{caller:?}").contains("Ada") && !format!("{caller:?}").contains("ada"));
}

#[test]
fn rule_43_a_bound_token_is_not_taken_from_its_bearer() {
    let world = World::new();
    for cnf in [
        json!({ "jkt": "AAAA" }),
        json!({ "x5t#S256": "AAAA" }),
        json!({}),
    ] {
        world.refuses(json!({ "cnf": cnf }), SenderConstrained);
    }
    assert_eq!(world.raw("cnf", "null"), Ok(()), "it is bound to nothing");
    let behind = World::of(Issuer::accept_bound_tokens);
    behind.accepts(json!({ "cnf": { "jkt": "AAAA" } }));
}

#[test]
fn claims_are_read_as_the_types_of_the_caller() {
    #[derive(serde::Deserialize)]
    struct Own {
        sub: String,
        jti: String,
    }
    let world = World::new();
    let caller = assert_accepted(
        &world.checks,
        &world.forge.token(&with(json!({ "n": [1, 2] }))),
    );
    let own: Own = caller.claims().unwrap();
    assert_eq!((&*own.sub, &*own.jti), ("ada", "1"));
    assert_eq!(caller.claim::<Vec<u8>>("n").unwrap(), Some(vec![1, 2]));
    assert_eq!(caller.claim::<String>("none").unwrap(), None);
    assert!(caller.claim::<String>("n").is_err());
    assert_eq!(caller.client().as_deref(), Some("desktop"));
    let end = caller
        .expires_at()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap();
    assert_eq!(end.as_secs(), NOW + 3_600);
}

#[test]
fn a_claim_that_is_missing_or_has_another_type_is_named() {
    let forge = Forge::p256("k");
    let checks = verifier(&[&forge]);
    let said = |changes: Value| {
        let token = forge.token(&with(changes));
        let outcome = checks
            .verify_at_hand(auth_verify::Bearer::new(&token))
            .unwrap();
        outcome.unwrap_err().to_string()
    };
    for (changes, named) in [
        (json!({ "exp": "soon" }), "`exp` is no number"),
        (json!({ "exp": null }), "there is no `exp`"),
        (
            json!({ "aud": 7 }),
            "`aud` is neither a text nor a list of texts",
        ),
        (json!({ "sub": 7 }), "`sub` is no text"),
        (
            json!({ "client_id": ["desktop"] }),
            "`client_id` is no text",
        ),
        (json!({ "iat": true }), "`iat` is no number"),
    ] {
        let said = said(changes.clone());
        assert!(said.contains(named), "{changes}: {said}");
    }
}

#[test]
fn rule_33_whom_a_token_was_issued_to_stands_for_whom_it_is_for_where_that_was_asked_for() {
    // As Amazon Cognito writes an access token.
    let cognito =
        json!({ "aud": null, "client_id": AUDIENCE, "token_use": "access", "scope": "a" });
    World::new().refuses(cognito.clone(), BadClaim);
    let world = World::of(Issuer::with_client_for_audience);
    world.accepts(cognito);
    // Where it says for whom it is, that counts.
    world.accepts(json!({}));
    world.refuses(
        json!({ "aud": "other", "client_id": AUDIENCE }),
        WrongAudience,
    );
    for (changes, kind) in [
        (json!({ "aud": null, "client_id": "other" }), WrongAudience),
        (json!({ "aud": null, "client_id": null }), BadClaim),
        (
            json!({ "aud": null, "client_id": null, "azp": AUDIENCE }),
            BadClaim,
        ),
        (json!({ "aud": null, "client_id": [AUDIENCE] }), BadClaim),
        (json!({ "aud": [], "client_id": AUDIENCE }), WrongAudience),
        (
            json!({ "aud": null, "client_id": AUDIENCE, "token_use": "id" }),
            NotAnAccessToken,
        ),
    ] {
        world.refuses(changes, kind);
    }
}

#[test]
fn rule_40_what_belongs_to_one_login_is_asked_by_a_rule() {
    let forge = Forge::ed25519("k");
    let only = Issuer::id_tokens(ISSUER, "desktop", keys(&[&forge])).unwrap();
    let checks = timed(Verifier::new(only));
    let caller = |changes: Value| {
        let own = super::merged(
            json!({ "aud": "desktop", "nonce": "n", "auth_time": NOW - 60 }),
            changes,
        );
        assert_accepted(&checks, &forge.token(&with(own)))
    };
    let hour = Duration::from_secs(3600);
    let this_login = Rule::claim("nonce", "n").and(Rule::login_within(hour));
    assert!(this_login.check(&caller(json!({}))).is_ok());
    for other in [
        json!({ "nonce": "m" }),
        json!({ "nonce": null }),
        json!({ "auth_time": NOW - 3700 }),
        json!({ "auth_time": null }),
    ] {
        assert!(this_login.check(&caller(other.clone())).is_err(), "{other}");
    }
}

#[test]
fn rule_64_what_was_checked_says_for_whom_it_is_what_it_is_called_and_what_it_was() {
    let forge = Forge::ed25519("k");
    let checks = verifier(&[&forge]);
    for (audience, names) in [
        (json!(AUDIENCE), vec![AUDIENCE]),
        (json!([AUDIENCE, "other"]), vec![AUDIENCE, "other"]),
    ] {
        let token = forge.token(&with(json!({ "aud": audience, "jti": "7" })));
        let caller = assert_accepted(&checks, &token);
        assert_eq!(caller.audiences(), names);
        assert_eq!(caller.id().as_deref(), Some("7"));
        assert_eq!(caller.token().expose_secret(), token);
        assert!(!format!("{caller:?}").contains(&token));
    }
    let nameless = assert_accepted(&checks, &forge.token(&with(json!({ "jti": null }))));
    assert_eq!(nameless.id(), None);
}
