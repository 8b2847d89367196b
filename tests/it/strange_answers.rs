//! Whatever a server answers, nothing panics, and what it got wrong is never put down to the user.

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use auth_core::clock::Clock;
use auth_core::http::{Body, HttpClient};
use auth_core::prompt::{Echo, UserCode};
use auth_core::session::Held;
use auth_core::token::IdToken;
use auth_core::{
    BoxFuture, ClientAuth, ClientCredentials, DeviceCode, Error, ErrorKind, Grant, Io, Prompt,
    Provider, RefreshToken, Result, StaticSource, TokenEndpoint,
};
use auth_testkit::TestClock;
use auth_verify::{Audience, Bearer, Issuer, Keys, RejectionKind, TokenLookup, Verifier};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{Request, Response};
use secrecy::SecretString;
use serde_json::{Map, Value, json};

const ISSUER: &str = "https://id.test";
const SEEDS: u64 = 10_000;

#[tokio::test(start_paused = true)]
async fn ten_thousand_strange_answers_end_in_an_error_of_the_servers_or_in_none() {
    let mut outcomes = [0_u32; 2];
    let mut named = 0;
    for seed in 0..SEEDS {
        let clock = TestClock::new();
        let server = Strange::new(seed);
        let io = Io::new()
            .with_http(Arc::new(server.clone()))
            .with_clock(Arc::new(clock.clone()));
        let outcome = play(Dice::new(!seed).below(FLOWS), &io).await;
        outcomes[usize::from(outcome.is_err())] += 1;
        if let Err(error) = outcome {
            let spoiled = server.spoiled();
            let shown = format!(
                "seed {seed}: {error} ({:?}); spoiled: {spoiled:?}",
                error.kind()
            );
            let is_theirs = matches!(
                error.kind(),
                ErrorKind::Protocol
                    | ErrorKind::Refused
                    | ErrorKind::Unavailable
                    | ErrorKind::Interaction
            );
            // What a server does not offer, and how it spells itself, is read by who configures.
            let is_about_offer = error.kind() == ErrorKind::Config
                && (error.message().contains("is known of")
                    || error.message().contains("has no metadata")
                    || error.message().contains("provider spells it"));
            assert!(is_theirs || is_about_offer, "{shown}");
            if let ([only], ErrorKind::Protocol) = (&spoiled[..], error.kind()) {
                assert!(names(&error, only), "{shown}");
                named += 1;
            }
            assert!(!error.to_string().contains("canary"), "{shown}");
            assert!(
                !error.to_string().contains(['\u{1b}', '\u{202e}', '\n']),
                "{shown}"
            );
        }
    }
    // A test in which nothing came through, or all, would say nothing.
    assert!(
        outcomes.iter().all(|count| u64::from(*count) > SEEDS / 10),
        "{outcomes:?}"
    );
    assert!(named > 100, "{named} errors were read for a name");
}

/// Whether an error names what the server got wrong: the member, by its name or in words, or the whole answer by its address.
fn names(error: &Error, spoiled: &str) -> bool {
    let (path, what) = spoiled.split_once(": ").unwrap_or_default();
    let what = what.rsplit(": ").next().unwrap_or_default();
    let member = what.split(' ').next().unwrap_or_default();
    let words = match member {
        "access_token" => "the access token is",
        "id_token" => "the ID token",
        "issuer" => "calls itself",
        "sub" => "about somebody else",
        "token_type" => "a token of type",
        "verification_uri" => "a page that no browser is sent to",
        // A page of this server that is no endpoint.
        _ if member.ends_with("_endpoint") => "check that this is the URL of the",
        // What is wrong with more than one member, is with its address.
        _ => path,
    };
    let said = error.to_string();
    said.contains(member) || said.contains(words)
}

const FLOWS: usize = 6;

