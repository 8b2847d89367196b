//! What somebody typed where everybody can read it: no token is taken from there, and none is shown once more.

use std::env;
use std::ffi::OsString;
use std::path::Path;

use auth_core::{Error, Result};

/// An argument with more characters than this is cut where a message repeats it.
const SHOWN: usize = 60;
/// So much of it is shown where it is no path.
const HINT: usize = 12;

/// Refuses a token among the arguments: other users of the machine, and the shell's history, have it by now.
///
/// # Errors
/// `Config`, if one of them is a JWT, alone or behind `Bearer` or `--option=`.
pub(crate) fn ensure_no_token(arguments: impl Iterator<Item = OsString>) -> Result<()> {
    let arguments: Vec<OsString> = arguments.collect();
    for (place, argument) in ours(&arguments).iter().enumerate().skip(1) {
        if argument.to_str().is_some_and(holds_jwt) {
            return Err(Error::config(format!(
                "argument {place} is a token, not a file or a name: others see it there, so it is not used"
            ))
            .with_advice("pipe it in, or name a file that holds it"));
        }
    }
    Ok(())
}

/// Those that are not another program's.
fn ours(arguments: &[OsString]) -> &[OsString] {
    let end = arguments.iter().position(|word| word == "--");
    let (before, _) = arguments.split_at(end.unwrap_or(arguments.len()));
    match before.iter().any(|word| word == "exec") {
        true => before,
        false => arguments,
    }
}

/// `text`, in which no argument of this process is longer than 60 characters, or looks like a secret: who typed one by
/// mistake does not find it in a log, too.
pub(crate) fn with_arguments_cut(text: String) -> String {
    env::args_os().skip(1).fold(text, |text, argument| {
        let argument = argument.to_string_lossy().into_owned();
        let value = argument.split_once('=').map(|(_, value)| value.to_owned());
        [Some(argument), value]
            .into_iter()
            .flatten()
            .fold(text, cut)
    })
}

fn cut(text: String, argument: String) -> String {
    // Of an address its user, password and parameters are nobody's business.
    if let Some((scheme, rest)) = argument.split_once("://")
        && rest.contains(['@', '?', '#'])
    {
        let place = match rest.contains('@') {
            true => "",
            false => rest.split(['?', '#']).next().unwrap_or_default(),
        };
        return text.replace(&argument, &format!("{scheme}://{place}…"));
    }
    if argument.chars().count() <= SHOWN && !is_drawn_by_lot(argument.trim_start_matches('-')) {
        return text;
    }
    let shown = if argument.contains(['/', '\\']) {
        SHOWN - 1
    } else {
        HINT
    };
    let start: String = argument.chars().take(shown).collect();
    text.replace(&argument, &format!("{start}…"))
}

/// Whether a file that is not there has a name that looks like a token without a shape of its own.
pub(crate) fn looks_like_a_secret(path: &Path) -> bool {
    let Some(name) = path.to_str() else {
        return false;
    };
    holds_jwt(name)
        || is_drawn_by_lot(name)
        || (name.len() >= 20
            && name
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"-_+=~".contains(&b))
            && name.bytes().any(|b| b.is_ascii_digit())
            && name.bytes().any(|b| b.is_ascii_alphabetic()))
}

/// Whether no person would choose a word so: as servers draw tokens, or begin them so that they are found.
fn is_drawn_by_lot(word: &str) -> bool {
    let all = |fits: fn(u8) -> bool| word.bytes().all(fits);
    let any = |fits: fn(&u8) -> bool| word.bytes().any(|byte| fits(&byte));
    let is_mixed = word.len() >= 24
        && all(|byte| byte.is_ascii_alphanumeric() || b"-_.~+=".contains(&byte))
        && any(u8::is_ascii_digit)
        && any(u8::is_ascii_uppercase)
        && any(u8::is_ascii_lowercase);
    is_mixed
        || all(|byte| byte.is_ascii_alphanumeric() || b"-_.~+=".contains(&byte))
            && has_no_word(word)
        || (word.len() >= 32 && all(|byte| byte.is_ascii_hexdigit()))
        || (word.len() >= 20 && BEGINNINGS.iter().any(|begins| word.starts_with(begins)))
}

/// Whether a part of it is as long as no name's, and letters and digits take turns in it.
fn has_no_word(word: &str) -> bool {
    word.split(|c: char| !c.is_ascii_alphanumeric())
        .any(|part| {
            let pairs = part.as_bytes().windows(2);
            let turns = pairs.filter(|pair| pair[0].is_ascii_digit() != pair[1].is_ascii_digit());
            let needed = if part.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                1
            } else {
                4
            };
            part.len() >= 16 && turns.count() >= needed
        })
}

