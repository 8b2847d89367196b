//! The command line: what can be asked, and the help that explains it.

mod bare;
mod check;
mod config;
mod credential;
#[cfg(feature = "demo")]
mod demo;
mod desp;
mod doctor;
mod duration;
mod elsewhere;
mod errors;
mod globals;
mod init;
mod install;
mod keys;
mod lazily;
mod login;
mod profiles;
mod request;
mod shell;
mod token;
mod version;

use clap::builder::styling::AnsiColor;
use clap::builder::{NonEmptyStringValueParser, Styles};
use clap::{Args, Parser, Subcommand};

pub(crate) use bare::{ensure_no_token, looks_like_a_secret, with_arguments_cut};
pub(crate) use check::{InspectArgs, TokenFile, TokenKind, VerifyArgs};
pub(crate) use config::{ConfigArgs, ConfigCommand, ConfigShowArgs, StatusArgs, SwitchArgs};
pub(crate) use credential::{ExecArgs, HelperArgs, KubernetesArgs, Which};
#[cfg(feature = "demo")]
pub(crate) use demo::EmulatorArgs;
pub(crate) use desp::DespArgs;
pub(crate) use doctor::DoctorArgs;
pub(crate) use duration::{duration, wait};
pub(crate) use elsewhere::meant;
pub(crate) use errors::wants_json_errors;
pub(crate) use globals::Globals;
pub(crate) use init::InitArgs;
pub(crate) use install::{CompletionsArgs, ManArgs};
pub(crate) use lazily::Lazily;
pub(crate) use login::{
    ImportArgs, LoginArgs, LogoutArgs, NetrcArgs, OfflineTokenArgs, WayArgs, WhoamiArgs,
};
pub(crate) use profiles::{AddArgs, ProfilesArgs, ProfilesCommand, RemoveArgs};
pub(crate) use request::RequestArgs;
pub(crate) use shell::Shell;
pub(crate) use token::{Format, TokenArgs};
pub(crate) use version::VersionArgs;

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold());

/// Tokens for scientific, sensor and plant-control APIs.
///
/// `auth` gets an OAuth2 access token, keeps it, renews it before it ends, and hands it to a script or
/// puts it on a request. Which system it talks to is a profile: some are built in, others you write
/// into a file. Secrets never stand on the command line.
#[derive(Debug, Parser)]
#[command(name = "auth", bin_name = "auth", version, styles = STYLES, max_term_width = 100, after_help = after_help(),
    disable_help_subcommand = true, subcommand_required = true, arg_required_else_help = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) globals: Globals,
    #[command(subcommand)]
    pub(crate) command: Command,
}

fn after_help() -> String {
    if cfg!(feature = "demo") {
        return AFTER_HELP.to_owned();
    }
    AFTER_HELP.replace("  auth demo\n", "")
}

const AFTER_HELP: &str = "\
Exit codes:
  0    done
  1    the server or this program broke the protocol
  2    the command line or the configuration is wrong
  3    the server refused
  4    a person is needed, and none can be asked here
  5    the server can't be reached: try again later
  6    the token store failed
  130  interrupted

Environment:
  AUTH_CONFIG, AUTH_STORE, AUTH_CA_FILE, AUTH_NO_INTERACTION
                        as the options of that name
  AUTH_ERRORS=json      as --json-errors
  AUTH_PROFILE          the profile where none is named
  AUTH_ACCOUNT          the account where none is named
  AUTH_<PROFILE>_<KEY>  a key of a profile: AUTH_LAB_SCOPE
  HTTPS_PROXY, NO_PROXY, NO_COLOR, BROWSER
                        as everywhere

Examples:
  auth demo
  auth init
  TOKEN=$(auth token disruptive) && export TOKEN
  auth request disruptive /projects
  auth profiles";

