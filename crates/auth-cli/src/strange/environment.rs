//! Environments.

use std::ffi::OsString;
use std::path::Path;

use super::dice::Dice;
use super::words::{path, text};
use crate::config::FIELDS;
use crate::variables::given::Variables;

/// An environment in which nobody can be asked.
pub(super) fn environment(dice: &mut Dice, file: &Path, place: &Path) -> Variables {
    let mut all = Variables::new();
    let mut set = |name: &str, value: OsString| drop(all.insert(name.into(), value));
    set("CI", "1".into());
    set("AUTH_CONFIG", file.into());
    set("AUTH_STORE", place.join("store").into());
    if !dice.one_in(4) {
        set("SECRET", "canary-secret".into());
    }
    for _ in 0..dice.below(7).saturating_sub(4) {
        let name = match dice.below(4) {
            0 => dice
                .pick(&[
                    "AUTH_STORE",
                    "AUTH_CA_FILE",
                    "NETRC",
                    "POLYTOPE_KEY_PATH",
                    "AZURE_CLIENT_ID",
                    "DT_SERVICE_ACCOUNT_KEY_ID",
                    "DT_SERVICE_ACCOUNT_SECRET",
                    "DT_CREDENTIALS_FILE",
                    "AZURE_TENANT_ID",
                    "IDENTITY_ENDPOINT",
                    "MSI_ENDPOINT",
                    "DESPAUTH_USER",
                    "DESPAUTH_TOTP",
                    "DESPAUTH_BANANA",
                    "PROVENA_OFFLINE_TOKEN",
                    "AUTH_EMULATOR_PID",
                    "KUBERNETES_EXEC_INFO",
                ])
                .to_owned(),
            _ => {
                let field = &FIELDS[dice.below(FIELDS.len())];
                format!(
                    "AUTH_{}_{}",
                    dice.pick(&["LAB", "ME", "JOB"]),
                    field.variable()
                )
            }
        };
        let value = match &*name {
            // What is written stays in the place of this test.
            "AUTH_STORE" | "NETRC" | "POLYTOPE_KEY_PATH" => path(dice, place),
            // What opens a browser stays out of it.
            name if name.ends_with("_LOGIN") => "device-code".to_owned(),
            _ => text(dice),
        };
        set(&name, value_of(dice, value));
    }
    all
}

#[cfg(unix)]
fn value_of(dice: &mut Dice, text: String) -> OsString {
    use std::os::unix::ffi::OsStringExt;

    match dice.one_in(20) {
        true => OsString::from_vec(vec![b'a', 0xff]),
        false => text.into(),
    }
}

#[cfg(not(unix))]
fn value_of(_: &mut Dice, text: String) -> OsString {
    text.into()
}
