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
    judged(package, locked(package)?, sum)
}

/// The versions that cargo finds for a program that wants this one, or why it finds none.
fn locked(package: &Package) -> Result<Result<String, String>, String> {
    let Package { name, version, .. } = package;
    let place = workspace::target()?.join("registry").join(name);
    let failed = |error: std::io::Error| format!("{}: {error}", place.display());
    if place.exists() {
        fs::remove_dir_all(&place).map_err(failed)?;
    }
    fs::create_dir_all(place.join("src")).map_err(failed)?;
    fs::write(place.join("src/main.rs"), "fn main() {}\n").map_err(failed)?;
    let manifest = format!(
        "[package]\nname = \"asks\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
         [dependencies]\n{name} = \"={version}\"\n\n[workspace]\n"
    );
    fs::write(place.join("Cargo.toml"), manifest).map_err(failed)?;
    match Step::cargo("generate-lockfile").within(&place).output() {
        Ok(_) => Ok(Ok(
            fs::read_to_string(place.join("Cargo.lock")).map_err(failed)?
        )),
        Err(why) => Ok(Err(why)),
    }
}

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
    let other = name.replace('-', "_");
    if why.contains(&format!("for the requirement `{name} = ")) {
        return Ok(Standing::Older);
    }
    if !why.contains(&format!("no matching package named `{name}` found")) {
        return Err(format!("the registry can't be asked about {name}: {why}"));
    }
    match why.contains(&other) {
        true => Err(format!(
            "the registry has {other}, and takes no {name} beside it"
        )),
        false => Ok(Standing::New),
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

    fn found(asked: Result<&str, &str>) -> Result<Standing, String> {
        let package = Package {
            name: "auth-x".to_owned(),
            version: "0.2.0".to_owned(),
            ..Package::default()
        };
        let asked = asked.map(str::to_owned).map_err(str::to_owned);
        judged(&package, asked, "5a5a")
    }

    #[test]
    fn what_is_sent_already_is_told_from_what_is_new_and_from_what_is_another() {
        let lock = "[[package]]\nname = \"asks\"\n\n[[package]]\nname = \"auth-x\"\nversion = \"0.2.0\"\n\
                    checksum = \"5a5a\"\n\n[[package]]\nname = \"url\"\nchecksum = \"77\"\n";
        assert_eq!(found(Ok(lock)), Ok(Standing::There));
        let another = found(Ok(&lock.replace("5a5a", "0000"))).unwrap_err();
        assert_eq!(
            another,
            "the registry has auth-x 0.2.0 with another content: one version is of one commit, so raise it"
        );
        let missing =
            "error: no matching package named `auth-x` found\nlocation searched: crates.io index\n";
        assert_eq!(found(Err(missing)), Ok(Standing::New));
        let older = "error: failed to select a version for the requirement `auth-x = \"=0.2.0\"`\n\
                     candidate versions found which didn't match: 0.1.0\n";
        assert_eq!(found(Err(older)), Ok(Standing::Older));
        let similar = format!("{missing}help: a package with a similar name exists: `auth_x`\n");
        assert_eq!(
            found(Err(&similar)).unwrap_err(),
            "the registry has auth_x, and takes no auth-x beside it"
        );
        let offline = "error: failed to download from `https://index.crates.io/config.json`\n";
        let refused = found(Err(offline)).unwrap_err();
        assert!(
            refused.starts_with("the registry can't be asked about auth-x: error: failed"),
            "{refused}"
        );
    }
}
