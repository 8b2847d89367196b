//! Windows: compiled with mingw, tested under wine.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::debian::Debian;
use super::mingw::{self, COMPILER};
use super::missing::Trouble;
use super::profile::Profile;
use super::wine::Wine;
use crate::root::root;
use crate::step::Step;

pub(super) const TARGET: &str = "x86_64-pc-windows-gnu";

/// All that people get, and its tests.
pub(super) const PACKAGES: [&str; 3] = ["--workspace", "--exclude", "xtask"];

pub(super) fn check(_: Profile) -> Result<String, Trouble> {
    cargo("check --all-targets")?.with(PACKAGES).run()?;
    Ok("the program and every test compile for Windows".to_owned())
}

/// The program.
pub(super) fn build(profile: Profile) -> Result<PathBuf, Trouble> {
    profile
        .on(cargo("build")?.with(["-p", "auth-cli"]))?
        .run()?;
    super::built(TARGET, profile)
}

pub(super) fn test(_: Profile) -> Result<String, Trouble> {
    let step = cargo("test --no-run --lib --bins --tests --message-format=json")?;
    let (is_built, said) = step.with(PACKAGES).says()?;
    if !is_built {
        return Err(Trouble::Failed(
            "the tests do not compile for Windows".to_owned(),
        ));
    }
    let tests = programs(&said);
    let wine = Wine::ready()?;
    let (mut sum, mut wrong) = (Sum::default(), Vec::new());
    for test in &tests {
        let name = test.file_stem().unwrap_or_default().to_string_lossy();
        eprintln!("\n{name}");
        let (is_good, said) = wine
            .step()
            .with([test])
            .with(["--test-threads=2"])
            .with_env("INSTA_WORKSPACE_ROOT", on_windows(&root()))
            .with_env("INSTA_UPDATE", "no")
            .within(&root())
            .says()?;
        let part = Sum::of(&said);
        if part.passed + part.failed.len() + part.ignored.len() == 0 && !said.contains("0 tests") {
            wrong.push(format!("{name} said nothing of its tests"));
        }
        if !is_good && part.failed.is_empty() {
            wrong.push(format!("{name} did not come to its end"));
        }
        sum.add(part);
    }
    for (why, names) in &sum.reasons() {
        println!(
            "ignored, {} ({why}):\n  {}",
            names.len(),
            names.join("\n  ")
        );
    }
    wrong.extend(sum.failed.iter().cloned());
    let note = format!(
        "run {}, passed {}, ignored {}, failed {}",
        sum.passed + sum.failed.len(),
        sum.passed,
        sum.ignored.len(),
        sum.failed.len(),
    );
    match wrong.is_empty() {
        true => Ok(note),
        false => Err(Trouble::Failed(format!("{note}; {}", wrong.join(", ")))),
    }
}

fn cargo(command: &str) -> Result<Step, Trouble> {
    mingw::require()?;
    let debian = Debian::fetched()?;
    for object in ["rsbegin", "rsend"] {
        debian.object(TARGET, object)?;
    }
    Ok(debian
        .cargo(command, TARGET)?
        .with_env("CARGO_TARGET_X86_64_PC_WINDOWS_GNU_LINKER", COMPILER)
        .with_env("CC_x86_64_pc_windows_gnu", COMPILER)
        .with_env("AR_x86_64_pc_windows_gnu", "x86_64-w64-mingw32-ar"))
}

/// The test programs that cargo says it has built.
fn programs(said: &str) -> Vec<PathBuf> {
    let lines = said
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok());
    let tests = lines.filter(|line: &Value| line["profile"]["test"] == true);
    tests
        .filter_map(|line| line["executable"].as_str().map(PathBuf::from))
        .collect()
}

/// A path of ours as a program of Windows sees it.
fn on_windows(path: &Path) -> String {
    format!("Z:{}", path.display()).replace('/', "\\")
}

/// What came of tests.
#[derive(Default)]
struct Sum {
    passed: usize,
    failed: Vec<String>,
    /// With the reason of each.
    ignored: Vec<(String, String)>,
}

impl Sum {
    /// As a test program says it: `test NAME ... ok`.
    fn of(said: &str) -> Self {
        let mut sum = Self::default();
        for line in said.lines() {
            let Some((name, came)) = line
                .strip_prefix("test ")
                .and_then(|line| line.rsplit_once(" ... "))
            else {
                continue;
            };
            match came.trim().split_once(", ") {
                None if came.trim() == "ok" => sum.passed += 1,
                None if came.trim() == "FAILED" => sum.failed.push(name.to_owned()),
                Some(("ignored", why)) => sum.ignored.push((name.to_owned(), why.to_owned())),
                None if came.trim() == "ignored" => {
                    sum.ignored.push((name.to_owned(), "no reason".to_owned()));
                }
                _ => {}
            }
        }
        sum
    }

    fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed.extend(other.failed);
        self.ignored.extend(other.ignored);
    }

    fn reasons(&self) -> BTreeMap<&str, Vec<&str>> {
        let mut reasons = BTreeMap::<&str, Vec<&str>>::new();
        for (name, why) in &self.ignored {
            reasons.entry(why).or_default().push(name);
        }
        reasons
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_of_tests_is_read_from_what_they_say() {
        let sum = Sum::of(
            "running 4 tests\ntest a::b ... ok\ntest a::c ... ignored, no signals\n\
             test a::e - should panic ... ok\ntest a::d ... FAILED\ntest result: FAILED. 1 passed\n",
        );
        assert_eq!((sum.passed, &*sum.failed), (2, &["a::d".to_owned()][..]));
        assert_eq!(sum.reasons()["no signals"], ["a::c"]);
    }

    #[test]
    fn the_test_programs_are_those_that_cargo_names() {
        let said = "{\"reason\":\"compiler-artifact\",\"profile\":{\"test\":true},\"executable\":\"it.exe\"}\n\
                    {\"reason\":\"compiler-artifact\",\"profile\":{\"test\":false},\"executable\":\"auth.exe\"}\n\
                    {\"reason\":\"compiler-artifact\",\"profile\":{\"test\":true},\"executable\":null}\nnoise\n";
        assert_eq!(programs(said), [PathBuf::from("it.exe")]);
    }
}
