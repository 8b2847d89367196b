//! Many processes of the program, all at once, where nobody has logged in before.

use std::collections::{BTreeMap, BTreeSet};

use super::platform::{DEDL, HIGHWAY, Platform, person};
use crate::desp::beside::case::Who;
use crate::desp::beside::program::Program;

const SERVICES: [&str; 8] = [
    "cacheb", "dea", "eden", "hda", "highway", "insula", "polytope", "streamer",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask conformance desp-keycloak"]
async fn sixteen_processes_for_eight_services_send_one_password_and_one_code() {
    let program = Program::at_hand();
    let people = person("crowd", Who::WithCode).into_iter().collect();
    let platform = Platform::at_hand(people).await;
    let place = platform.place("crowd");
    let jobs: Vec<_> = (0..16)
        .map(|number| {
            let service = SERVICES[number % 8];
            let job = program.job(&place, &["token", service]).spawn().unwrap();
            (service, job)
        })
        .collect();
    let mut tokens: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for (service, job) in jobs {
        let output = tokio::task::block_in_place(|| job.wait_with_output()).unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{service}: {said}");
        let token = String::from_utf8(output.stdout).unwrap();
        assert!(token.starts_with("eyJ"), "{service}");
        tokens.entry(service).or_default().insert(token);
    }
    for (service, tokens) in &tokens {
        assert_eq!(tokens.len(), 1, "{service}: both have the same");
    }
    let asked = platform.asked();
    let count = |what: &str| asked.iter().filter(|one| one.what == what).count();
    assert_eq!(count("POST authenticate"), 1, "one password");
    assert_eq!(count("POST authenticate (otp)"), 1, "one code");
    // Whichever was first: one that is for an offline token asks twice.
    let logins = count("GET auth");
    assert!(
        (8..=9).contains(&logins),
        "one login for each service: {logins}"
    );
    assert_eq!(count("POST token authorization_code"), 8);
    assert_eq!(count("POST token token-exchange"), 2);
    assert_eq!(platform.noted("LOGIN").await.len(), logins);
    assert_eq!(platform.noted("CODE_TO_TOKEN").await.len(), 8);
    for refusal in ["LOGIN_ERROR", "CODE_TO_TOKEN_ERROR", "REFRESH_TOKEN"] {
        assert_eq!(platform.noted(refusal).await.len(), 0, "{refusal}");
    }
    for realm in [HIGHWAY, DEDL] {
        let traded = platform.server.noted(realm, "TOKEN_EXCHANGE").await;
        assert_eq!(traded.len(), 1, "{realm}");
    }
}
