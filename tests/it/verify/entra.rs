//! Rules 44 to 53: tokens of Microsoft Entra ID.

use auth_core::Io;
use auth_verify::RejectionKind::{
    self, BadClaim, GraphToken, NotAnAccessToken, RoleMissing, UnknownGroups, UnknownIssuer,
    WrongAudience, WrongTenant,
};
use auth_verify::{Cloud, Entra, Issuer, Keycloak, Rule, Tenants, Verifier};
use serde_json::{Value, json};

use super::forge::Forge;
use super::gate::Gate;
use super::{NOW, assert_accepted, assert_refused, keys_of, merged, timed};

const TENANT: &str = "a1b2c3d4-0000-4000-8000-123456789abc";
const OTHER: &str = "99999999-0000-4000-8000-123456789abc";
const CONSUMERS: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";
const CLIENT: &str = "00001111-aaaa-2222-bbbb-3333cccc4444";

fn v2(tenant: &str) -> String {
    format!("https://login.microsoftonline.com/{tenant}/v2.0")
}

fn v1(tenant: &str) -> String {
    format!("https://sts.windows.net/{tenant}/")
}

/// A token of a user, in the newer format.
fn token() -> Value {
    json!({
        "iss": v2(TENANT), "tid": TENANT, "ver": "2.0", "aud": CLIENT, "azp": "app", "sub": "s",
        "oid": "o", "scp": "read", "exp": NOW + 3600, "iat": NOW, "nbf": NOW,
    })
}

fn single() -> Gate {
    of(Tenants::one(TENANT).unwrap(), Some(&v2(TENANT)), |entra| {
        entra
    })
}

fn of(tenants: Tenants, owner: Option<&str>, change: impl FnOnce(Entra) -> Entra) -> Gate {
    let forge = Forge::rsa("k");
    let mut jwk = forge.jwk();
    // Entra does not say what its keys are for.
    jwk.as_object_mut().unwrap().remove("alg");
    if let Some(owner) = owner {
        jwk["issuer"] = owner.into();
    }
    let entra = change(Entra::new(tenants, CLIENT)).with_keys(keys_of(&[jwk]));
    let checks = timed(Verifier::new(entra.issuer(Io::new()).unwrap()));
    Gate::new(forge, checks, token)
}

#[test]
fn rule_44_the_version_decides_how_the_issuer_is_spelled() {
    let world = single();
    world.accepts(json!({}));
    world.accepts(json!({ "ver": "1.0", "iss": v1(TENANT), "azp": null, "appid": "app" }));
    world.refuses(json!({ "ver": "1.0" }), WrongTenant);
    world.refuses(json!({ "iss": v1(TENANT) }), WrongTenant);
    world.refuses(json!({ "ver": null }), BadClaim);
    world.refuses(json!({ "ver": "3.0" }), BadClaim);
    world.refuses(json!({ "ver": 2.0 }), BadClaim);
    let bare = format!("https://sts.windows.net/{TENANT}");
    world.refuses(json!({ "ver": "1.0", "iss": bare }), UnknownIssuer);
}

#[test]
fn rule_45_the_tenant_is_the_one_in_the_issuer_and_is_let_in() {
    let world = single();
    world.refuses(json!({ "tid": OTHER }), WrongTenant);
    world.refuses(json!({ "tid": null }), BadClaim);
    world.refuses(json!({ "tid": [TENANT] }), BadClaim);
    world.refuses(json!({ "tid": "common" }), WrongTenant);
    world.refuses(json!({ "TID": OTHER }), BadClaim);
    world.refuses(json!({ "Iss": "x" }), BadClaim);
    world.refuses(json!({ "tid": OTHER, "iss": v2(OTHER) }), UnknownIssuer);
    for name in [
        "common",
        "{tenantid}",
        "organizations",
        "",
        "A1B2C3D4-0000-4000-8000-123456789ABC",
    ] {
        world.refuses(json!({ "iss": v2(name), "tid": name }), UnknownIssuer);
    }
    for bad in [
        "common",
        "",
        "a1b2c3d4",
        "a1b2c3d4-0000-4000-8000-123456789abg",
    ] {
        assert!(Tenants::one(bad).is_err(), "{bad}");
    }
    assert!(Tenants::list([]).is_err());
}

