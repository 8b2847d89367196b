//! Project Wycheproof's JOSE vectors against `auth-verify`. Takes the folder that holds the files.

use std::path::Path;
use std::process::ExitCode;
use std::{env, fs};

use auth_verify::{Algorithm, KeySet, SharedSecrets};
use serde_json::Value;

/// Cases whose expected result is wrong in the file: 367 and 370 are the same bytes as 357, which is
/// valid; 372 and 373 contain `?`, which base64url does not; 346 and 350 are PS384 under a key for
/// PS256; 347 and 351 are ES512 under a key for an algorithm `ES521`, which does not exist.
const ERRATA: [u64; 8] = [367, 370, 372, 373, 346, 350, 347, 351];

const FILES: [(&str, usize, bool); 3] = [
    ("json_web_signature_test.json", 401, true),
    ("json_web_key_test.json", 26, false),
    ("json_web_crypto_test.json", 49, false),
];

fn main() -> ExitCode {
    let folder = env::args().nth(1).expect("the folder with the vectors");
    let mut good = true;
    for (file, expected, has_errata) in FILES {
        // The key's own algorithm, and then its whole family: the key alone must decide.
        for family in [false, true] {
            let (right, total) = run(&Path::new(&folder).join(file), has_errata, family);
            let allowed = if family { "family" } else { "strict" };
            println!("{file:<30} {allowed}: {right}/{total}");
            good &= right == expected && total == expected;
        }
    }
    match good {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}

fn run(file: &Path, has_errata: bool, family: bool) -> (usize, usize) {
    let text = fs::read_to_string(file).expect("a file of vectors");
    let vectors: Value = serde_json::from_str(&text).expect("JSON");
    let (mut right, mut total) = (0, 0);
    for group in list(&vectors["testGroups"]) {
        for test in list(&group["tests"]) {
            // What has no `jws` is about encryption.
            let Some(token) = test.get("jws") else {
                continue;
            };
            let number = test["tcId"].as_u64().expect("a number");
            let wrong = has_errata && ERRATA.contains(&number);
            let expected = (test["result"] == "valid") != wrong;
            let token = token
                .as_str()
                .map_or_else(|| token.to_string(), str::to_owned);
            let accepted = check(group, &token, family);
            total += 1;
            if accepted == expected {
                right += 1;
            } else {
                println!("  {number}: {} {}", test["comment"], test["result"]);
            }
        }
    }
    (right, total)
}

fn check(group: &Value, token: &str, family: bool) -> bool {
    match group.get("public") {
        Some(public) => {
            let jwks = match public.get("keys") {
                Some(_) => public.clone(),
                None => serde_json::json!({ "keys": [public] }),
            };
            let set = KeySet::from_jwks(jwks.to_string());
            set.is_ok_and(|set| set.check_document(token, &allowed(&jwks, family)).is_ok())
        }
        None => {
            let secrets = SharedSecrets::from_jwks(&group["private"].to_string().into());
            secrets.is_ok_and(|secrets| secrets.check(token).is_ok())
        }
    }
}

fn allowed(jwks: &Value, family: bool) -> Vec<Algorithm> {
    let key = &jwks["keys"][0];
    let named = key["alg"]
        .as_str()
        .and_then(|name| name.parse::<Algorithm>().ok());
    let of_kind = |algorithm: &&Algorithm| match key["kty"].as_str() {
        Some("RSA") => ["RS", "PS"]
            .iter()
            .any(|start| algorithm.name().starts_with(start)),
        _ => algorithm.name().starts_with("ES"),
    };
    match named {
        Some(named) if !family => vec![named],
        _ => Algorithm::ALL.iter().filter(of_kind).copied().collect(),
    }
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}
