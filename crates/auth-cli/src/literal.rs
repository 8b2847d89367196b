//! [`advice`]: what stands in a path as it is, and was meant to be replaced.

use std::path::Path;

/// What to do about a path that a shell, or a browser, would have read otherwise.
pub(crate) fn advice(path: &Path) -> Option<&'static str> {
    let text = path.to_str()?;
    let mut parts = text.split(['/', '\\']);
    if text.contains("://") {
        return Some("write a path, and no address");
    }
    if text.contains('$') || parts.any(|part| part.len() > 2 && is_in_percents(part)) {
        return Some("write the whole path: no variable is read in it");
    }
    let is_home = text.split(['/', '\\']).any(|part| part.starts_with('~'));
    is_home.then_some("write the whole path: no shell has replaced the `~`")
}

fn is_in_percents(part: &str) -> bool {
    part.starts_with('%') && part.ends_with('%')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_meant_to_be_replaced_is_told_from_a_path() {
        for (path, part) in [
            ("$HOME/a", "variable"),
            ("/x/${HOME}/a", "variable"),
            ("%APPDATA%\\a", "variable"),
            ("~", "shell"),
            ("~ada/a", "shell"),
            ("/x/~/a", "shell"),
            ("file:///etc/a", "address"),
            ("/x/https://a.example/b", "address"),
        ] {
            let said = advice(Path::new(path));
            assert!(
                said.is_some_and(|said| said.contains(part)),
                "{path}: {said:?}"
            );
        }
        for path in ["a", "/x/a~", "100%", "%%", "/x/a b", "C:\\x", "a:b"] {
            assert_eq!(advice(Path::new(path)), None, "{path}");
        }
    }
}
