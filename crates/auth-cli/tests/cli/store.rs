//! The store: where it is, and what happens where there can be none.

use std::process::Command;
use std::time::Duration;

use auth_core::store::{Attempt, FileStore, TokenStore};
use auth_testkit::{Fault, Policy};
use secrecy::ExposeSecret;

use crate::login;
use crate::system::mode;
use crate::world::{World, finish, set_mode};

#[test]
#[cfg_attr(windows, ignore = "files have no modes")]
fn tokens_are_kept_for_their_owner_alone() {
    let world = World::new();
    world.run(&["token", "lab"]).quiet();
    assert_eq!(mode(&world.store()), 0o700);
    for entry in std::fs::read_dir(world.store()).unwrap() {
        assert_eq!(mode(&entry.unwrap().path()), 0o600);
    }
}

#[test]
fn no_store_leaves_nothing_behind() {
    let world = World::new();
    world.run(&["token", "lab", "--no-store"]).quiet();
    assert!(!world.store().exists());
}

#[test]
fn the_flag_and_the_variable_name_another_directory() {
    let world = World::new();
    let (one, two) = (world.home().join("one"), world.home().join("two"));
    world
        .run(&["token", "lab", "--store", one.to_str().unwrap()])
        .quiet();
    let mut command = world.auth(&["token", "lab"]);
    command.env("AUTH_STORE", &two);
    finish(command).quiet();
    assert!(one.is_dir() && two.is_dir() && !world.store().exists());
}

