//! The layer: who gets through, and what the others are told.

use std::pin::Pin;
use std::task::{Context, Poll};

use auth_verify::{
    BearerHeader, CheckedToken, Keys, Rejection, RequireToken, Rule, TokenChecks, Verified,
    Verifier,
};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::FromRef;
use axum::http::{Request, StatusCode};
use axum::routing::{get, post};
use serde_json::{Value, json};
use tower_service::Service as _;

use super::forge::Forge;
use super::{claims, issuer, verifier, with};

struct World {
    forge: Forge,
    router: Router,
}

async fn whoami(caller: Verified) -> String {
    caller.subject().unwrap_or_default().into_owned()
}

async fn open(caller: Option<Verified>) -> String {
    caller.map_or_else(
        || "nobody".to_owned(),
        |caller| caller.subject().unwrap_or_default().into_owned(),
    )
}

impl World {
    fn new() -> Self {
        let forge = Forge::ed25519("k");
        let checks = verifier(&[&forge]);
        let all = RequireToken::new(checks.clone(), Rule::authenticated());
        let admins = RequireToken::new(checks, Rule::any_role(["Admin"]).unwrap());
        let router = Router::new()
            .route("/me", get(whoami).layer(all))
            .route("/admin", get(whoami).layer(admins))
            .route("/forgotten", get(whoami))
            .route("/open", get(open));
        Self { forge, router }
    }

    async fn get(&self, path: &str, token: Option<Value>) -> (StatusCode, String, String) {
        let request = Request::get(path);
        let request = match token {
            Some(claims) => request.header(
                "authorization",
                format!("Bearer {}", self.forge.token(&claims)),
            ),
            None => request,
        };
        let answer = self
            .router
            .clone()
            .call(request.body(Body::empty()).unwrap())
            .await
            .unwrap();
        let header = answer.headers().get("www-authenticate");
        let challenge = header
            .map_or("", |value| value.to_str().unwrap())
            .to_owned();
        let status = answer.status();
        let body = to_bytes(answer.into_body(), 1_000).await.unwrap();
        (status, challenge, String::from_utf8(body.into()).unwrap())
    }
}

#[tokio::test]
async fn a_good_token_gets_through_and_the_handler_knows_whose_it_is() {
    let world = World::new();
    let (status, _, body) = world.get("/me", Some(claims())).await;
    assert_eq!((status, &*body), (StatusCode::OK, "ada"));
    let (status, ..) = world
        .get("/admin", Some(with(json!({ "roles": ["Admin"] }))))
        .await;
    assert_eq!(status, StatusCode::OK);
}

#[tokio::test]
async fn everybody_else_is_told_no_and_no_more() {
    let world = World::new();
    let (status, challenge, body) = world.get("/me", None).await;
    assert_eq!((status.as_u16(), &*challenge, &*body), (401, "Bearer", ""));
    let (status, challenge, _) = world.get("/me", Some(with(json!({ "exp": 1 })))).await;
    assert_eq!(status.as_u16(), 401);
    assert!(challenge.contains("The token is expired"), "{challenge}");
    let (status, challenge, body) = world.get("/admin", Some(claims())).await;
    assert_eq!((status.as_u16(), &*body), (403, ""));
    assert!(challenge.contains("insufficient_scope"), "{challenge}");
}

#[tokio::test]
async fn a_route_without_the_layer_lets_nobody_in_who_must_be_known() {
    let world = World::new();
    let (status, challenge, _) = world.get("/forgotten", Some(claims())).await;
    // Nothing that the caller could mend.
    assert_eq!((status.as_u16(), &*challenge), (500, ""));
    let (status, _, body) = world.get("/open", Some(claims())).await;
    assert_eq!(
        (status.as_u16(), &*body),
        (200, "nobody"),
        "nobody checked the token"
    );
}

#[tokio::test]
async fn a_token_in_the_query_is_not_looked_at() {
    let world = World::new();
    let token = world.forge.token(&claims());
    let (status, challenge, _) = world.get(&format!("/me?access_token={token}"), None).await;
    assert_eq!((status.as_u16(), &*challenge), (401, "Bearer"));
}

