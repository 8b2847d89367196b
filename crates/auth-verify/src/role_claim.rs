//! [`RoleClaim`]: where an issuer writes down what somebody may do.

use std::borrow::Cow;

use crate::claims::Claims;
use crate::json::Json;

/// A claim with roles: its name, or the names on the way to it. Names are taken as they are, dots, colons
/// and slashes included.
///
/// It may be a list of words, or one word alone, which is one role. With [`keys`](Self::keys) it may be
/// an object, too, whose members are called after the roles.
///
/// ```
/// # use auth_verify::RoleClaim;
/// let groups = RoleClaim::from("cognito:groups");
/// let nested = RoleClaim::path(["realm_access", "roles"]);
/// let zitadel = RoleClaim::from("urn:zitadel:iam:org:project:roles").keys();
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleClaim {
    name: String,
    inside: Vec<String>,
    by_key: bool,
}

impl RoleClaim {
    /// The claim with the first of these names, the member of it with the second, and so on.
    pub fn path<const N: usize>(names: [&str; N]) -> Self {
        const { assert!(N > 0, "a path has a name") };
        Self {
            name: names[0].to_owned(),
            inside: names[1..].iter().map(|&name| name.to_owned()).collect(),
            by_key: false,
        }
    }

    /// The member of this name, of what it was so far.
    #[must_use]
    pub fn member(mut self, name: impl Into<String>) -> Self {
        self.inside.push(name.into());
        self
    }

    /// The claim may be an object, and the names of its members are the roles, whatever the members say.
    #[must_use]
    pub fn keys(self) -> Self {
        Self {
            by_key: true,
            ..self
        }
    }

    /// Goes through its roles. `None` if it is there and is something else.
    pub(super) fn each<'a>(
        &self,
        claims: Claims<'a>,
        mut found: impl FnMut(Cow<'a, str>),
    ) -> Option<()> {
        let start = claims.get(&self.name);
        let mut names = self.inside.iter();
        let value = names.try_fold(start, |value, name| match value {
            None => Some(None),
            Some(value) if value.is_null() => Some(None),
            Some(value) => value.is_object().then(|| value.get(name)),
        })?;
        match value.filter(|value| !value.is_null()) {
            None => Some(()),
            Some(value) if self.by_key && value.is_object() => value.each_member(|name, _| {
                found(name);
                Some(())
            }),
            Some(value) => each_word(value, &mut found),
        }
    }
}

impl From<&str> for RoleClaim {
    fn from(name: &str) -> Self {
        Self::path([name])
    }
}

fn each_word<'a>(value: Json<'a>, found: &mut impl FnMut(Cow<'a, str>)) -> Option<()> {
    match value.text() {
        Some(one) => {
            found(one);
            Some(())
        }
        None => value.each_text(found),
    }
}
