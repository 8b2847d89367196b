//! The cache law under a microscope: a process that is killed, a step that fails or takes a while, at each point of
//! a renewal, for each place that a refresh token can come from, alone and with a second process beside it.
//!
//! Whatever happens: the store can be read, an entry is of one person, no refresh token is sent again once its
//! successor came, and a login is lost only between the server's answer and the save.

mod gate;
mod home;

use std::collections::BTreeSet;
use std::env;
use std::fmt::Write as _;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use auth_core::clock::{Clock, SystemClock};
use auth_core::http::DefaultHttpClient;
use auth_core::{AccessToken, ErrorKind, Io, RefreshToken, Result, TokenSource};
use auth_testkit::{Client, Listening, Server, TestClock};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use tempfile::TempDir;
use tokio::task::JoinHandle;

use self::gate::{Act, Edge, Gate, HERE, Point, Step};
use self::home::{Home, Place};
use crate::world::{MINUTE, until};

/// A renewal, point by point: before and after each step, and between the work of the server and its answer.
const POINTS: [(&str, Point); 17] = [
    ("load", (Step::Load, Edge::Before)),
    ("load …", (Step::Load, Edge::After)),
    ("… lock", (Step::Lock, Edge::Before)),
    ("lock …", (Step::Lock, Edge::After)),
    ("… load again", (Step::LoadAgain, Edge::Before)),
    ("load again …", (Step::LoadAgain, Edge::After)),
    ("… exchange", (Step::Exchange, Edge::Before)),
    ("exchange", (Step::Exchange, Edge::Within)),
    ("exchange …", (Step::Exchange, Edge::After)),
    ("… save", (Step::Save, Edge::Before)),
    ("save …", (Step::Save, Edge::After)),
    ("… check", (Step::Check, Edge::Before)),
    ("check …", (Step::Check, Edge::After)),
    ("… mark", (Step::Mark, Edge::Before)),
    ("mark …", (Step::Mark, Edge::After)),
    ("… unlock", (Step::Unlock, Edge::Before)),
    ("unlock", (Step::Unlock, Edge::After)),
];

/// What is looked at.
#[derive(Clone, Copy, Debug)]
struct Look {
    place: Place,
    /// Whether nothing is in the store yet.
    is_new: bool,
    point: Point,
    act: Act,
    beside: Beside,
}

/// Who comes meanwhile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Beside {
    Nobody,
    /// A second process, which wants the same.
    Process,
    /// Bob, who puts his own refresh token into the file, and then a second process.
    Bob,
}

impl Look {
    /// Whether the login may be lost: the server has replaced the refresh token, and nothing was kept.
    fn may_lose(&self) -> bool {
        if self.beside == Beside::Bob {
            return false;
        }
        // A file has it before the store.
        let is_kept = self.place == Place::File;
        match (self.act, self.point) {
            (
                Act::Stays | Act::Fails | Act::Breaks,
                (Step::Exchange, Edge::Within | Edge::After),
            ) => true,
            (Act::Stays, (Step::Save, Edge::Before)) => !is_kept,
            // Whoever could not save it has it, and goes on with it; a second process has not. One that fails once is
            // made good by the mark.
            (Act::Breaks, (Step::Save, Edge::Before)) => !is_kept && self.beside == Beside::Process,

            _ => false,
        }
    }
}

/// A login, its server, and the refresh token that is sent next.
struct Scene {
    server: Server,
    io: Io,
    _listening: Option<Listening>,
    _folder: TempDir,
    home: Home,
    next: RefreshToken,
    before: Option<AccessToken>,
}

impl Scene {
    async fn new(look: Look) -> Self {
        let is_real = look.act == Act::Stays;
        let server = match is_real {
            true => Server::new(SystemClock::new()),
            false => Server::new(TestClock::new()),
        };
        server.add_client(Client::public("desktop"));
        let (listening, io) = match is_real {
            true => (Some(server.listen(0).await.unwrap()), real()),
            false => (None, server.io()),
        };
        let folder = tempfile::tempdir().unwrap();
        let url = listening.as_ref().map(|listening| listening.url("/token"));
        let home = Home {
            place: look.place,
            url: url.unwrap_or_else(|| server.url("/token")),
            folder: folder.path().to_owned(),
        };
        let given = server.login("desktop", "ada", &["read"]);
        home.put(&given);
        let (mut next, mut before) = (given, None);
        if !look.is_new {
            let gate = Gate::new(None, io.clock());
            let source = home.process(&io, &gate).await.unwrap();
            before = Some(source.token().await.unwrap());
            source.settled().await;
            next = source.refresh_token().await.unwrap().unwrap();
        }
        if look.place == Place::Entry {
            home.forget();
        }
        Self {
            server,
            io,
            _listening: listening,
            _folder: folder,
            home,
            next,
            before,
        }
    }