/// A limit on the size of files, as `ulimit -f` sets it: the signal for it would kill without a word.
#[test]
#[cfg_attr(windows, ignore = "no limit on the size of files")]
fn where_files_must_not_grow_that_is_said_and_no_token_is_lost() {
    let world = World::new();
    let limited = |arguments: &[&str]| {
        let ours = world.auth(arguments);
        let mut command = Command::new("bash");
        command.args(["-c", "ulimit -f 0; exec \"$@\"", "bash"]);
        command.arg(ours.get_program()).args(ours.get_args());
        command.env_clear().current_dir(world.home());
        for (name, value) in ours.get_envs() {
            command.env(name, value.unwrap());
        }
        finish(command)
    };
    let kept = limited(&["token", "lab"]);
    assert_eq!(kept.code, Some(0), "{}", kept.stderr);
    assert_eq!(kept.stdout.lines().count(), 1);
    assert_eq!(kept.stderr.lines().count(), 1, "{}", kept.stderr);
    assert!(kept.stderr.contains("File too large"), "{}", kept.stderr);
    // One whose successor could not be kept is not spent.
    let refused = limited(&["token", "ada"]);
    assert_eq!(refused.code, Some(6), "{}", refused.stderr);
    assert!(
        refused.stderr.contains("File too large"),
        "{}",
        refused.stderr
    );
    assert_eq!(world.server.count("/token"), 1);
    world.run(&["token", "ada"]).quiet();
    // To end a login needs no room.
    let ended = limited(&["logout", "ada", "--revoke"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(
        ended.stderr.contains("revoked at the server"),
        "{}",
        ended.stderr
    );
    assert_eq!(world.server.count("/revoke"), 1);
    assert_eq!(limited(&["logout", "lab"]).code, Some(0));
    assert_eq!(left(&world), [""; 0]);
}

/// The names of the files in the store, but for the lock files, which stay on Windows.
fn left(world: &World) -> Vec<String> {
    let files = std::fs::read_dir(world.store()).unwrap();
    let names = files.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let stays = |name: &String| cfg!(windows) && name.ends_with(".lock");
    names.filter(|name| !stays(name)).collect()
}

#[test]
fn logout_leaves_nothing_of_a_login_whose_tokens_have_ended() {
    let world = World::new();
    let short = Policy::new().with_token_life(Duration::from_secs(1));
    world.server.set_policy(short);
    world.run(&["token", "lab"]).quiet();
    world.run(&["token", "ada"]).quiet();
    std::thread::sleep(Duration::from_secs(1));
    let status = world.run(&["status"]).stdout;
    assert_eq!(status.matches(", ended").count(), 2, "{status}");
    // What a process that was killed had reserved.
    let spare = left(&world).remove(0);
    let spare = format!(
        "{}.0123456789abcdef.spare",
        spare.split('.').next().unwrap()
    );
    private(&world.store().join(spare), b"reserved");
    for profile in ["lab", "ada"] {
        assert_eq!(world.run(&["logout", profile]).code, Some(0));
    }
    assert_eq!(left(&world), [""; 0]);
}

/// A directory that can't be made, for root neither: a file stands in its place.
#[test]
#[cfg_attr(windows, ignore = "Windows says so in words of its own")]
fn a_home_that_can_not_be_written_costs_one_warning_and_no_token() {
    let world = World::new();
    std::fs::write(world.home().join(".local"), "in the way").unwrap();
    let ended = world.run(&["token", "lab"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert_eq!(ended.stdout.matches('\n').count(), 1);
    assert_eq!(ended.stderr.matches('\n').count(), 1, "{}", ended.stderr);
    insta::assert_snapshot!(
        ended
            .stderr
            .replace(&*world.home().to_string_lossy(), "[HOME]")
    );
}

#[test]
#[cfg_attr(windows, ignore = "Windows says so in words of its own")]
fn a_given_refresh_token_is_not_spent_where_nothing_can_be_kept_and_one_line_says_so() {
    let world = World::new();
    let given = world.server.login("desktop", "ada", &["read"]);
    world.config(
        r#"
        [profile.ada]
        kind = "refresh"
        issuer = "ISSUER"
        client-id = "desktop"
        refresh-token = { env = "ADA" }
        "#,
    );
    std::fs::write(world.home().join(".local"), "in the way").unwrap();
    let mut command = world.auth(&["token", "ada"]);
    command.env("ADA", given.expose_secret());
    let ended = finish(command);
    insta::assert_snapshot!(world.shown(&ended));
    assert!(world.server.is_live(&given));
}

#[test]
#[cfg_attr(windows, ignore = "the store is not in HOME")]
fn a_home_that_is_no_directory_costs_one_warning_and_no_token() {
    let world = World::new();
    let file = world.home().join("file");
    std::fs::write(&file, "").unwrap();
    let mut command = world.auth(&["token", "lab"]);
    command.env("HOME", &file);
    command.env("AUTH_CONFIG", world.config_directory().join("config.toml"));
    let ended = finish(command);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert_eq!(ended.stderr.matches('\n').count(), 1, "{}", ended.stderr);
}

#[test]
fn r13_a_damaged_entry_is_moved_aside_with_one_warning_and_counts_as_none() {
    let world = World::new();
    world.run(&["token", "lab"]).quiet();
    let entry = || {
        let files = std::fs::read_dir(world.store()).unwrap();
        let mut paths = files.map(|entry| entry.unwrap().path());
        paths.find(|path| path.extension().is_some_and(|kind| kind == "json"))
    };
    std::fs::write(entry().unwrap(), [0; 100]).unwrap();
    let ended = world.run(&["token", "lab"]);
    assert_eq!(
        (ended.code, ended.stdout.matches('\n').count()),
        (Some(0), 1)
    );
    assert_eq!(ended.stderr.matches('\n').count(), 1, "{}", ended.stderr);
    assert!(ended.stderr.contains("moved aside"), "{}", ended.stderr);
    world.run(&["token", "lab"]).quiet();
    assert_eq!(world.server.count("/token"), 2);
}

#[test]
fn a_login_of_an_older_format_is_named_once_and_left_alone_until_there_is_a_new_one() {
    let world = World::new();
    world.run(&["token", "lab"]).quiet();
    let entry = || {
        let files = std::fs::read_dir(world.store()).unwrap();
        let mut paths = files.map(|entry| entry.unwrap().path());
        paths
            .find(|path| path.extension().is_some_and(|kind| kind == "json"))
            .unwrap()
    };
    let text = std::fs::read_to_string(entry()).unwrap();
    let (_, text) = text.split_once('\n').unwrap();
    let older = text.replace("\"version\":2", "\"version\":1");
    private(&entry(), older.as_bytes());
    world.server.fault("/token", Fault::status(400).always());
    let ended = world.run(&["token", "lab"]);
    assert_eq!(ended.code, Some(3), "{}", ended.stderr);
    assert_eq!(ended.stderr.lines().count(), 2, "{}", ended.stderr);
    let warning = ended.stderr.lines().next().unwrap();
    assert!(warning.contains("older format"), "{warning}");
    assert!(warning.contains(entry().to_str().unwrap()), "{warning}");
    assert_eq!(std::fs::read_to_string(entry()).unwrap(), older);
    let status = world.run(&["status"]);
    let named = status.stderr.matches("older format").count();
    assert_eq!(named, 1, "{}", status.stderr);
    world.server.clear_faults();
    let ended = world.run(&["token", "lab"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    world.run(&["token", "lab"]).quiet();
}

#[test]
fn a_tilde_that_no_shell_replaced_is_refused_and_makes_no_directory_of_that_name() {
    let world = World::new();
    let mut command = world.auth(&["token", "lab"]);
    command
        .env("AUTH_STORE", "~/tokens")
        .current_dir(world.home());
    let ended = finish(command);
    insta::assert_snapshot!(world.shown(&ended), @r"
    exit 2
    err: auth: the token store is called `~/tokens`; write the whole path: no shell has replaced the `~`
    ");
    assert!(!world.home().join("~").exists());
}

fn private(path: &std::path::Path, text: &[u8]) {
    std::fs::write(path, text).unwrap();
    set_mode(path, 0o600);
}

/// What a login looks like after a bit of it has flipped, each in its turn.
#[test]
fn whichever_bit_of_a_kept_login_flips_the_program_goes_on_and_logout_leaves_nothing() {
    let world = World::new();
    world.run(&["token", "lab"]).quiet();
    let file = || {
        let files = std::fs::read_dir(world.store()).unwrap();
        let mut paths = files.map(|entry| entry.unwrap().path());
        let is_entry =
            |path: &std::path::PathBuf| path.extension().is_some_and(|kind| kind == "json");
        paths.find(is_entry).unwrap()
    };
    let (entry, whole) = (file(), std::fs::read(file()).unwrap());
    // All of them, through the library, are in the tests of the store; here one in each part of the file.
    for byte in (0..whole.len()).step_by(67) {
        let mut damaged = whole.clone();
        damaged[byte] ^= 1;
        private(&entry, &damaged);
        let ended = world.run(&["token", "lab"]);
        assert_eq!((ended.code, ended.stdout.lines().count()), (Some(0), 1));
        assert_eq!(ended.stderr.lines().count(), 1, "{}", ended.stderr);
        assert!(ended.stderr.contains("moved aside"), "{}", ended.stderr);
        world.run(&["token", "lab"]).quiet();
        let mut damaged = std::fs::read(&entry).unwrap();
        damaged[byte] ^= 1;
        private(&entry, &damaged);
        assert_eq!(world.run(&["logout", "lab"]).code, Some(0));
        assert_eq!(left(&world), [""; 0]);
    }
}

/// The same of a person's login, which the program can't make anew: it says so, and the person can.
#[test]
fn whichever_bit_of_a_persons_login_flips_they_are_told_to_log_in_and_that_heals_it() {
    let world = login::world();
    let log_in = || {
        let given = world.server.login("desktop", "ada", &["openid", "read"]);
        let text = format!(r#"{{"refresh_token":"{}"}}"#, given.expose_secret());
        let path = world.secret("tokens.json", &text);
        let ended = world.run(&["import", "person", path.to_str().unwrap()]);
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    };
    log_in();
    let entry = || {
        let names = left(&world);
        let name = names.iter().find(|name| name.ends_with(".json")).unwrap();
        world.store().join(name)
    };
    let (path, length) = (entry(), std::fs::read(entry()).unwrap().len());
    let flip = |byte: usize| {
        let mut damaged = std::fs::read(&path).unwrap();
        let byte = byte.min(damaged.len() - 1);
        damaged[byte] ^= 1 << (byte % 8);
        private(&path, &damaged);
    };
    for byte in (0..length).step_by(211) {
        flip(byte);
        let ended = world.run(&["token", "person"]);
        assert_eq!((ended.code, &*ended.stdout), (Some(4), ""), "{byte}");
        let last = ended.stderr.lines().last().unwrap();
        assert!(last.contains("run `auth login person`"), "{}", ended.stderr);
        log_in();
        world.run(&["token", "person"]).quiet();
        flip(byte);
        log_in();
        world.run(&["token", "person"]).quiet();
        flip(byte);
        let ended = world.run(&["logout", "person"]);
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        assert_eq!(left(&world), [""; 0]);
        log_in();
    }
}

#[test]
fn a_login_of_a_newer_version_hides_no_other_and_can_be_logged_out() {
    let world = World::new();
    world.run(&["token", "lab"]).quiet();
    let store = FileStore::new(world.store());
    world.block_on(async {
        let session = store.list().await.unwrap().remove(0);
        let entry = store.load(&session).await.unwrap().unwrap();
        let text = String::from_utf8(entry.bytes.expose_secret().to_vec()).unwrap();
        let newer = text.replace("\"version\":1", "\"version\":9").into_bytes();
        let Attempt::Locked(lock) = store.lock(&session).await.unwrap() else {
            panic!("somebody has the lock")
        };
        let before = Some(entry.generation);
        store.save(&lock, before, &newer.into()).await.unwrap();
    });
    world.run(&["token", "ada"]);
    let status = world.run(&["status"]);
    assert_eq!(status.code, Some(0), "{}", status.stderr);
    assert!(status.stderr.contains("is not shown"), "{}", status.stderr);
    let logout = world.run(&["logout", "lab"]);
    insta::assert_snapshot!(world.shown(&logout), @r"
    exit 0
    err: auth: warning: the login is forgotten here, but not revoked at the server: the stored login was written by a newer version of auth
    ");
    assert!(!world.run(&["status"]).stdout.contains("robot"));
}