/// One thing that a client does, against whatever answers.
async fn play(flow: usize, io: &Io) -> Result<()> {
    let provider = Provider::new(ISSUER, io.clone())?;
    let client = ClientAuth::basic("app", SecretString::from("canary-secret"));
    let endpoint = TokenEndpoint::discovered(provider.clone(), client);
    let held = Held::new();
    match flow {
        0 => ClientCredentials::new(endpoint)
            .exchange(&held)
            .await
            .map(drop),
        1 => {
            let token = RefreshToken::new("canary-refresh".to_owned());
            endpoint.refresh(&held, &token, &[]).await.map(drop)
        }
        2 => {
            let grant = DeviceCode::new(endpoint, Arc::new(Person)).with_scopes(["openid"]);
            grant.exchange(&held).await.map(drop)
        }
        3 => {
            let now = io.clock().now().wall;
            let life = Duration::from_secs(3600);
            let access = auth_core::AccessToken::new("canary-access".into(), now, now + life)?;
            let source = Arc::new(StaticSource::new(access, io));
            let id = IdToken::new(id_token());
            provider.user_info(source, &id).await.map(drop)
        }
        4 => {
            let issuer = Issuer::new(ISSUER, "api", Keys::discovered(provider))?;
            let verifier = Verifier::new(issuer).with_clock(io.clock().clone());
            judged(verifier.verify(Bearer::new(&id_token())).await.map(drop))
        }
        _ => {
            let lookup = TokenLookup::new(endpoint, Audience::from("api"))?;
            judged(lookup.verify(Bearer::new("canary-opaque")).await.map(drop))
        }
    }
}

/// A token that is refused is an answer; only keys and lookups that fail are the server's errors.
fn judged(outcome: std::result::Result<(), auth_verify::Rejection>) -> Result<()> {
    match outcome {
        Err(why) if why.kind() == RejectionKind::KeysUnavailable => Err(why
            .cause()
            .cloned()
            .unwrap_or_else(|| Error::unavailable("keys"))),
        Err(why) => Err(Error::refused(why.to_string())),
        Ok(()) => Ok(()),
    }
}

fn id_token() -> String {
    let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let header = part(json!({ "alg": "ES256", "kid": "k" }));
    let claims = part(json!({
        "iss": ISSUER, "sub": "ada", "aud": "app", "iat": 1_767_225_600, "exp": 1_767_229_200,
    }));
    format!("{header}.{claims}.{}", URL_SAFE_NO_PAD.encode([7; 64]))
}

/// A person who enters every code.
#[derive(Debug)]
struct Person;

impl Prompt for Person {
    fn ask<'a>(&'a self, question: &'a str, _: Echo) -> BoxFuture<'a, Result<SecretString>> {
        Box::pin(async move { Err(Error::interaction(question)) })
    }

    fn show_user_code<'a>(&'a self, _: &'a UserCode) -> BoxFuture<'a, Result<()>> {
        Box::pin(async { Ok(()) })
    }
}

/// A server whose answers are right but for what a seed spoils.
#[derive(Clone)]
struct Strange(Arc<Mutex<(Dice, Vec<String>)>>);

impl Strange {
    fn new(seed: u64) -> Self {
        Self(Arc::new(Mutex::new((Dice::new(seed), Vec::new()))))
    }

    fn spoiled(&self) -> Vec<String> {
        self.0.lock().unwrap().1.clone()
    }
}

impl fmt::Debug for Strange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Strange")
    }
}

impl HttpClient for Strange {
    fn send(&self, request: Request<Body>) -> BoxFuture<'_, Result<Response<Body>>> {
        let path = request.uri().path().to_owned();
        Box::pin(async move {
            let (dice, spoiled) = &mut *self.0.lock().unwrap();
            let mut answer = right(&path);
            if dice.below(3) == 0
                && let Some(members) = answer.as_object_mut()
            {
                for _ in 0..=dice.below(2) {
                    spoiled.push(format!("{path}: {}", spoil(members, dice)));
                }
            }
            let mut bytes = answer.to_string().into_bytes();
            let mut status = 200;
            let mut kind = "application/json";
            let whole = bytes.clone();
            match dice.below(40) {
                0 => bytes.truncate(dice.below(bytes.len() + 1)),
                1 => bytes = b"<html><h1>Sign in</h1></html>".to_vec(),
                2 => bytes = vec![0xff, 0xfe, 0x00, 0x1b],
                3 => bytes.splice(..0, "\u{feff}".bytes()).for_each(drop),
                4 => bytes = Vec::new(),
                5 => {
                    kind = ["text/html", "text/plain; charset=utf-16", "application/jwt"]
                        [dice.below(3)]
                }
                6 => {
                    status =
                        [201, 204, 302, 400, 401, 403, 404, 405, 418, 429, 500, 503][dice.below(12)]
                }
                7 => {
                    status = 400;
                    bytes = refusal(dice).to_string().into_bytes();
                }
                _ => {}
            }
            if (status, kind) != (200, "application/json") || bytes != whole {
                spoiled.push(format!("{path}: {status} {kind}"));
            }
            let answer = Response::builder()
                .status(status)
                .header("content-type", kind);
            Ok(answer.body(Body::from(bytes)).unwrap())
        })
    }
}

