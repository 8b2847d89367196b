//! Typing errors: the name that was probably meant.

/// The candidate that looks most like `name`, if one looks like it at all: a few slips of the finger away, or else with
/// much the same letters.
pub(super) fn nearest<'a>(
    name: &str,
    candidates: impl Iterator<Item = &'a str>,
) -> Option<&'a str> {
    let plain = |text: &str| text.to_ascii_lowercase().replace('_', "-");
    let name = plain(name);
    let likeness = |candidate: &str| {
        let candidate = plain(candidate);
        match is_slip(&name, &candidate) {
            true => 2.0 - strsim::osa_distance(&name, &candidate) as f64 / 4.0,
            false => strsim::jaro_winkler(&name, &candidate),
        }
    };
    candidates
        .map(|candidate| (likeness(candidate), candidate))
        .filter(|(likeness, _)| *likeness > 0.8)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, candidate)| candidate)
}

/// Whether `typed` is `name` but for a slip of the finger or two.
pub(crate) fn is_slip(typed: &str, name: &str) -> bool {
    let most = (typed.len().min(name.len()) / 3).min(2);
    strsim::osa_distance(typed, name) <= most
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
        assert_eq!(nearest("lba", ["ada", "lab"].into_iter()), Some("lab"));
        assert_eq!(nearest("lab", ["ada", "hda"].into_iter()), None);
    }
}
