//! Sources that nothing compiles: no module names them, so that no compiler sees them, and a package has them all the same.

use crate::workspace::File;

/// Of the sources of one package, whose paths begin with its `folder`.
pub(super) fn orphans(name: &str, folder: &str, sources: &[File]) -> Vec<String> {
    let room = format!("{folder}/src/");
    let own = sources.iter().filter(|file| file.path.starts_with(&room));
    let orphans = own.filter(|file| {
        let path = &file.path[room.len()..];
        let Some(path) = path.strip_suffix(".rs") else {
            return false;
        };
        let (above, module) = path.rsplit_once('/').unwrap_or(("", path));
        let parents = match above {
            "" if ROOTS.contains(&module) => return false,
            "" => ROOTS.map(|root| format!("{room}{root}.rs")).to_vec(),
            above => vec![format!("{room}{above}.rs")],
        };
        let names = |parent: &File| {
            let mut lines = parent.text.lines().map(str::trim);
            lines.any(|line| line.ends_with(&format!("mod {module};")))
        };
        !sources
            .iter()
            .any(|file| parents.contains(&file.path) && names(file))
    });
    orphans
        .map(|file| {
            format!(
                "{name}: {} is of no module, so that nothing compiles it",
                file.path
            )
        })
        .collect()
}

const ROOTS: [&str; 2] = ["lib", "main"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_that_no_module_names_is_named() {
        let file = |path: &str, text: &str| File {
            path: format!("crates/auth-x/{path}"),
            text: text.to_owned(),
        };
        let mut files = vec![
            file("src/lib.rs", "mod a;\npub(crate) mod b;\n"),
            file("src/a.rs", "#[cfg(test)]\nmod tests;\n"),
            file("src/a/tests.rs", ""),
            file("src/b.rs", ""),
            file("src/b/shown.snap", ""),
            file("build.rs", ""),
        ];
        let found = |files: &[File]| orphans("auth-x", "crates/auth-x", files);
        assert_eq!(found(&files), [""; 0]);
        files.extend([file("src/notes.rs", ""), file("src/a/b.rs", "")]);
        assert_eq!(
            found(&files),
            [
                "auth-x: crates/auth-x/src/notes.rs is of no module, so that nothing compiles it",
                "auth-x: crates/auth-x/src/a/b.rs is of no module, so that nothing compiles it"
            ]
        );
    }
}
