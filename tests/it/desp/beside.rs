//! destinepyauth beside us, at servers of the same shape: what each asks for, writes and says. `cargo xtask conformance
//! desp` runs it; alone it is skipped.

mod ours;
mod seen;
mod theirs;

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, SystemTime};

use auth_core::clock::SystemClock;
use auth_testkit::{Listening, Realm, RequiredAction, Server, Theme, User};

use self::seen::Seen;
use self::theirs::Python;

/// The realms of the platform on loopback, over https, as nobody has used them.
pub(super) struct Place {
    pub(super) server: Server,
    pub(super) listening: Listening,
    pub(super) home: tempfile::TempDir,
}

impl Place {
    async fn open(theme: Theme) -> Self {
        let server = Server::new(SystemClock::new());
        let action = |name, action| User::new(name, "pw").with_required_action(action);
        let people = [
            User::new("ada", "pw"),
            User::new("bob", "pw").with_totp(super::world::SECRET),
            User::new("dave", "pw").disabled(),
            User::new("lou", "pw").locked(),
            action("erin", RequiredAction::UpdatePassword),
            action("heidi", RequiredAction::TermsAndConditions),
        ];
        for realm in Realm::destination_earth(people) {
            server.add_realm(realm.with_theme(theme));
        }
        let listening = server.listen_tls(0).await.unwrap();
        let home = tempfile::tempdir().unwrap();
        std::fs::write(home.path().join("ca.pem"), listening.ca_pem().unwrap()).unwrap();
        Self {
            server,
            listening,
            home,
        }
    }
}

/// One thing that people do.
#[derive(Clone, Copy)]
struct Case {
    words: &'static str,
    theme: Theme,
    service: &'static str,
    user: &'static str,
    password: &'static str,
    /// What is typed for a code; nothing stands for the right one.
    code: Option<&'static str>,
    netrc: bool,
}

const CASE: Case = Case {
    words: "",
    theme: Theme::Classic,
    service: "cacheb",
    user: "ada",
    password: "pw",
    code: Some(""),
    netrc: false,
};

const WORK: [Case; 5] = [
    Case {
        words: "CacheB, with a netrc file",
        netrc: true,
        ..CASE
    },
    Case {
        words: "Highway",
        service: "highway",
        ..CASE
    },
    Case {
        words: "HDA",
        service: "hda",
        ..CASE
    },
    Case {
        words: "Polytope",
        service: "polytope",
        ..CASE
    },
    Case {
        words: "a one-time code",
        user: "bob",
        code: None,
        ..CASE
    },
];

const FAIL: [Case; 8] = [
    Case {
        words: "a wrong password",
        password: "no",
        ..CASE
    },
    Case {
        words: "a wrong password, newer pages",
        theme: Theme::V2,
        password: "no",
        ..CASE
    },
    Case {
        words: "a wrong code",
        user: "bob",
        code: Some("000000"),
        ..CASE
    },
    Case {
        words: "an account that is disabled",
        user: "dave",
        ..CASE
    },
    Case {
        words: "an account that is locked",
        user: "lou",
        ..CASE
    },
    Case {
        words: "a password that must be changed",
        user: "erin",
        ..CASE
    },
    Case {
        words: "terms that must be accepted",
        user: "heidi",
        ..CASE
    },
    Case {
        words: "nobody of that name",
        user: "nobody",
        ..CASE
    },
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_differs_from_destinepyauth_is_in_the_table() {
    let Some(python) = Python::at_hand() else {
        return;
    };
    let mut rows: BTreeMap<String, [BTreeSet<String>; 2]> = BTreeMap::new();
    let mut differ = |what: String, theirs: String, ours: String| {
        let row = rows.entry(what).or_default();
        row[0].insert(theirs);
        row[1].insert(ours);
    };
    for case in WORK.iter().chain(&FAIL) {
        let (theirs, ours) = both(&python, case).await;
        let counts = (theirs.requests.len(), ours.requests.len());
        assert!(counts.1 <= counts.0, "{}: {counts:?}", case.words);
        for (what, theirs, ours) in theirs.differences(&ours) {
            differ(what, theirs, ours);
        }
        match (&theirs.failure, &ours.failure) {
            (None, None) => assert_eq!(theirs.files, ours.files, "{}", case.words),
            (Some(theirs), Some(ours)) => {
                differ(case.words.to_owned(), theirs.clone(), ours.clone())
            }
            other => panic!("{}: {other:?}", case.words),
        }
    }
    let place = Place::open(Theme::Classic).await;
    let again = [
        python.run(&place, &CASE).await,
        python.run(&place, &CASE).await,
    ];
    let place = Place::open(Theme::Classic).await;
    let ours = [
        ours::run(&place, &CASE).await,
        ours::run(&place, &CASE).await,
    ];
    let count = |seen: &Seen| format!("{} requests", seen.requests.len());
    differ(
        "a second call".to_owned(),
        count(&again[1]),
        count(&ours[1]),
    );
    let row = |(what, [theirs, ours]): (String, [BTreeSet<String>; 2])| {
        let joined = |set: BTreeSet<String>| {
            let words: Vec<String> = set.into_iter().filter(|one| !one.is_empty()).collect();
            words.join("; ")
        };
        format!("| {what} | {} | {} |", joined(theirs), joined(ours))
    };
    let found: BTreeSet<String> = rows.into_iter().map(row).collect();
    let table = include_str!("../../../docs/desp.md");
    let named = table.lines().filter(|line| line.starts_with("| "));
    let named: BTreeSet<String> = named.skip(2).map(str::to_owned).collect();
    let list = |rows: Vec<&String>| rows.into_iter().cloned().collect::<Vec<_>>().join("\n");
    let (new, gone) = (found.difference(&named), named.difference(&found));
    let (new, gone) = (list(new.collect()), list(gone.collect()));
    assert!(
        new.is_empty() && gone.is_empty(),
        "not in the table:\n{new}\nin the table and not seen:\n{gone}"
    );
}

async fn both(python: &Python, case: &Case) -> (Seen, Seen) {
    let theirs = python.run(&Place::open(case.theme).await, case).await;
    let ours = ours::run(&Place::open(case.theme).await, case).await;
    (theirs, ours)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_clients_of_the_services_read_the_files_that_we_write() {
    let Some(python) = Python::at_hand() else {
        return;
    };
    let place = Place::open(Theme::Classic).await;
    for renewed in [false, true] {
        let [netrc, polytope] = ours::files(&place, renewed).await;
        let read = python.read(&place);
        assert_eq!(
            read,
            [
                format!("anonymous {netrc}"),
                format!("anonymous {netrc}"),
                format!("Bearer {polytope}")
            ]
        );
    }
}

/// The code of Bob's device; never in the last moments of its step.
async fn code() -> String {
    use secrecy::ExposeSecret;
    let totp = auth_desp::otp::Totp::from_text(&super::world::TOTP.into()).unwrap();
    let now = SystemTime::now();
    let since = now.duration_since(SystemTime::UNIX_EPOCH).unwrap();
    let left = Duration::from_secs(30 - since.as_secs() % 30);
    totp.code(totp.step(now + left.saturating_sub(Duration::from_secs(29))))
        .expose_secret()
        .to_owned()
}
