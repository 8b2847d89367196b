//! What other formats, editors and web pages leave in a line that is no TOML.

/// What to do about `line`, in which something is seldom meant.
pub(super) fn advice(line: &str) -> Option<String> {
    let strange = |c: char| {
        !c.is_ascii() && !c.is_alphanumeric() || c.is_ascii_control() && c != '\t' && c != '\r'
    };
    // What stands in a text or in a comment may be anything.
    let bare = line.split('"').step_by(2).collect::<String>();
    let bare = bare.split('#').next().unwrap_or_default();
    let quote = bare.chars().find(|c| QUOTES.contains(c));
    let line = line.trim_start();
    let key = line.split([':', '=']).next().unwrap_or_default().trim_end();
    let is_word = |word: &str| {
        !word.is_empty()
            && word
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    };
    Some(match (quote, bare.chars().find(|c| strange(*c))) {
        (Some(quote), _) => format!("write plain quotes, \" instead of {quote}"),
        (None, Some(odd)) => format!(
            "type the line anew: it has a character that is easily overlooked, U+{:04X}",
            u32::from(odd)
        ),
        _ if line.starts_with(';') || line.starts_with("//") => {
            "begin a comment with `#`".to_owned()
        }
        _ if line.starts_with("[profile ") => "write the header as [profile.NAME]".to_owned(),
        _ if line.starts_with('{') => {
            "this looks like JSON, and profiles are written in TOML: see `auth profiles add`"
                .to_owned()
        }
        _ if line.starts_with("export ") => {
            "a variable belongs into the environment, and not into this file".to_owned()
        }
        _ if is_word(key) && line[key.len()..].trim_start().starts_with(':') => {
            format!("write `=` between a key and its value: {key} = \"…\"")
        }
        _ => return None,
    })
}

/// What editors and web pages make of quotes, and what other languages have for them.
const QUOTES: [char; 9] = ['“', '”', '„', '‟', '«', '»', '‘', '’', '`'];

#[cfg(test)]
mod tests {
    use super::advice;

    #[test]
    fn what_is_easily_overlooked_is_named() {
        for (line, said) in [
            ("kind = “oidc”", "plain quotes"),
            ("kind = `oidc`", "plain quotes"),
            ("kind\u{a0}= \"oidc\"", "U+00A0"),
            ("[profile.x\u{200b}]", "U+200B"),
            ("\u{feff}[profile.x]", "U+FEFF"),
            ("\u{1a}", "U+001A"),
            ("; old", "`#`"),
            ("// old", "`#`"),
            ("[profile lab]", "[profile.NAME]"),
            ("{\"profile\": {}}", "JSON"),
            ("  client-id: robot", "client-id = \"…\""),
            ("export A=1", "environment"),
        ] {
            let advice = advice(line);
            assert!(
                advice.as_ref().is_some_and(|advice| advice.contains(said)),
                "{line}: {advice:?}"
            );
        }
        for line in [
            "kind = oidc",
            "scope = \"für\u{a0}mich",
            "ключ = 1",
            "",
            "= 5",
            "\tkind = 1\r",
            "kind = oidc # “so” — or so",
        ] {
            assert_eq!(advice(line), None, "{line}");
        }
    }
}
