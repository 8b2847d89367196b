//! `cargo xtask deny`: licences, banned crates and sources, and how old a Rust may be; known holes where the list of
//! them can be had.

use std::path::Path;

use serde_json::Value;

use crate::root::root;
use crate::step::{self, Outcome, Step};
use crate::{Task, msrv};

pub(crate) const TASK: Task = Task {
    name: "deny",
    takes: "",
    does: "licences, banned crates, sources, no dependency that needs a newer Rust; advisories where they can be fetched",
    run,
};

fn run(_: &[String]) -> Outcome {
    whole()
}

/// Everything that is asked of dependencies.
pub(crate) fn whole() -> Outcome {
    msrv::ensure_dependencies()?;
    step::require("deny", "cargo install --locked --debug cargo-deny")?;
    ensure_allowed(&root().join("Cargo.toml"))?;
    if !Step::cargo("deny fetch db").succeeds() {
        let note = "advisories and yanked versions not checked: `cargo deny fetch db` can't reach the database";
        return Ok(note.to_owned());
    }
    Step::cargo("deny check advisories").run()?;
    Ok(String::new())
}

/// Makes sure that a workspace takes nothing that it may not.
fn ensure_allowed(manifest: &Path) -> Result<(), String> {
    let check = |format: &str| {
        Step::cargo("deny --manifest-path")
            .with([manifest])
            .with(["--config"])
            .with([root().join("deny.toml")])
            .with(["--format", format, "check", "bans", "licenses", "sources"])
    };
    check("human").run().map_err(|why| {
        let said = check("json").errors().unwrap_or_default();
        let named: Vec<_> = said.lines().filter_map(error).collect();
        match named.is_empty() {
            true => why,
            false => named.join("; "),
        }
    })
}

/// Which crate a line of cargo-deny is about, and what is wrong with it.
fn error(line: &str) -> Option<String> {
    let line: Value = serde_json::from_str(line).ok()?;
    let fields = &line["fields"];
    if fields["severity"] != "error" {
        return None;
    }
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let Value::Object(whose) = &fields["graphs"][0]["Krate"] else {
        return Some(text(&fields["message"]));
    };
    let (name, version) = (text(&whose["name"]), text(&whose["version"]));
    let (message, span) = (text(&fields["message"]), text(&fields["labels"][0]["span"]));
    Some(format!("{name} {version}: {message} ({span})"))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_dependency_under_the_gpl_is_named() {
        if step::require("deny", "").is_err() {
            eprintln!("skipped: cargo-deny is not installed");
            return;
        }
        let place = std::env::temp_dir().join(format!("auth-xtask-deny-{}", std::process::id()));
        for (folder, name, rest) in [
            (
                "",
                "made",
                "[dependencies]\ncopyleft = { path = \"other\", version = \"1\" }\n[workspace]\n",
            ),
            ("other", "copyleft", ""),
        ] {
            let licence = if name == "made" {
                "MIT"
            } else {
                "GPL-3.0-only"
            };
            let manifest = format!(
                "[package]\nname = \"{name}\"\nversion = \"1.0.0\"\nedition = \"2024\"\nlicense = \"{licence}\"\n{rest}"
            );
            fs::create_dir_all(place.join(folder).join("src")).unwrap();
            fs::write(place.join(folder).join("src/lib.rs"), "").unwrap();
            fs::write(place.join(folder).join("Cargo.toml"), manifest).unwrap();
        }
        let refused = ensure_allowed(&place.join("Cargo.toml")).unwrap_err();
        fs::remove_dir_all(&place).unwrap();
        assert_eq!(
            refused,
            "copyleft 1.0.0: failed to satisfy license requirements (GPL-3.0-only)"
        );
    }
}
