//! RFC 7523 with an assertion that another issuer has signed: a cluster, a workflow. And tokens that are given.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use auth_core::assertion::{Assertion, GitHubAssertion, GivenAssertion, SigningKey};
use auth_core::clock::Clock as _;
use auth_core::session::{FileSecret, Held, Secret};
use auth_core::store::SessionKey;
use auth_core::{
    CachedSource, ClientAuth, ClientCredentials, ErrorKind, GivenSource, Grant, Io, TokenExchange,
    TokenSource,
};
use auth_testkit::{Client, Fault};
use jsonwebtoken::dangerous::insecure_decode;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use crate::world::{HOUR, MINUTE, World};

const KEY: &str = include_str!("jwt_bearer/keys/ec.jwk.json");
const CLUSTER: &str = "https://cluster.test";
const SUBJECT: &str = "system:serviceaccount:lab:reader";
const CANARY: &str = "canary-of-the-job";

impl World {
    /// A server that believes the cluster about one workload.
    fn with_workload() -> Self {
        let world = Self::new();
        let jwk: Value = serde_json::from_str(KEY).unwrap();
        world
            .server
            .add_client(Client::federated("reader", CLUSTER, SUBJECT, &jwk));
        world
    }

    /// What the cluster says of the workload now.
    async fn projected(&self, subject: &str) -> SecretString {
        let key = SigningKey::new(SecretString::from(KEY));
        let assertion = Assertion::new(CLUSTER, key).with_subject(subject);
        let assertion = assertion.with_audience(self.server.issuer()).with_jti();
        let assertion = assertion.revealed(&Held::new()).await.unwrap();
        assertion.signed_at(self.clock.now().wall).unwrap()
    }

    fn proven(&self, assertion: impl Secret + 'static) -> CachedSource {
        let given = GivenAssertion::new(assertion, &self.io());
        let client = ClientAuth::assertion("reader", Arc::new(given));
        CachedSource::new(ClientCredentials::new(self.endpoint(client)), self.io())
    }

    fn lying(&self, file: &Path) -> GivenSource {
        let session = SessionKey::new("", "", "default").with("given token", "a file");
        GivenSource::new(FileSecret::new(file), session, &self.io()).with_origin()
    }

    /// Trades what lies in `file` for a token.
    fn traded(&self, file: &Path) -> TokenExchange {
        let endpoint = self.endpoint(ClientAuth::anonymous());
        TokenExchange::new(endpoint, Arc::new(self.lying(file))).unwrap()
    }
}

fn claims(token: &str) -> Value {
    insecure_decode::<Value>(token).unwrap().claims
}

fn write(file: &Path, token: &SecretString) {
    std::fs::write(file, format!("{}\n", token.expose_secret())).unwrap();
}

