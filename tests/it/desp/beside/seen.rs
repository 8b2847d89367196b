//! [`Seen`]: what a run of a program came to, as far as it can be compared.

use std::collections::BTreeSet;
use std::path::Path;

use auth_testkit::Received;
use http::{HeaderMap, Method};
use url::{Url, form_urlencoded};

use super::case::Case;
use super::place::{AUTHORITY, Place};
use crate::rights::mode;

/// What a run came to.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) requests: Vec<Request>,
    /// Name, mode and content of each, with a word for the token.
    pub(crate) files: BTreeSet<String>,
    /// What a program wrote, with a word for the token.
    pub(crate) stdout: String,
    pub(crate) code: i32,
    pub(crate) failure: Option<String>,
}

/// One request: what it is for, and the names of what was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Request {
    pub(crate) what: String,
    pub(crate) fields: BTreeSet<String>,
}

impl Request {
    pub(crate) fn of(received: &Received) -> Self {
        let (method, url) = (received.method(), received.url());
        Self::read(method, url, received.headers(), received.body())
    }

    pub(crate) fn read(method: &Method, url: &Url, headers: &HeaderMap, body: &[u8]) -> Self {
        let form: Vec<(String, String)> = form_urlencoded::parse(body).into_owned().collect();
        let value = |name: &str| {
            let mut fields = form.iter();
            Some(fields.find(|(other, _)| other == name)?.1.clone())
        };
        let place = url.path().rsplit('/').next().unwrap_or_default();
        let query = url.query_pairs().into_owned();
        let is_page = url.path().contains("login-actions");
        let query = query.filter(|_| !is_page).map(|(name, _)| name);
        let names = form.iter().map(|(name, value)| {
            if value.is_empty() && name == "scope" {
                "scope (empty)".to_owned()
            } else {
                name.clone()
            }
        });
        let cookies = headers.get_all("cookie").iter();
        let cookies = cookies.filter_map(|cookies| cookies.to_str().ok());
        let cookies = cookies
            .flat_map(|cookies| cookies.split("; "))
            .filter_map(|cookie| cookie.split_once('='))
            .map(|(name, _)| format!("cookie {name}"));
        let grant = value("grant_type").unwrap_or_default();
        let grant = grant.rsplit(':').next().unwrap_or_default();
        let step = if value("otp").is_some() { "(otp)" } else { "" };
        Self {
            what: format!("{method} {place} {grant}{step}").trim().to_owned(),
            fields: query.chain(names).chain(cookies).collect(),
        }
    }
}

/// What a request sends beyond another one.
fn beyond(one: &Request, other: &Request) -> String {
    let only = one.fields.difference(&other.fields).cloned();
    only.collect::<Vec<_>>().join(", ")
}

impl Seen {
    /// Where the two differ, each with a name: theirs and ours.
    pub(crate) fn differences(&self, ours: &Self, case: &Case) -> Vec<(String, String, String)> {
        let words = case.words;
        let mut found = Vec::new();
        let mut differ = |what: String, theirs: String, ours: String| {
            if theirs != ours {
                found.push((what, theirs, ours));
            }
        };
        let mut left: Vec<&Request> = ours.requests.iter().collect();
        for theirs in &self.requests {
            if let Some(at) = left.iter().position(|ours| ours.what == theirs.what) {
                let ours = left.remove(at);
                let what = theirs.what.clone();
                differ(what, beyond(theirs, ours), beyond(ours, theirs));
            }
        }
        let (asked, mut sent) = (self.sequence(), ours.sequence());
        if sent.contains(AGAIN) {
            sent = sent.replacen(AGAIN, "", 1);
            differ(
                "the code of a login for an offline token".to_owned(),
                "is asked for once".to_owned(),
                "is asked for twice, where a session begins with it".to_owned(),
            );
        }
        if asked.contains(DISCOVERY) && asked.replace(DISCOVERY, "") == sent {
            differ(
                "GET openid-configuration".to_owned(),
                "is asked, of the issuer that the token names".to_owned(),
                "is not asked".to_owned(),
            );
        } else {
            differ(format!("{words}: requests"), asked, sent);
        }
        differ(
            words.to_owned(),
            self.failure.clone().unwrap_or_else(works),
            ours.failure.clone().unwrap_or_else(works),
        );
        differ(
            format!("{words}: exit code"),
            self.code.to_string(),
            ours.code.to_string(),
        );
        let question = "OTP: ";
        if self.stdout.contains(question) && self.stdout.replace(question, "") == ours.stdout {
            differ(
                "the question for a one-time code".to_owned(),
                format!("on stdout: {question:?}"),
                "at the terminal".to_owned(),
            );
        } else {
            differ(
                format!("{words}: stdout"),
                self.stdout.clone(),
                ours.stdout.clone(),
            );
        }
        if let Some(store) = ours.files.iter().find(|file| file.starts_with(STORE)) {
            differ("files".to_owned(), String::new(), store.clone());
        }
        let only = |one: &Self, other: &Self| {
            let only = one.files.difference(&other.files);
            let only = only.filter(|file| !file.starts_with(STORE)).cloned();
            only.collect::<Vec<_>>().join("; ")
        };
        differ(
            format!("{words}: files"),
            only(self, ours),
            only(ours, self),
        );
        found
    }

    /// What was asked, in order.
    pub(crate) fn sequence(&self) -> String {
        let names: Vec<&str> = self.requests.iter().map(|one| &*one.what).collect();
        match &*names {
            [] => "none".to_owned(),
            names => names.join(", "),
        }
    }
}

/// What we ask in the midst of a login.
const AGAIN: &str = ", GET auth";

/// What destinepyauth asks before it checks a token.
const DISCOVERY: &str = "GET openid-configuration, ";

/// Where the program keeps logins.
const STORE: &str = ".local/state/auth/tokens";

fn works() -> String {
    "works".to_owned()
}

/// What a program left at home besides what was there before, each in a line, without the token.
pub(crate) fn files(place: &Place, case: &Case) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    collect(place.home(), "", &mut found);
    for (name, text) in case.files {
        found.remove(&line(name, 0o600, text));
    }
    found
}

fn collect(folder: &Path, below: &str, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = format!("{below}{}", path.file_name().unwrap().to_str().unwrap());
        if name == AUTHORITY {
        } else if name == STORE {
            for entry in std::fs::read_dir(&path).unwrap() {
                let file = entry.unwrap().path();
                found.insert(format!("{name} {:o}, files {:o}", mode(&path), mode(&file)));
            }
        } else if path.is_dir() {
            collect(&path, &format!("{name}/"), found);
        } else {
            let text = std::fs::read_to_string(&path).unwrap();
            found.insert(line(&name, mode(&path), &text));
        }
    }
}

fn line(name: &str, mode: u32, text: &str) -> String {
    format!("{name} {mode:o} {:?}", without_tokens(text))
}

/// A text with a word for each token in it.
pub(crate) fn without_tokens(text: &str) -> String {
    let is_of_token = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let mut shown = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("eyJ") {
        shown.push_str(&rest[..at]);
        shown.push_str("TOKEN");
        rest = rest[at..].trim_start_matches(is_of_token);
    }
    shown + rest
}
