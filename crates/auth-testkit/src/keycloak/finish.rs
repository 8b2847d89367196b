//! From one step of a login to the next, and to its end.

use super::visit::{Known, Step, Visit, Wish};
use super::{Place, cookie};
use crate::answer::{self, Answer};
use crate::record::Received;

impl Place {
    /// The person has proven who they are: asks what is left to ask, or ends the login.
    pub(super) fn advance(&mut self, request: &Received, mut visit: Visit) -> Answer {
        let name = visit.user.clone().unwrap_or_default();
        let user = self.issuer.users.get(&name);
        let action = user.and_then(|user| user.actions.first().copied());
        if let Some(action) = action {
            visit.go(Step::Action(action));
            return self.next(request, visit);
        }
        if self.must_allow(&visit, &name) {
            visit.go(Step::Consent);
            return self.next(request, visit);
        }
        self.end(request, &visit)
    }

    /// Whether the person must say that the client may have what it wants: a device every time.
    fn must_allow(&self, visit: &Visit, user: &str) -> bool {
        let client = self.issuer.clients.get(visit.wish.client());
        let asks = client.is_some_and(|client| client.needs_consent);
        let pair = (user.to_owned(), visit.wish.client().to_owned());
        matches!(visit.wish, Wish::Device { .. }) || (asks && !self.consents.contains(&pair))
    }

    /// Sends the browser to the page of a step that is not the login page. Its address names the step.
    pub(super) fn next(&mut self, request: &Received, visit: Visit) -> Answer {
        let query = visit.query(None, Some(&visit.execution));
        let page = self.at(request, "login-actions/required-action", &query);
        self.visits.keep(visit);
        answer::redirect(&page)
    }

    /// Nothing is left to ask.
    pub(super) fn end(&mut self, request: &Received, visit: &Visit) -> Answer {
        let user = visit.user.clone().unwrap_or_default();
        // Whoever is known already stays in the session that they are known by.
        let known = self.known(request).filter(|known| known.user == user);
        let session = known
            .as_ref()
            .map_or_else(|| visit.root.clone(), |known| known.session.clone());
        let since = match known {
            Some(known) if !visit.again => known.since,
            _ => request.at(),
        };
        self.visits.end(&visit.root);
        let known = Known {
            user,
            session,
            since,
        };
        self.arrive(request, &visit.wish, known)
    }

    /// Whether what they came for is meant to outlast their session.
    fn is_offline(&self, wish: &Wish, request: &Received) -> bool {
        match wish {
            Wish::Code(ask) => ask.scopes.iter().any(|scope| scope == "offline_access"),
            Wish::Device { user_code, .. } => {
                let waiting = self.issuer.devices.waiting(user_code, request.at());
                waiting.is_some_and(|(purpose, _)| purpose.has_scope("offline_access"))
            }
        }
    }

    /// Gives a person who is logged in what they came for.
    pub(super) fn arrive(&mut self, request: &Received, wish: &Wish, known: Known) -> Answer {
        let session = (known.session.clone(), known.since);
        let is_offline = self.is_offline(wish, request);
        let sessions = &mut self.issuer.sessions;
        sessions.join(&known.session, wish.client(), is_offline);
        let answer = match wish {
            Wish::Code(ask) => {
                let (user, now) = (known.user.clone(), request.at());
                let way = ask.way.clone();
                let code = self.issuer.code((**ask).clone(), user, Some(session), now);
                let mut fields = Vec::new();
                fields.extend(way.state.clone().map(|state| ("state", state)));
                fields.push(("session_state", known.session.clone()));
                fields.push(("iss", self.issuer.name(request)));
                fields.push(("code", code));
                way.back(&fields)
            }
            Wish::Device { user_code, .. } => {
                let devices = &mut self.issuer.devices;
                devices.allow(user_code, &known.user, Some(session));
                answer::redirect(&format!("{}/device/status", self.issuer.name(request)))
            }
        };
        let identity = self.visits.admit(known);
        let had = cookie::value(request, cookie::RESTART).is_some();
        cookie::Jar::new(&self.issuer.path, answer)
            .logged_in(&identity, had)
            .done()
    }
}
