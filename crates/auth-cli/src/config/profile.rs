//! [`Profile`]: what all layers say together.

mod header;
mod host;
mod idle;
mod unfit;

use std::sync::{Arc, OnceLock};

use auth_core::{Error, Provider, Result};

use crate::config::{Field, Kind, Origin, Preset, Settings, despauth};
use crate::secret::SecretSource;

pub(crate) use host::authority;

/// What a person's login for a service of Destination Earth has, and a service account has not.
const OF_A_PERSON: [&str; 12] = [
    "redirect-uri",
    "exchange-url",
    "exchange-client-id",
    "exchange-issuer",
    "subject-issuer",
    "audience",
    "user",
    "password",
    "otp",
    "totp",
    "device",
    "sso",
];

/// A profile, whole.
#[derive(Clone, Debug)]
pub(crate) struct Profile {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) preset: Option<Preset>,
    pub(crate) settings: Settings,
    /// The provider that its `issuer` names, once it is known: asked once in a run.
    pub(crate) provider: Arc<OnceLock<Provider>>,
    /// The profiles whose tokens it trades.
    pub(crate) subject: Option<Arc<Self>>,
    pub(crate) actor: Option<Arc<Self>>,
}

impl Profile {
    /// One without a preset, as it stands.
    #[cfg(test)]
    pub(crate) fn plain(name: &str, kind: Kind, settings: Settings) -> Self {
        Self {
            name: name.to_owned(),
            kind,
            preset: None,
            settings,
            provider: Arc::default(),
            subject: None,
            actor: None,
        }
    }

    /// The profile of that name with these settings.
    ///
    /// # Errors
    /// `Config` if they do not add up.
    pub(crate) fn new(name: &str, preset: Option<Preset>, settings: Settings) -> Result<Self> {
        let profile = Self::unjudged(name, preset, settings)?;
        match profile.mistakes().into_iter().next() {
            Some(first) => Err(first),
            None => Ok(profile),
        }
    }

    /// The same, whether or not its keys add up.
    ///
    /// # Errors
    /// `Config` if it has no kind.
    pub(super) fn unjudged(name: &str, preset: Option<Preset>, settings: Settings) -> Result<Self> {
        let profile = |kind| Self {
            name: name.to_owned(),
            kind,
            preset,
            settings: settings.clone(),
            provider: Arc::default(),
            subject: None,
            actor: None,
        };
        let Some(kind) = settings.text("kind").and_then(Kind::parse) else {
            let advice = format!("add `kind = \"…\"`, one of {}", Kind::NAMES.join(", "));
            let message = format!(
                "{}: profile `{name}` has no `kind`",
                settings.origin("kind")
            );
            return Err(Error::config(message).with_advice(advice));
        };
        Ok(profile(kind))
    }

    /// What does not add up in it.
    pub(crate) fn mistakes(&self) -> Vec<Error> {
        let (name, kind) = (&self.name, self.kind);
        let mut wrong = Vec::new();
        for (field, setting) in self.settings.iter() {
            if Field::named(field).is_some_and(|field| !field.fits(kind)) {
                let error = Error::config(format!(
                    "{}: `{field}` means nothing in profile `{name}`, whose kind is {kind}",
                    setting.origin
                ));
                wrong.push(error.with_advice("remove it or change the kind"));
            }
        }
        wrong.extend(self.nameless_account());
        wrong.extend(self.unfit_values());
        wrong.extend(self.ensure_is_one_thing().err());
        if wrong.is_empty() {
            wrong = self.idle_keys();
        }
        wrong
    }

    /// Nobody means a login without a name, or finds one again whose name is not what it looks like.
    fn nameless_account(&self) -> Option<Error> {
        let name = self.settings.text("account")?;
        let is_none = name.trim().is_empty() || name.contains(char::is_control);
        is_none.then(|| {
            let origin = self.settings.origin("account");
            Error::config(format!(
                "{origin}: the name of a login is empty or has a control character"
            ))
            .with_advice("write a name such as `work`, or leave it out")
        })
    }

