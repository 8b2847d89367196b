//! `auth init`, as somebody types it at a terminal.

use std::io::{BufRead, BufReader, Read};
use std::process::Child;

use auth_testkit::{Client, Realm};

use crate::login::word_after;
use crate::system::mode;
use crate::terminal::Terminal;
use crate::world::{EMAIL, Ended, KEY, KEY_ID, SECRET, World, finish};

/// Somebody at a terminal, and the program that asks them.
struct Talk {
    terminal: Terminal,
    child: Child,
    seen: String,
}

impl Talk {
    fn start(world: &World, arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        let terminal = Terminal::open();
        let child = terminal.run_with(world, arguments, variables);
        let seen = String::new();
        Self {
            terminal,
            child,
            seen,
        }
    }

    /// Waits for the end of a question, and answers.
    fn answer(&mut self, question: &str, answer: &str) {
        self.seen += &self.terminal.wait_for(question);
        self.terminal.type_in(&format!("{answer}\n"));
    }

    /// The same where nobody may see the answer.
    fn answer_hidden(&mut self, question: &str, answer: &str) {
        self.seen += &self.terminal.wait_for(question);
        while self.terminal.echoes() {
            std::thread::yield_now();
        }
        self.terminal.type_in(&format!("{answer}\n"));
    }

    fn ended(self) -> Ended {
        Ended::of(self.child.wait_with_output().unwrap())
    }

    /// What it says on stderr up to a line with that part, and a way to let it end.
    fn said(&mut self, part: &str) -> String {
        let mut said = String::new();
        let mut stderr = BufReader::new(self.child.stderr.take().unwrap());
        while !said.lines().last().is_some_and(|line| line.contains(part)) {
            assert!(stderr.read_line(&mut said).unwrap() > 0, "{said}");
        }
        self.child.stderr = Some(stderr.into_inner());
        said
    }
}

fn text(world: &World) -> String {
    let path = world.config_directory().join("config.toml");
    let text = std::fs::read_to_string(path).unwrap();
    text.replace(&world.listening().issuer(), "[ISSUER]")
}

fn files(world: &World) -> Vec<String> {
    let entries = std::fs::read_dir(world.config_directory());
    let entries = entries.into_iter().flatten();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort_unstable();
    names
}

#[test]
#[cfg_attr(windows, ignore = "a test has no terminal of its own there")]
fn a_newcomer_gets_a_first_token_for_a_program_without_editing_a_file() {
    let world = World::empty();
    let issuer = world.listening().issuer();
    let mut talk = Talk::start(&world, &["init"], &[]);
    talk.answer("Which system is it? [1]: ", "17");
    talk.answer("Which system is it? [1]: ", "2");
    talk.answer("Issuer (the server's address): ", "https://localhost:1/x");
    talk.answer("address) [https://localhost:1/x]: ", &issuer);
    talk.answer("Client ID: ", "");
    talk.answer("Client ID: ", "robot");
    talk.answer("Client secret: where is it? [1]: ", "");
    talk.answer_hidden("Client secret: ", SECRET);
    talk.answer("Scopes, with blanks between them [none]: ", "read  write");
    talk.answer("`auth request` [none]: ", "api.example.org");
    talk.answer("`auth request` [none]: ", "");
    talk.answer("Name of the profile [robot]: ", "my lab");
    talk.answer("Name of the profile [robot]: ", "lab");
    let seen = talk.seen.clone();
    let ended = talk.ended();
    assert_eq!(
        (ended.code, &*ended.stdout),
        (Some(0), ""),
        "{}",
        ended.stderr
    );
    assert!(!(seen + &ended.stderr).contains("canary"));
    insta::assert_snapshot!(format!(
        "{}\n{}",
        world.shown(&ended).replace(&issuer, "[ISSUER]"),
        text(&world)
    ));
    let secret = world.config_directory().join("lab.client-secret");
    assert_eq!(std::fs::read_to_string(&secret).unwrap(), SECRET);
    assert_eq!(mode(&secret), 0o600);
    world.run(&["token", "lab"]).quiet();
    world.run(&["token", "lab", "--refresh"]).quiet();
}

