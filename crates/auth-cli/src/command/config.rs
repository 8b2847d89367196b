//! `auth config`: what the profiles say, where that stands, and what is wrong with it.

mod check;
mod path;
mod show;

use crate::args::{ConfigCommand, Globals};
use crate::context::Context;
use crate::failure::Failure;

pub(super) use show::run as show;

pub(super) async fn run(globals: Globals, command: &ConfigCommand) -> Result<(), Failure> {
    match command {
        ConfigCommand::Show(args) => show(&Context::new(globals)?, args),
        ConfigCommand::Path(args) => path::run(&globals, args.json),
        ConfigCommand::Check(args) => check::run(&Context::new(globals)?, args.json).await,
    }
}
