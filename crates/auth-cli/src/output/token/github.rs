//! What a step of GitHub Actions says to its runner.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::PathBuf;

use auth_core::{Error, Result};

use crate::args::Format;

/// The line on stdout after which the runner shows no `secret` in its log.
pub(crate) fn mask(secret: &str) -> String {
    // A `%` begins an escape in the data of a workflow command.
    format!("::add-mask::{}\n", secret.replace('%', "%25"))
}

/// The file through which a step sets a variable or an output.
#[derive(Debug)]
pub(crate) struct StepFile {
    variable: &'static str,
    path: PathBuf,
}

impl StepFile {
    /// The one that `format` writes, if it writes one.
    ///
    /// # Errors
    /// `Config` if the runner names none.
    pub(crate) fn of(format: Format) -> Result<Option<Self>> {
        let variable = match format {
            Format::Github => "GITHUB_ENV",
            Format::GithubOutput => "GITHUB_OUTPUT",
            _ => return Ok(None),
        };
        match crate::variables::os(variable) {
            Some(path) if !path.is_empty() => Ok(Some(Self {
                variable,
                path: path.into(),
            })),
            _ => Err(Error::config(format!(
                "{variable} is not set: this is no step of GitHub Actions"
            ))
            .with_advice("run it in a workflow, or choose another --format")),
        }
    }

    /// Sets `name` to `value`, which has no line break.
    ///
    /// # Errors
    /// `Config` if the file can't be written.
    pub(crate) fn set(&self, name: &str, value: &str) -> Result<()> {
        let write = || -> std::io::Result<()> {
            let mut file = File::options().read(true).append(true).open(&self.path)?;
            let mut line = format!("{name}={value}\n");
            // Whoever wrote before may have left the last line open.
            if file.seek(SeekFrom::End(0))? > 0 {
                file.seek(SeekFrom::End(-1))?;
                let mut last = [0];
                file.read_exact(&mut last)?;
                if last != *b"\n" {
                    line.insert(0, '\n');
                }
            }
            file.write_all(line.as_bytes())
        };
        write().map_err(|error| {
            let (variable, path) = (self.variable, self.path.display());
            Error::config(format!(
                "{path}, which {variable} names, can't be written: {error}"
            ))
            .with_advice("leave the variable as the runner sets it")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percent_sign_of_a_token_is_no_escape_of_a_workflow_command() {
        assert_eq!(mask("a%0Ab"), "::add-mask::a%250Ab\n");
    }

    #[test]
    fn a_line_that_somebody_left_open_is_ended_first() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let step = StepFile {
            variable: "GITHUB_ENV",
            path: file.path().to_owned(),
        };
        step.set("A", "1").unwrap();
        std::fs::write(file.path(), "A=1\nB=2").unwrap();
        step.set("C", "a=b<<c").unwrap();
        let text = std::fs::read_to_string(file.path()).unwrap();
        assert_eq!(text, "A=1\nB=2\nC=a=b<<c\n");
    }
}
