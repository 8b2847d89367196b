//! Applications: how they prove who they are, and what they are told when they can't.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use auth_azure::{Certificate, Credential};
use auth_core::assertion::GitHubAssertion;
use auth_core::session::{FileSecret, Held, Secret};
use auth_core::{
    AccessToken, BoxFuture, CachedSource, ClientAuth, ClientCredentials, ErrorKind, Result,
    StaticSource, TokenEndpoint, TokenSource,
};
use auth_testkit::{Client, EntraApplication, Fault, Policy};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use http::Method;
use insta::assert_snapshot;
use secrecy::SecretString;
use serde_json::{Value, json};

use super::world::{
    API, CERTIFICATE, Entra, KEY, ROBOT, Somebody, TOKENS, api, claims, directory, pem, scope,
};
use crate::world::{HOUR, MINUTE, crowd, on_both_runtimes, slowly};

const FEDERATION: &str = Credential::AUDIENCE;

/// A token of the generic issuer, as GitHub or Kubernetes would give it.
async fn workload(world: &Entra, audience: &str) -> AccessToken {
    let server = &world.server;
    server.add_client(Client::confidential("workload", "pw").with_audience(audience));
    let client = ClientAuth::basic("workload", SecretString::from("pw"));
    let endpoint = TokenEndpoint::new(server.url("/token"), client, world.io());
    let source = CachedSource::new(ClientCredentials::new(endpoint), world.io());
    source.token().await.unwrap()
}

async fn said(credential: &Credential, world: &Entra) -> String {
    let source = world.robot(credential).source(&scope(API)).unwrap();
    let error = source.token().await.unwrap_err();
    format!("{:?}: {error}", error.kind())
}

#[tokio::test(start_paused = true)]
async fn a_secret_goes_into_the_body_and_the_token_is_for_the_api_alone() {
    let world = Entra::new();
    let source = world.secret().source(&scope(API)).unwrap();
    let token = source.token().await.unwrap();
    assert_eq!(claims(token.expose_secret())["aud"], API);
    let sent = world.last_form();
    for (name, value) in [
        ("client_id", ROBOT),
        ("client_secret", "s3cret~"),
        ("grant_type", "client_credentials"),
        ("scope", &scope(API)),
    ] {
        assert_eq!(sent.field(name).as_deref(), Some(value), "{name}");
    }
    assert!(sent.header("authorization").is_none());
    assert_eq!(world.asked(), 1, "no request finds endpoints");
}

#[tokio::test(start_paused = true)]
async fn a_certificate_signs_with_ps256_and_is_named_by_its_thumbprint_in_whatever_order_the_file_is()
 {
    for parts in [[KEY, CERTIFICATE], [CERTIFICATE, KEY]] {
        let world = Entra::new();
        let source = world.robot(&pem(&parts)).source(&scope(API)).unwrap();
        source.token().await.unwrap();
        let jwt = world.last_form().field("client_assertion").unwrap();
        let header = URL_SAFE_NO_PAD
            .decode(jwt.split('.').next().unwrap())
            .unwrap();
        let header: Value = serde_json::from_slice(&header).unwrap();
        assert_eq!(header["alg"], "PS256");
        assert_eq!(header["x5t#S256"].as_str().unwrap().len(), 43);
        assert!(header.get("x5c").is_none() && header.get("kid").is_none());
        let said = claims(&jwt);
        assert_eq!((&said["iss"], &said["sub"]), (&json!(ROBOT), &json!(ROBOT)));
        assert!(
            said["aud"]
                .as_str()
                .unwrap()
                .ends_with("/oauth2/v2.0/token")
        );
        assert!(said["jti"].is_string());
        // Another one each time.
        source.renew().await.unwrap();
        assert_ne!(world.last_form().field("client_assertion").unwrap(), jwt);
    }
}

