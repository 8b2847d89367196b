//! Rule 40: what is asked of a caller is said out loud.

use std::time::Duration;

use auth_core::Io;
use auth_verify::RejectionKind::{NotPermitted, RoleMissing, ScopeMissing, StepUp, UnknownGroups};
use auth_verify::{
    Entra, Issuer, Keycloak, RejectionKind, RoleClaim, Rule, Tenants, Verified, Verifier, rule,
};
use serde_json::{Value, json};

use super::forge::Forge;
use super::{ISSUER, NOW, assert_accepted, issuer, keys, merged, timed, verifier, with};

fn caller(changes: Value) -> Verified {
    let forge = Forge::ed25519("k");
    assert_accepted(&verifier(&[&forge]), &forge.token(&with(changes)))
}

fn kind(rule: &Rule, changes: Value) -> Result<(), RejectionKind> {
    rule.check(&caller(changes))
        .map_err(|rejection| rejection.kind())
}

#[test]
fn rule_40_any_and_all_mean_what_they_say() {
    let roles = json!({ "roles": ["a", "b"] });
    let any = Rule::any_role(["b", "c"]).unwrap();
    let all = Rule::all_roles(["a", "b"]).unwrap();
    assert_eq!(kind(&any, roles.clone()), Ok(()));
    assert_eq!(kind(&all, roles.clone()), Ok(()));
    assert_eq!(kind(&any, json!({ "roles": ["a"] })), Err(RoleMissing));
    assert_eq!(kind(&all, json!({ "roles": ["a"] })), Err(RoleMissing));
    assert_eq!(kind(&any, json!({})), Err(RoleMissing));
    assert_eq!(kind(&Rule::authenticated(), json!({})), Ok(()));
    let rejection = all.check(&caller(json!({ "roles": ["a"] }))).unwrap_err();
    assert_eq!(rejection.missing_roles(), ["b"]);
    let scope = Rule::any_scope(["write", "admin"]).unwrap();
    assert_eq!(kind(&scope, json!({})), Ok(()));
    assert_eq!(kind(&scope, json!({ "scope": "read" })), Err(ScopeMissing));
    let both = any.clone().and(scope.clone());
    assert_eq!(kind(&both, roles.clone()), Ok(()));
    assert_eq!(kind(&both, json!({})), Err(RoleMissing));
    let either = Rule::any_role(["z"]).unwrap().or(scope);
    assert_eq!(kind(&either, json!({})), Ok(()));
    assert_eq!(kind(&either, json!({ "scope": null })), Err(ScopeMissing));
}

#[test]
fn rule_40_a_rule_without_content_can_not_be_made() {
    assert!(Rule::any_role([""; 0]).is_err());
    assert!(Rule::all_roles(Vec::<String>::new()).is_err());
    assert!(Rule::any_scope([""; 0]).is_err());
    assert!(Rule::any_group([""; 0]).is_err());
    assert!(Rule::any_acr([""; 0]).is_err());
    for list in [vec![""], vec!["a", ""]] {
        assert!(Rule::any_role(list).is_err());
    }
    for bad in ["a b", "a\"b", "a\\b", "a\r\nb", "é"] {
        assert!(Rule::any_scope([bad]).is_err(), "{bad}");
        assert!(Rule::any_acr([bad]).is_err(), "{bad}");
    }
}

#[test]
fn rfc9470_a_stronger_or_newer_login_can_be_asked_for() {
    let strong = Rule::any_acr(["gold", "silver"]).unwrap();
    assert_eq!(kind(&strong, json!({ "acr": "silver" })), Ok(()));
    assert_eq!(kind(&strong, json!({ "acr": "bronze" })), Err(StepUp));
    assert_eq!(kind(&strong, json!({})), Err(StepUp));
    let fresh = Rule::login_within(Duration::from_secs(300));
    assert_eq!(kind(&fresh, json!({ "auth_time": NOW - 300 })), Ok(()));
    assert_eq!(kind(&fresh, json!({ "auth_time": NOW - 301 })), Err(StepUp));
    assert_eq!(kind(&fresh, json!({})), Err(StepUp));
    // Clocks may differ; what is written in milliseconds, or as a text, is no login of this moment.
    assert_eq!(kind(&fresh, json!({ "auth_time": NOW + 60 })), Ok(()));
    for odd in [
        json!(NOW + 61),
        json!(NOW * 1_000),
        json!(1e300),
        json!(NOW.to_string()),
        json!([NOW]),
    ] {
        let outcome = kind(&fresh, json!({ "auth_time": odd }));
        assert_eq!(outcome, Err(StepUp), "{odd}");
    }
    let challenge = fresh
        .check(&caller(json!({})))
        .unwrap_err()
        .challenge()
        .unwrap();
    let challenge = challenge.to_str().unwrap();
    assert!(challenge.ends_with("max_age=\"300\""), "{challenge}");
}

