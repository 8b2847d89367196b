//! What must hold of our dependencies, and of those of one of our crates on another.

use crate::step::Outcome;
use crate::tool::Tool;
use crate::{arrows, deny};

pub(super) fn check() -> Outcome {
    (arrows::TASK.run)(&[])?;
    unused()?;
    deny::whole()
}

/// What a manifest names and nothing uses.
fn unused() -> Result<(), String> {
    let machete = Tool("cargo-machete@0.9.2").step()?;
    let (holds, said) = machete.with(["crates", "tests", "xtask"]).says()?;
    match (holds, named(&said)) {
        (true, _) => Ok(()),
        (false, named) if named.is_empty() => Err(format!("cargo-machete failed: {said}")),
        (false, named) => Err(named.join("; ")),
    }
}

/// Each that cargo-machete found: a line for the manifest, then one for each name.
fn named(said: &str) -> Vec<String> {
    let (mut manifest, mut found) = ("", Vec::new());
    for line in said.lines() {
        if let Some((_, path)) = line.split_once(" -- ") {
            manifest = path.trim_end_matches(':');
        } else if let Some(name) = line.strip_prefix('\t') {
            found.push(format!("{manifest} names {name}, and nothing uses it"));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nothing_uses_is_named_with_its_manifest() {
        let said = "cargo-machete found the following unused dependencies in crates:\n\
                    auth-x -- crates/auth-x/Cargo.toml:\n\thttpdate\n\turl\nauth-y -- crates/auth-y/Cargo.toml:\n\thttp\n\
                    cargo-machete didn't find any unused dependencies in tests. Good job!\n";
        assert_eq!(
            named(said),
            [
                "crates/auth-x/Cargo.toml names httpdate, and nothing uses it",
                "crates/auth-x/Cargo.toml names url, and nothing uses it",
                "crates/auth-y/Cargo.toml names http, and nothing uses it",
            ]
        );
    }
}
