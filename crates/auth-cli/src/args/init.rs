//! The arguments of `auth init`.

use clap::Args;

use super::WayArgs;

pub(super) const INIT_EXAMPLES: &str = "\
It asks which system it is and the few values that it needs, sees at once whether the server answers, writes the profile into your \
configuration file and logs in. Ctrl-C leaves everything as it was. What is typed as a secret is not shown, and is kept in a file of its \
own for you alone, unless you name a file, a variable or a program that has it. Scripts use `auth profiles add`.

Examples:
  auth init
  auth init --device-code   # the browser is elsewhere";

/// `auth init`.
#[derive(Args, Debug)]
pub(crate) struct InitArgs {
    #[command(flatten)]
    pub(crate) way: WayArgs,
}