#[test]
fn rule_46_an_issuer_of_many_tenants_is_that_of_the_one_that_the_token_names_and_so_is_its_key() {
    let elsewhere = |tenant: &str| format!("https://login.example/{tenant}/v2.0");
    let token = |tenant: &str| {
        let own = json!({ "iss": elsewhere(tenant), "tid": tenant });
        merged(token(), own)
    };
    let checks = |forge: &Forge, owner: Option<String>, is_id: bool| {
        let mut jwk = forge.jwk();
        if let Some(owner) = owner {
            jwk["issuer"] = owner.into();
        }
        let (template, keys) = (elsewhere("{tenantid}"), keys_of(&[jwk]));
        let issuer = match is_id {
            true => Issuer::id_tokens(&template, CLIENT, keys),
            false => Issuer::new(&template, CLIENT, keys),
        };
        timed(Verifier::new(issuer.unwrap()))
    };
    let forge = Forge::rsa("k");
    for is_id in [true, false] {
        let azp = if is_id { CLIENT } else { "app" };
        let sign = |changes: Value| {
            let claims = merged(token(TENANT), json!({ "azp": azp }));
            forge.token(&merged(claims, changes))
        };
        let everybodys = checks(&forge, Some(elsewhere("{tenantid}")), is_id);
        assert_accepted(&everybodys, &sign(json!({})));
        assert_accepted(
            &everybodys,
            &sign(json!({ "iss": elsewhere(OTHER), "tid": OTHER })),
        );
        assert_refused(&everybodys, &sign(json!({ "tid": OTHER })), WrongTenant);
        assert_refused(&everybodys, &sign(json!({ "tid": null })), BadClaim);
        for name in [
            "{tenantid}",
            "common",
            "",
            "a/b",
            "A1B2C3D4-0000-4000-8000-123456789ABC",
        ] {
            let other = sign(json!({ "iss": elsewhere(name), "tid": name }));
            assert_refused(&everybodys, &other, UnknownIssuer);
        }
        let own = checks(&forge, Some(elsewhere(TENANT)), is_id);
        assert_accepted(&own, &sign(json!({})));
        assert_refused(
            &own,
            &sign(json!({ "iss": elsewhere(OTHER), "tid": OTHER })),
            WrongTenant,
        );
        let nobodys = checks(&forge, None, is_id);
        assert_refused(&nobodys, &sign(json!({})), WrongTenant);
    }
}

#[test]
fn rule_46_the_place_of_a_tenant_means_the_same_in_every_profile() {
    let forge = Forge::rsa("k");
    let mut jwk = forge.jwk();
    let at = |tenant: &str| format!("https://login.example/{tenant}/v2.0");
    jwk["issuer"] = at("{tenantid}").into();
    let keys = || keys_of(&[jwk.clone()]);
    let template = at("{tenantid}");
    let typed = merged(forge.header(), json!({ "typ": "at+jwt" }));
    let claims = json!({ "iss": at(TENANT), "tid": TENANT, "client_id": "app", "jti": "1", "typ": "Bearer" });
    let realm = Keycloak::new(template.clone(), CLIENT).with_keys(keys());
    for issuer in [
        Issuer::new(&template, CLIENT, keys()),
        Issuer::named(&template, CLIENT, keys()),
        Issuer::rfc9068(&template, CLIENT, keys()),
        realm.issuer(Io::new()),
    ] {
        let checks = timed(Verifier::new(issuer.unwrap()));
        let sign = |changes: Value| {
            let claims = merged(token(), merged(claims.clone(), changes));
            forge.with_header(&typed, &claims)
        };
        assert_accepted(&checks, &sign(json!({})));
        assert_refused(&checks, &sign(json!({ "tid": OTHER })), WrongTenant);
        assert_refused(&checks, &sign(json!({ "iss": at(OTHER) })), WrongTenant);
    }
}