#[tokio::test(start_paused = true)]
async fn a_chain_begins_with_the_certificate_of_the_key() {
    let world = Entra::new();
    let stranger = include_str!("other.cert.pem");
    let text = SecretString::from([stranger, CERTIFICATE, KEY].concat());
    let credential = Credential::certificate(Certificate::pem(text).with_chain());
    let source = world.robot(&credential).source(&scope(API)).unwrap();
    source.token().await.unwrap();
    let jwt = world.last_form().field("client_assertion").unwrap();
    let header = URL_SAFE_NO_PAD
        .decode(jwt.split('.').next().unwrap())
        .unwrap();
    let header: Value = serde_json::from_slice(&header).unwrap();
    let chain = header["x5c"].as_array().unwrap();
    let der = |pem: &str| {
        let lines = pem.lines().filter(|line| !line.starts_with('-'));
        STANDARD.decode(lines.collect::<String>()).unwrap()
    };
    let sent = |index: usize| STANDARD.decode(chain[index].as_str().unwrap()).unwrap();
    assert_eq!((sent(0), sent(1)), (der(CERTIFICATE), der(stranger)));
    assert_eq!(chain.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_federated_assertion_is_read_anew_for_each_request() {
    let world = Entra::new();
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("token");
    let first = workload(&world, FEDERATION).await;
    std::fs::write(&file, first.expose_secret()).unwrap();
    let credential = Credential::assertion(FileSecret::new(&file));
    let source = world.robot(&credential).source(&scope(API)).unwrap();
    source.token().await.unwrap();
    let sent = world.last_form();
    assert_eq!(
        sent.field("client_assertion_type").as_deref(),
        Some("urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
    );
    assert_eq!(
        sent.field("client_assertion").as_deref(),
        Some(first.expose_secret())
    );
    world.clock.advance(MINUTE).await;
    let second = workload(&world, FEDERATION).await;
    std::fs::write(&file, format!("{}\n", second.expose_secret())).unwrap();
    source.renew().await.unwrap();
    let sent = world.last_form().field("client_assertion");
    assert_eq!(sent.as_deref(), Some(second.expose_secret()));
}

#[tokio::test(start_paused = true)]
async fn a_job_of_github_asks_for_its_assertion_with_the_audience_that_entra_wants() {
    let world = Entra::new();
    let jwt = workload(&world, FEDERATION).await;
    let answer = json!({ "count": 1, "value": jwt.expose_secret() }).to_string();
    world.server.fault(
        "/oidc",
        Fault::status(200)
            .with_body("application/json", answer)
            .always(),
    );
    let variable = |name: &str| match name {
        "ACTIONS_ID_TOKEN_REQUEST_URL" => {
            Some("https://github.test/oidc?api-version=2.0".to_owned())
        }
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN" => Some("job".to_owned()),
        _ => None,
    };
    let variable = |name: &str| variable(name).map(SecretString::from);
    let assertion =
        GitHubAssertion::from_environment(variable, Credential::AUDIENCE, world.io()).unwrap();
    let source = world.robot(&Credential::assertion(assertion));
    let source = source.source(&scope(API)).unwrap();
    source.token().await.unwrap();
    let asked = world.server.requests();
    let asked = asked.iter().find(|one| one.path() == "/oidc").unwrap();
    assert_eq!(asked.method(), Method::GET);
    assert_eq!(asked.query("audience").as_deref(), Some(FEDERATION));
    assert_eq!(asked.query("api-version").as_deref(), Some("2.0"));
    assert_eq!(asked.header("authorization"), Some("Bearer job"));
    source.renew().await.unwrap();
    assert_eq!(world.server.count("/oidc"), 2, "asked for anew");
}

/// A secret of one's own.
#[derive(Debug)]
struct Callback(Arc<AtomicUsize>, String);

impl Secret for Callback {
    fn reveal<'a>(&'a self, _: &'a Held) -> BoxFuture<'a, Result<SecretString>> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Box::pin(async { Ok(self.1.clone().into()) })
    }
}

#[tokio::test(start_paused = true)]
async fn a_callback_gives_an_assertion_once_for_each_request() {
    let world = Entra::new();
    let count = Arc::new(AtomicUsize::new(0));
    let jwt = workload(&world, FEDERATION).await;
    let callback = Callback(count.clone(), jwt.expose_secret().to_owned());
    let source = world.robot(&Credential::assertion(callback));
    let source = source.source(&scope(API)).unwrap();
    for asked in 1..4 {
        source.renew().await.unwrap();
        assert_eq!(count.load(Ordering::Relaxed), asked);
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_wrong_with_a_credential_is_one_line_that_says_what_to_do() {
    let world = Entra::new();
    let directory = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = directory.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let secret = |text: &str| Credential::secret(SecretString::from(text));
    let assertion = |text: &str| Credential::assertion(SecretString::from(text));
    let old = workload(&world, FEDERATION).await;
    world.clock.set_forward(2 * HOUR);
    let other = workload(&world, "api://other").await;
    let missing = directory.path().join("missing");
    let binary = directory.path().join("cert.pfx");
    std::fs::write(&binary, [0x30, 0x82, 0xff, 0xfe]).unwrap();
    let elsewhere = include_str!("../jwt_bearer/keys/ec.pkcs8.pem");
    let cases = [
        (
            "the secret's id",
            secret("7e307b14-2a27-4f66-ada8-ec6400eb4977"),
        ),
        ("an old secret", secret("old")),
        ("no certificate", pem(&[KEY])),
        ("no key", pem(&[CERTIFICATE])),
        ("another key", pem(&[elsewhere, CERTIFICATE])),
        (
            "PKCS#12",
            Credential::certificate(Certificate::file(&binary)),
        ),
        (
            "no file",
            Credential::certificate(Certificate::file(&missing)),
        ),
        (
            "no assertion",
            Credential::assertion(FileSecret::new(&missing)),
        ),
        (
            "an empty one",
            Credential::assertion(FileSecret::new(file("empty", "\n"))),
        ),
        ("no JWT", assertion("token")),
        (
            "an old one",
            Credential::assertion(FileSecret::new(file("old", old.expose_secret()))),
        ),
        ("for others", assertion(other.expose_secret())),
    ];
    let mut all = Vec::new();
    for (name, credential) in cases {
        all.push(format!("{name}: {}", said(&credential, &world).await));
    }
    let changed = super::world::directory().with_application(
        EntraApplication::confidential(ROBOT, "x").with_expired_certificate(CERTIFICATE),
    );
    world.server.add_entra_tenant(changed);
    all.push(format!(
        "an expired certificate: {}",
        said(&pem(&[KEY, CERTIFICATE]), &world).await
    ));
    let all = all
        .join("\n")
        .replace(&directory.path().display().to_string(), "<dir>");
    let all = crate::shown::portable(&all);
    assert_snapshot!(all, @r#"
    the secret's id: Refused: https://login.microsoftonline.com/f870e5ae-5521-4a94-b9ff-cdde7d36dd35/oauth2/v2.0/token refused: invalid_client: AADSTS7000215: Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '[secret]'; give the client secret's value: most often its id was given instead
    an old secret: Refused: https://login.microsoftonline.com/f870e5ae-5521-4a94-b9ff-cdde7d36dd35/oauth2/v2.0/token refused: invalid_client: AADSTS7000222: The provided client secret keys for app '7e307b14-2a27-4f66-ada8-ec6400eb4977' are expired; make a new client secret: this one has expired
    no certificate: Config: the certificate: there is no certificate in the PEM text; put the certificate into the same file as the private key, each as its own section
    no key: Config: the certificate: the PEM text holds only the public half of a key; give the file with the private key
    another key: Config: the certificate: the key is one for ES256, so it can't sign with PS256; change the algorithm or give another key
    PKCS#12: Config: <dir>/cert.pfx: it is neither PEM text nor a PKCS#12 file that can be read here; `openssl pkcs12 -in cert.pfx -out cert.pem -nodes` turns a PKCS#12 file into PEM; keep the result as safe as a password
    no file: Config: the file <dir>/missing can't be read: No such file or directory (os error 2); name another file
    no assertion: Config: the file <dir>/missing can't be read: No such file or directory (os error 2); name another file
    an empty one: Config: the file <dir>/empty is empty; put the secret or token alone into it, as plain text
    no JWT: Config: the assertion is no JSON Web Token; give the token alone, as its issuer writes it
    an old one: Config: the assertion ended on Thu, 01 Jan 2026 01:00:00 GMT, and nobody has renewed it; see that whatever writes it still runs (a cluster renews a projected token's file), and that this machine's clock is right
    for others: Refused: https://login.microsoftonline.com/f870e5ae-5521-4a94-b9ff-cdde7d36dd35/oauth2/v2.0/token refused: invalid_client: AADSTS700212: No matching federated identity record found for presented assertion audience '"api://other"'. Check your federated identity credential Subject, Audience and Issuer against the presented assertion; make issuer, subject and audience of the application's federated credential those of the assertion, letter by letter; the assertion said iss `https://auth.test`, sub `workload`, aud `api://other`
    an expired certificate: Refused: https://login.microsoftonline.com/f870e5ae-5521-4a94-b9ff-cdde7d36dd35/oauth2/v2.0/token refused: invalid_client: AADSTS700027: Client assertion contains an invalid signature. [Reason - The key used is expired.]; register this certificate for the application, or a new one: `openssl x509 -in cert.pem -noout -enddate` shows when it ends
    "#);
}

#[test]
fn an_application_asks_for_all_of_one_api() {
    let application = Entra::new().secret();
    for bad in [
        "",
        "User.Read",
        "api://x/y",
        "/.default",
        "a/.default b/.default",
    ] {
        let error = application.source(bad).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config, "{bad}");
        assert!(error.to_string().contains("/.default"), "{error}");
    }
}

#[test]
fn a_cold_crowd_makes_one_request() {
    on_both_runtimes(|| async {
        let world = Entra::new();
        world.server.fault(TOKENS, Fault::delay(slowly()));
        let source = world.secret().source(&scope(API)).unwrap();
        let answers = crowd(&source).await;
        let first = answers[0].as_ref().unwrap();
        assert!(
            answers
                .iter()
                .all(|one| one.as_ref().unwrap().is_same(first))
        );
        assert_eq!(world.asked(), 1);
    });
}

#[tokio::test(start_paused = true)]
async fn tokens_of_five_minutes_are_kept_and_one_that_works_outlives_a_failed_renewal() {
    let world = Entra::new();
    let life = Duration::from_secs(300);
    let policy = Policy::of_entra().with_token_life(life);
    world
        .server
        .add_entra_tenant(directory().with_policy(policy));
    let source = world.secret().source(&scope(API)).unwrap();
    let token = source.token().await.unwrap();
    for _ in 0..7 {
        world.clock.advance(MINUTE / 2).await;
        assert!(source.token().await.unwrap().is_same(&token));
    }
    assert_eq!(world.asked(), 1);
    world.server.fault(TOKENS, Fault::status(503).always());
    world.clock.advance(Duration::from_secs(60)).await;
    assert!(source.token().await.unwrap().is_same(&token));
    source.settled().await;
    assert!(world.asked() > 1, "it tried");
    assert!(source.token().await.unwrap().is_same(&token));
}

#[tokio::test(start_paused = true)]
async fn after_a_401_the_next_request_carries_another_token() {
    let world = Entra::new();
    for credential in [
        Credential::secret(SecretString::from("s3cret~")),
        pem(&[KEY, CERTIFICATE]),
    ] {
        let source = world.robot(&credential).source(&scope(API)).unwrap();
        let refused = source.token().await.unwrap();
        source.discard(&refused, None);
        assert!(!source.token().await.unwrap().is_same(&refused));
    }
}

#[tokio::test(start_paused = true)]
async fn a_claims_challenge_goes_with_the_next_request_of_an_application() {
    let world = Entra::new();
    let nbf = json!({ "access_token": { "nbf": { "essential": true, "value": "1604106651" } } });
    world
        .server
        .add_entra_tenant(directory().with_application(api().with_challenge(nbf.clone())));
    let application = world.secret().with_continuous_access_evaluation();
    let source = application.source(&scope(API)).unwrap();
    let client = auth_core::ApiClient::new(world.server.url("/v1/"), Arc::new(source), world.io());
    let _: Value = client.json("references/search/").await.unwrap();
    let first: Value = serde_json::from_str(&world.forms()[0].field("claims").unwrap()).unwrap();
    assert_eq!(
        first,
        json!({ "access_token": { "xms_cc": { "values": ["cp1"] } } })
    );
    let second: Value = serde_json::from_str(&world.last_form().field("claims").unwrap()).unwrap();
    assert_eq!(second["access_token"]["nbf"], nbf["access_token"]["nbf"]);
    assert_eq!(
        second["access_token"]["xms_cc"],
        json!({ "values": ["cp1"] })
    );
    assert_eq!(world.asked(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_service_asks_on_behalf_of_each_caller_apart() {
    let world = Entra::new();
    let middle = "11111111-2222-4333-8444-555555555555";
    world.server.add_entra_tenant(
        directory()
            .with_application(EntraApplication::confidential(middle, "pw").with_scope("use")),
    );
    let application = world
        .tenant()
        .application(middle, &Credential::secret(SecretString::from("pw")));
    let mut sessions = Vec::new();
    for name in ["ada", "bob"] {
        let person = world.person(&Somebody::at(&world, name));
        let token = person.source([scope(middle)]).token().await.unwrap();
        let who = claims(token.expose_secret());
        let caller = StaticSource::of_caller(
            token.clone(),
            world.tenant().issuer(),
            who["sub"].as_str().unwrap(),
            &world.io(),
        );
        let source = application
            .on_behalf_of(Arc::new(caller), [scope(API)])
            .unwrap();
        let theirs = source.token().await.unwrap();
        let said = claims(theirs.expose_secret());
        assert_eq!((&said["oid"], &said["aud"]), (&who["oid"], &json!(API)));
        let sent = world.last_form();
        for (field, value) in [
            ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"),
            ("requested_token_use", "on_behalf_of"),
            ("assertion", token.expose_secret()),
            ("scope", &scope(API)),
            ("client_secret", "pw"),
        ] {
            assert_eq!(sent.field(field).as_deref(), Some(value), "{field}");
        }
        assert!(sent.field("subject_token").is_none());
        sessions.push(source.key().session().clone());
    }
    assert_ne!(sessions[0], sessions[1]);
}
