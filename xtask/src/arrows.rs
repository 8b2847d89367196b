//! `cargo xtask arrows`: the one law of the workspace. Every arrow between our crates ends at
//! `auth-core`, except those that start at `auth-cli` or at the tests. And that of the rooms in a crate: no circle leads
//! through them, and none of `auth-core`'s uses one above it.

mod paths;
mod rooms;

use self::rooms::Rooms;

use crate::Task;
use crate::step::Outcome;
use crate::workspace::{self, Package};

pub(crate) const TASK: Task = Task {
    name: "arrows",
    takes: "",
    does: "which of our crates may depend on which, and which room of a crate on which",
    run,
};

fn run(_: &[String]) -> Outcome {
    let packages = workspace::packages()?;
    let (count, mut breaches) = between(&packages);
    for Package { name, folder, .. } in &packages {
        if name == "auth-tests" {
            continue;
        }
        let rooms = Rooms::of(folder)?;
        let (number, arrows) = rooms.count();
        let mut found = rooms.circles();
        println!(
            "{name}: {number} rooms, {arrows} arrows, {} circles",
            found.len()
        );
        if name == "auth-core" {
            found.extend(rooms.upward());
        }
        breaches.extend(found.into_iter().map(|found| format!("{name}: {found}")));
    }
    if breaches.is_empty() {
        return Ok(format!("{count} arrows between crates, each allowed"));
    }
    Err(format!("not allowed:\n  {}", breaches.join("\n  ")))
}

/// How many arrows there are between our crates, and those that may not be.
fn between(packages: &[Package]) -> (usize, Vec<String>) {
    let mut count = 0;
    let mut breaches = Vec::new();
    for package in packages {
        for dependency in &package.dependencies {
            let Package { name, folder, .. } = package;
            let (to, kind) = (&dependency.name, &dependency.kind);
            if !packages.iter().any(|other| other.name == *to) {
                continue;
            }
            count += 1;
            if let Some(why) = breach(name, to) {
                breaches.push(format!(
                    "{name} -> {to} ({kind} in {folder}/Cargo.toml): {why}"
                ));
            }
        }
    }
    (count, breaches)
}

/// Why the first may not depend on the second, or `None` if it may.
fn breach(from: &str, to: &str) -> Option<&'static str> {
    match (from, to) {
        ("xtask", _) => Some("xtask depends on nothing of ours; let it run a program instead"),
        (_, "auth-tests" | "xtask") => Some("nothing depends on the tests or on xtask"),
        ("auth-tests", _) => None,
        (_, "auth-cli") => Some("only the tests may know the program"),
        ("auth-cli", _) => None,
        ("auth-core", _) => Some("auth-core depends on no crate of ours"),
        (_, "auth-core") => None,
        _ => Some(
            "every arrow ends at auth-core, except those that start at auth-cli or tests; \
             take a TokenSource, or move what both need to auth-core. A doc example that needs \
             a server is `no_run`, and the same text runs in tests/",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::Dependency;

    #[test]
    fn an_arrow_too_many_is_named_with_the_manifest_that_it_is_in() {
        let package = |name: &str, to: &str| Package {
            name: name.to_owned(),
            folder: format!("crates/{name}"),
            dependencies: vec![Dependency {
                name: to.to_owned(),
                kind: "dev-dependency".to_owned(),
                ..Dependency::default()
            }],
            ..Package::default()
        };
        let packages = [
            package("auth-core", "url"),
            package("auth-keycloak", "auth-azure"),
            package("auth-azure", "auth-core"),
        ];
        let (count, breaches) = between(&packages);
        assert_eq!((count, breaches.len()), (2, 1));
        let start = "auth-keycloak -> auth-azure (dev-dependency in crates/auth-keycloak/Cargo.toml): every arrow";
        assert!(breaches[0].starts_with(start), "{}", breaches[0]);
    }

    #[test]
    fn every_crate_may_know_the_core() {
        for from in [
            "auth-azure",
            "auth-verify",
            "auth-testkit",
            "auth-cli",
            "auth-tests",
        ] {
            assert!(breach(from, "auth-core").is_none(), "{from}");
        }
    }

    #[test]
    fn the_program_and_the_tests_may_know_every_crate() {
        for to in ["auth-azure", "auth-verify", "auth-testkit"] {
            assert!(breach("auth-cli", to).is_none(), "{to}");
            assert!(breach("auth-tests", to).is_none(), "{to}");
        }
        assert!(breach("auth-tests", "auth-cli").is_none());
    }

    #[test]
    fn no_other_arrow_is_allowed() {
        for (from, to) in [
            ("auth-keycloak", "auth-azure"),
            ("auth-jwt-bearer", "auth-testkit"),
            ("auth-testkit", "auth-jwt-bearer"),
            ("auth-core", "auth-testkit"),
            ("auth-azure", "auth-cli"),
            ("auth-cli", "auth-tests"),
            ("auth-tests", "xtask"),
            ("xtask", "auth-core"),
        ] {
            assert!(breach(from, to).is_some(), "{from} -> {to}");
        }
    }
}
