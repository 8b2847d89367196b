//! Changes to the person's own file: `auth profiles add` and `remove`, and the files of others that it includes.

use std::path::Path;

use crate::system::{mode, symlink};
use crate::world::{Ended, SECRET, World, finish, set_mode};

const TEXT: &str = "# Of the plant. Do not lose this.

# The robot in the lab.
[profile.lab]   # first
kind = \"client-credentials\"
issuer = \"ISSUER\" # ours
client-id = \"robot\"
client-secret = { file = \"lab.secret\" }

# Ada's.
[profile.ada]
kind = \"oidc\"
issuer = \"ISSUER\"
client-id = \"desktop\"
# the end
";

fn world() -> World {
    let world = World::empty();
    world.secret("lab.secret", SECRET);
    write(&world.config_directory().join("config.toml"), &text(&world));
    world
}

fn text(world: &World) -> String {
    TEXT.replace("ISSUER", &world.listening().issuer())
}

fn write(path: &Path, text: &str) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
    set_mode(path, 0o600);
}

fn read(world: &World) -> String {
    std::fs::read_to_string(world.config_directory().join("config.toml")).unwrap()
}

/// Adds a profile of a program at the server.
fn add(world: &World, name: &str) -> Vec<String> {
    let issuer = world.listening().issuer();
    let words = [
        "profiles",
        "add",
        name,
        "--kind",
        "client-credentials",
        "--issuer",
        &issuer,
        "--client-id",
        "robot",
        "--client-secret",
        "file:~/.config/auth/lab.secret",
        "--scope",
        "read",
    ];
    words.map(str::to_owned).to_vec()
}

fn run(world: &World, words: &[String]) -> Ended {
    world.run(&words.iter().map(String::as_str).collect::<Vec<_>>())
}

#[track_caller]
fn done(ended: Ended) -> String {
    assert_eq!(
        (ended.code, &*ended.stdout),
        (Some(0), ""),
        "{}",
        ended.stderr
    );
    ended.stderr
}

#[test]
fn comments_and_the_order_stay_while_profiles_come_and_go() {
    let world = world();
    let said = done(run(&world, &add(&world, "new")));
    let with = read(&world);
    world.run(&["token", "new"]).quiet();
    done(world.run(&["profiles", "remove", "lab"]));
    let without = read(&world);
    done(world.run(&["profiles", "remove", "new"]));
    done(world.run(&["profiles", "remove", "ada"]));
    let all = format!(
        "{said}\n{with}\n--- without lab\n{without}\n--- without any\n{}",
        read(&world)
    );
    let all = all.replace(&world.listening().issuer(), "[ISSUER]");
    insta::assert_snapshot!(world.portable(&all));
}

#[test]
fn the_first_profile_of_a_newcomer_makes_a_private_file_in_a_private_directory() {
    let world = World::empty();
    let directory = world.home().join(".config");
    std::fs::create_dir(&directory).unwrap();
    let secret = world.home().join("my.secret");
    write(&secret, SECRET);
    let mut words = add(&world, "lab");
    words[10] = "file:my.secret".to_owned();
    done(run(&world, &words));
    words[2] = "other".to_owned();
    words.extend(["--config".to_owned(), "elsewhere.toml".to_owned()]);
    done(run(&world, &words));
    world
        .run(&["token", "other", "--config", "elsewhere.toml"])
        .quiet();
    if cfg!(unix) {
        assert_eq!(mode(&directory.join("auth/config.toml")), 0o600);
        assert_eq!(mode(&directory.join("auth")), 0o700);
    }
    assert!(
        read(&world).starts_with("[profile.lab]\n"),
        "{}",
        read(&world)
    );
    world.run(&["token", "lab"]).quiet();
}

#[test]
fn what_does_not_add_up_is_not_written() {
    let world = world();
    let before = read(&world);
    let mut said = String::new();
    let adds: [&[&str]; 11] = [
        &["new", "--kind", "oidc", "--tenant", "x"],
        &["new", "--issuer", "https://a.b"],
        &["lab", "--kind", "oidc"],
        &["new/er", "--kind", "oidc"],
        &["new", "--kind", "oidc", "--api", "no url"],
        &["new", "--kind", "oidc", "--issuer", "a", "--issuer", "b"],
        &[
            "new",
            "--kind",
            "client-credentials",
            "--client-secret",
            "hunter2",
        ],
        &[
            "new",
            "--kind",
            "client-credentials",
            "--client-secret",
            "hunter2:env",
        ],
        &[
            "new",
            "--kind",
            "client-credentials",
            "--client-secret",
            "env:",
        ],
        &["new", "--kind", "opaque"],
        &["new", "--preset", "highwya"],
    ];
    for words in adds {
        let ended = world.run(&[&["profiles", "add"], words].concat());
        assert_eq!((ended.code, &*ended.stdout), (Some(2), ""), "{words:?}");
        assert!(!ended.stderr.contains("hunter2"), "{}", ended.stderr);
        said += &format!("{words:?}\n{}", world.shown(&ended));
    }
    for name in ["highway", "nobody"] {
        let ended = world.run(&["profiles", "remove", name]);
        assert_eq!(ended.code, Some(2));
        said += &world.shown(&ended);
    }
    assert_eq!(read(&world), before);
    insta::assert_snapshot!(said.replace("hunter2", "[SECRET]"));
}

