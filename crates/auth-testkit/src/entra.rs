//! The shape of Entra ID: tenants with people and applications, one server for all of them.

mod api;
mod application;
mod assertion;
mod authorize;
mod certificate;
mod claims;
mod code;
mod credential;
mod demand;
mod device;
mod grant;
mod issued;
mod metadata;
mod on_behalf_of;
mod place;
mod refusal;
mod runs;
mod scope;
mod tenant;
mod token;

use std::collections::BTreeSet;
use std::time::SystemTime;

use http::{Method, StatusCode};
use serde_json::Value;
use url::Url;

use crate::answer::{self, Answer};
use crate::issuer::device::Devices;
use crate::keys::Keys;
use crate::page;
use crate::record::Received;
use crate::refresh::Logins;
use crate::token::Tokens;

use self::code::Codes;
use self::demand::Demands;
use self::issued::login;
use self::place::Place;
use self::refusal::Refusal;

pub use self::application::EntraApplication;
pub use self::tenant::EntraTenant;

/// The tenants, and what all of them share.
pub(crate) struct Entra {
    tenants: Vec<EntraTenant>,
    pub(crate) keys: Keys,
    pub(crate) logins: Logins,
    pub(crate) tokens: Tokens,
    devices: Devices,
    codes: Codes,
    demands: Demands,
    /// Which person (object id) has allowed which program to use which API.
    consents: BTreeSet<(String, String, String)>,
}

/// What a token says, if an issuer outside Entra signed it.
pub(crate) type Elsewhere<'a> = &'a dyn Fn(&str) -> Option<Value>;

impl Entra {
    pub(crate) fn new() -> Self {
        Self {
            tenants: Vec::new(),
            keys: Keys::of_entra(),
            logins: Logins::default(),
            tokens: Tokens::default(),
            devices: Devices::default(),
            codes: Codes::default(),
            demands: Demands::default(),
            consents: BTreeSet::new(),
        }
    }

    /// Lets a tenant in, or changes it: the logins at one of the same id go on.
    pub(crate) fn add(&mut self, mut tenant: EntraTenant) {
        let known = self.tenants.iter().position(|one| one.id == tenant.id);
        let Some(known) = known else {
            self.tenants.push(tenant);
            return;
        };
        for user in &mut tenant.users {
            let mut before = self.tenants[known].users.iter();
            if let Some(before) = before.find(|before| before.name == user.name) {
                user.id.clone_from(&before.id);
            }
        }
        self.tenants[known] = tenant;
    }

    /// A login without pages: its first refresh token.
    pub(crate) fn login(
        &mut self,
        issuer: &str,
        client: &str,
        user: &str,
        scope: &str,
        now: SystemTime,
    ) -> Option<String> {
        let url = Url::parse(issuer).ok()?;
        let place = self.place(url.path_segments()?.next()?)?;
        let client = place.application(client)?.id.clone();
        let (_, user) = place.user(user)?;
        let purpose = login(&client, &user.id, scope).in_session(now);
        Some(self.first_refresh_token(&place, purpose, now))
    }

    /// Lets a person enter the code of a device and allow what it asks for. Says whether both are known.
    pub(crate) fn allow_device(&mut self, user_code: &str, user: &str, now: SystemTime) -> bool {
        let all = Place::of_all(&self.tenants);
        let Some((_, user)) = all.user(user) else {
            return false;
        };
        let session = (crate::random::uuid(), now);
        self.devices.allow(user_code, &user.id, Some(session))
    }

    /// Lets a person enter the code of a device and deny. Says whether the code is known.
    pub(crate) fn deny_device(&mut self, user_code: &str) -> bool {
        self.devices.deny(user_code)
    }

    /// The answer to `request`, or `None` if the path is not one of Entra's.
    pub(crate) fn answer(
        &mut self,
        request: &Received,
        elsewhere: Elsewhere<'_>,
    ) -> Option<Answer> {
        if self.tenants.is_empty() {
            return None;
        }
        if let Some(answer) = self.api(request) {
            return Some(answer);
        }
        if request.path() == device::PAGE {
            return Some(self.device_page(request));
        }
        let (name, endpoint) = request.path().strip_prefix('/')?.split_once('/')?;
        if !ENDPOINTS.contains(&endpoint) {
            return None;
        }
        let Some(place) = self.place(name) else {
            let text = format!(
                "Tenant '{name}' not found. Check to make sure you have the correct tenant ID and are \
                 signing into the correct cloud."
            );
            return Some(Refusal::new("invalid_request", 90_002, text).answer(request));
        };
        Some(self.at(&place, endpoint, request, elsewhere))
    }

    fn at(
        &mut self,
        place: &Place,
        endpoint: &str,
        request: &Received,
        elsewhere: Elsewhere<'_>,
    ) -> Answer {
        let origin = request.origin();
        let answer = match endpoint {
            AUTHORIZE => return self.authorize(place, request),
            LOGOUT => return logout(request),
            METADATA => {
                let metadata = metadata::metadata(&origin, place.name(), place.id());
                return answer::of_json(StatusCode::OK, &metadata);
            }
            INSTANCE => {
                let instance = metadata::instance(&origin, place.name());
                return answer::of_json(StatusCode::OK, &instance);
            }
            KEYS | KEYS_V1 => return self.published(place, request),
            _ if request.method() != Method::POST || !request.is_form() => {
                let text = "The endpoint only accepts POST requests with a form in their body.";
                Err(Refusal::new("invalid_request", 900_561, text))
            }
            DEVICE_CODE => self.device_authorization(place, request),
            _ => self.token(place, request, elsewhere),
        };
        answer.unwrap_or_else(|no| no.answer(request))
    }

    /// The keys, each with the issuer whose tokens it signs.
    fn published(&self, place: &Place, request: &Received) -> Answer {
        let mut set = self.keys.set();
        let issuer = format!("{}/{}/v2.0", request.origin(), place.id());
        for key in set["keys"].as_array_mut().into_iter().flatten() {
            key["issuer"] = issuer.as_str().into();
            key["cloud_instance_name"] = "microsoftonline.com".into();
        }
        answer::of_json(StatusCode::OK, &set)
    }

    /// What is called so in a path: a tenant, or all of them at once.
    fn place(&self, name: &str) -> Option<Place> {
        Place::named(&self.tenants, name)
    }
}

/// Ends the session of a browser, which has none here, and sends it on.
fn logout(request: &Received) -> Answer {
    let next = request.query("post_logout_redirect_uri");
    match next.and_then(|next| Url::parse(&next).ok()) {
        Some(next) => answer::redirect(next.as_str()),
        None => page::text(StatusCode::OK, "You signed out of your account."),
    }
}

const AUTHORIZE: &str = "oauth2/v2.0/authorize";
const TOKEN: &str = "oauth2/v2.0/token";
const DEVICE_CODE: &str = "oauth2/v2.0/devicecode";
const LOGOUT: &str = "oauth2/v2.0/logout";
const METADATA: &str = "v2.0/.well-known/openid-configuration";
const INSTANCE: &str = "discovery/instance";
const KEYS: &str = "discovery/v2.0/keys";
const KEYS_V1: &str = "discovery/keys";

const ENDPOINTS: [&str; 8] = [
    AUTHORIZE,
    TOKEN,
    DEVICE_CODE,
    LOGOUT,
    METADATA,
    INSTANCE,
    KEYS,
    KEYS_V1,
];
