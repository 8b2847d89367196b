//! `cargo xtask order`: which of the program's functions a start and a kept token run, for the linker to lay side by side.

mod pattern;

use std::collections::BTreeSet;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::Task;
use crate::root::root;
use crate::step::{Outcome, Step};
use crate::workspace;

pub(crate) const TASK: Task = Task {
    name: "order",
    takes: "",
    does: "writes anew which functions of the program the linker lays side by side; needs gdb",
    run,
};

fn run(_: &[String]) -> Outcome {
    if !Step::new("gdb").with(["--version"]).succeeds() {
        return Err("gdb is not here; install it and run this again".to_owned());
    }
    let place = workspace::target()?.join("order");
    fs::create_dir_all(&place).map_err(|error| format!("{}: {error}", place.display()))?;
    let program = with_symbols()?;
    let emulator = Emulator::start(&program, &place)?;
    // The second is the one that is kept.
    emulator.token(Step::new(&program)).output()?;
    let start = called(&program, &["--version"], &place, |step| step)?;
    let kept = called(&program, &TOKEN, &place, |step| emulator.with_files(step))?;
    drop(emulator);
    let mut seen = BTreeSet::new();
    let lines = start.lines().chain(kept.lines()).map(pattern::pattern);
    let order: Vec<_> = lines.filter(|name| seen.insert(name.clone())).collect();
    let file = root().join(ORDER);
    fs::write(&file, script(&order)).map_err(|error| format!("{}: {error}", file.display()))?;
    Ok(format!("{ORDER} names {} functions", order.len()))
}

/// The program as it is released, but with its symbols.
fn with_symbols() -> Result<PathBuf, String> {
    Step::cargo("rustc --release --package auth-cli --bin auth -- -C strip=none").run()?;
    Ok(workspace::target()?.join("release/auth"))
}

/// The functions that a run of the program calls, one a line.
fn called(
    program: &Path,
    arguments: &[&str],
    place: &Path,
    surrounded: impl FnOnce(Step) -> Step,
) -> Result<String, String> {
    let (script, names) = (place.join("trace.py"), place.join("names"));
    let failed = |error: std::io::Error| format!("{}: {error}", place.display());
    fs::write(&script, TRACE).map_err(failed)?;
    let gdb = Step::new("gdb").with(["-nx", "-batch", "-x"]);
    let gdb = gdb.with([&script]).with(["--args"]).with([program]);
    surrounded(gdb.with(arguments).with_env("ORDER", &names)).output()?;
    fs::read_to_string(names).map_err(failed)
}

/// Two functions of one name lie side by side: which of them is meant, no build can say of the next.
fn script(order: &[String]) -> String {
    let lines: String = order
        .iter()
        .map(|name| format!("    *(.text.{name})\n"))
        .collect();
    format!(
        "/* The functions that a start of `auth` and a kept token run, as they are first called. `cargo xtask order` writes this\n\
        \x20  file, and build.rs gives it to the linker. What is renamed or no longer there does no harm. */\n\
         SECTIONS {{\n  .text.start : {{\n{lines}  }}\n}}\nINSERT BEFORE .text;\n"
    )
}

/// `auth emulator`, until it is dropped.
struct Emulator {
    home: PathBuf,
    child: Child,
}

impl Emulator {
    fn start(program: &Path, place: &Path) -> Result<Self, String> {
        let home = place.join("home");
        let mut command = Command::new(program);
        command.args(["emulator", "--dir"]).arg(&home);
        command.stdout(Stdio::piped()).stderr(Stdio::null());
        let failed = |error: std::io::Error| format!("{}: {error}", program.display());
        let child = command.spawn().map_err(failed)?;
        let mut emulator = Self { home, child };
        // It lets go of its stdout once it listens.
        if let Some(stdout) = &mut emulator.child.stdout {
            stdout.read_to_end(&mut Vec::new()).map_err(failed)?;
        }
        Ok(emulator)
    }

    fn token(&self, step: Step) -> Step {
        self.with_files(step.with(TOKEN))
    }

    fn with_files(&self, step: Step) -> Step {
        let step = step.with_env("AUTH_CONFIG", self.home.join("config.toml"));
        step.with_env("AUTH_STORE", self.home.join("store"))
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        // One that has ended already can't be told to.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A profile of the emulator's.
const TOKEN: [&str; 2] = ["token", "lab"];

const ORDER: &str = "crates/auth-cli/order.ld";

const TRACE: &str = include_str!("order/trace.py");
