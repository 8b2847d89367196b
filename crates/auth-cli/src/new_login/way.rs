//! Which way a person logs in: with the browser of this machine, or with a code.

use std::path::Path;

use crate::args::WayArgs;
use crate::config::Profile;
use crate::output::message;
use crate::profile::way::Way;

/// The way that was asked for, the one that the client has, or else the one that can work here.
pub(super) fn way(args: &WayArgs, profile: &Profile) -> Way {
    let (port, deadline) = (args.callback_port, args.timeout);
    let browser = Way::Browser { port, deadline };
    if args.device_code {
        return Way::DeviceCode;
    }
    let is_asked = args.browser || port.is_some();
    match profile.settings.text("login") {
        Some("device-code") if is_asked => {
            message::warn(&format!(
                "profile `{}` says that its client has device codes alone: the page may refuse it",
                profile.name
            ));
            browser
        }
        Some("device-code") => Way::DeviceCode,
        Some(_) => browser,
        None if is_asked || has_browser() => browser,
        None => Way::DeviceCode,
    }
}

/// Whether a browser can be expected to open in front of whoever typed this.
pub(crate) fn has_browser() -> bool {
    let is_set = |name: &str| crate::variables::os(name).is_some_and(|value| !value.is_empty());
    let far = ["SSH_CONNECTION", "SSH_TTY", "CI", "container"]
        .into_iter()
        .any(is_set);
    let boxed = ["/.dockerenv", "/run/.containerenv"]
        .iter()
        .any(|path| Path::new(path).exists());
    let shown = ["DISPLAY", "WAYLAND_DISPLAY", "BROWSER"]
        .into_iter()
        .any(is_set);
    let display = !cfg!(target_os = "linux") || shown;
    display && !far && !boxed
}
