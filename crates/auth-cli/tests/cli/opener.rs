//! What opens the browser: whose it is, whether it did, and what stands among its arguments.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use auth_testkit::Visitor;

use crate::login::world;
use crate::world::{Ended, World, finish, set_mode};

/// A browser of the person's own, which notes what it is asked to open.
pub(crate) struct Opened<'w> {
    world: &'w World,
    program: PathBuf,
}

impl<'w> Opened<'w> {
    /// One at `place` below the home directory, which ends with `code`.
    pub(crate) fn by(world: &'w World, place: &str, code: u8) -> Self {
        let program = world.home().join(place);
        std::fs::create_dir_all(program.parent().unwrap()).unwrap();
        let home = world.home().display();
        let body = format!(
            "#!/bin/sh\nstat -c %a \"${{1#file://}}\" >{home}/mode 2>/dev/null\n\
             cp \"${{1#file://}}\" {home}/page 2>/dev/null\necho \"$@\" >{home}/part\nmv {home}/part {home}/opened\nexit {code}\n"
        );
        std::fs::write(&program, body).unwrap();
        set_mode(&program, 0o700);
        Self { world, program }
    }

    /// A run of the program, whose browser this is.
    pub(crate) fn run(&self, arguments: &[&str]) -> Command {
        let mut command = self.world.auth(arguments);
        command.env("BROWSER", &self.program);
        command
    }

    fn noted(&self, name: &str) -> String {
        let path = self.world.home().join(name);
        loop {
            match std::fs::read_to_string(&path) {
                Ok(text) if !text.is_empty() => return text,
                _ => std::thread::sleep(Duration::from_millis(5)),
            }
        }
    }

    /// What it was asked to open.
    pub(crate) fn arguments(&self) -> String {
        self.noted("opened").trim().to_owned()
    }

    /// Where the page leads that it was asked to open.
    pub(crate) fn page(&self) -> String {
        self.arguments();
        let page = self.noted("page");
        let (_, rest) = page.split_once("0; url=").unwrap();
        rest.split('"').next().unwrap().replace("&amp;", "&")
    }
}

#[test]
#[cfg_attr(windows, ignore = "no shell of Unix")]
fn the_browser_of_the_person_gets_a_private_page_and_no_state_among_its_arguments() {
    let world = world();
    world.server.set_visitor(Visitor::logs_in("ada"));
    let browser = Opened::by(&world, "my browser", 0);
    // A place with a blank in it is no list of words.
    std::fs::rename(&browser.program, world.home().join("browser")).unwrap();
    let browser = Opened {
        program: world.home().join("browser"),
        ..browser
    };
    let child = browser
        .run(&["login", "person", "--browser"])
        .spawn()
        .unwrap();
    let page = browser.page();
    let arguments = browser.arguments();
    assert!(
        arguments.starts_with("file://") && arguments.ends_with(".html"),
        "{arguments}"
    );
    for (name, value) in url::Url::parse(&page).unwrap().query_pairs() {
        if ["state", "nonce", "code_challenge"].contains(&&*name) {
            assert!(!arguments.contains(&*value), "{name} in {arguments}");
        }
    }
    assert_eq!(browser.noted("mode").trim(), "600");
    world.follow(&page);
    let ended = Ended::of(child.wait_with_output().unwrap());
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let path = arguments.trim_start_matches("file://");
    assert!(
        !std::path::Path::new(path).exists(),
        "the page goes with the login"
    );
}

#[test]
#[cfg_attr(windows, ignore = "no shell of Unix")]
fn a_browser_that_reads_no_files_gets_an_address_that_leads_on_once() {
    let world = world();
    world.server.set_visitor(Visitor::logs_in("ada"));
    let browser = Opened::by(&world, "snap/bin/browser", 0);
    let child = browser
        .run(&["login", "person", "--browser"])
        .spawn()
        .unwrap();
    let address = browser.arguments();
    assert!(
        address.starts_with("http://127.0.0.1:") && !address.contains("state"),
        "{address}"
    );
    world.follow(&address);
    let ended = Ended::of(child.wait_with_output().unwrap());
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
}

#[test]
#[cfg_attr(windows, ignore = "no shell of Unix")]
fn the_desktops_browser_is_asked_after_and_one_in_a_box_gets_an_address() {
    for boxed in [false, true] {
        let world = world();
        world.server.set_visitor(Visitor::logs_in("ada"));
        let browser = Opened::by(&world, "bin/xdg-open", 0);
        let settings = world.home().join("bin/xdg-settings");
        std::fs::write(&settings, "#!/bin/sh\necho org.example.Browser.desktop\n").unwrap();
        set_mode(&settings, 0o700);
        if boxed {
            let exported = world
                .home()
                .join(".local/share/flatpak/exports/share/applications");
            std::fs::create_dir_all(&exported).unwrap();
            std::fs::write(exported.join("org.example.Browser.desktop"), "").unwrap();
        }
        let mut command = world.auth(&["login", "person", "--browser"]);
        command.env(
            "PATH",
            format!("{}/bin:/usr/bin:/bin", world.home().display()),
        );
        let child = command.spawn().unwrap();
        let scheme = if boxed {
            "http://127.0.0.1:"
        } else {
            "file://"
        };
        let address = browser.arguments();
        assert!(address.starts_with(scheme), "{address}");
        world.follow(&if boxed { address } else { browser.page() });
        let ended = Ended::of(child.wait_with_output().unwrap());
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    }
}

#[test]
#[cfg_attr(windows, ignore = "no shell of Unix")]
fn an_address_that_is_asked_for_twice_ends_the_login_and_says_why() {
    let world = world();
    let browser = Opened::by(&world, "snap/bin/browser", 0);
    let child = browser
        .run(&["login", "person", "--browser"])
        .spawn()
        .unwrap();
    let address = browser.arguments();
    let statuses = world.block_on(async {
        let mut statuses = Vec::new();
        for _ in 0..2 {
            statuses.push(world.status_of(&address).await);
        }
        statuses
    });
    assert_eq!(statuses, [302, 410]);
    let ended = Ended::of(child.wait_with_output().unwrap());
    let said = ended.stderr;
    assert_eq!(ended.code, Some(4), "{said}");
    assert!(said.contains("asked for twice"), "{said}");
    assert_eq!(world.server.count("/token"), 0);
}

#[test]
#[cfg_attr(windows, ignore = "no shell of Unix")]
fn an_opener_that_fails_has_opened_nothing() {
    let world = world();
    let browser = Opened::by(&world, "browser", 3);
    let mut command = browser.run(&["login", "person", "--browser", "--timeout", "2"]);
    // No other opener is to be found.
    command.env("PATH", "/nowhere");
    let ended = finish(command);
    assert_eq!(ended.code, Some(4), "{}", ended.stderr);
    let said = ended.stderr;
    assert!(said.contains("no browser could be opened"), "{said}");
    assert!(said.contains("--device-code"), "{said}");
}
