//! The plan `oidcc-client-rp-initiated-logout-rp-basic`.

use auth_core::TokenSource;
use auth_core::http::Body;
use http::Request;
use url::Url;

use super::suite::{Mode, Party, Suite};

#[tokio::test]
async fn oidcc_client_test_rp_init_logout() {
    let suite = Suite::new();
    let party = Party::new(&suite, Mode::Query);
    let login = party.login();
    login.token().await.unwrap();
    let id = login.id_token().await.unwrap().unwrap();
    let kept = login.refresh_token().await.unwrap().unwrap();
    let back = Url::parse("http://127.0.0.1:1/out").unwrap();
    let endpoint = party.endpoint();
    let page = endpoint.logout_page(Some(&id), Some(&back)).await.unwrap();
    let request = Request::get(page.as_str()).body(Body::empty()).unwrap();
    let io = suite.server.io();
    let answer = io.http().send(request).await.unwrap();
    assert_eq!(answer.headers()["location"], back.as_str());
    assert!(!suite.server.is_live(&kept));
}
