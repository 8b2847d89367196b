//! [`Unpacked`]: a wheel taken apart, and put together again.

use std::fs;
use std::path::{Path, PathBuf};

use super::failed;
use crate::release::notices::{self, NOTICES};
use crate::step::Step;
use crate::workspace;

/// The files of a wheel.
pub(crate) struct Unpacked(PathBuf);

impl Unpacked {
    /// Those of `wheel`, below `place`.
    pub(crate) fn of(wheel: &Path, place: &Path) -> Result<Self, String> {
        tool(&["unpack", "--dest"])?.with([place, wheel]).output()?;
        Ok(Self(in_folder(place, "")?))
    }

    /// Puts `program` in the place of its own.
    pub(crate) fn put_program(&self, program: &Path) -> Result<(), String> {
        let scripts = in_folder(&self.0, ".data")?.join("scripts");
        fs::remove_dir_all(&scripts).map_err(|error| failed(&scripts, &error))?;
        fs::create_dir_all(&scripts).map_err(|error| failed(&scripts, &error))?;
        let name = program.file_name().unwrap_or_default();
        fs::copy(program, scripts.join(name)).map_err(|error| failed(program, &error))?;
        Ok(())
    }

    /// The bytes of its program.
    pub(crate) fn program(&self) -> Result<Vec<u8>, String> {
        let file = in_folder(&in_folder(&self.0, ".data")?.join("scripts"), "")?;
        fs::read(&file).map_err(|error| failed(&file, &error))
    }

    /// Says in the file `WHEEL` whom it is for.
    pub(crate) fn put_tags(&self, tags: &[&str]) -> Result<(), String> {
        self.change("WHEEL", |said| tagged(said, tags))
    }

    /// Adds the licences of what its program is made of on `target`.
    pub(crate) fn put_notices(&self, target: &str) -> Result<(), String> {
        let file = in_folder(&self.0, ".dist-info")?
            .join(LICENCES)
            .join(NOTICES);
        let first = !file.exists();
        fs::write(&file, notices::of_program(target)?).map_err(|error| failed(&file, &error))?;
        match first {
            true => self.change("METADATA", noticed),
            false => Ok(()),
        }
    }

    /// Makes a wheel of them, in `place`, which has no other: the same for the same files and commit.
    pub(crate) fn pack(&self, place: &Path) -> Result<PathBuf, String> {
        fs::create_dir_all(place).map_err(|error| failed(place, &error))?;
        let date = Step::new("git").with(["log", "-1", "--format=%ct"]);
        tool(&["pack", "--dest-dir"])?
            .with([place, &self.0])
            .with_env("SOURCE_DATE_EPOCH", date.output()?.trim())
            .output()?;
        in_folder(place, ".whl")
    }

    fn change(&self, name: &str, change: impl Fn(&str) -> String) -> Result<(), String> {
        let file = in_folder(&self.0, ".dist-info")?.join(name);
        let said = fs::read_to_string(&file).map_err(|error| failed(&file, &error))?;
        fs::write(&file, change(&said)).map_err(|error| failed(&file, &error))
    }
}

/// Where a wheel has them, below what it says of itself.
const LICENCES: &str = "licenses";

/// What a wheel says of itself, but for other systems.
fn tagged(said: &str, tags: &[&str]) -> String {
    let lines = said.lines().filter(|line| !line.starts_with("Tag:"));
    let lines = lines.filter(|line| !line.is_empty()).map(str::to_owned);
    let tags = tags.iter().map(|tag| format!("Tag: py3-none-{tag}"));
    let lines: Vec<_> = lines.chain(tags).collect();
    lines.join("\n") + "\n"
}

/// The same with one more file of licences.
fn noticed(said: &str) -> String {
    said.replacen(
        "License-File: ",
        &format!("License-File: {NOTICES}\nLicense-File: "),
        1,
    )
}

/// What is in a folder, and has a name that ends so: there is one.
fn in_folder(folder: &Path, end: &str) -> Result<PathBuf, String> {
    let entries = fs::read_dir(folder).map_err(|error| failed(folder, &error))?;
    let mut paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let found = paths.find(|path| path.to_string_lossy().ends_with(end));
    found.ok_or_else(|| format!("there is no `{end}` in {}", folder.display()))
}

/// Python's own tool for the files of wheels, installed once below `target/tools`.
fn tool(command: &[&str]) -> Result<Step, String> {
    let tools = workspace::target()?.join("tools/wheels");
    if !tools.join("wheel").exists() {
        Step::new("python3")
            .with(["-m", "pip", "install", "--quiet", "--target"])
            .with([&tools])
            .with(["wheel"])
            .run()
            .map_err(|why| format!("{why}; install Python 3 with pip"))?;
    }
    Ok(Step::new("python3")
        .with_env("PYTHONPATH", tools)
        .with(["-m", "wheel"])
        .with(command))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wheel_says_whom_it_is_for_and_nobody_else() {
        let said = "Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: py3-none-linux_x86_64\n";
        assert_eq!(
            tagged(said, &["win_amd64", "win_x"]),
            "Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: py3-none-win_amd64\nTag: py3-none-win_x\n"
        );
    }

    #[test]
    fn a_wheel_names_each_file_of_licences_once() {
        let said =
            "Name: authkeep\nLicense-File: LICENSE-MIT\nLicense-File: LICENSE-APACHE\n\nwords\n";
        assert_eq!(
            noticed(said),
            "Name: authkeep\nLicense-File: THIRD-PARTY.txt\nLicense-File: LICENSE-MIT\nLicense-File: LICENSE-APACHE\n\nwords\n"
        );
    }
}
