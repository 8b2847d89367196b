//! Sessions in use, left behind for the round after the restart.

use std::fs;

use crate::keycloak::real::restarted::{CASES, source};
use crate::keycloak::real::server::Server;

#[tokio::test]
#[ignore = "needs a server: cargo xtask conformance keycloak"]
async fn sessions_are_in_use() {
    let server = Server::at_hand();
    for (case, (realm, scope)) in CASES.iter().enumerate() {
        let folder = server.state(&format!("case-{case}"));
        fs::create_dir_all(&folder).unwrap();
        let answer = server.login(realm, "jobs", "ada", scope).await;
        let given = answer["refresh_token"].as_str().unwrap();
        fs::write(folder.join("given"), given).unwrap();
        for _ in 0..2 {
            source(&server, case).renew().await.unwrap();
        }
    }
}
