//! [`Trial`]: the program at work, on another system than this.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Child;
use std::thread;
use std::time::Duration;

use super::{failed, folder};
use crate::step::Step;

/// A program that is run by others.
pub(super) struct Trial {
    /// The command that runs it, with its name as that knows it.
    command: Vec<String>,
    /// A folder for what it writes, as we see it and as it does.
    ours: PathBuf,
    its: PathBuf,
}

impl Trial {
    /// `auth` in the root of a file system.
    pub(super) fn in_root(root: &Path) -> Result<Self, String> {
        let ours = root.join("trial");
        emptied(&ours)?;
        let command = ["unshare", "--map-root-user", "chroot"].map(str::to_owned);
        let place = [root.display().to_string(), "/auth".to_owned()];
        Ok(Self {
            command: command.into_iter().chain(place).collect(),
            ours,
            its: "/trial".into(),
        })
    }

    /// `program`, run by `emulator`.
    pub(super) fn emulated(emulator: &str, program: &Path) -> Result<Self, String> {
        let ours = folder()?.join("trial");
        emptied(&ours)?;
        Ok(Self {
            command: vec![emulator.to_owned(), program.display().to_string()],
            its: ours.clone(),
            ours,
        })
    }

    fn step(&self, arguments: &[&str]) -> Step {
        let step = Step::new(&self.command[0]);
        step.with(&self.command[1..])
            .with(arguments)
            .with_env("HOME", &self.its)
            .with_env("TMPDIR", &self.its)
            .with_env("AUTH_CONFIG", self.its.join("config.toml"))
            .with_env("AUTH_STORE", self.its.join("store"))
    }

    /// Every system once, on the server inside.
    pub(super) fn demo(&self) -> Result<(), String> {
        match self.step(&["demo"]).says()? {
            (true, said) if said.contains("Provena") => Ok(()),
            (_, said) => Err(format!("the demonstration failed: {said}")),
        }
    }

    /// Six processes renew one login whose server replaces the refresh token each time. None may lose it.
    pub(super) fn crowd(&self) -> Result<(), String> {
        let its = self.its.to_string_lossy();
        let server = Ended(self.step(&["emulator", "--dir", &its]).start()?);
        let mark = self.ours.join("pid");
        let mut looks = 0..600;
        while !mark.exists() {
            looks.next().ok_or("the emulator did not start")?;
            thread::sleep(Duration::from_millis(100));
        }
        let renew = || self.step(&["token", "ada", "--refresh"]).start();
        let started: Result<Vec<_>, _> = (0..6).map(|_| renew()).collect();
        for (at, mut child) in started?.into_iter().enumerate() {
            let status = child.wait().map_err(|error| error.to_string())?;
            if !status.success() {
                return Err(format!("process {at} of six got no token: {status}"));
            }
        }
        let (goes_on, _) = self.step(&["token", "ada", "--refresh"]).says()?;
        drop(server);
        match goes_on {
            true => Ok(()),
            false => Err("after six processes the login was lost".to_owned()),
        }
    }
}

/// A process that ends with this.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn emptied(folder: &Path) -> Result<(), String> {
    if folder.exists() {
        fs::remove_dir_all(folder).map_err(|error| failed(folder, &error))?;
    }
    fs::create_dir_all(folder).map_err(|error| failed(folder, &error))
}
