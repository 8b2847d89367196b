//! [`Visitor`]: the person in front of the login page.

/// What the person does whose browser comes to `/authorize`.
///
/// ```
/// # use auth_testkit::{Server, TestClock, Visitor};
/// let server = Server::new(TestClock::new());
/// server.set_visitor(Visitor::logs_in("ada"));
/// ```
#[derive(Clone, Debug)]
pub struct Visitor(pub(crate) Manner);

#[derive(Clone, Debug)]
pub(crate) enum Manner {
    IsAsked,
    LogsIn(String),
    Refuses(String),
}

impl Visitor {
    /// Sees the login page and fills its form: field `username`, or field `cancel` to refuse.
    pub fn is_asked() -> Self {
        Self(Manner::IsAsked)
    }

    /// Is known already: the page sends the browser back at once.
    pub fn logs_in(user: impl Into<String>) -> Self {
        Self(Manner::LogsIn(user.into()))
    }

    /// Makes the page send the browser back with an error (RFC 6749 §4.1.2.1).
    pub fn refuses(error: impl Into<String>) -> Self {
        Self(Manner::Refuses(error.into()))
    }
}