#[test]
fn rule_66_an_application_that_another_one_hides_is_an_error() {
    let forge = Forge::rsa("k");
    let of = |tenants: Tenants, change: fn(Entra) -> Entra| {
        let entra = change(Entra::new(tenants, CLIENT)).with_keys(keys_of(&[forge.jwk()]));
        entra.issuer(Io::new()).unwrap()
    };
    let one = || Tenants::one(TENANT).unwrap();
    let other = || Tenants::one(OTHER).unwrap();
    let both = || Tenants::list([OTHER, TENANT]).unwrap();
    let same = |entra: Entra| entra;
    let after = |earlier: Tenants, later: Tenants| {
        Verifier::new(of(earlier, same))
            .or(of(later, same))
            .map(drop)
    };
    for hidden in [
        after(one(), one()),
        after(both(), one()),
        after(one(), both()),
        after(Tenants::any(), one()),
        after(Tenants::any(), Tenants::any()),
        Verifier::new(of(one(), same))
            .or(of(one(), Entra::with_v2_tokens_only))
            .map(drop),
    ] {
        let said = hidden.unwrap_err().to_string();
        assert!(said.contains("`Entra::with_app_id_uri`"), "{said}");
    }
    assert!(after(one(), other()).is_ok());
    assert!(
        after(one(), Tenants::any()).is_ok(),
        "those of any tenant come last"
    );
    let china = |entra: Entra| entra.with_cloud(Cloud::China);
    assert!(Verifier::new(of(one(), same)).or(of(one(), china)).is_ok());
    // So it is with any issuer of many tenants.
    let at = |tenant: &str| {
        let name = format!("https://login.example/{tenant}/v2.0");
        Issuer::new(&name, CLIENT, keys_of(&[forge.jwk()])).unwrap()
    };
    assert!(Verifier::new(at("{tenantid}")).or(at(TENANT)).is_err());
    assert!(Verifier::new(at(TENANT)).or(at("{tenantid}")).is_ok());
}

#[test]
fn rule_45_an_issuer_with_the_place_of_a_tenant_is_that_of_any() {
    let forge = Forge::rsa("k");
    let mut jwk = forge.jwk();
    jwk["issuer"] = v2("{tenantid}").into();
    let entra = Entra::of_issuer(&v2("{tenantid}"), CLIENT).unwrap();
    let issuer = entra.with_keys(keys_of(&[jwk])).issuer(Io::new()).unwrap();
    let checks = timed(Verifier::new(issuer));
    for tenant in [TENANT, OTHER] {
        let own = json!({ "iss": v2(tenant), "tid": tenant });
        assert_accepted(&checks, &forge.token(&merged(token(), own)));
    }
    let mixed = json!({ "iss": v2(OTHER) });
    assert_refused(&checks, &forge.token(&merged(token(), mixed)), WrongTenant);
    assert!(Entra::of_issuer("https://login.example/{tenantid}/v2.0", CLIENT).is_err());
}

#[test]
fn rule_45_several_tenants_or_any() {
    let template = "https://login.microsoftonline.com/{tenantid}/v2.0";
    let of_other = json!({ "tid": OTHER, "iss": v2(OTHER) });
    let list = of(
        Tenants::list([TENANT, OTHER]).unwrap(),
        Some(template),
        |entra| entra,
    );
    list.accepts(json!({}));
    list.accepts(of_other.clone());
    list.refuses(
        json!({ "tid": CONSUMERS, "iss": v2(CONSUMERS) }),
        UnknownIssuer,
    );
    list.refuses(json!({ "tid": OTHER }), WrongTenant);
    let any = of(Tenants::any(), Some(template), |entra| entra);
    any.accepts(of_other);
    any.accepts(json!({ "tid": CONSUMERS, "iss": v2(CONSUMERS) }));
    any.refuses(json!({ "tid": OTHER }), WrongTenant);
}

