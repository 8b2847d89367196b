//! Files as people have them: on volumes of a cluster, handed over as pipes, written by editors and shells.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::system::{give_away, owner, symlink};
use crate::world::{Ended, SECRET, World, finish, set_mode};

/// A volume as Kubernetes mounts a ConfigMap or a Secret: the directory is everybody's, and the files are links through
/// `..data` into one that is not.
fn volume(world: &World, mode: u32, files: &[(&str, &str)]) -> std::path::PathBuf {
    let directory = world.home().join("volume");
    let real = directory.join("..2026_11_29");
    fs::create_dir_all(&real).unwrap();
    for (name, text) in files {
        fs::write(real.join(name), text).unwrap();
        set_mode(&real.join(name), mode);
        symlink(Path::new("..data").join(name), directory.join(name)).unwrap();
    }
    symlink("..2026_11_29", directory.join("..data")).unwrap();
    set_mode(&real, 0o755);
    set_mode(&directory, 0o777);
    directory
}

fn profile(world: &World, secret: &str) -> String {
    let issuer = world.listening().issuer();
    format!(
        "[profile.lab]\nkind = \"client-credentials\"\nissuer = \"{issuer}\"\nclient-id = \"robot\"\n\
         client-secret = {{ file = \"{secret}\" }}\n"
    )
}

#[test]
#[cfg_attr(windows, ignore = "making a link needs a right that few have")]
fn a_configuration_and_a_secret_on_a_volume_of_a_cluster_are_taken() {
    for mode in [0o644, 0o440, 0o400] {
        let world = World::empty();
        let config = profile(&world, "lab.secret");
        let directory = volume(
            &world,
            mode,
            &[("config.toml", &config), ("lab.secret", SECRET)],
        );
        let mut command = world.auth(&["token", "lab"]);
        command.env("AUTH_CONFIG", directory.join("config.toml"));
        let ended = finish(command);
        assert_eq!(ended.code, Some(0), "{mode:o}: {}", ended.stderr);
    }
}

#[test]
#[cfg_attr(windows, ignore = "files have no modes")]
fn what_its_directory_lets_everybody_replace_is_refused_also_behind_a_link() {
    let world = World::empty();
    let config = profile(&world, "lab.secret");
    let directory = volume(
        &world,
        0o644,
        &[("config.toml", &config), ("lab.secret", SECRET)],
    );
    set_mode(&directory.join("..2026_11_29"), 0o777);
    let mut command = world.auth(&["token", "lab"]);
    command.env("AUTH_CONFIG", directory.join("config.toml"));
    let ended = finish(command);
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    assert!(
        ended
            .stderr
            .contains("everybody can write to the directory"),
        "{}",
        ended.stderr
    );
}

/// A group that has somebody else in it, or none where the system has no such group.
fn group_of_others() -> Option<u32> {
    let groups = fs::read_to_string("/etc/group").ok()?;
    // Nobody is in it by name, but it is some system account's main group.
    let line = groups.lines().find(|line| line.starts_with("daemon:"))?;
    line.split(':').nth(2)?.parse().ok()
}

#[test]
#[cfg_attr(windows, ignore = "files have no such owners")]
fn what_a_group_can_write_is_refused_unless_the_group_is_the_users_own() {
    let Some(group) = group_of_others() else {
        return;
    };
    let world = World::new();
    let (directory, own) = (
        world.config_directory(),
        world.config_directory().join("config.toml"),
    );
    let secret = directory.join("lab.secret");
    for (path, loose, strict) in [
        (&own, 0o660, 0o600),
        (&directory, 0o770, 0o700),
        (&secret, 0o660, 0o600),
    ] {
        let (_, before) = owner(path);
        set_mode(path, loose);
        // Nobody else is in the group that it has from us.
        let ended = world.run(&["token", "lab", "--no-store"]);
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        if give_away(path, None, Some(group)).is_err() {
            eprintln!("skipped: only a member can give a file to a group");
            return;
        }
        let ended = world.run(&["token", "lab", "--no-store"]);
        assert_eq!(ended.code, Some(2), "{}: {}", path.display(), ended.stderr);
        assert!(
            ended.stderr.contains("the group daemon can write to the ")
                && ended.stderr.contains("chmod g-w"),
            "{}",
            ended.stderr
        );
        set_mode(path, strict);
        give_away(path, None, Some(before)).unwrap();
    }
    world.run(&["token", "lab", "--no-store"]).quiet();
}

