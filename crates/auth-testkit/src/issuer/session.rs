//! [`Sessions`]: who is logged in at a realm, and where to.

use std::collections::{BTreeSet, HashMap};

/// The sessions of people at a realm, by name. Each goes on until it ends; one that nobody has told of goes on.
#[derive(Default)]
pub(crate) struct Sessions(HashMap<String, Session>);

#[derive(Default)]
struct Session {
    /// Those that the person is logged in to.
    clients: BTreeSet<String>,
    /// The client whose offline login began it, and which has not asked once more since.
    begun_offline_by: Option<String>,
    is_over: bool,
}

impl Sessions {
    /// The person is logged in to `client`, in a session that may begin with that.
    pub(crate) fn join(&mut self, session: &str, client: &str, offline: bool) {
        let session = self.0.entry(session.to_owned()).or_default();
        if offline && session.clients.is_empty() {
            session.begun_offline_by = Some(client.to_owned());
        } else if session.begun_offline_by.as_deref() == Some(client) {
            session.begun_offline_by = None;
        }
        session.clients.insert(client.to_owned());
    }

    /// Whether the session was begun for nothing but an offline login of `client`.
    pub(crate) fn is_for_offline(&self, session: &str, client: &str) -> bool {
        let session = self.0.get(session);
        session.is_some_and(|session| session.begun_offline_by.as_deref() == Some(client))
    }

    pub(crate) fn end(&mut self, session: &str) {
        self.0.entry(session.to_owned()).or_default().is_over = true;
    }

    pub(crate) fn is_over(&self, session: &str) -> bool {
        self.0.get(session).is_some_and(|session| session.is_over)
    }
}