#[test]
#[cfg_attr(windows, ignore = "a test has no terminal of its own there")]
fn a_newcomer_gets_a_first_token_for_a_person_without_editing_a_file() {
    let world = crate::login::world();
    std::fs::remove_dir_all(world.config_directory()).unwrap();
    let issuer = world.listening().issuer();
    let mut talk = Talk::start(&world, &["init", "--device-code"], &[]);
    talk.answer("Which system is it? [1]: ", "");
    talk.answer("Issuer (the server's address): ", &issuer);
    talk.answer("Client ID: ", "desktop");
    talk.answer("have a secret? [1]: ", "1");
    talk.answer("Scopes [openid offline_access]: ", "openid read");
    talk.answer("`auth request` [none]: ", "http://127.0.0.1:1/api");
    talk.answer("Name of the profile [me]: ", "");
    let said = talk.said("enter the code");
    assert!(said.contains("the server knows the client"), "{said}");
    let code = word_after(&said, "enter the code ");
    assert!(world.server.allow_device(&code, "ada"));
    let ended = talk.ended();
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    insta::assert_snapshot!(text(&world));
    world.run(&["token", "me"]).quiet();
}

#[test]
#[cfg_attr(windows, ignore = "a test has no terminal of its own there")]
fn what_the_server_refuses_is_written_only_if_the_person_says_so() {
    let world = crate::login::world();
    std::fs::remove_dir_all(world.config_directory()).unwrap();
    let issuer = world.listening().issuer();
    for (answer, code, there) in [("1", 4, false), ("2", 3, true)] {
        let mut talk = Talk::start(&world, &["init", "--device-code"], &[]);
        talk.answer("Which system is it? [1]: ", "1");
        talk.answer("Issuer (the server's address): ", &issuer);
        talk.answer("Client ID: ", "no-such-client");
        talk.answer("have a secret? [1]: ", "1");
        talk.answer("Scopes [openid offline_access]: ", "");
        talk.answer("`auth request` [none]: ", "");
        talk.answer("Name of the profile [me]: ", "");
        talk.answer("all the same? [1]: ", answer);
        let ended = talk.ended();
        assert_eq!(ended.code, Some(code), "{}", ended.stderr);
        assert!(ended.stderr.contains("invalid_client"), "{}", ended.stderr);
        assert_eq!(
            files(&world),
            if there { vec!["config.toml"] } else { vec![] }
        );
    }
}

#[test]
#[cfg_attr(windows, ignore = "a test has no terminal of its own there")]
fn an_interrupt_at_any_question_leaves_everything_as_it_is() {
    let world = World::empty();
    let issuer = world.listening().issuer();
    for hidden in [false, true] {
        let mut talk = Talk::start(&world, &["init"], &[]);
        talk.answer("Which system is it? [1]: ", "2");
        talk.answer("Issuer (the server's address): ", &issuer);
        if hidden {
            talk.answer("Client ID: ", "robot");
            talk.answer("where is it? [1]: ", "1");
            talk.terminal.wait_for("Client secret: ");
            while talk.terminal.echoes() {
                std::thread::yield_now();
            }
        } else {
            talk.terminal.wait_for("Client ID: ");
        }
        talk.terminal.type_in("\u{3}");
        let status = talk.child.wait().unwrap();
        assert_eq!(status.code(), Some(130));
        assert!(talk.terminal.echoes());
        assert_eq!(files(&world), Vec::<String>::new());
    }
    // A terminal that ends the input answers nothing.
    let mut talk = Talk::start(&world, &["init"], &[]);
    talk.terminal.wait_for("Which system is it? [1]: ");
    talk.terminal.type_in("\u{4}");
    assert_eq!(talk.child.wait().unwrap().code(), Some(4));
}

#[test]
#[cfg_attr(windows, ignore = "a test has no terminal of its own there")]
fn a_file_that_can_not_be_written_is_said_before_anybody_types() {
    let world = World::empty();
    let talk = Talk::start(&world, &["init", "--config", "/proc/auth.toml"], &[]);
    let away = talk.ended();
    world.config("[profile.lab\n");
    let broken = Talk::start(&world, &["init"], &[]).ended();
    crate::world::set_mode(&world.config_directory().join("config.toml"), 0o666);
    let loose = Talk::start(&world, &["init"], &[]).ended();
    let nobody = world.run(&["init", "--no-interaction"]);
    let mut command = world.auth(&["init"]);
    command.env("CI", "true");
    let in_ci = finish(command);
    let all = [&away, &broken, &loose, &nobody, &in_ci];
    let codes = all.map(|ended| ended.code);
    assert_eq!(codes, [Some(2), Some(2), Some(2), Some(4), Some(4)]);
    insta::assert_snapshot!(all.map(|ended| world.shown(ended)).concat());
}

