//! Lines that set and unset variables, for each [`Shell`] that reads what we print.

use auth_core::{Error, Result};

use crate::args::Shell;
use crate::output::quoted;

impl Shell {
    /// A line that sets a variable for all that the shell starts.
    ///
    /// # Errors
    /// `Protocol` for a value that the shell can't be handed.
    pub(crate) fn assignment(self, name: &str, value: &str) -> Result<String> {
        // Whatever ends a line ends a command everywhere.
        let word = quoted::shell(value)?;
        Ok(match self {
            Self::Sh => format!("export {name}={word}\n"),
            Self::Fish => {
                let value = value.replace('\\', r"\\").replace('\'', r"\'");
                format!("set -gx {name} '{value}'\n")
            }
            Self::Powershell if value.contains(CURLY) => {
                return Err(unfit("PowerShell", "a curly quote"));
            }
            Self::Powershell => format!("$env:{name} = '{}'\n", value.replace('\'', "''")),
            Self::Cmd if value.contains(['%', '"', '!']) => {
                return Err(unfit("cmd.exe", "a quote, `%` or `!`"));
            }
            Self::Cmd if value.len() > LONGEST => {
                return Err(unfit("cmd.exe", "more than 8000 characters"));
            }
            Self::Cmd => format!("set \"{name}={value}\"\n"),
        })
    }

    /// Lines that unset variables.
    #[cfg(feature = "demo")]
    pub(crate) fn removal(self, names: &[&str]) -> String {
        let each = |start: &str, end: &str| {
            let lines = names.iter().map(|name| format!("{start}{name}{end}\n"));
            lines.collect()
        };
        match self {
            Self::Sh => format!("unset {}\n", names.join(" ")),
            Self::Fish => each("set -e ", ""),
            Self::Powershell => each("$env:", " = $null"),
            Self::Cmd => each("set \"", "=\""),
        }
    }
}

/// What PowerShell takes for the quote of ASCII.
const CURLY: [char; 4] = ['\u{2018}', '\u{2019}', '\u{201a}', '\u{201b}'];

/// cmd.exe reads 8191 characters, with the command and the name.
const LONGEST: usize = 8000;

fn unfit(shell: &str, what: &str) -> Error {
    Error::protocol(format!("a value with {what} can't be handed to {shell}"))
        .with_advice("choose another shell")
}

#[cfg(all(test, feature = "demo"))]
mod tests {
    use super::*;

    #[test]
    fn each_shell_is_told_in_its_own_words() {
        let value = r"C:\it's $here";
        for (shell, told, removed) in [
            (Shell::Sh, r"export A='C:\it'\''s $here'", "unset A B"),
            (
                Shell::Fish,
                r"set -gx A 'C:\\it\'s $here'",
                "set -e A\nset -e B",
            ),
            (
                Shell::Powershell,
                r"$env:A = 'C:\it''s $here'",
                "$env:A = $null\n$env:B = $null",
            ),
            (
                Shell::Cmd,
                "set \"A=C:\\it's $here\"",
                "set \"A=\"\nset \"B=\"",
            ),
        ] {
            assert_eq!(shell.assignment("A", value).unwrap().trim_end(), told);
            assert_eq!(shell.removal(&["A", "B"]).trim_end(), removed);
            assert!(shell.assignment("A", "a\nb").is_err(), "{shell:?}");
        }
        for unfit in ["100%", "a\"b", "a!b", &"a".repeat(9000)] {
            assert!(Shell::Cmd.assignment("A", unfit).is_err(), "{unfit}");
        }
        assert!(Shell::Powershell.assignment("A", "a\u{2019}b").is_err());
    }
}
