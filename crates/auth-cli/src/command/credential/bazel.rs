//! `auth bazel-credential`: the protocol of Bazel's credential helpers (EngFlow/credential-helper-spec).

use auth_core::error::Untrusted;
use auth_core::session::Need;
use auth_core::{Error, Result};
use serde::Deserialize;
use serde_json::json;
use url::Position;

use super::hosts::{Hosts, address};
use crate::args::HelperArgs;
use crate::command::token;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::{self, time, token::header_name};

/// What Bazel asks; it may ask more one day.
#[derive(Deserialize)]
struct Request {
    uri: String,
}

pub(in crate::command) async fn run(context: &Context, args: &HelperArgs) -> Result<(), Failure> {
    if args.action != "get" {
        let what = "there is no such command of a credential helper";
        return Err(Error::config(what).with_advice("use get").into());
    }
    let profile = context.profile(&args.question)?;
    let hosts = Hosts::of(&profile).await?;
    let text = context.secrets.stdin().await?;
    let request = serde_json::from_str::<Request>(&text).ok();
    let uri = request.and_then(|request| address(&request.uri));
    let uri = uri.ok_or_else(|| {
        Error::config("the request is no JSON object with an address as its `uri`")
            .with_advice("write for example {\"uri\": \"https://example.org/file\"} to stdin")
    })?;
    if !["https", "grpcs"].contains(&uri.scheme()) || !hosts.has_url(&uri) {
        let asked = format!(
            "{}://{}",
            uri.scheme(),
            &uri[Position::BeforeHost..Position::AfterPort]
        );
        let asked = Untrusted::new(&asked).with_limit(100);
        let what = format!("the token of profile `{}` is not for {asked}", profile.name);
        return Err(Error::config(what)
            .with_advice("add the host to the profile's `hosts`, if it is; it must speak TLS")
            .into());
    }
    let (header, scheme) = profile.header()?;
    let token = token::get(context, &profile, Need::new()).await?;
    let value = token.header_value(scheme)?;
    let value = value.to_str();
    let value = value.map_err(|_| Error::protocol("the header is not visible ASCII"))?;
    output::print_json(&json!({
        "headers": { header_name(&header): [value] },
        "expires": time::rfc3339(token.expires_at()),
    }))
}
