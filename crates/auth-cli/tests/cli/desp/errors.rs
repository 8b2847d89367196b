//! What destinepyauth has an error for, and what it is here: one line each.

use auth_testkit::{Fault, RequiredAction, User, Visitor};

use super::face::{of_ada, one_line_each};
use super::{AUTH, CERTS, EXCHANGE, FORM, TOKEN, realm, world};
use crate::world::World;

type Trouble = fn(&World);

fn spoil(world: &World, path: &str, fault: Fault) {
    world.server.fault(path, fault.always());
}

fn json(world: &World, path: &str, body: &'static str) {
    spoil(
        world,
        path,
        Fault::status(200).with_body("application/json", body),
    );
}

const EXPIRED: &str = "<h1 id=kc-page-title>Page has expired</h1>\
    <a id=loginRestartLink href=x>x</a><a id=loginContinueLink href=x>x</a>";

const TROUBLES: [(&str, &str, Trouble); 24] = [
    ("the login page fails", "dea", |w| {
        spoil(w, AUTH, Fault::status(500))
    }),
    ("the login page is empty", "dea", |w| {
        spoil(w, AUTH, Fault::status(200))
    }),
    ("another page is there", "dea", |w| {
        spoil(w, AUTH, Fault::html(200))
    }),
    ("a page of an error", "dea", |w| {
        spoil(w, AUTH, Fault::html(404))
    }),
    ("an empty answer to the password", "dea", |w| {
        spoil(w, FORM, Fault::status(200))
    }),
    ("the answer to the password fails", "dea", |w| {
        spoil(w, FORM, Fault::status(502))
    }),
    ("it is refused", "dea", |w| {
        spoil(w, FORM, Fault::status(405))
    }),
    ("the page expires", "dea", |w| {
        spoil(w, FORM, Fault::status(200).with_body("text/html", EXPIRED));
    }),
    ("a redirect elsewhere", "dea", |w| {
        spoil(w, FORM, Fault::redirect(302, "https://evil.example/"))
    }),
    ("a redirect to nowhere", "dea", |w| {
        spoil(w, FORM, Fault::status(302))
    }),
    ("a login that is refused", "dea", |w| {
        w.server
            .add_realm(realm().with_visitor(Visitor::refuses("access_denied")));
    }),
    ("a redirect without a code", "dea", |w| {
        spoil(w, FORM, Fault::parameter("code", None))
    }),
    ("a redirect of another issuer", "dea", |w| {
        spoil(
            w,
            FORM,
            Fault::parameter("iss", Some("https://evil.example")),
        );
    }),
    ("terms", "dea", |w| {
        let ada = User::new("ada", "canary-password");
        w.server.add_realm(
            realm().with_user(ada.with_required_action(RequiredAction::TermsAndConditions)),
        );
    }),
    ("a disabled account", "dea", |w| {
        w.server
            .add_realm(realm().with_user(User::new("ada", "canary-password").disabled()));
    }),
    ("a code that is not valid", "dea", |w| {
        spoil(w, TOKEN, Fault::refusal(400, "invalid_grant"))
    }),
    ("no tokens", "dea", |w| json(w, TOKEN, "{}")),
    ("tokens that are a page", "dea", |w| {
        spoil(w, TOKEN, Fault::html(200))
    }),
    ("an exchange that is refused", "highway", |w| {
        spoil(w, EXCHANGE, Fault::refusal(403, "access_denied"));
    }),
    ("an exchange of nothing", "highway", |w| {
        json(w, EXCHANGE, "{}")
    }),
    ("an opaque token", "dea", |w| {
        spoil(w, TOKEN, Fault::member("access_token", "opaque"))
    }),
    ("a bad signature", "dea", |w| {
        spoil(w, TOKEN, Fault::forged("access_token"))
    }),
    ("keys that can't be had", "dea", |w| {
        spoil(w, CERTS, Fault::status(503))
    }),
    ("keys that are none", "dea", |w| {
        json(w, CERTS, "{\"keys\":[]}")
    }),
];

#[test]
fn each_is_one_line_that_says_what_to_do() {
    let world = world();
    let told = TROUBLES.map(|(name, service, trouble)| {
        world.server.clear_faults();
        world.server.add_realm(realm());
        trouble(&world);
        let ended = one_line_each(&world, [of_ada(&world, &["token", service, "--no-store"])]);
        format!("{name}\n{ended}")
    });
    insta::assert_snapshot!(told.join("\n"));
}

#[test]
fn a_check_that_fails_spares_nobody_and_keys_that_change_are_asked_for_anew() {
    let world = world();
    let token = || crate::world::finish(of_ada(&world, &["token", "dea", "--no-store"]));
    assert_eq!(token().code, Some(0));
    let issuer = world.listening().url("/realms/desp").to_string();
    for keep_old in [true, false] {
        world.server.rotate_keys_at(&issuer, keep_old);
        let ended = token();
        assert_eq!(ended.code, Some(0), "{ended:?}");
    }
    // Keys for encryption alone check nothing.
    world
        .server
        .fault(CERTS, Fault::text("\"sig\"", "\"enc\"").always());
    let ended = token();
    assert_eq!((ended.code, &*ended.stdout), (Some(5), ""), "{ended:?}");
    assert_eq!(ended.stderr.matches('\n').count(), 1, "{ended:?}");
}
