//! What it costs a team to add one crate, beside the crates of others: a program that names it and nothing else, built from
//! nothing.

use super::program::{PROGRAM, Program, own};
use crate::step::{Outcome, Times};

/// A crate that a team might add, with what it can't get a token without. All with their default features.
struct Candidate {
    name: &'static str,
    needs: &'static [(&'static str, &'static str)],
}

const OURS: [Candidate; 6] = [
    ours("auth-core"),
    ours("auth-jwt-bearer"),
    ours("auth-verify"),
    ours("auth-keycloak"),
    ours("auth-azure"),
    ours("auth-desp"),
];

const THEIRS: [Candidate; 4] = [
    Candidate {
        name: "oauth2",
        needs: &[("oauth2", "5")],
    },
    Candidate {
        name: "openidconnect",
        needs: &[("openidconnect", "4")],
    },
    Candidate {
        name: "huskarl",
        needs: &[("huskarl", "0.11"), ("huskarl-reqwest", "0.9")],
    },
    Candidate {
        name: "azure_identity",
        needs: &[("azure_identity", "1"), ("azure_core", "1")],
    },
];

const fn ours(name: &'static str) -> Candidate {
    Candidate { name, needs: &[] }
}

/// How many packages come with each: a row each, as BENCHMARKS.md has them.
pub(super) fn count() -> Outcome {
    println!("| with its default features | packages, its own among them |");
    println!("| --- | --- |");
    for candidate in OURS.iter().chain(&THEIRS) {
        let tree = program(candidate)?.tree()?;
        let count = super::others(&tree, &[PROGRAM.to_owned()]);
        let version = version(&tree, candidate.name).unwrap_or_default();
        println!("| `{}` {version} | {count} |", candidate.name);
    }
    Ok(String::new())
}

/// And how long each takes to build.
pub(super) fn build() -> Outcome {
    println!("| with its default features | processor | wall |");
    println!("| --- | --- | --- |");
    for candidate in OURS.iter().chain(&THEIRS) {
        let Times { processor, wall } = program(candidate)?.built()?;
        println!("| `{}` | {processor:.0} s | {wall:.0} s |", candidate.name);
    }
    Ok("a debug build from nothing, what was fetched before left out".to_owned())
}

/// The program that names it, with the versions of the lock file that we test with.
fn program(candidate: &Candidate) -> Result<Program, String> {
    let lock = match candidate.needs {
        [] => "Cargo.lock",
        _ => "tests/peers/Cargo.lock",
    };
    Program::new(
        candidate.name,
        "fn main() {}\n",
        &dependencies(candidate),
        lock,
    )
}

/// The version of `name` in a tree.
fn version<'a>(tree: &'a str, name: &str) -> Option<&'a str> {
    let mut lines = tree.lines().map(|line| line.split(' '));
    lines.find_map(|mut words| {
        let is_it = words.next() == Some(name);
        is_it.then(|| words.next()).flatten()?.strip_prefix('v')
    })
}

fn dependencies(candidate: &Candidate) -> String {
    match (candidate.name, candidate.needs) {
        (name @ "auth-core", []) => own(name),
        (name, []) => own(name) + &own("auth-core"),
        (_, needs) => needs
            .iter()
            .map(|(name, version)| format!("{name} = \"{version}\"\n"))
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_names_the_crate_and_what_it_needs_alone() {
        let needs = |candidate: &Candidate| {
            let text = dependencies(candidate);
            text.lines()
                .filter_map(|line| line.split_once(" ="))
                .map(|(name, _)| name.to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(needs(&OURS[0]), ["auth-core"]);
        assert_eq!(needs(&OURS[1]), ["auth-jwt-bearer", "auth-core"]);
        assert_eq!(needs(&THEIRS[2]), ["huskarl", "huskarl-reqwest"]);
    }

    #[test]
    fn the_version_is_the_crates_own() {
        let tree = "outside v0.0.0 (x)\noauth2-more v1.0.0\noauth2 v5.0.0\n";
        assert_eq!(version(tree, "oauth2"), Some("5.0.0"));
        assert_eq!(version(tree, "oauth3"), None);
    }
}