/// What a good server answers at `path`.
fn right(path: &str) -> Value {
    let at = |path: &str| format!("{ISSUER}{path}");
    match path {
        "/.well-known/openid-configuration" | "/.well-known/oauth-authorization-server" => json!({
            "issuer": ISSUER,
            "token_endpoint": at("/token"),
            "authorization_endpoint": at("/authorize"),
            "device_authorization_endpoint": at("/device"),
            "revocation_endpoint": at("/revoke"),
            "introspection_endpoint": at("/introspect"),
            "userinfo_endpoint": at("/userinfo"),
            "end_session_endpoint": at("/logout"),
            "jwks_uri": at("/jwks"),
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": true,
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
            "id_token_signing_alg_values_supported": ["ES256"],
        }),
        "/token" => json!({
            "access_token": "an-access-token", "token_type": "Bearer", "expires_in": 3600,
            "refresh_token": "a-refresh-token", "scope": "openid", "id_token": id_token(),
        }),
        "/device" => json!({
            "device_code": "d", "user_code": "ABCD-EFGH", "verification_uri": at("/go"),
            "verification_uri_complete": at("/go?code=1"), "expires_in": 600, "interval": 5,
        }),
        "/userinfo" => json!({ "sub": "ada", "name": "Ada", "email": "ada@id.test" }),
        "/introspect" => json!({
            "active": true, "iss": ISSUER, "sub": "ada", "aud": "api", "scope": "read",
            "client_id": "app", "exp": 1_767_229_200, "token_type": "Bearer",
        }),
        "/jwks" => json!({ "keys": [{
            "kty": "EC", "crv": "P-256", "kid": "k", "use": "sig", "alg": "ES256",
            "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
            "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
        }]}),
        _ => json!({}),
    }
}

fn refusal(dice: &mut Dice) -> Value {
    let codes = [
        "invalid_grant",
        "invalid_client",
        "authorization_pending",
        "slow_down",
        "access_denied",
        "expired_token",
        "server_error",
        "interaction_required",
        "made_up",
        "",
        "\u{1b}[2J",
    ];
    json!({ "error": codes[dice.below(codes.len())], "error_description": strange(dice) })
}

/// Changes one member, and says which and how.
fn spoil(members: &mut Map<String, Value>, dice: &mut Dice) -> String {
    let names: Vec<String> = members.keys().cloned().collect();
    if names.is_empty() {
        return "nothing".to_owned();
    }
    let name = names[dice.below(names.len())].clone();
    match dice.below(4) {
        0 => {
            members.remove(&name);
            format!("{name} is gone")
        }
        1 if members[&name].is_array() => {
            let list = members[&name].as_array_mut().unwrap();
            let inner = list.first_mut().and_then(Value::as_object_mut);
            match inner {
                Some(inner) => format!("{name}: {}", spoil(inner, dice)),
                None => {
                    list.push(strange(dice));
                    format!("{name} has more")
                }
            }
        }
        _ => {
            let value = strange(dice);
            let said = format!(
                "{name} is {}",
                value.to_string().chars().take(60).collect::<String>()
            );
            members.insert(name, value);
            said
        }
    }
}

/// A value that nobody expects.
fn strange(dice: &mut Dice) -> Value {
    match dice.below(22) {
        0 => Value::Null,
        1 => json!(true),
        2 => json!(0),
        3 => json!(-1),
        4 => json!(1e308),
        5 => json!(u64::MAX),
        6 => json!("3600"),
        7 => json!(""),
        8 => json!("x".repeat(100_000)),
        9 => json!("\u{1b}]52;c;AAAA\u{7}\u{202e}\u{9b}2J\n"),
        10 => json!("http://evil.test/"),
        11 => json!("relative"),
        12 => json!("file:///etc/passwd"),
        13 => json!(format!("{ISSUER}/")),
        14 => json!([]),
        15 => json!(["a", 1, null]),
        16 => json!({}),
        17 => json!({ "a": { "b": [] } }),
        18 => json!("none"),
        19 => json!("http://169.254.169.254/latest"),
        20 => json!("é\u{200b}"),
        _ => json!(dice.below(1 << 20)),
    }
}

/// Numbers that are the same in each run (SplitMix64).
struct Dice(u64);

impl Dice {
    fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^= word >> 31;
        // No list here is so long that it matters that the first are a little likelier.
        (word % end.max(1) as u64) as usize
    }
}