#[tokio::test]
async fn missing_keys_are_503_with_a_time_to_try_again() {
    let forge = Forge::ed25519("k");
    let nowhere = Verifier::new(issuer(Keys::file("no-such-file.json")));
    let nowhere = super::timed(nowhere.with_header(BearerHeader::raw("x-identity").unwrap()));
    let door = RequireToken::new(nowhere, Rule::authenticated())
        .with_resource_metadata("https://api.test/meta".parse().unwrap());
    let mut router = Router::new().route("/", get(whoami).layer(door));
    let token = forge.token(&claims());
    let request = Request::get("/")
        .header("x-identity", token)
        .body(Body::empty())
        .unwrap();
    let answer = router.call(request).await.unwrap();
    assert_eq!(answer.status().as_u16(), 503);
    assert!(answer.headers().contains_key("retry-after"));
    assert!(!answer.headers().contains_key("www-authenticate"));
    assert!(
        answer
            .extensions()
            .get::<Rejection>()
            .unwrap()
            .is_transient()
    );
    let request = Request::get("/").body(Body::empty()).unwrap();
    let answer = router.call(request).await.unwrap();
    let challenge = answer.headers()["www-authenticate"].to_str().unwrap();
    assert_eq!(
        challenge,
        "Bearer resource_metadata=\"https://api.test/meta\""
    );
}

/// Who calls through `router`, with this header; the status where nobody gets through.
async fn called(router: &Router, path: &str, header: Option<(&str, String)>) -> String {
    let request = Request::get(path);
    let request = match header {
        Some((name, value)) => request.header(name, value),
        None => request,
    };
    let request = request.body(Body::empty()).unwrap();
    let answer = router.clone().call(request).await.unwrap();
    match answer.status() {
        StatusCode::OK => {
            let body = to_bytes(answer.into_body(), 1_000).await.unwrap();
            String::from_utf8(body.into()).unwrap()
        }
        status => status.as_u16().to_string(),
    }
}

