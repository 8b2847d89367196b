//! [`Realm`]: a realm of a Keycloak server.

use crate::client::Client;
use crate::dialect::keycloak::ACCOUNT;
use crate::policy::Policy;
use crate::resource::Resource;
use crate::user::User;
use crate::visitor::Visitor;

/// A realm of a Keycloak server, with its pages, its errors and its habits.
///
/// It is at `/realms/{name}`, which is its issuer's name, and has its own API at `/realms/{name}/api`.
/// People come to its login page, fill the forms, and go on from there; cookies and all, so a program
/// that fills them by itself can be tried too.
///
/// ```
/// # use auth_testkit::{Client, Realm, Server, TestClock, User};
/// let server = Server::new(TestClock::new());
/// server.add_realm(
///     Realm::new("main")
///         .with_client(Client::public("desktop"))
///         .with_user(User::new("ada", "pw")),
/// );
/// let issuer = server.url("/realms/main");
/// ```
#[derive(Clone, Debug)]
pub struct Realm {
    pub(crate) name: String,
    pub(crate) base: String,
    pub(crate) clients: Vec<Client>,
    pub(crate) users: Vec<User>,
    pub(crate) policy: Policy,
    pub(crate) theme: Theme,
    pub(crate) visitor: Visitor,
    pub(crate) brokers: Vec<(String, String)>,
    pub(crate) name_first: bool,
    pub(crate) resource: Resource,
}

/// How a realm's pages look, and so where they say what is wrong.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Theme {
    /// `base`, which the others build upon: the elements of `keycloak` without a class.
    Base,
    /// `keycloak`, until version 23 or where an administrator wants it.
    Classic,
    /// `keycloak.v2`.
    #[default]
    V2,
}

impl Realm {
    /// A realm without clients and people, that lives by [`Policy::of_keycloak`].
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            base: String::new(),
            clients: Vec::new(),
            users: Vec::new(),
            policy: Policy::of_keycloak(),
            theme: Theme::default(),
            visitor: Visitor::is_asked(),
            brokers: Vec::new(),
            name_first: false,
            resource: Resource::new().with_audience(ACCOUNT),
        }
    }

    /// Puts the server below a path, which was `/auth` until version 16.
    #[must_use]
    pub fn with_base(self, path: &str) -> Self {
        let path = path.trim_matches('/');
        let base = match path {
            "" => String::new(),
            path => format!("/{path}"),
        };
        Self { base, ..self }
    }

    /// Lets a client in.
    #[must_use]
    pub fn with_client(mut self, client: Client) -> Self {
        self.clients.push(client);
        self
    }

    /// Gives a person an account.
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

    /// Other pages.
    #[must_use]
    pub fn with_theme(self, theme: Theme) -> Self {
        Self { theme, ..self }
    }

    /// Somebody whose browser never sees a page.
    #[must_use]
    pub fn with_visitor(self, visitor: Visitor) -> Self {
        Self { visitor, ..self }
    }

    /// Another API at its `/api`. Without it that is Keycloak's own, for the audience `account`.
    #[must_use]
    pub fn with_resource(self, resource: Resource) -> Self {
        Self { resource, ..self }
    }

    /// Asks for the name on one page and for the password on the next, as a realm with organizations does.
    #[must_use]
    pub fn with_name_first(self) -> Self {
        Self {
            name_first: true,
            ..self
        }
    }

    /// Trusts another realm of this server under an alias: clients
    /// [with exchange](Client::with_exchange), also public ones, trade its tokens for some of this realm
    /// by naming the alias as `subject_issuer`. Keycloak calls that legacy token exchange.
    #[must_use]
    pub fn with_broker(mut self, alias: impl Into<String>, realm: impl Into<String>) -> Self {
        self.brokers.push((alias.into(), realm.into()));
        self
    }
}