const TENANT: &str = "a1b2c3d4-0000-4000-8000-123456789abc";
const CLIENT: &str = "00001111-aaaa-2222-bbbb-3333cccc4444";

/// A service of the house with a realm, a tenant, and a partner's issuer, all with the same key.
struct House {
    forge: Forge,
    checks: Verifier,
}

impl House {
    fn new() -> Self {
        let forge = Forge::rsa("k");
        let keys = || keys(&[&forge]);
        let realm = Keycloak::new("https://sso.test/realms/main", "api").with_keys(keys());
        let entra = Entra::new(Tenants::one(TENANT).unwrap(), CLIENT).with_keys(keys());
        let checks = Verifier::new(issuer(keys()))
            .or(realm.issuer(Io::new()).unwrap())
            .and_then(|checks| checks.or(entra.issuer(Io::new())?))
            .unwrap();
        Self {
            checks: timed(checks),
            forge,
        }
    }

    fn caller(&self, claims: Value) -> Verified {
        assert_accepted(&self.checks, &self.forge.token(&claims))
    }

    fn partner(&self, changes: Value) -> Verified {
        self.caller(with(changes))
    }

    fn realm(&self, changes: Value) -> Verified {
        let realm = json!({ "iss": "https://sso.test/realms/main", "typ": "Bearer" });
        self.caller(merged(with(realm), changes))
    }

    fn tenant(&self, changes: Value) -> Verified {
        let entra = json!({
            "iss": format!("https://login.microsoftonline.com/{TENANT}/v2.0"), "tid": TENANT, "ver": "2.0",
            "aud": CLIENT, "azp": "client", "oid": "o", "scp": "read", "scope": null, "client_id": null,
        });
        let claims = merged(with(entra), json!({ "roles": ["Admin"] }));
        self.caller(merged(claims, changes))
    }
}

fn met(rule: &Rule, caller: &Verified) -> Result<(), RejectionKind> {
    rule.check(caller).map_err(|rejection| rejection.kind())
}

#[test]
fn rule_57_no_role_of_another_issuer_looks_like_one_of_keycloaks() {
    let house = House::new();
    let admin = house.realm(json!({ "realm_access": { "roles": ["admin"] } }));
    let of_client = json!({ "resource_access": { "api": { "roles": ["admin"] } } });
    let client = house.realm(of_client.clone());
    assert!(admin.roles().has("realm:admin") && client.roles().has("client:api:admin"));
    let partner = house.partner(json!({
        "roles": ["realm:admin", "client:api:admin", "realm%3Aadmin", "real:x", "realm", "a:b%"],
        "realm_access": { "roles": ["admin"] }, "resource_access": of_client["resource_access"],
    }));
    for role in ["realm:admin", "client:api:admin"] {
        let rule = Rule::any_role([role]).unwrap();
        assert_eq!(met(&rule, &partner), Err(RoleMissing), "{role}");
    }
    let roles = partner.roles();
    let roles: Vec<_> = roles.iter().collect();
    assert_eq!(
        roles,
        [
            "realm%3Aadmin",
            "client%3Aapi%3Aadmin",
            "realm%253Aadmin",
            "real:x",
            "realm",
            "a:b%"
        ]
    );
    let entra = house.tenant(json!({ "roles": ["realm:admin"] }));
    assert_eq!(
        met(&rule!(any_role["realm:admin"]), &entra),
        Err(RoleMissing)
    );
}

