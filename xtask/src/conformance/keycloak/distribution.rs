//! Keycloak as its makers publish it: fetched once, checked, unpacked and built.

use std::fs;
use std::path::{Path, PathBuf};

use crate::conformance::loopback::{emptied, written};
use crate::step::Step;

const VERSION: &str = "26.7.4";

/// SHA-256 of the archive whose SHA-1 is the published d07b35dac25ca9d200882e2456ec58148b32fabf.
const SUM: &str = "04823c336b797a7e18889a44262a7a64e6bf624cbbcc518c85e2622176ff2eee";

/// The two that are off unless they are named: the exchange of a token of another issuer, and the
/// permissions that it needs.
const FEATURES: &str = "--features=token-exchange,admin-fine-grained-authz:v1";

/// Makes sure that what is needed beside Rust is there.
pub(super) fn require_tools() -> Result<(), String> {
    let java = Step::new("java").with(["--version"]).output();
    let version = java.ok().as_deref().and_then(major);
    match version {
        Some(version) if version >= OLDEST_JAVA => {}
        Some(version) => {
            return Err(format!(
                "Java {version} is too old for Keycloak: install Java {OLDEST_JAVA} or later"
            ));
        }
        None => {
            return Err(format!(
                "java is missing: install Java {OLDEST_JAVA} or later"
            ));
        }
    }
    for (tool, question, install) in [
        ("mvn", "--version", "install Maven, which fetches Keycloak"),
        (
            "openssl",
            "version",
            "install OpenSSL, which makes the test's CA",
        ),
        ("tar", "--version", "install tar"),
    ] {
        if !Step::new(tool).with([question]).succeeds() {
            return Err(format!("{tool} is missing: {install}"));
        }
    }
    Ok(())
}

/// The folder of a server that is built and ready to start.
pub(super) fn built(home: &Path) -> Result<PathBuf, String> {
    let place = home.join(format!("keycloak-{VERSION}"));
    let done = place.join("built");
    if done.is_file() {
        return Ok(place);
    }
    let archive = fetched(home)?;
    emptied(&place)?;
    Step::new("tar")
        .with(["-xzf"])
        .with([&archive])
        .with(["-C"])
        .with([home])
        .run()?;
    Step::new(place.join("bin/kc.sh"))
        .with(["build", "--db=dev-file", FEATURES])
        .run()?;
    written(&done, FEATURES)?;
    Ok(place)
}

/// The archive, from Maven's central repository or a mirror that Maven's settings name.
fn fetched(home: &Path) -> Result<PathBuf, String> {
    let repository = home.join("maven");
    let archive = repository.join(format!(
        "org/keycloak/keycloak-quarkus-dist/{VERSION}/keycloak-quarkus-dist-{VERSION}.tar.gz"
    ));
    if !archive.is_file() {
        fs::create_dir_all(&repository)
            .map_err(|error| format!("{} can't be made: {error}", repository.display()))?;
        Step::new("mvn")
            .with(["-B", "-q", "dependency:get", "-Dtransitive=false"])
            .with([format!("-Dmaven.repo.local={}", repository.display())])
            .with([format!(
                "-Dartifact=org.keycloak:keycloak-quarkus-dist:{VERSION}:tar.gz"
            )])
            .run()
            .map_err(|failure| format!("{failure}; Keycloak {VERSION} can't be fetched"))?;
    }
    let sum = Step::new("openssl")
        .with(["dgst", "-sha256", "-r"])
        .with([&archive])
        .output()?;
    if sum.split_whitespace().next() != Some(SUM) {
        return Err(format!(
            "{} is not the Keycloak {VERSION} that we know: delete it, or distrust its source",
            archive.display()
        ));
    }
    Ok(archive)
}

/// The major version in what `java --version` writes: `openjdk 17.0.15 2025-04-15`.
fn major(text: &str) -> Option<u32> {
    let version = text.split_whitespace().nth(1)?;
    version.split(['.', '-', '+']).next()?.parse().ok()
}

const OLDEST_JAVA: u32 = 17;

#[cfg(test)]
mod tests {
    use super::major;

    #[test]
    fn the_version_of_java_is_read_from_its_first_line() {
        assert_eq!(
            major("openjdk 17.0.15 2025-04-15\nOpenJDK Runtime"),
            Some(17)
        );
        assert_eq!(major("java 25 2025-09-16 LTS\n"), Some(25));
        assert_eq!(major("openjdk 26-ea 2026-03-17"), Some(26));
        assert_eq!(major("Unrecognized option: --version"), None);
    }
}
