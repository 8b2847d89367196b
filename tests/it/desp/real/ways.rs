//! Accounts that are asked for something else before a one-time code.

use serde_json::{Value, json};

use super::platform::{Platform, person};
use crate::desp::beside::case::{Look, Who};
use crate::desp::beside::program::Program;

const RECOVERY: &str = "recovery-authn-codes";
const KEY: &str = "webauthn";

/// Somebody who has these before the device for one-time codes. Nobody could use them: they are never looked at.
fn with_before(name: &str, kinds: &[&str]) -> Value {
    let mut person = person(name, Who::WithCode).unwrap();
    let before = kinds.iter().map(|kind| {
        let (secret, data) = match *kind {
            KEY => (
                json!({}),
                json!({
                    "aaguid": "00000000-0000-0000-0000-000000000000", "credentialId": "AAECAw", "counter": 0,
                    "attestationStatement": "", "credentialPublicKey": "pQECAyYgASFYIKxJ",
                    "attestationStatementFormat": "none", "transports": []
                }),
            ),
            _ => (
                json!({ "codes": [{ "number": 1, "encodedHashedValue": "x" }] }),
                json!({ "hashIterations": 1, "algorithm": "RS512", "totalCodes": 1, "remainingCodes": 1 }),
            ),
        };
        json!({
            "type": kind, "userLabel": kind,
            "secretData": secret.to_string(), "credentialData": data.to_string(),
        })
    });
    let credentials = person["credentials"].as_array_mut().unwrap();
    // After the password.
    credentials.splice(1..1, before);
    person
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask conformance desp-keycloak"]
async fn a_one_time_code_is_found_behind_a_security_key_and_recovery_codes() {
    let program = Program::at_hand();
    let looks = [Look::V2, Look::Classic, Look::Base];
    let cases: [(&str, &[&str], usize); 2] =
        [("recovery", &[RECOVERY], 6), ("key", &[KEY, RECOVERY], 8)];
    let mut people = Vec::new();
    for (number, _) in looks.iter().enumerate() {
        people.extend(
            cases.map(|(name, before, _)| with_before(&format!("{name}-{number}"), before)),
        );
    }
    let platform = Platform::at_hand(people).await;
    for (number, look) in looks.into_iter().enumerate() {
        platform.show(look).await;
        for (name, _, forms) in cases {
            let place = platform.place(&format!("{name}-{number}"));
            let mut job = program.job(&place, &["token", "dea"]);
            let output = tokio::task::block_in_place(|| job.output()).unwrap();
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{name} {number}: {said}");
            let asked = platform.asked();
            let sent = asked
                .iter()
                .filter(|one| one.what.starts_with("POST authenticate"));
            assert_eq!(sent.count(), forms, "{name} {number}");
        }
    }
    assert_eq!(platform.noted("LOGIN_ERROR").await.len(), 0);
    platform.show(Look::Classic).await;
}
