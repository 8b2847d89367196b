//! Typing errors: the name that was probably meant.

/// The candidate that looks most like `name`, if one looks like it at all.
pub(super) fn nearest<'a>(
    name: &str,
    candidates: impl Iterator<Item = &'a str>,
) -> Option<&'a str> {
    let plain = |text: &str| text.to_ascii_lowercase().replace('_', "-");
    let name = plain(name);
    candidates
        .map(|candidate| (strsim::jaro_winkler(&name, &plain(candidate)), candidate))
        .filter(|(likeness, _)| *likeness > 0.8)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, candidate)| candidate)
}

/// What to do about an unknown name: the nearest one, or all there are.
pub(super) fn advice<'a>(name: &str, candidates: impl Iterator<Item = &'a str> + Clone) -> String {
    match nearest(name, candidates.clone()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!(
            "it is none of `{}`",
            candidates.collect::<Vec<_>>().join("`, `")
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_typing_error_finds_its_name_and_another_word_finds_none() {
        let names = ["scope", "token-url", "client-id"];
        let near = |name| nearest(name, names.into_iter());
        assert_eq!(near("scop"), Some("scope"));
        assert_eq!(near("Token_URL"), Some("token-url"));
        assert_eq!(near("clientid"), Some("client-id"));
        assert_eq!(near("banana"), None);
    }
}
