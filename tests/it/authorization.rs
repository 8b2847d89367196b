//! A login page without a browser: what the address asks for, what counts as its answer, what the code brings.

use auth_core::endpoint::AuthorizationRequest;
use auth_core::error::Challenge;
use auth_core::http::Body;
use auth_core::session::Held;
use auth_core::{ClientAuth, ErrorKind, Result, TokenEndpoint};
use auth_testkit::{Client, Fault, Visitor};
use http::Request;
use url::Url;

use crate::world::World;

const APP: &str = "https://app.example/back?from=login";

fn world() -> World {
    let world = World::new();
    let app = Client::public("app").with_scopes(["openid", "read"]);
    world.server.add_client(app.with_redirect(APP));
    world.server.set_visitor(Visitor::logs_in("ada"));
    world
}

fn scopes() -> Vec<String> {
    ["openid", "read"].map(str::to_owned).to_vec()
}

async fn request_with(
    endpoint: &TokenEndpoint,
    held: &Held,
    parameters: &[(String, String)],
) -> Result<AuthorizationRequest> {
    AuthorizationRequest::new(endpoint, held, APP, &scopes(), parameters).await
}

async fn request(endpoint: &TokenEndpoint, held: &Held) -> AuthorizationRequest {
    request_with(endpoint, held, &[]).await.unwrap()
}

/// Where the login page sends whoever logs in there.
async fn sent_to(world: &World, page: &Url) -> Url {
    let request = Request::get(page.as_str()).body(Body::empty()).unwrap();
    let answer = world.io().http().send(request).await.unwrap();
    Url::parse(answer.headers()["location"].to_str().unwrap()).unwrap()
}

fn query(url: &Url) -> &[u8] {
    url.query().unwrap_or_default().as_bytes()
}

#[tokio::test(start_paused = true)]
async fn a_login_does_not_print_the_marks_by_which_its_answer_is_known() {
    let world = world();
    let login = request(&world.found(ClientAuth::public("app")), &Held::new()).await;
    let printed = format!("{login:?} {login:#?}");
    for (name, value) in login.url().query_pairs() {
        if matches!(&*name, "state" | "nonce" | "code_challenge") {
            assert!(!printed.contains(&*value), "{name}: {printed}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_program_in_the_persons_place_logs_in_and_fetches_nothing_where_it_is_sent() {
    let world = world();
    let endpoint = world.found(ClientAuth::public("app"));
    let held = Held::new();
    let login = request(&endpoint, &held).await;
    let back = sent_to(&world, login.url()).await;
    assert!(login.ends_at(&back), "{back}");
    let code = login.answer(query(&back)).unwrap().unwrap();
    let set = login.redeem(&held, code).await.unwrap();
    assert_eq!(set.account(), Some("ada"));
    let traded = world.server.requests().pop().unwrap();
    assert_eq!(traded.field("redirect_uri").as_deref(), Some(APP));
    assert!(traded.field("code_verifier").is_some());
}

#[tokio::test(start_paused = true)]
async fn a_login_ends_at_its_redirect_uri_and_nowhere_else() {
    let world = world();
    let login = request(&world.found(ClientAuth::public("app")), &Held::new()).await;
    let at = |text: &str| login.ends_at(&Url::parse(text).unwrap());
    for good in [
        APP,
        "https://app.example/back?code=c&state=s",
        "https://APP.example:443/back#x",
    ] {
        assert!(at(good), "{good}");
    }
    for bad in [
        "http://app.example/back?code=c",
        "https://app.example.evil/back",
        "https://app.example:8443/back",
        "https://app.example/back/",
        "https://app.example/",
        "https://user@app.example/back",
    ] {
        assert!(!at(bad), "{bad}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_belongs_to_one_login_only() {
    let world = world();
    let endpoint = world.found(ClientAuth::public("app"));
    let held = Held::new();
    let (ours, theirs) = (
        request(&endpoint, &held).await,
        request(&endpoint, &held).await,
    );
    let back = sent_to(&world, theirs.url()).await;
    assert!(ours.answer(query(&back)).is_none(), "another login's state");
    let code = theirs.answer(query(&back)).unwrap().unwrap();
    // A code that got into another login's hands fails by its verifier.
    let error = ours.redeem(&held, code).await.unwrap_err();
    assert!(error.is_refusal("invalid_grant"), "{error}");
    world.server.set_visitor(Visitor::refuses("access_denied"));
    let login = request(&endpoint, &held).await;
    let back = sent_to(&world, login.url()).await;
    let error = login.answer(query(&back)).unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Refused);
}

#[tokio::test(start_paused = true)]
async fn what_a_login_sets_itself_can_not_be_configured_and_what_an_api_asked_goes_first() {
    let world = world();
    let endpoint = world.found(ClientAuth::public("app"));
    let with = |name: &str| vec![(name.to_owned(), "x".to_owned())];
    for name in [
        "state",
        "nonce",
        "redirect_uri",
        "scope",
        "code_challenge",
        "client_id",
    ] {
        let error = request_with(&endpoint, &Held::new(), &with(name))
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config, "{name}");
        assert!(error.to_string().contains(name), "{error}");
    }
    let mut challenge = Challenge::default();
    challenge.acr_values = Some("gold".to_owned());
    let held = Held::new().with_challenge(Some(challenge));
    let parameters = [with("acr_values"), with("login_hint")].concat();
    let login = request_with(&endpoint, &held, &parameters).await.unwrap();
    let values = |name: &str| {
        let pairs = login.url().query_pairs();
        let found = pairs.filter(|(key, _)| key == name);
        found
            .map(|(_, value)| value.into_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(values("acr_values"), ["gold"]);
    assert_eq!(values("login_hint"), ["x"]);
}

#[tokio::test(start_paused = true)]
async fn a_redirect_uri_that_is_none_and_a_server_without_a_login_page_are_said_before_anybody_is_asked()
 {
    let world = world();
    let endpoint = world.found(ClientAuth::public("app"));
    let bad = AuthorizationRequest::new(&endpoint, &Held::new(), "no url", &scopes(), &[]).await;
    assert_eq!(bad.unwrap_err().kind(), ErrorKind::Config);
    let known = world.endpoint(ClientAuth::public("app"));
    let none = AuthorizationRequest::new(&known, &Held::new(), APP, &scopes(), &[]).await;
    assert_eq!(none.unwrap_err().kind(), ErrorKind::Config);
    let login = request(&endpoint, &Held::new()).await;
    let back = sent_to(&world, login.url()).await;
    let code = login.answer(query(&back)).unwrap().unwrap();
    world.server.fault("/token", Fault::status(500));
    let error = login.redeem(&Held::new(), code).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert_eq!(world.asked(), 1, "a code is sent once");
    assert!(!format!("{error:?}").contains("code_verifier"));
}
