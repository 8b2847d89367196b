//! What it costs a team to add one crate, beside the crates of others: a program that names it and nothing else, built from
//! nothing.

use std::fs;
use std::path::PathBuf;

use crate::root::root;
use crate::step::{Outcome, Step, Times};
use crate::workspace;

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
        let (count, version) = Program::of(candidate)?.packages()?;
        println!("| `{}` {version} | {count} |", candidate.name);
    }
    Ok(String::new())
}

/// And how long each takes to build.
pub(super) fn build() -> Outcome {
    println!("| with its default features | processor | wall |");
    println!("| --- | --- | --- |");
    for candidate in OURS.iter().chain(&THEIRS) {
        let Times { processor, wall } = Program::of(candidate)?.built()?;
        println!("| `{}` | {processor:.0} s | {wall:.0} s |", candidate.name);
    }
    Ok("a debug build from nothing, what was fetched before left out".to_owned())
}

struct Program {
    name: &'static str,
    folder: PathBuf,
}

impl Program {
    /// Writes it down, with the versions of the lock file that we test with.
    fn of(candidate: &Candidate) -> Result<Self, String> {
        let folder = workspace::target()?
            .join("one-dependency")
            .join(candidate.name);
        let failed = |error: std::io::Error| format!("{}: {error}", folder.display());
        fs::create_dir_all(folder.join("src")).map_err(failed)?;
        fs::write(folder.join("src/main.rs"), "fn main() {}\n").map_err(failed)?;
        fs::write(folder.join("Cargo.toml"), manifest(candidate)).map_err(failed)?;
        let lock = match candidate.needs {
            [] => root().join("Cargo.lock"),
            _ => root().join("tests/peers/Cargo.lock"),
        };
        fs::copy(lock, folder.join("Cargo.lock")).map_err(failed)?;
        let program = Self {
            name: candidate.name,
            folder,
        };
        Step::cargo("fetch --quiet").within(&program.folder).run()?;
        Ok(program)
    }

    /// How many packages it compiles, and which version of the crate.
    fn packages(&self) -> Result<(usize, String), String> {
        let tree = Step::cargo("tree --locked --target x86_64-unknown-linux-gnu --edges normal")
            .with(["--prefix", "none", "--no-dedupe"])
            .within(&self.folder)
            .output()?;
        let version = version(&tree, self.name).unwrap_or_default().to_owned();
        Ok((super::others(&tree, &[PROGRAM.to_owned()]), version))
    }

    /// Builds it in a folder of its own, which is thrown away.
    fn built(&self) -> Result<Times, String> {
        let target = self.folder.join("target");
        if target.exists() {
            fs::remove_dir_all(&target)
                .map_err(|error| format!("{}: {error}", target.display()))?;
        }
        let build = Step::cargo("build --locked --offline --target-dir")
            .with([&target])
            .within(&self.folder);
        let times = build.timed(&self.folder.join("build.log"))?;
        fs::remove_dir_all(&target).map_err(|error| format!("{}: {error}", target.display()))?;
        Ok(times)
    }
}

/// The version of `name` in a tree.
fn version<'a>(tree: &'a str, name: &str) -> Option<&'a str> {
    let mut lines = tree.lines().map(|line| line.split(' '));
    lines.find_map(|mut words| {
        let is_it = words.next() == Some(name);
        is_it.then(|| words.next()).flatten()?.strip_prefix('v')
    })
}

fn manifest(candidate: &Candidate) -> String {
    let ours = |name: &str| {
        let folder = root().join("crates").join(name);
        format!("{name} = {{ path = {:?} }}\n", folder.display().to_string())
    };
    let needs = match (candidate.name, candidate.needs) {
        (name @ "auth-core", []) => ours(name),
        (name, []) => ours(name) + &ours("auth-core"),
        (_, needs) => needs
            .iter()
            .map(|(name, version)| format!("{name} = \"{version}\"\n"))
            .collect(),
    };
    format!(
        "[package]\nname = \"{PROGRAM}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[dependencies]\n{needs}\n[workspace]\n"
    )
}

const PROGRAM: &str = "one-dependency";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_names_the_crate_and_what_it_needs_alone() {
        let needs = |candidate: &Candidate| {
            let text = manifest(candidate);
            let (_, needs) = text.split_once("[dependencies]\n").unwrap();
            needs
                .lines()
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
        let tree = "one-dependency v0.0.0 (x)\noauth2-more v1.0.0\noauth2 v5.0.0\n";
        assert_eq!(version(tree, "oauth2"), Some("5.0.0"));
        assert_eq!(version(tree, "oauth3"), None);
    }
}