#[test]
fn rule_40_a_rule_says_whose_roles_it_means() {
    let house = House::new();
    let (partner, tenant) = (
        house.partner(json!({ "roles": ["Admin"], "tid": TENANT })),
        house.tenant(json!({})),
    );
    let admin = rule!(any_role["Admin"]);
    assert_eq!(
        (met(&admin, &partner), met(&admin, &tenant)),
        (Ok(()), Ok(()))
    );
    let ours = admin
        .clone()
        .and(Rule::tenant(&TENANT.to_uppercase()).unwrap());
    assert_eq!(
        (met(&ours, &partner), met(&ours, &tenant)),
        (Err(NotPermitted), Ok(()))
    );
    let theirs = admin.and(Rule::issuer(ISSUER));
    assert_eq!(
        (met(&theirs, &partner), met(&theirs, &tenant)),
        (Ok(()), Err(NotPermitted))
    );
    for almost in [
        "https://issuer.test/",
        "https://issuer.tes",
        "HTTPS://issuer.test",
        "",
    ] {
        assert_eq!(
            met(&Rule::issuer(almost), &partner),
            Err(NotPermitted),
            "{almost}"
        );
    }
    let ada = Rule::subject(ISSUER, "ada");
    assert_eq!(
        (met(&ada, &partner), met(&ada, &tenant)),
        (Ok(()), Err(NotPermitted))
    );
    assert_eq!(
        met(&ada, &house.partner(json!({ "sub": "eve" }))),
        Err(NotPermitted)
    );
    let desktop = rule!(any_client["desktop", "other"]);
    assert_eq!(
        (met(&desktop, &partner), met(&desktop, &tenant)),
        (Ok(()), Err(NotPermitted))
    );
    let refusal = ours.check(&partner).unwrap_err();
    assert_eq!(
        (refusal.status().as_u16(), refusal.code()),
        (403, Some("insufficient_scope"))
    );
    assert!(Rule::tenant("common").is_err() && Rule::any_client([""; 0]).is_err());
}

#[test]
fn rule_40_a_rule_asks_for_a_claim_or_for_its_absence() {
    let house = House::new();
    let rule = Rule::claim("department", "lab");
    for (value, is_met) in [
        (json!("lab"), true),
        (json!(["sales", "lab"]), true),
        (json!("label"), false),
        (json!(["label", ["lab"]]), false),
        (json!({ "lab": true }), false),
    ] {
        let caller = house.partner(json!({ "department": value }));
        assert_eq!(met(&rule, &caller).is_ok(), is_met, "{value}");
        assert_eq!(met(&!rule.clone(), &caller).is_ok(), !is_met, "{value}");
    }
    // A setting that nobody set lets nobody in.
    let unset = Rule::claim("department", None::<String>);
    for claims in [
        json!({}),
        json!({ "department": "lab" }),
        json!({ "department": [null] }),
    ] {
        for rule in [unset.clone(), !unset.clone()] {
            let caller = house.partner(claims.clone());
            assert_eq!(met(&rule, &caller), Err(NotPermitted), "{claims}");
        }
    }
    let verified = Rule::claim("email_verified", true);
    assert_eq!(
        met(&verified, &house.partner(json!({ "email_verified": true }))),
        Ok(())
    );
    assert_eq!(
        met(
            &verified,
            &house.partner(json!({ "email_verified": "true" }))
        ),
        Err(NotPermitted)
    );
    assert_eq!(met(&verified, &house.partner(json!({}))), Err(NotPermitted));
}

#[test]
fn rule_40_what_a_token_does_not_say_meets_neither_a_rule_nor_its_contrary() {
    let house = House::new();
    let too_many = house.tenant(json!({ "hasgroups": "true" }));
    let group = rule!(any_group["g"]);
    for rule in [
        group.clone(),
        !group.clone(),
        !(!group.clone()),
        group.clone() & Rule::authenticated(),
    ] {
        assert_eq!(met(&rule, &too_many), Err(UnknownGroups), "{rule}");
    }
    // Neither does it hide behind another part of the rule that is not met.
    let nobody = rule!(any_role["nobody"]);
    for rule in [
        !(group.clone() | nobody.clone()),
        !(nobody.clone() | group.clone()),
    ] {
        assert_eq!(met(&rule, &too_many), Err(UnknownGroups), "{rule}");
    }
    assert_eq!(met(&!(group & nobody), &too_many), Ok(()));
    // Who it was issued to, whom it is about, how they logged in: a list of those who may not can't be got round by silence.
    let nameless = json!({
        "client_id": null, "azp": null, "appid": null, "sub": null, "acr": null, "auth_time": null,
    });
    let nameless = house.partner(nameless);
    for rule in [
        rule!(any_client["legacy"]),
        Rule::subject(ISSUER, "eve"),
        rule!(any_acr["weak"]),
        Rule::login_within(Duration::from_secs(60)),
    ] {
        for rule in [rule.clone(), !rule] {
            let kind = met(&rule, &nameless);
            assert!(
                matches!(kind, Err(NotPermitted | StepUp)),
                "{rule}: {kind:?}"
            );
        }
    }
    let named = house.partner(json!({ "acr": "gold" }));
    for rule in [
        rule!(any_client["legacy"]),
        Rule::subject(ISSUER, "eve"),
        Rule::subject("https://other.test", "ada"),
        Rule::issuer("https://other.test"),
        rule!(any_acr["weak"]),
    ] {
        assert_eq!(met(&!rule.clone(), &named), Ok(()), "{rule}");
    }
    // Without `idtyp` nobody knows whether a program asks.
    let silent = house.tenant(json!({ "scp": null }));
    let program = Rule::application();
    assert!(met(&program, &silent).is_err() && met(&!program, &silent).is_err());
}

