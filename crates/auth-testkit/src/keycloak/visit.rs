//! [`Visits`]: people on their way through the login pages.

use std::collections::HashMap;
use std::time::{Duration, SystemTime};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;
use url::form_urlencoded;

use crate::issuer::code::Ask;
use crate::random;
use crate::user::RequiredAction;

/// Who is on the way, and who has arrived.
#[derive(Default)]
pub(super) struct Visits {
    open: HashMap<(String, String), Visit>,
    restarts: HashMap<String, Wish>,
    people: HashMap<String, Known>,
}

/// A person who is logged in, known by a cookie.
#[derive(Clone)]
pub(super) struct Known {
    pub(super) user: String,
    pub(super) session: String,
    pub(super) since: SystemTime,
}

/// What a login is for.
#[derive(Clone)]
pub(super) enum Wish {
    Code(Box<Ask>),
    Device { client: String, user_code: String },
}

/// Where a login stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Password,
    Otp,
    RecoveryCode,
    SecurityKey,
    /// Between those three.
    Choice,
    Action(RequiredAction),
    Consent,
}

/// One login in one tab of a browser.
#[derive(Clone)]
pub(super) struct Visit {
    pub(super) root: String,
    pub(super) tab: String,
    pub(super) wish: Wish,
    pub(super) step: Step,
    /// What the next form must bring, once.
    pub(super) code: String,
    pub(super) execution: String,
    pub(super) user: Option<String>,
    /// Whether the person who is logged in must prove it again.
    pub(super) again: bool,
    pub(super) timed_out: bool,
    /// What an authenticator is set up with.
    pub(super) secret: String,
    ends_at: SystemTime,
}

impl Wish {
    pub(super) fn client(&self) -> &str {
        match self {
            Self::Code(ask) => &ask.client,
            Self::Device { client, .. } => client,
        }
    }

    /// What Keycloak sends along from page to page.
    pub(super) fn data(&self) -> String {
        let data = match self {
            Self::Device { .. } => json!({}),
            Self::Code(ask) => {
                let mut data = json!({ "ru": ask.redirect_uri, "rt": "code" });
                if let Some(mode) = &ask.way.mode {
                    data["rm"] = mode.as_str().into();
                }
                if let Some(state) = &ask.way.state {
                    data["st"] = state.as_str().into();
                }
                data
            }
        };
        URL_SAFE_NO_PAD.encode(data.to_string())
    }
}

impl Visit {
    /// The query of its next page: with `code` that of a form.
    pub(super) fn query(&self, code: Option<&str>, execution: Option<&str>) -> String {
        let (client, data) = (self.wish.client(), self.wish.data());
        let pairs = [
            ("session_code", code),
            ("execution", execution),
            ("client_id", Some(client)),
            ("tab_id", Some(&*self.tab)),
            ("client_data", Some(&*data)),
        ];
        let pairs = pairs
            .iter()
            .filter_map(|(name, value)| Some((name, (*value)?)));
        form_urlencoded::Serializer::new(String::new())
            .extend_pairs(pairs)
            .finish()
    }

    /// Goes on to another step.
    pub(super) fn go(&mut self, step: Step) {
        self.step = step;
        self.execution = match step {
            Step::Password | Step::Otp | Step::RecoveryCode | Step::SecurityKey | Step::Choice => {
                random::uuid()
            }
            Step::Action(action) => action.alias().to_owned(),
            Step::Consent => "OAUTH_GRANT".to_owned(),
        };
        self.renew();
    }

    /// The code of the form that was sent is spent.
    pub(super) fn renew(&mut self) {
        self.code = random::hex(22);
    }
}

impl Visits {
    /// A login begins, in the browser's session `root`.
    pub(super) fn begin(&mut self, root: String, wish: Wish, now: SystemTime) -> Visit {
        let visit = Visit {
            root,
            tab: random::hex(6),
            wish,
            step: Step::Password,
            code: random::hex(22),
            execution: random::uuid(),
            user: None,
            again: false,
            timed_out: false,
            secret: random::hex(10),
            ends_at: now + LIFE,
        };
        self.keep(visit.clone());
        visit
    }

    pub(super) fn keep(&mut self, visit: Visit) {
        let key = (visit.root.clone(), visit.tab.clone());
        self.open.insert(key, visit);
    }

    pub(super) fn find(&self, root: &str, tab: &str, now: SystemTime) -> Option<Visit> {
        let visit = self.open.get(&(root.to_owned(), tab.to_owned()))?;
        (now < visit.ends_at).then(|| visit.clone())
    }

    /// Whether a login is under way in that session.
    pub(super) fn has(&self, root: &str, now: SystemTime) -> bool {
        let mut visits = self.open.values();
        visits.any(|visit| visit.root == root && now < visit.ends_at)
    }

    pub(super) fn end(&mut self, root: &str) {
        self.open.retain(|(other, _), _| other != root);
    }

    /// Something from which `wish` can begin anew.
    pub(super) fn remember(&mut self, wish: Wish) -> String {
        let name = random::hex(32);
        self.restarts.insert(name.clone(), wish);
        name
    }

    pub(super) fn remembered(&self, name: &str) -> Option<Wish> {
        self.restarts.get(name).cloned()
    }

    /// A person has logged in: what they are known by from now on.
    pub(super) fn admit(&mut self, known: Known) -> String {
        let identity = random::hex(32);
        self.people.insert(identity.clone(), known);
        identity
    }

    pub(super) fn known(&self, identity: &str) -> Option<&Known> {
        self.people.get(identity)
    }
}

/// How long a login page can be used.
const LIFE: Duration = Duration::from_secs(1800);
