//! Applications that ask for themselves.

use auth_testkit::{Client, Server, TestClock};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde_json::{Value, json};

use super::super::{Form, get, post};
use super::{
    API, CERTIFICATE, KEY, OTHER_API, ROBOT, TENANT, at, claims, endpoint, now, server, token,
};

#[tokio::test(start_paused = true)]
async fn an_api_of_version_2_gets_its_bare_id_as_audience_and_one_of_version_1_what_was_asked_for()
{
    let (server, clock) = server();
    let ask = async |scope: &str| {
        let reply = secret(&server, scope).await;
        assert_eq!(reply.status, 200, "{}", reply.json());
        assert_eq!(reply.json()["expires_in"], 3600);
        assert_eq!(reply.json()["ext_expires_in"], 3600);
        assert!(reply.json().get("refresh_token").is_none());
        assert!(reply.json().get("scope").is_none());
        claims(&reply.text("access_token"))
    };
    let v2 = ask(&format!("api://{API}/.default")).await;
    assert_eq!(v2["aud"], API);
    assert_eq!(
        v2["iss"],
        format!("https://login.microsoftonline.com/{TENANT}/v2.0")
    );
    assert_eq!(v2["ver"], "2.0");
    assert_eq!((&v2["azp"], &v2["azpacr"]), (&json!(ROBOT), &json!("1")));
    assert_eq!(v2["roles"], json!(["robot.writer"]));
    assert_eq!(v2["oid"], v2["sub"]);
    assert!(v2.get("idtyp").is_none() && v2.get("scp").is_none());
    assert_eq!(v2["exp"], now(&clock) + 3600);
    assert_eq!(v2["nbf"], now(&clock) - 300); // the real one counts from five minutes ago

    for resource in [OTHER_API.to_owned(), format!("api://{OTHER_API}")] {
        let v1 = ask(&format!("{resource}/.default")).await;
        assert_eq!(v1["aud"], resource.as_str());
        assert_eq!(v1["iss"], format!("https://sts.windows.net/{TENANT}/"));
        assert_eq!((&v1["ver"], &v1["appid"]), (&json!("1.0"), &json!(ROBOT)));
        assert_eq!(v1["idtyp"], "app");
    }
}

#[tokio::test(start_paused = true)]
async fn its_tokens_can_be_checked_with_the_published_keys() {
    let (server, _) = server();
    let reply = secret(&server, &format!("{API}/.default")).await;
    let keys = get(&server, &at("common/discovery/keys"), "").await;
    let key: Jwk = serde_json::from_value(keys.json()["keys"][0].clone()).unwrap();
    let mut rule = Validation::new(Algorithm::RS256);
    rule.set_audience(&[API]);
    rule.validate_exp = false;
    let token = reply.text("access_token");
    let key = DecodingKey::from_jwk(&key).unwrap();
    let checked = jsonwebtoken::decode::<Value>(&token, &key, &rule).unwrap();
    assert_eq!(checked.header.typ.as_deref(), Some("JWT"));
    assert_eq!(checked.header.x5t, checked.header.kid);
    assert_eq!(claims(&token), checked.claims);

    let bearer = get(&server, &server.url("/v1/references/"), &token).await;
    assert_eq!(bearer.text("azp"), ROBOT);
    assert_eq!(bearer.text("path"), "/v1/references/");
    assert!(server.revoke(&token));
    let refused = get(&server, &server.url("/v1/references/"), &token).await;
    assert_eq!(refused.status, 401);
    let challenge = refused.header("www-authenticate");
    assert!(
        challenge.contains(r#"error="invalid_token""#),
        "{challenge}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_certificate_proves_an_application_by_either_algorithm_and_thumbprint() {
    let (server, clock) = server();
    let good = own(&clock);
    for (algorithm, name) in [
        (Algorithm::PS256, Name::Sha256),
        (Algorithm::RS256, Name::Sha256),
        (Algorithm::RS256, Name::Sha1),
        (Algorithm::PS256, Name::Padded),
    ] {
        let reply = prove(&server, &signed(algorithm, name, &good)).await;
        assert_eq!(reply.status, 200, "{}", reply.json());
        assert_eq!(claims(&reply.text("access_token"))["azpacr"], "2");
    }
}

#[tokio::test(start_paused = true)]
async fn a_certificates_assertion_must_be_right_in_every_part() {
    let (server, clock) = server();
    let good = own(&clock);
    let end = good["exp"].as_u64().unwrap();
    let issuer = format!("https://login.microsoftonline.com/{TENANT}/v2.0");
    for (member, value, code) in [
        ("aud", json!(issuer), 0),
        ("exp", json!(end as f64 + 0.5), 0), // as MSAL sends it
        (
            "aud",
            json!("https://login.microsoftonline.com/other/v2.0"),
            700_023,
        ),
        ("sub", json!(API), 700_021),
        ("exp", json!(end - 1000), 700_024),
        ("exp", Value::Null, 700_024),
        ("nbf", json!(end), 700_024),
    ] {
        let mut claims = good.clone();
        claims[member] = value;
        let reply = prove(&server, &signed(Algorithm::PS256, Name::Sha256, &claims)).await;
        match code {
            0 => assert_eq!(reply.status, 200, "{}", reply.json()),
            code => {
                assert_eq!(reply.status, 401);
                assert_eq!(reply.json()["error_codes"][0], code, "{claims}");
                assert_eq!(reply.text("error"), "invalid_client");
            }
        }
    }
    for (jwt, code) in [
        (signed(Algorithm::PS256, Name::Nobody, &good), 700_027),
        ("nonsense".to_owned(), 50_027),
    ] {
        let reply = prove(&server, &jwt).await;
        assert_eq!(reply.json()["error_codes"][0], code);
    }
    let mut forged = signed(Algorithm::PS256, Name::Sha256, &good);
    forged.replace_range(forged.len() - 8.., "AAAAAAAA");
    assert_eq!(
        prove(&server, &forged).await.json()["error_codes"][0],
        700_027
    );
}

#[tokio::test(start_paused = true)]
async fn an_expired_certificate_is_said_to_be_one() {
    let (server, clock) = server();
    let tenant = super::tenant().with_application(
        auth_testkit::EntraApplication::api(DAEMON).with_expired_certificate(CERTIFICATE),
    );
    server.add_entra_tenant(tenant);
    let mut claims = own(&clock);
    claims["iss"] = DAEMON.into();
    claims["sub"] = DAEMON.into();
    let jwt = signed(Algorithm::PS256, Name::Sha256, &claims);
    let reply = prove_as(&server, DAEMON, &jwt).await;
    assert_eq!(reply.json()["error_codes"][0], 700_027);
    assert!(reply.text("error_description").contains("expired"));
}

#[tokio::test(start_paused = true)]
async fn a_workloads_token_proves_an_application_that_trusts_its_issuer_as_often_as_it_is_sent() {
    let (server, _) = server();
    let exchange = "api://AzureADTokenExchange";
    for (subject, audience, code) in [
        ("workload", exchange, 0),
        ("workload", "api://other", 700_212),
        ("Workload", exchange, 700_213), // letters count in their case
    ] {
        let jwt = workload(&server, subject, audience).await;
        for _ in 0..2 {
            let reply = prove(&server, &jwt).await;
            match code {
                0 => assert_eq!(reply.status, 200, "{}", reply.json()),
                code => assert_eq!(reply.json()["error_codes"][0], code),
            }
        }
    }
    let mut forged = workload(&server, "workload", exchange).await;
    forged.replace_range(forged.len() - 8.., "AAAAAAAA");
    assert_eq!(
        prove(&server, &forged).await.json()["error_codes"][0],
        50_013
    );
    let foreign = secret(&server, &format!("{API}/.default")).await;
    let reply = prove(&server, &foreign.text("access_token")).await;
    assert_eq!(reply.json()["error_codes"][0], 700_211);
}

/// A token of the generic issuer, as GitHub or Kubernetes would give it.
async fn workload(server: &Server, subject: &str, audience: &str) -> String {
    server.add_client(Client::confidential(subject, "pw").with_audience(audience));
    let fields: Form<'_> = &[
        ("grant_type", "client_credentials"),
        ("client_id", subject),
        ("client_secret", "pw"),
    ];
    let reply = post(server, &server.url("/token"), fields).await.unwrap();
    reply.text("access_token")
}

async fn secret(server: &Server, scope: &str) -> super::Reply {
    let fields: Form<'_> = &[
        ("grant_type", "client_credentials"),
        ("client_id", ROBOT),
        ("client_secret", "s3cret~"),
        ("scope", scope),
    ];
    token(server, fields).await
}