/// Runs a line of a shell that calls the program as `auth`.
fn shell(world: &World, line: &str) -> Ended {
    let program = Path::new(env!("CARGO_BIN_EXE_auth"));
    let mut command = Command::new("bash");
    command
        .args(["-c", line])
        .env_clear()
        .env("HOME", world.home());
    command.env(
        "PATH",
        format!("{}:/usr/bin:/bin", program.parent().unwrap().display()),
    );
    command.env("SECRET", SECRET);
    command.current_dir(world.home()).stdin(Stdio::null());
    Ended::of(
        command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .output()
            .unwrap(),
    )
}

#[test]
#[cfg_attr(windows, ignore = "no shell of Unix")]
fn what_a_shell_hands_over_open_is_read() {
    let world = World::empty();
    let config =
        |secret: &str| fs::write(world.home().join("c.toml"), profile(&world, secret)).unwrap();
    config("/dev/stdin");
    for line in [
        "printf %s \"$SECRET\" | auth token lab --no-store --config c.toml",
        "auth token lab --no-store --config c.toml <<< \"$SECRET\"",
    ] {
        let ended = shell(&world, line);
        assert_eq!(ended.code, Some(0), "{line}: {}", ended.stderr);
    }
    config("/dev/fd/7");
    let ended = shell(
        &world,
        "auth token lab --no-store --config c.toml 7< <(printf %s \"$SECRET\")",
    );
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    fs::write(world.home().join("s"), SECRET).unwrap();
    set_mode(&world.home().join("s"), 0o600);
    config(&world.home().join("s").display().to_string());
    for line in [
        "auth token lab --no-store --config <(cat c.toml)",
        "cat c.toml | auth token lab --no-store --config /dev/stdin",
    ] {
        let ended = shell(&world, line);
        assert_eq!(ended.code, Some(0), "{line}: {}", ended.stderr);
    }
}

#[test]
fn a_home_that_depends_on_where_the_program_runs_is_refused() {
    let world = World::new();
    let names = match cfg!(windows) {
        true => &["USERPROFILE", "APPDATA", "LOCALAPPDATA"][..],
        false => &["HOME"],
    };
    for name in names {
        for home in [".", "home/ada", ".config/.."] {
            let mut command = world.auth(&["token", "lab"]);
            command.env(name, home);
            let ended = finish(command);
            assert_eq!(ended.code, Some(2), "{}", ended.stderr);
            let said = format!("{name} is `");
            assert!(ended.stderr.contains(&said), "{}", ended.stderr);
        }
    }
    assert!(world.server.requests().is_empty());
}

#[test]
#[cfg_attr(windows, ignore = "files have no such owners")]
fn the_administrator_leaves_nothing_in_the_home_of_another() {
    let world = World::new();
    let config = world.config_directory().join("config.toml");
    if give_away(world.home(), Some(4242), None).is_err() {
        eprintln!("skipped: only root can give a directory away");
        return;
    }
    let mut command = world.auth(&["token", "lab"]);
    command.env("AUTH_CONFIG", config);
    let ended = finish(command);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(
        ended.stderr.contains("HOME is another user's"),
        "{}",
        ended.stderr
    );
    assert!(!world.store().exists());
}

#[test]
fn a_secret_is_the_same_in_whatever_way_its_file_was_written() {
    let world = World::new();
    let wide: Vec<u8> = format!("\u{feff}{SECRET}\r\n")
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    for bytes in [
        format!("{SECRET}\n").into_bytes(),
        format!("\u{feff}{SECRET} \r\n").into_bytes(),
        wide,
    ] {
        world.secret_bytes("lab.secret", &bytes);
        world.run(&["token", "lab", "--no-store"]).quiet();
    }
}

#[test]
fn a_secret_that_can_be_none_is_refused_and_one_that_seldom_is_meant_is_named() {
    let world = World::new();
    world.secret("lab.secret", "canary-one\ncanary-two\n");
    let ended = world.run(&["token", "lab"]);
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    assert!(
        ended.stderr.contains("has a line break at place 11"),
        "{}",
        ended.stderr
    );
    assert!(!ended.stderr.contains("canary"), "{}", ended.stderr);
    assert_eq!(world.server.count("/token"), 0);
    world.secret("lab.secret", &format!("\"{SECRET}\""));
    let ended = world.run(&["token", "lab"]);
    assert_eq!(ended.code, Some(3), "{}", ended.stderr);
    assert!(
        ended.stderr.contains("has quotes around it"),
        "{}",
        ended.stderr
    );
    assert!(!ended.stderr.contains("canary"), "{}", ended.stderr);
}
