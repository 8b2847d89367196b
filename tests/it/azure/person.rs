//! People: the browser, the device, and who it was.

use std::sync::Arc;

use auth_azure::Tenant;
use auth_core::session::Login;
use auth_core::store::{MemoryStore, TokenStore};
use auth_core::{ErrorKind, TokenSource};
use auth_testkit::{EntraTenant, Fault, User, Visitor};
use insta::assert_snapshot;

use super::world::{
    ADA, API, DESKTOP, Entra, OTHER_API, Somebody, TENANT, TOKENS, claims, directory, scope,
};
use crate::log::Log;
use crate::world::{HOUR, MINUTE};

fn memory() -> Arc<dyn TokenStore> {
    Arc::new(MemoryStore::new())
}

#[tokio::test]
async fn a_browser_brings_the_answer_by_a_form_or_in_its_address() {
    let world = Entra::new();
    for ada in [
        Somebody::at(&world, "ada"),
        Somebody::by_query(&world, "ada"),
    ] {
        let person = world.browsing(&ada);
        let token = person.source([scope(API)]).token().await.unwrap();
        assert_eq!(claims(token.expose_secret())["aud"], API);
        for (name, value) in [
            ("response_mode", "form_post"),
            ("response_type", "code"),
            ("code_challenge_method", "S256"),
            ("client_id", DESKTOP),
            (
                "scope",
                &*format!("{} openid profile offline_access", scope(API)),
            ),
        ] {
            assert_eq!(ada.parameter(name).as_deref(), Some(value), "{name}");
        }
        for name in ["prompt", "login_hint", "domain_hint", "claims"] {
            assert_eq!(ada.parameter(name), None, "{name}");
        }
        assert!(ada.parameter("nonce").is_some() && ada.parameter("state").is_some());
        // Any port, and no path.
        let back = ada.parameter("redirect_uri").unwrap();
        let port = back.strip_prefix("http://localhost:").unwrap();
        assert!(port.parse::<u16>().is_ok(), "{back}");
        let sent = world.last_form();
        assert_eq!(sent.field("redirect_uri"), Some(back));
        assert!(sent.field("code_verifier").is_some());
        // AADSTS28003 where Entra ID does not see them again.
        assert_eq!(sent.field("scope"), ada.parameter("scope"));
    }
}

