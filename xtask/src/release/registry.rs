//! What the registry has of a crate that would go out. Cargo is asked, by a program that wants exactly that version.

use std::fs;
use std::path::Path;

use crate::step::Step;
use crate::workspace::{self, Package};

/// How far a crate has come.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// Nobody has a crate of this name.
    New,
    /// There are other versions of it.
    Older,
    /// This version is there, as it is here.
    There,
}

/// Of a crate whose package lies in `folder`.
///
/// # Errors
/// Names a version that is there with another content, and what else keeps it from being sent.
pub(super) fn standing(package: &Package, folder: &Path) -> Result<Standing, String> {
    let Package { name, version, .. } = package;
    let archive = folder.join(format!("{name}-{version}.crate"));
    let sum = Step::new("sha256sum").with([archive]).output()?;
    let sum = sum.split_whitespace().next().unwrap_or_default();
    let place = workspace::target()?.join("registry").join(name);
    judged(package, locked(package, &place, &[])?, sum)
}

/// The versions that cargo, with these options, finds for a program in `place` that wants this one, or why it finds none.
fn locked(
    package: &Package,
    place: &Path,
    options: &[&str],
) -> Result<Result<String, String>, String> {
    let Package { name, version, .. } = package;
    let failed = |error: std::io::Error| format!("{}: {error}", place.display());
    if place.exists() {
        fs::remove_dir_all(place).map_err(failed)?;
    }
    fs::create_dir_all(place.join("src")).map_err(failed)?;
    fs::write(place.join("src/main.rs"), "fn main() {}\n").map_err(failed)?;
    let manifest = format!(
        "[package]\nname = \"asks\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
         [dependencies]\n{name} = \"={version}\"\n\n[workspace]\n"
    );
    fs::write(place.join("Cargo.toml"), manifest).map_err(failed)?;
    let asked = Step::cargo("generate-lockfile").with(options);
    // What lies here from an earlier day is no answer.
    let asked = asked.with_env("CARGO_NET_OFFLINE", "false").within(place);
    match asked.output() {
        Ok(_) => Ok(Ok(
            fs::read_to_string(place.join("Cargo.lock")).map_err(failed)?
        )),
        Err(why) => Ok(Err(why)),
    }
}

/// What cargo's answer means. Its words are those of the Rust of rust-toolchain.toml, which the tests hold against it;
/// what they do not know is no answer. A name of which every version was withdrawn looks like a new one to cargo.
fn judged(package: &Package, asked: Result<String, String>, sum: &str) -> Result<Standing, String> {
    let Package { name, version, .. } = package;
    let why = match asked {
        Ok(lock) if checksum(&lock, name) == Some(sum) => return Ok(Standing::There),
        Ok(_) => {
            return Err(format!(
                "the registry has {name} {version} with another content: one version is of one commit, so raise it"
            ));
        }
        Err(why) => why,
    };
    if why.contains(&format!("version {version} is yanked")) {
        return Err(format!(
            "{name} {version} was withdrawn from the registry, which takes no version twice: raise it"
        ));
    }
    if why.contains(&format!("for the requirement `{name} = ")) {
        return Ok(Standing::Older);
    }
    if !why.contains("no matching package") {
        return Err(format!("the registry can't be asked about {name}: {why}"));
    }
    // A registry takes the two for one name, and cargo says which one it has.
    let spelt = |name: &str| name.replace('-', "_");
    let mut words = why.split(|c: char| !(c.is_alphanumeric() || "-_".contains(c)));
    match words.find(|word| word != name && spelt(word) == spelt(name)) {
        Some(other) => Err(format!(
            "the registry has {other}, and takes no {name} beside it"
        )),
        None => Ok(Standing::New),
    }
}

/// That of `name` in a lock file.
fn checksum<'a>(lock: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = lock.split_once(&format!("name = \"{name}\"\n"))?;
    let package = rest.split("[[package]]").next()?;
    let (_, sum) = package.split_once("checksum = \"")?;
    sum.split('"').next()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is said of this version of a crate, by the real cargo, of a registry in a folder.
    fn found(name: &str, version: &str) -> Result<Standing, String> {
        let place = std::env::temp_dir().join(format!(
            "auth-xtask-registry-{}-{name}-{version}",
            std::process::id()
        ));
        let index = place.join("registry/index/au/th");
        fs::create_dir_all(&index).unwrap();
        for (name, version, is_yanked) in [
            ("auth-x", "0.1.0", false),
            ("auth-candidate", "0.1.0-rc.1", false),
            ("auth-withdrawn", "0.1.0", true),
            ("auth_under", "0.1.0", false),
        ] {
            let sum = "5a".repeat(32);
            let line = format!(
                r#"{{"name":"{name}","vers":"{version}","deps":[],"cksum":"{sum}","features":{{}},"yanked":{is_yanked}}}"#
            );
            fs::write(index.join(name), line + "\n").unwrap();
            let file = format!("registry/{name}-{version}.crate");
            fs::write(place.join(file), "").unwrap();
        }
        let options = [
            "--config",
            "source.crates-io.replace-with=\"here\"",
            "--config",
            &format!("source.here.local-registry={:?}", place.join("registry")),
        ];
        let package = package(name, version);
        let asked = locked(&package, &place.join("asks"), &options).unwrap();
        fs::remove_dir_all(&place).unwrap();
        judged(&package, asked, &"5a".repeat(32))
    }

    fn package(name: &str, version: &str) -> Package {
        Package {
            name: name.to_owned(),
            version: version.to_owned(),
            ..Package::default()
        }
    }

    #[test]
    fn what_is_sent_already_is_told_from_what_is_new_and_from_what_an_older_version_has() {
        assert_eq!(found("auth-x", "0.1.0"), Ok(Standing::There));
        assert_eq!(found("auth-x", "0.2.0"), Ok(Standing::Older));
        assert_eq!(found("auth-candidate", "0.1.0"), Ok(Standing::Older));
        assert_eq!(found("auth-new", "0.1.0"), Ok(Standing::New));
    }

    #[test]
    fn what_a_registry_would_not_take_is_named() {
        assert_eq!(
            found("auth-withdrawn", "0.1.0").unwrap_err(),
            "auth-withdrawn 0.1.0 was withdrawn from the registry, which takes no version twice: raise it"
        );
        assert_eq!(
            found("auth-under", "0.1.0").unwrap_err(),
            "the registry has auth_under, and takes no auth-under beside it"
        );
        let lock = "[[package]]\nname = \"auth-x\"\nversion = \"0.1.0\"\nchecksum = \"5a5a\"\n";
        let another = judged(&package("auth-x", "0.1.0"), Ok(lock.to_owned()), "0000");
        assert_eq!(
            another.unwrap_err(),
            "the registry has auth-x 0.1.0 with another content: one version is of one commit, so raise it"
        );
        let offline = "error: failed to download from `https://index.example/config.json`\n";
        let refused = judged(&package("auth-x", "0.1.0"), Err(offline.to_owned()), "5a5a");
        let refused = refused.unwrap_err();
        assert!(
            refused.starts_with("the registry can't be asked about auth-x: error: failed"),
            "{refused}"
        );
    }
}