#[test]
fn rule_46_a_key_signs_for_its_own_tenant() {
    let consumers = of(Tenants::any(), Some(&v2(CONSUMERS)), |entra| entra);
    consumers.refuses(json!({}), WrongTenant);
    consumers.accepts(json!({ "tid": CONSUMERS, "iss": v2(CONSUMERS) }));
    let upper = "https://login.microsoftonline.com/{TenantId}/v2.0";
    of(Tenants::any(), Some(upper), |entra| entra).accepts(json!({}));
    // The older document does not name owners: good enough only for a tenant's own document.
    of(Tenants::one(TENANT).unwrap(), None, |entra| entra).accepts(json!({}));
    of(Tenants::any(), None, |entra| entra).refuses(json!({}), WrongTenant);
    let evil = of(
        Tenants::any(),
        Some("https://evil.test/{tenantid}"),
        |entra| entra,
    );
    evil.refuses(json!({}), WrongTenant);
}

#[test]
fn rules_47_and_51_the_keys_are_those_of_the_tenant_and_of_the_application() {
    let url = |tenants: Tenants, change: fn(Entra) -> Entra| {
        change(Entra::new(tenants, CLIENT))
            .keys_url()
            .unwrap()
            .to_string()
    };
    let one = || Tenants::one(TENANT).unwrap();
    let login = "https://login.microsoftonline.com";
    let keys = "discovery/v2.0/keys";
    assert_eq!(
        url(one(), |entra| entra),
        format!("{login}/{TENANT}/{keys}")
    );
    assert_eq!(
        url(Tenants::any(), |entra| entra),
        format!("{login}/common/{keys}")
    );
    assert_eq!(
        url(one(), Entra::with_own_keys),
        format!("{login}/{TENANT}/{keys}?appid={CLIENT}")
    );
    assert_eq!(
        url(one(), |entra| entra.with_cloud(Cloud::China)),
        format!("https://login.partner.microsoftonline.cn/{TENANT}/{keys}")
    );
}

#[test]
fn rule_48_a_token_of_one_cloud_is_none_of_another() {
    let gov = format!("https://login.microsoftonline.us/{TENANT}/v2.0");
    let tenants = Tenants::one(TENANT).unwrap();
    let world = of(tenants, Some(&gov), |entra| {
        entra.with_cloud(Cloud::UsGovernment)
    });
    world.refuses(json!({}), UnknownIssuer);
    world.accepts(json!({ "iss": gov }));
    single().refuses(json!({ "iss": gov }), UnknownIssuer);
    // The older issuer of US Government is spelled like the global one; then the key tells.
    let older = json!({ "iss": v1(TENANT), "ver": "1.0", "appid": "app" });
    world.accepts(older.clone());
    let global_key = of(Tenants::one(TENANT).unwrap(), Some(&v2(TENANT)), |entra| {
        entra.with_cloud(Cloud::UsGovernment)
    });
    global_key.refuses(older.clone(), WrongTenant);
    let partner = format!("https://login.partner.microsoftonline.cn/{TENANT}/v2.0");
    let china = of(Tenants::one(TENANT).unwrap(), Some(&partner), |entra| {
        entra.with_cloud(Cloud::China)
    });
    china.accepts(json!({ "iss": partner }));
    let older_partner = format!("https://sts.chinacloudapi.cn/{TENANT}/");
    china.accepts(json!({ "iss": older_partner, "ver": "1.0", "appid": "app" }));
    china.refuses(older, UnknownIssuer);
    let evil = format!("https://login.microsoftonline.com.evil.test/{TENANT}/v2.0");
    single().refuses(json!({ "iss": evil }), UnknownIssuer);
}

#[test]
fn rule_49_the_audience_is_the_client_id_or_its_uri() {
    let world = single();
    world.accepts(json!({ "aud": CLIENT }));
    world.accepts(json!({ "aud": format!("api://{CLIENT}") }));
    world.refuses(json!({ "aud": "api://other" }), WrongAudience);
    world.refuses(json!({ "aud": OTHER }), WrongAudience);
    let tenants = || Tenants::one(TENANT).unwrap();
    let more = of(tenants(), None, |entra| {
        entra.with_app_id_uri("api://other")
    });
    more.accepts(json!({ "aud": "api://other" }));
    let bare = of(tenants(), None, Entra::with_bare_client_id);
    bare.refuses(json!({ "aud": format!("api://{CLIENT}") }), WrongAudience);
    assert!(Entra::new(tenants(), "my-app").issuer(Io::new()).is_err());
}

