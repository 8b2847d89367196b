//! [`Recipe`]: what a Dockerfile says, as far as ours goes.

use std::fs;
use std::path::Path;

/// What is done, in this order.
pub(super) struct Recipe(pub(super) Vec<Word>);

/// One line.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Word {
    /// A file or folder of the context comes into the image.
    Copy {
        from: String,
        to: String,
        /// `USER:GROUP`; the administrator's where nobody is named.
        owner: String,
    },
    /// `NAME=VALUE`.
    Env(String),
    User(String),
    /// The program that is run.
    Entry(String),
}

impl Recipe {
    pub(super) fn read(path: &Path) -> Result<Self, String> {
        let text = fs::read_to_string(path).map_err(|error| super::failed(path, &error))?;
        Self::parse(&text)
    }

    fn parse(text: &str) -> Result<Self, String> {
        let lines = text.lines().enumerate();
        let lines = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
        let words = lines.filter_map(|(at, line)| match word(line) {
            Ok(word) => word.map(Ok),
            Err(()) => Some(Err(format!(
                "Dockerfile:{}: `{line}` is not understood here",
                at + 1
            ))),
        });
        Ok(Self(words.collect::<Result<_, _>>()?))
    }
}

/// What a line says; nothing where an image begins.
fn word(line: &str) -> Result<Option<Word>, ()> {
    let parts: Vec<_> = line.split_whitespace().collect();
    let copy = |owner: &str, from: &str, to: &str| Word::Copy {
        from: from.to_owned(),
        to: to.to_owned(),
        owner: owner.to_owned(),
    };
    Ok(Some(match parts[..] {
        ["FROM", "scratch"] => return Ok(None),
        ["COPY", option, from, to] => copy(option.strip_prefix("--chown=").ok_or(())?, from, to),
        ["COPY", from, to] => copy("0:0", from, to),
        ["ENV", pair] if pair.contains('=') => Word::Env(pair.to_owned()),
        ["USER", user] => Word::User(user.to_owned()),
        ["ENTRYPOINT", list] => {
            let program = list
                .strip_prefix("[\"")
                .and_then(|list| list.strip_suffix("\"]"));
            Word::Entry(program.ok_or(())?.to_owned())
        }
        _ => return Err(()),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_dockerfile_is_understood_and_what_is_not_is_named() {
        let ours = Recipe::read(&crate::root::root().join("Dockerfile")).unwrap();
        assert!(ours.0.contains(&Word::User("65532:65532".to_owned())));
        assert!(ours.0.contains(&Word::Entry("/auth".to_owned())));
        for strange in ["RUN make", "COPY a", "ENTRYPOINT auth", "COPY --link a b"] {
            let why = Recipe::parse(&format!("FROM scratch\n{strange}\n"))
                .err()
                .unwrap();
            assert!(why.starts_with("Dockerfile:2:"), "{why}");
        }
    }
}
