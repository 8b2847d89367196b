//! The pages of a login, as somebody else may write them.

#![no_main]

mod world;

use auth_core::Grant as _;
use auth_core::session::{Checked, Held};
use auth_desp::{Credentials, Person, Platform, Service};
use libfuzzer_sys::fuzz_target;

use self::world::{Server, assert_harmless, run, secret};

fuzz_target!(|bytes: &[u8]| {
    let io = Server::of(bytes).io();
    let platform = Platform::new("https://id.test", "desp", io).expect("a platform");
    let service = Service::new("cacheb", "app", "https://app.test/back").expect("a service");
    let credentials = Credentials::new(secret(), secret()).with_totp(secret());
    let person = Person::new(platform, credentials, Checked::No);
    assert_harmless(run(person.login_grant(&service).exchange(&Held::new())));
});