    /// Another process renews.
    fn renews(&self, gate: &Arc<Gate>) -> JoinHandle<Result<AccessToken>> {
        let (home, io, gate) = (self.home.clone(), self.io.clone(), gate.clone());
        tokio::spawn(async move {
            let source = home.process(&io, &gate).await?;
            let token = source.renew().await;
            source.settled().await;
            token
        })
    }

    /// The second process, if there is one, once it waits or is done.
    async fn beside(&self, who: Beside) -> Option<JoinHandle<Result<AccessToken>>> {
        match who {
            Beside::Nobody => return None,
            Beside::Process => {}
            Beside::Bob => self
                .home
                .put(&self.server.login("desktop", "bob", &["read"])),
        }
        let gate = Gate::new(None, self.io.clock());
        let second = self.renews(&gate);
        let waits = || gate.busy.load(Ordering::Acquire) > 0;
        until("the second process waits or is done", || {
            waits() || second.is_finished()
        })
        .await;
        Some(second)
    }

    /// What was sent more than once.
    fn repeated(&self) -> BTreeSet<String> {
        let (mut sent, mut repeated) = (BTreeSet::new(), BTreeSet::new());
        for request in self.server.requests() {
            if let Some(token) = request.field("refresh_token")
                && !sent.insert(token.clone())
            {
                repeated.insert(token);
            }
        }
        repeated
    }

    fn ensure_new(&self, token: &AccessToken) -> Result<(), String> {
        let is_old = self.before.as_ref().is_some_and(|old| old.is_same(token));
        ensure(!is_old, "an old token was handed out for a new one")
    }

    /// Every entry is of one person, and of this one.
    async fn ensure_one(&self, who: &str) -> Result<(), String> {
        for login in self.home.logins().await? {
            let people: BTreeSet<_> = login.answers().map(|(_, token)| subject(token)).collect();
            let is_one = people.iter().all(|one| one == who) && people.len() == 1;
            ensure(is_one, &format!("an entry of {people:?}, not of {who}"))?;
        }
        Ok(())
    }

    /// What holds in the end, whatever happened.
    async fn judge(&self, look: Look) -> Result<&'static str, String> {
        self.home.logins().await?;
        let next = self.renews(&Gate::new(None, self.io.clock()));
        let outcome = next.await.unwrap();
        let repeated = self.repeated();
        if !look.may_lose() {
            ensure(repeated.is_empty(), "a refresh token was sent twice")?;
            let token = outcome.map_err(|error| format!("the login is lost: {error}"))?;
            self.ensure_new(&token)?;
            let who = match look.beside {
                Beside::Bob => r#""bob""#,
                _ => r#""ada""#,
            };
            ensure(subject(&token) == who, "it is another person's")?;
            self.ensure_one(who).await?;
            return Ok("kept");
        }
        let only = BTreeSet::from([self.next.expose_secret().to_owned()]);
        ensure(repeated == only, "another refresh token was sent twice")?;
        let error = outcome.err().ok_or("the login was not lost")?;
        let is_said = error.to_string().contains("was lost");
        ensure(is_said, &format!("it is not said why: {error}"))?;
        // While the old access token works, nobody is asked; only a person can put another token into a file.
        let kind = match look.is_new || look.place == Place::File {
            true => ErrorKind::Interaction,
            false => ErrorKind::Refused,
        };
        ensure(
            error.kind() == kind,
            &format!("{:?}: {error}", error.kind()),
        )?;
        Ok("LOST")
    }
}

fn ensure(holds: bool, what: &str) -> Result<(), String> {
    match holds {
        true => Ok(()),
        false => Err(what.to_owned()),
    }
}

fn subject(token: &AccessToken) -> String {
    let claims = token.expose_secret().split('.').nth(1).unwrap();
    let claims = URL_SAFE_NO_PAD.decode(claims).unwrap();
    let claims: serde_json::Value = serde_json::from_slice(&claims).unwrap();
    claims["sub"].to_string()
}

