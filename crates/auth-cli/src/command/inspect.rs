//! `auth inspect`: what a token says, without believing it.

use auth_core::Error;
use auth_core::clock::{Clock, SystemClock};
use auth_verify::Unverified;
use secrecy::ExposeSecret;
use serde_json::json;

use crate::args::InspectArgs;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::{self, message};
use crate::sight;

pub(super) async fn run(context: &Context, args: &InspectArgs) -> Result<(), Failure> {
    let token = context.token_from(&args.token).await?;
    let seen = Unverified::peek(token.expose_secret()).map_err(|rejection| {
        let kind = sight::opaque(token.expose_secret());
        Error::refused(format!("there is nothing to read in {kind}: {rejection}"))
            .with_advice("ask its issuer about it (introspection), or use it as it is")
    })?;
    let now = SystemClock::new().now().wall;
    message::note(&format!(
        "this looks like {}",
        sight::kind(seen.header(), seen.claims())
    ));
    for remark in sight::remarks(seen.header(), seen.claims(), now) {
        message::note(&remark);
    }
    message::warn("nothing of it was checked: anybody can write such a token");
    output::print_json(&json!({
        "verified": false,
        "header": seen.header(),
        "claims": seen.claims(),
    }))
}
