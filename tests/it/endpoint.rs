//! The token endpoint: who asks, what is sent, what is read, what is tried again.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use auth_core::assertion::ClientAssertion;
use auth_core::clock::Clock;
use auth_core::endpoint::Form;
use auth_core::error::Recall;
use auth_core::session::{Held, Secret, TokenSet};
use auth_core::{
    BoxFuture, ClientAuth, ClientCredentials, ErrorKind, Grant, Result, TokenEndpoint, TokenSource,
};
use auth_testkit::{Client, Fault, Policy, Rotation};
use secrecy::SecretString;

use crate::world::{MINUTE, World};

impl World {
    fn at_token(&self) -> TokenEndpoint {
        self.endpoint(ClientAuth::basic("robot", SecretString::from("s3cret")))
    }

    async fn ask(&self) -> Result<TokenSet> {
        self.at_token()
            .request(&Held::new(), Form::new("client_credentials"))
            .await
    }
}

#[tokio::test(start_paused = true)]
async fn rfc6749_s2_3_1_a_client_proves_itself_in_the_header_or_in_the_body() {
    let world = World::new();
    let odd = "a+b/c%&=: é";
    world
        .server
        .add_client(Client::confidential("my client", odd));
    for client in [
        ClientAuth::basic("my client", SecretString::from(odd)),
        ClientAuth::body("my client", SecretString::from(odd)),
    ] {
        let form = Form::new("client_credentials");
        world
            .endpoint(client)
            .request(&Held::new(), form)
            .await
            .unwrap();
    }
    let [header, body] = &world.server.requests()[..] else {
        panic!()
    };
    assert!(header.header("authorization").is_some() && header.field("client_secret").is_none());
    assert!(body.header("authorization").is_none() && body.field("client_secret").is_some());
}

#[tokio::test(start_paused = true)]
async fn rfc7523_s2_2_a_signed_assertion_is_asked_for_anew_for_each_request() {
    #[derive(Debug, Default)]
    struct Counting(std::sync::atomic::AtomicUsize);
    impl ClientAssertion for Counting {
        fn sign<'a>(&'a self, audience: &'a str) -> BoxFuture<'a, Result<SecretString>> {
            let call = self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            Box::pin(async move { Ok(format!("assertion-{call}-for-{audience}").into()) })
        }
    }
    let world = World::new();
    world.server.fault("/token", Fault::status(503).times(2));
    let signer = Arc::new(Counting::default());
    let endpoint = world.endpoint(ClientAuth::assertion("robot", signer));
    endpoint
        .request(&Held::new(), Form::new("client_credentials"))
        .await
        .unwrap_err();
    let sent = world.server.requests();
    let assertions: Vec<_> = sent
        .iter()
        .map(|r| r.field("client_assertion").unwrap())
        .collect();
    let expected = |call| format!("assertion-{call}-for-{}", world.server.url("/token"));
    assert_eq!(assertions, [expected(0), expected(1), expected(2)]);
}

#[tokio::test(start_paused = true)]
async fn an_empty_parameter_is_never_sent() {
    let world = World::new();
    let form = Form::new("client_credentials")
        .with_scopes(&[])
        .with("audience", "");
    world.at_token().request(&Held::new(), form).await.unwrap();
    let sent = &world.server.requests()[0];
    assert_eq!(
        sent.form(),
        [("grant_type".to_owned(), "client_credentials".to_owned())]
    );
}

#[tokio::test(start_paused = true)]
async fn r2_what_can_be_repeated_is_tried_three_times_with_growing_pauses() {
    let world = World::new();
    world.server.fault("/token", Fault::status(503).times(2));
    world.ask().await.unwrap();
    assert_eq!(world.asked(), 3);
    world.server.fault("/token", Fault::reset().always());
    assert_eq!(
        world.ask().await.unwrap_err().kind(),
        ErrorKind::Unavailable
    );
    assert_eq!(world.asked(), 6);
}

