//! What can be told of a profile and its server.

use std::net::TcpListener;
use std::time::{Duration, SystemTime};

use auth_core::http::{Body, shown};
use auth_core::session::Login;
use auth_core::{Error, ErrorKind, Io, Result};
use http::Request;
use http::header::DATE;
use url::Url;

use super::Finding;
use crate::config::{Kind, Profile};
use crate::context::Context;
use crate::output::time;
use crate::profile::{self, invocation, person, probe};

/// The profile, its server, the clock, the client, the login.
pub(super) async fn all(context: &Context, profile: &Profile) -> Vec<Finding> {
    let io = context.io(profile);
    let mut findings = vec![own(profile).await];
    match probe::metadata(profile, &io).await {
        Ok(None) => {}
        Ok(Some(metadata)) => {
            findings.push(Finding::ok(
                "discovery",
                format!("{} says where its endpoints are", metadata.issuer),
            ));
            findings.extend(metadata.token_endpoint.as_ref().map(unreached));
            findings.push(clock(&io, &metadata.issuer).await);
            if person::is_asked(profile) {
                let known = probe::client(profile, &io, &context.secrets, &metadata).await;
                findings.push(client(known));
            }
        }
        Err(error) => findings.push(Finding::failed("discovery", &error)),
    }
    if person::is_asked(profile) {
        findings.extend(redirect(profile));
        findings.push(login(context, profile).await);
    } else {
        findings.push(token(context, profile).await);
    }
    findings
}

/// Whether all is there that it needs.
async fn own(profile: &Profile) -> Finding {
    let (name, kind) = (&profile.name, profile.kind);
    match profile::missing(profile).await {
        Ok(missing) if missing.is_empty() => {
            Finding::ok("profile", format!("`{name}`, of kind {kind}"))
        }
        Ok(missing) => {
            let error = Error::config(format!("`{name}` needs {}", missing.join(", ")));
            Finding::failed("profile", &error.with_advice("set what is missing"))
        }
        Err(error) => Finding::failed("profile", &error),
    }
}

fn unreached(url: &Url) -> Finding {
    Finding::ok("token endpoint", shown(url))
}

/// The clock here beside the server's, which says what time it is in each answer (RFC 9110 §6.6.1).
async fn clock(io: &Io, issuer: &str) -> Finding {
    let now = || io.clock().now().wall;
    let before = now();
    let asked = async {
        let request = Request::get(issuer).body(Body::empty());
        let request = request.map_err(|_| Error::config("the issuer is no address"))?;
        let answer = io.http().send(request).await?;
        let date = answer.headers().get(DATE);
        let date = date.and_then(|date| date.to_str().ok());
        Ok(date.and_then(|date| httpdate::parse_http_date(date).ok()))
    };
    let asked: Result<Option<SystemTime>> = asked.await;
    let Ok(Some(server)) = asked else {
        return Finding::ok("clock", "the server does not say what time it is");
    };
    // It said so at some moment in between.
    let (ahead, behind) = (before.duration_since(server), server.duration_since(now()));
    let (off, way) = match (ahead, behind) {
        (Ok(ahead), _) => (ahead, "ahead of"),
        (_, Ok(behind)) => (behind, "behind"),
        _ => (Duration::ZERO, "behind"),
    };
    if off <= LITTLE {
        return Finding::ok("clock", "as the server's, within a minute");
    }
    let minutes = Duration::from_secs((off.as_secs() + 30) / 60 * 60);
    let what = format!("{} {way} the server's", time::span(minutes));
    let advice = "set the clock here: tokens and certificates are judged by it";
    Finding::failed("clock", &Error::config(what).with_advice(advice))
}

fn client(known: Result<Option<()>>) -> Finding {
    match known {
        Ok(Some(())) => Finding::ok("client", "the server knows it, and gives it codes"),
        Ok(None) => Finding::ok("client", "it is known at the first login"),
        Err(error) => Finding::failed("client", &error),
    }
}

/// Whether a browser could come back here.
fn redirect(profile: &Profile) -> Option<Finding> {
    let said = profile.settings.text("redirect-uri")?;
    if profile.kind == Kind::Desp {
        return None;
    }
    let url = Url::parse(said).ok()?;
    let is_loopback = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"))
        || url
            .host_str()
            .is_some_and(|host| host.ends_with(".localhost"));
    if !is_loopback {
        return Some(Finding::warning(
            "redirect",
            format!(
                "{} is not on this machine, so no browser comes back here",
                shown(&url)
            ),
            "log in with --device-code, or register http://127.0.0.1/callback",
        ));
    }
    let port = url.port().unwrap_or_default();
    Some(match TcpListener::bind(("127.0.0.1", port)) {
        Ok(_) => Finding::ok("redirect", shown(&url)),
        Err(error) => Finding::failed(
            "redirect",
            &Error::unavailable(format!("port {port} of this machine can't be had: {error}"))
                .with_advice("end the program that has it, or log in with --device-code"),
        ),
    })
}

/// Whether somebody is logged in. Nothing is renewed, and nobody is named.
async fn login(context: &Context, profile: &Profile) -> Finding {
    let looked = async {
        let session = context.sessions(profile).await?.pop();
        let Some(session) = session else {
            return Ok(None);
        };
        Login::load(&*context.store().store, &session).await
    };
    match looked.await {
        Ok(login) => {
            kept(login.as_ref(), context.io(profile).clock().now().wall).unwrap_or_else(|what| {
                let run = format!("run `{}`", invocation::of("login", profile));
                Finding::warning("kept login", what, run)
            })
        }
        Err(error) => Finding::failed("kept login", &error),
    }
}

/// What a login is worth at `now`, or why it is worth nothing.
fn kept(login: Option<&Login>, now: SystemTime) -> Result<Finding, &'static str> {
    let login = login.ok_or("nobody is logged in")?;
    let has_ended = login.refresh_expires_at().is_some_and(|end| end <= now);
    if login.refresh_fingerprint().is_some() && !has_ended {
        let what = "somebody is logged in, and is renewed without them";
        return Ok(Finding::ok("kept login", what));
    }
    let mut tokens = login.answers().map(|(_, token)| token);
    match tokens.any(|token| now < token.expires_at()) {
        true => Ok(Finding::ok(
            "kept login",
            "somebody is logged in, until the token ends",
        )),
        false => Err("the login is over: its token works no more"),
    }
}

/// Whether a program gets its token.
async fn token(context: &Context, profile: &Profile) -> Finding {
    if profile::spends(profile) {
        return Finding::ok(
            "token",
            "not tried, since that may replace its refresh token",
        );
    }
    let got = async {
        let source = context.source(profile).await?;
        source.token().await
    };
    match got.await {
        Ok(token) => {
            let left =
                time::seconds_left(context.io(profile).clock().now().wall, token.expires_at());
            let left = time::span(Duration::from_secs(left));
            Finding::ok(
                "token",
                format!("the server gives one; it works for {left}"),
            )
        }
        Err(error) if error.kind() == ErrorKind::Absent => Finding::warning(
            "token",
            error.message(),
            error.advice().unwrap_or("see `auth profiles`"),
        ),
        Err(error) => Finding::failed("token", &error),
    }
}

/// Servers and checks bear with so much.
const LITTLE: Duration = Duration::from_secs(60);
