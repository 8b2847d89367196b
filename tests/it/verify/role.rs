//! Rule 40: what is asked of a caller is said out loud.

use std::time::Duration;

use auth_verify::RejectionKind::{RoleMissing, ScopeMissing, StepUp};
use auth_verify::{RejectionKind, Rule, Verified};
use serde_json::{Value, json};

use super::forge::Forge;
use super::{NOW, assert_accepted, verifier, with};

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
    let challenge = fresh
        .check(&caller(json!({})))
        .unwrap_err()
        .challenge()
        .unwrap();
    let challenge = challenge.to_str().unwrap();
    assert!(challenge.ends_with("max_age=\"300\""), "{challenge}");
}