fn real() -> Io {
    Io::of(DefaultHttpClient::new(), SystemClock::new())
}

/// A step fails or takes a while.
async fn disturbed(look: Look) -> Result<&'static str, String> {
    let scene = Scene::new(look).await;
    let gate = Gate::new(Some((look.point, look.act)), scene.io.clock());
    let source = scene.home.process(&scene.io, &gate).await.unwrap();
    let first = tokio::spawn({
        let source = source.clone();
        async move {
            let token = source.renew().await;
            source.settled().await;
            token
        }
    });
    let mut first = first;
    tokio::select! {
        () = gate.reached() => {}
        ended = &mut first => return Err(format!("it never came there: {ended:?}")),
    }
    let second = scene.beside(look.beside).await;
    gate.go();
    let outcome = first.await.unwrap();
    if let Ok(token) = &outcome {
        scene.ensure_new(token)?;
    }
    if look.act == Act::Waits {
        outcome.map_err(|error| format!("slow, and failed: {error}"))?;
    }
    if let Some(second) = second {
        let outcome = second.await.unwrap();
        // Whoever never lets go is waited for in vain.
        let is_stuck = look.act != Act::Waits && look.point == (Step::Unlock, Edge::Before);
        match outcome {
            Ok(token) => scene.ensure_new(&token)?,
            Err(error) if is_stuck && error.kind() == ErrorKind::Unavailable => {}
            Err(_) if look.may_lose() => {}
            Err(error) => return Err(format!("the second process: {error}")),
        }
    }
    gate.mend();
    // Who goes on makes good what failed.
    scene.io.clock().sleep(MINUTE).await;
    let again = source.renew().await;
    source.settled().await;
    match again {
        Ok(token) => scene.ensure_new(&token)?,
        Err(_) if look.may_lose() => {}
        Err(error) => return Err(format!("the first process, later: {error}")),
    }
    scene.judge(look).await
}

const LOOK: &str = "AUTH_TEST_MICROSCOPE";

/// The process that is killed: the tests below start it, and nobody else.
#[tokio::test]
#[ignore = "the next tests start it"]
async fn one_that_is_killed() {
    let look = env::var(LOOK).expect("the next tests set it");
    let parts: Vec<_> = look.splitn(4, ' ').collect();
    let [place, point, url, folder] = parts[..] else {
        panic!("{look}")
    };
    let places = [Place::Entry, Place::File, Place::Variable];
    let place = places
        .into_iter()
        .find(|known| format!("{known:?}") == place);
    let home = Home {
        place: place.unwrap(),
        url: url.parse().unwrap(),
        folder: folder.into(),
    };
    let (_, point) = POINTS[point.parse::<usize>().unwrap()];
    let io = real();
    let gate = Gate::new(Some((point, Act::Stays)), io.clock());
    let source = home.process(&io, &gate).await.unwrap();
    let outcome = source.renew().await;
    panic!("it never came there: {outcome:?}");
}

fn start(look: Look, home: &Home) -> Child {
    let place = look.place;
    let at = POINTS.iter().position(|(_, point)| *point == look.point);
    let (url, folder) = (&home.url, home.folder.display());
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["microscope::one_that_is_killed", "--exact", "--ignored"]);
    command.arg("--nocapture");
    command.env(LOOK, format!("{place:?} {} {url} {folder}", at.unwrap()));
    command.stdout(Stdio::piped()).stderr(Stdio::null());
    command.spawn().unwrap()
}

/// Reads until it says that it stands at its point.
async fn here(child: &mut Child) -> Result<(), String> {
    let stdout = BufReader::new(child.stdout.take().unwrap());
    let reads = move || {
        let mut lines = stdout.lines();
        lines.any(|line| line.unwrap().contains(HERE))
    };
    let is_here = tokio::task::spawn_blocking(reads).await.unwrap();
    ensure(is_here, "the process never came there")
}

/// A process is killed.
async fn killed(look: Look) -> Result<&'static str, String> {
    let scene = Scene::new(look).await;
    let mut child = start(look, &scene.home);
    here(&mut child).await?;
    let second = scene.beside(look.beside).await;
    child.kill().unwrap();
    child.wait().unwrap();
    if let Some(second) = second {
        match second.await.unwrap() {
            Ok(token) => scene.ensure_new(&token)?,
            Err(_) if look.may_lose() => {}
            Err(error) => return Err(format!("the second process: {error}")),
        }
    }
    scene.judge(look).await
}

