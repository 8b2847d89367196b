//! The tests of `auth-tests` that need a server made by others. They find it in the environment; elsewhere than here they
//! are ignored.

use crate::step::Step;
use crate::workspace;

/// The tests whose name begins with `name`, with what they need to know.
pub(super) fn tests(name: &str, surroundings: &[(&str, String)]) -> Step {
    let step = Step::cargo("test --package auth-tests --test it").with([name]);
    let step = surroundings
        .iter()
        .fold(step, |step, (name, value)| step.with_env(name, value));
    let step = step.with(["--", "--include-ignored", "--skip", STARTED_BY_ANOTHER]);
    match browser() {
        Ok(()) => step,
        Err(why) => {
            eprintln!("skipped: what needs a browser: {why}");
            step.with(["--skip", IN_A_BROWSER])
        }
    }
}

/// Whether there is a browser that tests can drive.
pub(super) fn browser() -> Result<(), String> {
    if Step::new("chromedriver").with(["--version"]).succeeds() {
        return Ok(());
    }
    Err("chromedriver is missing: install chromium and chromium-driver".to_owned())
}

/// What the tests are called that another one starts, as so many processes.
const STARTED_BY_ANOTHER: &str = "::one_of_";

/// What the tests are called that need one.
const IN_A_BROWSER: &str = "a_real_browser_";

/// Builds the tests and makes sure that each name means some: cargo calls it a success if none has it.
pub(super) fn ensure_there_are<const N: usize>(names: [&str; N]) -> Result<(), String> {
    for name in names {
        let list = tests(name, &[]).with(["--list"]).output()?;
        if !list.contains(": test") {
            return Err(format!("there are no tests {name}"));
        }
    }
    Ok(())
}

/// Builds `auth` as it is released, and says under which name the tests find it.
pub(super) fn program_as_released() -> Result<(&'static str, String), String> {
    Step::cargo("build --release --package auth-cli").run()?;
    let program = workspace::target()?.join("release/auth");
    Ok(("AUTH_PROGRAM", program.display().to_string()))
}

/// Builds a small program of the tests, and says that the tests find it under `variable`.
pub(super) fn example(
    variable: &'static str,
    name: &str,
) -> Result<(&'static str, String), String> {
    Step::cargo("build --package auth-tests --example")
        .with([name])
        .run()?;
    let program = workspace::target()?.join("debug/examples").join(name);
    Ok((variable, program.display().to_string()))
}

/// Builds `auth`, and says under which name the tests find it.
pub(super) fn program() -> Result<(&'static str, String), String> {
    Step::cargo("build --package auth-cli").run()?;
    let program = workspace::target()?.join("debug/auth");
    Ok(("AUTH_PROGRAM", program.display().to_string()))
}
