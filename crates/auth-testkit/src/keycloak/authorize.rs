//! Where a program sends a person's browser: the beginning of a login.

use http::{Method, StatusCode};
use serde_json::json;
use url::form_urlencoded;

use super::visit::{Known, Wish};
use super::{Place, cookie};
use crate::answer::{self, Answer};
use crate::client::Client;
use crate::issuer::code::{Ask, Way};
use crate::pkce;
use crate::random;
use crate::record::Received;
use crate::visitor::Manner;

impl Place {
    pub(super) fn authorize(&mut self, request: &Received) -> Answer {
        if repeats_itself(request, |name| name == "client_id") {
            return self.stop(request, "Invalid Request");
        }
        let get = |name| request.query(name).unwrap_or_default();
        let Some(client) = self.issuer.clients.get(&get("client_id")).cloned() else {
            return self.stop(request, "Client not found.");
        };
        let Some(url) = client.redirect(&get("redirect_uri")) else {
            return self.stop(request, "Invalid parameter: redirect_uri");
        };
        let way = Way::new(request, url);
        if repeats_itself(request, |_| true) {
            return self.send_back(request, &way, "invalid_request", "duplicated parameter");
        }
        let ask = match self.asked(request, &client, way.clone()) {
            Ok(ask) => ask,
            Err((error, why)) => return self.send_back(request, &way, error, &why),
        };
        match self.issuer.visitor.0.clone() {
            Manner::IsAsked => {}
            Manner::Refuses(error) => return self.send_back(request, &way, &error, ""),
            Manner::LogsIn(user) => {
                let known = Known {
                    user,
                    session: random::hex(12),
                    since: request.at(),
                };
                return self.arrive(request, &Wish::Code(Box::new(ask)), known);
            }
        }
        self.ask(request, ask)
    }

    /// Shows the login page, unless the browser is known already.
    fn ask(&mut self, request: &Received, ask: Ask) -> Answer {
        let known = self.known(request);
        let prompt = request.query("prompt").unwrap_or_default();
        let has = |word: &str| prompt.split(' ').any(|one| one == word);
        let too_old = |known: &Known| {
            let age = request.at().duration_since(known.since).unwrap_or_default();
            let most = request.query("max_age").and_then(|age| age.parse().ok());
            most.is_some_and(|most: u64| age.as_secs() > most)
        };
        let again = has("login") || known.as_ref().is_some_and(too_old);
        let fresh = known.clone().filter(|_| !again);
        if has("none") && fresh.is_none() {
            let answer = self.send_back(request, &ask.way, "login_required", "");
            let jar = cookie::Jar::new(&self.issuer.path, answer);
            return jar.begin(&random::hex(12)).done();
        }
        let wish = Wish::Code(Box::new(ask));
        if let Some(known) = fresh {
            let restart = (!has("none")).then(|| self.visits.remember(wish.clone()));
            let mut visit = self.visits.begin(known.session.clone(), wish, request.at());
            visit.user = Some(known.user);
            let answer = self.advance(request, visit);
            let jar = cookie::Jar::new(&self.issuer.path, answer).begin(&known.session);
            return restart
                .into_iter()
                .fold(jar, |jar, restart| jar.restart(&restart))
                .done();
        }
        let mut visit = self.begin(request, wish);
        visit.user = known.map(|known| known.user);
        visit.again = visit.user.is_some();
        let page = self.show(request, &mut visit, None);
        let page = self.with_cookies(request, &visit, page);
        match cookie::value(request, cookie::IDENTITY) {
            Some(_) if !visit.again => cookie::Jar::new(&self.issuer.path, page).strange().done(),
            _ => page,
        }
    }

    /// Everything that is wrong from here on is told to the program.
    fn asked(
        &self,
        request: &Received,
        client: &Client,
        way: Way,
    ) -> Result<Ask, (&'static str, String)> {
        let no = |error: &'static str, why: &str| Err((error, why.to_owned()));
        match request.query("response_type").as_deref() {
            Some("code") => {}
            None => return no("invalid_request", "Missing parameter: response_type"),
            Some(_) => return no("unsupported_response_type", ""),
        }
        let [challenge, method] =
            ["code_challenge", "code_challenge_method"].map(|name| request.query(name));
        match (&challenge, &method) {
            (None, Some(_)) => return no("invalid_request", "Missing parameter: code_challenge"),
            (Some(_), None) => {
                return no(
                    "invalid_request",
                    "Missing parameter: code_challenge_method",
                );
            }
            _ => {}
        }
        if pkce::challenge(|name| request.query(name)).is_err() {
            return no("invalid_request", "Invalid parameter: code_challenge");
        }
        let scope = request.query("scope").unwrap_or_default();
        let scopes = self
            .issuer
            .scopes(&scope, client)
            .map_err(|_| ("invalid_scope", format!("Invalid scopes: {scope}")))?;
        Ok(Ask::new(request, client, way, scopes, challenge))
    }

    /// Sends the browser back with an error.
    pub(super) fn send_back(
        &self,
        request: &Received,
        way: &Way,
        error: &str,
        why: &str,
    ) -> Answer {
        let mut fields = vec![("error", error.to_owned())];
        if !why.is_empty() {
            fields.push(("error_description", why.to_owned()));
        }
        fields.extend(way.state.clone().map(|state| ("state", state)));
        fields.push(("iss", self.issuer.name(request)));
        way.back(&fields)
    }

    /// A page, or JSON for a program, that nobody is sent back from.
    pub(super) fn stop(&self, request: &Received, why: &str) -> Answer {
        let accept = request.header("accept").unwrap_or_default();
        if accept.contains("application/json") {
            return answer::of_json(StatusCode::BAD_REQUEST, &json!({ "error": why }));
        }
        self.look().failure(why)
    }

    /// The person whom the browser's cookie names.
    pub(super) fn known(&self, request: &Received) -> Option<Known> {
        let known = self
            .visits
            .known(cookie::value(request, cookie::IDENTITY)?)?;
        let goes_on = !self.issuer.sessions.is_over(&known.session);
        (goes_on && self.issuer.may_log_in(&known.user)).then(|| known.clone())
    }
}

/// Whether one of the parameters that `count` comes twice.
fn repeats_itself(request: &Received, count: impl Fn(&str) -> bool) -> bool {
    let query = request.url().query().unwrap_or_default();
    let posted = request.method() == Method::POST && request.is_form();
    let body: &[u8] = if posted { request.body() } else { b"" };
    let pairs = form_urlencoded::parse(query.as_bytes()).chain(form_urlencoded::parse(body));
    let mut names: Vec<_> = pairs
        .map(|(name, _)| name)
        .filter(|name| count(name))
        .collect();
    let all = names.len();
    names.sort();
    names.dedup();
    names.len() < all
}