/// Prints the table of one place, and says what does not hold.
fn table(name: &str, place: Place, is_new: bool, besides: &[Beside]) {
    let acts = [
        ("killed", Act::Stays),
        ("fails", Act::Fails),
        ("breaks", Act::Breaks),
        ("waits", Act::Waits),
    ];
    let columns = acts
        .iter()
        .flat_map(|(title, act)| besides.iter().map(move |beside| (*title, *act, *beside)));
    let columns: Vec<_> = columns.collect();
    let (mut shown, mut wrong) = (String::new(), Vec::new());
    writeln!(shown, "\nthe refresh token comes from {name}\n").unwrap();
    write!(shown, "{:<16}", "point").unwrap();
    for (title, _, beside) in &columns {
        let title = match beside {
            Beside::Nobody => (*title).to_owned(),
            Beside::Process => "beside".to_owned(),
            Beside::Bob => format!("{title}, Bob"),
        };
        write!(shown, "{title:<14}").unwrap();
    }
    writeln!(shown).unwrap();
    for (title, point) in POINTS {
        write!(shown, "{title:<16}").unwrap();
        for &(_, act, beside) in &columns {
            let look = Look {
                place,
                is_new,
                point,
                act,
                beside,
            };
            let outcome = match act {
                Act::Stays => several().block_on(killed(look)),
                _ => paused().block_on(disturbed(look)),
            };
            let cell = outcome.unwrap_or_else(|why| {
                wrong.push(format!("{look:?}: {why}"));
                "WRONG"
            });
            write!(shown, "{cell:<14}").unwrap();
        }
        writeln!(shown).unwrap();
    }
    println!("{shown}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn several() -> tokio::runtime::Runtime {
    let mut several = tokio::runtime::Builder::new_multi_thread();
    several.worker_threads(2).enable_all().build().unwrap()
}

fn paused() -> tokio::runtime::Runtime {
    let mut one = tokio::runtime::Builder::new_current_thread();
    one.enable_all().start_paused(true).build().unwrap()
}

#[test]
#[cfg_attr(windows, ignore = "it takes an hour under wine")]
fn wherever_a_renewal_of_a_kept_login_breaks_off_nothing_is_lost_but_between_answer_and_save() {
    table("the store alone", Place::Entry, false, &PROCESSES);
}

#[test]
#[cfg_attr(windows, ignore = "it takes an hour under wine")]
fn wherever_a_renewal_with_a_token_file_breaks_off_nothing_is_lost_but_between_answer_and_file() {
    table("a file", Place::File, false, &PROCESSES);
}

#[test]
#[cfg_attr(windows, ignore = "it takes an hour under wine")]
fn wherever_the_first_renewal_with_a_token_file_breaks_off_nothing_is_lost_but_before_the_file() {
    table("a file, for the first time", Place::File, true, &PROCESSES);
}

#[test]
#[cfg_attr(windows, ignore = "it takes an hour under wine")]
fn wherever_a_renewal_of_a_given_token_breaks_off_nothing_is_lost_but_between_answer_and_save() {
    table("a variable", Place::Variable, false, &PROCESSES);
}

#[test]
#[cfg_attr(windows, ignore = "it takes an hour under wine")]
fn wherever_the_first_renewal_of_a_given_token_breaks_off_nothing_is_lost_but_before_the_save() {
    table(
        "a variable, for the first time",
        Place::Variable,
        true,
        &PROCESSES,
    );
}

#[test]
#[cfg_attr(windows, ignore = "it takes an hour under wine")]
fn wherever_bob_puts_his_token_into_the_file_of_a_renewal_it_counts_and_no_entry_is_of_two() {
    table("a file", Place::File, false, &[Beside::Bob]);
}

const PROCESSES: [Beside; 2] = [Beside::Nobody, Beside::Process];

/// The law is written where the code is, and names the same steps.
#[test]
fn the_steps_that_are_looked_at_are_those_of_the_law() {
    let law = include_str!("../../crates/auth-core/src/cache/renewal.rs");
    let law = law.lines().next().unwrap().to_lowercase();
    let mut steps = POINTS.map(|(_, (step, _))| format!("{step:?}")).to_vec();
    steps.dedup();
    let steps = steps
        .join(", ")
        .replace("LoadAgain", "load again")
        .to_lowercase();
    assert!(law.contains(&steps), "{law}\n{steps}");
}
