//! `auth git-credential`.

use super::{command, run};
use crate::world::{Ended, World, finish_with_bytes};

#[test]
fn git_gets_the_token_as_a_password_with_its_end() {
    let world = World::new();
    let token = world.run(&["token", "lab"]).quiet();
    let answer = git(
        &world,
        "get",
        "protocol=https\nhost=git.example.org\nnew=1\n\n",
    )
    .quiet();
    assert_eq!(member(&answer, "username"), Some("oauth2"));
    assert_eq!(member(&answer, "password"), Some(token.trim_end()));
    let end: u64 = member(&answer, "password_expiry_utc")
        .unwrap()
        .parse()
        .unwrap();
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    assert!(
        (3000..=3600).contains(&(end - now.unwrap().as_secs())),
        "{end}"
    );
    assert_eq!(answer.lines().count(), 3, "{answer}");
    let named = git(
        &world,
        "get",
        "protocol=https\nhost=data.example.org:8443\nusername=bob\n",
    )
    .quiet();
    assert_eq!(member(&named, "username"), Some("bob"));
}

#[test]
fn a_git_that_knows_bearer_tokens_gets_one_unless_the_server_takes_passwords_alone() {
    let world = World::new();
    let token = world.run(&["token", "lab"]).quiet();
    let said = "capability[]=authtype\ncapability[]=state\nprotocol=https\nhost=git.example.org\n";
    let answer = git(&world, "get", said).quiet();
    assert!(
        answer.starts_with("capability[]=authtype\nauthtype=Bearer\n"),
        "{answer}"
    );
    assert_eq!(member(&answer, "credential"), Some(token.trim_end()));
    assert_eq!(member(&answer, "ephemeral"), Some("1"));
    assert_eq!(member(&answer, "password"), None);
    let basic = git(
        &world,
        "get",
        &format!("{said}wwwauth[]=Basic realm=\"GitLab\"\n"),
    )
    .quiet();
    assert_eq!(member(&basic, "password"), Some(token.trim_end()));
    assert_eq!(member(&basic, "authtype"), None);
    assert_eq!(
        git(&world, "capability", "").quiet(),
        "version 0\ncapability authtype\n"
    );
}

#[test]
fn git_is_answered_with_silence_where_the_token_is_not_for() {
    let world = World::new();
    for said in [
        "protocol=https\nhost=evil.example\n",
        "protocol=http\nhost=git.example.org\n",
        "protocol=ssh\nhost=git.example.org\n",
        "host=git.example.org\n",
        "protocol=https\nhost=git.example.org:8443\n",
        "protocol=https\nhost=git.example.org.evil.example\n",
        "protocol=https\nhost=evil.example\\git.example.org\n",
        "protocol=https\nhost=evil.example#git.example.org\n",
        "protocol=https\nhost=x@git.example.org\n",
        "protocol=https\nhost=\n",
        "\nprotocol=https\nhost=git.example.org\n",
        "",
    ] {
        for operation in ["get", "erase"] {
            let said = match operation {
                "erase" => format!("password=x\n{said}"),
                _ => said.to_owned(),
            };
            assert_eq!(git(&world, operation, &said).quiet(), "", "{said}");
        }
    }
    let said = "protocol=https\nhost=git.example.org\nusername=x\npassword=y\n";
    for operation in ["store", "approve", "future"] {
        assert_eq!(git(&world, operation, said).quiet(), "", "{operation}");
    }
    assert!(world.server.requests().is_empty());
}

#[test]
fn a_line_break_or_a_nul_in_what_git_says_is_refused() {
    let world = World::new();
    for bytes in [
        &b"protocol=https\nhost=git.example.org\r\nhost=evil\n"[..],
        b"protocol=https\nhost=git.example.org\0\n",
        b"protocol=https\npath=a\rb\nhost=git.example.org\n",
        b"protocol=https\nhost=\xff\n",
        b"nonsense\n",
    ] {
        for operation in ["get", "store", "erase"] {
            let ended = finish_with_bytes(command(&world, "git-credential", operation), bytes);
            assert_eq!(
                (ended.code, &*ended.stdout),
                (Some(2), ""),
                "{}",
                ended.stderr
            );
            assert_eq!(ended.stderr.matches('\n').count(), 1, "{}", ended.stderr);
        }
    }
}

#[test]
fn a_token_that_git_had_to_erase_is_not_handed_out_again() {
    let world = World::new();
    let asked = "protocol=https\nhost=git.example.org\n";
    let first = git(&world, "get", asked).quiet();
    let refused = format!("{asked}{first}");
    // Somebody else's password is nothing to us.
    git(
        &world,
        "erase",
        &format!("{asked}username=x\npassword=other\n"),
    )
    .quiet();
    git(&world, "erase", asked).quiet();
    assert_eq!(git(&world, "get", asked).quiet(), first);
    assert_eq!(git(&world, "erase", &refused).quiet(), "");
    let second = git(&world, "get", asked).quiet();
    assert_ne!(member(&second, "password"), member(&first, "password"));
    assert_eq!(world.server.count("/token"), 2);
    // What was refused before is gone already.
    git(&world, "erase", &refused).quiet();
    assert_eq!(git(&world, "get", asked).quiet(), second);
    let bearer = git(&world, "get", &format!("capability[]=authtype\n{asked}")).quiet();
    git(&world, "erase", &format!("{asked}{bearer}")).quiet();
    let third = git(&world, "get", asked).quiet();
    assert_ne!(member(&third, "password"), member(&second, "password"));
}

fn git(world: &World, operation: &str, said: &str) -> Ended {
    run(world, "git-credential", operation, said)
}

fn member<'a>(answer: &'a str, name: &str) -> Option<&'a str> {
    let mut lines = answer.lines().filter_map(|line| line.split_once('='));
    lines
        .find(|(other, _)| *other == name)
        .map(|(_, value)| value)
}
