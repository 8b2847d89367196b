//! [`Case`]: one thing that people do.

use std::time::SystemTime;

use auth_desp::otp::Totp;
use auth_testkit::{RequiredAction, Theme, User};
use secrecy::ExposeSecret;

/// One thing that people do, with either program.
#[derive(Clone, Copy)]
pub(crate) struct Case {
    /// What it is, as the table has it.
    pub(crate) words: &'static str,
    pub(crate) theme: Look,
    pub(crate) service: &'static str,
    pub(crate) who: Who,
    pub(crate) password: &'static str,
    pub(crate) code: Typed,
    pub(crate) netrc: bool,
    /// Files that are at home before.
    pub(crate) files: &'static [(&'static str, &'static str)],
    /// What is given beside the service; nobody asks the library then.
    pub(crate) arguments: &'static [&'static str],
    pub(crate) variables: &'static [(&'static str, &'static str)],
}

/// The pages that a realm shows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Look {
    Classic,
    V2,
    /// What the others are made of.
    Base,
    /// The newer pages in German; no realm of the testkit has them.
    German,
}

/// Who logs in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Who {
    WithPassword,
    WithCode,
    WithTwoDevices,
    Disabled,
    Locked,
    Nobody,
    Must(RequiredAction),
}

/// What is typed for a one-time code.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Typed {
    Right,
    Wrong,
    /// The right one of the device that no page offers by itself.
    OfAnotherDevice,
}

pub(crate) const CASE: Case = Case {
    words: "",
    theme: Look::Classic,
    service: "cacheb",
    who: Who::WithPassword,
    password: "pw",
    code: Typed::Right,
    netrc: false,
    files: &[],
    arguments: &[],
    variables: &[],
};

impl Case {
    /// The same with other words.
    pub(crate) const fn named(self, words: &'static str) -> Self {
        Self { words, ..self }
    }

    /// The same for another service.
    pub(crate) const fn of(self, service: &'static str) -> Self {
        Self { service, ..self }
    }

    /// The same on other pages.
    pub(crate) const fn on(self, theme: Look) -> Self {
        Self { theme, ..self }
    }

    /// The same by somebody else.
    pub(crate) const fn by(self, who: Who) -> Self {
        Self { who, ..self }
    }

    const fn typing(self, code: Typed) -> Self {
        Self { code, ..self }
    }

    const fn with_password(self, password: &'static str) -> Self {
        Self { password, ..self }
    }

    pub(crate) const fn for_netrc(self) -> Self {
        Self {
            netrc: true,
            ..self
        }
    }

    const fn with_files(self, files: &'static [(&'static str, &'static str)]) -> Self {
        Self { files, ..self }
    }

    const fn with_arguments(self, arguments: &'static [&'static str]) -> Self {
        Self { arguments, ..self }
    }

    const fn with_variables(self, variables: &'static [(&'static str, &'static str)]) -> Self {
        Self { variables, ..self }
    }

    /// What is typed now for a one-time code.
    pub(crate) fn otp(&self) -> String {
        match self.code {
            Typed::Wrong => "000000".to_owned(),
            Typed::Right => code(FIRST_TEXT),
            Typed::OfAnotherDevice => code(SECOND_TEXT),
        }
    }

    /// Whether the library can be asked for it: options and variables are the program's.
    pub(crate) fn is_the_librarys(&self) -> bool {
        self.arguments.is_empty() && self.variables.is_empty()
    }

    /// Whether a realm of the testkit has such pages.
    pub(crate) fn is_the_testkits(&self) -> bool {
        self.theme != Look::German
    }
}

impl Look {
    /// As the testkit calls it.
    pub(crate) fn of_testkit(self) -> Theme {
        match self {
            Self::Classic => Theme::Classic,
            Self::Base => Theme::Base,
            _ => Theme::V2,
        }
    }
}

impl Who {
    /// Somebody of that name at the testkit.
    pub(crate) fn of_testkit(self, name: &str) -> Option<User> {
        let user = User::new(name, "pw");
        Some(match self {
            Self::WithPassword => user,
            Self::WithCode => user.with_totp(FIRST),
            Self::WithTwoDevices => user.with_totp(FIRST).with_totp(SECOND),
            Self::Disabled => user.disabled(),
            Self::Locked => user.locked(),
            Self::Must(action) => user.with_required_action(action),
            Self::Nobody => return None,
        })
    }
}

/// The secrets of two devices for one-time codes, and the same in base32.
pub(crate) const FIRST: &str = "12345678901234567890";
pub(crate) const SECOND: &str = "a secret of twenty b";
pub(crate) const FIRST_TEXT: &str = "gezdgnbvgy3tqojqgezdgnbvgy3tqojq";
const SECOND_TEXT: &str = "meqhgzldojsxiidpmyqhi53fnz2hsidc";

/// The code that a device shows.
fn code(secret: &str) -> String {
    let totp = Totp::from_text(&secret.into()).unwrap();
    let code = totp.code(totp.step(SystemTime::now()));
    code.expose_secret().to_owned()
}

const WRONG: Case = CASE.with_password("no");
const MUST: fn(RequiredAction) -> Case = |action| CASE.by(Who::Must(action));

