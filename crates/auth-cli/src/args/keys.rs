//! [`Keys`]: each key of a profile as an option.

use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, ArgMatches, Args, Command, Error, FromArgMatches};

use crate::field::{FIELDS, Field, Shape};

/// What was said of a profile's keys, each as it was written.
#[derive(Clone, Debug, Default)]
pub(crate) struct Keys(pub(crate) Vec<(&'static Field, Vec<String>)>);

impl FromArgMatches for Keys {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let mut keys = Self::default();
        keys.update_from_arg_matches(matches)?;
        Ok(keys)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        for field in options() {
            if let Some(said) = matches.get_many::<String>(field.name) {
                self.0.push((field, said.cloned().collect()));
            }
        }
        Ok(())
    }
}

impl Args for Keys {
    /// Only whoever adds a profile pays for so many.
    fn augment_args(command: Command) -> Command {
        command.defer(|command| {
            let command = command.after_help(EXAMPLES.replace("OTHERS", &others()));
            command
                .next_help_heading("Keys")
                .args(options().map(option))
        })
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

fn option(field: &'static Field) -> Arg {
    let arg = Arg::new(field.name)
        .long(field.name)
        .action(ArgAction::Append);
    let arg = match field.shape {
        Shape::Choice(choices) => arg
            .value_parser(PossibleValuesParser::new(choices.iter().copied()))
            .value_name("WORD"),
        Shape::Switch => arg.value_parser(["true", "false"]).value_name("YES|NO"),
        Shape::List => arg.value_name("WORDS"),
        Shape::Url => arg.value_name("URL"),
        Shape::Path => arg.value_name("FILE"),
        Shape::Secret => arg.value_name("WHERE"),
        Shape::Duration => arg.value_name("DURATION"),
        Shape::Text | Shape::Texts => arg.value_name("TEXT"),
    };
    match USUAL.iter().find(|(name, _)| *name == field.name) {
        Some((_, help)) => arg.help(*help),
        None => arg.hide(true),
    }
}

/// All but the one that every command has for itself.
fn options() -> impl Iterator<Item = &'static Field> {
    FIELDS.iter().filter(|field| field.name != "ca-file")
}

/// The names of those that the help does not explain, in lines of a terminal.
fn others() -> String {
    let unusual = options().filter(|field| USUAL.iter().all(|(name, _)| *name != field.name));
    let names: Vec<String> = unusual.map(|field| format!("--{}", field.name)).collect();
    names.join(", ")
}

const EXAMPLES: &str = "\
The profile is written into your configuration file; its comments and its order stay. A key that holds a secret takes where the \
secret is, never the secret: env:NAME, file:PATH, command:PROGRAM ARGUMENT, prompt:QUESTION or stdin.

Every other key of a profile is an option too: OTHERS.

Examples:
  auth profiles add me --kind oidc \\
    --issuer https://login.example.org --client-id desktop \\
    --client-auth none --scope 'openid offline_access'
  auth profiles add roof --preset disruptive \\
    --email robot@project.serviceaccount.d21s.com \\
    --key-id b5rj9ed7rihk942p48og --key file:roof.key";

/// What most profiles have.
const USUAL: [(&str, &str); 10] = [
    (
        "kind",
        "Which flow gets the token; not needed with --preset",
    ),
    ("preset", "Take what is not said from this built-in profile"),
    ("issuer", "The identity server, as it spells itself"),
    (
        "token-url",
        "The token endpoint, where no issuer leads to it",
    ),
    ("tenant", "The tenant of Entra ID"),
    ("client-id", "The client"),
    (
        "client-secret",
        "Where its secret is: env:NAME, file:PATH, …",
    ),
    ("client-auth", "How the client proves itself"),
    ("scope", "What is asked for"),
    ("api", "The base URL of `auth request`"),
];
