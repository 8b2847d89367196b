//! Rules 32 to 43: what a token must say, and what it may.

mod audience;
mod issuer;
mod time;

use std::time::Duration;

use auth_verify::RejectionKind::{
    BadClaim, NotAnAccessToken, NotAnIdToken, RoleMissing, ScopeMissing, SenderConstrained,
    WrongAudience, WrongClient,
};
use auth_verify::{Issuer, Rule, Verifier};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use super::forge::Forge;
use super::gate::Gate;
use super::{
    AUDIENCE, ISSUER, NOW, assert_accepted, assert_refused, claims, issuer, keys, timed, verifier,
    with,
};

fn usual() -> Gate {
    of(|issuer| issuer)
}

fn of(change: impl FnOnce(Issuer) -> Issuer) -> Gate {
    let forge = Forge::ed25519("k");
    let checks = timed(Verifier::new(change(issuer(keys(&[&forge])))));
    Gate::new(forge, checks, claims)
}

#[test]
fn rule_37_a_subject_is_a_text_and_rfc_9068_needs_one() {
    let world = usual();
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
    let world = usual();
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
    let both = of(|issuer| issuer.accept_id_tokens("desktop"));
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
    let world = usual();
    let granted = |changes: Value| world.accepts(changes);
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
    let world = usual();
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
        let token = world.token(json!({ "roles": roles }));
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
        let caller = world.accepts(changes.clone());
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
    let world = usual();
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
    let world = of(|issuer| issuer.with_clients(["desktop", "robot"]).unwrap());
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
    let world = usual();
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
    let world = usual();
    for cnf in [
        json!({ "jkt": "AAAA" }),
        json!({ "x5t#S256": "AAAA" }),
        json!({}),
    ] {
        world.refuses(json!({ "cnf": cnf }), SenderConstrained);
    }
    assert_eq!(world.raw("cnf", "null"), Ok(()), "it is bound to nothing");
    let behind = of(Issuer::accept_bound_tokens);
    behind.accepts(json!({ "cnf": { "jkt": "AAAA" } }));
}

#[test]
fn claims_are_read_as_the_types_of_the_caller() {
    #[derive(serde::Deserialize)]
    struct Own {
        sub: String,
        jti: String,
    }
    let world = usual();
    let caller = assert_accepted(&world.checks, &world.token(json!({ "n": [1, 2] })));
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
