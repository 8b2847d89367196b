//! The arguments of what other programs run to have a token.

use std::ffi::OsString;
use std::time::Duration;

use clap::{Args, ValueEnum, ValueHint};

use super::{Question, WayArgs, duration, variable_name};

pub(super) const EXEC_EXAMPLES: &str = "\
The program takes the place of this one: it has the terminal, the signals and the exit code. 127 says \
that it is not found, 126 that it can't be run. The variables that profiles take their secrets from \
are not handed on to it.

Examples:
  auth exec lab -- ./fetch.py
  auth exec lab --env API_TOKEN -- make deploy
  auth exec lab --env ADA_TOKEN=ada -- ./compare.py
  auth exec lab -- sh -c 'echo \"$AUTH_TOKEN\" | wc -c'";

pub(super) const KUBERNETES_EXAMPLES: &str = "\
kubectl runs it: see docs/use/kubectl.md for the lines of a kubeconfig. Where nobody is logged in and \
somebody can be asked, the login begins at once.

Examples:
  auth kubernetes lab
  auth kubernetes lab --token access";

pub(super) const GIT_EXAMPLES: &str = "\
It answers for the hosts in the profile's key `hosts`, or else for the host of its `api`, and for others \
with silence. Called as `git-credential-lab` (by a link of that name), it serves the profile `lab`.

Examples:
  git config --global \\
    credential.https://git.example.org.helper \\
    '!auth git-credential lab'";

pub(super) const DOCKER_EXAMPLES: &str = "\
docker finds a helper by its name: make a link `docker-credential-lab` to this program in a directory of \
PATH, and it serves the profile `lab`, for the hosts in its key `hosts`, or else for the host of its `api`.

Examples:
  cd ~/.local/bin
  ln -s \"$(command -v auth)\" docker-credential-lab
  echo registry.example.org | auth docker-credential lab get";

pub(super) const BAZEL_EXAMPLES: &str = "\
It speaks the protocol of github.com/EngFlow/credential-helper-spec, which Bazel and others know, for the \
hosts in the profile's key `hosts`, or else for the host of its `api`. Called as `bazel-credential-lab` (by a \
link of that name), it serves the profile `lab`.

Examples:
  cd ~/.local/bin
  ln -s \"$(command -v auth)\" bazel-credential-lab
  bazel build //… \\
    --credential_helper=example.org=bazel-credential-lab";

/// `auth exec`.
#[derive(Args, Debug)]
pub(crate) struct ExecArgs {
    #[command(flatten)]
    pub(crate) question: Question,

    /// The variable that has the token; with `=PROFILE` that of another profile, besides. May be given
    /// more than once [default: AUTH_TOKEN]
    #[arg(long, value_name = "NAME[=PROFILE]", value_parser = variable)]
    pub(crate) env: Vec<Variable>,

    /// Renew first unless the token works for this long: `90`, `90s`, `10m`, `1h 30m`
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub(crate) min_ttl: Option<Duration>,

    /// The program and its arguments
    #[arg(last = true, required = true, value_name = "COMMAND", value_hint = ValueHint::CommandWithArguments)]
    pub(crate) command: Vec<OsString>,
}

/// A variable of a program, and the profile whose token it has, if that is another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Variable {
    pub(crate) name: String,
    pub(crate) profile: Option<String>,
}

fn variable(text: &str) -> Result<Variable, String> {
    let (name, profile) = match text.split_once('=') {
        Some((_, "")) => return Err("there is no profile behind the `=`".to_owned()),
        Some((name, profile)) => (name, Some(profile.to_owned())),
        None => (text, None),
    };
    let name = variable_name(name)?;
    Ok(Variable { name, profile })
}

/// `auth kubernetes`.
#[derive(Args, Debug)]
pub(crate) struct KubernetesArgs {
    #[command(flatten)]
    pub(crate) question: Question,

    /// Which token of the login the cluster takes [default: id for profiles of kind oidc and keycloak,
    /// access for others]
    #[arg(long, value_enum)]
    pub(crate) token: Option<Which>,

    #[command(flatten)]
    pub(crate) way: WayArgs,
}

/// Which token of a login is handed out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Which {
    /// The access token
    Access,
    /// The ID token
    Id,
}

impl Which {
    /// As the key `token` of a profile spells it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Access => "access",
            Self::Id => "id",
        }
    }
}

/// `auth git-credential`, `auth docker-credential` and `auth bazel-credential`.
#[derive(Args, Debug)]
pub(crate) struct HelperArgs {
    #[command(flatten)]
    pub(crate) question: Question,

    /// What the other program asks for: get, store, erase, …
    #[arg(value_name = "ACTION")]
    pub(crate) action: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_may_have_the_token_of_another_profile() {
        let parsed = |text| variable(text).map(|one| (one.name, one.profile));
        assert_eq!(parsed("API"), Ok(("API".to_owned(), None)));
        let ada = Some("ada".to_owned());
        assert_eq!(parsed("API=ada"), Ok(("API".to_owned(), ada)));
        for bad in ["", "=ada", "API=", "A B", "A-B", "1A", "É", "A;B=ada"] {
            assert!(parsed(bad).is_err(), "{bad}");
        }
    }
}
