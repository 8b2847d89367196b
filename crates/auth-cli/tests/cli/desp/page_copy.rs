//! A login page that is not known here, and the copy of it for whoever mends that.

use auth_testkit::Fault;

use super::face::of_ada;
use super::{AUTH, FORM, forms, world};
use crate::system::mode;
use crate::world::{World, finish};

fn page(world: &World) -> Fault {
    let action = world
        .listening()
        .url("/realms/desp/login-actions/authenticate");
    let page = format!(
        "<title>Choose, Ada</title><p>canary</p><form id=chooser method=post action='{action}?session_code=canary'>\
         <label for=pin>PIN of ada@example.org</label><input id=pin name=pin value=canary>\
         <input type=hidden name=ticket value=canary></form>"
    );
    Fault::status(200).with_body("text/html", page).always()
}

#[test]
fn a_page_that_nobody_knows_is_named_and_a_copy_of_it_is_made_on_request_without_what_is_secret() {
    let world = world();
    for path in [AUTH, FORM] {
        world.server.clear_faults();
        world.server.fault(path, page(&world));
        let without = finish(of_ada(&world, &["login", "dea"]));
        let copy = world.home().join("page.html");
        let with = finish(of_ada(
            &world,
            &["login", "dea", "--page-copy", "page.html"],
        ));
        let text = std::fs::read_to_string(&copy).unwrap();
        if cfg!(unix) {
            assert_eq!(mode(&copy), 0o600);
        }
        let again = finish(of_ada(
            &world,
            &["login", "dea", "--page-copy", "page.html"],
        ));
        std::fs::remove_file(&copy).unwrap();
        let desp = finish(of_ada(
            &world,
            &["desp", "-s", "dea", "--page-copy", "page.html"],
        ));
        assert_eq!(std::fs::read_to_string(&copy).unwrap(), text);
        std::fs::remove_file(&copy).unwrap();
        let all = [without, with, again, desp].map(|ended| world.shown(&ended));
        assert!(
            !text.contains("canary") && !text.to_lowercase().contains("ada"),
            "{text}"
        );
        let authority = world.listening().url("/").authority().to_owned();
        let text = text.replace(&authority, "[SERVER]");
        insta::assert_snapshot!(
            path.rsplit('/').next().unwrap(),
            format!("{}\n{text}", all.concat())
        );
    }
}

#[test]
fn no_copy_is_made_of_a_page_that_is_known_or_where_none_was_seen() {
    let world = world();
    let copied = |variable: (&str, &str)| {
        let mut command = of_ada(&world, &["login", "dea", "--page-copy", "page.html"]);
        command.env(variable.0, variable.1);
        finish(command)
    };
    let wrong = copied(("DESPAUTH_PASSWORD", "canary-wrong"));
    let away = copied(("DESPAUTH_IAM_URL", "http://127.0.0.1:1"));
    let right = copied(("DESPAUTH_USER", "ada"));
    let codes = [wrong.code, away.code, right.code];
    assert_eq!(codes, [Some(3), Some(5), Some(0)]);
    assert_eq!(forms(&world), 2);
    assert!(!world.home().join("page.html").exists());
    let other = world.run(&["login", "destiny", "--page-copy", "x"]);
    insta::assert_snapshot!(world.shown(&other), @r"
exit 2
err: auth: --page-copy is for services of Destination Earth, and `destiny` is none; leave it out
");
}