#[test]
fn rule_25_a_token_whose_audience_is_graph_is_told_apart() {
    let world = single();
    world.refuses(
        json!({ "aud": "00000003-0000-0000-c000-000000000000" }),
        GraphToken,
    );
    world.refuses(json!({ "aud": "https://graph.microsoft.com" }), GraphToken);
}

#[test]
fn rule_50_an_application_needs_a_role() {
    let world = single();
    let app = |more: Value| merged(json!({ "scp": null, "idtyp": "app", "sub": "o" }), more);
    world.refuses(app(json!({})), RoleMissing);
    world.refuses(app(json!({ "roles": [] })), RoleMissing);
    world.refuses(json!({ "scp": null }), RoleMissing);
    let caller = world.accepts(app(json!({ "roles": ["Robot"] })));
    assert_eq!(caller.is_application(), Some(true));
    assert!(Rule::application().check(&caller).is_ok());
    assert_eq!(world.accepts(json!({})).is_application(), Some(false));
    let silent = world.accepts(json!({ "scp": null, "roles": ["Robot"] }));
    assert_eq!(
        silent.is_application(),
        None,
        "idtyp is optional, so its absence says nothing"
    );
    assert!(Rule::application().check(&silent).is_err());
    let tenants = Tenants::one(TENANT).unwrap();
    of(tenants, None, Entra::with_roleless_tokens).accepts(app(json!({})));
}

#[test]
fn rule_38_an_id_token_names_no_client() {
    let world = single();
    // Claims can be mapped, so that an ID token has one; the hashes stay.
    for hash in ["at_hash", "c_hash"] {
        world.refuses(json!({ hash: "AAAA" }), NotAnAccessToken);
    }
    world.refuses(json!({ "azp": null }), NotAnAccessToken);
    world.refuses(
        json!({ "azp": null, "scp": null, "roles": ["Admin"] }),
        NotAnAccessToken,
    );
}

#[test]
fn rule_42_a_caller_is_a_tenant_and_an_object() {
    let caller = single().accepts(json!({ "upn": "ada@a.b" }));
    assert_eq!(caller.identity(), Some((TENANT.to_owned(), "o".to_owned())));
}

#[test]
fn rule_52_groups_that_are_too_many_are_unknown_and_not_none() {
    let world = single();
    let rule = Rule::any_group(["g1", "g2"]).unwrap();
    let kind = |changes: Value| {
        let outcome = rule.check(&world.accepts(changes));
        outcome.map_err(|rejection| rejection.kind())
    };
    assert_eq!(kind(json!({ "groups": ["g0", "g2"] })), Ok(()));
    assert_eq!(kind(json!({ "groups": ["g0"] })), Err(RoleMissing));
    assert_eq!(kind(json!({})), Err(RoleMissing));
    assert_eq!(kind(json!({ "hasgroups": true })), Err(UnknownGroups));
    let elsewhere = json!({ "_claim_names": { "groups": "src1" }, "_claim_sources": {} });
    assert_eq!(kind(elsewhere), Err(UnknownGroups));
}

#[test]
fn rule_53_a_large_document_of_keys_without_algorithms_is_fine() {
    let (last, many) = (Forge::rsa("last"), Forge::other_rsa("x"));
    let mut list: Vec<Value> = (0..299)
        .map(|at| merged(many.jwk(), json!({ "alg": null, "kid": format!("k{at}") })))
        .collect();
    list.push(merged(last.jwk(), json!({ "alg": null })));
    let entra = Entra::new(Tenants::one(TENANT).unwrap(), CLIENT).with_keys(keys_of(&list));
    let checks = timed(Verifier::new(entra.issuer(Io::new()).unwrap()));
    assert_accepted(&checks, &last.token(&token()));
    let pss = Forge::rsa("last").with_algorithm("PS256");
    assert_refused(
        &checks,
        &pss.token(&token()),
        RejectionKind::AlgorithmNotAllowed,
    );
}
