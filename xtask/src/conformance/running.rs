//! [`Running`]: somebody else's server, for as long as the tests last.

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};

/// A server, which ends with this value.
pub(super) struct Running {
    name: &'static str,
    process: Child,
    /// Kept open: a server that can't write what it has to say ends at once.
    output: Option<BufReader<ChildStdout>>,
}

impl Running {
    /// Starts a server and waits until it writes the line `ready`.
    pub(super) fn start(name: &'static str, command: &mut Command) -> Result<Self, String> {
        let mut process = command
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("{name} did not start: {error}"))?;
        let output = process.stdout.take().map(BufReader::new);
        let mut server = Self {
            name,
            process,
            output,
        };
        let mut lines = server.output.iter_mut().flat_map(BufRead::lines);
        match lines.find(|line| matches!(line, Ok(line) if line == "ready")) {
            Some(_) => Ok(server),
            None => Err(format!("{name} ended before it was ready")),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Err(error) = self.process.kill().and_then(|()| self.process.wait()) {
            eprintln!("{} can't be ended: {error}", self.name);
        }
    }
}
