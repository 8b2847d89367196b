//! The arguments of the commands that help to install the program.

use std::path::PathBuf;

use clap::{Args, ValueEnum, ValueHint};

pub(super) const COMPLETIONS_EXAMPLES: &str = "\
The script asks `auth` each time, so that it knows your profiles and logins. For bash put the line into \
~/.bashrc, for zsh below `compinit` in ~/.zshrc.

Examples:
  source <(auth completions bash)
  source <(auth completions zsh)
  auth completions fish \\
    > ~/.config/fish/completions/auth.fish
  auth completions powershell | Out-String | iex";

/// `auth completions`.
#[derive(Args, Debug)]
pub(crate) struct CompletionsArgs {
    /// The shell that is to read it
    #[arg(value_enum)]
    pub(crate) shell: Shell,
}

/// A shell that can be taught.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[expect(clippy::enum_variant_names, reason = "one of them is called so")]
pub(crate) enum Shell {
    Bash,
    Zsh,
    Fish,
    #[value(name = "powershell")]
    PowerShell,
}

impl Shell {
    /// What it is called.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Bash => "bash",
            Self::Zsh => "zsh",
            Self::Fish => "fish",
            Self::PowerShell => "powershell",
        }
    }
}

/// `auth man`.
#[derive(Args, Debug)]
pub(crate) struct ManArgs {
    /// The directory for the pages, which is made if it is not there
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) directory: PathBuf,
}
