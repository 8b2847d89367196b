//! Which way a person logs in: with the browser of this machine, or with a code.

use std::path::Path;

use crate::args::WayArgs;
use crate::profile::way::Way;

/// The way that was asked for, or the one that can work here.
pub(super) fn way(args: &WayArgs) -> Way {
    let (port, deadline) = (args.callback_port, args.timeout);
    if args.device_code {
        Way::DeviceCode
    } else if args.browser || port.is_some() || has_browser() {
        Way::Browser { port, deadline }
    } else {
        Way::DeviceCode
    }
}

/// Whether a browser can be expected to open in front of whoever typed this.
fn has_browser() -> bool {
    let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let far = ["SSH_CONNECTION", "SSH_TTY", "CI", "container"]
        .into_iter()
        .any(is_set);
    let boxed = ["/.dockerenv", "/run/.containerenv"]
        .iter()
        .any(|path| Path::new(path).exists());
    let display = !cfg!(target_os = "linux") || is_set("DISPLAY") || is_set("WAYLAND_DISPLAY");
    display && !far && !boxed
}
