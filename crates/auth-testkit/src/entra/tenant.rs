//! [`EntraTenant`]: a directory of Entra ID.

use crate::entra::EntraApplication;
use crate::policy::Policy;
use crate::user::User;
use crate::visitor::Visitor;

/// A directory of Entra ID: its people, its applications, and what it makes of both.
///
/// Its endpoints are below `/{id}` and, if it has one, below `/{domain}`, with the paths of the real server:
/// `/oauth2/v2.0/token`, `/v2.0/.well-known/openid-configuration`, … ; `/common` and `/organizations` are every
/// tenant of the server at once. It answers for any host, so that `https://login.microsoftonline.com/{id}` may
/// stay as it is. Its errors are those of the real server, with `error_codes` and `correlation_id`.
///
/// ```
/// # use auth_testkit::{EntraApplication, EntraTenant, Server, TestClock, User, Visitor};
/// let server = Server::new(TestClock::new());
/// server.add_entra_tenant(
///     EntraTenant::new("f870e5ae-5521-4a94-b9ff-cdde7d36dd35")
///         .with_application(EntraApplication::public("0fde62ae-2203-44a5-9722-73e965325ae7"))
///         .with_application(
///             EntraApplication::api("0a4b8df7-5c97-42b2-be07-2bb25e06dbb2")
///                 .with_scope("reference.reader.all"),
///         )
///         .with_user(User::new("ada", "pw"))
///         .with_visitor(Visitor::logs_in("ada")),
/// );
/// ```
#[derive(Clone, Debug)]
pub struct EntraTenant {
    pub(crate) id: String,
    pub(crate) domain: Option<String>,
    pub(crate) applications: Vec<EntraApplication>,
    pub(crate) users: Vec<User>,
    pub(crate) policy: Policy,
    pub(crate) visitor: Visitor,
    pub(crate) blocks_device_codes: bool,
}

impl EntraTenant {
    /// A tenant without applications and people, that lives by [`Policy::of_entra`]. It knows Microsoft Graph.
    pub fn new(id: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            domain: None,
            applications: Vec::new(),
            users: Vec::new(),
            policy: Policy::of_entra(),
            visitor: Visitor::is_asked(),
            blocks_device_codes: false,
        }
    }

    /// Another name of the tenant, such as `contoso.onmicrosoft.com`.
    #[must_use]
    pub fn with_domain(self, domain: impl Into<String>) -> Self {
        Self {
            domain: Some(domain.into()),
            ..self
        }
    }

    /// Registers an application, or changes it.
    #[must_use]
    pub fn with_application(mut self, application: EntraApplication) -> Self {
        self.applications.retain(|one| one.id != application.id);
        self.applications.push(application);
        self
    }

    /// Gives a person an account. Their UPN is their name if there is an `@` in it, else their address.
    #[must_use]
    pub fn with_user(mut self, user: User) -> Self {
        self.users.push(user);
        self
    }

    /// Another treatment of tokens.
    #[must_use]
    pub fn with_policy(self, policy: Policy) -> Self {
        Self { policy, ..self }
    }

    /// Somebody whose browser never sees a page, because it has a session already. Who
    /// [is asked](Visitor::is_asked) sees a form with the fields `username`, which is filled with `login_hint`,
    /// and `password`.
    #[must_use]
    pub fn with_visitor(self, visitor: Visitor) -> Self {
        Self { visitor, ..self }
    }

    /// Has a Conditional Access policy against device codes: the codes are given, and worth nothing.
    #[must_use]
    pub fn with_device_codes_blocked(self) -> Self {
        Self {
            blocks_device_codes: true,
            ..self
        }
    }

    /// Whether it is called so in a path.
    pub(super) fn is_called(&self, name: &str) -> bool {
        let domain = self.domain.as_deref().unwrap_or_default();
        self.id.eq_ignore_ascii_case(name) || domain.eq_ignore_ascii_case(name)
    }

    pub(super) fn application(&self, id: &str) -> Option<&EntraApplication> {
        let mut all = self.applications.iter();
        all.find(|one| one.id.eq_ignore_ascii_case(id))
    }

    /// The person with that name, UPN or object id.
    pub(super) fn user(&self, name: &str) -> Option<&User> {
        self.users.iter().find(|user| {
            let names = [&user.name, &upn(user), &user.id];
            names.iter().any(|known| known.eq_ignore_ascii_case(name))
        })
    }
}

/// The name that a person logs in with.
pub(super) fn upn(user: &User) -> String {
    match user.name.contains('@') {
        true => user.name.clone(),
        false => user.email.clone(),
    }
}
