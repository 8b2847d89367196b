//! `auth token`: one token on stdout.

use auth_core::session::Need;

use crate::args::TokenArgs;
use crate::context::{self, Context};
use crate::failure::Failure;
use crate::interrupt;
use crate::output::{self, token::Written};

pub(super) async fn run(context: &Context, args: &TokenArgs) -> Result<(), Failure> {
    let profile = context.profile(&args.question)?;
    let (header, scheme) = context::header(&profile)?;
    let source = context.source(&profile).await?;
    let need = match args.min_ttl {
        _ if args.refresh => Need::new().with_another(),
        Some(min_ttl) => Need::new().with_min_ttl(min_ttl),
        None => Need::new(),
    };
    interrupt::settling(&*source, async {
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
