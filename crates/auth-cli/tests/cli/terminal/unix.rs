//! A pair of Unix.

use std::fs::File;
use std::io::{Read, Write};
use std::process::{Child, Command, Stdio};

use rustix::event::{PollFd, PollFlags, poll};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, Winsize, tcgetattr, tcsetwinsize};

use crate::world::World;

/// Both ends of a terminal.
pub(crate) struct Terminal {
    person: File,
    program: File,
}

impl Terminal {
    pub(crate) fn open() -> Self {
        let person = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&person).unwrap();
        unlockpt(&person).unwrap();
        let name = ptsname(&person, Vec::new()).unwrap().into_string().unwrap();
        let program = File::options().read(true).write(true).open(name).unwrap();
        Self {
            person: person.into(),
            program,
        }
    }

    /// What a command, with both of its outputs on this terminal, shows on so many columns.
    pub(crate) fn shows(self, mut command: Command, columns: u16) -> String {
        let size = Winsize {
            ws_row: 24,
            ws_col: columns,
            ws_xpixel: 0,
            ws_ypixel: 0,
        };
        tcsetwinsize(&self.program, size).unwrap();
        command.stdout(Stdio::from(self.program.try_clone().unwrap()));
        command.stderr(Stdio::from(self.program));
        let mut child = command.spawn().unwrap();
        // The last who has the other end open is the child.
        drop(command);
        let (mut person, mut bytes, mut piece) = (self.person, Vec::new(), [0; 4096]);
        while let Ok(size) = person.read(&mut piece) {
            bytes.extend_from_slice(&piece[..size]);
            if size == 0 {
                break;
            }
        }
        child.wait().unwrap();
        String::from_utf8(bytes).unwrap().replace("\r\n", "\n")
    }

    /// The program in a session of its own with this terminal, its stdout and stderr in pipes.
    pub(crate) fn run(&self, world: &World, arguments: &[&str]) -> Child {
        self.run_with(world, arguments, &[])
    }

    /// The same with these variables.
    pub(crate) fn run_with(
        &self,
        world: &World,
        arguments: &[&str],
        variables: &[(&str, &str)],
    ) -> Child {
        let mut program = world.auth(arguments);
        program.envs(variables.iter().copied());
        self.run_command(&program)
    }

    /// The same with a command as it stands, whose environment was emptied first.
    pub(crate) fn run_command(&self, program: &Command) -> Child {
        let mut command = Command::new("setsid");
        command
            .arg("--ctty")
            .arg(program.get_program())
            .args(program.get_args());
        command.env_clear();
        command.envs(
            program
                .get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        );
        command.current_dir(program.get_current_dir().unwrap());
        command.stdin(self.program.try_clone().unwrap());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().unwrap()
    }

    /// The program with its stderr on this terminal.
    pub(crate) fn show(&self, world: &World, arguments: &[&str]) -> Child {
        let mut command = world.auth(arguments);
        command.env("TERM", "xterm").stdin(Stdio::null());
        self.show_command(command)
    }

    /// A command with its stderr on this terminal.
    pub(crate) fn show_command(&self, mut command: Command) -> Child {
        command.stderr(self.program.try_clone().unwrap());
        command.spawn().unwrap()
    }

    /// Reads what the person sees until `text` is there.
    pub(crate) fn wait_for(&mut self, text: &str) -> String {
        let (mut seen, mut bytes, mut piece) = (String::new(), Vec::new(), [0; 256]);
        while !seen.contains(text) {
            let mut ready = [PollFd::new(&self.person, PollFlags::IN)];
            let patience = rustix::time::Timespec {
                tv_sec: 20,
                tv_nsec: 0,
            };
            let count = poll(&mut ready, Some(&patience)).unwrap();
            assert_eq!(count, 1, "`{text}` does not come after {seen}");
            let size = self.person.read(&mut piece).unwrap();
            bytes.extend_from_slice(&piece[..size]);
            seen = String::from_utf8_lossy(&bytes).into_owned();
        }
        seen
    }

    pub(crate) fn type_in(&mut self, text: &str) {
        self.person.write_all(text.as_bytes()).unwrap();
    }

    /// Writes what a program might.
    pub(crate) fn print(&mut self, text: &str) {
        self.program.write_all(text.as_bytes()).unwrap();
    }

    /// Whether what the person types is shown.
    pub(crate) fn echoes(&self) -> bool {
        let modes = tcgetattr(&self.program).unwrap().local_modes;
        modes.contains(LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG)
    }
}
