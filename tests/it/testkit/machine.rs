//! The metadata services of machines in Azure.

use auth_core::http::{Body, HttpClient};
use auth_testkit::{Machine, Server, TestClock};
use http::{Request, StatusCode};
use serde_json::Value;

const ASK: &str = "http://169.254.169.254/metadata/identity/oauth2/token\
                   ?api-version=2018-02-01&resource=r";

async fn get(server: &Server, url: &str, headers: &[(&str, &str)]) -> (StatusCode, Value) {
    let request = headers
        .iter()
        .fold(Request::get(url), |request, (name, value)| {
            request.header(*name, *value)
        });
    let answer = server.send(request.body(Body::empty()).unwrap()).await;
    let (head, body) = answer.unwrap().into_parts();
    let body = body.bytes(1 << 20).await.unwrap();
    (
        head.status,
        serde_json::from_slice(&body).unwrap_or_default(),
    )
}

fn server(machine: Machine) -> Server {
    let server = Server::new(TestClock::new());
    server.set_machine(machine);
    server
}

#[tokio::test(start_paused = true)]
async fn a_virtual_machine_answers_who_shows_the_header_and_was_not_sent_by_another() {
    let server = server(Machine::virtual_machine());
    let metadata = ("metadata", "true");
    let (status, token) = get(&server, ASK, &[metadata]).await;
    assert_eq!(
        (status, &token["expires_in"]),
        (StatusCode::OK, &"86399".into())
    );
    assert_eq!(token["expires_on"], "1767311999");
    assert_eq!(
        get(&server, ASK, &[metadata]).await.1,
        token,
        "it keeps its tokens"
    );
    for (url, headers) in [
        (ASK, vec![]),
        (ASK, vec![("metadata", "True")]),
        (ASK, vec![metadata, ("x-forwarded-for", "10.0.0.1")]),
        (ASK.split_once('&').unwrap().0, vec![metadata]),
        (&ASK.replace("2018", "2015"), vec![metadata]),
        (&format!("{ASK}&client_id=c9"), vec![metadata]),
    ] {
        let (status, no) = get(&server, url, &headers).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{url}");
        assert_eq!(no["error"], "invalid_request", "{url}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_key_of_azure_arcs_agent_opens_once() {
    let keys = tempfile::tempdir().unwrap();
    let server = server(Machine::arc(keys.path()));
    let ask = ASK.replace("169.254.169.254", "localhost:40342");
    let metadata = ("metadata", "true");
    assert_eq!(
        get(&server, &ask, &[metadata]).await.0,
        StatusCode::UNAUTHORIZED
    );
    let file = std::fs::read_dir(keys.path())
        .unwrap()
        .next()
        .unwrap()
        .unwrap();
    let key = format!("Basic {}", std::fs::read_to_string(file.path()).unwrap());
    let shown = ("authorization", &*key);
    assert_eq!(
        get(&server, &ask, &[metadata, shown]).await.0,
        StatusCode::OK
    );
    assert!(!file.path().exists());
    assert_eq!(
        get(&server, &ask, &[metadata, shown]).await.0,
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test(start_paused = true)]
async fn without_a_machine_nobody_is_at_its_address() {
    let server = Server::new(TestClock::new());
    assert_eq!(
        get(&server, ASK, &[("metadata", "true")]).await.0,
        StatusCode::NOT_FOUND
    );
}
