//! `auth-verify` beside PyJWT and jose, on ten thousand spoiled tokens. Where one accepts what another
//! refuses, the reason must be one that is written down here.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value;

use super::{Counterpart, python};
use crate::root::root;
use crate::step::{Outcome, Step};

pub(super) const COUNTERPART: Counterpart = Counterpart {
    name: "verify",
    does: "PyJWT and npm's jose on 10,000 spoiled tokens (needs Node 20 and npm)",
    run,
};

/// Why we refuse what others accept: RFC 8725, its successor's draft, or RFC 7515, and a rule of
/// `crates/auth-verify/RULES.md` for each.
const STRICTER: [(&str, &str); 10] = [
    (
        "bad_encoding",
        "rule 3: padding, foreign characters or left-over bits in base64url",
    ),
    (
        "bad_header",
        "rule 8: a member of the header has the wrong type",
    ),
    (
        "bad_json",
        "rules 6, 7: a name comes twice, or the text is not strict UTF-8 or JSON",
    ),
    (
        "bad_claim",
        "rules 33, 35, 37, 39: a claim has the wrong type, where others look away",
    ),
    (
        "critical_header",
        "rule 19: an empty list of critical extensions",
    ),
    (
        "unencoded_payload",
        "rule 20: `b64`, which tokens must not use",
    ),
    (
        "not_a_signature",
        "rule 21: `zip` in a token that is only signed",
    ),
    ("encrypted", "rule 5: a token inside a token"),
    ("wrong_type", "rule 23: a type that is no access token's"),
    ("not_yet_valid", "rule 35: issued in the future"),
];

fn run() -> Outcome {
    let folder = super::cache()?.join("verify");
    let python = python::interpreter("verify-python", "tests/conformance/verify/requirements.txt")?;
    install(&folder)?;
    let cases = folder.join("cases.json");
    Step::cargo("run --quiet --package auth-tests --example mutations --")
        .with([&cases])
        .run()?;
    let ours = kinds(&cases)?;
    let mut unexplained = 0;
    let checks = root().join("tests/conformance/verify/check.py");
    let peers = [
        (
            "PyJWT",
            Step::new(python).with(["-B"]).with([&checks, &cases]),
        ),
        (
            "jose",
            Step::new("node")
                .with(["check.mjs"])
                .with([&cases])
                .within(&folder),
        ),
    ];
    for (name, step) in peers {
        let theirs = step.output()?;
        unexplained += compare(name, &ours, &theirs.lines().collect::<Vec<_>>())?;
    }
    match unexplained {
        0 => Ok("every difference is explained".to_owned()),
        count => Err(format!(
            "{count} differences are not explained; the tokens are in {}",
            cases.display()
        )),
    }
}

fn install(folder: &Path) -> Result<(), String> {
    let failed = |error| format!("{} can't be filled: {error}", folder.display());
    fs::create_dir_all(folder).map_err(failed)?;
    for file in ["package.json", "check.mjs"] {
        let from = root().join("tests/conformance/verify").join(file);
        fs::copy(from, folder.join(file)).map_err(failed)?;
    }
    Step::new("npm")
        .with(["install", "--no-audit", "--no-fund", "--loglevel=error"])
        .within(folder)
        .run()
        .map_err(|failure| format!("{failure}; install Node 20 and npm"))
}

/// What we said about each token.
fn kinds(cases: &Path) -> Result<Vec<String>, String> {
    let text = fs::read_to_string(cases).map_err(|error| format!("no tokens: {error}"))?;
    let all: Value = serde_json::from_str(&text).map_err(|error| format!("no tokens: {error}"))?;
    let cases = all["cases"].as_array().ok_or("no tokens")?.iter();
    Ok(cases
        .map(|case| case["kind"].as_str().unwrap_or_default().to_owned())
        .collect())
}

/// Shows where the two differ, and counts what nobody explains.
fn compare(name: &str, ours: &[String], theirs: &[&str]) -> Result<usize, String> {
    if ours.len() != theirs.len() {
        return Err(format!(
            "{name} said {} times something to {} tokens",
            theirs.len(),
            ours.len()
        ));
    }
    let mut differences: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for (ours, theirs) in ours.iter().zip(theirs) {
        if (ours == ACCEPTED) != (*theirs == ACCEPTED) {
            *differences.entry((ours, theirs)).or_default() += 1;
        }
    }
    let accepted = ours.iter().filter(|kind| *kind == ACCEPTED).count();
    let agreed = ours.len() - differences.values().sum::<usize>();
    eprintln!(
        "{name}: agrees on {agreed} of {} tokens, {accepted} of which we accept",
        ours.len()
    );
    let mut unexplained = 0;
    for ((ours, theirs), count) in differences {
        let reason = explanation(ours);
        eprintln!(
            "  {count:>5} × ours {ours}, theirs {theirs}: {}",
            reason.unwrap_or("NOT EXPLAINED")
        );
        if reason.is_none() {
            unexplained += count;
        }
    }
    Ok(unexplained)
}

/// We may refuse more, for a reason; what we accept, others accept too.
fn explanation(ours: &str) -> Option<&'static str> {
    let stricter = STRICTER.iter().find(|(kind, _)| *kind == ours);
    stricter.map(|(_, reason)| *reason)
}

const ACCEPTED: &str = "accepted";
