//! `auth inspect`: what a token says, without believing it.

mod wrapped;

pub(super) use wrapped::token_in;

use auth_core::Error;
use auth_core::clock::{Clock, SystemClock};
use auth_verify::Unverified;
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use crate::args::InspectArgs;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::{self, message};
use crate::sight;

pub(super) async fn run(context: &Context, args: &InspectArgs) -> Result<(), Failure> {
    let text = context.token_from(&args.token).await?;
    let token = token_in(text.expose_secret());
    let seen = Unverified::peek(&token)
        .map(|seen| (seen.header().clone(), seen.claims().clone()))
        .or_else(|rejection| wrapped::unsigned(&token).ok_or(rejection));
    let (header, claims): (Value, Value) = seen.map_err(|rejection| {
        let kind = sight::opaque(&token);
        Error::refused(format!("there is nothing to read in {kind}: {rejection}")).with_advice(
            match sight::is_cut(&token) {
                true => "copy all of it: it has three parts, with dots between them",
                false => "ask its issuer about it (introspection), or use it as it is",
            },
        )
    })?;
    let now = SystemClock::new().now().wall;
    let kind = sight::kind(&header, &claims);
    message::note(&format!("this looks like {kind}"));
    for remark in sight::remarks(&header, &claims, now) {
        message::note(&remark);
    }
    message::warn("nothing of it was checked: anybody can write such a token");
    output::print_json(&json!({
        "verified": false,
        "header": header,
        "claims": claims,
    }))
}