#[test]
fn rule_39_roles_can_be_taken_from_another_claim() {
    let forge = Forge::ed25519("k");
    let of = |change: &dyn Fn(Issuer) -> Issuer, claims: Value| {
        let checks = timed(Verifier::new(change(issuer(keys(&[&forge])))));
        let caller = assert_accepted(&checks, &forge.token(&with(claims)));
        let roles: Vec<_> = caller.roles().iter().map(str::to_owned).collect();
        roles
    };
    let claims = json!({
        "groups": ["/lab", "staff"], "cognito:groups": ["admins"], "permissions": ["read:orders"],
        "https://example.org/roles": ["a.b"], "resource": { "x.y": { "roles": ["deep"] } },
        "urn:zitadel:iam:org:project:roles": { "writer": { "1": "org.test" } }, "role": "one of them",
        "roles": ["usual"], "realm": ["realm:admin"],
    });
    for (claim, expected) in [
        (RoleClaim::from("groups"), &["/lab", "staff"][..]),
        (RoleClaim::from("cognito:groups"), &["admins"]),
        (RoleClaim::from("permissions"), &["read:orders"]),
        (RoleClaim::from("https://example.org/roles"), &["a.b"]),
        (RoleClaim::path(["resource", "x.y", "roles"]), &["deep"]),
        (
            RoleClaim::from("urn:zitadel:iam:org:project:roles").keys(),
            &["writer"],
        ),
        // It may be an object, and need not be one.
        (RoleClaim::from("groups").keys(), &["/lab", "staff"]),
        (RoleClaim::from("role").keys(), &["one of them"]),
        (RoleClaim::from("role"), &["one of them"]),
        (RoleClaim::from("realm"), &["realm%3Aadmin"]),
        (RoleClaim::path(["resource", "none", "roles"]), &[]),
        (RoleClaim::from("none"), &[]),
        // Of another shape.
        (RoleClaim::from("resource"), &[]),
        (RoleClaim::path(["role", "x"]), &[]),
    ] {
        let change = |issuer: Issuer| issuer.with_roles_from(claim.clone());
        assert_eq!(of(&change, claims.clone()), expected, "{claim:?}");
    }
    let both = |issuer: Issuer| issuer.with_roles_from("groups").with_roles_from("roles");
    assert_eq!(of(&both, claims), ["/lab", "staff", "usual"]);
    assert_eq!(of(&|issuer| issuer, json!({ "groups": ["a"] })), [""; 0]);
}

#[test]
fn rule_40_a_rule_is_listed_in_words() {
    let rule = (rule!(any_role["reader", "writer", "admin"]) & Rule::issuer(ISSUER))
        | (rule!(all_roles["a", "b"]) & !rule!(any_client["legacy"]))
        | Rule::claim("department", "lab").and(rule!(any_scope["orders"]))
        | Rule::subject(ISSUER, "ada\u{1b}[2J");
    insta::assert_snapshot!(rule, @r#"((((role reader, writer or admin and issuer https://issuer.test) or (role a and role b and not (client legacy))) or (claim department "lab" and scope orders)) or subject ada\u{1b}[2J of https://issuer.test)"#);
    insta::assert_snapshot!(Rule::authenticated(), @"any good token");
    let door = auth_verify::RequireToken::new(House::new().checks, rule!(any_acr["gold"]));
    insta::assert_snapshot!(door.rule(), @"acr gold");
}

#[test]
fn rule_40_of_two_ways_in_both_are_named() {
    let either = rule!(any_role["a"]) | rule!(any_role["b"]);
    let rejection = either.check(&caller(json!({}))).unwrap_err();
    assert_eq!(rejection.missing_roles(), ["a", "b"]);
}
