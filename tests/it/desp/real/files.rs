//! The clients of the services read the files that the program writes, also after the server has replaced the token.

use super::platform::{DESP, Platform, person};
use crate::desp::beside::both;
use crate::desp::beside::case::{CASE, Who};
use crate::desp::beside::library;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask conformance desp-keycloak"]
async fn requests_aiohttp_and_polytope_client_read_what_the_program_wrote_after_each_renewal() {
    let (python, program) = both();
    let people = person("files", Who::WithPassword).into_iter().collect();
    let platform = Platform::at_hand(people).await;
    let place = platform.place("files");
    let (netrc, polytope) = (CASE.for_netrc(), CASE.of("polytope"));
    let kept = async |case| {
        let source = library::source(&place, case, "").unwrap();
        let token = source.refresh_token().await.unwrap().unwrap();
        token.expose_secret().to_owned()
    };
    let run = |arguments: &[&str]| {
        let mut command = program.job(&place, arguments);
        let output = tokio::task::block_in_place(|| command.output()).unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{arguments:?}: {said}");
    };
    for case in [&netrc, &polytope] {
        let seen = program.run(&place, case, "");
        assert_eq!(seen.code, 0, "{seen:?}");
    }
    let mut before = Vec::new();
    for round in 0..3 {
        if round > 0 {
            run(&["token", "cacheb", "--refresh"]);
            run(&["token", "polytope", "--refresh"]);
        }
        let (password, key) = (kept(&netrc).await, kept(&polytope).await);
        assert!(!before.contains(&password) && !before.contains(&key));
        let read = python.read(&place);
        let password_line = format!("anonymous {password}");
        assert_eq!(
            read,
            [
                password_line.clone(),
                password_line,
                format!("Bearer {key}")
            ],
            "round {round}"
        );
        before.extend([password, key]);
    }
    for (client, token) in [
        ("edh-public", &before[4]),
        ("polytope-api-public", &before[5]),
    ] {
        let form = [
            ("grant_type", "refresh_token"),
            ("client_id", client),
            ("refresh_token", token),
        ];
        let server = platform.front.server();
        let answer = server.post(DESP, "token", &form).await;
        assert_eq!(answer.status, 200, "it is the one that works: {answer:?}");
    }
}
