//! What a program is made of (CycloneDX), for those who look for what is known to be broken.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::PROGRAM;
use crate::release::notices::Part;
use crate::step::Step;
use crate::tool::Tool;

/// The list, the same for the same sources, without a folder of this machine.
///
/// # Errors
/// Names a part that it lacks, or that has no licence in it.
pub(super) fn of(tree: &Path, target: &str, parts: &[Part]) -> Result<String, String> {
    let date = Step::new("git").with(["log", "-1", "--format=%ct"]);
    let date = date.within(tree).output()?;
    let folder = tree.join("crates").join(PROGRAM);
    Tool("cargo-cyclonedx@0.5.9")
        .step()?
        .with(["--format", "json", "--spec-version", "1.5"])
        .with(["--override-filename", "bill", "--target", target])
        .with(["--manifest-path"])
        .with([folder.join("Cargo.toml")])
        .with_env("SOURCE_DATE_EPOCH", date.trim())
        .within(tree)
        .run()?;
    let file = folder.join("bill.json");
    let text = fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
    let text = text.replace(&format!("file://{}", tree.display()), "file:///auth");
    match faults(&text, tree, parts) {
        faults if faults.is_empty() => Ok(text),
        faults => Err(format!("the list of parts: {}", faults.join("; "))),
    }
}

fn faults(text: &str, tree: &Path, parts: &[Part]) -> Vec<String> {
    let list: Value = match serde_json::from_str(text) {
        Ok(list) => list,
        Err(error) => return vec![format!("is no JSON: {error}")],
    };
    let components = list["components"].as_array().map_or(&[][..], Vec::as_slice);
    let mut faults: Vec<_> = parts
        .iter()
        .filter_map(|part| {
            let Part { name, version } = part;
            let is_it = |one: &&Value| one["name"] == **name && one["version"] == **version;
            match components.iter().find(is_it) {
                None => Some(format!("{name} {version} is not in it")),
                Some(one) if one["licenses"][0].is_null() => {
                    Some(format!("{name} {version} has no licence in it"))
                }
                Some(_) => None,
            }
        })
        .collect();
    if text.contains(&*tree.to_string_lossy()) {
        faults.push(format!("names the folder {}", tree.display()));
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_that_is_missing_or_has_no_licence_and_a_folder_of_this_machine_are_named() {
        let parts = [("serde", "1.0.0"), ("url", "2.0.0")].map(|(name, version)| Part {
            name: name.to_owned(),
            version: version.to_owned(),
        });
        let found = |text: &str| faults(text, Path::new("/srv/auth"), &parts);
        let serde = r#"{"name": "serde", "version": "1.0.0", "licenses": [{"expression": "MIT"}]}"#;
        let url = r#"{"name": "url", "version": "2.0.0", "licenses": [{"expression": "MIT"}]}"#;
        let list = |components: &[&str]| format!(r#"{{"components": [{}]}}"#, components.join(","));
        assert_eq!(found(&list(&[serde, url])), [""; 0]);
        assert_eq!(found(&list(&[url])), ["serde 1.0.0 is not in it"]);
        let older = serde.replace("1.0.0", "0.9.0");
        assert_eq!(found(&list(&[&older, url])), ["serde 1.0.0 is not in it"]);
        let free = r#"{"name": "url", "version": "2.0.0"}"#;
        assert_eq!(
            found(&list(&[serde, free])),
            ["url 2.0.0 has no licence in it"]
        );
        let told = url.replace("MIT", "file:///srv/auth/crates");
        assert_eq!(
            found(&list(&[serde, &told])),
            ["names the folder /srv/auth"]
        );
        assert!(found("<bom/>")[0].starts_with("is no JSON"));
    }
}
