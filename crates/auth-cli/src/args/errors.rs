//! Whether scripts read what goes wrong: known before anything can.

use std::ffi::OsString;

use auth_core::error::Untrusted;
use auth_core::{Error, Result};

use crate::variables;

/// Whether errors are wanted as JSON: by the option, by `AUTH_ERRORS`, or where neither says so, because the output is JSON.
///
/// # Errors
/// `Config`, if the variable says neither `json` nor `text`.
pub(crate) fn wants_json_errors(arguments: impl Iterator<Item = OsString>) -> Result<bool> {
    // What comes after `--` is for others.
    let words: Vec<OsString> = arguments.skip(1).take_while(|word| word != "--").collect();
    let is_option = words.iter().any(|word| word == "--json-errors");
    let is_output = words
        .iter()
        .any(|word| word == "--json" || word == "--format=json")
        || words
            .windows(2)
            .any(|pair| pair[0] == "--format" && pair[1] == "json");
    match variables::os("AUTH_ERRORS").unwrap_or_default() {
        said if said == "json" => Ok(true),
        said if said == "text" => Ok(is_option),
        said if said.is_empty() => Ok(is_option || is_output),
        said => Err(Error::config(format!(
            "AUTH_ERRORS is `{}`",
            Untrusted::new(&said.to_string_lossy()).with_limit(40)
        ))
        .with_advice("set it to `json` or `text`")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_json_where_an_option_says_so_and_not_for_a_child() {
        let wants = |line: &str| {
            let words = line.split(' ').map(OsString::from);
            wants_json_errors(words).unwrap()
        };
        for line in [
            "auth --json-errors token lab",
            "auth status --json",
            "auth token lab --format json",
            "auth token lab --format=json",
        ] {
            assert!(wants(line), "{line}");
        }
        for line in ["auth token lab", "auth exec lab -- curl --json x", "--json"] {
            assert!(!wants(line), "{line}");
        }
    }
}
