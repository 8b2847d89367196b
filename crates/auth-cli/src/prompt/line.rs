//! An answer that everybody may see.

use std::io::{BufRead, BufReader, Read, Result, Write};

/// Asks at the terminal, wherever stdin and stdout lead, and shows what is typed.
#[cfg(unix)]
pub(super) fn ask(question: &str) -> Result<String> {
    let terminal = super::modes::terminal()?;
    ask_at(&terminal, &terminal, question)
}

/// Other systems' terminals are had through stdin and stderr.
#[cfg(not(unix))]
pub(super) fn ask(question: &str) -> Result<String> {
    ask_at(std::io::stdin(), std::io::stderr(), question)
}

fn ask_at(from: impl Read, mut to: impl Write, question: &str) -> Result<String> {
    to.write_all(question.as_bytes())?;
    to.flush()?;
    let mut line = String::new();
    if BufReader::new(from).read_line(&mut line)? == 0 {
        return Err(std::io::ErrorKind::UnexpectedEof.into());
    }
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}
