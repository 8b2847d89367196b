//! `cargo xtask <task>`: what maintainers and CI run. One file per task; alone it prints the list.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a maintainer's program speaks on the terminal"
)]

mod arrows;
mod bench;
mod book;
mod check;
mod clippy;
mod conformance;
mod cross;
mod deny;
mod doc;
mod fmt;
mod fuzz;
mod links;
mod msrv;
mod order;
mod packages;
mod release;
mod root;
mod step;
mod test;
mod tidy;
mod tool;
mod wheel;
mod workspace;

use std::env;
use std::process::ExitCode;

use step::Outcome;

/// One task of `cargo xtask`.
struct Task {
    name: &'static str,
    /// What may follow the name; empty where nothing may.
    takes: &'static str,
    does: &'static str,
    run: fn(&[String]) -> Outcome,
}

const TASKS: [Task; 19] = [
    check::TASK,
    fmt::TASK,
    clippy::TASK,
    test::TASK,
    doc::TASK,
    arrows::TASK,
    tidy::TASK,
    links::TASK,
    book::TASK,
    deny::TASK,
    packages::TASK,
    fuzz::TASK,
    msrv::TASK,
    release::TASK,
    wheel::TASK,
    bench::TASK,
    order::TASK,
    conformance::TASK,
    cross::TASK,
];

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let Some((name, rest)) = arguments.split_first() else {
        list();
        return ExitCode::SUCCESS;
    };
    let Some(task) = TASKS.iter().find(|task| task.name == name) else {
        list();
        eprintln!("\nxtask: there is no task {name}");
        return ExitCode::from(2);
    };
    if task.takes.is_empty() && !rest.is_empty() {
        eprintln!("xtask {name}: takes no arguments");
        return ExitCode::from(2);
    }
    match (task.run)(rest) {
        Ok(note) if note.is_empty() => ExitCode::SUCCESS,
        Ok(note) => {
            eprintln!("xtask {name}: {note}");
            ExitCode::SUCCESS
        }
        Err(failure) => {
            eprintln!("xtask {name}: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn list() {
    println!("cargo xtask <task>\n");
    for task in &TASKS {
        let usage = format!("{} {}", task.name, task.takes);
        println!("  {usage:<24} {}", task.does);
    }
}
