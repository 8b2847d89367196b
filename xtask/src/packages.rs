//! `cargo xtask packages`: how many packages of others come with each crate, and how many may.

mod peers;
mod program;
mod size;

use std::collections::BTreeSet;

use crate::Task;
use crate::step::{Outcome, Step};
use crate::workspace;

pub(crate) const TASK: Task = Task {
    name: "packages",
    takes: "[peers [--build] | size]",
    does: "how many packages of others come with each crate, and whether too many; `peers`: beside other crates, and what they take to build; `size`: what each adds to a program",
    run,
};

/// The most that may come with a program that names this crate and `auth-core`, each with its default features.
const BUDGETS: [(&str, usize); 5] = [
    ("auth-jwt-bearer", 110),
    ("auth-verify", 110),
    ("auth-azure", 130),
    ("auth-keycloak", 130),
    ("auth-desp", 132),
];

fn run(arguments: &[String]) -> Outcome {
    match arguments {
        [] => budgets(),
        [peers] if peers == "peers" => peers::count(),
        [peers, build] if peers == "peers" && build == "--build" => peers::build(),
        [size] if size == "size" => size::compare(),
        _ => Err("takes nothing, peers, peers --build or size".to_owned()),
    }
}

fn budgets() -> Outcome {
    let ours: Vec<String> = workspace::packages()?
        .into_iter()
        .map(|package| package.name)
        .collect();
    let (mut rows, mut over) = (Vec::new(), Vec::new());
    for (name, most) in BUDGETS {
        let count = others(&tree(name)?, &ours);
        let row = format!("{name} {count} of {most}");
        if count > most {
            over.push(row.clone());
        }
        rows.push(row);
    }
    match over.is_empty() {
        true => Ok(rows.join(", ")),
        false => Err(format!(
            "too many packages of others: {}; `cargo tree --package NAME` says where they come from",
            over.join(", ")
        )),
    }
}

/// What a program of this target compiles, one a line, again wherever it is needed.
fn tree(name: &str) -> Result<String, String> {
    Step::cargo("tree --locked --target x86_64-unknown-linux-gnu --edges normal --prefix none")
        .with(["--no-dedupe", "--package", "auth-core", "--package", name])
        .output()
}

/// Each once, however often it is needed; two versions are two.
fn others(tree: &str, ours: &[String]) -> usize {
    let lines = tree.lines().filter(|line| !line.is_empty());
    let others = lines.filter(|line| {
        let name = line.split(' ').next().unwrap_or_default();
        !ours.iter().any(|own| own == name)
    });
    others.collect::<BTreeSet<_>>().len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_package_of_others_counts_once_and_each_version_of_it() {
        let tree = "auth-core v0.1.0 (/house/crates/auth-core)\nurl v2.5.8\nserde v1.0.0\n\n\
                    auth-azure v0.1.0 (/house/crates/auth-azure)\nauth-core v0.1.0 (/house/crates/auth-core)\n\
                    url v2.5.8\nbase64 v0.22.1\nbase64 v0.23.1\n";
        let ours = ["auth-core", "auth-azure"].map(str::to_owned);
        assert_eq!(others(tree, &ours), 4);
    }
}
