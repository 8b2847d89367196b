//! What lies in a package: README, licences, sources, what cargo adds, and nothing else.

mod orphan;
mod packed;

use std::fs;
use std::io::ErrorKind;

use self::orphan::orphans;
use self::packed::Packed;
use super::metadata::FILES;
use super::{package, plan};
use crate::root::root;
use crate::step::Outcome;
use crate::{links, workspace};

pub(super) fn check() -> Outcome {
    let folder = package::pack()?;
    let mut faults = Vec::new();
    for one in plan::crates()? {
        let name = format!("{}-{}", one.name, one.version);
        let archive = folder.join(format!("{name}.crate"));
        let listed = packed::list(&archive, &name)?;
        faults.extend(surprises(&one.name, &listed));
        let sources = workspace::files(&one.folder)?;
        faults.extend(orphans(&one.name, &one.folder, &sources));
        let sources: Vec<_> = sources
            .iter()
            .filter_map(|file| file.path.strip_prefix(&*one.folder)?.strip_prefix('/'))
            .collect();
        faults.extend(left_out(&one.name, &listed, &sources));
        let home = root().join(&one.folder);
        let home = home.canonicalize().unwrap_or(home);
        for Packed { path, .. } in &listed {
            let place = home.join(path);
            // The licences are links to those of the workspace.
            if !FILES.contains(&&**path) && place.canonicalize().is_ok_and(|real| real != place) {
                faults.push(format!("{}: {path} is a link, or in one", one.name));
            }
            let read = fs::read_to_string(&place);
            if read
                .as_ref()
                .is_err_and(|error| error.kind() == ErrorKind::InvalidData)
            {
                faults.push(format!("{}: {path} is no text", one.name));
            }
            let text = read.unwrap_or_default();
            if has_key(&text) {
                faults.push(format!("{}: {path} has a private key in it", one.name));
            }
            if path.ends_with(".md") {
                faults.extend(dead_ends(&one.name, path, &text, &listed));
            }
        }
        let size = fs::metadata(&archive).map_err(|error| format!("{name}: {error}"))?;
        println!(
            "{:<18} {:>4} files {:>5} KiB",
            one.name,
            listed.len(),
            size.len().div_ceil(1024)
        );
    }
    match faults.is_empty() {
        true => Ok(format!("in {}", folder.display())),
        false => Err(faults.join("; ")),
    }
}

/// What is too many, too few or too large.
fn surprises(name: &str, listed: &[Packed]) -> Vec<String> {
    let is_hidden = |path: &str| path.split('/').any(|part| part.starts_with('.'));
    let expected = |path: &str| {
        FILES.contains(&path)
            || CARGOS.contains(&path)
            || OURS.contains(&path)
            || (FOLDERS.iter().any(|folder| path.starts_with(folder))
                && ENDINGS.iter().any(|ending| path.ends_with(ending))
                && !is_hidden(path))
    };
    let mut faults = Vec::new();
    for Packed {
        path,
        size,
        is_file,
    } in listed
    {
        if !expected(path) || !is_file {
            faults.push(format!("{name}: {path} is in the package, and should not"));
        } else if *size > LARGEST && !CARGOS.contains(&&**path) {
            let kib = size.div_ceil(1024);
            faults.push(format!("{name}: {path} has {kib} KiB, which is no source"));
        }
    }
    let few = FILES.iter().filter(|file| !has(listed, file));
    faults.extend(few.map(|file| format!("{name}: {file} is not in the package")));
    faults
}

/// Sources and examples that an `exclude`, or a list of what to ignore, keeps out of the package.
fn left_out(name: &str, listed: &[Packed], sources: &[&str]) -> Vec<String> {
    let ours = sources
        .iter()
        .filter(|path| FOLDERS.iter().any(|folder| path.starts_with(folder)) && !has(listed, path));
    ours.map(|path| format!("{name}: {path} is not in the package"))
        .collect()
}

/// Links of a page to what is not in its package.
fn dead_ends(name: &str, page: &str, text: &str, listed: &[Packed]) -> Vec<String> {
    let inside = links::links(text).filter(|link| !links::is_outside(link.target));
    let dead = inside.filter(|link| !has(listed, &link.path(page)));
    dead.map(|link| {
        format!(
            "{name}: {page} leads to {}, which is not in the package",
            link.target
        )
    })
    .collect()
}

fn has(listed: &[Packed], path: &str) -> bool {
    listed.iter().any(|file| file.path == path)
}