#[test]
#[cfg_attr(windows, ignore = "a test has no terminal of its own there")]
fn each_of_the_five_systems_can_be_the_first() {
    let world = World::empty();
    let issuer = world.listening().issuer();
    let url = |path: &str| world.listening().url(path).to_string();
    let mut said = String::new();

    // Sensors.
    let variables = [("AUTH_DISRUPTIVE_TOKEN_URL", &*url("/oauth2/token"))];
    let mut talk = Talk::start(&world, &["init"], &variables);
    talk.answer("Which system is it? [1]: ", "7");
    talk.answer("Email of the service account: ", EMAIL);
    talk.answer("Key ID: ", KEY_ID);
    talk.answer("Key secret: where is it? [1]: ", "1");
    talk.answer_hidden("Key secret: ", KEY);
    talk.answer("Name of the profile [disruptive]: ", "");
    said += &world.shown(&talk.ended());

    // Modelling.
    let realm = url("/auth/realms/provena");
    world.server.add_realm(
        Realm::new("provena")
            .with_base("/auth")
            .with_client(Client::public("client-tools").with_scopes(["offline_access"; 0])),
    );
    let mut talk = Talk::start(&world, &["init"], &[]);
    talk.answer("Which system is it? [1]: ", "8");
    talk.answer("/realms/NAME): ", &issuer);
    talk.answer("]: ", &realm);
    talk.answer("`auth request` [none]: ", "");
    talk.answer("Name of the profile [provena-person]: ", "");
    let seen = talk.said("enter the code");
    assert!(seen.contains("the server knows the client"), "{seen}");
    talk.child.kill().unwrap();

    // Evidence: all of it is built in.
    let variables = [
        ("AUTH_DESTINY_ISSUER", &*realm),
        ("AUTH_DESTINY_CLIENT_ID", "client-tools"),
    ];
    let mut talk = Talk::start(&world, &["init", "--device-code"], &variables);
    talk.answer("Which system is it? [1]: ", "5");
    talk.answer("Which one? [1]: ", "destiny");
    let seen = talk.said("enter the code");
    assert!(!seen.contains("profile `destiny` is in"), "{seen}");
    talk.child.kill().unwrap();

    // Destination Earth: the login itself is typed.
    let mut talk = Talk::start(&world, &["init"], &[("DESPAUTH_IAM_URL", &*url("/"))]);
    talk.answer("Which system is it? [1]: ", "6");
    talk.answer("Which one? [1]: ", "cacheb");
    talk.answer("to be asked for it no more [none]: ", "ada");
    talk.answer("Name of the profile [cacheb]: ", "mine");
    talk.terminal.wait_for("Password: ");
    talk.terminal.type_in("\u{3}");
    said += &world.shown(&talk.ended());

    // Plant control: a program at Entra ID, whose server is not there.
    let variables = [
        ("AUTH_PECTUS_AUTHORITY", "http://127.0.0.1:1"),
        ("PECTUS_SECRET", "canary"),
    ];
    let mut talk = Talk::start(&world, &["init"], &variables);
    talk.answer("Which system is it? [1]: ", "9");
    talk.answer("Tenant (its ID): ", "f870e5ae-5521-4a94-b9ff-cdde7d36dd35");
    talk.answer("Client ID: ", "5ec70500-0000-4000-8000-000000009800");
    talk.answer("Client secret: where is it? [1]: ", "3");
    talk.answer("The variable's name: ", "PECTUS_SECRET");
    talk.answer("Name of the profile [pectus]: ", "");
    talk.answer("all the same? [1]: ", "2");
    said += &world.shown(&talk.ended());

    let said = said.replace(&issuer, "[ISSUER]");
    insta::assert_snapshot!(format!("{said}\n{}", text(&world)));
    assert!(!said.contains("canary"), "{said}");
    let mut rest = String::new();
    let path = world.config_directory().join("disruptive.key");
    std::fs::File::open(path)
        .unwrap()
        .read_to_string(&mut rest)
        .unwrap();
    assert_eq!(rest, KEY);
}
