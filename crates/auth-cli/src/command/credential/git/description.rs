//! [`Description`]: what git says of a credential.

use std::io::BufRead;

use auth_core::error::Untrusted;
use auth_core::{Error, Result};

/// What git says of a credential, as far as it matters here.
#[derive(Debug, Default)]
pub(super) struct Description {
    pub(super) protocol: Option<String>,
    pub(super) host: Option<String>,
    pub(super) username: Option<String>,
    password: Option<String>,
    credential: Option<String>,
    /// Whether git knows `authtype` and `credential`.
    knows_authtype: bool,
    /// What the server asked for, if git says so.
    challenges: Vec<String>,
}

impl Description {
    /// The one on stdin, which ends with an empty line or where stdin does.
    ///
    /// # Errors
    /// `Config` if it is none.
    pub(super) fn read() -> Result<Self> {
        Self::parse(std::io::stdin().lock())
    }

    fn parse(input: impl BufRead) -> Result<Self> {
        let (mut description, mut input) = (Self::default(), input.take(LONGEST));
        let mut line = Vec::new();
        loop {
            line.clear();
            let read = input.read_until(b'\n', &mut line);
            read.map_err(|error| Error::config(format!("stdin can't be read: {error}")))?;
            if line.pop_if(|last| *last == b'\n').is_none() && input.limit() == 0 {
                return Err(wrong("is too long"));
            }
            if line.is_empty() {
                return Ok(description);
            }
            let line = std::str::from_utf8(&line).map_err(|_| wrong("is no text in UTF-8"))?;
            let (name, value) = line
                .split_once('=')
                .ok_or_else(|| wrong("has a line without `=`"))?;
            if value.contains(['\r', '\0']) {
                let name = Untrusted::new(name).with_limit(40);
                return Err(wrong(&format!("has a line break or a NUL in `{name}`")));
            }
            description.take(name, value.to_owned());
        }
    }

    fn take(&mut self, name: &str, value: String) {
        match name {
            "protocol" => self.protocol = Some(value),
            "host" => self.host = Some(value),
            "username" => self.username = Some(value),
            "password" => self.password = Some(value),
            "credential" => self.credential = Some(value),
            "capability[]" => self.knows_authtype |= value == "authtype",
            // An empty one takes back those before it.
            "wwwauth[]" if value.is_empty() => self.challenges.clear(),
            "wwwauth[]" => self.challenges.push(value),
            _ => {}
        }
    }

    /// What was handed out, whichever way.
    pub(super) fn secret(&self) -> Option<&str> {
        self.credential.as_deref().or(self.password.as_deref())
    }

    /// Whether git can send a bearer token, and the server takes one as far as it says: many take a token as a
    /// password alone.
    pub(super) fn takes_bearer(&self) -> bool {
        let is_bearer = |challenge: &String| {
            let scheme = challenge.split_whitespace().next();
            scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case("bearer"))
        };
        self.knows_authtype && (self.challenges.is_empty() || self.challenges.iter().any(is_bearer))
    }
}

/// What can't be a description may hold a secret, so nothing of it is shown.
fn wrong(what: &str) -> Error {
    Error::config(format!("what git says of the credential {what}"))
        .with_advice("have git run this, or write lines such as host=git.example.org")
}

/// More than git ever says: a line has up to 65535 bytes.
const LONGEST: u64 = 1 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<Description> {
        Description::parse(text.as_bytes())
    }

    #[test]
    fn a_description_ends_with_an_empty_line_and_what_is_unknown_in_it_is_ignored() {
        let text = "protocol=https\nhost=a.b\nfuture=1\nstate[]=x\npath=a=b\n\nhost=evil\n";
        let description = parsed(text).unwrap();
        assert_eq!(description.host.as_deref(), Some("a.b"));
        assert_eq!(description.protocol.as_deref(), Some("https"));
        let unended = parsed("host=a.b").unwrap();
        assert_eq!(unended.host.as_deref(), Some("a.b"));
    }

    #[test]
    fn what_could_break_out_of_a_line_is_refused() {
        for bad in [
            "host=a\r\n",
            "host=a\rb\n",
            "path=a\0b\n",
            "host\n",
            "\u{feff}\n",
        ] {
            assert!(parsed(bad).is_err(), "{bad:?}");
        }
        assert!(Description::parse(&b"host=\xff\n"[..]).is_err());
        assert!(parsed(&format!("a={}\n", "b".repeat(2 << 20))).is_err());
        let error = parsed("password=hunter2\r\n").unwrap_err();
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }

    #[test]
    fn a_bearer_token_is_for_who_knows_it() {
        let takes = |text: &str| parsed(text).unwrap().takes_bearer();
        let capable = "capability[]=state\ncapability[]=authtype\n";
        assert!(!takes("host=a\n"));
        assert!(!takes("wwwauth[]=Bearer realm=\"x\"\n"));
        assert!(takes(capable));
        assert!(takes(&format!(
            "{capable}wwwauth[]=Basic realm=\"x\"\nwwwauth[]=bearer\n"
        )));
        assert!(!takes(&format!(
            "{capable}wwwauth[]=Basic realm=\"Bearer\"\n"
        )));
        assert!(takes(&format!(
            "{capable}wwwauth[]=Basic realm=\"x\"\nwwwauth[]=\n"
        )));
    }
}
