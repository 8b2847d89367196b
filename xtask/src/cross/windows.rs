//! Windows: compiled with mingw, tested under wine.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::debian::Debian;
use super::mingw::{self, COMPILER};
use super::missing::Trouble;
use super::profile::Profile;
use super::wine::{self, Wine};
use crate::root::root;
use crate::step::{self, Step};

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

/// Every test in a process of its own, so that one that hangs is ended and named.
pub(super) fn test(_: Profile) -> Result<String, Trouble> {
    step::require("nextest", crate::test::INSTALL).map_err(Trouble::Missing)?;
    let (is_built, said) = cargo("test --no-run --message-format=json")?
        .with(TESTS)
        .with(PACKAGES)
        .says()?;
    if !is_built {
        return Err(Trouble::Failed(
            "the tests do not compile for Windows".to_owned(),
        ));
    }
    let wine = Wine::ready()?;
    wine.begin()?;
    let mut ignored = BTreeMap::<String, Vec<String>>::new();
    for program in programs(&said) {
        let list = wine
            .step()
            .with([program])
            .with(["--list", "--ignored", "--format=json", "-Zunstable-options"])
            .with_env("RUSTC_BOOTSTRAP", "1")
            .output()?;
        for (name, why) in reasons(&list) {
            ignored.entry(why).or_default().push(name);
        }
    }
    let run = compiling(|debian| debian.calling(nextest(), TARGET))?
        .with(TESTS)
        .with(PACKAGES)
        .with_env("CARGO_TARGET_X86_64_PC_WINDOWS_GNU_RUNNER", wine::program())
        .with_env("INSTA_WORKSPACE_ROOT", on_windows(&root()))
        .with_env("INSTA_UPDATE", "no");
    let outcome = wine.environment(run).run();
    wine.end()?;
    for (why, names) in &ignored {
        println!(
            "ignored, {} ({why}):\n  {}",
            names.len(),
            names.join("\n  ")
        );
    }
    let count: usize = ignored.values().map(Vec::len).sum();
    outcome.map_err(|why| format!("tests failed: {why}"))?;
    Ok(format!("no test failed, {count} are ignored"))
}

const TESTS: [&str; 3] = ["--lib", "--bins", "--tests"];

fn nextest() -> Step {
    // They wait for processes that start more than for the processor.
    let threads = 2 * std::thread::available_parallelism().map_or(1, usize::from);
    Step::new("cargo-nextest")
        .with(["nextest", "run", "--cargo-quiet", "--profile=windows"])
        .with([format!("--test-threads={threads}")])
}

fn cargo(command: &str) -> Result<Step, Trouble> {
    compiling(|debian| debian.cargo(command, TARGET))
}

/// A step that compiles for Windows.
fn compiling(step: impl FnOnce(&Debian) -> Result<Step, String>) -> Result<Step, Trouble> {
    mingw::require()?;
    let debian = Debian::fetched()?;
    for object in ["rsbegin", "rsend"] {
        debian.object(TARGET, object)?;
    }
    Ok(step(&debian)?
        .with_env("CARGO_TARGET_X86_64_PC_WINDOWS_GNU_LINKER", COMPILER)
        .with_env("CC_x86_64_pc_windows_gnu", COMPILER)
        .with_env("AR_x86_64_pc_windows_gnu", "x86_64-w64-mingw32-ar"))
}

/// The test programs that cargo says it has built.
fn programs(said: &str) -> Vec<PathBuf> {
    let tests = values(said).filter(|line| line["profile"]["test"] == true);
    tests
        .filter_map(|line| line["executable"].as_str().map(PathBuf::from))
        .collect()
}

/// The tests that a test program lists, which was asked for those that are ignored, each with its reason.
fn reasons(list: &str) -> Vec<(String, String)> {
    let tests = values(list).filter(|line| line["event"] == "discovered");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    tests
        .map(|line| (text(&line["name"]), text(&line["ignore_message"])))
        .collect()
}

/// The lines that are JSON.
fn values(said: &str) -> impl Iterator<Item = Value> {
    said.lines()
        .filter_map(|line| serde_json::from_str(line).ok())
}

/// A path of ours as a program of Windows sees it.
fn on_windows(path: &Path) -> String {
    format!("Z:{}", path.display()).replace('/', "\\")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ignored_tests_are_those_that_a_test_program_lists() {
        // It calls none of them ignored, since it would run them.
        let list = "{ \"type\": \"suite\", \"event\": \"discovery\" }\n\
                    { \"type\": \"test\", \"event\": \"discovered\", \"name\": \"a::b\", \"ignore\": false, \
                    \"ignore_message\": \"no signals\", \"source_path\": \"a.rs\" }\n\
                    { \"type\": \"suite\", \"event\": \"completed\", \"total\": 1 }\n";
        assert_eq!(
            reasons(list),
            [("a::b".to_owned(), "no signals".to_owned())]
        );
    }

    #[test]
    fn the_test_programs_are_those_that_cargo_names() {
        let said = "{\"reason\":\"compiler-artifact\",\"profile\":{\"test\":true},\"executable\":\"it.exe\"}\n\
                    {\"reason\":\"compiler-artifact\",\"profile\":{\"test\":false},\"executable\":\"auth.exe\"}\n\
                    {\"reason\":\"compiler-artifact\",\"profile\":{\"test\":true},\"executable\":null}\nnoise\n";
        assert_eq!(programs(said), [PathBuf::from("it.exe")]);
    }
}
