//! An answer that nobody may see, however long it is.
//!
//! A terminal hands out whole lines of at most 4095 bytes and drops what is longer, without a word. So it is asked to
//! hand out each byte, and what a person may do to a line is done here.

use std::fs::File;
use std::io::{ErrorKind, Read, Result, Write};
use std::os::fd::AsFd;

use rustix::termios::{
    LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr,
};

/// Asks at the terminal, wherever stdin and stdout lead.
pub(super) fn ask(question: &str) -> Result<String> {
    let mut terminal = super::modes::terminal()?;
    ask_at(&mut terminal, question)
}

fn ask_at(terminal: &mut File, question: &str) -> Result<String> {
    // Before anybody can know that it is time to type, or to paste.
    let modes = Modes::by_the_byte(terminal.try_clone()?, LocalModes::ECHO)?;
    terminal.write_all(question.as_bytes())?;
    let line = line(&mut *terminal);
    drop(modes);
    terminal.write_all(b"\n")?;
    let line = line?;
    String::from_utf8(line).map_err(|_| ErrorKind::InvalidData.into())
}

/// All that is typed or pasted into the terminal at `from`, until Ctrl-D: at most `limit` bytes.
pub(crate) fn pasted(from: impl AsFd + Read, limit: u64) -> Result<Vec<u8>> {
    let own = from.as_fd().try_clone_to_owned()?;
    let _modes = Modes::by_the_byte(own.into(), LocalModes::empty())?;
    let (mut text, mut piece, mut from) = (Vec::new(), [0; 4096], from.take(limit));
    loop {
        let piece = match from.read(&mut piece) {
            Ok(0) => return Ok(text),
            Ok(length) => &piece[..length],
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        let end = piece.iter().position(|byte| [END, EARLY].contains(byte));
        text.extend_from_slice(&piece[..end.unwrap_or(piece.len())]);
        if end.is_some() {
            return Ok(text);
        }
    }
}

/// One line, as it was left by whoever typed it. What follows it is left for whoever reads next.
fn line(mut from: impl Read) -> Result<Vec<u8>> {
    let mut line = Vec::with_capacity(PASTED);
    let mut byte = [0];
    loop {
        match from.read(&mut byte) {
            Ok(0) if line.is_empty() => return Err(ErrorKind::UnexpectedEof.into()),
            Ok(0) => return Ok(line),
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        }
        match byte[0] {
            b'\n' | b'\r' => return Ok(line),
            END | EARLY if line.is_empty() => return Err(ErrorKind::UnexpectedEof.into()),
            END | EARLY => return Ok(line),
            ALL => line.clear(),
            WORD => {
                let end = line.trim_ascii_end();
                let start = end.iter().rposition(|byte| *byte == b' ');
                line.truncate(start.map_or(0, |blank| blank + 1));
            }
            // A character may be of several bytes.
            LAST | DELETE => while line.pop().is_some_and(|byte| byte & 0xc0 == 0x80) {},
            other => line.push(other),
        }
    }
}

/// A terminal that hands out each byte, until this is dropped.
struct Modes {
    terminal: File,
    before: Termios,
}

impl Modes {
    fn by_the_byte(terminal: File, without: LocalModes) -> Result<Self> {
        let before = tcgetattr(&terminal)?;
        let mut modes = before.clone();
        modes.local_modes.remove(LocalModes::ICANON | without);
        modes.special_codes[SpecialCodeIndex::VMIN] = 1;
        modes.special_codes[SpecialCodeIndex::VTIME] = 0;
        tcsetattr(&terminal, OptionalActions::Now, &modes)?;
        Ok(Self { terminal, before })
    }
}

impl Drop for Modes {
    fn drop(&mut self) {
        // Nothing can be done about a terminal that went away.
        let _ = tcsetattr(&self.terminal, OptionalActions::Now, &self.before);
    }
}

/// Ctrl-D.
const END: u8 = 4;
/// The same, pressed while the terminal still handed out lines. No secret has such a byte.
const EARLY: u8 = 0;
/// Ctrl-H, and the key that most terminals send for it.
const LAST: u8 = 8;
const DELETE: u8 = 127;
/// Ctrl-U.
const ALL: u8 = 21;
/// Ctrl-W.
const WORD: u8 = 23;

/// Longer than what is pasted mostly.
const PASTED: usize = 16 << 10;

#[cfg(test)]
mod tests {
    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

    use super::*;

    fn terminal() -> (File, File) {
        let person = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&person).unwrap();
        unlockpt(&person).unwrap();
        let name = ptsname(&person, Vec::new()).unwrap().into_string().unwrap();
        let program = File::options().read(true).write(true).open(name).unwrap();
        (File::from(person), program)
    }

    #[test]
    fn a_pasted_secret_is_whole_however_long_and_nobody_sees_it() {
        let (mut person, mut program) = terminal();
        let secret = "canary-0123456789".repeat(1000);
        let asked = std::thread::spawn(move || ask_at(&mut program, "Secret: "));
        // Who answers as soon as the question is there is not seen either.
        let mut seen = vec![0; 8];
        person.read_exact(&mut seen).unwrap();
        assert_eq!(seen, b"Secret: ");
        let mut rest = secret.as_bytes();
        while !rest.is_empty() {
            let written = person.write(rest).unwrap();
            rest = &rest[written..];
        }
        person.write_all(b"\n").unwrap();
        assert_eq!(asked.join().unwrap().unwrap(), secret);
        let mut end = [0; 2];
        person.read_exact(&mut end).unwrap();
        assert_eq!(&end, b"\r\n");
    }

    #[test]
    fn what_is_pasted_into_stdin_is_whole_until_it_is_ended() {
        let (mut person, program) = terminal();
        let text = "a line\n".repeat(2000);
        let reading = std::thread::spawn(move || pasted(program, 1 << 20));
        let modes = |terminal: &File| tcgetattr(terminal).unwrap().local_modes;
        while modes(&person).contains(LocalModes::ICANON) {
            std::thread::yield_now();
        }
        // What is pasted is shown, and somebody must read that.
        let mut shown = person.try_clone().unwrap();
        std::thread::spawn(move || std::io::copy(&mut shown, &mut std::io::sink()));
        let mut rest = text.as_bytes();
        while !rest.is_empty() {
            let written = person.write(rest).unwrap();
            rest = &rest[written..];
        }
        person.write_all(&[END]).unwrap();
        assert_eq!(reading.join().unwrap().unwrap(), text.as_bytes());
    }

    #[test]
    fn the_modes_of_the_terminal_are_as_they_were() {
        let (mut person, mut program) = terminal();
        let before = tcgetattr(&program).unwrap().local_modes;
        person.write_all(b"\x04").unwrap();
        assert!(ask_at(&mut program, "?").is_err());
        assert_eq!(tcgetattr(&program).unwrap().local_modes, before);
    }

    #[test]
    fn a_line_can_be_mended_while_it_is_typed() {
        for (typed, kept) in [
            ("secret\n", "secret"),
            ("secret\r", "secret"),
            ("sx\x7fecret\n", "secret"),
            ("s\u{e9}\x08ecret\n", "secret"),
            ("wrong\x15secret\n", "secret"),
            ("my wrong \x17secret\n", "my secret"),
            ("\x7f\x17secret\n", "secret"),
            ("secret\x04", "secret"),
            ("secret", "secret"),
            ("secret\nnext\n", "secret"),
        ] {
            let line = line(typed.as_bytes()).unwrap();
            assert_eq!(String::from_utf8(line).unwrap(), kept, "{typed:?}");
        }
        for nothing in ["", "\x04", "abc\x15\x04"] {
            let error = line(nothing.as_bytes()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::UnexpectedEof, "{nothing:?}");
        }
    }
}
