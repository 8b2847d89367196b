//! The commands, one file each.

mod completions;
mod config;
mod credential;
#[cfg(feature = "demo")]
mod demo;
mod desp;
mod doctor;
#[cfg(feature = "demo")]
mod emulator;
mod exec;
mod import;
mod init;
mod inspect;
mod login;
mod logout;
mod man;
mod netrc;
mod offline_token;
mod profiles;
mod request;
mod status;
mod switch;
mod token;
mod verify;
mod version;
mod whoami;

use crate::args::{Cli, Command};
use crate::context::Context;
use crate::failure::Failure;
use crate::prompt;

/// Does what was asked.
///
/// # Errors
/// Why it could not be done.
pub(crate) async fn run(cli: Cli) -> Result<(), Failure> {
    prompt::allow(!cli.globals.forbids_interaction());
    match cli.command {
        Command::BazelCredential(args) => {
            credential::bazel::run(&Context::new(cli.globals)?, &args).await
        }
        Command::Completions(args) => completions::run(&args),
        Command::Config(args) => config::run(cli.globals, &args.command).await,
        #[cfg(feature = "demo")]
        Command::Demo => demo::run().await,
        Command::Desp(args) => desp::run(cli.globals, &args).await,
        Command::DockerCredential(args) => credential::docker::run(cli.globals, &args).await,
        Command::Doctor(args) => doctor::run(cli.globals, &args).await,
        #[cfg(feature = "demo")]
        Command::Emulator(args) => emulator::run(args.0).await,
        Command::Exec(args) => exec::run(&Context::new(cli.globals)?, &args).await,
        Command::GitCredential(args) => {
            credential::git::run(&Context::new(cli.globals)?, &args).await
        }
        Command::Import(args) => import::run(&Context::new(cli.globals)?, &args).await,
        Command::Init(args) => init::run(cli.globals, args.0).await,
        Command::Inspect(args) => inspect::run(&Context::new(cli.globals)?, &args).await,
        Command::Kubernetes(args) => {
            credential::kubernetes::run(&Context::new(cli.globals)?, &args).await
        }
        Command::Login(args) => login::run(&Context::new(cli.globals)?, &args).await,
        Command::Logout(args) => logout::run(&Context::new(cli.globals)?, &args).await,
        Command::Man(args) => man::run(&args),
        Command::Netrc(args) => netrc::run(&Context::new(cli.globals)?, &args).await,
        Command::OfflineToken(args) => offline_token::run(&Context::new(cli.globals)?, &args).await,
        Command::Profiles(args) => profiles::run(cli.globals, &args).await,
        Command::Request(args) => request::run(&Context::new(cli.globals)?, args.0).await,
        Command::Status(args) => status::run(&Context::new(cli.globals)?, &args).await,
        Command::Switch(args) => switch::run(&Context::new(cli.globals)?, &args).await,
        Command::Token(args) => token::run(&Context::new(cli.globals)?, &args).await,
        Command::Verify(args) => verify::run(&Context::new(cli.globals)?, &args).await,
        Command::Version(args) => version::run(&args),
        Command::Whoami(args) => whoami::run(&Context::new(cli.globals)?, &args).await,
    }
}