#[tokio::test(start_paused = true)]
async fn r2_a_rotating_refresh_token_is_never_sent_twice_once_it_may_have_arrived() {
    for fault in [
        Fault::reset().after_commit(),
        Fault::reset(),
        Fault::status(503),
        Fault::status(500).after_commit(),
        Fault::cut(),
        Fault::delay(Duration::from_secs(100)),
    ] {
        let world = World::new();
        let first = world.server.login("desktop", "ada", &["read"]);
        world.server.fault("/token", fault);
        let endpoint = world.endpoint(ClientAuth::public("desktop"));
        let error = endpoint
            .refresh(&Held::new(), &first, &[])
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable);
        assert_eq!(world.asked(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_refresh_that_certainly_did_not_arrive_is_tried_again() {
    let world = World::new();
    let first = world.server.login("desktop", "ada", &["read"]);
    world.server.fault("/token", Fault::refused());
    world.server.fault("/token", Fault::status(429));
    let endpoint = world.endpoint(ClientAuth::public("desktop"));
    endpoint.refresh(&Held::new(), &first, &[]).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn r1_retry_after_is_obeyed_in_seconds_and_as_a_date() {
    let wait = Duration::from_secs(7);
    let date = httpdate_in(wait);
    for fault in [
        Fault::status(429).with_retry_after(wait),
        Fault::status(503).with_header("retry-after", &date),
    ] {
        let world = World::new();
        world.server.fault("/token", fault);
        let start = world.clock.now().monotonic;
        world.ask().await.unwrap();
        let waited = world.clock.now().monotonic - start;
        assert!((7..=8).contains(&waited.as_secs()), "{waited:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn r1_a_pause_past_the_deadline_is_not_waited_for_but_reported() {
    let world = World::new();
    world.server.fault(
        "/token",
        Fault::status(429).with_retry_after(Duration::from_secs(120)),
    );
    let start = world.clock.now().monotonic;
    let error = world.ask().await.unwrap_err();
    assert_eq!(error.retry_after(), Some(Duration::from_secs(120)));
    assert_eq!(world.clock.now().monotonic, start);
}

#[tokio::test(start_paused = true)]
async fn r3_a_refusal_is_never_repeated_and_keeps_its_words() {
    let world = World::new();
    world
        .server
        .fault("/token", Fault::refusal(400, "invalid_scope"));
    let error = world.ask().await.unwrap_err();
    assert!(error.is_refusal("invalid_scope") && error.status() == Some(400));
    assert_eq!(world.asked(), 1);
    let wrong = world.endpoint(ClientAuth::basic("robot", SecretString::from("canary")));
    let error = wrong
        .request(&Held::new(), Form::new("client_credentials"))
        .await
        .unwrap_err();
    assert!(error.is_refusal("invalid_client") && error.status() == Some(401));
    assert!(!format!("{error} {error:#?} {wrong:#?}").contains("canary"));
}

#[tokio::test(start_paused = true)]
async fn r6_no_odd_answer_is_taken_for_a_token_and_the_next_one_works() {
    let odd = [
        Fault::truncated(),
        Fault::html(200),
        Fault::status(204),
        Fault::status(200),
        Fault::refusal(200, "invalid_request"),
        Fault::member("access_token", 5),
        Fault::member("token_type", "mac"),
        Fault::member("access_token", "a b\r\nX-Evil: 1"),
        Fault::without("access_token"),
        Fault::huge(2 << 20),
        Fault::status(404),
        Fault::html(403),
        Fault::status(407),
    ];
    for fault in odd {
        let world = World::new();
        let said = format!("{fault:?}");
        world.server.fault("/token", fault);
        let source = world.robot();
        let error = auth_core::TokenSource::token(&source).await.unwrap_err();
        assert!(
            match error.status() {
                // There is nothing at the address that was configured.
                Some(404) => error.kind() == ErrorKind::Config,
                _ => matches!(error.kind(), ErrorKind::Protocol | ErrorKind::Refused),
            },
            "{said}: {error}"
        );
        assert!(!error.to_string().contains('\n'), "{error}");
        assert_eq!(world.asked(), 1, "{said}");
        world.pass(Duration::from_secs(60)).await;
        auth_core::TokenSource::token(&source).await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn r7_a_slow_drip_ends_with_the_deadline() {
    let world = World::new();
    world
        .server
        .fault("/token", Fault::drip(Duration::from_secs(1)).always());
    let start = world.clock.now().monotonic;
    assert_eq!(
        world.ask().await.unwrap_err().kind(),
        ErrorKind::Unavailable
    );
    assert_eq!((world.clock.now().monotonic - start).as_secs(), 30);
}

#[tokio::test(start_paused = true)]
async fn s19_a_redirect_is_an_error_that_names_its_target_and_nothing_arrives_there() {
    for status in [301, 302, 303, 307, 308] {
        let world = World::new();
        world.server.fault(
            "/token",
            Fault::redirect(status, "https://evil.example/take?x=1"),
        );
        let error = world.ask().await.unwrap_err();
        assert!(error.to_string().contains("evil.example"), "{error}");
        assert_eq!(world.server.requests().len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn r9_a_wrong_clock_is_told_by_how_much_and_never_corrected() {
    let world = World::new();
    world.clock.set_forward(Duration::from_secs(420));
    let wrong =
        Fault::refusal(400, "invalid_grant").with_header("date", &httpdate_in(Duration::ZERO));
    world.server.fault("/token", wrong);
    assert_eq!(world.ask().await.unwrap_err().clock_ahead(), Some(420));
}

#[tokio::test(start_paused = true)]
async fn r24_after_a_refresh_the_new_token_counts_and_a_missing_one_keeps_the_old() {
    let world = World::new();
    let endpoint = world.endpoint(ClientAuth::public("desktop"));
    let first = world.server.login("desktop", "ada", &["read"]);
    let set = endpoint.refresh(&Held::new(), &first, &[]).await.unwrap();
    assert!(!set.refresh().unwrap().is_same(&first));
    world
        .server
        .set_policy(Policy::new().with_rotation(Rotation::Silent));
    let first = world.server.login("desktop", "ada", &["read"]);
    let set = endpoint.refresh(&Held::new(), &first, &[]).await.unwrap();
    assert!(set.refresh().unwrap().is_same(&first));
}

#[tokio::test(start_paused = true)]
async fn r24_fewer_scopes_than_asked_for_are_reported() {
    let world = World::new();
    world
        .server
        .set_policy(Policy::new().with_granted_scopes(["read"]));
    let grant = ClientCredentials::new(world.at_token()).with_scopes(["read", "write"]);
    let set = grant.exchange(&Held::new()).await.unwrap();
    assert_eq!(set.access().scope(), Some("read"));
}

#[tokio::test(start_paused = true)]
async fn client_credentials_send_their_scopes_and_parameters() {
    let world = World::new();
    let grant = ClientCredentials::new(world.at_token())
        .with_scopes(["read", "write"])
        .with_parameter("audience", "https://api.example");
    grant.exchange(&Held::new()).await.unwrap();
    let sent = &world.server.requests()[0];
    assert_eq!(sent.field("scope").as_deref(), Some("read write"));
    assert_eq!(
        sent.field("audience").as_deref(),
        Some("https://api.example")
    );
    assert_eq!(sent.header("accept"), Some("application/json"));
    assert!(grant.key().question().contains("audience"));
}

/// An HTTP date so long after the test clock's first day begins.
fn httpdate_in(time: Duration) -> String {
    assert!(time.as_secs() < 60);
    format!("Thu, 01 Jan 2026 00:00:{:02} GMT", time.as_secs())
}

#[tokio::test(start_paused = true)]
async fn a_refresh_that_is_refused_without_a_reason_keeps_the_token_and_says_what_to_try() {
    let world = World::new();
    let first = world.server.login("desktop", "ada", &["read"]);
    let source = world.person(&first, &["read"]);
    source.token().await.unwrap();
    world.server.fault("/token", Fault::status(400));
    let error = source.renew().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Refused);
    assert!(error.to_string().contains("else log in again"), "{error}");
    world.pass(MINUTE).await;
    source.renew().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn what_a_person_can_mend_is_an_interaction_also_at_the_token_endpoint() {
    for code in [
        "account_selection_required",
        "consent_required",
        "interaction_required",
        "login_required",
    ] {
        let world = World::new();
        let source = world.robot();
        world.server.fault("/token", Fault::refusal(400, code));
        let error = source.token().await.unwrap_err();
        assert_eq!(
            (error.kind(), error.code(), error.status()),
            (ErrorKind::Interaction, Some(code), Some(400))
        );
        assert_eq!(error.recall(), Recall::Never);
        assert!(error.advice().is_some() && error.challenge().is_none());
        source.token().await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn an_invalid_grant_that_only_wants_more_of_a_person_is_no_end_of_their_login() {
    for (suberror, kind, code) in [
        (
            "basic_action",
            ErrorKind::Interaction,
            "interaction_required",
        ),
        (
            "additional_action",
            ErrorKind::Interaction,
            "interaction_required",
        ),
        (
            "consent_required",
            ErrorKind::Interaction,
            "consent_required",
        ),
        ("bad_token", ErrorKind::Refused, "invalid_grant"),
        ("client_mismatch", ErrorKind::Refused, "invalid_grant"),
    ] {
        let world = World::new();
        let body = serde_json::json!({ "error": "invalid_grant", "suberror": suberror });
        let fault = Fault::status(400).with_body("application/json", body.to_string());
        world.server.fault("/token", fault);
        let error = world.robot().token().await.unwrap_err();
        assert_eq!(
            (error.kind(), error.code()),
            (kind, Some(code)),
            "{suberror}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn what_entra_asks_of_the_next_login_is_in_the_error() {
    let claims = r#"{"access_token":{"acrs":{"essential":true,"value":"c1"}}}"#;
    let object: serde_json::Value = serde_json::from_str(claims).unwrap();
    for said in [serde_json::Value::from(claims), object] {
        let world = World::new();
        let body = serde_json::json!({ "error": "interaction_required", "claims": said });
        let fault = Fault::status(400).with_body("application/json", body.to_string());
        world.server.fault("/token", fault);
        let error = world.robot().token().await.unwrap_err();
        let challenge = error.challenge().unwrap();
        assert_eq!(challenge.claims.as_deref(), Some(claims));
    }
}

/// A client's secret that counts how often it was refused.
#[derive(Debug, Default)]
struct Fetched(AtomicUsize);

impl Secret for Fetched {
    fn reveal<'a>(&'a self, _: &'a Held) -> BoxFuture<'a, Result<SecretString>> {
        Box::pin(async { Ok("s3cret".into()) })
    }

    fn refused(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[tokio::test(start_paused = true)]
async fn a_secret_is_told_that_it_was_refused_where_it_was_and_not_where_something_else_was() {
    let world = World::new();
    let secret = Arc::new(Fetched::default());
    let endpoint = world.endpoint(ClientAuth::basic("robot", secret.clone()));
    for (code, refused) in [("invalid_scope", 0), ("invalid_client", 1)] {
        world.server.fault("/token", Fault::refusal(400, code));
        let form = Form::new("client_credentials");
        let outcome = endpoint.request(&Held::new(), form).await;
        assert!(outcome.unwrap_err().is_refusal(code));
        assert_eq!(secret.0.load(Ordering::Relaxed), refused, "{code}");
    }
}