async fn prove(server: &Server, jwt: &str) -> super::Reply {
    prove_as(server, ROBOT, jwt).await
}

async fn prove_as(server: &Server, client: &str, jwt: &str) -> super::Reply {
    let fields: Form<'_> = &[
        ("grant_type", "client_credentials"),
        ("client_id", client),
        (
            "client_assertion_type",
            "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        ),
        ("client_assertion", jwt),
        ("scope", "0a4b8df7-5c97-42b2-be07-2bb25e06dbb2/.default"),
    ];
    token(server, fields).await
}

/// What the robot says of itself.
fn own(clock: &TestClock) -> Value {
    json!({
        "iss": ROBOT, "sub": ROBOT, "aud": endpoint("token").as_str(), "jti": "1",
        "nbf": now(clock), "exp": now(clock) + 600,
    })
}

/// How an assertion names its certificate.
#[derive(Clone, Copy)]
enum Name {
    Sha1,
    Sha256,
    Padded,
    Nobody,
}

fn signed(algorithm: Algorithm, name: Name, claims: &Value) -> String {
    let der = base64::Engine::decode(
        &base64::engine::general_purpose::STANDARD,
        CERTIFICATE
            .lines()
            .filter(|line| !line.starts_with('-'))
            .collect::<String>(),
    );
    let hash = |kind: &'static aws_lc_rs::digest::Algorithm| {
        let hash = aws_lc_rs::digest::digest(kind, der.as_ref().unwrap());
        base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, hash)
    };
    let sha256 = hash(&aws_lc_rs::digest::SHA256);
    let mut header = Header::new(algorithm);
    match name {
        Name::Sha1 => {
            header.x5t = Some(hash(&aws_lc_rs::digest::SHA1_FOR_LEGACY_USE_ONLY));
        }
        Name::Sha256 => header.x5t_s256 = Some(sha256),
        Name::Padded => header.x5t_s256 = Some(sha256 + "="),
        Name::Nobody => {}
    }
    let key = EncodingKey::from_rsa_pem(KEY).unwrap();
    jsonwebtoken::encode(&header, claims, &key).unwrap()
}

const DAEMON: &str = "96ed941e-15dc-4ec0-b9e7-e4eda99efd2e";
