//! `auth completions`: the script that teaches a shell to complete command lines.

use crate::args::CompletionsArgs;
use crate::completion;
use crate::failure::Failure;
use crate::output;

pub(super) fn run(args: &CompletionsArgs) -> Result<(), Failure> {
    output::print(&completion::script(args.shell.name())?)
}
