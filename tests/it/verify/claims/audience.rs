//! Rule 33: whom a token is for.

use auth_verify::RejectionKind::{BadClaim, NotAnAccessToken, WrongAudience};
use auth_verify::{Audience, Issuer, Verifier};
use serde_json::json;

use super::{of, usual};
use crate::verify::forge::Forge;
use crate::verify::{AUDIENCE, ISSUER, assert_accepted, keys, timed, with};

#[test]
fn rule_33_the_audience_names_this_service() {
    let world = usual();
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
fn rule_33_whom_a_token_was_issued_to_stands_for_whom_it_is_for_where_that_was_asked_for() {
    // As Amazon Cognito writes an access token.
    let cognito =
        json!({ "aud": null, "client_id": AUDIENCE, "token_use": "access", "scope": "a" });
    usual().refuses(cognito.clone(), BadClaim);
    let world = of(Issuer::with_client_for_audience);
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