#[test]
fn a_built_in_profile_gets_what_it_lacks() {
    let world = World::empty();
    let issuer = world.listening().issuer();
    done(world.run(&["profiles", "add", "provena-person", "--issuer", &issuer]));
    let shown = world.run(&["profiles", "show", "provena-person"]).quiet();
    assert!(
        shown.contains("keycloak") && shown.contains(&issuer),
        "{shown}"
    );
}

#[test]
#[cfg_attr(windows, ignore = "making a link needs a right that few have")]
fn a_link_stays_one_and_its_file_keeps_its_mode() {
    let world = world();
    let (link, real) = (
        world.config_directory().join("config.toml"),
        world.home().join("dotfiles/auth.toml"),
    );
    write(&real, &text(&world));
    set_mode(&real, 0o640);
    std::fs::remove_file(&link).unwrap();
    symlink(&real, &link).unwrap();
    done(run(&world, &add(&world, "new")));
    assert!(link.symlink_metadata().unwrap().is_symlink());
    assert!(
        std::fs::read_to_string(&real)
            .unwrap()
            .contains("[profile.new]")
    );
    assert_eq!(mode(&real), 0o640);
    std::fs::remove_file(&real).unwrap();
    let ended = run(&world, &add(&world, "newer"));
    assert_eq!(ended.code, Some(2));
}

#[test]
#[cfg_attr(windows, ignore = "no shell of Unix")]
fn nothing_is_half_written_where_there_is_no_room_or_no_right() {
    let world = world();
    let before = read(&world);
    let words = add(&world, "new").join(" ");
    let mut command = std::process::Command::new("sh");
    let program = world.auth(&[]);
    let line = format!(
        "ulimit -f 0; exec {} {words}",
        program.get_program().display()
    );
    command
        .args(["-c", &line])
        .env_clear()
        .env("HOME", world.home());
    command
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped());
    let full = finish(command);
    assert_eq!((full.code, &*full.stdout), (Some(2), ""), "{}", full.stderr);
    let mut words = add(&world, "new");
    words.extend(["--config".to_owned(), "/proc/auth.toml".to_owned()]);
    let mut command = world.auth(&[]);
    command.args(&words);
    let away = finish(command);
    assert_eq!(read(&world), before);
    let names = std::fs::read_dir(world.config_directory()).unwrap().count();
    assert_eq!(names, 2, "the secret and the configuration");
    insta::assert_snapshot!(world.shown(&full) + &world.shown(&away));
}

#[test]
#[cfg_attr(windows, ignore = "files have no modes")]
fn a_file_that_others_can_write_or_that_is_no_toml_is_not_changed() {
    let world = world();
    let path = world.config_directory().join("config.toml");
    set_mode(&path, 0o666);
    let loose = run(&world, &add(&world, "new"));
    set_mode(&path, 0o600);
    write(&path, "[profile.lab\nclient-secret = \"hunter2\"\n");
    let broken = run(&world, &add(&world, "new"));
    assert!(!broken.stderr.contains("hunter2"));
    assert_eq!((loose.code, broken.code), (Some(2), Some(2)));
    insta::assert_snapshot!(world.shown(&loose) + &world.shown(&broken));
    assert!(!read(&world).contains("new"));
}

#[test]
fn those_who_add_at_once_lose_nothing_of_each_other() {
    let world = world();
    let names: Vec<String> = (0..8).map(|at| format!("new{at}")).collect();
    let children: Vec<_> = names
        .iter()
        .map(|name| {
            let mut command = world.auth(&[]);
            command.args(add(&world, name)).spawn().unwrap()
        })
        .collect();
    for child in children {
        let ended = Ended::of(child.wait_with_output().unwrap());
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    }
    let text = read(&world);
    for name in names {
        assert!(text.contains(&format!("[profile.{name}]")), "{text}");
    }
}

