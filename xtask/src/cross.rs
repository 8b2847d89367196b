//! `cargo xtask cross`: the program on systems that this machine is none of. The compilers and tools are fetched below
//! `target/cross`, in the version that is served, or named where they can't be had. Linux on x86_64 with apt-get and pip is
//! needed; no part of `check`.

mod archives;
mod bullseye;
mod debian;
mod image;
mod linux;
mod macos;
mod mingw;
mod missing;
mod musl;
mod profile;
mod trial;
mod wheels;
mod windows;
mod wine;
mod zig;

use std::fs;
use std::path::{Path, PathBuf};

use self::missing::Trouble;
use self::profile::Profile;
use crate::Task;
use crate::release::program::ensure_nameless;
use crate::step::Outcome;
use crate::workspace;

pub(crate) const TASK: Task = Task {
    name: "cross",
    takes: "PART|all [--dev]",
    does: "the program on Windows, macOS, old Linux, ARM; alone it lists the parts",
    run,
};

/// One thing that is built, or tried.
struct Part {
    name: &'static str,
    does: &'static str,
    run: fn(Profile) -> Result<String, Trouble>,
}

const PARTS: [Part; 8] = [
    Part {
        name: "check windows",
        does: "compiles the program and every test for Windows",
        run: windows::check,
    },
    Part {
        name: "check macos",
        does: "compiles the program and every test for macOS, and links and runs nothing",
        run: macos::check,
    },
    Part {
        name: "test windows",
        does: "runs the tests of Windows under wine",
        run: windows::test,
    },
    Part {
        name: "build linux",
        does: "the program for any Linux since glibc 2.17, tried on Debian 11",
        run: linux::build,
    },
    Part {
        name: "build musl",
        does: "the program without a C library, x86_64 and aarch64, tried (the latter under qemu)",
        run: musl::build,
    },
    Part {
        name: "archives",
        does: "an archive for each system, of the programs as people get them",
        run: archives::build,
    },
    Part {
        name: "wheels",
        does: "a wheel for Python for each system, tried (not on macOS)",
        run: wheels::build,
    },
    Part {
        name: "image",
        does: "an OCI image with the static program, made as Dockerfile says, and tried",
        run: image::build,
    },
];

fn run(arguments: &[String]) -> Outcome {
    let (flags, words): (Vec<_>, Vec<_>) = arguments.iter().partition(|word| *word == "--dev");
    let profile = match flags.is_empty() {
        true => Profile::Release,
        false => Profile::Dev,
    };
    let words: Vec<_> = words.into_iter().map(String::as_str).collect();
    let wanted = words.join(" ");
    if wanted == "all" {
        return all(profile);
    }
    // `check` is both.
    let chosen = PARTS
        .iter()
        .filter(|part| part.name == wanted || part.name.split(' ').next() == Some(&wanted));
    let chosen: Vec<_> = chosen.collect();
    if chosen.is_empty() {
        return Err(format!("which part?\n{}", list()));
    }
    let notes = chosen.iter().map(|part| (part.run)(profile));
    let notes: Result<Vec<_>, _> = notes.collect();
    match notes {
        Ok(notes) => Ok(notes.join("; ")),
        Err(trouble) => Err(trouble.to_string()),
    }
}

/// Every part. What this machine has not got is skipped, and said.
fn all(profile: Profile) -> Outcome {
    let mut failed = Vec::new();
    for Part { name, run, .. } in &PARTS {
        eprintln!("\n-- {name}");
        match run(profile) {
            Ok(note) => println!("{name:<14} ok  {note}"),
            Err(Trouble::Missing(what)) => println!("{name:<14} skipped: {what}"),
            Err(Trouble::Failed(why)) => {
                println!("{name:<14} FAILED  {why}");
                failed.push(*name);
            }
        }
    }
    match failed.is_empty() {
        true => Ok(String::new()),
        false => Err(format!("these failed: {}", failed.join(", "))),
    }
}

fn list() -> String {
    let lines = PARTS.map(|part| format!("  {:<14} {}", part.name, part.does));
    lines.join("\n")
}

/// The folder for all that is fetched and built here.
fn folder() -> Result<PathBuf, String> {
    Ok(workspace::target()?.join("cross"))
}

/// The program for `target`, once it is built.
fn built(target: &str, profile: Profile) -> Result<PathBuf, Trouble> {
    let name = match target.contains("windows") {
        true => "auth.exe",
        false => "auth",
    };
    let build = folder()?.join("build").join(target);
    let program = build.join(profile.folder()).join(name);
    if matches!(profile, Profile::Release) {
        let bytes = fs::read(&program).map_err(|error| failed(&program, &error))?;
        ensure_nameless(&bytes)?;
    }
    Ok(program)
}

fn failed(path: &Path, error: &std::io::Error) -> String {
    format!("{}: {error}", path.display())
}
