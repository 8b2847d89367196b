//! What outlives a restart of the server. The first round leaves sessions behind.

use std::fs;
use std::sync::Arc;

use auth_core::store::FileStore;
use auth_core::{CachedSource, ClientAuth, RefreshToken};

use super::server::Server;

pub const CASES: [(&str, &str); 4] = [
    ("steady", "openid"),
    ("steady", "openid offline_access"),
    ("rotating", "openid"),
    ("rotating", "openid offline_access"),
];

pub fn source(server: &Server, case: usize) -> CachedSource {
    let folder = server.state(&format!("case-{case}"));
    let given = fs::read_to_string(folder.join("given")).unwrap();
    let realm = server.realm(CASES[case].0);
    realm
        .offline(ClientAuth::public("jobs"), RefreshToken::new(given))
        .with_store(Arc::new(FileStore::new(folder.join("tokens"))))
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask conformance keycloak"]
async fn sessions_and_offline_tokens_outlive_a_restart() {
    let server = Server::at_hand();
    for (case, (realm, _)) in CASES.iter().enumerate() {
        let source = source(&server, case);
        let kept = source
            .refresh_token()
            .await
            .unwrap()
            .expect("kept in the file");
        let token = source.renew().await.unwrap();
        assert_eq!(
            server.userinfo(realm, token.expose_secret()).await.status,
            200
        );
        let next = source.refresh_token().await.unwrap().unwrap();
        assert!(!next.is_same(&kept));
    }
}