#[tokio::test]
async fn the_login_page_is_asked_what_the_program_says() {
    let world = Entra::new();
    let ada = Somebody::at(&world, "ada");
    let person = world
        .browsing(&ada)
        .with_login_hint(ADA)
        .with_domain_hint("contoso.com")
        .with_prompt("login")
        .with_continuous_access_evaluation();
    person.source([scope(API)]).token().await.unwrap();
    for (name, value) in [
        ("login_hint", ADA),
        ("domain_hint", "contoso.com"),
        ("prompt", "login"),
        (
            "claims",
            r#"{"access_token":{"xms_cc":{"values":["cp1"]}}}"#,
        ),
    ] {
        assert_eq!(ada.parameter(name).as_deref(), Some(value), "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn who_logged_in_is_shown_by_the_name_they_sign_in_with_and_known_by_their_ids() {
    let (world, store) = (Entra::new(), memory());
    let person = world.person(&Somebody::at(&world, "ada"));
    let person = person.with_store(store.clone());
    let token = person.source([scope(API)]).token().await.unwrap();
    let login = Login::load(&*store, &person.session())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(login.account(), Some(ADA));
    let said = claims(token.expose_secret());
    let identity = format!("{}.{TENANT}", said["oid"].as_str().unwrap());
    assert_eq!(login.identity(), Some(&*identity));
}

#[tokio::test(start_paused = true)]
async fn several_accounts_are_kept_apart_by_their_labels() {
    let (world, store) = (Entra::new(), memory());
    let mut people = Vec::new();
    for name in ["ada", "bob"] {
        let person = world.person(&Somebody::at(&world, name));
        let person = person.with_account(name).with_store(store.clone());
        person.source([scope(API)]).token().await.unwrap();
        people.push(person);
    }
    for (person, name) in people.iter().zip(["ada@example.org", "bob@example.org"]) {
        let login = Login::load(&*store, &person.session())
            .await
            .unwrap()
            .unwrap();
        assert_eq!(login.account(), Some(name));
        let token = person.source([scope(OTHER_API)]).token().await.unwrap();
        assert_eq!(claims(token.expose_secret())["preferred_username"], name);
    }
}

#[tokio::test(start_paused = true)]
async fn the_configured_user_is_compared_without_case_and_nobody_else_will_do() {
    let (world, store) = (Entra::new(), memory());
    let ada = Somebody::at(&world, "ada");
    let person = world.person(&ada).with_store(store.clone());
    let token = person.source([scope(API)]).token().await.unwrap();
    let same = person.clone().with_user("Ada@Example.ORG");
    assert!(
        same.source([scope(API)])
            .token()
            .await
            .unwrap()
            .is_same(&token)
    );
    assert_eq!(ada.asked(), 1);
    let other = person.with_user("bob@example.org").source([scope(API)]);
    let error = other.token().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Interaction);
    assert_snapshot!(error, @"ada@example.org logged in, and not bob@example.org; log in again with the other account, or configure this user");
    assert_eq!(ada.asked(), 2, "ada's login counts as none");
}

#[tokio::test(start_paused = true)]
async fn a_device_is_shown_in_the_words_of_entra_and_waits() {
    let world = Entra::new();
    let ada = Somebody::at(&world, "ada");
    world
        .person(&ada)
        .source([scope(API)])
        .token()
        .await
        .unwrap();
    let codes = ada.codes.lock().unwrap();
    let words = codes[0]
        .message()
        .unwrap()
        .replace(codes[0].code(), "<code>");
    assert_snapshot!(words, @"To sign in, use a web browser to open the page https://microsoft.com/devicelogin and enter the code <code> to authenticate.");
}

#[tokio::test(start_paused = true)]
async fn the_page_for_codes_is_microsofts_own_at_its_clouds_alone() {
    let world = Entra::new();
    for (cloud, warned) in [
        ("https://login.microsoftonline.com", None),
        ("https://login.microsoftonline.us", None),
        ("https://login.windows.net", None),
        ("https://login.example", Some("login.example")),
    ] {
        let ada = Somebody::at(&world, "ada");
        let tenant = Tenant::in_cloud(cloud, TENANT, world.io()).unwrap();
        // Whether the token that comes is in order does not matter here.
        let _ = tenant
            .person(DESKTOP, ada.clone())
            .source([scope(API)])
            .token()
            .await;
        let codes = ada.codes.lock().unwrap();
        assert_eq!(codes[0].page().host_str(), Some("microsoft.com"));
        assert_eq!(codes[0].other_server(), warned, "{cloud}");
    }
}

#[tokio::test(start_paused = true)]
async fn where_a_refresh_brings_no_new_id_token_the_one_before_goes_on_for_as_long_as_it_works() {
    let world = Entra::new();
    let ada = Somebody::at(&world, "ada");
    let source = world.person(&ada).id_source();
    let first = source.token().await.unwrap();
    let without = serde_json::json!({
        "token_type": "Bearer", "expires_in": 3600, "access_token": "a", "refresh_token": "r",
    });
    let without = Fault::status(200).with_body("application/json", without.to_string());
    world.server.fault(TOKENS, without.always());
    let end = first.expires_at();
    world.clock.advance(MINUTE * 58).await;
    assert!(source.token().await.unwrap().is_same(&first));
    source.settled().await;
    assert!(world.asked() > 1, "a new one was asked for");
    assert!(source.token().await.unwrap().is_same(&first));
    world.clock.advance(HOUR).await;
    assert!(world.io().clock().now().wall > end);
    world.server.clear_faults();
    // Only a login helps.
    assert!(!source.token().await.unwrap().is_same(&first));
    assert_eq!(ada.asked(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_device_that_is_declined_or_blocked_says_so_in_one_line() {
    let world = Entra::new();
    let declined = world.person(&Somebody::at(&world, "nobody"));
    let declined = declined.source([scope(API)]).token().await.unwrap_err();
    world
        .server
        .add_entra_tenant(directory().with_device_codes_blocked());
    let blocked = world.person(&Somebody::at(&world, "ada"));
    let blocked = blocked.source([scope(API)]).token().await.unwrap_err();
    let all = [declined, blocked].map(|error| format!("{:?}: {error}", error.kind()));
    assert_snapshot!(all.join("\n"), @"
    Refused: https://login.microsoftonline.com/f870e5ae-5521-4a94-b9ff-cdde7d36dd35/oauth2/v2.0/token refused: authorization_declined: AADSTS65004: User declined to consent to access the app; log in again and allow it, if it was this program that asked
    Refused: https://login.microsoftonline.com/f870e5ae-5521-4a94-b9ff-cdde7d36dd35/oauth2/v2.0/token refused: invalid_grant: AADSTS53003: Access has been blocked by Conditional Access policies. The access policy does not allow token issuance; log in with the browser of a device that the organisation manages: its rules (Conditional Access) allow no other, and often no device code
    ");
}

#[tokio::test(start_paused = true)]
async fn a_login_at_all_tenants_is_of_the_persons_own_and_goes_by_the_address_that_was_named() {
    let world = Entra::new();
    let other = "11111111-2222-4333-8444-000000000000";
    world.server.add_entra_tenant(
        EntraTenant::new(other)
            .with_user(User::new("eve@fabrikam.com", "pw"))
            .with_visitor(Visitor::logs_in("eve@fabrikam.com")),
    );
    for name in ["common", "organizations", "contoso.onmicrosoft.com"] {
        let ada = Somebody::at(&world, "ada");
        let tenant = Tenant::new(name, world.io()).unwrap();
        let source = tenant.person(DESKTOP, ada.clone()).source([scope(API)]);
        let token = source.token().await.unwrap();
        assert_eq!(claims(token.expose_secret())["tid"], TENANT, "{name}");
        let issuer = format!("https://login.microsoftonline.com/{name}/v2.0");
        assert_eq!(source.key().session().issuer(), issuer);
        source.renew().await.unwrap();
        assert_eq!(ada.asked(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn an_id_token_of_another_tenant_than_the_one_that_was_asked_is_refused() {
    let world = Entra::new();
    let elsewhere = "https://login.microsoftonline.us";
    // The answer names the host that was asked, and the tenant that it is of.
    let tenant = Tenant::in_cloud(elsewhere, TENANT, world.io()).unwrap();
    let person = tenant.person(DESKTOP, Somebody::at(&world, "ada"));
    person.source([scope(API)]).token().await.unwrap();
    let consumers = Tenant::new("consumers", world.io()).unwrap();
    let person = consumers.person(DESKTOP, Somebody::at(&world, "ada"));
    assert!(person.source([scope(API)]).token().await.is_err());
}

#[tokio::test(start_paused = true)]
async fn logging_out_forgets_the_login_and_says_that_entra_does_not_end_it() {
    let world = Entra::new();
    let ada = Somebody::at(&world, "ada");
    let person = world.person(&ada);
    let source = person.source([scope(API)]);
    source.token().await.unwrap();
    let error = person.log_out().await.unwrap().done().unwrap_err();
    assert_snapshot!(error, @"Entra ID ends no login for a program, so this one is only forgotten here; where it must end everywhere, revoke the user's sessions in the directory");
    let anew = person.source([scope(API)]);
    anew.token().await.unwrap();
    assert_eq!(ada.asked(), 2);
}

#[tokio::test(start_paused = true)]
async fn no_scope_is_missed_and_the_ids_of_a_refusal_are_told() {
    let log = Log::of_everything();
    let world = Entra::new();
    let person = world.person(&Somebody::at(&world, "ada"));
    person.source([scope(API)]).token().await.unwrap();
    let text = log.text();
    assert!(!text.contains("fewer scopes"), "{text}");
    let error = person
        .source(["api://unknown/.default"])
        .token()
        .await
        .unwrap_err();
    let text = log.text();
    for id in ["trace_id", "correlation_id", "timestamp"] {
        assert!(text.contains(id), "{text}");
    }
    assert!(
        !error.to_string().contains("Trace ID") && !error.to_string().contains(r"\r"),
        "{error}"
    );
}
