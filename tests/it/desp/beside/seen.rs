//! [`Seen`]: what a run of a program came to, as far as it can be compared.

use std::collections::BTreeSet;

use auth_testkit::Received;

/// What a run came to.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) requests: Vec<Request>,
    /// Name, mode and content of each, with a word for the token.
    pub(super) files: Vec<String>,
    pub(super) failure: Option<String>,
}

/// One request: what it is for, and the names of what was sent.
#[derive(Debug)]
pub(super) struct Request {
    what: String,
    fields: BTreeSet<String>,
}

impl Request {
    pub(super) fn of(received: &Received) -> Self {
        let place = received.path().rsplit('/').next().unwrap_or_default();
        let query = received.url().query_pairs().into_owned();
        let is_page = received.path().contains("login-actions");
        let query = query.filter(|_| !is_page).map(|(name, _)| name);
        let form = received.form().into_iter().map(|(name, value)| {
            if value.is_empty() && name == "scope" {
                "scope (empty)".to_owned()
            } else {
                name
            }
        });
        let cookies = received.header("cookie").unwrap_or_default().to_owned();
        let cookies = cookies
            .split("; ")
            .filter_map(|cookie| cookie.split_once('='));
        let cookies = cookies.map(|(name, _)| format!("cookie {name}"));
        let grant = received.field("grant_type").unwrap_or_default();
        let grant = grant.rsplit(':').next().unwrap_or_default().to_owned();
        let step = if received.field("otp").is_some() {
            "(otp)"
        } else {
            ""
        };
        Self {
            what: format!("{} {place} {grant}{step}", received.method())
                .trim()
                .to_owned(),
            fields: query.chain(form).chain(cookies).collect(),
        }
    }
}

impl Seen {
    /// What is asked for, theirs and ours, where that differs.
    pub(super) fn differences(&self, ours: &Self) -> Vec<(String, String, String)> {
        let mut differences = Vec::new();
        let mut left: Vec<&Request> = ours.requests.iter().collect();
        for theirs in &self.requests {
            let Some(at) = left.iter().position(|ours| ours.what == theirs.what) else {
                let what = theirs.what.clone();
                differences.push((what, "is asked".to_owned(), "is not asked".to_owned()));
                continue;
            };
            let ours = left.remove(at);
            let only = |one: &Request, other: &Request| {
                let only = one.fields.difference(&other.fields).cloned();
                only.collect::<Vec<_>>().join(", ")
            };
            let (theirs_only, ours_only) = (only(theirs, ours), only(ours, theirs));
            if !theirs_only.is_empty() || !ours_only.is_empty() {
                differences.push((theirs.what.clone(), theirs_only, ours_only));
            }
        }
        for ours in left {
            let what = ours.what.clone();
            differences.push((what, "is not asked".to_owned(), "is asked".to_owned()));
        }
        differences
    }
}
