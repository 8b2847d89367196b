//! The words of the command line. git, docker and Bazel find a helper by its name alone, and people ask for help as they do
//! elsewhere.

use std::ffi::OsString;
use std::path::Path;

/// The words of the command line. Called as `docker-credential-lab`, the program is the helper of docker for
/// the profile `lab`; likewise for git and Bazel. `auth help COMMAND` is `auth COMMAND --help`.
pub(crate) fn words(mut arguments: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let program = arguments.next().unwrap_or_default();
    let name = Path::new(&program).file_name().unwrap_or_default();
    let name = name.to_str().unwrap_or_default();
    // Who starts it on Windows may leave the ending out.
    let ending = std::env::consts::EXE_SUFFIX;
    let name = name.strip_suffix(ending).unwrap_or(name);
    let helper = HELPERS.iter().find_map(|helper| {
        let profile = name.strip_prefix(helper)?.strip_prefix('-')?;
        (!profile.is_empty() && !profile.starts_with('-')).then_some((helper, profile))
    });
    let mut words = vec![program.clone()];
    if let Some((helper, profile)) = helper {
        words.extend([OsString::from(helper), OsString::from(profile)]);
    }
    let mut arguments = arguments.peekable();
    // `auth help token`, as with git and cargo.
    let asks_for_help = helper.is_none() && arguments.next_if(|word| word == "help").is_some();
    words.extend(arguments);
    if asks_for_help {
        words.push("--help".into());
    }
    words
}

const HELPERS: [&str; 3] = ["git-credential", "docker-credential", "bazel-credential"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_is_called_as_a_helper_serves_the_profile_of_that_name() {
        let words = |typed: &[&str]| -> Vec<String> {
            let words = words(typed.iter().map(OsString::from));
            let words = words.into_iter().map(|word| word.into_string().unwrap());
            words.skip(1).collect()
        };
        for (name, helper) in [
            ("/usr/bin/docker-credential-lab", "docker-credential"),
            ("git-credential-lab", "git-credential"),
            ("./bazel-credential-lab", "bazel-credential"),
        ] {
            let name = format!("{name}{}", std::env::consts::EXE_SUFFIX);
            assert_eq!(words(&[&name, "get"]), [helper, "lab", "get"]);
        }
        let name = format!("docker-credential-a-b.c{}", std::env::consts::EXE_SUFFIX);
        assert_eq!(words(&[&name]), ["docker-credential", "a-b.c"]);
        for other in [
            "auth",
            "docker-credential",
            "git-credential-",
            "git-credential---help",
        ] {
            assert_eq!(words(&[other, "token", "lab"]), ["token", "lab"], "{other}");
        }
        assert_eq!(words(&["auth", "help"]), ["--help"]);
        assert_eq!(
            words(&["auth", "help", "config", "show"]),
            ["config", "show", "--help"]
        );
        assert_eq!(words(&["auth", "token", "help"]), ["token", "help"]);
        assert!(words(&[]).is_empty());
        assert_eq!(words(&["git-credential-help", "help"])[2..], ["help"]);
    }
}
