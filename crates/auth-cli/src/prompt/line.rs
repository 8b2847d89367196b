//! An answer that everybody may see.

use std::io::{BufRead, BufReader, Read, Result, Write};

/// Asks at the terminal, wherever stdin and stdout lead, and shows what is typed.
#[cfg(unix)]
pub(super) fn ask(question: &str) -> Result<String> {
    let terminal = super::modes::terminal()?;
    ask_at(&terminal, &terminal, question)
}

/// The same. Where stdin is the console it knows every letter, and the console as a file does not.
#[cfg(not(unix))]
pub(super) fn ask(question: &str) -> Result<String> {
    use std::io::IsTerminal;

    let output = super::console::output()?;
    match std::io::stdin() {
        stdin if stdin.is_terminal() => ask_at(stdin, output, question),
        _ => ask_at(super::console::input()?, output, question),
    }
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

#[cfg(all(test, unix))]
mod tests {
    use std::fs::File;
    use std::io::Write;

    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

    use super::*;

    #[test]
    fn what_is_typed_is_shown_on_the_terminal_that_asks() {
        let person = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&person).unwrap();
        unlockpt(&person).unwrap();
        let name = ptsname(&person, Vec::new()).unwrap().into_string().unwrap();
        let program = File::options().read(true).write(true).open(name).unwrap();
        let mut person = File::from(person);
        person.write_all(b"ada lovelace\n").unwrap();
        let answer = ask_at(&program, &program, "User: ").unwrap();
        assert_eq!(answer, "ada lovelace");
        // The system shows what is typed when it likes.
        let (mut seen, mut piece) = (String::new(), [0; 64]);
        while !(seen.contains("ada lovelace\r\n") && seen.contains("User: ")) {
            let size = person.read(&mut piece).unwrap();
            seen.push_str(str::from_utf8(&piece[..size]).unwrap());
        }
    }

    #[test]
    fn a_terminal_that_ends_answers_nothing() {
        let error = ask_at(std::io::empty(), std::io::sink(), "User: ").unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::UnexpectedEof);
    }
}
