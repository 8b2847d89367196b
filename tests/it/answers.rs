//! What servers really answer: what is needed is read by itself, and what is odd is named when it is needed.

use auth_core::prompt::NoPrompt;
use auth_core::session::Held;
use auth_core::{
    CachedSource, ClientAuth, ClientCredentials, DeviceCode, ErrorKind, Grant, Provider,
    TokenEndpoint, TokenSource,
};
use auth_testkit::Fault;
use secrecy::SecretString;
use serde_json::{Value, json};
use std::sync::Arc;

use crate::world::World;

const OPENID: &str = "/.well-known/openid-configuration";
const OAUTH: &str = "/.well-known/oauth-authorization-server";

impl World {
    fn issuer(&self) -> Provider {
        Provider::new(self.server.issuer(), self.io()).unwrap()
    }

    /// A program whose endpoint is found by discovery.
    fn discovering(&self, client: ClientAuth) -> CachedSource {
        let endpoint = TokenEndpoint::discovered(self.issuer(), client);
        CachedSource::new(ClientCredentials::new(endpoint), self.io())
    }
}

fn robot() -> ClientAuth {
    ClientAuth::basic("robot", SecretString::from("s3cret"))
}

#[tokio::test(start_paused = true)]
async fn one_odd_member_of_the_metadata_costs_nothing_but_itself() {
    for (name, value) in [
        ("end_session_endpoint", json!("")),
        (
            "end_session_endpoint",
            json!("http://elsewhere.example/logout"),
        ),
        ("device_authorization_endpoint", json!("https://[bad")),
        ("device_authorization_endpoint", json!(7)),
        (
            "authorization_response_iss_parameter_supported",
            Value::Null,
        ),
        (
            "authorization_response_iss_parameter_supported",
            json!("yes"),
        ),
        ("code_challenge_methods_supported", json!("S256")),
        ("code_challenge_methods_supported", Value::Null),
        ("token_endpoint_auth_methods_supported", json!({})),
        ("id_token_signing_alg_values_supported", json!(["RS256", 5])),
        ("userinfo_endpoint", json!(["https://auth.test/userinfo"])),
    ] {
        let world = World::new();
        world
            .server
            .fault(OPENID, Fault::member(name, value.clone()).always());
        let token = world.discovering(robot()).token().await;
        assert!(token.is_ok(), "{name} {value}: {token:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_odd_endpoint_is_named_by_whoever_needs_it() {
    for (value, said) in [
        (
            json!(7),
            "name a `device_authorization_endpoint` that is a number",
        ),
        (
            json!("https://[bad"),
            "`device_authorization_endpoint` as https://[bad, which is no address",
        ),
        (
            json!("http://auth.test/codes"),
            "`device_authorization_endpoint` as http://auth.test/codes, which is not https",
        ),
        (
            json!("https://u:canary@auth.test/codes"),
            "`device_authorization_endpoint` with a user or password in it",
        ),
    ] {
        let world = World::new();
        let fault = Fault::member("device_authorization_endpoint", value.clone());
        world.server.fault(OPENID, fault.always());
        let endpoint = TokenEndpoint::discovered(world.issuer(), ClientAuth::public("desktop"));
        let grant = DeviceCode::new(endpoint, Arc::new(NoPrompt::new()));
        let error = grant.exchange(&Held::new()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Protocol, "{value}");
        assert!(error.message().contains(said), "{error}");
        assert!(!error.to_string().contains("canary"), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_relative_endpoint_is_one_of_the_issuers_own() {
    for (value, path) in [
        ("devicecode", "/devicecode"),
        ("/oauth/devicecode", "/oauth/devicecode"),
    ] {
        let world = World::new();
        let fault = Fault::member("device_authorization_endpoint", value);
        world.server.fault(OPENID, fault);
        let metadata = world.issuer().metadata().await.unwrap();
        let url = metadata.device_authorization_endpoint.clone().unwrap();
        assert_eq!((url.host_str(), url.path()), (Some("auth.test"), path));
    }
}

#[tokio::test(start_paused = true)]
async fn s20_metadata_of_a_public_issuer_lead_nobody_inside() {
    for inside in [
        "https://169.254.169.254/latest/api/token",
        "https://[::ffff:169.254.169.254]/token",
        "https://2852039166/token",
        "https://metadata.google.internal/token",
        "https://[fd00:ec2::254]/token",
        "https://localhost/token",
        "http://127.0.0.1/token",
    ] {
        let world = World::new();
        let fault = Fault::member("token_endpoint", inside);
        world.server.fault(OPENID, fault.always());
        let error = world.discovering(robot()).token().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Protocol, "{inside}: {error}");
        let sent = world.server.requests();
        assert!(sent.iter().all(|one| one.path() == OPENID), "{inside}");
    }
}

#[tokio::test(start_paused = true)]
async fn byte_order_marks_are_no_part_of_an_answer() {
    let encodings: [fn(&str) -> Vec<u8>; 3] = [
        |text| format!("\u{feff}{text}").into_bytes(),
        |text| {
            let units: Vec<u16> = format!("\u{feff}{text}").encode_utf16().collect();
            units.iter().flat_map(|unit| unit.to_le_bytes()).collect()
        },
        |text| {
            let units: Vec<u16> = format!("\u{feff}{text}").encode_utf16().collect();
            units.iter().flat_map(|unit| unit.to_be_bytes()).collect()
        },
    ];
    for encode in encodings {
        let world = World::new();
        let metadata =
            json!({ "issuer": "https://auth.test", "token_endpoint": "https://auth.test/token" });
        let token = json!({ "access_token": "t", "token_type": "bearer" });
        for (path, body) in [(OPENID, metadata), ("/token", token)] {
            let body = encode(&body.to_string());
            world
                .server
                .fault(path, Fault::status(200).with_body("application/json", body));
        }
        let token = world.discovering(robot()).token().await.unwrap();
        assert_eq!(token.expose_secret(), "t");
    }
}

#[tokio::test(start_paused = true)]
async fn nobody_asks_for_compressed_answers_and_one_that_is_says_how() {
    let world = World::new();
    world.server.fault("/token", Fault::gzip());
    let error = world.discovering(robot()).token().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Protocol);
    assert!(
        error
            .message()
            .contains("/token: the answer is compressed (gzip)"),
        "{error}"
    );
    for sent in world.server.requests() {
        assert_eq!(
            sent.header("accept-encoding"),
            Some("identity"),
            "{}",
            sent.path()
        );
    }
    // What it says no with is told all the same.
    let refusal = Fault::status(401).with_body("application/json", &b"\x1f\x8b"[..]);
    let world = World::new();
    world
        .server
        .fault("/token", refusal.with_header("content-encoding", "gzip"));
    let error = world.discovering(robot()).token().await.unwrap_err();
    assert_eq!(
        (error.kind(), error.status()),
        (ErrorKind::Refused, Some(401))
    );
}

#[tokio::test(start_paused = true)]
async fn a_secret_goes_where_the_metadata_say_and_a_refused_client_is_told_which_ways_there_are() {
    let ask = |listed: Value, client: ClientAuth| async {
        let world = World::new();
        let name = "token_endpoint_auth_methods_supported";
        world.server.fault(OPENID, Fault::member(name, listed));
        let outcome = world.discovering(client).token().await;
        let sent = world.server.requests().pop().unwrap();
        let way = match (sent.header("authorization"), sent.field("client_secret")) {
            (Some(_), None) => "header",
            (None, Some(_)) => "body",
            _ => "neither",
        };
        (way, outcome)
    };
    let secret = |text: &str| ClientAuth::secret("robot", SecretString::from(text));
    for (listed, expected) in [
        (json!(["client_secret_post"]), "body"),
        (
            json!(["client_secret_post", "client_secret_basic"]),
            "header",
        ),
        (json!(["private_key_jwt"]), "header"),
        (json!([]), "header"),
        (Value::Null, "header"),
    ] {
        let (way, outcome) = ask(listed.clone(), secret("s3cret")).await;
        assert!(outcome.is_ok(), "{listed}: {outcome:?}");
        assert_eq!(way, expected, "{listed}");
    }
    let wrong = ClientAuth::basic("robot", SecretString::from("\"wrong\""));
    let (_, outcome) = ask(json!(["client_secret_post", "private_key_jwt"]), wrong).await;
    let said = outcome.unwrap_err().to_string();
    for part in [
        "named by `client_secret_basic`, which the server does not list",
        "it takes `client_secret_post`, `private_key_jwt`",
        "the secret that was sent has quotes around it",
    ] {
        assert!(said.contains(part), "{said}");
    }
    assert!(!said.contains("wrong\""), "{said}");
}

#[tokio::test(start_paused = true)]
async fn a_client_is_refused_by_a_name_and_a_way_out_whatever_the_server_calls_it() {
    for (status, body, said) in [
        (401, json!({"error": "Unauthorized"}), "check the client id"),
        (400, json!({"error": "no_such_word"}), "its log says more"),
        (
            400,
            json!({"error": "x", "error_uri": "https://d.example/x"}),
            "see https://d.example/x",
        ),
        (
            400,
            json!({"error": "x", "error_uri": "javascript:alert(1)"}),
            "its log says more",
        ),
        (
            400,
            json!({"error": " invalid_client "}),
            "check the client id",
        ),
        (400, json!({"error": "use_dpop_nonce"}), "bearer tokens"),
        (
            403,
            json!({"error": "access_denied", "error_description": "Realm not enabled"}),
            "enable the realm",
        ),
        (
            403,
            json!({"error": "invalid_request", "error_description": "HTTPS required"}),
            "by https",
        ),
        (
            400,
            json!({"error": "invalid_grant", "error_description": "Incorrect redirect_uri"}),
            "as it is registered",
        ),
        (
            400,
            json!({"error": "invalid_grant", "error_description": "Account is not fully set up"}),
            "something of the person first",
        ),
        (
            401,
            json!({"error": "invalid_client", "error_description": "Client disabled"}),
            "enable the client",
        ),
        (400, json!({"error": "slow_down"}), "try again later"),
        (418, json!({}), "what lies between"),
    ] {
        let world = World::new();
        let fault = Fault::status(status).with_body("application/json", body.to_string());
        world.server.fault("/token", fault.always());
        let error = world.robot().token().await.unwrap_err();
        assert!(
            error.advice().is_some_and(|advice| advice.contains(said)),
            "{body}: {error}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn an_address_with_nothing_at_it_is_a_mistake_of_whoever_named_it_and_of_the_server_that_did()
{
    for status in [404, 405, 410] {
        let world = World::new();
        world.server.fault("/token", Fault::status(status).always());
        let named = world.robot().token().await.unwrap_err();
        assert_eq!(
            (named.kind(), named.status()),
            (ErrorKind::Config, Some(status))
        );
        let found = world.discovering(robot()).token().await.unwrap_err();
        assert_eq!(
            (found.kind(), found.status()),
            (ErrorKind::Refused, Some(status))
        );
    }
    // No refusal at all.
    for status in [101, 304, 600] {
        let world = World::new();
        world.server.fault("/token", Fault::status(status).always());
        let error = world.robot().token().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Protocol, "{status}: {error}");
        assert!(!error.to_string().contains("unknown"), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_issuer_without_metadata_is_said_to_be_one_in_the_servers_words() {
    let realm =
        Fault::status(404).with_body("application/json", r#"{"error":"Realm does not exist"}"#);
    for (fault, kind, parts) in [
        (
            realm,
            ErrorKind::Config,
            ["404 Not Found: Realm does not exist", "realm's name"],
        ),
        (
            Fault::redirect(301, "https://www.a.example/x?code=canary"),
            ErrorKind::Config,
            ["redirects to https://www.a.example/x", "check the issuer"],
        ),
        (
            Fault::html(200),
            ErrorKind::Protocol,
            ["a web page", "check the issuer"],
        ),
        (
            Fault::status(200).with_body("application/json", r#"{"message":"no such tenant"}"#),
            ErrorKind::Protocol,
            ["with no `issuer`: no such tenant", "check the issuer"],
        ),
    ] {
        let world = World::new();
        for place in [OPENID, OAUTH] {
            world.server.fault(place, fault.clone().always());
        }
        let error = world.discovering(robot()).token().await.unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        for part in parts {
            assert!(error.to_string().contains(part), "{error}");
        }
        assert!(!error.to_string().contains("canary"), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_key_set_that_is_compressed_is_named_so() {
    let world = World::new();
    world.server.fault("/jwks", Fault::gzip().always());
    let keys = auth_verify::Keys::discovered(world.issuer());
    let error = keys.warm_up().await.unwrap_err();
    assert!(error.to_string().contains("compressed (gzip)"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_client_signs_with_what_the_metadata_list_unless_it_was_told_how() {
    use auth_core::assertion::{Algorithm, Assertion, SigningKey};
    use base64::Engine as _;

    let key = || {
        SigningKey::new(SecretString::from(include_str!(
            "jwt_bearer/keys/rsa.pkcs8.pem"
        )))
    };
    let signed = |key: SigningKey, listed: Value| async move {
        let world = World::new();
        let name = "token_endpoint_auth_signing_alg_values_supported";
        world.server.fault(OPENID, Fault::member(name, listed));
        let assertion = Assertion::new("robot", key).with_clock(world.io().clock().clone());
        let client = ClientAuth::assertion("robot", Arc::new(assertion));
        // The server does not know the key.
        world.discovering(client).token().await.unwrap_err();
        let sent = world
            .server
            .requests()
            .pop()
            .unwrap()
            .field("client_assertion")
            .unwrap();
        let header = base64::engine::general_purpose::URL_SAFE_NO_PAD
            .decode(sent.split('.').next().unwrap());
        let header: Value = serde_json::from_slice(&header.unwrap()).unwrap();
        header["alg"].as_str().unwrap().to_owned()
    };
    for (listed, expected) in [
        (json!(["PS256", "ES256"]), "PS256"),
        (json!(["RS512", "PS512"]), "RS512"),
        (json!(["RS256", "PS256"]), "RS256"),
        (json!(["ES256"]), "RS256"),
        (Value::Null, "RS256"),
    ] {
        assert_eq!(signed(key(), listed.clone()).await, expected, "{listed}");
    }
    let told = key().with_algorithm(Algorithm::Ps384);
    assert_eq!(signed(told, json!(["RS256"])).await, "PS384");
}