/// What people do who know what to type, and what is wrong with it or with them.
pub(crate) fn cases() -> Vec<Case> {
    let code = CASE.by(Who::WithCode);
    let wrong_code = code.typing(Typed::Wrong);
    let two = CASE.by(Who::WithTwoDevices);
    let with = |files, arguments| CASE.with_files(files).with_arguments(arguments);
    vec![
        CASE.named("CacheB"),
        CASE.for_netrc().named("CacheB, into a netrc file"),
        CASE.for_netrc()
            .with_files(&[(".netrc", OTHERS)])
            .named("a netrc file with entries of others"),
        CASE.of("highway").named("Highway"),
        CASE.of("highway")
            .for_netrc()
            .named("Highway, into a netrc file"),
        CASE.of("hda").named("HDA"),
        CASE.of("polytope").named("Polytope"),
        CASE.of("dea").named("DEA"),
        CASE.on(Look::V2).named("CacheB, newer pages"),
        CASE.on(Look::Base).named("CacheB, base pages"),
        CASE.on(Look::German).named("CacheB, German pages"),
        code.named("a one-time code"),
        code.on(Look::V2).named("a one-time code, newer pages"),
        code.on(Look::Base).named("a one-time code, base pages"),
        code.on(Look::German).named("a one-time code, German pages"),
        two.named("a code of the first of two devices"),
        two.on(Look::V2)
            .named("a code of the first of two devices, newer pages"),
        two.typing(Typed::OfAnotherDevice)
            .named("a code of the second of two devices"),
        two.typing(Typed::OfAnotherDevice)
            .on(Look::V2)
            .named("a code of the second of two devices, newer pages"),
        WRONG.named("a wrong password"),
        WRONG.on(Look::V2).named("a wrong password, newer pages"),
        WRONG.on(Look::Base).named("a wrong password, base pages"),
        WRONG
            .on(Look::German)
            .named("a wrong password, German pages"),
        wrong_code.named("a wrong code"),
        wrong_code.on(Look::V2).named("a wrong code, newer pages"),
        wrong_code.on(Look::Base).named("a wrong code, base pages"),
        wrong_code
            .on(Look::German)
            .named("a wrong code, German pages"),
        CASE.by(Who::Disabled).named("an account that is disabled"),
        CASE.by(Who::Locked).named("an account that is locked"),
        CASE.by(Who::Nobody).named("nobody of that name"),
        MUST(RequiredAction::UpdatePassword).named("a password that must be changed"),
        MUST(RequiredAction::TermsAndConditions).named("terms that must be accepted"),
        MUST(RequiredAction::ConfigureTotp).named("a device that must be set up"),
        MUST(RequiredAction::VerifyEmail).named("an address that must be confirmed"),
        MUST(RequiredAction::VerifyProfile).named("a profile that must be completed"),
        CASE.with_variables(&[("DESPAUTH_IAM_CLIENT", "nobody")])
            .named("`DESPAUTH_IAM_CLIENT` names a client that nobody knows"),
        CASE.with_variables(&[("DESPAUTH_CLIENT_ID", "nobody")])
            .named("`DESPAUTH_CLIENT_ID` names a client that nobody knows"),
        CASE.with_variables(&[("DESPAUTH_REDIRECT_URI", "https://elsewhere.example.org/")])
            .named("a redirect URI that is another's"),
        CASE.with_variables(&[("DESPAUTH_USER", ""), ("DESPAUTH_PASSWORD", "")])
            .named("nobody is named, and nobody can be asked"),
        with(&[("mine.yaml", MINE)], &["-c", "mine.yaml"]).named("a service of one's own"),
        with(&[("mine.json", JSON)], &["-c", "mine.json"]).named("the same in JSON"),
        with(&[("mine.yaml", TYPO)], &["-c", "mine.yaml"]).named("a key that nobody knows in `-c`"),
        with(&[("mine.yaml", "")], &["-c", "mine.yaml"]).named("a file of `-c` that is empty"),
        with(&[], &["-c", "mine.yaml"]).named("a file of `-c` that is not there"),
        with(&[(".despauth.yaml", TYPO)], &[])
            .named("a key that nobody knows in `~/.despauth.yaml`"),
        with(&[], &["-n"]).named("`-n` and `-p` at once"),
        CASE.of("highwy").named("a service that nobody knows"),
        with(&[], &["--nothing"]).named("an option that nobody knows"),
        with(&[("more.yaml", "scope: openid\n")], &["-f", "more.yaml"]).named("`-f`"),
        with(&[], &["--iam-realm", "nowhere"])
            .named("`--iam-realm` names a realm that nobody knows"),
    ]
}

const OTHERS: &str = "machine example.org\n    login x\n    password y\n\n\
    machine cacheb.dcms.destine.eu.example.org\n    login x\n    password y\n";
const MINE: &str = "scope: openid offline_access\niam_client: edh-public\n\
    iam_redirect_uri: https://cacheb.dcms.destine.eu/\n";
const JSON: &str = r#"{"iam_client": "dea_client", "iam_redirect_uri": "https://dea.destine.eu/"}"#;
const TYPO: &str =
    "iam_client: dea_client\niam_redirect_uri: https://dea.destine.eu/\nscop: openid\n";
