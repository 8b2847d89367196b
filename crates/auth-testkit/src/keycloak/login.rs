//! The login page: user name, password, one-time code.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::Method;
use serde_json::Value;

use super::page::Look;
use super::second::{label, ways};
use super::visit::{Step, Visit, Wish};
use super::{Place, cookie};
use crate::answer::{self, Answer};
use crate::random;
use crate::record::Received;

impl Place {
    /// The page of a login that is under way, and the answer to its form.
    pub(super) fn authenticate(&mut self, request: &Received) -> Answer {
        let mut visit = match self.visit(request) {
            Ok(visit) => visit,
            Err(answer) => return *answer,
        };
        let sent = request.query("session_code");
        if request.method() != Method::POST && sent.is_none() {
            return self.resume(request, visit);
        }
        if sent.as_deref() != Some(&*visit.code) {
            let query = visit.query(None, Some(&visit.execution));
            return answer::redirect(&self.at(request, "login-actions/authenticate", &query));
        }
        if request.query("execution").as_deref() != Some(&*visit.execution) {
            let query = visit.query(None, None);
            let page = self.at(request, "login-actions/authenticate", &query);
            return self.look().expired(&page);
        }
        visit.renew();
        match visit.step {
            Step::Password => self.password(request, visit),
            Step::Otp | Step::RecoveryCode | Step::SecurityKey
                if request.field("tryAnotherWay").is_some() =>
            {
                visit.go(Step::Choice);
                self.show(request, &mut visit, None)
            }
            Step::Otp => self.one_time_code(request, visit),
            Step::RecoveryCode => self.recovery_code(request, visit),
            Step::SecurityKey => self.show(request, &mut visit, None),
            Step::Choice => self.chosen(request, visit),
            Step::Action(_) | Step::Consent => self.next(request, visit),
        }
    }

    /// Shows where a login stands; a browser that is known goes on at once.
    fn resume(&mut self, request: &Received, mut visit: Visit) -> Answer {
        let known = self.known(request).filter(|_| !visit.again);
        match (visit.step, known) {
            (Step::Password, Some(known)) => {
                visit.user = Some(known.user);
                self.advance(request, visit)
            }
            (
                Step::Password | Step::Otp | Step::RecoveryCode | Step::SecurityKey | Step::Choice,
                _,
            ) => self.show(request, &mut visit, None),
            (Step::Action(_) | Step::Consent, _) => self.next(request, visit),
        }
    }

    fn password(&mut self, request: &Received, mut visit: Visit) -> Answer {
        let field = |name| request.field(name).unwrap_or_default();
        let name = match &visit.user {
            Some(known) if visit.again || self.name_first => known.clone(),
            _ => field("username").trim().to_owned(),
        };
        if self.name_first && visit.user.is_none() {
            visit.user = Some(name);
            visit.go(Step::Password);
            return self.show(request, &mut visit, None);
        }
        let users = &self.issuer.users;
        let found = users
            .values()
            .find(|user| user.name == name || user.email == name);
        let user = found.filter(|user| user.knows(&field("password")));
        let Some(user) = user.cloned() else {
            return self.show(request, &mut visit, Some(WRONG_PASSWORD));
        };
        if user.is_disabled() {
            return self.show(request, &mut visit, Some(DISABLED));
        }
        visit.user = Some(user.name.clone());
        let ways = ways(&user);
        let Some((step, _)) = ways.first() else {
            return self.advance(request, visit);
        };
        visit.go(*step);
        self.show(request, &mut visit, None)
    }