#[tokio::test(start_paused = true)]
async fn s2_2_a_projected_token_proves_the_client_and_its_file_is_read_anew_each_time() {
    let world = World::with_workload();
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("token");
    let first = world.projected(SUBJECT).await;
    write(&file, &first);
    let source = world.proven(FileSecret::new(&file));
    source.token().await.unwrap();
    let sent = world.server.requests().pop().unwrap();
    for (name, value) in [
        ("client_id", "reader"),
        ("client_assertion", first.expose_secret()),
        (
            "client_assertion_type",
            "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        ),
    ] {
        assert_eq!(sent.field(name).as_deref(), Some(value), "{name}");
    }
    // The same one may be sent again, and a renewed one is.
    source.renew().await.unwrap();
    world.pass(MINUTE).await;
    let second = world.projected(SUBJECT).await;
    write(&file, &second);
    source.renew().await.unwrap();
    let sent = world.server.requests().pop().unwrap();
    assert_eq!(
        sent.field("client_assertion").as_deref(),
        Some(second.expose_secret())
    );
}

#[tokio::test(start_paused = true)]
async fn s2_1_a_projected_token_is_traded_for_a_token_about_the_workload() {
    let world = World::with_workload();
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("token");
    let assertion = world.projected(SUBJECT).await;
    write(&file, &assertion);
    let source = CachedSource::new(world.traded(&file).with_assertion(), world.io());
    let token = source.token().await.unwrap();
    assert_eq!(claims(token.expose_secret())["sub"], SUBJECT);
    let sent = world.server.requests().pop().unwrap();
    assert_eq!(
        sent.field("assertion").as_deref(),
        Some(assertion.expose_secret())
    );
    assert!(sent.field("client_id").is_none() && sent.field("subject_token").is_none());
}

#[tokio::test(start_paused = true)]
async fn what_is_wrong_with_a_given_assertion_is_one_line_without_it() {
    let world = World::with_workload();
    let old = world.projected(SUBJECT).await;
    world.jump(HOUR + 6 * MINUTE);
    let stranger = world.projected("system:serviceaccount:lab:other").await;
    let wrapped = json!({ "count": 1, "value": CANARY }).to_string();
    let mut all = Vec::new();
    for (name, text) in [
        ("no JWT", CANARY),
        ("JSON", &*wrapped),
        ("half a JWT", "eyJhbGciOiJFUzI1NiJ9.e30"),
        ("an old one", old.expose_secret()),
        ("another one's", stranger.expose_secret()),
    ] {
        let error = world.proven(SecretString::from(text)).token().await;
        let error = error.unwrap_err();
        let said = format!("{:?}: {error}", error.kind());
        assert!(!said.contains(text) && !said.contains(CANARY), "{said}");
        all.push(format!("{name}: {said}"));
    }
    insta::assert_snapshot!(all.join("\n"));
}

#[tokio::test(start_paused = true)]
async fn the_server_judges_what_ended_within_what_clocks_may_differ_by() {
    let world = World::with_workload();
    let assertion = world.projected(SUBJECT).await;
    world.jump(HOUR + 4 * MINUTE);
    let error = world.proven(assertion.clone()).token().await.unwrap_err();
    assert_eq!((error.kind(), world.asked()), (ErrorKind::Refused, 1));
    world.jump(MINUTE);
    let error = world.proven(assertion).token().await.unwrap_err();
    assert_eq!((error.kind(), world.asked()), (ErrorKind::Config, 1));
}

fn job(name: &str) -> Option<SecretString> {
    match name {
        "ACTIONS_ID_TOKEN_REQUEST_URL" => Some("https://forge.test/oidc?api-version=2.0".into()),
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN" => Some(CANARY.into()),
        _ => None,
    }
}

#[tokio::test(start_paused = true)]
async fn a_workflow_asks_anew_for_each_request_and_for_the_audience_that_is_wanted() {
    let world = World::with_workload();
    let assertion = world.projected(SUBJECT).await;
    let answer = json!({ "count": 1, "value": assertion.expose_secret() }).to_string();
    let answer = Fault::status(200).with_body("application/json", answer);
    world.server.fault("/oidc", answer.always());
    let assertion = GitHubAssertion::from_environment(job, "https://auth.test", world.io());
    let source = world.proven(assertion.unwrap());
    source.token().await.unwrap();
    source.renew().await.unwrap();
    let asked = world.server.requests();
    let asked: Vec<_> = asked.iter().filter(|one| one.path() == "/oidc").collect();
    assert_eq!(asked.len(), 2);
    assert_eq!(asked[0].query("audience").unwrap(), "https://auth.test");
    assert_eq!(asked[0].query("api-version").unwrap(), "2.0");
    let bearer = format!("Bearer {CANARY}");
    assert_eq!(asked[0].header("authorization"), Some(&*bearer));
}

#[tokio::test(start_paused = true)]
async fn who_a_workflow_is_is_asked_again_where_nobody_answered_and_not_where_somebody_refused() {
    let world = World::with_workload();
    let assertion = world.projected(SUBJECT).await;
    let answer = json!({ "value": assertion.expose_secret() }).to_string();
    let answer = Fault::status(200).with_body("application/json", answer);
    for (fault, times, requests) in [
        (Fault::status(503), 2, 3),
        (Fault::status(429), 1, 2),
        (Fault::reset(), 2, 3),
        (Fault::status(503), 9, 3),
        (Fault::status(403), 9, 1),
    ] {
        let name = format!("{fault:?}");
        world.server.clear_faults();
        world.server.fault("/oidc", fault.times(times));
        world.server.fault("/oidc", answer.clone().always());
        let before = world.server.requests().len();
        let job = GitHubAssertion::from_environment(job, "https://auth.test", world.io());
        let outcome = world.proven(job.unwrap()).token().await;
        assert_eq!(outcome.is_ok(), times < 9, "{name}");
        let asked = world.server.requests();
        let asked = asked[before..].iter().filter(|one| one.path() == "/oidc");
        assert_eq!(asked.count(), requests, "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_odd_answer_about_a_workflow_is_one_line_without_its_token() {
    let world = World::with_workload();
    let json = |body: &'static str| Fault::status(200).with_body("application/json", body);
    let mut all = Vec::new();
    for fault in [
        Fault::status(401),
        Fault::status(404),
        Fault::status(429),
        Fault::status(503),
        Fault::redirect(302, "https://evil.test"),
        json("{}"),
        json(r#"{"value":null}"#),
        json(r#"{"value":""}"#),
        json(r#"{"value":"canary-of-the-job"}"#),
        json("<html>"),
    ] {
        let name = format!("{fault:?}");
        world.server.clear_faults();
        world.server.fault("/oidc", fault.always());
        let assertion = GitHubAssertion::from_environment(job, "x", world.io()).unwrap();
        let error = world.proven(assertion).token().await.unwrap_err();
        let said = format!("{:?}: {error}", error.kind());
        assert!(!said.contains(CANARY), "{name}: {said}");
        all.push(said);
    }
    insta::assert_snapshot!(all.join("\n"));
}

#[test]
fn outside_of_a_workflow_the_job_is_absent_and_half_of_one_is_a_mistake() {
    let ask = |names: &[&str]| {
        let get = |name: &str| {
            names
                .contains(&name)
                .then(|| SecretString::from("https://x"))
        };
        let error = GitHubAssertion::from_environment(get, "x", Io::new()).unwrap_err();
        format!("{:?}: {error}", error.kind())
    };
    let all = [
        ask(&[]),
        ask(&["ACTIONS_ID_TOKEN_REQUEST_URL"]),
        ask(&["ACTIONS_ID_TOKEN_REQUEST_TOKEN"]),
    ];
    insta::assert_snapshot!(all.join("\n"), @"
    Absent: no job of a GitHub workflow that may ask who it is: ACTIONS_ID_TOKEN_REQUEST_URL is not set; give the job the permission `id-token: write`
    Config: ACTIONS_ID_TOKEN_REQUEST_URL is set and ACTIONS_ID_TOKEN_REQUEST_TOKEN is not; give the job the permission `id-token: write`
    Config: ACTIONS_ID_TOKEN_REQUEST_TOKEN is set and ACTIONS_ID_TOKEN_REQUEST_URL is not; give the job the permission `id-token: write`
    ");
}

#[tokio::test(start_paused = true)]
async fn what_was_got_for_one_subject_is_not_given_where_anothers_token_lies_now() {
    let world = World::with_workload();
    let jwk: Value = serde_json::from_str(KEY).unwrap();
    let other = "system:serviceaccount:lab:other";
    let client = Client::federated("other", CLUSTER, other, &jwk);
    world.server.add_client(client);
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("token");
    write(&file, &world.projected(SUBJECT).await);
    let store: Arc<dyn auth_core::store::TokenStore> =
        Arc::new(auth_core::store::MemoryStore::new());
    let source = || {
        let grant = world.traded(&file).with_assertion();
        CachedSource::new(grant, world.io()).with_store(store.clone())
    };
    let first = source().token().await.unwrap();
    // A renewed token of the same subject changes nothing.
    world.pass(Duration::from_secs(5)).await;
    write(&file, &world.projected(SUBJECT).await);
    assert!(source().token().await.unwrap().is_same(&first));
    assert_eq!(world.asked(), 1);
    write(&file, &world.projected(other).await);
    let second = source().token().await.unwrap();
    assert_eq!(claims(second.expose_secret())["sub"], other);
}

#[tokio::test(start_paused = true)]
async fn what_is_at_hand_for_one_subject_is_over_where_anothers_token_lies_also_while_the_server_is_down()
 {
    let world = World::with_workload();
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("token");
    write(&file, &world.projected(SUBJECT).await);
    let source = CachedSource::new(world.traded(&file).with_assertion(), world.io());
    source.token().await.unwrap();
    world.pass(HOUR - 2 * MINUTE).await;
    let other = "system:serviceaccount:lab:other";
    write(&file, &world.projected(other).await);
    world.server.fault("/token", Fault::status(503).always());
    // It is stale, so whoever asks first is the one who has it looked after.
    let _ = source.token().await;
    source.settled().await;
    let error = source.token().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_subject_that_is_no_jwt_is_sent_as_it_is_and_one_that_is_no_token_is_not() {
    let world = World::new();
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("token");
    world
        .server
        .set_policy(auth_testkit::Policy::new().with_opaque_tokens());
    let token = world.robot().token().await.unwrap();
    std::fs::write(&file, token.expose_secret()).unwrap();
    let endpoint = world.endpoint(ClientAuth::public("desktop"));
    let exchange = TokenExchange::new(endpoint, Arc::new(world.lying(&file))).unwrap();
    exchange.exchange(&Held::new()).await.unwrap();
    let sent = world.server.requests().pop().unwrap();
    assert_eq!(
        sent.field("subject_token").as_deref(),
        Some(token.expose_secret())
    );
    for bad in ["two words", "no\u{2028}token"] {
        std::fs::write(&file, bad).unwrap();
        let error = exchange.exchange(&Held::new()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config, "{error}");
        assert!(!error.to_string().contains(bad), "{error}");
    }
}
