//! [`Audience`]: for whom a token must be.

/// The names under which this service is known to an issuer, at least one. A token must name one of
/// them in `aud`, byte for byte.
///
/// ```
/// # use auth_verify::Audience;
/// let audience = Audience::from("api://orders").or("https://orders.example.org");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audience(Vec<String>);

impl Audience {
    /// Another name of this service, which a token may name instead.
    #[must_use]
    pub fn or(mut self, name: impl Into<String>) -> Self {
        self.0.push(name.into());
        self
    }

    /// Whoever: for a client that looks at what was issued to itself.
    pub(crate) fn whoever() -> Self {
        Self(Vec::new())
    }

    pub(crate) fn is_whoever(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn names(&self, name: &str) -> bool {
        self.0.iter().any(|own| own == name)
    }

    pub(crate) fn is_usable(&self) -> bool {
        !self.0.iter().any(String::is_empty)
    }
}

impl From<&str> for Audience {
    fn from(name: &str) -> Self {
        Self(vec![name.to_owned()])
    }
}

impl From<String> for Audience {
    fn from(name: String) -> Self {
        Self(vec![name])
    }
}