/// What may come in place of a good token, and who that is where nobody need be known.
fn others(forge: &Forge) -> Vec<(Option<(&'static str, String)>, &'static str)> {
    let bearer =
        |claims: Value| Some(("authorization", format!("Bearer {}", forge.token(&claims))));
    vec![
        (None, "nobody"),
        (bearer(claims()), "ada"),
        (bearer(with(json!({ "exp": 1 }))), "401"),
        (Some(("authorization", "Bearer".to_owned())), "401"),
        (Some(("authorization", "Bearer ".to_owned())), "401"),
        (Some(("authorization", "Basic YTpi".to_owned())), "401"),
        (Some(("authorization", "Bearer a b".to_owned())), "400"),
    ]
}

#[tokio::test]
async fn where_nobody_need_be_known_a_token_that_is_there_must_be_good_all_the_same() {
    let forge = Forge::ed25519("k");
    let door = |rule| RequireToken::new(verifier(&[&forge]), rule).or_anonymous();
    let router = Router::new()
        .route("/", get(open).layer(door(Rule::authenticated())))
        .route(
            "/admin",
            get(open).layer(door(Rule::any_role(["Admin"]).unwrap())),
        )
        .route("/known", get(whoami).layer(door(Rule::authenticated())));
    for (header, who) in others(&forge) {
        assert_eq!(
            called(&router, "/", header.clone()).await,
            who,
            "{header:?}"
        );
    }
    let bearer = Some((
        "authorization",
        format!("Bearer {}", forge.token(&claims())),
    ));
    assert_eq!(called(&router, "/admin", None).await, "nobody");
    assert_eq!(called(&router, "/admin", bearer).await, "403");
    // Whoever must be known was not asked for.
    assert_eq!(called(&router, "/known", None).await, "500");
}

#[tokio::test]
async fn an_inner_layer_asks_for_more_and_does_not_check_once_more() {
    let forge = Forge::ed25519("k");
    let outer = RequireToken::new(verifier(&[&forge]), Rule::authenticated());
    let inner = || RequireToken::also(Rule::any_role(["Admin"]).unwrap());
    let router = Router::new()
        .route("/admin", get(whoami).layer(inner()))
        .route("/me", get(whoami))
        .layer(outer)
        .route("/alone", get(whoami).layer(inner()))
        .route("/maybe", get(open).layer(inner().or_anonymous()));
    let of = |claims: Value| Some(("authorization", format!("Bearer {}", forge.token(&claims))));
    let admin = with(json!({ "roles": ["Admin"] }));
    assert_eq!(called(&router, "/me", of(claims())).await, "ada");
    assert_eq!(called(&router, "/admin", of(claims())).await, "403");
    assert_eq!(called(&router, "/admin", of(admin.clone())).await, "ada");
    assert_eq!(called(&router, "/admin", None).await, "401");
    // Nobody has checked it.
    assert_eq!(called(&router, "/alone", of(admin.clone())).await, "500");
    assert_eq!(called(&router, "/maybe", of(admin)).await, "nobody");
}

/// The state of a service without layers.
#[derive(Clone)]
struct State(TokenChecks);

impl FromRef<State> for TokenChecks {
    fn from_ref(state: &State) -> Self {
        state.0.clone()
    }
}

#[tokio::test]
async fn an_argument_checks_by_itself_with_what_is_in_the_state() {
    let forge = Forge::ed25519("k");
    let checked = async |CheckedToken(caller): CheckedToken| whoami(caller).await;
    let maybe = async |caller: Option<CheckedToken>| open(caller.map(|one| one.0)).await;
    let router = Router::new()
        .route("/", get(checked))
        .route("/maybe", get(maybe))
        .with_state(State(verifier(&[&forge]).into()));
    for (header, who) in others(&forge) {
        assert_eq!(
            called(&router, "/maybe", header.clone()).await,
            who,
            "{header:?}"
        );
        let who = who.replace("nobody", "401");
        assert_eq!(
            called(&router, "/", header.clone()).await,
            who,
            "{header:?}"
        );
    }
    // Another header than the usual one.
    let raw = verifier(&[&forge]).with_header(BearerHeader::raw("x-identity").unwrap());
    let router = Router::new()
        .route("/maybe", get(maybe))
        .with_state(State(raw.into()));
    let token = Some(("x-identity", forge.token(&claims())));
    assert_eq!(called(&router, "/maybe", token).await, "ada");
    assert_eq!(
        called(&router, "/maybe", others(&forge).remove(1).0).await,
        "nobody"
    );
    assert_eq!(
        called(&router, "/maybe", Some(("x-identity", String::new()))).await,
        "401"
    );
}

#[tokio::test]
async fn the_layers_of_the_page_about_services_do_what_it_says() {
    let forge = Forge::ed25519("k");
    let everybody = RequireToken::new(verifier(&[&forge]), Rule::authenticated());
    let writers = RequireToken::also(Rule::any_role(["Admin"]).unwrap());
    let orders = post(whoami).route_layer(writers).get(whoami);
    let router = Router::new()
        .route("/orders", orders)
        .route_layer(everybody)
        .route("/health", get(async || "well"));
    let bearer = |claims: Value| format!("Bearer {}", forge.token(&claims));
    let admin = bearer(with(json!({ "roles": ["Admin"] })));
    for (method, path, token, status) in [
        ("GET", "/orders", None, 401),
        ("GET", "/orders", Some(bearer(claims())), 200),
        ("POST", "/orders", Some(bearer(claims())), 403),
        ("POST", "/orders", Some(admin), 200),
        ("DELETE", "/orders", Some(bearer(claims())), 405),
        ("GET", "/orders/7", None, 404),
        ("GET", "/health", None, 200),
    ] {
        let request = Request::builder().method(method).uri(path);
        let request = match &token {
            Some(token) => request.header("authorization", token),
            None => request,
        };
        let request = request.body(Body::empty()).unwrap();
        let answer = router.clone().call(request).await.unwrap();
        assert_eq!(
            answer.status().as_u16(),
            status,
            "{method} {path} {token:?}"
        );
    }
}

/// A body that can't be made of nothing, as layers for tracing and for limits have one.
struct Traced(Body);

impl http_body::Body for Traced {
    type Data = axum::body::Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Self::Data>, Self::Error>>> {
        Pin::new(&mut self.0).poll_frame(context)
    }
}

/// A service with such a body.
#[derive(Clone)]
struct Tracing;

impl tower_service::Service<Request<Body>> for Tracing {
    type Response = axum::http::Response<Traced>;
    type Error = std::convert::Infallible;
    type Future = std::future::Ready<Result<Self::Response, Self::Error>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<Body>) -> Self::Future {
        let body = Traced(Body::from("traced"));
        std::future::ready(Ok(axum::http::Response::new(body)))
    }
}

#[tokio::test]
async fn it_stands_around_a_layer_whose_body_cannot_be_made_of_nothing() {
    let forge = Forge::ed25519("k");
    let door = RequireToken::new(verifier(&[&forge]), Rule::authenticated());
    let mut service = tower_layer::Layer::layer(&door, Tracing);
    let good = format!("Bearer {}", forge.token(&claims()));
    for (token, status, body) in [(&*good, 200, "traced"), ("Bearer x", 401, "")] {
        let request = Request::get("/").header("authorization", token);
        let request = request.body(Body::empty()).unwrap();
        let answer = service.call(request).await.unwrap();
        assert_eq!(answer.status().as_u16(), status);
        let seen = to_bytes(Body::new(answer.into_body()), 100).await.unwrap();
        assert_eq!(seen, body);
    }
}