/// How tokens begin at GitHub, GitLab, Slack, Google, Amazon, Vault, registries, and in general.
const BEGINNINGS: [&str; 16] = [
    "AIza",
    "AKIA",
    "dckr_",
    "eyJ",
    "hvs.",
    "npm_",
    "pypi-",
    "sk-",
    "ghp_",
    "gho_",
    "ghu_",
    "ghs_",
    "github_pat_",
    "glpat-",
    "xox",
    "ya29.",
];

fn holds_jwt(argument: &str) -> bool {
    let value = match argument.split_once('=') {
        Some((option, value)) if option.starts_with('-') => value,
        _ => argument,
    };
    let value = value.trim();
    let value = match value.split_once(char::is_whitespace) {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("bearer") => rest.trim_start(),
        _ => value,
    };
    // Every JOSE header is a JSON object, and `{"` is always written so.
    value.starts_with("eyJ")
        && value.split('.').count() >= 3
        && value
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-_.=".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    const JWT: &str = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZGEifQ.c2ln";

    #[test]
    fn a_token_is_known_in_every_way_that_people_give_it() {
        for argument in [
            JWT.to_owned(),
            format!(" {JWT}\n"),
            format!("Bearer {JWT}"),
            format!("bearer  {JWT}"),
            format!("--from={JWT}"),
            "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZGEifQ.".to_owned(),
            "eyJhbGciOiJkaXIifQ..iv.text.tag".to_owned(),
        ] {
            assert!(holds_jwt(&argument), "{argument}");
        }
        for argument in [
            "eyJ.json",
            "token.a.b",
            "eyJa/b.c.d",
            "",
            "--",
            "lab",
            "a=b",
        ] {
            assert!(!holds_jwt(argument), "{argument}");
        }
    }

    #[test]
    fn what_another_program_is_given_is_its_own() {
        let refused = |words: &[&str]| ensure_no_token(words.iter().map(OsString::from)).is_err();
        assert!(refused(&["auth", "exec", JWT, "--", "x"]));
        assert!(refused(&["auth", "inspect", "--", JWT]));
        assert!(!refused(&["auth", "-v", "exec", "lab", "--", "x", JWT]));
    }

    #[test]
    fn what_nobody_would_choose_is_not_repeated_and_what_people_type_is() {
        for word in [
            "gho_CANARY0123456789abcdefghijABCDEFGH",
            "ya29.a0AfH6SMBx-abc_def",
            "0a4b8df75c9742b2be072bb25e06dbb2",
            "0.AAAAq1w2E3r4T5y6U7i8O9p0-_x",
            "k3j4h5g6f7d8s9a0q1w2",
            "deadbeef01234567",
            "pa-k3j4h5g6f7d8s9a0.x",
            "sk-proj-abc123def456",
            "https://ada:hunter2@idp.example/",
            "https://ada:hun/ter2@idp.example/",
            "https://idp.example/cb?code=hunter2@x",
        ] {
            let said = cut(format!("no `{word}` here"), word.to_owned());
            assert!(!said.contains(word), "{said}");
        }
        for word in [
            "destiny-azure-development-2",
            "sensors2026winter1",
            "robot-17-of-lab-4-in-house-12",
            "https://api.example/v2/0a4b8df75c9742b2be072bb25e06dbb2",
            "https://graph.microsoft.com/User.Read",
            "8f3c0c3e-0000-4000-8000-1f2f3f4f5f6f",
            "ada.lovelace@example.org",
            "/run/secrets/Ada/lab1.token",
        ] {
            let text = format!("no `{word}` here");
            assert_eq!(cut(text.clone(), word.to_owned()), text);
        }
    }

    #[test]
    fn the_name_of_a_missing_file_that_may_be_a_secret_is_known() {
        let secret = |name: &str| looks_like_a_secret(Path::new(name));
        assert!(secret(JWT));
        assert!(secret("ghs16C7e42F292c6912E7710c838347Ae178B4a"));
        assert!(secret("0a4b8df75c9742b2be072bb25e06dbb2"));
        for name in [
            "token",
            "offline-token",
            "/run/secrets/a1b2c3d4e5f6a7b8c9d0",
            "token.of.ada.2026.txt",
        ] {
            assert!(!secret(name), "{name}");
        }
    }
}
