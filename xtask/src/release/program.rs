//! The program as people get it: from a clone, and as an archive that says what is in it.

use std::fs;
use std::path::Path;

use super::metadata::FILES;
use super::plan;
use super::tool::Tool;
use crate::root::root;
use crate::step::{Outcome, Step};
use crate::workspace;

pub(super) fn check() -> Outcome {
    crate::deny::whole()?;
    Tool("cargo-machete").step()?.with(["crates"]).run()?;
    let place = workspace::target()?.join("release-program");
    Step::cargo("install --path crates/auth-cli --locked --force --root")
        .with([&place])
        .run()?;
    let said = Step::new(place.join("bin/auth"))
        .with(["--version"])
        .output()?;
    let version = plan::crates()?
        .first()
        .map(|package| package.version.clone())
        .unwrap_or_default();
    if said.trim() != format!("auth {version}") {
        return Err(format!(
            "the installed program calls itself `{}`",
            said.trim()
        ));
    }
    let archive = archive(&place, &version)?;
    Ok(format!("{archive}, {}", place.display()))
}

/// The stripped program, which names its dependencies, with README, licences, a list of what it is made of, and sums.
fn archive(place: &Path, version: &str) -> Outcome {
    let name = format!("auth-{version}-{}", std::env::consts::ARCH);
    let folder = place.join(&name);
    let failed = |error: std::io::Error| format!("{}: {error}", folder.display());
    fs::create_dir_all(&folder).map_err(failed)?;
    Tool("cargo-auditable")
        .step()?
        .with(["build", "--release", "--locked", "--package", "auth-cli"])
        .run()?;
    fs::copy(
        workspace::target()?.join("release/auth"),
        folder.join("auth"),
    )
    .map_err(failed)?;
    for file in FILES {
        let from = if *file == "README.md" {
            "crates/auth-cli/README.md"
        } else {
            file
        };
        fs::copy(root().join(from), folder.join(file)).map_err(failed)?;
    }
    let bill = "auth.cdx";
    Tool("cargo-cyclonedx")
        .step()?
        .with([
            "--format",
            "json",
            "--manifest-path",
            "crates/auth-cli/Cargo.toml",
            "--override-filename",
            bill,
        ])
        .run()?;
    let made = root().join("crates/auth-cli").join(format!("{bill}.json"));
    fs::rename(made, folder.join(format!("{bill}.json"))).map_err(failed)?;
    let sums = Step::new("sha256sum")
        .with(["auth", "auth.cdx.json"])
        .with(FILES)
        .within(&folder)
        .output()?;
    fs::write(folder.join("SHA256SUMS"), sums).map_err(failed)?;
    let archive = format!("{name}.tar.gz");
    Step::new("tar")
        .with(["-czf", &archive, &name])
        .within(place)
        .run()?;
    Ok(archive)
}