#[test]
fn a_profile_in_a_file_of_the_team_is_used_and_the_own_file_wins() {
    let world = world();
    let issuer = world.listening().issuer();
    let team = world.home().join("team/auth.toml");
    write(
        &team,
        &format!(
            "[profile.lab]\nkind = \"client-credentials\"\nscope = \"write\"\nclient-id = \"another\"\n\
             [profile.shared]\nkind = \"client-credentials\"\nissuer = \"{issuer}\"\nclient-id = \"robot\"\n\
             client-secret = {{ file = \"team.secret\" }}\n"
        ),
    );
    write(&world.home().join("team/team.secret"), SECRET);
    let own = format!("include = [\"~/team/auth.toml\"]\n{}", text(&world));
    write(&world.config_directory().join("config.toml"), &own);
    world.run(&["token", "shared"]).quiet();
    let shown = world.run(&["config", "show", "lab"]).quiet();
    let shown = shown.replace(&issuer, "[ISSUER]");
    let squeezed = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ") + "\n";
    let mut said: String = shown.lines().skip(2).map(squeezed).collect();
    // Another file of the team takes nothing away from the first.
    for more in [
        "[\"~/team/auth.toml\", \"gone.toml\"]",
        "[7]",
        "\"~/team/auth.toml\"",
    ] {
        let own = format!("include = {more}\n{}", text(&world));
        write(&world.config_directory().join("config.toml"), &own);
        let ended = world.run(&["config", "show", "lab"]);
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        said += &ended.stderr;
        let gone = world.run(&["token", "shard"]);
        assert_eq!(gone.code, Some(2));
        said += &gone.stderr;
    }
    let nested = "include = [\"more.toml\"]\n[profile.lab]\nscop = \"x\"\n";
    write(&team, nested);
    write(&world.config_directory().join("config.toml"), &own);
    said += &world.run(&["token", "lab"]).stderr;
    said += &world.run(&["config", "check"]).stderr;
    let ended = world.run(&["profiles", "remove", "shared"]);
    assert_eq!(ended.code, Some(2));
    insta::assert_snapshot!(world.portable(&said));
}

#[test]
#[cfg_attr(windows, ignore = "files have no modes")]
fn a_file_of_the_team_that_others_can_write_is_refused() {
    let world = world();
    let team = world.home().join("team.toml");
    write(&team, "[profile.shared]\nkind = \"client-credentials\"\n");
    set_mode(&team, 0o666);
    let own = format!("include = [\"~/team.toml\"]\n{}", text(&world));
    write(&world.config_directory().join("config.toml"), &own);
    insta::assert_snapshot!(world.shown(&world.run(&["config", "check"])), @r"
    exit 2
    err: auth: warning: [HOME]/.config/auth/config.toml:1: everybody can write to the file [HOME]/team.toml; take that right away: chmod o-w [HOME]/team.toml
    err: auth: 1 mistake was found (read: [HOME]/.config/auth/config.toml); mend what the lines before name
    ");
}

#[test]
fn a_file_in_the_working_directory_is_never_read() {
    let world = World::empty();
    let hostile = "[profile.lab]\nkind = \"client-credentials\"\nclient-id = \"x\"\nclient-secret = { command = [\"touch\", \"pwned\"] }\ntoken-url = \"https://evil.example/\"\n";
    for name in [
        "config.toml",
        "auth.toml",
        ".auth.toml",
        "auth/config.toml",
        ".config.toml",
    ] {
        write(&world.home().join("project").join(name), hostile);
    }
    let mut command = world.auth(&["token", "lab"]);
    command.current_dir(world.home().join("project"));
    assert_eq!(finish(command).code, Some(2));
    assert!(!world.home().join("project/pwned").exists());
}

#[test]
fn lines_end_as_they_did_and_a_new_profile_comes_below_all_that_is_there() {
    let world = world();
    let path = world.config_directory().join("config.toml");
    for before in [
        "# Of the plant.\n",
        TEXT,
        "# a\n\n[profile.lab]\nkind = \"oidc\"\n# b\n\n# c\n",
    ] {
        for end in ["\n", "\r\n"] {
            let before = before.replace('\n', end);
            write(&path, &before);
            done(run(&world, &add(&world, "new")));
            let with = read(&world);
            assert!(with.starts_with(before.trim_end()), "{with:?}");
            assert_eq!(with.matches('\n').count(), with.matches(end).count());
            assert_eq!(with.contains('\r'), end == "\r\n", "{with:?}");
            done(world.run(&["profiles", "remove", "new"]));
            assert_eq!(read(&world), before);
        }
    }
}
