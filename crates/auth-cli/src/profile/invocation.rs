//! The command that helps, with the flags that it needs for what was asked here.

use auth_core::http::shown;
use url::Url;

use crate::config::{Origin, Profile};
use crate::output::quoted::shell;

/// `auth COMMAND PROFILE`, with what the flags said of the profile, as a shell reads it.
pub(crate) fn of(command: &str, profile: &Profile) -> String {
    let settings = &profile.settings;
    let asked = |name| matches!(settings.origin(name), Origin::Flag(_));
    let mut words = format!("auth {command} {}", profile.name);
    let mut add = |flag: &str, value: &str| {
        words.push_str(&format!(" {flag} {}", word(value)));
    };
    let texts = settings.each(&["account", "audience"]);
    texts
        .filter(|(name, _)| asked(name))
        .for_each(|(name, value)| add(&format!("--{name}"), value));
    if asked("scope") {
        settings
            .list("scope")
            .iter()
            .for_each(|scope| add("--scope", scope));
    }
    words
}

/// A value as one word: quoted where a shell would read something else, and without the user and the password that
/// somebody may have typed into an address.
fn word(value: &str) -> String {
    if let Ok(url) = Url::parse(value)
        && (!url.username().is_empty() || url.password().is_some())
    {
        return word(&shown(&url));
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@%+,=".contains(c);
    match value.is_empty() || !value.chars().all(plain) {
        true => shell(value).unwrap_or_else(|_| "…".to_owned()),
        false => value.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Kind, Settings, Value};

    #[test]
    fn a_command_repeats_the_flags_that_it_needs_and_quotes_what_a_shell_would_read() {
        let mut settings = Settings::default();
        let flag = || Origin::Flag("--test");
        settings.set("account", Value::Text("my work".into()), flag());
        settings.set("audience", Value::Text("https://a.b".into()), flag());
        let scopes = ["a".to_owned(), "it's".to_owned()];
        settings.set("scope", Value::List(scopes.into()), flag());
        let profile = Profile::plain("me", Kind::Oidc, settings);
        assert_eq!(
            of("login", &profile),
            r"auth login me --account 'my work' --audience https://a.b --scope a --scope 'it'\''s'"
        );
        let mut settings = Settings::default();
        let address = Value::Text("https://us:p4ss@a.b/c".into());
        settings.set("audience", address, flag());
        let said = of("login", &Profile::plain("me", Kind::Oidc, settings));
        assert_eq!(said, "auth login me --audience https://a.b/c");
        let mut settings = Settings::default();
        settings.set("account", Value::Text("work".into()), Origin::BuiltIn);
        assert_eq!(
            of("login", &Profile::plain("me", Kind::Oidc, settings)),
            "auth login me"
        );
    }
}