/// Whether a key stands in a text, with its bytes and not as the words that begin one.
fn has_key(text: &str) -> bool {
    let keys = text.split("PRIVATE KEY-----").skip(1).step_by(2);
    let code = |c: &char| c.is_ascii_alphanumeric() || "+/=".contains(*c);
    // Between the lines of a text in a source stand `\n` and `\`, or quotation marks.
    keys.into_iter().any(|key| {
        let key = key.replace("\\n", "");
        let key = key.trim_start_matches(|c: char| c.is_whitespace() || "\\\",".contains(c));
        key.chars().take_while(code).count() >= 60
    })
}

/// What cargo puts into each package.
const CARGOS: [&str; 4] = [
    "Cargo.toml",
    "Cargo.toml.orig",
    "Cargo.lock",
    ".cargo_vcs_info.json",
];

/// What belongs to some.
const OURS: [&str; 5] = [
    "RULES.md",
    "SERVICES.md",
    "SOURCES.md",
    "build.rs",
    "order.ld",
];

const FOLDERS: [&str; 2] = ["src/", "examples/"];

const ENDINGS: [&str; 2] = [".rs", ".snap"];

/// No source is longer, in bytes; order.ld is the longest.
const LARGEST: u64 = 128 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str) -> Packed {
        Packed {
            path: path.to_owned(),
            size: 100,
            is_file: true,
        }
    }

    fn good() -> Vec<Packed> {
        let good = ["Cargo.toml", "README.md", "LICENSE-MIT", "LICENSE-APACHE"];
        let sources = ["src/lib.rs", "examples/whole.rs"];
        good.into_iter().chain(sources).map(file).collect()
    }

    #[test]
    fn a_file_too_many_or_too_large_a_link_and_a_missing_licence_are_named() {
        assert!(surprises("x", &good()).is_empty());
        for path in [
            "secret.pem",
            "src/secret.pem",
            "src/.env",
            "src/.old.rs",
            "src/.cache/lib.rs",
            ".netrc",
            "tests/it.rs",
        ] {
            let more = good().into_iter().chain([file(path)]);
            assert_eq!(
                surprises("x", &more.collect::<Vec<_>>()),
                [format!("x: {path} is in the package, and should not")]
            );
        }
        let large = Packed {
            size: 3_000_000,
            ..file("src/table.rs")
        };
        assert_eq!(
            surprises("x", &good().into_iter().chain([large]).collect::<Vec<_>>()),
            ["x: src/table.rs has 2930 KiB, which is no source"]
        );
        let link = Packed {
            is_file: false,
            ..file("src/there.rs")
        };
        assert_eq!(
            surprises("x", &good().into_iter().chain([link]).collect::<Vec<_>>()),
            ["x: src/there.rs is in the package, and should not"]
        );
        let mut few = good();
        few.retain(|file| file.path != "LICENSE-APACHE");
        assert_eq!(
            surprises("x", &few),
            ["x: LICENSE-APACHE is not in the package"]
        );
    }

    #[test]
    fn an_example_that_is_not_packed_is_named() {
        let sources = [
            "src/lib.rs",
            "examples/whole.rs",
            "tests/it.rs",
            "clippy.toml",
        ];
        assert!(left_out("x", &good(), &sources).is_empty());
        let mut few = good();
        few.retain(|file| !file.path.starts_with("examples/"));
        assert_eq!(
            left_out("x", &few, &sources),
            ["x: examples/whole.rs is not in the package"]
        );
    }

    #[test]
    fn a_link_of_a_readme_to_what_is_not_packed_is_named() {
        let readme = "# x\n\n[there](src/lib.rs) [up](../../CONTRIBUTING.md) [RULES.md] [above](#x) [out](https://x.example)\n\n\
                      [RULES.md]: RULES.md#first\n";
        assert_eq!(
            dead_ends("x", "README.md", readme, &good()),
            [
                "x: README.md leads to ../../CONTRIBUTING.md, which is not in the package",
                "x: README.md leads to RULES.md#first, which is not in the package"
            ]
        );
    }

    #[test]
    fn a_private_key_is_told_from_the_words_that_begin_one() {
        let begin = "-----BEGIN EC PRIVATE KEY-----";
        let key = "MHcCAQEEIIrYSSNQFaA2Hwf1duRSxKtLYX5CB04fSeQ6tF1aY5PuoAoGCCqGSM49";
        assert!(has_key(&format!(
            "{begin}\n{key}\n-----END EC PRIVATE KEY-----\n"
        )));
        for between in ["\\n\\\n     ", "\",\n    \"", "\\n\",\n    \""] {
            assert!(has_key(&format!("\"{begin}{between}{key}")), "{between}");
        }
        assert!(!has_key(&format!(
            "text.contains(\"{begin}\") {{ \"{key}\" }}"
        )));
        assert!(!has_key("no key"));
    }
}
