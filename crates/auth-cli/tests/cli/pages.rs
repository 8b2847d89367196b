//! The pages of `docs`: each command in them is run against the emulator, and says what the page says.
//!
//! In a block of `console`, lines after `$ ` are commands, which may go on behind a `\` at the end; what follows is what
//! they write, where `…` stands for anything, and nothing where a comment says instead what the command does. A block of
//! `console needs TOOL` is left out where that tool is missing. In a
//! block of `yaml`, what stands behind `run:` is run. The commands of a page share one shell in a home of their own;
//! `https://lab.example.org` is the emulator, and the profiles of the pages are its own. Where a login shows a code, Ada enters it.
//! What builds the program, and what starts and ends the emulator, is left out.

mod person;
mod quoted;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::emulator::Emulator;
use crate::world::World;

/// A command, and what it writes, if the page says so.
#[derive(Debug, PartialEq, Eq)]
struct Step {
    command: String,
    expected: Option<String>,
}

/// The commands of a page in their order.
fn steps(page: &str) -> Vec<Step> {
    let (mut steps, mut lines) = (Vec::new(), page.lines());
    while let Some(line) = lines.next() {
        let Some(language) = line.strip_prefix("```").filter(|rest| !rest.is_empty()) else {
            continue;
        };
        let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        match language.split_once(" needs ") {
            Some(("console", tool)) if is_there(tool) => steps.extend(console(&block)),
            None if language == "console" => steps.extend(console(&block)),
            None if language == "yaml" => steps.extend(yaml(&block)),
            _ => {}
        }
    }
    steps.retain(|step| !LEFT_OUT.iter().any(|start| step.command.starts_with(start)));
    for step in &mut steps {
        let is_silent = step.expected.as_deref() == Some("");
        step.expected
            .take_if(|_| is_silent && step.command.contains("  # "));
    }
    steps
}

const LEFT_OUT: [&str; 3] = ["cargo ", "pip install ", "eval \"$(auth emulator "];

fn is_there(tool: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|directory| directory.join(tool).is_file())
}

fn console(block: &[&str]) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut goes_on = false;
    for line in block {
        let last = steps.last_mut();
        match (line.strip_prefix("$ "), last) {
            (_, Some(step)) if goes_on => {
                step.command.push('\n');
                step.command.push_str(line);
            }
            (Some(command), _) => steps.push(Step {
                command: command.to_owned(),
                expected: Some(String::new()),
            }),
            (
                None,
                Some(Step {
                    expected: Some(expected),
                    ..
                }),
            ) => {
                expected.push_str(line);
                expected.push('\n');
            }
            (None, _) => panic!("a block begins with a command: {line}"),
        }
        goes_on = line.ends_with('\\') && (goes_on || line.starts_with("$ "));
    }
    steps
}

fn yaml(block: &[&str]) -> Vec<Step> {
    let (mut steps, mut lines) = (Vec::new(), block.iter().peekable());
    while let Some(line) = lines.next() {
        let bare = line.trim_start().trim_start_matches("- ");
        let indent = line.len() - bare.len();
        let Some(run) = bare.strip_prefix("run:") else {
            continue;
        };
        let mut command = run.trim().to_owned();
        if command == "|" {
            command.clear();
            while let Some(more) =
                lines.next_if(|more| more.len() - more.trim_start().len() > indent)
            {
                command.push_str(more.trim_start());
                command.push('\n');
            }
        }
        steps.push(Step {
            command,
            expected: None,
        });
    }
    steps
}

/// Whether `text` is what a page shows, in which `…` stands for anything.
fn fits(shown: &str, text: &str) -> bool {
    let (shown, text) = (shown.trim_end(), text.trim_end());
    let Some((first, rest)) = shown.split_once('…') else {
        return shown == text;
    };
    let Some(mut text) = text.strip_prefix(first) else {
        return false;
    };
    let mut parts: Vec<&str> = rest.split('…').collect();
    let last = parts.pop().unwrap_or_default();
    for part in parts {
        let Some((_, after)) = text.split_once(part) else {
            return false;
        };
        text = after;
    }
    text.ends_with(last)
}

/// Where the emulator's profile `lab` has its API.
fn address(world: &World) -> String {
    let config = std::fs::read_to_string(world.home().join("emulator/config.toml")).unwrap();
    let mut lines = config
        .lines()
        .filter_map(|line| line.strip_prefix("api = \""));
    lines.next().unwrap().trim_end_matches("/api\"").to_owned()
}