    /// The page of a password or a code, with what was wrong about the last one.
    pub(super) fn show(
        &mut self,
        request: &Received,
        visit: &mut Visit,
        wrong: Option<&str>,
    ) -> Answer {
        let query = visit.query(Some(&visit.code), Some(&visit.execution));
        let action = self.at(request, "login-actions/authenticate", &query);
        let page = match visit.step {
            Step::Otp => {
                let name = visit.user.as_deref().unwrap_or_default();
                let user = self.issuer.users.get(name);
                let devices = user.map_or(&[][..], |user| &user.devices);
                let has_more = self.ways(visit).len() > 1;
                self.look().one_time_code(&action, devices, has_more, wrong)
            }
            Step::RecoveryCode => {
                let name = visit.user.as_deref().unwrap_or_default();
                let user = self.issuer.users.get(name);
                let number = user.map_or(0, |user| {
                    let (left, all) = &user.recovery_codes;
                    all - left.len() + 1
                });
                let has_more = self.ways(visit).len() > 1;
                self.look().recovery_code(&action, number, has_more, wrong)
            }
            Step::SecurityKey => {
                let has_more = self.ways(visit).len() > 1;
                self.look().security_key(&action, has_more)
            }
            Step::Choice => {
                let ways = self.ways(visit).into_iter();
                let ways: Vec<_> = ways.map(|(step, name)| (name, label(step))).collect();
                self.look().ways(&action, &ways)
            }
            _ => {
                let is_known = visit.again || self.name_first && visit.user.is_some();
                let typed = request.field("username");
                let typed = (!is_known).then(|| typed.unwrap_or_default());
                let asks_password = is_known || !self.name_first;
                let notice = match (wrong, visit.again, visit.timed_out) {
                    (Some(why), ..) if why == DISABLED => Some(why),
                    (None, true, _) => Some("Please re-authenticate to continue"),
                    (None, _, true) => Some(TIMED_OUT),
                    _ => None,
                };
                let wrong = wrong.filter(|why| *why != DISABLED);
                let look = self.look();
                look.login(&action, typed.as_deref(), asks_password, wrong, notice)
            }
        };
        self.visits.keep(visit.clone());
        page
    }

    /// The login that `request` is part of. Checked in the order of the real server.
    pub(super) fn visit(&mut self, request: &Received) -> Result<Visit, Box<Answer>> {
        let get = |name| request.query(name).unwrap_or_default();
        let data = URL_SAFE_NO_PAD.decode(get("client_data"));
        let data = data.map(|data| serde_json::from_slice::<Value>(&data));
        if !matches!(data, Ok(Ok(_))) {
            return Err(self.stop(request, "Invalid Request").into());
        }
        let root = cookie::root(request).unwrap_or_default();
        let found = self.visits.find(&root, &get("tab_id"), request.at());
        let found = found.filter(|_| !self.issuer.sessions.is_over(&root));
        let Some(visit) = found else {
            return Err(self.restart(request).into());
        };
        if get("client_id") != visit.wish.client() {
            return Err(self.stop(request, "Client not found.").into());
        }
        Ok(visit)
    }

    /// Begins anew what the browser still remembers.
    fn restart(&mut self, request: &Received) -> Answer {
        let remembered = cookie::value(request, cookie::RESTART);
        let wish = remembered.and_then(|name| self.visits.remembered(name));
        let Some(wish) = wish else {
            return self.stop(request, NO_COOKIE);
        };
        let mut visit = self.visits.begin(random::hex(12), wish, request.at());
        visit.timed_out = true;
        self.visits.keep(visit.clone());
        let query = visit.query(None, None);
        let page = self.at(request, "login-actions/authenticate", &query);
        let answer = answer::redirect(&page);
        cookie::Jar::new(&self.issuer.path, answer)
            .begin(&visit.root)
            .done()
    }

    /// Begins a login, in the browser's own session if it is in one.
    pub(super) fn begin(&mut self, request: &Received, wish: Wish) -> Visit {
        let now = request.at();
        let goes_on =
            |root: &String| self.visits.has(root, now) && !self.issuer.sessions.is_over(root);
        let root = cookie::root(request).filter(goes_on);
        let root = root.unwrap_or_else(|| random::hex(12));
        self.visits.begin(root, wish, now)
    }

    /// Gives the browser of a login that begins its cookies.
    pub(super) fn with_cookies(
        &mut self,
        request: &Received,
        visit: &Visit,
        answer: Answer,
    ) -> Answer {
        let restart = self.visits.remember(visit.wish.clone());
        let jar = cookie::Jar::new(&self.issuer.path, answer);
        let jar = match cookie::root(request) {
            Some(root) if root == visit.root => jar,
            _ => jar.begin(&visit.root),
        };
        jar.restart(&restart).done()
    }

    pub(super) fn look(&self) -> Look<'_> {
        Look {
            theme: self.theme,
            realm: self.name(),
        }
    }

    /// The URL of one of the realm's pages.
    pub(super) fn at(&self, request: &Received, place: &str, query: &str) -> String {
        format!("{}/{place}?{query}", self.issuer.name(request))
    }
}

const WRONG_PASSWORD: &str = "Invalid username or password.";
const DISABLED: &str = "Account is disabled, contact your administrator.";
const TIMED_OUT: &str = "Your login attempt timed out. Login will start from the beginning.";
const NO_COOKIE: &str = "Restart login cookie not found. It may have expired; it may have been \
     deleted or cookies are disabled in your browser. If cookies are disabled then enable them. \
     Click Back to Application to login again.";