    /// A service account of Destination Earth has nothing of a person, and is none of a person's services.
    fn ensure_is_one_thing(&self) -> Result<()> {
        let name = &self.name;
        if self.kind != Kind::Desp || self.logs_in_to_desp() {
            return Ok(());
        }
        let origin = self.settings.origin("client-secret");
        if let Some(Preset::Desp(service)) = self.preset {
            return Err(Error::config(format!(
                "{origin}: `client-secret` means nothing for {service}, where a person logs in"
            ))
            .with_advice(
                "write a profile of another name with `preset = \"data-lake\"` for a service account",
            ));
        }
        let set = |field: &&&str| self.settings.get(field).is_some();
        let Some(field) = OF_A_PERSON.iter().find(set) else {
            return Ok(());
        };
        let origin = self.settings.origin(field);
        Err(Error::config(format!(
            "{origin}: `{field}` means nothing in profile `{name}`, which is a service account, since it has a `client-secret`"
        ))
        .with_advice("remove one of the two"))
    }

    /// Whether a person logs in to a service of Destination Earth with it.
    pub(crate) fn logs_in_to_desp(&self) -> bool {
        self.kind == Kind::Desp && self.settings.get("client-secret").is_none()
    }

    /// The profiles whose tokens it trades.
    pub(crate) fn parties(&self) -> impl Iterator<Item = &Self> {
        [&self.subject, &self.actor]
            .into_iter()
            .flatten()
            .map(|party| &**party)
    }

    /// Whether all of stdin would have to be read to say whose login it is.
    pub(crate) fn is_on_stdin(&self) -> bool {
        let token = self.settings.secret("refresh-token");
        matches!(token, Some(SecretSource::Stdin)) || self.parties().any(Self::is_on_stdin)
    }

    /// What it is, for the middle of a sentence.
    pub(crate) fn nature(&self) -> String {
        match self.kind {
            Kind::Desp if !self.logs_in_to_desp() => "a service account".to_owned(),
            Kind::Entra => "an application's".to_owned(),
            kind => format!("of kind {kind}"),
        }
    }

    /// The text that must be there.
    ///
    /// # Errors
    /// `Config`, naming the ways to say it.
    pub(crate) fn need_text(&self, name: &'static str) -> Result<&str> {
        let text = self.settings.text(name).filter(|text| !text.is_empty());
        text.ok_or_else(|| self.missing(name))
    }

    /// The secret source that must be there.
    ///
    /// # Errors
    /// `Config`, naming the ways to say it.
    pub(crate) fn need_secret(&self, name: &'static str) -> Result<&SecretSource> {
        self.settings.secret(name).ok_or_else(|| self.missing(name))
    }

    /// The error for a key that is not there.
    pub(crate) fn missing(&self, name: &'static str) -> Error {
        if let Some(preset) = self
            .preset
            .filter(|preset| preset.variable_of(name).is_some())
        {
            return self.lacks_variables(preset);
        }
        let variable = crate::config::variable(&self.name, name);
        let origin = self.settings.origin(name);
        if let Origin::File { path, .. } = &origin
            && let Some((key, variable)) = despauth::spelled(path, name)
        {
            let what = format!("{origin}: service `{}` has no `{key}`", self.name);
            return Error::config(what)
                .with_advice(format!("add `{key}` to the file or set {variable}"));
        }
        Error::config(format!("{origin}: profile `{}` has no `{name}`", self.name))
            .with_advice(format!("add `{name}` to the profile or set {variable}"))
    }

    /// The error for keys that the system's own programs take from variables: all that are not there, at once.
    fn lacks_variables(&self, preset: Preset) -> Error {
        let lacks = |key: &&&str| self.settings.get(key).is_none();
        let (mut keys, mut theirs, mut ours) = (Vec::new(), Vec::new(), Vec::new());
        for key in Preset::KEYS_OF_VARIABLES.iter().filter(lacks) {
            keys.push(format!("no `{key}`"));
            theirs.extend(preset.variable_of(key));
            ours.push(crate::config::variable(&self.name, key));
        }
        let (keys, origin) = (keys.join(" and "), self.settings.origin("kind"));
        Error::config(format!("{origin}: profile `{}` has {keys}", self.name)).with_advice(format!(
            "set {}, which its own programs read, or {}, or write a profile of this name",
            theirs.join(" and "),
            ours.join(" and ")
        ))
    }
}
