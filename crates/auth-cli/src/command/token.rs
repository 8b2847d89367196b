//! `auth token`: one token on stdout.

use auth_core::session::Need;

use crate::args::TokenArgs;
use crate::context::{self, Context};
use crate::failure::Failure;
use crate::interrupt;
use crate::output::{self, token::Written};
use crate::profile;

pub(super) async fn run(context: &Context, args: &TokenArgs) -> Result<(), Failure> {
    let profile = context.profile(&args.question)?;
    let (header, scheme) = context::header(&profile)?;
    let source = context.source(&profile).await?;
    let need = Need::new().with_min_ttl(args.min_ttl.unwrap_or_default());
    let need = match args.refresh {
        true => need.with_another(),
        false => need,
    };
    interrupt::settling(&*source, profile::spends(&profile), async {
        let token = source.get(need).await?;
        let written = Written {
            profile: &profile.name,
            token: &token,
            header: &header,
            value: token.header_value(scheme)?,
            now: context.io(&profile).clock().now().wall,
        };
        output::print(written.text(args.format)?.as_bytes())
    })
    .await
}
