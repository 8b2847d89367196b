//! [`Opener`]: has a browser open an address that others must not see.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use auth_core::Error;
use auth_core::clock::{Clock, SystemClock};
use url::Url;

use super::once::Once;
use super::page::PrivatePage;
use crate::child;

/// Opens browsers.
#[derive(Debug)]
pub(crate) struct Opener {
    /// The variables that no browser gets to see.
    pub(crate) secret_variables: Vec<String>,
}

/// What leads the browser on, to be held as long as it may ask.
#[derive(Debug)]
pub(super) enum Lead {
    Page(PrivatePage),
    Once(Once),
}

impl Lead {
    /// Completes when somebody else may have followed it: why what it leads to must end.
    pub(super) async fn overheard(&self) -> Error {
        match self {
            Self::Page(_) => std::future::pending().await,
            Self::Once(once) => once.asked_twice().await,
        }
    }

    /// Completes when the browser has followed it, or had the time to.
    pub(super) async fn followed(&self) {
        let time = SystemClock::new().sleep(STARTED);
        match self {
            Self::Page(_) => time.await,
            Self::Once(once) => tokio::select! {
                biased;
                // Somebody else may ask, too: what a logout leads to lets nobody in.
                () = once.asked() => {}
                () = time => {}
            },
        }
    }

    fn address(&self) -> Option<Url> {
        match self {
            Self::Page(page) => page.address(),
            Self::Once(once) => once.address(),
        }
    }
}

impl Opener {
    /// What leads a browser to `page`: a file, or where the browser can't read files an address. `None` where neither can be
    /// made.
    pub(super) async fn lead(&self, page: &Url) -> Option<Lead> {
        if !self.is_confined().await
            && let Ok(file) = PrivatePage::to(page)
        {
            return Some(Lead::Page(file));
        }
        Once::to(page).await.ok().map(Lead::Once)
    }

    /// Tries what the person says in `BROWSER`, then the system's ways, until one does not fail. It is one argument of a
    /// program, and no shell reads it. Whether one opened.
    pub(super) async fn open(&self, lead: &Lead) -> bool {
        let Some(address) = lead.address() else {
            return false;
        };
        let own = wanted()
            .into_iter()
            .filter_map(|words| command(&words, &address));
        for command in own.chain(open::commands(address.as_str())) {
            if self.runs(command).await {
                return true;
            }
        }
        false
    }

    async fn runs(&self, mut command: Command) -> bool {
        for variable in &self.secret_variables {
            command.env_remove(variable);
        }
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let Ok(mut child) = child::start(command.into()).await else {
            return false;
        };
        tokio::select! {
            biased;
            ended = child.wait() => ended.is_ok_and(|status| status.success()),
            // One that goes on is the browser itself.
            () = SystemClock::new().sleep(SETTLED) => true,
        }
    }

    /// Whether the browser lives in a box of its own, without our files.
    async fn is_confined(&self) -> bool {
        if let Some(program) = wanted().first().and_then(|words| words.first().cloned()) {
            return place_of(&program).is_some_and(|place| is_boxed(&place));
        }
        if Path::new("/proc/sys/fs/binfmt_misc/WSLInterop").exists() {
            return true;
        }
        let Some(name) = self.usual().await else {
            return false;
        };
        let snap = Path::new("/var/lib/snapd/desktop/applications").join(&name);
        let exported = "flatpak/exports/share/applications";
        let home = etcetera::home_dir().map(|home| home.join(".local/share").join(exported));
        let system = Path::new("/var/lib").join(exported);
        snap.exists()
            || system.join(&name).exists()
            || home.is_ok_and(|home| home.join(&name).exists())
    }

    /// The name under which the desktop knows its browser.
    async fn usual(&self) -> Option<String> {
        let mut command = tokio::process::Command::new("xdg-settings");
        command
            .args(["get", "default-web-browser"])
            .kill_on_drop(true);
        for variable in &self.secret_variables {
            command.env_remove(variable);
        }
        command.stdin(Stdio::null()).stderr(Stdio::null());
        command.stdout(Stdio::piped());
        let answer = async { child::start(command).await?.wait_with_output().await };
        let output = tokio::select! {
            output = answer => output.ok()?,
            () = SystemClock::new().sleep(SETTLED) => return None,
        };
        let name = String::from_utf8(output.stdout).ok()?;
        let name = name.trim();
        (!name.is_empty() && !name.contains('/')).then(|| name.to_owned())
    }
}

/// The programs that `BROWSER` names, the best first, each with its arguments.
fn wanted() -> Vec<Vec<String>> {
    let said = crate::variables::text("BROWSER").unwrap_or_default();
    let each = said
        .split(':')
        .map(|one| one.split_whitespace().map(str::to_owned).collect());
    each.filter(|words: &Vec<String>| !words.is_empty())
        .collect()
}

/// The program that `BROWSER` names first, where it is none that is there.
pub(crate) fn missing_browser() -> Option<String> {
    let program = wanted().first()?.first()?.clone();
    let is_there = place_of(&program).is_some_and(|place| place.exists());
    (!is_there).then_some(program)
}

/// The program that `words` name, with `address` where they say `%s`, or else at the end.
fn command(words: &[String], address: &Url) -> Option<Command> {
    let (program, arguments) = words.split_first()?;
    let mut command = Command::new(program);
    command.args(
        arguments
            .iter()
            .map(|word| word.replace("%s", address.as_str())),
    );
    if !arguments.iter().any(|word| word.contains("%s")) {
        command.arg(address.as_str());
    }
    Some(command)
}

fn place_of(program: &str) -> Option<PathBuf> {
    let found = match program.contains('/') {
        true => Some(PathBuf::from(program)),
        false => {
            let search = crate::variables::os("PATH").unwrap_or_default();
            let mut places = std::env::split_paths(&search).map(|place| place.join(program));
            places.find(|place| place.exists())
        }
    };
    found.map(|place| match place.starts_with("/snap") {
        true => place,
        false => place.canonicalize().unwrap_or(place),
    })
}

fn is_boxed(place: &Path) -> bool {
    let is_of = |name: &str| place.components().any(|part| part.as_os_str() == name);
    is_of("snap") || is_of("flatpak")
}

/// A browser that was not there yet is by then.
const STARTED: Duration = Duration::from_secs(5);

/// An opener that can't open says so by then.
const SETTLED: Duration = Duration::from_secs(2);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_one_argument_where_the_browser_wants_it() {
        let address = Url::parse("file:///run/user/1/a.html").unwrap();
        let line = |words: &[&str]| {
            let words: Vec<String> = words.iter().map(|&word| word.to_owned()).collect();
            let command = command(&words, &address).unwrap();
            let arguments = command
                .get_args()
                .map(|word| word.to_str().unwrap().to_owned());
            arguments.collect::<Vec<_>>()
        };
        assert_eq!(line(&["firefox"]), [address.as_str()]);
        assert_eq!(
            line(&["b", "--app=%s", "-x"]),
            [&format!("--app={address}"), "-x"]
        );
    }

    #[test]
    fn a_browser_in_a_box_is_known_by_its_place() {
        for place in [
            "/snap/bin/firefox",
            "/usr/bin/snap",
            "/var/lib/flatpak/exports/bin/org.mozilla.firefox",
        ] {
            assert!(is_boxed(Path::new(place)), "{place}");
        }
        for place in [
            "/usr/bin/firefox",
            "/opt/snapper/bin/x",
            "/usr/lib/firefox/firefox",
        ] {
            assert!(!is_boxed(Path::new(place)), "{place}");
        }
    }
}
