//! `auth token`: one token on stdout.

use auth_core::TokenSource;

use crate::args::TokenArgs;
use crate::context::{self, Context};
use crate::exit::Failure;
use crate::interrupt;
use crate::output::{self, token::Written};

pub(super) async fn run(context: &Context, args: &TokenArgs) -> Result<(), Failure> {
    let profile = context.profile(&args.question)?;
    let (header, scheme) = context::header(&profile)?;
    let source = context.source(&profile).await?;
    interrupt::settling(&source, async {
        let token = match args.min_ttl {
            _ if args.refresh => source.renew().await?,
            Some(min_ttl) => source.token_for(min_ttl).await?,
            None => source.token().await?,
        };
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