/// Runs a page's commands in one shell.
fn run(page: &Path) {
    let text = std::fs::read_to_string(page).unwrap();
    let world = World::empty();
    let (_emulator, exports) = Emulator::start(&world, &["emulator", "--dir", "emulator"]);
    more_profiles(&world);
    let server = address(&world);
    let highway = format!("{server}/sso/auth/realms/highway/api");
    let text = text.replace("https://highway.example.org", &highway);
    let steps = steps(&text.replace("https://lab.example.org", &server));
    assert!(!steps.is_empty(), "{} has no command", page.display());
    let bin = world.home().join("bin");
    std::fs::create_dir(&bin).unwrap();
    let mut script = exports;
    for variable in ["GITHUB_ENV", "GITHUB_OUTPUT"] {
        let file = world.home().join(variable);
        std::fs::write(&file, "").unwrap();
        writeln!(script, "export {variable}='{}'", file.display()).unwrap();
    }
    for step in &steps {
        writeln!(
            script,
            "{{ {}\n}} || echo \"{MARK} exit $?\"; echo \"{MARK}\"",
            step.command
        )
        .unwrap();
    }
    let auth = world.auth(&[]);
    crate::system::symlink(auth.get_program(), bin.join("auth")).unwrap();
    let mut paths = vec![bin];
    paths.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap()));
    let said = world.home().join("said");
    let mut shell = Command::new("sh")
        .args(["-c", &format!("exec >'{}' 2>&1\n{script}", said.display())])
        .env_clear()
        .env("HOME", world.home())
        .env("PATH", std::env::join_paths(paths).unwrap())
        .env("PYTHONPATH", root().join("python/src"))
        .current_dir(world.home())
        .stdin(Stdio::null())
        .spawn()
        .unwrap();
    let mut entered = 0;
    while shell.try_wait().unwrap().is_none() {
        std::thread::sleep(Duration::from_millis(20));
        let said = std::fs::read_to_string(&said).unwrap_or_default();
        for (page, code) in person::invited(&said).iter().skip(entered) {
            world.block_on(person::enters(page, code));
            entered += 1;
        }
    }
    let said = std::fs::read_to_string(said).unwrap();
    let ending = format!("{MARK}\n");
    let mut answers = said.split(&ending);
    for step in &steps {
        let answer = answers.next().unwrap_or_default();
        let (page, command) = (page.display(), &step.command);
        assert!(!answer.contains(MARK), "{page}: {command}\n{answer}");
        if let Some(expected) = &step.expected {
            assert!(
                fits(expected, answer),
                "{page}: {command}\n{answer}\nand not\n{expected}"
            );
        }
    }
    assert_eq!(answers.next(), Some(""), "{}: {said}", page.display());
}

const MARK: &str = "@@ of a page @@";

/// The emulator has its services of Destination Earth under names of its own.
fn more_profiles(world: &World) {
    let path = world.home().join("emulator/config.toml");
    let config = std::fs::read_to_string(&path).unwrap();
    let mut more = config.clone();
    for (own, service) in [("desp-otp", "highway"), ("data-lake", "lake")] {
        let (_, profile) = config.split_once(&format!("[profile.{own}]\n")).unwrap();
        let profile = profile.split("\n[").next().unwrap();
        write!(more, "\n[profile.{service}]\n{profile}\n").unwrap();
    }
    std::fs::write(path, more).unwrap();
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Each page of the documentation.
fn all_pages() -> Vec<PathBuf> {
    let directories = [root().join("docs"), root().join("docs/use")];
    let entries = directories
        .iter()
        .flat_map(|each| std::fs::read_dir(each).unwrap());
    let paths = entries.map(|entry| entry.unwrap().path());
    let mut pages: Vec<_> = paths
        .filter(|path| path.extension().is_some_and(|end| end == "md"))
        .collect();
    pages.sort();
    pages
}

/// The same, and the pages that people see first.
fn with_readmes() -> Vec<PathBuf> {
    let mut pages = all_pages();
    pages.extend(["README.md", "crates/auth-cli/README.md"].map(|page| root().join(page)));
    pages
}

#[test]
#[cfg_attr(windows, ignore = "no shell of Unix")]
fn each_command_of_each_page_says_what_the_page_says() {
    let mut pages = with_readmes();
    pages.retain(|page| {
        let text = std::fs::read_to_string(page).unwrap();
        text.contains("\n```console") || text.contains(" run: ")
    });
    assert!(pages.len() > 14, "{pages:?}");
    pages.iter().for_each(|page| run(page));
}

#[test]
fn each_profile_that_a_page_shows_is_one_that_is_taken() {
    let mut count = 0;
    for page in with_readmes() {
        let text = std::fs::read_to_string(&page).unwrap();
        for block in text.split("\n```toml\n").skip(1) {
            let block = block.split("\n```").next().unwrap();
            if !block.contains("[profile.") {
                continue;
            }
            let world = World::empty();
            world.config(block);
            let ended = world.run(&["config", "check"]);
            assert_eq!(
                ended.code,
                Some(0),
                "{}\n{block}\n{ended:?}",
                page.display()
            );
            count += 1;
        }
    }
    assert!(count > 10, "{count}");
}

#[test]
fn a_page_is_read_as_people_read_it() {
    let page = "text\n```console\n$ cargo install x\n$ a \\\n    b\nout\n$ c\n$ z  # so\n$ y  # so\nout\n```\n```text\n$ not\n```\n\
                ```console needs no-such-tool\n$ d\n```\n```yaml\n- run: e\n- run: |\n    f\n    g\n  env: {}\n```\n";
    let step = |command: &str, expected: Option<&str>| Step {
        command: command.to_owned(),
        expected: expected.map(str::to_owned),
    };
    let expected = [
        step("a \\\n    b", Some("out\n")),
        step("c", Some("")),
        step("z  # so", None),
        step("y  # so", Some("out\n")),
        step("e", None),
        step("f\ng\n", None),
    ];
    assert_eq!(steps(page), expected);
    assert!(fits("a…c\n", "abbc\n") && fits("…\n", "x\ny\n") && fits("", ""));
    assert!(fits("{…b…}", "{a b {c} d}") && !fits("a…b…", "xab"));
    assert!(!fits("a…c\n", "abbd\n") && !fits("", "x\n") && !fits("a\n", "a\nb\n"));
}