/// What `auth` does.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Write a first profile: asks which system it is, checks it, and logs in
    #[command(after_help = init::INIT_EXAMPLES)]
    Init(Lazily<InitArgs>),
    /// Print an access token that works now
    #[command(after_help = token::TOKEN_EXAMPLES)]
    Token(Lazily<TokenArgs>),
    /// Run a program with a token in its environment
    #[command(after_help = credential::EXEC_EXAMPLES)]
    Exec(Lazily<ExecArgs>),
    /// Send a request to a profile's API, with the token on it
    #[command(after_help = request::REQUEST_EXAMPLES,
        override_usage = "auth request [OPTIONS] [PROFILE] [METHOD] <PATH|URL>")]
    Request(Lazily<RequestArgs>),
    /// Log in: a person's login is kept, and its tokens are renewed without them from then on
    #[command(after_help = login::LOGIN_EXAMPLES)]
    Login(Lazily<LoginArgs>),
    /// Revoke a login at the server, where that can be done, and forget it here
    #[command(after_help = login::LOGOUT_EXAMPLES)]
    Logout(Lazily<LogoutArgs>),
    /// Show what the provider says about who logged in, or a program's token about the program
    Whoami(Lazily<WhoamiArgs>),
    /// Let other programs find the token of a service of Destination Earth in a netrc file
    #[command(after_help = login::NETRC_EXAMPLES)]
    Netrc(Lazily<NetrcArgs>),
    /// Get a token of a service of Destination Earth as with destinepyauth
    #[command(after_help = desp::DESP_EXAMPLES)]
    Desp(DespArgs),
    /// Get a token for jobs that run for months without a person; check it, or revoke it
    #[command(after_help = login::OFFLINE_TOKEN_EXAMPLES)]
    OfflineToken(Lazily<OfflineTokenArgs>),
    /// Take over the login of a Provena client, from its `.tokens.json`
    #[command(after_help = login::IMPORT_EXAMPLES)]
    Import(Lazily<ImportArgs>),
    /// Choose which of a profile's logins is meant, where several are kept
    #[command(after_help = config::SWITCH_EXAMPLES)]
    Switch(Lazily<SwitchArgs>),
    /// Show which tokens are kept, for whom and until when; never the tokens themselves
    Status(Lazily<StatusArgs>),
    /// List the profiles, and what is missing to use each; add one, show one, remove one
    #[command(after_help = profiles::PROFILES_EXAMPLES)]
    Profiles(Lazily<ProfilesArgs>),
    /// Show what a profile says, which file is read, and what is wrong with it
    Config(Lazily<ConfigArgs>),
    /// Give kubectl a token, as its credential plugin
    #[command(after_help = credential::KUBERNETES_EXAMPLES)]
    Kubernetes(Lazily<KubernetesArgs>),
    /// Give git a token, as its credential helper
    #[command(after_help = credential::GIT_EXAMPLES)]
    GitCredential(Lazily<HelperArgs>),
    /// Give docker a token, as its credential helper
    #[command(after_help = credential::DOCKER_EXAMPLES)]
    DockerCredential(Lazily<HelperArgs>),
    /// Give Bazel a token, as its credential helper
    #[command(after_help = credential::BAZEL_EXAMPLES)]
    BazelCredential(Lazily<HelperArgs>),
    /// Check a token as the service that it is meant for would
    #[command(after_help = check::VERIFY_EXAMPLES,
        override_usage = "auth verify [OPTIONS] --issuer <URL>\n         --audience <AUDIENCE>... [FILE]\n       auth verify [OPTIONS] --profile <PROFILE> [FILE]")]
    Verify(Lazily<VerifyArgs>),
    /// Show what a token says, without believing it
    #[command(after_help = check::INSPECT_EXAMPLES)]
    Inspect(Lazily<InspectArgs>),
    /// Look for what may be wrong here: configuration, store, network, clock, browser
    #[command(after_help = doctor::DOCTOR_EXAMPLES)]
    Doctor(Lazily<DoctorArgs>),
    /// Say which build this is
    Version(Lazily<VersionArgs>),
    /// Teach a shell to complete commands, options, profiles and accounts
    #[command(after_help = install::COMPLETIONS_EXAMPLES)]
    Completions(Lazily<CompletionsArgs>),
    /// Write the manual's pages into a directory
    #[command(hide = true)]
    Man(Lazily<ManArgs>),
    /// Get a token from every supported system, played by a server inside this program
    ///
    /// Nothing leaves this machine and nothing is kept: the server listens on loopback for as long as
    /// the demonstration takes, and the tokens stay in memory.
    #[cfg(feature = "demo")]
    Demo,
    /// Run that server until Ctrl-C, so that the other commands can be tried against it
    #[cfg(feature = "demo")]
    #[command(after_help = demo::EMULATOR_EXAMPLES)]
    Emulator(Lazily<EmulatorArgs>),
}

impl Command {
    /// Whether it is the demonstration, which does to its own tokens what is a reason to warn elsewhere.
    pub(crate) fn is_demonstration(&self) -> bool {
        match self {
            #[cfg(feature = "demo")]
            Self::Demo => true,
            _ => false,
        }
    }
}

/// Whose token, and for what.
#[derive(Args, Clone, Debug)]
pub(crate) struct Question {
    /// The profile: see `auth profiles` [env: AUTH_PROFILE]
    pub(crate) profile: Option<String>,

    /// Ask for this scope instead of the profile's; may be given more than once
    #[arg(long, value_name = "SCOPE")]
    pub(crate) scope: Vec<String>,

    /// Ask for a token for this audience instead of the profile's
    #[arg(long, value_name = "AUDIENCE", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) audience: Option<String>,

    /// Keep the login under this name, so that several can be kept side by side [env: AUTH_ACCOUNT]
    #[arg(long, value_name = "NAME", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) account: Option<String>,
}

impl Question {
    /// For the token of a profile as it stands.
    pub(crate) fn of(profile: &str) -> Self {
        Self::about(&Some(profile.to_owned()))
    }

    /// The same of a profile that may be the environment's to name.
    pub(crate) fn about(profile: &Option<String>) -> Self {
        Self {
            profile: profile.clone(),
            scope: Vec::new(),
            audience: None,
            account: None,
        }
    }
}

/// The name of a variable that every shell takes.
pub(crate) fn variable_name(text: &str) -> Result<String, String> {
    // Whoever loses it finds no program any more.
    if text == "PATH" {
        return Err("PATH says where programs are; choose another name".into());
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    match text.chars().all(plain) && text.starts_with(|c: char| !c.is_ascii_digit()) {
        true => Ok(text.to_owned()),
        false => Err("a name has letters, digits and underscores, and begins with no digit".into()),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
