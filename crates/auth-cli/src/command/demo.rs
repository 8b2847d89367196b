//! `auth demo`: every system once, on real HTTP.

mod check;
mod visitor;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use auth_core::http::ANSWER_LIMIT;
use auth_core::prompt::NoPrompt;
use auth_core::{
    AccessToken, ApiClient, CachedSource, Error, Io, RefreshToken, Result, TokenSource,
};

use crate::config::{Kind, Profile};
use crate::failure::Failure;
use crate::interrupt;
use crate::output::{self, table::table, time};
use crate::profile::person;
use crate::profile::way::Way;
use crate::profile::{self, Kept};
use crate::secret::Secrets;
use crate::stage::{Part, Stage};

use visitor::Visitor;

pub(super) async fn run() -> Result<(), Failure> {
    let stage = Stage::open(0, false).await?;
    let mut rows: Vec<[String; 6]> = Vec::new();
    let mut notes = Vec::new();
    let mut parts = VecDeque::from(stage.parts());
    parts.extend([stage.destiny(), stage.provena_maker()]);
    while let Some(part) = parts.pop_front() {
        let io = Io::new();
        let source = source(&stage, &part, &io).await?;
        let played = interrupt::settling(&source, false, async {
            Ok(play(&stage, &part, &io, &source).await?)
        });
        let scene = played.await?;
        rows.push(scene.row(&part));
        if notes.is_empty() {
            notes.push(check::tell(&stage, &scene.token).await?);
        }
        notes.extend(scene.note);
        if part.profile == "pectus" {
            notes.push(check::tell_pectus(&part, &scene.token).await?);
        }
        // A login leaves something behind that a job can live on.
        if part.profile == "provena-person" {
            let token = source.refresh_token().await?;
            let token = token.ok_or_else(|| Error::protocol("the login left no token behind"))?;
            notes.push(format!(
                "Ada's login at Provena took the second that a device waits between two polls. The\n\
                 job has nothing but the offline token {} that it left behind.",
                token.fingerprint()
            ));
            parts.push_back(stage.provena_job(&token));
        }
    }
    let heads = ["system", "requests", "time", "API says", "token", "lasts"];
    let mut text = format!("\n{}\n", table(heads, &rows));
    text.push_str(
        "Before the arrow: the first token. After it: the second call, which is given\n\
         the token at hand. Tokens are shown as fingerprints.\n",
    );
    for note in notes {
        text.push_str(&format!("{note}\n"));
    }
    text.push_str(
        "\nNothing left this machine. Next: `auth profiles` shows what you can use, and\n\
         `auth emulator` keeps this server running for you to try the other commands on.\n",
    );
    output::print(text.as_bytes())
}

/// What happened with one system.
struct Scene {
    requests: usize,
    first: Duration,
    requests_again: usize,
    again: Duration,
    said: String,
    token: AccessToken,
    now: SystemTime,
    note: Option<String>,
}

async fn source(stage: &Stage, part: &Part, io: &Io) -> Result<CachedSource> {
    let profile = part.to_profile()?;
    let secrets = Secrets::new(Arc::new(NoPrompt::new()), Vec::new());
    let source = if part.secrets.is_empty() {
        let (visitor, way) = (Visitor::new(&stage.server), Way::DeviceCode);
        let place = person::place(&profile, io, &secrets)?;
        let grant = person::asking(&profile, place, Arc::new(visitor), way)?;
        CachedSource::new(grant, io.clone())
    } else {
        let grant = profile::open(&profile, io, &secrets, &Kept::nowhere()).await?;
        CachedSource::new(grant, io.clone())
    };
    match profile.kind {
        Kind::Entra => profile::checked(source, &profile, io),
        _ => Ok(source),
    }
}

async fn play(stage: &Stage, part: &Part, io: &Io, source: &CachedSource) -> Result<Scene> {
    let requests = || stage.server.requests().len();
    let now = || io.clock().now().wall;
    let since = |start| now().duration_since(start).unwrap_or_default();

    let (before, start) = (requests(), now());
    let token = source.token().await?;
    let (first, after) = (since(start), requests());
    let start = now();
    source.token().await?;
    let (again, requests_again) = (since(start), requests() - after);

    let said = ask(part, &part.to_profile()?, io, source).await?;
    let note = match source.refresh_token().await? {
        Some(old) if part.profile == "ada" => Some(renew(stage, source, &old).await?),
        _ => None,
    };
    Ok(Scene {
        requests: after - before,
        first,
        requests_again,
        again,
        said,
        token,
        now: now(),
        note,
    })
}

/// Renews the token, and tells what became of the refresh token.
async fn renew(stage: &Stage, source: &CachedSource, old: &RefreshToken) -> Result<String> {
    source.renew().await?;
    let new = source.refresh_token().await?;
    let new = new.filter(|new| !stage.server.is_live(old) && stage.server.is_live(new));
    let new = new.ok_or_else(|| Error::protocol("the refresh token was not replaced"))?;
    Ok(format!(
        "The refresh token {} was spent on one renewal, and {} took its place.",
        old.fingerprint(),
        new.fingerprint()
    ))
}

/// Calls the API with the token, and tells what it says.
async fn ask(part: &Part, profile: &Profile, io: &Io, source: &CachedSource) -> Result<String> {
    let base = part.setting("api").parse();
    let base = base.map_err(|_| Error::protocol("the demonstration's API has no URL"))?;
    let (header, scheme) = profile.header()?;
    let client = ApiClient::new(base, Arc::new(source.clone()), io.clone());
    let client = client.with_header(header, scheme);
    let answer = client.get(part.path).await?;
    let status = answer.status();
    if !status.is_success() {
        return Err(Error::protocol(format!(
            "the demonstration's API answered {status}"
        )));
    }
    let body = answer.into_body().bytes(ANSWER_LIMIT).await?;
    let answer = serde_json::from_slice(&body)
        .map_err(|_| Error::protocol("the demonstration's API did not answer with JSON"))?;
    Ok((part.tell)(&answer))
}

impl Scene {
    fn row(&self, part: &Part) -> [String; 6] {
        // Rounded to minutes: the first seconds are over by now.
        let left = time::seconds_left(self.now, self.token.expires_at());
        let left = Duration::from_secs((left + 30) / 60 * 60);
        [
            format!("{}\n{}", part.system, part.flow),
            format!("{} → {}", self.requests, self.requests_again),
            format!("{} → {}", short(self.first), short(self.again)),
            self.said.clone(),
            self.token.fingerprint().to_string(),
            time::span(left),
        ]
    }
}

fn short(time: Duration) -> String {
    if time >= Duration::from_millis(1) {
        format!("{} ms", time.as_millis())
    } else {
        format!("{} µs", time.as_micros().max(1))
    }
}
